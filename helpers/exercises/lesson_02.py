"""Exercises of lesson 02, linear models. Every solution and every known wrong answer is computed here."""

import statsmodels.formula.api as smf

from helpers.data import load_mouse_scores
from helpers.exercises.answers import Choice, Number


def slope_per_hundred() -> Number:
    """2.1: the slope of urea in units of 100 mg/dl."""
    mice = load_mouse_scores()
    alone = smf.ols("gene_x ~ urea", mice).fit()
    slope = alone.params["urea"]
    return Number(
        solution=100 * slope,
        tolerance=0.005,
        explanation="A slope times a difference in the predictor is a difference in the outcome.",
        otherwise='Fit smf.ols("gene_x ~ urea", mice), take .params["urea"], and think of the unit.',
        wrong=[
            ((slope - 0.0005, slope + 0.0045), "That is the difference per 1 mg/dl. The question says 100."),
            (mice["urea"].corr(mice["gene_x"]), "That is r, which has no unit. The slope is asked for."),
            (
                100 * smf.ols("gene_x ~ urea + weight", mice).fit().params["urea"],
                "That is at equal weight, from the model with both. Here urea stands alone.",
            ),
            (
                smf.ols("gene_x ~ urea_score", mice).fit().params["urea_score"],
                "That is per point of urea *score*. The question is about measured urea.",
            ),
            (alone.params["Intercept"], "That is the intercept: Gene X at a urea of zero."),
        ],
    )


def why_the_stars_vanish() -> Choice:
    """2.2: what a large p beside another predictor says."""
    return Choice(
        solution="b",
        explanation="The test asks what urea score adds once weight score is known, and few mice can answer that.",
        wrong=[
            ("a", "A p-value above 0.05 is no evidence of no effect: look at the interval, and at the joint test."),
            ("c", "The two models ask two questions; a slope may well matter alone and add little beside another."),
            ("d", "No model of ten mice observed once says what causes what; the scores go together, that is all."),
        ],
    )


def hp_above_cr() -> Number:
    """2.3: a difference of two groups, neither of which is the reference."""
    coefficients = smf.ols("gene_x ~ group", load_mouse_scores()).fit().params
    hp, cr = coefficients["group[T.HP]"], coefficients["group[T.CR]"]
    return Number(
        solution=hp - cr,
        tolerance=0.005,
        explanation="(HP − C) − (CR − C) = HP − CR: the reference drops out.",
        otherwise="Each coefficient is a difference from C. Subtract the two so that C drops out.",
        wrong=[
            (cr - hp, "The size is right, the sign is turned: HP minus CR is asked for."),
            (hp, "That is HP minus C. What is HP minus CR?"),
            (cr, "That is CR minus C. What is HP minus CR?"),
            (coefficients["Intercept"] + hp, "That is the mean of HP itself. The difference from CR is asked for."),
            (hp + cr, "Adding counts C twice. Subtract, so that it drops out."),
        ],
    )


def group_after_urea_and_weight() -> Number:
    """2.4: the joint test of the group beside urea and weight."""
    mice = load_mouse_scores()
    full = smf.ols("gene_x ~ urea + weight + group", mice).fit()
    group, measured = smf.ols("gene_x ~ group", mice).fit(), smf.ols("gene_x ~ urea + weight", mice).fit()
    f, p, _ = full.compare_f_test(measured)
    return Number(
        solution=p,
        tolerance=0.005,
        explanation="Two coefficients are tested at once: the group has two columns.",
        otherwise='Compare the model with everything to "gene_x ~ urea + weight" by compare_f_test.',
        wrong=[
            (full.compare_f_test(group)[1], "That is what urea and weight add to the group. Turn it round."),
            (group.f_pvalue, "That is the group alone, without urea and weight in the model."),
            (full.f_pvalue, "That tests everything at once: urea, weight and group."),
            (f, "That is F. Its p-value is asked for."),
            (full.pvalues["group[T.HP]"], "That is one row of the group. Both rows are tested together."),
            (full.pvalues["group[T.CR]"], "That is CR's row alone. Both rows of the group are tested together."),
        ],
    )


EXERCISES = {
    "2.1": slope_per_hundred,
    "2.2": why_the_stars_vanish,
    "2.3": hp_above_cr,
    "2.4": group_after_urea_and_weight,
}

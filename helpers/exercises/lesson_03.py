"""Exercises of lesson 03, linear models. Every solution and every known wrong answer is computed here."""

import pandas as pd
import statsmodels.formula.api as smf

from helpers.data import load_mouse_scores
from helpers.exercises.answers import Choice, Number


def mice_of_the_lesson() -> pd.DataFrame:
    """The ten mice, with urea in steps of 100 mg/dl, too."""
    return load_mouse_scores().assign(urea100=lambda table: table["urea"] / 100)


def slope_per_fifty() -> Number:
    """3.1: the slope of urea, for a difference of 50 mg/dl."""
    mice = mice_of_the_lesson()
    alone = smf.ols("gene_x ~ urea100", mice).fit()
    slope = alone.params["urea100"]
    return Number(
        solution=slope / 2,
        tolerance=0.005,
        explanation="A slope times a difference in the predictor is a difference in the outcome.",
        otherwise='Take the slope, line.params["urea100"]. It belongs to 100 mg/dl. What part of that is 50 mg/dl?',
        wrong=[
            (slope, "That is the difference per 100 mg/dl. The question says 50."),
            (-slope / 2, "The size is right. More urea goes with more Gene X, so the sign is plus."),
            (2 * slope, "That is two steps of 100 mg/dl. 50 mg/dl are half a step."),
            (50 * slope, "The slope is per 100 mg/dl, not per 1 mg/dl. 50 mg/dl are half a step."),
            (slope / 100, "That is the difference per 1 mg/dl. The question says 50."),
            (mice["urea"].corr(mice["gene_x"]), "That is r, which has no unit. The slope is asked for."),
            (
                smf.ols("gene_x ~ urea100 + group", mice).fit().params["urea100"] / 2,
                "That is inside a group. Any two of the mice are meant, so take the model with urea alone.",
            ),
            (alone.params["Intercept"], "That is the intercept: Gene X at a urea of zero."),
        ],
    )


def hp_above_cr() -> Number:
    """3.2: a difference of two groups, neither of which is the reference."""
    mice = mice_of_the_lesson()
    coefficients = smf.ols("gene_x ~ urea100 + group", mice).fit().params
    hp, cr = coefficients["group[T.HP]"], coefficients["group[T.CR]"]
    means = mice.groupby("group", observed=True)["gene_x"].mean()
    return Number(
        solution=hp - cr,
        tolerance=0.005,
        explanation="(HP − C) − (CR − C) = HP − CR: group C drops out.",
        otherwise="Each of the two rows is a difference from C. Subtract one from the other, so that C drops out.",
        wrong=[
            (cr - hp, "The size is right, the sign is not. HP minus CR is asked for."),
            (hp, "That is HP minus C. What is HP minus CR?"),
            (cr, "That is CR minus C. What is HP minus CR?"),
            (-hp, "That is C minus HP. What is HP minus CR?"),
            (hp + cr, "Adding counts C twice. Subtract, so that it drops out."),
            (coefficients["Intercept"] + hp, "That is the height of HP's line. Its distance from CR's is asked for."),
            (means["HP"] - means["CR"], "That is the difference of the means, at unequal urea. Use the model's rows."),
        ],
    )


def urea_and_weight_inside_groups() -> Number:
    """3.3: the joint test of urea and weight beside the group."""
    mice = mice_of_the_lesson()
    full = smf.ols("gene_x ~ urea100 + weight + group", mice).fit()
    group, both = smf.ols("gene_x ~ group", mice).fit(), smf.ols("gene_x ~ urea100 + weight", mice).fit()
    f, p, _ = full.compare_f_test(group)
    return Number(
        solution=p,
        tolerance=0.005,
        explanation="Once the group is known, ten mice cannot show that urea and weight add anything.",
        otherwise='Fit the model with the group, then call .f_test("urea100 = 0, weight = 0") as in section 3.',
        wrong=[
            (full.compare_f_test(both)[1], "That is what the group adds to urea and weight. Ask it the other way."),
            (both.f_pvalue, "That is the joint test without the group in the model."),
            (full.f_pvalue, "That tests everything at once: urea, weight and group."),
            (f, "That is F. Its p-value is asked for."),
            (full.pvalues["urea100"], "That is the row of urea. Both rows are tested together."),
            (full.pvalues["weight"], "That is the row of weight. Both rows are tested together."),
        ],
    )


def why_the_stars_vanish() -> Choice:
    """3.4: what a large p-value beside another predictor says."""
    return Choice(
        solution="b",
        explanation="The test asks what the urea score adds at an equal weight score. Ten mice say little about that.",
        wrong=[
            ("a", "A p-value above 0.05 is no evidence of no effect. Look at the interval and at the joint test."),
            ("c", "The two models ask two questions. A slope may matter alone and add little beside another."),
            ("d", "0.138 beside 0.220 decides nothing, and no p-value of mice observed once says what causes what."),
        ],
    )


EXERCISES = {
    "3.1": slope_per_fifty,
    "3.2": hp_above_cr,
    "3.3": urea_and_weight_inside_groups,
    "3.4": why_the_stars_vanish,
}

"""Exercises of lesson 06, marginal contrasts. Every solution and every known wrong answer is computed here."""

from functools import cache

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from helpers.contrasts import comparisons
from helpers.data import load_modification_lengths
from helpers.exercises.answers import Choice, Number, Weights
from helpers.mixed import fit_mixed

DRUG = "condition[T.DRUG]"
EXTRA_A, EXTRA_B = f"{DRUG}:gene_name[T.A]", f"{DRUG}:gene_name[T.B]"


@cache
def _fit():
    return fit_mixed("log(length) ~ condition * gene_name + (1 | replicate)", load_modification_lengths())


@cache
def _effects():
    """The drug's effect on each gene, in logs."""
    return comparisons(_fit(), "condition", by="gene_name").set_index("gene_name")


@cache
def _differences():
    return comparisons(_fit(), "condition", by="gene_name", differences="pairwise").set_index("gene_name")


def _percent(log_ratio):
    return 100 * np.expm1(log_ratio)


def most_that_gene_b_may_gain() -> Number:
    """6.1: the upper end of the interval for gene B, in percent."""
    b, ratio = _effects().loc["B"], np.exp(_effects().loc["B", "estimate"])
    return Number(
        solution=_percent(b["conf_high"]),
        tolerance=0.03,
        explanation="The interval is made on the log scale; its ends, put through exp, are ratios.",
        otherwise='Row B of comparisons(..., transform="exp") or transform="percent", column conf_high.',
        wrong=[
            (_percent(b["estimate"]), "That is the estimate. The upper end of its interval is asked for."),
            (_percent(b["conf_low"]), "That is the lower end."),
            (np.exp(b["conf_high"]), "That is a ratio. By how many percent does it exceed 1?"),
            (100 * b["conf_high"], "That is 100 times a log. Put it through exp, subtract 1, then multiply by 100."),
            (
                100 * (ratio * (1 + 1.96 * b["std_error"]) - 1),
                "That is ratio + 1.96 standard errors. Intervals are made in logs, where they are symmetric, and then"
                " transformed.",
            ),
            (_percent(_effects().loc["C", "conf_high"]), "That is gene C. Gene B is asked for."),
            (_percent(_effects().loc["A", "conf_high"]), "That is gene A. Gene B is asked for."),
        ],
    )


def c_against_the_others() -> Weights:
    """6.2: the weights of the drug's effect on C minus its mean effect on A and B."""
    return Weights(
        estimates=_fit().fixed_effects,
        covariance=_fit().covariance,
        solution={EXTRA_A: -0.5, EXTRA_B: -0.5},
        explanation=(
            "The coefficient of the drug is in all three effects and drops out; what is left are the two extras, each"
            " halved, with a minus."
        ),
        otherwise=(
            "Those weights give {estimate}. Write the effect on C, then the mean of the effects on A and on B, as sums"
            " of coefficients, and subtract."
        ),
        wrong=[
            ({EXTRA_A: 0.5, EXTRA_B: 0.5}, "The sign: that is the mean of A and B minus C. C comes first."),
            ({EXTRA_A: -1, EXTRA_B: -1}, "That takes away both extras whole. The mean of two takes half of each."),
            ({DRUG: 1}, "That is the effect on C alone. The mean effect on A and B is to be taken away."),
            (
                {DRUG: 1, EXTRA_A: -0.5, EXTRA_B: -0.5},
                "The drug's coefficient is part of the effects on A and B, too: it drops out of the difference.",
            ),
            (
                {DRUG: 1, EXTRA_A: 0.5, EXTRA_B: 0.5},
                "That is the mean effect on A and B. How far above it is the effect on C?",
            ),
            ({EXTRA_A: -1}, "That is C against A. B is to count as much as A."),
        ],
    )


def _holm(p, place):
    return multipletests(p, method="holm")[1][place]


def family_of_five() -> Number:
    """6.3: A against C, corrected in the family that the protocol named."""
    effects, differences = _effects()["p_value"], _differences()["p_value"]
    family = [*effects, *differences[["A - C", "B - C"]]]
    return Number(
        solution=_holm(family, 3),
        tolerance=0.00015,
        explanation=(
            "Three smaller p-values come first, so the fourth is multiplied by 2. The family is what the protocol"
            " claims, whichever tables its rows stand in."
        ),
        otherwise=(
            "Put the five p-values in one list (three effects, two differences) and give it to multipletests(p,"
            ' method="holm")[1].'
        ),
        wrong=[
            (differences["A - C"], "That is not corrected. There are five tests in the family."),
            (
                _holm(differences, 0),
                "That is Holm over the three pairwise differences. The protocol names no test of B against A, and three"
                " tests of effects besides.",
            ),
            (5 * differences["A - C"], "That is Bonferroni: every p times 5. Holm multiplies the fourth by 2."),
            (_holm(family, 4), "That is B - C. A - C is asked for."),
            (
                multipletests(family, method="fdr_bh")[1][3],
                "That is Benjamini–Hochberg, which limits the share of false findings, not the chance of any.",
            ),
        ],
    )


def clinic_study() -> pd.DataFrame:
    """The simulated trial of section 5, as the lesson makes it: six centres, enriched in a rare genotype."""
    rng = np.random.default_rng(71)
    one_centre = pd.MultiIndex.from_product([["common"] * 5 + ["rare"] * 10, ["control", "treated"]])
    genotype, treatment = (np.tile(one_centre.get_level_values(k), 6) for k in (0, 1))
    centre = np.repeat(np.arange(6), len(one_centre))
    effect = np.where(genotype == "rare", 1.0, 0.2) * (treatment == "treated")
    response = 5 + rng.normal(0, 0.4, 6)[centre] + effect + rng.normal(0, 0.3, len(centre))
    return pd.DataFrame(
        {
            "centre": [f"centre {k + 1}" for k in centre],
            "genotype": genotype,
            "treatment": treatment,
            "response": response,
        }
    )


def average_effect_in_the_clinic() -> Number:
    """6.4: the effect averaged over patients of whom one in ten has the rare genotype."""
    fit = fit_mixed("response ~ treatment * genotype + (1 | centre)", clinic_study())
    of = comparisons(fit, "treatment", by="genotype").set_index("genotype")["estimate"]
    average = {grid: comparisons(fit, "treatment", grid=grid)["estimate"].item() for grid in ("balanced", "observed")}
    return Number(
        solution=0.9 * of["common"] + 0.1 * of["rare"],
        tolerance=0.005,
        explanation=(
            "Nine parts of the effect in common patients, one part of that in rare ones. The trial estimated both; how"
            " many of each kind come to the clinic, no trial can know."
        ),
        otherwise=(
            'Take the effect in each genotype, comparisons(fit, "treatment", by="genotype"), and weigh them 0.9 and'
            " 0.1; or give grid= a table of ten patients."
        ),
        wrong=[
            (
                of["common"],
                "That is the row treatment[T.treated] of the coefficient table: the effect in the reference genotype,"
                " common. One patient in ten is not of it.",
            ),
            (average["balanced"], "That lets both genotypes count the same. In the clinic they are 9 to 1."),
            (
                average["observed"],
                "That averages over the trial's own patients, two thirds of them rare. Average over the clinic's.",
            ),
            (of["rare"], "That is the effect in rare patients alone."),
            (0.1 * of["common"] + 0.9 * of["rare"], "The weights changed places: one patient in ten is rare."),
            (of["rare"] - of["common"], "That is the interaction: by how much the effects differ."),
        ],
    )


def narrower_bounds() -> Choice:
    """6.5: what may be said about A and B with bounds of 0.95 and 1.05."""
    return Choice(
        solution="c",
        explanation=(
            "The 90% interval holds 1 and reaches beyond 1.05: neither a difference nor equivalence is shown. The data"
            " are enough for the wider bounds, and not for these."
        ),
        wrong=[
            (
                "a",
                "p = 0.62 says that these data would be no surprise if the effects were equal. It does not say that"
                " they are.",
            ),
            ("b", "For that the whole 90% interval would have to lie between the bounds. Where does it end?"),
            ("d", "The interval holds 1: no difference is shown."),
        ],
    )


EXERCISES = {
    "6.1": most_that_gene_b_may_gain,
    "6.2": c_against_the_others,
    "6.3": family_of_five,
    "6.4": average_effect_in_the_clinic,
    "6.5": narrower_bounds,
}

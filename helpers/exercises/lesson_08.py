"""Exercises of lesson 08, marginal contrasts. Every solution and every known wrong answer is computed here."""

from functools import cache

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from helpers.contrasts import comparisons
from helpers.data import load_modification_lengths
from helpers.exercises.answers import Choice, Number
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
    """8.1: the upper end of the interval for gene B, in percent."""
    b, ratio = _effects().loc["B"], np.exp(_effects().loc["B", "estimate"])
    return Number(
        solution=_percent(b["conf_high"]),
        tolerance=0.055,
        explanation="The interval is made on the log scale; its ends, put through exp, are ratios.",
        otherwise='Row B of comparisons(..., transform="exp") or transform="percent", column conf_high.',
        wrong=[
            (_percent(b["estimate"]), "That is the estimate. The upper end of its interval is asked for."),
            (_percent(b["conf_low"]), "That is the lower end."),
            (np.exp(b["conf_high"]), "That is a ratio. By how many percent does it exceed 1?"),
            (100 * b["conf_high"], "That is 100 times a log. Put it through exp, subtract 1, then multiply by 100."),
            (
                100 * (ratio * (1 + 1.96 * b["std_error"]) - 1),
                "That is ratio + 1.96 standard errors. Make the interval in logs, where it is symmetric, and transform"
                " its ends.",
            ),
            (_percent(_effects().loc["C", "conf_high"]), "That is gene C. Gene B is asked for."),
            (_percent(_effects().loc["A", "conf_high"]), "That is gene A. Gene B is asked for."),
        ],
    )


def family_of_five() -> Number:
    """8.2: A against C, corrected in the family that the protocol named."""
    effects, differences = _effects()["p_value"], _differences()["p_value"]
    family = [*effects, *differences[["A - C", "B - C"]]]
    a, b = differences[["A - C", "B - C"]]
    return Number(
        solution=multipletests(family, method="bonferroni")[1][3],
        tolerance=0.0005,
        explanation=(
            "Five tests, so p times 5, and A against C is no longer below 0.05. The family is what the protocol names,"
            " even when its tests stand in two tables."
        ),
        otherwise=(
            "Put the five p-values in one list (three effects, two differences) and give it to multipletests(p,"
            ' method="bonferroni")[1].'
        ),
        wrong=[
            (a, "That is not corrected. There are five tests in the family."),
            (
                2 * a,
                "That is p times 2: Bonferroni over two differences, or Holm over five tests. The protocol takes"
                " Bonferroni, and its family has five tests.",
            ),
            (
                3 * a,
                "That is p times 3, for the three pairs. The protocol does not test B against A, but it also tests"
                " three effects. Count its tests.",
            ),
            (5 * 3 * a, "That p is already corrected for three pairs. Take the column p_value."),
            (5 * b, "That is B against C. A against C is asked for."),
            (3 * b, "That is B against C, times 3. A against C is asked for, in a family of five."),
            (b, "That is B against C, not corrected. A against C is asked for."),
            (
                multipletests(family, method="fdr_bh")[1][3],
                "That is Benjamini–Hochberg, which limits the share of false findings, not the chance of any.",
            ),
        ],
    )


def clinic_study() -> pd.DataFrame:
    """The simulated trial of section 3: six centres, enriched in a rare genotype.

    Returns
    -------
    pandas.DataFrame
        One row per patient: ``centre``, ``genotype`` (common, rare), ``treatment`` (control, treated), ``response``.
        The true effect is 0.2 in common patients and 1.0 in rare ones.
    """
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
    """8.3: the effect averaged over patients of whom one in ten has the rare genotype."""
    fit = fit_mixed("response ~ treatment * genotype + (1 | centre)", clinic_study())
    of = comparisons(fit, "treatment", by="genotype").set_index("genotype")["estimate"]
    average = {grid: comparisons(fit, "treatment", grid=grid)["estimate"].item() for grid in ("balanced", "observed")}
    return Number(
        solution=0.9 * of["common"] + 0.1 * of["rare"],
        tolerance=0.005,
        explanation=(
            "Nine parts of the effect in common patients, one part of that in rare ones. The trial estimated both"
            " effects. It cannot tell how many patients of each kind come to the clinic."
        ),
        otherwise=(
            'Take the effect in each genotype from comparisons(of_trial, "treatment", by="genotype"). Multiply the'
            " common one by 0.9 and the rare one by 0.1, and add."
        ),
        wrong=[
            (
                of["common"],
                "That is the effect in common patients alone, the row treatment[T.treated] of the coefficient table."
                " One patient in ten is rare.",
            ),
            (
                average["balanced"],
                "That lets both genotypes count the same. In the clinic they are 9 to 1: weight them so.",
            ),
            (
                average["observed"],
                "That averages over the trial's own patients, two thirds of them rare. Average over the clinic's.",
            ),
            (of["rare"], "That is the effect in rare patients alone. Nine patients in ten are common."),
            (0.1 * of["common"] + 0.9 * of["rare"], "The weights are swapped: one patient in ten is rare."),
            (
                of["rare"] - of["common"],
                "That is the interaction: by how much the effects differ. Average the two effects instead.",
            ),
        ],
    )


def at_the_highest_dose() -> Choice:
    """8.4: what may be said of juice and acid at 2 mg, with a margin of 2 units."""
    return Choice(
        solution="c",
        explanation=(
            "The interval contains 0 and reaches beyond 2 on both sides. Ten animals of each kind show neither a"
            " difference nor equivalence."
        ),
        wrong=[
            (
                "a",
                "A large p-value says that these data would be no surprise if juice and acid did the same. It does not"
                " say that they do.",
            ),
            ("b", "For that the whole 90% interval would have to lie between −2 and 2. Where does it end?"),
            ("d", "The interval contains 0: no difference is shown."),
        ],
    )


EXERCISES = {
    "8.1": most_that_gene_b_may_gain,
    "8.2": family_of_five,
    "8.3": average_effect_in_the_clinic,
    "8.4": at_the_highest_dose,
}

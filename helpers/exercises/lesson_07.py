"""Exercises of lesson 07, interactions. Every solution and every known wrong answer is computed here."""

from functools import cache

import numpy as np
import pandas as pd

from helpers.data import load_modification_lengths
from helpers.exercises.answers import Number, Weights
from helpers.mixed import fit_mixed

DRUG, A, B = "condition[T.DRUG]", "gene_name[T.A]", "gene_name[T.B]"
DRUG_A, DRUG_B = f"{DRUG}:{A}", f"{DRUG}:{B}"
WATERED = {"wild type": 3.9, "line 1": 4.0, "line 2": 3.7}  # planted in the seedlings: log root length when watered
DROUGHT = {"wild type": -0.05, "line 1": -0.60, "line 2": -0.40}  # and what drought adds to it


@cache
def _fit():
    return fit_mixed("log(length) ~ condition * gene_name + (1 | replicate)", load_modification_lengths())


def _sum(*names):
    return _fit().fixed_effects[list(names)].sum()


def seedlings(rng: np.random.Generator) -> pd.DataFrame:
    """Simulate roots of seedlings, three genotypes in eight trays, watered and dry.

    The true effect of drought on the log root length is −0.05, −0.60 and −0.40; wild-type plants are the most numerous.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        One row per plant: ``tray``, ``water`` (watered, dry), ``genotype`` (wild type, line 1, line 2), ``root`` in mm.
    """
    plants = {"wild type": 6, "line 1": 3, "line 2": 2}
    cells = [
        (f"tray {tray}", water, genotype, tray)
        for tray in range(1, 9)
        for water in ("watered", "dry")
        for genotype, n in plants.items()
        for _ in range(n)
    ]
    table = pd.DataFrame(cells, columns=["tray", "water", "genotype", "number"])
    effect = np.where(table["water"] == "dry", table["genotype"].map(DROUGHT), 0.0)
    level = rng.normal(0, 0.15, 8)[table.pop("number") - 1]
    watered = table["genotype"].map(WATERED)
    table["root"] = np.exp(watered + level + effect + rng.normal(0, 0.2, len(table))).round(1)
    table["water"] = pd.Categorical(table["water"], ["watered", "dry"])
    table["genotype"] = pd.Categorical(table["genotype"], list(plants))
    return table


def typical_length_of_b_with_drug() -> Number:
    """7.1: a cell mean from the coefficients, in the units of length."""
    right = _sum("(Intercept)", DRUG, B, DRUG_B)
    lengths = load_modification_lengths()
    rows = lengths.query("gene_name == 'B' and condition == 'DRUG'")["length"]
    return Number(
        solution=np.exp(right),
        tolerance=0.1,  # the rows that the table shows have four digits, and add up to 77.06
        explanation="Four rows add up to the mean log length of that cell, and exp turns it into a typical length.",
        otherwise="Find the box of gene B with drug, add up its coefficients, and take exp of the sum.",
        wrong=[
            (right, "That is the mean log length. Put it through exp to get a length."),
            (
                np.exp(_sum("(Intercept)", DRUG, B)),
                "The interaction is missing. Gene B has a drug effect of its own, so add its interaction row.",
            ),
            (
                np.exp(_sum("(Intercept)", DRUG_B)),
                "The drug's row and the gene's row are missing. The interaction comes on top of both.",
            ),
            (
                np.exp(_sum("(Intercept)")),
                "That is gene C without the drug, the reference. Gene B with it is asked for.",
            ),
            (np.exp(_sum("(Intercept)", B)), "That is gene B without the drug."),
            (np.exp(_sum("(Intercept)", A)), "That is gene A without the drug, the example above."),
            (np.exp(_sum("(Intercept)", DRUG)), "That is gene C with the drug. Gene B is asked for."),
            (np.exp(_sum("(Intercept)", DRUG, A, DRUG_A)), "That is gene A with the drug. Gene B is asked for."),
            (rows.mean(), "That is the arithmetic mean of the rows. Add up coefficients, then take exp."),
            (
                np.exp(np.log(rows).mean()),
                "That pools the lengths of all replicates. Add up the rows of the model's table instead.",
            ),
        ],
    )


def b_against_a_with_drug() -> Weights:
    """7.2: the weights of a contrast that has no row in the table."""
    b_minus_a = _sum(B, DRUG_B) - _sum(A, DRUG_A)
    return Weights(
        solution={A: -1, B: 1, DRUG_A: -1, DRUG_B: 1},
        estimates=_fit().fixed_effects,
        covariance=_fit().covariance,
        explanation=(
            "Intercept and drug stand in both cells and cancel. Each gene keeps its own row and its interaction."
            f" B − A is {b_minus_a:.2f}, so B is {np.exp(b_minus_a):.2f} times as long: shorter.".replace("-", "−")
        ),
        otherwise=(
            "Your weights give {estimate}. Write down the rows in the box of gene B with the drug and in that of gene A"
            " with the drug. Subtract the second from the first."
        ),
        wrong=[
            ({A: 1, B: -1, DRUG_A: 1, DRUG_B: -1}, "That is A minus B. Change all signs."),
            ({A: -1, B: 1}, "That is B minus A without the drug. With the drug, add the interactions."),
            (
                {DRUG_A: -1, DRUG_B: 1},
                "That is a difference of differences: by how much the drug's effect differs between B and A. Compare"
                " two means instead.",
            ),
            ({B: 1, DRUG_B: 1}, "That is B minus C with the drug. Compare B with A."),
            (
                {DRUG: 1, B: 1, DRUG_B: 1},
                "That compares (DRUG, B) with (NO DRUG, C): gene and condition change together.",
            ),
            (
                {DRUG: 1, DRUG_B: 1},
                "That is the drug's effect in gene B. Compare two genes, both with the drug.",
            ),
        ],
    )


def the_row_of_another_reference() -> Number:
    """7.3: an interaction row, seen from another reference gene."""
    return Number(
        solution=-_sum(DRUG_B),
        tolerance=0.0002,
        explanation="C's effect minus B's effect is the first table's row with the other sign.",
        otherwise="With B as the reference, that row is the drug's effect in C minus the drug's effect in B.",
        wrong=[
            (_sum(DRUG_B), "That is the drug's effect in B minus that in C. Now B is the reference: C minus B."),
            (_sum(DRUG_A), "That compares A with C. Here C is compared with B."),
            (-_sum(DRUG_A), "That is C minus A. With B as the reference, C is compared with B."),
            (_sum(DRUG_A) - _sum(DRUG_B), "That is the row of gene A when B is the reference. C is asked for."),
            (-np.expm1(_sum(DRUG_B)), "That is a change as a share. The row holds a difference of logs, so no exp."),
            (_sum(DRUG), "That is the drug's effect in C itself. The row holds its difference from that in B."),
            (_sum(DRUG, DRUG_B), "That is the drug's effect in B: the row conditionDRUG when B is the reference."),
        ],
    )


def average_effect_of_drought() -> Number:
    """7.4: the average effect of a factor whose row in the table is that of the reference level."""
    roots = seedlings(np.random.default_rng(5))
    fit = fit_mixed("log(root) ~ water * genotype + (1 | tray)", roots)
    dry, first, second = fit.fixed_effects[
        ["water[T.dry]", "water[T.dry]:genotype[T.line 1]", "water[T.dry]:genotype[T.line 2]"]
    ]
    additive = fit_mixed("log(root) ~ water + genotype + (1 | tray)", roots).fixed_effects["water[T.dry]"]
    right = dry + (first + second) / 3
    return Number(
        solution=right,
        tolerance=0.006,
        explanation=(
            f"Roots are {-100 * np.expm1(right):.0f}% shorter. The row said {dry:.3f}, for wild type, the reference."
            " The colleague read it as if it were all genotypes. Planted was an average of"
            f" {np.mean(list(DROUGHT.values())):.2f}."
        ),
        otherwise="Work out drought's effect in each genotype (row, or row + interaction), then average the three.",
        wrong=[
            (dry, "That is the table's row: drought in wild type, the reference, alone. Average over all three."),
            (
                additive,
                "That model gives every genotype the same effect, so the most numerous one counts most. Keep the"
                " interaction, and average with equal weights.",
            ),
            (
                (dry + first + second) / 3,
                "Close. The drought row is part of every genotype's effect, so do not divide it by 3.",
            ),
            (dry + first + second, "That adds both interactions in full. Each belongs to one genotype of three."),
            ((first + second) / 2, "Those rows are differences from wild type. Add the row of drought to each first."),
            (dry + (first + second) / 2, "That is the average of the two lines. Wild type is the third genotype."),
            (-right, "The size is right, the sign is not. Take dry minus watered."),
            (
                (first + second) / 3,
                f"That averages the interaction rows. Add drought's own row, {dry:.3f}, which is in every genotype.",
            ),
            (np.expm1(right), "That is the change as a share. The log is asked for."),
            (100 * np.expm1(right), "That is the change in percent. The log is asked for."),
        ],
    )


EXERCISES = {
    "7.1": typical_length_of_b_with_drug,
    "7.2": b_against_a_with_drug,
    "7.3": the_row_of_another_reference,
    "7.4": average_effect_of_drought,
}

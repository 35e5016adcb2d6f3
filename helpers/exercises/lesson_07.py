"""Exercises of lesson 07, count models. Every solution and every known wrong answer is computed here."""

from functools import cache

import numpy as np
import statsmodels.formula.api as smf

from helpers.contrasts import predictions
from helpers.counts import fit_negative_binomial, fit_poisson, quasi_likelihood, size_factors
from helpers.data import load_mouse_counts, load_mouse_counts_truth, load_mouse_scores
from helpers.exercises.answers import Choice, Number

SCALED = "~ urea_z + weight_z"


@cache
def _counts():
    return load_mouse_counts()


@cache
def _mice():
    mice = load_mouse_scores().set_index("animal")[["group", "urea", "weight"]]
    for name in ("urea", "weight"):
        mice[f"{name}_z"] = (mice[name] - mice[name].mean()) / mice[name].std()
    return mice


@cache
def _sizes():
    return size_factors(_counts())


def _one(fit, gene, formula):
    return fit(_counts().loc[gene], _mice(), formula, size_factors=_sizes()).set_index("term")


def mended_standard_error():
    """7.1: the Poisson standard error of gene_0011, times the root of Pearson's dispersion."""
    table = _one(fit_poisson, "gene_0011", SCALED)
    urea, weight = table.loc["urea_z"], table.loc["weight_z"]
    root = np.sqrt(urea["pearson_dispersion"])
    return Number(
        solution=urea["std_error"] * root,
        tolerance=0.0006,
        explanation=(
            "The variance is about ten times that of Poisson, so the standard error is about three times as large. The"
            " slope stays as it is."
        ),
        otherwise="Take std_error and pearson_dispersion from the row of urea_z; the dispersion goes under a root.",
        wrong=[
            (urea["std_error"], "That is the Poisson standard error as it stands. It takes the variance for the mean."),
            (
                urea["std_error"] * urea["pearson_dispersion"],
                "The dispersion is a ratio of variances. A standard error goes with its square root.",
            ),
            (urea["std_error"] / root, "That makes it smaller. More scatter means more doubt: multiply."),
            (weight["std_error"] * root, "That is the slope of weight. Urea's is asked for."),
            (
                _one(fit_negative_binomial, "gene_0011", SCALED).loc["urea_z", "std_error"],
                "That is the negative binomial's standard error: another way to the same end. Here Poisson's is to be"
                " mended.",
            ),
            (root, "That is the factor. Multiply the standard error by it."),
        ],
    )


def per_hundred_milligrams():
    """7.2: the fold change of gene_0025 per 100 mg/dl of urea."""
    table = _one(fit_negative_binomial, "gene_0025", "~ urea + weight")
    slope, spread = table.loc["urea", "estimate"], _mice()["urea"].std()
    return Number(
        solution=np.exp(100 * slope),
        tolerance=0.006,
        explanation="Slopes add on the log scale: 100 times the slope per mg/dl, then exp. Ratios multiply.",
        otherwise='Take the slope per mg/dl, units.loc["per mg/dl", "estimate"]; multiply by 100; put it through exp.',
        wrong=[
            (100 * slope, "That is still a logarithm. Put it through exp."),
            (np.exp(spread * slope), "That is per standard deviation, 124 mg/dl. Per 100 mg/dl is asked for."),
            (np.exp(slope), "That is per 1 mg/dl."),
            (
                100 * np.exp(slope),
                "That is 100 times the ratio per mg/dl. Ratios multiply: take 100 times the slope first, then exp.",
            ),
            (
                1 + 100 * slope,
                "That treats the logarithm as a share: good for small slopes, too little for this one. Use exp.",
            ),
            (
                100 * np.expm1(100 * slope),
                "That is the change in per cent. The factor is asked for: how many times as many reads?",
            ),
            (np.exp(100 * table.loc["weight", "estimate"]), "That is 100 g of weight, a rather large mouse."),
            (2 ** (100 * slope), "The estimate is a natural logarithm: exp, not 2 to the power."),
        ],
    )


@cache
def _called(formula, covariate):
    table = quasi_likelihood(_counts(), _mice(), formula, terms=f"{covariate}_z").set_index("gene")
    return table["p_adjusted"] < 0.1


def false_share_with_group():
    """7.3: what share of the genes called for weight, group in the model, does not go with weight."""
    driver = load_mouse_counts_truth()["driver"]
    called, true = _called(f"{SCALED} + group", "weight"), driver == "weight"
    by_urea, without_group = _called(f"{SCALED} + group", "urea"), _called(SCALED, "weight")
    return Number(
        solution=100 * (called & ~true).sum() / called.sum(),
        tolerance=0.06,
        explanation=(
            f"{(called & ~true).sum()} of {called.sum()}. One data set may lie above its promise or below; section 7"
            " averages over many."
        ),
        otherwise="Of the genes called for weight_z (row of the table), how many are not in the column weight?",
        wrong=[
            (
                100 * (called & ~true).sum() / (~true).sum(),
                "That is the share of the *other* genes that were called. The false discovery rate is a share of the"
                " genes called.",
            ),
            (
                100 * (true & ~called).sum() / true.sum(),
                "That is the share of the true genes that were missed. A false discovery is one called wrongly.",
            ),
            (
                100 * (called & (driver == "none")).sum() / called.sum(),
                "Genes that go with urea or the group, and not with weight, are false findings for weight, too.",
            ),
            (
                100 * (without_group & ~true).sum() / without_group.sum(),
                "That is the model without the group. The one with it is asked for.",
            ),
            (
                100 * (by_urea & (driver != "urea")).sum() / by_urea.sum(),
                "That is urea. Weight is asked for.",
            ),
            (100 * (called & true).sum() / called.sum(), "That is the share that *does* go with weight."),
            (10.0, "That is what was promised. What came out?"),
            (
                (called & ~true).sum() / called.sum(),
                "That is the share itself; in per cent it is 100 times as much.",
            ),
        ],
    )


def what_to_report():
    """7.4: a treatment between six animals, counts, and a mixed model tested by z."""
    return Choice(
        solution="c",
        explanation=(
            "The treatment belongs to the animal, and there are six. Summed reads are six samples: four degrees of"
            " freedom for the gene alone, and some more that QL or voom learn from the other genes."
        ),
        wrong=[
            (
                "a",
                "The distribution is right, and the animal is in. But z takes the variance between six animals for"
                " known: the figure above shows how often that goes wrong between animals.",
            ),
            ("b", "24 samples are not 24 animals: four samples of one mouse share what that mouse is."),
            (
                "d",
                "It then takes dispersion to be zero, which is the worst estimate of all: section 3. And it ignores the"
                " animal.",
            ),
        ],
    )


def reads_in_a_library():
    """7.5: expected reads of gene_0025 one standard deviation of urea above the mean, in 1.5 million reads."""
    counts = _counts()
    data = _mice().drop(columns="group").assign(reads=counts.loc["gene_0025"])
    fit = smf.negativebinomial("reads ~ urea_z + weight_z", data, offset=np.log(counts.sum())).fit(disp=False)

    def expected(urea, **options):
        options = {"at": {"urea_z": urea}, "scale": "response", "offset": np.log(1.5e6)} | options
        return predictions(fit, **options)["estimate"].item()

    return Number(
        solution=expected(1),
        tolerance=0.6,
        explanation="Depth multiplies: in half as many reads again, half as many again are expected.",
        otherwise='predictions(by_total, at={"urea_z": 1}, scale="response", offset=...): the offset is a logarithm.',
        wrong=[
            (expected(0), "That is a mouse with average urea. Move it with at=."),
            (expected(-1), "That is one standard deviation below the mean."),
            (expected(1, offset=np.log(1e6)), "That is in 1 million reads. The library has 1.5 million."),
            (
                expected(1, offset=None),
                "That is a library of average depth, what predictions takes when no offset is named.",
            ),
            (expected(1, offset=0.0), "That is a library of one read: the offset is missing."),
            (
                expected(1, scale="link"),
                'That is the logarithm. Ask for scale="response", or put it through exp.',
            ),
            (
                expected(1) - expected(0),
                "That is by how many reads one standard deviation raises it. The expected count itself is asked for.",
            ),
        ],
    )


EXERCISES = {
    "7.1": mended_standard_error,
    "7.2": per_hundred_milligrams,
    "7.3": false_share_with_group,
    "7.4": what_to_report,
    "7.5": reads_in_a_library,
}

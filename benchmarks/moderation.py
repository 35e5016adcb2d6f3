"""Which way of moderating a mixed model keeps its promises: simulated, because it takes some minutes.

    python benchmarks/moderation.py        # writes benchmarks/moderation.csv, prints the table of benchmarks/README.md

Normal data with precision weights, so that nothing but the test itself can fail. The formula is
``~ between + within + both + (1 | animal)``: a group of animals, a treatment within them, a covariate that varies both
ways; each has an effect in a tenth of the genes. Residual variances differ between genes (d0 = 8), and the variance
between animals, over the residual variance, is 0 ("none"), 0.5 ("one"), 0 in 30% of the genes and else exponential with
mean 1 ("some"), or log-normal with σ = 1.5 ("wide").
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import linalg, stats

from helpers.genes import fit_genes
from helpers.genes.core.optimum import lowest
from helpers.genes.core.own import Own
from helpers.hypotheses.adjusting import adjusted_where_tested
from helpers.moderation.variances import squeeze_variances

DATA_SETS, GENES, CHANGED, EFFECT_SD, PRIOR_DF = 10, 2_000, 0.1, 2.0, 8
ANIMALS, SIZES = (4, 8, 16), {"equal": (3,), "unequal": (1, 6, 2, 3, 7, 1, 4, 2)}
TERMS = ("between", "within", "both")
SPREADS = {
    "none": lambda rng: np.zeros(GENES),
    "one": lambda rng: np.full(GENES, 0.5),
    "some": lambda rng: np.where(rng.random(GENES) < 0.3, 0, rng.exponential(1, GENES)),
    "wide": lambda rng: np.exp(rng.normal(-0.5, 1.5, GENES)),
}
NAMES = {
    "satterthwaite": "Satterthwaite, not moderated",
    "kenward-roger": "Kenward–Roger, not moderated",
    "dream": "dream: residual variance, Satterthwaite",
    "dream_kr": "dream: residual variance, Kenward–Roger",
    "contrast": "variance of the contrast, Satterthwaite",
    "contrast_kr": "variance of the contrast, Kenward–Roger",
    "both_variances": "both variances: `fit_genes(moderated=True)`",
}


def data_set(animals, sizes, spread, number):
    """Expression, weights, design and true effects."""
    rng = np.random.default_rng([number, animals, len(SIZES[sizes]), list(SPREADS).index(spread)])
    animal = np.repeat(np.arange(animals), np.resize(SIZES[sizes], animals))
    n = len(animal)
    within = rng.permutation(np.arange(n) % 2) * 1.0
    both = rng.normal(size=animals)[animal] + rng.normal(size=n)
    design = pd.DataFrame({"animal": animal, "between": animal % 2 * 1.0, "within": within, "both": both})
    design.index = [f"s{i}" for i in range(n)]
    sigma2, weights = PRIOR_DF / rng.chisquare(PRIOR_DF, GENES), rng.gamma(4, 0.25, (GENES, n))
    noise = rng.normal(size=(GENES, n)) / np.sqrt(weights)
    noise += np.sqrt(SPREADS[spread](rng))[:, None] * rng.normal(size=(GENES, animals))[:, animal]
    effects = rng.normal(0, EFFECT_SD, (GENES, 3)) * (rng.random((GENES, 3)) < CHANGED)
    y = effects @ design[list(TERMS)].to_numpy().T + np.sqrt(sigma2)[:, None] * noise
    return pd.DataFrame(y, columns=design.index), weights, design, effects != 0


def p_values(y, weights, design):
    """Of each method, (genes, terms)."""
    x = np.column_stack([np.ones(len(design)), design[list(TERMS)]])
    q, r = np.linalg.qr(x)
    rows = linalg.solve_triangular(r, np.eye(4)[1:].T, trans="T").T
    model = Own(q, 0.0, design["animal"].to_numpy(), y.to_numpy(), weights)
    lam, _ = lowest(model)
    state = model.state(lam)
    least_squares = model.ols.tests(rows)[1] ** 2 / (
        model.ols.total / model.nu
    )  # a contrast's variance over σ² if λ = 0
    # dream's residual degrees of freedom: tr((I − H)²), H the hat matrix with the predicted random intercepts in it.
    rdf = model.nu - 2 * lam * state.moments.trace + lam**2 * state.moments.trace2
    sigma2, prior_df, _ = squeeze_variances(state.sigma2, rdf)
    found = {}
    for ddf, end in (("satterthwaite", ""), ("kenward-roger", "_kr")):
        estimate, std_error, df = state.tests(rows, ddf)
        found[ddf] = estimate, std_error, df
        found["dream" + end] = estimate, std_error * np.sqrt(sigma2 / state.sigma2), np.minimum(df + prior_df, df.sum())
        squeezed, degrees = np.empty_like(df), np.empty_like(df)
        for k in range(len(rows)):
            squeezed[k], prior, _ = squeeze_variances(std_error[k] ** 2 / least_squares[k], df[k])
            degrees[k] = np.minimum(df[k] + prior, df[k].sum())
        found["contrast" + end] = estimate, np.sqrt(squeezed * least_squares), degrees
    p = {name: 2 * stats.t.sf(np.abs(b / s), df).T for name, (b, s, df) in found.items()}
    table = fit_genes(y, design, "~ between + within + both + (1 | animal)", weights=weights, moderated=True)
    p["both_variances"] = table["p_value"].to_numpy().reshape(GENES, 4)[:, 1:]
    return p


def scores(animals, sizes, spread, number):
    """How often each method errs in one data set, and what it finds."""
    y, weights, design, true = data_set(animals, sizes, spread, number)
    rows = []
    for method, p in p_values(y, weights, design).items():
        for k, term in enumerate(TERMS):
            called = adjusted_where_tested(p[:, k], "BH") < 0.05
            null = p[~true[:, k], k]
            rows.append(
                {
                    "animals": animals,
                    "sizes": sizes,
                    "spread": spread,
                    "term": term,
                    "method": method,
                    "below_05": (null < 0.05).mean(),
                    "below_001": (null < 0.001).mean(),
                    "found": (called & true[:, k]).sum(),
                    "called": called.sum(),
                }
            )
    return rows


def study():
    """Means over the data sets; the false share is that of all genes called."""
    cells = [(a, s, v) for a in ANIMALS for s in SIZES for v in SPREADS]
    rows = [row for cell in cells for number in range(DATA_SETS) for row in scores(*cell, number)]
    keys = ["animals", "sizes", "spread", "term", "method"]
    table = pd.DataFrame(rows).groupby(keys, sort=False).mean().reset_index()
    table["false_share"] = 1 - table["found"] / table["called"].where(table["called"] > 0)
    return table


def main():
    """Write the table, print its summary."""
    table = study()
    table.round(5).to_csv(Path(__file__).with_suffix(".csv"), index=False, lineterminator="\n")
    print("| method | question | p < .05 (%) | p < .001 (‰) | false share at FDR 5% (%) | found |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for method, name in NAMES.items():
        for term in TERMS:
            rows = table[(table["method"] == method) & (table["term"] == term)]
            low, high = 100 * rows["below_05"].min(), 100 * rows["below_05"].max()
            deep, false = 1000 * rows["below_001"].max(), 100 * (1 - rows["found"].sum() / rows["called"].sum())
            print(
                f"| {name} | {term} | {low:.1f} to {high:.1f} | {deep:.1f} | {false:.1f} | {rows['found'].mean():.0f} |"
            )


if __name__ == "__main__":
    main()

# %% [markdown]
# # A3 · Every gene at once
#
# **How are ten thousand models fitted in a second?**
#
# This appendix is for whoever wants to know what `fit_genes` does behind [lesson 11](11_every_gene.ipynb), and how far to
# trust it. It needs matrices and [appendix A1](A1_mixed_models_by_hand.ipynb), which does REML for one table by hand. No
# lesson needs it.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# imports, and the simulated screen of lesson 11: 2,000 genes in forty samples of ten mice
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

from helpers import plots, tables
from helpers.course.claims import claim
from helpers.data import (
    load_repeated_expression,
    load_repeated_expression_truth,
    load_repeated_samples,
)
from helpers.genes import fit_genes
from helpers.mixed import SingularFitWarning, fit_mixed

plots.use_style()
tables.use_style()
expression, samples = load_repeated_expression(), load_repeated_samples()
truth = load_repeated_expression_truth()
samples["urea100"] = samples["urea"] / 100
MODEL = "~ urea100 + weight + (1 | animal)"

# %% [markdown]
# ## 1 · The loop, and where it stops
#
# A first program is a loop over the genes. It puts the expression of a gene into the table, fits, and keeps the result.
# With `statsmodels.MixedLM` it has three faults, and the first is the worst.
#
# - **It stops beside the optimum.** The likelihood of a variance is flat when there are few animals, and an
#   optimizer that climbs may take a flat place for the top. The
#   [benchmarks](../benchmarks/README.md#where-statsmodels-stops-python-benchmarksstatsmodels_optimapy)
#   fit 300 simulated tables with random slopes. In 162 of them MixedLM's default optimizer fails, or stops
#   more than 0.001 above the lowest −2 log-likelihood. Of these, 59 are reported as converged. (Which
#   gene is hit depends on the processor, so this page shows no table of them.)
# - **Its printed standard errors** come from the curvature in all parameters at once, variances included.
#   If a variance is close to zero they can be missing, or wrong even at the right optimum.
# - **It tests by z**, as if variances from ten animals were known.
#
# It warns often, for right fits and wrong ones alike. So in a loop of 20,000 genes people switch warnings off. To check a
# loop, fit twice with two optimizers and compare log-likelihoods.
#
# ## 2 · One ratio, one curve
#
# Suppose we knew θ², the variance between animals divided by that within. Then we would know the covariance of the forty
# samples up to a factor. Weighted least squares would give the coefficients, and nothing would be left to search. So each
# value of θ² has one value of −2 log-likelihood (REML), the [deviance](glossary.md#deviance). Here it is, with
# 40 × 40 matrices:


# %%
def deviance(y, x, same_animal, ratio):
    """-2 log-likelihood (REML) of one gene, were the ratio of its variances known."""
    n, p = x.shape
    v = np.eye(n) + ratio * same_animal
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    residual = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
    sigma2 = residual @ inverse @ residual / (n - p)
    log_dets = np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1]
    return log_dets + (n - p) * (1 + np.log(2 * np.pi * sigma2))


# %%
x = np.column_stack([np.ones(40), samples[["urea100", "weight"]]])
animals = samples["animal"].to_numpy()
same_animal = (animals[:, None] == animals).astype(float)
share = np.linspace(0, 0.99, 991)  # between / (between + within)
ratio = share / (1 - share)
three = ["gene_0003", "gene_0025", "gene_0001"]
slowly = np.array(
    [[deviance(expression.loc[g], x, same_animal, r) for r in ratio] for g in three]
)

# %% [markdown]
# ## 3 · All genes at once
#
# The samples are the same for all genes. So rotate the axes once. The matrix of the animals becomes a list of ten numbers
# or fewer, its eigenvalues. Then a gene is described by as many squares and one remainder, and a whole curve is one line
# of arithmetic. For 2,000 genes that line is one product of matrices.

# %%
y = expression.to_numpy()
q, _ = np.linalg.qr(x)
residuals = y - y @ q @ q.T  # intercept, urea and weight taken out
z = pd.get_dummies(samples["animal"]).to_numpy(float)
z = z - q @ (q.T @ z)
eigenvalues, turns = np.linalg.eigh(z.T @ z)  # once for all genes
kept = eigenvalues > 1e-9
squares = (residuals @ z @ turns[:, kept]) ** 2 / eigenvalues[kept]
rest = (residuals**2).sum(axis=1) - squares.sum(axis=1)
print(f"numbers per gene: {kept.sum() + 1} instead of {len(samples)}")

# %%
grown = 1 + np.outer(eigenvalues[kept], ratio)
of_design = np.linalg.slogdet(x.T @ x)[1] + 37 * (1 + np.log(2 * np.pi / 37))
inside = rest[:, None] + squares @ (1 / grown)
curves = of_design + np.log(grown).sum(axis=0) + 37 * np.log(inside)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# compares the curves with those of section 2, and their lowest points with fit_genes
screen = fit_genes(expression, samples, MODEL)
urea = screen[screen["term"] == "urea100"].set_index("gene")
best = urea["theta"] ** 2 / (1 + urea["theta"] ** 2)
places = expression.index.get_indexer(three)
gap = np.abs(curves[places] - slowly).max()
step = np.abs(share[curves.argmin(axis=1)] - best).max()
print(f"three curves, slow and fast: largest difference {'< 1e-8' if gap < 1e-8 else gap}")
print(f"lowest points of {len(curves):,} curves and fit_genes: at most {step:.4f} apart")
claim(step <= 0.00051, "They differ by half a step of the grid at most.")

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Deviance above its lowest value against the share of variance between animals, for three genes. The lowest points lie at 0, slightly above 0, and near 0.7, and all bottoms are wide and flat. A dashed line stands 3.84 above the lowest."}}
# draws the curves of three genes and their lowest points
plots.deviance_curves(
    share,
    pd.DataFrame(curves[places], three),
    title="Flat curves: ten animals say little about a variance",
)
plt.show()

# %% [markdown]
# A dot is an estimate. Shares within 3.84 of the lowest deviance (dashed) fit the data nearly as well, and that is a wide
# range. If a curve rises from zero on, its best variance is zero: a [singular fit](glossary.md#singular-fit).
#
# `fit_genes` looks along a grid, follows every dip to its bottom, and takes the lowest. If a gene has no optimum, it gives
# a `reason` instead of a number. With weights or missing values, each gene has a design of its own. Then a stack of small
# matrices does the same arithmetic.
#
# **How fast?** The [benchmarks](../benchmarks/README.md#every-gene-python-benchmarksgenespy) give CPU seconds of
# one machine: 20,000 genes × 24 samples, with tests and intervals, take about a tenth of a second. R's
# lmerTest and statsmodels, gene by gene, take about 7,000 times as long for each gene.
#
# ## 4 · The same numbers as one by one, and as R
#
# Here are fifty genes by lesson 05's `fit_mixed`, one after the other:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# fits fifty genes one by one, and compares them with the screen
with warnings.catch_warnings():
    warnings.simplefilter("ignore", SingularFitWarning)
    single = pd.DataFrame(
        {
            gene: fit_mixed(f"y {MODEL}", samples.assign(y=expression.loc[gene]))
            .coefficients()
            .loc["urea100"]
            for gene in expression.index[:50]
        }
    ).T
ours = urea.loc[single.index]
gaps = {
    "estimate (in standard errors)": (single["estimate"] - ours["estimate"])
    / ours["std_error"],
    "standard error": single["std_error"] / ours["std_error"] - 1,
    "degrees of freedom": single["df"] / ours["df"] - 1,
}
for what, gap in gaps.items():
    print(f"{what:30} {'< 1e-6' if gap.abs().max() < 1e-6 else 'more than 1e-6'}")

# %% [markdown]
# And here are 200 other genes of eight animals in R, by `lmerTest::lmer(y ~ uz + wz + (1 | animal))` with a strict
# tolerance of the optimizer (`tests/reference/genes`):

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# compares fit_genes with R, 200 genes and three terms
folder = Path("../tests/reference/genes")
in_r = pd.read_csv(folder / "lmm_genes_lmer.csv").set_index(["gene", "term"])
r_genes = pd.read_csv(folder / "lmm_genes.csv.gz", index_col=0)
r_samples = pd.read_csv(folder / "lmm_design.csv", index_col="sample")
r_samples["uz"] = stats.zscore(r_samples["urea"], ddof=1)
r_samples["wz"] = stats.zscore(r_samples["weight"], ddof=1)
keys, r_model = ["gene", "term"], "~ uz + wz + (1 | animal)"
by_satt = fit_genes(r_genes, r_samples, r_model).set_index(keys)
by_kr = fit_genes(r_genes, r_samples, r_model, ddf="kenward-roger").set_index(keys)
worst = {
    "estimate (in standard errors)": (by_satt["estimate"] - in_r["estimate"]) / in_r["se"],
    "standard error": by_satt["std_error"] / in_r["se"] - 1,
    "df, Satterthwaite": by_satt["df"] / in_r["df_satt"] - 1,
    "df, Kenward–Roger": by_kr["df"] / in_r["df_KR"] - 1,
    "REML criterion": by_satt["deviance"] / in_r["REMLcrit"] - 1,
}
for what, gap in worst.items():
    print(f"{what:30} {'< 1e-6' if gap.abs().max() < 1e-6 else 'more than 1e-6'}")
agree = (by_satt["is_singular"] == in_r["singular"]).all()
print(f"the same genes singular: {'yes' if agree else 'no'}, {in_r['singular'].sum() // 3}")

# %% [markdown]
# <details>
# <summary>In R: one gene</summary>
#
# ```r
# library(lmerTest)
# fit <- lmer(y ~ uz + wz + (1 | animal), data,
#             control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9)))
# summary(fit)                          # Satterthwaite
# summary(fit, ddf = "Kenward-Roger")   # needs pbkrtest
# REMLcrit(fit); isSingular(fit)
# ```
#
# </details>
#
# ## 5 · Which test
#
# No gene depends on weight, and 1,400 do not depend on urea. A test at 5% should reject 5% of them.

# %%
ways = {
    "animals ignored": fit_genes(expression, samples, "~ urea100 + weight"),
    "z": fit_genes(expression, samples, MODEL, ddf="normal"),
    "Satterthwaite": screen,
    "Kenward–Roger": fit_genes(expression, samples, MODEL, ddf="kenward-roger"),
    "moderated": fit_genes(expression, samples, MODEL, moderated=True),
}

# %%
null = (truth["kind"] == "none").to_numpy()
singular = null & urea["is_singular"].to_numpy()
rows = {}
for name, table in ways.items():
    p = table.query("term == 'urea100'")["p_value"].to_numpy()
    rows[name] = {
        "weight": 100 * (table.query("term == 'weight'")["p_value"] < 0.05).mean(),
        "urea, no effect": 100 * (p[null] < 0.05).mean(),
        "of these, singular": 100 * (p[singular] < 0.05).mean(),
    }
rejected = pd.DataFrame(rows).T.round(1)
rejected

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the data
claim(rejected.loc["animals ignored", "weight"] > 15, "Ignored: three times too many.")
claim((rejected.loc[["Kenward–Roger", "moderated"]].iloc[:, :2] < 5.5).all(axis=None), "5%.")
of_singular = rejected["of these, singular"]
claim(
    of_singular["Satterthwaite"] == of_singular["animals ignored"], "The same where singular."
)

# %% [markdown]
# The table is in percent. If animals are ignored, three times too many genes are rejected. z takes the variances as known.
# Satterthwaite is close to 5%, but look at the last column. If the variance between animals is *estimated* as zero, its
# test is that of least squares on forty samples. It then rejects as often as if animals were ignored. An estimate of zero
# does not make the variance zero. Kenward–Roger and moderation stay near 5% over all genes.
#
# **Verdict.** Gene by gene and with few animals, take Kenward–Roger, and look at `is_singular` for each gene that you
# are about to believe. With many genes, moderate.
#
# ## 6 · What moderation does
#
# Without a random term, `moderated=True` is limma's empirical Bayes. It averages each gene's residual variance with a
# common one, s² = (d₀·s₀² + d·s²ᵍ) / (d₀ + d), and adds d₀ to the degrees of freedom. It learns s₀² and d₀ from all genes.
#
# A mixed model has two variances. Between animals, most of the uncertainty of a slope comes from the *other* one, the
# variance of the animals, and few animals say little about it. So `fit_genes` learns two things from the genes: how large
# residual variances are, and how often each ratio θ² occurs. It averages each gene's test over them.
#
# [benchmarks/moderation.csv](../benchmarks/README.md#how-to-moderate-a-mixed-model-python-benchmarksmoderationpy) compares
# it with simpler ways. Genes without an effect have p < 0.05 in 4.6 to 5.4% of the cases, between animals and within, in
# every one of 24 designs.
#
# ## 7 · Between animals and within one
#
# One slope for urea mixes two questions. Do animals *with more urea* express more of the gene? Does an animal express
# more of it *in weeks when its urea is high*? Two columns separate them: the animal's mean, and the deviation from it.

# %%
samples["level"] = samples["urea100"].groupby(samples["animal"]).transform("mean")
samples["change"] = samples["urea100"] - samples["level"]
two_slopes = "~ level + change + weight + (1 | animal)"
wanted = {
    "between (level)": {"level": 1},
    "within (change)": {"change": 1},
    "within − between": {"change": 1, "level": -1},
}
two = fit_genes(expression, samples, two_slopes, ddf="kenward-roger", contrasts=wanted)

# %%
called = two.pivot_table("p_adjusted", "gene", "contrast") < 0.05
called.insert(
    0,
    "one slope",
    ways["Kenward–Roger"].query("term == 'urea100'").set_index("gene")["p_adjusted"] < 0.05,
)
by_kind = called.groupby(truth["kind"]).sum()
by_kind.insert(0, "genes", truth["kind"].value_counts())
by_kind

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the data
claim(
    by_kind.loc["opposed", "one slope"] < by_kind.loc["opposed", "within − between"], "opposed"
)
claim(by_kind.loc["change", "between (level)"] < 10, "level does not find the genes of change.")

# %% [markdown]
# The rows say what was planted. `level` finds the genes that differ between animals, and `change` those that move within
# one. Their difference finds the genes with opposite slopes. One slope misses most of these.
#
# Which of the two is "the effect of urea"? Between animals, anything in which they differ may be the cause. Within an
# animal, only something that changes from week to week may be. Neither is an experiment. But to claim what urea *does*,
# rely on the change within an animal.
#
# ## Sources
#
# One decomposition for all genes: Kang et al. 2008,
# [doi:10.1534/genetics.107.080101](https://doi.org/10.1534/genetics.107.080101); Lippert et al. 2011,
# [doi:10.1038/nmeth.1681](https://doi.org/10.1038/nmeth.1681). lmerTest: Kuznetsova, Brockhoff & Christensen 2017,
# [doi:10.18637/jss.v082.i13](https://doi.org/10.18637/jss.v082.i13). Kenward & Roger 1997,
# [doi:10.2307/2533558](https://doi.org/10.2307/2533558). Moderation: Smyth 2004,
# [doi:10.2202/1544-6115.1027](https://doi.org/10.2202/1544-6115.1027). dream: Hoffman & Roussos 2021,
# [doi:10.1093/bioinformatics/btaa687](https://doi.org/10.1093/bioinformatics/btaa687). Between and within: van de Pol
# & Wright 2009, [doi:10.1016/j.anbehav.2008.11.006](https://doi.org/10.1016/j.anbehav.2008.11.006).

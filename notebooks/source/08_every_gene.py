# %% [markdown]
# # 08 · Every gene
#
# **Two thousand genes, forty samples of ten animals: which genes go with urea, and how far can the list be trusted?**
#
# **Time:** 50 minutes.
#
# **Prerequisites:** [04 · Mixed models](04_mixed_models.ipynb) (REML, degrees of freedom) and section 5 of
# [03 · Fixed or random?](03_fixed_or_random.ipynb) (rows that share an animal). Words in blue lead to the
# [glossary](glossary.md).
#
# **You will be able to**
#
# - fit one mixed model per gene in one call, and notice where a loop goes wrong;
# - read a histogram of p-values, and say what a false discovery rate promises and what it doesn't;
# - separate what differs between animals from what changes within one;
# - answer a reviewer who asks for "the contribution of each gene".
#
# The ten mice of lessons 01 to 03 were measured once each, so there was nothing to make a
# [mixed model](glossary.md#mixed-model) of. Suppose the study were done again: ten mice, *each sampled in four weeks*,
# urea and weight measured every time, and the expression of every gene. **All of it is simulated** (`m01` to `m10`;
# see the [data page](../data/README.md)), so the truth about each gene is known and every method can be held against
# it. The gene names have nothing to do with those of other tables.

# %%
import time
import warnings
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from IPython.display import display
from scipy import stats
from statsmodels.stats.multitest import multipletests

from helpers import plots, tables
from helpers.correlation import correlate
from helpers.data import (
    load_mouse_counts,
    load_mouse_counts_truth,
    load_mouse_scores,
    load_repeated_expression,
    load_repeated_expression_truth,
    load_repeated_samples,
)
from helpers.exercises import check
from helpers.genes import fit_genes
from helpers.mixed import SingularFitWarning, fit_mixed
from helpers.simulate import simulate_expression

plots.use_style()
tables.use_style()

# %%
expression = load_repeated_expression()  # genes × samples, log2 units
samples = load_repeated_samples()
truth = load_repeated_expression_truth()
samples["urea100"] = samples["urea"] / 100  # a slope is then "per 100 mg/dl"
display(samples.head(5))
display(expression.iloc[:3, :5])
print("what was planted, genes of each kind:", truth["kind"].value_counts().to_dict())
print("genes that depend on weight: none")

# %% [markdown]
# One table of expression, genes in rows and samples in columns; one table of samples, matched by name. Each animal has
# a level of urea of its own and moves around it from week to week. So a gene can go with urea in two ways, and five
# kinds were planted: `urea` (both ways alike), `level` (only between animals), `change` (only within an animal),
# `opposed` (the two have opposite signs), and `none`. Three genes, drawn before anything is fitted:

# %% mystnb={"image": {"alt": "Three panels of expression against urea, four points per animal joined by a line, ten animals. Left, a gene of kind none: flat lines at different heights. Middle, kind urea: the lines rise, and so does the row of animals. Right, kind opposed: each line rises by itself while animals with more urea lie lower."}}
shown = {"none": "gene_0033", "urea": "gene_1316", "opposed": "gene_1784"}
fig, axes = plt.subplots(1, 3, figsize=(12, 4))
for ax, (kind, gene) in zip(axes, shown.items()):
    for number, (_, rows) in enumerate(samples.groupby("animal")):
        rows = rows.sort_values("urea")
        colour = [plots.BLUE, plots.ORANGE, plots.GREEN, plots.PINK, plots.GREY][number % 5]
        values = expression.loc[gene, rows.index]
        ax.plot(rows["urea"], values, "o-", color=colour, markersize=4, linewidth=1.5)
    ax.set(xlabel="urea (mg/dl)", title=f"{gene}: {kind}")
axes[0].set_ylabel("expression (log2)")
fig.suptitle(
    "Samples of one animal stay together: 40 samples are not 40 animals", fontweight="bold"
)
plt.show()

# %% [markdown]
# A line is an animal, a point one of its weeks. Left, nothing goes with urea, but the animals differ. Middle, up with
# urea both ways. Right, each animal's line rises while animals with more urea lie lower: two true answers of opposite
# sign, to which section 6 comes.
#
# ## 1 · The loop
#
# A newcomer's program, and not a foolish one: take a gene, put its expression into the table, fit, keep the result,
# next. On the first 50 genes, with warnings counted instead of printed:

# %%
fifty = expression.index[:50]
FORMULA = "~ urea100 + weight + (1 | animal)"
x = np.column_stack([np.ones(40), samples[["urea100", "weight"]]])
same_animal = 1.0 * (samples["animal"].to_numpy()[:, None] == samples["animal"].to_numpy())


def textbook_error(fit):
    """Standard error of urea100 by the textbook's formula, from the variances of a fit."""
    v = fit.scale * np.eye(40) + fit.cov_re.iloc[0, 0] * same_animal
    return np.sqrt(np.linalg.inv(x.T @ np.linalg.solve(v, x))[1, 1])


def loop(genes, **how):
    """One statsmodels fit per gene."""
    table, rows = samples.copy(), {}
    for gene in genes:
        table["y"] = expression.loc[gene]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fit = smf.mixedlm("y ~ urea100 + weight", table, groups="animal").fit(**how)
            rows[gene] = {
                "estimate": fit.params["urea100"],
                "std_error": fit.bse["urea100"],
                "p_value": fit.pvalues["urea100"],
                "theta": np.sqrt(fit.cov_re.iloc[0, 0] / fit.scale),
                "log_likelihood": fit.llf,
                "textbook": textbook_error(fit),
                "warned": len(caught) > 0,
            }
    return pd.DataFrame(rows).T.infer_objects()


start = time.perf_counter()
looped = loop(fifty)
seconds_loop = (time.perf_counter() - start) / len(fifty)
print("more than ten of 50 genes warned:", "yes" if looped["warned"].sum() > 10 else "no")
shown = ["estimate", "std_error", "theta", "log_likelihood"]
looped.loc[~looped["warned"], shown].head(3).round(2)

# %% [markdown]
# Three of those that went without a warning. How many did not converge is not printed: where an optimizer gives up is
# decided in the last digits of its arithmetic, which differ from one processor to the next, and its flag `converged`
# with them. So here and below we print what is the same everywhere. Now the same model for all 2,000 genes, in one call:

# %%
start = time.perf_counter()
table = fit_genes(expression, samples, FORMULA)
seconds_ours = (time.perf_counter() - start) / len(expression)
is_slow = seconds_loop > 100 * seconds_ours
print(f"per gene, the loop took more than 100 times as long: {'yes' if is_slow else 'no'}")
print(
    f"{len(table):,} rows: {table['gene'].nunique():,} genes × {table['term'].nunique()} terms"
)
table.head(3).T

# %% [markdown]
# One row per gene and term: estimate, [standard error](glossary.md#standard-error),
# [degrees of freedom](glossary.md#degrees-of-freedom), test, interval, the p-value corrected over the genes, and the
# variances: `sigma` is the standard deviation within animals, `theta` that between animals divided by `sigma`. (How
# many times faster, measured: [benchmarks](../benchmarks/README.md). Section 2 shows the trick.) Fast is worth nothing
# if it is wrong. So the fifty genes once more: by lesson 04's `fit_mixed`, one after the other, and by statsmodels with
# its safest optimizer, told to look hard.

# %%
with warnings.catch_warnings():
    warnings.simplefilter("ignore", SingularFitWarning)
    single = {
        gene: fit_mixed(f"y {FORMULA}", samples.assign(y=expression.loc[gene])).coefficients()
        for gene in fifty
    }
one_by_one = pd.DataFrame({gene: of.loc["urea100"] for gene, of in single.items()}).T
careful = loop(fifty, method="powell", xtol=1e-12, ftol=1e-14)
ours = table[table["term"] == "urea100"].set_index("gene").loc[fifty]
ours["log_likelihood"] = -ours["deviance"] / 2


def furthest(gaps):
    gap = gaps.abs().max()
    return "< 1e-6" if gap < 1e-6 else "> 0.5" if gap > 0.5 else f"{gap:.2f}"


error = ours["std_error"]
differences = {
    "estimate (in standard errors)": (one_by_one["estimate"] - ours["estimate"]) / error,
    "standard error": one_by_one["std_error"] / error - 1,
    "degrees of freedom": one_by_one["df"] / ours["df"] - 1,
}
of_theirs = {
    "log-likelihood": careful["log_likelihood"] - ours["log_likelihood"],
    "estimate (in standard errors)": (careful["estimate"] - ours["estimate"]) / error,
    "standard error, textbook": careful["textbook"] / error - 1,
    "standard error, printed": careful["std_error"] / error - 1,
}
print("largest difference from fit_genes in 50 genes\n")
for who, gaps in [("fit_mixed, one by one", differences), ("statsmodels, powell", of_theirs)]:
    for what, gap in gaps.items():
        print(f"{who:22}  {what:30} {furthest(gap)}")
far = (careful["std_error"] / error - 1).abs() > 0.01
unknown = careful["std_error"].isna()
print(f"\nprinted standard errors more than 1% off or missing: {(far | unknown).sum()} of 50")

# %% [markdown]
# The same numbers: optimum, estimates, standard errors by the textbook's formula. The standard errors that statsmodels
# *prints* differ even at the right optimum, because they come from the curvature in all parameters at once, variances
# included. Where a variance is nearly zero that goes astray, and sometimes yields no number. And the plain loop?
#
# > **Pitfall: a loop that stops at wrong optima.** Fifty fits scroll by; who looks at each? Compare the log-likelihoods:

# %%
short = ours["log_likelihood"] - looped["log_likelihood"]
missed = short > 1e-3
off = looped["p_value"] - ours["p_value"]
ends = [0, 0.02, 0.05, 0.1, 0.2, 0.5]
columns = {
    "theta, loop": pd.cut(looped["theta"], ends).astype(str),
    "theta, optimum": ours["theta"].round(3),
    "p, loop": np.select([off.isna(), off.abs() > 0.05], ["missing", "off by > 0.05"], "close"),
    "p, fit_genes": ours["p_value"].round(3),
}
print(f"{missed.sum()} of 50 genes stopped more than 0.001 short of the best log-likelihood,")
print(f"{(short > 0.05).sum()} of them more than 0.05")
all_warned = looped.loc[missed, "warned"].all()
right_ones = looped.loc[~missed, "warned"].sum() > 5
print("all of them warned:", "yes" if all_warned else "no", end="; ")
print("and more than five that are right:", "yes" if right_ones else "no")
pd.DataFrame(columns)[missed]

# %% [markdown]
# Seven of fifty, and on each processor we tried, some call themselves converged. The log-likelihood they lose is small,
# but the variance ratio is another one (gene_0017: below 0.02 where 0.27 belongs; gene_0026: above 0.2 where 0
# belongs), two p-values are missing, and two are off by more than 0.05. All seven did warn, but so did more than five
# genes that are right; so people switch the warnings off, and then nothing is said at all. In a screen of 20,000 genes
# nobody will notice. **Notice it** by
# fitting twice with two optimizers and comparing log-likelihoods, or fit with something that looks everywhere.
#
# ## 2 · How REML works, on one page
#
# Lesson 04 called [REML](glossary.md#reml) a way to estimate variances. Here is all of it. Suppose we *knew* the ratio
# of the variance between animals to that within. Then the covariance of the forty samples would be known up to a
# factor, the coefficients would be weighted least squares, and the factor the residual variance: nothing left to
# search. So for each ratio we can say how well the best such model fits: −2 log-likelihood, the
# [deviance](glossary.md#deviance). The estimate is the ratio where that is lowest. One unknown, one curve, one lowest
# point.


# %%
def deviance(y, ratio):
    """-2 log-likelihood (REML) of one gene, were the ratio of its variances known."""
    v = np.eye(40) + ratio * same_animal
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    residual = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
    sigma2 = residual @ inverse @ residual / (40 - 3)
    log_dets = np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1]
    return log_dets + (40 - 3) * (1 + np.log(2 * np.pi * sigma2))


of_urea = table[table["term"] == "urea100"].set_index("gene")
grid = np.linspace(0, 0.99, 991)  # between / (between + within), on which the eye rests better
ratio = grid / (1 - grid)
best = of_urea["theta"] ** 2 / (1 + of_urea["theta"] ** 2)
three = ["gene_0003", "gene_0025", "gene_0001"]
pages = {name: np.array([deviance(expression.loc[name], r) for r in ratio]) for name in three}
for name, curve in pages.items():
    print(f"{name}: lowest {curve.min():.4f} at share {grid[curve.argmin()]:.3f};", end=" ")
    print(f"fit_genes: {of_urea.loc[name, 'deviance']:.4f} at {best[name]:.3f}")

# %% [markdown]
# A search by eye, on a grid of shares (variance between animals as a share of both, lesson 03's
# [intraclass correlation](glossary.md#intraclass-correlation)), finds what `fit_genes` finds.
#
# **All genes at once.** The page above handles a 40 × 40 matrix for each gene and each ratio. But the samples are the
# same for all genes. So turn the axes, once, so that the matrix becomes a list of ten numbers or fewer (its
# eigenvalues); then a gene is that many squares and one rest, and its whole curve a line of arithmetic. The same line
# for 2,000 genes is one product of matrices:

# %%
every = expression.to_numpy()
q, _ = np.linalg.qr(x)
residuals = every - every @ q @ q.T  # of least squares: intercept, urea and weight taken out
z = pd.get_dummies(samples["animal"]).to_numpy(float)
z = z - q @ (q.T @ z)
eigenvalues, turns = np.linalg.eigh(z.T @ z)  # once for all genes
kept = eigenvalues > 1e-9
squares = (residuals @ z @ turns[:, kept]) ** 2 / eigenvalues[kept]
rest = (residuals**2).sum(axis=1) - squares.sum(axis=1)
grown = 1 + np.outer(eigenvalues[kept], ratio)
of_design = np.linalg.slogdet(x.T @ x)[1] + 37 * (1 + np.log(2 * np.pi / 37))
curves = (
    of_design + np.log(grown).sum(axis=0) + 37 * np.log(rest[:, None] + squares @ (1 / grown))
)

places = expression.index.get_indexer(three)
gap = np.abs(curves[places] - np.array(list(pages.values()))).max()
print(f"numbers per gene: {squares.shape[1] + 1} instead of 40")
print(f"against the page above, three curves: {'< 1e-9' if gap < 1e-9 else gap}")
print(
    f"{len(curves):,} curves of {len(grid)} points: their lowest points and fit_genes differ",
    end=" ",
)
print(
    f"by {np.abs(grid[curves.argmin(axis=1)] - best).max():.4f} at most, half a step of the grid"
)
print(f"genes that fit_genes calls singular: {of_urea['is_singular'].sum()}")

# %% mystnb={"image": {"alt": "Two panels, deviance above each curve's lowest point against the share of variance between animals. Left, three genes: gene_0003 has its lowest point near 0.7, gene_0001 at zero from where it rises, gene_0025 close to zero with an orange cross beside its lowest point where the loop stopped. Right, sixty genes: blue curves with lowest points between 0 and 0.95, orange ones that rise from zero."}}
fig, axes = plt.subplots(1, 2, figsize=(12, 4.4), sharey=True)
looks = [(plots.BLUE, (0.6, 2.2)), (plots.GREEN, (0.27, 1.5)), (plots.ORANGE, (0.02, 3.4))]
for (name, curve), (colour, spot) in zip(pages.items(), looks):
    axes[0].plot(grid, curve - curve.min(), color=colour, linewidth=2)
    axes[0].plot(grid[curve.argmin()], 0, "o", color=colour, markersize=9, clip_on=False)
    axes[0].text(*spot, name, color=colour, fontweight="bold")
stop = looped.loc["gene_0025", "theta"] ** 2
stop = round(stop / (1 + stop), 2)  # no closer than every processor agrees on
height = np.interp(stop, grid, pages["gene_0025"]) - pages["gene_0025"].min()
axes[0].plot(stop, height, "X", color=plots.INK, markersize=10, zorder=4)
axes[0].text(0.17, 0.25, "✕ where the loop stopped", fontsize=10, va="center")
axes[0].set_title("Three genes: the lowest point is the estimate")
for curve in curves[:60]:
    colour = plots.ORANGE if curve.argmin() == 0 else plots.BLUE
    axes[1].plot(grid, curve - curve.min(), color=colour, alpha=0.35, linewidth=1)
    axes[1].plot(
        grid[curve.argmin()], 0, "o", color=colour, alpha=0.7, markersize=5, clip_on=False
    )
axes[1].set_title("Sixty genes: for some it lies at zero (orange)")
axes[0].set_ylabel("deviance above its lowest")
for ax in axes:
    ax.set(xlim=(-0.01, 1), ylim=(-0.25, 8))
    ax.set_xlabel("share of variance between animals")
plt.show()

# %% [markdown]
# Dots: the estimates. The curves are flat at the bottom: ten animals say little about a variance, and shares within
# about 4 units of height (a [likelihood-ratio test](glossary.md#likelihood-ratio-test)) fit the data nearly as well.
# Some curves (orange) rise from the very start: their best variance is zero, a
# [singular fit](glossary.md#singular-fit), 342 of the 2,000 genes. A hill-climber that takes a flat bottom for the end
# stops beside it. `fit_genes` looks along the whole grid first, follows every dip to its bottom, and refuses where
# there is none.
#
# ### In R
#
# `lmerTest::lmer(y ~ uz + wz + (1 | animal))` gene by gene, on 200 genes of eight animals: its numbers stand in
# `tests/reference/genes`, printed with the optimizer set to look hard (`bobyqa`, `rhoend = 1e-9`).

# %%
folder = Path("../tests/reference/genes")
in_r = pd.read_csv(folder / "lmm_genes_lmer.csv").set_index(["gene", "term"])
r_genes = pd.read_csv(folder / "lmm_genes.csv.gz", index_col=0)
r_samples = pd.read_csv(folder / "lmm_design.csv", index_col="sample")
r_samples["uz"] = stats.zscore(r_samples["urea"], ddof=1)
r_samples["wz"] = stats.zscore(r_samples["weight"], ddof=1)
keys, model = ["gene", "term"], "~ uz + wz + (1 | animal)"
by_satt = fit_genes(r_genes, r_samples, model).set_index(keys)
by_kr = fit_genes(r_genes, r_samples, model, ddf="kenward-roger").set_index(keys)
r, satt, kr = (each.loc[("g120", "uz")] for each in (in_r, by_satt, by_kr))
rows = [
    ("estimate", "summary(fit)", r["estimate"], satt["estimate"]),
    ("std. error", "summary(fit)", r["se"], satt["std_error"]),
    ("df", "summary(fit)", r["df_satt"], satt["df"]),
    ("p", "summary(fit)", r["p_satt"], satt["p_value"]),
    ("df, Kenward–Roger", 'summary(fit, ddf = "Kenward-Roger")', r["df_KR"], kr["df"]),
    ("p, Kenward–Roger", 'summary(fit, ddf = "Kenward-Roger")', r["p_KR"], kr["p_value"]),
    ("REML criterion", "REMLcrit(fit)", r["REMLcrit"], satt["deviance"]),
]
worst = {
    "estimate (in SE)": (by_satt["estimate"] - in_r["estimate"]) / in_r["se"],
    "standard error": by_satt["std_error"] / in_r["se"] - 1,
    "df": by_satt["df"] / in_r["df_satt"] - 1,
    "df, Kenward–Roger": by_kr["df"] / in_r["df_KR"] - 1,
    "REML criterion": by_satt["deviance"] / in_r["REMLcrit"] - 1,
}
print("largest relative difference in 200 genes × 3 terms:")
for what, gaps in worst.items():
    print(f"  {what:18} {'< 1e-6' if gaps.abs().max() < 1e-6 else f'{gaps.abs().max():.1e}'}")
agree = (by_satt["is_singular"] == in_r["singular"]).all()
print(f"the same genes singular: {'yes' if agree else 'no'}, {in_r['singular'].sum() // 3}")
tables.beside_r(rows, tolerance=1e-6)

# %% [markdown]
# Gene g120 in the table; above it, all 200 genes.
#
# ### Exercise 8.1
#
# In `table`, what share of the variance of `gene_0017` (what urea and weight leave of it) lies between animals? Three
# decimals.

# %%
answer = ...
check("8.1", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
theta = of_urea.loc["gene_0017", "theta"]
answer = theta**2 / (1 + theta**2)
check("8.1", answer)
print(f"{answer:.3f}")

# %% [markdown]
# ## 3 · z, t, and the singular ones
#
# Which p-value to take? No gene depends on weight, and 1,400 don't depend on urea, so a test at 5% should reject 5% of
# these. Four analyses:

# %%
ways = {
    "animals ignored": fit_genes(expression, samples, "~ urea100 + weight"),
    "z": fit_genes(expression, samples, FORMULA, ddf="normal"),
    "Satterthwaite": table,
    "Kenward–Roger": fit_genes(expression, samples, FORMULA, ddf="kenward-roger"),
}
is_none = (truth["kind"] == "none").to_numpy()
is_singular = of_urea["is_singular"].to_numpy()
rows = {}
for name, result in ways.items():
    urea, weight = (result[result["term"] == term] for term in ("urea100", "weight"))
    rows[name] = {
        "weight: p < 0.05 (%)": 100 * (weight["p_value"] < 0.05).mean(),
        "weight: median df": weight["df"].median(),
        "no urea effect: p < 0.05 (%)": 100 * (urea["p_value"] < 0.05)[is_none].mean(),
        "singular ones of these (%)": 100
        * (urea["p_value"] < 0.05)[is_none & is_singular].mean(),
        "urea: median df": urea["df"].median(),
    }
for n in (2_000, 1_400):
    chance = 100 * np.sqrt(0.05 * 0.95 / n)
    print(f"Monte-Carlo error of a share of 5% of {n:,} genes: {chance:.1f} points")
pd.DataFrame(rows).T.round(1)

# %% [markdown]
# Animals ignored: 16% false alarms, three times the promise, for forty samples were counted as forty animals. z
# believes variances that were estimated from ten animals: 7.7% for urea.
# [Satterthwaite](glossary.md#satterthwaite) counts the degrees of freedom of each gene, about 11 for weight, which
# lies nearly all between animals, and 31 for urea, which also moves within; a little too many, it seems (6.5%).
# [Kenward–Roger](glossary.md#kenwardroger) widens the standard error too, and keeps 5% or less.
#
# Where does Satterthwaite's surplus come from? Look at the singular genes: 10.1%, exactly as if animals were ignored.
# That is no coincidence. If the variance between animals is estimated as zero, Satterthwaite's test *is* that of least
# squares on forty samples. But that a variance was *estimated* as zero doesn't make it zero. Known truth: 20,000 genes
# in which animals differ as much as samples of one animal do (variance
# ratio 1), a predictor that is constant within an animal, no effect. Among the singular fits, how many reject?

# %%
rng = np.random.default_rng(28)
rates = {}
for n_animals, n_samples in [(4, 3), (5, 3), (8, 3), (10, 4)]:
    animal = np.repeat(np.arange(n_animals), n_samples)
    design = pd.DataFrame(
        {"animal": animal.astype(str), "x": rng.normal(size=n_animals)[animal]}
    )
    between = rng.normal(size=(20_000, n_animals))[:, animal]
    null = between + rng.normal(size=(20_000, len(animal)))
    row = {}
    for name, ddf in [("Satterthwaite", "satterthwaite"), ("Kenward–Roger", "kenward-roger")]:
        test = fit_genes(null, design, "~ x + (1 | animal)", ddf=ddf, contrasts={"x": {"x": 1}})
        rejects, singular = test["p_value"] < 0.05, test["is_singular"]
        row["singular"] = singular.mean()
        share = rejects[singular].mean()
        row[f"{name}, if singular"] = share
        row[f"± ({name})"] = np.sqrt(share * (1 - share) / singular.sum())
        row[f"{name}, all genes"] = rejects.mean()
        row[f"{name}: singular among its false alarms"] = singular[rejects].mean()
    rates[f"{n_animals} animals × {n_samples}"] = row
(100 * pd.DataFrame(rates)).round(1)

# %% [markdown]
# In percent, with the [Monte-Carlo error](glossary.md#monte-carlo-error) beside the rates. With five animals 14.2% of
# the genes are singular though their animals do differ; of these Satterthwaite rejects 28%, Kenward–Roger 11.6%; with
# four animals 27.3% and 4.8%. With ten animals hardly any gene is singular, and then both reject too many (24.7% and
# 19.3%): a fit comes out singular when the animals' means scatter too little *by chance*, and no formula can see that
# chance. Over *all* genes both stay near 5% or below it, because the others fall short; Kenward–Roger is the one that
# errs on the safe side. But the false alarms gather in a few genes: with five animals 71.1% of
# Satterthwaite's are singular genes, and half of Kenward–Roger's.
#
# So: **Kenward–Roger for a screen of few animals**, which is what we take from here on, and a look at
# `is_singular` for each gene one is about to believe.
#
# ## 4 · Look at the p-values before you count them
#
# If a gene has no effect, its p-value is equally likely to be anywhere between 0 and 1. So a histogram of 2,000
# p-values should be a flat floor, made by genes without effect, and a pile at the left, made by the others. Any other
# shape says that the *tests* are wrong, without any known truth.

# %% mystnb={"image": {"alt": "Three histograms of 2,000 p-values in bins of 0.05. Left, weight with animals ignored: a pile of about 320 at the left falling slowly to 70. Middle, weight by the mixed model: flat near 100, a little lower at the left. Right, urea by the mixed model: a pile of 432 at the left and a flat floor near 75."}}
kr = {
    term: ways["Kenward–Roger"][ways["Kenward–Roger"]["term"] == term].set_index("gene")
    for term in ("urea100", "weight")
}
ignored = ways["animals ignored"].query("term == 'weight'")
panels = [
    ("weight, animals ignored:\na pile, and no gene depends on it", ignored, plots.ORANGE),
    ("weight, mixed model:\nflat, or nearly", kr["weight"], plots.BLUE),
    ("urea, mixed model:\na floor and a pile", kr["urea100"], plots.BLUE),
]
fig, axes = plt.subplots(1, 3, figsize=(12, 4), sharey=True)
for ax, (title, result, colour) in zip(axes, panels):
    p = result["p_value"]
    ax.hist(p, bins=np.linspace(0, 1, 21), color=colour, edgecolor="white")
    ax.axhline(100, color=plots.INK, linestyle="--", linewidth=1)
    ax.set(xlabel="p-value")
    ax.set_title(title, fontsize=12)
    print(
        f"{title.splitlines()[0]:24} {(p < 0.05).sum()} below 0.05, {(p > 0.5).sum()} above 0.5"
    )
axes[0].set_ylabel("genes")
axes[1].text(0.5, 150, "dashed: 2,000 genes\nwithout effect", ha="center", fontsize=11)
fig.suptitle("The same genes: only the tests differ between left and middle", fontweight="bold")
plt.show()

# %% [markdown]
# Left and middle ask the same of the same data; dashed, where 2,000 genes without effect should stand. The slope on the
# left would be 321 "findings" about weight, all false. Without the truth one could have noticed: it falls off slowly
# instead of dropping to a floor. (The middle one is a little low at the left: Kenward–Roger errs on the safe side.) (A histogram that *rises* to the right speaks of tests that are too timid, or of noise
# that all genes share.) On the right, floor and pile.
#
# ### Exercise 8.2
#
# The floor on the right is made of genes that have nothing to do with urea. Above p = 0.5 there is hardly anything
# else. Roughly how many of the 2,000 genes have nothing to do with urea, judged from the part above 0.5
# alone (and not from the truth, which one doesn't have)?

# %%
answer = ...
check("8.2", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = 2 * (kr["urea100"]["p_value"] > 0.5).sum()
check("8.2", answer)
print(f"{answer:,} (planted: {is_none.sum():,})")

# %% [markdown]
# ## 5 · A list, and what it promises
#
# Of 1,400 genes without effect, 5% have p < 0.05 by chance. [Benjamini–Hochberg](glossary.md#benjaminihochberg) draws
# the line elsewhere: sort the p-values; the k-th smallest is compared with 0.05 · k / 2,000; the last one that lies
# below the line is the end of the list.

# %% mystnb={"image": {"alt": "The 400 smallest p-values in order, a curve that hugs zero and then bends upwards. A straight dashed line, 0.05 times rank over 2,000, is crossed at rank 278; points before it are blue, those after it grey."}}
p = kr["urea100"]["p_value"].sort_values()
rank = np.arange(1, len(p) + 1)
last = rank[p <= 0.05 * rank / len(p)].max()
by_hand = p.index[:last]
found = kr["urea100"]["p_adjusted"] < 0.05
end_of_list = p.iloc[last - 1]
print(f"by hand: {last} genes, p up to {p.iloc[last - 1]:.4f};", end=" ")
print(f"p_adjusted < 0.05: {found.sum()}, the same: {set(by_hand) == set(found[found].index)}")
raw = kr["urea100"]["p_value"] < 0.05
for name, calls in [("p < 0.05", raw), ("Benjamini–Hochberg 5%", found)]:
    false = (calls & is_none).sum()
    print(f"{name:22} {calls.sum()} found, {false} false: {false / calls.sum():.1%}")
fig, ax = plt.subplots(figsize=(8, 4))
ax.scatter(rank[:last], p[:last], s=10, color=plots.BLUE)
ax.scatter(rank[last:400], p[last:400], s=10, color=plots.GREY)
ax.plot([0, 400], [0, 0.01], color=plots.INK, linestyle="--", linewidth=1)
ax.text(90, 0.0031, "0.05 · rank / 2,000", rotation=19, ha="center")
ax.annotate(
    f"the list ends here:\n{last} genes",
    (last, p.iloc[last - 1]),
    (150, 0.012),
    arrowprops={"arrowstyle": "->", "color": plots.INK},
)
ax.set(xlabel="rank of the p-value", ylabel="p-value", xlim=(0, 400), ylim=(-0.0004, 0.02))
ax.set_title("The list ends where the p-values cross the line for good")
plt.show()

# %% [markdown]
# With p < 0.05, 67 of 432 genes are false (15.5%); on Benjamini and Hochberg's list 10 of 278 (3.6%). Here we know; in
# a real screen nobody does. What was promised? That the [false discovery rate](glossary.md#false-discovery-rate), the
# *average* share of false genes over many such screens, is at most 5%. Let us run many: 100 screens of 2,000 genes on
# these samples, a truth drawn anew for each; and once more with noise that all genes share (a sample that was handled
# differently moves them all), as in any real experiment.

# %%
rng = np.random.default_rng(95)
only_urea = {"urea": {"urea100": 1}}
screens = []
for _ in range(100):
    y, planted = simulate_expression(samples, 2_000, rng)
    noise = rng.normal(0, 0.5, (2_000, 1)) * rng.normal(size=40)
    satt = fit_genes(y, samples, FORMULA, contrasts=only_urea)
    kr_of, kr_noisy = (
        fit_genes(each, samples, FORMULA, ddf="kenward-roger", contrasts=only_urea)
        for each in (y, y + noise)
    )
    p_values = {
        "animals ignored": fit_genes(y, samples, "~ urea100 + weight", contrasts=only_urea)[
            "p_value"
        ],
        "z": pd.Series(2 * stats.norm.sf(satt["statistic"].abs())),
        "Satterthwaite": satt["p_value"],
        "Kenward–Roger": kr_of["p_value"],
        "shared noise, Kenward–Roger": kr_noisy["p_value"],
    }
    means = y.mean(axis=1).to_numpy()
    screens.append(
        (p_values, (planted["kind"] == "none").to_numpy(), kr_of["estimate"].abs(), means)
    )


def false_share(p, is_null):
    """Length of the list at 5%, and the share of it that is false."""
    found = multipletests(p, method="fdr_bh")[1] < 0.05
    return found.sum(), 100 * (found & is_null).sum() / max(found.sum(), 1)


def summary(lists):
    """Of (length, share) in each screen."""
    found, share = np.array(lists).T
    return {
        "found": found.mean(),
        "false (%)": share.mean(),
        "± (%)": share.std(ddof=1) / np.sqrt(len(share)),
        "worst screen (%)": share.max(),
    }


lists = {
    name: [false_share(p[name], is_null) for p, is_null, _, _ in screens]
    for name in screens[0][0]
}
pd.DataFrame({name: summary(of) for name, of in lists.items()}).T.round(1)

# %% mystnb={"image": {"alt": "Percent of false genes on the list in 100 screens, one row per analysis. Animals ignored: around 22. z: around 8. Satterthwaite: around 5. Kenward-Roger: around 3, none above 5. With shared noise, Kenward-Roger: mean near 3, most below 5, single screens up to 17. A dashed line marks the promised 5."}}
fig, ax = plt.subplots(figsize=(9, 4))
rng = np.random.default_rng(1)
colours = [plots.ORANGE, plots.PINK, plots.SKY, plots.BLUE, plots.BLUE]
for row, (of, colour) in enumerate(zip(lists.values(), colours)):
    share = np.array(of)[:, 1]
    ax.scatter(share, -row + rng.uniform(-0.22, 0.22, 100), s=14, color=colour, alpha=0.5)
    ax.plot([share.mean()] * 2, [-row - 0.36, -row + 0.36], color=plots.INK, linewidth=2.5)
ax.axvline(5, color=plots.INK, linestyle="--", linewidth=1)
ax.text(5.2, 0.62, "promised: 5% on average", fontsize=10)
ax.set_yticks(-np.arange(5), lists)
ax.set(xlabel="false genes on the list (%)", xlim=(-0.5, 30), ylim=(-4.6, 1))
ax.set_title("A right test keeps the average; a single list may be worse")
plt.show()

# %% [markdown]
# Dots are screens, black bars their means. Kenward–Roger keeps the promise with room to spare: 2.8%. (Benjamini and
# Hochberg's method in fact keeps 5% times the share of genes without effect, here 0.7.) Satterthwaite comes to 5%,
# right at the promise and above what it should be; z to 8%, and whoever ignores the animals to 22.5% while being told
# 5%. A correction for many tests can't mend a wrong test.
#
# And an average is an average. With noise that all genes share the mean stays at 2.6%, but the worst screen has 16.7%
# of false genes: when things go wrong, they go wrong in many genes at once. One has one screen. **Say "a list in which,
# on average over such studies, at most one gene in twenty is false"**, and not "each of these genes is real with
# probability 95%".
#
# > **Pitfall: filtering after looking.** "We tested only genes with a large effect." "Only those with p < 0.1 went into
# > the correction." Each makes the list longer. In the same 100 screens:

# %%
filters = {
    "no filter": lambda p, effect, mean: p <= 1,
    "effect above 0.5 first": lambda p, effect, mean: effect > 0.5,
    "p < 0.1 first": lambda p, effect, mean: p < 0.1,
    "mean expression above median": lambda p, effect, mean: mean > np.median(mean),
}
rows = {}
for name, keeps in filters.items():
    of = []
    for p_values, is_null, effect, mean in screens:
        p = p_values["Kenward–Roger"]
        keep = np.asarray(keeps(p, effect, mean))
        of.append(false_share(p[keep], is_null[keep]))
    rows[name] = summary(of)
pd.DataFrame(rows).T.round(1)

# %% [markdown]
# "p < 0.1 first" makes the list 40% longer, and the share of false genes four times as large (11.1%): those tests were
# counted as 2,000 and then corrected as if they were a few hundred. "Large effects first" is the same in disguise, for
# large estimates are partly luck: 5.2% instead of 2.8%. Mean expression, which knows nothing of urea, leaves the share
# where it was. (The list gets shorter here because in this simulation expression says nothing about effects. In real
# data genes with hardly any reads can't show any, and to leave them out makes the list longer, honestly.)
#
# ### Exercise 8.3
#
# Which of these filters leave the promise intact? Give a dictionary such as `answer = {1: "a", 2: "b"}` for as many as
# you like: **a** the promise stands; **b** it doesn't.
#
# 1. Genes with a mean below 10 counts over all samples are left out; then all others are tested and corrected.
# 2. All genes are tested; the 300 with the steepest slopes on urea are corrected among themselves.
# 3. Only the 90 genes of a list that another laboratory published, from other mice, are tested and corrected.
# 4. After seeing the volcano plot, the "kidney genes" are corrected by themselves, because several are high up in it.
# 5. Genes whose residuals are far from normal are taken out if their p-value is above 0.05.

# %%
answer = ...
check("8.3", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = {1: "a", 2: "b", 3: "a", 4: "b", 5: "b"}
check("8.3", answer)

# %% [markdown]
# ### The volcano
#
# How sure, and how much? A [volcano plot](glossary.md#volcano-plot) shows both: the slope to the right, −log10 p
# upwards.

# %% mystnb={"image": {"alt": "Volcano plot: slope per 100 mg/dl of urea from minus 1.5 to 1.5 against minus log10 p up to 14. Blue points above the dashed line are the 278 genes found, six are named; ten of them near the line carry an orange ring, false findings. Grey points below form the crater."}}
of_kr = kr["urea100"]
height = -np.log10(of_kr["p_value"])
fig, ax = plt.subplots(figsize=(9, 5.4))
false = found & is_none
for chosen, colour, size in [(~found, "#C9C9C9", 8), (found, plots.BLUE, 14)]:
    ax.scatter(of_kr["estimate"][chosen], height[chosen], s=size, color=colour, linewidths=0)
ax.scatter(
    of_kr["estimate"][false],
    height[false],
    s=60,
    facecolors="none",
    edgecolors=plots.ORANGE,
    linewidths=1.5,
)
ax.axhline(-np.log10(end_of_list), color=plots.INK, linestyle="--", linewidth=1)
ax.text(-1.75, -np.log10(end_of_list) + 0.15, "end of the list")
ax.text(1.2, 1.0, "○ false findings", color=plots.ORANGE, fontweight="bold")
ax.set(xlabel="slope (log2 units per 100 mg/dl of urea)", ylabel="−log10 p")
ax.set(xlim=(-1.8, 1.9), ylim=(-0.3, 15.5))
ax.set_title("Highest is not widest: sure and large are two things")
top = of_kr[height > 6.5]
named = set(top["p_value"].nsmallest(6).index)
plots.label_points(
    ax,
    top["estimate"],
    height[top.index],
    [gene if gene in named else "" for gene in top.index],
)
plt.show()

# %% [markdown]
# Blue: the list; orange rings: the ten on it that are false (which only a simulation can show). They sit near the
# line, with middling slopes. The steepest slopes are not the surest: steepness has no error bar here. A volcano is for
# finding one's way; what one reports is an interval.
#
# ## 6 · Between animals and within one
#
# One slope for urea mixes two questions. Do animals *with more urea* express more of the gene? And does an animal
# express more of it *in weeks when its urea is up*? The first compares animals, with all in which they differ (age,
# kidneys, cage); in the second each animal is its own control. Two columns separate them: the animal's mean, and the
# deviation from it.

# %%
level = samples["urea100"].groupby(samples["animal"]).transform("mean")
samples["level"], samples["change"] = level, samples["urea100"] - level
TWO = "~ level + change + weight + (1 | animal)"
how = {"ddf": "kenward-roger"}
two = fit_genes(expression, samples, TWO, **how)
of_level, of_change = (
    two[two["term"] == term].set_index("gene") for term in ("level", "change")
)
minus = {"change - level": {"change": 1, "level": -1}}
apart = fit_genes(expression, samples, TWO, contrasts=minus, **how).set_index("gene")
print(f"median df: level {of_level['df'].median():.1f}, change {of_change['df'].median():.1f}")
calls = {"one slope": of_kr, "level": of_level, "change": of_change, "change − level": apart}
counts_found = pd.DataFrame({name: of["p_adjusted"] < 0.05 for name, of in calls.items()})
by_kind = counts_found.groupby(truth["kind"]).sum()
by_kind.insert(0, "genes", truth["kind"].value_counts())
by_kind.loc[["urea", "level", "change", "opposed", "none"]]

# %% mystnb={"image": {"alt": "Ten genes with intervals in two panels. In eight opposed genes the slope between animals and the slope within an animal lie on different sides of zero; in two genes of kind level the slope within is near zero. Black marks, the true slopes, lie in nearly all intervals."}}
picked = apart["p_value"].nsmallest(10).index
fig, axes = plt.subplots(1, 2, figsize=(12, 4.8), sharex=True)
panels = [
    ("between animals (level)", of_level, "beta_level", plots.ORANGE),
    ("within an animal (change)", of_change, "beta_change", plots.BLUE),
]
names = [f"{gene}  ({truth.loc[gene, 'kind']})" for gene in picked]
for ax, (title, of, planted, colour) in zip(axes, panels):
    plots.interval_plot(
        ax, of.loc[picked], names if ax is axes[0] else [""] * 10, colour=colour
    )
    ax.scatter(
        truth.loc[picked, planted],
        np.arange(10)[::-1],
        marker="|",
        s=260,
        color=plots.INK,
        zorder=4,
    )
    ax.set(xlabel="log2 units per 100 mg/dl of urea", title=title)
fig.suptitle(
    "Ten genes whose two slopes differ most surely (black: the truth)", fontweight="bold"
)
plt.show()

# %% [markdown]
# Each gene twice: left its slope between animals, right within one; black marks are the truth. Eight of the ten are
# `opposed`, and in each the two intervals lie on different sides of zero. A model with one slope for urea puts out a
# mixture: of the 80 opposed genes it finds 28, and with a sign that is right for one question only. The table above
# the figure: `level` finds those that differ between animals (7 degrees of freedom: ten animals less three
# coefficients), `change` those that move within one (28.8), and the difference between the two tells `opposed`,
# `level` and `change` from `urea`.
#
# Which of the two is "the effect of urea"? Between animals, anything in which they differ may stand behind it. Within
# an animal, only what changes from week to week: age, feed, the batch of the assay. Neither is an experiment. But a
# claim about what urea *does* has more right to rest on `change`.
#
# ### Exercise 8.4
#
# `gene_1784` (the one in the first figure): by how much does its slope *within* an animal exceed its slope *between*
# animals, in log2 units per 100 mg/dl? Two decimals.

# %%
answer = ...
check("8.4", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = apart.loc["gene_1784", "estimate"]
check("8.4", answer)
low, high = apart.loc["gene_1784", ["conf_low", "conf_high"]]
print(f"{answer:.2f}, 95% interval {low:.2f} to {high:.2f}")

# %% [markdown]
# ## 7 · "The degree of contribution of each gene"
#
# Back to the ten mice of the question. Their reviewers asked the authors "to examine the degree of contribution of each
# gene to the outcome score". The counts of lesson 01 (simulated; urea, weight and score are the real ones) let us try.
# A usual measure is the **[partial R²](glossary.md#partial-r-squared)**: the share of the score's variance that a gene accounts
# for, beyond what else is in the model. It comes from t: t² / (t² + df), and it is the same whichever of the two is
# called the outcome. So one call serves all genes.

# %%
mice = load_mouse_scores().set_index("animal")
counts = load_mouse_counts()
driver = load_mouse_counts_truth()["driver"]
counts = counts[counts.mean(axis=1) >= 10]  # a filter that never looks at the score
logs = np.log2((counts + 0.5) / (counts.sum() + 1) * 1e6)  # log2 counts per million


def partial_r2(formula):
    of = fit_genes(logs, mice, formula).query("term == 'total_score'").set_index("gene")
    return of.assign(partial_r2=of["statistic"] ** 2 / (of["statistic"] ** 2 + of["df"]))


alone, given_group = partial_r2("~ total_score"), partial_r2("~ total_score + group")
check_one = (
    smf.ols("total_score ~ gene", mice.assign(gene=logs.loc["gene_0232"])).fit().rsquared
)
print(
    f"gene_0232: {alone.loc['gene_0232', 'partial_r2']:.4f}; score ~ gene, R²: {check_one:.4f}"
)
print(f"{len(logs):,} genes; their R² add up to {alone['partial_r2'].sum():.0f} scores")
columns = {}
for name, of in [("score alone", alone), ("given group", given_group)]:
    first = of["partial_r2"].nlargest(5)
    columns[name] = [f"{gene}  {value:.2f}  ({driver[gene]})" for gene, value in first.items()]
    print(f"{name}: {(of['p_adjusted'] < 0.05).sum()} genes at a false discovery rate of 5%")
pd.DataFrame(columns, index=pd.RangeIndex(1, 6, name="rank"))

# %% [markdown]
# gene_0232 alone "explains" 95% of the score. So do, nearly, the next four; and all genes together explain 376 scores.
# **R² of single genes are no shares of one cake**: genes that go together explain the same thing, again and again. Given
# the group (the conditions C, HP and CR, lesson 01), the order is another one, two of the first five are genes without
# any effect, and of 165 genes none is left at a false discovery rate of 5%. That is no finding that they have nothing
# to do with it: ten animals less three groups and a slope leave six degrees of freedom.
#
# **Is the ranking stable?** Draw ten animals out of the ten, with replacement (a bootstrap), rank all genes anew, and
# do so a thousand times; and leave out one animal at a time.

# %% mystnb={"image": {"alt": "Bootstrap ranks of the ten genes with the highest R squared, log axis from 1 to over 100. Medians lie between 6 and 28; lines reach from 1 or a few to between 34 and 120, for the first gene from 1 to 34."}}
rng = np.random.default_rng(10)
score, values = mice["total_score"].to_numpy(float), logs.to_numpy()


def r_squared(rows):
    """R² of the score with every gene, in these animals."""
    a, b = score[rows] - score[rows].mean(), values[:, rows]
    b = b - b.mean(axis=1, keepdims=True)
    return (b @ a) ** 2 / ((b**2).sum(axis=1) * (a @ a))


first_ten = alone["partial_r2"].nlargest(10).index
places = logs.index.get_indexer(first_ten)
ranks = []
for _ in range(1_000):
    again = r_squared(rng.integers(0, 10, 10))
    ranks.append((again > again[places][:, None]).sum(axis=1) + 1)
ranks = np.array(ranks)
without_one = [r_squared(np.delete(np.arange(10), k)) for k in range(10)]
winners = Counter(logs.index[again.argmax()] for again in without_one)
print(f"{first_ten[0]} is first in {np.mean(ranks[:, 0] == 1):.0%} of 1,000 bootstrap studies")
print("first when one animal is left out:", dict(winners))
spread = pd.DataFrame(
    np.quantile(ranks, [0.5, 0.05, 0.95], axis=0).T,
    first_ten,
    ["estimate", "conf_low", "conf_high"],
)
for k in (0, 5):
    ends = spread.iloc[k]
    print(
        f"{first_ten[k]}: rank {ends['conf_low']:.0f} to {ends['conf_high']:.0f} in nine of ten",
        end="; ",
    )
fig, ax = plt.subplots(figsize=(9, 4.4))
labels = [f"{gene}, rank {k}" for k, gene in enumerate(first_ten, 1)]
plots.interval_plot(ax, spread, labels, reference=1)
ax.set(xscale="log", xlabel=f"rank among {len(logs):,} genes (log scale)")
ax.set_xticks([1, 3, 10, 30, 100], ["1", "3", "10", "30", "100"])
ax.minorticks_off()
ax.set_title("Resample the animals, and the ranks fly apart")
plt.show()

# %% [markdown]
# Dots: the median rank in a thousand resampled studies; lines: from the 5th to the 95th in a hundred. The first gene is
# first in 8% of them and anywhere from 1 to 34 in nine of ten; the sixth gene ranges over more than a hundred ranks.
# Without one animal the first place changes in six of ten cases. (Resampling ten animals is crude: some are drawn
# twice, and that makes things look worse than they are. Leaving one out makes them look better.)
#
# **Could ten animals rank twenty thousand genes at all?** Known truth: ten genes of 20,000 really go with the score;
# the best accounts for 60% of its variance, the others for 55, 50, … 15%. The rest is noise. 300 studies of each size:

# %%
rng = np.random.default_rng(20)
true_r2 = np.arange(0.60, 0.149, -0.05)
rows = {}
for n in (10, 20, 50, 100, 200):
    studies = []
    for _ in range(300):
        z = rng.standard_normal(n)
        real = np.sqrt(true_r2)[:, None] * z
        real += np.sqrt(1 - true_r2)[:, None] * rng.standard_normal((10, n))
        r2 = np.array([stats.pearsonr(z, gene).statistic ** 2 for gene in real])
        noise = rng.beta(0.5, (n - 2) / 2, 19_990)  # R² of a gene that has nothing to do with z
        tenth = np.partition(np.append(noise, r2), -10)[-10]
        above = (noise > r2[0]).sum() + (r2 > r2[0]).sum()
        studies.append([above == 0, above + 1, (r2 >= tenth).sum(), max(noise.max(), r2.max())])
    best, rank, real_ones, highest = np.array(studies, dtype=float).T
    rows[f"{n} animals"] = {
        "truly best gene is first (%)": 100 * best.mean(),
        "its median rank": np.median(rank),
        "real genes among the first ten": real_ones.mean(),
        "R² of the first gene": highest.mean(),
    }
pd.DataFrame(rows).T

# %% [markdown]
# With ten animals the truly best gene comes first in 3.3% of the studies; its median rank is 148, and among the first
# ten fewer than one (0.45) is real. And the gene that does come first looks splendid: R² of 0.897 on average, which is
# more than *any* gene truly has. Whoever is picked as the largest of 20,000 is picked for luck as well, the
# [winner's curse](glossary.md#winners-curse). It takes a hundred animals for the first ten to be nearly all real
# (9.163), and even two hundred don't always put the best one first.
#
# > **Pitfall: a ranking read as a contribution.** "The first ten genes contribute most" says three things that ten
# > animals can't: that R² are shares, that the order would come out again, and that the values aren't inflated by
# > having been picked. Notice it by resampling, as above, and by looking at the intervals.
#
# **What can be said instead?** A set with a promise; intervals; how alike the genes of the set are; and that the next
# study will tell.

# %%
rows = {}
for gene in first_ten[:5]:
    r = correlate(mice.assign(gene=logs.loc[gene]), "total_score", "gene").iloc[0]
    ends = sorted([r["conf_low"] ** 2, r["conf_high"] ** 2])
    rows[gene] = {"R²": r["estimate"] ** 2, "conf_low": ends[0], "conf_high": ends[1]}
alike = logs.loc[first_ten[:5]].T.corr().abs().to_numpy()[np.triu_indices(5, 1)]
on_list, within = (alone["p_adjusted"] < 0.05).sum(), given_group["df"].iloc[0]
left = (given_group["p_adjusted"] < 0.05).sum()
low, high = rows[first_ten[0]]["conf_low"], rows[first_ten[0]]["conf_high"]
print(f"""\
1. {on_list} of {len(logs):,} genes go with the score at a false discovery rate of 5% (list and
   R² with 95% intervals in the supplement; {first_ten[0]}: {low:.2f} to {high:.2f}, not allowing
   for its having been picked).
2. These genes go with one another, too (the first five: |r| of {alike.min():.2f} to {alike.max():.2f}), so single
   R² do not add up, and we do not call them contributions.
3. The score differs between the three conditions. With the condition in the model
   ({within:.0f} degrees of freedom) {left} genes pass: in these animals an association with the score
   cannot be told from a difference between conditions.
4. We give no ranking: in a bootstrap of the animals the first gene stays first in
   {np.mean(ranks[:, 0] == 1):.0%} of the resamples. New animals, sampled repeatedly, are needed for one.""")
pd.DataFrame(rows).T

# %% [markdown]
# Five estimates from 0.9171 to 0.9508, and intervals that reach from 0.68 to 0.99: each gene is known far less well than
# the five differ. (They are Fisher's intervals of r, squared; lesson 01. Overlap is no test, as lesson 06 says; the test
# of the order is the bootstrap above.)
#
# ### Exercise 8.5
#
# Four answers to the reviewer. Which one do these data support?
#
# - **a** "gene_0232 contributes 95% of the outcome score; the other genes share the rest."
# - **b** "The table gives the genes in the order of their contribution; the first ten matter most."
# - **c** "These 165 genes go with the score at a false discovery rate of 5%, each with its interval; groups differ in
#   the score, and within groups ten animals can't say; we give no ranking."
# - **d** "Once the group is allowed for, no gene has anything to do with the score."

# %%
answer = ...
check("8.5", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = "c"
check("8.5", answer)

# %% [markdown]
# ## 8 · Larger still
#
# Twenty thousand genes are 20,000 short rows. Another kind of large is the long table of lesson 04: not 22,569 lengths
# but ten million. If all predictors are categories, a mixed model needs of them only the number of rows, the mean and
# the sum of squares of each cell, a few hundred numbers that a database can compute where the data lie. Such tables,
# from Parquet files to a cluster, are the business of `helpers.cells`; the [README](../README.md) says which engine
# when, and the [benchmarks](../benchmarks/README.md) how long it takes.
#
# ## Recap
#
# One mixed model per gene is one line of arithmetic per gene, if the samples are the same for all; a loop is slower by
# thousands and, worse, stops at wrong optima among many warnings. With few animals take Kenward–Roger, look at the
# histogram of p-values before counting them, and correct with Benjamini–Hochberg: the share of false genes is then
# kept *on average over studies*, and only if no filter looked at the answer first. Between animals and within one are
# two questions, and a mean beside a deviation separates them. Ten animals give a list, not a ranking. **Decision:**
# before the screen, write down the model, the test, the filter and the correction; afterwards report a list with its
# promise, intervals for the genes you name, and no order that a new sample would overturn.
#
# **Before:** [07 · Count models](07_count_models.ipynb). **Next:** your own table, and back to
# [the map](00_start_here.ipynb) whenever a word escapes you.
#
# **Sources.** One decomposition for all genes: Kang et al. 2008 (EMMA),
# [doi:10.1534/genetics.107.080101](https://doi.org/10.1534/genetics.107.080101); Lippert et al. 2011 (FaST-LMM),
# [doi:10.1038/nmeth.1681](https://doi.org/10.1038/nmeth.1681). Mixed models of genes in R: Hoffman & Roussos 2021 (dream),
# [doi:10.1093/bioinformatics/btaa687](https://doi.org/10.1093/bioinformatics/btaa687); Kuznetsova, Brockhoff &
# Christensen 2017 (lmerTest), [doi:10.18637/jss.v082.i13](https://doi.org/10.18637/jss.v082.i13). Kenward & Roger 1997,
# [doi:10.2307/2533558](https://doi.org/10.2307/2533558). False discovery rate: Benjamini & Hochberg 1995,
# [doi:10.1111/j.2517-6161.1995.tb02031.x](https://doi.org/10.1111/j.2517-6161.1995.tb02031.x); the floor of the histogram:
# Storey & Tibshirani 2003, [doi:10.1073/pnas.1530509100](https://doi.org/10.1073/pnas.1530509100). Filters: Bourgon,
# Gentleman & Huber 2010, [doi:10.1073/pnas.0914005107](https://doi.org/10.1073/pnas.0914005107). Between and within:
# van de Pol & Wright 2009, [doi:10.1016/j.anbehav.2008.11.006](https://doi.org/10.1016/j.anbehav.2008.11.006). Rankings
# of genes: Ein-Dor, Zuk & Domany 2006, [doi:10.1073/pnas.0601231103](https://doi.org/10.1073/pnas.0601231103).

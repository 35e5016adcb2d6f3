# %% [markdown]
# # 04 · Mixed models
#
# **We measured thousands of lengths, but in four replicates: does the drug change the length, and how sure may we
# be?**
#
# **Time:** 40 minutes.
#
# **Prerequisites:** [02 · Linear models](02_linear_models.ipynb) (coefficients, reference levels) and
# [03 · Fixed or random?](03_fixed_or_random.ipynb) (the random intercept). Words in blue lead to the
# [glossary](glossary.md).
#
# **You will be able to**
#
# - fit a [mixed model](glossary.md#mixed-model) to unbalanced replicates and read the drug effect aloud, as a ratio;
# - say how many [degrees of freedom](glossary.md#degrees-of-freedom) an estimate has, and where they come from;
# - decide between REML and ML, and between a random intercept and a random slope;
# - check a fit: residuals, replicate effects, leaving out a replicate, and a second optimizer.
#
# A laboratory measured the length of a modification on three genes, with and without a drug, in four replicates. The
# replicates are very unequal, and the researcher asked how to use all of the "many (MANY)" data points. The question
# is
# [public](https://stats.stackexchange.com/questions/628169/interpreting-the-output-of-a-linear-mixed-effects-model-with-an-interaction-fact)
# (Cross Validated, October 2023, CC BY-SA 4.0); the data are not. **What we use is a simulated reconstruction**: its
# rows were drawn so that the fit reproduces the table of coefficients which the question printed. So nothing here is
# a finding about that drug; the [data page](../data/README.md) says more. The source gives no unit for length, and we
# invent none: a ratio needs none.

# %%
import json
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.multitest import multipletests

from helpers import plots, tables
from helpers.data import load_modification_lengths
from helpers.exercises import check
from helpers.mixed import SingularFitWarning, fit_mixed
from helpers.mixed.compare import compare, refit
from helpers.mixed.profile import profile_intervals

plots.use_style()
tables.use_style()

# %%
lengths = load_modification_lengths()
lengths["log_length"] = np.log(lengths["length"])  # natural logarithm
genes = dict(list(lengths.groupby("gene_name", observed=True)))
in_r = json.loads(Path("../tests/reference/lengths/lengths.json").read_text())  # what R printed
DRUG = "condition[T.DRUG]"  # the coefficient of interest: DRUG against NO DRUG

# %% [markdown]
# ## The study
#
# One row is one measured length: the [observational unit](glossary.md#observational-unit). The thing that was repeated
# independently is the [replicate](glossary.md#replicate), and there are four.

# %%
print(f"{len(lengths):,} rows")
lengths[["replicate", "condition", "gene_name", "length"]].head(4)

# %%
cells = pd.crosstab(
    [lengths["gene_name"], lengths["condition"]], lengths["replicate"], margins=True
)
cells.rename(index={"All": "all"}, columns={"All": "all"})

# %% [markdown]
# Nothing is balanced: rep1 has 1,034 rows and rep4 has 9,018; gene C has 1,318 and gene A 15,310. Within gene C, rep4
# has twice as many rows without the drug as with it, and in rep1 it is the other way round. Keep that in mind.

# %% mystnb={"image": {"alt": "Gene C: lengths on a log axis in eight strips, four replicates, each without and with drug. The clouds overlap widely. Bars mark the geometric means: rep4 lies highest, rep1 lowest, and in each replicate the bar with drug lies above the one without."}}
fig, ax = plt.subplots(figsize=(8, 4.4))
at = {"NO DRUG": -0.2, "DRUG": 0.2}
colours = {"NO DRUG": plots.GREY, "DRUG": plots.ORANGE}
rng = np.random.default_rng(4)
for (replicate, condition), rows in genes["C"].groupby(
    ["replicate", "condition"], observed=True
):
    x = int(replicate[-1]) + at[condition]
    jitter = x + rng.uniform(-0.13, 0.13, len(rows))
    ax.scatter(jitter, rows["length"], s=6, color=colours[condition], alpha=0.5, linewidths=0)
    middle = np.exp(rows["log_length"].mean())
    ax.hlines(middle, x - 0.17, x + 0.17, color=plots.INK, linewidth=2.5)
    if replicate == "rep1":
        side = {"NO DRUG": "right", "DRUG": "left"}[condition]
        ax.text(
            1, 2.4, f"  {condition}  ", color=colours[condition], ha=side, fontweight="bold"
        )
ax.set(
    yscale="log",
    ylim=(2, 3000),
    xlim=(0.35, 4.6),
    xlabel="replicate",
    ylabel="length (no unit given)",
)
ax.set_xticks([1, 2, 3, 4], list(lengths["replicate"].cat.categories))
ax.set_yticks([10, 100, 1000], ["10", "100", "1,000"])
ax.set_title("Gene C: replicates differ, and the drug lifts each of them a little")
plt.show()

# %% [markdown]
# The black bars (geometric means, explained next) say it: rep4 lies above the others with and without the drug, and
# in each replicate the right bar is above the left one. Single lengths scatter far more than either.
#
# ## 1 · Why log
#
# Lengths can't be negative, a few are enormous, and the spread grows with the mean. On the log scale all three cease.

# %% mystnb={"image": {"alt": "Two histograms of all lengths of gene A. Left, as measured: piled up near zero with a tail beyond 600. Right, on the natural log scale: a symmetric bell around 4.5."}}
a = genes["A"]
fig, axes = plt.subplots(1, 2, figsize=(10, 3.6))
axes[0].hist(a["length"], bins=np.linspace(0, 800, 81), color=plots.BLUE, alpha=0.7)
axes[1].hist(a["log_length"], bins=60, color=plots.BLUE, alpha=0.7)
axes[0].set(xlabel="length (up to 800; no unit given)", ylabel="rows", title="as measured")
axes[1].set(xlabel="natural log of length", title="logs")
fig.suptitle("Gene A: a long tail, and a bell once logs are taken", fontweight="bold")
plt.show()
print(
    f"skewness: lengths {stats.skew(a['length']):.1f}, logs {stats.skew(a['log_length']):.2f}"
)
by_cell = lengths.groupby(["replicate", "condition", "gene_name"], observed=True)
sd_raw, sd_log = by_cell["length"].std(), by_cell["log_length"].std()
print(f"SD in the 24 cells: lengths {sd_raw.min():.0f} to {sd_raw.max():.0f}", end=", ")
print(f"logs {sd_log.min():.2f} to {sd_log.max():.2f}")

# %% [markdown]
# Left, a tail that a mean follows; right, a bell. The [standard deviations](glossary.md#standard-deviation) of the 24
# cells differ much less on the log scale, as a linear model assumes. The price is small: a difference of mean logs,
# put through `exp`, is a *ratio* of [geometric means](glossary.md#geometric-mean), which for such data are about the
# medians. "The typical length is 1.25 times as long" is what a biologist wants to hear anyway.
#
# ## 2 · Three ways to analyse the same rows
#
# **Every row for itself.** A t test that knows nothing of replicates:


# %%
def t_test_on_rows(rows):
    """DRUG against NO DRUG on the log scale, every row for itself."""
    by_condition = [rows.loc[rows["condition"] == c, "log_length"] for c in ("DRUG", "NO DRUG")]
    result = stats.ttest_ind(*by_condition)
    low, high = result.confidence_interval()
    estimate = by_condition[0].mean() - by_condition[1].mean()
    return {
        "estimate": estimate,
        "conf_low": low,
        "conf_high": high,
        "df": result.df,
        "p": result.pvalue,
    }


pd.DataFrame(
    {"all rows, all genes": t_test_on_rows(lengths), "gene C": t_test_on_rows(genes["C"])}
).T

# %% [markdown]
# On 22,569 rows p is 5.4e-19: as if 22,569 independent things had been seen, and as if three genes were one. This is
# [pseudoreplication](glossary.md#pseudoreplication): rows of one replicate share whatever made that replicate long or
# short. (It need not make p too small: for gene C it hides part of the effect, as section 3 shows.)
#
# **One number per replicate.** Average the logs of each replicate and condition, and compare within replicates (a
# paired t test):


# %%
def t_test_on_means(rows):
    """A paired t test on one mean per replicate and condition."""
    means = rows.pivot_table("log_length", "replicate", "condition", observed=True)
    result = stats.ttest_rel(means["DRUG"], means["NO DRUG"])
    low, high = result.confidence_interval()
    estimate = (means["DRUG"] - means["NO DRUG"]).mean()
    return {
        "estimate": estimate,
        "conf_low": low,
        "conf_high": high,
        "df": result.df,
        "p": result.pvalue,
    }


pd.DataFrame({f"gene {name}": t_test_on_means(rows) for name, rows in genes.items()}).T

# %% [markdown]
# Honest, with 3 degrees of freedom, but in gene A a mean of 284 rows weighs as much as one of 3,356, so intervals
# get wide where rep1 is thin and strays (genes A and B), and by luck narrow where four differences happen to agree (C).
#
# **The mixed model** lets each replicate have its own level, drawn from a normal distribution: the
# [random intercept](glossary.md#random-intercept) of lesson 03. In statsmodels:

# %%
theirs = smf.mixedlm("log_length ~ condition", genes["C"], groups=genes["C"]["replicate"]).fit()
print(theirs.summary())

# %% [markdown]
# `Group Var` is the variance between replicates, `Scale` (above) the variance of rows within them. The p-values are
# *z tests*: they take the replicate variance for known, as if there had been infinitely many replicates. Our
# `fit_mixed` writes the model as R's lme4 does and tests it with degrees of freedom that are counted (section 4), by
# [Satterthwaite's](glossary.md#satterthwaite) method.

# %%
fits = {
    name: fit_mixed("log(length) ~ condition + (1 | replicate)", rows)
    for name, rows in genes.items()
}
drug = pd.DataFrame(
    {f"gene {name}": fit.coefficients().loc[DRUG] for name, fit in fits.items()}
).T
ratio = np.exp(drug[["estimate", "conf_low", "conf_high"]])
ratio.columns = ["ratio", "ratio_low", "ratio_high"]
print(
    f"C, level without drug: p = {fits['C'].coefficients().loc['(Intercept)', 'p_value']:.1e}"
)
print(f"and by z in statsmodels: {theirs.pvalues['Intercept']:.1e}")
drug[["estimate", "std_error", "df", "p_value"]].join(ratio)

# %% [markdown]
# Read aloud: *with the drug, the typical length on gene C is 1.245 times that without (95% interval 1.127 to 1.376);
# on gene A 1.098 times, on gene B 1.114 times.* The level of gene C, which rests on four replicates, has a p of
# 1.6e-05 where the z test's is too small for the computer and prints as zero.

# %% mystnb={"image": {"alt": "Three panels, genes C, A, B, each with three estimates of the drug's ratio and intervals. Gene C: t test on rows 1.19, lower than means and mixed model near 1.25. Genes A and B: the mixed model is close to the t test on rows, while the t test on four means is lower with a wide interval that includes 1."}}
fig, axes = plt.subplots(1, 3, figsize=(11, 3.2), sharex=True)
for ax, (name, rows) in zip(axes, genes.items()):
    three = pd.DataFrame(
        [t_test_on_rows(rows), t_test_on_means(rows), drug.loc[f"gene {name}"]]
    )
    three = np.exp(three[["estimate", "conf_low", "conf_high"]])
    names = ["t, rows", "t, 4 means", "mixed model"] if ax is axes[0] else [""] * 3
    plots.interval_plot(
        ax, three, names, reference=1, colour=[plots.GREY, plots.GREEN, plots.BLUE]
    )
    ax.set(xlabel="ratio, DRUG to NO DRUG", title=f"gene {name}, {len(rows):,} rows")
axes[0].set_xticks([0.9, 1.0, 1.1, 1.2, 1.3])
fig.suptitle("The same rows, three analyses, three answers", fontweight="bold")
plt.show()

# %% [markdown]
# Dashed: no effect. For gene C the t test on rows lies lower than the others; for genes A and B the four means give
# wide intervals that include 1, and the mixed model narrow ones. Why so narrow, and may we believe it? Sections 3 to
# 6.
#
# ### In R
#
# R's `lmer` (package lmerTest) on each gene's rows. Where a difference shows, lme4's optimizer stopped a little short
# of the optimum.

# %%
rows = []
for name, fit in fits.items():
    _, r = in_r["per_gene_fits"][name]["coef"]
    ours, call = fit.coefficients().loc[DRUG], f'summary(lmer(…, gene_name == "{name}"))'
    rows += [
        (f"{name}: drug", call, r["Estimate"], ours["estimate"]),
        (f"{name}: std. error", "", r["Std. Error"], ours["std_error"]),
        (f"{name}: df", "", r["df"], ours["df"]),
        (f"{name}: p", "", r["Pr(>|t|)"], ours["p_value"]),
    ]
tables.beside_r(rows, tolerance=1e-6)  # where lme4's optimizer stops

# %% [markdown]
# ### Exercise 4.1
#
# By how many *percent* does the drug lengthen gene B's modification, by the mixed model? One decimal is enough.

# %%
answer = ...
check("4.1", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = 100 * (np.exp(fits["B"].coefficients().loc[DRUG, "estimate"]) - 1)
check("4.1", answer)
print(f"{answer:.1f} percent")

# %% [markdown]
# ## 3 · What unbalance does, and what it does not
#
# A coefficient of the mixed model is a weighted sum of the cell means. The weights follow from the two variances, in a
# few lines of algebra (generalised least squares), so we can look at them. Means of the same replicate share its
# variance; each has its own from its rows.


# %%
def weights(fit, data):
    """The weight of each cell mean in each coefficient, and where the coefficients' variance comes from."""
    keys = ["replicate", "condition", "gene_name"]
    cells = data.groupby(keys, observed=True)["log_length"].agg(["size", "mean"]).reset_index()
    between, within = fit.variance_components["vcov"]
    member = pd.get_dummies(cells["replicate"]).to_numpy(float)
    V = between * member @ member.T + np.diag(within / cells["size"])
    X = fit.design.fixed_matrix(cells)
    W = np.linalg.solve(X.T @ np.linalg.solve(V, X), np.linalg.solve(V, X).T)
    of_replicates = between * ((W @ member) ** 2).sum(axis=1)
    of_rows = within * (W**2 / cells["size"].to_numpy()).sum(axis=1)
    variance = {"estimate": W @ cells["mean"], "replicates": of_replicates, "rows": of_rows}
    return cells.assign(level=W[0], drug=W[1]), pd.DataFrame(variance, index=fit.design.names)


a_cells, a_variance = weights(fits["A"], genes["A"])
treated = a_cells[a_cells["condition"] == "DRUG"].set_index("replicate")
untreated = a_cells[a_cells["condition"] == "NO DRUG"].set_index("replicate")
share = pd.DataFrame(
    {
        "share of rows": (treated["size"] + untreated["size"]) / a_cells["size"].sum(),
        "weight in the level": a_cells.groupby("replicate", observed=True)["level"].sum(),
        "weight in the drug effect": treated["drug"],
        "drug effect of the replicate": treated["mean"] - untreated["mean"],
    }
)
effects = share["drug effect of the replicate"]
print(f"drug effect by hand {a_variance.loc[DRUG, 'estimate']:.4f}", end=", ")
print(
    f"fit_mixed {drug.loc['gene A', 'estimate']:.4f}, plain mean of four {effects.mean():.4f}"
)
share

# %% mystnb={"image": {"alt": "Gene A: three columns of dots joined by lines, one line per replicate. Share of rows runs from 4 percent (rep1) to 40 percent (rep4). Weight in the level: all four at 25 percent. Weight in the drug effect: again from 4 to 40 percent."}}
fig, ax = plt.subplots(figsize=(8, 4))
columns = ["share of rows", "weight in the level", "weight in the drug effect"]
replicate_colours = [plots.BLUE, plots.ORANGE, plots.GREEN, plots.PINK]
for colour, marker, (replicate, row) in zip(replicate_colours, "osD^", share.iterrows()):
    ax.plot(columns, 100 * row[columns], marker=marker, color=colour, markersize=8)
    ax.text(
        2.06, 100 * row[columns[2]], replicate, color=colour, va="center", fontweight="bold"
    )
ax.axhline(25, color=plots.GREY, linestyle="--", linewidth=1, zorder=0)
ax.set(ylabel="per cent", ylim=(0, 48), xlim=(-0.3, 2.4))
ax.set_title("Gene A: for the level every replicate counts a quarter")
plt.show()

# %% [markdown]
# In the middle: for the *level*, rep1 with 4% of the rows weighs as much as rep4 with 40%, because what is uncertain
# is which replicates one got. On the right: for the *drug effect*, measured within each replicate, rows count, and
# rep1 (whose own effect is -0.01962) hardly does. That is right if the drug does the same in all four replicates; if
# not, the weighted mean answers for those with many rows. So unbalance takes *precision* from the thin replicates.
# Does it bias the estimate? Known truth: 200 studies with gene C's cells and a drug effect of 0.2 on the log scale.


# %%
def simulated_study(rng, slope_sd=0.0):
    """Gene C's design; truth: drug effect 0.2, SD 0.2 between replicates, 0.87 within."""
    study = genes["C"][["replicate", "condition"]].copy()
    level, slope = rng.normal(0, 0.2, 4), rng.normal(0, slope_sd, 4)
    replicate, has_drug = study["replicate"].cat.codes, study["condition"] == "DRUG"
    mean = 4.3 + level[replicate] + has_drug * (0.2 + slope[replicate])
    return study.assign(log_length=mean + rng.normal(0, 0.87, len(study)))


def mixed_model(rows, random="1", ddf="satterthwaite"):
    """The drug effect by the mixed model; singular fits are no surprise in a simulation."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        fit = fit_mixed(f"log_length ~ condition + ({random} | replicate)", rows)
        return fit.coefficients(ddf).loc[DRUG]


def performance(studies, analyses):
    """How well each analysis does where the truth is 0.2."""
    table = {}
    for name, analysis in analyses.items():
        found = pd.DataFrame([analysis(study) for study in studies])
        held = (found["conf_low"] <= 0.2) & (found["conf_high"] >= 0.2)
        table[name] = {
            "mean estimate": found["estimate"].mean(),
            "SD of estimates": found["estimate"].std(),
            "mean width of interval": (found["conf_high"] - found["conf_low"]).mean(),
            "interval holds 0.2 (%)": 100 * held.mean(),
        }
    return pd.DataFrame(table).T


three_ways = {
    "t, rows": t_test_on_rows,
    "t, 4 means": t_test_on_means,
    "mixed model": mixed_model,
}
rng = np.random.default_rng(628169)
same_effect = [simulated_study(rng) for _ in range(200)]
mc_error = 100 * np.sqrt(0.95 * 0.05 / 200)
print(f"Monte-Carlo error of a share near 95%: {mc_error:.1f} points")
performance(same_effect, three_ways)

# %% [markdown]
# No analysis is biased: averaged over studies all find 0.2. But the t test on rows strays most, and its interval
# holds the truth in 79% of the studies: where, by chance, a long replicate has many rows without drug (rep4 of gene C
# has), it takes the replicate's length for the drug's doing. The mixed model's estimates stray least, and its
# interval keeps its promise within [Monte-Carlo error](glossary.md#monte-carlo-error).
#
# > **Pitfall: "the mixed model accounts for unbalance".** It accounts for *unequal precision*, and for cells that are
# > unequally filled. It cannot make four replicates forty, and it does not ask why one of them yielded a ninth
# > of another's rows: if rep1 is small because something went wrong, no weighting mends that.
#
# ## 4 · Degrees of freedom, drawn
#
# The question's own table comes from one model for all three genes. Its first two rows concern gene C alone: the level
# without drug (`Intercept`) and the drug effect. One had 3.489 degrees of freedom, the other 22,560. Why?

# %%
whole = fit_mixed("log(length) ~ condition * gene_name + (1 | replicate)", lengths)
_, variance = weights(whole, lengths)
variance = variance.loc[["(Intercept)", DRUG]]
total = variance["replicates"] + variance["rows"]
n_replicates, n_rows = 4, len(lengths)
df_by_hand = total**2 / (
    variance["replicates"] ** 2 / (n_replicates - 1) + variance["rows"] ** 2 / (n_rows - 9)
)  # 9 means were spent: six cells of condition and gene, and four replicates less one
pd.DataFrame(
    {
        "estimate": whole.fixed_effects[variance.index],
        "std_error": np.sqrt(total),
        "from replicates (%)": 100 * variance["replicates"] / total,
        "from rows (%)": 100 * variance["rows"] / total,
        "df, by hand": df_by_hand.map("{:,.2f}".format),
        "df, Satterthwaite": whole.coefficients()["df"][variance.index].map("{:,.2f}".format),
    }
)

# %% mystnb={"image": {"alt": "Gene C, three panels. Left: mean log length without drug of four replicates with short intervals, rep4 far above the rest. Middle: drug effect within each replicate, four wide intervals that all overlap near 0.22. Right: bars of where the variance comes from: level 92 percent from replicates, drug effect 100 percent from rows."}}
c = {"values": "log_length", "index": "replicate", "columns": "condition", "observed": True}
mean, error = genes["C"].pivot_table(**c), genes["C"].pivot_table(**c, aggfunc="sem")
fig, axes = plt.subplots(1, 3, figsize=(11.5, 3.6), width_ratios=[1, 1, 1.1])
difference, error_of_it = (
    mean["DRUG"] - mean["NO DRUG"],
    np.hypot(error["DRUG"], error["NO DRUG"]),
)
for ax, value, se, reference in [
    (axes[0], mean["NO DRUG"], error["NO DRUG"], whole.fixed_effects["(Intercept)"]),
    (axes[1], difference, error_of_it, whole.fixed_effects[DRUG]),
]:
    table = {"estimate": value, "conf_low": value - 1.96 * se, "conf_high": value + 1.96 * se}
    names = value.index if ax is axes[0] else [""] * 4
    plots.interval_plot(
        ax, pd.DataFrame(table), names, reference=reference, colour=replicate_colours
    )
axes[0].set(xlabel="mean log length, NO DRUG", title="level: four values")
axes[1].set(xlabel="DRUG − NO DRUG, logs", title="drug effect: 1,318 rows")
from_replicates = (100 * variance["replicates"] / total).to_numpy()
axes[2].barh([1, 0], from_replicates, color=plots.PINK)
axes[2].barh([1, 0], 100 - from_replicates, left=from_replicates, color=plots.SKY)
axes[2].set_yticks([1, 0], ["level", "drug\neffect"])
axes[2].set(xlabel="share of the variance (%)", title="where the doubt comes from")
axes[2].text(46, 1, "replicates", ha="center", va="center", fontweight="bold")
axes[2].text(50, 0, "rows", ha="center", va="center", fontweight="bold")
axes[2].tick_params(axis="y", length=0)
fig.suptitle(
    "Gene C: the level rests on four replicates, the drug effect on rows", fontweight="bold"
)
plt.show()

# %% [markdown]
# Left, the replicates' levels (bars: what their rows leave open, ± 1.96 standard errors) differ by more than that: to
# know the level of *replicates in general* there are four values, hence about 3 degrees of freedom. Middle, the drug
# effect is taken *within* replicates; whatever lifts a replicate lifts both conditions and drops out, and the four
# agree. Right: 92.34% of the level's variance comes from replicates, of the drug effect's less than 0.01%.
# Satterthwaite's method mixes the two counts accordingly; by hand (3.52) it comes close to the full calculation
# (3.49), which allows for the variances' being estimated together. The noise within replicates is estimated from the
# rows of all genes, hence 22,562 and not the 1,308 that gene C had alone.
#
# So 22,562 degrees of freedom are right *under the model*: it says that the drug does the same in every replicate.
# Nothing we have done so far has checked that.
#
# ### In R
#
# The first two rows of the question's table, and its variances.

# %%
r_table = pd.DataFrame(in_r["satterthwaite"]).set_index("term")
rows = []
for r_name, name in [("(Intercept)", "(Intercept)"), ("conditionDRUG", DRUG)]:
    ours, r = whole.coefficients().loc[name], r_table.loc[r_name]
    rows += [
        (r_name, "summary(fit)", r["Estimate"], ours["estimate"]),
        (f"{r_name}, std. error", "", r["Std. Error"], ours["std_error"]),
        (f"{r_name}, df", "", r["df"], ours["df"]),
        (f"{r_name}, p", "", r["Pr(>|t|)"], ours["p_value"]),
    ]
for k, name in enumerate(["replicate", "residual"]):
    ours = whole.variance_components.loc[k, "vcov"]
    rows.append((f"variance, {name}", "VarCorr(fit)", in_r["varcorr"][k]["vcov"], ours))
tables.beside_r(rows, tolerance=1e-6)

# %% [markdown]
# ### Exercise 4.2
#
# The level of gene A (its mean log length without drug) has a [standard error](glossary.md#standard-error) of 0.112.
# What would halve it?
#
# - **a** — four times as many rows in each of the four replicates;
# - **b** — sixteen replicates instead of four, each like those we have;
# - **c** — the same number of rows, spread evenly over the four replicates;
# - **d** — both conditions with equally many rows in each replicate.

# %%
answer = ...
check("4.2", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = "b"
check("4.2", answer)
level = a_variance.loc["(Intercept)"]
now = np.sqrt(level["replicates"] + level["rows"])
print(
    f"now {now:.3f}, with more rows {np.sqrt(level['replicates'] + level['rows'] / 4):.3f}",
    end="",
)
print(f", with more replicates {now / 2:.3f}")

# %% [markdown]
# ## 5 · REML and ML
#
# There are two yardsticks for the best variances. [Maximum likelihood](glossary.md#maximum-likelihood) (ML) treats the
# fixed effects as if they were known, as one does who divides a sum of squares by n. [REML](glossary.md#reml) counts
# them as estimated, as one does who divides by n − 1. With four replicates that matters: known truth first.

# %%
rng = np.random.default_rng(4)
truth, found = 0.2**2, {"REML": [], "ML": []}
replicate = np.repeat(["rep1", "rep2", "rep3", "rep4"], 25)
for _ in range(400):  # studies of four replicates with 25 rows each
    y = np.repeat(rng.normal(0, 0.2, 4), 25) + rng.normal(0, 0.3, 100)
    study = pd.DataFrame({"y": y, "replicate": replicate})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        fit = fit_mixed("y ~ 1 + (1 | replicate)", study)
    found["REML"].append(fit.variance_components.loc[0, "vcov"])
    found["ML"].append(refit(fit, reml=False).variance_components.loc[0, "vcov"])
print(f"variance between replicates: truth {truth:.3f}", end="")
for name, values in found.items():
    error = np.std(values) / np.sqrt(len(values))
    print(f", mean by {name} {np.mean(values):.3f} ± {error:.3f}", end="")

# %% [markdown]
# (± one Monte-Carlo standard error.) ML's variance between replicates is too small by about a quarter, because one of
# four replicates is spent on the mean, and standard errors shrink with it. REML's lies within two of them of the truth. So
# *variances, standard errors and tables: REML*. ML has one use: its log-likelihood can compare models with different
# *fixed* parts. That of REML can't, as a change of units shows:

# %%
for unit in [1, 10]:
    x = genes["C"].assign(drug=unit * (genes["C"]["condition"] == "DRUG"))
    pair = [
        fit_mixed("log(length) ~ drug + (1 | replicate)", x, reml=reml).log_likelihood
        for reml in (True, False)
    ]
    print(f"drug coded 0 and {unit:2}: REML {pair[0]:.3f}, ML {pair[1]:.3f}")
without = fit_mixed("log(length) ~ 1 + (1 | replicate)", genes["C"])
print(f"without the drug:    REML {without.log_likelihood:.3f}")
ml = refit(whole, reml=False)
r_ml = in_r["ML"]["varcorr"][0]["vcov"]
print(
    f"drug effect, gene C, likelihood-ratio: p = {compare(without, fits['C'])['p_value'][1]:.2e}"
)
tables.beside_r(
    [
        (
            "variance, replicate: REML",
            "lmer(…)",
            in_r["varcorr"][0]["vcov"],
            whole.variance_components.loc[0, "vcov"],
        ),
        (
            "variance, replicate: ML",
            "refitML(fit)",
            r_ml,
            ml.variance_components.loc[0, "vcov"],
        ),
        ("log-likelihood: ML", "logLik(refitML(fit))", in_r["ML"]["logLik"], ml.log_likelihood),
    ],
    tolerance=1e-6,
)

# %% [markdown]
# The same model with the drug coded 0 and 10 has another REML log-likelihood, and the same by ML. So the difference
# of two REML values with different fixed parts means nothing. `compare` refits by ML before it takes the
# [likelihood-ratio test](glossary.md#likelihood-ratio-test).
#
# ## 6 · Random slopes: may the drug act differently in each replicate?
#
# The model so far says that it may not. `(1 + condition | replicate)` gives each replicate its own drug effect as
# well: a [random slope](glossary.md#random-slope). With four replicates that asks for two variances and a correlation
# from four pairs of numbers. Try it, in statsmodels first, and watch the REML log-likelihood: a larger model of the
# same fixed part can't fit worse.

# %%
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    theirs_slope = smf.mixedlm(
        "log_length ~ condition", genes["C"], groups="replicate", re_formula="~condition"
    ).fit()
with warnings.catch_warnings(record=True) as ours_caught:
    warnings.simplefilter("always")
    slopes = {
        name: fit_mixed("log(length) ~ condition + (1 + condition | replicate)", rows)
        for name, rows in genes.items()
    }
print(f"statsmodels, random intercept   {theirs.llf:.2f}")
print(f"statsmodels, random slope       {theirs_slope.llf:.2f}", end="")
print(f"   std. error of the drug effect {theirs_slope.bse[DRUG]:.3f}")
print(f"fit_mixed, random slope         {slopes['C'].log_likelihood:.2f}", end="")
print(
    f"   std. error of the drug effect {slopes['C'].coefficients().loc[DRUG, 'std_error']:.4f}"
)
print(f"\nstatsmodels warned: {len(caught) > 0}")
print(f"fit_mixed warned (genes C and B): {ours_caught[0].message}")

# %% [markdown]
# statsmodels' larger model fits *worse* than its smaller one, which is impossible at the optimum: it stopped on the
# way. (It warns, of several things; whether its flag `converged` says True depends on the processor.) `fit_mixed`
# takes further steps until the slope of the likelihood vanishes, and refuses to print a table otherwise. Its own
# warning is about the data: the fit is [singular](glossary.md#singular-fit).


# %%
def p_and_df(fit, ddf):
    """The drug effect's p-value with its degrees of freedom."""
    found = fit.coefficients(ddf).loc[DRUG]
    return f"p = {found['p_value']:.2g} (df {found['df']:.1f})"


table = {}
for name, fit in slopes.items():
    slope_sd, correlation = fit.variance_components["sdcor"][[1, 2]]
    interval = profile_intervals(fit).loc[1]
    table[f"gene {name}"] = {
        "slope SD": f"{slope_sd:.3f}",
        "its 95% profile interval": f"{interval['conf_low']:.3f} to {interval['conf_high']:.3f}",
        "correlation": f"{correlation:.2f}",
        "p, same effect?": f"{compare(fits[name], fit)['p_value'][1]:.2f}",
        "drug, random intercept": f"p = {drug.loc[f'gene {name}', 'p_value']:.1e}",
        "drug, slope, z": p_and_df(fit, "normal"),
        "drug, slope, Satterthwaite": p_and_df(fit, "satterthwaite"),
        "drug, slope, Kenward–Roger": p_and_df(fit, "kenward-roger"),
        "drug, t, 4 means": f"p = {t_test_on_means(genes[name])['p']:.2g} (df 3)",
    }
pd.DataFrame(table)

# %% [markdown]
# The first four rows say what four replicates can tell of their differences: the correlation runs to −1 or 1, its
# boundary, or is a guess; the slope's SD may be 0 or, for gene C, two thirds of the drug effect itself (0.146); the
# likelihood-ratio test of "same effect" sees nothing (p of 0.64 and more). The data do not ask for a random slope,
# and could hardly see one. The other rows say what it costs: for gene A, p-values from 4.5e-11 to 0.14 are on offer.
# z ignores that the slope's variance is a guess; Satterthwaite's degrees of freedom, taken beside the boundary, jump
# from 1.0 to 78.6; [Kenward and Roger's](glossary.md#kenwardroger) method, made for variances from few groups, says
# about 2 for every gene, and p = 0.054, 0.040 and 0.074.
#
# Known truth again: gene C's design, 100 studies, with a drug effect that varies between replicates (SD 0.15).

# %%
rng = np.random.default_rng(628169)
varying = [simulated_study(rng, slope_sd=0.15) for _ in range(100)]
more_ways = three_ways | {
    "random slope, Satterthwaite": lambda rows: mixed_model(rows, "1 + condition"),
    "random slope, Kenward–Roger": lambda rows: mixed_model(
        rows, "1 + condition", "kenward-roger"
    ),
}
print(f"Monte-Carlo error of a share near 95%: {100 * np.sqrt(0.95 * 0.05 / 100):.1f} points")
performance(varying, more_ways)

# %% [markdown]
# Where replicates do differ in their response, the random intercept's interval holds the truth in 77% of the studies
# only. That of the four means and those of the random slope hold it (Kenward–Roger's errs on the safe side), and are
# more than twice as wide: that is the honest width of four replicates.
#
# **Decide**, before looking at p: does the claim concern *these four replicates*, or any further one? In the first
# case, and if biology says that a drug acts alike in all, the random intercept is the model, and one says so. In the
# second, the replicate is the unit for the drug effect too: report the random slope by Kenward–Roger, or the paired t
# test on four means. Either way report both, and plan for more replicates instead of more rows.
#
# ### In R
#
# lme4's random slope for all genes. It stops within a tolerance, hence differences in late digits, most of all in the
# degrees of freedom, which hang on a variance that is nearly zero.

# %%
whole_slope = fit_mixed(
    "log(length) ~ condition * gene_name + (1 + condition | replicate)", lengths
)
r_slope, parts = in_r["random_slope"], whole_slope.variance_components["sdcor"]
r_drug, ours = r_slope["coef"][1], whole_slope.coefficients().loc[DRUG]
tables.beside_r(
    [
        ("slope SD", "VarCorr(fit)", r_slope["varcorr"][1]["sdcor"], parts[1]),
        ("correlation", "VarCorr(fit)", r_slope["varcorr"][2]["sdcor"], parts[2]),
        ("drug", "summary(fit)", r_drug["Estimate"], ours["estimate"]),
        ("drug, std. error", "summary(fit)", r_drug["Std. Error"], ours["std_error"]),
        ("drug, df", "summary(fit)", r_drug["df"], ours["df"]),
        ("drug, p", "summary(fit)", r_drug["Pr(>|t|)"], ours["p_value"]),
        ("REML criterion", "REMLcrit(fit)", r_slope["REMLcrit"], whole_slope.deviance),
    ],
    tolerance=1e-4,
)

# %% [markdown]
# ## 7 · A case built to show it
#
# Four balanced replicates of 400 rows; a drug effect of 0.3 that varies between replicates with SD 0.1. In a balanced
# study the random slope must agree with the paired t test on means, so we know what is right.

# %%
rng = np.random.default_rng(16)
index, has_drug = np.repeat(np.arange(4), 400), np.tile([0, 1], 800)
level, slope = rng.normal(0, 0.3, 4), rng.normal(0, 0.1, 4)
noise = rng.normal(0, 0.88, 1600)
built = pd.DataFrame(
    {
        "replicate": [f"rep{i + 1}" for i in index],
        "condition": pd.Categorical(np.where(has_drug, "DRUG", "NO DRUG"), ["NO DRUG", "DRUG"]),
        "log_length": 4.3 + level[index] + (0.3 + slope[index]) * has_drug + noise,
    }
)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    theirs_built = smf.mixedlm(
        "log_length ~ condition", built, groups="replicate", re_formula="~condition"
    ).fit()
    ours_built = fit_mixed("log_length ~ condition + (1 + condition | replicate)", built)
gap = ours_built.log_likelihood - theirs_built.llf
print(f"statsmodels stopped more than 0.01 below the best log-likelihood: {gap > 0.01}")
of_ours = ours_built.coefficients().loc[DRUG]
of_means = t_test_on_means(built)
t_of_means = stats.t.isf(of_means["p"] / 2, 3)
comparison = {
    "statsmodels": [
        theirs_built.llf,
        theirs_built.bse[DRUG],
        np.inf,
        theirs_built.pvalues[DRUG],
    ],
    "fit_mixed": [ours_built.log_likelihood, *of_ours[["std_error", "df", "p_value"]]],
    "t, 4 means": [np.nan, of_means["estimate"] / t_of_means, 3, of_means["p"]],
}
shown = pd.DataFrame(comparison, ["log-likelihood", "std_error", "df", "p"]).T
formats = {"log-likelihood": "{:.3f}", "std_error": "{:.4f}", "df": "{:.1f}", "p": "{:.2g}"}
for column, pattern in formats.items():
    shown[column] = shown[column].map(pattern.format)
shown.loc["statsmodels", "std_error"] = f"{theirs_built.bse[DRUG]:.3f}"  # more is chance
print(f"\nz rejects beyond 1.96; with 3 df chance goes there in {2 * stats.t.sf(1.96, 3):.1%}")
shown

# %% [markdown]
# Two separate faults. The *optimizer* stops early (where exactly, and what its flag `converged` says, is decided in the
# last digits, so we print neither), and the standard error printed is off in the third decimal (lesson 08 shows a second cause), in other data far more. The *z test* turns p = 0.038 into 0.00029, 130 times smaller. With 3
# degrees of freedom, z calls 14.5% of null effects significant instead of 5%. `fit_mixed` and the four means agree.
#
# > **Pitfall: `converged` and p from `summary()`.** Fit twice, with two optimizers (`.fit(method="powell")`) or
# > with `fit_mixed`, and compare log-likelihoods: they should agree to 0.001. Never read a z test where the
# > tested effect varies between few groups.
#
# ### Exercise 4.3
#
# A colleague's random-slope model of four replicates prints z = 2.9, p = 0.0037 for a drug effect. What is the p-value
# (two-sided) if its degrees of freedom are 3? Two digits after the leading zeros are enough.

# %%
answer = ...
check("4.3", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = 2 * stats.t.sf(2.9, df=3)
check("4.3", answer)
print(f"{answer:.3f} instead of {2 * stats.norm.sf(2.9):.4f}")

# %% [markdown]
# ## 8 · Does the model fit?
#
# A model has three assumptions that a picture can test: [residuals](glossary.md#residual) roughly normal, equally
# spread everywhere, and replicate effects that come from one distribution.

# %% mystnb={"image": {"alt": "Gene A. Left, QQ plot: residual quantiles follow the straight line from about minus 3 to 3. Right, a thinned sample of 2,000 residuals against fitted values: eight vertical strips centred on zero with the same spread."}}
residuals, fitted = fits["A"].residuals(), fits["A"].predict(random=True)
fig, axes = plt.subplots(1, 2, figsize=(10, 4))
z = np.linspace(-3.6, 3.6, 145)  # 145 quantiles say what 15,310 points would
axes[0].axline((0, 0), slope=1, color=plots.GREY, linestyle="--", linewidth=1)
axes[0].plot(
    z * residuals.std(),
    np.quantile(residuals, stats.norm.cdf(z)),
    "o",
    color=plots.BLUE,
    markersize=4,
)
axes[0].set(xlabel="expected of a normal distribution", ylabel="residual (log length)")
axes[0].set_title("normal")
some = np.random.default_rng(8).choice(len(residuals), 2_000, replace=False)
axes[1].scatter(fitted.iloc[some], residuals.iloc[some], s=6, alpha=0.4, linewidths=0)
axes[1].axhline(0, color=plots.GREY, linestyle="--", linewidth=1)
axes[1].set(
    xlabel="fitted (log length)", ylabel="residual (log length)", title="equally spread"
)
fig.suptitle("Gene A: nothing to see in the residuals, as it should be", fontweight="bold")
plt.show()

# %% [markdown]
# Left, residuals follow the line that a normal distribution gives; right, the eight strips (four replicates, two
# conditions; 2,000 rows drawn at random) are equally wide. These rows were simulated so; in real data look for bends
# and funnels. Now the replicates.

# %% mystnb={"image": {"alt": "Caterpillar plot: replicate effects of genes C, A and B with intervals. In all three genes rep4 lies near plus 0.3 and rep1, rep2 and rep3 lie between minus 0.17 and minus 0.05."}}
fig, axes = plt.subplots(1, 3, figsize=(11, 3.2), sharex=True)
for ax, (name, fit) in zip(axes, fits.items()):
    effect = fit.random_effects["replicate"]["(Intercept)"]
    se = fit.random_effects_std_error["replicate"]["(Intercept)"]
    table = {
        "estimate": effect,
        "conf_low": effect - 1.96 * se,
        "conf_high": effect + 1.96 * se,
    }
    names = effect.index if ax is axes[0] else [""] * 4
    plots.interval_plot(ax, pd.DataFrame(table), names, colour=replicate_colours)
    ax.set(xlabel="replicate effect (log length)", title=f"gene {name}")
fig.suptitle("Three replicates lie together and rep4 apart, in every gene", fontweight="bold")
plt.show()

# %% [markdown]
# A "caterpillar": each replicate's predicted deviation from the mean, ± 1.96 conditional standard errors, after
# [shrinkage](glossary.md#shrinkage). The normal distribution of replicates is in truth three like ones and one other:
# four values can't test normality, but they can make one ask what was different about rep4. The same four replicates
# in all genes are one piece of evidence, not three. How much does each replicate matter for the drug effect?

# %% mystnb={"image": {"alt": "Three panels, genes C, A, B: the drug's ratio with interval with all replicates and with each one left out. Estimates move little: gene C from 1.24 to 1.25, gene A from 1.08 to 1.11, gene B from 1.10 to 1.12. No interval includes 1."}}
rows = []
for name, data in genes.items():
    for out in ["none", *data["replicate"].cat.categories]:
        rest = data[data["replicate"] != out]
        rows.append({"gene": name, "left out": out, **mixed_model(rest)})
influence = pd.DataFrame(rows).set_index(["gene", "left out"])
fig, axes = plt.subplots(1, 3, figsize=(11, 3.6), sharex=True)
for ax, name in zip(axes, genes):
    part = np.exp(influence.loc[name, ["estimate", "conf_low", "conf_high"]])
    names = "without " + part.index if ax is axes[0] else [""] * 5
    names = [str(text).replace("without none", "all four") for text in names]
    plots.interval_plot(ax, part, names, reference=1, colour=[plots.INK, *replicate_colours])
    ax.set(xlabel="ratio, DRUG to NO DRUG", title=f"gene {name}")
axes[0].set_xticks([1.0, 1.1, 1.2, 1.3])
fig.suptitle("No single replicate carries the drug effect", fontweight="bold")
plt.show()
influence["ratio"] = [
    f"{row.estimate:.2f} [{row.conf_low:.2f}, {row.conf_high:.2f}]"
    for row in np.exp(influence[["estimate", "conf_low", "conf_high"]]).itertuples()
]
influence["ratio"].to_frame().pivot_table("ratio", "left out", "gene", "first")[list(genes)]

# %% [markdown]
# Leaving out any replicate, rep4 included, leaves each ratio above 1. The odd replicate moves the *level*; the drug
# effect, taken within replicates, hardly.
#
# ### Exercise 4.4
#
# Leave rep4 out of gene A. What is the standard deviation *between* the three remaining replicates, by the mixed
# model?

# %%
answer = ...
check("4.4", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
rest = genes["A"][genes["A"]["replicate"] != "rep4"]
without_rep4 = fit_mixed("log(length) ~ condition + (1 | replicate)", rest)
answer = without_rep4.variance_components.loc[0, "sdcor"]
check("4.4", answer)
print(f"{answer:.3f}; with rep4 {fits['A'].variance_components.loc[0, 'sdcor']:.3f}")

# %% [markdown]
# ## 9 · Three genes, three p-values
#
# Three tests have three chances of a false finding. [Holm's](glossary.md#holm) method keeps the chance of *any* at
# 5%: the smallest p is multiplied by 3, the next by 2, the last by 1.
# [Benjamini–Hochberg](glossary.md#benjaminihochberg) limits the share of false findings instead; for three planned
# tests Holm is the usual choice.

# %%
p = drug["p_value"]
adjusted = pd.DataFrame(
    {
        "p": p,
        "Holm": multipletests(p, method="holm")[1],
        "Benjamini–Hochberg": multipletests(p, method="fdr_bh")[1],
    }
)
by_kr = [fit.coefficients("kenward-roger").loc[DRUG, "p_value"] for fit in slopes.values()]
adjusted["Kenward–Roger, slope"] = by_kr
adjusted["and Holm"] = multipletests(by_kr, method="holm")[1]
r_padj = in_r["per_gene_padj"]
for name in genes:
    for method, column in [("p", "p"), ("holm", "Holm"), ("BH", "Benjamini–Hochberg")]:
        assert np.isclose(adjusted.loc[f"gene {name}", column], r_padj[method][name], rtol=1e-4)
print('equal to R\'s p.adjust(p, "holm") and p.adjust(p, "BH")')
adjusted

# %% [markdown]
# If the drug acts alike in all replicates, all three effects stand after correction; the largest p, 1.829e-05, is
# left as it is. If it may act differently, none does at 5% (Holm: 0.119 at the least). The correction is not
# what decides here; the assumption about replicates is.
#
# ## Recap
#
# The drug goes with lengths 1.245 times (gene C), 1.098 times (A) and 1.114 times (B) as long. Four replicates and
# 22,569 rows are two different sample sizes: the first counts for whatever varies between replicates, the second for
# what is compared within them, and degrees of freedom of 3.49 and 22,562 say which is which. A random slope moves the
# drug effect from the second kind to the first; four replicates can neither show nor exclude that it should. REML for
# tables, ML for comparing fixed parts; and a fit is believed when a second optimizer agrees. **Decision:** say for
# which replicates you claim the effect, choose the random part accordingly, report ratio and interval with their
# degrees of freedom, and show the other model beside it.
#
# **Before:** [03 · Fixed or random?](03_fixed_or_random.ipynb). **Next:**
# [05 · Interactions](05_interactions.ipynb), all three genes in one model.
#
# **Sources.** lme4: Bates, Mächler, Bolker & Walker 2015,
# [doi:10.18637/jss.v067.i01](https://doi.org/10.18637/jss.v067.i01). Degrees of freedom: Satterthwaite 1946,
# [doi:10.2307/3002019](https://doi.org/10.2307/3002019); Kenward & Roger 1997,
# [doi:10.2307/2533558](https://doi.org/10.2307/2533558); lmerTest: Kuznetsova, Brockhoff & Christensen 2017,
# [doi:10.18637/jss.v082.i13](https://doi.org/10.18637/jss.v082.i13). REML: Patterson & Thompson 1971,
# [doi:10.1093/biomet/58.3.545](https://doi.org/10.1093/biomet/58.3.545). Random slopes: Barr, Levy, Scheepers & Tily 2013,
# [doi:10.1016/j.jml.2012.11.001](https://doi.org/10.1016/j.jml.2012.11.001), and, for restraint, Matuschek et al. 2017,
# [doi:10.1016/j.jml.2017.01.001](https://doi.org/10.1016/j.jml.2017.01.001).

# %% [markdown]
# # 07 · Count models
#
# **Which genes go with urea, and which with weight, when what was measured are counts of reads?**
#
# **Time:** 40 minutes.
#
# **Prerequisites:** [02 · Linear models](02_linear_models.ipynb) (slopes, two predictors) and [04 · Mixed
# models](04_mixed_models.ipynb) (animals measured repeatedly); sections 9 and 10 use the calls of [06 · Marginal
# contrasts](06_marginal_contrasts.ipynb). Words in blue lead to the [glossary](glossary.md).
#
# **You will be able to**
#
# - choose a distribution and an [offset](glossary.md#offset) for counts, and read a slope as a [fold
#   change](glossary.md#fold-change);
# - test 2,000 genes with ten animals, and say what each method promises and whether it keeps it;
# - report counts of animals that were measured repeatedly, in pairs, or with an interaction;
# - recognise data that are no counts any more, and say what they still allow.
#
# The mouse question asked for a mixed model of gene expression. Both of its
# [answers](https://stats.stackexchange.com/questions/421203/applying-linear-mixed-model-for-rna-seq-data) (Cross
# Validated, August 2019, CC BY-SA 4.0) say: these are counts, whose variance grows with their mean, so use Poisson or
# negative-binomial models, and packages made for many genes. This lesson does that. The ten animals with their urea
# and weight are the question's; **the counts are simulated** ([data page](../data/README.md)), because none were
# published. So nothing here is a finding about mice, and we know the truth about every gene.

# %%
import json
import warnings
from pathlib import Path

import marginaleffects
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
from IPython.display import display
from scipy import stats
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from helpers import counts as methods
from helpers import plots, tables
from helpers.contrasts import comparisons, predictions
from helpers.data import load_mouse_counts, load_mouse_counts_truth, load_mouse_scores
from helpers.exercises import check
from helpers.mixed import fit_mixed

plots.use_style()
tables.use_style()

# %%
counts = load_mouse_counts()  # genes × animals
truth = load_mouse_counts_truth()  # what was planted in each gene
mice = load_mouse_scores().set_index("animal")[["group", "urea", "weight"]]
mice["urea_z"] = (mice["urea"] - mice["urea"].mean()) / mice["urea"].std()
mice["weight_z"] = (mice["weight"] - mice["weight"].mean()) / mice["weight"].std()
folder = Path("../tests/reference")
in_r = json.loads((folder / "counts/mouse_counts.json").read_text())  # what R printed
pd.concat([mice[["group", "urea", "weight"]].T, counts.head(5)])

# %% [markdown]
# A column is an animal. Below its group, urea (mg/dl) and weight (g) stand the reads of the first five of 2,000
# genes: whole numbers, from a handful to thousands.
#
# ## 1 · What counts are like
#
# Suppose that an animal's tissue is a well-mixed pot of molecules, and sequencing draws reads from it at random. Then
# the count of a gene is [Poisson](glossary.md#poisson): its variance equals its mean. But there are ten pots, and
# animals differ. If each animal's level strays from the mean by a typical share √α, the variance is **mean + α ·
# mean²**. α is the [dispersion](glossary.md#dispersion), and the distribution is called [negative
# binomial](glossary.md#negative-binomial).

# %% mystnb={"image": {"alt": "Two thousand grey points, variance against mean over ten animals, both axes logarithmic from 1 to 10,000 and beyond. The points begin near the orange Poisson line at a mean of 1 and rise ever further above it; the blue quadratic curve runs through their middle."}}
factors = methods.size_factors(counts)  # section 2
normalised = counts / factors
mean, variance = normalised.mean(axis=1), normalised.var(axis=1)
alpha = ((variance - mean) / mean**2).median()
print(f"α of the middle gene: {alpha:.2f}; animals stray by √α = {np.sqrt(alpha):.0%}")
print(f"genes whose variance exceeds their mean: {(variance > mean).mean():.1%}")
fig, ax = plt.subplots(figsize=(8, 4.6))
ax.scatter(mean, variance, s=8, color=plots.GREY, alpha=0.5, linewidths=0)
x = np.geomspace(0.7, 1e4, 50)
ax.plot(x, x, color=plots.ORANGE, linewidth=2.5)
ax.plot(x, x + alpha * x**2, color=plots.BLUE, linewidth=2.5)
ax.text(9e3, 3e3, "Poisson:\nvariance = mean", color=plots.ORANGE, ha="right", va="top")
ax.text(600, 3e6, "mean + α · mean²", color=plots.BLUE, ha="right")
ax.set(xscale="log", yscale="log", xlim=(0.7, 2e4), ylim=(0.3, 1e9))
ax.set(xlabel="mean of the ten animals (reads)", ylabel="variance (reads²)")
ax.set_title("The more reads, the further animals scatter beyond chance")
plt.show()

# %% [markdown]
# One point is a gene. Orange is what chance sampling alone would give; every gene but a few lies above, strong genes
# a thousandfold. Blue, with one α for all, follows the middle of the cloud. At the left the points lie above blue,
# too: genes with few reads have a larger α, so one α does not fit all (section 5). And part of what we see above
# orange is what we look for: urea and weight.
#
# ## 2 · Library size
#
# Some animals gave more reads than others, for no biological reason. How many more? The total misleads if a few
# strong genes take a large share. The [size factor](glossary.md#size-factor) asks all genes instead: for each gene,
# how far is this animal above the gene's mean, and what is the *median* over genes? (DESeq2's way. edgeR's
# [TMM](glossary.md#tmm) averages the same ratios without the extremes.)

# %%
planted = pd.read_csv("../data/mouse_counts_size_factors.csv", index_col="animal").squeeze()
library = pd.DataFrame(
    {
        "reads (1,000)": counts.sum() / 1000,
        "reads / geometric mean": counts.sum() / stats.gmean(counts.sum()),
        "median of ratios": factors,
        "TMM": methods.size_factors(counts, method="tmm"),
        "planted": planted / stats.gmean(planted),
    }
)
off = (
    library.div(library["planted"], axis=0)
    .sub(1)
    .abs()
    .max()
    .drop(["reads (1,000)", "planted"])
)
print("furthest from what was planted:", ", ".join(f"{k} {v:.1%}" for k, v in off.items()))
library.T

# %% [markdown]
# C20 was sequenced nearly twice as deeply as HP12. Both size factors find what was planted to within 3%; plain totals
# are off by up to 15%.
#
# **Why not divide the counts and go on with those?** Because a count also says how sure it is. A gene that goes from
# 4 reads to 8 has doubled, and so has one that goes from 4,000 to 8,000; after division by the library size, or as
# z-scores, the two look alike. For a fair coin, 8 heads in 12 tosses are nothing (first line below), 8,000 in 12,000
# are beyond doubt. So the models below take raw counts, and the size factor enters *beside* them.
#
# > **Pitfall: normalised data passed as counts.** [CPM](glossary.md#cpm), TPM, [z-scores](glossary.md#z-score):
# > software that rounds them in silence returns a table all the same. Ours refuses, and says what it found:

# %%
for heads, tosses in [(8, 12), (8_000, 12_000)]:
    print(f"{heads:,} of {tosses:,}: p = {stats.binomtest(heads, tosses).pvalue:.2g}")
cpm = counts / counts.sum() * 1e6
z_scores = cpm.sub(cpm.mean(axis=1), axis=0).div(cpm.std(axis=1), axis=0)
for name, no_counts in {"CPM": cpm, "z-scores": z_scores}.items():
    try:
        methods.quasi_likelihood(no_counts, mice, "~ urea_z + weight_z")
    except ValueError as error:
        print(f"\n{name}: {error}")

# %% [markdown]
# ## 3 · One gene
#
# `gene_0025`, one of those that go with urea. The model says that the *logarithm* of the expected count is a sum:
#
# log(expected reads) = **log(size factor)** + intercept + slope · urea + slope · weight
#
# The first term has no coefficient to estimate. It is the **offset**: an animal with twice the reads is expected to
# show twice the count, no more to be said. A Poisson model and a negative-binomial one differ only in the variance
# about this mean.

# %%
one = mice.drop(columns="group").assign(  # marginaleffects wants "group" for itself
    reads=counts.loc["gene_0025"], log_size=np.log(factors), log_reads=np.log(counts.sum())
)
how = {"data": one, "offset": one["log_size"]}
poisson = smf.poisson("reads ~ urea_z + weight_z", **how).fit(disp=False)
negative_binomial = smf.negativebinomial("reads ~ urea_z + weight_z", **how).fit(disp=False)
pearson = (poisson.resid**2 / poisson.predict()).sum() / poisson.df_resid
print(f"Pearson's χ² over its {poisson.df_resid:.0f} degrees of freedom: {pearson:.1f}")
two_fits = pd.DataFrame({"planted": {"urea_z": truth.loc["gene_0025", "beta_urea"]}})
two_fits = two_fits.reindex(["urea_z", "weight_z", "alpha"]).fillna(0.0)
two_fits.loc["alpha", "planted"] = truth.loc["gene_0025", "dispersion"]
for name, fit in {"Poisson": poisson, "neg. bin.": negative_binomial}.items():
    two_fits[name], two_fits[f"SE, {name}"] = fit.params, fit.bse
    two_fits[f"p, {name}"] = fit.pvalues.drop("alpha", errors="ignore")
two_fits

# %% mystnb={"image": {"alt": "Reads of gene_0025 over size factor against urea, log axis, ten named animals with short bars. The curve rises from 65 at low urea to 225 at high urea. C24 lies far above it, HP14 and C22 far below; only the bars of CR4.3, C20 and HP11 touch it."}}
fig, ax = plt.subplots(figsize=(8, 4.4))
level, size = one["reads"] / factors, np.sqrt(one["reads"]) / factors
grid = pd.DataFrame({"urea_z": np.linspace(-1.45, 1.4, 60), "weight_z": 0.0})
urea = mice["urea"].mean() + grid["urea_z"] * mice["urea"].std()
ax.plot(urea, negative_binomial.predict(grid), color=plots.BLUE, linewidth=2)
ax.text(215, 155, "negative-binomial fit", color=plots.BLUE, ha="center", rotation=15)
low, high = level - 1.96 * size, level + 1.96 * size
ax.vlines(mice["urea"], low, high, color=plots.ORANGE, linewidth=3)
for group, rows in mice.groupby("group", observed=True):
    marker, at = plots.GROUP_MARKERS[group], rows.index
    ax.scatter(rows["urea"], level[at], s=45, marker=marker, color=plots.INK, zorder=3)
plots.label_points(ax, mice["urea"], level, mice.index)
ax.set(yscale="log", xlabel="urea (mg/dl)", ylabel="reads / size factor, gene_0025")
ax.set_yticks([50, 100, 200, 400], ["50", "100", "200", "400"])
ax.minorticks_off()
expected = negative_binomial.predict(one.assign(weight_z=0.0))
missed = (low > expected) | (high < expected)
print(f"{missed.sum()} of {len(one)} bars miss the curve")
ax.set_title("Animals stray further from the curve than chance sampling allows")
plt.show()

# %% [markdown]
# Curve: the negative-binomial fit, at average weight. Bars: where Poisson sampling alone would leave the level of
# each animal (95%). Seven of ten miss the curve, C24 and HP14 by far: [over-dispersion](glossary.md#over-dispersion).
# Pearson's χ² counts it: about 1 if Poisson held, here 19.9, so the Poisson standard errors (0.03) are too small by a
# factor √19.9, more than four. Look at weight: **nothing was planted, and Poisson says p = 1.2e-08**. The negative
# binomial estimates α (0.092; planted 0.105), widens the standard error to 0.103 and says p = 0.22. Both slopes of
# urea are close to the planted 0.45; it is the *doubt* that Poisson gets wrong.
#
# ### In R
#
# `glm(reads ~ urea_z + weight_z + offset(log(size)), poisson)`, and `MASS::glm.nb` with the same formula. The library
# MASS takes α for known when it computes standard errors, statsmodels does not: hence the last line.

# %%
r = in_r["one_gene"]
tables.beside_r(
    [
        ("Poisson: urea", "glm", r["poisson"]["urea_z"], poisson.params["urea_z"]),
        ("Poisson: SE", "", r["poisson_se"]["urea_z"], poisson.bse["urea_z"]),
        ("neg. bin.: urea", "glm.nb", r["nb"]["urea_z"], negative_binomial.params["urea_z"]),
        ("neg. bin.: α", "1 / fit$theta", 1 / r["theta"], negative_binomial.params["alpha"]),
        ("neg. bin.: SE", "", r["nb_se"]["urea_z"], negative_binomial.bse["urea_z"]),
    ],
    tolerance=1e-5,
)

# %% [markdown]
# ### Exercise 7.1
#
# Poisson can be kept if its standard errors are mended: multiply them by the square root of Pearson's dispersion
# ("quasi-Poisson"). What is then the standard error of the urea slope of **gene_0011**? Three decimals. The table
# below is from our own function, which fits any number of genes.

# %%
poissons = methods.fit_poisson(counts, mice, "~ urea_z + weight_z").set_index(["gene", "term"])
shown = ["estimate", "std_error", "p_value", "pearson_dispersion"]
display(poissons.loc[["gene_0011"], shown])
answer = ...
check("7.1", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
row = poissons.loc[("gene_0011", "urea_z")]
answer = row["std_error"] * np.sqrt(row["pearson_dispersion"])
check("7.1", answer)
print(f"{answer:.3f}")

# %% [markdown]
# ## 4 · What one unit means
#
# urea_z is centred and scaled: minus its mean, over its [standard deviation](glossary.md#standard-deviation). Its
# slope 0.447 is a natural logarithm, so one standard deviation more urea (124 mg/dl) at the same weight means
# `exp(0.447)` times the reads. Scaling changes the number that is printed, never the test. What it does change is the
# arithmetic: in raw units the intercept is an animal of 0 g without urea, and the optimizer has to work harder. Here
# statsmodels arrives all the same. Whether it *says* so depends on the last digits, and with them on the processor: on
# most it warns that it "failed to converge". We leave the warning aside and compare log-likelihoods:

# %%
with warnings.catch_warnings():
    warnings.simplefilter("ignore", ConvergenceWarning)
    raw = smf.negativebinomial("reads ~ urea + weight", **how).fit(disp=False)
as_good = abs(raw.llf - negative_binomial.llf) < 1e-6
print("statsmodels in raw units reaches the same log-likelihood:", "yes" if as_good else "no")
units = {}
for name, formula in {"per SD": "~ urea_z + weight_z", "per mg/dl": "~ urea + weight"}.items():
    table = methods.fit_negative_binomial(
        counts.loc["gene_0025"], mice, formula, size_factors=factors
    ).set_index("term")
    units[name] = table.iloc[0][["estimate", "p_value", "log2_fold_change"]]
units = pd.DataFrame(units).T.astype(float)
units.insert(1, "ratio", np.exp(units["estimate"]))
print(f"SD of urea {mice['urea'].std():.1f} mg/dl, of weight {mice['weight'].std():.2f} g")
without = smf.negativebinomial("reads ~ urea_z + weight_z", one).fit(disp=False)
r_library = np.corrcoef(one["log_size"], one["urea_z"])[0, 1]
print(f"urea slope without the offset: {without.params['urea_z']:.3f}", end="")
print(f"; correlation of urea with log size factor: {r_library:.2f}")
units

# %% [markdown]
# Our functions centre and scale by themselves, and report per unit of the table they were given: 1.564 times the
# reads per standard deviation of urea, 1.004 times per mg/dl, the same p. log2 fold changes, which R's packages
# print, are the slope over log 2: 0.645.
#
# > **Pitfall: no offset.** Without it the slope is 0.554, further from the planted 0.450. In these animals deeper
# > libraries happen to have more urea (r = 0.48), and the model takes depth for biology. Neither warning nor p-value
# > tells.
#
# ### Exercise 7.2
#
# By which factor do the reads of gene_0025 change per **100 mg/dl** more urea at the same weight? Two decimals.

# %%
answer = ...
check("7.2", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = np.exp(100 * units.loc["per mg/dl", "estimate"])
check("7.2", answer)
print(f"{answer:.2f}")

# %% [markdown]
# ## 5 · From one gene to 2,000
#
# The same model for every gene, each on its own. We know which of them nothing was planted in (1,400), so we can
# count: a test at 5% should call 5% of those.

# %%
each_alone = methods.fit_negative_binomial(counts, mice, "~ urea_z + weight_z")
moderated = methods.likelihood_ratio(counts, mice, "~ urea_z + weight_z")
nothing = truth["driver"] == "none"


def of(table, term):
    """One term's rows, by gene."""
    return table[table["term"] == term].set_index("gene")


alone, shrunk = of(each_alone, "urea_z"), of(moderated, "urea_z")
for name, table in {"Poisson": poissons.reset_index(), "each gene alone": each_alone}.items():
    rows = of(table, "urea_z")
    false, found = rows["p_value"][nothing] < 0.05, rows["p_adjusted"] < 0.1
    wrong = truth.loc[found, "driver"] != "urea"
    print(f"{name}: p < 0.05 in {false.mean():.0%} of the 1,400 genes without anything", end="")
    print(f"; false among its {found.sum()} findings at a promised 10%: {wrong.mean():.0%}")
share = alone["dispersion"] / truth["dispersion"]
quarter = pd.qcut(share[nothing], 4, labels=["lowest", "second", "third", "highest"])
false_alarms = (alone["p_value"][nothing] < 0.05).groupby(quarter, observed=True).mean()
middle = share[nothing].groupby(quarter, observed=True).median()
pd.DataFrame({"α estimated / planted": middle, "p < 0.05": false_alarms})

# %% [markdown]
# Poisson is hopeless. The negative binomial, gene by gene, still cries wolf three times too often. Why? The table
# sorts the 1,400 genes by how α came out. In the quarter where it came out lowest, a quarter of what was planted, 29%
# are called; where it came out highest, 4%. Ten animals and three coefficients leave seven degrees of freedom to
# estimate α from, and the test takes the result for known.

# %% mystnb={"image": {"alt": "Two panels, dispersion estimated against planted, log axes, 2,000 genes each. Left, each gene alone: a cloud from 0.001 to 1 at any planted value, lying mostly below the diagonal, some at zero. Right, drawn to genes of similar mean: a narrow band along the diagonal that flattens above 0.5."}}
fig, axes = plt.subplots(1, 2, figsize=(10, 4.3), sharex=True, sharey=True)
floor, ends = 1e-3, [0.02, 5]
for ax, estimated, name in zip(
    axes,
    [alone["dispersion"], shrunk["dispersion"]],
    ["each gene alone", "drawn to genes of similar mean"],
):
    at = truth.loc[estimated.index, "dispersion"]
    ax.scatter(at, estimated.clip(lower=floor), s=7, color=plots.BLUE, alpha=0.35, linewidths=0)
    ax.plot(ends, ends, color=plots.INK, linewidth=1.2)
    ax.text(2.7, 3.4, "truth ", ha="right")
    log_error = np.log2(estimated.clip(lower=floor) / at)
    ax.set(xscale="log", yscale="log", xlabel="dispersion α, planted", title=name)
    far = (log_error < -1).mean()
    ax.text(0.025, 8, f"less than half of it: {far:.0%} of genes", va="top")
axes[0].text(0.55, 1.15e-3, "0 or next to it", color=plots.BLUE, va="bottom")
axes[0].set_ylabel("dispersion α, estimated")
axes[0].set_yticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
axes[0].set_xticks([0.1, 1], ["0.1", "1"])
axes[0].set_ylim(7e-4, 10)
fig.suptitle("Seven degrees of freedom say little; 2,000 genes say much", fontweight="bold")
plt.show()

# %% [markdown]
# Left, a gene alone hardly knows its α; 38% come out at less than half the truth. Right, genes of similar mean are
# looked at together, and each is drawn to what they have in common, as a random intercept draws a small group to the
# mean ([shrinkage](glossary.md#shrinkage), lesson 03). Genes whose α really is large are drawn too far: the price.
# That is the one idea behind all of the following:
#
# - **DESeq2** draws each α to a trend, takes it for known, and tests by z (a [Wald test](glossary.md#wald-test)).
# - **edgeR, [quasi-likelihood](glossary.md#quasi-likelihood)** (QL) takes α from the trend, estimates how much more
#   or less *this* gene scatters, draws that to the others, and tests by F: the F distribution allows for the doubt
#   left. (Its older likelihood-ratio test does not.)
# - **[voom](glossary.md#voom)** takes log counts, gives each a weight by the trend of the variance, and goes on as a
#   linear model with moderated t tests (limma).
# - **[NOISeq](glossary.md#noiseq)** fits nothing. It compares the difference between two groups with differences
#   between replicates.
# - **Least squares** on log counts: lesson 02, gene by gene, nothing shared.
#
# ## 6 · The methods side by side

# %%
formula = "~ urea_z + weight_z"
log_cpm = np.log2((counts + 0.5) / (counts.sum() + 1) * 1e6)


def least_squares():
    """Lesson 02's model of every gene's log2 counts per million."""
    X = np.column_stack([np.ones(len(mice)), mice["urea_z"], mice["weight_z"]])
    beta, rss, *_ = np.linalg.lstsq(X, log_cpm.T.to_numpy())
    std_error = np.sqrt(np.outer(np.diag(np.linalg.inv(X.T @ X)), rss / 7))
    p = pd.DataFrame(2 * stats.t.sf(np.abs(beta / std_error), 7), columns=counts.index)
    p_adjusted = [stats.false_discovery_control(row) for row in p.iloc[1:].to_numpy()]
    wide = pd.DataFrame(p_adjusted, ["urea_z", "weight_z"], counts.index).T
    return wide.melt(ignore_index=False, var_name="term", value_name="p_adjusted").reset_index()


results = {
    "QL (edgeR)": methods.quasi_likelihood(counts, mice, formula),
    "voom": methods.voom(counts, mice, formula),
    "DESeq2": methods.deseq2(counts, mice, formula),
    "likelihood ratio": moderated,
    "least squares": least_squares(),
}


def called(table, term):
    """Names of the genes called at a promised false discovery rate of 10%."""
    rows = of(table, term)
    return rows.index[rows["p_adjusted"] < 0.1]


def by_truth(genes):
    """How many of them go with what."""
    return (
        truth.loc[genes, "driver"].value_counts().reindex(["urea", "weight", "group", "none"])
    )


tallies = {}
for term in ("urea_z", "weight_z"):
    reference = called(results["QL (edgeR)"], term)
    for name, table in results.items():
        genes = called(table, term)
        shared = {"called": len(genes), "also by QL": len(genes.intersection(reference))}
        tallies[term, name] = shared | by_truth(genes).fillna(0).astype(int).to_dict()
pd.DataFrame(tallies).T.rename_axis(["tested", "method"])

# %% [markdown]
# The four columns at the right are the truth about the genes called: of 200 urea genes QL finds 181, voom 180, DESeq2
# 185. They agree on most genes. Least squares, which learns nothing from other genes, finds 166. The rate promised is
# 10%: of QL's 250 genes 9 go with *nothing* and 3 with weight. So far, so good.
#
# **But 57 of the 250 go with the *group*.** No test erred there. C animals have much urea and CR animals little, so a
# gene that differs between the groups for whatever reason does go with urea: [confounding](glossary.md#confounding),
# as in lesson 02. The [false discovery rate](glossary.md#false-discovery-rate) promises nothing about causes. The
# remedy is a model that knows the groups:

# %%
adjusted = methods.quasi_likelihood(
    counts, mice, "~ urea_z + weight_z + group", terms=["urea_z", "weight_z"]
)
noise = methods.noiseq(counts, mice, "group", levels=("CR", "C"))
above = noise.index[noise["probability"] > 0.8]
within = {f"QL with group: {term}": called(adjusted, term) for term in ("urea_z", "weight_z")}
within["NOISeq, CR against C"] = above
pd.DataFrame(
    {k: {"called": len(v)} | by_truth(v).to_dict() for k, v in within.items()}
).T.fillna(0).astype(int)

# %% [markdown]
# With the group in the model one group gene is left, and the price is power: 138 urea genes in place of 181, because
# only the differences *within* groups still count. If the groups were made by the experimenter, this is the model to
# report.
#
# **NOISeq** answers another question. It takes two groups (here CR against C) and no covariate; a gene that goes with
# urea is one of its findings, for these groups differ in urea. Its number is called a probability:
#
# > **Pitfall: reading NOISeq's probability as a p-value.** 0.8 is a share of replicate pairs that the gene surpasses,
# > not a false-positive rate of 20%, and it does not become surer with more animals. Here it called no gene with
# > nothing, and missed most of the 200 group genes: section 7 shows that this is its nature, not luck.
#
# ### In R
#
# The same counts in DESeq2, edgeR, limma and NOISeq: numbers of gene_0025 (log2 fold changes per standard deviation
# of urea), and how many genes are called at 10%, for urea and for weight. The numbers are edgeR 3.40's. edgeR 4 has
# another quasi-likelihood method by default; `legacy = TRUE` gives this one, and edgeR 3 accepts the word, too.

# %%
rows = []
calls = {
    "DESeq2": ("deseq2", "results(DESeq(dds), name = 'urea_z')", {"std_error": "std_error"}),
    "QL (edgeR)": (
        "edger",
        "glmQLFTest(glmQLFit(y, D, legacy = TRUE), coef = 2)  # legacy: edgeR 4",
        {"F": "statistic"},
    ),
    "voom": ("limma", "topTable(eBayes(lmFit(voom(y, D), D)), coef = 2)", {"t": "statistic"}),
}
for name, (key, call, also) in calls.items():
    ours, r = of(results[name], "urea_z").loc["gene_0025"], in_r[key]
    rows.append((f"{name}: log2 FC", call, r["log2_fold_change"], ours["log2_fold_change"]))
    for theirs, column in also.items():
        scale = np.log(2) if theirs == "std_error" else 1
        rows.append((f"{name}: {theirs}", "", r[theirs], ours[column] / scale))
    # DESeq2's search for a dispersion stops early: the third digit of p depends on the processor
    p = [
        float(f"{value:{'.1e' if name == 'DESeq2' else '.6e'}}")
        for value in (r["p"], ours["p_value"])
    ]
    rows.append((f"{name}: p", "", *p))
    for term in ("urea", "weight"):
        found = len(called(results[name], f"{term}_z"))
        rows.append((f"{name}: called, {term}", "", r[f"called_{term}"], found))
r, ours = in_r["noiseq"], noise.loc["gene_0025"]
rows += [
    ("NOISeq: M", "noiseq(…, replicates = 'biological')", r["M"], ours["log2_fold_change"]),
    ("NOISeq: probability", "", r["probability"], ours["probability"]),
    ("NOISeq: above 0.8", "", r["above"], len(above)),
]
tables.beside_r(rows, tolerance=1e-4)

# %% [markdown]
# On these counts all sets have the same size in R. The methods are written from their papers, and compared with R gene by
# gene; the [register](../tests/reference/differences.md) says where they differ from R on purpose, and by how much.
#
# ### Exercise 7.3
#
# In the table of the model *with group*: what share of the genes called for **weight** does not go with weight? In
# percent, one decimal. (The promise was 10%.)

# %%
answer = ...
check("7.3", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
genes = called(adjusted, "weight_z")
answer = 100 * (truth.loc[genes, "driver"] != "weight").mean()
check("7.3", answer)
print(f"{answer:.1f}%")

# %% [markdown]
# ## 7 · Who keeps the promise?
#
# One data set is one throw of the dice. So the same was done on 24 simulated data sets of 5,000 genes and these ten
# animals, 10% of the genes going with urea, 10% with weight, many of the effects small, no group genes. It takes a
# long time, so the result is [kept](../data/README.md) with the [script](../data/make/count_promises.py) that made
# it. For each method and data set: which share of the genes called at a promised 5% or 10% was false?

# %% mystnb={"image": {"alt": "Two panels, five methods. Left, false among the genes called: at a promised 5 percent QL, voom and least squares lie near 4, likelihood ratio and DESeq2 near 8; at 10 percent the first three lie near 8, the other two near 14. Right, true genes found at equal realised rate: about 50 percent for all but least squares at 36."}}
promises = pd.read_csv("../data/count_promises.csv")
names = {
    "quasi_likelihood": "QL (edgeR)",
    "voom": "voom",
    "least_squares": "least squares",
    "likelihood_ratio": "likelihood ratio",
    "deseq2": "DESeq2",
}
promises["false"] = (promises["false"] / promises["called"]).fillna(0)
promises["found, matched"] = promises["found_at_matched_rate"] / promises["true"]
covariates = promises[promises["term"].isin(["urea", "weight"])]
keys = ["method", "level", "data_set"]
per_set = covariates.groupby(keys)[["false", "found, matched"]].mean()
kept = per_set.groupby(["method", "level"]).agg(["mean", "sem"]).loc[list(names)]
fig, axes = plt.subplots(1, 2, figsize=(11, 3.9), sharey=True, width_ratios=[1.4, 1])
at = np.arange(len(names))[::-1]
for level, colour, shift in [(0.05, plots.BLUE, 0.13), (0.10, plots.ORANGE, -0.13)]:
    for ax, column in zip(axes, ["false", "found, matched"]):
        x = 100 * kept[column].xs(level, level="level").loc[list(names)]
        bar = {"xerr": 1.96 * x["sem"], "color": colour, "capsize": 3, "markersize": 7}
        ax.errorbar(x["mean"], at + shift, fmt="o", **bar)
    axes[0].vlines(100 * level, -0.5, 4.4, color=colour, linestyle="--", linewidth=1.2)
    axes[0].text(100 * level, 4.6, f"promised {level:.0%}", color=colour, ha="center")
axes[1].text(x["mean"].iloc[0] + 1.5, at[0], "at 10% false", color=plots.ORANGE, va="center")
axes[1].text(35.5, at[0], "at 5% false", color=plots.BLUE, va="center")
axes[0].set_yticks(at, names.values())
for ax in axes:
    ax.tick_params(axis="y", length=0)
axes[0].set(xlim=(0, 16), ylim=(-0.5, 5), xlabel="false among the genes called (%)")
axes[1].set(xlim=(30, 63), xlabel="true genes found at an equal realised rate (%)")
fig.suptitle("QL and voom keep the promise; DESeq2 promises too much", fontweight="bold")
plt.show()
rates = {}
for level in (0.05, 0.10):
    part = 100 * kept.xs(level, level="level").rename(index=names)
    rates[f"false at {level:.0%} (%)"] = part["false", "mean"]
    rates[f"error at {level:.0%}"] = part["false", "sem"]
    rates[f"found at {level:.0%} (%)"] = part["found, matched", "mean"]
pd.DataFrame(rates)

# %% [markdown]
# Bars: 95% intervals over the 24 data sets ([Monte-Carlo error](glossary.md#monte-carlo-error); in the table, `error`
# is one standard error). QL's realised rate is 3.8% where 5% was promised and 7.9% where 10% was, voom's 3.8% and
# 8.5%. Least squares keeps the promise, too, and finds far less. **DESeq2 had 8.4% and 14.2%, the likelihood ratio
# 8.0% and 13.6%**: with seven degrees of freedom per gene, taking a shrunken dispersion for known is too sure. That
# is not the same as being worse. With its threshold moved so that equally many findings are false, DESeq2 finds as
# many true genes as QL, to within half a percentage point (right).
#
# **What follows** for somebody with ten animals: take QL or voom first; with DESeq2 read "10%" as about 14%. **What
# does not:** the simulated counts *are* negative binomial, with a smooth trend of dispersions, and without outliers.
# Real counts need not be, and may rank the methods otherwise. Nor do these numbers say what happens with six animals,
# or with thirty.
#
# NOISeq, by the same script on 24 data sets with genes that differ between the groups:

# %%
by_noiseq = promises[promises["method"] == "noiseq"]
by_noiseq = by_noiseq.assign(
    found=by_noiseq["called"] * (1 - by_noiseq["false"]) / by_noiseq["true"]
)
table = by_noiseq.groupby("level")[["called", "false", "found", "found, matched"]].mean()
table.index = [f"probability > {1 - level:.2f}" for level in table.index]
error = by_noiseq.groupby("level")["false"].sem().max()
print(f"standard error of the false share: at most {error:.4f}")
of_groups = promises[(promises["term"] == "CR - C") & (promises["level"] == 0.10)]
print("found when 10% are false:", end=" ")
means = of_groups.groupby("method")["found, matched"].mean()
print(", ".join(f"{name} {means[key]:.3f}" for key, name in names.items()))
table

# %% [markdown]
# Above 0.8 fewer than one in 300 of the genes called is false, not one in five, and 14% of the true ones are found.
# Its *order* of the genes is a sensible one (cut where 10% are false, 0.289 would be found, as against QL's 0.332);
# the threshold tells no rate, in either direction.
#
# This is `noiseq`, which its authors made for technical replicates, or for none. For animals they have another method,
# `noiseqbio`. With nine samples or fewer it borrows its noise from clusters of similar genes, and its list of genes then
# depends on where the search for clusters happens to stop. So `methods.noiseqbio` refuses such a table, as these seven
# samples are, and says why. With ten samples or more it gives R's numbers.
#
# ## 8 · Animals measured repeatedly
#
# Eight animals, three days each: 24 samples, and lesson 04's question again. Some covariates change from day to day
# (urea, *within* animals), others belong to the animal (weight, *between* animals). Three analyses: a
# negative-binomial model that ignores the animal; the negative-binomial [mixed model](glossary.md#mixed-model),
# tested by z; and the linear mixed model of lesson 04 on log2 counts, tested by Satterthwaite. How often do they call
# a covariate without effect, at 5%? (20 blocks of 200 simulated genes; each block has its own animals and covariates,
# so blocks are what the error is computed from.)

# %% mystnb={"image": {"alt": "False alarms at a nominal 5 percent. Animal ignored: 8 percent within, 25 percent between animals. Negative-binomial mixed model by z: 8 within, 13 between. Linear mixed model on log2 counts by t: both close to the dashed line at 5."}}
repeated = pd.read_csv("../data/repeated_count_promises.csv")
analyses = {
    "ignored": "animal ignored, z",
    "mixed_z": "neg. bin. mixed model, z",
    "log_satterthwaite": "linear mixed model on log2, t",
}
rates = {}
for key, name in analyses.items():
    for kind in ("within", "between"):
        share = 100 * repeated[f"{key}_{kind}"] / repeated[f"{key}_{kind}_tested"]
        rates[name, kind] = {"false alarms (%)": share.mean(), "error": share.sem()}
rates = pd.DataFrame(rates).T
fig, ax = plt.subplots(figsize=(8.5, 3.2))
ax.axvline(5, color=plots.GREY, linestyle="--", linewidth=1.2)
for kind, colour, shift in [("within", plots.BLUE, 0.12), ("between", plots.ORANGE, -0.12)]:
    part = rates.xs(kind, level=1).loc[list(analyses.values())]
    at = np.arange(3)[::-1] + shift
    bar = {"xerr": 1.96 * part["error"], "color": colour, "capsize": 3, "markersize": 7}
    ax.errorbar(part["false alarms (%)"], at, fmt="o", **bar)
    x, y = part["false alarms (%)"].iloc[0], at[0] + np.sign(shift) * 0.22
    ax.text(x, y, f"{kind} animals", color=colour, ha="center", va="center")
ax.set_yticks([2, 1, 0], analyses.values())
ax.tick_params(axis="y", length=0)
ax.set(xlim=(0, None), ylim=(-0.6, 2.7), xlabel="false alarms at p < 0.05 (%)")
ax.set(xlim=(0, 28))
ax.set_title("With eight animals, only counted degrees of freedom keep the 5%")
plt.show()
rates

# %% [markdown]
# Ignoring the animal calls a covariate *between* animals significant in a quarter of the genes without effect:
# [pseudoreplication](glossary.md#pseudoreplication), as in lesson 03. The mixed model of counts mends half of it, and
# yet its z tests reject in 8.2% (within) and 13.2% (between). The linear mixed model, wrong about the distribution
# and right about the degrees of freedom, is closest to 5%: 5.6% and 4.5%.
#
# A method must also find what is there. So the next study plants changes in a tenth of 500 genes and asks each method
# for its list at an FDR of 5% ([how it was done](../benchmarks/README.md)). A question is *between* animals (two groups
# of mice), *within* them (a treatment of half of the samples) or *both* (a covariate that varies both ways, like urea).

# %%
study = pd.read_csv("../benchmarks/repeated_counts.csv")
study = study.query("animals == 8 and sizes == 'equal'")
listed = {
    "sum_ql": "reads summed per animal, QL",
    "block_ql": "animal in the formula, QL",
    "mixed_kr": "linear mixed model, a gene alone",
    "mixed_moderated": "linear mixed model, moderated",
    "nb_z": "neg. bin. mixed model, z",
    "ignored_voom": "animal ignored, voom",
}
percent = study.assign(
    found=100 * study["found"] / study["changed"], false=100 * study["false_share"]
).pivot_table(["found", "false"], "method", "question")
percent = percent.loc[list(listed)].reindex(["between", "within", "both"], axis=1, level=1)
found, false = percent["found"], percent["false"]
print(
    f"{study['data_sets'].iloc[0]} simulated studies of eight animals with three samples each"
)
assert false.loc["sum_ql", "between"] < 10 < 30 < false.loc["ignored_voom", "between"]
assert (false.loc["mixed_moderated"] < 10).all()
assert (found.loc["mixed_moderated"] > found.loc["mixed_kr"]).all()
both = {"changed genes found (%)": found, "false among those called (%)": false}
pd.concat(both, axis=1).rename(index=listed).round(0)

# %% [markdown]
# (NaN: QL can't ask that question. Sums have no *within* any more; animals in the formula leave no *between*.)
#
# - **Between animals:** sum the reads of each animal, `sum_by(counts, samples, "animal")`, and go on with QL or voom.
#   Eight animals are then eight samples.
# - **Within animals:** put the animal into the formula of QL, as section 9 does with pairs.
# - **Both:** the linear mixed model, *moderated*: `voom_weights` gives log counts and a weight for each,
#   `fit_genes(..., moderated=True)` learns from all genes how large the variances are, within animals and between
#   them. It serves the first two questions as well.
#
# A mixed model of each gene *alone* has few false genes, too, but it finds fewer true ones. The z tests fill their lists
# with false genes. So does the analysis without the animal, except within animals: there it finds fewer true ones.
#
# One gene of a simulated study of this kind, `g14`, all three ways, with the truth beside them:

# %%
repeats = pd.read_csv(folder / "counts/counts_24x30.csv.gz", index_col=0)
days = pd.read_csv(folder / "genes/lmm_design.csv", index_col=0)
for name in ("urea", "weight"):
    days[f"{name[0]}z"] = (days[name] - days[name].mean()) / days[name].std()
sizes = np.exp(
    pd.read_csv(folder / "counts/counts_24x30_offset.csv", index_col=0)["log_offset"]
)
planted = pd.read_csv(folder / "counts/counts_24x30_truth.csv", index_col=0).loc["g14"]
g14, how_sized = repeats.loc[["g14"]], {"size_factors": sizes}
ignoring = methods.fit_negative_binomial(g14, days, "~ uz + wz", **how_sized).set_index("term")
mixed = methods.fit_negative_binomial_mixed(
    g14, days, "~ uz + wz + (1 | animal)", **how_sized
).set_index("term")
days["log2_level"] = np.log2(g14.loc["g14"] / sizes + 0.5)
linear = fit_mixed("log2_level ~ uz + wz + (1 | animal)", days)
in_log2 = linear.coefficients().loc[["uz", "wz"]]
print(f"variance between animals: {mixed['group_variance'].iloc[0]:.2f}", end="")
print(f" (planted {planted['tau'] ** 2:.2f}), α {mixed['dispersion'].iloc[0]:.3f}", end="")
print(f" (planted {1 / planted['theta']:.3f})")
ways = {}
for term, name in {"uz": "urea, within", "wz": "weight, between"}.items():
    rows = {"animal ignored": ignoring.loc[term], "mixed, z": mixed.loc[term]}
    rows["log2, t"] = in_log2.loc[term]
    for way, row in rows.items():
        to_log2 = 1 if way == "log2, t" else 1 / np.log(2)
        ways[name, way] = {
            "planted": planted[f"b_{name.split(',')[0]}_z"] / np.log(2),
            "log2 fold change": row["estimate"] * to_log2,
            "std_error": row["std_error"] * to_log2,
            "df": row["df"],
            "p_value": row["p_value"],
        }
pd.DataFrame(ways).T

# %% [markdown]
# Weight belongs to the animal, and there are eight animals. Ignoring that gives p = 1.6e-06 from "24" samples. The
# mixed model of counts sees eight, and its standard error nearly doubles, but it tests by z, as if the variance
# between animals were known: p = 0.013. With six degrees of freedom it is 0.082. An effect was planted, though a much
# smaller one than any of them estimates. Urea varies within animals, and there the mixed models are the *surer* ones:
# each animal is compared with itself.
#
# > **Pitfall: z tests with few animals.** Negative-binomial mixed models, in R as here, come with z tests. With eight
# > animals those are too ready to reject, above all between animals. **What to report** of many genes: one of the
# > three analyses above. Of one gene alone: the fold change from either mixed model; the p-value and interval from the
# > linear one on log counts, with its degrees of freedom. Always: how many *animals* there were. Where counts are very
# > low, logs of zeros spoil the linear one: then report z, and say so.
#
# ### In R
#
# `glmmTMB(y ~ uz + wz + offset(log_size) + (1 | animal), family = nbinom2)`:

# %%
r = pd.read_csv(folder / "counts/glmmTMB_out.csv").query("gene == 'g14'").set_index("term")
rows = []
for term in ("uz", "wz"):
    rows += [
        (
            f"{term}: estimate",
            "summary(fit)",
            r.loc[term, "estimate"],
            mixed.loc[term, "estimate"],
        ),
        (f"{term}: std. error", "", r.loc[term, "se"], mixed.loc[term, "std_error"]),
        (f"{term}: p", "", r.loc[term, "p"], mixed.loc[term, "p_value"]),
    ]
rows += [
    (
        "variance, animal",
        "VarCorr(fit)",
        r["var_animal"].iloc[0],
        mixed["group_variance"].iloc[0],
    ),
    ("log-likelihood", "logLik(fit)", r["logLik"].iloc[0], mixed["log_likelihood"].iloc[0]),
]
tables.beside_r(rows, tolerance=1e-5)

# %% [markdown]
# ### Exercise 7.4
#
# Three mice get a drug, three others a placebo; of each, four samples are sequenced, 15,000 genes. For one of them the
# negative-binomial mixed model says p = 0.03 (z). What do you report?
#
# - **a** — p = 0.03: the data are counts, and the animal is in the model;
# - **b** — the model without the animal: there are 24 samples, and p is smaller;
# - **c** — the gene's row from QL or voom on the reads summed per mouse: six samples, four degrees of freedom and what
#   the other genes add to them;
# - **d** — a Poisson model: it has no dispersion that could be estimated badly.

# %%
answer = ...
check("7.4", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = "c"
check("7.4", answer)
t = stats.norm.isf(0.03 / 2)
print(
    f"The same statistic, {t:.2f}, as t with 4 degrees of freedom: p = {2 * stats.t.sf(t, 4):.2f}"
)

# %% [markdown]
# ## 9 · Interaction and pairs
#
# **Does the effect of urea depend on weight?** `urea_z * weight_z`, as in lesson 05. `comparisons` of lesson 06 takes
# the count model as it is; `transform="exp"` gives fold changes. Weights of 1 standard deviation below and above the
# mean stand for a light and a heavy mouse.

# %%
crossed = smf.negativebinomial("reads ~ urea_z * weight_z", **how).fit(disp=False)
at = {"by": "weight_z", "at": {"weight_z": [-1, 1]}}
asked = {
    "interaction, fold change": comparisons(crossed, "urea_z", **at, transform="exp"),
    "… heavy over light": comparisons(
        crossed, "urea_z", **at, differences="pairwise", transform="exp"
    ),
    "no interaction, fold change": comparisons(
        negative_binomial, "urea_z", **at, transform="exp"
    ),
    "no interaction, reads": comparisons(negative_binomial, "urea_z", **at, scale="response"),
}
shown = ["weight_z", "estimate", "conf_low", "conf_high", "p_value"]
display(pd.concat({name: pd.DataFrame(table)[shown] for name, table in asked.items()}))
every_gene = methods.quasi_likelihood(
    counts,
    mice,
    "~ urea_z * weight_z",
    terms={
        "interaction": {"urea_z:weight_z": 1},
        "urea, heavy mouse": {"urea_z": 1, "urea_z:weight_z": 1},
    },
)
for term in ("interaction", "urea, heavy mouse"):
    print(f"{term}: {len(called(every_gene, term))} genes called at 10%", end="; ")
    print(f"p < 0.05 in {(of(every_gene, term)['p_value'] < 0.05).mean():.1%}")

# %% [markdown]
# In gene_0025 one standard deviation of urea multiplies the reads by 1.579 in light mice and by 1.554 in heavy ones;
# the ratio of the two is 0.984 (0.655 to 1.479): no interaction shown, and a wide interval. Over all genes QL finds
# none, rightly: none was planted, and p falls below 0.05 in 4.6%, as it should. (`terms=` takes sums of coefficients,
# as `fit.contrast` does: with "urea, heavy mouse" 190 genes are called.)
#
# Now the last two blocks. In the model *without* an interaction the fold change is the same for all mice. Yet in
# *reads* urea adds 64.8 to a light mouse and 50.2 to a heavy one, because the same factor applies to a larger number.
# So "does the effect differ?" has two answers, and a paper has to say on which scale: here, fold changes.
#
# **Pairs.** Six mice before and after a treatment, 500 genes, 50 of which change by a factor exp(0.6) up or down;
# animals differ widely in their levels.

# %%
rng = np.random.default_rng(9)
animals = [f"m{k}" for k in range(1, 7)]
paired = pd.DataFrame({"animal": np.repeat(animals, 2), "time": ["before", "after"] * 6})
paired["time"] = pd.Categorical(paired["time"], ["before", "after"])
paired.index = paired["animal"] + " " + paired["time"].astype(str)
has_changed = np.arange(500) < 50
change = np.where(has_changed, rng.choice([-0.6, 0.6], 500), 0)
own_level = rng.normal(0, 0.8, (500, 6))[:, np.repeat(np.arange(6), 2)]
log_mean = (
    rng.normal(4.5, 1, (500, 1)) + own_level + np.outer(change, paired["time"] == "after")
)
drawn = rng.negative_binomial(20, 20 / (20 + np.exp(log_mean)))  # α = 1/20
drawn = pd.DataFrame(drawn, [f"gene_{k:03d}" for k in range(1, 501)], paired.index)
third = paired.assign(reads=drawn.loc["gene_003"], log_size=np.log(methods.size_factors(drawn)))
TREATED, of_third = "time[T.after]", {}
for right in ("time", "animal + time"):
    table = methods.quasi_likelihood(drawn, paired, f"~ {right}", terms=TREATED).set_index(
        "gene"
    )
    is_called = table["p_adjusted"] < 0.1
    print(
        f"~ {right}: {is_called.sum()} genes called, {(is_called & ~has_changed).sum()} of them false"
    )
    family = sm.families.NegativeBinomial(alpha=table.loc["gene_003", "dispersion"])
    glm = smf.glm(f"reads ~ {right}", third, family=family, offset=third["log_size"]).fit()
    of_third[f"~ {right}"] = comparisons(glm, "time", transform="exp").iloc[0]
print(f"gene_003, planted: {np.exp(change[2]):.3f}")
pd.DataFrame(of_third).T[["contrast", "estimate", "conf_low", "conf_high", "p_value"]]

# %% [markdown]
# Without the animal, no gene: how mice differ drowns what treatment does. With it each mouse is its own control, and
# 42 of 50 are found. (A factor with few rows per level serves as well as a random intercept when the question is
# *within* animals; for a covariate *between* animals it would leave nothing.) The single gene takes its α from QL's
# trend, because 12 counts and seven coefficients would estimate it far too small; its test is by z, so for p-values
# keep to QL.
#
# ## 10 · In reads, please
#
# Sometimes one wants expected *reads*. Then the offset matters again. Here it is the log of each library's total, as
# edgeR has it.

# %%
by_total = smf.negativebinomial("reads ~ urea_z + weight_z", one, offset=one["log_reads"]).fit(
    disp=False
)
theirs = marginaleffects.avg_predictions(by_total).data["estimate"].item()
observed = predictions(by_total, grid="observed", scale="response")["estimate"].item()
per_million = predictions(by_total, scale="response", offset=np.log(1e6))
more = comparisons(by_total, "urea_z", scale="response", offset=np.log(1e6))
print(f"mean count of gene_0025:                       {one['reads'].mean():.1f}")
print(f"mean of the fitted values:                     {by_total.predict().mean():.1f}")
print(f"marginaleffects.avg_predictions:               {theirs:.6f}")
print(f"predictions, each animal's own offset:         {observed:.1f}")
shown = ["estimate", "conf_low", "conf_high", "p_value"]
pd.concat(
    {
        "average mouse, 1 million reads": pd.DataFrame(per_million)[shown],
        "… one SD more urea": pd.DataFrame(more)[shown],
    }
)

# %% [markdown]
# > **Pitfall: the offset is dropped in silence.** marginaleffects (Python, 0.6) knows nothing of statsmodels' offset
# > and predicts for a library of *one read*: 0.000175. Had the offset been the log of a size factor, the mistake
# > would have been a factor near 1, and nobody would have noticed. Compare the mean prediction with the mean count.
# > `helpers.contrasts` keeps each animal's own, or takes the one you name.
#
# Read aloud: *in a million reads an average mouse is expected to show 154.9 of gene_0025 (95% interval 124.7 to
# 185.1); one standard deviation more urea adds 76.9 (40.7 to 113).*
#
# ### Exercise 7.5
#
# How many reads of gene_0025 does the model `by_total` expect in a mouse of average weight whose urea is one standard
# deviation *above* the mean, in a library of **1.5 million** reads? To the nearest whole number.

# %%
answer = ...
check("7.5", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = predictions(by_total, at={"urea_z": 1}, scale="response", offset=np.log(1.5e6))
answer = answer["estimate"].item()
check("7.5", answer)
print(f"{answer:.0f} reads")

# %% [markdown]
# ## 11 · The question's own gene
#
# The question published one gene, as z-scores over ten animals. Its counts can't be had back: mean and spread are
# gone, and with them the fold change, the dispersion, and how much of the scatter was chance sampling.

# %%
scores = load_mouse_scores().set_index("animal").join(mice[["urea_z", "weight_z"]])
gene_x = smf.ols("gene_x ~ urea_z + weight_z", scores).fit()
low, high = gene_x.conf_int().T.to_numpy()
columns = {"slope": gene_x.params, "conf_low": low, "conf_high": high, "p": gene_x.pvalues}
two_genes = pd.DataFrame({"few reads": [2, 4, 6], "many reads": [2000, 4000, 6000]})
print("z-scores of few reads: ", stats.zscore(two_genes["few reads"], ddof=1).tolist())
print("z-scores of many reads:", stats.zscore(two_genes["many reads"], ddof=1).tolist())
pd.DataFrame(columns).drop("Intercept")

# %% [markdown]
# Three samples of 2, 4, 6 reads and three of 2,000, 4,000, 6,000 have the same z-scores. What remains sayable is
# lesson 02: *one standard deviation more urea, at the same weight, goes with 0.680 standard deviations more of Gene
# X* (95% interval 0.072 to 1.288, p = 0.033, ten animals, groups ignored); a correlation; a permutation test within
# groups (lesson 01). Not sayable: by which factor it changes, or whether it is among the genes that a screen of
# counts would call. Whoever asks a statistician should bring the counts.
#
# ## Recap
#
# Counts scatter between animals more than chance does, so raw counts go into a negative-binomial model, and the
# library size goes beside them as an offset. A slope is the logarithm of a fold change per unit: say the unit. With
# ten animals a gene alone can't estimate its dispersion; methods that let genes learn from each other can, and those
# that also allow for the doubt left keep their promise. What goes with the group goes with urea, too, and no test
# mends that: put the group into the model. Of animals measured repeatedly, sum the reads for a question between
# animals, and put the animal into the model for any other; let degrees of freedom, not z, say how sure.
#
# **Decision:** ten animals, many genes: edgeR's quasi-likelihood or voom first, with the group in the model if there
# are groups; DESeq2 with a stricter threshold or as a second opinion; NOISeq for two groups, without an error rate.
# Repeated counts: reads summed per animal for a question between animals, else the animal in the formula or the
# moderated mixed model.
#
# **Before:** [06 · Marginal contrasts](06_marginal_contrasts.ipynb). **Next:** [08 · Every
# gene](08_every_gene.ipynb).
#
# **Sources.** Size factors and negative-binomial counts: Anders & Huber 2010,
# [doi:10.1186/gb-2010-11-10-r106](https://doi.org/10.1186/gb-2010-11-10-r106). TMM: Robinson & Oshlack 2010,
# [doi:10.1186/gb-2010-11-3-r25](https://doi.org/10.1186/gb-2010-11-3-r25). edgeR: McCarthy, Chen & Smyth 2012,
# [doi:10.1093/nar/gks042](https://doi.org/10.1093/nar/gks042); quasi-likelihood: Lund, Nettleton, McCarthy & Smyth
# 2012, [doi:10.1515/1544-6115.1826](https://doi.org/10.1515/1544-6115.1826). DESeq2: Love, Huber & Anders 2014,
# [doi:10.1186/s13059-014-0550-8](https://doi.org/10.1186/s13059-014-0550-8). voom: Law, Chen,
# Shi & Smyth 2014, [doi:10.1186/gb-2014-15-2-r29](https://doi.org/10.1186/gb-2014-15-2-r29). NOISeq: Tarazona,
# García-Alcalde, Dopazo, Ferrer & Conesa 2011, [doi:10.1101/gr.124321.111](https://doi.org/10.1101/gr.124321.111).
# glmmTMB: Brooks et al. 2017, [doi:10.32614/RJ-2017-066](https://doi.org/10.32614/RJ-2017-066).

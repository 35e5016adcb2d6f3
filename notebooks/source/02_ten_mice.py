# %% [markdown]
# # 02 · What ten mice can show
#
# **How far can I trust r, from ten animals or over many genes?**

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# loads the libraries of this lesson
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

from helpers import plots, tables
from helpers.correlation import correlate
from helpers.counts import size_factors
from helpers.course.claims import claim
from helpers.data import load_mouse_counts, load_mouse_counts_truth, load_mouse_scores
from helpers.exercises import check, solution
from helpers.simulate import simulate_pairs

plots.use_style()
tables.use_style()

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Eight small scatter plots, each a simulated study of ten mice with a line and its r. In some the points rise steeply, in others hardly or not at all, although the true correlation is 0.5 in all eight."}}
# draws eight studies of ten mice from one truth
eight = simulate_pairs(0.5, n=10, n_samples=8, rng=np.random.default_rng(1))
plots.studies(*eight, title="Eight studies of ten mice: true correlation 0.5")
plt.show()
r_of_eight = stats.pearsonr(*eight, axis=1).statistic
print(f"r from {r_of_eight.min():.2f} to {r_of_eight.max():.2f}")

# %% [markdown]
# Somebody repeats your study eight times, with ten new mice each time. The truth is always the same.
# The r's are not: they run from −0.12 to 0.80. You did one such study. Which of the eight was it?
#
# We cannot repeat the mouse study. But we can *make* studies whose truth we know, and see what they
# find.
#
# *About 26 minutes. You need lesson 01. At the end you will be able to say how far r strays at your
# number of animals, plan that number, and adjust the p-values of many genes.*
#
# ## 1 · Draw the study again, and again
#
# Let the true correlation be 0.5. Make 20,000 studies, and compute the r of each.
#
# > **What if** each study had more mice? Change the number, and run the cells of this section again.

# %% tags=["what-if"]
n_mice = 10  # try 40
rng = np.random.default_rng(20190808)
x, y = simulate_pairs(0.5, n=n_mice, n_samples=20_000, rng=rng)
found = stats.pearsonr(x, y, axis=1)

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Left, the study of ten mice that was drawn last, with its line and its r. Right, a histogram of the r of all studies so far, around the true 0.5. A slider goes from 1 to 200 studies."}}
# draws one study after the other; a slider goes from 1 to 200
plots.studies_drawn_again(x[:200], y[:200], truth=0.5, after=[1, 2, 3, 5, 10, 20, 50, 200])

# %% [markdown]
# Move the slider: one study after the other adds its r. (If you see no slider, run the cell.)
#
# All the r's that a study *could* have found are its [**sampling
# distribution**](glossary.md#sampling-distribution). You see one of them. The wider the distribution,
# the less that one r tells you.

# %%
low, high = np.quantile(found.statistic, [0.025, 0.975])
print(f"95% of the studies find r between {low:.2f} and {high:.2f}")

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three histograms of r from 20,000 studies with ten mice each. True correlation 0: a wide hump from -0.6 to 0.6. True 0.5: wide, skewed, from -0.2 to 0.9. True 0.85: narrower, from 0.5 to 0.97."}}
# draws the sampling distribution of r for three truths
rng = np.random.default_rng(1)
none, strong = (
    stats.pearsonr(*simulate_pairs(truth, n_mice, 20_000, rng), axis=1).statistic
    for truth in [0, 0.85]
)
title = f"True 0.5, {n_mice} mice: 95% find r from {low:.2f} to {high:.2f}"
plots.sampling_of_r({0: none, 0.5: found.statistic, 0.85: strong}, title=title)
plt.show()
claim(
    low < 0 and high > 0.8,
    "A true 0.5 shows up as anything from nothing to very strong.",
)

# %% [markdown]
# The lines are the truth, and the humps are what studies find. A true 0.5 shows up as anything from
# no correlation to a very strong one. The nearer the truth is to 1, the less r strays.
#
# In a real study you have one r and its confidence interval. Is the interval wide enough? If so, it
# holds the true 0.5 in 95% of the studies.

# %%
low, high = found.confidence_interval()
holds = np.mean((low <= 0.5) & (high >= 0.5))
print(f"the interval holds the true 0.5 in {holds:.0%} of the studies")

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# makes strongly skewed data, as raw counts are, and asks the same
truth_of_skewed = (np.exp(0.85) - 1) / (np.exp(1) - 1)
of_skewed = {}
for n, n_studies in {n_mice: 20_000, 100: 5_000}.items():
    x, y = np.exp(simulate_pairs(0.85, n, n_studies, np.random.default_rng(2)))
    low, high = stats.pearsonr(x, y, axis=1).confidence_interval()
    of_skewed[n] = np.mean((low <= truth_of_skewed) & (truth_of_skewed <= high))
print(
    f"strongly skewed data: the interval holds the truth in {of_skewed[n_mice]:.0%} of the studies"
)
claim(0.77 < of_skewed[n_mice] < 0.81, "With strongly skewed data it holds it in only 79%.")
claim(of_skewed[100] < 0.7, "With 100 mice the share is lower still.")
claim(
    0.94 < holds < 0.96, "With normal data the interval holds the truth in 95% of the studies."
)

# %% [markdown]
# Yes, for normal data: 95% means 95%. With strongly skewed data it holds the truth in only 79% of the
# studies. (In such data, a few values are many times larger than the rest.) More mice do not help
# here: with 100 the share is lower still.
#
# **Verdict.** An r from ten mice is worth its interval, and no more. Draw a histogram of each column:
# a long tail to the right is skew. Take logs of skewed data such as counts first, or use ranks.
#
# ### Exercise 2.1
#
# Now let there be *no* correlation: the truth is 0. In what share of studies with ten mice does r lie
# beyond 0.5, in either direction? Give a share between 0 and 1, with two decimals.

# %%
answer = ...
check("2.1", answer)  # solution("2.1") shows one way

# %% [markdown]
# ## 2 · How large must r be?
#
# The laboratory's script writes r in blue where it is 0.9 or more, and in red elsewhere. Is that a
# test? Here is the smallest r that has p below 5%, for several numbers of mice:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# computes the smallest r whose p is below 5%, for each number of mice
n = np.array([4, 5, 6, 10, 20, 50, 100])
t = stats.t.isf(0.025, n - 2)  # beyond this t, a two-sided p is below 5%
smallest = t / np.sqrt(n - 2 + t**2)
p_of_blue = 2 * stats.t.sf(0.9 * np.sqrt(2 / (1 - 0.9**2)), 2)
claim(round(p_of_blue, 2) == 0.10, "With four mice, r = 0.9 has p = 0.10.")
print(f"four mice, r = 0.9: p = {p_of_blue:.2f}")
pd.DataFrame({"mice": n, "smallest r with p < 5%": [f"{r:.3f}" for r in smallest]}).set_index(
    "mice"
)

# %% [markdown]
# With ten mice, every r beyond 0.632 has p below 5%. With a hundred, 0.197 is enough. With four, even
# 0.9 has p = 0.10: the script paints it blue, and it is not significant.
#
# **Verdict.** No single limit for r works as a test, because the limit depends on the number of mice.
# The size of r says how closely the points follow a line. Its interval says how well we know that.
#
# ## 3 · How many mice does it take?
#
# How often does a study find a correlation that is there? Make many studies, and count those with p
# below 5%.


# %%
def power(truth, n):
    pairs = simulate_pairs(truth, n, n_samples=10_000, rng=np.random.default_rng(n))
    return np.mean(stats.pearsonr(*pairs, axis=1).pvalue < 0.05)


print(f"{power(0.5, 10):.0%} of the studies with ten mice find a true 0.5")

# %% [markdown]
# That share is the [**power**](glossary.md#power) of the study. Two of three such studies find
# nothing, though there is something.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Power against number of mice for true correlations 0.3, 0.5 and 0.7. At ten mice power is about 0.14, 0.33 and 0.68. The dashed 0.8 line is crossed near 85, 29 and 13 mice."}}
# draws the power for three truths and many numbers of mice
sizes = [5, 7, 10, 14, 20, 28, 40, 56, 80, 100]
curves = pd.DataFrame({truth: {n: power(truth, n) for n in sizes} for truth in [0.3, 0.5, 0.7]})
plots.power_curves(curves)
plt.show()
claim(curves.loc[10].max() < 0.8, "Ten mice miss 80% for all three.")
claim(power(0.7, 13) > 0.78 and power(0.3, 85) > 0.78, "80% at 13 mice for 0.7, at 85 for 0.3.")
claim(power(0.5, 30) > 0.8 > power(0.5, 26), "About thirty mice for a true 0.5.")
very_strong = power(0.85, 10)
print(f"{very_strong:.0%} of the studies with ten mice find a true 0.85")
claim(very_strong > 0.9, "Ten mice find a true 0.85 in more than nine studies of ten.")

# %% [markdown]
# Where a curve crosses the dashed line, four studies in five find the correlation. Ten mice stay
# below it on all three curves. Only a very strong correlation, such as 0.85, is found nearly always.
#
# And the studies that *do* find it: what do they find?

# %%
pairs = simulate_pairs(0.5, 10, 20_000, rng=np.random.default_rng(1))
found = stats.pearsonr(*pairs, axis=1)
mean_r = found.statistic[found.pvalue < 0.05].mean()
print(f"mean r of the significant studies: {mean_r:.2f}; the truth is 0.50")

# %% [markdown]
# Too much: with ten mice only a lucky, large r is significant. This is the [winner's
# curse](glossary.md#winners-curse). Lesson 12 comes back to it.
#
# **Verdict.** Choose the smallest correlation that would matter to you, and plan for it. A true 0.7
# takes about 13 mice, a true 0.5 thirty, a true 0.3 85 (for roughly normal columns and mice from one
# group). "Not significant" with ten mice is no evidence for "nothing there".
#
# ### Exercise 2.2
#
# How many mice does it take to find a true correlation of 0.5 with a power of 80%? An answer within
# one mouse counts.

# %%
answer = ...
check("2.2", answer)  # solution("2.2") shows one way

# %% [markdown]
# ## 4 · Two thousand genes
#
# The laboratory searched all genes for those that go with its scores. Here are 2,000 genes
# *simulated* for the same ten mice, so we know what was planted: 200 depend on urea, 200 on weight,
# 200 on the group, and 1,400 on nothing. A gene that depends on nothing is a *null* gene.
#
# > **What if** one mouse had not been measured? Write its name, and run the cells below.

# %% tags=["what-if"]
left_out = None  # try "C24" or "HP14"
mice = load_mouse_scores().query("animal != @left_out")
counts = load_mouse_counts()[mice["animal"]]

# %% [markdown]
# RNA sequencing counts the reads of each gene. Counts are skewed, and some samples have more reads in
# all. So divide each sample by its [size factor](glossary.md#size-factor), and take logs (lesson 09
# says why). Then correlate each gene with urea. We keep the genes with at least five reads a sample
# on average.

# %%
enough = counts[counts.mean(axis="columns") >= 5]  # five reads a sample on average
logs = np.log2(enough / size_factors(counts) + 1)
urea = stats.pearsonr(logs.to_numpy(), mice["urea"].to_numpy(), axis=1)
planted = load_mouse_counts_truth().loc[logs.index, "driver"]
genes = pd.DataFrame({"r": urea.statistic, "p": urea.pvalue, "planted": planted})
null_genes = genes[genes["planted"] == "none"].sort_values("p")
print(f"{len(genes):,} genes; the three null genes that go best with urea:")
null_genes.head(3)

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Scatter plot of log2 counts of one simulated gene against urea for ten mice in three groups, with a falling line and its band. It looks like a strong correlation, although nothing was planted in this gene."}}
# draws the null gene that goes best with urea
lucky = null_genes.index[0]
best = mice.assign(expression=logs.loc[lucky, mice["animal"]].to_numpy())
ax = plots.scatter_with_fit(best, "urea", "expression", group="group")
falls = genes.loc[lucky, "r"] < 0
plots.correlation_note(
    ax, correlate(best, "urea", "expression"), corner="lower left" if falls else "lower right"
)
ax.set(xlabel="urea (mg/dl)", ylabel="log2 of the normalised count")
ax.set_title("The best of many: nothing was planted in this gene")
plt.show()
gene_x = correlate(mice, "urea", "gene_x").loc[0]
print(f"Gene X with urea: r = {gene_x['estimate']:.3f}, p = {gene_x['p_value']:.3f}")
claim(abs(genes.loc[lucky, "r"]) > abs(gene_x["estimate"]), "Chance beats Gene X.")
claim(round(genes.loc[lucky, "r"], 3) == -0.891, "Its r is −0.891.")

# %% [markdown]
# One would publish this figure, and chance made it. Its r = −0.891 beats Gene X with urea, r = 0.726.
# We are not told how Gene X was chosen. If it was chosen for its r among all genes, its p of 0.018 is
# too small.
#
# Look at all p-values at once.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Histogram of the p-values of about 1,950 genes for urea in bins of 0.05, stacked by what was planted. Genes that depend on nothing are spread evenly; genes that depend on urea pile up in the first bin, with some group genes."}}
# draws the p-values of all genes, coloured by what was planted
plots.p_values_by_truth(genes["p"], genes["planted"])
plt.show()

# %% [markdown]
# The flat floor is chance: one null gene in twenty has p below 5%. The peak at the left is signal.
# This is [**multiple testing**](glossary.md#multiple-testing): the more tests, the more small
# p-values by chance alone.
#
# [**Benjamini–Hochberg**](glossary.md#benjaminihochberg) adjusts the p-values. Of the genes then
# called at 5%, no more than 5% are expected to be null. That share is the [**false discovery
# rate**](glossary.md#false-discovery-rate). (It is an average over many studies. It holds for genes
# that vary independently or mostly together.)
#
# A gene is *called* when its p, or its adjusted p, is below 5%. Count the genes called, by what was
# planted:

# %%
genes["p_adjusted"] = stats.false_discovery_control(genes["p"])
called = genes[["p", "p_adjusted"]] < 0.05
table = called.groupby(planted).sum().set_axis(["p < 5%", "adjusted p < 5%"], axis="columns")
table.assign(genes=planted.value_counts()).rename_axis("what was planted")

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# counts what was called, and holds the next sentences against it
adjusted = genes[genes["p_adjusted"] < 0.05]
null_share = np.mean(adjusted["planted"] == "none")
print(f"called after adjusting: {len(adjusted)} genes, {null_share:.1%} of them null")
three = genes.loc[null_genes.index[:3], "p_adjusted"]
print("adjusted p of the three null genes above:", ", ".join(f"{p:.3f}" for p in three))
claim(called.groupby(planted)["p"].sum()["none"] == 65, "65 null genes have p below 5%.")
claim((adjusted["planted"] == "none").sum() == 5, "5 null genes are called after adjusting.")
claim(null_share < 0.05, "Fewer than 5% of the genes called are null.")
claim(lucky in adjusted.index, "The lucky gene is called.")
claim((adjusted["planted"] == "group").sum() == 9, "9 group genes are called.")

# %% [markdown]
# Without adjusting, 65 null genes are called; with it, 5. One of the 5 is the lucky gene of the
# figure: adjusting limits the share of null genes and does not remove them.
#
# And 9 genes of the *group* are called, because the groups differ in urea. They go with urea, but
# they do not depend on it. No adjustment can tell the two apart. Lesson 03 puts urea and group side
# by side.
#
# **Verdict.** A gene named beforehand keeps its own p. Three named beforehand are three tests, so
# adjust among these three. For a gene found by searching, report its adjusted p and the number of
# genes searched, and measure it again in new mice.
#
# ### Exercise 2.3
#
# How many of these genes go with *weight*, at a false discovery rate of 5%? Give a whole number.

# %%
answer = ...
check("2.3", answer)  # solution("2.3") shows one way

# %% [markdown]
# ### Exercise 2.4
#
# One gene of the 1,947 has r = 0.88 with urea, p = 0.0007 and adjusted p = 0.009. What may you write?
# Give its letter.
#
# - **a**: The probability that this gene is null is 0.009.
# - **b**: It is among the genes called at a false discovery rate of 5%, of which a few may be null.
# - **c**: Urea changes the expression of this gene.
# - **d**: Such an r is so rare by chance (p = 0.0007) that the gene must depend on urea.

# %%
answer = ...
check("2.4", answer)  # solution("2.4") shows one way

# %% [markdown]
# <details>
# <summary>In R</summary>
#
# ```r
# m <- read.csv("data/mouse_scores.csv")
# counts <- as.matrix(read.csv("data/mouse_counts.csv.gz", row.names = 1, check.names = FALSE))[, m$animal]
# t <- qt(0.975, 8); t / sqrt(8 + t^2)                         # smallest r with p < 5%, ten mice
# mean(replicate(20000, {                                      # power
#   x <- rnorm(10); cor.test(x, 0.5 * x + sqrt(0.75) * rnorm(10))$p.value < 0.05 }))
# positive <- log(counts[apply(counts > 0, 1, all), ])
# size <- exp(apply(positive - rowMeans(positive), 2, median))  # size factors
# logs <- log2(t(t(counts[rowMeans(counts) >= 5, ]) / size) + 1)
# p <- apply(logs, 1, function(y) cor.test(m$urea, y)$p.value)
# sum(p.adjust(p, "BH") < 0.05)                                # genes called
# ```
#
# | | R | here | difference |
# | --- | --- | --- | --- |
# | smallest r with p < 5%, ten mice | 0.632 | 0.632 | below 1e-10 |
# | power of ten mice, true 0.5 | 33% | 33% | that of two simulations |
# | genes called for urea | 180 | 180 | none |
# | genes called for weight | 158 | 158 | none |
#
# Where a p-value is missing, `p.adjust` leaves it out. `stats.false_discovery_control` stops with an
# error, and `multipletests` of statsmodels makes *every* adjusted p missing. Take missing ones out
# first.
#
# </details>
#
# ## Recap
#
# Ten mice give an r that strays far from the truth, and for roughly normal data the interval shows
# how far. They find a true correlation of 0.5 in one study of three, and then find it too large.
# Among many genes, the best r of chance looks like a discovery.
#
# **Decision:** you can now say how many animals a correlation needs (lesson 13: how many any study
# needs), and which p-values to adjust.
#
# **Next:** [03 · Linear models](03_linear_models.ipynb) asks how *much* the gene changes. **On your
# own table:** the [correlation template](templates/correlation.ipynb) adjusts the p-values of several
# columns.
#
# **Sources.** Sampling distribution of r: [Fisher 1915](https://doi.org/10.2307/2331838). False
# discovery rate: [Benjamini & Hochberg 1995](https://doi.org/10.1111/j.2517-6161.1995.tb02031.x).

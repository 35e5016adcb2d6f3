# %% [markdown]
# # 12 · What a list of genes can claim
#
# **Which of my significant genes can I believe?**

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# loads the libraries and the tables of this lesson
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import plots, tables
from helpers.correlation import correlate
from helpers.counts import shrink_fold_changes, voom, voom_weights
from helpers.course.claims import claim
from helpers.data import (
    load_gene_symbols,
    load_mouse_counts,
    load_mouse_counts_truth,
    load_mouse_scores,
    load_repeated_expression,
    load_repeated_expression_truth,
    load_repeated_samples,
    load_shock_counts,
    load_shock_samples,
)
from helpers.exercises import check, solution
from helpers.genes import fit_genes

plots.use_style()
tables.use_style()


def log2_cpm(counts, mice):
    """Log2 counts per million (TMM, lesson 09) of the genes with ten reads or more on average."""
    kept = counts[counts.mean(axis=1) >= 10]  # a filter that never looks at the score
    return voom_weights(kept, mice, "~ total_score").log_cpm


# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Ten horizontal bars, one per gene. Each gene alone accounts for about 90 to 96 percent of the variance of the outcome score."}}
# draws the ten genes that go most closely with the score of the ten mice
scores = load_mouse_scores().set_index("animal")
with_score = log2_cpm(load_mouse_counts(), scores).T.corrwith(scores["total_score"])
plots.shares_of_score(
    (with_score**2).nlargest(10), title='Ten genes, each of which "explains" 90% of the score'
)
plt.show()

# %% [markdown]
# These are the ten mice of lesson 01 again. A reviewer asked the laboratory "to examine the degree of contribution of
# each gene to the outcome score". Each of these ten genes accounts for at least 90% of that score. Together that makes
# more than 900%, so something is wrong with "contribution". (Scores are real. Counts are simulated, so we know the
# truth.)
#
# *About 27 minutes. You need lesson 11. At the end you will be able to answer that reviewer, test for a change that is
# large enough to matter, and say what a list of genes cannot claim.*
#
# ## 1 · "The degree of contribution of each gene"
#
# Fit each gene to the score alone, as in lesson 11, and list the genes at a false discovery rate of 5%.
#
# > **What if** one mouse had not been measured? Write its name, and run all cells below.

# %% tags=["what-if"]
left_out = None  # try "C24" or "CR4.2"
mice = load_mouse_scores().query("animal != @left_out").set_index("animal")
logs = log2_cpm(load_mouse_counts()[mice.index], mice)
alone = fit_genes(logs, mice, "~ total_score", contrasts="total_score").set_index("gene")
print(f"on the list: {(alone['p_adjusted'] < 0.05).sum()} of {len(alone):,} genes")

# %% [markdown]
# How much of the score goes with a gene? The [partial R²](glossary.md#partial-r-squared) of a gene is the share that
# goes with it, out of the variance that the rest of the model leaves. It is t² / (t² + df), and stays the same if gene
# and score change places.

# %%
alone["r2"] = alone["statistic"] ** 2 / (alone["statistic"] ** 2 + alone["df"])
print(f"sum of all R²: {alone['r2'].sum():.0f}")
alone["r2"].nlargest(3).round(3)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the data
claim((alone["p_adjusted"] < 0.05).sum() == 160, "160 genes are on the list.")
claim(round(alone["r2"].sum()) == 356, "All genes together explain the score 356 times.")
claim(alone["r2"].idxmax() == "gene_0232", "gene_0232 has the largest R².")
planted = load_mouse_counts_truth()["driver"][alone.index[alone["p_adjusted"] < 0.05]]
as_planted = planted.value_counts().to_dict()
claim(as_planted == {"urea": 138, "group": 15, "none": 7}, "138 urea, 15 group, 7 nothing.")
claim(round(len(alone) / (len(mice) - 1)) == 208, "Chance alone gives 208.")

# %% [markdown]
# No gene was planted to depend on the score itself. Of the 160, 138 go with urea and 15 with the group. Only 7 go with nothing, fewer than 5%. (The 15 are no errors: the score differs between the groups, so their genes go
# along with it. Lesson 09 calls this confounding.)
#
# Added up, the genes "explain" 356 times the variance of the score. 208 of that is chance: in ten mice a gene that has
# nothing to do with the score has an R² of 1/9 on average, and there are 1,873 genes. The rest are genes that explain
# the same thing again and again. **The R² of single genes are not slices of one cake.**
#
# Score and genes may also go together only because both differ between the three conditions (lesson 03). So put the
# condition into the model:

# %%
mice_and_group = "~ total_score + group"
given = fit_genes(logs, mice, mice_and_group, contrasts="total_score").set_index("gene")
given["r2"] = given["statistic"] ** 2 / (given["statistic"] ** 2 + given["df"])
print(f"on the list: {(given['p_adjusted'] < 0.05).sum()}; df {given['df'].iloc[0]:.0f}")
given["r2"].nlargest(3).round(3)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the data
claim((given["p_adjusted"] < 0.05).sum() == 0, "Given the condition, no gene is left.")
claim(given["r2"].idxmax() != alone["r2"].idxmax(), "Another gene comes first.")

# %% [markdown]
# Another gene comes first, and no gene is left on the list. That is not evidence against the 160 genes. Ten mice in
# three conditions leave 6 degrees of freedom, too few to tell.
#
# **Verdict.** Do not report contributions. Report the 160 as genes that go *along with* the score, with their false
# discovery rate. Add that none is shown once the condition is in the model.
#
# ### Exercise 12.1
#
# What is the partial R² of `gene_0232`, given the condition? Two decimals.

# %%
answer = ...
check("12.1", answer)  # solution("12.1") shows one way

# %% [markdown]
# ## 2 · The order of the list
#
# A [**ranking**](glossary.md#ranking) claims more than a list: this gene comes *before* that one. To test it, draw ten
# mice out of the ten with replacement, and rank all genes anew. Do so a thousand times.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Ranks of the ten first genes in a thousand resampled studies, logarithmic axis. Each line is long: it reaches from rank 1 or a few to several tens, some beyond 100."}}
# resamples the mice a thousand times, ranks all genes by their R², and draws the ranks of the first ten
rng = np.random.default_rng(10)
score, values = mice["total_score"].to_numpy(float), logs.to_numpy()
first_ten = alone["r2"].nlargest(10).index


def r_squared(rows):
    """R² of the score with every gene, in these mice."""
    a, b = score[rows] - score[rows].mean(), values[:, rows]
    b = b - b.mean(axis=1, keepdims=True)
    return (b @ a) ** 2 / ((b**2).sum(axis=1) * (a @ a))


places, ranks = logs.index.get_indexer(first_ten), []
for _ in range(1_000):
    again = r_squared(rng.integers(0, len(mice), len(mice)))
    ranks.append((again > again[places][:, None] + 1e-12).sum(axis=1) + 1)
ranks = pd.DataFrame(ranks, columns=first_ten)
plots.ranks_resampled(ranks, len(logs), title="Resample the mice, and the ranks scatter widely")
plt.show()
stays_first = (ranks.iloc[:, 0] == 1).mean()
print(f"{first_ten[0]} is first in {stays_first:.0%} of 1,000 resampled studies")
ends = ranks.quantile([0.05, 0.95])
claim(stays_first < 0.25, "The first gene is first in fewer than one in four.")
claim(ends.iloc[1].max() > 100, "Some of the ten fall beyond rank 100.")

# %% [markdown]
# A dot is the median rank, and a line covers nine studies in ten. The first gene stays first in fewer than one study in
# four, and some of the ten fall beyond rank 100.
#
# Could any ten animals rank twenty thousand genes? Suppose that ten genes really go with a score. The best accounts for
# 60% of its variance, the others for 55, 50, … 15%. The other genes are independent noise.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# simulates 100 studies of each size: ten real genes among 20,000
rng = np.random.default_rng(20)
true_r2 = np.arange(0.60, 0.149, -0.05)[:, None]
rows = {}
for n in (10, 50, 200):
    studies = []
    for _ in range(100):
        z = rng.standard_normal(n)
        real = np.sqrt(true_r2) * z + np.sqrt(1 - true_r2) * rng.standard_normal((10, n))
        r2 = np.corrcoef(z, real)[0, 1:] ** 2
        chance = rng.beta(
            0.5, (n - 2) / 2, 19_990
        )  # R² of a gene that has nothing to do with z
        tenth = np.partition(np.append(chance, r2), -10)[-10]
        highest = max(chance.max(), r2.max())
        studies.append([r2[0] == highest, (r2 >= tenth).sum(), highest])
    first, real_ones, highest = np.array(studies, dtype=float).mean(axis=0)
    rows[f"{n} animals"] = {
        "the best gene comes first (%)": 100 * first,
        "real genes among the first ten": real_ones,
        "R² of the first gene": highest,
    }
by_size = pd.DataFrame(rows).T
shown_as = dict(zip(by_size, ["{:.1f}%", "{:.1f} of 10", "{:.2f}"], strict=True))
by_size.apply(lambda column: column.map(shown_as[column.name].format)).rename(
    columns={"the best gene comes first (%)": "the best gene comes first"}
)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the data
ten, fifty, many = by_size.to_numpy()
claim(ten[1] < 1, "With ten animals, fewer than one of the first ten is real.")
claim(ten[2] > 0.85, "The first gene's R² is far above 0.60.")
claim(many[0] < 90, "Two hundred animals do not always put the best gene first.")

# %% [markdown]
# With ten animals, fewer than one of the first ten genes is real. Even 200 animals do not always put the best gene
# first.
#
# **Verdict.** Read nothing into the order. Give the list with estimates and intervals, sorted by something neutral such
# as the alphabet.
#
# ### Exercise 12.2
#
# Leave out mouse C24, and fit `~ total_score` again. How many of the ten genes in `first_ten` are still among the ten
# with the largest R²? A whole number. (`logs[mice.index]` takes the columns of the mice that are left.)

# %%
answer = ...
check("12.2", answer)  # solution("12.2") shows one way

# %% [markdown]
# ## 3 · The first is too large
#
# Look at the last column of the table again. With ten animals the first gene has an R² of about 0.9, but no gene truly
# has more than 0.60. The gene with the largest estimate was also lucky. This is the [**winner's
# curse**](glossary.md#winners-curse), and it hits every list. Here are the mice of lesson 11, with known slopes.

# %%
samples = load_repeated_samples()
samples["level"] = samples["urea"].groupby(samples["animal"]).transform("mean") / 100
samples["change"] = samples["urea"] / 100 - samples["level"]
within = fit_genes(
    load_repeated_expression(), samples, "~ level + change + (1 | animal)", contrasts="change"
).set_index("gene")
called = within[within["p_adjusted"] < 0.05]

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Estimated against true slope for the genes on a list. The twenty largest estimates, orange, all lie above the dashed line of equality, most of them far above."}}
# draws estimates against the truth, for the genes on the list
size = called["estimate"].abs()
planted = load_repeated_expression_truth().loc[called.index, "beta_change"]
planted = planted * np.sign(called["estimate"])
top = size.nlargest(20).index
plots.top_and_truth(
    planted, size, top, title="The twenty largest estimates all lie above the truth"
)
plt.show()
claim((size[top] > planted[top]).all(), "Each of the twenty is above its true slope.")
claim(size.mean() > planted.mean(), "The whole list is too large, too.")
claim((planted == 0).sum() == 9, "Nine genes without any effect are on the list.")

# %% [markdown]
# The twenty largest estimates are orange. The points at a true slope of 0 are genes without effect.

# %%
both = pd.DataFrame({"estimate": size, "truth": planted})
means = {"twenty largest": both.loc[top].mean(), "whole list": both.mean()}
pd.DataFrame(means).T.map("{:.2f}".format)

# %% [markdown]
# The twenty estimates are 1.47 on average, and their true slopes are 1.01. The whole list is a little too large as
# well, because only genes that looked large got onto it.
#
# Intervals are chosen, too: of the 95% intervals of *listed* genes, fewer than 95% contain the truth. To mend that, use
# the level 1 − 0.05 × (genes on the list) / (genes tested).
#
# **Verdict.** Do not plan the next study on the estimate of the best gene. Shrink it first, or measure it again in new
# animals. Make the intervals of listed genes wider.
#
# ## 4 · A change that is large enough to matter
#
# Now real data: the eleven patients of lesson 11, T3 against T1.
#
# > **What if** one patient had refused, or a smaller change mattered?

# %% tags=["what-if"]
refused = None  # try "G24"
smallest = 1.5  # try 1.2
patients = load_shock_samples().query("patient != @refused")
counts = load_shock_counts()[patients.index]
in_time = "~ time + patient"
changes = voom(counts, patients, in_time)
t3 = changes[changes["term"] == "time[T.T3]"].set_index("gene")
on_list = t3["p_adjusted"] < 0.05
large = t3["log2_fold_change"].abs() > np.log2(smallest)
print(
    f"on the list: {on_list.sum():,}; estimate beyond {smallest}-fold: {(on_list & large).sum()}"
)

# %% [markdown]
# 1,861 genes are on the list, and 764 of them have an *estimate* beyond 1.5-fold. Many papers stop here, and write "764
# genes changed more than 1.5-fold". But the p-value was about "any change at all".
#
# A [**fold-change threshold**](glossary.md#fold-change-threshold) inside the test asks the right question: is the
# change *shown to be* larger than that? It is one argument, `lfc`:

# %%
beyond = voom(counts, patients, in_time, contrasts="time[T.T3]", lfc=np.log2(smallest))
by_fold = {"estimate beyond it": (on_list & large).sum()}
by_fold["tested against it"] = (beyond["p_adjusted"] < 0.05).sum()
pd.Series(by_fold, name=f"{smallest}-fold")

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Log2 fold changes of ten named genes with 95 percent intervals, T3 against T1. All intervals exclude zero. A shaded band marks changes below 1.5-fold; the intervals of MCM4, AARS1 and MTHFD1 reach into it."}}
# draws the ten genes with the smallest p-values, by their symbols, and the band below the threshold
symbols = load_gene_symbols()
smallest_p = t3["p_value"].nsmallest(10).index
named = t3.loc[smallest_p].sort_values("log2_fold_change", ascending=False)
intervals = named[["estimate", "conf_low", "conf_high"]] / np.log(
    2
)  # voom's are natural logarithms
plots.changes_with_bounds(
    intervals,
    [symbols.get(gene, gene) for gene in named.index],
    np.log2(smallest),
    title="Ten genes changed, but by how much is less certain",
)
plt.show()
claim(list(by_fold.values()) == [764, 0], "764 estimates beyond 1.5-fold, none tested.")
claim((intervals["conf_low"] > 0).all(), "All ten intervals exclude zero.")
claim((intervals["conf_low"] > np.log2(smallest)).sum() == 7, "Seven lie beyond the band.")
print(f"tested against {smallest}-fold: smallest adjusted p {beyond['p_adjusted'].min():.3f}")

# %% [markdown]
# Tested against 1.5-fold, none of the 764 is left at 5% (the smallest adjusted p-value is 0.057). Seven intervals in
# the figure do lie beyond the band, but each allows for one test only, and these genes were picked from 13,123. So the
# study does not show that any one gene changed that much, nor that none did.
#
# The names help to read the list. Histones (H1-5, H3C8, H3C12) and genes that help to copy DNA (GINS2, MCM4) point to
# dividing cells. But this is whole blood. More reads of a gene may mean more cells of a kind, and not more of the gene
# in each cell.
#
# The estimates suffer from the winner's curse. `shrink_fold_changes` takes back some of that excess:

# %%
shrunken = shrink_fold_changes(changes).query("term == 'time[T.T3]'").set_index("gene")
shown = ["log2_fold_change", "shrunken_log2_fold_change"]
shrunken.loc[named.index, shown].rename(index=symbols).head(3).round(2)

# %% [markdown]
# **Verdict.** If only a large change matters, put the threshold into the test, before you look. Report the estimate
# with its interval in the table. Plot and plan with shrunken fold changes.
#
# ### Exercise 12.3
#
# How many genes changed by more than 1.2-fold, tested against it, at a false discovery rate of 5%? A whole number.

# %%
answer = ...
check("12.3", answer)  # solution("12.3") shows one way

# %% [markdown]
# ## 5 · One patient less
#
# How much does the list depend on one person? Leave out one patient at a time (with the weights of all).

# %%
weighted = voom_weights(counts, patients, in_time)
lengths = {}
for name in patients["patient"].unique():
    rest = patients[patients["patient"] != name]
    logs_left, weights = weighted.log_cpm[rest.index], weighted.weights[rest.index]
    fit = fit_genes(logs_left, rest, in_time, weights=weights, moderated=True)
    fit = fit[fit["term"] == "time[T.T3]"]
    lengths[name] = (fit["p_adjusted"] < 0.05).sum()
pd.Series(lengths, name="genes on the list").sort_values()

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the data
claim((lengths.get("G24"), lengths.get("G16")) == (365, 3089), "365 genes, 3,089 genes.")
claim((min(lengths.values()), max(lengths.values())) == (365, 3089), "365 to 3,089 genes.")

# %% [markdown]
# Leave out one patient, and the list has between 365 genes (without G24) and 3,089 (without G16). The *number* of genes
# on a list is not a finding. It moves with the power of the study, and with single patients.
#
# **Verdict.** Report a list with its false discovery rate, intervals and limits, and without an order. Here is the
# answer to the reviewer of the mice:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# writes the answer to the reviewer, with the numbers of this lesson
r_of_first = correlate(mice.assign(gene=logs.loc[first_ten[0]]), "total_score", "gene").iloc[0]
low, high = sorted([r_of_first["conf_low"] ** 2, r_of_first["conf_high"] ** 2])
alike = logs.loc[first_ten[:5]].T.corr().abs().to_numpy()[np.triu_indices(5, 1)]
answer_to_reviewer = f"""\
1. {(alone["p_adjusted"] < 0.05).sum()} of {len(logs):,} genes go with the score at a false discovery rate of 5% (list,
   and R² with 95% intervals, in the supplement; {first_ten[0]}: {low:.2f} to {high:.2f}, which
   does not allow for choosing the largest).
2. These genes also go with one another (the first five: |r| at least {alike.min():.2f}).
   So single R² do not add up, and we do not call them contributions.
3. The score differs between the conditions. With the condition in the model
   ({given["df"].iloc[0]:.0f} degrees of freedom) {(given["p_adjusted"] < 0.05).sum()} genes are significant: in these animals an
   association with the score cannot be told from a difference between conditions.
4. We give no ranking. When the animals are resampled, the first gene stays first
   in {stays_first:.0%} of the cases. A ranking needs many more animals."""
print(answer_to_reviewer)

# %% [markdown]
# And for the patients: *"1,861 of 13,123 genes differed between T1 and T3 (voom, patient in the model, false discovery
# rate 5%). No gene was shown to differ by more than 1.5-fold (smallest adjusted p 0.057). When one patient at a time
# was left out, between 365 and 3,089 genes were significant. In whole blood more cells look like more expression,
# and T3 differs from T1 in treatment, too."*
#
# ### Exercise 12.4
#
# Here are four sentences for a paper on the ten mice. Which one do the data support? Type a letter.
#
# - **a** "gene_0232 contributes 96% of the outcome score; the other genes share the rest."
# - **b** "The table gives the genes in the order of their contribution; the first ten matter most."
# - **c** "These 160 genes go with the score at a false discovery rate of 5%, each with its interval. Within the conditions ten animals cannot decide. We give no ranking."
# - **d** "Once the condition is allowed for, no gene has anything to do with the score."

# %%
answer = ...
check("12.4", answer)  # solution("12.4") shows one way

# %% [markdown]
# <details>
# <summary>In R</summary>
#
# ```r
# library(edgeR); library(limma)
# counts  <- as.matrix(read.csv("data/shock_counts.csv.gz", row.names = 1))
# samples <- read.csv("data/shock_samples.csv", row.names = 1)[colnames(counts), ]
# design  <- model.matrix(~ time + patient, samples)
# fit     <- lmFit(voom(calcNormFactors(DGEList(counts)), design), design)
#
# called <- p.adjust(eBayes(fit)$p.value[, "timeT3"], "BH") < 0.05
# sum(called & abs(fit$coefficients[, "timeT3"]) > log2(1.5))     # estimate beyond 1.5-fold
# beyond <- treat(fit, lfc = log2(1.5))                           # tested against 1.5-fold
# sum(p.adjust(beyond$p.value[, "timeT3"], "BH") < 0.05)
# ```
#
# | genes at T3, FDR 5% | R | ours | difference |
# | --- | ---: | ---: | ---: |
# | on the list | 1,861 | 1,861 | 0 |
# | estimate beyond 1.5-fold | 764 | 764 | 0 |
# | tested against 1.5-fold | 0 | 0 | 0 |
# | tested against 1.2-fold | 83 | 83 | 0 |
#
# For the mice, R² of one gene (0.961), and partial R² from the t of a model with the group:
#
# ```r
# mice  <- read.csv("data/mouse_scores.csv", row.names = 1)
# reads <- as.matrix(read.csv("data/mouse_counts.csv.gz", row.names = 1, check.names = FALSE))[, rownames(mice)]
# y     <- calcNormFactors(DGEList(reads[rowMeans(reads) >= 10, ]))
# gene  <- voom(y, model.matrix(~ total_score, mice))$E["gene_0232", ]
# summary(lm(mice$total_score ~ gene))$r.squared
# t <- summary(lm(total_score ~ gene + group, mice))$coefficients["gene", "t value"]
# t^2 / (t^2 + 6)
# ```
#
# </details>
#
# ## Recap
#
# A list says which genes go with something, with a false discovery rate for the list as a whole. It does not say which
# gene comes first or how much each contributes, and its largest estimates are too large. A threshold inside the test says
# whether a change is large enough to matter.
#
# **Decision:** report the list, the threshold, intervals and limits. Report no ranking, because new animals would
# overturn it.
#
# **Next:** [13 · How many animals?](13_how_many_animals.ipynb) plans the next study. For your own
# table: [the counts template](templates/counts.ipynb).
#
# **Sources.** Rankings of genes: Ein-Dor, Zuk & Domany 2006,
# [doi:10.1073/pnas.0601231103](https://doi.org/10.1073/pnas.0601231103). Threshold: McCarthy & Smyth
# 2009, [doi:10.1093/bioinformatics/btp053](https://doi.org/10.1093/bioinformatics/btp053). Shrunken
# fold changes: Stephens 2017, [doi:10.1093/biostatistics/kxw041](https://doi.org/10.1093/biostatistics/kxw041).
# Intervals of genes that were chosen: Benjamini & Yekutieli 2005,
# [doi:10.1198/016214504000001907](https://doi.org/10.1198/016214504000001907). Shock: Braga et al. 2019,
# [doi:10.1186/s13054-019-2670-8](https://doi.org/10.1186/s13054-019-2670-8).

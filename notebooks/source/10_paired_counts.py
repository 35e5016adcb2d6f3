# %% [markdown]
# # 10 · Samples that belong together
#
# **Several samples come from one animal. Do I have 32 samples, or eight?**

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# loads what this lesson needs, and simulates a study whose truth is known: 1,000 genes, eight mice, four slices each
import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import plots, tables
from helpers.counts import (
    count_pictures,
    filter_by_expression,
    quasi_likelihood,
    size_factors,
    sum_by,
    voom,
    voom_weights,
)
from helpers.course.claims import claim
from helpers.data import load_airway_counts, load_airway_samples, load_gene_symbols
from helpers.exercises import check, solution
from helpers.genes import fit_genes

plots.use_style()
tables.use_style()

rng = np.random.default_rng(10)
genes = [f"gene_{k:04d}" for k in range(1, 1001)]
driver = pd.Series(np.repeat(["diet", "insulin", "nothing"], [100, 100, 800]), genes)
mouse = np.repeat(np.arange(8), 4)
slices = pd.DataFrame(
    {"mouse": [f"m{k}" for k in mouse + 1]}, [f"s{k:02d}" for k in range(1, 33)]
)
slices["diet"] = pd.Categorical(np.where(mouse < 4, "low", "high"), ["low", "high"])
slices["insulin"] = pd.Categorical(["no", "no", "yes", "yes"] * 8, ["no", "yes"])
sign = rng.choice([-1, 1], 1000)
by_diet = np.where(driver == "diet", sign * rng.uniform(0.75, 2.0, 1000), 0)
by_insulin = np.where(driver == "insulin", sign * rng.uniform(0.25, 1.0, 1000), 0)
level = rng.uniform(0.1, 0.8, (1000, 1)) * rng.standard_normal((1000, 8))
log_mean = rng.uniform(2, 8, (1000, 1)) + level[:, mouse] + rng.normal(0, 0.2, 32)
log_mean += np.outer(by_diet, slices["diet"] == "high")
log_mean += np.outer(by_insulin, slices["insulin"] == "yes")
size = np.exp(rng.normal(2, 0.5, (1000, 1)))
drawn = rng.negative_binomial(size, size / (size + np.exp(log_mean)))
counts = pd.DataFrame(drawn, index=genes, columns=slices.index)
all_counts, all_slices = counts, slices

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "A map of 32 liver slices by their genes. Thin lines join the four slices of each mouse. The slices of one mouse lie close together, and the eight mice lie far apart, blue for the low-fat diet and orange for the high-fat diet; circles are slices without insulin, squares with it."}}
# draws a map of the slices by their genes; lines join the slices of a mouse
ax = plt.figure(figsize=(8.5, 4.8)).gca()
named = slices.assign(
    diet=slices["diet"].cat.rename_categories({"low": "low fat", "high": "high fat"}),
    insulin=slices["insulin"].cat.rename_categories({"no": "no insulin", "yes": "insulin"}),
)
count_pictures.sample_map(ax, counts, named, "diet", "insulin", join="mouse")
_ = ax.set_title("32 slices, eight mice: slices of one mouse are alike")

# %% [markdown]
# Four mice ate a low-fat diet, four a high-fat one. Each liver was cut into four slices, and two of these got insulin.
# All 32 slices were sequenced. Which genes does the diet change, and which does insulin? In the picture, a line joins
# the slices of one mouse.
#
# The study is **simulated**, so we know the truth: of 1,000 genes the diet changes 100, and insulin 100 others. The
# lesson ends with a real one.
#
# *About 27 minutes. You need lessons 04 and 09. At the end you will be able to count your animals, choose an analysis
# for samples that belong together and run it on pairs.*
#
# ## 1 · The diet belongs to the mouse

# %%
kinds = ["diet", "insulin", "nothing"]


def found(table, term):
    rows = table[(table["term"] == term) & (table["p_adjusted"] < 0.05)]
    return driver[rows["gene"]].value_counts().reindex(kinds, fill_value=0)


as_slices = found(quasi_likelihood(counts, slices, "~ diet"), "diet[T.high]")
as_slices

# %% [markdown]
# The analysis took 32 slices for 32 mice. It found 216 genes, and 121 of them do not go with the diet, at a nominal
# rate of 5%. Each mouse has its own level of each gene, and four slices of one mouse repeat that level four times. That
# is [pseudoreplication](glossary.md#pseudoreplication), as in lesson 04.
#
# The remedy is the [**sum per animal**](glossary.md#sum-per-animal). Add up the reads of all slices of a mouse, and a
# sample is a mouse again. `sum_by` gives the sums and a sample sheet with a row per mouse. (It takes the formula to
# check that nothing in it varies within a mouse.)

# %%
summed, mice = sum_by(counts, slices, "mouse", "~ diet")
summed.head(3)

# %%
as_mice = found(quasi_likelihood(summed, mice, "~ diet"), "diet[T.high]")
pd.DataFrame({"32 slices": as_slices, "sum per mouse": as_mice})

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the sentences around these two lists against the data
claim(as_slices.sum() == 216 and as_slices["diet"] == 95, "216 genes, 95 of them true.")
claim(as_mice.sum() == 54 and as_mice["diet"] == 52, "54 genes, 52 of them true.")

# %% [markdown]
# 54 genes, and 52 of them are true. The first list had 95 of the 100 true genes, but nobody could have told them from
# the 121 false ones. The sum misses 48 true genes: their change is not large enough beside the differences between
# mice. Only more mice would find them.
#
# **Verdict.** When the question is *between* animals (a diet, a genotype, an age), sum the reads of each animal, and go
# on with QL or voom. With enough reads, more slices per mouse help little: they repeat the same mouse.
#
# > **What if** one mouse had died before the study? Change the name, and run this cell and all that follow.

# %% tags=["what-if"]
left_out = None  # try "m1" or "m8"
slices = all_slices[all_slices["mouse"] != left_out]
counts = all_counts[slices.index]

# %% [markdown]
# ### Exercise 10.1
#
# Three mice get a drug and three others a placebo. Four samples of each mouse are sequenced, and you sum the reads per
# mouse. How many residual degrees of freedom are left to test the drug in one gene? A whole number.

# %%
answer = ...
check("10.1", answer)  # solution("10.1") shows one way

# %% [markdown]
# ## 2 · Insulin varies within the mouse

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "One gene that insulin changes: a line for each of eight mice from its level without insulin to its level with insulin, logarithmic axis. The lines start at very different heights, and nearly all of them rise or fall together."}}
# draws a gene that insulin changes, one where it is easy to see: a line per mouse
gene = "gene_0175"
reads = (counts / size_factors(counts, method="tmm")).loc[gene]
ax = plots.lines_of_pairs(
    plt.figure(figsize=(7.5, 4.4)).gca(), reads, slices, "mouse", "insulin"
)
ax.set(xlabel="insulin", ylabel=f"reads / size factor, {gene}")
_ = ax.set_title("Mice differ in level, yet nearly all change alike")

# %% [markdown]
# A point is a slice, and a line joins the means of one mouse. Mice differ widely in their level, but every mouse was
# measured without insulin *and* with it. These are [**paired samples**](glossary.md#paired-samples): each mouse is its
# own control.
#
# So put the mouse into the formula as a factor. It is then a [**block**](glossary.md#block): what the slices of a mouse
# share is taken out before insulin is tested.

# %%
without = voom(counts, slices, "~ insulin")
paired = voom(counts, slices, "~ mouse + insulin")
lists = {"mouse ignored": without, "mouse in the formula": paired}
of_insulin = {name: found(table, "insulin[T.yes]") for name, table in lists.items()}
pd.DataFrame(of_insulin)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the sentence below this table against the data
ignored, blocked = of_insulin.values()
claim(
    blocked["insulin"] > 1.3 * ignored["insulin"], "With the mouse more true genes are found."
)

# %% [markdown]
# Here ignoring the mouse errs the other way. It misses genes, because the differences between mice count as noise.
#
# The block cannot answer the first question. A mouse has one diet, so its own column in the model already says which,
# and nothing is left for the diet. The program refuses:

# %%
try:
    voom(counts, slices, "~ mouse + insulin + diet")
except ValueError as refusal:
    print(textwrap.fill(str(refusal), 90))

# %% [markdown]
# **Verdict.** When the question is *within* animals (before and after, tumour and healthy tissue), put the animal into
# the formula.
#
# ## 3 · One model for both
#
# Diet varies between mice, and insulin within. The mixed model of lesson 05 answers both at once. `voom_weights` turns
# counts into logs and says how certain each is. `moderated=True` lets genes learn their variances from each other
# (lesson 11).

# %%
formula = "~ diet + insulin + (1 | mouse)"
logs = voom_weights(counts, slices, formula)
mixed = fit_genes(logs.log_cpm, slices, formula, weights=logs.weights, moderated=True)
both = {term: found(mixed, term) for term in ["diet[T.high]", "insulin[T.yes]"]}
pd.DataFrame(both)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the sentence below this table against the data
lengths = [
    both["insulin[T.yes]"].sum(),
    blocked.sum(),
    both["diet[T.high]"].sum(),
    as_mice.sum(),
]
claim(lengths == [75, 74, 45, 54], "Insulin 75 and 74 genes, diet 45 and 54.")
claim(both["diet[T.high]"]["diet"] == 44, "44 of the 45 are true.")

# %% [markdown]
# The list of insulin is as long as that of the blocks (75 and 74 genes). The list of the diet is shorter than that of
# the sums (45 and 54).
#
# **Verdict.** When you ask both at once, use the moderated mixed model. It also suits a predictor that varies both
# ways, such as urea measured each week. Split such a predictor first into its mean per mouse and the deviation from it,
# because the two slopes need not be equal ([appendix A3](A3_every_gene_at_once.ipynb)).
#
# ## 4 · Which one, over many studies
#
# One study is one throw of the dice. So twenty were simulated for each question, with eight animals and three samples
# each ([how](../benchmarks/README.md)). *Both* is a predictor that differs between animals and changes within them.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three panels of bars, one for each question: between animals, within animals, both. A bar is the share of changed genes that a method finds; beside it stands the false share of its list. Bars of the z test and of voom with the animal ignored are orange between animals, where about 45 percent of their lists is false."}}
# draws what each method finds and how much of its list is false, eight animals with three samples each
study = pd.read_csv("../benchmarks/repeated_counts.csv")
study = study.query("animals == 8 and sizes == 'equal'")
names = {
    "sum_ql": "sum per animal, QL",
    "sum_voom": "sum per animal, voom",
    "block_ql": "animal in formula, QL",
    "mixed_moderated": "mixed, moderated",
    "mixed_kr": "mixed, gene alone",
    "nb_z": "neg. bin. mixed, z",
    "nb_t": "neg. bin. mixed, t",
    "ignored_voom": "animal ignored, voom",
}
titles = {"between": "between animals", "within": "within animals", "both": "both"}
share = study.assign(found=study["found"] / study["changed"])
share = share.pivot_table(["found", "false_share"], "method", "question")
share = share.loc[list(names)].set_axis(list(names.values()))
is_found, is_false = share["found"], share["false_share"]
fig, axes = plt.subplots(1, 3, figsize=(12, 5), sharey=True)
plots.found_and_false(axes, is_found, is_false, 0.05, titles=titles)
title = "Between animals, nearly half is false if animals are ignored"
fig.suptitle(f"{title} (orange: more than 10% false)", fontweight="bold")
z_test, ignoring = is_false.loc["neg. bin. mixed, z"], is_false.loc["animal ignored, voom"]
claim((z_test > 0.1).all(), "The z test's lists hold far too many false genes.")
claim(
    ignoring["between"] > 0.4, "With the animal ignored nearly half is false between animals."
)
moderated, alone = is_found.loc["mixed, moderated"], is_found.loc["mixed, gene alone"]
claim(
    (is_false.loc["mixed, moderated"] < 0.1).all(), "The moderated mixed model is never orange."
)
claim((moderated > alone).all(), "A mixed model of each gene alone finds less.")
between = pd.read_csv("../benchmarks/repeated_counts.csv")
between = between.query("question == 'between' and sizes == 'equal'").set_index("method")
between["share"] = between["found"] / between["changed"]
eight, four = (between[between["animals"] == n] for n in (8, 4))
blue = eight.loc[eight["false_share"] <= 0.1, "share"].sort_values(ascending=False)
claim(
    list(blue.index[:3]) == ["nb_t", "sum_voom", "sum_ql"], "Of all methods that keep the rate."
)
claim(list(blue[:3].map("{:.0%}".format)) == ["31%", "21%", "18%"], "31%, 21% and 18%.")
claim(four.loc[four["false_share"] <= 0.1, "share"].max() < 0.01, "Four animals find nothing.")
claim(f"{is_false.loc['mixed, moderated', 'between']:.0%}" == "8%", "8% false.")
by_size = between.loc["sum_ql"].set_index("animals")["share"].map("{:.0%}".format)
too_often = eight["null_below_05"] / eight["null"]
print("sum per animal, QL: found with 4, 8 and 16 animals:", ", ".join(by_size[[4, 8, 16]]))
print(f"neg. bin. mixed, t: p < 0.05 in {too_often['nb_t']:.1%} of genes without an effect")

# %% [markdown]
# Between animals, more animals help: the sum (QL) finds 18% of the genes with eight, 65% with sixteen, and none with
# four. One blue bar is longer, the negative-binomial mixed model with t. Do not rely on it: it gives p < 0.05 to 8.7%
# of the genes without an effect. (The 8% false of the moderated mixed model is within what twenty studies can tell from
# 5%.)
#
# Under *both*, the animal in the formula finds less, because it uses only the changes within animals.
#
# The first [answer](https://stats.stackexchange.com/questions/421203/applying-linear-mixed-model-for-rna-seq-data) to
# the mouse question suggests a negative-binomial mixed model. It is the right distribution, but programs test it by z,
# as if eight animals were many. How often does a gene *without* any effect get p < 0.05?

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# shows how often two analyses reject at 5% without any effect, in 4,000 simulated genes of eight animals
blocks = pd.read_csv("../data/repeated_count_nominal_levels.csv").sum()
analyses = {
    "negative-binomial mixed model, z": "mixed_z",
    "linear mixed model of log counts, t": "log_satterthwaite",
}
rejected = {
    kind: {
        name: blocks[f"{a}_{kind}"] / blocks[f"{a}_{kind}_tested"]
        for name, a in analyses.items()
    }
    for kind in ["within", "between"]
}
pd.DataFrame(rejected).map("{:.1%}".format)

# %% [markdown]
# By z, 13.2% between animals and 8.2% within. The linear mixed model of log counts, with its degrees of freedom, stays
# near 5%.
#
# **Verdict.**
#
# | the question is | do this |
# | --- | --- |
# | between animals | `summed, mice = sum_by(counts, slices, "mouse", "~ diet")`, then `quasi_likelihood(summed, mice, "~ diet")` |
# | within animals | `quasi_likelihood(counts, slices, "~ mouse + insulin")` |
# | both | `voom_weights`, then `fit_genes(…, moderated=True)`, as in section 3 |
#
# `voom` does as well as `quasi_likelihood`. With two animals in each group expect to find nothing.
#
# ### Exercise 10.2
#
# For each study choose the simplest analysis that answers the question. Type one letter for each.
#
# - **a**: sum per animal, then QL
# - **b**: the animal in the formula, QL
# - **c**: the moderated mixed model
# - **d**: QL as it is, because nothing belongs together
#
# The studies, each named after what is asked about:
#
# - `genotype`: three brain sections from each of six knockout and six wild-type mice
# - `tumour`: a tumour and healthy tissue beside it from each of nine patients
# - `urea`: ten mice, a sample and a urea value in each of four weeks, asked between the mice *and* from week to week
# - `age`: eight young and eight old mice, one sample each

# %%
answer = {"genotype": ..., "tumour": ..., "urea": ..., "age": ...}
check("10.2", answer)  # solution("10.2") shows one way

# %% [markdown]
# ### Exercise 10.3
#
# Three mice get a drug, three others a placebo. Four samples of each are sequenced, with 15,000 genes. For one gene a
# negative-binomial mixed model says p < 0.05 (z). What do you report for it? Type a letter.
#
# - **a** — p < 0.05: these are counts, and the animal is in the model;
# - **b** — the model without the animal: 24 samples, and a smaller p-value;
# - **c** — its row from QL on the reads summed per mouse, adjusted for 15,000 genes;
# - **d** — a Poisson model, because it has no dispersion to estimate.

# %%
answer = ...
check("10.3", answer)  # solution("10.3") shows one way

# %% [markdown]
# ## 5 · A real study
#
# These are airway cells of four donors. One culture of each donor got dexamethasone, a drug against asthma, and one did
# not ([source](../data/README.md#airway)). Nobody knows the truth here.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "A map of eight cell cultures by their genes, lines joining the two cultures of each of four donors. Untreated cultures are blue, treated ones orange; all four lines run in about the same direction from blue to orange."}}
# draws a map of the eight cultures; a line joins those of a donor
airway, cultures = load_airway_counts(), load_airway_samples()
ax = plt.figure(figsize=(8, 4.4)).gca()
count_pictures.sample_map(ax, airway, cultures, "dexamethasone", join="donor")
_ = ax.set_title("Donors lie far apart, and the drug moves all alike")

# %% [markdown]
# > **What if** one donor were missing? Change the name, and run this cell and all that follow.

# %% tags=["what-if"]
donor_out = None  # try "N61311"
cultures = load_airway_samples().query("donor != @donor_out")
airway = load_airway_counts()[cultures.index]
kept = airway[filter_by_expression(airway, cultures, group="dexamethasone")]
print(f"{len(kept):,} of {len(airway):,} genes have reads enough to be tested")

# %%
term = "dexamethasone[T.treated]"
ignored = voom(kept, cultures, "~ dexamethasone", contrasts=term)
paired = voom(kept, cultures, "~ donor + dexamethasone", contrasts=term)
ql = quasi_likelihood(kept, cultures, "~ donor + dexamethasone", contrasts=term)
for name, table in {"donor ignored": ignored, "voom": paired, "QL": ql}.items():
    print(f"{name}: {(table['p_adjusted'] < 0.05).sum():,} genes at 5%")

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Left, the biological coefficient of variation of each gene against its mean count, with an orange trend that falls from 0.16 to 0.1. Right, a volcano plot of 15,926 genes; thousands of found genes are orange, and DUSP1, KLF15, PER1, FKBP5 and CRISPLD2 are named on the right side."}}
# draws how much donors differ, and the p-value of each gene against its fold change
symbols = load_gene_symbols()
known = ["CRISPLD2", "DUSP1", "KLF15", "PER1", "FKBP5"]
ids = [gene for gene in ql["gene"] if symbols.get(gene) in known]
fig, (left, right) = plt.subplots(1, 2, figsize=(11.5, 4.6))
count_pictures.biological_variation(left, ql)
left.set_title("Genes with many reads vary less between cultures")
count_pictures.volcano(right, ql, names=ids, symbols=symbols)
_ = right.set_title("The known genes rise")
lengths = [(table["p_adjusted"] < 0.05).sum() for table in (ignored, paired, ql)]
claim(lengths == [1878, 5004, 4967], "1,878, 5,004 and 4,967 genes.")
rows = ql.set_index("gene").loc[ids]
claim(((rows["p_adjusted"] < 0.05) & (rows["log2_fold_change"] > 1)).all(), "All five rise.")

# %% [markdown]
# On the left: how much a gene's true level varies between cultures, beyond donor and drug. For most genes it is about a
# tenth. On the right: five genes known to rise with the drug.
#
# With the donor in the formula voom finds 5,004 genes and QL 4,967. Without it voom finds 1,878. To see names, join the
# symbols:

# %%
paired["symbol"] = paired["gene"].map(symbols)
shown = ["symbol", "log2_fold_change", "p_value", "p_adjusted"]
paired.loc[paired["symbol"].isin(known), shown].set_index("symbol")

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# prints the factor of DUSP1 with its interval
bounds = paired.set_index("symbol").loc["DUSP1", ["estimate", "conf_low", "conf_high"]]
times, low, high = np.exp(bounds.astype(float))  # voom's are natural logarithms
print(f"DUSP1: {times:.1f} times, 95% interval {low:.1f} to {high:.1f}")

# %% [markdown]
# Read aloud: *with dexamethasone a culture has on average 7.7 times as many reads of DUSP1 as the same donor's cells
# without it (95% interval 6.5 to 9.0).* That is 2 to the power 2.938.
#
# **Verdict.** Report the analysis with the donor. Four donors are few. Say how many there were, and do not claim that
# everybody responds like them.
#
# ### Exercise 10.4
#
# By which factor does dexamethasone change the reads of **PER1**, on average within a donor? One decimal.

# %%
answer = ...
check("10.4", answer)  # solution("10.4") shows one way

# %% [markdown]
# <details>
# <summary>In R</summary>
#
# ```r
# library(edgeR); library(DESeq2)
# counts  <- as.matrix(read.csv("data/airway_counts.csv.gz", row.names = 1))
# samples <- read.csv("data/airway_samples.csv", row.names = 1)[colnames(counts), ]
# samples$donor <- factor(samples$donor)
# samples$dexamethasone <- relevel(factor(samples$dexamethasone), "untreated")
# keep <- filterByExpr(DGEList(counts, group = samples$dexamethasone))
# D <- model.matrix(~ donor + dexamethasone, samples)
# y <- calcNormFactors(DGEList(counts[keep, ]))
# e  <- eBayes(lmFit(voom(y, D), D))
# ql <- glmQLFTest(glmQLFit(estimateDisp(y, D), D, legacy = TRUE), coef = "dexamethasonetreated")
# dds <- DESeq(DESeqDataSetFromMatrix(counts[keep, ], samples, ~ donor + dexamethasone))
# sum(p.adjust(e$p.value[, "dexamethasonetreated"], "BH") < 0.05)            # voom
# sum(p.adjust(ql$table$PValue, "BH") < 0.05)                                # QL
# D0 <- model.matrix(~ dexamethasone, samples)                               # donor ignored
# sum(p.adjust(eBayes(lmFit(voom(y, D0), D0))$p.value[, 2], "BH") < 0.05)
# e$coefficients["ENSG00000120129", "dexamethasonetreated"]                  # DUSP1
# sum(results(dds)$padj < 0.05, na.rm = TRUE)                                # DESeq2
# sum(results(dds, alpha = 0.05)$padj < 0.05, na.rm = TRUE)
# sum(results(dds, independentFiltering = FALSE)$padj < 0.05, na.rm = TRUE)
# # the sum per animal of a table with a column mouse: sumTechReps(counts, ID = samples$mouse)
# ```
#
# R 4.2.2 with edgeR 3.40.2, limma 3.54.1, DESeq2 1.38.3. From edgeR 4.0 on `legacy = FALSE` is the default, which is
# another method.
#
# | genes at 5% | R | ours | difference |
# | --- | ---: | ---: | ---: |
# | kept by the filter | 15926 | 15926 | 0 |
# | voom, donor in the formula | 5004 | 5004 | 0 |
# | QL, donor in the formula | 4967 | 4967 | 0 |
# | voom, donor ignored | 1878 | 1878 | 0 |
# | DUSP1 by voom: log2 fold change | 2.938 | 2.938 | below 0.001 |
#
# Lists need not be equally long in all programs, because defaults differ. In R, `results(dds)` of DESeq2 calls 4,062
# genes at 5%, with `alpha = 0.05` 4,058, and without its own filter 4,048.
#
# </details>

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks our column of that table against the data
# R 4.2.2 with edgeR 3.40.2, limma 3.54.1, DESeq2 1.38.3; edgeR 4.0 changed the default
dusp1 = paired.set_index("symbol").loc["DUSP1", "log2_fold_change"]
claim(abs(dusp1 - 2.938) < 0.001 and round(2**dusp1, 1) == 7.7, "DUSP1 rises 7.7 times.")
claim(len(kept) == 15926, "The filter keeps 15,926 genes.")

# %% [markdown]
# ## Recap
#
# Samples of one animal are alike, so count animals. If you ignore that, you get false findings between animals, and you
# miss true ones within animals.
#
# **Decision:** does your question vary between animals, within them, or both? Then take the sum per animal, the animal in
# the formula, or the moderated mixed model.
#
# **Next:** [11 · Every gene](11_every_gene.ipynb). Your own counts: [the template for
# counts](templates/counts.ipynb). (Within animals, write the animal into its formula. Between animals, sum first, as in
# section 1. It has no mixed model: for both, copy section 3.)
#
# **Sources.** Airway: [Himes and others 2014](https://doi.org/10.1371/journal.pone.0099625). Pseudoreplication in
# counts: [Squair and others 2021](https://doi.org/10.1038/s41467-021-25960-2). voom:
# [Law and others 2014](https://doi.org/10.1186/gb-2014-15-2-r29). Mixed models with weights:
# [Hoffman & Roussos 2021](https://doi.org/10.1093/bioinformatics/btaa687).

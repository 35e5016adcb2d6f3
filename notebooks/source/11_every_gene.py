# %% [markdown]
# # 11 · Every gene
#
# **I have thirteen thousand genes: which of them changed?**

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# loads the libraries, the shock patients' samples and their counts
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from helpers import plots, tables
from helpers.counts import permute_within, voom, voom_weights
from helpers.course.claims import claim
from helpers.data import (
    load_repeated_expression,
    load_repeated_expression_truth,
    load_repeated_samples,
    load_shock_counts,
    load_shock_samples,
)
from helpers.exercises import check, solution
from helpers.genes import fit_genes
from helpers.simulate import simulate_expression

plots.use_style()
tables.use_style()

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three panels of log2 counts per million at T1, T2 and T3, a grey line for each of eleven patients and a blue mean. H1-5 rises in nearly all patients. RPS4Y1 hardly changes, with patients either very high or very low. IGHV3-7 rises steeply on average, by very different amounts."}}
# draws three of the genes: a line per patient, and the mean
counts, patients = load_shock_counts(), load_shock_samples()
plots.lines_over_time(
    np.log2((counts + 0.5) / (counts.sum() + 1) * 1e6),
    patients,
    {"H1-5": "ENSG00000184357", "RPS4Y1": "ENSG00000129824", "IGHV3-7": "ENSG00000211938"},
    group="patient",
    time="time",
    title="Three genes: one rises, one stays, one rises unevenly",
)
plt.show()

# %% [markdown]
# Eleven patients in cardiogenic shock gave blood three times: on arrival (T1), after two days (T2), and after a week
# (T3). A grey line is a patient. H1-5 rises in nearly all of them. RPS4Y1 hardly changes. It lies on the Y chromosome,
# so ten patients have it and one hardly does. IGHV3-7 rises, but very unevenly.
#
# Which genes changed? The [data are public](../data/README.md#shock), and nobody knows the answer.
#
# *About 27 minutes. You need lessons 05 and 10. At the end you will be able to fit one mixed model per gene, see what
# happens when the patient is ignored, and filter genes without spoiling the list.*
#
# ## 1 · One model for each gene
#
# We begin where the truth is known. Ten mice gave samples in four weeks, each with its urea and weight. Expression of
# 2,000 genes was simulated. 600 of them go with urea in some way. *None* goes with weight.
#
# > **What if** one mouse had been lost? Write its name, and run all cells below.

# %% tags=["what-if"]
left_out = None  # try "m03"
samples = load_repeated_samples().query("animal != @left_out")
samples["urea100"] = samples["urea"] / 100
expression = load_repeated_expression()[samples.index]

# %%
truth = load_repeated_expression_truth()
goes_with_urea = truth["kind"] != "none"

# %% [markdown]
# The samples are the same for all genes, so one call fits one mixed model to each gene. The formula has no left side,
# because every gene takes its turn there. (Degrees of freedom as in lesson 05.)

# %%
model = "~ urea100 + weight + (1 | animal)"
screen = fit_genes(expression, samples, model, ddf="kenward-roger")
urea = screen[screen["term"] == "urea100"].set_index("gene")
print(f"planted in gene_1316: {truth.loc['gene_1316', 'beta_level']:.3f}")
urea.loc[["gene_1316"], ["estimate", "conf_low", "conf_high", "p_adjusted"]]

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the data
example, planted = urea.loc["gene_1316"], truth.loc["gene_1316"]
claim(planted["beta_level"] == planted["beta_change"], "One slope was planted in gene_1316.")
claim(example["conf_low"] < planted["beta_level"] < example["conf_high"], "It is inside.")

# %% [markdown]
# Read it aloud: *on average, a sample with 100 mg/dl more urea has 0.961 log2 units more of gene_1316 (95% confidence
# interval 0.723 to 1.198).* One log2 unit is a doubling. The planted slope lies inside the interval. (One slope mixes
# differences between mice and changes within one. [Appendix A3](A3_every_gene_at_once.ipynb) separates them.)
#
# There are 2,000 such rows. `p_adjusted` is the [Benjamini–Hochberg](glossary.md#benjaminihochberg) value of lesson 02,
# computed over the genes. Keep those below 0.05, and compare with the truth:

# %%
on_list = urea["p_adjusted"] < 0.05
kind = goes_with_urea.map({True: "goes with urea", False: "does not"}).rename("truth")
result = on_list.map({True: "on the list", False: "not on it"}).rename("result")
pd.crosstab(kind, result)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the data
false_on_list = (on_list & ~goes_with_urea).sum()
claim((on_list.sum(), false_on_list) == (278, 10), "278 genes are on the list, 10 falsely.")
claim(false_on_list < 0.05 * on_list.sum(), "Fewer than 5% of the list are false.")

# %% [markdown]
# 278 genes are on the list, and 10 of them are false. A [false discovery rate](glossary.md#false-discovery-rate) of 5%
# means: over many such studies, on average at most 5% of the genes on a list are false. The list misses 332 of the 600
# genes. A gene that is not on it may still have an effect.
#
# ## 2 · Ignore the animal
#
# Now drop `(1 | animal)`, as if forty samples were forty mice. Look at weight, because no gene depends on it. A right
# test finds p < 0.05 in 5% of the genes, that is in 100.

# %%
forgotten = fit_genes(expression, samples, "~ urea100 + weight")
weight_p = {
    "animal ignored": forgotten.query("term == 'weight'")["p_value"],
    "animal in the model": screen.query("term == 'weight'")["p_value"],
}
pd.Series({name: (p < 0.05).sum() for name, p in weight_p.items()})

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two histograms of 2,000 p-values for weight, which no gene depends on. Left, animal ignored: 321 p-values in the first bar, falling slowly. Right, animal in the model: nearly flat around the dashed line at 100, and 72 in the first bar."}}
# draws the p-values of weight by both analyses
plots.p_histograms(
    weight_p,
    title="Ignore the animal, and hundreds seem to depend on weight",
    colours=[plots.ORANGE, plots.BLUE],
)
plt.show()
found = [(p < 0.05).sum() for p in weight_p.values()]
claim(found == [321, 72], "321 and 72 genes have p < 0.05 for weight.")
claim(found[0] > 3 * 100 > 3 * found[1], "Three times too many, and no more than 100.")

# %% [markdown]
# On the left, 321 genes instead of 100, all of them false. On the right, 72: with ten animals this test errs a little
# on the safe side. Weight differs mostly *between* mice, and there are ten mice, not forty.
#
# For a change *within* patients, ignoring them does the opposite. The differences between patients become noise, and
# real changes drown in it. Section 4 shows it.
#
# **Verdict.** Keep the animal or the patient in the model of every gene. A correction for many tests does not mend a
# wrong test.
#
# ### Exercise 11.1
#
# Make the list for `urea100` from `forgotten`, again at a false discovery rate of 5%. What percentage of the genes on
# it are false? One decimal.

# %%
answer = ...
check("11.1", answer)  # solution("11.1") shows one way

# %% [markdown]
# ## 3 · What you may filter, and when
#
# Fewer tests mean a milder correction, so it is tempting to leave genes out. Some filters are fine. Others look at the
# answer first. Twenty new studies like the one above show which is which.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# simulates twenty studies, and makes the list at 5% after each of four filters
rng = np.random.default_rng(95)
filters = {
    "no filter": lambda table, means: table["p_value"] <= 1,
    "mean expression above the median": lambda table, means: means > means.median(),
    "slope above 0.5 first": lambda table, means: table["estimate"].abs() > 0.5,
    "p < 0.1 first": lambda table, means: table["p_value"] < 0.1,
}
rows = []
for _ in range(20):
    simulated, drawn = simulate_expression(samples, 2_000, rng)
    table = fit_genes(simulated, samples, model, ddf="kenward-roger", contrasts="urea100")
    table, real = table.set_index("gene"), drawn["kind"] != "none"
    for name, keeps in filters.items():
        kept = keeps(table, simulated.mean(axis=1))
        called = multipletests(table.loc[kept, "p_value"], method="fdr_bh")[1] < 0.05
        share = 100 * (called & ~real[kept]).sum() / max(1, called.sum())
        rows.append({"filter": name, "on the list": called.sum(), "false (%)": share})
filtered = pd.DataFrame(rows).groupby("filter", sort=False).mean()
filtered.map("{:.1f}".format)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the data
false_share, none = filtered["false (%)"], filtered.loc["no filter", "false (%)"]
claim(none < 5 and false_share["mean expression above the median"] < 5, "Two keep 5%.")
claim(false_share["p < 0.1 first"] > 2 * 5, "After 'p < 0.1 first', more than 10% are false.")
claim(false_share["slope above 0.5 first"] > 1.4 * none, "Large slopes first: more are false.")

# %% [markdown]
# These are averages over twenty lists. "p < 0.1 first" makes the list longer, and more than 10% of it is false. Large
# slopes first double the false share, from 2.9% to 5.8%, because large estimates are partly luck. Mean expression does
# not know which sample had much urea, so the share stays where it was.
#
# **Verdict.** Filter before you test, by something that does not know your groups: total reads, or a list made from
# other data. `filter_by_expression` (lesson 10) does that. Never filter by p-value, slope or volcano plot and then
# correct what is left.
#
# ### Exercise 11.2
#
# Does the false discovery rate stay as stated after each filter? Type one letter for each. **a**: it does. **b**: it
# does not.
#
# 1. Genes with fewer than 10 reads on average are left out. All others are tested and corrected.
# 2. All genes are tested. The 300 with the steepest slopes are corrected among themselves.
# 3. Only the 90 genes of another laboratory's list, from other mice, are tested and corrected.
# 4. "Kidney genes" are corrected by themselves, because several lie high in the volcano plot.

# %%
answer = {1: ..., 2: ..., 3: ..., 4: ...}
check("11.2", answer)  # solution("11.2") shows one way

# %% [markdown]
# ## 4 · From counts to one model per gene
#
# The patients' data are counts (lesson 09). On the log scale, a gene with few reads scatters more. `voom_weights` takes
# log2 counts per million and measures that scatter over all genes.
#
# > **What if** one patient had refused? Write the name, and run all cells below.

# %% tags=["what-if"]
refused = None  # try "G24" or "G16"
patients = load_shock_samples().query("patient != @refused")
counts = load_shock_counts()[patients.index]

# %%
in_time = "~ time + (1 | patient)"
logs = voom_weights(counts, patients, in_time)

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Residual standard deviation of 13,123 genes against mean log2 counts per million. The blue median falls from 0.7 at few reads to 0.25 at 5, and lies near 0.3 at many."}}
# draws how much each gene scatters along its mean
sigma = fit_genes(logs.log_cpm, patients, in_time).groupby("gene")["sigma"].first()
plots.spread_against_mean(
    logs.log_cpm.mean(axis=1), sigma, title="Genes with few reads scatter more"
)
plt.show()
by_bin = sigma.groupby(pd.qcut(logs.log_cpm.mean(axis=1), 20), observed=True).median()
claim(0.75 > by_bin.iloc[0] > 0.65 and by_bin.iloc[9:].max() < 0.35, "Less and less, up to 5.")

# %% [markdown]
# The median gene scatters less and less up to about 5 (32 counts per million). So each value gets a [**precision
# weight**](glossary.md#precision-weight): one over the variance that the trend expects of a count of its size. Precise
# values then count for more.
#
# The second help is [**moderation**](glossary.md#moderation). With few patients, a gene's own variance is a rough
# guess: some genes look quiet by luck. Moderation moves each variance part of the way towards what the other genes
# have.
#
# Does it help? Here are four simulated patients before and after, and 2,000 genes of which 200 change:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# simulates four patients, before and after: 2,000 genes, the first 200 change by one unit
rng = np.random.default_rng(4)
pair = pd.DataFrame({"patient": np.repeat(list("ABCD"), 2), "time": ["before", "after"] * 4})
pair["time"] = pd.Categorical(pair["time"], ["before", "after"])
spread = np.sqrt(0.15 * 6 / rng.chisquare(6, 2_000))[:, None]
shift = np.where(np.arange(2_000) < 200, rng.choice([-1, 1], 2_000), 0)[:, None]
own_level = np.repeat(rng.normal(size=(2_000, 4)), 2, axis=1)
noise = rng.normal(size=(2_000, 8))
four = pd.DataFrame(spread * (own_level + noise) + shift * (pair["time"] == "after").to_numpy())

# %%
ways = {"own variance": {"ddf": "kenward-roger"}, "moderated": {"moderated": True}}
rows = {}
for name, how in ways.items():
    after = fit_genes(four, pair, in_time, contrasts="time[T.after]", **how)
    called = after["p_adjusted"] < 0.05
    rows[name] = {"on the list": called.sum(), "false": called[200:].sum()}
pd.DataFrame(rows).T

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the data
own, shared = rows["own variance"], rows["moderated"]
claim(own["on the list"] == 0, "Gene by gene, none is found.")
claim(shared == {"on the list": 96, "false": 4}, "Moderated: 96, of which 4 false.")
mice = fit_genes(expression, samples, model, moderated=True, contrasts="urea100")
claim((mice["p_adjusted"] < 0.05).sum() == 250, "Moderated, 250 genes go with urea.")

# %% [markdown]
# Gene by gene, four patients find nothing. Moderated, they find 96 genes, 4 of them false. (These variances were drawn
# as moderation assumes.) Moderation helps most with few samples, and does not always find more: the ten mice of section
# 1 have 250 genes with it, 278 without.
#
# Now the real patients, with precision weights and moderation:

# %%
changed = fit_genes(logs.log_cpm, patients, in_time, weights=logs.weights, moderated=True)
t3 = changed[changed["term"] == "time[T.T3]"].set_index("gene")
print(f"{(t3['p_adjusted'] < 0.05).sum():,} of {len(t3):,} genes")

# %% [markdown]
# Here are three other analyses of the same counts. Two allow for the patient in another way, and one ignores the
# patient.

# %%
others = {
    "patient in the formula": voom(counts, patients, "~ time + patient"),
    "one correlation for all genes": voom(counts, patients, "~ time", block="patient"),
    "patient ignored": voom(counts, patients, "~ time"),
}
calls = {"mixed model, moderated": (t3["p_adjusted"] < 0.05).sum()}
for name, table in others.items():
    calls[name] = (table.query("term == 'time[T.T3]'")["p_adjusted"] < 0.05).sum()
pd.Series(calls, name="genes at T3")

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the data
claim(list(calls.values()) == [1963, 1861, 1780, 22], "1,963, 1,861, 1,780 and 22 genes.")

# %% [markdown]
# The three that allow for the patient find 1,780 to 1,963 of the 13,123 genes. The one that ignores the patient finds
# 22.
#
# **Verdict.** For a change within patients put the patient into the formula: it is what reviewers know. Take the mixed
# model when a predictor varies both between and within patients. For a question *between* patients sum the reads of
# each patient (lesson 10). Never use one correlation for all genes there. Choose before you look.
#
# ### Exercise 11.3
#
# In `changed`, how many genes differ between T2 and T1 at a false discovery rate of 5%? A whole number.

# %%
answer = ...
check("11.3", answer)  # solution("11.3") shows one way

# %% [markdown]
# ## 5 · Look at all the p-values
#
# Without an effect, a p-value is equally likely anywhere from 0 to 1, so the histogram is flat. Strong effects add a
# pile at the left. Weak effects add a slope.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two histograms of p-values with the same shape: a tall first bar that falls slowly to the right. Left, simulated, every gene has a weak effect and the test is right. Right, shock patients, T3 against T1."}}
# draws p-values of many weak effects from a right test, beside those of the patients
rng = np.random.default_rng(6)
weak = rng.normal(0, 0.35, (2_000, 1)) + rng.normal(size=(2_000, 11))
weak = fit_genes(weak, pd.DataFrame(index=range(11)), "~ 1")
plots.p_histograms(
    {
        "simulated: all genes have a weak effect": weak["p_value"],
        "patients: T3 against T1": t3["p_value"],
    },
    title="A slow fall is no sign of a wrong test",
    colours=[plots.GREY, plots.BLUE],
)
plt.show()

# %% [markdown]
# On the left, the test is right, and every gene has a small effect. On the right are the patients. Both fall slowly,
# and so did the wrong test of section 2. The shape alone cannot tell them apart.
#
# Permutation can. `permute_within` exchanges T1, T2 and T3 at random *within* each patient. Then the times no longer
# belong to the samples, so 5% of the genes should have p < 0.05. (To save time, on every sixteenth gene.)

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "A row of thirty grey points, the percentage of genes with p below 0.05 in thirty permutations, most between 1 and 9 and one near 27, around a dashed line at 5. An orange diamond for the true labels lies near 32."}}
# permutes the times within patients thirty times, on every sixteenth gene, and draws what is found
few = counts.iloc[::16]
shares = []
for seed in range(30):
    mixed_up = permute_within(patients, "time", "patient", seed=seed)
    again = voom_weights(few, mixed_up, in_time)
    test = fit_genes(
        again.log_cpm,
        mixed_up,
        in_time,
        weights=again.weights,
        moderated=True,
        contrasts="time[T.T3]",
    )
    shares.append(100 * (test["p_value"] < 0.05).mean())
plots.shares_below(
    np.array(shares),
    100 * (t3["p_value"] < 0.05).mean(),
    title="Exchanged labels: near 5% on average, one far off",
)
plt.show()
print(f"mean {np.mean(shares):.0f}%, from {min(shares):.0f}% to {max(shares):.0f}%;", end=" ")
print(f"true labels {100 * (t3['p_value'] < 0.05).mean():.0f}%")
claim(3 < np.mean(shares) < 7, "On average, the share is close to 5%.")
claim(max(shares) > 20, "One of thirty permutations gives more than 20%.")
claim(100 * (t3["p_value"] < 0.05).mean() > max(shares), "The true labels give more than any.")

# %% [markdown]
# A grey point is one permutation. On average they are near 5%, as they should be. But one of thirty reached 27% by
# chance, because genes go together: what moves one gene moves hundreds. So a single list may be much worse than 5%. The
# true labels give more than all thirty.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# prints the variance of the difference between two times, in the median gene
at = {
    time: logs.log_cpm[rows.index].set_axis(rows["patient"], axis=1)
    for time, rows in patients.groupby("time", observed=True)
}
pairs = [("T2", "T1"), ("T3", "T1"), ("T3", "T2")]
spreads = [(at[one] - at[other]).var(axis=1).median() for one, other in pairs]
print("variance of a difference, median gene:", end="   ")
for (one, other), spread in zip(pairs, spreads, strict=True):
    print(f"{one} − {other}: {spread:.2f}", end="   ")
claim(max(spreads) < 1.25 * min(spreads), "The three variances are within 25%.")

# %% [markdown]
# <details>
# <summary>What permutation cannot check</summary>
#
# `(1 | patient)` takes any two times to be equally alike, and exchanging them makes them so. Look at the variances of
# the differences above: they are nearly equal, so these data fit that assumption.
#
# </details>
#
# **Verdict.** Nothing speaks against the test, and something did change. But a false discovery rate holds *on average*.
# Write "a list in which, on average over such studies, at most one gene in twenty is false".
#
# ### Exercise 11.4
#
# Count the p-values above 0.5 in `urea["p_value"]` (section 1). Nearly all belong to genes without an effect, and those
# are spread evenly from 0 to 1. About how many of the 2,000 genes do not go with urea? A whole number.

# %%
answer = ...
check("11.4", answer)  # solution("11.4") shows one way

# %% [markdown]
# <details>
# <summary>In R</summary>
#
# ```r
# library(edgeR); library(limma)
# counts  <- as.matrix(read.csv("data/shock_counts.csv.gz", row.names = 1))
# samples <- read.csv("data/shock_samples.csv", row.names = 1)[colnames(counts), ]
# y       <- calcNormFactors(DGEList(counts))
#
# design <- model.matrix(~ time + patient, samples)               # patient in the formula
# fit    <- eBayes(lmFit(voom(y, design), design))
# sum(p.adjust(fit$p.value[, "timeT3"], "BH") < 0.05)
#
# ql <- glmQLFit(estimateDisp(y, design), design, legacy = TRUE)  # edgeR 3.40
# sum(p.adjust(glmQLFTest(ql, coef = "timeT3")$table$PValue, "BH") < 0.05)
#
# design <- model.matrix(~ time, samples)                         # one correlation for all genes
# v <- voom(y, design)
# r <- duplicateCorrelation(v, design, block = samples$patient)$consensus
# v <- voom(y, design, block = samples$patient, correlation = r)
# r <- duplicateCorrelation(v, design, block = samples$patient)$consensus
# fit <- eBayes(lmFit(v, design, block = samples$patient, correlation = r))
# sum(p.adjust(fit$p.value[, "timeT3"], "BH") < 0.05)
# ```
#
# | genes at T3, FDR 5%, all 13,123 tested | R | ours | difference |
# | --- | ---: | ---: | ---: |
# | `voom`, patient in the formula | 1,861 | 1,861 | 0 |
# | quasi-likelihood, patient in the formula | 1,874 | 1,874 | 0 |
# | `voom`, one correlation | 1,780 | 1,780 | 0 |
#
# R has no call that moderates both variances of a mixed model. dream (package variancePartition)
# moderates the residual variance. So the 1,963 of the mixed model stand beside no number of R.
#
# </details>
#
# ## Recap
#
# One call fits one mixed model per gene, and the patient stays in every model. For counts, give it precision weights and
# moderation. Choose the filter before you look, and do not judge a test by the shape of a histogram.
#
# **Decision:** before the screen, write down the model, the filter and the correction.
#
# **Next:** [12 · What a list of genes can claim](12_gene_lists.ipynb). For your own counts:
# [the counts template](templates/counts.ipynb). It has no mixed model, so copy section 4 for that. What `fit_genes`
# computes: [appendix A3](A3_every_gene_at_once.ipynb).
#
# **Sources.** Shock: Braga et al. 2019, [doi:10.1186/s13054-019-2670-8](https://doi.org/10.1186/s13054-019-2670-8).
# Weights: Law et al. 2014, [doi:10.1186/gb-2014-15-2-r29](https://doi.org/10.1186/gb-2014-15-2-r29).
# Moderation: Smyth 2004, [doi:10.2202/1544-6115.1027](https://doi.org/10.2202/1544-6115.1027). Mixed
# models of genes: Hoffman & Roussos 2021,
# [doi:10.1093/bioinformatics/btaa687](https://doi.org/10.1093/bioinformatics/btaa687). Filters:
# Bourgon, Gentleman & Huber 2010, [doi:10.1073/pnas.0914005107](https://doi.org/10.1073/pnas.0914005107).
# Many tests: Benjamini & Hochberg 1995,
# [doi:10.1111/j.2517-6161.1995.tb02031.x](https://doi.org/10.1111/j.2517-6161.1995.tb02031.x).

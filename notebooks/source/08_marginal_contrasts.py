# %% [markdown]
# # 08 · Marginal contrasts
#
# **For each gene, does the drug change its length, and by how much? And do the genes differ?**

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# imports the packages, sets the style, reads the lengths and what was planted in them
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from IPython.display import Markdown
from marginaleffects import avg_comparisons
from scipy import stats
from statsmodels.stats.multitest import multipletests

from helpers import plots, tables
from helpers.contrasts import comparisons, joint_tests, predictions
from helpers.course.claims import claim
from helpers.data import (
    load_modification_lengths,
    load_modification_lengths_truth,
    load_tooth_growth,
)
from helpers.exercises import check, solution
from helpers.exercises.lesson_08 import clinic_study
from helpers.mixed import fit_mixed

plots.use_style()
tables.use_style()
lengths = load_modification_lengths()
lengths["log_length"] = np.log(lengths["length"])
planted = np.exp(load_modification_lengths_truth()["drug effect"])


def effects_by_replicate(table):
    """The drug's effect on the log length, replicates by genes."""
    cell = table.pivot_table(
        "log_length", "replicate", ["condition", "gene_name"], observed=True
    )
    return cell["DRUG"] - cell["NO DRUG"]


def paired_t(effects):
    """Ratio with its 95% interval and p, from one value per replicate."""
    tests = {name: stats.ttest_1samp(values, 0) for name, values in effects.items()}
    of = {name: [effects[name].mean(), *t.confidence_interval()] for name, t in tests.items()}
    found = np.exp(pd.DataFrame(of, ["estimate", "conf_low", "conf_high"])).T
    return found.assign(p_value=[t.pvalue for t in tests.values()])


# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Ratio of lengths with the drug to those without, one dot per replicate, for genes C, A and B, with a dashed line at 1. In gene C all four dots lie between 1.2 and 1.31. In genes A and B three lie around 1.1 and rep1 below 1. The interval of the mean lies above 1 in gene C and across 1 in A and B."}}
# draws the drug's ratio in each replicate and gene, with the mean of the replicates and its interval
every_effect = effects_by_replicate(lengths)
ax = plots.replicate_dots(
    np.exp(every_effect).add_prefix("gene "), paired_t(every_effect), reference=1
)
ax.set(ylabel="ratio of lengths, DRUG to NO DRUG", title="All four replicates agree on gene C")
plt.show()

# %% [markdown]
# Each dot is one replicate: its typical length with the drug, divided by that without. Black is their mean with its 95%
# interval. In A and B one replicate disagrees.
#
# The researcher of lesson 07 has one model for all genes. One of its six rows answers the question, for gene C. For the
# other genes you have to ask. (The lengths are [simulated](../data/README.md), so we know the true effects.)
#
# *About 27 minutes. You need lessons 06 and 07. At the end you will be able to ask a model for the comparison you mean,
# correct it for its family, and tell "no difference found" from "no meaningful difference".*
#
# ## 1 · One effect per gene
#
# A [**contrast**](glossary.md#contrast) is a weighted sum of a model's rows that answers a question. The computer finds
# the weights. You say which variable changes, and within what:
#
# > **What if** a replicate had failed? Leave one out and run the lesson again.

# %% tags=["what-if"]
left_out = None  # try "rep1" or "rep4"
kept = lengths[lengths["replicate"] != left_out]
fit = fit_mixed("log_length ~ condition * gene_name + (1 | replicate)", kept)
found = avg_comparisons(fit.statsmodels, variables="condition", by="gene_name").data
found.select("gene_name", "estimate", "std_error", "p_value").to_pandas()

# %% [markdown]
# This is marginaleffects, the package that the accepted answer to the researcher's question recommends. For each gene
# it predicts two means, with the drug and without, and subtracts. (`fit.statsmodels` hands it our fit.)
#
# A mean that a model predicts, averaged over whatever you do not ask about, is a [**marginal
# mean**](glossary.md#marginal-mean). Here are all six, as typical lengths:

# %%
means = predictions(fit, by=["gene_name", "condition"], transform="exp")
means[["gene_name", "condition", "estimate", "conf_low", "conf_high", "df"]]

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Six marginal means with wide intervals, from about 50 to 130, on a log axis: genes C, A and B, each without and with the drug. An arrow in each gene points up from the mean without the drug to that with it, labelled times 1.25, times 1.10 and times 1.11."}}
# draws the six marginal means, and the drug's effect in each gene as an arrow
points = means.set_index(means["gene_name"].astype(str) + " " + means["condition"].astype(str))
genes = list(lengths["gene_name"].cat.categories)
ends = [(f"{gene} NO DRUG", f"{gene} DRUG") for gene in genes]
ratios = {
    gene: points.loc[b, "estimate"] / points.loc[a, "estimate"]
    for gene, (a, b) in zip(genes, ends)
}
fig, ax = plt.subplots(figsize=(10, 4.4))
ax.set(yscale="log", ylabel="typical length (no unit given)", ylim=(40, 160))
plots.arrow_plot(
    points,
    [(a, b, f"× {ratios[gene]:.2f}") for gene, (a, b) in zip(genes, ends)],
    places=[0, 1, 2.6, 3.6, 5.2, 6.2],
    names=[name.replace(" ", "\n", 1) for name in points.index],
    colours=np.repeat([plots.BLUE, plots.ORANGE, plots.GREEN], 2),
    ax=ax,
)
ax.set_yticks([50, 75, 100, 150], ["50", "75", "100", "150"])
ax.minorticks_off()
ax.set_title("A contrast is an arrow between two means")
plt.show()

# %% [markdown]
# The arrows are the contrasts. Look at gene A: its two intervals are almost the same, 60 to 120 and 66 to 132. **Never
# judge an arrow by whether two intervals overlap.** They are wide because the replicates differ in level, and that
# moves both ends of the arrow together.
#
# marginaleffects tests by z. Our `comparisons` gives each row its own degrees of freedom and turns logs into ratios. It
# also makes the p-values larger because we ask three times, a [**multiplicity
# adjustment**](glossary.md#multiplicity-adjustment):

# %%
effects = comparisons(fit, "condition", by="gene_name", transform="exp", adjust="holm")
effects[["gene_name", "estimate", "conf_low", "conf_high", "df", "p_value", "p_adjusted"]]

# %% [markdown]
# Read aloud: *on average, lengths with the drug are 1.252 times those without in gene C (95% interval 1.137 to 1.380).*
# Only the p-values are adjusted; each interval is for one gene.
#
# 22,560 degrees of freedom: the model counts lengths. It assumes that the drug does the same in every replicate. If you
# do not want to assume that, count replicates, as in lesson 06:

# %%
by_replicate = effects_by_replicate(kept)
four = paired_t(by_replicate)
four.assign(p_adjusted=multipletests(four["p_value"], method="holm")[1], planted=planted)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the sentences of this section against the data
claim((effects["p_adjusted"] < 0.001).all(), "by lengths, all three effects are clear")
claim(
    four["p_value"]["C"] < 0.01 < four["p_value"][["A", "B"]].min(),
    "by replicates, only the effect in C is shown",
)
claim((planted[["A", "B"]] > 1.1).all(), "the drug does act on A and B")
of_rep1 = lengths[lengths["gene_name"] != "C"].groupby("gene_name", observed=True)["replicate"]
claim(
    of_rep1.agg(lambda names: abs((names == "rep1").mean() - 0.04) < 0.005).all(),
    "rep1 has 4% of the rows of A and B",
)
claim((by_replicate.loc["rep2":] > 0).all(axis=None), "three replicates agree in all genes")

# %% [markdown]
# **Verdict.** Report the replicates' paired t test: the drug lengthens gene C (ratio 1.26, Holm p = 0.0021). For A and
# B four replicates do not show it (p = 0.24 and 0.38). Give the model beside it, as "if the drug does the same in every
# replicate". (For C quote lesson 06's wider interval, 1.13 to 1.40.)
#
# Look at the column `planted`: the drug does act on A and B, and the cautious test misses it. In your own experiment
# you would not know.
#
# ### Exercise 8.1
#
# Take the *model's* interval for gene B. At its upper end, by how many percent does the drug lengthen gene B? One
# decimal.

# %%
answer = ...
check("8.1", answer)  # solution("8.1") shows one way

# %% [markdown]
# ## 2 · Do the genes differ?
#
# "Significant in C and not in A, so the drug acts on C only." That is wrong: nobody has compared C with A.
#
# Suppose the drug does the same to two genes, and each true effect is twice its standard error. How often is only one
# significant?

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# simulates two genes with the same effect, and counts how often just one is significant
z = np.random.default_rng(6).normal(2, 1, (100_000, 2))
one_only = (np.abs(z) > 1.96).sum(axis=1) == 1
differ = np.abs(z[:, 0] - z[:, 1]) / np.sqrt(2) > 1.96
print(f"same effect in two genes, just one significant: {one_only.mean():.0%} of studies")
print(f"the difference itself significant: {differ.mean():.0%}")

# %% [markdown]
# Half of such studies would announce a drug that acts on one gene only. So compare the effects. On the log scale that
# is lesson 07's difference of differences, and in ratios a ratio of ratios.

# %%
how = {"by": "gene_name", "differences": "pairwise", "transform": "exp"}
pairs = comparisons(fit, "condition", **how, adjust="bonferroni")
shown = ["gene_name", "estimate", "conf_low_adjusted", "conf_high_adjusted"]
pairs[[*shown, "p_value", "p_adjusted"]]

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "The drug's ratio in genes C, A and B with intervals, about 1.25, 1.10 and 1.11. Arrows between them: from C down to A, times 0.88; from C down to B, times 0.89; from A slightly up to B, times 1.01."}}
# draws the three effects, and their differences as arrows between them
of_genes = effects.set_index(effects["gene_name"].astype(str))
arrows = [
    (*reversed(name.split(" / ")), f"{name} × {ratio:.2f}")
    for name, ratio in zip(pairs["gene_name"], pairs["estimate"])
]
ax = plots.arrow_plot(
    of_genes,
    arrows,
    names=[f"gene {gene}" for gene in of_genes.index],
    colours=[plots.BLUE, plots.ORANGE, plots.GREEN],
    places=[0, 1.4, 2.8],
)
ax.axhline(1, color=plots.GREY, linestyle="--", linewidth=1)
ax.set(
    ylabel="ratio of lengths, DRUG to NO DRUG", title="A difference of effects is an arrow, too"
)
plt.show()

# %% [markdown]
# The drug's ratio in A is 0.88 times that in C (0.78 to 0.99, p = 0.033). B against C is undecided (p = 0.093).
#
# Three pairs are three chances of a false positive. So Bonferroni's method multiplies each p by three, and widens the
# intervals to match.
#
# Before the analysis, write down which tests form one [family](glossary.md#family), and one correction for it. For
# p-values only, take Holm, which is never weaker. For corrected intervals as well, take Bonferroni. ([Appendix
# A2](A2_contrasts_by_hand.ipynb) shows why not to choose afterwards.)
#
# Now by replicates:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# compares A and B with C by replicates, and prints what was planted
for gene in "AB":
    p = stats.ttest_1samp(by_replicate[gene] - by_replicate["C"], 0).pvalue
    print(
        f"{gene} / C: p = {p:.3f}, times three {min(3 * p, 1):.2f};"
        f" planted ratio {planted[gene] / planted['C']:.2f}"
    )

# %% [markdown]
# **Verdict.** By the model, the drug does less to A than to C. If you count replicates, that is not shown: Bonferroni p
# = 0.15. Report 0.15, and the model's 0.033 beside it. The true ratio is 0.88.
#
# ### Exercise 8.2
#
# Another laboratory's protocol says: "We test the drug's effect on each gene, and whether A and B differ from C. These
# five tests of the model are one family, corrected by Bonferroni." What is the corrected p of A against C? Three
# decimals. (The table above has the p before correction.)

# %%
answer = ...
check("8.2", answer)  # solution("8.2") shows one way

# %% [markdown]
# ## 3 · Average over what?
#
# "And the drug's effect overall?" Two programs, two answers:

# %%
each_gene = comparisons(fit, "condition")["estimate"].item()
each_row = avg_comparisons(fit.statsmodels, variables="condition").data["estimate"].item()
pd.DataFrame({"each gene alike": each_gene, "each row alike": each_row}, ["log ratio"])

# %% [markdown]
# Ours, like R's emmeans, lets each *gene* count the same: 0.142. marginaleffects lets each *row* count the same: 0.105.
# Two thirds of the rows are of gene A, where the effect is smallest. How many rows a gene has is an accident here, so
# take the genes alike, or no average at all.
#
# **Verdict.** Never write "on average" without "over what".
#
# A simulated trial of a treatment enrolled many carriers of a *rare* genotype:

# %%
trial = clinic_study()
of_trial = fit_mixed("response ~ treatment * genotype + (1 | centre)", trial)
comparisons(of_trial, "treatment", by="genotype")[["genotype", "estimate", "std_error"]]

# %% [markdown]
# ### Exercise 8.3
#
# **In the clinic one patient in ten has the rare genotype.** By how much does the treatment raise the mean response of
# the clinic's patients? Two decimals.

# %%
answer = ...
check("8.3", answer)  # solution("8.3") shows one way

# %% [markdown]
# (A good place to stop for today.)
#
# ## 4 · No meaningful difference?
#
# Between A and B the p-value is large. Are their effects the same? A large p-value cannot say so: you also get one from
# too few data.
#
# To show [**equivalence**](glossary.md#equivalence-test), first name a margin, the largest ratio of effects that would
# not matter. Then test that the true ratio lies inside it. With a margin of 1.1 it must lie between 1/1.1 and 1.1.
#
# > **What if** you were stricter, or more generous?

# %% tags=["what-if"]
margin = 1.1  # try 1.05 or 1.25
alike = comparisons(fit, "condition", **how, equivalence=(1 / margin, margin))
shown = pairs[["gene_name", "estimate"]].assign(
    p_different=pairs["p_adjusted"],
    p_equivalent=(3 * alike["p_value_equivalence"]).clip(upper=1),
)
shown

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# finds the verdicts, tests the same by replicates, and checks the sentences against the data
low, high = pairs["conf_low_adjusted"], pairs["conf_high_adjusted"]
apart, inside = (low > 1) | (high < 1), (low > 1 / margin) & (high < margin)
verdict = np.select(
    [apart & inside, apart, inside],
    ["different, but too little to matter", "different", "equivalent"],
    "undecided",
)
b_a = by_replicate["B"] - by_replicate["A"]
se, df = b_a.std() / np.sqrt(len(b_a)), len(b_a) - 1
both_sides = [(np.log(margin) + b_a.mean()) / se, (np.log(margin) - b_a.mean()) / se]
p_four = min(3 * stats.t.sf(min(both_sides), df), 1)
print(f"B against A by replicates: p of equivalence, times three, {p_four:.2f}")
claim(
    list(verdict) == ["different", "undecided", "equivalent"],
    "A / C different, B / C undecided, B / A equivalent",
)
claim(((shown["p_different"] < 0.05) == apart).all(), "p and interval agree")
claim(((shown["p_equivalent"] < 0.05) == inside).all(), "p and zone agree in these data")
share_of_a = kept["gene_name"].value_counts(normalize=True)["A"]
claim(abs(share_of_a - 2 / 3) < 0.02, "two thirds of the rows are of gene A")
claim(effects["estimate"].idxmin() == list(effects["gene_name"]).index("A"), "smallest in A")
claim(p_four > 0.05, "by replicates, equivalence is undecided")

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three ratios of effects with intervals and a shaded zone from 0.91 to 1.10. A to C lies below 1, partly in the zone: different. B to C crosses both the edge of the zone and 1: undecided. B to A lies wholly within the zone: equivalent."}}
# draws the three ratios of effects with their Bonferroni intervals, beside the zone that would not matter
hue = {
    "different, but too little to matter": plots.PINK,
    "different": plots.ORANGE,
    "equivalent": plots.BLUE,
    "undecided": plots.GREY,
}
fig, ax = plt.subplots(figsize=(9, 3.2))
ax.axvspan(1 / margin, margin, color=plots.SKY, alpha=0.25)
plots.interval_plot(
    ax,
    pairs.assign(conf_low=low, conf_high=high),
    pairs["gene_name"],
    reference=1,
    colour=[hue[v] for v in verdict],
    values=verdict,
)
ax.set(xscale="log", xlabel="ratio of the drug's ratios; shaded: would not matter")
ax.set_xticks([0.8, 0.9, 1.0, 1.1], ["0.8", "0.9", "1.0", "1.1"])
ax.minorticks_off()
ax.set_title("Equivalent: the whole interval lies in the zone")
plt.show()

# %% [markdown]
# Read the corrected intervals like this:
#
# - it leaves out 1: *different* (A against C);
# - it lies wholly in the zone: *equivalent* (B against A, p = 0.0036);
# - both at once: different, but too little to matter;
# - neither: *undecided* (B against C).
#
# Two one-sided tests give the p-value: is the ratio above 1/1.1, and is it below 1.1? The larger p counts, times three.
#
# **Verdict.** "No meaningful difference" needs a margin named beforehand and an interval inside it. By four replicates
# even B against A is undecided (p = 0.10), so claim it only with the model's assumption.
#
# ## 5 · For the paper
#
# The sentence begins with what four replicates can show:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# writes the sentence for the paper from the tables
holm = multipletests(four["p_value"], method="holm")[1]
cells = ["condition", "gene_name"]
of_rows = kept.pivot_table("log_length", "replicate", cells, observed=True, aggfunc="sem")
n, mean = len(by_replicate), by_replicate.mean()
error = np.sqrt((of_rows["DRUG"] ** 2 + of_rows["NO DRUG"] ** 2).sum()) / n  # by rows alone
by_t = stats.t.isf(0.025, n - 1) * by_replicate.sem()
half = np.maximum(by_t, stats.norm.isf(0.025) * error)
low_end, high_end = np.exp(mean - half), np.exp(mean + half)
said = [
    f"{four.loc[gene, 'estimate']:.2f} for gene {gene} (95% CI {low_end[gene]:.2f} to"
    f" {high_end[gene]:.2f}; p = {p:.2g})"
    for gene, p in zip(four.index, holm)
]
claim(
    (2 * stats.norm.sf(mean / error) < four["p_value"])["C"],
    "on gene C the t test's p is the larger one",
)
if_alike = ", ".join(
    f"{r.estimate:.2f} ({r.conf_low:.2f} to {r.conf_high:.2f}) on {r.gene_name}"
    for r in effects.itertuples()
)
Markdown(
    f"> The ratio of lengths, with the drug to without, was {', '.join(said[:-1])} and {said[-1]}. These are geometric"
    f" means of the ratios in {n} replicates, tested by paired t tests of mean logs ({n - 1} degrees of freedom) with"
    f" Holm's correction. Each interval is for one gene. It is the wider of two: the t test's, and the one from the noise"
    f" of rows alone. If the drug does the same in every replicate, a mixed model of {fit.n_obs:,} log lengths with a random"
    f" intercept per replicate gives {if_alike}."
)

# %% [markdown]
# ## 6 · Guinea pigs
#
# Now real data. Sixty guinea pigs got vitamin C, ten for each delivery and dose. The outcome is the length of the cells
# that make teeth grow ([data page](../data/README.md#tooth_growthcsv)). One row is one animal, so an ordinary linear
# model will do. Does orange juice do more than ascorbic acid?

# %%
pigs = load_tooth_growth()
of_pigs = smf.ols("length ~ delivery * dose", pigs).fit()
by_dose = comparisons(of_pigs, "delivery", by="dose", adjust="holm")
by_dose[["dose", "estimate", "conf_low", "conf_high", "p_adjusted"]]

# %% [markdown]
# Does the effect depend on the dose? One joint test tells:

# %%
joint_tests(of_pigs, "delivery", by="dose", differences="pairwise")

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the sentences about the guinea pigs against the data, and prints the 90% interval at 2 mg
claim((by_dose["p_adjusted"][:2] < 0.01).all(), "juice does more at the two lower doses")
narrow = comparisons(of_pigs, "delivery", by="dose", conf_level=0.9).iloc[2]
print(f"2 mg, 90% interval: {narrow['conf_low']:.1f} to {narrow['conf_high']:.1f}")

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Mean odontoblast length of guinea pigs at three doses, ascorbic acid and orange juice, with intervals. Arrows from acid to juice: plus 5.25 at 0.5 mg, plus 5.93 at 1 mg, minus 0.08 at 2 mg, where both means are about 26."}}
# draws the six means of the guinea pigs, and the effect of the delivery at each dose as an arrow
six = predictions(of_pigs, by=["dose", "delivery"])
six = six.set_index(six["dose"].astype(str) + " " + six["delivery"].astype(str))
names = list(six.index)
fig, ax = plt.subplots(figsize=(10, 4.4))
plots.arrow_plot(
    six,
    [
        (a, b, f"{six.loc[b, 'estimate'] - six.loc[a, 'estimate']:+.2f}")
        for a, b in zip(names[::2], names[1::2])
    ],
    places=[0, 1, 2.6, 3.6, 5.2, 6.2],
    names=[
        "acid\n0.5 mg",
        "juice\n0.5 mg",
        "acid\n1 mg",
        "juice\n1 mg",
        "acid\n2 mg",
        "juice\n2 mg",
    ],
    colours=[plots.ORANGE, plots.BLUE] * 3,
    ax=ax,
)
ax.set(
    ylabel="mean length (no unit given)",
    title="Juice does more at 0.5 and 1 mg",
)
plt.show()

# %% [markdown]
# Read aloud: *on average, at 0.5 mg juice makes the cells 5.25 units longer than acid does (95% interval 2.0 to 8.5).*
# The effect depends on the dose (F = 4.11, p = 0.022).
#
# **Verdict.** Juice does more at 0.5 and 1 mg. Report an effect for each dose: one average would hide that they differ.
# And at 2 mg?
#
# ### Exercise 8.4
#
# Say a difference of 2 units would not matter. What may you write about 2 mg? Type a letter. (To show equivalence at
# 5%, the **90%** interval must lie inside the margin. It is −2.8 to 2.6.)
#
# - **a**: juice and acid do the same, p = 0.96;
# - **b**: they are equivalent within 2 units;
# - **c**: undecided: neither a difference nor equivalence is shown;
# - **d**: juice does less at 2 mg.

# %%
answer = ...
check("8.4", answer)  # solution("8.4") shows one way

# %% [markdown]
# <details>
# <summary>In R</summary>
#
# ```r
# library(lmerTest)
# library(emmeans)
# d <- read.csv("data/modification_lengths.csv.gz")
# d$condition <- factor(d$condition, c("NO DRUG", "DRUG"))
# d$gene_name <- factor(d$gene_name, c("C", "A", "B"))
# fit <- lmer(log(length) ~ condition * gene_name + (1 | replicate), d)
# emm_options(lmer.df = "satterthwaite", lmerTest.limit = 1e6)
# effects <- pairs(emmeans(fit, ~ condition | gene_name), reverse = TRUE)
# summary(effects, infer = TRUE, type = "response")
# differences <- pairs(effects, by = NULL, reverse = TRUE, adjust = "none")
# summary(differences, infer = TRUE, adjust = "bonferroni", type = "response")
# test(differences, delta = log(1.1), side = "equivalence", adjust = "bonferroni")
# ```
#
# | | R | here | difference |
# | --- | --- | --- | --- |
# | ratio in A, lower end | 1.068 | 1.068 | < 1e-6 |
# | A / C, Bonferroni p | 0.03252 | 0.03252 | < 1e-6 |
# | B / C, Bonferroni p | 0.09306 | 0.09306 | < 1e-6 |
# | equivalence of A / C | 1 | 1 | 0 |
# | equivalence of B / C | 1 | 1 | 0 |
# | equivalence of B / A | 0.003584 | 0.003584 | < 1e-6 |
#
# **emmeans has three surprises.** Above 3,000 rows it stops counting degrees of freedom and takes z, with a note that scrolls
# by; the option above turns that off. `pairs()` takes the first level minus the second, NO DRUG minus DRUG, so the sign is
# the opposite of the coefficient's: ask for `reverse = TRUE`. After `regrid()`, a difference of two means takes the smaller
# of their two df ([A2](A2_contrasts_by_hand.ipynb)).
#
# R was run by this project (`tests/reference/lengths/effects.R`).
#
# </details>
#
# ## Recap
#
# One call compares two marginal means in each gene, and a second one compares these effects. Name the family, the
# correction and the margin before you look, and say "on average" with "over what". With few replicates, report a paired t
# test of one value per replicate with Holm's correction, and the model beside it.
#
# **You can now decide** which contrasts to write into a protocol, and which number leads the sentence. Next:
# [09 · Counts](09_counts.ipynb). All calls on a page: [cheat sheet](contrast_cheat_sheet.md). For your own table:
# [templates/mixed_model.ipynb](templates/mixed_model.ipynb).
#
# **Sources.** marginaleffects: Arel-Bundock, Greifer & Heiss 2024,
# [doi:10.18637/jss.v111.i09](https://doi.org/10.18637/jss.v111.i09). Significant against not significant: Gelman & Stern
# 2006, [doi:10.1198/000313006X152649](https://doi.org/10.1198/000313006X152649). Two one-sided tests: Schuirmann 1987,
# [doi:10.1007/BF01068419](https://doi.org/10.1007/BF01068419). Guinea pigs: Crampton 1947,
# [doi:10.1093/jn/33.5.491](https://doi.org/10.1093/jn/33.5.491).

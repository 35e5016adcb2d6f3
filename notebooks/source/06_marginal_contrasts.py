# %% [markdown]
# # 06 · Marginal contrasts
#
# **For each gene, does the drug change its length, by how much, and do the genes differ?**
#
# **Time:** 40 minutes.
#
# **Prerequisites:** [04 · Mixed models](04_mixed_models.ipynb) (the data, degrees of freedom, random slopes) and
# [05 · Interactions](05_interactions.ipynb) (the coefficients of this model). Words in blue lead to the
# [glossary](glossary.md).
#
# **You will be able to**
#
# - turn an interaction table into one effect per gene, by hand and by one call, and compare the effects;
# - say which tests form a family, what an average is over, and for which replicates an interval holds;
# - tell "no difference found" from "no meaningful difference";
# - write the table, the figure and the sentence that a paper needs.
#
# Lesson 05 read the six coefficients of `log(length) ~ condition * gene_name + (1 | replicate)` one by one. None of
# them, except the drug's effect on gene C, answers the question above. The answers are *sums* of coefficients:
# [contrasts](glossary.md#contrast). As before, **the rows are a simulated reconstruction** of a
# [public question](https://stats.stackexchange.com/questions/628169/interpreting-the-output-of-a-linear-mixed-effects-model-with-an-interaction-fact)
# (Cross Validated, October 2023, CC BY-SA 4.0; see the [data page](../data/README.md)): nothing here is a finding about
# a drug.

# %%
import json
from pathlib import Path

import marginaleffects
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from IPython.display import Markdown, display
from scipy import stats
from statsmodels.stats.multitest import multipletests

from helpers import plots, tables
from helpers.contrasts import comparisons, joint_tests, predictions, slopes
from helpers.data import load_modification_lengths, load_mouse_scores
from helpers.exercises import check
from helpers.mixed import fit_mixed
from helpers.mixed.profile import profile_intervals

plots.use_style()
tables.use_style()

# %%
lengths = load_modification_lengths()
lengths["log_length"] = np.log(lengths["length"])  # natural logarithm
genes = list(lengths["gene_name"].cat.categories)  # C is the reference
in_r = json.loads(Path("../tests/reference/lengths/lengths.json").read_text())  # what R printed
in_r |= json.loads(Path("../tests/reference/contrasts/contrasts.json").read_text())["lengths"]

# %% [markdown]
# ## The effect, replicate by replicate
#
# Before any model: in each gene and replicate, the ratio of the typical length with drug to that without (of
# [geometric means](glossary.md#geometric-mean)).

# %% mystnb={"image": {"alt": "Drug ratio of four replicates in genes C, A and B, with a dashed line at 1. In gene C all four lie between 1.2 and 1.31. In genes A and B rep2, rep3 and rep4 lie between 1.08 and 1.16 and rep1 lies below 1; its points are small, for it has few rows."}}
columns = ["condition", "gene_name"]
mean = lengths.pivot_table("log_length", "replicate", columns, observed=True)
ratio = np.exp(mean["DRUG"] - mean["NO DRUG"])[genes]
n_rows = pd.crosstab(lengths["replicate"], lengths["gene_name"])
fig, ax = plt.subplots(figsize=(8, 4))
colours = [plots.BLUE, plots.ORANGE, plots.GREEN, plots.PINK]
for colour, marker, replicate in zip(colours, "osD^", ratio.index):
    x = np.arange(3) + 0.17 * (int(replicate[-1]) - 2.5)
    ax.scatter(x, ratio.loc[replicate], s=n_rows.loc[replicate] / 10, c=colour, marker=marker)
    ax.text(x[0], ratio.loc[replicate, "C"] + 0.02, replicate, color=colour, ha="center")
ax.axhline(1, color=plots.GREY, linestyle="--", linewidth=1)
ax.set_xticks(range(3), [f"gene {gene}" for gene in genes])
ax.set(xlim=(-0.5, 2.5), ylim=(0.87, 1.38), yscale="log")
ax.set_ylabel("ratio of lengths\nDRUG to NO DRUG")
ax.set_yticks([0.9, 1.0, 1.1, 1.2, 1.3], ["0.9", "1.0", "1.1", "1.2", "1.3"])
ax.minorticks_off()
ax.set_title("Nearly every replicate lies above 1, and gene C highest")
plt.show()
ratio.T

# %% [markdown]
# The area of a point is its number of rows. Gene C lies higher than A and B; rep1, with few rows, strays below 1 in A
# and B. Dashed: no effect. Three questions, then: the effect on each gene, the *differences* between the effects, and
# an overall effect, if that makes sense.
#
# ## 1 · One number, three ways
#
# **By hand, from coefficients.** Lesson 05's rule: the effect on the reference gene is the drug's coefficient; in
# another gene its interaction coefficient is added. So each effect is a row of weights, and `fit.contrast` gives
# estimate, [standard error](glossary.md#standard-error), [degrees of freedom](glossary.md#degrees-of-freedom) and test
# of the weighted sum.

# %%
fit = fit_mixed("log_length ~ condition * gene_name + (1 | replicate)", lengths)
DRUG = "condition[T.DRUG]"
EXTRA = {gene: f"{DRUG}:gene_name[T.{gene}]" for gene in "AB"}  # what A and B add to the effect
weights = pd.DataFrame(
    {"C": {DRUG: 1}, "A": {DRUG: 1, EXTRA["A"]: 1}, "B": {DRUG: 1, EXTRA["B"]: 1}}
).T.fillna(0)
display(weights)
by_hand = fit.contrast(weights)
by_hand

# %% [markdown]
# **From cell means.** `predictions` gives the model's mean of each cell, for replicates in general (a
# [marginal mean](glossary.md#marginal-mean)); subtract.

# %%
means = predictions(fit, by=["gene_name", "condition"])
six = pd.DataFrame(means).pivot_table("estimate", "gene_name", "condition", observed=True)
six["difference"] = six["DRUG"] - six["NO DRUG"]
display(six)
means

# %% [markdown]
# The differences are those by hand.
#
# > **Pitfall: judging an effect by whether two means' intervals overlap.** Look at gene A in the table: 4.09 to 4.787
# > without the drug, 4.183 to 4.881 with it, almost the same interval. And yet the difference has p = 3.9e-11. A mean's
# > doubt is which replicates one got (standard error 0.11, three degrees of freedom); both means share it, and it drops
# > out of their difference (0.014, over 22,000). Test the difference, not the overlap.
#
# **From marginaleffects.** The library does all this by itself: for each row of the data it predicts with the drug and
# without, subtracts, and averages by gene. It needs columns that are categories, an outcome that is a column
# (`log_length`, not `log(length)`), and a fit that it knows: `fit.statsmodels` is ours in statsmodels' shape.

# %%
theirs = marginaleffects.avg_comparisons(fit.statsmodels, variables="condition", by="gene_name")
print(theirs)

# %% [markdown]
# One row per gene. The tests are z tests, which section 4 comes back to. **With `helpers.contrasts`**, which averages
# in the same way and gives each row its own degrees of freedom, on the scale one wants to report. The three effects
# were planned; we correct them by [Holm's](glossary.md#holm) method.

# %%
effects = comparisons(fit, "condition", by="gene_name", transform="exp", adjust="holm")
in_logs = comparisons(fit, "condition", by="gene_name")
ways = pd.DataFrame(
    {
        "by hand": by_hand["estimate"],
        "cell means": six["difference"],
        "marginaleffects": dict(zip(theirs.data["gene_name"], theirs.data["estimate"])),
        "comparisons": in_logs.set_index("gene_name")["estimate"],
    }
)
spread = ways.max(axis=1) - ways.min(axis=1)
print(ways.map("{:.5f}".format).loc[genes])
print("equal to 1e-8:", bool((spread < 1e-8).all()))
effects

# %% [markdown]
# Read aloud: *with the drug, lengths on gene C are 1.252 times those without (95% interval 1.137 to 1.380); on gene A
# 1.099 times (1.068 to 1.130), on gene B 1.113 times (1.065 to 1.165); each p, corrected
# for three tests, is below 0.00001.* The small print below the table says what was
# averaged over (here nothing: one cell per gene and condition) and how it was tested.
#
# ### In R
#
# The package is emmeans: `emm <- emmeans(fit, ~ condition | gene_name, lmer.df = "satterthwaite",
# lmerTest.limit = 1e6)`, then `summary(pairs(emm, reverse = TRUE), type = "response", infer = TRUE)`.

# %%
call = "summary(pairs(emm, reverse = TRUE), …)"
rows = []
for k, gene in enumerate(genes):
    r, r_holm = in_r["pairs_satt_response"][k], in_r["pairs_satt_adj_holm"][k]
    ours = effects.iloc[k]
    rows += [
        (f"{gene}: ratio", call if k == 0 else "", r["ratio"], ours["estimate"]),
        (f"{gene}: lower", "", r["lower.CL"], ours["conf_low"]),
        (f"{gene}: upper", "", r["upper.CL"], ours["conf_high"]),
        (
            f"{gene}: p, Holm",
            'adjust = "holm", by = NULL',
            r_holm["p.value"],
            ours["p_adjusted"],
        ),
    ]
tables.beside_r(rows, tolerance=1e-8)

# %% [markdown]
# That call is longer than the one most people write, `pairs(emmeans(fit, ~ condition | gene_name))`. What the short
# one gives:

# %%
print(in_r["emmeans_default_note"][0])
short, ours = in_r["pairs_default"][0], in_logs.iloc[0]
print(f"\n{short['contrast']}, gene C: {short['estimate']:.4f}", end="")
print(f"   and here {ours['contrast']}: {ours['estimate']:.4f}")
print(f"p of the drug's effect on C: {short['p.value']:.3e}, here {ours['p_value']:.3e}")
short, ours = in_r["emmeans_default"][0], means.iloc[0]
print(f"mean of C without drug: {short['asymp.LCL']:.3f} to {short['asymp.UCL']:.3f}", end="")
print(f", here {ours['conf_low']:.3f} to {ours['conf_high']:.3f} (df {ours['df']:.1f})")

# %% [markdown]
# > **Pitfall: emmeans' two surprises.** *Above 3,000 rows it stops counting degrees of freedom* and takes infinitely
# > many, with a note that scrolls by. For the drug's effect that does no harm; for a mean, which rests on four
# > replicates, the interval is too narrow by a third. And *`pairs()` takes the first level minus the second*, NO DRUG
# > minus DRUG: the sign is the opposite of the coefficient's. Ask for `reverse = TRUE`, and read the contrast's name.
#
# ### Exercise 6.1
#
# The drug lengthens gene B by some percent. By how many at most, if we go by the upper end of the 95% interval? One
# decimal is enough.

# %%
answer = ...
check("6.1", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
percent = comparisons(fit, "condition", by="gene_name", transform="percent")
answer = percent.set_index("gene_name").loc["B", "conf_high"]
check("6.1", answer)
print(f"{answer:.1f} percent")

# %% [markdown]
# ## 2 · Do the genes differ?
#
# > **Pitfall: "significant in C and not in B, so the drug acts on C only".** Two p-values on two sides of 0.05 are no
# > test of the difference. Known truth: two genes with *the same* effect, of two standard errors each.

# %%
rng = np.random.default_rng(6)
z = rng.normal(2, 1, (100_000, 2))  # a column per gene: estimate divided by standard error
is_significant = np.abs(z) > 1.96
one_only = is_significant.sum(axis=1) == 1
# The standard error of a difference is √2 times as large
differ = np.abs(z[:, 0] - z[:, 1]) / np.sqrt(2) > 1.96
print(f"one gene significant, the other not: {one_only.mean():.0%} of the studies")
print(f"difference significant:              {differ.mean():.0%}")

# %% [markdown]
# Half of such studies would "find" a gene-specific effect that isn't there; the test of the difference errs in 5%, as
# promised. It can go wrong the other way round, too: here all three effects are significant, which does not make them
# equal. So ask for the differences between effects, lesson 05's differences of differences. Before we look, we write
# down how they will be judged: all three pairs, by [Tukey's](glossary.md#tukey) method.

# %%
differences = comparisons(
    fit, "condition", by="gene_name", differences="pairwise", transform="exp"
)
display(differences)
in_log_scale = np.log(differences["estimate"].iloc[2])
print(f"{differences['gene_name'].iloc[2]} on the log scale: {in_log_scale:.4f}")
joint_tests(fit, "condition", by="gene_name", differences="pairwise")

# %% [markdown]
# On the log scale a difference of differences, here a *ratio of ratios*: the drug's ratio on A is 0.877 times that on
# C (0.793 to 0.970). First read the single test that all three effects are equal: F = 3.255 with 2 degrees of freedom,
# p = 0.0386, the interaction's F test of lesson 05. Then the pairs: A differs from C, B perhaps, and between A and B
# no difference is seen (p = 0.6189; on the log scale B is above A by 0.0134).
#
# How sure is "perhaps"? Three pairs are three chances, and there are many ways to allow for that:

# %%
methods = [None, "bonferroni", "sidak", "holm", "tukey", "mvt", "BH"]
corrected = {}
for method in methods:
    table = comparisons(
        fit, "condition", by="gene_name", differences="pairwise", adjust=method
    ).set_index("gene_name")
    corrected[method or "none"] = table["p_adjusted" if method else "p_value"]
rng = np.random.default_rng(6)
three = rng.normal(0, 1, (100_000, 3))  # three genes with equal effects, equally precise
apart = np.abs(three[:, [0, 0, 1]] - three[:, [1, 2, 2]]).max(axis=1) / np.sqrt(2)
tukey_line = stats.studentized_range.isf(0.05, 3, np.inf) / np.sqrt(2)
print(f"equal effects, some pair 'significant' uncorrected: {np.mean(apart > 1.96):.0%}")
print(f"and by Tukey's method: {np.mean(apart > tukey_line):.0%}")
pd.DataFrame(corrected)

# %% [markdown]
# B against C: 0.031 without correction, 0.047 by [Benjamini–Hochberg](glossary.md#benjaminihochberg), 0.062 by Holm,
# 0.079 by Tukey, 0.093 by Bonferroni's. Five of the seven columns say "not shown", and
# each has its advocates.
#
# > **Pitfall: choosing the correction after looking.** Whoever tries them all and reports the kindest has chosen none:
# > with equal effects 12% of studies find some pair. Write down before the analysis *which tests are one
# > [family](glossary.md#family)* and *how they are corrected*. Defaults worth writing down: planned tests of a few
# > effects, Holm; all pairs of means, Tukey; comparisons with one reference, Dunnett; a screen of thousands,
# > Benjamini–Hochberg. `family="by"` makes each cell of `by` a family of its own.
#
# We had said all pairs, by Tukey. So: A differs from C (0.029), and of B we do not know.
#
# ### Exercise 6.2
#
# Is gene C different from *the other two together*? Write the weights of this contrast: the drug's effect on C minus
# the mean of its effects on A and B. A dictionary of coefficients (`DRUG`, `EXTRA["A"]`, `EXTRA["B"]`), for
# `fit.contrast`.

# %%
answer = ...
check("6.2", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = {EXTRA["A"]: -0.5, EXTRA["B"]: -0.5}
check("6.2", answer)
fit.contrast(answer)

# %% [markdown]
# ### Exercise 6.3
#
# Another laboratory's protocol says: "We test the drug's effect on each gene, and whether the effects on A and on B
# differ from that on C; these tests are one family, corrected by Holm." What is the corrected p-value of A against C?
# Four decimals. (`multipletests(p, method="holm")[1]` corrects a list of p-values.)

# %%
answer = ...
check("6.3", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
against_c = comparisons(fit, "condition", by="gene_name", differences="reference")
family = [*in_logs["p_value"], *against_c["p_value"]]  # C, A, B, A - C, B - C
answer = multipletests(family, method="holm")[1][3]
check("6.3", answer)
print(f"{answer:.4f}")

# %% [markdown]
# ## 3 · On which scale?
#
# A ratio of lengths and a difference of lengths are two questions. The second one needs the *level* as well: 1.252
# times of what? Its gradient by the coefficients gives weights for `fit.contrast` (the delta method).

# %%
rows = {}
for gene, r in zip(genes, in_r["pairs_satt_ratio"]):
    cells = pd.DataFrame({"gene_name": gene, "condition": ["DRUG", "NO DRUG"]})
    x = fit.design.fixed_matrix(cells)
    with_drug, without = np.exp(x @ fit.fixed_effects)
    found = fit.contrast(with_drug * x[0] - without * x[1]).iloc[0]
    longer = with_drug - without
    of_gene = means["gene_name"] == gene
    rows[f"gene {gene}"] = {
        "longer by": longer,
        "std_error": found["std_error"],
        "df": found["df"],
        "p": 2 * stats.t.sf(longer / found["std_error"], found["df"]),
        "R: longer by": r["estimate"],
        "R: SE": r["SE"],
        "R: df": r["df"],
        "R: p": r["p.value"],
        "df of the less certain mean": means.loc[of_gene, "df"].min(),
    }
pd.DataFrame(rows).T

# %% [markdown]
# In units of length (which the source does not name), gene C gains 18.77. The test is weaker than the ratio's (p =
# 0.0001524 where the ratio had 5.281e-06), because the doubt about the level comes in. R's `pairs(regrid(emm))` agrees
# on estimate and standard error, and gives p = 0.02148 with 3.489 degrees of freedom: after `regrid()` emmeans takes
# those of the less certain of the two means. Satterthwaite's method asks how well the variance of *this* difference is
# known, of which only a part comes from the replicates: 81.74. Neither is wrong by its own rule, and the two p-values
# are more than a hundredfold apart.
#
# > **Pitfall: a p-value that does not say its scale.** Choose the scale by the question, beforehand: a drug that
# > multiplies (as most do whose effect was modelled in logs) is described by its ratio.
#
# ## 4 · Where z is wrong
#
# So far z and t agreed, with 22,560 degrees of freedom. Lesson 04 said when they don't: if the effect itself varies
# between replicates, and these are few. A case built to show it: four balanced replicates, three genes, a drug effect
# of 0.4 on C and 0.3 on A and B, to which each replicate adds its own deviation (SD 0.2), the same in all genes. (The
# seed was picked among many for four replicates that happen to agree well; how often that misleads comes after.)


# %%
def four_replicates(rng, truth, slope_sd):
    """Balanced: 4 replicates × 3 genes × 2 conditions × 50 rows."""
    factors = {
        "replicate": ["rep1", "rep2", "rep3", "rep4"],
        "gene_name": list(truth),
        "condition": ["NO DRUG", "DRUG"],
    }
    rows = pd.MultiIndex.from_product([*factors.values(), range(50)], names=[*factors, "row"])
    study = rows.to_frame(index=False)
    for name, levels in factors.items():
        study[name] = pd.Categorical(study[name], levels)
    index, has_drug = study["replicate"].cat.codes, study["condition"] == "DRUG"
    level, slope = rng.normal(0, 0.2, 4), rng.normal(0, slope_sd, 4)
    effect = study["gene_name"].astype(str).map(truth) + slope[index]
    noise = rng.normal(0, 0.25, len(study))
    return study.assign(log_length=4.3 + level[index] + has_drug * effect + noise)


truth = {"C": 0.4, "A": 0.3, "B": 0.3}
built = four_replicates(np.random.default_rng(172), truth, slope_sd=0.2)
varying = fit_mixed("log_length ~ condition * gene_name + (1 + condition | replicate)", built)
by_z = marginaleffects.avg_comparisons(
    varying.statsmodels, variables="condition", by="gene_name"
)


def z_and_t(true, **how):
    """Both tests of the same estimates, beside the truth."""
    by_t = comparisons(varying, "condition", by="gene_name", **how).set_index("gene_name")
    z = comparisons(varying, "condition", by="gene_name", ddf="normal", **how)["p_value"]
    table = pd.DataFrame({"truth": true, "estimate": by_t["estimate"], "p by z": list(z)})
    return table.assign(**{"df": by_t["df"], "p by t": by_t["p_value"]})


print("p by z, from marginaleffects:", [f"{p:.2g}" for p in by_z.data["p_value"]])
pd.concat([z_and_t([0.4, 0.3, 0.3]), z_and_t([-0.1, -0.1, 0.0], differences="pairwise")])

# %% [markdown]
# For the effect on gene C, z says p = 4.1e-06 and t with 3.21 degrees of freedom says 0.01658: four in a million, or
# one in sixty. How well four replicates agree is itself known from four replicates, and z takes it for certain. The
# truth is an effect, so both point the right way here; z is wrong about *how sure*. On A and B it is the same.
#
# Look at the last three rows: *differences between genes* have 1,188 degrees of freedom in the same model, because each
# replicate's deviation is in all three genes and drops out. So no single number of degrees of freedom serves a whole
# table; each row needs its own.
#
# How often would z cry wolf if the drug did nothing on average? In a balanced study the test is a paired t test on one
# difference per replicate (lesson 04, section 7), so many studies are quickly drawn.

# %% mystnb={"image": {"alt": "Share of null studies called significant at 5 percent against number of replicates from 3 to 30. The curve of the z test falls from 19 percent at 3 replicates over 14 percent at 4 to 6 percent at 30; the t test lies flat at 5 percent."}}
rng = np.random.default_rng(46)
counts, drawn = [3, 4, 6, 8, 12, 20, 30], {}
for k in counts:
    effect = rng.normal(
        0, 1, (20_000, k)
    )  # one per replicate; on average the drug does nothing
    t = effect.mean(axis=1) / (effect.std(axis=1, ddof=1) / np.sqrt(k))
    p_z, p_t = 2 * stats.norm.sf(np.abs(t)), 2 * stats.t.sf(np.abs(t), k - 1)
    drawn[k] = {"z": 100 * np.mean(p_z < 0.05), "t": 100 * np.mean(p_t < 0.05)}
    if k == 4:
        print(f"4 replicates, p < 0.001 by z: {np.mean(p_z < 0.001):.1%}", end="")
        print(f", by t: {np.mean(p_t < 0.001):.1%}; p < 0.05 by z: {np.mean(p_z < 0.05):.1%}")
drawn = pd.DataFrame(drawn).T
exact = np.arange(3, 31)
fig, ax = plt.subplots(figsize=(8, 4))
ax.plot(exact, 200 * stats.t.sf(1.96, exact - 1), color=plots.ORANGE, linewidth=2)
ax.plot(exact, np.full(len(exact), 5.0), color=plots.BLUE, linewidth=2)
ax.plot(drawn["z"], "o", color=plots.ORANGE, markersize=8)
ax.plot(drawn["t"], "s", color=plots.BLUE, markersize=8)
ax.text(7.2, 10.2, "z test", color=plots.ORANGE, fontweight="bold")
ax.text(
    7.2, 3.0, "t test, replicates − 1 degrees of freedom", color=plots.BLUE, fontweight="bold"
)
ax.set(xlabel="replicates", ylabel="false alarms (%)", ylim=(0, 21), xlim=(2, 31))
ax.set_yticks([0, 5, 10, 15, 20])
ax.set_title("With few replicates z cries wolf; t keeps its 5%")
plt.show()

# %% [markdown]
# Lines: the exact rates; points: 20,000 simulated studies each. With four replicates z calls 14.8% of null effects
# significant at 5%, and 4.6% at p < 0.001, forty-six times too many. Twenty replicates bring it near the promise.
#
# What about our own data? The main model says that the drug acts alike in all replicates. Let it vary, and test by
# [Kenward and Roger's](glossary.md#kenwardroger) method, the careful one for few groups:

# %%
may_vary = fit_mixed(
    "log_length ~ condition * gene_name + (1 + condition | replicate)", lengths
)
careful = {"ddf": "kenward-roger", "transform": "exp"}
sd, of_sd = may_vary.variance_components["sdcor"][1], profile_intervals(may_vary).loc[1]
print(f"SD of the drug's effect between replicates: {sd:.4f}", end="")
print(f", 95% profile interval {of_sd['conf_low']:.4f} to {of_sd['conf_high']:.4f}")
display(comparisons(may_vary, "condition", by="gene_name", adjust="holm", **careful))
comparisons(may_vary, "condition", by="gene_name", differences="pairwise", **careful)

# %% [markdown]
# The *differences between genes* stay as they were, with 22,000 degrees of freedom. The *effects* lose some: A keeps
# 4.1, because with its many rows little other doubt is left, and its p rises to 0.0049. All three stand, under the
# assumption that a replicate deviates alike in all genes, by an SD of 0.0087 (anything from 0 to 0.0719 would fit).
# Lesson 04 gave each gene deviations of its own, and less was left. So say for which replicates the effects are
# claimed.

# %% [markdown]
# ## 5 · Average over what?
#
# "And the drug's effect overall?" There is no such thing before one says *over what*.

# %%
share = lengths["gene_name"].value_counts(normalize=True)[genes]
by_gene = in_logs.set_index("gene_name")["estimate"]
equal, observed = comparisons(fit, "condition"), comparisons(fit, "condition", grid="observed")
one_to_one = marginaleffects.avg_comparisons(fit.statsmodels, variables="condition")
for name, table, hand in [
    ("equal", equal, by_gene.mean()),
    ("observed", observed, by_gene @ share),
]:
    print(f"{name:9} {table['estimate'].item():.4f} (ratio {np.exp(hand):.3f})", end="")
    print(f", by hand {hand:.4f}. {table.note.partition(';')[0]}.")
print(f"marginaleffects.avg_comparisons: {one_to_one.data['estimate'].item():.4f}")
r_equal = next(r for r in in_r["contrasts_satt"] if "equal weights" in r["contrast"])
r_observed = in_r["observed"][0]
tables.beside_r(
    [
        ("equal", "emmeans(fit, ~ condition)", r_equal["Estimate"], equal["estimate"].item()),
        ("equal: SE", "", r_equal["Std. Error"], equal["std_error"].item()),
        (
            "observed",
            'emmeans(…, weights = "proportional")',
            r_observed["estimate"],
            observed["estimate"].item(),
        ),
        ("observed: SE", "", r_observed["SE"], observed["std_error"].item()),
    ],
    tolerance=1e-7,
)

# %% [markdown]
# If each gene counts the same, the effect is 0.1421 (a ratio of 1.153); if each *row* counts the same, 0.1052, because
# two thirds of the rows are of gene A. marginaleffects averages over rows unless told otherwise, emmeans over cells:
# one phrase, "the average effect", and two numbers. How many rows a gene has is an accident of the measurement, so
# here the first is the better question, and the effect gene by gene better still. Where rows are patients, the second
# may be right. The table's row `condition[T.DRUG]`, 0.225, is neither: it is gene C.
#
# ### Exercise 6.4
#
# A (simulated) trial in six centres compares a treatment with a control in two genotypes. It enrolled many carriers of
# the *rare* genotype on purpose; **in the clinic one patient in ten has it**. By how much does the treatment raise the
# mean response of the clinic's patients? Two decimals.

# %%
rng = np.random.default_rng(71)
one_centre = pd.MultiIndex.from_product(
    [["common"] * 5 + ["rare"] * 10, ["control", "treated"]]
)
genotype, treatment = (np.tile(one_centre.get_level_values(k), 6) for k in (0, 1))
centre = np.repeat(np.arange(6), len(one_centre))
effect = np.where(genotype == "rare", 1.0, 0.2) * (treatment == "treated")
response = 5 + rng.normal(0, 0.4, 6)[centre] + effect + rng.normal(0, 0.3, len(centre))
trial = pd.DataFrame(
    {
        "centre": [f"centre {k + 1}" for k in centre],
        "genotype": genotype,
        "treatment": treatment,
        "response": response,
    }
)
of_trial = fit_mixed("response ~ treatment * genotype + (1 | centre)", trial)
display(pd.crosstab(trial["genotype"], trial["treatment"]))
of_trial.coefficients()

# %%
answer = ...
check("6.4", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
clinic = pd.DataFrame({"genotype": ["common"] * 9 + ["rare"], "treatment": "control"})
answer = comparisons(of_trial, "treatment", grid=clinic)["estimate"].item()
check("6.4", answer)
print(f"{answer:.2f}; planted: {0.9 * 0.2 + 0.1 * 1.0:.2f}")

# %% [markdown]
# ## 6 · For which replicate?
#
# The mean of a cell is the mean *over replicates in general*. Two other questions sound alike: what of rep4, which we
# have seen? And what of the next replicate, which nobody has?
#
# For a replicate seen, `random=True` adds its own predicted deviation. For a new one the prediction is the mean, and
# the doubt has two parts: the mean is uncertain, and replicates differ. Their variances add.

# %%
cells = pd.DataFrame(
    {"replicate": [f"rep{k}" for k in (1, 2, 3, 4)], "condition": "NO DRUG", "gene_name": "C"}
)
of_each = np.exp(fit.predict(cells, random=True).to_numpy())
c = means.iloc[0]  # gene C without drug
between = fit.variance_components.loc[0, "vcov"]
new_error = np.sqrt(c["std_error"] ** 2 + between)
print(f"variances: of the mean {c['std_error'] ** 2:.4f}, between replicates {between:.4f}")
half = {
    "mean, by z": 1.96 * c["std_error"],
    f"mean, by t (df {c['df']:.2f})": c["conf_high"] - c["estimate"],
    "a new replicate (df 3)": stats.t.isf(0.025, 3) * new_error,
}
ahead = pd.DataFrame(
    {
        name: {
            "estimate": c["estimate"],
            "conf_low": c["estimate"] - h,
            "conf_high": c["estimate"] + h,
        }
        for name, h in half.items()
    }
).T.pipe(np.exp)
display(pd.DataFrame({"geometric mean": of_each}, index=cells["replicate"]).T)
rng = np.random.default_rng(66)
seen, fifth = rng.normal(0, 1, (100_000, 4)), rng.normal(0, 1, 100_000)
sd, gap = seen.std(axis=1, ddof=1), np.abs(fifth - seen.mean(axis=1))
t3 = stats.t.isf(0.025, 3)
print(
    f"simulated: the mean's t interval holds a fifth replicate in {np.mean(gap < t3 * sd / 2):.0%}"
)
print(f"the new replicate's interval in {np.mean(gap < t3 * sd * np.sqrt(1 + 1 / 4)):.0%}")
ahead

# %% mystnb={"image": {"alt": "Gene C without drug, geometric mean length on a log axis. Four dots: rep1 to rep3 near 64 to 69, rep4 near 103. Intervals around 74: the mean by z from 59 to 93, by t from 53 to 104, a new replicate from 34 to 164."}}
fig, ax = plt.subplots(figsize=(9, 3.6))
plots.interval_plot(
    ax,
    ahead,
    ahead.index,
    reference=np.exp(c["estimate"]),
    colour=[plots.GREY, plots.BLUE, plots.ORANGE],
    values=[f"{row.conf_low:.0f} to {row.conf_high:.0f}" for row in ahead.itertuples()],
)
ax.scatter(of_each, np.full(4, 3.0), s=60, color=colours)
ax.text(of_each[0] - 2, 3, "rep1", ha="right", va="center")
ax.text(of_each[1] + 3, 3.35, "rep2, rep3", ha="right", va="center")
ax.text(of_each[3] + 3, 3, "rep4", ha="left", va="center")
ax.set_yticks([3, 2, 1, 0], ["four replicates seen", *ahead.index])
ax.set(ylim=(-0.6, 3.8), xscale="log", xlabel="geometric mean of length, gene C, NO DRUG")
ax.set_xticks([40, 60, 80, 100, 150], ["40", "60", "80", "100", "150"])
ax.minorticks_off()
ax.set_title("A new replicate may fall far outside the interval of the mean")
plt.show()

# %% [markdown]
# Orange: the geometric mean of a fifth replicate is to be expected between 34 and 164; on the log scale that is more
# than three times as wide as the z interval of the mean (59 to 93). rep4, at 103, lies outside the latter, and no
# wonder: an interval for a *mean* isn't made for the next replicate. Even the honest one (53 to 104) holds a fifth
# replicate in 75% of simulated studies, the [prediction interval](glossary.md#prediction-interval) in 95%. Its three
# degrees of freedom are those of four replicates, on whose spread both parts of the doubt rest.
#
# The drug's *ratio* is another matter: in this model it is the same in each replicate, seen or not. That is an
# assumption (section 4), not a finding.
#
# ## 7 · No meaningful difference?
#
# Between the drug's effects on A and B, p was 0.6189. Are they the same, then? A large p-value says that the data
# would be no surprise if they were equal, nothing more: **absence of evidence is not evidence of absence**. To claim
# [equivalence](glossary.md#equivalence-test), say *before looking* how large a difference would not matter, and test
# that the true one is smaller. Let us say that ratios of effects between 0.9 and 1.1 would not matter to anybody. Two
# one-sided tests, "above 0.9" and "below 1.1", must both succeed at 5%; that is the case when the **90%** interval
# lies between the bounds. For contrast, the same question to the 1,034 rows of rep1 alone, by ordinary least squares:
# the call stays as it is.

# %%
how = {"by": "gene_name", "differences": "pairwise", "transform": "exp"}
how |= {"equivalence": (0.9, 1.1), "conf_level": 0.90, "adjust": "tukey"}
rep1 = lengths[lengths["replicate"] == "rep1"]
of_rep1 = smf.ols("log_length ~ condition * gene_name", rep1).fit()
whole, thin = comparisons(fit, "condition", **how), comparisons(of_rep1, "condition", **how)
asked = pd.concat([pd.DataFrame(whole), pd.DataFrame(thin).tail(1)])
asked.index = [*whole["gene_name"], "B / A, rep1 alone"]
is_different, is_equivalent = asked["p_adjusted"] < 0.05, asked["p_value_equivalence"] < 0.05
asked["verdict"] = np.select(
    [is_different, is_equivalent], ["different", "equivalent"], "undecided"
)
r = in_r["equivalence"][2]
print(f"R, emmeans: {r['gene_name_revpairwise']}, p of equivalence {r['p.value']:.4g}")
shown = ["estimate", "conf_low", "conf_high", "p_adjusted", "p_value_equivalence", "verdict"]
asked[shown]

# %% mystnb={"image": {"alt": "Four ratios of effects with 90 percent intervals and a shaded zone from 0.9 to 1.1. A to C lies below 1 and is called different; B to C crosses the zone's lower edge, undecided; B to A lies within the zone, equivalent; B to A from rep1 alone is far wider than the zone, undecided."}}
fig, ax = plt.subplots(figsize=(9, 3.4))
ax.axvspan(0.9, 1.1, color=plots.SKY, alpha=0.2)
ax.text(0.905, 3.62, "would not\nmatter", color=plots.BLUE, va="center", fontsize=11)
verdict_colours = {"different": plots.ORANGE, "equivalent": plots.BLUE, "undecided": plots.GREY}
plots.interval_plot(
    ax,
    asked,
    asked.index,
    reference=1,
    colour=[verdict_colours[verdict] for verdict in asked["verdict"]],
    values=asked["verdict"],
)
ax.set(
    xscale="log", ylim=(-0.6, 4.1), xlabel="ratio of the drug's ratios, with its 90% interval"
)
ax.set_xticks([0.7, 0.8, 0.9, 1.0, 1.1, 1.2], ["0.7", "0.8", "0.9", "1.0", "1.1", "1.2"])
ax.minorticks_off()
ax.set_title("Of two large p-values one is equivalence, the other ignorance")
plt.show()

# %% [markdown]
# B / A is *equivalent within the bounds*: its interval (0.970 to 1.059) lies inside the zone, p = 0.0012. The same
# pair in rep1 alone has no larger p of a difference (0.8166, where all replicates had 0.8726), and yet is *undecided*:
# anything from 0.7182 to 1.165 times the drug's ratio on A would fit. A / C is different; B / C is undecided, for its
# interval leaves out 1 only as long as one forgets that there are three pairs (0.079 by Tukey). R's test, `test(…,
# delta = log(1.1), side = "equivalence")`, gives the same p for B / A.
#
# ### Exercise 6.5
#
# Suppose that the bounds had been 0.95 and 1.05. What may be said of the effects on A and B, by all four replicates?
#
# - **a** — the drug acts equally on both: p = 0.6189;
# - **b** — the effects are equivalent within these bounds;
# - **c** — undecided: neither a difference nor equivalence is shown;
# - **d** — the effects are different.

# %%
answer = ...
check("6.5", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
narrow = comparisons(fit, "condition", **(how | {"equivalence": (0.95, 1.05)})).iloc[2]
answer = "c"
check("6.5", answer)
print(f"90% interval {narrow['conf_low']:.3f} to {narrow['conf_high']:.3f}", end="; ")
print(f"p of a difference {narrow['p_value']:.2f}, of equivalence", end=" ")
print(f"{narrow['p_value_equivalence']:.3f}")

# %% [markdown]
# ## 8 · A slope by group
#
# A moderator may be a number. Lesson 02 asked how Gene X goes with urea in ten mice of three groups; does the *slope*
# differ between the groups? `slopes` is to numbers what `comparisons` is to factors, and takes the ordinary linear
# model as well.

# %%
mice = load_mouse_scores()
by_group = smf.ols("gene_x ~ urea * group", mice).fit()
slope = slopes(by_group, "urea", by="group")
display(slope)
slope_differences = slopes(by_group, "urea", by="group", differences="pairwise", adjust="holm")
display(slope_differences)
c_low, c_high = 100 * slope.loc[0, ["conf_low", "conf_high"]]
print(f"slope of C per 100 mg/dl: {c_low:.1f} to {c_high:.1f}")
hp_cr = slope_differences.iloc[2]
needed = 100 * hp_cr["std_error"] * (stats.t.isf(0.025, 4) + stats.t.isf(0.2, 4))
print(
    f"to be seen in about 80% of such studies, HP and CR must differ by {needed:.1f} per 100 mg/dl"
)
one_slope = smf.ols("gene_x ~ urea + group", mice).fit()
print(f"one slope for all groups: {100 * one_slope.params['urea']:.2f} per 100 mg/dl")
joint_tests(by_group, "urea", by="group", differences="pairwise")

# %% mystnb={"image": {"alt": "Left: ten mice, Gene X against urea, with a line per group; the three C mice lie close together in urea, the four CR mice lie low, the three HP mice spread from 105 to 363. Right: slopes per 100 mg/dl with 95 percent intervals; C's runs from minus 12 to 23, those of HP and CR are much shorter and hold zero."}}
fig, axes = plt.subplots(1, 2, figsize=(11, 3.8))
for group, of_group in mice.groupby("group", observed=True):
    colour, marker = plots.GROUP_COLOURS[group], plots.GROUP_MARKERS[group]
    axes[0].scatter(of_group["urea"], of_group["gene_x"], color=colour, marker=marker, s=50)
    ends = of_group.loc[[of_group["urea"].idxmin(), of_group["urea"].idxmax()]]
    axes[0].plot(ends["urea"], by_group.predict(ends), color=colour, linewidth=2)
    last = ends.iloc[1]
    axes[0].text(last["urea"] + 8, last["gene_x"], group, color=colour, fontweight="bold")
axes[0].set(xlabel="urea (mg/dl)", ylabel="Gene X (SD)", title="ten mice, three lines")
per_100 = 100 * slope[["estimate", "conf_low", "conf_high"]]
plots.interval_plot(
    axes[1],
    per_100,
    slope["group"],
    colour=[plots.GROUP_COLOURS[group] for group in slope["group"]],
    values=[
        f"{r.estimate:.1f} [{r.conf_low:.1f}, {r.conf_high:.1f}]" for r in per_100.itertuples()
    ],
)
axes[1].set(xlabel="slope: SD of Gene X per 100 mg/dl", title="slopes, 95% intervals")
fig.suptitle("Ten mice cannot say whether the slopes differ", fontweight="bold")
plt.show()

# %% [markdown]
# Left: the three C mice lie so close together in urea that their line could have almost any slope; right, its interval
# says so (-11.8 to 22.9 per 100 mg/dl). F = 0.4105 with 2 and 4 degrees of freedom, p = 0.6884. Not "the slopes are
# the same", after section 7: HP and CR would have to differ by 5.0 SD per 100 mg/dl to be seen in about 80% of such
# studies, where one slope for all groups is 0.23. **Ten mice in three groups can't answer this question**, and no call
# changes that.
#
# ## 9 · For the paper
#
# A [forest plot](glossary.md#forest-plot) shows all estimates with their intervals; for the pairs we take Tukey's
# simultaneous intervals, so that picture and p-values say the same.

# %% mystnb={"image": {"alt": "Forest plot of six ratios. Drug effect: gene C 1.25, A 1.10, B 1.11, all intervals above 1. Ratios of effects: A to C 0.88 with interval below 1, B to C 0.89 reaching 1.01, B to A 1.01 across 1. Each row's numbers stand at the right."}}
pairs = comparisons(
    fit, "condition", by="gene_name", differences="pairwise", transform="exp", adjust="tukey"
)
simultaneous = pairs.assign(
    conf_low=pairs["conf_low_adjusted"], conf_high=pairs["conf_high_adjusted"]
)
forest = pd.concat([pd.DataFrame(effects), pd.DataFrame(simultaneous)], ignore_index=True)
forest["ratio"] = [
    f"{row.estimate:.2f} [{row.conf_low:.2f}, {row.conf_high:.2f}]"
    for row in forest.itertuples()
]
forest["p"] = ["< 0.001" if p < 0.001 else f"{p:.3f}" for p in forest["p_adjusted"]]
forest.index = [
    *(f"gene {gene}" for gene in effects["gene_name"]),
    *pairs["gene_name"].str.replace(" / ", " against "),
]
fig, ax = plt.subplots(figsize=(8.5, 3.8))
plots.interval_plot(
    ax,
    forest,
    forest.index,
    reference=1,
    colour=[plots.BLUE] * 3 + [plots.ORANGE] * 3,
    values=forest["ratio"]
    + "   p "
    + forest["p"].where(forest["p"].str[0] == "<", "= " + forest["p"]),
)
ax.axhline(2.5, color=plots.GREY, linewidth=0.6)
ax.set(
    xscale="log", xlabel="ratio of lengths, DRUG to NO DRUG (blue); ratio of ratios (orange)"
)
ax.set_xticks(
    [0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4], ["0.8", "0.9", "1", "1.1", "1.2", "1.3", "1.4"]
)
ax.minorticks_off()
ax.set_title("The drug lengthens all three; A gains less than C")
plt.show()

# %% [markdown]
# Blue: all three intervals lie above 1. Orange: A against C lies below 1, B against C reaches a little
# beyond it, B against A lies around it. The table, and the sentence, whose numbers come from the table:

# %%
wary = comparisons(may_vary, "condition", by="gene_name", adjust="holm", **careful)[
    "p_adjusted"
]
wary = [*wary, *comparisons(may_vary, "condition", **(how | careful))["p_adjusted"]]
counts = lengths["gene_name"].value_counts()[genes]
for_paper = pd.DataFrame(
    {
        "lengths": [f"{n:,}" for n in counts] + [""] * 3,
        "ratio [95% CI]": forest["ratio"],
        "p, adjusted": forest["p"],
        "p if the effect may vary": ["< 0.001" if p < 0.001 else f"{p:.3f}" for p in wary],
    }
)
interaction = joint_tests(fit, "condition", by="gene_name", differences="pairwise").iloc[0]
percent = 100 * (effects.set_index("gene_name")[["estimate", "conf_low", "conf_high"]] - 1)
by_percent = ", ".join(
    f"{row.estimate:.0f}% (gene {gene}; 95% CI {row.conf_low:.0f} to {row.conf_high:.0f}%)"
    for gene, row in percent.iterrows()
)
display(for_paper)
Markdown(
    f"The drug went with longer modifications: by {by_percent}; all Holm-adjusted"
    f" p at most {effects['p_adjusted'].max():.1e}. The effect differed between genes (F = {interaction['statistic']:.2f},"
    f" df {interaction['num_df']:.0f} and {interaction['den_df']:,.0f},"
    f" p = {interaction['p_value']:.3f}): it was smaller on A than on C"
    f" ({forest.loc['A against C', 'ratio']}, Tukey-adjusted p ="
    f" {forest.loc['A against C', 'p']}), and equivalent on A and B within 0.9 to 1.1"
    f" (p = {asked.loc['B / A', 'p_value_equivalence']:.4f}). Linear mixed model of log length:"
    f" condition, gene and their interaction, random intercept of {fit.n_groups['replicate']}"
    f" replicates; {fit.n_obs:,} lengths, REML, t and F tests with Satterthwaite's degrees of"
    " freedom; the drug's effect is taken to be the same in all replicates."
)

# %% [markdown]
# The last column is the same by Kenward and Roger with a drug effect that may vary between replicates (section 4); a
# reviewer will ask. Each effect's interval is for itself (no intervals belong to Holm's method), those of the pairs
# hold all three at once. And what the sentence can't say: that cells other than these four replicates' would respond
# alike, or what a tenth more length does to them.
#
# ## The cheat sheet
#
# Also [a page of its own](contrast_cheat_sheet.md). A test runs every call and compares every number.

# %%
Markdown(Path("contrast_cheat_sheet.md").read_text().partition("\n")[2])

# %% [markdown]
# ## Recap
#
# An effect per gene is a sum of coefficients, a difference of two marginal means, or one call; all three agree.
# Whether genes *differ* is a question of its own: test the differences, in a family and by a method named beforehand,
# and never by comparing p-values or overlapping intervals. Each row has its own degrees of freedom, and z, which gives
# all of them infinitely many, cries wolf where few replicates decide. "On average" needs its "over what", a replicate
# to come needs a wider interval than the mean, and "no meaningful difference" needs bounds chosen before looking.
# **Decision:** write into the protocol the contrasts, their scale, their family and correction, the average, the
# bounds, and for which replicates you will claim the effect; then the analysis is one call for each.
#
# **Before:** [05 · Interactions](05_interactions.ipynb). **Next:** [07 · Count models](07_count_models.ipynb).
#
# **Sources.** marginaleffects: Arel-Bundock, Greifer & Heiss 2024,
# [doi:10.18637/jss.v111.i09](https://doi.org/10.18637/jss.v111.i09). Marginal means: Searle, Speed & Milliken 1980,
# [doi:10.1080/00031305.1980.10483031](https://doi.org/10.1080/00031305.1980.10483031). "Significant" against "not
# significant": Gelman & Stern 2006, [doi:10.1198/000313006X152649](https://doi.org/10.1198/000313006X152649).
# Two one-sided tests: Schuirmann 1987, [doi:10.1007/BF01068419](https://doi.org/10.1007/BF01068419). Absence of
# evidence: Altman & Bland 1995, [doi:10.1136/bmj.311.7003.485](https://doi.org/10.1136/bmj.311.7003.485). Degrees of
# freedom: Kenward & Roger 1997, [doi:10.2307/2533558](https://doi.org/10.2307/2533558).

# %% [markdown]
# # 01 · Correlation
#
# **Does the expression of Gene X go with the score we gave each mouse, and what would a reviewer ask next?**
#
# **Time:** 40 minutes.
#
# **Prerequisites:** none but [how to run a notebook](00_start_here.ipynb). Words in blue lead to the
# [glossary](glossary.md).
#
# **You will be able to**
#
# - compute Pearson's and Spearman's correlation with their [intervals](glossary.md#confidence-interval) and
#   [p-values](glossary.md#p-value), and read them aloud;
# - notice when numbers have turned into labels' codes;
# - tell a correlation *between* groups of animals from one *within* them, and test the second;
# - say what ten animals, or two thousand genes, do to a correlation.
#
# A laboratory measured ten mice in three conditions: urea in the blood, body weight, and the expression of one gene.
# Urea and weight were turned into scores, the scores were added, and the sum was correlated with the gene. A reviewer
# asked for a [mixed model](glossary.md#mixed-model). Before we follow that advice (lessons 02 to 04 will) we look at the correlation itself.
# The question and its data are [public](https://stats.stackexchange.com/questions/421203/applying-linear-mixed-model-for-rna-seq-data)
# (Cross Validated, August 2019, CC BY-SA 4.0); the [data page](../data/README.md) says what every column means.

# %%
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from scipy import stats

from helpers import plots, tables
from helpers.correlation import correlate, permutation_test
from helpers.data import load_mouse_counts, load_mouse_counts_truth, load_mouse_scores
from helpers.exercises import check

plots.use_style()
tables.use_style()

# %%
mice = load_mouse_scores()
in_r = json.loads(Path("../tests/reference/mouse/mouse.json").read_text())  # what R printed

# %% [markdown]
# ## The ten animals
#
# Always look at the table first. One row is one animal: that is the
# [observational unit](glossary.md#observational-unit), and there are ten. The source does not say what the groups C, HP
# and CR stand for (do not read C as "control"), nor the units: mg/dl and g are our reading.

# %%
mice

# %% [markdown]
# `gene_x` has mean 0 and [standard deviation](glossary.md#standard-deviation) 1: somebody has already turned the counts into
# [z-scores](glossary.md#z-score), so how many reads there were is gone. Next, how the animals spread over the groups.

# %%
mice.groupby("group", observed=True).agg(
    animals=("animal", "size"),
    urea_mean=("urea", "mean"),
    urea_sd=("urea", "std"),
    weight_mean=("weight", "mean"),
    gene_x_mean=("gene_x", "mean"),
)

# %% [markdown]
# The question speaks of triplicates; the table has 3, 3 and 4 animals. The groups differ in urea: remember that when
# two columns turn out to correlate.

# %% mystnb={"image": {"alt": "Three panels, one point per animal, groups side by side. Urea is high in all C animals, low in all CR animals and spread widely in HP. Weight overlaps between groups, highest in HP. Gene X is highest on average in C and lowest in CR."}}
fig, axes = plt.subplots(1, 3, figsize=(10, 3.6))
for ax, column, name in zip(
    axes, ["urea", "weight", "gene_x"], ["urea (mg/dl)", "weight (g)", "Gene X (z-score)"]
):
    sns.stripplot(
        mice,
        x="group",
        y=column,
        hue="group",
        palette=plots.GROUP_COLOURS,
        size=8,
        jitter=False,
        ax=ax,
    )
    ax.set(xlabel="group", ylabel="", title=name)
fig.suptitle("Urea differs between the groups, and so does Gene X", fontweight="bold")
plt.show()

# %% [markdown]
# Each point is an animal: the C animals are high in urea and two of them high in Gene X, the CR animals low in both.
#
# ## 1 · A trap before the first correlation
#
# In the question's R script, urea and weight are [factors](glossary.md#factor): labels that look like numbers. One stray
# word in a column is enough to make all of it text. R and pandas store a factor as codes (R counts from 1, pandas from
# 0) in the order of its labels, and text is sorted letter by letter: "105.57" comes before "35.59". The accident takes a
# second step, turning the factor into numbers again: `as.numeric(f)` in R and `.cat.codes` in pandas give the codes.

# %%
# As if one cell of the column had said "n.d.":
as_text = pd.read_csv("../data/mouse_scores.csv", dtype={"urea": str})
as_text["urea"] = as_text["urea"].astype("category")
codes = as_text["urea"].cat.codes + 1
pd.DataFrame(
    {"urea, a label": as_text["urea"], "its code": codes, "urea, a number": mice["urea"]}
).sort_values("its code")

# %% mystnb={"image": {"alt": "Two scatter plots of Gene X. Left, against the factor codes of urea: no pattern, r = 0.001. Right, against measured urea in mg/dl: a rising pattern, r = 0.726."}}
fig, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True)
for ax, values, name in [
    (axes[0], codes, "code of the label"),
    (axes[1], mice["urea"], "urea (mg/dl)"),
]:
    ax.scatter(
        values, mice["gene_x"], s=60, facecolors="white", edgecolors=plots.INK, linewidths=1.5
    )
    ax.set(xlabel=name, title=f"r = {values.corr(mice['gene_x']):.3f}")
axes[0].set_ylabel("Gene X (z-score)")
fig.suptitle("The same ten animals: codes hide what the numbers show", fontweight="bold")
plt.show()

# %% [markdown]
# Left, the codes: r = 0.001, as if urea and the gene had nothing in common. Right, the measurements: r = 0.726.
# No error was raised on the left: codes are numbers, and the only sign is a plot with the wrong axis. In R the way back
# is `as.numeric(as.character(f))`; R's own numbers for both mistakes stand in section 2. `correlate` refuses labels:

# %%
try:
    correlate(as_text, "urea", "gene_x")
except ValueError as error:
    print(error)

# %% [markdown]
# > **Pitfall: labels that look like numbers.** Signs: `dtype` says `category`, `object` or `str`; a plot's axis runs
# > 1, 2, 3 …; a sorted column reads 105, 110, 35. Read your own file with
# > `read_table("my.csv", numeric=["urea", "weight"])` from `helpers.data`: it names the line and
# > content of every cell that is no number.
#
# ### Exercise 1.1
#
# What is Pearson's correlation of Gene X with the animals' *weight in grams*? Two decimals are enough.

# %%
answer = ...
check("1.1", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = mice["weight"].corr(mice["gene_x"])
check("1.1", answer)
print(f"{answer:.2f}")

# %% [markdown]
# ## 2 · Two coefficients, with what belongs beside them
#
# [Pearson's r](glossary.md#pearson-correlation) asks how closely the points follow a *straight line*;
# [Spearman's ρ](glossary.md#spearman-correlation) is Pearson's r of the *ranks*, so it asks for any rise, straight or
# not. scipy computes both. Interval and p-value of r assume that both columns are roughly normally distributed.

# %%
pearson = stats.pearsonr(mice["total_score"], mice["gene_x"])
interval = pearson.confidence_interval(confidence_level=0.95)
spearman = stats.spearmanr(mice["total_score"], mice["gene_x"])
print(f"Pearson   r = {pearson.statistic:.4f}, p = {pearson.pvalue:.3g}")
print(f"          95% interval {interval.low:.3f} to {interval.high:.3f}")
print(f"Spearman  ρ = {spearman.statistic:.4f}, p = {spearman.pvalue:.3g}")

# %% [markdown]
# scipy has no interval for Spearman. Our `correlate` adds one and puts both into one table; `help(correlate)` says by
# which formula.

# %%
both = pd.concat(
    correlate(mice, "total_score", "gene_x", method=name) for name in ["pearson", "spearman"]
)
both.drop(columns=["statistic", "df"])

# %% [markdown]
# Read aloud: *in these ten animals Gene X rises with the total score (Pearson r = 0.849, 95% interval 0.471 to 0.964,
# p = 0.0019).* The [confidence interval](glossary.md#confidence-interval) matters more than the
# [p-value](glossary.md#p-value): the data agree with a moderate correlation as well as with a nearly perfect one.

# %% mystnb={"image": {"alt": "Scatter plot of Gene X against total score with ten labelled animals as hollow points, a rising line with a 95% band, and a note: Pearson r 0.849, interval 0.471 to 0.964, p 0.0019; Spearman rho 0.942, interval 0.698 to 0.990, p 4.7e-05."}}
ax = plots.scatter_with_fit(mice, "total_score", "gene_x", label="animal", group="group")
plots.correlation_note(ax, both)
ax.set(
    xlabel="total score (points)",
    ylabel="Gene X (z-score)",
    title="Gene X rises with the total score",
)
plt.show()

# %% [markdown]
# The band is where the *line* may lie, not where new animals will lie; the colours hint at the trouble of section 4.
#
# ### In R
#
# `cor.test` gives the same numbers. The column *difference* is computed here, against what R printed.


# %%
def r_says(column, method):
    return in_r["cor"][column][method]


r_pearson, r_spearman = r_says("total.score", "pearson"), r_says("total.score", "spearman")
ours = both.set_index("method")
call = "cor.test(total.score, Gene.X)"
of_codes = codes.corr(mice["gene_x"])
of_urea = correlate(mice, "urea", "gene_x", method="spearman").loc[0]
tables.beside_r(
    [
        ("r", call, r_pearson["r"], ours.loc["pearson", "estimate"]),
        ("t", call, r_pearson["t"], ours.loc["pearson", "statistic"]),
        ("p", call, r_pearson["p"], ours.loc["pearson", "p_value"]),
        ("interval, low", call, r_pearson["ci"][0], ours.loc["pearson", "conf_low"]),
        ("interval, high", call, r_pearson["ci"][1], ours.loc["pearson", "conf_high"]),
        ("rho", '… method = "spearman"', r_spearman["rho"], ours.loc["spearman", "estimate"]),
        ("p of rho", '… method = "spearman"', r_spearman["p"], ours.loc["spearman", "p_value"]),
        (
            "p of rho, urea",
            'cor.test(urea, …, "spearman")',
            r_says("urea", "spearman")["p"],
            of_urea["p_value"],
        ),
        (
            "r of the codes of urea",
            "cor.test(as.numeric(urea), …)",
            r_says("TRAP_urea_factor_codes", "pearson")["r"],
            of_codes,
        ),
    ]
)

# %% [markdown]
# **Ties.** Three animals share the total score 2 and two share 7. Tied animals get the mean of their ranks, and then no
# table of Spearman's ρ applies: R warns and takes a t distribution. scipy takes t always; R only with ties, otherwise
# the exact distribution (up to nine rows) or a series close to it, and `correlate` follows R. The interval (Bonett &
# Wright's) rests on large samples and takes no account of ties. With ten animals we can do better for the p-value: try
# *every* order in which ten values can stand.

# %%
exact = permutation_test(mice, "total_score", "gene_x", method="spearman")
print(f"{exact.n_arrangements:,} arrangements, p = {exact.p_value:.5f}")
by_t = ours.loc["spearman", "p_value"]
print(f"by the t distribution,      p = {by_t:.6f}, {exact.p_value / by_t:.1f} times smaller")
urea_by_t = stats.spearmanr(mice["urea"], mice["gene_x"]).pvalue
urea_exact = permutation_test(mice, "urea", "gene_x", method="spearman").p_value
print(f"urea (no ties): t {urea_by_t:.4f}, R {of_urea['p_value']:.4f}, exact {urea_exact:.4f}")

# %% [markdown]
# The t distribution makes p too small, by a factor of 3.6 for the score. Both values are small, so here nothing hangs on
# it; for a p-value near the line it can.
#
# **Why colouring r ≥ 0.9 blue is not a test.** The question's script writes the coefficient in blue where r ≥ 0.9, else
# in red. But how large an r chance alone gives depends on the number of animals:

# %%
n = np.array([4, 5, 6, 8, 10, 20, 50, 100])
t_needed = stats.t.isf(0.025, n - 2)
r = 0.9
pd.DataFrame(
    {
        "n": n,
        "p of r = 0.9": 2 * stats.t.sf(r * np.sqrt((n - 2) / (1 - r**2)), n - 2),
        "smallest r with p < 0.05": t_needed / np.sqrt(n - 2 + t_needed**2),
    }
).set_index("n")

# %% [markdown]
# With four animals r = 0.9 has p = 0.1: blue, and no evidence. With ten, anything beyond 0.6319 has p < 0.05; with a
# hundred, 0.1966 does. The size of r says how *close* the points lie to a line, the interval says how well we know it.
#
# ### Exercise 1.2
#
# Pearson's r is 0.849 with a 95% interval from 0.471 to 0.964 and p = 0.0019. Which sentence is right?
#
# - **a** — In 95% of animals the correlation lies between 0.471 and 0.964.
# - **b** — The probability that there is no correlation is 0.0019.
# - **c** — If the animals are independent and both columns roughly normal, true correlations from 0.471 to 0.964 agree
#   with these data.
# - **d** — The score raises the expression of Gene X, strongly.

# %%
answer = ...
check("1.2", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = "c"
check("1.2", answer)

# %% [markdown]
# ## 3 · What a score is
#
# The total score is the sum of a urea score and a weight score, 1 to 4 each. Put each score beside its measurement:

# %% mystnb={"image": {"alt": "Left: urea score against urea, rising, but the animal with 321 mg/dl scores 4 and the one with 330 scores 3. Right: weight score against weight, with no order: 23.5 g scores 1 while 20 g scores 4."}}
fig, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True)
for ax, measure, unit in [(axes[0], "urea", "mg/dl"), (axes[1], "weight", "g")]:
    for group, animals in mice.groupby("group", observed=True):
        ax.scatter(
            animals[measure],
            animals[f"{measure}_score"],
            s=60,
            marker=plots.GROUP_MARKERS[group],
            facecolors="none",
            edgecolors=plots.GROUP_COLOURS[group],
            linewidths=1.8,
            label=group,
        )
    ax.set(xlabel=f"{measure} ({unit})", ylabel="score (points)", yticks=[1, 2, 3, 4])
    ax.margins(0.12)
axes[0].legend(title="group", frameon=False)
fig.suptitle(
    "A higher score: mostly more urea, and anything but more weight", fontweight="bold"
)
for ax, measure, odd in zip(axes, ["urea", "weight"], [["C20", "C22"], ["CR4.2", "C24"]]):
    names = mice["animal"].where(mice["animal"].isin(odd), "")
    plots.label_points(ax, mice[measure], mice[f"{measure}_score"], names)
plt.show()

# %% [markdown]
# C20 has less urea than C22 and the higher score; CR4.2 weighs 23.5 g and scores 1, C24 weighs 20 g and scores 4.
# The authors say that the scores rest on several measurements on different days, so the table's single values are not
# what was scored. That may explain it; it can't be checked from these data.

# %%
measures = ["total_score", "urea_score", "urea", "weight_score", "weight"]
correlate(mice, measures, "gene_x")[["x", "estimate", "conf_low", "conf_high", "p_value"]]

# %% [markdown]
# Information is *lost*: 35.59 and 125.89 mg/dl are both "1". And it is *invented*: a step from 1 to 2 counts as much
# as one from 3 to 4, a point of urea as much as a point of weight. Gene X goes with the weight *score* (0.8097) and with the
# weight in grams hardly (-0.3542, with an interval across zero). The source does not define the score; it may
# count weight *lost*, and then opposite signs would be no surprise. Whatever it measures, it is not how heavy a mouse
# is. Where you have the measurements that were scored, correlate those; where you have ranks only, use Spearman.
#
# ## 4 · Three groups
#
# A correlation over all ten animals mixes two questions: do *groups* with a higher score have more Gene X, and, inside
# a group, do *animals* with a higher score have more? For the second, take each group's mean out of both columns and
# correlate what is left: the [partial correlation](glossary.md#partial-correlation) given the group.

# %% mystnb={"image": {"alt": "Left: Gene X against total score, the three groups form three clusters whose means climb from CR through HP to C. Right: the same values after each group's mean was subtracted: a line as steep, and points scattered widely around it."}} tags=["readme-picture"]
centred = mice.assign(
    total_score=mice["total_score"]
    - mice.groupby("group", observed=True)["total_score"].transform("mean"),
    gene_x=mice["gene_x"] - mice.groupby("group", observed=True)["gene_x"].transform("mean"),
)
fig, axes = plt.subplots(1, 2, figsize=(10, 4.2))
plots.scatter_with_fit(mice, "total_score", "gene_x", group="group", ax=axes[0])
axes[0].set(
    xlabel="total score (points)",
    ylabel="Gene X (z-score)",
    title="as measured: three clusters",
)
means = mice.groupby("group", observed=True)[["total_score", "gene_x"]].mean()
axes[0].scatter(*means.to_numpy().T, s=160, marker="+", color=plots.INK, linewidths=2, zorder=4)
plots.scatter_with_fit(centred, "total_score", "gene_x", group="group", band=False, ax=axes[1])
axes[1].set(
    xlabel="total score − group mean",
    ylabel="Gene X − group mean",
    title="within groups: what is left",
)
axes[1].get_legend().remove()
fig.suptitle("The clusters make r large; within them the points scatter", fontweight="bold")
plt.show()

# %% [markdown]
# Left, three clusters (crosses mark their means) line up. Right, within groups, the line is no flatter, but the points
# scatter widely about it, and few differences in score are left.

# %%
between = means["total_score"].corr(means["gene_x"])
within = correlate(mice, "total_score", "gene_x", within="group").iloc[0]
interval = f"[{within.conf_low:.3f}, {within.conf_high:.3f}]"
slopes = [np.polyfit(d["total_score"], d["gene_x"], 1)[0] for d in (mice, centred)]
left = centred["total_score"].var() / mice["total_score"].var()
print(
    f"slope over all animals {slopes[0]:.2f}, within groups {slopes[1]:.2f} per point of score"
)
print(f"of the score's variation, {left:.0%} lies within groups")
p_of_three = stats.pearsonr(means["total_score"], means["gene_x"]).pvalue
print(f"between the three group means: r = {between:.3f}, p = {p_of_three:.2f}")
print(f"within groups: r = {within.estimate:.3f} {interval}, p = {within.p_value:.3f}")

# %% [markdown]
# Three group means almost on a line, r = 0.985: yet three unrelated points come that close to a line one time in nine
# (p = 0.11), and anything in which the groups differ (diet, cage, day, batch) would line up as well. Within groups
# r = 0.620 with an interval from -0.151 to 0.922.
#
# A [permutation test](glossary.md#permutation-test) makes the difference visible. Under the
# [null hypothesis](glossary.md#null-hypothesis) of no association the ten values of Gene X could have fallen on the
# animals in any order. If groups differ for reasons of their own, only orders *within* groups are fair: the groups are
# [strata](glossary.md#strata). That assumes only that, inside a group, any animal could have had any of the group's
# values; the t test needs equal spread as well. scipy permutes freely; `permutation_test` can also keep to strata.

# %% mystnb={"image": {"alt": "Two histograms of correlations over arrangements. Left, exchanging freely: centred on zero, the observed 0.849 is far out, p = 0.00072. Right, exchanging within groups only: correlations run from about 0.5 to 0.9 and the observed one is near the upper end, p = 0.069."}}
free = permutation_test(mice, "total_score", "gene_x")
in_groups = permutation_test(mice, "total_score", "gene_x", strata="group")
fig, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True)
plots.null_histogram(axes[0], free, title="exchanged between all animals")
plots.null_histogram(axes[1], in_groups, title="exchanged within groups only")
axes[1].set_ylabel("")
fig.suptitle("The groups alone make r of 0.5 and more", fontweight="bold")
plt.show()
around_zero = permutation_test(centred, "total_score", "gene_x", strata="group")
print(
    f"within groups: p = {in_groups.p_value:.3f}; of the group-centred columns: p = {around_zero.p_value:.3f}"
)

# %% [markdown]
# Left, the observed r (black line) is far beyond what chance gives. Right, *every* one of the 864 (3! · 3! · 4!)
# arrangements gives r of about 0.5 or more: the groups alone produce that much, and the observed 0.849 is not unusual
# among them (p = 0.069). As none of them is negative, that p counts the upper end alone, so it is one-sided. With the
# group means taken out first, both ends count and p = 0.132, near the t test's 0.101.
#
# ### In R
#
# The exact p-value within groups comes from enumerating the 864 arrangements in R as well. R's free permutation drew
# 200,000 at random, ours are all of them, so the two differ by what chance drew.

# %%
r_within, r_permuted = in_r["within_group_partial_cor"]["total.score"], in_r["perm"]
tables.beside_r(
    [
        (
            "within, r",
            "cor(x - ave(x, group), y - ave(y, group))",
            r_within["r"],
            within.estimate,
        ),
        ("within, p", "lm(y ~ x + group), t test of x", r_within["p"], within.p_value),
        (
            "within, exact p",
            "loop over 864 arrangements",
            r_permuted["within_group_exact_p"],
            in_groups.p_value,
        ),
        (
            "free permutation, p",
            "replicate(200000, cor(x, sample(y)))",
            r_permuted["free_perm_p"],
            free.p_value,
        ),
    ]
)

# %% [markdown]
# > **Pitfall: "not significant within groups" is not "no effect".** Ten animals in three groups leave six
# > [degrees of freedom](glossary.md#degrees-of-freedom). An interval from -0.151 to 0.922 holds "nothing" and "nearly
# > everything": too little evidence to decide. The data *can* describe that, in these animals, the group with the higher
# > mean score has the higher mean Gene X. They *cannot* show why, nor whether the score matters beyond the group: only
# > 15% of the score's variation lies within groups.
#
# ### Exercise 1.3
#
# Build a DataFrame with one row per group (index C, HP, CR) and two columns: `n`, the number of animals, and `r`,
# Pearson's correlation of measured `urea` with `gene_x` inside that group.

# %%
answer = ...
check("1.3", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = pd.DataFrame(
    {
        group: {"n": len(animals), "r": animals["urea"].corr(animals["gene_x"])}
        for group, animals in mice.groupby("group", observed=True)
    }
).T
check("1.3", answer)
answer

# %% [markdown]
# ## 5 · Does one animal carry it?
#
# Leave each animal out in turn and correlate the other nine. In a sample this small one animal can make a correlation,
# or break it.

# %% mystnb={"image": {"alt": "Ten correlations with their intervals, each with one animal left out. All estimates lie between 0.81 and 0.90; the lowest is without C24, the highest without C22. A vertical line marks 0.849, the value with all ten."}}
left_out = pd.concat(
    [
        correlate(mice.drop(index=i), "total_score", "gene_x").assign(
            without=mice.loc[i, "animal"]
        )
        for i in mice.index
    ]
).sort_values("estimate", ascending=False)
fig, ax = plt.subplots(figsize=(7, 4.2))
plots.interval_plot(ax, left_out, "without " + left_out["without"], reference=pearson.statistic)
ax.set(
    xlabel="Pearson r of the other nine, with 95% interval",
    xlim=(0, 1),
    title="No single animal carries the correlation",
)
plt.show()
left_out.set_index("without")[["n", "estimate", "conf_low", "conf_high", "p_value"]]

# %% [markdown]
# The dashed line is r with all ten. Leaving out C24 lowers r most (to 0.805), leaving out C22 raises it most (to 0.900).
# None turns the finding round. What leaving out one *animal* cannot reveal is dependence on a *group*.
#
# ## 6 · Where the truth is known
#
# How far can r at n = 10 stray from the truth? Let us make truths, two normal variables with a
# known correlation, and measure ten animals from each, 20,000 times.

# %%
from helpers.simulate import simulate_pairs

rng = np.random.default_rng(20190808)
studies = {
    rho: stats.pearsonr(*simulate_pairs(rho, n=10, n_samples=20_000, rng=rng), axis=1)
    for rho in [0.0, 0.5, 0.85]
}
rows = []
for rho, result in studies.items():
    low, high = result.confidence_interval()
    rows.append(
        {
            "true correlation": rho,
            "mean r": result.statistic.mean(),
            "2.5% of r lie below": np.quantile(result.statistic, 0.025),
            "2.5% lie above": np.quantile(result.statistic, 0.975),
            "interval holds the truth (%)": 100 * np.mean((low <= rho) & (rho <= high)),
            "p < 0.05 (%)": 100 * np.mean(result.pvalue < 0.05),
        }
    )
print(
    f"Monte-Carlo error of a share near 95%: {100 * np.sqrt(0.95 * 0.05 / 20_000):.2f} points"
)
beyond = np.mean(np.abs(studies[0.0].statistic) > 0.5)
print(f"without any correlation, |r| exceeds 0.5 in {beyond:.0%} of the studies")
x, y = np.exp(simulate_pairs(0.85, n=10, n_samples=20_000, rng=rng))  # skewed, like raw counts
low, high = stats.pearsonr(x, y, axis=1).confidence_interval()
truth_of_skewed = (np.exp(0.85) - 1) / (np.exp(1) - 1)  # the correlation of two such variables
held = np.mean((low <= truth_of_skewed) & (truth_of_skewed <= high))
print(f"skewed data: the interval holds the truth in {held:.0%} of the studies")
pd.DataFrame(rows).set_index("true correlation")

# %% [markdown]
# For normal data the interval keeps its promise: it holds the truth in 95% of the studies (with a
# [Monte-Carlo error](glossary.md#monte-carlo-error) of 0.15 points). With strongly skewed data, such as raw counts, it
# falls far short: take logs first, or ranks. Without any correlation, p falls below 0.05 in 5% of the studies, as it
# should. And a true correlation of 0.5 is found by about a third of such studies only: that share is the
# [power](glossary.md#power).

# %% mystnb={"image": {"alt": "Three histograms of r from 20,000 studies with ten animals each. True correlation 0: a wide hump from -0.6 to 0.6. True 0.5: wide, skewed, from -0.2 to 0.9. True 0.85: narrower, from 0.5 to 0.97."}}
fig, ax = plt.subplots(figsize=(8, 4.2))
for (rho, result), colour in zip(studies.items(), [plots.GREY, plots.BLUE, plots.ORANGE]):
    sns.histplot(
        x=result.statistic,
        binwidth=0.04,
        stat="percent",
        color=colour,
        alpha=0.45,
        linewidth=0,
        ax=ax,
    )
    ax.axvline(rho, color=colour, linewidth=2)
    ax.text(
        rho,
        ax.get_ylim()[1],
        f" true {rho:g}",
        color=colour,
        va="bottom",
        ha="center",
        fontweight="bold",
    )
ax.set(xlabel="r found in a study of ten animals", ylabel="share of studies (%)", xlim=(-1, 1))
ax.set_title("Ten animals: r strays far from the truth", pad=26)
plt.show()

# %% [markdown]
# Vertical lines are the truth, humps what studies of ten animals find: with no correlation at all, one study in
# seven finds |r| beyond 0.5. How many animals would it take?

# %% mystnb={"image": {"alt": "Power against number of animals for true correlations 0.3, 0.5 and 0.7. At ten animals power is about 0.13, 0.32 and 0.67. The 0.8 line is crossed near 85, 29 and 13 animals."}}
sizes = np.array([5, 7, 10, 14, 20, 28, 40, 56, 80, 100])
rng = np.random.default_rng(1)
fig, ax = plt.subplots(figsize=(8, 4.4))
for rho, colour in zip([0.3, 0.5, 0.7], [plots.GREEN, plots.BLUE, plots.ORANGE]):
    power = [
        np.mean(stats.pearsonr(*simulate_pairs(rho, n, 4_000, rng), axis=1).pvalue < 0.05)
        for n in sizes
    ]
    ax.plot(sizes, power, "o-", color=colour)
    half_way = np.searchsorted(power, 0.55)  # where the curves lie well apart
    at = {"xytext": (8, -14), "textcoords": "offset points"}
    ax.annotate(
        f"true {rho:g}",
        (sizes[half_way], power[half_way]),
        **at,
        color=colour,
        fontweight="bold",
    )
ax.axhline(0.8, color=plots.GREY, linestyle="--", linewidth=1)
ax.axvline(10, color=plots.GREY, linestyle=":", linewidth=1)
ax.text(10.4, 0.02, "ten animals", color=plots.GREY)
ax.set(xscale="log", xlabel="animals", ylabel="power (share with p < 0.05)", ylim=(0, 1.03))
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.set_title("Ten animals miss all but strong correlations, and a third of those")
plt.show()

# %% [markdown]
# Where a curve crosses the dashed line, four studies in five find the correlation.
#
# ### Exercise 1.4
#
# How many animals does it take to find a true correlation of 0.5 with a power of 0.8 (two-sided test at 5%)? Read it
# off, or simulate; an answer within one animal counts.

# %%
answer = ...
check("1.4", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
rng = np.random.default_rng(2)
for n_animals in range(24, 40):
    x, y = simulate_pairs(0.5, n_animals, 40_000, rng)
    if np.mean(stats.pearsonr(x, y, axis=1).pvalue < 0.05) >= 0.8:
        break
answer = n_animals
check("1.4", answer)
answer

# %% [markdown]
# ## 7 · Many genes
#
# The laboratory did not ask about one gene; it looked for genes among all. We have 2,000 genes *simulated* for the same
# ten animals: 200 were made to depend on urea, 200 on weight, 200 differ between groups, and 1,400 depend on nothing.
# So each finding can be held against the truth. First bring the samples to the same sequencing depth
# by their [size factors](glossary.md#size-factor) and take logs (lesson 07 says why); genes with fewer than five reads on average are left out.

# %%
counts, truth = load_mouse_counts(), load_mouse_counts_truth()
ratios = np.log(counts[(counts > 0).all(axis="columns")])
size_factors = np.exp(ratios.sub(ratios.mean(axis="columns"), axis="index").median())
log_counts = np.log2(counts[counts.mean(axis="columns") >= 5] / size_factors + 1)
driver = truth.loc[log_counts.index, "driver"]
driver.value_counts().to_frame("genes")

# %%
with_urea = stats.pearsonr(log_counts.to_numpy(), mice["urea"].to_numpy()[None, :], axis=1)
genes = pd.DataFrame(
    {"r": with_urea.statistic, "p": with_urea.pvalue, "driver": driver}, index=log_counts.index
)
nothing = genes[genes["driver"] == "none"]
luckiest = nothing["r"].abs().idxmax()
largest = abs(nothing.loc[luckiest, "r"])
print(
    f"{len(nothing):,} genes that depend on nothing; the largest |r| among them: {largest:.3f}"
)
print(f"Gene X with urea: r = {mice['urea'].corr(mice['gene_x']):.3f}")

# %% mystnb={"image": {"alt": "Scatter plot of log2 counts of one simulated gene against urea for ten labelled animals with a line and band. It looks like a strong correlation, although nothing was planted in this gene."}}
best = mice.assign(expression=log_counts.loc[luckiest, mice["animal"]].to_numpy())
ax = plots.scatter_with_fit(best, "urea", "expression", label="animal", group="group")
result = correlate(best, "urea", "expression")
plots.correlation_note(
    ax, result, corner="upper left" if result.loc[0, "estimate"] > 0 else "lower left"
)
ax.set(
    xlabel="urea (mg/dl)",
    ylabel="log2 normalised count",
    title="The best of many: nothing was planted in this gene",
)
plt.show()

# %% [markdown]
# A figure one would publish, made by chance: search long enough and the largest null correlation beats Gene X. A gene
# that was *chosen because* its r is large needs another yardstick than a gene named beforehand. How Gene X was picked we
# are not told; the laboratory screened every gene. If it was picked for its r, its p of 0.0019 is too small.

# %% mystnb={"image": {"alt": "Histogram of 1,947 p-values for urea in bins of 0.05, stacked by planted driver. Genes that depend on nothing are spread evenly; genes that depend on urea pile up in the first bin, together with some group genes."}}
fig, ax = plt.subplots(figsize=(8, 4.4))
colours = {"none": "#C9C9C9", "weight": plots.AMBER, "group": plots.PINK, "urea": plots.BLUE}
sns.histplot(
    genes,
    x="p",
    hue="driver",
    hue_order=list(colours),
    palette=colours,
    bins=np.linspace(0, 1, 21),
    multiple="stack",
    alpha=1,
    ax=ax,
)
sns.move_legend(ax, "upper right", title="what the gene depends on", frameon=False)
ax.set(
    xlabel="p-value of the correlation with urea",
    ylabel="genes",
    title="Null genes are spread evenly; urea genes pile up at zero",
)
plt.show()

# %% [markdown]
# A flat floor with a peak at the left is what a healthy screen looks like: the floor is chance, the peak is signal.
# Calling everything below 0.05 "significant" would take the floor's first bin along.
# [Benjamini–Hochberg](glossary.md#benjaminihochberg) moves the threshold so that, on average, at most 5% of the genes
# it calls are null (if genes are independent, or go together positively): the
# [false discovery rate](glossary.md#false-discovery-rate).

# %%
genes["p_adjusted"] = stats.false_discovery_control(genes["p"])
found = (
    pd.DataFrame(
        {
            "genes": genes["driver"].value_counts(),
            "p < 0.05": genes.loc[genes["p"] < 0.05, "driver"].value_counts(),
            "adjusted p < 0.05": genes.loc[genes["p_adjusted"] < 0.05, "driver"].value_counts(),
        }
    )
    .reindex(["urea", "group", "weight", "none"])
    .fillna(0)
    .astype(int)
)
found.loc["all"] = found.sum()
called = found["adjusted p < 0.05"]
assert (
    genes.loc[luckiest, "p_adjusted"] < 0.05
)  # the gene of the figure is called, though nothing is in it
print(
    f"called: {called['all']}; depend on nothing: {called['none']} ({called['none'] / called['all']:.1%})"
)
print(f"of the urea genes, found: {called['urea'] / found.loc['urea', 'genes']:.0%}")
print(f"called, and driven by the group, not by urea: {called['group']}")
found

# %% [markdown]
# In this screen 2.8% of the genes called are null, and the gene of the figure above is one of them: adjusting limits the
# share of such genes, it does not remove them. Nor does it promise anything about *why*: genes that follow the group go with
# urea too, because the groups differ in urea, and no adjustment of p-values can tell the two apart. That is the
# question for [a linear model](02_linear_models.ipynb), which puts group and urea side by side.
#
# > **Pitfall: one missing p-value.** `statsmodels.stats.multitest.multipletests` turns *every* adjusted p into `nan`
# > when one is missing; scipy's `false_discovery_control` raises an error. Take missing p-values out first.

# %%
from statsmodels.stats.multitest import multipletests

print(
    "statsmodels, one of three missing:",
    multipletests([0.001, 0.2, np.nan], method="fdr_bh")[1],
)
try:
    stats.false_discovery_control([0.001, 0.2, np.nan])
except ValueError as error:
    print("scipy:", error)

# %% [markdown]
# ### Exercise 1.5
#
# How many of these genes go with *weight* at a false discovery rate of 5% (Pearson, Benjamini–Hochberg)?

# %%
answer = ...
check("1.5", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
p_weight = stats.pearsonr(
    log_counts.to_numpy(), mice["weight"].to_numpy()[None, :], axis=1
).pvalue
answer = (stats.false_discovery_control(p_weight) < 0.05).sum()
check("1.5", answer)
print(
    f"{answer} genes;",
    driver[stats.false_discovery_control(p_weight) < 0.05].value_counts().to_dict(),
)

# %% [markdown]
# ## Recap
#
# Gene X rises with the total score in these ten animals, r = 0.849 [0.471, 0.964]; no single animal carries that, but
# the three groups alone give 0.5 and more, and within groups r = 0.620 [-0.151, 0.922] is too little to decide. Scores
# lose information and invent some. A coefficient without its interval, its number of animals and its groups says little;
# and a gene picked among thousands for its large r needs its p-value adjusted, which Gene X's may need too. **Decision:** report r
# with its interval, name the groups, and ask the next question, "how much does the gene change per unit of urea, at
# equal weight and within groups?", of a model.
#
# **Before:** [00 · Start here](00_start_here.ipynb). **Next:**
# [02 · Linear models](02_linear_models.ipynb).
#
# **Sources.** Distribution of r: Fisher 1915, [doi:10.2307/2331838](https://doi.org/10.2307/2331838); its interval:
# Fisher 1921, *Metron* 1, 3–32. Interval of ρ: Bonett
# & Wright 2000, [doi:10.1007/BF02294183](https://doi.org/10.1007/BF02294183). Exact and Edgeworth p of ρ: Best &
# Roberts 1975, [doi:10.2307/2347111](https://doi.org/10.2307/2347111). False discovery rate: Benjamini &
# Hochberg 1995, [doi:10.1111/j.2517-6161.1995.tb02031.x](https://doi.org/10.1111/j.2517-6161.1995.tb02031.x). Scores
# and cut points: Altman & Royston 2006, [doi:10.1136/bmj.332.7549.1080](https://doi.org/10.1136/bmj.332.7549.1080).

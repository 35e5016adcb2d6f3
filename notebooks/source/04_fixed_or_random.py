# %% [markdown]
# # 04 · Fixed or random?
#
# **Which of my variables is a random effect?**

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# loads what this lesson needs, and the ten mice
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats

from helpers import plots, tables
from helpers.course.claims import claim
from helpers.data import (
    load_mouse_scores,
    load_oats,
    load_repeated_expression,
    load_repeated_expression_truth,
    load_repeated_samples,
)
from helpers.exercises import check, solution
from helpers.mixed import fit_mixed
from helpers.simulate import simulate_groups

plots.use_style()
tables.use_style()
mice = load_mouse_scores()

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two panels. Left, fixed: Gene X against urea score, ten points and one rising line. Right, random: one predicted shift of Gene X for each urea score from 1 to 4; the shifts go low, high, low, high."}}
# draws the urea score as a fixed effect (one slope) and as a random effect (one shift for each score)
authors = fit_mixed("gene_x ~ 1 + (1 | urea_score) + (1 | weight_score)", mice)
shifts = authors.random_effects["urea_score"]["(Intercept)"]
left, right = plots.slope_or_names(mice, "urea_score", "gene_x", shifts)
left.set(xlabel="urea score (points)", ylabel="Gene X (standard deviations)")
left.set_title("Fixed: one slope, which uses the order")
right.set(xlabel="urea score (a name)", ylabel="predicted shift of Gene X")
_ = right.set_title("Random: four names, four shifts")

# %% [markdown]
# A reviewer asked the authors of the ten mice for a mixed model. They tried
# `lmer(Gene.X ~ (1|urea.score) + (1|weight.score))`, and everything that had been significant was gone. "Am I setting the
# parameters correctly? Can I use these two parameters as random variables, even though I have only three different levels?"
#
# Left is the model they had. Right is what the new one estimates: four shifts, which go low, high, low, high.
#
# *About 24 minutes. You need lesson 03. At the end you will be able to choose between fixed and random, write the groups of
# your design as a formula and answer a reviewer who asks for a mixed model.*
#
# ## 1 · The authors' model
#
# A [**fixed effect**](glossary.md#fixed-effect) is a coefficient you ask about: a slope, a difference between conditions. A
# [**random effect**](glossary.md#random-effect), `(1 | urea_score)`, says: mice with the same urea score share a shift of
# Gene X, and the shifts are drawn at random around zero. Only their *variance* is estimated. A
# [**mixed model**](glossary.md#mixed-model) has both.
#
# > **What if** one mouse had not been measured? Change the name, and run this cell and all that follow.

# %% tags=["what-if"]
left_out = None  # try "C24" or "HP11"
mice = mice[mice["animal"] != left_out]

# %%
formula = "gene_x ~ 1 + (1 | urea_score) + (1 | weight_score)"
question = fit_mixed(formula, mice)
question.coefficients()[["estimate", "std_error", "p_value"]].round(3)

# %% [markdown]
# One row, the intercept: on average Gene X is 0.31, which may be zero (p = 0.579). **There is no row for urea**, and no row
# means no star: that is where the stars went. The model does not even know that 4 is more than 1. Exchange the names of
# the scores, and see:

# %%
exchanged = mice.assign(urea_score=mice["urea_score"].map({1: 3, 2: 1, 3: 4, 4: 2}))
for table in (mice, exchanged):
    slope = smf.ols("gene_x ~ urea_score", table).fit().params["urea_score"]
    fit = fit_mixed(formula, table)
    print(f"slope {slope:+.2f}, log-likelihood of the mixed model {fit.log_likelihood:.3f}")

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# tests whether each score's variance is zero; zero is the lowest value a variance can have, so the p-value is halved
for name, kept in {"urea_score": "weight_score", "weight_score": "urea_score"}.items():
    without = fit_mixed(f"gene_x ~ 1 + (1 | {kept})", mice)
    p = stats.chi2.sf(max(without.deviance - question.deviance, 0), 1) / 2
    print(f"variance between levels of {name}: p = {p:.3f}")
    claim(p > 0.05, "Neither variance differs from zero at 5%.")
claim(len(question.coefficients()) == 1, "There is no row for urea.")
same = abs(fit.log_likelihood - question.log_likelihood) < 1e-6
claim(same and slope < 0, "The slope changes its sign, and the mixed model stays the same.")

# %% [markdown]
# The slope changes its sign; the mixed model stays the same. So it *cannot* answer "does Gene X rise with urea?". It can
# test whether the names differ at all: p = 0.063 and 0.161. (A variance cannot be below zero, so these are half of
# the p-values that R's `ranova` prints.)
#
# **Verdict.** Urea and weight are what you ask about: make them fixed, as numbers. "Only three levels?" The scores have
# four. For a *slope* even two are enough. For a *variance* four levels are four observations, and that is too few: a rule
# of thumb asks for five or six at least.
#
# ## 2 · What a random effect is for
#
# Random effects are for **groups of observations that share something you do not ask about**: cells of one animal, pups
# of one litter. Here are eight animals with 2 to 15 cells each. We simulated them, so we know the truth: the variance is 1
# between animals and 2.25 within.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# simulates the eight animals: true means around 8, standard deviation 1 between animals and 1.5 within
n_cells = [2, 2, 3, 4, 6, 8, 12, 15]
cells = simulate_groups(8, n_cells, tau=1, sigma=1.5, slope=0, rng=np.random.default_rng(4))
cells = cells.rename(columns={"group": "animal"})
cells["expression"], cells["truth"] = 8 + cells["y"], 8 + cells["effect"]

# %%
partial = fit_mixed("expression ~ 1 + (1 | animal)", cells)
variance = partial.variance_components.set_index("group")["vcov"]
between, within = variance["animal"], variance["Residual"]
overall = partial.fixed_effects["(Intercept)"]
print(f"between animals {between:.2f} (planted 1.00), within {within:.2f} (planted 2.25)")

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Eight animals with 2 to 15 cells each. Arrows lead from each animal's own mean to its pooled mean, always towards the dashed overall mean: long arrows for the animals with few cells on the left, short ones for those with many on the right. Black lines show the truth."}}
# draws each animal's own mean, its partially pooled mean, and the truth
animals = cells.groupby("animal").agg(
    cells=("expression", "size"), own_mean=("expression", "mean"), truth=("truth", "first")
)
animals["pooled"] = overall + partial.random_effects["animal"]["(Intercept)"]
by_hand = overall + between / (between + within / animals["cells"]) * (
    animals["own_mean"] - overall
)
claim((by_hand - animals["pooled"]).abs().max() < 1e-6, "The formula gives the pooled means.")
ax = plots.pooling_arrows(plt.figure(figsize=(9, 4.6)).gca(), cells, animals, overall)
ax.set(xlabel="animal", ylabel="expression (log2)")
_ = ax.set_title("The fewer cells, the stronger the pull to the overall mean")
before, after = ((animals[name] - animals["truth"]).abs() for name in ("own_mean", "pooled"))
nearer = (after < before)[[1, 2, 3]].tolist()
claim(nearer == [True, True, False], "Nearer to the truth in animals 1 and 2, not in 3.")
rng = np.random.default_rng(5)  # many more animals with two cells each
true = rng.standard_normal(10_000)
own = true + 1.5 / 2**0.5 * rng.standard_normal(10_000)
errors = own - true, own / (1 + 1.5**2 / 2) - true
claim(np.var(errors[1]) < np.var(errors[0]), "It helps on average.")

# %% [markdown]
# How high is expression in animal 1? Its two cells say little, so the model pulls their mean towards the overall mean.
# This is [partial pooling](glossary.md#partial-pooling). It helps on average: animals 1 and 2 get nearer to the truth,
# animal 3 does not. An animal with n cells keeps this part of its distance from the overall mean:
#
# `weight = between / (between + within / n)`
#
# The two variances also tell how alike two cells of one animal are: the
# [**intraclass correlation**](glossary.md#intraclass-correlation), ICC, is the share of the variance that lies between
# animals.

# %%
print(f"ICC {between / (between + within):.2f}, planted {1 / (1 + 1.5**2):.2f}")

# %% [markdown]
# Read aloud: *29% of the variance lies between animals, so two cells of one animal correlate by 0.29.* (Planted: 0.31.)
#
# ### Exercise 4.1
#
# A ninth animal is measured in five cells; their mean is 10. Where does partial pooling put it? Use `overall`, `between`
# and `within`. Two decimals.

# %%
answer = ...
check("4.1", answer)  # solution("4.1") shows one way

# %% [markdown]
# ## 3 · Rows are not animals
#
# What if one ignores the groups? We plant **no effect** in 4,000 studies of each of twelve designs, with eight cells in each
# animal. A test at 5% should be significant in 5% of the studies.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three panels of false positives in percent against 5, 7, 10 and 20 animals. Left, x constant within an animal: ignoring animals gives 35 to 42 percent, z up to 13; the others lie at 5. Middle, x half between animals: ignoring animals gives 21 to 24 percent. Right, x varies within animals: all near 5 percent."}}
# draws how often five analyses are significant where there is no effect (data/make/pseudoreplication.py made the studies)
studies = pd.read_csv("../data/pseudoreplication.csv")
sums = studies.groupby(["slope", "between", "animals"])[["data_sets", *plots.ANALYSES]].sum()
rates = sums.drop(columns="data_sets").div(sums["data_sets"], axis=0)
titles = {
    1.0: "a drug: one x per animal",
    0.5: "x half and half",
    0.0: "a cell's size: x within animals",
}
axes = plots.rejection_rates(rates.loc[0.0], int(sums["data_sets"].iloc[0]), titles)
for ax in axes:
    ax.set_title(ax.get_title(loc="left"), fontsize=11)
axes[0].figure.suptitle("Ignoring the animals finds drugs that do nothing", fontweight="bold")
by_rows = 100 * rates.loc[0.0, "rows"]
by_z = 100 * rates.loc[0.0, "z"].loc[1.0, 5]
print(f"a drug, animals ignored: {by_rows[1.0].min():.1f}% to {by_rows[1.0].max():.1f}%")
print(f"a drug, five animals, mixed model with z: {by_z:.1f}%")
claim(
    by_rows[1.0].min() > 35,
    "Counting cells finds something in more than a third of the studies.",
)
exact = rates.loc[0.0, ["means", "kenward_roger"]]
claim(exact.loc[1.0].max(axis=None) < 0.06, "Means and Kenward–Roger stay near 5%.")

# %% [markdown]
# Left, where x belongs to the animal: counting cells as if they were animals
# ([pseudoreplication](glossary.md#pseudoreplication)) "finds" the drug in 35.1% to 41.7% of studies in which it does
# nothing. One mean per animal stays near 5%, and so does the mixed model with [degrees of
# freedom](glossary.md#degrees-of-freedom) by Satterthwaite or Kenward–Roger. With z and five animals it has 13.2%.
#
# Right, where x varies from cell to cell, all stay close to 5%. But do they find an effect? Now the true slope is 0.5:

# %%
found = 100 * rates.loc[0.5].droplevel("animals")
found[["rows", "means", "kenward_roger"]].round(1)

# %% [markdown]
# This is the share of studies (%, ten animals) that find it. In the first row x varies within animals. Averaging removes
# that x: 7.6% find the effect, against 98.3% with the mixed model.
#
# **Verdict.** Is the question about animals? One mean per animal is plain and right, if all have about as many
# cells. About cells? Use a mixed model.
#
# How much are 40 cells in each of six animals worth, when a drug is given to the animal and the ICC is 0.2?
#
# > **What if** ten times as many cells were measured? Change the number.

# %% tags=["what-if"]
cells_per_animal = 40  # try 400
icc = 0.2
worth = 6 * cells_per_animal / (1 + (cells_per_animal - 1) * icc)
print(f"{6 * cells_per_animal} cells are worth {worth:.1f} independent ones")

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# holds what follows against the numbers
claim(round(worth) == 27, "240 cells are worth 27.")

# %% [markdown]
# That is 27, and never more than 30 (6 / 0.2). This is about the *precision* of a mean. The test has 6 − 2 = **4 degrees of
# freedom** (six animals, two groups), however many cells there are.
#
# ### Exercise 4.2
#
# Eight mice, 25 cells in each, ICC 0.4. For comparing drug and control mice, how many independent cells are the 200 worth?
# One decimal.

# %%
answer = ...
check("4.2", answer)  # solution("4.2") shows one way

# %% [markdown]
# ## 4 · How do I write my groups?
#
# Groups can be [**nested**](glossary.md#nested): every mouse belongs to one cage. Or [**crossed**](glossary.md#crossed):
# every reader reads every slide.
#
# | which rows share something | formula |
# | --- | --- |
# | cells of one animal | <code>(1 &#124; animal)</code> |
# | weeks of one mouse, mice of one cage (nested) | <code>(1 &#124; cage/mouse)</code>, short for <code>(1 &#124; cage) + (1 &#124; cage:mouse)</code> |
# | dishes: each replicate has one dish per condition | <code>condition + (1 &#124; replicate/condition)</code> |
# | slides, each read by all ten readers (crossed) | <code>(1 &#124; slide) + (1 &#124; reader)</code> |
# | the drug's effect differs between replicates | <code>drug + (1 + drug &#124; replicate)</code>: [lesson 06](06_random_slopes.ipynb) |
# | two machines, three conditions | fixed: `+ machine` |
# | nothing: each animal has one row | no random effect: `smf.ols` |
#
# `cage:mouse` is the combination. If the mice of every cage are called 1, 2, 3, then `(1 | mouse)` takes mouse 1 of all
# cages for one animal, and `(1 | cage/mouse)` does not.
#
# A real experiment: six blocks of land, three plots in each, one variety of oats on a plot, four doses of nitrogen in
# each. (Read: six replicates, three dishes, one drug per dish, four doses.)

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Six panels, one for each block. In each, three lines show the harvest against the dose of nitrogen, one line for each plot, sown with one variety. All lines rise. Which variety lies on top differs from block to block."}}
# draws the harvest against the dose: a panel for each block, a line for each plot
oats = load_oats()
axes = plots.lines_in_blocks(oats, "nitrogen", "harvest", "variety", "block")
axes[0].set_ylabel("harvest (quarter pounds)")
axes[0].figure.supxlabel("nitrogen (hundredweight per acre)")
_ = axes[0].figure.suptitle(
    "Every line is one plot: its four harvests share the soil", fontweight="bold"
)

# %% [markdown]
# Harvests rise with nitrogen. Which variety is on top changes from block to block: plots differ. Does variety matter, too?
# A plot is `block:variety`.

# %%
for groups in ["(1 | block)", "(1 | block/variety)"]:
    fit = fit_mixed(f"harvest ~ nitrogen + variety + {groups}", oats)
    row = fit.anova(ddf="kenward-roger").loc["variety"].round(3)
    print(f"{groups:<20} F(2, {row.den_df:.0f}) = {row.statistic:.2f}, p = {row.p_value:.3f}")

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# tests the varieties on one mean per plot
plot_means = oats.groupby(["block", "variety"], as_index=False)["harvest"].mean()
first, last = (oats[oats["nitrogen"] == dose] for dose in (0, 0.6))
rise = (
    last.groupby(["block", "variety"])["harvest"].sum()
    - first.groupby(["block", "variety"])["harvest"].sum()
)
claim((rise > 0).all(), "Harvests rise with nitrogen, in every plot.")
on_top = plot_means.loc[plot_means.groupby("block")["harvest"].idxmax(), "variety"]
claim(len(set(on_top)) > 1, "Which variety is on top changes from block to block.")
by_plot = smf.ols("harvest ~ block + variety", plot_means).fit()
by_means = by_plot.compare_f_test(smf.ols("harvest ~ block", plot_means).fit())
print(
    f"one mean per plot    F(2, {by_plot.df_resid:.0f}) = {by_means[0]:.2f}, p = {by_means[1]:.3f}"
)
claim(abs(by_means[1] - row["p_value"]) < 1e-3, "One mean per plot gives the same p-value.")

# %% [markdown]
# Without the plots, 72 subplots stand for 18 plots, and the varieties "differ" (p = 0.028). With them, p = 0.272, the
# same as from one mean per plot.
#
# **Verdict.** Write one `(1 | …)` for each kind of unit that has several rows, if there are enough such units: here the
# block and the plot in it. The variety stands in the fixed part (is one better?) *and* in `block:variety` (plots differ anyway).
#
# One question is left when a predictor varies within groups: *which* slope? In a simulated gene we planted two.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Expression against urea for ten animals in four weeks. The short blue lines through the weeks of each animal fall; the thick orange line through the means of the animals rises."}}
# draws one gene of ten animals in four weeks: lines within the animals, and the line through their means
gene, truth = "gene_0241", load_repeated_expression_truth()
weeks = load_repeated_samples().assign(expression=load_repeated_expression().loc[gene])
weeks["urea"] = weeks["urea"] / 100
ax = plots.slopes_within_and_between(
    plt.figure(figsize=(7.5, 4.4)).gca(), weeks, "urea", "expression", "animal"
)
ax.set(xlabel="urea (100 mg/dl)", ylabel="expression (log2)")
_ = ax.set_title("The slope between animals is not the slope within")

# %% [markdown]
# Animals with more urea have more of the gene (orange), and yet in weeks with more urea an animal has less (blue). So
# split urea into the animal's mean and the rest. This is called *centring*.

# %%
weeks["level"] = weeks.groupby("animal")["urea"].transform("mean")  # between animals
weeks["change"] = weeks["urea"] - weeks["level"]  # within an animal
two = fit_mixed("expression ~ level + change + (1 | animal)", weeks)
two.coefficients().loc[["level", "change"], ["estimate", "std_error", "df", "p_value"]]

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# prints what was planted, and what one slope for both makes of it
one = fit_mixed("expression ~ urea + (1 | animal)", weeks).fixed_effects["urea"]
level, change = truth.loc[gene, ["beta_level", "beta_change"]]
print(f"planted: level {level:+.2f}, change {change:+.2f}; one slope for both: {one:+.2f}")

# %% [markdown]
# The two slopes come out close to what was planted. One slope for both hides the rise.
#
# **Verdict.** If a predictor varies within animals *and* between them, put in both parts.
#
# ### Exercise 4.3
#
# What goes into `(1 | …)`? Give a dictionary, such as `answer = {1: "a", 2: "a"}`; you may begin with some.
#
# 1. Ten mice in three conditions, each measured once. Does Gene X go with urea?
# 2. Six mice, three of them given a drug; the length of 40 cells in each. Does the drug change length?
# 3. Fifteen litters of six pups. Five mothers were on each of three diets. Each pup is weighed once. Does the diet matter?
# 4. Twelve cages of four mice; the treatment is given to the cage. Each mouse is weighed in five weeks. Does it act?
# 5. Twenty-four mice, half of them given a drug; twelve measured on one machine, twelve on another. Does the drug act?
#
# **a** nothing · **b** the single animal (mouse, pup) · **c** what stands above it (condition, litter, cage, machine) ·
# **d** both b and c · **e** what is asked about

# %%
answer = ...
check("4.3", answer)  # solution("4.3") shows one way

# %% [markdown]
# ## 5 · What to write to the reviewer
#
# The ten mice do have groups, three conditions. Try `gene_x ~ urea + weight + (1 | group)`:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# fits the condition as a random effect; the warning that it gives is said in the text
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    by_group = fit_mixed("gene_x ~ urea + weight + (1 | group)", mice)
print(f"variance between the three groups: {by_group.variance_components.loc[0, 'vcov']:.3f}")
rng = np.random.default_rng(7)
noise = rng.standard_normal((4_000, 3, 3))  # studies, groups, rows
means = rng.standard_normal((4_000, 3)) + noise.mean(axis=2)
zero = np.mean(means.var(axis=1, ddof=1) <= noise.var(axis=2, ddof=1).mean(axis=1) / 3)
print(f"simulated, three groups of three that differ: zero in {zero:.0%} of the studies")
claim(0.1 < zero < 0.3, "About one in five studies.")
claim(by_group.is_singular, "The variance between the groups is estimated as zero.")

# %% [markdown]
# Zero: a [singular fit](glossary.md#singular-fit). It does not say that conditions are alike. With three groups the variance
# comes out as zero in about one of five studies whose groups differ as much as their animals.
#
# **Verdict.** With three conditions, make the condition a fixed factor. The reply, with every number computed:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# writes the reply to the reviewer
both = smf.ols("gene_x ~ urea + weight", mice).fit()
joint = both.f_test("urea = 0, weight = 0")
inside = smf.ols("gene_x ~ urea + weight + group", mice).fit().f_test("urea = 0, weight = 0")
slope, (low, high) = 100 * both.params["urea"], 100 * both.conf_int().loc["urea"]


def said(test):
    return (
        f"F({test.df_num:.0f}, {test.df_denom:.0f}) = {test.fvalue:.2f}, p = {test.pvalue:.3f}"
    )


print(f"""\
1. We ask how Gene X changes with urea and weight. Both are therefore fixed effects, with slopes.
   As random intercepts their levels would be names without order, and no slope would be estimated.
2. Each animal was measured once, so there are no repeated measurements for a random effect to
   describe, and three conditions are too few to estimate a variance between conditions.
3. In a linear model, urea and weight together: {said(joint)} (n = {len(mice)}).
   Gene X rises on average by {slope:.2f} standard deviations per 100 mg/dl of urea at equal weight
   (95% interval {low:.2f} to {high:.2f}).
4. The conditions differ in urea. With condition as a fixed factor: {said(inside)}.
5. These ten animals cannot separate an effect of urea or weight from a difference between the
   conditions: we have no evidence for such an effect beyond the condition, nor against it.""")

# %% [markdown]
# A mixed model is right for *another* study: several samples from each animal, or many litters.
#
# <details>
# <summary>In R</summary>
#
# ```r
# library(lme4); library(lmerTest)    # lmerTest uses pbkrtest for Kenward–Roger
# mice <- read.csv("data/mouse_scores.csv")
# question <- lmer(gene_x ~ 1 + (1 | urea_score) + (1 | weight_score), mice)
# summary(question)                   # one row
# ranova(question)                    # halve its p-values
# oats <- read.csv("data/oats.csv")
# anova(lmer(harvest ~ nitrogen + variety + (1 | block), oats), ddf = "Kenward-Roger")
# anova(lmer(harvest ~ nitrogen + variety + (1 | block/variety), oats), ddf = "Kenward-Roger")
# ```
#
# | number | R | here | difference |
# | --- | --- | --- | --- |
# | p of the intercept | 0.579 | 0.579 | < 1e-5 |
# | half of p of the urea score's variance | 0.063 | 0.063 | < 1e-5 |
# | p of variety, blocks only | 0.028 | 0.028 | < 1e-6 |
# | p of variety, plots too | 0.272 | 0.272 | < 1e-6 |
#
# R's scripts and numbers: `tests/reference/mouse/mouse.R`, `tests/reference/oats/oats.R`; tests hold the differences.
#
# </details>
#
# ## Recap
#
# What you ask about is fixed; random effects are for groups of rows that share something else. A level of a random effect
# is a name, without a slope, and a variance needs more than a few names. Rows of one animal are not independent: average
# them, or fit a mixed model. **Decision:** before you write `(1 | …)`, ask which rows share
# something, and how many such groups there are.
#
# **Next:** thousands of rows and four replicates, [05 · Mixed models](05_mixed_models.ipynb). By hand:
# [A1](A1_mixed_models_by_hand.ipynb). **On your own table:** the
# [mixed-model template](templates/mixed_model.ipynb).
#
# **Sources.** Pseudoreplication: [Hurlbert 1984](https://doi.org/10.2307/1942661), [Lazic
# 2010](https://doi.org/10.1186/1471-2202-11-5). A variance at its boundary: [Stram & Lee
# 1994](https://doi.org/10.2307/2533455). Partial pooling: [Robinson 1991](https://doi.org/10.1214/ss/1177011926). Oats:
# [Yates 1935](https://doi.org/10.2307/2983638). Table of formulas: after the [GLMM
# FAQ](https://bbolker.github.io/mixedmodels-misc/glmmFAQ.html).

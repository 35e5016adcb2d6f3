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
)
from helpers.exercises import check, solution
from helpers.mixed import fit_mixed
from helpers.simulate import simulate_groups

plots.use_style()
tables.use_style()
mice = load_mouse_scores()

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two panels. Left, fixed: Gene X against urea score, ten points and one rising line. Right, random: one predicted shift of Gene X for each urea score from 1 to 4; the shifts go low, high, low, high."}}
# draws the urea score as a fixed effect (one slope) and as a random effect (one shift for each score)
tried = fit_mixed("gene_x ~ 1 + (1 | urea_score) + (1 | weight_score)", mice)
shifts = tried.random_effects["urea_score"]["(Intercept)"]
left, right = plots.slope_or_names(mice, "urea_score", "gene_x", shifts)
left.set(xlabel="urea score (points)", ylabel="Gene X (standard deviations)")
left.set_title("Fixed: one slope, which uses the order")
right.set(xlabel="urea score (a name)", ylabel="predicted shift of Gene X")
_ = right.set_title("Random: four names, four predicted shifts")
claim(
    (mice["urea_score"].value_counts()[[2, 3]] == 1).all(),
    "One mouse has the score 2, one the 3.",
)
claim(abs(mice["gene_x"].mean()) < 1e-9, "The mean of the ten mice is 0.")

# %% [markdown]
# A reviewer asked the laboratory of the ten mice for a mixed model. The laboratory tried `lmer(Gene.X ~
# (1|urea.score) + (1|weight.score))`. In the linear model of lesson 03, the scores had been significant
# together. Now nothing was. "Can I use these two
# parameters as random variables, even though I have only three different levels?"
#
# On the left is a model with a slope. On the right is what the new one predicts: one shift for each
# score. They go low, high, low, high. (Scores 2 and 3 have one mouse each.)
#
# *About 23 minutes. You need lesson 03. At the end you will be able to choose between fixed and
# random, write your groups as a formula and answer a reviewer.*
#
# ## 1 · The laboratory's model
#
# A [**fixed effect**](glossary.md#fixed-effect) is a coefficient you ask about, such as a slope. A
# [**random effect**](glossary.md#random-effect), `(1 | urea_score)`, says: mice with the same urea
# score share a shift of Gene X, and these shifts are drawn at random around zero. Only their
# *variance* is estimated. A [**mixed model**](glossary.md#mixed-model) has both.
#
# > **What if** one mouse had not been measured? Change the name, and run all that follows.

# %% tags=["what-if"]
left_out = None  # try "C24" or "HP11"
mice = load_mouse_scores().query("animal != @left_out")

# %%
formula = "gene_x ~ 1 + (1 | urea_score) + (1 | weight_score)"
question = fit_mixed(formula, mice)
question.coefficients()[["estimate", "std_error", "p_value"]].round(3)

# %% [markdown]
# There is one row, the intercept. (It is not the mean of the ten mice, 0, because mice that share a
# score count for less.) **There is no row for urea**, so there is no p-value for urea. That is why nothing was significant any
# more.
#
# The model does not even know that 4 is more than 1. Exchange the names of the scores. (The *log-likelihood* says how well a model fits. Twice the same number is twice the same fit.)

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
# The slope changes its sign, and the mixed model stays the same. So it *cannot* answer "does Gene X
# rise with urea?". It can only test whether Gene X differs between the levels of one score, with the other score in the
# model: p = 0.063 for urea, 0.161 for weight. (These are halved, because a variance cannot be below
# zero.)
#
# **Verdict.** You ask about urea and weight, so make them fixed, as numbers: `gene_x ~ urea + weight`. "Only three levels?" The
# scores have four. For a *slope*, even two are enough. For a *variance*, four levels are only four
# observations. A rule of thumb asks for five or six at least.
#
# ## 2 · What a random effect is for
#
# Random effects are for **groups of rows that share something you do not ask about**: cells of one
# animal, pups of one litter. Here are eight simulated animals with 2 to 15 cells each.

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
nearer = animals.index[after < before].tolist()
claim(nearer == [1, 2, 6, 7, 8], "Five get nearer to the truth; 3, 4 and 5 move away.")
kept = [between / (between + within / n) for n in (2, 15)]
print(f"share kept: {kept[0]:.2f} with 2 cells, {kept[1]:.2f} with 15")
claim([round(share, 2) for share in kept] == [0.45, 0.86], "0.45 with 2 cells, 0.86 with 15.")
rng = np.random.default_rng(5)  # many more animals with two cells each
true = rng.standard_normal(10_000)
own = true + 1.5 / 2**0.5 * rng.standard_normal(10_000)
errors = own - true, own / (1 + 1.5**2 / 2) - true
claim(np.var(errors[1]) < np.var(errors[0]), "It helps on average.")

# %% [markdown]
# Animal 1 has only two cells, and they say little. So the model pulls their mean towards the overall
# mean. This is [partial pooling](glossary.md#partial-pooling). If the animals are a sample of one
# population, it helps on average, but not every animal: 3, 4 and 5 move away from the truth, the other
# five get nearer.
#
# `between` is the variance between animals, and `within` the variance between the cells of one animal.
# With n cells, an animal keeps this share of its distance from the overall mean:
#
# `share kept = between / (between + within / n)`
#
# With 2 cells that is 0.45, with 15 cells 0.86.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Eight animals with 2 to 15 cells each; a line leads from each animal's own mean to its pooled mean. A slider changes the variance between animals from 0, where all pooled means are equal, to 8, where they nearly are the animals' own."}}
# draws the same animals as if they differed less or more; a slider changes the variance between them
plots.pooled_by_variance(animals, within=within, between=[0, 0.1, 0.25, 0.5, 1, 2, 8])

# %% [markdown]
# Move the slider to change the variance between animals. At 0, every animal gets the overall mean. The more the
# animals differ, the more each keeps of its own. (If you see no slider, run the cell.)
#
# And how alike are two cells of one animal? The [**intraclass
# correlation**](glossary.md#intraclass-correlation), ICC, is the share of the variance that lies
# between animals.

# %%
print(f"ICC {between / (between + within):.2f}, planted {1 / (1 + 1.5**2):.2f}")

# %% [markdown]
# Read aloud: *29% of the variance lies between animals, so two cells of one animal correlate by
# 0.29.*
#
# ### Exercise 4.1
#
# A ninth animal has five cells with a mean of 10. Where does partial pooling put it? Use `overall`,
# `between` and `within`. Give two decimals.

# %%
answer = ...
check("4.1", answer)  # solution("4.1") shows one way

# %% [markdown]
# ## 3 · Rows are not animals
#
# What if you count cells and ignore the animals? We plant **no effect** in 4,000 studies of each
# design, with eight cells per animal and an ICC of 0.5. What you study is x: a drug, with one value
# per animal, or a cell's size, which differs from cell to cell.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two panels of false positives in percent against 5, 7, 10 and 20 animals. Left, x is a drug, one value for each animal: counting cells gives 35 to 42 percent; one mean per animal and the mixed model lie at 5. Right, x is a cell's size, which varies within animals: all three lie near 5 percent."}}
# draws how often three analyses are significant where there is no effect (data/make/pseudoreplication.py made the studies)
studies = pd.read_csv("../data/pseudoreplication.csv")
sums = studies.groupby(["slope", "between", "animals"])[["data_sets", *plots.ANALYSES]].sum()
rates = sums.drop(columns="data_sets").div(sums["data_sets"], axis=0)
titles = {1.0: "x is a drug: one value per animal", 0.0: "x is a cell's size"}
axes = plots.rejection_rates(rates.loc[0.0], int(sums["data_sets"].iloc[0]), titles)
axes[0].figure.suptitle("Counting cells finds drugs that do nothing", fontweight="bold")
by_rows = 100 * rates.loc[0.0, "rows"].loc[1.0]
print(f"a drug that does nothing, cells counted: {by_rows.min():.1f}% to {by_rows.max():.1f}%")
claim(by_rows.min() > 35, "Counting cells finds something in more than a third of the studies.")
exact = rates.loc[0.0, ["means", "kenward_roger"]]
claim(exact.loc[1.0].max(axis=None) < 0.06, "Means and the mixed model stay near 5%.")
three = rates.loc[0.0, list(plots.ANALYSES)].loc[0.0]
claim(three.max(axis=None) < 0.06, "Where x varies from cell to cell, all three stay near 5%.")

# %% [markdown]
# On the left, counting cells "finds" the drug in 35.1% to 41.7% of the studies, although it does
# nothing. This is [pseudoreplication](glossary.md#pseudoreplication). One mean per animal and the
# mixed model stay near 5%. On the right, all three do.
#
# Now give x an effect: a slope of 0.5. How many studies with ten animals find it?

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# shows how often ten animals find an effect that is there, in percent
found = 100 * rates.loc[0.5].droplevel("animals")
found = found.loc[[1.0, 0.0], list(plots.ANALYSES)].set_axis(["a drug", "a cell's size"])
same = found.loc["a drug", "means"] == found.loc["a drug", "kenward_roger"]
claim(same, "For the drug, means and the mixed model find the effect equally often.")
names = ["cells counted (%)", "one mean per animal (%)", "mixed model (%)"]
found.set_axis(names, axis="columns").round(1)

# %% [markdown]
# Ignore the 69.2%: this analysis also finds drugs that do nothing. Averaging removes a cell's size,
# so the means find its effect in 7.6% of the studies, and the mixed model in 98.3%.
#
# **Verdict.** Is x the same for all cells of an animal, as with a drug? Take one mean per animal or,
# if the numbers of cells differ a lot, a mixed model. Does x differ from cell to cell? Take a mixed
# model. Never count cells as animals.
#
# Suppose you measure 40 cells in each of six animals. How many *independent* cells would give an
# equally precise mean?
#
# `independent cells = rows / (1 + (cells per animal − 1) × ICC)`
#
# > **What if** ten times as many cells were measured? Change the number.

# %% tags=["what-if"]
cells_per_animal = 40  # try 400
icc = 0.2
worth = 6 * cells_per_animal / (1 + (cells_per_animal - 1) * icc)
print(f"{6 * cells_per_animal} cells are worth {worth:.1f} independent cells")

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks what follows against the numbers
claim(round(worth) == 27, "240 cells are worth 27.")

# %% [markdown]
# 240 cells are worth 27. Even thousands would be worth less than 30 (6 / 0.2). A test of a drug given to three of the six animals has
# 6 − 2 = **4 degrees of freedom**, however many cells there are.
#
# ### Exercise 4.2
#
# Eight mice have 25 cells each, and the ICC is 0.4. How many independent cells are these 200 worth?
# Give one decimal.

# %%
answer = ...
check("4.2", answer)  # solution("4.2") shows one way

# %% [markdown]
# ## 4 · How do I write my groups?
#
# Groups can be [**nested**](glossary.md#nested): every mouse lives in one cage. Or
# [**crossed**](glossary.md#crossed): every reader reads every slide.
#
# | which rows share something | formula |
# | --- | --- |
# | cells of one animal | <code>(1 &#124; animal)</code> |
# | weeks of one mouse, mice of one cage (nested) | <code>(1 &#124; cage/mouse)</code> |
# | dishes of one replicate, one row per dish | <code>condition + (1 &#124; replicate)</code> |
# | the same, several rows per dish | <code>condition + (1 &#124; replicate/condition)</code> |
# | slides, each read by all ten readers (crossed) | <code>(1 &#124; slide) + (1 &#124; reader)</code> |
# | replicates that differ in the drug's effect | <code>drug + (1 + drug &#124; replicate)</code>: [lesson 06](06_random_slopes.ipynb) |
# | two machines, three conditions: too few | fixed: `+ machine` |
# | nothing: one row per animal | no random effect: `smf.ols` |
#
# `(1 | cage/mouse)` is short for `(1 | cage) + (1 | cage:mouse)`. It tells mouse 1 of one cage from mouse 1 of the next;
# `(1 | mouse)` does not.
#
# A real experiment: six blocks of land have three plots each. Each plot grows one variety of oats,
# and its four parts get four doses of nitrogen. (Read: six replicates, three plates in each, one drug
# per plate, four wells with four doses.)

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Six panels, one for each block. In each, three lines show the harvest against the dose of nitrogen, one line for each plot, sown with one variety. All lines rise. Which variety lies on top differs from block to block."}}
# draws the harvest against the dose: a panel for each block, a line for each plot
oats = load_oats()
axes = plots.lines_in_blocks(oats, "nitrogen", "harvest", "variety", "block")
axes[0].set_ylabel("harvest (quarter pounds)")
axes[0].figure.supxlabel("nitrogen (hundredweight per acre)")
_ = axes[0].figure.suptitle(
    "Every line is one plot: four harvests, one soil", fontweight="bold"
)

# %% [markdown]
# Which variety is on top changes from block to block: plots differ. Does variety matter, too? (A plot
# is `block:variety`.)

# %%
for groups in ["(1 | block)", "(1 | block/variety)"]:
    fit = fit_mixed(f"harvest ~ nitrogen + variety + {groups}", oats)
    row = fit.anova(ddf="kenward-roger").loc["variety"].round(3)
    print(f"{groups:<20} F(2, {row.den_df:.0f}) = {row.statistic:.2f}, p = {row.p_value:.3f}")

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# tests the varieties on one mean per plot
plot_means = oats.groupby(["block", "variety"], as_index=False)["harvest"].mean()
on_top = plot_means.loc[plot_means.groupby("block")["harvest"].idxmax(), "variety"]
claim(len(set(on_top)) > 1, "Which variety is on top changes from block to block.")
by_plot = smf.ols("harvest ~ block + variety", plot_means).fit()
by_means = by_plot.compare_f_test(smf.ols("harvest ~ block", plot_means).fit())
print(
    f"one mean per plot    F(2, {by_plot.df_resid:.0f}) = {by_means[0]:.2f}, p = {by_means[1]:.3f}"
)
claim(abs(by_means[1] - row["p_value"]) < 1e-3, "One mean per plot gives the same p-value.")

# %% [markdown]
# Without the plots, 72 parts count as 72 plots, and the varieties "differ" (p = 0.028). With the 18
# plots in the model, p = 0.272, as with one mean per plot.
#
# **Verdict.** Write one `(1 | …)` for each kind of unit that has several rows, if there are enough such units (five or six at least).
#
# ### Exercise 4.3
#
# What goes into `(1 | …)`? Give a letter for each design, such as `answer = {1: "a", 2: "a"}` for the
# first two.
#
# 1. Ten mice in three conditions, each measured once. Does Gene X go with urea?
# 2. Six mice, three of them on a drug; 40 cells of each are measured. Does the drug change length?
# 3. Five mothers on each of three diets. Each has six pups, weighed once. Does the diet matter?
# 4. Twelve cages of four mice; the cage is treated. Each mouse is weighed in five weeks. Does the
#    treatment act?
# 5. Twenty-four mice, half of them on a drug, each measured once, on one of two machines. Does the
#    drug act?
#
# **a** nothing · **b** the single animal (mouse, pup) · **c** the group above it (condition, litter,
# cage or machine) ·
# **d** both b and c · **e** what is asked about

# %%
answer = ...
check("4.3", answer)  # solution("4.3") shows one way

# %% [markdown]
# ## 5 · What to write to the reviewer
#
# The ten mice do have groups, the three conditions. Try `gene_x ~ urea + weight + (1 | group)`:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# fits the condition as a random effect; the warning that it gives is said in the text
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    by_group = fit_mixed("gene_x ~ urea + weight + (1 | group)", mice)
print(f"variance between the three groups: {by_group.variance_components.loc[0, 'vcov']:.3f}")
claim(by_group.is_singular, "The variance between the groups is estimated as zero.")


# %% [markdown]
# The estimate is zero, a [singular fit](glossary.md#singular-fit). It does not say that the
# conditions are alike: three groups are too few to tell.
#
# **Verdict.** With three conditions, make the condition a fixed factor. The reply:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# writes the reply to the reviewer, with its numbers
both = smf.ols("gene_x ~ urea + weight", mice).fit()
joint = both.f_test("urea = 0, weight = 0")
scores = smf.ols("gene_x ~ urea_score + weight_score", mice).fit()
of_scores = scores.f_test("urea_score = 0, weight_score = 0")
inside = smf.ols("gene_x ~ urea + weight + group", mice).fit().f_test("urea = 0, weight = 0")
by_hc3 = both.get_robustcov_results("HC3")
robust, wide = by_hc3.f_test("urea = 0, weight = 0"), by_hc3.conf_int()[1] * 100
without = [
    smf.ols("gene_x ~ urea + weight", mice.drop(index=i)).fit().f_pvalue for i in mice.index
]
slopes = pd.concat([both.params, both.conf_int()], axis=1).set_axis(
    ["estimate", "low", "high"], axis="columns"
)
slopes.loc["urea"] *= 100


def said(test):
    verdict = "significant" if test.pvalue < 0.05 else "not significant"
    f = f"F({test.df_num:.0f}, {test.df_denom:.0f}) = {test.fvalue:.2f}"
    return f"{f}, p = {test.pvalue:.3f}, {verdict} at 5%"


def slope_of(name):
    return "{estimate:+.2f} (95% interval {low:.2f} to {high:.2f})".format(**slopes.loc[name])


no_finding = ""
if wide[0] < 0 < slopes.loc["urea", "low"]:
    no_finding = f"""
   The interval of urea alone leaves out 0. We do not report it as a finding: our question is
   about both together, and if the spread may differ between animals (HC3), that interval is
   {wide[0]:.2f} to {wide[1]:.2f}."""
print(f"""\
1. We ask how Gene X changes with urea and weight. So both are fixed effects, with slopes.
   As random effects, their levels would be names without order, and would have no slope.
2. Gene X was measured once in each animal. So there are no repeated measurements for a random
   effect to describe. Three conditions are too few to estimate a variance between conditions.
3. In a linear model of the measured values, urea and weight together (n = {len(mice)}):
   {said(joint)}.
   Slopes, in standard deviations of Gene X:
   {slope_of("urea")} per 100 mg/dl of urea at equal weight,
   {slope_of("weight")} per gram at equal urea.{no_finding}
   Without one animal, the joint p lies between {min(without):.3f} and {max(without):.3f}.
   If the spread may differ between animals (HC3), it is {robust.pvalue:.3f}.
4. With the scores instead: {said(of_scores)}.
   A score that fits better is no reason to prefer it. We conclude from the measured values,
   because the question names them.
5. With the condition as a fixed factor, urea and weight together:
   {said(inside)}.
   These ten animals cannot separate an effect of urea or weight from a difference between the
   conditions. We have no evidence for such an effect beyond the condition, nor against it.""")

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
# summary(lmer(gene_x ~ urea + weight + (1 | group), mice))   # singular: variance 0
# ```
#
# | number | R | here | difference |
# | --- | --- | --- | --- |
# | p of the intercept | 0.579 | 0.579 | < 1e-5 |
# | half of p of the urea score's variance | 0.063 | 0.063 | < 1e-5 |
# | p of variety, blocks only | 0.028 | 0.028 | < 1e-6 |
# | p of variety, plots too | 0.272 | 0.272 | < 1e-6 |
#
# Why half? A variance cannot be below zero, and `ranova` does not allow for that. With ten mice, half
# is approximate.
#
# R's scripts and numbers: `tests/reference/mouse/mouse.R`, `tests/reference/oats/oats.R`; tests hold
# the differences.
#
# </details>
#
# <details>
# <summary>My predictor varies within animals and between them</summary>
#
# Urea measured in several weeks has two slopes, one within animals and one between them. [Appendix
# A3](A3_every_gene_at_once.ipynb) separates them.
#
# </details>
#
# ## Recap
#
# What you ask about is fixed; random effects are for groups of rows that share something else. The levels of a random effect are only names, and five or six are the least that tell their variance. Rows of one animal
# are not independent: average them, or fit a mixed model.
#
# **Decision:** before you write `(1 | …)`, ask which rows share something, and how many such groups
# there are.
#
# **Next:** [05 · Mixed models](05_mixed_models.ipynb). By hand: [A1](A1_mixed_models_by_hand.ipynb).
# **On your own table:** the [mixed-model template](templates/mixed_model.ipynb).
#
# **Sources.** [Hurlbert 1984](https://doi.org/10.2307/1942661) and [Lazic
# 2010](https://doi.org/10.1186/1471-2202-11-5) on pseudoreplication, [Stram & Lee
# 1994](https://doi.org/10.2307/2533455) on testing a variance, [Robinson
# 1991](https://doi.org/10.1214/ss/1177011926) on pooling, [Yates
# 1935](https://doi.org/10.2307/2983638) on oats, the [GLMM
# FAQ](https://bbolker.github.io/mixedmodels-misc/glmmFAQ.html) on formulas.

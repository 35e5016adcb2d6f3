# %% [markdown]
# # 03 · Fixed or random?
#
# **Which of my variables is a random effect, and what happens when I choose wrongly?**
#
# **Time:** 40 minutes.
#
# **Prerequisites:** [02 · Linear models](02_linear_models.ipynb) (needed). Words in blue lead to the
# [glossary](glossary.md).
#
# **You will be able to**
#
# - say, for a design, what is random, what is fixed, and whether a mixed model is needed at all;
# - build a random intercept by hand, and read variances, shrinkage and the intraclass correlation aloud;
# - recognise a singular fit, and say what three groups can't tell;
# - show what counting cells as if they were animals does to a p-value.
#
# The reviewer of the ten mice asked for a [mixed model](glossary.md#mixed-model), and the authors tried one: urea score
# and weight score as "random variables". Each alone had been significant in a linear model; now nothing was, and they
# asked whether the model was right. This lesson fits their model, says what it does, and finds out what a
# [random effect](glossary.md#random-effect) is for.

# %%
import json
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import statsmodels.formula.api as smf
from scipy import stats

from helpers import plots, tables
from helpers.data import load_mouse_scores
from helpers.exercises import check
from helpers.mixed import SingularFitWarning, fit_mixed
from helpers.mixed.profile import profile_intervals
from helpers.simulate import simulate_groups

plots.use_style()
tables.use_style()

# %%
mice = load_mouse_scores()
reference = Path("../tests/reference/mouse")
in_r = json.loads((reference / "mouse.json").read_text())["lmer"]  # what R's lmer printed
in_r_tight = json.loads((reference / "mouse_tight.json").read_text())["lmer"]
mice.groupby(["urea_score", "weight_score"], as_index=False).agg(
    animals=("animal", " ".join), gene_x_mean=("gene_x", "mean")
)

# %% [markdown]
# One row is a pair of scores, with the animals that have it and their mean Gene X (in standard deviations). Three
# animals share the pair 1 and 1, two share 4 and 3, the other five stand alone.
#
# ## 1 · The model of the question
#
# In R the authors wrote `lmer(Gene.X ~ (1 | urea.score) + (1 | weight.score))`. The part `(1 | urea.score)` says:
# *animals with the same urea score share a shift of Gene X, the same for all of them; the shifts are drawn at random
# from a normal distribution around zero.* That is a [random intercept](glossary.md#random-intercept). statsmodels can
# fit two of them side by side, in a roundabout way: one group that holds everything, and each factor as a "variance
# component" in it.

# %%
lumped = smf.mixedlm(
    "gene_x ~ 1",
    mice,
    groups=np.ones(len(mice)),
    vc_formula={
        "urea_score": "0 + C(urea_score)",
        "weight_score": "0 + C(weight_score)",
    },
).fit()
for name, variance in zip(lumped.model.exog_vc.names, lumped.vcomp):
    print(f"{name:<13} variance {variance:.4f}")
print(f"{'residual':<13} variance {lumped.scale:.4f}")

# %% [markdown]
# It works. Awkward are the made-up group; the `0 + C(…)`, without which a level would be coded as a difference from the
# first; and the tests, which treat the variances as known. Our `fit_mixed` takes R's formula as it stands:

# %%
question = fit_mixed("gene_x ~ 1 + (1 | urea_score) + (1 | weight_score)", mice)
for row in question.variance_components.itertuples():
    print(f"{row.group:<13} variance {row.vcov:.5f}   standard deviation {row.sdcor:.5f}")

# %% [markdown]
# Read aloud: *knowing its scores, Gene X of an animal still varies with a standard deviation of 0.43 (the residual);
# urea scores differ from each other with one of 0.62, weight scores with one of 0.71.* The variances add up to the
# total; standard deviations don't.
#
# ### In R
#
# R's `lmer` stops looking a little before the best fit: its 0.38252, 0.50460 and 0.18637 differ from ours in the fifth
# decimal. Told to look harder (`tight`, in `tests/reference/mouse/mouse_tight.R`) it arrives where we do.

# %%
ours = question.variance_components.set_index("group")["vcov"]
both = [("lmer(…)", in_r["seed"]), ("lmer(…), tight", in_r_tight["seed"])]
rows = [
    (f"{part['grp']}", call, part["vcov"], ours[part["grp"].replace(".", "_")])
    for call, fit in both
    for part in fit["varcorr"]
]
without = {
    gone: fit_mixed(f"gene_x ~ 1 + (1 | {left})", mice).deviance - question.deviance
    for gone, left in [("urea_score", "weight_score"), ("weight_score", "urea_score")]
}
rows += [
    (f"p of {row['term']}", "ranova(lmer(…))", row["Pr(>Chisq)"], stats.chi2.sf(lost, 1))
    for row, lost in zip(in_r["seed"]["ranova"][1:], without.values())
]
table = tables.beside_r(rows, tolerance=1e-6)
table.assign(R=table["R"].map("{:.5f}".format), Python=table["Python"].map("{:.5f}".format))

# %% [markdown]
# The last two rows test whether a score's variance is zero (`ranova` drops it and compares the likelihoods): p =
# 0.127 and 0.322. That is where the authors' stars went. But p is not the trouble. Look at what the model estimates
# about urea:

# %%
print(question.coefficients()[["estimate", "std_error", "df", "p_value"]].round(4).to_string())
pd.DataFrame(
    {
        f"shift of {name}": shifts["(Intercept)"].round(3)
        for name, shifts in question.random_effects.items()
    }
).rename_axis("level")

# %% [markdown]
# One coefficient, the intercept: Gene X of an average animal is 0.31, and p = 0.58 says that this may be zero. Nobody
# asked that. **There is no slope**, no row that says "per point of urea score". And the predicted shifts of scores 1
# to 4 go low, high, low, high. To the model the scores are four names. The proof: exchange the names.

# %%
shuffled = mice.assign(
    urea_score=mice["urea_score"].map({1: 3, 2: 1, 3: 4, 4: 2}),
    weight_score=mice["weight_score"].map({1: 4, 2: 2, 3: 1, 4: 3}),
)
again = fit_mixed("gene_x ~ 1 + (1 | urea_score) + (1 | weight_score)", shuffled)
slopes = {
    name: smf.ols("gene_x ~ urea_score", data).fit().params["urea_score"]
    for name, data in [("as scored", mice), ("names exchanged", shuffled)]
}
for (name, slope), fit in zip(slopes.items(), [question, again]):
    print(f"{name:<15}  mixed model: -2 log-likelihood {fit.deviance:.4f}", end="   ")
    print(f"linear model: slope {slope:+.3f}")

# %% [markdown]
# With the scores scrambled, the slope of the linear model turns from +0.562 to −0.766 per point: it looks at the
# order of the scores. The mixed model does not notice. So it *can't* answer "does Gene X rise with urea?". A [fixed
# effect](glossary.md#fixed-effect) can.
#
# **The rule.** A variable you ask about (urea, weight, a drug) is fixed: you want *its* coefficient. Random effects
# are for **groups of observations** that share something you don't ask about: the animal that was measured several
# times, the litter, the replicate. The levels at hand are a sample of many that might have been, and what counts is
# how much such levels vary.
#
# > **Pitfall: `(1 | urea)` with measured values.** Ten animals, ten different values: ten groups of one. A group of one
# > can't be told from the residual, and `fit_mixed` says so (as `lmer` does):

# %%
try:
    fit_mixed("gene_x ~ 1 + (1 | urea)", mice)
except ValueError as error:
    print(error)

# %% [markdown]
# ### Exercise 3.1
#
# The question's model has no slope, but it does split the variance. What share of the total variance of Gene X (all
# three parts together) does it put between *urea scores*? Three decimals.

# %%
answer = ...
check("3.1", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
variances = question.variance_components.set_index("group")["vcov"]
answer = variances["urea_score"] / variances.sum()
check("3.1", answer)
print(f"{answer:.3f}")

# %% [markdown]
# ## 2 · A random intercept from nothing
#
# To see what a random intercept does, we need groups, and a truth to compare with. So we *simulate* eight animals.
# Each has a true mean expression, drawn around 8 (log2 units) with standard deviation 1. In each animal some cells
# are measured, 2 to 15 of them, which scatter around the animal's mean with standard deviation 1.5.

# %%
n_cells = [2, 2, 3, 4, 6, 8, 12, 15]
cells = simulate_groups(8, n_cells, tau=1, sigma=1.5, slope=0, rng=np.random.default_rng(4))
cells = cells.rename(columns={"group": "animal"})
cells["expression"] = 8 + cells["y"]
cells["truth"] = 8 + cells["effect"]
animals = cells.groupby("animal").agg(
    cells=("expression", "size"), own_mean=("expression", "mean"), truth=("truth", "first")
)
animals.T

# %% [markdown]
# How high is expression in animal 1, with two cells? Two answers come to mind.
#
# - **Complete pooling**: animals don't differ; take the mean of all cells for every animal.
# - **No pooling**: each animal for itself; take the mean of its own cells. (As a model: the animal as a
#   [factor](glossary.md#factor), a fixed effect.)
#
# The random intercept is the compromise, **[partial pooling](glossary.md#partial-pooling)**: an animal's own mean is
# believed as far as its number of cells warrants; the rest comes from the other animals.

# %%
everything = smf.ols("expression ~ 1", cells).fit()  # complete pooling
each = smf.ols("expression ~ 0 + C(animal)", cells).fit()  # no pooling
partial = fit_mixed("expression ~ 1 + (1 | animal)", cells)  # partial pooling
variances = partial.variance_components.set_index("group")["vcov"]
between, within = variances["animal"], variances["Residual"]
overall = partial.fixed_effects["(Intercept)"]
print(f"complete pooling: {everything.params['Intercept']:.3f} for every animal")
print(f"no pooling:       {each.params.min():.3f} to {each.params.max():.3f}")
print(f"mixed model: mean {overall:.3f}  (truth 8)")
print(f"             variance between animals {between:.3f}  (truth 1)")
print(f"             variance within animals  {within:.3f}  (truth 2.25)")

# %% [markdown]
# The mixed model estimates the *two variances*, 0.937 and 2.266, and everything else follows from them by school
# arithmetic. The mean of n cells has variance within/n around the animal's truth. So of an observed distance from the
# overall mean, this share is real on average:
#
# ```
# weight = between / (between + within / n)
# ```
#
# The estimate is the overall mean plus weight × distance. That pull towards the overall mean is called
# [shrinkage](glossary.md#shrinkage). By hand:

# %%
animals["weight"] = between / (between + within / animals["cells"])
animals["by_hand"] = overall + animals["weight"] * (animals["own_mean"] - overall)
animals["fit_mixed"] = overall + partial.random_effects["animal"]["(Intercept)"]
gap = (animals["by_hand"] - animals["fit_mixed"]).abs().max()
print(f"largest difference between the two columns: {'< 1e-10' if gap < 1e-10 else gap}")

precision = 1 / (between + within / animals["cells"])
mean_by_hand = (precision * animals["own_mean"]).sum() / precision.sum()
print(f"overall mean by hand: {mean_by_hand:.3f}, from the fit: {overall:.3f}")
animals[["cells", "weight", "own_mean", "by_hand", "fit_mixed", "truth"]]

# %% [markdown]
# The fit's [random effects](glossary.md#random-effect) are this formula, and nothing else. Animal 1, with two cells,
# keeps 45% of its distance; animal 8, with fifteen, 86%. (The overall mean too is a weighted mean: each animal counts
# by how well its own mean is known.)

# %% mystnb={"image": {"alt": "Eight animals in a row, with 2 to 15 cells each. Hollow circles are own means, blue dots are partially pooled means, black dashes the truth, a dashed line the overall mean near 7.8. Arrows from circle to dot point to the overall mean: long for the animals with few cells on the left, short for those with many on the right. In animals 1 and 2 the dot is far closer to the truth than the circle; in animal 3 it is farther away."}}
fig, ax = plt.subplots(figsize=(9, 4.4))
ax.axhline(overall, color=plots.GREY, linestyle="--", linewidth=1)
sns.stripplot(cells, x="animal", y="expression", color="#C9C9C9", size=3.5, jitter=False, ax=ax)
at = np.arange(len(animals))
ax.scatter(
    at - 0.2,
    animals["own_mean"],
    s=60,
    facecolors="white",
    edgecolors=plots.ORANGE,
    linewidths=2,
)
ax.scatter(at + 0.2, animals["fit_mixed"], s=60, color=plots.BLUE, zorder=3)
ax.hlines(animals["truth"], at - 0.4, at + 0.4, color=plots.INK, linewidth=2.5)
for x, start, end in zip(at, animals["own_mean"], animals["fit_mixed"]):
    ax.annotate(
        "",
        (x + 0.2, end),
        (x - 0.2, start),
        arrowprops={"arrowstyle": "->", "color": plots.BLUE, "shrinkA": 4, "shrinkB": 4},
    )
ax.set_xticks(at, [f"{i}\n{n} cells" for i, n in animals["cells"].items()])
ax.set(xlabel="animal", ylabel="expression (log2)")
ax.set_title("Few cells are pulled far, many hardly")
ax.set_xlim(-0.6, 9.3)
plots.note(ax, "○ own mean", corner="upper right", color=plots.ORANGE)
plots.note(ax, "\n● partially pooled", corner="upper right", color=plots.BLUE)
plots.note(ax, "\n\n▬ truth", corner="upper right")
ax.text(7.6, overall, "overall mean", color=plots.GREY, va="bottom")
plt.show()

# %% [markdown]
# Arrows lead from an animal's own mean (orange) to its partially pooled one (blue), always towards the dashed overall
# mean. In animals 1 and 2 that goes a long way towards the truth (black); in animal 3, which really is high, it leads
# away. Shrinkage doesn't help every animal. It helps *on average*, which one data set can't show; 300 can:

# %%
rng = np.random.default_rng(5)
errors = {"complete pooling": [], "no pooling": [], "partial pooling": []}
with warnings.catch_warnings():
    warnings.simplefilter("ignore", SingularFitWarning)  # section 4 says what these are
    for _ in range(300):
        study = simulate_groups(8, n_cells, tau=1, sigma=1.5, slope=0, rng=rng)
        fit = fit_mixed("y ~ 1 + (1 | group)", study)
        per_animal = study.groupby("group").agg(mean=("y", "mean"), truth=("effect", "first"))
        pooled = fit.fixed_effects.iloc[0] + fit.random_effects["group"]["(Intercept)"]
        errors["complete pooling"].append(study["y"].mean() - per_animal["truth"])
        errors["no pooling"].append(per_animal["mean"] - per_animal["truth"])
        errors["partial pooling"].append(pooled - per_animal["truth"])
pd.DataFrame(
    {
        name: {
            "typical error, 2 cells": np.sqrt(np.mean([e.iloc[:2] ** 2 for e in found])),
            "typical error, 15 cells": np.sqrt(np.mean([e.iloc[7] ** 2 for e in found])),
            "typical error, all animals": np.sqrt(np.mean([e**2 for e in found])),
        }
        for name, found in errors.items()
    }
).round(2)

# %% [markdown]
# The typical error (root mean square, log2 units) is smallest with partial pooling, above all for animals with two
# cells. With fifteen cells it hardly matters.
#
# ### Exercise 3.2
#
# A ninth animal is measured in five cells; their mean is 10. With `overall`, `between` and `within` as above, where
# does partial pooling put this animal? Two decimals.

# %%
answer = ...
check("3.2", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
weight = between / (between + within / 5)
answer = overall + weight * (10 - overall)
check("3.2", answer)
print(f"{answer:.2f}")

# %% [markdown]
# ## 3 · How alike are two cells of one animal?
#
# The two variances give one number that says how much grouping matters: the [intraclass
# correlation](glossary.md#intraclass-correlation), ICC, the share of the variance that lies between animals. It is
# also the correlation of two cells from the same animal.

# %%
print(f"by hand: {between / (between + within):.4f}")
print(f"fit.icc: {partial.icc['animal']:.4f}   truth: {1 / (1 + 1.5**2):.4f}")

# %% [markdown]
# Read aloud: *29% of the variance lies between animals; two cells of one animal correlate by 0.29.* Let us check that
# claim, and the variances, another way. With equal numbers of cells no optimiser is needed: the variance of the
# animals' means, less what the cells contribute to it, is the variance between animals.

# %%
balanced = simulate_groups(
    40, 6, tau=1, sigma=1.5, slope=0, rng=np.random.default_rng(6)
)  # 40 animals, 6 cells each
by_animal = balanced.groupby("group")["y"]
within_hand = by_animal.var().mean()
between_hand = by_animal.mean().var() - within_hand / 6
table = balanced["y"].to_numpy().reshape(40, 6)  # a row per animal
first, second = np.array([(a, b) for a in range(6) for b in range(6) if a != b]).T
pairs = np.corrcoef(table[:, first].ravel(), table[:, second].ravel())[0, 1]
fit = fit_mixed("y ~ 1 + (1 | group)", balanced)
print(f"ICC from the means:            {between_hand / (between_hand + within_hand):.4f}")
print(f"ICC from the mixed model:      {fit.icc['group']:.4f}")
print(f"correlation of pairs of cells: {pairs:.4f}")

# %% [markdown]
# The first two agree to the last digit, and the plain correlation over all pairs of cells comes close (it divides a
# little differently). The estimate itself is rough: 40 animals, and 0.24 where the truth is 0.31.
#
# **What the ICC costs.** If cells of one animal are alike, the second tells less that is new. For a mean, or for
# anything that is the same in all cells of an animal (its drug, its genotype), n cells each are worth
#
# ```
# rows / (1 + (n - 1) * ICC)
# ```
#
# independent ones. The denominator is the [design effect](glossary.md#design-effect).

# %% mystnb={"image": {"alt": "Independent cells' worth against cells per animal, for six animals, on a logarithmic axis from 1 to 1000. With ICC 0 the curve rises without bound; with ICC 0.05 it levels off near 120, with 0.2 near 30, with 0.5 near 12."}}
per_animal = np.geomspace(1, 1000, 60)
fig, ax = plt.subplots(figsize=(8, 4.2))
for icc, colour in [
    (0, plots.GREY),
    (0.05, plots.GREEN),
    (0.2, plots.BLUE),
    (0.5, plots.ORANGE),
]:
    worth = 6 * per_animal / (1 + (per_animal - 1) * icc)
    ax.plot(per_animal, worth, color=colour, linewidth=2)
    if icc:
        ax.text(1080, worth[-1], f"ICC {icc:g}", color=colour, va="center", fontweight="bold")
ax.text(21, 150, "ICC 0", color=plots.GREY, ha="right", fontweight="bold")
ax.set(
    xscale="log",
    ylim=(0, 160),
    xlim=(1, 1000),
    xlabel="cells measured in each of six animals",
    ylabel="worth so many independent cells",
    title="More cells can't replace animals",
)
ax.set_xticks([1, 10, 100, 1000], [1, 10, 100, 1000])
ax.minorticks_off()
plt.show()

# %% [markdown]
# Each curve levels off at animals/ICC: with an ICC of 0.5, six animals never tell more than twelve independent cells
# would, however many one measures.
#
# ### Exercise 3.3
#
# Six mice, 40 cells measured in each, ICC 0.2. For comparing drug with control mice, how many independent cells are
# the 240 worth? One decimal.

# %%
answer = ...
check("3.3", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = 240 / (1 + 39 * 0.2)
check("3.3", answer)
print(f"{answer:.1f}")

# %% [markdown]
# ## 4 · How few groups are too few?
#
# Back to the ten mice. There *is* a grouping in that study: the three conditions. So the next idea is
# `gene_x ~ urea + weight + (1 | group)`, slopes for what we ask about and a random intercept for the condition. We fit
# it with the measured values and with their [z-scores](glossary.md#z-score), and catch what the fit has to say.

# %%
z_scored = mice.assign(
    urea=(mice["urea"] - mice["urea"].mean()) / mice["urea"].std(),
    weight=(mice["weight"] - mice["weight"].mean()) / mice["weight"].std(),
)
formula = "gene_x ~ urea + weight + (1 | group)"
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    by_group = fit_mixed(formula, mice)
    by_group_z = fit_mixed(formula, z_scored)
print(caught[0].message)
print()
for name, fit in [("measured values", by_group), ("z-scores", by_group_z)]:
    print(f"{name:<15} variance between groups {fit.variance_components.loc[0, 'vcov']:.4f}")

# %% [markdown]
# A [singular fit](glossary.md#singular-fit): the best estimate of the variance between groups is *zero*. Do the three
# conditions not differ at all, beyond urea and weight? Look how well the data know that zero. For each standard
# deviation between groups, we ask how badly the best model with that value fits (−2 log-likelihood, above the best).

# %% mystnb={"image": {"alt": "Misfit of the model against the standard deviation between groups. The curve starts at zero, at a standard deviation of zero, and rises so slowly that it passes the 95% limit of 3.84 only at 0.71, nearly the residual standard deviation of 0.75."}}
limits = profile_intervals(by_group).set_index("group")
upper = limits.loc["group", "conf_high"]


def misfit(sd):
    """-2 log-likelihood with the standard deviation between groups held at sd."""
    design, group = by_group.design, mice["group"].to_numpy()
    best = np.inf
    for sigma in np.geomspace(0.3, 1.5, 400):
        covariance = sd**2 * (group[:, None] == group[None, :]) + sigma**2 * np.eye(len(mice))
        inverse = np.linalg.inv(covariance)
        X, y = design.X, design.y
        rest = y - X @ np.linalg.solve(X.T @ inverse @ X, X.T @ inverse @ y)
        height = np.linalg.slogdet(covariance)[1] + rest @ inverse @ rest
        best = min(best, height)
    return best


sds = np.linspace(0, 1.4, 29)
curve = np.array([misfit(sd) for sd in sds])
fig, ax = plt.subplots(figsize=(7.5, 4))
ax.plot(sds, curve - curve[0], color=plots.BLUE, linewidth=2)
ax.axhline(3.84, color=plots.GREY, linestyle="--", linewidth=1)
ax.text(0.01, 3.9, "95% limit", color=plots.GREY, va="bottom")
ax.axvspan(0, upper, color=plots.SKY, alpha=0.2, linewidth=0)
ax.set(
    xlabel="standard deviation of Gene X between groups",
    ylabel="misfit above the best (−2 log-likelihood)",
    xlim=(0, 1.4),
    ylim=(0, None),
    title="Zero fits best, and much else fits nearly as well",
)
plt.show()
print(f"95% interval of the standard deviation between groups: 0 to {upper:.2f}")
print(f"residual standard deviation: {by_group.residual_variance**0.5:.2f}")

# %% [markdown]
# The curve is lowest at zero and rises slowly: all values in the shaded band, up to 0.71, agree with the data. Groups
# may differ by nearly as much as animals do (0.75). So the zero says "three groups can't tell", not "groups don't
# differ". What a test makes of that depends on how it treats the variances:
#
# - **z** takes both variances as known exactly.
# - **[Satterthwaite](glossary.md#satterthwaite)** asks how well the variance *of this estimate* is known, and gives as
#   many [degrees of freedom](glossary.md#degrees-of-freedom).
# - **[Kenward–Roger](glossary.md#kenwardroger)** does that too, and also widens the standard error, because estimated
#   variances make it too small.

# %%
ols = smf.ols("gene_x ~ urea + weight", mice).fit()
linear = pd.Series(
    {
        "estimate": ols.params["urea"],
        "std_error": ols.bse["urea"],
        "df": ols.df_resid,
        "statistic": ols.tvalues["urea"],
        "p_value": ols.pvalues["urea"],
    }
)
ways = {"Satterthwaite": "satterthwaite", "Kenward–Roger": "kenward-roger"}
found = {"linear model, no groups": linear} | {
    name: by_group.coefficients(ddf=ddf).loc["urea"] for name, ddf in ways.items()
}
on_group = smf.ols("urea ~ C(group)", mice).fit().rsquared
print(f"of the variation of urea, {on_group:.0%} lies between the groups")
pd.DataFrame(found).T[["estimate", "std_error", "df", "statistic", "p_value"]]

# %% [markdown]
# Gene X per mg/dl of urea: 0.0055 standard deviations in every row. But with a variance of zero, Satterthwaite
# believes the zero and *is* the linear model without groups: seven degrees of freedom, p = 0.033. Kenward–Roger does
# not believe it: 0.6 degrees of freedom, p = 0.53. 72% of the variation of urea lies between the groups, so nearly
# all hangs on how much groups vary for other reasons, and that is what three groups can't tell. (Degrees of freedom
# below 1 say: this test can hardly reject anything. It is no evidence for "no effect" either.)
#
# ### In R

# %%
both = [
    ("urea", in_r["raw_group"], by_group),
    ("scale(urea)", in_r["scaled_group"], by_group_z),
]
rows = []
for name, printed, fit in both:
    for ddf, call in [("satterthwaite", "lmerTest"), ("kenward_roger", "pbkrtest")]:
        theirs = printed[ddf][1]
        mine = fit.coefficients(ddf=ddf.replace("_", "-")).loc["urea"]
        rows += [
            (f"{name}: slope", call, theirs["Estimate"], mine["estimate"]),
            (f"{name}: df", call, theirs["df"], mine["df"]),
            (f"{name}: p", call, theirs["Pr(>|t|)"], mine["p_value"]),
        ]
tables.beside_r(rows, tolerance=1e-8)

# %% [markdown]
# Slopes differ between the measured values and the z-scores, because a unit differs; t, df and p don't. z-scoring
# changes no test.
#
# > **Pitfall: a singular fit read as a finding.** "The group variance was zero, so we dropped the group" turns no
# > evidence into evidence. Notice it by the warning (`fit.is_singular`; in R `isSingular(fit)`). With three
# > conditions, make the group a fixed factor, as lesson 02 did.
#
# How many groups does it take? With equal group sizes the estimate is the formula of section 3, so we can try it on
# thousands of studies whose true standard deviation between groups is 1.

# %% mystnb={"image": {"alt": "Estimated standard deviation between groups in simulated studies with 3, 5, 10, 20 and 50 groups of three; the truth is 1. With three groups 95% of the estimates run from 0 to more than 2, and about one in five is zero; the range narrows to about 0.7 to 1.3 with fifty groups."}}
rng = np.random.default_rng(7)
rows = []
for n_groups in [3, 5, 10, 20, 50]:
    effects = rng.standard_normal((4_000, n_groups, 1))
    y = effects + rng.standard_normal((4_000, n_groups, 3))  # three rows per group
    variance = y.mean(axis=2).var(axis=1, ddof=1) - y.var(axis=2, ddof=1).mean(axis=1) / 3
    sd = np.sqrt(np.maximum(variance, 0))
    low, middle, high = np.quantile(sd, [0.025, 0.5, 0.975])
    rows.append((n_groups, low, middle, high, np.mean(variance <= 0)))
few = pd.DataFrame(rows, columns=["groups", "conf_low", "estimate", "conf_high", "zero"])
fig, ax = plt.subplots(figsize=(8, 3.8))
plots.interval_plot(ax, few, [f"{n} groups" for n in few["groups"]], reference=1)
for row, height in zip(few.itertuples(), np.arange(len(few))[::-1]):
    ax.text(2.3, height, f"{row.zero:.1%} are zero", va="center", color=plots.INK)
ax.set(
    xlabel="estimated standard deviation between groups (truth: 1)",
    xlim=(-0.05, 2.9),
    title="Three groups say next to nothing about how groups vary",
)
plt.show()

# %% [markdown]
# Bars hold 95% of the estimates, dots are their middle, the dashed line is the truth. With three groups anything from
# zero to twice the truth turns up, and about one fit in five is singular although groups do differ. A common rule of
# thumb asks for five or six groups at least; even ten leave a wide range, so print the interval.
#
# ## 5 · Pseudoreplication
#
# Now the opposite mistake: groups that matter, and are ignored. Counting the cells of a few animals as if each were
# an animal is called [pseudoreplication](glossary.md#pseudoreplication). How bad is it? We plant a slope of **zero**,
# so every significant result is false, and count how often five analyses find one. A valid test at the 5% level does
# so in 5% of studies: its [type-I error](glossary.md#type-i-error).


# %%
def five_analyses(data):
    """p-value of the slope of x in y, for rows grouped by `group`."""
    rows = smf.ols("y ~ x", data).fit()  # ignores the groups
    means = smf.ols("y ~ x", data.groupby("group").mean()).fit()  # one row per group
    mixed = fit_mixed("y ~ x + (1 | group)", data)
    return {
        "rows": rows.pvalues["x"],
        "means": means.pvalues["x"],
        "z": mixed.coefficients(ddf="normal").loc["x", "p_value"],
        "satterthwaite": mixed.coefficients().loc["x", "p_value"],
        "kenward_roger": mixed.coefficients(ddf="kenward-roger").loc["x", "p_value"],
    }


rng = np.random.default_rng([0, 10, 10, 0])
studies = [
    simulate_groups(10, 8, tau=1, sigma=1, slope=0, rng=rng, between=1) for _ in range(200)
]  # ten animals, eight cells each; x is the same in all cells of an animal
with warnings.catch_warnings():
    warnings.simplefilter("ignore", SingularFitWarning)
    p = pd.DataFrame([five_analyses(study) for study in studies])
(p < 0.05).sum().to_frame("false findings in 200 studies").T

# %% [markdown]
# Ten are expected, give or take six. Ignoring the animals finds something in 86 studies of 200. One of them, the
# first with p < 0.001:

# %% mystnb={"image": {"alt": "Two scatter plots. Left: 80 cells of ten animals in ten columns, because all cells of an animal have the same x, and a line through them with a narrow band and a tiny p-value. Right: the ten means of the same animals with a wide band."}}
chosen = (p["rows"] < 0.001).idxmax()
averaged = studies[chosen].groupby("group", as_index=False).mean()
fig, axes = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True, sharex=True)
for ax, data, what, column in [
    (axes[0], studies[chosen], "80 cells as 80 units", "rows"),
    (axes[1], averaged, "10 animals as 10 units", "means"),
]:
    plots.scatter_with_fit(data, "x", "y", ax=ax)
    size = p.loc[chosen, column]
    ax.set(xlabel="x, the same in all cells of an animal", title=f"{what}: p = {size:.2g}")
axes[0].set_ylabel("y")
axes[1].set_ylabel("")
fig.suptitle("The same ten animals, and a true slope of zero", fontweight="bold")
plt.show()
for column, data in [("rows", studies[chosen]), ("means", averaged)]:
    error = smf.ols("y ~ x", data).fit().bse["x"]
    print(
        f"{column:<6} standard error of the slope {error:.2f}, p = {p.loc[chosen, column]:.2g}"
    )

# %% [markdown]
# Left, the eight cells of an animal stand in one column and count as eight; right, each animal counts once. The line
# is the same; its standard error is 0.15 when cells count and 0.32 when animals do, and p goes from 5.3e-05 to 0.076.
#
# 200 studies of one design are few. A script made 4,000 for each of twelve designs beforehand
# (`data/make/pseudoreplication.py`, several minutes); its first 200 of this design must be ours:

# %%
cached = pd.read_csv("../data/pseudoreplication.csv")
ours = cached.query("slope == 0 and between == 1 and animals == 10 and block == 0").iloc[0]
assert ((p < 0.05).sum() == ours[p.columns]).all()
settings = ["slope", "between", "animals"]
sums = cached.groupby(settings)[["data_sets", *p.columns]].sum()
rates = sums[p.columns].div(sums["data_sets"], axis="index")
names = {
    "rows": "rows, groups ignored",
    "means": "mean per animal",
    "z": "mixed model, z",
    "satterthwaite": "mixed, Satterthwaite",
    "kenward_roger": "mixed, Kenward–Roger",
}
error = np.sqrt(0.05 * 0.95 / sums["data_sets"].iloc[0])
print(f"Monte-Carlo error of a share of 5%: {100 * error:.2f} points")
(100 * rates.loc[0.0]).rename(columns=names).round(1)

# %% mystnb={"image": {"alt": "Three panels of false findings in percent against 5, 7, 10 and 20 animals. Left, x constant within an animal: ignoring groups finds 35 to 42 percent, z 13 percent with five animals and 6 with twenty; Satterthwaite, Kenward-Roger and means lie at the 5 percent line. Middle, x half between animals: ignoring groups 21 to 24 percent, z and Satterthwaite a little above 5 with few animals. Right, x varies within animals: all near 5 percent."}}
styles = {
    "rows": (plots.ORANGE, "o"),
    "means": (plots.GREEN, "s"),
    "z": (plots.PINK, "D"),
    "satterthwaite": (plots.SKY, "^"),
    "kenward_roger": (plots.BLUE, "v"),
}
panels = {
    1.0: "x constant within animals",
    0.5: "x half and half",
    0.0: "x varies within animals",
}
fig, axes = plt.subplots(1, 3, figsize=(11, 4.4), sharey=True)
for ax, (share, title) in zip(axes, panels.items()):
    shown = rates.loc[0.0, share]
    for k, (method, (colour, marker)) in enumerate(styles.items()):
        rate = shown[method]
        bar = 1.96 * np.sqrt(rate * (1 - rate) / sums["data_sets"].iloc[0])
        ax.errorbar(
            np.arange(len(shown)) + 0.13 * (k - 2),
            100 * rate,
            100 * bar,
            color=colour,
            marker=marker,
            linestyle="none",
            markersize=6,
            label=names[method],
        )
    ax.axhline(5, color=plots.INK, linestyle="--", linewidth=1)
    ax.set_xticks(np.arange(len(shown)), shown.index)
    ax.set_yscale("log")
    ax.set_yticks([3, 5, 10, 20, 50], [3, 5, 10, 20, 50])
    ax.minorticks_off()
    ax.set(xlabel="animals", title=title)
axes[0].set_ylabel("false findings (% of studies, log scale)")
axes[2].legend(frameon=False, fontsize=10, loc="upper right")
fig.suptitle("Ignoring animals invents findings when x goes with the animal", fontweight="bold")
plt.show()

# %% [markdown]
# Bars are 95% [Monte-Carlo](glossary.md#monte-carlo-error) intervals; the dashed line is the promise of 5%.
#
# - **x constant within animals** (a drug, a genotype; left): ignoring the groups invents a finding in four studies of
#   ten. The mean per animal keeps its promise, and so do Satterthwaite and Kenward–Roger. With z, five animals give
#   13.2% false findings: z believes a variance that was estimated from five numbers.
# - **x half and half** (middle): ignoring the groups still invents one in five. With five to ten animals
#   Satterthwaite runs a little high (6.8% at five), Kenward–Roger does not.
# - **x varies within animals** as much as between them (a cell's size; right): each animal is its own comparison, and
#   all analyses stay near 5% (z has 6.5% with five animals).
#
# So on the right one may do anything? Type-I error is half the story. Here are the same five with a true slope of
# 0.5: how often is it found?

# %%
print("true slope 0.5, ten animals: found, in % of studies")
(100 * rates.loc[0.5].droplevel("animals")).rename(columns=names).round(1)

# %% [markdown]
# Where x varies within animals (between = 0), averaging throws the answer away: 7.6% find the slope, against 98.3% by
# the mixed model. Ignoring the groups finds fewer (88.2%) too, because differences between animals count as noise.
# Where x is constant (between = 1), averaging loses nothing: 23.9%, the same as the mixed model. Ten animals are ten
# animals. (The 69.2% of "groups ignored" there is no power: that analysis cries wolf, with and without a slope.)
#
# > **Pitfall: "we averaged, so we are safe".** Safe, yes, but averaging also removes what varies *within* animals. If
# > your question is about cells, a mixed model keeps them. If it is about animals, averaging is the plain and honest
# > analysis.
#
# What these simulations can't show: they plant the same slope in every animal, normal noise, and eight cells in each.
# Where slopes differ from animal to animal, a random intercept alone is not enough.
#
# ### Exercise 3.4
#
# Five designs. For each, what goes into `(1 | …)`? Give a dictionary, such as `answer = {1: "a", 2: "a"}`; you may
# begin with some of them.
#
# 1. Ten mice in three conditions, each measured once. Does Gene X go with urea and weight?
# 2. Six mice, three of them given a drug. In each, the length of 40 cells is measured. Does the drug change length?
# 3. Fifteen litters of six pups. The mothers were on one of three diets, five on each. Each pup is weighed once. Does
#    the mother's diet change its weight?
# 4. Twelve cages of four mice; the treatment is given to the cage. Each mouse is weighed in each of five weeks. Does
#    the treatment change growth?
# 5. Twenty-four mice, half of them given a drug. Each is measured once, twelve on one machine and twelve on another.
#    Does the drug act?
#
# - **a** — nothing: a linear model will do (it may hold a factor as a fixed effect)
# - **b** — the single animal (mouse, pup)
# - **c** — what stands above it (condition, litter, cage, machine)
# - **d** — both b and c
# - **e** — what is asked about (urea, drug, diet, treatment)

# %%
answer = ...
check("3.4", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = {1: "a", 2: "b", 3: "c", 4: "d", 5: "a"}
check("3.4", answer)

# %% [markdown]
# ## 6 · What to write to the reviewer
#
# Back to the mice once more. Everything the reply needs has been computed, but for the linear model with the group in
# it (lesson 02). Five sentences:

# %%
with_group = smf.ols("gene_x ~ urea + weight + C(group)", mice).fit()
joint = with_group.f_test("urea = 0, weight = 0")
slope, (low, high) = 100 * ols.params["urea"], 100 * ols.conf_int().loc["urea"]
p_urea, p_weight = ols.pvalues["urea"], ols.pvalues["weight"]
f_and_p = (
    f"F({joint.df_num:.0f}, {joint.df_denom:.0f}) = {joint.fvalue:.3f}, p = {joint.pvalue:.3f}"
)
df, p_cautious = by_group.coefficients(ddf="kenward-roger").loc["urea", ["df", "p_value"]]
print(f"""\
1. We ask how Gene X changes with urea and weight, so both are fixed effects, with slopes; as
   random intercepts their levels would be names without order, and no slope be estimated.
2. Each animal was measured once, so there are no repeated measurements for a random effect
   to account for, and three conditions are too few to estimate a variance between them
   (with (1 | group) it is estimated as zero, a singular fit).
3. In a linear model, Gene X rises by {slope:.2f} standard deviations per 100 mg/dl of urea at
   equal weight (95% interval {low:.2f} to {high:.2f}, p = {p_urea:.3f}; weight p = {p_weight:.2f};
   n = {len(mice)}).
4. The conditions differ in urea, and with condition as a fixed factor urea and weight add
   nothing detectable ({f_and_p}); with condition as a random
   effect, Kenward-Roger gives p = {p_cautious:.2f} for urea, on {df:.1f} degrees of freedom.
5. We therefore report an association across these ten animals that cannot be told from a
   difference between conditions: no evidence for an effect of urea itself, nor against it.""")

# %% [markdown]
# A mixed model would be the right answer to a *different* study: several samples per animal, or many litters.
#
# ## Recap
#
# A random effect is for groups of observations that share something you don't ask about; what you ask about is fixed.
# The question's model, with both scores random, has no slope and can't answer its question. A random intercept pulls
# each group's mean towards the overall mean, by a weight that is made of two variances. Three groups can't tell a
# variance: singular is a lack of evidence, and Kenward–Roger says so where Satterthwaite doesn't. Rows that share an
# animal are no independent rows: average per animal, or fit a mixed model with Satterthwaite or Kenward–Roger, never
# with z when animals are few. **Decision:** before you write `(1 | …)`, ask which rows share something, and how many
# such groups there are.
#
# **Before:** [02 · Linear models](02_linear_models.ipynb). **Next:** [04 · Mixed models](04_mixed_models.ipynb).
#
# **Sources.** Shrinkage: Robinson 1991, [doi:10.1214/ss/1177011926](https://doi.org/10.1214/ss/1177011926).
# Pseudoreplication: Hurlbert 1984, [doi:10.2307/1942661](https://doi.org/10.2307/1942661); Lazic 2010,
# [doi:10.1186/1471-2202-11-5](https://doi.org/10.1186/1471-2202-11-5). `lmer`: Bates, Mächler, Bolker & Walker 2015,
# [doi:10.18637/jss.v067.i01](https://doi.org/10.18637/jss.v067.i01). Satterthwaite in R: Kuznetsova, Brockhoff &
# Christensen 2017, [doi:10.18637/jss.v082.i13](https://doi.org/10.18637/jss.v082.i13). Kenward & Roger 1997,
# [doi:10.2307/2533558](https://doi.org/10.2307/2533558); in R: Halekoh & Højsgaard 2014,
# [doi:10.18637/jss.v059.i09](https://doi.org/10.18637/jss.v059.i09). Singular fits with few groups: Stram & Lee 1994,
# [doi:10.2307/2533455](https://doi.org/10.2307/2533455).

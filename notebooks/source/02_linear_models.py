# %% [markdown]
# # 02 · Linear models
#
# **How much does Gene X change per unit of urea, at equal weight and within groups?**
#
# **Time:** 35 minutes.
#
# **Prerequisites:** [01 · Correlation](01_correlation.ipynb) (needed). Words in blue lead to the
# [glossary](glossary.md).
#
# **You will be able to**
#
# - turn a correlation into a slope, and read the slope aloud in its units;
# - say why two significant predictors can both lose their stars in one model, and test them together;
# - read the coefficients of a [factor](glossary.md#factor), and get any difference between groups from them;
# - check with ten points what ten points allow.
#
# Lesson 01 left a question open. Gene X goes with urea and with both scores, but the three groups of mice differ in all
# of them. A correlation knows two columns at a time. A [linear model](glossary.md#linear-model) takes several predictors
# at once and says how much the outcome changes with each *while the others stay the same*.

# %%
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.outliers_influence import variance_inflation_factor

from helpers import plots, tables
from helpers.data import load_mouse_scores
from helpers.exercises import check

plots.use_style()
tables.use_style()

# %%
mice = load_mouse_scores()
in_r = json.loads(Path("../tests/reference/mouse/mouse.json").read_text())  # what R printed
mice[["animal", "group", "urea", "weight", "urea_score", "weight_score", "gene_x"]]

# %% [markdown]
# The ten mice of lesson 01: urea in mg/dl, weight in g (our reading of the units), two scores in points, and Gene X in
# standard deviations.
#
# ## 1 · From r to a slope
#
# statsmodels fits `gene_x = intercept + slope · weight_score + noise` by least squares. The formula names the outcome
# left of `~` and the predictors right of it; the intercept comes by itself.

# %%
alone = smf.ols("gene_x ~ weight_score", mice).fit()
print(alone.summary(slim=True).tables[1])

# %% [markdown]
# Read aloud: *a mouse with one more point of weight score has 0.7532 standard deviations more of Gene X (95% interval
# 0.308 to 1.198, p = 0.005).* Unlike r, a slope has units: outcome per predictor. And yet the two share their test:

# %%
r = stats.pearsonr(mice["weight_score"], mice["gene_x"])
t_of_r = r.statistic * np.sqrt(8 / (1 - r.statistic**2))
slope_from_r = r.statistic * mice["gene_x"].std() / mice["weight_score"].std()
print(
    f"slope            {alone.params['weight_score']:.5f}   r · sd(y) / sd(x)  {slope_from_r:.5f}"
)
print(f"t of the slope   {alone.tvalues['weight_score']:.5f}   t of r             {t_of_r:.5f}")
print(
    f"p of the slope   {alone.pvalues['weight_score']:.5f}   p of r             {r.pvalue:.5f}"
)

# %% [markdown]
# The t test of a correlation *is* the t test of a slope: r says how closely the points follow the line, the slope how
# steep it is, and "is it flat?" is one question for both.
#
# ### Exercise 2.1
#
# Fit Gene X on measured `urea` alone. By how many standard deviations does Gene X differ between two mice that are
# *100 mg/dl* apart? Two decimals.

# %%
answer = ...
check("2.1", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = 100 * smf.ols("gene_x ~ urea", mice).fit().params["urea"]
check("2.1", answer)
print(f"{answer:.2f}")

# %% [markdown]
# ## 2 · Two predictors that go together
#
# First where the truth is known. Two predictors correlate at 0.75, and the outcome rises by 0.5 with *each*. We draw
# 4,000 studies of ten animals and fit the first predictor alone, then both.

# %%
rng = np.random.default_rng(2)
x1 = rng.standard_normal((4_000, 10))
x2 = 0.75 * x1 + np.sqrt(1 - 0.75**2) * rng.standard_normal((4_000, 10))
y = 0.5 * x1 + 0.5 * x2 + 0.6 * rng.standard_normal((4_000, 10))


def slopes(columns, outcomes):
    """Least-squares slopes of every study at once, with an intercept."""
    x = np.stack([np.ones_like(outcomes), *columns], axis=-1)
    return np.linalg.solve(x.swapaxes(1, 2) @ x, x.swapaxes(1, 2) @ outcomes[..., None])[
        :, 1:, 0
    ]


apart, together = slopes([x1], y)[:, 0], slopes([x1, x2], y)[:, 0]
print(f"x1 alone:     mean slope {apart.mean():.2f}, standard deviation {apart.std():.2f}")
print(
    f"x1 beside x2: mean slope {together.mean():.2f}, standard deviation {together.std():.2f}"
)

# %% mystnb={"image": {"alt": "Two histograms of the slope of x1 in 4,000 simulated studies. Alone: narrow, centred near 0.87, away from the true 0.5. Beside x2: centred on 0.5 and almost twice as wide."}}
fig, ax = plt.subplots(figsize=(8, 4))
bins = np.linspace(-1, 2, 61)
for values, colour, name, spot in [
    (apart, plots.ORANGE, "alone", (1.02, 8.9)),
    (together, plots.BLUE, "beside x2", (0.1, 6.0)),
]:
    share = np.full(4_000, 100 / 4_000)
    ax.hist(values, bins=bins, color=colour, alpha=0.5, weights=share)
    ax.text(*spot, name, color=colour, ha="center", fontweight="bold")
ax.axvline(0.5, color=plots.INK, linewidth=1.5)
ax.text(0.47, 9.8, "truth", color=plots.INK, ha="right")
ax.set(xlabel="slope of x1", ylabel="share of studies (%)", ylim=(0, 10.6))
ax.set_title("Alone: precise about the wrong thing. Together: right, and vague")
plt.show()

# %% [markdown]
# Alone, x1 gets credit for what x2 does as well: its slope is precise and answers another question ("mice that differ by
# one in x1, and in whatever goes with it"). Beside x2 the slope is right on average, and uncertain, because mice that
# differ in one and not in the other are rare. That is the price of [collinearity](glossary.md#collinear). Now the scores:

# %%
fits = {
    "weight": smf.ols("gene_x ~ weight_score", mice).fit(),
    "urea": smf.ols("gene_x ~ urea_score", mice).fit(),
    "both": smf.ols("gene_x ~ urea_score + weight_score", mice).fit(),
}
tables.side_by_side(fits)  # * p < 0.05, ** p < 0.01, *** p < 0.001

# %% [markdown]
# A table of this kind (stars: * p < 0.05, ** p < 0.01, *** p < 0.001; standard errors in brackets) is what R's
# *stargazer* prints; `.to_html()` and `.to_latex()` of it go into a paper, and the HTML can be pasted into Word. Alone,
# each score has two stars. Together neither has one, although the model as a whole does: F = 9.293, one star.

# %%
both = fits["both"]
for name in ["urea", "weight"]:
    slope, p = fits[name].params[f"{name}_score"], fits[name].pvalues[f"{name}_score"]
    print(f"{name} score alone: {slope:.5f}, p = {p:.4f}")
print(f"urea score   {both.params['urea_score']:.3f}, p = {both.pvalues['urea_score']:.4f}")
print(f"weight score {both.params['weight_score']:.3f}, p = {both.pvalues['weight_score']:.4f}")
print(
    f"both at once: F({both.df_model:.0f}, {both.df_resid:.0f}) = {both.fvalue:.3f}, p = {both.f_pvalue:.4f}"
)
print(f"the scores correlate at r = {mice['urea_score'].corr(mice['weight_score']):.3f}")
inflation = variance_inflation_factor(both.model.exog, 1)
print(
    f"variance inflation {inflation:.2f}: standard errors {np.sqrt(inflation):.2f} times as large"
)

# %% [markdown]
# Read aloud: *the two scores together explain Gene X (p = 0.0107), but these ten mice cannot say which of them does
# (p = 0.2203 and 0.1376).* Nothing was "explained away": each test asks what a score adds *once the other is known*,
# and as they correlate at 0.754, little is left to add. The
# [variance inflation factor](glossary.md#variance-inflation-factor) says by how much.
#
# The [joint test](glossary.md#joint-test) is the one to report when predictors go together. An added-variable plot shows
# what each slope in the table rests on: both sides have the other score's share taken out.

# %% mystnb={"image": {"alt": "Two added-variable plots. Left: Gene X given weight score against urea score given weight score. Right: the same with the scores swapped. Both rise, with points scattered widely and little spread left on the horizontal axis."}}
fig, axes = plt.subplots(1, 2, figsize=(10, 4.2))
for ax, x, other in [
    (axes[0], "urea_score", "weight_score"),
    (axes[1], "weight_score", "urea_score"),
]:
    slope = plots.added_variable_plot(ax, mice, "gene_x", x, other)
    names = (x.replace("_", " "), other.replace("_", " "))
    ax.set(xlabel=f"{names[0]}, beyond what goes with {names[1]}", xlim=(-2.2, 2.2))
    plots.note(ax, f"slope {slope:.3f}, p = {both.pvalues[x]:.2f}")
axes[0].set_ylabel("Gene X, beyond what goes with the other")
fig.suptitle("Once the other score is known, little is left of either", fontweight="bold")
plt.show()

# %% [markdown]
# Each line's slope is the coefficient of the model with both. The scores run over four points; beyond the other score,
# most mice differ by less than one.
#
# > **Pitfall: dropping what is "not significant".** Throwing out urea because p = 0.22, then weight score has p below 0.01
# > again, and the paper says "weight, not urea". Had you begun with the other one, it would say the opposite. Report
# > the joint test, both slopes with their intervals, and that the data do not separate them.
#
# ### Exercise 2.2
#
# Alone, urea score has p = 0.0071. Beside weight score it has p = 0.2203. Which sentence is right?
#
# - **a** — Urea score has no effect; the first result was a false positive.
# - **b** — Beside weight score, too few mice differ in urea score alone to say what it adds.
# - **c** — The second model is wrong, because a significant predictor must stay significant.
# - **d** — Weight score causes urea score.

# %%
answer = ...
check("2.2", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = "b"
check("2.2", answer)

# %% [markdown]
# ## 3 · Scores or measured values?
#
# The question asked whether the scores or the actual values should go into the model. Put both models side by side:

# %%
fits["measured"] = smf.ols("gene_x ~ urea + weight", mice).fit()
tables.side_by_side({"scores": fits["both"], "measured": fits["measured"]}, digits=5)

# %%
measured = fits["measured"]
low, high = measured.conf_int().loc["urea"]
print(f"per mg/dl:  {measured.params['urea']:.5f}, p = {measured.pvalues['urea']:.3f}")
print(f"per 100 mg/dl: {100 * measured.params['urea']:.3f} [{100 * low:.3f}, {100 * high:.3f}]")
print(f"weight, per g: {measured.params['weight']:.3f}, p = {measured.pvalues['weight']:.2f}")
print(f"urea and weight correlate at r = {mice['urea'].corr(mice['weight']):.3f}")

# %% [markdown]
# Read aloud: *of two mice of equal weight, one with 100 mg/dl more urea has 0.548 standard deviations more of Gene X
# (95% interval 0.058 to 1.038, p = 0.033); weight adds nothing these data can see (p = 0.47).* A slope of 0.00548 looks
# small because a single mg/dl is small: choose the unit in which a difference means something to a reader. Measured
# urea and weight hardly correlate (r = -0.234), so here the two slopes can be told apart. Prefer the measured values,
# where they are what the scores were made from (lesson 01 doubts it here): they have units, and nobody had to invent cut
# points.
#
# ## 4 · Group as a factor
#
# A factor enters a model as a set of columns of zeros and ones, one for each level but the first, the
# [reference level](glossary.md#reference-level).

# %%
by_group = smf.ols("gene_x ~ group", mice).fit()
print(by_group.summary(slim=True).tables[1])

# %% mystnb={"image": {"alt": "Three boxes for the groups C, HP and CR. C is the intercept alone, 0.958. HP is intercept plus group HP, 0.085. CR is intercept plus group CR, -0.782."}}
cells = pd.DataFrame(
    [[1, 0, 0], [1, 1, 0], [1, 0, 1]],
    index=["C", "HP", "CR"],
    columns=by_group.params.index,
)
fig, ax = plt.subplots(figsize=(8, 2.8))
plots.design_cells(ax, cells, means=cells.to_numpy() @ by_group.params.to_numpy())
ax.set_title("Each group's mean is a sum of coefficients")
plt.show()

# %% [markdown]
# The intercept is the mean of group C; `group[T.HP]` is not HP's mean but *HP minus C*. "Is CR different from HP?" has
# no row in the table, and is a [contrast](glossary.md#contrast): the difference of two coefficients. Three ways to it:

# %%
names = by_group.params.index
by_hand = by_group.params["group[T.CR]"] - by_group.params["group[T.HP]"]
means = mice.groupby("group", observed=True)["gene_x"].mean()
contrast = by_group.t_test(np.array([[0, -1, 1]]))
print(f"coefficients by hand  {by_hand:.4f}")
print(f"means of the groups   {means['CR'] - means['HP']:.4f}")
print(f"t_test of statsmodels {contrast.effect[0]:.4f}, p = {contrast.pvalue:.3f}")

# %%
from marginaleffects import avg_comparisons

# marginaleffects keeps the column name "group" for itself, so the factor gets another one here.
by_condition = smf.ols("gene_x ~ condition", mice.rename(columns={"group": "condition"})).fit()
pairs = avg_comparisons(by_condition, variables={"condition": "pairwise"})
pairs.to_pandas()[["contrast", "estimate", "std_error", "p_value"]]

# %% [markdown]
# marginaleffects compares all pairs in one call, and agrees. Which level is the reference changes the table, and no
# conclusion:

# %%
other = smf.ols("gene_x ~ C(group, Treatment('CR'))", mice).fit()
print(f"F of the group, reference C:  {by_group.fvalue:.4f}, p = {by_group.f_pvalue:.4f}")
print(f"F of the group, reference CR: {other.fvalue:.4f}, p = {other.f_pvalue:.4f}")
print(f"C minus CR: {-by_group.params['group[T.CR]']:.4f} and {other.params.iloc[1]:.4f}")

# %% [markdown]
# ### Exercise 2.3
#
# From the coefficients of `gene_x ~ group`: how much higher is the mean of HP than the mean of CR?

# %%
answer = ...
check("2.3", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = by_group.params["group[T.HP]"] - by_group.params["group[T.CR]"]
check("2.3", answer)
print(f"{answer:.3f}")

# %% [markdown]
# ## 5 · Urea and weight within groups
#
# Now everything in one model: does Gene X change with urea and weight *among mice of one group*?

# %%
full = smf.ols("gene_x ~ urea + weight + group", mice).fit()
after_group = full.compare_f_test(by_group)
print(
    f"urea and weight, added to group: F(2, 5) = {after_group[0]:.3f}, p = {after_group[1]:.3f}"
)
low, high = full.conf_int().loc["urea"]
print(
    f"urea within groups, per 100 mg/dl: {100 * full.params['urea']:.3f} [{100 * low:.3f}, {100 * high:.3f}]"
)
shared = smf.ols("urea ~ group", mice).fit().rsquared
print(f"of the variation of urea, {shared:.0%} lies between the groups")

# %% [markdown]
# Read aloud: *once the group is known, urea and weight together add nothing that ten mice can show (F(2, 5) = 0.409,
# p = 0.684).* The interval for urea, -0.835 to 1.263 per 100 mg/dl, holds the 0.548 of section 3 and its opposite: this is
# not "no effect", it is too little evidence to decide. 72% of the variation of urea lies between groups, and what lies between
# groups cannot be told from whatever else differs between them.
#
# ### In R
#
# R's `lm` and `anova` beside ours; the differences are computed.

# %%
lm = in_r["lm"]


def row(quantity, model, term, what, ours):
    """One number of R's lm() beside ours."""
    number = next(line[what] for line in lm[model]["coef"] if line["term"] == term)
    return quantity, f"lm({lm[model]['formula']})", number, ours


urea_alone = fits["urea"]
f_of_r, p_of_r = in_r["tests"][0]["F"], in_r["tests"][0]["p"]
tables.beside_r(
    [
        row("slope", "weight.score", "weight.score", "estimate", alone.params.iloc[1]),
        row("p", "weight.score", "weight.score", "p", alone.pvalues.iloc[1]),
        row("slope", "urea.score", "urea.score", "estimate", urea_alone.params.iloc[1]),
        row("p", "urea.score", "urea.score", "p", urea_alone.pvalues.iloc[1]),
        row("p, urea score", "both_scores", "urea.score", "p", both.pvalues.iloc[1]),
        row("p, weight score", "both_scores", "weight.score", "p", both.pvalues.iloc[2]),
        ("p, both at once", "summary() of it", lm["both_scores"]["p_F"], both.f_pvalue),
        row("slope, urea", "urea_weight", "urea_num", "estimate", measured.params["urea"]),
        ("p, group", "lm(Gene.X ~ group)", lm["group_only"]["p_F"], by_group.f_pvalue),
        ("F, after group", "anova(group, full)", f_of_r, after_group[0]),
        ("p, after group", "anova(group, full)", p_of_r, after_group[1]),
    ]
)

# %% [markdown]
# ### Exercise 2.4
#
# Test whether the *group* adds anything once urea and weight are in the model. Give the p-value, two decimals.

# %%
answer = ...
check("2.4", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = full.compare_f_test(measured)[1]
check("2.4", answer)
print(f"{answer:.2f}")

# %% [markdown]
# Neither adds to the other (0.68 and 0.62), and that is collinearity once more, between a factor and a covariate.
#
# ## 6 · What ten points allow one to check
#
# A model's residuals are what it leaves over. We look for a curve, for one animal that stands apart, and for
# [leverage](glossary.md#leverage): an animal so unusual in its predictors that it steers the line.

# %% mystnb={"image": {"alt": "Left: residuals of the model with measured urea and weight against fitted values, labelled, without a curve; C24 is highest. Right: Cook's distance per animal; C24, HP11 and C22 stand out, all below 1."}}
influence = measured.get_influence()
fig, axes = plt.subplots(1, 2, figsize=(10, 4.2))
axes[0].axhline(0, color=plots.GREY, linewidth=1)
axes[0].scatter(
    measured.fittedvalues, measured.resid, s=60, facecolors="white", edgecolors=plots.INK
)
axes[0].margins(0.12)
plots.label_points(axes[0], measured.fittedvalues, measured.resid, mice["animal"])
axes[0].set(
    xlabel="fitted Gene X", ylabel="residual", title="no curve that ten points could show"
)
cook = pd.Series(influence.cooks_distance[0], index=mice["animal"]).sort_values()
axes[1].hlines(cook.index, 0, cook, color=plots.BLUE, linewidth=2)
axes[1].scatter(cook, cook.index, color=plots.BLUE)
axes[1].set(xlabel="Cook's distance", xlim=(0, None), title="a few mice steer the model")
plt.show()
print(
    "largest:",
    cook.index[-1],
    f"{cook.iloc[-1]:.2f}",
    "then",
    cook.index[-2],
    f"{cook.iloc[-2]:.2f}",
)

# %% [markdown]
# [Cook's distance](glossary.md#cooks-distance) says how far all fitted values move when one animal is left out; values
# near 1 deserve a look. What ten points do *not* allow is a verdict on normality:

# %% mystnb={"image": {"alt": "Nine small normal quantile plots of ten residuals each, one real and eight simulated from a normal distribution; several of the simulated ones look as crooked as the real one."}}
rng = np.random.default_rng(3)
fig, axes = plt.subplots(3, 3, figsize=(8, 6.5), sharex=True, sharey=True)
real = 4
for position, ax in enumerate(axes.ravel()):
    noise = rng.standard_normal(10)
    drawn = smf.ols("noise ~ urea + weight", mice.assign(noise=noise)).fit().get_influence()
    residual = (influence if position == real else drawn).resid_studentized_internal
    stats.probplot(residual, plot=ax)
    ax.get_lines()[0].set(markerfacecolor="white", markeredgecolor=plots.INK)
    ax.get_lines()[1].set(color=plots.BLUE)
    ax.set(title="", xlabel="", ylabel="")
fig.supxlabel("normal quantiles")
fig.supylabel("ordered residuals")
fig.suptitle(
    "Which one is real? Eight of nine are drawn from a normal distribution", fontweight="bold"
)
plt.show()

# %% [markdown]
# The real one is in the middle. If you could not tell, neither can a test of normality with ten residuals: it would pass
# nearly anything. State the assumption, show the points, and let the reader judge.
#
# ## Recap
#
# A slope is a correlation with units, and shares its test. Two predictors that go together lose their stars together
# and not their joint test (p = 0.0107): report both. Measured urea goes with Gene X, 0.548 [0.058, 1.038] standard
# deviations per 100 mg/dl at equal weight; among mice of one group the data do not say (p = 0.684). The rows of a factor
# are differences from its reference level, and any other difference is a contrast of them. **Decision:** you can answer
# "is there an association?" with a slope, its unit and its interval, and say which comparison, between groups or within
# them, it rests on.
#
# **Before:** [01 · Correlation](01_correlation.ipynb). **Next:** should the group be a random effect, as the reviewer
# said? [03 · Fixed or random?](03_fixed_or_random.ipynb)
#
# **Sources.** Added-variable plots: Frisch & Waugh 1933, [doi:10.2307/1907330](https://doi.org/10.2307/1907330). Cook's
# distance: Cook 1977, [doi:10.1080/00401706.1977.10489493](https://doi.org/10.1080/00401706.1977.10489493). Line-ups of
# plots: Buja et al. 2009, [doi:10.1098/rsta.2009.0120](https://doi.org/10.1098/rsta.2009.0120).

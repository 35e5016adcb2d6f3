# %% [markdown]
# # 03 · Linear models
#
# **How much does Gene X change per unit of urea?**

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# loads what this lesson needs, and the ten mice with urea also counted in steps of 100 mg/dl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.oneway import anova_oneway

from helpers import plots, tables
from helpers.course.claims import claim
from helpers.data import load_mouse_scores
from helpers.exercises import check, solution

plots.use_style()
tables.use_style()
mice = load_mouse_scores().assign(urea100=lambda table: table["urea"] / 100)

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Gene X against urea for ten mice in the colours of their groups. The CR mice lie low on the left, the C mice on the right and mostly high, the HP mice in between and spread out."}}
# draws Gene X against urea, ten mice in three groups
ax = plots.points_by_group(
    plt.figure(figsize=(8, 4.8)).gca(), mice, "urea", "gene_x", "group", name="animal"
)
ax.set(xlabel="urea (mg/dl)", ylabel="Gene X (standard deviations)")
_ = ax.set_title("More urea, more Gene X. Or is it the group?")

# %% [markdown]
# Ten mice, three conditions. The more urea in a mouse's blood, the more of Gene X it seems to have.
# But look at the colours: CR lies low on the left, C on the right. Is it urea, or is it the group?
#
# A correlation cannot tell, because it looks at two columns. A **linear model** can look at three.
#
# *About 27 minutes. You need lesson 01. At the end you will be able to read a slope aloud in its
# units, test two predictors together and say what ten mice cannot tell you.*
#
# ## 1 · From r to a slope
#
# The slope of a line through the points says how much Gene X differs, on average, between two mice
# that differ by one unit of urea. We count urea in steps of 100 mg/dl (`urea100`). In the formula,
# `~` reads "depends on". What stands to its right is called a *predictor*.

# %%
line = smf.ols("gene_x ~ urea100", mice).fit()
line.summary2().tables[1].round(4)  # the table of coefficients

# %% [markdown]
# Each row is a [**coefficient**](glossary.md#coefficient), a number that the model estimates. Read
# the second one aloud: *on average, a mouse with 100 mg/dl more urea has 0.58 standard deviations
# more of Gene X (95% confidence interval 0.13 to 1.04, p = 0.018).*
#
# - `Std.Err.`, the [**standard error**](glossary.md#standard-error), says how far such an estimate
#   typically lies from the truth, if the model is right.
# - `t` is the estimate divided by its standard error. `P>|t|` is the p-value, the same as that of r
#   in lesson 01.
# - `[0.025` and `0.975]` are the two ends of the 95% confidence interval.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the sentence about the p-value against the data
p_of_r = stats.pearsonr(mice["urea"], mice["gene_x"]).pvalue
claim(abs(p_of_r - line.pvalues["urea100"]) < 1e-9, "A line and an r have the same p-value.")

# %% [markdown]
# ### Exercise 3.1
#
# By how many standard deviations does Gene X differ, on average, between two mice that are 50 mg/dl
# apart? Give two decimals.

# %%
answer = ...
check("3.1", answer)  # solution("3.1") shows one way

# %% [markdown]
# ## 2 · The same line inside each group
#
# Now each group gets its own height, and all three share one slope.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "The same ten points with a dashed line through all of them and three solid parallel lines, one for each group, which are much flatter. Two arrows show the rise per 100 mg/dl: 0.58 for all mice and 0.23 inside a group."}}
# draws the overall line and three parallel lines, with the slope of each as an arrow
ax = plt.figure(figsize=(8, 5)).gca()
plots.parallel_lines(ax, mice, "gene_x", "urea", "group")
ax.set(xlabel="urea (mg/dl)", ylabel="Gene X (standard deviations)")
_ = ax.set_title("Inside a group the line is much flatter")

# %% [markdown]
# The dashed line runs through all mice, and a solid one through each group. The arrows show how much
# each rises.

# %%
inside = smf.ols("gene_x ~ urea100 + group", mice).fit()
inside.summary2().tables[1].round(3)

# %% [markdown]
# Read `urea100` aloud: *of two mice of the same group, the one with 100 mg/dl more urea has on
# average 0.23 standard deviations more of Gene X (95% interval −0.72 to 1.19).* The overall slope,
# 0.58, lies inside this interval. So these mice cannot show that the slope is smaller within a group.
# (In lesson 01, the line of the *score* stayed as steep.)
#
# The two rows above it are differences in height. At equal urea, `group[T.CR]` is CR *minus C*, and
# `group[T.HP]` is HP *minus C*. Group C has no row, because the others are compared with it.
#
# ### Exercise 3.2
#
# How much higher is the line of HP than the line of CR? Give two decimals.

# %%
answer = ...
check("3.2", answer)  # solution("3.2") shows one way

# %% [markdown]
# Which slope do you report? That depends on what acts on what:

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "A sketch of four boxes. Arrows lead from condition to urea, to weight and to Gene X. Arrows with question marks lead from urea to Gene X and from weight to Gene X."}}
# draws what may act on what
ax = plt.figure(figsize=(8, 3.6)).gca()
asked = {("urea", "Gene X"): "?", ("weight", "Gene X"): "?"}
given = dict.fromkeys(
    [("condition", "urea"), ("condition", "weight"), ("condition", "Gene X")], ""
)
_ = plots.causal_sketch(ax, given | asked)
_ = ax.set_title("The condition may act on all three")

# %% [markdown]
# Suppose you ask what urea itself does (the orange arrow). If the condition acts on urea *and* on
# Gene X, that alone makes a slope. So compare mice of the same condition: the slope is 0.23.
#
# Now suppose you ask what the condition does to Gene X. Then urea may be part of how it acts, and a
# model that holds urea fixed takes that part away.

# %%
shared = smf.ols("urea ~ group", mice).fit().rsquared
print(f"{shared:.0%} of the variation of urea lies between the groups")

# %% [markdown]
# Little is left to compare inside a group, so the interval is wide.
#
# **Verdict.** Across all ten mice, Gene X rises with urea (0.58, 0.13 to 1.04). Ten mice cannot
# decide whether urea has anything to do with it *beyond the group*. Report both slopes with their
# intervals.
#
# > **What if** one mouse had not been measured? Change the name, and run all that follows.

# %% tags=["what-if"]
left_out = None  # try "C24" or "CR4.1"
mice = load_mouse_scores().assign(urea100=lambda table: table["urea"] / 100)
mice = mice.query("animal != @left_out")

# %% [markdown]
# ## 3 · Urea and weight together
#
# The laboratory asked for an association of Gene X with "the body weight and urea concentration".
# These are two predictors, so both go into the model.

# %%
both = smf.ols("gene_x ~ urea100 + weight", mice).fit()
both.summary2().tables[1].round(3)

# %% [markdown]
# Read aloud: *of two mice of equal weight, the one with 100 mg/dl more urea has on average 0.55
# standard deviations more of Gene X (0.06 to 1.04, p = 0.033). At equal urea, one more gram goes with
# 0.14 less (p = 0.47).*
#
# Each row asks about *one* predictor while the other stays equal. The laboratory asked about *both*.
# Are both slopes zero? The [**joint test**](glossary.md#joint-test) answers with an F. F compares
# what urea and weight account for with what is left over. Chance alone gives values around 1.

# %%
joint = both.f_test("urea100 = 0, weight = 0")
print(
    f"F({joint.df_num:.0f}, {joint.df_denom:.0f}) = {joint.fvalue:.2f}, p = {joint.pvalue:.3f}"
)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# shuffles Gene X among the mice 20,000 times, and counts how often urea and weight fit it as well as they do here
predictors = np.linalg.qr(both.model.exog)[0][:, 1:]
gene_x = mice["gene_x"].to_numpy()
shuffled = np.random.default_rng(3).permuted(np.tile(gene_x, (20_000, 1)), axis=1)
fit_of_shuffled = ((shuffled @ predictors) ** 2).sum(axis=1)
p_shuffled = np.mean(fit_of_shuffled >= ((gene_x @ predictors) ** 2).sum() - 1e-9)
print(f"by shuffling: p = {p_shuffled:.2f}")
claim(abs(p_shuffled - joint.pvalue) < 0.01, "Shuffling agrees with the F test.")
claim(
    joint.pvalue > 0.05 and both.pvalues["urea100"] < 0.05,
    "The two tests fall on two sides of 0.05.",
)

# %% [markdown]
# The 2 counts the slopes tested. The 7 counts the degrees of freedom: ten mice minus three
# coefficients. Shuffling Gene X among the mice agrees, without assuming normal noise. So which p
# counts? The one whose question you had before you looked:
#
# | does Gene X go with … | the test that answers it | p |
# | --- | --- | --- |
# | urea? | slope of urea alone | 0.018 |
# | **urea and weight?** | **joint test of both** | **0.055** |
# | urea, at equal weight? | row of urea beside weight | 0.033 |
# | urea, inside a group? | row of urea beside group | 0.575 |
#
# **Verdict.** The laboratory asked the second question: F(2, 7) = 4.50, p = 0.055. That is not
# significant at 5%, and it is no evidence of "no association" either. If you pick 0.033 afterwards,
# the result chooses the question.
#
# ### Exercise 3.3
#
# Add the group: `gene_x ~ urea100 + weight + group`. Test urea and weight *together* in this model.
# Give p with two decimals.

# %%
answer = ...
check("3.3", answer)  # solution("3.3") shows one way

# %% [markdown]
# ## 4 · Scores or values?
#
# Urea and weight each have a score, too. Here are four models side by side (standard errors in
# brackets; \* p < 0.05, \*\* p < 0.01):

# %%
formulas = ["urea_score", "weight_score", "urea_score + weight_score", "urea100 + weight"]
fits = {name: smf.ols(f"gene_x ~ {name}", mice).fit() for name in formulas}
tables.side_by_side(fits, digits=2)

# %% [markdown]
# Alone, each score has two stars. Together neither has one, and yet their joint F is significant. The
# scores are [**collinear**](glossary.md#collinear): they rise together (r = 0.75). So ten mice say
# little about what one adds to the other. A predictor that "is no longer significant" may well
# matter.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the sentences above and below against the mice
scores, values = fits["urea_score + weight_score"], fits["urea100 + weight"]
claim(
    scores.f_pvalue < 0.05 < scores.pvalues.iloc[1:].min(),
    "Only jointly are the scores significant.",
)
urea_alone, urea_beside = fits["urea_score"].pvalues.iloc[1], scores.pvalues.iloc[1]
print(f"urea score: p = {urea_alone:.3f} alone, {urea_beside:.3f} beside the weight score")
beside_group = smf.ols("gene_x ~ urea_score + weight_score + group", mice).fit()
beside_group = beside_group.f_test("urea_score = 0, weight_score = 0")
claim(beside_group.pvalue > 0.05, "Beside the group, the scores are not significant.")
is_cr = mice["group"] == "CR"
claim(
    mice.loc[is_cr, "weight_score"].max() <= 2 and mice.loc[~is_cr, "weight_score"].min() >= 3,
    "Every CR mouse has a weight score of 1 or 2, every other mouse 3 or 4.",
)
print(f"scores: R² = {scores.rsquared:.2f}, joint p = {scores.f_pvalue:.3f}")
print(f"values: R² = {values.rsquared:.2f}, joint p = {values.f_pvalue:.3f}")


# %% [markdown]
# R² is the share of the variance of Gene X that a model accounts for: 0.73 with the scores, 0.56 with
# the values. Why would a coarser number do better? Perhaps because the scores rest on "multiple
# measurements on different days". Perhaps because the weight score nearly repeats the group: every CR
# mouse scores 1 or 2, every other mouse 3 or 4. These data cannot tell.
#
# **Verdict.** A score that fits better is no reason to prefer it. Best of all, average the repeated
# readings behind the scores for each animal. Until then, report both. Conclude from the measured
# values, because the question names them: from 0.055, not from 0.011.
#
# ### Exercise 3.4
#
# Alone, the urea score has p = 0.007. Beside the weight score it has p = 0.220. Which sentence is
# right? Give its letter.
#
# - **a** — The urea score has no effect; the first result was a false positive.
# - **b** — Ten mice say too little about what the urea score adds at an equal weight score.
# - **c** — The second model is wrong, because a significant predictor stays significant.
# - **d** — The weight score is the cause, because its p-value is the smaller one.

# %%
answer = ...
check("3.4", answer)  # solution("3.4") shows one way

# %% [markdown]
# ## 5 · What ten mice can check
#
# A [**residual**](glossary.md#residual) is what the model leaves over: the measured value minus the
# fitted one. The tests above assume that residuals scatter equally widely everywhere. Do they? And
# does one mouse decide?

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Left: residuals against fitted Gene X; they lie close to zero on the left, where the CR mice are, and spread widely on the right, where the C mice are. Right: the joint p-value of urea and weight after leaving out each mouse in turn, from 0.009 without C22 to 0.133 without C24; eight of ten lie above 0.05."}}
# draws the residuals of the model with urea and weight, and the p-value of the joint test without each mouse
p_without = {
    name: smf.ols("gene_x ~ urea100 + weight", mice[mice["animal"] != name]).fit().f_pvalue
    for name in mice["animal"]
}
_ = plots.residual_checks(
    both.fittedvalues, both.resid, mice["group"], p_without, both.f_pvalue
)

# %% [markdown]
# On the left is a funnel: the larger the fitted value, the wider the residuals scatter. On the right,
# each point leaves out one mouse. The joint p lies anywhere between 0.009 and 0.133.
#
# Two tests do without equal scatter. HC3 lets the spread differ from mouse to mouse. Welch's test
# gives each group a spread of its own.

# %%
hc3 = both.get_robustcov_results("HC3").f_test("urea100 = 0, weight = 0")
welch = anova_oneway(mice["gene_x"], mice["group"], use_var="unequal")
print(
    f"urea and weight, HC3: p = {hc3.pvalue:.3f}; the three groups, Welch: p = {welch.pvalue:.3f}"
)

# %% [markdown]
# Which p is right? Make 20,000 studies with the spread of these three groups, in which *nothing* acts
# on Gene X. A test at 5% should be significant in 5% of them.
#
# > **What if** the groups had the same spread? Change `False`.

# %% tags=["what-if"]
same_spread = False  # try True

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# makes studies without any effect, and counts how often each test is significant
spread = mice.groupby("group", observed=True)["gene_x"].std()
sd = 1 if same_spread else mice["group"].astype(str).map(spread).to_numpy()
noise = np.random.default_rng(4).standard_normal((20_000, len(mice))) * sd
x = both.model.exog
inverse = np.linalg.inv(x.T @ x)
slopes = noise @ x @ inverse
left = noise - slopes @ x.T
df = both.df_resid
without_mouse = (left / (1 - np.einsum("ij,jk,ik->i", x, inverse, x))) ** 2
robust = np.einsum("ik,nk,jk->nij", inverse @ x.T, without_mouse, inverse @ x.T)[:, 1:, 1:]
ordinary = inverse[1:, 1:] * (left**2).sum(axis=1)[:, None, None] / df
tested = slopes[:, 1:]
of_slopes = {
    kind: np.einsum("ni,nij,nj->n", tested, np.linalg.inv(variance), tested) / 2
    for kind, variance in {"equal": ordinary, "unequal": robust}.items()
}
limit = stats.f.isf(0.05, 2, df)
of_groups = [noise[:, mice["group"] == name] for name in spread.index]
n = np.array([part.shape[1] for part in of_groups])[:, None]
means, variances = (
    np.array([getattr(part, what)(axis=1, **ddof) for part in of_groups])
    for what, ddof in (("mean", {}), ("var", {"ddof": 1}))
)
weights = n / variances
share = weights / weights.sum(axis=0)
lost = ((1 - share) ** 2 / (n - 1)).sum(axis=0)
welch_f = (weights * (means - (share * means).sum(axis=0)) ** 2).sum(axis=0) / 2
p_welch = stats.f.sf(welch_f / (1 + lost / 4), 2, 8 / (3 * lost))
p_anova = stats.f_oneway(*of_groups, axis=1).pvalue
false_positives = {
    "urea and weight": [np.mean(f > limit) for f in of_slopes.values()],
    "the three groups": [np.mean(p_anova < 0.05), np.mean(p_welch < 0.05)],
}
by_group = smf.ols("gene_x ~ group", mice).fit()
p_values = {
    "urea and weight": [both.f_pvalue, float(hc3.pvalue)],
    "the three groups": [by_group.f_pvalue, float(welch.pvalue)],
}
kinds = ["equal spread assumed", "unequal spread allowed"]
table = pd.DataFrame(
    {
        (f"{what}", kind): {
            row: f"{numbers[row][k]:{form}}" for row in ("urea and weight", "the three groups")
        }
        for what, numbers, form in (
            ("p in the ten mice", p_values, ".3f"),
            ("false positives", false_positives, ".0%"),
        )
        for k, kind in enumerate(kinds)
    }
)
above = sum(p > 0.05 for p in p_without.values())
claim(
    (above, len(p_without)) == (8, 10),
    "Without one mouse, the joint p > 0.05 in 8 of 10 cases.",
)
growing = stats.spearmanr(both.fittedvalues, both.resid.abs()).statistic
claim(growing > 0.8, "The larger the fitted value, the wider the residuals scatter.")
claim(false_positives["the three groups"][0] > 0.1, "The ordinary test of groups exceeds 10%.")
claim(
    all(
        0.03 < rate < 0.07
        for rate in [*false_positives["urea and weight"], np.mean(p_welch < 0.05)]
    ),
    "The joint test, HC3 and Welch stay near 5%.",
)
print(
    f"joint test without one mouse: p = {min(p_without.values()):.3f} to {max(p_without.values()):.3f}"
)
print("SD of Gene X:", ", ".join(f"{name} {value:.2f}" for name, value in spread.items()))
table

# %% [markdown]
# The ordinary test of the three groups finds differences that are not there in 12% of the studies,
# Welch's in 6%. For urea and weight, the joint test does so in 6% and HC3 in 4%. Both are near 5%, so HC3 is no improvement.
#
# **Verdict.** For urea and weight, report the joint test (p = 0.055) and how far it moves: 0.009 to
# 0.133 without one mouse, 0.197 with HC3. For groups whose spread differs, report Welch's test (p =
# 0.114). Ten mice do not decide this.
#
# <details>
# <summary>In R</summary>
#
# ```r
# mice <- read.csv("data/mouse_scores.csv")
# mice$group <- factor(mice$group, levels = c("C", "HP", "CR"))
# mice$urea100 <- mice$urea / 100
# summary(lm(gene_x ~ urea100, mice))
# summary(lm(gene_x ~ urea100 + group, mice))
# both <- lm(gene_x ~ urea100 + weight, mice)
# summary(both)                                    # its last line is the joint test
# anova(lm(gene_x ~ 1, mice), both)                # the same test
# summary(lm(gene_x ~ urea_score + weight_score, mice))
# oneway.test(gene_x ~ group, mice)                # Welch
# h <- hatvalues(both); X <- model.matrix(both); B <- solve(crossprod(X))
# V <- B %*% crossprod(X * resid(both) / (1 - h)) %*% B   # HC3, as sandwich::vcovHC(both) gives it
# b <- coef(both)[-1]; f <- c(b %*% solve(V[-1, -1]) %*% b) / 2
# pf(f, 2, df.residual(both), lower.tail = FALSE)
# ```
#
# | number | R | here | difference |
# | --- | --- | --- | --- |
# | p of urea alone | 0.018 | 0.018 | < 1e-10 |
# | p of urea at equal weight | 0.033 | 0.033 | < 1e-10 |
# | p of urea and weight | 0.055 | 0.055 | < 1e-10 |
# | p of the groups, Welch | 0.114 | 0.114 | < 1e-10 |
# | p of urea and weight, HC3 | 0.197 | 0.197 | < 1e-10 |
#
# Run it in the folder of this repository. R's numbers and script: `tests/reference/mouse/linear.R`; a
# test holds these differences.
#
# </details>
#
# ## Recap
#
# A slope is in units, and r is not: read it aloud with "on average" and its interval. Predictors that
# go together can each be non-significant and matter jointly, so test them together. With ten mice,
# look at the residuals and leave each mouse out once.
#
# **Decision:** you can now say which mice your slope compares, and which test answers your question.
#
# **Next:** the reviewer asked for a mixed model. [04 · Fixed or random?](04_fixed_or_random.ipynb)
# **On your own table:** the [correlation template](templates/correlation.ipynb) reports r within
# groups and without each animal in turn.
#
# **Sources.** [Welch 1951](https://doi.org/10.1093/biomet/38.3-4.330). HC3: [Long & Ervin
# 2000](https://doi.org/10.1080/00031305.2000.10474549). Confounder or step on the way: [Greenland,
# Pearl & Robins 1999](https://doi.org/10.1097/00001648-199901000-00008).

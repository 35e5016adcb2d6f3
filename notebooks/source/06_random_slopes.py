# %% [markdown]
# # 06 · When the effect itself varies
#
# **Does the drug do the same in every replicate, and what do I report if it may not?**

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# imports what the lesson needs, and reads the lengths with what was planted in them
import json
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from helpers import plots, tables
from helpers.course.claims import claim
from helpers.data import (
    load_modification_lengths,
    load_modification_lengths_truth,
    load_sleepstudy,
)
from helpers.exercises import check, solution
from helpers.mixed import SingularFitWarning, fit_mixed
from helpers.mixed.profile import profile_intervals

plots.use_style()
tables.use_style()
warnings.simplefilter("ignore", SingularFitWarning)  # section 2 asks `is_singular` instead
lengths, truth = load_modification_lengths(), load_modification_lengths_truth()
lengths["log_length"] = np.log(lengths["length"])
DRUG = "condition[T.DRUG]"  # the coefficient of interest: DRUG against NO DRUG

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three panels, genes C, A and B: the drug effect within each of four replicates, with the interval that its rows leave. Gene C: four close values near 0.22. Genes A and B: rep1 lies below zero with a wide interval, the others near 0.1."}}
# draws the drug effect within each replicate, with the interval that its rows leave
keys = ["gene_name", "replicate"]
mean = lengths.pivot_table("log_length", keys, "condition", observed=True)
error = lengths.pivot_table("log_length", keys, "condition", observed=True, aggfunc="sem")
estimate, of_rows = mean["DRUG"] - mean["NO DRUG"], np.hypot(error["DRUG"], error["NO DRUG"])
within = {
    "estimate": estimate,
    "conf_low": estimate - 1.96 * of_rows,
    "conf_high": estimate + 1.96 * of_rows,
}
within = pd.DataFrame(within)
plots.interval_panels(
    {f"gene {gene}": within.loc[gene] for gene in lengths["gene_name"].cat.categories},
    reference=0,
    xlabel="DRUG − NO DRUG (log length)",
    title="Four replicates, four drug effects: do they differ?",
    colours=plots.REPLICATE_COLOURS,
)
plt.show()
claim(
    (estimate.loc["C"] > 0).all() and all(estimate.loc[(gene, "rep1")] < 0 for gene in "AB"),
    "On genes A and B rep1 goes the other way.",
)

# %% [markdown]
# Each point is the drug effect *within* one replicate. Its bar is the 95% confidence interval from
# the rows of that replicate. On gene C, four effects agree. On genes A and B, rep1 goes the other
# way. Is that noise, or does the drug act differently there?
#
# The model of lesson 05 assumes one drug effect, the same everywhere. This lesson lets it vary, and
# decides which p-value to report.
#
# *About 28 minutes. You need lesson 05. At the end you will be able to fit a random slope, say what a
# few replicates can tell about it, and choose which analysis to report.*
#
# ## 1 · A study where you can see it
#
# The reaction time of 18 people was measured on ten days. After a baseline on day 2 they had three
# hours in bed a night.
#
# > **What if** the one person who got *faster* had not taken part?

# %% tags=["what-if"]
absent = None  # try "335"
sleep = load_sleepstudy().query("Subject != @absent")
one_slope = fit_mixed("Reaction ~ Days + (1 | Subject)", sleep)
own_slopes = fit_mixed("Reaction ~ Days + (1 + Days | Subject)", sleep)

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Eighteen thin lines of reaction time in milliseconds against days, one per subject, most of them rising, some steeply and one falling. A thick line, the average, rises from 250 to 345."}}
# draws a line through the days of each subject, and the average line
plots.subject_lines(
    sleep,
    own_slopes.fixed_effects,
    title="Most people get slower, each at their own rate",
)
plt.show()

# %% [markdown]
# Each thin line is a person. The lines start at different heights: a random intercept, `(1 |
# Subject)`. They also rise at different rates. A [**random slope**](glossary.md#random-slope), `(1 +
# Days | Subject)`, gives each person a rate of their own, drawn from a normal distribution. Compare
# the two models:

# %%
both = [fit.coefficients().loc["Days"] for fit in (one_slope, own_slopes)]
rates = pd.DataFrame(both, index=["one slope for all", "own slopes"])
rates[["estimate", "std_error", "df", "conf_low", "conf_high"]]

# %% [markdown]
# The average rate is the same. Its standard error doubles, and the degrees of freedom fall from 161
# to 17, the number of people minus one. A new person would have another rate, so *people* count, not
# days.
#
# Read aloud: *on average, a person gets 10.47 ms slower per day (95% confidence interval 7.21 to
# 13.73).* And how much do people differ?

# %%
own_slopes.variance_components[["group", "term_1", "term_2", "sdcor"]]

# %% [markdown]
# Row 1 is the standard deviation of people's rates, 5.92 ms per day. (The other rows are for levels,
# their correlation with the rates, and single days.) How sure is the 5.92?

# %%
of_rates = profile_intervals(own_slopes, terms="Days")
of_rates[["estimate", "conf_low", "conf_high"]]

# %% [markdown]
# Its [**profile interval**](glossary.md#profile-interval) holds every value under which the data are
# nearly as likely as under the best: 3.80 to 8.75. Zero is far outside, so people differ in rate. (To
# *test* a variance, see [appendix A1](A1_mixed_models_by_hand.ipynb).)
#
# Now take one slope per person, and a t test on 18 slopes.

# %%
by_person = sleep.groupby("Subject")
rate_of = [stats.linregress(days["Days"], days["Reaction"]).slope for _, days in by_person]
by_t, by_model = stats.ttest_1samp(rate_of, 0), own_slopes.coefficients().loc["Days"]
both = {"t test": [by_t.statistic, by_t.df], "model": by_model[["statistic", "df"]].tolist()}
pd.DataFrame(both, ["t", "df"]).T

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the sentences on the sleepers against the data
claim(
    np.isclose(by_t.statistic, by_model["statistic"], rtol=1e-4),
    "The t test on slopes and the random-slope model give the same t.",
)
claim(by_model["df"].round(3) == 17, "The random slope has 17 degrees of freedom.")

# %% [markdown]
# The t and the degrees of freedom are the same. **In a balanced study, the random-slope model gives
# the same test as one number per person**, as long as the fit is not singular (section 2).
#
# **Verdict.** Do you want to speak about further people, animals or replicates, and may the effect
# differ between them? Give it a random slope. Report the average effect with its interval, and how
# much it varies.
#
# ### Exercise 6.1
# People's rates are normal around 10.47 ms per day, with a standard deviation of 5.92. In a normal distribution, 1 in 40
# lies more than 1.96 standard deviations below the mean. Which rate do 39 of 40 *people* exceed? Give one decimal.

# %%
answer = ...
check("6.1", answer)  # solution("6.1") shows one way

# %% [markdown]
# ## 2 · Four replicates hardly show it
#
# Now fit the same kind of model to the drug data.
#
# > **What if** one replicate is left out? Then watch the p-values in the rest of the lesson.

# %% tags=["what-if"]
left_out = None  # try "rep1" or "rep4"
kept = lengths[lengths["replicate"] != left_out]
formula = "log(length) ~ condition + (1 + condition | replicate)"
slopes = {
    gene: fit_mixed(formula, rows) for gene, rows in kept.groupby("gene_name", observed=True)
}

# %%
# the SD of the drug effect between replicates
spread = pd.DataFrame(
    {gene: profile_intervals(fit, terms=DRUG).loc[0] for gene, fit in slopes.items()}
).T
spread["planted"] = truth["SD"]["drug effects of replicates"]
spread["singular"] = [fit.is_singular for fit in slopes.values()]
spread[["planted", "conf_low", "conf_high", "singular"]]

# %% [markdown]
# The standard deviation of the drug effect between replicates may be 0, which is the planted truth.
# On gene C it may also be 0.146, two thirds of the drug effect itself.
#
# On genes C and B the fit is [**singular**](glossary.md#singular-fit): a variance is estimated as
# zero, or a correlation as ±1. It happens when four effects differ no more than the noise of rows
# makes them.
#
# **Verdict.** A singular fit is not evidence that replicates respond alike. Nor is a test of the
# variance with p > 0.05. Decide from the design, before you look. To claim something about *further*
# replicates, let the effect vary, or count replicates (section 3).
#
# ### Exercise 6.2
# Your random-slope model of four replicates is singular. What may you write? Give a letter.
#
# - **a** "The drug acts alike in all replicates."
# - **b** "The data cannot show whether the drug acts alike in all replicates."
# - **c** "The model failed, so we tested the rows."
# - **d** "The random slope was zero, so we dropped it and tested with 1,308 degrees of freedom."

# %%
answer = ...
check("6.2", answer)  # solution("6.2") shows one way

# %% [markdown]
# ## 3 · Which p-value to report
#
# For gene C there are four p-values to choose from. Kenward–Roger (lesson 05) was made for variances
# from few groups.

# %%
keys = ["gene_name", "replicate"]
means = kept.pivot_table("log_length", keys, "condition", observed=True)
differences = means["DRUG"] - means["NO DRUG"]
four, methods = differences["C"], ["normal", "satterthwaite", "kenward-roger"]
t_test = stats.ttest_1samp(four, 0)
offers = pd.DataFrame({ddf: slopes["C"].coefficients(ddf).loc[DRUG] for ddf in methods}).T
offers = offers[["estimate", "std_error", "df", "p_value"]].rename({"normal": "z (normal)"})
offers.loc["paired t"] = [four.mean(), four.sem(), t_test.df, t_test.pvalue]
offers

# %% [markdown]
# Kenward–Roger says 0.054, the paired t test 0.0007: 77 times less. You may not pick the one you
# like. So look at studies where the truth is known: 500 for each point, with gene C's rows per
# replicate. Here the drug does *nothing on average*, so each significant result is a [type I
# error](glossary.md#type-i-error).

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two panels of false positives in percent against 3 to 12 replicates, six lines each. Where the effect is alike, all but the t test on rows stay near or below the dashed 5 percent. Where it varies, rows and random intercept lie between 25 and 50 percent, z above 5 at few replicates, the paired t near 5, Kenward–Roger near zero for few replicates."}}
# draws how often six analyses reject at 5% where the drug does nothing on average, by number of replicates
NAMES = {
    "rows": "t test on rows",
    "intercept": "random intercept",
    "z": "random slope, z",
    "satterthwaite": "random slope, Satterthwaite",
    "paired": "paired t on means",
    "kenward_roger": "random slope, Kenward–Roger",
}
simulated = pd.read_csv("../data/varying_effect.csv")
sums = simulated.groupby(["slope_sd", "groups"]).sum()
studies = sums["studies"]
false_positives = sums[list(NAMES)].div(studies, axis="index").rename(columns=NAMES)
power = (
    sums[[f"{name}_power" for name in NAMES]]
    .div(studies, axis="index")
    .set_axis(list(NAMES.values()), axis=1)
)
plots.rejection_curves(
    {
        "effect alike in all replicates": false_positives.loc[0.0],
        "effect varies (SD 0.15)": false_positives.loc[0.15],
    },
    nominal=0.05,
    title="If the effect varies, a random intercept rejects too often",
)
plt.show()

# %% [markdown]
# On the left, the drug does nothing anywhere. Only the t test on rows rejects too often.
#
# On the right, the effect varies between replicates. Now the random intercept rejects in about 30% of
# the studies, because it takes rows for evidence about replicates. z rejects too often with few
# replicates. The paired t test stays near 5%. Kenward–Roger stays *far below*: with three or four
# replicates it hardly ever rejects. (Differences of 2 points are chance.)
#
# Being too careful has a price, too. Here are four replicates where the effect varies around a true
# 0.3. "Power" is the share of studies that find it.

# %%
at_four = {"false positives": false_positives.loc[(0.15, 4)], "power": power.loc[(0.15, 4)]}
at_four = pd.DataFrame(at_four)
(100 * at_four).map("{:.0f}%".format)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the sentences on the simulated studies against the table
few, many = at_four.loc["random slope, Kenward–Roger"], power.loc[(0.15, [6, 8, 12]), :]
claim(false_positives["paired t on means"].max() < 0.07, "The paired t test stays near 5%.")
claim(
    false_positives.loc[0.15, "random intercept"].between(0.27, 0.33).all(),
    "Where the effect varies, the random intercept rejects in about 30% of the studies.",
)
claim(few["false positives"] < 0.01, "With four replicates Kenward–Roger hardly ever rejects.")
claim(
    few["power"] < at_four.loc["paired t on means", "power"],
    "The paired t test finds more than Kenward–Roger.",
)
rival = power.loc[0.15, "random slope, Satterthwaite"]
claim(
    (rival - power.loc[0.15, "paired t on means"]).abs().max() < 0.03,
    "The paired t test and Satterthwaite's method find about the same.",
)
claim(
    false_positives["random slope, Satterthwaite"].max() < 0.07,
    "Satterthwaite's method keeps to 5%, too.",
)
gap = (many["paired t on means"] - many["random slope, Kenward–Roger"]).abs().max()
claim(gap < 0.02, "From six replicates on the two find the same.")

# %% [markdown]
# Of the analyses that keep to 5%, the paired t test and Satterthwaite's method find about the same.
# With few replicates, both find more than Kenward–Roger. The paired t test is the simpler one.
# Satterthwaite's degrees of freedom jump: 78.6 for gene C, where four replicates leave 3.
#
# What do more replicates give? Here twelve are simulated, with effects around 0.3.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "The effects of simulated replicates as points, one added after the other, and on the right their mean with its 95 percent interval. A slider goes from 2 replicates, whose interval leaves the picture, to 12, whose interval is narrow."}}
# adds simulated replicates one by one, and draws the interval of their mean; a slider goes from 2 to 12
effects = np.random.default_rng(9).normal(0.3, 0.15, size=12)
bounds = {n: stats.ttest_1samp(effects[:n], 0).confidence_interval() for n in (2, 4, 6, 12)}
width = {n: found.high - found.low for n, found in bounds.items()}
print("width of the 95% interval:", ", ".join(f"{w:.2f} with {n}" for n, w in width.items()))
claim(
    width[2] > 3 * width[4] and width[4] < 3 * width[12], "The first replicates narrow it most."
)
claim(bounds[4].low < 0 < bounds[6].low, "Four leave zero inside, six do not.")
plots.interval_as_replicates_come(effects, truth=0.3, unit="drug effect (log ratio)")

# %% [markdown]
# Move the slider: each replicate narrows the interval, the first ones most. With four, zero is still inside; with six it
# is not. (If you see no slider, run the cell.)
#
# **Verdict.** With fewer than about six replicates, report the **paired t test on one mean per
# replicate and condition**. From about six on (the number moves with the design), Kenward–Roger's
# random slope finds the same, and also takes covariates and unbalanced designs. Does each animal have
# only *one* condition? Then nothing can be paired: take one mean per animal, and Welch's t test.
# Choose before you look.
#
# <details>
# <summary>Some replicates have few rows. May I still use the t test?</summary>
#
# Yes, if the estimates of the replicates are independent and roughly normal. On one estimate per replicate, the t test at 5% then rejects in at most 5% of the studies, even if some are much noisier
# than others (Ibragimov & Müller 2010).
#
# </details>
#
# ### Exercise 6.3
# A colleague's random-slope model of four replicates prints z = 3 and p below 0.01. What is the two-sided p-value with 3
# degrees of freedom? Give three decimals. (`stats.t.sf(t, df)` is the upper tail.)

# %%
answer = ...
check("6.3", answer)  # solution("6.3") shows one way

# %% [markdown]
# ## 4 · The answer for the three genes
#
# The paired t test of gene C:

# %%
of_c = stats.ttest_rel(means.loc["C"]["DRUG"], means.loc["C"]["NO DRUG"])
print(f"t = {of_c.statistic:.2f}, df = {of_c.df}, p = {of_c.pvalue:.4f}")

# %% [markdown]
# And for all three genes, with [Holm's method](glossary.md#holm), which keeps the chance of *any*
# false positive among the three at 5%:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# repeats the t test for each gene, turns logs into ratios, and corrects p by Holm's method
answers = {}
for gene, four_values in differences.groupby("gene_name", observed=True):
    t_test = stats.ttest_1samp(four_values, 0)
    answers[gene] = [
        *np.exp([four_values.mean(), *t_test.confidence_interval()]),
        t_test.pvalue,
    ]
answers = pd.DataFrame(answers, ["ratio", "low", "high", "p"]).T
answers["Holm"] = multipletests(answers["p"], method="holm")[1]
answers

# %% [markdown]
# Gene C is significant (Holm p = 0.0021). Genes A and B are not.
#
# Is 0.0007 that strong? Compare the four differences with what their rows alone would do:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# simulates four differences that differ by the noise of rows alone, 100,000 times
four = differences["C"]
rows_alone = of_rows["C"].loc[four.index]  # standard error of each difference
noise = np.random.default_rng(6).normal(0, rows_alone, (100_000, len(four)))
lucky = noise.std(axis=1, ddof=1) < four.std()
rejects = stats.ttest_1samp(noise, 0, axis=1).pvalue < 0.05
print(f"SD {four.std():.3f}; rows alone agree as closely in {lucky.mean():.0%} of studies")
print(
    f"no effect: p < 0.05 in {rejects.mean():.0%} of all, in {rejects[lucky].mean():.0%} of these"
)

# %% [markdown]
# The four agree more closely than their rows usually allow. That is luck. Of the studies with such
# luck, half are significant without any effect. So check that the result does not need it, with an
# error from the rows alone:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# computes p from the noise of rows alone, and the wider of the two intervals
error = np.sqrt((rows_alone**2).sum()) / len(four)  # of the mean, by rows alone
by_rows = stats.norm.isf(0.025) * error
by_t = stats.t.isf(0.025, len(four) - 1) * four.sem()
low, high = np.exp(four.mean() + np.array([-1, 1]) * max(by_rows, by_t))
print(f"p by rows alone: {2 * stats.norm.sf(four.mean() / error):.0e}")
print(f"the wider interval: {low:.3f} to {high:.3f}")

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks these sentences against all three genes
claim(
    abs(rejects[lucky].mean() - 0.5) < 0.05,
    "Of the studies that agree so closely, half are significant without an effect.",
)
claim(four.mean() / error > stats.norm.isf(0.025), "Gene C is significant by rows alone, too.")
error_of = {gene: np.sqrt((of_rows[gene] ** 2).sum()) / 4 for gene in "AB"}
claim(
    all(stats.t.isf(0.025, 3) * estimate[gene].sem() > 1.96 * error_of[gene] for gene in "AB"),
    "On genes A and B the t test's interval is the wider one.",
)
of_rep1 = {gene: of_rows[(gene, "rep1")] ** 2 / (of_rows[gene] ** 2).sum() for gene in "AB"}
claim(min(of_rep1.values()) > 0.6, "rep1 makes most of the noise on genes A and B.")

# %% [markdown]
# Gene C is significant by both, so it stands. Report the larger p-value, 0.0007, and the wider
# interval, 1.127 to 1.400. Write this rule into the protocol.
#
# And does one replicate carry a result?


# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three panels, genes C, A and B: the drug's ratio with its interval from all replicates, and with each one left out. Gene C stays near 1.25 and above 1 throughout. Genes A and B include 1 unless rep1 is left out."}}
# draws each gene's ratio with each replicate left out
def without(gene, out):
    """Ratio and interval by the t test on differences, one replicate left out."""
    rest = differences[gene]
    rest = rest[rest.index != out]
    low, high = stats.ttest_1samp(rest, 0).confidence_interval()
    return dict(
        zip(
            ["estimate", "conf_low", "conf_high"], np.exp([rest.mean(), low, high]), strict=True
        )
    )


names = {"all": None} | {f"without {name}": name for name in differences["C"].index}
left = {
    f"gene {gene}": pd.DataFrame({label: without(gene, out) for label, out in names.items()}).T
    for gene in answers.index
}
plots.interval_panels(
    left,
    reference=1,
    xlabel="ratio, DRUG to NO DRUG",
    title="Gene C always stands; A and B depend on rep1",
    colours={f"without {name}": colour for name, colour in plots.REPLICATE_COLOURS.items()},
)
plt.show()
claim((left["gene C"]["conf_low"] > 1).all(), "Gene C stands whichever replicate is left out.")
claim(
    all((left[f"gene {g}"]["conf_low"] > 1).sum() == 1 for g in "AB"),
    "The intervals of genes A and B exclude 1 only without rep1.",
)

# %% [markdown]
# Gene C stands throughout. The intervals of genes A and B exclude 1 only without rep1, which holds 4%
# of the rows. Say so in the paper, and do not drop rep1.
#
# **Verdict.** The drug lengthens the modification on gene C. Write: *"The ratio of typical lengths,
# with the drug to without, was 1.26 on gene C (95% CI 1.13 to 1.40, for this gene alone; p = 0.0007,
# Holm 0.0021; four replicates)."* Beside it, put the model of lesson 05, as "if the drug does the
# same in every replicate".
#
# On genes A and B, four replicates are too little evidence to decide. (The same effect in all
# replicates was planted on all three genes, so A and B are misses.) The cure is more replicates, and
# enough rows in each: rep1 makes most of the noise.
#
# ### Exercise 6.4
# What is gene A's p-value, by the t test on differences, without rep1? Give three decimals.

# %%
answer = ...
check("6.4", answer)  # solution("6.4") shows one way

# %% [markdown]
# <details>
# <summary>In R</summary>
#
# ```r
# library(lmerTest)  # Kenward–Roger also needs the package pbkrtest
# own_slopes <- lmer(Reaction ~ Days + (1 + Days | Subject), lme4::sleepstudy)
# summary(own_slopes)
# confint(own_slopes, oldNames = FALSE)  # profile intervals
# d <- read.csv("data/modification_lengths.csv.gz")
# d$condition <- relevel(factor(d$condition), "NO DRUG")
# gene_c <- subset(d, gene_name == "C")
# fit <- lmer(log(length) ~ condition + (1 + condition | replicate), gene_c)
# summary(fit, ddf = "Kenward-Roger")
# m <- with(gene_c, tapply(log(length), list(replicate, condition), mean))
# t.test(m[, "DRUG"], m[, "NO DRUG"], paired = TRUE)
# paired_p <- function(gene) {
#   m <- with(subset(d, gene_name == gene), tapply(log(length), list(replicate, condition), mean))
#   t.test(m[, "DRUG"], m[, "NO DRUG"], paired = TRUE)$p.value
# }
# p.adjust(sapply(c("C", "A", "B"), paired_p), "holm")
# ```
#
# </details>

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# shows R's numbers beside ours; R's were made by scripts in tests/reference, with a tighter optimizer
reference = Path("../tests/reference")
classic = json.loads((reference / "classic" / "classic.json").read_text())["lmm"][0]
profiles = json.loads((reference / "intervals" / "intervals.json").read_text())["slopes"][
    "profile"
]
of_lengths = json.loads((reference / "lengths" / "random_slopes.json").read_text())
days = next(row for row in classic["satterthwaite"] if row["term"] == "Days")
ends = next(row for row in profiles if row["name"] == "sd_Days|Subject")
ours, ours_ends = own_slopes.coefficients().loc["Days"], of_rates.loc[0]
of_c = slopes["C"].coefficients("kenward-roger").loc[DRUG]
tables.beside_r(
    [
        ("sleep: std. error of the rate", "own_slopes", days["Std. Error"], ours["std_error"]),
        ("sleep: df", "own_slopes", days["df"], ours["df"]),
        ("SD of rates: low", "confint", ends["low"], ours_ends["conf_low"]),
        ("SD of rates: high", "confint", ends["high"], ours_ends["conf_high"]),
        ("gene C, Kenward–Roger: df", "fit", of_lengths["kenward_roger"][1]["df"], of_c["df"]),
        (
            "gene C, Kenward–Roger: p",
            "fit",
            of_lengths["kenward_roger"][1]["Pr(>|t|)"],
            of_c["p_value"],
        ),
        (
            "gene C, paired t: p",
            "t.test",
            of_lengths["paired"]["C"]["p"],
            answers.loc["C", "p"],
        ),
    ],
    tolerance=1e-5,
)

# %% [markdown]
# ## Recap
#
# A random slope lets an effect differ between groups, and makes the groups the sample. Four
# replicates can neither show nor rule out that it differs. If you speak about further replicates,
# count replicates. With few of them, take the paired t test on means.
#
# **Decision:** you can now say which p-value to report when several are on offer.
#
# **Next:** [07 · Interactions](07_interactions.ipynb). **On your own table:** the [mixed-model
# template](templates/mixed_model.ipynb).
#
# **Sources.** Sleep: [Belenky et al. 2003](https://doi.org/10.1046/j.1365-2869.2003.00337.x). Random
# slopes: [Barr et al. 2013](https://doi.org/10.1016/j.jml.2012.11.001). The t test on estimates of
# groups: [Ibragimov & Müller 2010](https://doi.org/10.1198/jbes.2009.08046) (shown for two-sided tests at 5% or any other nominal level up to 8%).

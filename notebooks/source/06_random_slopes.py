# %% [markdown]
# # 06 · When the effect itself varies
#
# **Does the drug do the same in every replicate, and what do I report if it may not?**

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# imports what the lesson needs, and reads the lengths with what was planted in them
import warnings

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
from helpers.mixed.compare import compare
from helpers.mixed.profile import profile_intervals

plots.use_style()
tables.use_style()
warnings.simplefilter("ignore", SingularFitWarning)  # section 2 asks `is_singular` instead
lengths, truth = load_modification_lengths(), load_modification_lengths_truth()
lengths["log_length"] = np.log(lengths["length"])
DRUG = "condition[T.DRUG]"  # the coefficient of interest: DRUG against NO DRUG

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three panels, genes C, A and B: the drug effect within each of four replicates, with the interval that its rows leave. Gene C: four close values near 0.22. Genes A and B: rep1 lies below zero with a wide interval, the others near 0.1."}}
# draws the drug effect within each replicate, with the interval that its rows leave
cells = lengths.groupby(["gene_name", "replicate", "condition"], observed=True)["log_length"]
mean, error = cells.mean().unstack(), cells.sem().unstack()
estimate, of_rows = mean["DRUG"] - mean["NO DRUG"], np.hypot(error["DRUG"], error["NO DRUG"])
within = {"estimate": estimate, "conf_low": estimate - 1.96 * of_rows, "conf_high": estimate + 1.96 * of_rows}
within = pd.DataFrame(within)
plots.interval_panels(
    {f"gene {gene}": within.loc[gene] for gene in lengths["gene_name"].cat.categories},
    reference=0,
    xlabel="DRUG − NO DRUG (log length)",
    title="Four replicates, four drug effects: do they differ?",
    colours=plots.REPLICATE_COLOURS,
)
plt.show()

# %% [markdown]
# Each point is the drug effect *within* one replicate, and its bar is the 95% confidence interval that the rows of that
# replicate leave. On gene C four effects agree. On genes A and B rep1 goes the other way. Is that noise, or does the drug act
# differently there?
#
# The model of lesson 05 never asked. It said: one drug effect, the same everywhere. This lesson lets the effect vary, and
# decides which p-value to report.
#
# *About 29 minutes. You need lesson 05. At the end you will be able to fit a random slope, say what a few replicates can
# tell about it, and choose which analysis to report.*
#
# ## 1 · A study where you can see it
#
# Real data first: 18 people slept three hours a night, and their reaction time was measured on ten days.
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
    title="Most people get slower, each at a pace of their own",
)
plt.show()

# %% [markdown]
# Each thin line is a person. The lines start at different heights: a random intercept, `(1 | Subject)`. They also rise
# at different rates. A [**random slope**](glossary.md#random-slope), `(1 + Days | Subject)`, gives each person a rate of their
# own, drawn from a normal distribution. Compare the two models:

# %%
both = [fit.coefficients().loc["Days"] for fit in (one_slope, own_slopes)]
rates = pd.DataFrame(both, index=["one slope for all", "own slopes"])
rates[["estimate", "std_error", "df", "p_value"]]

# %% [markdown]
# The average rate is the same. Its standard error doubles, and the degrees of freedom fall from 161 to 17: the number of
# people minus one. A new person would have another rate, so *people* count, not days.
#
# Read aloud: *on average, a person gets 10.47 ms slower per day (95% confidence interval 7.21 to 13.73).* And how much do
# people differ?

# %%
profile_intervals(own_slopes).query("term_1 == 'Days'")[["estimate", "conf_low", "conf_high"]]

# %% [markdown]
# The standard deviation of the slopes is about 5.7 ms per day. Its [**profile interval**](glossary.md#profile-interval) holds
# every value under which the data are nearly as likely as under the best: 3.80 to 8.75. Zero is far outside.
#
# You can also test it. `compare` gives the likelihood-ratio statistic, and its p-value needs care: a standard deviation
# cannot be negative, so zero lies *on the boundary*. For one variance, halve the p-value. For a random slope with
# its correlation, take the mean of the p-values with 1 and 2 degrees of freedom.

# %%
statistic = compare(one_slope, own_slopes)["statistic"][1]
p = (stats.chi2.sf(statistic, 1) + stats.chi2.sf(statistic, 2)) / 2
print(f"statistic {statistic:.1f}, p = {p:.1e}")

# %% [markdown]
# (`compare` refits both by maximum likelihood, as R's `anova` does. The fixed parts are equal here, so REML would do, too.)
#
# Now the plainest analysis there is: one slope per person, and a t test on 18 slopes.

# %%
slope_of = {who: stats.linregress(days["Days"], days["Reaction"]).slope for who, days in sleep.groupby("Subject")}
by_t = stats.ttest_1samp(list(slope_of.values()), 0)
by_model = own_slopes.coefficients().loc["Days"]
pd.DataFrame({"t": [by_t.statistic, by_model["statistic"]], "df": [by_t.df, by_model["df"]]}, ["t test", "model"])

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# holds the sentences on the sleepers against the data
claim(np.isclose(by_t.statistic, by_model["statistic"], rtol=1e-4), "The t test on slopes is the random-slope model.")
claim(by_model["df"].round(3) == 17, "The random slope has 17 degrees of freedom.")

# %% [markdown]
# The same t and the same degrees of freedom. **In a balanced study, the random slope *is* one number per person.** Remember
# that for section 3.
#
# **Verdict.** If the effect may differ between people, animals or replicates, and you want to speak about further ones, give it a
# random slope. Report the average effect with its interval, and how much it varies.
#
# ### Exercise 6.1
# People's rates are normal around 10.47 ms per day, with a standard deviation of 5.92 (by REML). Above which rate do 97.5% of *people* lie? One
# decimal.

# %%
answer = ...
check("6.1", answer)  # solution("6.1") shows one way

# %% [markdown]
# ## 2 · Four replicates hardly show it
#
# The same for the drug.
#
# > **What if** one replicate is left out? Follow the p-values down to the end.

# %% tags=["what-if"]
left_out = None  # try "rep1" or "rep4"
kept = lengths[lengths["replicate"] != left_out]
formula = "log(length) ~ condition + (1 + condition | replicate)"
slopes = {gene: fit_mixed(formula, rows) for gene, rows in kept.groupby("gene_name", observed=True)}

# %%
spread = pd.DataFrame({gene: profile_intervals(fit).loc[1] for gene, fit in slopes.items()}).T
spread["planted"] = truth["SD"]["drug effects of replicates"]
spread["singular"] = [fit.is_singular for fit in slopes.values()]
spread[["planted", "conf_low", "conf_high", "singular"]]

# %% [markdown]
# The standard deviation of the drug effect between replicates may be 0, which is the planted truth. It may also be 0.087 on gene A,
# 0.098 on gene B, and 0.146 on gene C: two thirds of the drug effect itself. Four replicates cannot tell.
#
# On genes C and B the fit is [**singular**](glossary.md#singular-fit): a variance is estimated as zero, or a correlation as ±1. `fit_mixed` warns.
# That is no error of the software. It is what four numbers look like when they differ by no more than their rows allow.
#
# **Verdict.** A singular fit is not evidence that replicates respond alike. Nor is a test of the variance with p > 0.05. Decide from the
# design, before you look: if you claim something about *further* replicates, the effect may vary.
#
# ### Exercise 6.2
# Your random-slope model of four replicates is singular. What may you write?
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
# For gene C many are on offer. Kenward–Roger (lesson 05) was made for variances from few groups. The paired t test knows only four
# differences.

# %%
differences = kept.pivot_table("log_length", ["gene_name", "replicate"], "condition", observed=True)
differences = differences["DRUG"] - differences["NO DRUG"]
offers = {ddf: slopes["C"].coefficients(ddf).loc[DRUG] for ddf in ["normal", "satterthwaite", "kenward-roger"]}
offers = pd.DataFrame(offers).T[["estimate", "std_error", "df", "p_value"]]
t_test = stats.ttest_1samp(differences["C"], 0)
offers.loc["paired t"] = [differences["C"].mean(), differences["C"].sem(), t_test.df, t_test.pvalue]
offers

# %% [markdown]
# Kenward–Roger says 0.054, the paired t test 0.0007: 77 times less. You may not pick the one you like. So look at
# studies where the truth is known: 500 for each point, with gene C's rows per replicate. Here the drug does *nothing on
# average*, so each significant result is a [type I error](glossary.md#type-i-error).

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "ALT"}}
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
power = sums[[f"{name}_power" for name in NAMES]].div(studies, axis="index").set_axis(list(NAMES.values()), axis=1)
plots.rejection_curves(
    {
        "effect alike in all replicates": false_positives.loc[0.0],
        "effect varies (SD 0.15)": false_positives.loc[0.15],
    },
    nominal=0.05,
    title="TITLE",
)
plt.show()

# %% [markdown]
# SEE

# %%
four = {"false positives": false_positives.loc[(0.15, 4)], "power": power.loc[(0.15, 4)]}
(100 * pd.DataFrame(four)).round(1).map("{:.1f} %".format)

# %% [markdown]
# VERDICT
#
# ### Exercise 6.3
# A colleague's random-slope model of four replicates prints z = 2.9, p = 0.0037. What is the p-value (two-sided) with 3 degrees of freedom?
# Three decimals.

# %%
answer = ...
check("6.3", answer)  # solution("6.3") shows one way

# %% [markdown]
# ## 4 · The answer for the three genes
# REST

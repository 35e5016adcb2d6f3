# %% [markdown]
# # 01 · Correlation
#
# **Does this gene go with that score?**

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# loads the libraries and the ten mice
import matplotlib.pyplot as plt
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats

from helpers import plots, tables
from helpers.correlation import correlate, permutation_test
from helpers.course.claims import claim
from helpers.data import load_mouse_scores
from helpers.exercises import check, solution

plots.use_style()
tables.use_style()
mice = load_mouse_scores()

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Scatter plot of Gene X against the total score for ten named mice. The points rise from CR4.2 at the lower left to C24 at the upper right, along a straight line."}}
# draws Gene X against the total score, a point per mouse
ax = plots.scatter_with_fit(mice, "total_score", "gene_x", label="animal", band=False)
ax.set(xlabel=plots.axis_label("total_score"), ylabel=plots.axis_label("gene_x"))
ax.set_title("Mice with a higher score have more of Gene X")
plt.show()

# %% [markdown]
# Ten mice in three conditions, C, HP and CR (the source does not explain the letters). A laboratory
# measured urea in the blood and body weight, gave a score for each, and added the two. Mice with a
# higher total score seem to have more of Gene X. How sure is that? And does it hold for the
# measurements themselves?
#
# A reviewer wanted a mixed model (lesson 04), so the laboratory asked [in
# public](https://stats.stackexchange.com/questions/421203/applying-linear-mixed-model-for-rna-seq-data)
# (Cross Validated, 2019, CC BY-SA 4.0).
#
# *About 29 minutes. You need lesson 00. At the end you will be able to mend labels that look like
# numbers, read a correlation aloud with its interval, and tell a correlation between groups from one
# within them.*
#
# ## 1 · "Or do I need to include the actual values?"
#
# One row is one mouse. `gene_x` is already a [z-score](glossary.md#z-score): mean 0, standard
# deviation 1.
#
# > **What if** one mouse had not been measured? Write its name, and run all cells below.

# %% tags=["what-if"]
left_out = None  # try "C24" or "HP14"
mice = load_mouse_scores().query("animal != @left_out")
mice.drop(columns="animal").set_axis(mice["animal"])

# %% [markdown]
# In the laboratory's own table, urea is a [**factor**](glossary.md#factor): a column of labels that
# look like numbers. One stray word in a column, such as "n.d.", is enough for that. In pandas the
# type is called `category`.

# %%
as_sent = mice.copy()
for column in ["urea", "weight"]:
    as_sent[column] = as_sent[column].astype("str").astype("category")
as_sent.dtypes

# %% [markdown]
# Fit a model to this column as it is. (`gene_x ~ urea` reads "Gene X depends on urea". A
# *coefficient* is a number that the model estimates. Lesson 03 explains both.)

# %%
stuck = smf.ols("gene_x ~ urea", as_sent).fit()
print(
    f"{stuck.nobs:.0f} mice, {len(stuck.params)} coefficients, {stuck.df_resid:.0f} left over"
)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# holds the next sentences against the data
claim(stuck.nobs == 10 == len(stuck.params), "Ten labels, ten mice.")
claim(stuck.df_resid == 0, "No degrees of freedom are left.")

# %% [markdown]
# The fit is perfect and useless. For a factor, a model gives each label its own mean. Here each mouse
# is its own mean. The [**degrees of freedom**](glossary.md#degrees-of-freedom) count what is left to
# measure the noise: mice minus coefficients. With none, there is no interval and no p-value.
#
# To get the numbers back, convert the labels' *text*. Converting the factor's *codes* is a trap.

# %%
values = as_sent["urea"].astype(float)  # the numbers that the labels show
codes = as_sent["urea"].cat.codes  # the place of each label in the list of labels
pd.DataFrame({"code": codes, "value": values}).set_axis(as_sent["urea"]).sort_values("code")

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two scatter plots of Gene X for the same ten mice. Left, against the factor codes of urea: no pattern, r = 0.001. Right, against measured urea in mg/dl: a rising pattern, r = 0.726."}}
# draws Gene X against the codes and against the values
plots.codes_and_values(codes, values, mice["gene_x"])
plt.show()

# %% [markdown]
# On the right, the values climb. On the left, the codes do not. Text is sorted letter by letter, so
# "105.57" comes first and "35.59" almost last.
#
# The [**correlation**](glossary.md#correlation) r says how closely points follow a straight line: 1
# is a rising line, 0 is no line at all, −1 is a falling one.

# %%
gene = mice["gene_x"]
print(f"values: r = {values.corr(gene):.3f}, codes: r = {codes.corr(gene):.3f}")

# %% [markdown]
# No error warns you of the codes.
#
# **Verdict.** If you use the actual values, use them as *numbers*. If a model leaves no degrees of
# freedom, look at `dtypes`. Convert the labels' text: `.astype(float)` in pandas,
# `as.numeric(as.character(f))` in R.
#
# ### Exercise 1.1
#
# Weight has the same fault in `as_sent`. Mend it. What is the correlation r of weight in grams with
# Gene X? Give two decimals.

# %%
answer = ...
check("1.1", answer)  # solution("1.1") shows one way

# %% [markdown]
# ## 2 · r with its interval and its p-value
#
# Now the total score. `pearsonr` gives r, and an interval on request.

# %%
pearson = stats.pearsonr(mice["total_score"], mice["gene_x"])
low, high = pearson.confidence_interval()
print(f"r = {pearson.statistic:.3f}, p = {pearson.pvalue:.4f}")
print(f"95% interval {low:.3f} to {high:.3f}")

# %% [markdown]
# Read aloud: *in these ten mice, Gene X rises with the total score (Pearson's r = 0.849, 95%
# confidence interval 0.471 to 0.964, p = 0.0019).*
#
# The [**confidence interval**](glossary.md#confidence-interval) is the range of true correlations
# that agree with these data. The [**p-value**](glossary.md#p-value) is the chance of an r at least
# this far from zero if score and gene had nothing to do with each other. Both assume that the mice
# are a random sample of one population, and that both columns are roughly normally distributed.
#
# But of a score, only the order means something. Pearson's r asks for a straight line. **Spearman's
# ρ** asks for any rise. It is the same r, computed from ranks.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two scatter plots of ten mice in three groups. Left, Gene X against total score: Pearson r = 0.849. Right, the ranks of both: the points lie closer to a rising line, Spearman rho = 0.942."}}
# draws values and ranks of score and gene
plots.values_and_ranks(mice, "total_score", "gene_x", group="group")
plt.show()

# %% [markdown]
# Ranks pull in far points such as C24. `correlate` gives both coefficients, each with its interval.

# %%
both = [correlate(mice, "total_score", "gene_x", method=m) for m in ["pearson", "spearman"]]
pd.concat(both)[["method", "n", "estimate", "conf_low", "conf_high", "p_value"]]

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# leaves out each mouse in turn, and holds the next sentence against the smallest r
without = [correlate(mice.drop(index=i), "total_score", "gene_x").loc[0] for i in mice.index]
claim(
    min(each["estimate"] for each in without) > 0.8, "Leave out any mouse: r stays above 0.8."
)
claim(max(each["p_value"] for each in without) < 0.05, "Leave out any mouse: p stays below 5%.")
every_order = permutation_test(mice, "total_score", "gene_x", method="spearman")
rho = both[1].loc[0]
print(f"rho = {rho.estimate:.3f}, 95% interval {rho.conf_low:.2f} to {rho.conf_high:.2f}")
print(f"from every order of the values: p = {every_order.p_value:.5f}")

# %% [markdown]
# Leave out any one mouse: r stays above 0.8 and p below 5%. The p of ρ in the table is approximate.
# Trying every order of the values gives 0.00017 (section 4 shows how).
#
# **Verdict.** Give the coefficient with its interval and the number of animals. p alone says little.
# For measurements, report Pearson's r. For a score, report Spearman's: ρ = 0.942 (95% interval 0.70
# to 0.99, n = 10). Choose before you look.
#
# ### Exercise 1.2
#
# ρ = 0.942, 95% interval from 0.70 to 0.99, p = 0.00017. Which sentence is right? Give its letter.
#
# - **a**: In 95% of mice the correlation lies between 0.70 and 0.99.
# - **b**: The probability that there is no correlation is 0.00017.
# - **c**: If the mice are a random sample of one population, true correlations from 0.70 to 0.99
#   agree with these data.
# - **d**: A higher score raises the expression of Gene X.

# %%
answer = ...
check("1.2", answer)  # solution("1.2") shows one way

# %% [markdown]
# ## 3 · Scores or measurements?

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Left: urea score against urea, rising, but C20 with 321 mg/dl scores 4 and C22 with 330 scores 3. Right: weight score against weight, without order: CR4.2 with 23.5 g scores 1, C24 with 20 g scores 4."}}
# draws each score against its measurement
plots.scores_and_measurements(
    mice,
    group="group",
    label="animal",
    named={"urea": ["C20", "C22"], "weight": ["CR4.2", "C24"]},
    title="The urea score follows urea; the weight score does not",
)
plt.show()

# %% [markdown]
# C20 has less urea than C22, and the higher score. CR4.2 weighs more than C24, and has the lower
# score. The laboratory says that the scores rest on "multiple measurements on different days", and
# gives no rule. Which of these columns goes with the gene?

# %%
columns = ["urea_score", "urea", "weight_score", "weight"]
correlate(mice, columns, "gene_x")[["x", "estimate", "conf_low", "conf_high", "p_value"]]

# %% [markdown]
# The weight *score* goes with Gene X (r = 0.810). Weight itself hardly does (r = −0.354, with an
# interval across zero). The score nearly repeats the group: every CR mouse scores 1 or 2, every other
# mouse 3 or 4. And a score loses information: mice with 36 and 126 mg/dl of urea both score 1.
#
# **Verdict.** A score that fits better is no reason to prefer it. Best of all, average the repeated
# readings behind the scores for each animal. Until then, report both. Conclude from the measured
# values, because the question names them.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# holds the sentences above against the data
of = mice.set_index("animal")
weight = correlate(mice, "weight", "gene_x").loc[0]
claim(weight["conf_low"] < 0 < weight["conf_high"], "Weight's interval runs across zero.")
is_cr = of["group"] == "CR"
claim(
    of.loc[is_cr, "weight_score"].max() <= 2 and of.loc[~is_cr, "weight_score"].min() >= 3,
    "Every CR mouse has a weight score of 1 or 2, every other mouse 3 or 4.",
)
claim(
    {"C20", "C22", "C24", "CR4.2"} <= set(of.index)
    and of.loc["C20", "urea"] < of.loc["C22", "urea"]
    and of.loc["C20", "urea_score"] > of.loc["C22", "urea_score"]
    and of.loc["CR4.2", "weight"] > of.loc["C24", "weight"]
    and of.loc["CR4.2", "weight_score"] < of.loc["C24", "weight_score"],
    "C20 and C22, CR4.2 and C24 have scores in the wrong order.",
)

# %% [markdown]
# ## 4 · Three groups
#
# The mice come from three groups, so one r mixes two questions. Do *groups* with a higher score have
# more of the gene? And inside a group, do *mice* with a higher score? For the second, subtract from
# each value the mean of its group. What is left says how far a mouse lies above or below its own
# group. (A mean needs values, so this section uses r.)
#
# > **What if** we ask it of urea instead of the score? Change the name, and run the cells below.

# %% tags=["what-if"]
score = "total_score"  # try "urea"
own_group = mice.groupby("group", observed=True)[[score, "gene_x"]]
centred = mice[[score, "gene_x"]] - own_group.transform("mean")

# %% tags=["hide-input", "readme-picture"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Left: Gene X against total score, the three groups form three clusters whose means climb from CR through HP to C. Right: the same values after each group's mean was taken out: a line as steep, with points scattered widely around it."}}
# draws the three groups as measured, and with their means taken out
plots.clusters(mice, centred, score, "gene_x", group="group")
plt.show()

# %% [markdown]
# On the left, the three clusters climb (crosses mark their means). On the right is what remains
# within groups: the line is at least as steep, but the points scatter widely around it.

# %%
means = own_group.mean()  # three rows, one for each group
between = stats.pearsonr(means[score], means["gene_x"])
within = correlate(mice, score, "gene_x", within="group").loc[0]
print(f"between three means: r = {between.statistic:.3f}, p = {between.pvalue:.2f}")
print(f"within groups: r = {within['estimate']:.3f}, p = {within['p_value']:.3f}")
print(f"               interval {within['conf_low']:.3f} to {within['conf_high']:.3f}")

# %% [markdown]
# Three means lie almost on a line, r = 0.985. But three unrelated points come that close one time in
# nine (p = 0.11). Within groups, the interval runs from −0.151 to 0.922.
#
# What can the groups do alone? A [**permutation test**](glossary.md#permutation-test) shows it. If
# score and gene have nothing to do with each other, the values of Gene X could have fallen on the
# mice in any order. Then p is the share of orders whose r is at least as far from zero as ours. If
# the groups differ for their own reasons, only orders *within* groups are fair: 4! × 3! × 3! = 864.

# %%
free = permutation_test(mice, score, "gene_x")
in_groups = permutation_test(mice, score, "gene_x", strata="group")
print(f"exchanged freely: p = {free.p_value:.5f}, within groups: p = {in_groups.p_value:.3f}")

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two histograms of r over all arrangements. Left, exchanged between all mice: centred on zero, the observed 0.849 is far out. Right, exchanged within groups only: all r lie between 0.48 and 0.90, and the observed one is near the upper end."}}
# draws r in all arrangements, free and within groups
plots.free_and_within(free, in_groups)
plt.show()

# %% [markdown]
# On the left, the observed r (black line) is far beyond what chance gives. On the right, *every*
# order gives r of 0.48 or more. The groups alone can do that, and 0.849 is not beyond them.
#
# No r on the right is negative. So this p of 0.069 counts the upper end only: it is **one-sided**.
# Subtract the group means first, and both ends count. That p is **two-sided**:

# %%
two_sided = permutation_test(
    centred.assign(group=mice["group"]), score, "gene_x", strata="group"
)
print(f"two-sided: p = {two_sided.p_value:.3f}")

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# holds the sentences above and below against the data
claim(in_groups.n_arrangements == 864, "There are 864 arrangements within groups.")
claim(0.48 <= in_groups.null_distribution.min() < 0.485, "Within groups r is 0.48 or more.")
steep = [smf.ols(f"gene_x ~ {score}", table).fit().params[score] for table in (mice, centred)]
claim(steep[1] >= steep[0], "Within groups, the line is at least as steep.")
two_sided_without = {}
for name in mice["animal"]:
    some = mice[mice["animal"] != name]
    means = some.groupby("group", observed=True)[[score, "gene_x"]].transform("mean")
    rest = (some[[score, "gene_x"]] - means).assign(group=some["group"])
    test = permutation_test(rest, score, "gene_x", strata="group")
    two_sided_without[name] = test.p_value
least, most = min(two_sided_without.values()), max(two_sided_without.values())
print(f"two-sided, with one mouse left out: p from {least:.2f} to {most:.2f}")
claim(least < 0.05 < most, "One mouse decides whether p is below 5%.")
claim(two_sided.p_value > 0.05, "Within groups, p is above 5%.")
claim(within["conf_low"] < 0 < within["conf_high"], "The interval within groups holds zero.")

# %% [markdown]
# One mouse matters: leave one out, and the two-sided p lies anywhere between 0.02 and 0.40.
#
# **Verdict.** In these ten mice, groups with a higher score have more of Gene X. With three groups,
# that may be chance, or anything else in which they differ, such as diet or cage. Whether the score
# matters *beyond the group* cannot be decided. Report r over all mice and r within groups, with their
# intervals. Give the two-sided p, unless you named a direction beforehand.
#
# ### Exercise 1.3
#
# Within groups, what is the correlation of measured urea with Gene X? Give two decimals.

# %%
answer = ...
check("1.3", answer)  # solution("1.3") shows one way

# %% [markdown]
# ### Exercise 1.4
#
# Which sentence about the score within groups belongs in the paper? Give its letter.
#
# - **a**: Within groups, score and Gene X were not associated (p = 0.13).
# - **b**: Within groups, r was 0.62 (95% interval −0.15 to 0.92, permutation p = 0.13): too little to
#   decide.
# - **c**: Within groups, the association was borderline significant (p = 0.069).
# - **d**: A permutation test confirmed the association (p = 0.0007).

# %%
answer = ...
check("1.4", answer)  # solution("1.4") shows one way

# %% [markdown]
# <details>
# <summary>In R</summary>
#
# ```r
# m <- read.csv("data/mouse_scores.csv")
# m$urea.f <- factor(as.character(m$urea))              # as in the laboratory's table
# summary(lm(gene_x ~ urea.f, m))                       # ALL 10 residuals are 0: no residual degrees of freedom!
# cor(as.numeric(m$urea.f), m$gene_x)                   # the trap: r of the codes
# cor(as.numeric(as.character(m$urea.f)), m$gene_x)     # the way back: r of the values
# cor.test(m$total_score, m$gene_x)
# cor.test(m$total_score, m$gene_x, method = "spearman", exact = FALSE)
# centred <- function(v) v - ave(v, m$group)
# cor(centred(m$total_score), centred(m$gene_x))        # within groups
# tanh(atanh(0.620) + c(-1, 1) * 1.96 / sqrt(5))        # its interval: -0.151 to 0.922
# summary(lm(gene_x ~ total_score + group, m))          # its p: the row of total_score
# perms <- function(x) if (length(x) < 2) list(x) else
#   unlist(lapply(seq_along(x), function(i) lapply(perms(x[-i]), function(p) c(x[i], p))), FALSE)
# own <- lapply(split(1:10, m$group), perms)            # every order within each group
# pick <- expand.grid(lapply(lengths(own), seq_len))    # 864 rows
# order <- t(apply(pick, 1, function(k) {
#   o <- 1:10; for (g in names(own)) o[own[[g]][[1]]] <- own[[g]][[k[[g]]]]; o }))
# r <- function(x, y) apply(order, 1, function(o) cor(x, y[o]))
# mean(r(m$total_score, m$gene_x) >= cor(m$total_score, m$gene_x) - 1e-9)
# x <- centred(m$total_score); y <- centred(m$gene_x)
# mean(abs(r(x, y)) >= abs(cor(x, y)) - 1e-9)           # two-sided
# ```
#
# | | R | here | difference |
# | --- | --- | --- | --- |
# | r of the codes | 0.001 | 0.001 | below 1e-10 |
# | r of the values | 0.726 | 0.726 | below 1e-10 |
# | Pearson's r, total score | 0.849 | 0.849 | below 1e-10 |
# | its p | 0.0019 | 0.0019 | below 1e-10 |
# | within groups, r | 0.620 | 0.620 | below 1e-10 |
# | its p | 0.101 | 0.101 | below 1e-10 |
# | p of the 864 arrangements | 0.069 | 0.069 | below 1e-10 |
# | the same, two-sided | 0.132 | 0.132 | below 1e-10 |
#
# Within groups, `correlate` takes a t test (p = 0.101), which assumes normal noise with one spread
# for all groups.
#
# here two scores are equal, ρ has no exact p in `cor.test`. With `exact = FALSE`, R takes the t
# distribution, as `correlate` does. Section 2 has the exact one, from `permutation_test(…,
# method="spearman")`. Before version 4 of R, `read.csv` made such a column a factor; today it makes
# it text, and `lm` treats both alike.
#
# </details>
#
# ## Recap
#
# Labels that look like numbers leave a model without degrees of freedom, and their codes give a
# meaningless r. In ten mice, Gene X rises with the total score. Within groups, they show too little
# to decide.
#
# **Decision:** you can now say what to report of a correlation. That is the coefficient, its
# interval, the number of animals, and whether it holds within groups.
#
# **Next:** [02 · What ten mice can show](02_ten_mice.ipynb). **On your own table:** the [correlation
# template](templates/correlation.ipynb).
#
# **Sources.** Interval of r: [Fisher 1915](https://doi.org/10.2307/2331838). Interval of ρ: [Bonett &
# Wright 2000](https://doi.org/10.1007/BF02294183). Scores and cut points: [Altman & Royston
# 2006](https://doi.org/10.1136/bmj.332.7549.1080).

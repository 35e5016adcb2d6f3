# %% [markdown]
# # 05 · Mixed models
#
# **I have thousands of rows but four replicates: what now?**

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# imports what the lesson needs, and reads the lengths with what was planted in them
import json
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

from helpers import plots, tables
from helpers.course.claims import claim
from helpers.data import load_modification_lengths, load_modification_lengths_truth
from helpers.exercises import check, solution
from helpers.mixed import SingularFitWarning, fit_mixed

plots.use_style()
tables.use_style()
warnings.simplefilter("ignore", SingularFitWarning)  # lesson 06 says what it means
lengths, truth = load_modification_lengths(), load_modification_lengths_truth()
DRUG = "condition[T.DRUG]"  # the coefficient of interest: DRUG against NO DRUG

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Gene C: lengths on a log axis in eight strips, four replicates, each without and with the drug. The clouds overlap widely. Bars mark typical lengths: rep4 lies highest, rep1 lowest, and in each replicate the bar with the drug lies above the one without."}}
# draws every length of gene C, by replicate and condition
plots.replicate_strips(
    lengths[lengths["gene_name"] == "C"],
    title="Gene C: replicates differ, and the drug lifts each",
)
plt.show()

# %% [markdown]
# One dot is one length of a modification on gene C (the source does not say of what kind). The bars
# mark typical lengths. A laboratory measured 22,569 such lengths, on three genes, with and without a
# drug, in four replicates. It
# [asked](https://stats.stackexchange.com/questions/628169/interpreting-the-output-of-a-linear-mixed-effects-model-with-an-interaction-fact)
# how to use all of its "many (MANY) data points".
#
# The question is public, the data are not. Ours are **simulated**, so that R's `lmer` prints the very
# table of the question ([how](../data/README.md#modification_lengthscsvgz)). So we know the truth
# here, and nothing is a finding about that drug.
#
# *About 28 minutes. You need lesson 04. At the end you will be able to fit a mixed model to unequal
# replicates, say how many degrees of freedom an estimate has, and choose between one model per gene
# and one for all.*
#
# ## 1 · Four replicates, on the log scale

# %%
pd.crosstab(lengths["gene_name"], lengths["replicate"])

# %% [markdown]
# Nothing is balanced: rep4 has nine times the rows of rep1. One row is one length. What was repeated
# *independently* is the [replicate](glossary.md#replicate), and there are four.
#
# Lengths have a long tail, so we take their natural logarithms, which are spread like a bell. There
# is a second gain. Put a difference of mean logs through `exp`, and it is a *ratio* of typical
# lengths ([geometric means](glossary.md#geometric-mean)).

# %%
lengths["log_length"] = np.log(lengths["length"])
# means of the logs, turned back into lengths
np.exp(lengths.pivot_table("log_length", "gene_name", "condition", observed=True))

# %% [markdown]
# On gene C, the typical length without the drug is 80.9, all replicates thrown together. (The source
# gives no unit.)
#
# ## 2 · Three ways to analyse the same rows
#
# We begin with gene C.
#
# > **What if** one replicate had failed? Change the first line, and run the rest of the lesson again.

# %% tags=["what-if"]
left_out = None  # try "rep4" or "rep1"
kept = lengths[lengths["replicate"] != left_out]
gene_c = kept[kept["gene_name"] == "C"]

# %% [markdown]
# **Every row for itself**: a t test that knows nothing of replicates.

# %%
treated = gene_c.loc[gene_c["condition"] == "DRUG", "log_length"]
untreated = gene_c.loc[gene_c["condition"] == "NO DRUG", "log_length"]
rows = stats.ttest_ind(treated, untreated)
pd.Series({"ratio": np.exp(treated.mean() - untreated.mean()), "df": rows.df, "p": rows.pvalue})

# %% [markdown]
# It counts 1,318 independent lengths. But rows of one replicate share whatever made that replicate
# long or short. This is [pseudoreplication](glossary.md#pseudoreplication).
#
# **One number per replicate and condition**: a paired t test on the means.

# %%
means = gene_c.pivot_table("log_length", "replicate", "condition", observed=True)
paired = stats.ttest_rel(means["DRUG"], means["NO DRUG"])
difference = (means["DRUG"] - means["NO DRUG"]).mean()
pd.Series({"ratio": np.exp(difference), "df": paired.df, "p": paired.pvalue})

# %% [markdown]
# This is honest: four differences, 3 degrees of freedom. But a mean of 51 rows counts as much as a
# mean of 332. That costs precision, not honesty.
#
# **The mixed model** gives each replicate a level of its own, the random intercept of lesson 04.

# %%
fit = fit_mixed("log(length) ~ condition + (1 | replicate)", gene_c)
fit.coefficients()[["estimate", "std_error", "df", "p_value"]]

# %%
np.exp(fit.coefficients().loc[[DRUG], ["estimate", "conf_low", "conf_high"]])

# %% [markdown]
# Read aloud: *on average, with the drug the typical length on gene C is 1.245 times that without (95%
# confidence interval 1.127 to 1.376).* Now all three genes.

# %%
formula = "log(length) ~ condition + (1 | replicate)"
fits = {
    gene: fit_mixed(formula, rows) for gene, rows in kept.groupby("gene_name", observed=True)
}


# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three panels, genes C, A and B, each with three estimates of the drug's ratio and their intervals. Gene C: the t test on rows gives 1.19, the means and the mixed model about 1.25. Genes A and B: the mixed model has a narrow interval above 1, the t test on means a wide one that includes 1."}}
# draws the ratio by each of the three analyses, for each gene
def three_ways(gene):
    """Ratio and interval of one gene's drug effect: t test on rows, paired t test on means, mixed model."""
    part = kept[kept["gene_name"] == gene]
    by_condition = [part.loc[part["condition"] == c, "log_length"] for c in ("DRUG", "NO DRUG")]
    cells = part.pivot_table("log_length", "replicate", "condition", observed=True)
    tests = [stats.ttest_ind(*by_condition), stats.ttest_rel(cells["DRUG"], cells["NO DRUG"])]
    table = pd.DataFrame(
        [test.confidence_interval() for test in tests], columns=["conf_low", "conf_high"]
    )
    table.insert(0, "estimate", table.mean(axis="columns"))
    of_model = fits[gene].coefficients().loc[[DRUG], table.columns]
    return np.exp(pd.concat([table, of_model]).set_axis(["t, rows", "t, means", "mixed model"]))


ways = {f"gene {gene}": three_ways(gene) for gene in fits}
plots.interval_panels(
    ways,
    reference=1,
    xlabel="ratio, DRUG to NO DRUG",
    title="The same rows, three analyses, three answers",
    colours={"t, rows": plots.GREY, "t, means": plots.GREEN, "mixed model": plots.BLUE},
)
plt.show()
claim(
    all(ways[f"gene {g}"].loc["t, means", "conf_low"] < 1 for g in "AB"),
    "For genes A and B the interval from the four means includes 1.",
)
claim(
    all(table.loc["mixed model", "conf_low"] > 1 for table in ways.values()),
    "The mixed model's intervals exclude 1 for all genes.",
)

# %% [markdown]
# The dashed line is "no effect". For genes A and B, the interval from the four means includes 1, so
# there may be no effect at all. The reason is rep1: it has few rows, it goes its own way, and it
# counts a quarter. The mixed model gives rep1 the weight of its rows, and its intervals exclude 1.
#
# **Verdict.** Never test rows as if they were replicates. The mixed model uses all rows and knows
# which belong together. Its narrow intervals have a price: *the drug must do the same in every
# replicate*. Here it does, because the data were made so. Of your own replicates you do not know
# that. So report the paired t test on the means, and the mixed model beside it (lesson 06 shows why).
#
# ### Exercise 5.1
# By how many *percent* does the drug lengthen gene B's modification, by the mixed model? Give one decimal.

# %%
answer = ...
check("5.1", answer)  # solution("5.1") shows one way

# %% [markdown]
# ## 3 · Two sample sizes in one table
#
# The researcher's own table comes from one model of all three genes. Its first two rows concern gene
# C: the level without the drug, and the drug effect.

# %%
whole = fit_mixed("log(length) ~ condition * gene_name + (1 | replicate)", kept)
whole.coefficients().loc[["(Intercept)", DRUG], ["estimate", "std_error", "df", "p_value"]]

# %% [markdown]
# One has about 3 [degrees of freedom](glossary.md#degrees-of-freedom), the other 22,562 (2.256e+04).
# Why? Look at where the uncertainty of each comes from.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two bars that split the variance of an estimate by its source. The level of gene C: 92 percent comes from the replicates, 8 percent from rows. The drug effect on gene C: all of it comes from rows."}}
# draws how much of each estimate's variance comes from replicates, and how much from rows
between, within = whole.variance_components["vcov"]
groups = pd.get_dummies(kept["replicate"]).to_numpy(float)
fixed = whole.design.fixed_matrix(kept)
rows_of = groups.sum(axis=0)
shrunk = between / (within + rows_of * between)  # of each replicate's sum, when V is inverted
precision = fixed.T @ fixed - (groups.T @ fixed).T @ (shrunk[:, None] * (groups.T @ fixed))
weights = np.linalg.inv(precision) @ (
    fixed.T - (groups.T @ fixed).T @ (shrunk[:, None] * groups.T)
)
parts = pd.DataFrame(
    {
        "replicates": between * ((weights @ groups) ** 2).sum(axis=1),
        "rows": within * (weights**2).sum(axis=1),
    },
    index=whole.design.names,
).loc[["(Intercept)", DRUG]]
shares = parts.div(parts.sum(axis="columns"), axis="index").set_axis(["level", "drug effect"])
plots.variance_shares(
    shares, title="The level rests on four replicates, the drug effect on rows"
)
plt.show()
print(
    (100 * shares).map(lambda part: "< 0.1" if part < 0.05 else f"{part:.1f}").to_string(),
    "(%)",
)
claim(
    shares.loc["level", "replicates"] > 0.9,
    "More than 90% of the level's variance comes from replicates.",
)
claim(
    shares.loc["drug effect", "rows"] > 0.999,
    "Nearly all of the drug effect's variance comes from rows.",
)

# %% [markdown]
# The level of replicates *in general* rests on four values, hence about 3 degrees of freedom. (A
# little more here: 8% of its variance comes from the rows.) The drug effect is taken *within*
# replicates. What lifts a replicate lifts both conditions, and drops out. So the rows count, if the
# drug does the same in every replicate.
#
# [**Satterthwaite's method**](glossary.md#satterthwaite) finds such degrees of freedom: it asks how
# well the variance of that one estimate is known. [**Kenward and Roger's**](glossary.md#kenwardroger)
# also widens the standard error, which matters in lesson 06. (Python's statsmodels prints a *z test*,
# which treats the variances as known.)
#
# > **What if** only a tenth of gene A's rows had been measured? Which of the two standard errors grows?

# %% tags=["what-if"]
share_of_rows = 1.0  # try 0.1
gene_a = kept[kept["gene_name"] == "A"]
by_cell = gene_a.groupby(["replicate", "condition"], observed=True)
fewer = by_cell.sample(frac=share_of_rows, random_state=1)
fit_mixed(formula, fewer).coefficients()[["estimate", "std_error", "df"]]

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# compares the standard errors with those of a tenth of gene A's rows
errors = {
    share: fit_mixed(formula, by_cell.sample(frac=share, random_state=1)).coefficients()[
        "std_error"
    ]
    for share in (1.0, 0.1)
}
growth = errors[0.1] / errors[1.0]
print(f"a tenth of the rows: level × {growth.iloc[0]:.2f}, drug effect × {growth[DRUG]:.1f}")
claim(growth[DRUG] > 2.5, "With a tenth of the rows the drug effect's standard error triples.")
claim(
    growth.iloc[0] < 1.15, "With a tenth of the rows the level's standard error hardly moves."
)

# %% [markdown]
# With a tenth of the rows, the drug effect's standard error triples, and the level's hardly moves.
#
# **Verdict.** Read the `df` column first. It says whether an estimate rests on replicates or on rows.
# More rows help the second kind only. A df in the thousands is also a warning: it is right only if
# the drug does the same in every replicate.
#
# ### Exercise 5.2
# The level of gene A (its mean log length without the drug) has a standard error of 0.11. What would halve it? Give a
# letter.
#
# - **a** four times as many rows in each of the four replicates;
# - **b** sixteen replicates instead of four, each like those we have;
# - **c** the same number of rows, spread evenly over the four replicates;
# - **d** both conditions with equally many rows in each replicate.

# %%
answer = ...
check("5.2", answer)  # solution("5.2") shows one way

# %% [markdown]
# ## 4 · How the model finds its variances
#
# The model has two variances to find, between replicates and between rows. The
# [**likelihood**](glossary.md#likelihood) says how well a given pair predicts the data. *Maximum
# likelihood* (ML) takes the pair with the highest. But it forgets that the means were estimated, too,
# as if one divided a sum of squares by n. [**REML**](glossary.md#reml) allows for it, as dividing by
# n − 1 does.
#
# In `variance_components`, `vcov` is a variance and `sdcor` its square root, the standard deviation.

# %%
by_ml = fit_mixed("log(length) ~ condition * gene_name + (1 | replicate)", kept, reml=False)
found = {"REML": whole.variance_components["vcov"], "ML": by_ml.variance_components["vcov"]}
pd.DataFrame(found).set_axis(["variance between replicates", "variance between rows"])

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# holds the quarter against the data
ratio_of_variances = by_ml.variance_components["vcov"][0] / whole.variance_components["vcov"][0]
claim(
    abs(ratio_of_variances - 0.75) < 0.01,
    "By ML the variance between replicates is about a quarter smaller.",
)

# %% [markdown]
# With four replicates, ML makes the variance between them about a quarter smaller.
#
# Then the model estimates each replicate's own shift. It is [**shrunk**](glossary.md#shrinkage):
# pulled towards zero, most strongly where there are few rows. Here is what was planted, beside what
# each model found.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "For each of four replicates a bar at its planted shift and four points, the estimates by the models of genes C, A, B and of all genes. rep4 lies near plus 0.3, the others between minus 0.2 and minus 0.05. The points lie near the bars."}}
# draws the planted shift of each replicate beside its estimates
models = {f"{gene}": one for gene, one in fits.items()} | {"all": whole}
shifts = pd.DataFrame(
    {name: one.random_effects["replicate"]["(Intercept)"] for name, one in models.items()}
)
plots.planted_and_estimated(
    truth["shift"], shifts, title="Every model finds one odd replicate, which was planted"
)
plt.show()
claim((shifts.idxmax() == "rep4").all(), "Every model puts rep4 on top.")
of_c = fits["C"].variance_components["vcov"]
rows_of_c = gene_c.groupby("replicate", observed=True).size()
pulled = of_c[1] / (of_c[1] + rows_of_c * of_c[0])
print(
    "gene C, pulled towards zero by:",
    ", ".join(f"{k} {v:.0%}" for k, v in pulled.items() if k in rows_of_c),
)
claim(pulled.max() < 0.13, "Little shrinkage is left to see.")

# %% [markdown]
# Little shrinkage is left to see, because even rep1 has 135 rows on gene C. The same four shifts were
# planted for all genes. So the three genes agree about rep4 because they share it.
#
# **Verdict.** Report REML's variances, standard errors and tests. Use ML only to compare two models
# with different *fixed* parts. REML's likelihoods cannot be compared then.
#
# ### Exercise 5.3
# Leave rep4 out of gene A. What is the standard deviation *between* the three remaining replicates? Give two decimals.
# (Set `left_out = "rep4"` in section 2 and run from there to here. Then look at `fits["A"].variance_components`.)

# %%
answer = ...
check("5.3", answer)  # solution("5.3") shows one way

# %% [markdown]
# ## 5 · One model per gene, or one for all?
#
# The researcher asked this, too. Fitted alone, gene C has a drug effect of 0.2194. In the model of
# all genes it is 0.2250.

# %%
alone = pd.Series({gene: one.fixed_effects[DRUG] for gene, one in fits.items()})
b = whole.fixed_effects
together = pd.Series(
    {"C": b[DRUG], **{g: b[DRUG] + b[f"{DRUG}:gene_name[T.{g}]"] for g in "AB"}}
)
both = pd.DataFrame({"planted": truth["drug effect"], "alone": alone, "together": together})
both.map("{:.4f}".format)

# %% [markdown]
# Alone, gene C learns the shifts of the replicates from its own 1,318 rows. Together, it borrows them
# from 22,569. That assumes two things: a replicate shifts *every gene alike*, and all genes have the
# same spread of rows.
#
# May replicates shift each gene differently? Add a second random intercept:

# %%
looser = fit_mixed(
    "log(length) ~ condition * gene_name + (1 | replicate) + (1 | replicate:gene_name)", kept
)
spread = looser.variance_components.set_index("group")["sdcor"]
spread.map("{:.3f}".format)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# holds the sentences on one model or several against the data
claim(
    spread["replicate:gene_name"] < 0.05 * spread["replicate"],
    "The genes' own shifts are tiny.",
)
claim(
    abs(looser.fixed_effects[DRUG] - whole.fixed_effects[DRUG]) < 0.001,
    "The drug effect changes by less than 0.001.",
)

# %% [markdown]
# The genes' own shifts (0.008) are tiny beside the 0.219 between replicates. None were planted here.
# In your data you do not know, so write this looser formula. It costs little, and it protects
# comparisons of the genes' levels. It does not protect the drug effect; lesson 06 does.
#
# **Verdict.** A few genes measured in the same samples belong in one model, with `(1 | replicate) +
# (1 | replicate:gene_name)`. Only there can you ask whether the drug acts *differently* on two genes
# (lesson 07). Thousands of genes get one model each (lesson 11).
#
# ### Exercise 5.4
# In your data, rep2 has long lengths on gene A and short ones on gene B, far beyond chance. Which model is wrong about
# that? Give a letter.
#
# - **a** one model per gene, each with `(1 | replicate)`;
# - **b** one model of all genes with `(1 | replicate)`;
# - **c** one model of all genes with `(1 | replicate) + (1 | replicate:gene_name)`;
# - **d** none of them.

# %%
answer = ...
check("5.4", answer)  # solution("5.4") shows one way

# %% [markdown]
# <details>
# <summary>In R</summary>
#
# ```r
# library(lmerTest)
# d <- read.csv("data/modification_lengths.csv.gz")
# d$condition <- relevel(factor(d$condition), "NO DRUG")
# d$gene_name <- relevel(factor(d$gene_name), "C")
# gene_c <- lmer(log(length) ~ condition + (1 | replicate), subset(d, gene_name == "C"))
# summary(gene_c)
# whole <- lmer(log(length) ~ condition * gene_name + (1 | replicate), d)
# summary(whole)
# VarCorr(refitML(whole))
# ```
#
# </details>

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# shows R's numbers beside ours; R's were made by tests/reference/lengths/lengths.R
in_r = json.loads(Path("../tests/reference/lengths/lengths.json").read_text())
alone_in_r = in_r["per_gene_fits"]["C"]["coef"][1]
whole_in_r = {row["term"]: row for row in in_r["satterthwaite"]}
one, all_genes = fits["C"].coefficients().loc[DRUG], whole.coefficients()
tables.beside_r(
    [
        ("gene C alone: drug", "gene_c", alone_in_r["Estimate"], one["estimate"]),
        ("its std. error", "gene_c", alone_in_r["Std. Error"], one["std_error"]),
        ("its df", "gene_c", alone_in_r["df"], one["df"]),
        (
            "all genes: drug",
            "whole",
            whole_in_r["conditionDRUG"]["Estimate"],
            all_genes.loc[DRUG, "estimate"],
        ),
        (
            "level, df",
            "whole",
            whole_in_r["(Intercept)"]["df"],
            all_genes.loc["(Intercept)", "df"],
        ),
        (
            "variance between replicates",
            "whole",
            in_r["varcorr"][0]["vcov"],
            whole.variance_components["vcov"][0],
        ),
        (
            "the same by ML",
            "refitML(whole)",
            in_r["ML"]["varcorr"][0]["vcov"],
            by_ml.variance_components["vcov"][0],
        ),
    ],
    tolerance=1e-4,  # where lme4's optimizer stops
)

# %% [markdown]
# ## Recap
#
# Four replicates and 22,569 rows are two sample sizes. The first counts for what varies between
# replicates, the second for what is compared within them. A mixed model keeps them apart, and its
# degrees of freedom say which one an estimate rests on.
#
# **Decision:** you can now say whether an estimate rests on replicates or on rows, and whether genes
# go into one model or several.
#
# **Next:** [06 · When the effect itself varies](06_random_slopes.ipynb). By hand:
# [A1](A1_mixed_models_by_hand.ipynb). **On your own table:** the [mixed-model
# template](templates/mixed_model.ipynb).
#
# **Sources.** lme4: [Bates et al. 2015](https://doi.org/10.18637/jss.v067.i01). Degrees of freedom:
# [Satterthwaite 1946](https://doi.org/10.2307/3002019), [Kenward & Roger
# 1997](https://doi.org/10.2307/2533558). REML: [Patterson & Thompson
# 1971](https://doi.org/10.1093/biomet/58.3.545).

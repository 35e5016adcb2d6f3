# %% [markdown]
# # A2 · Contrasts by hand
#
# **Where do a contrast and its standard error come from?**
#
# Lessons [07](07_interactions.ipynb) and [08](08_marginal_contrasts.ipynb) ask the computer. This appendix does the
# arithmetic. It is for whoever wants to check a number, or to know why two programs differ. You need both lessons, and a
# little matrix algebra in sections 1 and 2.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# imports the packages, sets the style, reads the lengths
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from formulaic import model_matrix
from scipy import stats
from statsmodels.stats.anova import anova_lm

from helpers import plots, tables
from helpers.contrasts import comparisons, joint_tests, predictions
from helpers.course.claims import claim
from helpers.data import load_modification_lengths
from helpers.mixed import fit_mixed

plots.use_style()
tables.use_style()
lengths = load_modification_lengths()
lengths["log_length"] = np.log(lengths["length"])
genes, conditions = ["C", "A", "B"], ["NO DRUG", "DRUG"]
DRUG, A, B = "condition[T.DRUG]", "gene_name[T.A]", "gene_name[T.B]"
fit = fit_mixed("log_length ~ condition * gene_name + (1 | replicate)", lengths)

# %% [markdown]
# ## 1 · The matrix between rows and means
#
# A model turns a table into a [design matrix](glossary.md#design-matrix): a column of zeros and ones for each coefficient.
# Take one row for each cell. It says which coefficients add up to the mean of that cell.

# %%
names = [f"{condition}, {gene}" for condition in conditions for gene in genes]
cells = pd.DataFrame([name.split(", ") for name in names], names, ["condition", "gene_name"])
cells = cells.astype({name: lengths[name].dtype for name in cells})
design = pd.DataFrame(model_matrix("condition * gene_name", cells)).astype(int)
design.columns = fit.fixed_effects.index
design.rename(columns=tables.name_in_r)

# %% [markdown]
# Matrix times coefficients gives the means. The inverse goes back: it says which means make up each coefficient. Lesson
# 07 drew this table as grids of plus and minus.

# %%
means = design @ fit.fixed_effects
inverse = pd.DataFrame(np.linalg.inv(design).round(), design.columns, names)
inverse.rename(index=tables.name_in_r).astype(int)

# %%
there_and_back = inverse @ means
claim(np.allclose(there_and_back, fit.fixed_effects), "the inverse gives the coefficients back")
there_and_back

# %% [markdown]
# With this coding every entry is −1, 0 or 1. To know what a coefficient means, read a row of the inverse, never a column
# of the design matrix.
#
# ## 2 · One contrast, two ways
#
# The drug's effect in gene A is a weighted sum of coefficients. Its variance comes from their covariances: weights times
# matrix times weights. The [standard error](glossary.md#standard-error) is the square root of that variance.

# %%
w = pd.Series({DRUG: 1.0, f"{DRUG}:{A}": 1.0}).reindex(fit.fixed_effects.index, fill_value=0)
covariance = fit.covariance.to_numpy()
estimate, std_error = w @ fit.fixed_effects, np.sqrt(w @ covariance @ w)
pd.DataFrame({"estimate": estimate, "std_error": std_error}, ["by coefficients"])

# %% [markdown]
# The second way does without these coefficients. Give each cell a coefficient of its own, its mean, and subtract two
# means.

# %%
lengths["cell"] = lengths["condition"].astype(str) + ", " + lengths["gene_name"].astype(str)
of_cells = fit_mixed("log_length ~ 0 + cell + (1 | replicate)", lengths)
by_means = of_cells.contrast({"cell[DRUG, A]": 1, "cell[NO DRUG, A]": -1})
by_call = comparisons(fit, "condition", by="gene_name").iloc[[1]]
both = pd.concat([by_means, by_call[by_means.columns]])
both.set_axis(["by means", "comparisons()"])

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# compares both ways
for row in (by_means.iloc[0], by_call.iloc[0]):
    claim(np.isclose(row["estimate"], estimate), "one estimate")
    claim(np.isclose(row["std_error"], std_error, rtol=1e-6), "one standard error")

# %% [markdown]
# Both ways give the same estimate, standard error, degrees of freedom and p-value. The standard error of one mean is 0.11,
# and that of their difference is 0.014. Both means share the replicates, so their covariance is subtracted twice.

# %%
pair = ["cell[DRUG, A]", "cell[NO DRUG, A]"]
v = of_cells.covariance.loc[pair, pair].to_numpy()
pd.DataFrame(
    {
        "SE of each mean": np.sqrt(v[0, 0]),
        "if they were independent": np.sqrt(v[0, 0] + v[1, 1]),
        "of the difference": np.sqrt(v[0, 0] + v[1, 1] - 2 * v[0, 1]),
    },
    ["gene A"],
)

# %% [markdown]
# ## 3 · Sum coding
#
# So far each row compares with a reference level. That is [treatment coding](glossary.md#treatment-coding).
# [Sum coding](glossary.md#sum-coding) compares with the mean of all levels. You have to ask for it.

# %%
sum_coded = fit_mixed(
    "log_length ~ C(condition, contr.sum) * C(gene_name, contr.sum) + (1 | replicate)", lengths
)
short = sum_coded.coefficients()[["estimate", "std_error", "statistic", "p_value"]]
short.index = short.index.str.replace("C(condition, contr.sum)", "").str.replace(
    "C(gene_name, contr.sum)", ""
)
short

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks that it is the same model, and what its first two rows are
average = comparisons(fit, "condition").iloc[0]
gap = (sum_coded.predict(random=True) - fit.predict(random=True)).abs().max()
claim(gap < 1e-8, "the predictions are the same")
claim(np.isclose(short["estimate"].iloc[0], means.mean()), "the intercept is the mean of means")
claim(np.isclose(short["estimate"].iloc[1], -average["estimate"] / 2), "minus half the effect")
print(f"mean of the six means {means.mean():.4f}, average effect {average['estimate']:.4f}")

# %% [markdown]
# It is the same model: not one prediction differs. The intercept is the mean of the six means. The second row says how far
# NO DRUG lies below the mean of both conditions, averaged over genes. That is minus half the average effect of 0.1421. So
# now the second row *is* about all genes.
#
# ## 4 · Types I, II and III, and a trap
#
# A table of [joint tests](glossary.md#joint-test) has a row for each term. The question of a row depends on what else is
# in the model when the term is tested:
#
# | type | a main effect is tested | the interaction is tested |
# | --- | --- | --- |
# | I | after the terms before it in the formula | last |
# | II | after all terms but those that contain it | last |
# | III | after everything; the effect is averaged over the other factor's levels, each alike | last |
#
# The interaction is the same in all three. To see that, take ordinary least squares with the replicates as columns.

# %%
by_treatment = smf.ols("log_length ~ replicate + condition * gene_name", lengths).fit()
by_sum = smf.ols(
    "log_length ~ replicate + C(condition, Sum) * C(gene_name, Sum)", lengths
).fit()
terms = ["condition", "gene_name", "condition:gene_name"]
f_tests = {f"type {'I' * k}": anova_lm(by_treatment, typ=k)["F"] for k in (1, 2, 3)}
of_sum = anova_lm(by_sum, typ=3)["F"]
f_tests["type III, sum coding"] = of_sum.rename(
    lambda t: t.replace("C(", "").replace(", Sum)", "")
)
pd.DataFrame(f_tests).loc[terms]

# %% [markdown]
# Look at type III. The data, the model and the call are the same, and yet F of the drug is 20.79 or 57.55. Here is why:

# %%
pd.DataFrame(
    {
        "t² of the row condition[T.DRUG]": by_treatment.tvalues[DRUG] ** 2,
        "F of the average effect": joint_tests(by_treatment, "condition")["statistic"].item(),
        "the mixed model's anova": fit.anova().loc["condition", "statistic"],
    },
    ["drug"],
)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks these numbers against the data
claim(abs(by_treatment.tvalues[DRUG] ** 2 - 20.79) < 0.01, "F of gene C alone")
claim(abs(of_sum["C(condition, Sum)"] - 57.55) < 0.01, "F of the average effect")
same = np.ptp(pd.DataFrame(f_tests).loc["condition:gene_name"]) < 1e-6
claim(same, "the interaction is the same in all types")

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two grids of signs, conditions by genes. Left, what anova_lm tests with treatment coding: plus in DRUG C, minus in NO DRUG C, all else white. Right, the main effect: plus one third in all three DRUG cells, minus one third in all three NO DRUG cells."}}
# draws what statsmodels' type III tests with treatment coding, and what a main effect is
thirds = pd.Series({DRUG: 1.0, f"{DRUG}:{A}": 1 / 3, f"{DRUG}:{B}": 1 / 3})
main_effect = thirds.reindex(design.columns, fill_value=0) @ inverse
grids = {
    "anova_lm(typ=3), treatment coding: F = 20.79": inverse.loc[DRUG],
    "main effect: F = 57.55": main_effect,
}
squares = {
    k: pd.DataFrame(v.to_numpy().reshape(2, 3), conditions, genes) for k, v in grids.items()
}
plots.sign_grids(squares, in_a_row=2)
plt.show()

# %% [markdown]
# On the left is what `anova_lm(typ=3)` calls `condition`: gene C alone. It leaves out one column of the matrix, and with
# treatment coding that column is about the reference gene. On the right is the main effect.
#
# **Verdict.** Before you believe a type III row of a main effect, check whether its F is the t² of a row that is about one
# level. `fit.anova()`, `joint_tests` and R's lmerTest test the average in either coding. Better still, ask for the
# contrast you mean.
#
# ## 5 · Averages are weights, too
#
# "The" effect of the drug over all genes is a weighted average of three effects. You choose the weights.

# %%
effect = comparisons(fit, "condition", by="gene_name").set_index("gene_name")["estimate"]
shares = lengths["gene_name"].value_counts(normalize=True)[genes]
additive = fit_mixed("log_length ~ condition + gene_name + (1 | replicate)", lengths)
pd.DataFrame(
    {
        "genes alike": effect[genes].mean(),
        "rows alike": effect[genes] @ shares,
        "model without interaction": additive.fixed_effects[DRUG],
        "the row of the table": fit.fixed_effects[DRUG],
    },
    ["drug, log ratio"],
)

# %% [markdown]
# Somebody could call each of these four numbers *the* effect. The model without an interaction has one effect only. It is
# close to the average over rows, because gene A has two thirds of them. The last number is gene C alone.
#
# ## 6 · From ratios to units: the delta method
#
# The model gives ratios. "How many units longer?" needs the level as well: 1.25 times *what*? The difference of two
# typical lengths is not a weighted sum of coefficients. For small changes it nearly is one, with its derivatives as
# weights. That is the delta method.

# %%
x = design.loc[["DRUG, C", "NO DRUG, C"]].to_numpy()
with_drug, without = np.exp(x @ fit.fixed_effects)
gradient = with_drug * x[0] - without * x[1]
found = fit.contrast(gradient).iloc[0]
longer = with_drug - without
t = longer / found["std_error"]
p = 2 * stats.t.sf(t, found["df"])
units = {"longer by": longer, "std_error": found["std_error"], "df": found["df"], "p": p}
pd.DataFrame(units, ["gene C"])

# %%
predictions(fit, by=["gene_name", "condition"])["df"].iloc[:2]

# %% [markdown]
# Gene C gains 18.8 units. The test is weaker than the ratio's (p = 0.00015 instead of 0.0000053), because it also contains
# the uncertainty of the level.
#
# R's `pairs(regrid(emm))` gives the same estimate and standard error, but p = 0.021, a hundred times larger. After
# `regrid()` emmeans takes the smaller df of the two means, 3.49. Satterthwaite's method asks how well *this* difference is
# known. Only a part of it comes from the replicates, so the method finds 82. Both follow their own rule.
#
# **Verdict.** Choose the scale by the question, before you look. If a drug multiplies, report its ratio.
#
# ## 7 · An interaction may live on one scale only
#
# Here are two made-up genes. The drug makes both 1.2 times as long:

# %%
made_up = pd.DataFrame({"NO DRUG": [50.0, 100.0], "DRUG": [60.0, 120.0]}, ["gene 1", "gene 2"])
made_up["ratio"] = made_up["DRUG"] / made_up["NO DRUG"]
made_up["difference"] = made_up["DRUG"] - made_up["NO DRUG"]
made_up

# %% [markdown]
# In ratios there is no interaction. In differences there is one: 20 units against 10. If two lines neither cross nor touch,
# another scale can make them parallel. So say on which scale you claim an interaction.
#
# ## 8 · One family, three corrections
#
# Lesson 08 compares the drug's effect between three pairs of genes. Holm, Tukey and Bonferroni all hold the chance of
# *any* false positive at 5%.

# %%
how = {"by": "gene_name", "differences": "pairwise", "transform": "exp"}
methods = ["holm", "tukey", "bonferroni"]
tried = {m: comparisons(fit, "condition", **how, adjust=m)["p_adjusted"] for m in methods}
of_pairs = comparisons(fit, "condition", **how).set_index("gene_name")["p_value"]
pd.DataFrame({name: p.to_numpy() for name, p in tried.items()}, of_pairs.index).assign(
    none=of_pairs
)

# %% [markdown]
# Each correction gives B against C another p. If you try all three and report the smallest, you no longer hold the 5%. So
# choose before you look.
#
# <details>
# <summary>In R</summary>
#
# ```r
# library(lmerTest)
# library(emmeans)
# d <- read.csv("data/modification_lengths.csv.gz")
# d$condition <- factor(d$condition, c("NO DRUG", "DRUG"))
# d$gene_name <- factor(d$gene_name, c("C", "A", "B"))
# fit <- lmer(log(length) ~ condition * gene_name + (1 | replicate), d)
# X <- unique(model.matrix(fit)); solve(X)                     # the inverse
# contest(fit, c(0, 1, 0, 0, 1, 0), joint = FALSE)             # the drug in gene A
# anova(fit, type = 3); anova(fit, type = 2); anova(fit, type = 1)
# emm <- emmeans(fit, ~ condition | gene_name, lmer.df = "satterthwaite", lmerTest.limit = 1e6)
# pairs(regrid(emm), reverse = TRUE)                           # units of length
# ```
#
# | | R | here | difference |
# | --- | --- | --- | --- |
# | drug in gene A, estimate | 0.094008 | 0.094008 | < 1e-6 |
# | its standard error | 0.014221 | 0.014221 | < 1e-6 |
# | F of `condition`, type III | 57.49937 | 57.49937 | < 1e-5 |
# | gene C, units longer | 18.77431 | 18.77431 | < 1e-5 |
# | its standard error | 4.726009 | 4.726009 | < 1e-5 |
# | its df | 3.488957 | 81.74 | the smaller df of two means; Satterthwaite's |
#
# R was run by this project (`tests/reference/lengths`).
#
# </details>
#
# **Sources.** Coding of factors: Schad, Vasishth, Hohenstein & Kliegl 2020,
# [doi:10.1016/j.jml.2019.104038](https://doi.org/10.1016/j.jml.2019.104038). Marginal means: Searle, Speed & Milliken 1980,
# [doi:10.1080/00031305.1980.10483031](https://doi.org/10.1080/00031305.1980.10483031). Scales: Loftus 1978,
# [doi:10.3758/BF03197461](https://doi.org/10.3758/BF03197461). Back to [07](07_interactions.ipynb) or
# [08](08_marginal_contrasts.ipynb).

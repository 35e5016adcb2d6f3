# %% [markdown]
# # 05 · Interactions
#
# **One model for three genes prints six rows: what does each of them say, and does the drug do the same in every
# gene?**
#
# **Time:** 40 minutes.
#
# **Prerequisites:** [04 · Mixed models](04_mixed_models.ipynb) (the data, the random intercept) and section 4 of
# [02 · Linear models](02_linear_models.ipynb) (factors, reference levels). Words in blue lead to the
# [glossary](glossary.md).
#
# **You will be able to**
#
# - turn a table with an [interaction](glossary.md#interaction) into the means it stands for, and back;
# - say aloud what each row compares, and write the weights of a comparison that has no row;
# - foresee what changes with another reference level, and what cannot;
# - test an interaction, draw it, and read it as a ratio of ratios.
#
# Lesson 04 took each gene by itself. The researcher wanted all three in one model, and asked how to read what it
# printed. The
# [question](https://stats.stackexchange.com/questions/628169/interpreting-the-output-of-a-linear-mixed-effects-model-with-an-interaction-fact)
# and its accepted answer are public (Cross Validated, October 2023, CC BY-SA 4.0). **From the question** come the
# design, the names, the six rows of the table, four guesses at their meaning, and the answer given to them. **Our
# reconstruction** is everything else: the lengths, the number of rows, the replicates' means. The lengths were
# drawn so that R prints the same table; they are no finding about that drug ([data page](../data/README.md)).

# %%
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from formulaic import model_matrix
from statsmodels.stats.anova import anova_lm

from helpers import plots, tables
from helpers.contrasts import predictions
from helpers.data import load_modification_lengths
from helpers.exercises import check
from helpers.exercises.lesson_05 import seedlings
from helpers.mixed import fit_mixed
from helpers.mixed.compare import compare, refit

plots.use_style()
tables.use_style()

# %%
lengths = load_modification_lengths()
lengths["log_length"] = np.log(lengths["length"])  # natural logarithm
in_r = json.loads(Path("../tests/reference/lengths/lengths.json").read_text())  # what R printed

# %% [markdown]
# ## The six cells
#
# Two conditions times three genes make six [cells](glossary.md#cell). Everything in this lesson is said about their
# means.

# %%
cells = lengths.groupby(["condition", "gene_name"], observed=True).agg(
    rows=("length", "size"),
    replicates=("replicate", "nunique"),
    log_length=("log_length", "mean"),
)
cells["geometric mean"] = np.exp(cells["log_length"])
cells

# %% mystnb={"image": {"alt": "Three panels, genes C, A and B. In each, four lines, one per replicate, join the geometric mean length without drug to that with drug. All four lines of gene C rise; in genes A and B most rise a little and rep1 falls or stays level. rep4 lies highest in every panel."}}
means = lengths.groupby(["replicate", "condition", "gene_name"], observed=True)["log_length"]
means = np.exp(means.mean()).rename("mean").reset_index()
genes, conditions = ["C", "A", "B"], ["NO DRUG", "DRUG"]
replicate_colours = [plots.BLUE, plots.ORANGE, plots.GREEN, plots.PINK]
fig, axes = plt.subplots(1, 3, figsize=(10.5, 3.8), sharey=True)
for ax, gene in zip(axes, genes):
    of_gene = means[means["gene_name"] == gene]
    wide = of_gene.pivot_table("mean", "replicate", "condition", observed=True)
    for colour, marker, (replicate, row) in zip(replicate_colours, "osD^", wide.iterrows()):
        ax.plot(conditions, row[conditions], marker=marker, color=colour, label=replicate)
    ax.set(title=f"gene {gene}", xlim=(-0.3, 1.3), yscale="log")
axes[0].set_ylabel("geometric mean length\n(no unit given)")
axes[0].set_yticks([60, 80, 100, 120], ["60", "80", "100", "120"])
axes[0].minorticks_off()
axes[2].legend(frameon=False, loc="upper right", ncols=2, fontsize=10)
fig.suptitle("Gene C rises in every replicate, more than A and B do", fontweight="bold")
plt.show()

# %% [markdown]
# Each line is one replicate. They lie at different heights, which the random intercept takes up. Their *slopes* are
# the drug effect, and those of gene C look steeper. Is that more than chance? This is the question of an interaction:
# does the effect of one variable (drug) depend on another (gene)?
#
# ## 1 · The table of the question
#
# `condition * gene_name` is short for `condition + gene_name + condition:gene_name`. The reference levels are NO DRUG
# and C.

# %%
formula = "log(length) ~ condition * gene_name + (1 | replicate)"
fit = fit_mixed(formula, lengths)
b = fit.fixed_effects  # the coefficients
print(tables.as_r_prints(fit.coefficients()))

# %% [markdown]
# This is the table that the question showed, in R's own format. (R writes `4.310e+00` for 4.310 and `2.256e+04` for
# 22,560, because one column format has to fit small and large numbers.) Every digit agrees:

# %%
printed = in_r["printed"]
printed = printed[printed.index("Fixed effects:") + 1 :]
ours = tables.as_r_prints(fit.coefficients()).splitlines()
for r_line, our_line in zip(printed[1:7], ours[1:7]):
    print(f"{r_line.split()[0]:26}{'the same' if r_line == our_line else 'DIFFERENT'}")
assert printed == ours

# %% [markdown]
# Six rows, six cells: the table holds the six means, in another form. Which?
#
# ## 2 · From coefficients to cell means, and back
#
# The [design matrix](glossary.md#design-matrix) says which coefficients take part in which cell. formulaic, which reads
# the formula for us, shows it:

# %%
cell_names = [f"{condition}, {gene}" for condition in conditions for gene in genes]
grid = pd.DataFrame(
    [name.split(", ") for name in cell_names], cell_names, ["condition", "gene_name"]
).astype({name: lengths[name].dtype for name in ["condition", "gene_name"]})
design = pd.DataFrame(model_matrix("condition * gene_name", grid)).astype(int)
design = design.rename(columns={"Intercept": "(Intercept)"})
cell_means = design @ fit.fixed_effects  # mean log length of each cell
design.rename(columns=tables.name_in_r)

# %% mystnb={"image": {"alt": "A grid of six boxes, conditions by genes. NO DRUG, C is the intercept alone, 4.310. The other boxes add conditionDRUG, the gene's row, or both; only the two boxes with drug and gene A or B also add an interaction row. Each box ends with its mean."}}
with_values = design.rename(columns=lambda term: f"{tables.name_in_r(term)}  [{b[term]:.3f}]")
fig, axes = plt.subplots(2, 1, figsize=(10.5, 5.4))
for ax, rows in zip(axes, [slice(0, 3), slice(3, 6)]):
    plots.design_cells(ax, with_values.iloc[rows], means=cell_means.to_numpy()[rows])
fig.suptitle("Each cell's mean log length is a sum of rows of the table", fontweight="bold")
plt.show()

# %% [markdown]
# Top row: without the drug, a gene is the intercept plus its own row. Bottom row: with the drug, `conditionDRUG` is
# added everywhere, and genes A and B get a correction of their own: the interaction. Gene C, the reference, needs none.
# (These are the model's means, for a typical replicate. Those of the first table, over all rows, lie higher, because rep4,
# the longest replicate, has the most rows.)
#
# The way back is the inverse of the matrix: how to get each coefficient from the six means.

# %%
inverse = pd.DataFrame(
    np.linalg.inv(design).round().astype(int), index=design.columns, columns=cell_names
)
from_means = inverse @ cell_means
assert np.allclose(from_means, fit.fixed_effects)  # there and back again
inverse.rename(index=tables.name_in_r).assign(coefficient=from_means.to_numpy())


# %% mystnb={"image": {"alt": "Six small grids, conditions as rows and genes C, A, B as columns, with plus and minus signs. Intercept: plus in NO DRUG C only. conditionDRUG: plus DRUG C, minus NO DRUG C. gene_nameA and gene_nameB: plus that gene, minus C, without drug. The two interactions: four signs each, a plus and a minus in gene C and in the other gene."}}
def as_square(weights):
    """Six weights, one per cell, as conditions by genes."""
    return pd.DataFrame(weights.to_numpy().reshape(2, 3), conditions, genes)


fig, axes = plt.subplots(2, 3, figsize=(10.5, 5.2))
for ax, (term, weights) in zip(axes.ravel()[[0, 3, 1, 2, 4, 5]], inverse.iterrows()):
    plots.signed_cells(ax, as_square(weights))
    value = f"{from_means[term]:.4f}".replace("-", "−")
    ax.set_title(f"{tables.name_in_r(term)}\n= {value}", fontsize=11)
fig.suptitle("What each row of the table adds and takes away", fontweight="bold")
plt.show()

# %% [markdown]
# Blue cells are added, orange ones taken away, white ones do not matter. Look how *little* each row uses: one cell, two,
# or four, and always the reference cell at the upper left. `conditionDRUG` lives in gene C alone. Only the two
# interactions touch four cells.
#
# ### Exercise 5.1
#
# What is the typical (geometric mean) length of gene B *with* the drug? Add up rows of the table; one decimal is
# enough. (`b` holds the coefficients.)

# %%
answer = ...
check("5.1", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
rows_of_the_cell = [
    "(Intercept)",
    "condition[T.DRUG]",
    "gene_name[T.B]",
    "condition[T.DRUG]:gene_name[T.B]",
]
answer = np.exp(b[rows_of_the_cell].sum())
check("5.1", answer)
print(f"{answer:.1f}")

# %% [markdown]
# ## 3 · Four readings, put to the numbers
#
# The asker guessed what the rows say. A good guess can be tested: say what it predicts, then look.
#
# **First reading: the intercept is the leftover, what the model cannot account for.** Then it should be a variance of
# this fit, and should not mind in which unit lengths are written.

# %%
in_tenths = fit_mixed(formula, lengths.assign(length=10 * lengths["length"]))
between, within = fit.variance_components["vcov"]
intercept, in_new_unit = b["(Intercept)"], in_tenths.fixed_effects["(Intercept)"]
print(f"variance between replicates {between:.4f}, within (unexplained) {within:.4f}")
print(f"the latter, with lengths in tenths of the unit: {in_tenths.residual_variance:.4f}")
print(f"intercept {intercept:.3f}, exp of it {np.exp(intercept):.1f}")
print(f"intercept, lengths in tenths of the unit: {in_new_unit:.3f}")
print(f"log of 10: {np.log(10):.3f}")
print(f"mean log length of C without the drug, by the model: {cell_means['NO DRUG, C']:.3f}")

# %% [markdown]
# No. The intercept is the *mean log length of gene C without the drug*, a typical length of 74.4; it moves with the
# unit, as a mean does (lengths ten times as large: log 10 more). What the model can't account for stands in another table: 0.7676 within replicates. The p-value
# of the intercept asks whether that typical length is 1 (log 0): a question nobody has.
#
# **Second reading: `conditionDRUG` is the drug's effect on all genes.** Then it should not matter which gene is the
# reference. We make each gene the reference in turn, and work out the drug's effect in each gene two further ways.


# %%
def with_reference(gene, condition="NO DRUG"):
    """The same rows, with another reference gene and condition."""
    table = lengths.copy()
    for name, first in [("gene_name", gene), ("condition", condition)]:
        others = [level for level in lengths[name].cat.categories if level != first]
        table[name] = lengths[name].cat.reorder_categories([first, *others])
    return table


DRUG = "condition[T.DRUG]"
by_reference = {gene: fit_mixed(formula, with_reference(gene)) for gene in genes}
drug_effect = pd.DataFrame(
    {
        "row conditionDRUG, this gene as reference": {
            gene: refitted.fixed_effects[DRUG] for gene, refitted in by_reference.items()
        },
        "sum of rows of the first table": {
            gene: b[DRUG] + b.get(f"{DRUG}:gene_name[T.{gene}]", 0) for gene in genes
        },
        "difference of cell means": {
            gene: cell_means[f"DRUG, {gene}"] - cell_means[f"NO DRUG, {gene}"] for gene in genes
        },
    }
)
thirds = {DRUG: 1, f"{DRUG}:gene_name[T.A]": 1 / 3, f"{DRUG}:gene_name[T.B]": 1 / 3}
average = fit.contrast(thirds).iloc[0]
low, high = average[["conf_low", "conf_high"]]
print(f"average of the three genes: {average['estimate']:.4f} [{low:.4f}, {high:.4f}]")
drug_effect

# %% [markdown]
# No: the row says 0.225, 0.09401 or 0.1074, depending on the reference. It is the drug's effect in the *reference gene*,
# here C, which reacts most. The average over the three genes is 0.1421, and stands in no row.
#
# **Third reading: `gene_nameA` is gene A against gene C, the one without a row.** Then A minus C should be 0.1286, with
# the drug or without.

# %%
for condition in conditions:
    difference = cell_means[f"{condition}, A"] - cell_means[f"{condition}, C"]
    print(f"A minus C, {condition}: {difference:.4f}")
print(f"row gene_nameA:        {b['gene_name[T.A]']:.4f}")

# %% [markdown]
# Yes, and well guessed: C is the reference. One thing to add: *without the drug*. With it A and C are alike (−0.0024),
# because C has caught up.
#
# **Fourth reading: the interactions.** The asker did not know what they are relative to. The accepted answer gave the
# other rows rightly, and for `conditionDRUG:gene_nameA` it compared two cells: gene A with the drug, and gene C without.
# Both readings can be computed. The row says −0.1309.

# %%
two_cells = cell_means["DRUG, A"] - cell_means["NO DRUG, C"]
effect_in_a = cell_means["DRUG, A"] - cell_means["NO DRUG, A"]
effect_in_c = cell_means["DRUG, C"] - cell_means["NO DRUG, C"]
of_differences = effect_in_a - effect_in_c
three_rows = b[[DRUG, "gene_name[T.A]", f"{DRUG}:gene_name[T.A]"]]
parts = " ".join(f"{value:+.4f}" for value in three_rows)
print(f"two cells, (DRUG, A) − (NO DRUG, C): {two_cells:+.4f}")
print(f"three rows together,  {parts} = {three_rows.sum():+.4f}")
print(f"drug effect in A − drug effect in C: {of_differences:+.4f}")
print(f"the row conditionDRUG:gene_nameA:    {three_rows.iloc[-1]:+.4f}")

# %% mystnb={"image": {"alt": "Two grids of signs, conditions by genes C and A and B. Left, two cells: plus in DRUG A, minus in NO DRUG C, giving +0.2226. Right, a difference of differences: plus in DRUG A and NO DRUG C, minus in NO DRUG A and DRUG C, giving −0.1309."}}
signs = {
    f"two cells: {two_cells:+.4f}": inverse.loc[three_rows.index].sum(),
    f"difference of differences: {of_differences:+.4f}": inverse.loc[three_rows.index[-1]],
}
fig, axes = plt.subplots(1, 2, figsize=(9, 3))
for ax, (title, weights) in zip(axes, signs.items()):
    plots.signed_cells(ax, as_square(weights))
    ax.set_title(title.replace("-", "−"), fontsize=12)
fig.suptitle("The interaction row needs all four cells", fontweight="bold")
plt.show()

# %% [markdown]
# Left, what the answer described: gene and condition change together, and the result is not even of the same sign as
# the row. Right, what the row holds: **a [difference of differences](glossary.md#difference-of-differences)**,
#
# [E(DRUG, A) − E(NO DRUG, A)] − [E(DRUG, C) − E(NO DRUG, C)].
#
# Read aloud: *the drug's effect on gene A's log length is 0.1309 smaller than its effect on gene C's.* The slip is easily
# made, for every other row of the table compares two cells or fewer, and its author was right in all that follows from
# it: the row does not answer whether the drug changes gene A, and comparisons within each gene do (lesson 06).
#
# ### In R
#
# The same sums from R's own cell means (emmeans) and coefficients.

# %%
r = in_r["identity"]
r_average = {row["contrast"]: row for row in in_r["contrasts_satt"]}
r_average = r_average["average DRUG effect (equal weights)"]["Estimate"]
two_cells_of_b = cell_means["DRUG, B"] - cell_means["NO DRUG, C"]
tables.beside_r(
    [
        ("row DRUG:A", "fixef(fit)", r["coef_DRUG_A"], three_rows.iloc[-1]),
        ("difference of differences, A", "emmeans(fit, …)", r["DiD"], of_differences),
        ("two cells, A", "emmeans(fit, …)", r["answer_claims"], two_cells),
        ("two cells, B", "emmeans(fit, …)", r["answer_claims_B"], two_cells_of_b),
        ("average drug effect", "contest1D(fit, …)", r_average, average["estimate"]),
    ],
    tolerance=1e-8,  # where lme4's optimizer stops
)

# %% [markdown]
# ### Exercise 5.2
#
# *With* the drug, is gene B shorter than gene A? No row says so. Write the weights of this
# [contrast](glossary.md#contrast), B minus A, as a dictionary of coefficients, such as
# `{"gene_name[T.A]": 1, "gene_name[T.B]": 0.5}`; those left out have weight 0. Your answer is judged by the estimate and
# standard error it gives. (`fit.contrast(answer)` shows them.)

# %%
answer = ...
check("5.2", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
weights_of_b = design.loc["DRUG, B"] - design.loc["DRUG, A"]  # one sum minus the other
answer = weights_of_b[weights_of_b != 0].to_dict()
check("5.2", answer)
print(answer)
fit.contrast(answer)

# %% [markdown]
# ## 4 · Another reference, another table, the same model
#
# The reference was our choice. What hangs on it? Predict first.
#
# ### Exercise 5.3
#
# Say B becomes the reference gene. Which number will stand in the row `conditionDRUG:gene_nameC`?
# Work it out from the table of section 1, to four decimals.

# %%
answer = ...
check("5.3", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = -b[f"{DRUG}:gene_name[T.B]"]
check("5.3", answer)
print(f"{answer:.4f}")

# %%
columns = {f"reference {gene}": refitted for gene, refitted in by_reference.items()}
tables.side_by_side(columns, digits=4).iloc[:-4]  # * p < 0.05, ** p < 0.01, *** p < 0.001

# %% [markdown]
# Three columns, one model. (Stars: * p < 0.05, ** p < 0.01, *** p < 0.001.) With C as the reference both interactions
# have a star; with A one of two has, and a row appears that the first table did not show: the drug's effect in B minus
# that in A (0.0134, no star). Nothing about drug or genes has changed, only what is compared. All six choices of a
# reference give the same model:


# %%
def unless_rounding(gap):
    """A difference, unless it is so small that it is rounding, which differs between computers."""
    return "< 1e-8" if gap < 1e-8 else f"{gap:.1e}"


f_of_fit = fit.anova().loc["condition:gene_name", "statistic"]
rows = []
for name in cell_names:
    condition, gene = name.split(", ")
    other = fit_mixed(formula, with_reference(gene, condition))
    second = other.coefficients().iloc[1]
    prediction_gap = (other.predict(random=True) - fit.predict(random=True)).abs().max()
    f_of_other = other.anova().loc["condition:gene_name", "statistic"]
    rows.append(
        {
            "reference": name,
            "second row": f"{second['estimate']:+.4f} (p = {second['p_value']:.1e})",
            "predictions differ by": unless_rounding(prediction_gap),
            "log-likelihood by": unless_rounding(
                abs(other.log_likelihood - fit.log_likelihood)
            ),
            "F of interaction by": unless_rounding(abs(f_of_other - f_of_fit)),
        }
    )
pd.DataFrame(rows).set_index("reference")

# %% [markdown]
# The second row of the table, often read as "the effect of the drug", takes six values. Predictions, likelihood and the
# test of the interaction differ by nothing that is not rounding. (F's denominator degrees of freedom do depend on the
# coding, by a fraction of one in 22,561.)
#
# > **Pitfall: stars of single rows.** An interaction row compares with the reference level. Which rows get a star depends
# > on which level comes first, in R and in pandas by the alphabet unless you say otherwise. Count no stars: test all
# > interaction rows at once, and then compare what you meant to compare.
#
# **Sum coding.** Treatment coding, as so far, compares with a reference level. [Sum coding](glossary.md#sum-coding)
# compares with the mean of all levels instead. It has to be asked for:

# %%
sum_formula = (
    "log(length) ~ C(condition, contr.sum) * C(gene_name, contr.sum) + (1 | replicate)"
)
sum_coded = fit_mixed(sum_formula, lengths)
short = [
    name.replace("C(condition, contr.sum)", "").replace("C(gene_name, contr.sum)", "")
    for name in sum_coded.fixed_effects.index
]
gap = (sum_coded.predict(random=True) - fit.predict(random=True)).abs().max()
print(f"predictions differ by {unless_rounding(gap)}")
by_ml = [refit(model, reml=False).log_likelihood for model in (fit, sum_coded)]
print(f"log-likelihoods (ML) differ by {unless_rounding(abs(by_ml[0] - by_ml[1]))}")
print(f"mean of the six cells: {cell_means.mean():.4f}")
print(f"minus half the average drug effect: {-average['estimate'] / 2:.5f}")
sum_coded.coefficients().set_axis(short)[["estimate", "std_error", "statistic", "p_value"]]

# %% [markdown]
# The same model in a third dress. Its intercept is the mean of the six cells (4.3994), and `[S.NO DRUG]` says how far
# NO DRUG lies from the mean of both conditions, averaged over genes: minus half the average effect. Now the second row
# *is* about all genes. (The likelihood here is that of ML: REML's depends on the units of the coefficients, as in
# lesson 04, section 5.)
#
# ## 5 · Is there an interaction?
#
# The test that does not depend on coding takes both interaction rows together: could both be zero? It is a
# [joint test](glossary.md#joint-test); the table of all such tests is called [type III](glossary.md#type-iii-test).

# %%
anova = fit.anova()
t_of_row = fit.coefficients().loc[DRUG, "statistic"]
t_of_sum = sum_coded.coefficients()["statistic"].iloc[1]
print(f"t² of the row conditionDRUG, treatment coding: {t_of_row**2:.2f}")
print(f"t² of the row [S.NO DRUG], sum coding:         {t_of_sum**2:.2f}")
num_df, den_df, f, p = anova.loc["condition:gene_name"]
print(f"interaction: F({num_df:.0f}, {den_df:,.0f}) = {f:.4f}, p = {p:.4f}")
anova

# %% [markdown]
# R's table, by lmerTest. The degrees of freedom of the interaction differ by 0.15, because lmerTest pools those of its
# two contrasts in another way. No p-value changes:

# %%
r_anova = {row["term"]: row for row in in_r["anova_III_satt"]}
tables.beside_r(
    [
        (f"{what} of {term}", "anova(fit)", r_anova[term][r_name], anova.loc[term, name])
        for term in ["condition", "condition:gene_name"]
        for what, r_name, name in [
            ("F", "F value", "statistic"),
            ("df", "DenDF", "den_df"),
            ("p", "Pr(>F)", "p_value"),
        ]
    ],
    tolerance=1e-4,  # where lme4's optimizer stops
)

# %% [markdown]
# Read aloud: *the drug's effect is not the same in all three genes (F(2, 22,561) = 3.255, p = 0.0386).* That is evidence
# of middling strength, for effects that do not vary between replicates: the model says so, and lesson 04 (section 6)
# shows what hangs on it.
#
# The row `condition` of this table is a [main effect](glossary.md#main-effect): is the drug's effect, *averaged over the
# three genes*, zero? The row `conditionDRUG` of section 1 asks about fewer cells:

# %% mystnb={"image": {"alt": "Two grids of signs, conditions by genes. Left, the row conditionDRUG: plus in DRUG C, minus in NO DRUG C, all else white. Right, the main effect: plus one third in all three DRUG cells, minus one third in all three NO DRUG cells."}}
main_effect = pd.Series(thirds).reindex(design.columns, fill_value=0) @ inverse
fig, axes = plt.subplots(1, 2, figsize=(9, 3))
plots.signed_cells(axes[0], as_square(inverse.loc[DRUG]))
plots.signed_cells(axes[1], as_square(main_effect))
axes[0].set_title(f"row conditionDRUG: t² = {t_of_row**2:.2f}", fontsize=12)
axes[1].set_title(f"main effect: F = {anova.loc['condition', 'statistic']:.2f}", fontsize=12)
fig.suptitle("The row is about gene C, the main effect about all three", fontweight="bold")
plt.show()

# %% [markdown]
# Left, gene C alone; right, a third of each gene. So F = 57.50 is the t² of the sum-coded row, and not the 20.74 of the
# table in section 1.
#
# > **Pitfall: a main effect from a treatment-coded table.** Some programs make "type III" tests by leaving out columns
# > of the design matrix as it is. With treatment coding they test the reference level and label it the main effect.
#
# statsmodels' `anova_lm(typ=3)` is one of them. Least squares with the replicates as columns, coded in two ways:

# %%
treatment = smf.ols("log_length ~ condition * gene_name + replicate", lengths).fit()
by_sum = smf.ols(
    "log_length ~ C(condition, Sum) * C(gene_name, Sum) + replicate", lengths
).fit()
typ_3 = {
    "treatment coding": anova_lm(treatment, typ=3)["F"],
    "sum coding": anova_lm(by_sum, typ=3)["F"].rename(
        lambda term: term.replace("C(", "").replace(", Sum)", "")
    ),
}
print(f"t² of the row conditionDRUG: {treatment.tvalues[DRUG] ** 2:.2f}")
pd.DataFrame(typ_3).loc[["condition", "gene_name", "condition:gene_name"]]

# %% [markdown]
# Same rows, same model, same call, and F of the drug is 20.79 or 57.55, of the genes 53.15 or 104.7; the interaction
# does not mind. How to notice: F equals the t² of a row that you know to be about one gene. `fit.anova()` and R's
# lmerTest give the test of the average in either coding.
#
# **Compared with the additive model.** Leaving the interaction out says that the drug does the same in every gene. Two
# models with different fixed parts are compared by maximum likelihood; `compare` refits them.

# %%
additive = fit_mixed("log(length) ~ condition + gene_name + (1 | replicate)", lengths)
test = compare(additive, fit)
by_rows = cells["rows"].groupby("gene_name", observed=True).sum()
weighted = (by_rows * drug_effect["difference of cell means"]).sum() / by_rows.sum()
chi2, df, p = test.loc[1, ["statistic", "df", "p_value"]]
print(f"likelihood-ratio χ² = {chi2:.3f}, df {df:.0f}, p = {p:.4f}")
print(f"drug, row of the interaction model (gene C):  {b[DRUG]:.4f}")
print(f"drug, average of three genes, equal weights:  {average['estimate']:.4f}")
print(f"drug, the one effect of the additive model:   {additive.fixed_effects[DRUG]:.4f}")
print(f"drug, average of three genes, by their rows:  {weighted:.4f}")
shown = test[["log_likelihood", "aic", "bic"]]
shown.set_axis(["additive", "interaction"]).map("{:,.1f}".format)

# %% [markdown]
# The likelihood-ratio test agrees with F (p = 0.0387). AIC prefers the interaction, BIC, which asks for more, does not:
# another way to say "middling". And there are now three numbers that somebody could call *the* effect of the drug. The
# additive model's 0.1049 is nearly the average weighted by rows, to which gene A, with two thirds of them, gives most. None is
# wrong; each answers another question, so name yours.
#
# ## 6 · Draw it
#
# `predictions` gives the model's mean for each cell, with its interval; `transform="exp"` turns logs into lengths.

# %%
model_means = {
    name: predictions(fitted, by=["gene_name", "condition"], transform="exp")
    for name, fitted in [("interaction", fit), ("additive", additive)]
}
model_means["interaction"]

# %% mystnb={"image": {"alt": "Left: model means of genes C, A and B without and with drug on a log axis, joined by lines, with intervals from about 50 to 130 and four small replicate points each. Right: the same lines enlarged, beside dashed parallel lines of the additive model; only gene C's two lines part visibly."}}
gene_colours = dict(zip(genes, [plots.BLUE, plots.ORANGE, plots.GREEN]))
shift = dict(zip(genes, [-0.1, 0, 0.1]))
fig, axes = plt.subplots(1, 2, figsize=(11, 5))
for gene, colour in gene_colours.items():
    x = np.array([0, 1]) + shift[gene]
    own = {
        name: table[table["gene_name"] == gene].set_index("condition").loc[conditions]
        for name, table in model_means.items()
    }
    for place, condition in zip(x, conditions):
        of_cell = means[(means["gene_name"] == gene) & (means["condition"] == condition)]
        points = np.full(len(of_cell), place - 0.03)
        axes[0].scatter(points, of_cell["mean"], s=22, facecolors="none", edgecolors=colour)
    whole = own["interaction"]
    axes[0].vlines(x, whole["conf_low"], whole["conf_high"], color=colour, linewidth=2)
    axes[0].plot(x, whole["estimate"], "o-", color=colour, markersize=8)
    axes[1].plot([0, 1], whole["estimate"], "o-", color=colour, linewidth=2)
    axes[1].plot([0, 1], own["additive"]["estimate"], "--", color=colour, linewidth=1.5)
    axes[1].text(
        -0.06,
        whole["estimate"].iloc[0],
        f"gene {gene}",
        color=colour,
        ha="right",
        va="center",
        fontweight="bold",
    )
    axes[0].text(
        x[1] + 0.02, whole["conf_high"].iloc[1] * 1.02, gene, color=colour, fontweight="bold"
    )
axes[0].set_title("means, 95% intervals; hollow: replicates")
axes[1].set_title("solid: interaction; dashed: one effect for all")
for ax, ticks, limits in zip(axes, [[50, 75, 100, 150], [70, 80, 90]], [(45, 150), (65, 100)]):
    ax.set(yscale="log", ylim=limits, ylabel="geometric mean length (no unit given)")
    ax.minorticks_off()
    ax.set_yticks(ticks, ticks)
    ax.set_xticks([0, 1], conditions)
axes[0].set_xlim(-0.35, 1.4)
axes[1].set_xlim(-0.45, 1.2)
fig.suptitle("The drug brings gene C level with gene A", fontweight="bold")
plt.show()

# %% [markdown]
# Right, solid lines: parallel would be "no interaction"; gene C's is steeper, and with the drug it reaches gene A. The
# dashed lines, forced to be parallel, fit A and B, where the rows are, and miss C. Left, the intervals of all six means
# overlap, and yet the drug effects are far from zero: the intervals are wide because the four replicates differ in
# height, and that shifts all six means *together*. A difference within replicates does not feel it. Never judge a
# difference by whether the intervals of two means overlap.
#
# ## 7 · On the log scale an interaction is a ratio of ratios
#
# `exp` of a difference of logs is a ratio (lesson 04). `exp` of a difference of differences is a ratio of two ratios.

# %%
interaction = fit.coefficients().loc[f"{DRUG}:gene_name[T.A]"]
of_ratios, low, high = np.exp(interaction[["estimate", "conf_low", "conf_high"]])
ratio = np.exp(drug_effect["difference of cell means"])
print(f"drug's ratio: C {ratio['C']:.3f}, A {ratio['A']:.3f}, B {ratio['B']:.3f}")
print(f"A's ratio / C's ratio: {ratio['A'] / ratio['C']:.3f}")
print(f"exp of the row conditionDRUG:gene_nameA: {of_ratios:.3f} [{low:.3f}, {high:.3f}]")
made_up = pd.DataFrame({"NO DRUG": [50.0, 100.0], "DRUG": [60.0, 120.0]}, ["gene 1", "gene 2"])
made_up["difference"] = made_up["DRUG"] - made_up["NO DRUG"]
made_up["ratio"] = made_up["DRUG"] / made_up["NO DRUG"]
made_up

# %% [markdown]
# Read aloud: *the drug multiplies gene C's length by 1.252 and gene A's by 1.099; the second ratio is 0.877 times the
# first (95% interval 0.793 to 0.970).* The two made-up genes show that "same effect" depends on the scale: the drug
# lengthens both by the same ratio (no interaction of logs), and gene 2 by twice as many units (an interaction of
# lengths). Say on which scale you claim an interaction: one whose lines neither cross nor touch may vanish on another.
#
# ### Exercise 5.4
#
# By how many *percent* is the drug's ratio in gene B smaller than its ratio in gene C? One decimal.

# %%
answer = ...
check("5.4", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
answer = 100 * (1 - np.exp(b[f"{DRUG}:gene_name[T.B]"]))
check("5.4", answer)
print(f"{answer:.1f} percent")

# %% [markdown]
# ## 8 · A new data set
#
# Simulated this time from a truth of our choice: root lengths (mm) of seedlings of three genotypes in eight trays,
# watered and dry. A colleague fitted the model and wrote: *"Drought had no significant effect on root length."*

# %%
roots = seedlings(np.random.default_rng(5))
print(roots.groupby(["genotype", "water"], observed=True)["root"].agg(["size", "mean"]))
of_roots = fit_mixed("log(root) ~ water * genotype + (1 | tray)", roots)
print()
print(tables.as_r_prints(of_roots.coefficients()))

# %% [markdown]
# ### Exercise 5.5
#
# What was the effect of drought on the log root length (dry minus watered), *averaged over the three genotypes* with
# equal weights? Two decimals.

# %%
answer = ...
check("5.5", answer)

# %% jupyter={"outputs_hidden": true, "source_hidden": true} tags=["solution", "hide-cell"]
dry, interactions = "water[T.dry]", ["genotype[T.line 1]", "genotype[T.line 2]"]
average_of_roots = of_roots.contrast(
    {dry: 1} | {f"{dry}:{line}": 1 / 3 for line in interactions}
)
answer = average_of_roots["estimate"].iloc[0]
check("5.5", answer)
print(f"{answer:.2f}: roots are {np.exp(answer):.2f} times as long")
average_of_roots

# %% [markdown]
# The colleague had read the second row of the table, and with it the drought effect in wild type. The two lines lose a
# third to a half of their length.
#
# ## Recap
#
# A table with an interaction is six cell means in disguise: the intercept is the reference cell, `conditionDRUG` the
# drug's effect in the reference gene, `gene_nameA` the difference of two genes without the drug, and an interaction row
# is a difference of two drug effects. Another reference or coding gives other rows and stars, and the same predictions,
# likelihood and joint tests. Here that test says that the effects differ (p = 0.0386), as gene C reacts most; on the log
# scale they are ratios, and an interaction is a ratio of ratios. None of it asks whether the drug acts alike in all
# replicates. **Decision:** test the interaction by its joint test, never by stars; then say which difference of cells
# you mean, write its weights, and report that, with its scale.
#
# **Before:** [04 · Mixed models](04_mixed_models.ipynb). **Next:** [06 · Marginal contrasts](06_marginal_contrasts.ipynb):
# the drug's effect in each gene, with corrected p-values.
#
# **Sources.** What an interaction is and is not: Nelder 1977,
# [doi:10.2307/2344517](https://doi.org/10.2307/2344517); which interactions another scale removes: Loftus 1978,
# [doi:10.3758/BF03197461](https://doi.org/10.3758/BF03197461). Coding of factors: Schad, Vasishth, Hohenstein & Kliegl
# 2020, [doi:10.1016/j.jml.2019.104038](https://doi.org/10.1016/j.jml.2019.104038). Degrees of freedom and type III
# tests: Kuznetsova, Brockhoff & Christensen 2017,
# [doi:10.18637/jss.v082.i13](https://doi.org/10.18637/jss.v082.i13). Marginal means: Arel-Bundock, Greifer & Heiss 2024,
# [doi:10.18637/jss.v111.i09](https://doi.org/10.18637/jss.v111.i09).

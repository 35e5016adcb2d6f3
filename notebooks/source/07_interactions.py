# %% [markdown]
# # 07 · Interactions
#
# **One model for three genes prints six rows. What does each row say, and does the drug do the same in every gene?**

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# imports the packages, sets the style, reads the lengths and what was planted in them
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from formulaic import model_matrix
from scipy import stats
from statsmodels.stats.multitest import multipletests

from helpers import plots, tables
from helpers.contrasts import comparisons, predictions
from helpers.course.claims import claim
from helpers.data import load_modification_lengths, load_modification_lengths_truth
from helpers.exercises import check, solution
from helpers.exercises.lesson_07 import seedlings
from helpers.mixed import fit_mixed

plots.use_style()
tables.use_style()
lengths, truth = load_modification_lengths(), load_modification_lengths_truth()

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three panels, genes C, A and B. In each, four lines, one per replicate, join the typical length without the drug to that with it. All four lines of gene C rise clearly; in genes A and B three rise a little and rep1 falls. rep4 lies highest in every panel."}}
# draws the typical length of each gene without and with the drug, one line per replicate
by_cell = lengths.groupby(["replicate", "condition", "gene_name"], observed=True)["length"]
typical = by_cell.agg(lambda rows: np.exp(np.log(rows).mean())).rename("typical").reset_index()
fig, axes = plots.lines_by_panel(
    typical,
    panel="gene_name",
    x="condition",
    y="typical",
    line="replicate",
    panel_names="gene {}",
)
axes[0].set(ylabel="typical length (no unit given)", yscale="log")
axes[0].set_yticks([60, 80, 100, 120], ["60", "80", "100", "120"])
axes[0].minorticks_off()
fig.suptitle("Gene C rises in every replicate, more than A and B do", fontweight="bold")
plt.show()

# %% [markdown]
# Each line is one replicate, and its slope is the drug's effect. The lines of gene C look steeper. Does the drug do
# more to C?
#
# Lesson 05 looked at two rows of one model for all genes. The researcher got all six rows, and [asked how to read
# them](https://stats.stackexchange.com/questions/628169/interpreting-the-output-of-a-linear-mixed-effects-model-with-an-interaction-fact)
# (Cross Validated, 2023, CC BY-SA 4.0). The names and the six rows are theirs.
#
# The lengths are [simulated](../data/README.md) so that R prints the same rows, and so we know the truth. The drug
# makes C 27% longer, A 11% and B 13%, the same in every replicate.
#
# *About 29 minutes. You need lesson 05; lesson 06 helps. At the end you will be able to read every row of a table with
# an interaction, test the interaction, and say which number to report.*
#
# ## 1 · Two genes, two conditions
#
# The star in `condition * gene_name` asks for both variables and for their [**interaction**](glossary.md#interaction):
# the effect of one may depend on the other. Here are the model's means, as natural logs.

# %%
formula = "log(length) ~ condition * gene_name + (1 | replicate)"
fit = fit_mixed(formula, lengths)
by_gene = predictions(fit, by=["gene_name", "condition"])
means = by_gene.pivot_table("estimate", "gene_name", "condition", observed=True)
means

# %% [markdown]
# The grey note says how the numbers were made. *Balanced grid*: each combination of gene and condition counts once.
#
# The formula is the researcher's. Lesson 05's looser one changes no conclusion:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# fits lesson 05's looser formula, to compare it with the researcher's
looser = fit_mixed(f"{formula} + (1 | replicate:gene_name)", lengths)
extra_a = "condition[T.DRUG]:gene_name[T.A]"
for name, one in {"researcher's formula": fit, "looser formula": looser}.items():
    joint = one.anova().loc["condition:gene_name", "p_value"]
    print(
        f"{name}: interaction of A {one.fixed_effects[extra_a]:.3f}, joint test p = {joint:.3f}"
    )
claim(
    abs(looser.fixed_effects[extra_a] - fit.fixed_effects[extra_a]) < 0.001,
    "the looser formula hardly changes the interaction",
)

# %% [markdown]
# A difference of logs is a ratio: `exp` turns it into "so many times as long". Begin with four of the six means.

# %%
effect = means["DRUG"] - means["NO DRUG"]
pd.DataFrame(
    {"in C": effect["C"], "in A": effect["A"], "A − C": effect["A"] - effect["C"]},
    ["drug's effect"],
)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# prints the effects as ratios, and checks what was planted
ratio, planted = np.exp(effect), np.exp(truth["drug effect"])
print(
    f"as ratios: C {ratio['C']:.2f}, A {ratio['A']:.2f}, A's over C's {ratio['A'] / ratio['C']:.2f}"
)
claim(
    np.allclose(planted[["C", "A", "B"]], [1.27, 1.11, 1.13], atol=0.005),
    "27%, 11% and 13% were planted",
)

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two panels with mean log lengths. Left, gene C: one arrow up from NO DRUG to DRUG, plus 0.225. Right, genes C and A: gene A's arrow is shorter, plus 0.094; a hollow point shows where A would be with C's effect, and an arrow down from it to A's mean reads minus 0.131."}}
# draws the drug's effect in gene C as an arrow, then gene A's, then the difference between the two
place = {"C, NO DRUG": 0, "C, DRUG": 1, "A, NO DRUG": 2.6, "A as C": 3.6, "A, DRUG": 3.6}
heights = {name: means.loc[name[0], name[3:]] for name in place if name != "A as C"}
heights["A as C"] = heights["A, NO DRUG"] + means.loc["C", "DRUG"] - means.loc["C", "NO DRUG"]
of_points = pd.DataFrame({"estimate": heights}).loc[list(place)]
hues = pd.Series([plots.BLUE, plots.BLUE, plots.ORANGE, plots.GREY, plots.ORANGE], list(place))
ticks = ["C\nNO DRUG", "C\nDRUG", "A\nNO DRUG", "", "A\nDRUG"]


def arrow(start, end):
    return start, end, f"{heights[end] - heights[start]:+.3f}"


in_c, in_a = arrow("C, NO DRUG", "C, DRUG"), arrow("A, NO DRUG", "A, DRUG")
fig, axes = plt.subplots(
    1, 2, figsize=(11, 4.4), sharey=True, gridspec_kw={"width_ratios": [1, 2]}
)
plots.arrow_plot(of_points[:2], [in_c], names=ticks[:2], colours=hues[:2], ax=axes[0])
plots.arrow_plot(
    of_points,
    [in_c, in_a, arrow("A as C", "A, DRUG")],
    places=list(place.values()),
    names=ticks,
    colours=hues,
    hollow=["A as C"],
    ax=axes[1],
)
axes[1].text(3.5, heights["A as C"], "A, if it\nreacted as C", ha="right", va="center")
axes[0].set(ylabel="mean of log length", title="One arrow: the drug in gene C")
axes[1].set(title="The interaction: how far A falls short")
plt.show()

# %% [markdown]
# On the left is the drug's effect in gene C, one arrow. On the right is gene A. If A reacted as C does, the drug would
# lift it to the hollow point. A arrives lower, and that gap is the interaction. It is a [**difference of
# differences**](glossary.md#difference-of-differences): the effect in A minus the effect in C.
#
# Read aloud: *on average, the drug raises the log length by 0.225 in gene C and by 0.094 in gene A, which is 0.131
# less.* As ratios: 1.25 times as long in C, 1.10 times in A.

# %% [markdown]
# ## 2 · Six means, six rows
#
# This is the table of the question. (R writes `conditionDRUG:gene_nameA` where Python writes
# `condition[T.DRUG]:gene_name[T.A]`. The exercises take both.)

# %%
fit.coefficients()[["estimate", "std_error", "p_value"]]

# %% [markdown]
# NO DRUG and gene C have no row of their own. They are the [**reference levels**](glossary.md#reference-level), the
# levels that the others are compared with. Unless told otherwise, R and pandas take the first in the alphabet. Here the
# table was told to begin with NO DRUG and C. Every mean is a sum of rows:

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Six boxes, conditions by genes. NO DRUG, C holds the intercept alone, 4.310. The other boxes add conditionDRUG, the gene's own row, or both; only the two boxes with the drug and gene A or B also add an interaction row. Each box ends with its mean."}}
# draws a box for each mean, with the rows that add up to it
genes, conditions = list(means.index), list(means.columns)
cells = pd.DataFrame(
    [(c, g) for c in conditions for g in genes], columns=["condition", "gene_name"]
)
cells = cells.astype({name: lengths[name].dtype for name in cells})
design = pd.DataFrame(model_matrix("condition * gene_name", cells)).astype(int)
design = design.set_axis(fit.fixed_effects.index, axis=1)
design.index = [f"{cell.condition}, {cell.gene_name}" for cell in cells.itertuples()]
with_values = design.rename(
    columns={
        row: f"{tables.name_in_r(row)}  [{value:.3f}]".replace("-", "−")
        for row, value in fit.fixed_effects.items()
    }
)
fig = plots.cell_sums(with_values, (design @ fit.fixed_effects).to_numpy())
fig.suptitle("Each mean is a sum of rows of the table", fontweight="bold")
plt.show()

# %% [markdown]
# Without the drug (top), a gene is the intercept plus its own row. With it (bottom), the drug's row is added
# everywhere, and genes A and B get a correction of their own. For gene A without the drug that is:

# %%
b = fit.fixed_effects
print(np.exp(b["(Intercept)"] + b["gene_name[T.A]"]).round(1))

# %% [markdown]
# A typical length of 84.6.
#
# ### Exercise 7.1
#
# What is the typical length of gene B *with* the drug? One decimal.

# %%
answer = ...
check("7.1", answer)  # solution("7.1") shows one way

# %% [markdown]
# Now the other way round. Which means does each row compare?

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Six small grids, conditions as rows and genes C, A, B as columns. Intercept: plus in NO DRUG C only. conditionDRUG: plus in DRUG C, minus in NO DRUG C. The gene rows: plus that gene, minus C, without the drug. The two interactions: four signs each, in gene C and in the other gene."}}
# draws for each row of the table which means it adds and which it takes away
inverse = pd.DataFrame(
    np.linalg.inv(design).round(), index=design.columns, columns=design.index
)
grids = {
    f"{tables.name_in_r(row)}\n= {b[row]:.3f}": pd.DataFrame(
        inverse.loc[row].to_numpy().reshape(2, 3), conditions, genes
    )
    for row in design.columns
}
fig = plots.sign_grids(grids)
fig.suptitle("What each row adds and takes away", fontweight="bold")
plt.show()

# %% [markdown]
# Blue is added, orange is taken away, white is left out. `conditionDRUG` uses the two means of gene C only. Only the
# interactions use four means: one arrow minus another. ([Appendix A2](A2_contrasts_by_hand.ipynb) shows the matrix
# behind it.)
#
# ## 3 · Four readings, put to the test
#
# The researcher guessed what the rows say. A guess predicts something, so we can check it.
#
# **"The intercept is what the model cannot explain."** Then it should stay the same in another unit, as the unexplained
# variance does.

# %%
in_tenths = fit_mixed(formula, lengths.assign(length=10 * lengths["length"]))
both = {"as measured": fit, "in tenths of the unit": in_tenths}
pd.DataFrame(
    {k: [m.fixed_effects["(Intercept)"], m.residual_variance] for k, m in both.items()},
    ["intercept", "unexplained variance"],
)

# %% [markdown]
# No. The intercept moves with the unit, as a mean does. It is the mean log length of gene C without the drug.
#
# **"`conditionDRUG` is the drug's effect on all genes."** Then it should be the average of the three effects.

# %%
pd.DataFrame(
    {"row": b["condition[T.DRUG]"], "average of the genes": effect.mean()}, ["log length"]
)

# %% [markdown]
# No. It is the effect in gene C, the one that reacts most. The average stands in no row.
#
# **"`gene_nameA` is gene A compared with gene C."** Then A minus C should be 0.1286, with or without the drug.
# (`comparisons` takes the second name minus the first.)

# %%
a_minus_c = comparisons(fit, {"gene_name": ["C", "A"]}, by="condition")
a_minus_c[["condition", "estimate", "conf_low", "conf_high"]]

# %% [markdown]
# Right, but only *without the drug*. With it, the difference is −0.0024 (95% interval −0.080 to 0.075).
#
# **"`conditionDRUG:gene_nameA` compares gene A with the drug to gene C without."** So said the accepted answer. Then
# this should be −0.1309:

# %%
print((means.loc["A", "DRUG"] - means.loc["C", "NO DRUG"]).round(4))

# %% [markdown]
# No, even the sign is wrong. The slip is easy to make, because every other row uses two means at most. The rest of that
# answer holds.
#
# **Verdict.** Read the rows like this:
#
# | row | says |
# | --- | --- |
# | `(Intercept)` | gene C without the drug |
# | `condition[T.DRUG]` | drug minus no drug **in gene C** |
# | `gene_name[T.A]` | gene A minus gene C **without the drug** |
# | `condition[T.DRUG]:gene_name[T.A]` | the drug's effect in A **minus** its effect in C |
#
# A number that has no row of its own is a sum of rows, called a [contrast](glossary.md#contrast). The drug's effect in
# gene A:

# %%
fit.contrast({"condition[T.DRUG]": 1, "condition[T.DRUG]:gene_name[T.A]": 1})

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the sentences of this section against the data
with_drug = a_minus_c.set_index("condition")[["conf_low", "conf_high"]].loc["DRUG"]
claim(
    with_drug["conf_low"] < 0 < with_drug["conf_high"],
    "with the drug, no difference of A and C is seen",
)
claim(effect["C"] == effect.max(), "C reacts most")
claim(np.isclose(fit.residual_variance, in_tenths.residual_variance), "variance without unit")

# %% [markdown]
# ### Exercise 7.2
#
# *With* the drug, is gene B shorter than gene A? Write the weights of B minus A as a dictionary, as inside
# `fit.contrast( )` above: `answer = {"name of a row": weight, …}`.

# %%
answer = ...
check("7.2", answer)  # solution("7.2") shows one way

# %% [markdown]
# ## 4 · Another reference, the same model
#
# Gene C came first because the researcher chose it. What depends on that?
#
# ### Exercise 7.3
#
# Predict: if B is the reference, which number stands in the row `condition[T.DRUG]:gene_name[T.C]`? Four decimals.

# %%
answer = ...
check("7.3", answer)  # solution("7.3") shows one way

# %% [markdown]
# > **What if** another gene is the reference? Choose one and run the cell again.

# %% tags=["what-if"]
reference = "A"  # try "B" or "C"
order = [reference, *(gene for gene in genes if gene != reference)]
relevelled = lengths.assign(gene_name=lengths["gene_name"].cat.reorder_categories(order))
other = fit_mixed(formula, relevelled)
other.coefficients()[["estimate", "p_value"]]

# %% [markdown]
# With A as the reference, only one interaction is below 0.05. A new row appears: the effect in B minus the effect in A,
# 0.0134. Has anything changed about the drug? Here are all six choices of a reference.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# fits the model with each of the six cells as the reference, and compares them
rows = []
for first_condition in conditions:
    for first_gene in genes:
        table = lengths.copy()
        for name, first in [("condition", first_condition), ("gene_name", first_gene)]:
            rest = [level for level in lengths[name].cat.categories if level != first]
            table[name] = lengths[name].cat.reorder_categories([first, *rest])
        again = fit_mixed(formula, table)
        gap = (again.predict(random=True) - fit.predict(random=True)).abs().max()
        rows.append(
            {
                "reference": f"{first_condition}, {first_gene}",
                "second row": f"{again.coefficients()['estimate'].iloc[1]:+.3f}",
                "predictions differ by": "< 1e-8" if gap < 1e-8 else f"{gap:.1e}",
                "F of the interaction": f"{again.anova()['statistic'].iloc[-1]:.3f}",
            }
        )
pd.DataFrame(rows).set_index("reference")

# %% [markdown]
# Six tables, one model: the same predictions, the same test of the interaction. Only the rows change, because they
# compare other cells.
#
# **Verdict.** Do not count stars in such a table: which row has one depends on the reference. Name the comparison you
# want, and ask for it.

# %% [markdown]
# ## 5 · Does the drug do the same in every gene?
#
# Two rows hold the interaction. One [joint test](glossary.md#joint-test) asks whether both could be zero. It is the
# same for every reference:

# %%
fit.anova().loc[["condition:gene_name"]]

# %% [markdown]
# p = 0.039. ([A2](A2_contrasts_by_hand.ipynb) compares types I, II and III.)
#
# But look at the degrees of freedom: 22,561 (2.256e+04). The test counts lengths, while the experiment was done four
# times. What if replicates react differently? What matters is whether *A against C* varies from replicate to replicate.
# So take one difference of differences from each.
#
# > **What if** a replicate had failed? Leave one out and run the section again.

# %% tags=["what-if"]
left_out = None  # try "rep1" or "rep4"
kept = lengths[lengths["replicate"] != left_out]
logs = kept.assign(log_length=np.log(kept["length"]))
cell = logs.pivot_table("log_length", "replicate", ["condition", "gene_name"], observed=True)
effects = cell["DRUG"] - cell["NO DRUG"]
against_c = effects[["A", "B"]].sub(effects["C"], axis=0).add_suffix(" − C")
against_c

# %%
a_minus_c_p = stats.ttest_1samp(against_c["A − C"], 0).pvalue
b_minus_c_p = stats.ttest_1samp(against_c["B − C"], 0).pvalue
holm = multipletests([a_minus_c_p, b_minus_c_p], method="holm")[1]
pd.DataFrame({"p": [a_minus_c_p, b_minus_c_p], "Holm": holm}, against_c.columns)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# adds intervals and the model's p-values, fits the random slope, and checks the sentences against the data
tests = {name: stats.ttest_1samp(values, 0) for name, values in against_c.items()}
by_replicate = pd.DataFrame(
    {name: [against_c[name].mean(), *t.confidence_interval()] for name, t in tests.items()},
    ["estimate", "conf_low", "conf_high"],
).T
for name, row in by_replicate.iterrows():
    print(
        f"{name}: {row['estimate']:.3f}, interval {row['conf_low']:.3f} to {row['conf_high']:.3f}"
    )
of_model = fit.coefficients()["p_value"].iloc[-2:]
holm_of_model = multipletests(of_model, method="holm")[1]
print("the model's p for the same two, by Holm:", ", ".join(f"{p:.3f}" for p in holm_of_model))
sloped = fit_mixed("log(length) ~ condition * gene_name + (1 + condition | replicate)", lengths)
with_slope = sloped.anova(ddf="kenward-roger").loc["condition:gene_name"]
print(
    f"with a random slope: F = {with_slope['statistic']:.2f}, p = {with_slope['p_value']:.3f}"
)
gap = truth["drug effect"]["A"] - truth["drug effect"]["C"]
print(f"planted, A − C: {gap:.3f}")
claim((against_c < 0).all(axis=None), "all replicates agree in sign")
claim((holm > 0.05).all(), "by replicates, neither difference is below 5%")

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two columns of four dots, one per replicate: the drug's effect in A minus C and in B minus C. All eight dots lie below the dashed line at zero, rep1 lowest. The intervals of the two means, beside the dots, both reach up to zero or beyond."}}
# draws the difference of differences of each replicate, with the mean and its 95% interval
ax = plots.replicate_dots(against_c, by_replicate)
ax.set(
    ylabel="difference of log effects", title="All replicates agree in sign, but four are few"
)

plt.show()

# %% [markdown]
# All eight dots lie below zero. But both columns use gene C's four values, so the dots are not eight independent ones.
# Four agreeing signs happen by chance in one study of eight. By Holm both p are 0.10.
#
# The model's Holm p for the same two are 0.022 and 0.031. They assume that no gene reacts differently from one replicate
# to the next. Lesson 06's random slope hardly changes the joint test (p = 0.038). It is the same in all genes of a
# replicate, so it nearly cancels from a difference between genes.
#
# **Verdict.** Report the t test on replicates, as in lesson 06. The drug does less to A and B than to C in all four,
# but four are too few to show it (p = 0.10). Give the model's 0.022 and 0.031 beside it, as "if every replicate reacts
# alike".
#
# Here the data were made so, and the model's −0.131 is close to the planted A − C, −0.132. With your own replicates you
# cannot know. (If each animal has only one condition, take A − C per animal, and compare the conditions by Welch's t
# test.)
#
# ## 6 · Somebody else's table
#
# Root lengths of seedlings, simulated: three genotypes in eight trays. Each tray holds watered and dry plants of every
# genotype. A colleague writes: *"Drought had no significant effect."*

# %%
roots = seedlings(np.random.default_rng(5))
of_roots = fit_mixed("log(root) ~ water * genotype + (1 | tray)", roots)
of_roots.coefficients()[["estimate", "p_value"]]

# %% [markdown]
# ### Exercise 7.4
#
# What is the effect of drought on the log root length (dry minus watered), *averaged over the three genotypes* with
# equal weights? Two decimals.

# %%
answer = ...
check("7.4", answer)  # solution("7.4") shows one way

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# takes the average effect of drought in each tray, and tests the eight values
in_tray = roots.assign(log_root=np.log(roots["root"])).pivot_table(
    "log_root", "tray", ["water", "genotype"], observed=True
)
of_trays = stats.ttest_1samp((in_tray["dry"] - in_tray["watered"]).mean(axis=1), 0)
print(f"one value per tray: t = {of_trays.statistic:.1f}, df = {of_trays.df}")

# %% [markdown]
# One value per tray agrees: on average, roots get shorter.
#
# **Verdict.** Before you write "no effect", find out which group that row is about.
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
# summary(fit)                                   # the six rows
# anova(fit)                                     # F of the interaction
# emm_options(lmer.df = "satterthwaite", lmerTest.limit = 1e6)
# confint(pairs(emmeans(fit, ~ gene_name | condition), reverse = TRUE, adjust = "none"))   # A - C
# cell <- aggregate(log(length) ~ replicate + condition + gene_name, d, mean)
# names(cell)[4] <- "y"
# wide <- with(cell, tapply(y, list(replicate, gene_name, condition), identity))
# effect <- wide[, , "DRUG"] - wide[, , "NO DRUG"]
# t.test(effect[, "A"] - effect[, "C"])
# t.test(effect[, "B"] - effect[, "C"])
# ```
#
# | | R | here | difference |
# | --- | --- | --- | --- |
# | `conditionDRUG:gene_nameA` | −0.1309 | −0.1309 | < 1e-8 |
# | F of the interaction | 3.255 | 3.255 | < 1e-6 |
# | A − C with the drug, upper end | 0.07492 | 0.07492 | < 1e-6 |
# | p of A − C, four replicates | 0.05126 | 0.05126 | < 1e-8 |
# | p of B − C, four replicates | 0.09191 | 0.09191 | < 1e-8 |
#
# R was run by this project (`tests/reference/lengths`), and every digit of the six rows printed in the question agrees as
# well. Only the denominator degrees of freedom differ, by less than 1 in 22,561: lmerTest pools the two rows in another
# way.
#
# </details>
#
# ## Recap
#
# The rows below the intercept compare means, and an interaction row is a difference of differences. The rows
# change with the reference, while predictions and the joint test do not. The joint test counts lengths, so look at the
# replicates before you believe it.
#
# **You can now decide** which row of a table answers your question, or that none does. Next:
# [08 · Marginal contrasts](08_marginal_contrasts.ipynb), the drug's effect in every gene by one call. For your own table:
# [templates/mixed_model.ipynb](templates/mixed_model.ipynb).
#
# **Sources.** What an interaction is: Nelder 1977, [doi:10.2307/2344517](https://doi.org/10.2307/2344517). On which scale
# it vanishes: Loftus 1978, [doi:10.3758/BF03197461](https://doi.org/10.3758/BF03197461). lmerTest: Kuznetsova, Brockhoff &
# Christensen 2017, [doi:10.18637/jss.v082.i13](https://doi.org/10.18637/jss.v082.i13).

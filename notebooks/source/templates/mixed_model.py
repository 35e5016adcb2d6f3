# %% [markdown] tags=["template-only"]
# # A mixed or a linear model of your table
#
# Change the first code cell to your file and formula, then run all cells. Or let `make report` do both (the README says
# how). A formula without groups is fitted by ordinary least squares. Without a change, the template analyses a table of the course: lengths of a modification, without and with a drug,
# on three genes, in four replicates. Every number in the text below is computed.

# %% tags=["parameters"]
data = "../../data/modification_lengths.csv.gz"  # .csv, .tsv, .txt, .xlsx, .parquet
formula = (
    "log(length) ~ condition * gene_name + (1 | replicate)"  # a name with blanks: `leaf length`
)
contrast = "condition"  # the predictor whose effect you ask for; "" takes the first
by = "gene_name"  # the effect is shown in each level of these factors, separated by commas; "" for none
reference = "condition=NO DRUG; gene_name=C"  # first levels; "" takes the first of each
order = ""  # all levels, first to last: "dose=low, mid, high"; "" takes 5 mg, 10 mg, … or the alphabet
compare = "auto"  # auto, reference, pairwise, sequential
transform = "auto"  # auto (ratios, if the outcome is a log), none, exp, percent, log2
ddf = "kenward-roger"  # or satterthwaite, normal
adjust = "holm"  # or BH, bonferroni, sidak, tukey, dunnett, mvt, none
equivalence = ""  # two numbers between which an effect does not matter, such as "0.9, 1.1"
conf_level = 0.95
question = ""  # in your own words; "" writes one
sep = "auto"  # text files: what stands between columns
decimal = "auto"  # text files: the decimal mark
sheet = ""  # Excel: the name of the sheet; "" takes the first
encoding = "utf-8-sig"  # text files: cp1252 if Windows wrote it
missing = ""  # numbers that mean a missing value, such as "-999"
folder = ""  # where tables and figures are saved; "" saves nothing

# %%
from helpers.report.options import settle

settings = settle(
    "mixed_model",
    {
        "data": data,
        "sep": sep,
        "decimal": decimal,
        "sheet": sheet,
        "encoding": encoding,
        "missing": missing,
    }
    | {
        "formula": formula,
        "contrast": contrast,
        "by": by,
        "reference": reference,
        "order": order,
    }
    | {"compare": compare, "transform": transform, "ddf": ddf, "adjust": adjust}
    | {"equivalence": equivalence, "conf_level": conf_level, "question": question},
)

# %%
from helpers.report import mixed_model
from helpers.report.drawing import use_style
from helpers.report.mixed_model import (
    effects_in_words,
    linear_sentences,
    mixed_figures,
    mixed_methods,
    mixed_sentences,
    next_study,
    print_figure,
)
from helpers.report.mixed_model.effect_sizes import effect_sizes
from helpers.report.output import Output
from helpers.report.verdicts import warnings

use_style()
out = Output(folder)
study = mixed_model.prepare(settings)

# %%
analysis = mixed_model.analyse(study, mixed_model.fitted(study))
fit = analysis.fit  # by ordinary least squares, if the formula has no groups
influence = mixed_model.leave_one_out(analysis)
slopes = mixed_model.with_slopes(analysis)
verdicts = mixed_model.check_all(analysis, influence, slopes)

# %% [markdown]
# ## The question

# %%
mixed_sentences.question(study)

# %% [markdown]
# ## The answer

# %%
out.text("answer", effects_in_words.answer(analysis, verdicts))

# %% mystnb={"image": {"alt": "Two panels. Left, marginal means with their intervals, coloured by the factors in BY. Right, each contrast as a point with its interval, and a dashed line that marks no effect."}}
out.figure("paper", mixed_figures.paper_figure(analysis))

# %% [markdown]
# On the left are marginal means; on the right is the effect asked about, and the dashed line marks no effect. The bars are
# confidence intervals of single estimates. They are not adjusted for the number of estimates.
#
# ## Warnings

# %%
warnings(verdicts)

# %% [markdown]
# ## The data as read

# %%
mixed_sentences.as_read(study)

# %%
out.table("columns", mixed_sentences.columns(study))

# %% [markdown]
# Rows in each cell of the design:

# %%
out.table("design", mixed_sentences.design_table(study))

# %% [markdown]
# ## The plot to look at first

# %% mystnb={"image": {"alt": "The outcome of single rows as grey points against the predictor asked about, one panel for each level of the factors in BY; coloured lines join the means of each group, or black marks stand at the means of the rows."}}
out.figure("first_look", mixed_figures.first_look(study))

# %% [markdown]
# Grey points are rows (if there are many rows, a sample of them). Each line joins the means of one group. If the lines are
# parallel, groups differ only in level. If they cross, the effect itself may differ between groups. Where the formula has no
# groups, black marks are means of rows.
#
# ## The model, and what it takes for granted

# %%
mixed_sentences.model(analysis)

# %%
out.table("variance_components", fit.variance_components.fillna(""))

# %% [markdown]
# ## Checks

# %%
_ = out.table("checks", verdicts.table)
verdicts

# %% mystnb={"image": {"alt": "Two panels. Left, standardised residuals against predicted values, around a horizontal line at zero. Right, ordered residuals against normal quantiles, with the line on which they would lie."}}
out.figure("residuals", mixed_figures.residual_plots(analysis))

# %% [markdown]
# On the left, residuals should form a level band; the orange line follows their middle. On the right, they should follow
# the grey line, except for the outermost few.

# %% mystnb={"image": {"alt": "One estimate with its interval of the whole table, and one below it for each group or row that was left out; a dashed line marks no effect."}}
out.table("influence", influence)
out.figure("influence", mixed_figures.influence_plot(analysis, influence))

# %% [markdown]
# Each line leaves out one group, or one row where the formula has no groups. If there are several contrasts, the one that
# changes most is shown. If one point lies far from the others, the answer depends on that group or row.
#
# ## Results
#
# Coefficients, on the scale of the model:

# %%
out.table("coefficients", fit.coefficients(settings.ddf, settings.conf_level).reset_index())

# %% [markdown]
# Tests of whole terms (type III):

# %%
out.table("tests_of_terms", fit.anova(settings.ddf).reset_index())

# %% [markdown]
# Marginal means:

# %%
out.table("marginal_means", analysis.means)

# %% [markdown]
# The effect asked about:

# %%
out.table("contrasts", analysis.contrasts)

# %%
linear_sentences.which_differ_title(analysis)

# %%
out.table("differences_of_effects", analysis.differences)

# %% mystnb={"image": {"alt": "Differences of the effect between levels of the factors in BY, the largest on top, each a point with its interval and p-value; a dashed line marks no difference."}}
out.figure("differences_of_effects", mixed_figures.differences_figure(analysis))

# %% [markdown]
# (Differences of effects are drawn where the formula lets the effect differ between levels of BY.)

# %%
linear_sentences.both_analyses(analysis)

# %%
out.table("both_analyses", linear_sentences.both_tables(analysis))

# %%
sizes = effect_sizes(analysis)
linear_sentences.without_units(sizes)

# %%
out.table("effect_sizes", sizes)

# %% [markdown]
# ## Methods

# %%
out.text("methods", mixed_methods.methods(analysis))

# %% [markdown]
# ## Results, in words

# %%
out.text("results", mixed_sentences.results(analysis, verdicts))

# %% [markdown]
# ## A figure for a paper

# %% mystnb={"image": {"alt": "What was measured as small points, and marginal means with their intervals, coloured by the factors in BY; beside them each effect as a point with its interval, and a dashed line that marks no effect."}}
out.for_paper("column", lambda width: print_figure.print_figure(analysis, width))

# %% [markdown]
# The folder of figures holds it as wide as one column of a journal (85 mm) and as two (180 mm), as SVG, PDF and PNG. A
# caption to paste:

# %%
out.text("caption", print_figure.caption(analysis))

# %% [markdown]
# ## The next study

# %%
out.text("next_study", next_study.next_study(analysis))

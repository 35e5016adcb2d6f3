# %% [markdown] tags=["template-only"]
# # Correlations in your table
#
# Change the first code cell to your file and columns, then run all cells. Or let `make report` do both (the README says
# how). Without a change, the template analyses a table of the course: one gene against urea and weight, in ten mice of
# three groups. Every number in the text below is computed.

# %% tags=["parameters"]
data = "../../data/mouse_scores.csv"  # .csv, .tsv, .txt, .xlsx, .parquet
outcome = "gene_x"  # a numeric column
columns = "urea, weight"  # numeric columns, separated by commas; "" takes every other one
strata = "group"  # groups within which values are exchanged; "" for none
label = "animal"  # a name for each point; "" for none
method = "pearson"  # or spearman
adjust = "holm"  # or BH, bonferroni, sidak, none
seed = 1  # of the random arrangements
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
    "correlation",
    {
        "data": data,
        "sep": sep,
        "decimal": decimal,
        "sheet": sheet,
        "encoding": encoding,
        "missing": missing,
    }
    | {"outcome": outcome, "columns": columns, "strata": strata, "label": label}
    | {"method": method, "adjust": adjust, "seed": seed}
    | {"conf_level": conf_level, "question": question},
)

# %%
from helpers.report import correlation
from helpers.report.correlation import correlation_figures, correlation_sentences
from helpers.report.drawing import use_style
from helpers.report.output import Output
from helpers.report.verdicts import warnings

use_style()
out = Output(folder)
study = correlation.prepare(settings)

# %%
analysis = correlation.analyse(study)
verdicts = correlation.check_all(analysis)

# %% [markdown]
# ## The question

# %%
correlation_sentences.question(study)

# %% [markdown]
# ## The answer

# %%
out.text("results", correlation_sentences.results(analysis, verdicts))

# %% mystnb={"image": {"alt": "One column: the scatter plot with the correlation above it. Several: each correlation as a point with its interval, over all rows and within strata, and a dashed line at zero."}}
out.figure("paper", correlation_figures.paper_figure(analysis))

# %% [markdown]
# Bars are confidence intervals of single correlations. They are not adjusted for the number of correlations.
#
# ## Warnings

# %%
warnings(verdicts)

# %% [markdown]
# ## The data as read

# %%
correlation_sentences.as_read(study)

# %%
out.table("columns", correlation_sentences.columns(study))

# %%
out.table("design", correlation_sentences.design_table(study))

# %% [markdown]
# ## The plot to look at first

# %% mystnb={"image": {"alt": "Scatter plots of the outcome against each column, with a least-squares line and its band; strata, if there are any, by colour and shape."}}
out.figure("first_look", correlation_figures.first_look(study))

# %% [markdown]
# Every point is a row; if there are many rows, a sample of them is drawn. Look for curves, for single outlying points, and
# for clusters that make the line by themselves.
#
# ## What is computed, and why

# %%
correlation_sentences.model(analysis)

# %% mystnb={"image": {"alt": "Scatter plots of what each stratum's mean leaves of outcome and column; without strata, the mean of all rows."}}
out.figure("within_strata", correlation_figures.within_look(study))

# %% [markdown]
# Here each stratum's mean is subtracted from both columns. What remains is the association within strata. (Without strata,
# the mean of all rows is subtracted.)
#
# ## Checks

# %%
_ = out.table("checks", verdicts.table)
verdicts

# %% [markdown]
# For each correlation, the row whose omission changes it most:

# %%
out.table("influence", correlation.influence_table(analysis))

# %% mystnb={"image": {"alt": "Histograms of the correlations among all arrangements of the permutation test, with a line at the observed one; arrangements at least as far from zero are coloured."}}
out.figure("permutation", correlation_figures.permutation_plots(analysis))

# %% [markdown]
# The coloured arrangements are at least as far from zero as the observed correlation. Their share is the p-value.
#
# ## Results
#
# Over all rows (the permutation test exchanges values within strata, if there are any):

# %%
_ = out.table("correlations", analysis.table)
analysis.overall

# %% [markdown]
# Within strata, after their means are subtracted (without strata, this table is empty):

# %%
analysis.within

# %% [markdown]
# ## Methods

# %%
out.text("methods", correlation_sentences.methods(analysis))

# %% [markdown]
# ## The next study

# %%
out.text("next_study", correlation.next_study(analysis))

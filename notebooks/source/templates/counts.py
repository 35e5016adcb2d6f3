# %% [markdown] tags=["template-only"]
# # Which genes change, in your counts
#
# Change the first code cell to your files and formula, then run all cells. Or let `make report` do both (the README says
# how). Without a change, the template analyses tables of the course: simulated counts of ten mice against their urea and
# weight. Every number in the text below is computed.

# %% tags=["parameters"]
data = "../../data/mouse_counts.csv.gz"  # genes × samples, whole numbers; gene names in the first column
samples = "../../data/mouse_scores.csv"  # a row per sample; its name in the first column
formula = "~ urea + weight"  # columns of the sample sheet
contrast = "urea"  # the column whose effect you ask for; "" takes the first
gene = ""  # column of the gene names; "" takes the first
symbol = ""  # column with another name for each gene, shown beside the first; "" for none
sample = ""  # column of the sample names; "" takes the first
drop = ""  # samples to leave out, separated by commas
round = "no"  # yes, if salmon, kallisto or RSEM estimated the counts
reference = ""  # first levels: "condition=control"; "" takes the first of each
order = ""  # all levels, first to last: "dose=low, mid, high"; "" takes 5 mg, 10 mg, … or the alphabet
method = "quasi-likelihood"  # or likelihood-ratio, voom, deseq2
fdr = 0.05  # share of false discoveries that you accept
min_total = 10  # reads, in all samples together, below which a gene is left out
conf_level = 0.95
question = ""  # in your own words; "" writes one
sep = "auto"  # text files: what stands between columns
decimal = "auto"  # text files: the decimal mark
sheet = ""  # Excel: the name of the sheet with the counts; "" takes the first
encoding = "utf-8-sig"  # text files: cp1252 if Windows wrote it
samples_sheet = ""  # the same three of the sample sheet, where they differ
samples_sep = "auto"
samples_decimal = "auto"
folder = ""  # where tables and figures are saved; "" saves nothing

# %%
from helpers.report.options import settle

settings = settle(
    "counts",
    {"data": data, "sep": sep, "decimal": decimal, "sheet": sheet, "encoding": encoding}
    | {
        "samples": samples,
        "gene": gene,
        "sample": sample,
        "reference": reference,
        "order": order,
    }
    | {"formula": formula, "contrast": contrast, "method": method, "fdr": fdr}
    | {"min_total": min_total, "conf_level": conf_level, "question": question},
)

# %%
from helpers.report import counts
from helpers.report.counts import count_figures, count_sentences
from helpers.report.drawing import use_style
from helpers.report.output import Output
from helpers.report.verdicts import warnings

use_style()
out = Output(folder)
study = counts.prepare(settings)

# %% [markdown]
# ## The question

# %%
count_sentences.question(study)

# %% [markdown]
# ## The data as read

# %%
count_sentences.as_read(study)

# %%
out.table("samples", counts.size_table(study))

# %% [markdown]
# Samples in each cell of the design:

# %%
out.table("design", count_sentences.design_table(study))

# %% [markdown]
# ## The plot to look at first

# %% mystnb={"image": {"alt": "Left, a bar of reads for each sample. Right, samples as points in the plane of the two directions along which their log counts differ most, marked by the contrast."}}
out.figure("first_look", count_figures.first_look(study))

# %% [markdown]
# Left, libraries should be of similar size. Right, samples that lie close together are alike over all genes. If they
# cluster by something that is not in the formula, such as a batch, add it to the formula.
#
# ## The model, and why it is what it is

# %%
count_sentences.model(study)

# %% [markdown]
# ## Checks

# %%
analysis = counts.analyse(study)
influence = counts.leave_one_out(analysis)
verdicts = counts.check_all(analysis, influence)
_ = out.table("checks", verdicts.table)
verdicts

# %%
out.table("influence", influence)

# %% mystnb={"image": {"alt": "Left, a histogram of the p-values of all genes. Right, dispersion or variance of each gene against its mean count, both on log axes."}}
out.figure("diagnostics", count_figures.diagnostics(analysis))

# %% [markdown]
# Left, the p-values of genes without an effect are spread evenly, and those of genes with an effect pile up near zero.
# Right, how much the counts of a gene vary depends on their mean.
#
# ## Results
#
# The number of genes found by this method and by a second one:

# %%
out.table("found", counts.found_by_both(analysis))

# %% [markdown]
# The genes with the smallest p-values (the saved table `genes` holds every gene):

# %%
_ = out.table("genes", analysis.table)
out.table("top_genes", analysis.top)

# %% [markdown]
# ## A figure for the paper

# %% mystnb={"image": {"alt": "Log2 fold change of each gene against its mean count; genes below the false discovery rate are coloured and the first few named."}}
out.figure("paper", count_figures.paper_figure(analysis))

# %% [markdown]
# Each point is a gene. The coloured genes are significant at the chosen false discovery rate.
#
# ## Methods

# %%
out.text("methods", count_sentences.methods(analysis))

# %% [markdown]
# ## Results, in words

# %%
out.text("results", count_sentences.results(analysis, verdicts))

# %% [markdown]
# ## The next study

# %%
out.text("next_study", counts.next_study(analysis))

# %% [markdown]
# ## Warnings

# %%
warnings(verdicts)

# %% [markdown] tags=["template-only"]
# # Which genes change, in your counts
#
# Change the first code cell to your files and formula, then run all cells. Or let `make report` do both (the README says
# how). Without a change, the template analyses tables of the course: simulated counts of ten mice in three groups. Every
# number in the text below is computed.

# %% tags=["parameters"]
data = "../../data/mouse_counts.csv.gz"  # genes × samples, whole numbers; gene names in the first column
samples = "../../data/mouse_scores.csv"  # a row per sample; its name in the first column
formula = "~ group"  # columns of the sample sheet
contrast = ""  # the column whose effect you ask for; "" takes the first
compare = "pairwise"  # its levels; or reference (each with the first), sequential
contrasts = ""  # comparisons of your own instead: "high - low; mean: 0.5*a + 0.5*b - c"
by = ""  # factors of an interaction, in whose levels the effect is asked; "" takes all
block = ""  # column that says which samples belong together: "animal"
strand = "auto"  # of STAR's files, if data is a folder: or unstranded, forward, reverse
gene = ""  # column of the gene names; "" takes the first
symbol = ""  # column with another name for each gene, shown beside the first; "" for none
sample = ""  # column of the sample names; "" takes the first
drop = ""  # samples to leave out, separated by commas
round = "no"  # yes, if salmon, kallisto or RSEM estimated the counts
lengths = ""  # transcripts' lengths, genes × samples, as tximport's table length; "" for none
reference = ""  # first levels: "condition=control"; "" takes the first of each
order = ""  # all levels, first to last: "dose=low, mid, high"; "" takes 5 mg, 10 mg, … or the alphabet
method = "quasi-likelihood"  # or likelihood-ratio, voom, deseq2, mixed
fdr = 0.05  # share of false discoveries that you accept
fold_change = 1  # factor by which a gene must rise or fall; 1 for any change
min_count = 10  # reads that a gene needs, in as many samples as the design asks for
min_total = 15  # reads, in all samples together, below which a gene is left out
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
        "samples_sheet": samples_sheet,
        "samples_sep": samples_sep,
        "samples_decimal": samples_decimal,
    }
    | {
        "strand": strand,
        "gene": gene,
        "symbol": symbol,
        "sample": sample,
        "drop": drop,
        "round": round,
    }
    | {"lengths": lengths}
    | {"formula": formula, "contrast": contrast, "compare": compare, "contrasts": contrasts}
    | {"by": by, "block": block, "reference": reference, "order": order, "method": method}
    | {"fdr": fdr, "fold_change": fold_change, "min_count": min_count, "min_total": min_total}
    | {"conf_level": conf_level, "question": question},
)

# %%
from helpers.report import counts
from helpers.report.counts import count_figures, count_lists, count_sentences
from helpers.report.drawing import use_style
from helpers.report.output import Output
from helpers.report.verdicts import warnings

use_style()
out = Output(folder)
study = counts.prepare(settings)

# %%
analysis = counts.analyse(study)
influence = counts.leave_one_out(analysis)
verdicts = counts.check_all(analysis, influence)

# %% [markdown]
# ## The question

# %%
count_sentences.question(study)

# %% [markdown]
# ## The answer

# %%
out.text("answer", count_sentences.answer(analysis, verdicts))

# %% mystnb={"image": {"alt": "Log2 fold change of each gene against its mean count, a panel for each comparison; genes below the false discovery rate are coloured and the first few named."}}
out.figure("paper", count_figures.paper_figure(analysis))

# %% [markdown]
# Each point is a gene. The coloured genes are significant at the chosen false discovery rate; those with the smallest
# p-values have their names.
#
# ## Warnings

# %%
warnings(verdicts)

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
sample_map = counts.sample_map(study)
out.figure("first_look", count_figures.first_look(study, sample_map))

# %% [markdown]
# Left, libraries should be of similar size. Right is a principal component analysis of log counts per million: samples
# that lie close together are alike.

# %%
count_sentences.map_words(study, sample_map)

# %% [markdown]
# ## The model, and why it is what it is

# %%
count_sentences.model(study)

# %% [markdown]
# ## Checks

# %%
_ = out.table("checks", verdicts.table)
verdicts

# %%
out.table("influence", influence) if len(influence) else None

# %% mystnb={"image": {"alt": "A histogram of the p-values of all genes. Beside it, how much each gene scatters against its mean count, both on log axes: by the gene alone, by the trend of all genes, and as the test uses it."}}
out.figure("diagnostics", count_figures.diagnostics(analysis))

# %% [markdown]
# The p-values of genes without an effect are spread evenly, and those of genes with an effect pile up near zero. A gene
# alone tells its scatter poorly from few samples. So the test uses what all genes tell together: the trend along the
# mean count, and values shrunk towards what is usual.
#
# ## Results
#
# The number of genes found by this method and by a second one:

# %%
out.table("found", counts.found_by_both(analysis))

# %%
out.text("results", count_sentences.results(analysis, verdicts))

# %% [markdown]
# The genes with the smallest p-values (the saved table `genes` holds every gene):

# %%
_ = out.table("genes", analysis.table)
out.table("top_genes", analysis.top)

# %% [markdown]
# ## Lists for enrichment
#
# For each comparison, all genes in the order of a signed statistic (for GSEA and its like), and the names of the genes
# found, up and down, with the genes tested as their background. They are saved in the folder `lists`:

# %%
count_lists.save(out, analysis)

# %% [markdown]
# ## The next study

# %%
out.text("next_study", counts.next_study(analysis))

# %% [markdown]
# ## Methods

# %%
out.text("methods", count_sentences.methods(analysis))

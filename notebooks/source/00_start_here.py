# %% [markdown]
# # 00 · Start here
#
# **How do I get from a correlation to a model I can defend, and where do I begin?**
#
# This course is for a biologist who has computed a correlation and wonders what a reviewer meant by "use a mixed
# model"; for whoever walks a lab meeting through an analysis; and for the analyst who wants code that runs on their own
# table. It follows two real questions: a mouse study that correlated a score with a gene, and a study of the length of
# a gene modification whose table of coefficients nobody could read. No number here is taken on trust: each is computed
# in front of you, and tests hold it against R or against a truth that was planted.
#
# **Time:** 10 minutes.
#
# ## Is everything here?
#
# Run the next cell: click into it, then press Shift and Enter.

# %%
try:
    from helpers.course import environment
except ModuleNotFoundError as missing:
    print(
        f"This kernel cannot find '{missing.name}'."
        " Close JupyterLab, type `make lab` in the project's folder, and try again."
    )
else:
    environment.report()

# %% [markdown]
# ## How to run
#
# A notebook is a page of text and *cells* of code. There are three ways to use it:
#
# 1. **Learn.** Open a lesson from the map below and run its cells from top to bottom with Shift + Enter. Where an
#    exercise says `answer = ...`, replace the three dots and run the cell: it tells you *Not attempted*, *Right*, or
#    *Not yet* with a hint. Solutions are the collapsed cells underneath (click on the three dots; on a page
#    exported to HTML they stand open). What you type is
#    saved with the notebook; `make build` refuses to overwrite a notebook that holds your answers. To have the clean
#    page back later, work in a copy (*File → Duplicate* in the file browser).
# 2. **Show.** In a lab meeting, run a lesson cell by cell and change a number where somebody asks "what if": nothing
#    needs the network, and no lesson takes more than a minute.
# 3. **Use.** Take the cell you need to your own table: `read_table("my.csv", numeric=["urea"])` reads it and says in
#    words what is wrong with it. Four templates make a whole report from your file, for
#    [a correlation](templates/correlation.ipynb), [a mixed model](templates/mixed_model.ipynb),
#    [counts](templates/counts.ipynb) and [the plan of your next study](templates/plan.ipynb); `make report` in a terminal
#    lists what they ask for, and the [README](../README.md#from-your-csv-to-a-report-in-five-minutes) shows how.
#
# If something looks odd after cells were run out of order: *Kernel → Restart Kernel and Run All Cells*.
#
# ## The map
#
# Every lesson is one sitting; each title is a link.

# %%
from IPython.display import HTML

from helpers.course import lesson_map

HTML(lesson_map())

# %% [markdown]
# In plain links: [01 · Correlation](01_correlation.ipynb), [02 · Linear models](02_linear_models.ipynb),
# [03 · Fixed or random?](03_fixed_or_random.ipynb), [04 · Mixed models](04_mixed_models.ipynb),
# [05 · Interactions](05_interactions.ipynb), [06 · Marginal contrasts](06_marginal_contrasts.ipynb),
# [07 · Count models](07_count_models.ipynb), [08 · Every gene](08_every_gene.ipynb), and the
# [glossary](glossary.md) of every term the lessons use, such as [p-value](glossary.md#p-value),
# [factor](glossary.md#factor) or [mixed model](glossary.md#mixed-model).
#
# ## Where should I begin?
#
# Eight questions, one for each lesson. Answer those you can; guessing helps nobody.
#
# **1.** Ten animals, r = 0.6, p = 0.067, 95% [interval](glossary.md#confidence-interval) from −0.05 to 0.89. What do you write?
#
# - **a** — "There is a strong correlation that narrowly misses significance."
# - **b** — "The data agree with anything from no correlation to a very strong one."
# - **c** — "The correlation lies between −0.05 and 0.89 in 95% of the animals."
#
# **2.** Urea and weight each have a significant slope alone. In one model together neither has. Why?
#
# - **a** — A mistake: a significant predictor stays significant.
# - **b** — The sample became smaller.
# - **c** — Urea and weight go together, so their parts cannot be told apart.
#
# **3.** Nine mice, three on each of three diets, each measured on three days; the outcome is urea. What is the
# [random effect](glossary.md#random-effect)?
#
# - **a** — the mouse
# - **b** — urea
# - **c** — the diet
#
# **4.** Four [replicates](glossary.md#replicate) with 5,000 rows each. The drug's effect differs from replicate to replicate. How much
# information is there on the drug's mean effect?
#
# - **a** — that of 20,000 observations
# - **b** — hardly more than that of four
# - **c** — none, unless the rows of each replicate are averaged first
#
# **5.** In `length ~ condition * gene` with reference gene C, what is the coefficient of `condition[T.DRUG]`?
#
# - **a** — the drug's effect averaged over the genes
# - **b** — the drug's effect on every gene
# - **c** — the drug's effect on gene C
#
# **6.** The drug's effect is significant for gene A (p = 0.01) and not for gene B (p = 0.20). Do the effects differ?
#
# - **a** — That has not been tested yet.
# - **b** — Yes: one is significant and the other is not.
# - **c** — Yes: there is an effect on A and none on B.
#
# **7.** Reads of one gene in ten animals have mean 100 and variance 1,500. Which model?
#
# - **a** — Poisson
# - **b** — negative binomial
# - **c** — a t test on the [z-scores](glossary.md#z-score)
#
# **8.** 20,000 genes, nothing going on in any. How many have p < 0.05?
#
# - **a** — about none, that is what 5% guards against
# - **b** — about 20
# - **c** — about 1,000

# %%
from helpers.exercises.lesson_00 import route

answers = {
    1: ...,
    2: ...,
    3: ...,
    4: ...,
    5: ...,
    6: ...,
    7: ...,
    8: ...,
}  # letters in quotes, such as 1: "a"
route(answers)

# %% [markdown]
# ## The data
#
# Each table has a page with its columns, units, source, licence and oddities: [data/README.md](../data/README.md).

# %%
from helpers import tables
from helpers.data import load_mouse_counts, load_mouse_scores

tables.use_style()
load_mouse_scores().head(3)  # ten real mice: urea, weight, scores and one gene

# %%
load_mouse_counts().head(3)  # 2,000 simulated genes for the same ten mice, with known truth

# %% [markdown]
# ## Next
#
# **[01 · Correlation](01_correlation.ipynb)**, unless the eight questions sent you elsewhere.

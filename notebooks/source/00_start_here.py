# %% [markdown]
# # 00 · Start here
#
# **How do I get from a correlation to a model I can defend, and where do I begin?**
#
# This course is for a biologist who has computed a correlation and wonders what a reviewer meant by "use a mixed model".
# It follows two real questions. One laboratory correlated a score with a gene in ten mice. Another measured thousands of
# gene modifications in four replicates and could not read its own table of coefficients. You will answer both questions,
# and then run the same analyses on a table of your own.
#
# **New to this? Begin with [01 · Correlation](01_correlation.ipynb).** Come back for the map.
#
# You need a little Python: enough to change a name or a number in a cell and to run it. You need no more statistics than
# a mean. Each lesson takes half an hour or less and explains every term where it first appears.
#
# ## Is everything here?
#
# Run the next cell: click into it, then press Shift and Enter.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks that everything is here, and says where to go on
try:
    from IPython.display import HTML, display

    from helpers.course import environment, where_to_go_on
except ModuleNotFoundError as missing:
    print(
        f"This kernel cannot find '{missing.name}'."
        " Close JupyterLab, type `make lab` in the project's folder, and try again."
    )
else:
    environment.report()
    display(HTML(where_to_go_on()))

# %% [markdown]
# ## How to run a lesson
#
# A notebook is a page of text and *cells* of code. Press Shift and Enter to run a cell and go to the next one.
#
# - **A folded cell** shows one line, such as `# draws Gene X against urea`. Run it like any other. Click on its blue bar
#   or its three dots if you want to read the code.
# - **An exercise** says `answer = ...`. Replace the three dots and run the cell. It says *Right*, or *Not yet* with a
#   hint. The solution stays hidden until you ask for it: run `solution("1.1")`, with the number of the exercise, in a
#   cell of your own.
# - **What if** marks a number to change. Change it, then choose *Run → Run Selected Cell and All Below*. If your change
#   makes a sentence of the lesson untrue, that sentence is listed under *No longer so*.
# - **In R** opens on a click. It shows the same analysis in R, with R's numbers beside ours.
#
# If something looks odd after you ran cells out of order, choose *Kernel → Restart Kernel and Run All Cells*.
#
# All of this is your own copy, in the folder `my`: write in it as you like. For a clean page, type `make fresh LESSON=03`
# in the project's folder. It keeps yours under another name.
#
# ## The map
#
# Each title is a link. The lessons build on each other from left to right. The map also shows which lessons you have
# opened and how many of your answers are right. To bring it up to date, run the next cell.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# draws the map of the lessons
from IPython.display import HTML

from helpers.course import lesson_map

HTML(lesson_map())

# %% [markdown]
# The same map as plain links:
#
# - **From a correlation to a mixed model:** [01 · Correlation](01_correlation.ipynb),
#   [02 · What ten mice can show](02_ten_mice.ipynb), [03 · Linear models](03_linear_models.ipynb),
#   [04 · Fixed or random?](04_fixed_or_random.ipynb), [05 · Mixed models](05_mixed_models.ipynb),
#   [06 · When the effect itself varies](06_random_slopes.ipynb)
# - **Interactions and contrasts:** [07 · Interactions](07_interactions.ipynb),
#   [08 · Marginal contrasts](08_marginal_contrasts.ipynb)
# - **Counts, and every gene:** [09 · Counts](09_counts.ipynb),
#   [10 · Samples that belong together](10_paired_counts.ipynb), [11 · Every gene](11_every_gene.ipynb),
#   [12 · What a list of genes can claim](12_gene_lists.ipynb)
# - **The next study:** [13 · How many animals?](13_how_many_animals.ipynb)
# - **For the analyst:** [A1 · Mixed models by hand](A1_mixed_models_by_hand.ipynb),
#   [A2 · Contrasts by hand](A2_contrasts_by_hand.ipynb), [A3 · Every gene at once](A3_every_gene_at_once.ipynb)
# - **To look things up:** the [cheat sheet](contrast_cheat_sheet.md) says which call answers which question. The
#   [glossary](glossary.md) says what a term means. The [data page](../data/README.md) says what each column holds.
#
# ## I have a table of my own
#
# Three templates turn your own table into a whole report: one for [a correlation](templates/correlation.ipynb), one for
# [measurements that share animals, plates or replicates](templates/mixed_model.ipynb), and one for
# [counts of many genes](templates/counts.ipynb). A fourth [plans your next study](templates/plan.ipynb): how many
# animals? Open one, change its first code cell, and run all cells. The
# [README](../README.md#from-your-csv-to-a-report-in-five-minutes) shows the one command that does the same.
#
# Save the table with one row per measurement and one column per thing measured or labelled. The report tells you in words
# if something about the table is odd.
#
# ## Where should I begin?
#
# If you know some of this already, try these eight questions. Answer only those you know, and leave out the others.
#
# **1.** Ten animals, r = 0.6, p = 0.067, 95% [confidence interval](glossary.md#confidence-interval) from −0.05 to 0.89. What do you write?
#
# - **a** — "There is a strong correlation that narrowly misses significance."
# - **b** — "The data agree with anything from no correlation to a very strong one."
# - **c** — "The correlation lies between −0.05 and 0.89 in 95% of the animals."
#
# **2.** Alone, urea and weight each have a significant slope. In one model together, neither has. Why?
#
# - **a** — A mistake: a significant predictor stays significant.
# - **b** — The sample became smaller.
# - **c** — Urea and weight go together, so their effects cannot be told apart.
#
# **3.** Nine mice, three on each of three diets, are each measured on three days. The outcome is urea. What is the
# [random effect](glossary.md#random-effect)?
#
# - **a** — the mouse
# - **b** — urea
# - **c** — the diet
#
# **4.** Four replicates have 5,000 rows each. The drug's effect differs from replicate to replicate. How much do you
# know about the drug's mean effect?
#
# - **a** — as much as from 20,000 observations
# - **b** — hardly more than from four
# - **c** — nothing, unless the rows of each replicate are averaged first
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
# **7.** The read counts of one gene in ten animals have mean 100 and variance 1,500. Which model suits them?
#
# - **a** — Poisson
# - **b** — negative binomial
# - **c** — a t test on the [z-scores](glossary.md#z-score)
#
# **8.** You test 20,000 genes, and none of them has an effect. How many have p < 0.05?
#
# - **a** — almost none, because the 5% level guards against that
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
# ## Next
#
# **[01 · Correlation](01_correlation.ipynb)**, unless the eight questions sent you elsewhere.

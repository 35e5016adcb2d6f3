# %% [markdown]
# # Solutions 12 · What a list of genes can claim
#
# One way to solve each exercise of [lesson 12](../12_gene_lists.ipynb). Try first.

# %%
import numpy as np

from helpers.counts import voom, voom_weights
from helpers.data import (
    load_mouse_counts,
    load_mouse_scores,
    load_shock_counts,
    load_shock_samples,
)
from helpers.exercises import check
from helpers.genes import fit_genes

mice = load_mouse_scores().set_index("animal")
counts = load_mouse_counts()
counts = counts[counts.mean(axis=1) >= 10]
logs = voom_weights(counts, mice, "~ total_score").log_cpm
alone = fit_genes(logs, mice, "~ total_score", contrasts="total_score").set_index("gene")
alone["r2"] = alone["statistic"] ** 2 / (alone["statistic"] ** 2 + alone["df"])
first_ten = alone["r2"].nlargest(10).index

# %% [markdown]
# ## 12.1

# %%
given = fit_genes(logs, mice, "~ total_score + group", contrasts="total_score")
row = given.set_index("gene").loc["gene_0232"]
answer = row["statistic"] ** 2 / (row["statistic"] ** 2 + row["df"])
check("12.1", answer)

# %% [markdown]
# The R² is 0.85 in ten mice, and yet the gene is not on the list. R² without its degrees of freedom says little.
#
# ## 12.2

# %%
rest = mice.drop(index="C24")
again = fit_genes(logs[rest.index], rest, "~ total_score", contrasts="total_score")
again = again.set_index("gene")
again["r2"] = again["statistic"] ** 2 / (again["statistic"] ** 2 + again["df"])
answer = len(first_ten.intersection(again["r2"].nlargest(10).index))
check("12.2", answer)

# %% [markdown]
# Leave out the other nine mice, too. Each time, others replace some of the first ten.
#
# ## 12.3

# %%
patients, counts = load_shock_samples(), load_shock_counts()
in_time = "~ time + patient"
beyond = voom(counts, patients, in_time, contrasts="time[T.T3]", lfc=np.log2(1.2))
answer = (beyond["p_adjusted"] < 0.05).sum()
check("12.3", answer)

# %% [markdown]
# Of 1,861 genes on the list, 1,802 have an estimate beyond 1.2-fold.
#
# ## 12.4

# %%
answer = "c"
check("12.4", answer)

# %% [markdown]
# It is the only sentence that stays true when the study is done again.

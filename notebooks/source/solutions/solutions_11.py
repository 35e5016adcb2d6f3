# %% [markdown]
# # Solutions 11 · Every gene
#
# One way to solve each exercise of [lesson 11](../11_every_gene.ipynb). Try first.

# %%
from helpers.counts import voom_weights
from helpers.data import (
    load_repeated_expression,
    load_repeated_expression_truth,
    load_repeated_samples,
    load_shock_counts,
    load_shock_samples,
)
from helpers.exercises import check
from helpers.genes import fit_genes

samples = load_repeated_samples()
samples["urea100"] = samples["urea"] / 100
expression = load_repeated_expression()
goes_with_urea = load_repeated_expression_truth()["kind"] != "none"
model = "~ urea100 + weight + (1 | animal)"
screen = fit_genes(expression, samples, model, ddf="kenward-roger")
urea = screen[screen["term"] == "urea100"].set_index("gene")
forgotten = fit_genes(expression, samples, "~ urea100 + weight")

patients, counts = load_shock_samples(), load_shock_counts()
in_time = "~ time + (1 | patient)"
logs = voom_weights(counts, patients, in_time)
changed = fit_genes(logs.log_cpm, patients, in_time, weights=logs.weights, moderated=True)

# %% [markdown]
# ## 11.1

# %%
rows = forgotten[forgotten["term"] == "urea100"].set_index("gene")
called = rows["p_adjusted"] < 0.05
answer = 100 * (called & ~goes_with_urea).sum() / called.sum()
check("11.1", answer)

# %% [markdown]
# Benjamini–Hochberg takes each p-value at its word. When p-values are too small, the list is too long.
#
# ## 11.2

# %%
answer = {1: "a", 2: "b", 3: "a", 4: "b"}
check("11.2", answer)

# %% [markdown]
# Ask of each filter: does it keep the same genes when urea is dealt out at random?
#
# ## 11.3

# %%
t2 = changed[changed["term"] == "time[T.T2]"]
answer = (t2["p_adjusted"] < 0.05).sum()
check("11.3", answer)

# %% [markdown]
# Between T1 and T3, 1,963 genes differ. T2 has one gene and T3 has many, but that does not prove that T2 and T3
# differ. Ask for that contrast itself: `contrasts={"T3 - T2": {"time[T.T3]": 1, "time[T.T2]": -1}}`.
#
# ## 11.4

# %%
answer = 2 * (urea["p_value"] > 0.5).sum()
check("11.4", answer)

# %% [markdown]
# Genes without an effect are spread evenly from 0 to 1, so half of them lie above 0.5.

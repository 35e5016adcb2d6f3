# %% [markdown]
# # Solutions to 10 · Samples that belong together
#
# One way to solve each exercise of [lesson 10](../10_paired_counts.ipynb).

# %%
from helpers.counts import filter_by_expression, voom
from helpers.data import load_airway_counts, load_airway_samples, load_gene_symbols
from helpers.exercises import check

airway, cultures = load_airway_counts(), load_airway_samples()
kept = airway[filter_by_expression(airway, cultures, group="dexamethasone")]
term = "dexamethasone[T.treated]"
paired = voom(kept, cultures, "~ donor + dexamethasone", contrasts=term)
paired["symbol"] = paired["gene"].map(load_gene_symbols())

# %% [markdown]
# ## 10.1

# %%
mice, groups = 6, 2
answer = mice - groups
check("10.1", answer)

# %% [markdown]
# After summing there is one sample per mouse, and the model estimates two means.
#
# ## 10.2

# %%
answer = {"genotype": "a", "tumour": "b", "urea": "c", "age": "d"}
check("10.2", answer)

# %% [markdown]
# Genotype varies between animals, tumour within patients, and urea both ways. With one sample per mouse, as in `age`,
# nothing belongs together.
#
# ## 10.3

# %%
answer = "c"
check("10.3", answer)

# %% [markdown]
# Six mice are six samples. QL's test allows for the small number, and z does not.
#
# ## 10.4

# %%
per1 = paired.set_index("symbol").loc["PER1"]
answer = 2 ** per1["log2_fold_change"]
check("10.4", answer)

# %% [markdown]
# A log2 fold change counts doublings.

# %% [markdown]
# # Solutions to 01 · Correlation
#
# One way to solve each exercise of [lesson 01](../01_correlation.ipynb).

# %%
from helpers.correlation import correlate
from helpers.data import load_mouse_scores
from helpers.exercises import check

mice = load_mouse_scores()
as_sent = mice.copy()
for column in ["urea", "weight"]:
    as_sent[column] = as_sent[column].astype("str").astype("category")

# %% [markdown]
# ## 1.1

# %%
weight = as_sent["weight"].astype(float)
answer = weight.corr(mice["gene_x"])
check("1.1", answer)

# %% [markdown]
# `.astype(float)` reads the text of each label. `.cat.codes` would give its place in an alphabetical list.
#
# ## 1.2

# %%
answer = "c"
check("1.2", answer)

# %% [markdown]
# The interval is about the one true correlation, and holds only if the ten mice are a random sample of one
# population.
#
# ## 1.3

# %%
within = correlate(mice, "urea", "gene_x", within="group")
answer = within.loc[0, "estimate"]
check("1.3", answer)

# %% [markdown]
# Over all ten mice, urea and Gene X correlate well. Most of that comes from the three groups.
#
# ## 1.4

# %%
answer = "b"
check("1.4", answer)

# %% [markdown]
# Too little evidence to decide is a result. It is reported with its interval.

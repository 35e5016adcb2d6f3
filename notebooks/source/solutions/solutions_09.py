# %% [markdown]
# # Solutions to 09 · Counts
#
# One way to solve each exercise of [lesson 09](../09_counts.ipynb).

# %%
import numpy as np
import statsmodels.formula.api as smf

from helpers.counts import filter_by_expression, quasi_likelihood, size_factors, tmm_factors
from helpers.data import load_mouse_counts, load_mouse_counts_truth, load_mouse_scores
from helpers.exercises import check

counts = load_mouse_counts()
truth = load_mouse_counts_truth()
mice = load_mouse_scores().set_index("animal")[["group", "urea", "weight"]]
mice["urea100"] = (mice["urea"] - mice["urea"].mean()) / 100
mice["weight"] = mice["weight"] - mice["weight"].mean()
formula = "~ urea100 + weight"

# %% [markdown]
# ## 9.1

# %%
answer = 100 * size_factors(counts, method="tmm")["C20"]
check("9.1", answer)

# %% [markdown]
# C20 was sequenced more deeply than the others, so the same expression gives more reads.
#
# ## 9.2

# %%
one = mice[["urea100", "weight"]].assign(reads=counts.loc["gene_0025"])
library = counts.sum() * tmm_factors(counts)
negative_binomial = smf.negativebinomial(
    "reads ~ urea100 + weight", one, offset=np.log(library)
).fit(disp=False)
answer = np.exp(2 * negative_binomial.params["urea100"])
check("9.2", answer)

# %% [markdown]
# Double the slope first, then `exp`: each 100 mg/dl multiplies the reads once more.
#
# ## 9.3

# %%
kept = counts[filter_by_expression(counts, mice, formula)]
with_group = quasi_likelihood(kept, mice, f"{formula} + group", contrasts="weight")
genes = with_group.loc[with_group["p_adjusted"] < 0.10, "gene"]
answer = 100 * (truth.loc[genes, "driver"] != "weight").mean()
check("9.3", answer)

# %% [markdown]
# A gene that goes with urea, with the group or with nothing is a false finding for weight.
#
# ## 9.4

# %%
answer = "c"
check("9.4", answer)

# %% [markdown]
# A model without the group cannot tell urea from whatever else makes the groups differ.

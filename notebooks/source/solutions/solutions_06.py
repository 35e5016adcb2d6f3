# %% [markdown]
# # Solutions to 06 · When the effect itself varies
#
# One way to solve each exercise of [lesson 06](../06_random_slopes.ipynb). The first cell makes what the lesson has made.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# imports, the model of the sleepers, and the drug effect within each replicate
import numpy as np
from scipy import stats

from helpers.data import load_modification_lengths, load_sleepstudy
from helpers.exercises import check
from helpers.mixed import fit_mixed

own_slopes = fit_mixed("Reaction ~ Days + (1 + Days | Subject)", load_sleepstudy())
lengths = load_modification_lengths()
lengths["log_length"] = np.log(lengths["length"])
differences = lengths.pivot_table(
    "log_length", ["gene_name", "replicate"], "condition", observed=True
)
differences = differences["DRUG"] - differences["NO DRUG"]

# %% [markdown]
# ## 6.1

# %%
rate = own_slopes.fixed_effects["Days"]
answer = rate - 1.96 * own_slopes.variance_components.loc[1, "sdcor"]
check("6.1", answer)

# %% [markdown]
# The standard deviation says how far *people* lie from the average. The standard error says how well the average is known.
#
# ## 6.2

# %%
answer = "b"
check("6.2", answer)

# %% [markdown]
# The interval of the standard deviation begins at zero and reaches far beyond it. Both "alike" and "different" fit the
# data.
#
# ## 6.3

# %%
answer = 2 * stats.t.sf(3, df=3)
check("6.3", answer)

# %% [markdown]
# Four replicates leave 3 degrees of freedom, and t has much longer tails than z there.
#
# ## 6.4

# %%
answer = stats.ttest_1samp(differences["A"].drop("rep1"), 0).pvalue
check("6.4", answer)

# %% [markdown]
# The other three replicates agree well. Report that this result hangs on one replicate.

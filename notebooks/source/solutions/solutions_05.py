# %% [markdown]
# # Solutions to 05 · Mixed models
#
# One way to solve each exercise of [lesson 05](../05_mixed_models.ipynb). The first cell makes what the lesson has made.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# imports, and the models of the three genes as the lesson fits them
import numpy as np

from helpers.data import load_modification_lengths
from helpers.exercises import check
from helpers.mixed import fit_mixed

lengths = load_modification_lengths()
DRUG = "condition[T.DRUG]"
formula = "log(length) ~ condition + (1 | replicate)"
fits = {
    gene: fit_mixed(formula, rows) for gene, rows in lengths.groupby("gene_name", observed=True)
}

# %% [markdown]
# ## 5.1

# %%
answer = 100 * (np.exp(fits["B"].coefficients().loc[DRUG, "estimate"]) - 1)
check("5.1", answer)

# %% [markdown]
# The coefficient is a difference of logs. `exp` makes it a ratio, and what the ratio has above 1 is the change.
#
# ## 5.2

# %%
answer = "b"
check("5.2", answer)

# %% [markdown]
# The level rests on four replicates. Only more of them make it more certain: sixteen are four times as many, and the
# root of four is two.
#
# ## 5.3

# %%
three = lengths[(lengths["gene_name"] == "A") & (lengths["replicate"] != "rep4")]
answer = fit_mixed(formula, three).variance_components.loc[0, "sdcor"]
check("5.3", answer)

# %% [markdown]
# One replicate, rep4, makes nearly all of the spread. With four replicates, the variance between them may hang on one.
#
# ## 5.4

# %%
answer = "b"
check("5.4", answer)

# %% [markdown]
# One shift for each replicate cannot lengthen one gene and shorten another. One model per gene (a) has shifts for each
# gene, and so has the second random intercept of c.

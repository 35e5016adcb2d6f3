# %% [markdown]
# # Solutions of lesson 07
#
# One way to solve each exercise of [07 · Interactions](../07_interactions.ipynb). Try first: the hints of `check` answer
# back.

# %%
import numpy as np

from helpers.data import load_modification_lengths
from helpers.exercises import check
from helpers.exercises.lesson_07 import seedlings
from helpers.mixed import fit_mixed

lengths = load_modification_lengths()
fit = fit_mixed("log(length) ~ condition * gene_name + (1 | replicate)", lengths)
b = fit.fixed_effects
roots = seedlings(np.random.default_rng(5))
of_roots = fit_mixed("log(root) ~ water * genotype + (1 | tray)", roots)

# %% [markdown]
# ## 7.1

# %%
drug, gene_b = "condition[T.DRUG]", "gene_name[T.B]"
answer = np.exp(b["(Intercept)"] + b[drug] + b[gene_b] + b[f"{drug}:{gene_b}"])
check("7.1", answer)

# %% [markdown]
# The box of gene B with the drug holds four rows. `exp` of their sum is a length.
#
# ## 7.2

# %%
answer = {
    "gene_name[T.B]": 1,
    "condition[T.DRUG]:gene_name[T.B]": 1,
    "gene_name[T.A]": -1,
    "condition[T.DRUG]:gene_name[T.A]": -1,
}
check("7.2", answer)

# %% [markdown]
# Write down the boxes of genes B and A with the drug, and subtract. The intercept and the drug's row stand in both and
# cancel. `fit.contrast(answer)` gives the estimate with its interval: gene B is shorter.
#
# ## 7.3

# %%
answer = -b["condition[T.DRUG]:gene_name[T.B]"]
check("7.3", answer)

# %% [markdown]
# With B as the reference, the row of gene C is the effect in C minus the effect in B. The first table has the effect in B
# minus the effect in C: the same number with the other sign.
#
# ## 7.4

# %%
dry = "water[T.dry]"
weights = {dry: 1, f"{dry}:genotype[T.line 1]": 1 / 3, f"{dry}:genotype[T.line 2]": 1 / 3}
answer = of_roots.contrast(weights)["estimate"].item()
check("7.4", answer)

# %% [markdown]
# The colleague read the row of wild type, the reference. Each of the two lines adds its interaction, and each counts for
# a third of the average.

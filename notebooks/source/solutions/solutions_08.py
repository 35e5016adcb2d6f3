# %% [markdown]
# # Solutions of lesson 08
#
# One way to solve each exercise of [08 · Marginal contrasts](../08_marginal_contrasts.ipynb). Try first: the hints of
# `check` answer back.

# %%
import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from helpers.contrasts import comparisons
from helpers.data import load_modification_lengths
from helpers.exercises import check
from helpers.exercises.lesson_08 import clinic_study
from helpers.mixed import fit_mixed

lengths = load_modification_lengths()
lengths["log_length"] = np.log(lengths["length"])
fit = fit_mixed("log_length ~ condition * gene_name + (1 | replicate)", lengths)
of_trial = fit_mixed("response ~ treatment * genotype + (1 | centre)", clinic_study())

# %% [markdown]
# ## 8.1

# %%
percent = comparisons(fit, "condition", by="gene_name", transform="percent")
answer = percent.set_index("gene_name").loc["B", "conf_high"]
check("8.1", answer)

# %% [markdown]
# The interval is made on the log scale; `percent` says how far its ends, as ratios, lie above 1.
#
# ## 8.2

# %%
in_each = comparisons(fit, "condition", by="gene_name")["p_value"]
against_c = comparisons(fit, "condition", by="gene_name", differences="reference")["p_value"]
answer = multipletests([*in_each, *against_c], method="bonferroni")[1][3]
check("8.2", answer)

# %% [markdown]
# Five tests are one family, so Bonferroni multiplies each p by five, and A against C ends above 0.05.
#
# ## 8.3

# %%
clinic = pd.DataFrame({"genotype": ["common"] * 9 + ["rare"], "treatment": "control"})
answer = comparisons(of_trial, "treatment", grid=clinic)["estimate"].item()
check("8.3", answer)

# %% [markdown]
# A table of ten patients says what to average over. By hand, take nine parts of the effect in common patients and one part of
# that in rare ones.
#
# ## 8.4

# %%
answer = "c"
check("8.4", answer)

# %% [markdown]
# The 90% interval contains 0, so no difference is shown. It reaches beyond 2 on both sides, so equivalence is not shown
# either.

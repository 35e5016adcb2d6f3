# %% [markdown]
# # Solutions to 04 · Fixed or random?
#
# One way to solve each exercise of [lesson 04](../04_fixed_or_random.ipynb).

# %%
import numpy as np

from helpers.exercises import check
from helpers.mixed import fit_mixed
from helpers.simulate import simulate_groups

n_cells = [2, 2, 3, 4, 6, 8, 12, 15]
cells = simulate_groups(8, n_cells, tau=1, sigma=1.5, slope=0, rng=np.random.default_rng(4))
cells = cells.rename(columns={"group": "animal"})
cells["expression"] = 8 + cells["y"]
partial = fit_mixed("expression ~ 1 + (1 | animal)", cells)
variance = partial.variance_components.set_index("group")["vcov"]
between, within = variance["animal"], variance["Residual"]
overall = partial.fixed_effects["(Intercept)"]

# %% [markdown]
# ## 4.1

# %%
weight = between / (between + within / 5)
answer = overall + weight * (10 - overall)
check("4.1", answer)

# %% [markdown]
# Five cells keep about two thirds of their distance from the overall mean.
#
# ## 4.2

# %%
answer = 200 / (1 + (25 - 1) * 0.4)
check("4.2", answer)

# %% [markdown]
# The cells of one mouse are alike, so 200 cells say as much about a mean as 19 independent ones. The test has 6 degrees
# of freedom.
#
# ## 4.3

# %%
answer = {1: "a", 2: "b", 3: "c", 4: "d", 5: "a"}
check("4.3", answer)

# %% [markdown]
# Ask two things. Which rows share something? Are there enough such groups for a variance?

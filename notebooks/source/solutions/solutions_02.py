# %% [markdown]
# # Solutions to 02 · What ten mice can show
#
# One way to solve each exercise of [lesson 02](../02_ten_mice.ipynb).

# %%
import numpy as np
from scipy import stats

from helpers.counts import size_factors
from helpers.data import load_mouse_counts, load_mouse_scores
from helpers.exercises import check
from helpers.simulate import simulate_pairs

mice, counts = load_mouse_scores(), load_mouse_counts()
enough = counts[counts.mean(axis="columns") >= 5]
logs = np.log2(enough / size_factors(counts) + 1)


def power(truth, n):
    pairs = simulate_pairs(truth, n, n_samples=10_000, rng=np.random.default_rng(n))
    return np.mean(stats.pearsonr(*pairs, axis=1).pvalue < 0.05)


# %% [markdown]
# ## 2.1

# %%
pairs = simulate_pairs(0, n=10, n_samples=20_000, rng=np.random.default_rng(1))
answer = np.mean(np.abs(stats.pearsonr(*pairs, axis=1).statistic) > 0.5)
check("2.1", answer)

# %% [markdown]
# `np.abs` counts both directions.
#
# ## 2.2

# %%
answer = next(n for n in range(20, 40) if power(0.5, n) >= 0.8)
check("2.2", answer)

# %% [markdown]
# It is the first number of mice at which the power passes 80%. A simulation may be one mouse off.
#
# ## 2.3

# %%
weight = stats.pearsonr(logs.to_numpy(), mice["weight"].to_numpy(), axis=1)
answer = (stats.false_discovery_control(weight.pvalue) < 0.05).sum()
check("2.3", answer)

# %% [markdown]
# These are the same three lines as for urea, with another column.
#
# ## 2.4

# %%
answer = "b"
check("2.4", answer)

# %% [markdown]
# The false discovery rate speaks about the whole list. It cannot say which of its genes are null.

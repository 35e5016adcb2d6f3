# %% [markdown]
# # Solutions to 03 · Linear models
#
# One way to solve each exercise of [lesson 03](../03_linear_models.ipynb).

# %%
import statsmodels.formula.api as smf

from helpers.data import load_mouse_scores
from helpers.exercises import check

mice = load_mouse_scores().assign(urea100=lambda table: table["urea"] / 100)
line = smf.ols("gene_x ~ urea100", mice).fit()
inside = smf.ols("gene_x ~ urea100 + group", mice).fit()

# %% [markdown]
# ## 3.1

# %%
answer = 0.5 * line.params["urea100"]
check("3.1", answer)

# %% [markdown]
# The slope belongs to 100 mg/dl, and 50 mg/dl are half of that.
#
# ## 3.2

# %%
answer = inside.params["group[T.HP]"] - inside.params["group[T.CR]"]
check("3.2", answer)

# %% [markdown]
# (HP − C) − (CR − C) = HP − CR: group C drops out.
#
# ## 3.3

# %%
full = smf.ols("gene_x ~ urea100 + weight + group", mice).fit()
answer = full.f_test("urea100 = 0, weight = 0").pvalue
check("3.3", answer)

# %% [markdown]
# Once the group is known, ten mice cannot show that urea and weight add anything.
#
# ## 3.4

# %%
answer = "b"
check("3.4", answer)

# %% [markdown]
# The two scores rise together, so beside one of them little is left of the other. The joint test asks about both.

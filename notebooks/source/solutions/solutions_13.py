# %% [markdown]
# # Solutions 13 · How many animals?
#
# One way to solve each exercise of [lesson 13](../13_how_many_animals.ipynb). Try first.

# %%
from helpers.data import load_repeated_samples, load_sleepstudy
from helpers.exercises import check
from helpers.mixed import fit_mixed
from helpers.planning import crossed, from_fit, power, smallest

found = from_fit(fit_mixed("urea ~ (1 | animal)", load_repeated_samples()))
people = load_sleepstudy()
design = crossed(animal=10, week=4, between={"drug": ["control", "treated"]})
formula = "~ drug + (1 | animal)"
plan = {"effects": {"drug": -100}, "sd": found, "ddf": "kenward-roger"}

# %% [markdown]
# ## 13.1

# %%
half = plan | {"effects": {"drug": -50}, "n_sim": 4_000}
needed = smallest(design, formula, power=0.8, **half)
answer = needed["animal"].iloc[0]
check("13.1", answer)

# %% [markdown]
# 24 mice find 100 mg/dl. Half of that takes four times as many, less a few.
#
# ## 13.2

# %%
other = plan | {"sd": {"animal": 45, "residual": 77}}
answer = power(design.resized(week=16), formula, **other)["power"].iloc[0]
check("13.2", answer)

# %% [markdown]
# Look at the standard deviations before you decide between more animals and more measurements.
#
# ## 13.3

# %%
of_all = from_fit(fit_mixed("Reaction ~ Days + (1 | Subject)", people))
study = crossed(Subject=16, day=10, between={"nap": ["no", "yes"]})
nap = {"effects": {"nap": -30}, "sd": of_all, "ddf": "kenward-roger"}
answer = power(study, "~ nap + (1 | Subject)", **nap)["power"].iloc[0]
check("13.3", answer)

# %% [markdown]
# The six people of the third pilot happen to be alike, so its plan is far too small.
#
# ## 13.4

# %%
answer = "c"
check("13.4", answer)

# %% [markdown]
# Power belongs to the plan. After the study, the interval says what the data leave open.

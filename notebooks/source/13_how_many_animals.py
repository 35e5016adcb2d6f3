# %% [markdown]
# # 13 · How many animals?
#
# **How many animals does my next study need?**

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# loads the libraries of this lesson, and a formula for power that checks the simulations
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

from helpers import plots, tables
from helpers.course.claims import claim
from helpers.data import load_repeated_samples, load_sleepstudy, load_type_1_errors
from helpers.exercises import check, solution
from helpers.mixed import fit_mixed
from helpers.planning import crossed, curve, from_fit, power, smallest, within_budget
from helpers.planning.planning_pictures import false_positives
from helpers.simulate import simulate_pairs

plots.use_style()
tables.use_style()


def exact_power(n, effect, sd):
    """The t test on the means of n animals in two equal groups, whose means scatter by sd."""
    df, ncp = n - 2, effect / (sd * np.sqrt(4 / n))
    t = stats.t.isf(0.025, df)
    return stats.nct.sf(t, df, ncp) + stats.nct.cdf(-t, df, ncp)


def animals_needed(effect, sd):
    """The smallest even number of animals with a power of 80%, for each SD of their means."""
    n, needed = 2, np.zeros(np.shape(sd), dtype=int)
    while not needed.all():
        n += 2
        needed = np.where((needed == 0) & (exact_power(n, effect, sd) >= 0.8), n, needed)
    return needed[()]


# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Power of ten mice against the true correlation. The line rises from 5 percent at zero through a third at 0.5 and reaches the dashed 80 percent only at 0.76."}}
# draws which correlations a study of ten mice could have found
true_r = np.array([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.76, 0.8, 0.85, 0.9, 0.95])
of_ten = pd.Series(index=true_r, dtype=float)
for r in true_r:
    pairs = simulate_pairs(r, n=10, n_samples=10_000, rng=np.random.default_rng(13))
    of_ten[r] = np.mean(stats.pearsonr(*pairs, axis=1).pvalue < 0.05)
plots.power_lines(
    {"ten mice": of_ten},
    xlabel="true correlation",
    title="Ten mice find a correlation reliably only if it is very strong",
    reached={"r = 0.76": 0.76},
)
plt.show()
claim(0.30 < of_ten[0.5] < 0.36, "Ten mice find a true 0.5 in one study of three.")
claim(0.78 < of_ten[0.76] < 0.82, "They find a true 0.76 in four studies of five.")

# %% [markdown]
# Here are the ten mice of lesson 01 again. The curve shows what such a study could have found: a true
# correlation of 0.5 in one study of three, and one of 0.76 in four of five. This lesson asks the question before the study.
#
# *About 27 minutes. You need lesson 05. At the end you will be able to plan the number of animals,
# choose between more animals and more measurements, and write the sentence for the ethics committee.*
#
# ## 1 · What a plan needs
#
# Does a drug lower urea? Some mice get it, others do not, and urea is measured in four weeks. A
# plan needs three things.
#
# - The [**smallest effect of interest**](glossary.md#smallest-effect-of-interest): the smallest
#   difference that would change what you do next. Here it is 100 mg/dl. It is a decision, not
#   an estimate.
# - How much mice differ, and how much one mouse differs from week to week. A
#   [**pilot study**](glossary.md#pilot-study) tells you this: a small study made before the real one.
#   Ours is simulated: ten mice, whose urea is measured in four weeks without any drug. (They are other
#   mice than the ten above. Lesson 11 uses them, too.)
# - The test that you will use.
#
# > **What if** one mouse had not been in the pilot? Write its name, and run all cells below.

# %% tags=["what-if"]
left_out = None  # try "m01" or "m04"
pilot = load_repeated_samples().query("animal != @left_out")
pilot_fit = fit_mixed("urea ~ (1 | animal)", pilot)
found = from_fit(pilot_fit)
pd.Series(found.sd, name="standard deviation (mg/dl)").round(0)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the pilot
of_mice, of_weeks = found.sd["animal"], found.sd["residual"]
claim((round(of_mice), round(of_weeks)) == (77, 45), "The pilot finds 77 and 45 mg/dl.")

# %% [markdown]
# Mice differ by a standard deviation of 77 mg/dl, and the weeks of one mouse by 45. (70 and 40
# were planted.) Now describe the study, and simulate it. `crossed` makes its table: ten mice, each in
# every one of four weeks. `between` says that a mouse gets either the control or the drug. `effects` is
# the smallest effect of interest, `sd` holds the two standard deviations, and `ddf` is the test,
# Kenward–Roger's of lesson 05. (No pilot? Take published values: `"sd": {"animal": 70, "residual": 40}`.)

# %%
design = crossed(animal=10, week=4, between={"drug": ["control", "treated"]})
formula = "~ drug + (1 | animal)"
plan = {"effects": {"drug": -100}, "sd": found, "ddf": "kenward-roger"}
now = power(design, formula, **plan)
now[["power", "type_1_error", "half_width", "type_m"]].round(2)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the simulation
row = now.iloc[0]
claim(round(row["power"], 2) == 0.41, "Ten mice find 100 mg/dl in 41% of the studies.")
claim(0.045 < row["type_1_error"] < 0.055, "Without an effect 5% of the studies reject.")
claim(row["half_width"] > 100, "The interval is wider to each side than the effect.")
claim(1.3 < row["type_m"] < 1.5, "Significant estimates are 1.4 times the truth.")

# %% [markdown]
# `power` made 10,000 such studies and analysed each with the very mixed model and test that will be
# used. Read aloud: *if the drug lowers urea by 100 mg/dl, ten mice find it in 41% of the studies.*
# That is the [power](glossary.md#power). Without any effect, 5% of the studies are significant, which is
# the nominal level. The confidence interval would reach 112 mg/dl to either side.
#
# `type_m` is the [**type M error**](glossary.md#type-m-error): estimates that are significant are 1.4
# times the truth, on average. Lesson 12 calls it the winner's curse.
#
# **Verdict.** Settle the smallest effect of interest before the study. Do not put in the effect that a study *found*. If it was significant, it is too large on average.
#
# ## 2 · How many mice?

# %%
needed = smallest(design, formula, power=0.8, **plan)
needed[["animal", "power"]].round(2)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentence against the search, and against the formula
sd_of_mean = np.hypot(of_mice, of_weeks / np.sqrt(4))
in_pairs = animals_needed(100, sd_of_mean)
claim(needed["animal"].iloc[0] == 23 and in_pairs == 24, "23 mice, 24 in equal groups.")

# %% [markdown]
# 23 mice, so 24: twelve in each group. Plan a few more if some may be lost.
#
# What if the drug does less than hoped? `curve` goes over sizes and effects.

# %%
sizes = {"animal": range(6, 61, 6), "drug": [-50, -100, -150]}
by_size = curve(design, formula, over=sizes, n_sim=3_000, **plan)

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Power against the number of mice from 6 to 60, three lines. For 150 mg/dl it reaches 80 percent near 12 mice, for 100 near 24; for 50 it stays near 65 percent at 60 mice."}}
# draws power against the number of mice, for three effects
lines = {
    f"{-drug:.0f} mg/dl": rows.set_index("animal")["power"]
    for drug, rows in by_size.query("power < 0.995").groupby("drug", sort=False)
}
plots.power_lines(
    lines,
    xlabel="mice in the study",
    title="The smaller the effect, the more mice it takes",
    reached={f"{in_pairs} mice": in_pairs},
)
plt.show()
at = by_size.set_index(["drug", "animal"])["power"]
claim(at[-50, 60] < 0.75, "Sixty mice do not find 50 mg/dl reliably.")
claim(at[-150, 12] > 0.75, "About twelve mice find 150 mg/dl.")

# %% [markdown]
# For 150 mg/dl about 12 mice are enough. For 50, even sixty are too few.
#
# **Verdict.** If the pilot is right, plan 24 mice. (Section 4 comes back to that "if".) With far
# fewer, a study without a significant result says next to nothing.
#
# ### Exercise 13.1
#
# How many mice does it take, in all, to find a difference of 50 mg/dl with a power of 80%? An answer
# within four mice counts. (`plan | {"effects": …}` is the plan with other effects; 4,000 simulations,
# `"n_sim": 4_000`, are enough here.)

# %%
answer = ...
check("13.1", answer)  # solution("13.1") shows one way

# %% [markdown]
# ## 3 · More mice, or more weeks?
#
# Could the ten mice be measured more often instead?

# %%
more_weeks = curve(design, formula, over={"week": [2, 4, 8, 16]}, n_sim=4_000, **plan)
more_mice = curve(
    design, formula, over={"animal": [6, 10, 16, 24, 32, 40]}, n_sim=4_000, **plan
)

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Power against the number of measurements, two lines. Measuring more mice raises it from about 20 to 97 percent. Measuring the same ten mice in more weeks leaves it flat, at about 40 percent."}}
# draws power against all measurements: more mice, or more weeks of ten mice
lines = {
    "more mice,\nfour weeks each": more_mice.set_index(4 * more_mice["animal"])["power"],
    "ten mice,\nmore weeks": more_weeks.set_index(10 * more_weeks["week"])["power"],
}
plots.power_lines(
    lines,
    xlabel="measurements in the study",
    title="More weeks of the same ten mice hardly help",
)
plt.show()
claim(more_weeks["power"].iloc[-1] < 0.5, "Even sixteen weeks leave power below 50%.")
one_week = animals_needed(100, np.hypot(of_mice, of_weeks))
fifty_two = animals_needed(100, np.hypot(of_mice, of_weeks / np.sqrt(52)))
print(f"mice needed: {one_week} with one week each, {in_pairs} with four, {fifty_two} with 52")
claim((one_week, fifty_two) == (28, 22), "28 mice with one week, 22 with 52.")

# %% [markdown]
# More weeks make the mean of *these* mice sharper. But these ten still differ from other mice, by
# 77 mg/dl, and more weeks cannot change that. So power levels off below 50%.
#
# A few weeks save some mice: with one measurement each it takes 28, with four 24, with 52 still 22.
#
# What does the same money buy? Say a mouse costs 60 and each measurement (each row) 12.
#
# > **What if** mice were more expensive?

# %% tags=["what-if"]
price = {"animal": 60, "row": 12}  # try {"animal": 150, "row": 12}
weeks = {"week": [2, 4, 8, 12]}
bought = within_budget(design, formula, budget=2_400, cost=price, over=weeks, **plan)
bought[["week", "animal", "cost", "power"]].round(2)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the table
claim(bought["power"].idxmax() == 0, "Two weeks and more mice have the highest power.")
claim(list(bought["animal"].iloc[[0, -1]]) == [28, 11], "28 mice or 11 mice for the money.")
in_one_week = int(2_400 / (price["animal"] + price["row"])) // 2 * 2
print(
    f"{in_one_week} mice in one week: power "
    f"{exact_power(in_one_week, 100, np.hypot(of_mice, of_weeks)):.2f}"
)
claim(in_one_week == 32, "One week would buy 32 mice.")

# %% [markdown]
# The same money pays for 28 mice in two weeks or for 11 in twelve weeks. The power is
# 0.87 in one case and 0.47 in the other. One week would buy 32 mice, with the same power of 0.87. (The
# table has no such row: with one row per mouse there is no mixed model. Use a t test.)
#
# **Verdict.** Spend on animals. Measure each a few times if that is cheap. Measuring them many times pays only if measurements scatter more than animals do, or if an animal costs far more than a
# measurement.
#
# ### Exercise 13.2
#
# Another outcome scatters the other way round: 45 between mice, and 77 between the weeks of a mouse.
# The effect is 100. What is the power of ten mice that are measured in *16* weeks? Two decimals; 0.02
# more or less counts. (`design.resized(week=16)` is the same study with 16 weeks.
# `plan | {"sd": {"animal": 45, "residual": 77}}` is the plan with other standard deviations.)

# %%
answer = ...
check("13.2", answer)  # solution("13.2") shows one way

# %% [markdown]
# ## 4 · A small pilot misleads
#
# The plan rests on what the pilot found. How wrong can a pilot be? Make a thousand pilots
# of six mice from the planted truth.
#
# > **What if** pilots were larger?

# %% tags=["what-if"]
pilot_mice = 6  # try 20
rng = np.random.default_rng(18)
of_mouse = rng.normal(0, 70, (1_000, pilot_mice, 1))
urea = of_mouse + rng.normal(0, 40, (1_000, pilot_mice, 4))

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Histogram of the number of mice that a thousand pilots of six ask for, from 4 to above 60, widely spread around the 20 that are truly needed. A little more than half of the bars' area lies below it."}}
# plans a study from each pilot by the formula, and draws how many mice they ask for
true_sd = np.hypot(70, 40 / np.sqrt(4))
asked = animals_needed(100, urea.mean(axis=2).std(axis=1, ddof=1))
truly = animals_needed(100, true_sd)
plots.planned_sizes(
    asked, truly, title=f"A thousand pilots of {pilot_mice} mice: plans from tiny to huge"
)
plt.show()
low, high = np.quantile(asked, [0.1, 0.9]).round().astype(int)
worst = exact_power(low, 100, true_sd)
print(f"8 of 10 pilots ask for {low} to {high} mice; {low} mice have a power of {worst:.2f}")
claim((truly, low, high) == (20, 8, 34), "20 are needed; 8 of 10 pilots ask for 8 to 34.")
claim(np.mean(asked < truly) > 0.5, "More than half of the pilots ask for too few.")

# %% [markdown]
# 20 mice are truly needed. Eight of ten pilots ask for 8 to 34 mice, and more than half of them ask
# for too few. Eight mice have a power of 0.37, where the pilot says 80%.
#
# And real data? The 18 people of lesson 06 make three pilots of six. Suppose we plan a study of a nap.
# It should shorten the reaction time by 30 ms. Half of the people take it, and each is tested on ten days.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# plans the study from each six people, and from all 18
people = load_sleepstudy()
names = people["Subject"].unique()
pilots = {f"people {k + 1} to {k + 6}": names[k : k + 6] for k in (0, 6, 12)} | {
    "all 18": names
}
rows = {}
for pilot_name, some in pilots.items():
    of_some = people[people["Subject"].isin(some)]
    sd = from_fit(fit_mixed("Reaction ~ Days + (1 | Subject)", of_some)).sd
    asks = animals_needed(30, np.hypot(sd["Subject"], sd["residual"] / np.sqrt(10)))
    rows[pilot_name] = {
        "SD of people (ms)": f"{sd['Subject']:.0f}",
        "SD of days (ms)": f"{sd['residual']:.0f}",
        "people needed": asks,
    }
claim([row["people needed"] for row in rows.values()] == [90, 66, 16, 54], "90, 66, 16, 54.")
pd.DataFrame(rows).T

# %% [markdown]
# Three pilots of the same kind of people ask for 90, 66 and 16 people.
#
# The fit of a pilot also tells how little it knows. With `uncertain=True`, each simulated study has other
# standard deviations: sometimes larger than 77 and 45, sometimes smaller, as far as ten mice allow. The
# power is then an average over them. For the ten mice:

# %%
careful = plan | {"sd": from_fit(pilot_fit, uncertain=True)}
by_mice = curve(design, formula, over={"animal": [20, 24, 30, 36]}, **careful)
by_mice[["animal", "power"]].round(2)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the next sentences against the simulation
averaged = by_mice.set_index("animal")["power"]
claim(0.70 < averaged[24] < 0.745, "24 mice have a power of about 0.72, averaged.")
claim(0.795 < averaged[30] < 0.835, "30 mice have a power of about 0.8, averaged.")

# %% [markdown]
# Averaged like this, 24 mice have a power of about 0.72, and it takes about 30 for 0.8. (By the planted truth, 20 would do. The pilot cannot know that.)
#
# **Verdict.** Plan 30 mice, not 24. Never plan on the standard deviation of one small pilot alone: use
# `uncertain=True`, or compare it with published values and earlier studies.
#
# ### Exercise 13.3
#
# The third pilot asks for 16 people. What power does a study of 16 have, if the standard deviations
# are those of all 18? Two decimals; 0.02 more or less counts. The study is
# `crossed(Subject=16, day=10, between={"nap": ["no", "yes"]})`, its model `~ nap + (1 | Subject)`, and the
# effect `{"nap": -30}`. `from_fit(fit_mixed("Reaction ~ Days + (1 | Subject)", people))` finds the
# standard deviations.

# %%
answer = ...
check("13.3", answer)  # solution("13.3") shows one way

# %% [markdown]
# ## 5 · Which test keeps its level?
#
# Power is worth something only if the test is honest. At a [**nominal level**](glossary.md#nominal-level) of 5%, it
# should be significant in 5% of the studies where nothing is there, and no more. Each point below is
# 20,000 studies without any effect (stored, because they take minutes). About half of the animals get
# the drug. Each animal is measured eight times, and half of the variance lies between animals.

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "False positives in percent against 3 to 12 animals, five tests. Counting rows lies near 40 percent throughout, z falls from 25 to 8, Satterthwaite from 13 to 5; Kenward–Roger rises from 0 to 5, and the t test of means stays at 5."}}
# draws how often five tests reject at 5% where there is nothing, by number of animals
errors = load_type_1_errors()
_, ax = plt.subplots(figsize=(9, 4.4))
false_positives(ax, errors, "between")
ax.set(
    xlabel="animals in the study",
    title='No effect at all: counting rows still "finds" one in about 40% of studies',
)
plt.show()
rates = errors.query("study == 'between'").pivot_table("type_1_error", "groups", "test")
claim(rates["rows"].between(0.37, 0.45).all(), "Rows reject in about four studies of ten.")
claim(rates.loc[12, "z"] > 0.07, "z rejects too often even with twelve animals.")
claim(rates.loc[3, "satterthwaite"] > 0.12, "Satterthwaite with three animals: 13%.")
claim(rates["kenward_roger"].max() < 0.055, "Kenward–Roger does not reject too often.")
claim(rates.loc[4, "kenward_roger"] < 0.03, "With four animals it rejects too rarely.")
claim(rates["t_of_means"].between(0.045, 0.055).all(), "The t test of means stays at 5%.")

# %% [markdown]
# A test that counts rows as animals finds "an effect" in four studies of ten. z rejects too often even with
# twelve animals, and Satterthwaite's method with three or four. Kenward–Roger does not, but
# with three or four animals it rejects too rarely. The t test on one mean per animal stays at 5%.
#
# **Verdict.** From six animals on, plan with Kenward–Roger or with the t test on one mean per animal; below
# six, with the t test. Then analyse with the test that you planned. (If every animal gets both
# treatments, see lesson 06.)
#
# ## 6 · The sentence for the form
#
# An ethics committee asks why 30 mice and not 20. The answer names everything that the plan rests on.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# writes the sentence from the numbers of this lesson
mice = 30
as_found = power(design.resized(animal=mice), formula, **plan)["power"].iloc[0]
print(f"""\
We plan {mice} mice, {mice // 2} with and {mice // 2} without the drug, and measure urea in four weeks.
The smallest difference of interest is 100 mg/dl. If the standard deviations are as in our
pilot of {pilot["animal"].nunique()} mice ({of_mice:.0f} mg/dl between mice, {of_weeks:.0f} between weeks), {mice} mice detect it with
a power of {as_found:.0%}. Averaged over the standard deviations that so small a pilot allows, the power is
about {averaged[mice]:.0%}. With 20 mice it would be {averaged[20]:.0%}.
We will use the mixed model urea ~ drug + (1 | animal) with Kenward–Roger tests at 5%,
two-sided. We simulated 10,000 studies and analysed them in this way.""")

# %% [markdown]
# The template [plan](templates/plan.ipynb) writes such sentences for a study of your own, from a pilot's table
# or from numbers.
#
# ### Exercise 13.4
#
# A study of ten mice found no significant effect. Which sentence is right?
#
# - **a** "With the difference that we found, the power was 12%. So the study was too small."
# - **b** "The effect is absent: p > 0.05 in a study that was approved."
# - **c** "For the difference of interest, 100 mg/dl, ten mice had a power of 41%. The interval includes both no change and a fall of 100 mg/dl, so the question stays open."
# - **d** "We then measured the same ten mice for a year, which brought the power to 80%."

# %%
answer = ...
check("13.4", answer)  # solution("13.4") shows one way

# %% [markdown]
# <details>
# <summary>In R</summary>
#
# With equal groups and no gaps, the mixed model's test is a t test on one mean per mouse (unless it finds a variance of zero between mice, as may happen
# with three or four). R has a formula for it:
#
# ```r
# sd_of_mean <- sqrt(77^2 + 45^2 / 4)                                # mice, and the mean of four weeks
# power.t.test(delta = 100, sd = sd_of_mean, power = 0.80)           # n in *each* group
# power.t.test(n = 5, delta = 100, sd = sd_of_mean)                  # ten mice
#
# # the same by simulation: any mixed model, and slow
# library(lmerTest)
# study <- expand.grid(week = 1:4, animal = factor(1:10))
# study$drug <- as.numeric(study$animal) %% 2
# mean(replicate(200, {
#   study$urea <- -100 * study$drug + rnorm(10, sd = 77)[study$animal] + rnorm(40, sd = 45)
#   fit <- lmer(urea ~ drug + (1 | animal), study)
#   anova(fit, ddf = "Kenward-Roger")[["Pr(>F)"]] < 0.05 }))
# ```
#
# | | R | ours | difference |
# | --- | ---: | ---: | --- |
# | mice in each group, power 80% (rounded up) | 12 | 12 | none |
# | power of ten mice, formula | 0.41 | 0.41 | that of the simulation |
# | power of ten mice, 2,000 studies by lmerTest | 0.41 | 0.41 | that of two simulations |
#
# </details>
#
# ## Recap
#
# A plan rests on the smallest effect of interest, on two standard deviations, and on the test. More
# animals help where more measurements of the same animals do not. A small pilot can be wrong by a factor of two or more, so carry its uncertainty along.
#
# **You can now decide** how many animals to ask for, and say why. Next: your own study with [the plan
# template](templates/plan.ipynb), or back to [the map](00_start_here.ipynb). The
# [cheat sheet](contrast_cheat_sheet.md) has the calls.
#
# **Sources.** Type M error: [Gelman & Carlin 2014](https://doi.org/10.1177/1745691614551642). Power of
# the effect found: [Hoenig & Heisey 2001](https://doi.org/10.1198/000313001300339897). Kenward–Roger:
# [Kenward & Roger 1997](https://doi.org/10.2307/2533558). Sleep study: [Belenky et al.
# 2003](https://doi.org/10.1046/j.1365-2869.2003.00337.x).

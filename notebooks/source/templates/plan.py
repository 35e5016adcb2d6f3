# %% [markdown] tags=["template-only"]
# # How many animals your study needs
#
# Change the first cell to your plan and run all cells, or let `make report` do both (the README says how). As it stands
# it plans a study of two treatments between animals, each measured on three days, from standard deviations that are
# given. With a pilot's table in `data` these come from there. Every number in the text below is computed.

# %% tags=["parameters"]
data = ""  # a pilot's table: .csv, .tsv, .txt, .xlsx, .parquet; "" plans from `sd`
formula = (
    "~ drug + day + (1 | animal)"  # what will be fitted; with a pilot: "length ~ drug + …"
)
effect = "drug=1.2"  # the term you ask about, and its size in the unit of the outcome
sd = "animal=0.7; residual=1"  # standard deviations; "" with a pilot
design = "animal=10; day=3"  # what is crossed; "" with a pilot: as there
between = "drug=control, treated"  # treatments that each get a part of the animals
replicates = 1  # rows of each combination
reference = ""  # first levels of the pilot's factors: "drug=control"; "" takes 5 mg, 10 mg, … or the alphabet
more = ""  # of what there may be more; "" takes the first of the design
power = 0.8  # the power that you want
ratios = "auto"  # whether the effect is a ratio; auto: if the outcome is a log
ddf = "kenward-roger"  # or satterthwaite, normal
n_sim = 4000  # experiments to simulate of each size
seed = 1  # of the random numbers
conf_level = 0.95  # of the intervals; the test's level is what is left to 1
question = ""  # in your own words; "" writes one
sep = "auto"  # text files: what stands between columns
decimal = "auto"  # text files: the decimal mark
sheet = ""  # Excel: the name of the sheet; "" takes the first
encoding = "utf-8-sig"  # text files: cp1252 if Windows wrote it
folder = ""  # where tables and figures are saved; "" saves nothing

# %%
from helpers.report.options import settle

settings = settle(
    "plan",
    {"data": data, "sep": sep, "decimal": decimal, "sheet": sheet, "encoding": encoding}
    | {"formula": formula, "effect": effect, "sd": sd, "design": design, "between": between}
    | {"replicates": replicates, "reference": reference, "more": more, "power": power}
    | {"ratios": ratios, "ddf": ddf, "n_sim": n_sim, "seed": seed}
    | {"conf_level": conf_level, "question": question},
)

# %%
from helpers.report import plan
from helpers.report.drawing import use_style
from helpers.report.output import Output
from helpers.report.plan import plan_figures, plan_sentences
from helpers.report.verdicts import warnings

use_style()
out = Output(folder)
study = plan.prepare(settings)

# %%
planned = plan.calculate(study)
verdicts = plan.check_all(planned)

# %% [markdown]
# ## The question

# %%
plan_sentences.question(study)

# %% [markdown]
# ## The answer, for the form

# %%
out.text("results", plan_sentences.statement(planned))

# %% mystnb={"image": {"alt": "Two panels. Left, power against the size of the design, rising through a dashed line at the power that is wanted, with the size that reaches it marked. Right, power at that size against the true effect, with the planned effect marked."}}
_ = out.table("curve", planned.curve), out.table("by_effect", planned.by_effect)
out.figure("power", plan_figures.power_figure(planned))

# %% [markdown]
# Left, power against the size; bands are what the number of simulations leaves open. Right, the same design if the
# true effect is smaller or larger than planned: an effect half as large is found far less often.
#
# ## Warnings

# %%
warnings(verdicts)

# %% [markdown]
# ## What is assumed

# %%
plan_sentences.as_read(study)

# %%
out.table("assumptions", plan_sentences.assumptions(study))

# %% [markdown]
# The design as it stands:

# %%
out.table("design", plan_sentences.design_table(study))

# %% [markdown]
# ## What the design can do

# %%
plan_sentences.as_planned(planned)

# %%
out.table("power", planned.now)

# %% [markdown]
# ## How many it takes

# %%
out.table("needed", planned.needed)

# %% [markdown]
# ## Checks

# %%
_ = out.table("checks", verdicts.table)
verdicts

# %% [markdown]
# ## Methods

# %%
out.text("methods", plan_sentences.methods(planned))

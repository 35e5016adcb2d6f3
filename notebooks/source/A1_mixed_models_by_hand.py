# %% [markdown]
# # A1 · Mixed models by hand
#
# **What does the fit compute?**
#
# This appendix is for whoever wants to see the arithmetic behind lessons 04 to 06. It needs matrices and a little
# patience. No later lesson needs it. Each section computes one thing by hand and puts the library's number beside it.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# imports, the lengths of gene C, and the model of lesson 05
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import optimize, stats

from helpers import plots, tables
from helpers.course.claims import claim
from helpers.data import load_modification_lengths, load_mouse_scores, load_sleepstudy
from helpers.mixed import SingularFitWarning, fit_mixed
from helpers.mixed.compare import compare
from helpers.mixed.profile import profile_intervals
from helpers.simulate import simulate_groups

plots.use_style()
tables.use_style()
lengths = load_modification_lengths()
lengths["log_length"] = np.log(lengths["length"])
gene_c = lengths[lengths["gene_name"] == "C"]
DRUG = "condition[T.DRUG]"
fit = fit_mixed("log(length) ~ condition + (1 | replicate)", gene_c)

# %% [markdown]
# ## 1 · What a random intercept is: a covariance
#
# Write Z for a table of zeros and ones, with one column per replicate. The model says that the outcomes have the
# covariance
#
# V = τ² · Z Zᵀ + σ² · I
#
# Two rows of one replicate share τ². Two rows of different replicates share nothing. Z enters only as Z Zᵀ, so
# exchanging the *names* of the levels changes nothing. The slope of a score does change:

# %%
mice = load_mouse_scores()
exchanged = mice["urea_score"].map({1: 3, 2: 1, 3: 4, 4: 2})
Z, Z_exchanged = (
    pd.get_dummies(codes).to_numpy(float) for codes in (mice["urea_score"], exchanged)
)
same = np.array_equal(Z @ Z.T, Z_exchanged @ Z_exchanged.T)
slopes = [np.polyfit(codes, mice["gene_x"], 1)[0] for codes in (mice["urea_score"], exchanged)]
print(f"the same covariance: {same}; slopes {slopes[0]:.3f} and {slopes[1]:.3f}")

# %% [markdown]
# ## 2 · The REML criterion
#
# Divide V by σ². One number is left to find, θ = τ/σ. For a given θ everything else has a formula: the coefficients
# come from generalised least squares, and σ² from what they leave over. With one random intercept even the inverse of V
# is easy, because each replicate is a block. Subtract θ²/(1 + nθ²) of the replicate's sums.

# %%
X = fit.design.X
y = fit.design.y
Z = pd.get_dummies(gene_c["replicate"]).to_numpy(float)
sizes = Z.sum(axis=0)


def crossed(a, b, theta):
    """Aᵀ V⁻¹ B, where V = I + θ² Z Zᵀ."""
    taken_out = theta**2 / (1 + sizes * theta**2)
    return a.T @ b - (Z.T @ a).T @ (taken_out[:, None] * (Z.T @ b))


def criterion(theta, reml=True):
    """Minus two times the log-likelihood at θ, maximised over everything else."""
    left, right = crossed(X, X, theta), crossed(X, y[:, None], theta)
    coefficients = np.linalg.solve(left, right)
    rest = (crossed(y[:, None], y[:, None], theta) - right.T @ coefficients).item()
    n = len(y) - (X.shape[1] if reml else 0)
    spread = np.log1p(sizes * theta**2).sum() + n * (1 + np.log(2 * np.pi * rest / n))
    return spread + (np.linalg.slogdet(left)[1] if reml else 0)


# %% [markdown]
# REML differs from maximum likelihood in two places. It divides by n − p instead of n. It also adds the logarithm of a
# determinant, which allows for the estimated coefficients. The best θ is where the curve is lowest.

# %%
best = optimize.minimize_scalar(
    criterion, bounds=(0, 2), method="bounded", options={"xatol": 1e-9}
)
by_ml = optimize.minimize_scalar(
    lambda theta: criterion(theta, reml=False), bounds=(0, 2), method="bounded"
)
of_library = np.sqrt(fit.variance_components["vcov"][0] / fit.residual_variance)
pd.DataFrame(
    {"θ": [best.x, of_library], "criterion": [best.fun, fit.deviance]}, ["by hand", "fit_mixed"]
).map("{:.3f}".format)

# %% tags=["hide-input"] jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two curves of the criterion above its minimum against the standard deviation between replicates, by REML and by maximum likelihood. Both fall steeply from zero, are lowest near 0.2, and rise slowly to the right. The curve of REML is lowest further right."}}
# draws both criteria against the standard deviation between replicates
theta = np.linspace(0.05, 0.75, 120)
fig, ax = plt.subplots(figsize=(8, 4))
for name, reml, lowest, colour in [
    ("REML", True, best, plots.BLUE),
    ("maximum likelihood", False, by_ml, plots.ORANGE),
]:
    rise = np.array([criterion(t, reml) for t in theta]) - lowest.fun
    ax.plot(theta * np.sqrt(fit.residual_variance), rise, color=colour, linewidth=2)
    x_text = theta[-1] * np.sqrt(fit.residual_variance)
    ax.text(x_text + 0.01, rise[-1], name, color=colour, va="center", fontweight="bold")
ax.axhline(stats.chi2.isf(0.05, 1), color=plots.GREY, linestyle="--", linewidth=1)
ax.set(
    xlabel="SD between replicates (log length)",
    ylabel="rise of the criterion",
    ylim=(0, 8),
    xlim=(0, 0.9),
)
ax.set_title("Steep towards zero, flat towards large values")
plt.show()
claim(best.x > by_ml.x, "REML's estimate is larger than that of maximum likelihood.")

# %% [markdown]
# REML's curve is lowest further right: its variance is larger. Both curves rise slowly to the right, so four replicates
# hardly rule out a large standard deviation. Section 5 uses the dashed line.
#
# ### REML without an optimiser
#
# With equal numbers of rows per group no search is needed. Take the variance of the group means, and subtract what the
# rows contribute to it. The result *is* the REML estimate.

# %%
balanced = simulate_groups(40, 6, tau=1, sigma=1.5, slope=0, rng=np.random.default_rng(6))
by_group = balanced.groupby("group")["y"]
within = by_group.var().mean()
between = by_group.mean().var() - within / 6
found = fit_mixed("y ~ 1 + (1 | group)", balanced).variance_components["vcov"]
pd.DataFrame(
    {"between": [between, found[0]], "within": [within, found[1]]}, ["by hand", "fit_mixed"]
)

# %% [markdown]
# ## 3 · Is maximum likelihood biased?
#
# Here the truth is known: 2,000 studies of four replicates with 25 rows each, and a variance of 0.04 between
# replicates. With equal numbers of rows, the formula above serves both criteria. Maximum likelihood divides by 4 where
# REML divides by 3.

# %%
rng = np.random.default_rng(4)
shifts = rng.normal(0, 0.2, (2_000, 4, 1))
studies = shifts + rng.normal(0, 0.3, (2_000, 4, 25))
noise = studies.var(axis=2, ddof=1).mean(axis=1) / 25
variance_of_means = studies.mean(axis=2).var(axis=1, ddof=1)
found = {
    "REML": np.maximum(variance_of_means - noise, 0),
    "ML": np.maximum(0.75 * variance_of_means - noise, 0),
}
means = pd.DataFrame(found).mean()
print(f"truth 0.040, mean by REML {means['REML']:.3f}, by ML {means['ML']:.3f}")
claim(
    abs(means["REML"] - 0.04) < 0.002 and means["ML"] < 0.033,
    "REML is right on average, ML a quarter too small.",
)

# %% [markdown]
# REML is right on average, and maximum likelihood is a quarter too small. Why not always use REML, then? Its criterion
# depends on how the fixed part is written. Code the drug as 0 and 10 instead of 0 and 1. It is the same model with
# another REML log-likelihood.

# %%
rows = {}
for unit in [1, 10]:
    coded = gene_c.assign(drug=unit * (gene_c["condition"] == "DRUG"))
    pair = [
        fit_mixed("log(length) ~ drug + (1 | replicate)", coded, reml=reml)
        for reml in (True, False)
    ]
    rows[f"drug coded 0 and {unit}"] = [one.log_likelihood for one in pair]
pd.DataFrame(rows, ["REML", "ML"]).T.map("{:.3f}".format)

# %% [markdown]
# So compare two REML log-likelihoods only if the fixed parts are the same. Then random parts can be compared by either
# method. `compare` uses maximum likelihood for all comparisons, as R's `anova` does.
#
# ## 4 · Weights, standard errors and degrees of freedom
#
# Each coefficient is a weighted sum of the outcomes, with weights W = (Xᵀ V⁻¹ X)⁻¹ Xᵀ V⁻¹. So its variance has two
# parts: the replicates' shifts, and the rows' noise. Here are both for the model of all genes (lesson 05).

# %%
whole = fit_mixed("log(length) ~ condition * gene_name + (1 | replicate)", lengths)
tau2, sigma2 = whole.variance_components["vcov"]
X, Z = whole.design.X, pd.get_dummies(lengths["replicate"]).to_numpy(float)
sizes = Z.sum(axis=0)
theta = np.sqrt(tau2 / sigma2)
taken_out = theta**2 / (1 + sizes * theta**2)
XtV = X.T - (Z.T @ X).T @ (taken_out[:, None] * Z.T)
W = np.linalg.solve(XtV @ X, XtV)
of_replicates = tau2 * ((W @ Z) ** 2).sum(axis=1)
of_rows = sigma2 * (W**2).sum(axis=1)

# %% [markdown]
# Satterthwaite's idea is this. If a variance is a sum of two estimated parts, its uncertainty follows from their
# degrees of freedom, each part weighted by its square. Four replicates have 3. The rows have 22,569 less the 9 means
# that were spent (six cells, and three replicates).

# %%
total = of_replicates + of_rows
df = total**2 / (of_replicates**2 / 3 + of_rows**2 / (len(lengths) - 9))
by_hand = pd.DataFrame({"std_error": np.sqrt(total), "df": df}, whole.design.names)
both = {"by hand": by_hand, "fit_mixed": whole.coefficients()[["std_error", "df"]]}
pd.concat(both, axis=1).loc[["(Intercept)", DRUG]].map("{:,.4g}".format)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# compares the standard errors and degrees of freedom by hand with the library's
library = whole.coefficients()
claim(
    np.allclose(by_hand["std_error"], library["std_error"], rtol=1e-6),
    "The standard errors are the same.",
)
claim(
    np.allclose(by_hand["df"], library["df"], rtol=0.02),
    "The degrees of freedom agree within 2%.",
)

# %% [markdown]
# The standard errors are the same. The degrees of freedom agree within 2%. The rest comes from `fit_mixed`, which also
# allows for the two variances being estimated from the same data.
#
# The three tests treat the variances differently. **z** takes them as known. **Satterthwaite** asks how well the
# variance of *this estimate* is known. **Kenward–Roger** also widens the standard error, because estimated variances
# make it too small. In a singular fit with a random intercept, Satterthwaite's test *is* the linear model without
# groups.
#
# ## 5 · Profile intervals
#
# Hold the standard deviation between replicates at a value, and fit everything else. Note how far the criterion (by
# maximum likelihood) rises above its lowest point. The 95% interval contains every value for which it rises by less
# than 3.84, the 95% quantile of chi-squared with 1 degree of freedom.

# %%
X, y = fit.design.X, fit.design.y
Z = pd.get_dummies(gene_c["replicate"]).to_numpy(float)
sizes = Z.sum(axis=0)


def rise_at(sd):
    """How much worse the best model is whose standard deviation between replicates is `sd`."""

    def at(sigma):  # σ is free, θ follows from it
        theta = sd / sigma
        left, right = crossed(X, X, theta), crossed(X, y[:, None], theta)
        rest = (
            crossed(y[:, None], y[:, None], theta) - right.T @ np.linalg.solve(left, right)
        ).item()
        return (
            np.log1p(sizes * theta**2).sum()
            + len(y) * np.log(2 * np.pi * sigma**2)
            + rest / sigma**2
        )

    return optimize.minimize_scalar(at, bounds=(0.5, 1.5), method="bounded").fun - by_ml.fun


top = by_ml.x * np.sqrt(fit.residual_variance)
line = stats.chi2.isf(0.05, 1)
ends = [
    optimize.brentq(lambda sd: rise_at(sd) - line, *bracket)
    for bracket in [(0.01, top), (top, 2)]
]
of_library = profile_intervals(fit).loc[0, ["conf_low", "conf_high"]].tolist()
pd.DataFrame([ends, of_library], ["by hand", "profile_intervals"], ["low", "high"]).map(
    "{:.3f}".format
)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# compares the ends by hand with the library's
claim(np.allclose(ends, of_library, rtol=1e-3), "Both ends are the same.")

# %% [markdown]
# Both ends are the same. The interval is not symmetric. Its lower end stays clear of zero, and its upper end reaches
# twice the estimate.
#
# ### Testing a variance
#
# Do the people of lesson 06 differ in their rates? `compare` gives the likelihood-ratio statistic of two models, one
# with a common slope and one with a slope per person.
#
# Its p-value needs care. A standard deviation cannot be negative, so zero lies *on the boundary*. For one variance,
# halve the p-value. For a random slope with its correlation, take the mean of the p-values with 1 and 2 degrees of
# freedom ([Stram & Lee 1994](https://doi.org/10.2307/2533455)).

# %%
sleep = load_sleepstudy()
one_slope = fit_mixed("Reaction ~ Days + (1 | Subject)", sleep)
own_slopes = fit_mixed("Reaction ~ Days + (1 + Days | Subject)", sleep)
statistic = compare(one_slope, own_slopes)["statistic"][1]
p = (stats.chi2.sf(statistic, 1) + stats.chi2.sf(statistic, 2)) / 2
print(f"statistic {statistic:.1f}, p = {p:.1e}")

# %% [markdown]
# People differ in rate, as the profile interval said. (`compare` refits both by maximum likelihood, as R's `anova`
# does. The fixed parts are equal here, so REML would also do.)
#
# ## 6 · Shrinkage
#
# The mean of n cells of one animal varies by τ² + σ²/n around the overall mean. On average, the share τ²/(τ² + σ²/n) of
# the observed distance is real. So keep that share of it.

# %%
n_cells = [2, 2, 3, 4, 6, 8, 12, 15]
cells = simulate_groups(8, n_cells, tau=1, sigma=1.5, slope=0, rng=np.random.default_rng(4))
pooled = fit_mixed("y ~ 1 + (1 | group)", cells)
tau2, sigma2 = pooled.variance_components["vcov"]
animals = cells.groupby("group")["y"].agg(["size", "mean"])
precision = 1 / (tau2 + sigma2 / animals["size"])
overall = (precision * animals["mean"]).sum() / precision.sum()
animals["share kept"] = tau2 / (tau2 + sigma2 / animals["size"])
animals["by hand"] = animals["share kept"] * (animals["mean"] - overall)
animals["fit_mixed"] = pooled.random_effects["group"]["(Intercept)"]
animals

# %% [markdown]
# An animal with two cells keeps less than half of its distance, and one with fifteen keeps most of it. Does that help?
# Here are 300 studies of this kind. The table shows how far each estimate of an animal lies from the truth (root mean
# square):

# %%
rng = np.random.default_rng(5)
errors = {"all animals alike": [], "each animal alone": [], "shrunk": []}
with warnings.catch_warnings():
    warnings.simplefilter("ignore", SingularFitWarning)
    for _ in range(300):
        study = simulate_groups(8, n_cells, tau=1, sigma=1.5, slope=0, rng=rng)
        one = fit_mixed("y ~ 1 + (1 | group)", study)
        each = study.groupby("group").agg(mean=("y", "mean"), truth=("effect", "first"))
        shrunk = one.fixed_effects.iloc[0] + one.random_effects["group"]["(Intercept)"]
        errors["all animals alike"].append(study["y"].mean() - each["truth"])
        errors["each animal alone"].append(each["mean"] - each["truth"])
        errors["shrunk"].append(shrunk - each["truth"])
typical = {name: np.sqrt(np.mean([e**2 for e in parts])) for name, parts in errors.items()}
pd.Series(typical).map("{:.2f}".format)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the sentence on errors against the studies
claim(min(typical, key=typical.get) == "shrunk", "Shrunk estimates lie nearest to the truth.")

# %% [markdown]
# Shrunk estimates lie nearest to the truth.
#
# ## 7 · A second program, and why two are better than one
#
# Four balanced replicates have 400 rows each, and a drug effect of 0.3 that varies between replicates (SD 0.1). In a
# balanced study the random slope must agree with the paired t test on means (lesson 06), so we know what is right.
# Python's statsmodels fits the same model:

# %%
rng = np.random.default_rng(16)
replicate, drug = np.repeat(np.arange(4), 400), np.tile([0, 1], 800)
level, slope = rng.normal(0, 0.3, 4), rng.normal(0, 0.1, 4)
outcome = 4.3 + level[replicate] + (0.3 + slope[replicate]) * drug + rng.normal(0, 0.88, 1600)
built = pd.DataFrame({"replicate": replicate.astype("U1"), "drug": drug, "y": outcome})
built["replicate"] = "rep" + built["replicate"]
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    theirs = smf.mixedlm("y ~ drug", built, groups="replicate", re_formula="~drug").fit()
ours = fit_mixed("y ~ drug + (1 + drug | replicate)", built)

# %%
means = built.pivot_table("y", "replicate", "drug")
paired = stats.ttest_rel(means[1], means[0])
of_ours = ours.coefficients().loc["drug"]
print(
    f"statsmodels lies more than 0.01 below the best log-likelihood: {ours.log_likelihood - theirs.llf > 0.01}"
)
shown = {
    "statsmodels": [np.inf, theirs.pvalues["drug"]],
    "fit_mixed": [of_ours["df"], of_ours["p_value"]],
    "paired t": [paired.df, paired.pvalue],
}
pd.DataFrame(shown, ["df", "p"]).T.map("{:.2g}".format)

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# checks the sentences on the two programs against the fits
claim(
    theirs.pvalues["drug"] < paired.pvalue / 100, "The z test makes p a hundred times smaller."
)
claim(
    np.isclose(of_ours["p_value"], paired.pvalue, rtol=1e-3),
    "fit_mixed and the paired t test agree.",
)

# %% [markdown]
# statsmodels has two separate faults here. Its *optimizer* stops early. Its *z test* takes the variance of four slopes as known, which
# makes p a hundred times smaller. `fit_mixed` and the paired t test agree.
#
# **Verdict.** Fit twice, with two programs, and compare the log-likelihoods: they should agree to 0.001. Never read a z test if the
# tested effect varies between few groups.
#
# <details>
# <summary>In R</summary>
#
# ```r
# library(lmerTest)
# d <- read.csv("data/modification_lengths.csv.gz")
# d$condition <- relevel(factor(d$condition), "NO DRUG")
# fit <- lmer(log(length) ~ condition + (1 | replicate), subset(d, gene_name == "C"))
# getME(fit, "theta"); REMLcrit(fit)        # section 2
# logLik(refitML(fit))                      # section 3
# vcov(fit); summary(fit)                   # section 4
# confint(fit, oldNames = FALSE)            # section 5
# ranef(fit)                                # section 6
# ```
#
# </details>
#
# **Sources.** Bates, Mächler, Bolker & Walker 2015, [doi:10.18637/jss.v067.i01](https://doi.org/10.18637/jss.v067.i01). Satterthwaite 1946,
# [doi:10.2307/3002019](https://doi.org/10.2307/3002019). Kenward & Roger 1997, [doi:10.2307/2533558](https://doi.org/10.2307/2533558). Patterson &
# Thompson 1971, [doi:10.1093/biomet/58.3.545](https://doi.org/10.1093/biomet/58.3.545). Back to
# [lesson 05](05_mixed_models.ipynb), [lesson 06](06_random_slopes.ipynb).

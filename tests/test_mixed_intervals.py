"""Intervals for variance components, the bootstrap, and comparisons of fits: against R's lme4, and against laws."""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.data import load_modification_lengths
from helpers.mixed import SingularFitWarning, fit_mixed
from helpers.mixed.bootstrap import bootstrap, bootstrap_intervals, simulate_outcomes
from helpers.mixed.compare import compare, n_parameters, refit
from helpers.mixed.profile import profile_intervals
from helpers.mixed.profiled import FixedResidual, Profile
from helpers.mixed.reml import optimise
from helpers.refusals.errors import UnknownNameError

REFERENCE = Path(__file__).parent / "reference"
IN_R = json.loads((REFERENCE / "intervals" / "intervals.json").read_text())
MODELS = {
    "slopes": ("sleepstudy", "Reaction ~ Days + (Days | Subject)"),
    "intercepts": ("sleepstudy", "Reaction ~ Days + (1 | Subject)"),
    "crossed": ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
    "singular": ("Dyestuff2", "Yield ~ 1 + (1 | Batch)"),
}


@pytest.fixture(scope="module")
def fits():
    def fit(name, formula):
        return fit_mixed(formula, pd.read_csv(REFERENCE / "classic" / f"{name}.csv"))

    fitted = {key: fit(*MODELS[key]) for key in ("slopes", "intercepts", "crossed")}
    with pytest.warns(SingularFitWarning):
        fitted["singular"] = fit(*MODELS["singular"])
    return fitted


@pytest.mark.parametrize("name", MODELS)
def test_profile_intervals_equal_lme4(fits, name):
    """lme4 interpolates its profile with splines: ours solves for the ends, so the two agree to its interpolation."""
    ours = profile_intervals(fits[name])
    theirs = {row["name"]: (row["low"], row["high"]) for row in IN_R[name]["profile"]}
    for row in ours.astype(object).where(ours.notna(), None).itertuples():
        label = "sigma" if row.group == "Residual" else f"sd_{row.term_1}|{row.group}"
        if row.term_2:
            label = f"cor_{row.term_2}.{row.term_1}|{row.group}"
        assert (row.conf_low, row.conf_high) == pytest.approx(theirs[label], rel=2e-5, abs=1e-6)


def test_profile_intervals_of_the_lengths_equal_lme4():
    lengths = pd.read_csv(REFERENCE / "lengths" / "lengths.csv.gz")
    theirs = json.loads((REFERENCE / "lengths" / "lengths.json").read_text())["confint_profile"]
    fit = fit_mixed("log(length) ~ condition * gene_name + (1 | replicate)", lengths)
    ours = profile_intervals(fit)[["conf_low", "conf_high"]].to_numpy()
    expected = [[row["2.5 %"], row["97.5 %"]] for row in theirs[:2]]
    np.testing.assert_allclose(ours, expected, rtol=1e-4)  # R's profile there is on its default, coarser grid


RIDGES = json.loads((REFERENCE / "intervals" / "ridges.json").read_text())["tables"]
OF_LENGTHS = json.loads((REFERENCE / "intervals" / "ridges_lengths.json").read_text())["genes"]


def interval_errors(fit, theirs):
    """How far every end is from that of brute force: (low, high) × (two deviations, correlation, residual)."""
    ours = profile_intervals(fit)
    names = ["sd1", "sd2", "rho", "sigma"]
    return np.abs([ours[f"conf_{end}"] - [theirs[end][name] for name in names] for end in ("low", "high")])


@pytest.mark.parametrize("gene", "ABC")
def test_intervals_of_random_slopes_of_the_lengths_equal_brute_force(gene):
    """On the ridge of a correlation of one, the profile of gene A once ended at 0.036."""
    data = load_modification_lengths().query("gene_name == @gene")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)  # two of the three
        fit = fit_mixed("log(length) ~ condition + (1 + condition | replicate)", data)
    assert interval_errors(fit, OF_LENGTHS[gene]).max() < 1e-5


def test_intervals_of_fifty_tables_with_correlations_of_one_equal_brute_force():
    tables = pd.read_csv(REFERENCE / "intervals" / "ridges.csv")
    assert len(RIDGES) == 50
    for theirs in RIDGES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SingularFitWarning)
            fit = fit_mixed("y ~ x + (x | g)", tables[tables["table"] == theirs["table"]])
        errors = interval_errors(fit, theirs)
        if theirs["table"] == 35:  # brute force stops short at the upper end of σ, see the next test
            errors = np.delete(errors, -1)
        assert errors.max() < 2e-5, theirs["table"]


def test_where_brute_force_stops_short_the_profile_is_lower_by_its_own_deviance():
    """Table 35: at the end that brute force gives for σ, its deviance is lower at the point that our profile finds."""
    theirs = json.loads((REFERENCE / "intervals" / "ridge_35.json").read_text())
    tables = pd.read_csv(REFERENCE / "intervals" / "ridges.csv")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        fit = fit_mixed("y ~ x + (x | g)", tables[tables["table"] == theirs["table"]])
    best = optimise(fit.products, reml=False)
    rise = Profile(fit.products, best, FixedResidual(fit.products.n_theta, math.sqrt(best.sigma2))).rise(
        theirs["sigma"]
    )
    assert rise == pytest.approx(theirs["rise_at_point"], abs=1e-6)
    assert rise < theirs["rise_by_search"] - 0.19
    assert theirs["rise_by_search"] == pytest.approx(theirs["quantile"], abs=1e-6)
    assert profile_intervals(fit)["conf_high"].iloc[-1] == pytest.approx(1.3551, abs=1e-4)
    assert RIDGES[34]["high"]["sigma"] == theirs["sigma"]


def test_profile_intervals_of_some_terms_are_rows_of_the_whole(fits):
    whole = profile_intervals(fits["slopes"])
    for terms, rows in (("Days", [1]), (["(Intercept)", "Days"], [0, 1, 2]), ("Subject", [0, 1, 2]), ("Residual", [3])):
        some = profile_intervals(fits["slopes"], terms=terms)
        pd.testing.assert_frame_equal(some, whole.loc[rows].reset_index(drop=True), rtol=1e-7, check_dtype=False)
    with pytest.raises(UnknownNameError, match=r"(?s)random term or group.*'days'.*Days"):
        profile_intervals(fits["slopes"], terms="days")


def test_a_profile_interval_needs_a_level_of_confidence(fits):
    with pytest.raises(ValueError, match="conf_level lies between 0 and 1"):
        profile_intervals(fits["intercepts"], 95)


@pytest.mark.parametrize("name", ["slopes", "intercepts", "crossed"])
def test_conditional_standard_deviations_equal_lme4(fits, name):
    for row in IN_R[name]["conditional"]:
        level = int(row["grp"]) if row["grp"].isdigit() else row["grp"]
        assert fits[name].random_effects[row["grpvar"]].loc[level, row["term"]] == pytest.approx(
            row["condval"], rel=1e-5, abs=1e-6
        )
        found = fits[name].random_effects_std_error[row["grpvar"]].loc[level, row["term"]]
        assert found == pytest.approx(row["condsd"], rel=1e-5)


@pytest.mark.parametrize("name", ["slopes", "intercepts", "crossed"])
def test_information_criteria_equal_those_of_r_by_maximum_likelihood(fits, name):
    assert [fits[name].aic, fits[name].bic] == pytest.approx([IN_R[name]["aic"], IN_R[name]["bic"]], abs=1e-6)


def test_the_likelihood_ratio_test_equals_r(fits):
    table = compare(fits["intercepts"], fits["slopes"])
    assert table["statistic"].isna().tolist() == [True, False]
    found = table.loc[1, ["statistic", "df", "p_value"]].tolist()
    assert found == pytest.approx([IN_R["lrt"]["statistic"], IN_R["lrt"]["df"], IN_R["lrt"]["p"]], rel=1e-6)
    assert "boundary" in table.loc[1, "note"]
    assert table["n_parameters"].tolist() == [4, 6]


def test_fixed_effects_are_compared_by_maximum_likelihood_and_without_a_note(fits):
    data = pd.read_csv(REFERENCE / "classic" / "sleepstudy.csv")
    table = compare(fit_mixed("Reaction ~ 1 + (1 | Subject)", data), fits["intercepts"])
    by_ml = [fit_mixed(f"Reaction ~ {fixed} + (1 | Subject)", data, reml=False) for fixed in ("1", "Days")]
    assert table.loc[1, "statistic"] == pytest.approx(2 * (by_ml[1].log_likelihood - by_ml[0].log_likelihood))
    assert "note" not in table


def test_fits_that_cannot_be_compared_are_refused(fits):
    with pytest.raises(ValueError, match="same rows and outcome; found 'Reaction' in 180 rows and 'diameter' in 144"):
        compare(fits["slopes"], fits["crossed"])
    with pytest.raises(ValueError, match=r"must have more parameters than the first; found 6 in .* and 4 in"):
        compare(fits["slopes"], fits["intercepts"])


def test_a_refit_is_the_fit_by_the_other_criterion(fits):
    again = refit(fits["intercepts"], reml=False)
    data = pd.read_csv(REFERENCE / "classic" / "sleepstudy.csv")
    assert again.deviance == pytest.approx(fit_mixed(fits["intercepts"].formula, data, reml=False).deviance, abs=1e-9)
    assert refit(again, reml=False) is again
    assert n_parameters(again) == 4


def test_a_fit_shows_itself_in_three_lines(fits):
    assert repr(fits["crossed"]).splitlines() == [
        "Linear mixed model by REML: diameter ~ 1 + (1 | plate) + (1 | sample)",
        f"144 rows, 24 levels of plate, 6 levels of sample; log-likelihood {fits['crossed'].log_likelihood:.4f}",
        "Tables: .coefficients(), .anova(), .variance_components, .random_effects",
    ]
    assert "singular fit" in repr(fits["singular"])


def test_the_intraclass_correlation_is_a_share_of_the_variance(fits):
    table = fits["crossed"].variance_components.set_index("group")["vcov"]
    assert fits["crossed"].icc["plate"] == pytest.approx(table["plate"] / table.sum())
    assert list(fits["crossed"].icc.index) == ["plate", "sample"]
    with pytest.raises(ValueError, match="random slopes"):
        _ = fits["slopes"].icc


def test_simulated_outcomes_have_the_moments_of_the_model(fits):
    fit = fits["slopes"]
    draws = np.array(list(simulate_outcomes(fit, 4_000, np.random.default_rng(1))))
    np.testing.assert_allclose(draws.mean(axis=0), fit.predict(), atol=5 * draws.std() / math.sqrt(4_000))
    term, factor = fit.design.random[0], fit.factors[0]
    covariance = fit.residual_variance * factor @ factor.T
    variance = np.einsum("ij,jk,ik->i", term.columns, covariance, term.columns) + fit.residual_variance
    np.testing.assert_allclose(draws.var(axis=0), variance, rtol=0.15)
    same = np.corrcoef(draws[:, 0], draws[:, 9])[0, 1]  # the same subject on its first and last day
    expected = term.columns[0] @ covariance @ term.columns[9] / math.sqrt(variance[0] * variance[9])
    assert same == pytest.approx(expected, abs=0.06)


def test_the_bootstrap_is_the_same_on_one_core_and_on_two(fits):
    def slope(fit):
        return fit.fixed_effects["Days"]

    one, two = (
        bootstrap(fits["intercepts"], slope, 20, rng=np.random.default_rng(2), n_jobs=n, progress=False) for n in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two)


def test_the_bootstrap_standard_error_is_that_of_the_model(fits):
    draws = bootstrap(
        fits["intercepts"], lambda fit: fit.fixed_effects, 600, rng=np.random.default_rng(3), progress=False
    )
    assert list(draws.columns) == ["(Intercept)", "Days"]
    expected = fits["intercepts"].coefficients()["std_error"]
    np.testing.assert_allclose(draws.std(), expected, rtol=5 / math.sqrt(2 * 600))


def test_bootstrap_intervals_hold_the_estimate_and_count_what_is_defined(fits):
    table = bootstrap_intervals(fits["slopes"], 60, rng=np.random.default_rng(4), progress=False)
    sd = table[table["term_2"].isna()]
    assert ((sd["conf_low"] < sd["sdcor"]) & (sd["sdcor"] < sd["conf_high"])).all()
    assert (table["n_defined"] <= 60).all()
    assert table["n_defined"].iloc[0] == 60


def test_bootstrap_intervals_are_those_of_bootmer(fits):
    """Of standard deviations and of the correlation: both draw, so quantiles agree within both Monte-Carlo errors.

    A share p of our resamples lies below R's p-quantile, with a standard error of √(p(1 − p)(1/n + 1/n in R)).
    """
    in_r = json.loads((REFERENCE / "intervals" / "bootstrap.json").read_text())
    n = 200
    draws = bootstrap(
        fits["slopes"],
        lambda fit: dict(enumerate(fit.variance_components["sdcor"])),
        n,
        rng=np.random.default_rng(8),
        progress=False,
    )
    assert in_r["names"] == ["sd_1", "sd_2", "correlation", "residual"]
    shares = np.array(in_r["shares"])
    errors = np.sqrt(shares * (1 - shares) * (1 / n + 1 / in_r["n"]))
    below = np.array([(draws.dropna() < row).mean() for row in in_r["quantiles"]])  # (shares, numbers)
    assert (np.abs(below - shares[:, None]) < 3.5 * errors[:, None]).all()
    table = bootstrap_intervals(fits["slopes"], n, rng=np.random.default_rng(8), progress=False)
    np.testing.assert_allclose(table["conf_low"], draws.quantile(0.025))


def test_a_progress_bar_is_shown_on_request(fits, capsys):
    bootstrap(fits["intercepts"], lambda fit: fit.residual_variance, 3, rng=np.random.default_rng(5), progress=True)
    assert "bootstrap: 100%" in capsys.readouterr().err


def test_profile_intervals_cover_as_promised():
    """One variance, 12 groups of 5: 95% intervals hold the truth in 95% of 80 data sets, within Monte-Carlo error."""
    rng = np.random.default_rng(6)
    groups = np.repeat(np.arange(12), 5)
    held = []
    for _ in range(80):
        y = rng.standard_normal(12)[groups] + rng.standard_normal(60)
        fit = fit_mixed("y ~ 1 + (1 | g)", pd.DataFrame({"y": y, "g": groups}))
        row = profile_intervals(fit).iloc[0]
        held.append(row["conf_low"] <= 1 <= row["conf_high"])
    assert stats.binomtest(sum(held), 80, 0.95).pvalue > 0.001


def test_bootstrap_intervals_hold_the_share_of_resamples_they_name(fits):
    """At 95% one resample in twenty lies outside, at 80% one in five: by both ends alike."""
    fit = fits["intercepts"]
    draws = bootstrap(fit, _sd_of_subjects, 200, rng=np.random.default_rng(4), progress=False)["sd"]
    for level in (0.95, 0.8):
        table = bootstrap_intervals(fit, 200, rng=np.random.default_rng(4), conf_level=level, progress=False)
        low, high = table.loc[0, ["conf_low", "conf_high"]]
        assert (draws < low).mean() == (draws > high).mean() == pytest.approx((1 - level) / 2, abs=0.005)


def _sd_of_subjects(fit):
    return {"sd": fit.variance_components.loc[0, "sdcor"]}

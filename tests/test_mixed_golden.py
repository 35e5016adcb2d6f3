"""`helpers.mixed` against lme4, lmerTest, pbkrtest and emmeans: the numbers under `tests/reference`, and their scripts.

Every comparison gives one error per quantity, and every quantity has one tolerance.
"""

import json
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lmertest_pooling import lmertest_anova_df

from helpers.mixed import SingularFitWarning, fit_mixed
from helpers.mixed.ddf import _pooled_df

REFERENCE = Path(__file__).parent / "reference"
TOLERANCE = {
    "criterion": 1e-7,  # absolute
    "estimate": 1e-5,  # relative to R's standard error
    "std_error": 1e-5,  # this and all below relative, unless said otherwise
    "df": 1e-4,
    "p_value": 1e-3,
    "covariance": 1e-5,  # relative to the standard errors of the two
    "kr_std_error": 1e-5,
    "kr_df": 1e-5,
    "kr_covariance": 1e-5,
    "kr_p_value": 1e-3,
    "variance": 1e-4,  # relative to the total variance
    "blup": 1e-4,  # relative to the standard deviation of the effect
    "anova_f": 1e-4,
    "anova_df": 1e-4,
    "kr_anova_f": 1e-4,
    "kr_anova_df": 1e-4,
    "ml_criterion": 1e-7,
    "ml_estimate": 1e-5,
    "ml_variance": 1e-4,
}


def read(*path):
    return json.loads(REFERENCE.joinpath(*path).read_text(encoding="utf-8"))


def fit_and_count(formula, data, **arguments):
    """A fit, and whether it was said to be singular; no other warning passes, and none twice."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = fit_mixed(formula, data, **arguments)
    assert [warning.category for warning in caught] == [SingularFitWarning] * fit.is_singular
    return fit


def key(name):
    """A term's name however it is spelled: patsy's `a[T.x]:b`, R's `b:ax`, `I(x^2)` and `I(x**2)`."""
    name = re.sub(r"\[(?:T\.)?([^\]]*)\]", r"\1", name).replace("**", "^").replace(" ", "")
    return frozenset(name.split(":"))


def in_order(rows, names):
    """R's rows in the order of our names."""
    table = {key(row["term"]): row for row in rows}
    assert set(table) == {key(name) for name in names}
    return pd.DataFrame([table[key(name)] for name in names])


def relative(ours, theirs):
    return float(np.max(np.abs(np.asarray(ours) / np.asarray(theirs) - 1)))


def table_errors(ours, theirs, prefix=""):
    """Errors of a coefficient table, or of a table of contrasts, in R's order."""
    std_error = theirs["Std. Error"].to_numpy()
    p_value = theirs["Pr(>|t|)"].to_numpy()
    return {
        f"{prefix}estimate": float(np.max(np.abs(ours["estimate"].to_numpy() - theirs["Estimate"]) / std_error)),
        f"{prefix}std_error": relative(ours["std_error"], std_error),
        f"{prefix}df": relative(ours["df"], theirs["df"]),
        f"{prefix}p_value": relative(ours["p_value"], p_value),
    }


def anova_errors(ours, theirs, prefix="", den_df=None):
    """`den_df`: the degrees of freedom by lmerTest's pooling, where it is not ours."""
    if not theirs:  # an intercept alone
        assert len(ours) == 0
        return {}
    theirs = in_order(theirs, ours.index)
    assert ours["num_df"].tolist() == theirs["NumDF"].tolist()
    return {
        f"{prefix}anova_f": relative(ours["statistic"], theirs["F value"]),
        f"{prefix}anova_df": relative(
            ours["den_df"] if den_df is None else [den_df[term] for term in ours.index], theirs["DenDF"]
        ),
    }


def components(rows):
    """Variances and covariances by group and terms; the second `Subject` of `(x || g)` is R's `Subject.1`."""
    out = {}
    for group, first, second, value in rows:
        names = frozenset(key(name) for name in (first, second) if isinstance(name, str))
        out[re.sub(r"\.\d$", "", group).replace(":", "/"), names] = value
    assert len(out) == len(rows)
    return {(frozenset(group.split("/")), names): value for (group, names), value in out.items()}


def variance_error(fit, theirs):
    ours = components(fit.variance_components[["group", "term_1", "term_2", "vcov"]].to_numpy().tolist())
    theirs = components([[row["grp"], row.get("var1"), row.get("var2"), row["vcov"]] for row in theirs])
    assert set(ours) == set(theirs)
    total = sum(value for (_, names), value in theirs.items() if len(names) <= 1)
    return max(abs(ours[entry] - theirs[entry]) for entry in theirs) / total


def blup_error(fit, theirs):
    worst = 0.0
    for group, rows in theirs.items():
        table = pd.DataFrame(rows).set_index("level").drop(columns="_row", errors="ignore")
        ours = fit.random_effects[group] if group in fit.random_effects else fit.random_effects[_turned(group)]
        ours = ours.set_axis([key(name) for name in ours.columns], axis=1)
        ours.index = [frozenset(str(level).split(":")) for level in ours.index]
        assert len(ours) == len(table)
        rows_of = fit.variance_components
        for name in table.columns:
            ours_of = ours.loc[[frozenset(level.split(":")) for level in table.index], [key(name)]].to_numpy()[:, 0]
            found = rows_of[rows_of["group"].isin([group, _turned(group)]) & rows_of["term_2"].isna()]
            sd = found.loc[[key(term) == key(name) for term in found["term_1"]], "sdcor"].item()
            assert sd > 0 or not ours_of.any()
            worst = max(worst, float(np.max(np.abs(ours_of - table[name]))) / (sd or 1.0))
    return worst


def _turned(group):
    return ":".join(reversed(group.split(":")))


def pair_sums(p):
    """Contrasts whose variances tell the covariance of every two coefficients."""
    return np.array([np.eye(p)[i] + np.eye(p)[j] for i in range(p) for j in range(i, p)])


def pair_error(variances, matrix):
    """The variances of `pair_sums` against a covariance matrix, relative to the two standard errors."""
    sums, matrix = pair_sums(len(matrix)), np.array(matrix)
    theirs = np.einsum("ki,ij,kj->k", sums, matrix, sums)
    return float(np.max(np.abs(variances - theirs) / (sums @ np.sqrt(np.diag(matrix))) ** 2))


def model_errors(fit, m):
    """All that the reference of one model holds."""
    assert fit.is_singular == m["singular"]
    assert fit.n_obs == m.get("nobs", fit.n_obs)
    errors = {"criterion": abs(fit.deviance - m.get("criterion", m.get("REMLcrit")))}
    names = fit.fixed_effects.index
    theirs = in_order(m["satterthwaite"], names)
    errors |= table_errors(fit.coefficients(), theirs)
    order = [next(i for i, row in enumerate(m["satterthwaite"]) if key(row["term"]) == key(name)) for name in names]
    vcov = np.array(m["vcov"])[np.ix_(order, order)]
    scale = np.sqrt(np.outer(np.diag(vcov), np.diag(vcov)))
    errors["covariance"] = float(np.max(np.abs(fit.covariance.to_numpy() - vcov) / scale))
    errors["variance"] = variance_error(fit, m["varcorr"])
    if "ranef" in m:
        errors["blup"] = blup_error(fit, m["ranef"])
    errors |= anova_errors(fit.anova(), m.get("anova_III_satt", m.get("anova_satt", [])), den_df=lmertest_anova_df(fit))
    if "kenward_roger" in m:
        ours = fit.coefficients(ddf="kenward-roger")
        found = table_errors(ours, in_order(m["kenward_roger"], names), "kr_")
        errors |= {name: error for name, error in found.items() if name != "kr_estimate"}
        adjusted = np.array(m["vcov_KR"])[np.ix_(order, order)]
        sums = fit.contrast(pair_sums(len(names)), ddf="kenward-roger")
        errors["kr_covariance"] = pair_error(sums["std_error"].to_numpy() ** 2, adjusted)
        errors |= anova_errors(fit.anova("kenward-roger"), m.get("anova_III_KR", m.get("anova_KR")), "kr_")
    return errors


def ml_errors(fit, ml, std_error):
    names = fit.fixed_effects.index
    theirs = in_order([{"term": name, "value": value} for name, value in ml["coef"].items()], names)["value"]
    errors = {
        "ml_criterion": abs(fit.log_likelihood - ml["logLik"]),
        "ml_estimate": float(np.max(np.abs(fit.fixed_effects.to_numpy() - theirs.to_numpy()) / std_error.to_numpy())),
    }
    rows = ml["varcorr"]
    if "var1" in rows[0]:
        return errors | {"ml_variance": variance_error(fit, rows)}
    ours = fit.variance_components["vcov"].to_numpy()  # one intercept: R's rows come without its name
    theirs = np.array([row["vcov"] for row in rows])
    return errors | {"ml_variance": float(np.max(np.abs(ours - theirs)) / theirs.sum())}


def assert_within(errors):
    """No tolerance is exceeded; all that are, are shown."""
    assert not {name: error for name, error in errors.items() if not error <= TOLERANCE[name]}


# --- classic: sleepstudy, Dyestuff2, Penicillin, Pastes -------------------------------------------------------------

CLASSIC = read("classic", "classic.json")["lmm"]


def factors_of(m, folder):
    data = pd.read_csv(REFERENCE / folder / m["csv"])
    for name, levels in m["levels"].items():
        data[name] = pd.Categorical(data[name].astype(str), [levels] if isinstance(levels, str) else levels)
    return data


@pytest.mark.parametrize("m", CLASSIC, ids=lambda m: m["formula"])
def test_classic_models_equal_r(m):
    fit = fit_and_count(m["formula"], factors_of(m, "classic"))
    assert_within(model_errors(fit, m))
    assert fit.n_groups.to_dict() == {name: len(m["levels"][name]) for name in fit.n_groups.index}
    assert set(fit.n_groups.index) == set(m["ranef"])


@pytest.mark.parametrize("m", CLASSIC, ids=lambda m: m["formula"])
def test_classic_theta_equals_r(m):
    fit = fit_and_count(m["formula"], factors_of(m, "classic"))
    # lme4 puts the factor of most levels first.
    ours = fit.theta if len(fit.n_groups) == 1 or fit.n_groups.is_monotonic_decreasing else fit.theta[::-1]
    np.testing.assert_allclose(ours, np.atleast_1d(m["theta"]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("m", CLASSIC, ids=lambda m: m["formula"])
def test_classic_maximum_likelihood_equals_r(m):
    fit = fit_and_count(m["formula"], factors_of(m, "classic"), reml=False)
    std_error = in_order(m["satterthwaite"], fit.fixed_effects.index)["Std. Error"]
    assert_within(ml_errors(fit, m["ML"], std_error))


# --- mouse: the ten animals -----------------------------------------------------------------------------------------

MOUSE = read("mouse", "mouse_tight.json")["lmer"]
MICE = pd.read_csv(REFERENCE / "mouse" / "mouse.csv")


def without_noise(errors, m):
    """R's p of an estimate that is zero but for rounding is noise: the intercept of centred columns."""
    noise = any(abs(row["t value"]) < 1e-9 for row in m["satterthwaite"])
    return {name: error for name, error in errors.items() if not (noise and name.endswith("p_value"))}


@pytest.mark.parametrize("name", MOUSE)
def test_mouse_models_equal_r(name):
    m = MOUSE[name]
    fit = fit_and_count(m["formula"], MICE, reml=m["REML"])
    assert_within(without_noise(model_errors(fit, m), m))


def test_the_tight_mouse_fits_are_those_of_the_thread_and_never_above_them():
    theirs = read("mouse", "mouse.json")["lmer"]
    assert set(theirs) == set(MOUSE)
    for name, m in theirs.items():
        fit = fit_and_count(MOUSE[name]["formula"], MICE, reml=m["REML"])
        assert abs(fit.deviance - m["REMLcrit_or_dev"]) < 1e-7
        assert fit.is_singular == m["singular"]


# --- anova: factors, interactions and covariates in unbalanced tables -----------------------------------------------

ANOVA = read("anova", "anova.json")["lmm"]


NESTED_FACTOR = "Informed.liking ~ Information + Product:Information + (1 | Consumer)"


@pytest.mark.parametrize("m", [m for m in ANOVA if m["formula"] != NESTED_FACTOR], ids=lambda m: m["formula"])
def test_type_three_tests_equal_r(m):
    fit = fit_and_count(m["formula"], pd.read_csv(REFERENCE / "anova" / m["csv"]))
    assert_within(model_errors(fit, m))


def test_an_interaction_without_one_of_its_main_effects_equals_r_but_for_the_average():
    """lmerTest overlooks that Information is part of the interaction, and tests it at the reference product."""
    m = next(m for m in ANOVA if m["formula"] == NESTED_FACTOR)
    fit = fit_and_count(m["formula"], pd.read_csv(REFERENCE / "anova" / m["csv"]))
    at_reference = next(name for name in fit.design.names if key(name) == key("Informationyes"))
    average = {name: 0.25 if "[yes]" in name else -0.25 for name in fit.design.names if "Product" in name}
    average[at_reference] = 1
    for ddf, rows in (("satterthwaite", m["anova_III_satt"]), ("kenward-roger", m["anova_III_KR"])):
        theirs = in_order(rows, ["Information", "Product:Information"])
        ours = pd.concat([fit.joint_test(at_reference, ddf), fit.anova(ddf).loc[["Product:Information"]]])
        assert relative(ours["statistic"], theirs["F value"]) < TOLERANCE["anova_f"]
        assert relative(ours["den_df"], theirs["DenDF"]) < TOLERANCE["anova_df"]
        average_test = fit.joint_test(average, ddf).loc[0]
        assert fit.anova(ddf).loc["Information"].tolist() == pytest.approx(average_test.tolist())


# --- genes: two hundred, 44 of them singular ------------------------------------------------------------------------


def gene_tables():
    design = pd.read_csv(REFERENCE / "genes" / "lmm_design.csv")
    for column, name in (("urea", "uz"), ("weight", "wz")):
        design[name] = (design[column] - design[column].mean()) / design[column].std()
    expression = pd.read_csv(REFERENCE / "genes" / "lmm_genes.csv.gz", index_col=0)
    for gene, rows in pd.read_csv(REFERENCE / "genes" / "lmm_genes_lmer.csv").groupby("gene", sort=False):
        yield gene, design.assign(y=expression.loc[gene, design["sample"]].to_numpy()), rows


def gene_errors(data, rows):
    fit = fit_and_count("y ~ uz + wz + (1 | animal)", data)
    first = rows.iloc[0]
    satterthwaite, kenward_roger = (
        rows.rename(columns={"estimate": "Estimate", se: "Std. Error", df: "df", p: "Pr(>|t|)"})
        for se, df, p in (("se", "df_satt", "p_satt"), ("se_KR", "df_KR", "p_KR"))
    )
    tau2, sigma2 = fit.variance_components["vcov"]
    total = first["tau2"] + first["sigma2"]
    errors = {
        "criterion": abs(fit.deviance - first["REMLcrit"]),
        "variance": max(abs(tau2 - first["tau2"]), abs(sigma2 - first["sigma2"])) / total,
        **table_errors(fit.coefficients(), satterthwaite),
        **table_errors(fit.coefficients(ddf="kenward-roger"), kenward_roger, "kr_"),
    }
    del errors["kr_estimate"]
    return fit.is_singular, errors


@pytest.fixture(scope="module")
def genes():
    found = {gene: (*gene_errors(data, rows), bool(rows["singular"].iloc[0])) for gene, data, rows in gene_tables()}
    table = pd.DataFrame({gene: errors for gene, (_, errors, _) in found.items()}).T
    return table.assign(
        ours=[ours for ours, _, _ in found.values()], theirs=[theirs for _, _, theirs in found.values()]
    )


def test_the_same_44_genes_are_singular(genes):
    assert len(genes) == 200
    assert genes["theirs"].sum() == 44
    assert genes["ours"].tolist() == genes["theirs"].tolist()


def test_all_genes_equal_r(genes):
    assert_within(genes.drop(columns=["ours", "theirs"]).astype(float).max().to_dict())


# --- lengths: 22,569 rows -------------------------------------------------------------------------------------------

LENGTHS = read("lengths", "lengths.json")
FORMULA = "log(length) ~ condition * gene_name + (1 | replicate)"


@pytest.fixture(scope="module")
def lengths_table():
    data = pd.read_csv(REFERENCE / "lengths" / "lengths.csv.gz")
    return data.assign(
        condition=pd.Categorical(data["condition"], ["NO DRUG", "DRUG"]),
        gene_name=pd.Categorical(data["gene_name"], ["C", "A", "B"]),
    )


@pytest.fixture(scope="module")
def lengths(lengths_table):
    return fit_and_count(FORMULA, lengths_table)


def lengths_errors(fit):
    rows = LENGTHS["satterthwaite"]
    varcorr = [
        {"grp": row["grp"], "var1": "(Intercept)" if row["grp"] == "replicate" else None, "vcov": row["vcov"]}
        for row in LENGTHS["varcorr"]
    ]
    ranef = {"replicate": [{"level": row["term"], "(Intercept)": row["(Intercept)"]} for row in LENGTHS["ranef"]]}
    m = LENGTHS | {"satterthwaite": rows, "varcorr": varcorr, "ranef": ranef, "singular": False, "nobs": LENGTHS["n"]}
    return model_errors(fit, m)


def test_lengths_equal_r(lengths):
    assert_within(lengths_errors(lengths))
    assert lengths.n_groups.to_dict() == {"replicate": 4}
    assert lengths.theta == pytest.approx(LENGTHS["theta"]["replicate.(Intercept)"], rel=1e-5)


@pytest.mark.parametrize("source", ["kenward_roger.json", "kenward_roger_r.json"])
def test_lengths_kenward_roger_equals_the_block_formulas(lengths, source):
    theirs = read("lengths", source)
    table = pd.DataFrame(theirs["kr"]).rename(
        columns={"estimate": "Estimate", "se": "Std. Error", "p": "Pr(>|t|)", "t": "t value"}
    )
    errors = table_errors(lengths.coefficients(ddf="kenward-roger"), table, "kr_")
    assert errors.pop("kr_estimate") <= TOLERANCE["estimate"]
    total = theirs["tau2"] + theirs["sigma2"]
    ours = lengths.variance_components["vcov"].to_numpy()
    errors["variance"] = float(np.max(np.abs(ours - [theirs["tau2"], theirs["sigma2"]]))) / total
    assert_within(errors)


def test_lengths_maximum_likelihood_equals_r(lengths_table, lengths):
    std_error = pd.DataFrame(LENGTHS["satterthwaite"])["Std. Error"]
    assert_within(ml_errors(fit_and_count(FORMULA, lengths_table, reml=False), LENGTHS["ML"], std_error))


# In the order of R's coefficients, which are ours: intercept, DRUG, A, B, DRUG:A, DRUG:B.
CONTRASTS = {
    "DRUG-NO DRUG | C": [0, 1, 0, 0, 0, 0],
    "DRUG-NO DRUG | A": [0, 1, 0, 0, 1, 0],
    "DRUG-NO DRUG | B": [0, 1, 0, 0, 0, 1],
    "diff-of-diff A-C": [0, 0, 0, 0, 1, 0],
    "diff-of-diff B-C": [0, 0, 0, 0, 0, 1],
    "diff-of-diff A-B": [0, 0, 0, 0, 1, -1],
    "ANSWER'S CLAIM E(DRUG,A)-E(NO DRUG,C)": [0, 1, 1, 0, 1, 0],
    "ANSWER'S CLAIM E(DRUG,B)-E(NO DRUG,C)": [0, 1, 0, 1, 0, 1],
    "average DRUG effect (equal weights)": [0, 1, 0, 0, 1 / 3, 1 / 3],
}


def test_lengths_contrasts_equal_r(lengths):
    theirs = pd.DataFrame(LENGTHS["contrasts_satt"])
    assert theirs["contrast"].tolist() == list(CONTRASTS)
    weights = pd.DataFrame(CONTRASTS, index=lengths.fixed_effects.index).T
    ours = lengths.contrast(weights)
    assert ours.index.tolist() == list(CONTRASTS)
    assert_within(table_errors(ours, theirs))
    for bound, column in (("conf_low", "lower"), ("conf_high", "upper")):
        assert np.max(np.abs(ours[bound].to_numpy() - theirs[column]) / theirs["Std. Error"]) < 1e-4


def test_lengths_cell_means_equal_emmeans(lengths):
    theirs = pd.DataFrame(LENGTHS["emmeans_satt"])
    cells = theirs[["condition", "gene_name"]]
    ours = lengths.contrast(lengths.design.fixed_matrix(cells))
    assert np.max(np.abs(ours["estimate"].to_numpy() - theirs["emmean"]) / theirs["SE"]) < TOLERANCE["estimate"]
    assert relative(ours["std_error"], theirs["SE"]) < TOLERANCE["std_error"]
    assert relative(ours["df"], theirs["df"]) < TOLERANCE["df"]
    predicted = lengths.predict(cells)
    np.testing.assert_allclose(predicted, theirs["emmean"], rtol=0, atol=TOLERANCE["estimate"] * 0.1)


def test_lengths_joint_tests_equal_emmeans_as_printed(lengths):
    for row in LENGTHS["joint_tests"]:
        ours = lengths.anova().loc[row["model term"]]
        assert ours["num_df"] == row["df1"]
        assert ours["statistic"] == pytest.approx(row["F.ratio"], abs=6e-4)  # printed to three decimals
    interaction = lengths.joint_test("condition:gene_name").loc[0]
    theirs = next(row for row in LENGTHS["anova_III_satt"] if row["term"] == "condition:gene_name")
    assert interaction["statistic"] == pytest.approx(theirs["F value"], rel=TOLERANCE["anova_f"])
    assert interaction["den_df"] == pytest.approx(theirs["DenDF"], rel=TOLERANCE["anova_df"])


@pytest.mark.parametrize("gene", ["C", "A", "B"])
def test_lengths_of_one_gene_equal_r(lengths_table, gene):
    theirs = LENGTHS["per_gene_fits"][gene]
    data = lengths_table[lengths_table["gene_name"] == gene]
    fit = fit_and_count("log(length) ~ condition + (1 | replicate)", data)
    assert (fit.n_obs, fit.is_singular) == (theirs["n"], theirs["singular"])
    assert_within(table_errors(fit.coefficients(), pd.DataFrame(theirs["coef"])))


def test_lengths_with_a_random_slope_are_never_above_lme4(lengths_table):
    theirs = LENGTHS["random_slope"]
    fit = fit_and_count("log(length) ~ condition * gene_name + (condition | replicate)", lengths_table)
    assert fit.is_singular == theirs["singular"]
    assert fit.deviance <= theirs["REMLcrit"] + TOLERANCE["criterion"]


def test_means_of_lengths_equal_r(lengths_table):
    cells = lengths_table.assign(y=np.log(lengths_table["length"]))
    cells = cells.groupby(["replicate", "condition", "gene_name"], observed=True)["y"].mean().reset_index()
    fit = fit_and_count("y ~ condition * gene_name + (1 | replicate)", cells)
    theirs = LENGTHS["aggregated_24_means_fit"]
    assert_within(table_errors(fit.coefficients(), pd.DataFrame(theirs["coef"])))


@pytest.mark.parametrize(("df", "pooled"), [((1.5, 5), 2), ((1.9, 1.5), 2), ((3, 5), 3.5), ((7, 7), 7)])
def test_degrees_of_freedom_are_pooled_as_in_lmertest(df, pooled):
    """What lmerTest 3.1-3 makes of several: 2 as soon as one of them is 2 or less."""
    assert _pooled_df(np.array(df, dtype=float)) == pytest.approx(pooled, rel=1e-12)

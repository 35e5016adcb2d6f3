"""Marginal means, comparisons and slopes of a fitted model, each row with the degrees of freedom that are its own.

    from helpers.contrasts import predictions, comparisons
    comparisons(fit, variables="condition", by="gene_name", transform="exp", adjust="holm")

Estimates and Jacobian are marginaleffects' (Arel-Bundock, Greifer & Heiss 2024, doi:10.18637/jss.v111.i09); what it
lacks for mixed models is added: Satterthwaite's and Kenward–Roger's degrees of freedom row by row, t and F tests,
p-values that do not underflow, families of tests, equivalence by t, offsets. For statsmodels' linear and count models
the same calls give the tests that belong to those.
"""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy import linalg

from helpers.contrasts.engine import average_comparisons, average_predictions
from helpers.contrasts.grids import check_by, check_predictor, check_rows, make_grid
from helpers.contrasts.models import as_model
from helpers.contrasts.scales import as_scale
from helpers.contrasts.table import EffectsTable, Request, Rows, effects_table, refuse_zeros, test_note
from helpers.refusals.wording import listed

__all__ = ["comparison_weights", "comparisons", "joint_tests", "predictions", "slopes"]

PAIRS = ("reference", "pairwise", "sequential")
STEPS = ("sd", "2sd", "iqr", "minmax")


def predictions(
    fit,
    by=None,
    *,
    at=None,
    grid="balanced",
    scale="link",
    offset=None,
    ddf=None,
    adjust=None,
    family=None,
    transform=None,
    equivalence=None,
    conf_level=0.95,
):
    """Marginal means: predictions averaged within the cells of `by`.

    Parameters
    ----------
    fit : MixedFit, or a statsmodels result
        From `helpers.mixed.fit_mixed`, or from statsmodels' ols, wls, glm, poisson, negativebinomial or logit by
        formula. Of a mixed model, the mean over all groups (random effects at zero).
    by : str or list of str, optional
        Predictors whose combinations are the rows; without, one mean of all.
    at : dict, optional
        Predictor -> value or values that replace the mean of a numeric predictor, or all levels of a factor.
    grid : {"balanced", "observed"} or pandas.DataFrame
        What is averaged over: each combination of factor levels once, numeric predictors at their mean (emmeans' way);
        the rows of the fit as they are (marginaleffects' way); or rows of one's own. The note under the table says it.
    scale : {"link", "response"}
        For count and other generalized models: the linear predictor, or the mean of the outcome. One and the same for
        linear models.
    offset : float, optional
        The offset to predict at, on the scale of the linear predictor; without, the mean offset (balanced grid) or each
        row's own (observed).
    ddf : {"satterthwaite", "kenward-roger", "normal"}, optional
        Without: Satterthwaite for a mixed model, the residual degrees of freedom for a linear one, z for the others.
    adjust : {"holm", "BH", "bonferroni", "sidak", "tukey", "dunnett", "mvt"}, optional
        Correct the p-values for testing a family. "tukey" is for all pairwise differences, "dunnett" for comparisons
        with a reference, "mvt" (multivariate t) uses the estimates' own correlation. All but "holm" and "BH" come with
        simultaneous intervals.
    family : {"table", "by"}, optional
        Whether all rows of the table are one family (the default), or each cell of `by` (the default of "tukey" and
        "dunnett", and what emmeans does).
    transform : {"exp", "percent", "log2"}, optional
        Show ratios (or geometric means) of an outcome or link in natural logarithms, per cent of change, or logarithms
        to base 2. Standard errors follow by the delta method, intervals are transformed, tests stay as they were.
    equivalence : tuple of two floats, optional
        Test, on the scale shown, that the estimate lies between them (two one-sided t tests; Schuirmann 1987,
        doi:10.1007/BF01068419).
    conf_level : float

    Returns
    -------
    EffectsTable
        A DataFrame: the columns of `by`, then ``estimate, std_error, df, statistic, p_value, conf_low, conf_high``;
        with `adjust`, ``p_adjusted`` and, where it has intervals, ``conf_low_adjusted, conf_high_adjusted``; with
        `equivalence`, ``p_value_noninferior, p_value_nonsuperior, p_value_equivalence``. Its ``note`` says what was
        averaged over and how it was tested.

    Raises
    ------
    MissingColumnError
        A name is no predictor of the model's fixed part.
    ValueError
        What was asked for does not exist for this model; the message says what does.
    """
    request = Request(ddf, adjust, family, transform, equivalence, conf_level).checked()
    model, by, rows, offsets, note = _prepared(fit, by, at, grid, offset)
    response = _on_response(model, scale)
    found = average_predictions(model, rows, offsets, by, response=response)
    found_rows = Rows(found.labels, found.jacobian, found.estimate, by=[])
    return effects_table(model, found_rows, request, note)


def comparisons(
    fit,
    variables,
    by=None,
    *,
    differences=None,
    at=None,
    grid="balanced",
    scale="link",
    offset=None,
    ddf=None,
    adjust=None,
    family=None,
    transform=None,
    equivalence=None,
    conf_level=0.95,
):
    """How the predicted mean changes as one predictor does, averaged within the cells of `by`.

    Parameters
    ----------
    fit, at, grid, scale, offset, ddf, adjust, family, transform, equivalence, conf_level
        As in `predictions`.
    variables : str or dict
        The predictor, or ``{predictor: how}``. How a factor changes: "reference" (each level against the first; the
        default), "pairwise", "sequential", or two levels ``["from", "to"]``. How a number changes: by a step (1 is the
        default), half of it to each side of where the predictor stands; between two values ``[from, to]``; or by "sd",
        "2sd" (to both sides), "iqr", "minmax". Always later minus earlier.
    by : str or list of str, optional
        Predictors within whose combinations the comparison is made.
    differences : {"pairwise", "reference", "sequential"}, optional
        Differences between the cells of `by`, later minus earlier: a "difference of differences". Its label in the
        column of `by` is "B - A" ("B / A" where `transform` gives ratios).

    Returns
    -------
    EffectsTable
        ``contrast``, the columns of `by`, then as in `predictions`.

    Raises
    ------
    MissingColumnError, ValueError
        As in `predictions`.
    """
    request = Request(ddf, adjust, family, transform, equivalence, conf_level).checked()
    model, by, rows, offsets, note = _prepared(fit, by, at, grid, offset, _names(variables))
    response = _on_response(model, scale)
    variable, how = _variable(model, variables, by)
    found = average_comparisons(model, rows, offsets, variable, how, by, response=response)
    sign = as_scale(transform).sign
    found_rows = _compared(model, found, variable, how, by, sign)
    if differences is not None:
        found_rows = _differences(found_rows, differences, sign)
    return effects_table(model, found_rows, request, note)


def comparison_weights(fit, variables, by=None, *, at=None, grid="balanced"):
    """The rows of `comparisons` as weighted sums of the coefficients, for other fits of the same columns.

    Parameters
    ----------
    fit, variables, by, at, grid
        As in `comparisons`.

    Returns
    -------
    tuple of pandas.DataFrame
        The labels of the rows (``contrast``, the columns of `by`), and their weights: (k, p), a column per coefficient,
        in the order of the fit.

    Raises
    ------
    MissingColumnError, ValueError
        As in `predictions`.
    """
    model, by, rows, offsets, _ = _prepared(fit, by, at, grid, None, _names(variables))
    variable, how = _variable(model, variables, by)
    found = average_comparisons(model, rows, offsets, variable, how, by, response=False)
    found_rows = _compared(model, found, variable, how, by, " - ")
    return found_rows.labels, pd.DataFrame(found_rows.weights, index=found_rows.labels.index)


def slopes(
    fit,
    variable,
    by=None,
    *,
    differences=None,
    at=None,
    grid="balanced",
    scale="link",
    offset=None,
    ddf=None,
    adjust=None,
    family=None,
    equivalence=None,
    conf_level=0.95,
):
    """Slopes of a numeric predictor: the change of the predicted mean per unit, averaged within the cells of `by`.

    Parameters
    ----------
    variable : str
        A numeric predictor.
    fit, by, differences, at, grid, scale, offset, ddf, adjust, family, equivalence, conf_level
        As in `comparisons`.

    Returns
    -------
    EffectsTable
        ``term``, the columns of `by`, then as in `predictions`.

    Raises
    ------
    MissingColumnError, ValueError
        As in `predictions`.
    """
    request = Request(ddf, adjust, family, None, equivalence, conf_level).checked()
    model, by, rows, offsets, note = _prepared(fit, by, at, grid, offset)
    response = _on_response(model, scale)
    check_predictor(model, variable, "variable")
    if variable in model.levels:
        raise ValueError(f"{variable!r} is a factor and has no slope: use comparisons(fit, {variable!r}).")
    if variable in by:
        raise ValueError(f"{variable!r} cannot stand in by as well: say with at= where the slope is taken.")
    found = average_comparisons(model, rows, offsets, variable, None, by, response=response, slope=True)
    labels = pd.concat([pd.DataFrame({"term": variable}, index=found.labels.index), found.labels[by]], axis=1)
    found_rows = Rows(labels, found.jacobian, found.estimate, by)
    if differences is not None:
        found_rows = _differences(found_rows, differences, " - ")
    return effects_table(model, found_rows, request, note)


def joint_tests(fit, variables, by=None, *, differences=None, at=None, grid="balanced", ddf=None):
    """F tests that all comparisons of a predictor are zero: one for each cell of `by`, or of their differences.

    Parameters
    ----------
    fit, variables, by, differences, at, grid, ddf
        As in `comparisons`. With `differences`, the test that the effect of `variables` is the same in all cells of
        `by`: their interaction.

    Returns
    -------
    EffectsTable
        The columns of `by`, then ``num_df, den_df, statistic, p_value`` as `MixedFit.anova` has them.

    Raises
    ------
    MissingColumnError, ValueError
        As in `predictions`.
    """
    model, by, rows, offsets, note = _prepared(fit, by, at, grid, None, _names(variables))
    method = model.ddf(ddf)
    variable, how = _variable(model, variables, by)
    found = average_comparisons(model, rows, offsets, variable, how, by, response=False)
    found_rows = _compared(model, found, variable, how, by, " - ")
    cells = by
    if differences is not None:
        found_rows, cells = _differences(found_rows, differences, " - "), []
    refuse_zeros(model, found_rows)
    groups = found_rows.labels.groupby(cells, observed=True, sort=False).indices if cells else {(): slice(None)}
    tests = []
    for cell, places in groups.items():
        names = dict(zip(cells, cell if isinstance(cell, tuple) else (cell,), strict=True))
        tests.append(names | model.joint_test(_independent(found_rows.weights[places]), method))
    table = EffectsTable(pd.DataFrame(tests))
    table.note = f"{note[:1].upper()}{note[1:]}; {test_note(method).replace('t tests', 'F tests')}."
    return table


def _prepared(fit, by, at, grid, offset, moved=()):
    model = as_model(fit)
    by = check_by(model, by, at)
    rows, offsets, note = make_grid(model, grid, at, offset, [*by, *moved])
    return model, by, rows, offsets, note


def _on_response(model, scale):
    if scale not in ("link", "response"):
        raise ValueError(f"scale is 'link' or 'response'; found {scale!r}.")
    return scale == "response" and model.inverse is not None


def _names(variables):
    """The one predictor that moves, in a list."""
    names = list(variables) if isinstance(variables, dict) else [variables]
    if len(names) != 1 or not isinstance(names[0], str):
        raise ValueError(f"variables is one predictor, or {{predictor: how}}; found {variables!r}.")
    return names


def _variable(model, variables, by):
    """The predictor to move, and how; refused if it cannot."""
    (name, how) = (variables, None) if isinstance(variables, str) else next(iter(variables.items()))
    check_predictor(model, name, "variables")
    if name in by:
        raise ValueError(f"{name!r} cannot stand in variables and in by: it either moves or stays.")
    if name in model.levels:
        return name, _moves_of_factor(name, model.levels[name], how)
    if isinstance(how, str) and how in STEPS:
        check_rows(model, f"the step {how!r}")
    return name, _moves_of_number(name, how)


def _moves_of_factor(name, levels, how):
    if how is None or (isinstance(how, str) and how in PAIRS):
        return how or "reference"
    if isinstance(how, list | tuple) and len(how) == 2:
        if unknown := [level for level in how if level not in levels]:
            raise ValueError(f"{name!r} has no level {unknown[0]!r}; its levels: {listed(levels)}.")
        return [str(levels.index(level)) for level in how]
    raise ValueError(f"{name!r} is a factor: it moves by one of {listed(PAIRS)}, or [from, to]; found {how!r}.")


def _moves_of_number(name, how):
    if how is None:
        return 1
    if isinstance(how, str) and how in STEPS:
        return how
    numbers = list(how) if isinstance(how, list | tuple) else [how]
    if all(isinstance(value, int | float | np.number) and not isinstance(value, bool) for value in numbers):
        if isinstance(how, list | tuple) and len(how) == 2:
            return [float(value) for value in how]
        if not isinstance(how, list | tuple) and how != 0:
            return float(how)
    raise ValueError(f"{name!r} is numeric: it moves by a step, [from, to], or one of {listed(STEPS)}; found {how!r}.")


def _compared(model, found, variable, how, by, sign):
    """Rows of comparisons, cell by cell, with the contrast named by its levels."""
    labels = found.labels
    if variable in model.levels:
        levels = model.levels[variable]
        names = [f"{levels[hi]}{sign}{levels[lo]}" for hi, lo in found.pairs]
    else:
        names = [_step_label(variable, how, sign)] * len(labels)
    order = labels[by].assign(_row=range(len(labels))).sort_values([*by, "_row"], kind="stable")["_row"].to_numpy()
    named = pd.concat([pd.Series(names, index=labels.index, name="contrast"), labels[by]], axis=1)
    n_levels = len(model.levels.get(variable, ()))
    return Rows(
        labels=named.iloc[order].reset_index(drop=True),
        weights=found.jacobian[order],
        estimate=found.estimate[order],
        by=by,
        n_means=n_levels if how == "pairwise" or (n_levels == 2 and isinstance(how, str)) else None,
        to_reference=how == "reference",
    )


def _step_label(variable, how, sign):
    if isinstance(how, list):
        return f"{variable}: {how[1]:g}{sign}{how[0]:g}"
    names = {"sd": "+1 SD", "2sd": "+2 SD", "iqr": f"Q3{sign}Q1", "minmax": f"max{sign}min"}
    return f"{variable}: {names[how] if isinstance(how, str) else f'{how:+g}'}"


def _differences(rows, how, sign):
    """Differences between the cells of `by`, for each contrast."""
    if how not in PAIRS:
        raise ValueError(f"differences is one of {listed(PAIRS)}; found {how!r}.")
    if not rows.by:
        raise ValueError("differences= compares the cells of by: name them with by=.")
    name = rows.labels.columns[0]
    contrasts = rows.labels[name].unique()
    cells = rows.labels[rows.by].drop_duplicates().reset_index(drop=True)
    if len(cells) < 2:
        raise ValueError(f"differences= needs two cells of {listed(rows.by)} or more; there is one.")
    n = len(cells)
    pairs = {
        "reference": [(hi, 0) for hi in range(1, n)],
        "sequential": [(hi, hi - 1) for hi in range(1, n)],
        "pairwise": [(hi, lo) for lo, hi in combinations(range(n), 2)],
    }[how]
    shown, signs = [], []
    for contrast in contrasts:
        places = np.flatnonzero((rows.labels[name] == contrast).to_numpy())  # one for each cell, in their order
        for hi, lo in pairs:
            texts = [_pair(cells[column].iloc[hi], cells[column].iloc[lo], sign) for column in rows.by]
            shown.append({name: contrast, **dict(zip(rows.by, texts, strict=True))})
            signs.append(np.eye(len(rows.labels))[places[hi]] - np.eye(len(rows.labels))[places[lo]])
    signs = np.array(signs)
    return Rows(
        labels=pd.DataFrame(shown),
        weights=signs @ rows.weights,
        estimate=signs @ rows.estimate,
        by=[name] if len(contrasts) > 1 else [],
        n_means=n if how == "pairwise" or n == 2 else None,
        to_reference=how == "reference",
    )


def _pair(hi, lo, sign):
    return str(hi) if hi == lo else f"{hi}{sign}{lo}"


def _independent(weights):
    """As many of the rows as are independent: the others follow from them."""
    pivots, order = linalg.qr(weights.T, mode="r", pivoting=True)
    size = np.abs(np.diag(pivots))
    return weights[np.sort(order[: int(np.sum(size > 1e-8 * size[0]))])]

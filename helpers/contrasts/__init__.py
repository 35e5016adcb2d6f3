"""Marginal means, comparisons and slopes of a fitted model, each row with the degrees of freedom that are its own.

    from helpers.contrasts import predictions, comparisons
    comparisons(fit, variables="condition", by="gene_name", transform="exp", adjust="holm")

A marginal mean is the average of rows of the model's own fixed columns, times the coefficients; a comparison is a
difference of such rows, a slope their derivative. So each has standard error, degrees of freedom (Satterthwaite's or
Kenward–Roger's for mixed models), t test and interval as any weighted sum of coefficients has. On the scale of the
outcome they follow by the delta method with the exact derivative. For statsmodels' linear and count models the same
calls give the tests that belong to those. The vocabulary is that of marginaleffects (Arel-Bundock, Greifer & Heiss
2024, doi:10.18637/jss.v111.i09) and of R's emmeans.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy import linalg

from helpers.contrasts.averages import Cells, average_comparisons, average_predictions, average_slopes
from helpers.contrasts.differences import check_differences, differences_of
from helpers.contrasts.grids import check_by, check_predictor, check_rows, make_grid
from helpers.contrasts.models import as_model, integrated
from helpers.contrasts.moves import STEPS, move_of_factor, move_of_number
from helpers.contrasts.scales import as_scale
from helpers.contrasts.table import EffectsTable, Request, Rows, effects_table, refuse_zeros, test_note

__all__ = ["comparison_weights", "comparisons", "integrated", "joint_tests", "predictions", "slopes"]


def predictions(
    fit: object,
    by: str | list[str] | None = None,
    *,
    at: dict | None = None,
    grid: Literal["balanced", "proportional", "observed"] | pd.DataFrame = "balanced",
    scale: Literal["link", "response"] = "link",
    offset: float | None = None,
    ddf: Literal["satterthwaite", "kenward-roger", "normal"] | None = None,
    adjust: Literal["holm", "BH", "BY", "bonferroni", "sidak", "tukey", "dunnett", "mvt", "scheffe"] | None = None,
    family: Literal["table", "by"] | None = None,
    transform: Literal["exp", "percent", "log2"] | None = None,
    equivalence: tuple[float, float] | None = None,
    conf_level: float = 0.95,
) -> EffectsTable:
    """Marginal means: predictions averaged within the cells of `by`.

    Parameters
    ----------
    fit : MixedFit, or a statsmodels result
        From `helpers.mixed.fit_mixed`, or from statsmodels' ols, wls, glm, poisson, negativebinomial or logit by
        formula. Of a mixed model, the mean over all groups (random effects at zero). Of a generalised one that is the
        mean of a typical group; for the mean over all groups give ``integrated(fit)``.
    by : str or list of str, optional
        Predictors whose combinations are the rows; without, one mean of all.
    at : dict, optional
        Predictor -> value or values that replace the mean of a numeric predictor, or all levels of a factor.
    grid : {"balanced", "proportional", "observed"} or pandas.DataFrame
        What is averaged over: each combination of factor levels once, numeric predictors at their mean (emmeans' way);
        the same, each combination weighing as many rows as the fit has of it (emmeans' "proportional"); the rows of
        the fit as they are (marginaleffects' way); or rows of one's own. The note under the table says it.
    scale : {"link", "response"}
        For count and other generalized models: the linear predictor, or the mean of the outcome. One and the same for
        linear models.
    offset : float, optional
        The offset to predict at, on the scale of the linear predictor; without, the mean offset (balanced grid) or each
        row's own (observed).
    ddf : {"satterthwaite", "kenward-roger", "normal"}, optional
        Without: Satterthwaite for a mixed model, the residual degrees of freedom for a linear one, z for the others.
    adjust : {"holm", "BH", "BY", "bonferroni", "sidak", "tukey", "dunnett", "mvt", "scheffe"}, optional
        Correct the p-values for testing a family; statsmodels' names, such as "fdr_bh", are understood, too. "tukey" is
        for all pairwise differences, "dunnett" for comparisons with a reference, "mvt" (multivariate t) uses the
        estimates' own correlation, "scheffe" holds for every contrast of the family's means, also for one chosen after
        looking. All but "holm", "BH" and "BY" come with simultaneous intervals.
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
    UnknownNameError
        A name is no predictor of the model's fixed part.
    ValueError
        What was asked for does not exist for this model; the message says what does.
    """
    request = Request(ddf, adjust, family, transform, equivalence, conf_level).checked()
    model, by, over = _prepared(fit, by, at, grid, offset)
    response, cells = _on_response(model, scale), Cells.of(model, over, by)
    estimate, jacobian = average_predictions(model, over, cells, response=response)
    return effects_table(model, Rows(cells.labels, jacobian, estimate, by=[]), request, _note(model, over, response))


def comparisons(
    fit: object,
    variables: str | dict,
    by: str | list[str] | None = None,
    *,
    differences: str | dict | None = None,
    at: dict | None = None,
    grid: Literal["balanced", "proportional", "observed"] | pd.DataFrame = "balanced",
    scale: Literal["link", "response"] = "link",
    offset: float | None = None,
    ddf: Literal["satterthwaite", "kenward-roger", "normal"] | None = None,
    adjust: str | None = None,
    family: Literal["table", "by"] | None = None,
    transform: str | None = None,
    equivalence: tuple[float, float] | None = None,
    conf_level: float = 0.95,
) -> EffectsTable:
    """How the predicted mean changes as one predictor does, averaged within the cells of `by`.

    Parameters
    ----------
    fit, at, grid, scale, offset, ddf, adjust, family, transform, equivalence, conf_level
        As in `predictions`.
    variables : str or dict
        The predictor, or ``{predictor: how}``. How a factor changes: "reference" (each level against the first; the
        default), "pairwise", "sequential", "eff" (each level against the mean of all), "helmert" (each against the mean
        of those before it), "poly" (linear, quadratic, …: orthogonal polynomials in whole numbers), two levels
        ``["from", "to"]``, or weights of your own, which sum to zero: ``{"A against B and C": {"A": 1, "B": -0.5, "C":
        -0.5}, …}``. How a number changes: by a step (1 is the default), half of it to each side of where the predictor
        stands; between two values ``[from, to]``; or by "sd", "2sd" (to both sides), "iqr", "minmax". Always later
        minus earlier.
    by : str or list of str, optional
        Predictors within whose combinations the comparison is made.
    differences : {"pairwise", "reference", "sequential", "eff", "helmert", "poly"} or dict, optional
        Differences between the cells of `by`, later minus earlier: a "difference of differences". Its label in the
        column of `by` is "B - A" ("B / A" where `transform` gives ratios). The last three, and weights of your own as
        in `variables`, are for one predictor in `by`.

    Returns
    -------
    EffectsTable
        ``contrast``, the columns of `by`, then as in `predictions`.

    Raises
    ------
    UnknownNameError, ValueError
        As in `predictions`.
    """
    request = Request(ddf, adjust, family, transform, equivalence, conf_level).checked()
    check_differences(differences)
    sign = as_scale(transform).sign
    model, rows, note = _compared(fit, variables, by, at, grid, offset, scale, sign)
    if differences is not None:
        rows = differences_of(rows, differences, sign)
    return effects_table(model, rows, request, note)


def comparison_weights(
    fit: object,
    variables: str | dict,
    by: str | Sequence[str] | None = None,
    *,
    at: dict | None = None,
    grid: Literal["balanced", "proportional", "observed"] | pd.DataFrame = "balanced",
) -> tuple[pd.DataFrame, pd.DataFrame]:
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
    UnknownNameError, ValueError
        As in `predictions`.
    """
    rows = comparison_rows(fit, variables, by, at=at, grid=grid)
    return rows.labels, pd.DataFrame(rows.weights, index=rows.labels.index)


def comparison_rows(
    fit: object,
    variables: str | dict,
    by: str | Sequence[str] | None = None,
    *,
    at: dict | None = None,
    grid: Literal["balanced", "proportional", "observed"] | pd.DataFrame = "balanced",
) -> Rows:
    """As `comparison_weights`, with what tells which families the rows form: for other modules of `helpers`."""
    _, rows, _ = _compared(fit, variables, by, at, grid, None, "link", " - ")
    return rows


def slopes(
    fit: object,
    variable: str,
    by: str | Sequence[str] | None = None,
    *,
    differences: str | dict | None = None,
    at: dict | None = None,
    grid: Literal["balanced", "proportional", "observed"] | pd.DataFrame = "balanced",
    scale: Literal["link", "response"] = "link",
    offset: float | None = None,
    ddf: Literal["satterthwaite", "kenward-roger", "normal"] | None = None,
    adjust: str | None = None,
    family: Literal["table", "by"] | None = None,
    equivalence: tuple[float, float] | None = None,
    conf_level: float = 0.95,
) -> EffectsTable:
    """Slopes of a numeric predictor: the change of the predicted mean per unit, averaged within the cells of `by`.

    Parameters
    ----------
    variable : str
        A numeric predictor. It may stand in `by` as well, at several values of `at`: its slope at each of them.
    fit, by, differences, at, grid, scale, offset, ddf, adjust, family, equivalence, conf_level
        As in `comparisons`.

    Returns
    -------
    EffectsTable
        ``term``, the columns of `by`, then as in `predictions`.

    Raises
    ------
    UnknownNameError, ValueError
        As in `predictions`.
    """
    request = Request(ddf, adjust, family, None, equivalence, conf_level).checked()
    check_differences(differences)
    model, by, over = _prepared(fit, by, at, grid, offset)
    response, cells = _on_response(model, scale), Cells.of(model, over, by)
    check_predictor(model, variable, "variable")
    if variable in model.levels:
        raise ValueError(f"{variable!r} is a factor and has no slope: use comparisons(fit, {variable!r}).")
    estimate, jacobian = average_slopes(model, over, cells, variable, response=response)
    labels = pd.concat([pd.Series(variable, index=cells.labels.index, name="term"), cells.labels], axis=1)
    rows = Rows(labels, jacobian, estimate, by, size=np.abs(jacobian))
    if differences is not None:
        rows = differences_of(rows, differences, " - ")
    return effects_table(model, rows, request, _note(model, over, response))


def joint_tests(
    fit: object,
    variables: str | dict,
    by: str | Sequence[str] | None = None,
    *,
    differences: str | dict | None = None,
    at: dict | None = None,
    grid: Literal["balanced", "proportional", "observed"] | pd.DataFrame = "balanced",
    ddf: Literal["satterthwaite", "kenward-roger", "normal"] | None = None,
) -> EffectsTable:
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
    UnknownNameError, ValueError
        As in `predictions`.
    """
    check_differences(differences)
    model, rows, note = _compared(fit, variables, by, at, grid, None, "link", " - ")
    method, cells = model.ddf(ddf), rows.by
    if differences is not None:
        rows, cells = differences_of(rows, differences, " - "), []
    refuse_zeros(model, rows)
    if not (known := model.estimable(rows.weights)).all():
        name = " ".join(map(str, rows.labels[~known].iloc[0]))
        raise ValueError(
            f"{name!r} cannot be estimated, and no joint test holds it: the fit left out "
            f"{', '.join(model.dropped.sentences)}. Ask for cells that have rows, or for comparisons() of the others."
        )
    groups = rows.labels.groupby(cells, observed=True, sort=False).indices if cells else {(): slice(None)}
    tests = []
    for cell, places in groups.items():
        names = dict(zip(cells, cell if isinstance(cell, tuple) else (cell,), strict=True))
        tests.append(names | model.joint_test(_independent(rows.weights[places]), method))
    table = EffectsTable(pd.DataFrame(tests))
    table.note = f"{note[:1].upper()}{note[1:]}; {test_note(method).replace('t tests', 'F tests')}."
    return table


def _prepared(fit, by, at, grid, offset, moved=()):
    model = as_model(fit)
    by = check_by(model, by, at)
    return model, by, make_grid(model, grid, at, offset, by, moved)


def _on_response(model, scale):
    if scale not in ("link", "response"):
        raise ValueError(f"scale is 'link' or 'response'; found {scale!r}.")
    return scale == "response" and model.link is not None


def _note(model, over, response):
    """What is averaged over, random effects included."""
    return f"{over.note}; {model.random_note}" if response and model.random_note else over.note


def _compared(fit, variables, by, at, grid, offset, scale, sign):
    """The rows of `comparisons`, cell by cell, before anything is tested; with the model, and what is averaged over."""
    name, how = _variable(variables)
    model, by, over = _prepared(fit, by, at, grid, offset, [name])
    response, cells = _on_response(model, scale), Cells.of(model, over, by)
    move = _move(model, name, how, over, by, sign)
    estimate, jacobian, size = average_comparisons(model, over, cells, name, move, response=response)
    places = np.repeat(np.arange(len(cells.labels)), len(move.names))
    contrast = pd.Series(move.names * len(cells.labels), name="contrast")
    labels = pd.concat([contrast, cells.labels.iloc[places].reset_index(drop=True)], axis=1)
    return (
        model,
        Rows(labels, jacobian, estimate, by, move.n_means, move.to_reference, size),
        _note(model, over, response),
    )


def _variable(variables):
    """The one predictor that moves, and how."""
    ways = dict(variables) if isinstance(variables, dict) else {variables: None} if isinstance(variables, str) else {}
    if len(ways) != 1 or not isinstance(next(iter(ways)), str):
        raise ValueError(f"variables is one predictor, or {{predictor: how}}; found {variables!r}.")
    return next(iter(ways.items()))


def _move(model, name, how, over, by, sign):
    """How the predictor moves; refused if it cannot."""
    check_predictor(model, name, "variables")
    if name in by:
        raise ValueError(f"{name!r} cannot stand in variables and in by: it either moves or stays.")
    if name in model.levels:
        return move_of_factor(name, model.levels[name], how, sign)
    if isinstance(how, str) and how in STEPS:
        check_rows(model, f"the step {how!r}")
    at_fit, here = (rows[name].to_numpy(dtype=float) for rows in (model.predictors, over.rows))
    return move_of_number(name, how, at_fit, here, sign)


def _independent(weights):
    """As many of the rows as are independent: the others follow from them."""
    pivots, order = linalg.qr(weights.T, mode="r", pivoting=True)
    size = np.abs(np.diag(pivots))
    return weights[np.sort(order[: int(np.sum(size > 1e-8 * size[0]))])]

"""How numbers are shown: rounding happens here and nowhere before."""

import re
import sys

import numpy as np
import pandas as pd

TOLERANCE = 1e-10
STARS = {0.001: "***", 0.01: "**", 0.05: "*"}
R_STARS = STARS | {0.1: "."}
R_LEGEND = "---\nSignif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1"


def use_style() -> None:
    """Show four significant digits in every table: call it once, in a lesson's first cell."""
    pd.options.display.float_format = "{:.4g}".format
    pd.options.display.max_columns = 20
    pd.options.display.width = 160


def beside_r(rows: list[tuple], *, tolerance: float = TOLERANCE) -> pd.DataFrame:
    """R's numbers and ours, side by side with their difference.

    Parameters
    ----------
    rows : list of tuple
        ``(quantity, R call, R's number, ours)``; the R call says how a reader gets the number in R.
    tolerance : float
        Differences up to this are shown as "< tolerance": what lies beneath is the rounding of two machines.

    Returns
    -------
    pandas.DataFrame
        Index `quantity`; columns ``in R``, ``R``, ``Python``, ``difference``.
    """
    table = pd.DataFrame(rows, columns=["quantity", "in R", "R", "Python"]).set_index("quantity")
    gaps = (table["Python"] - table["R"]).abs()
    table["difference"] = [f"< {tolerance:.0e}" if gap < tolerance else f"{gap:.1e}" for gap in gaps]
    return table


def name_in_r(term: str) -> str:
    """A coefficient's name as R prints it: ``condition[T.DRUG]:gene_name[T.A]`` is ``conditionDRUG:gene_nameA``."""
    return re.sub(r"\[T\.(.*?)\](?=:|$)", r"\1", term)


def as_r_prints(table: pd.DataFrame) -> str:
    """A mixed model's table of coefficients, character by character as R's lmerTest prints it.

    Parameters
    ----------
    table : pandas.DataFrame
        As `MixedFit.coefficients` returns it, tested by t (not ``ddf="normal"``).

    Returns
    -------
    str
        Header, one line per coefficient, and the legend of the stars where there are any. Lines are not broken: R
        breaks those of a table that is wider than its window.

    Raises
    ------
    ValueError
        Degrees of freedom are infinite: R prints no such table.

    Notes
    -----
    R's help pages of ``printCoefmat``, ``format`` and ``format.pval`` say how: estimates, standard errors and degrees
    of freedom share one format, in which the smallest has four significant digits; it is scientific where that is
    narrower. t has up to three decimals, p three significant digits.
    """
    if np.isinf(table["df"]).any():
        raise ValueError('R\'s table has t tests; found infinite df: take .coefficients() without ddf="normal".')
    alike = _in_one_format(_rounded(table[["estimate", "std_error", "df"]].to_numpy().ravel()), digits=4)
    alike = _column(alike, str.rjust)
    columns = {
        "Estimate": alike[0::3],
        "Std. Error": alike[1::3],
        "df": alike[2::3],
        "t value": _in_one_format(table["statistic"].round(3), digits=4),
        "Pr(>|t|)": _p_values_in_r(table["p_value"]),
    }
    blocks = [_column(["", *map(name_in_r, table.index)], str.ljust)]
    blocks += [_column([name, *entries], str.rjust) for name, entries in columns.items()]
    marks = [_stars(p, R_STARS) for p in table["p_value"]]
    if any(marks):
        blocks.append(_column(["", *marks], str.ljust))
    lines = "\n".join(map(" ".join, zip(*blocks, strict=True)))
    return f"{lines}\n{R_LEGEND}" if any(marks) else lines


def _column(entries, justify):
    width = max(map(len, entries))
    return [justify(entry, width) for entry in entries]


def _rounded(numbers, digits=4):
    """To as many decimals as give the smallest so many significant digits: R rounds thus before it formats."""
    smallest = np.abs(numbers[numbers != 0]).min()
    return np.round(numbers, max(1, digits - 1 - int(np.floor(np.log10(smallest)))))


def _in_one_format(numbers, digits):
    """Numbers as R's format() writes them: the same decimals for all, enough for the one that needs most."""
    parts = [f"{number:.{digits - 1}e}".split("e") for number in numbers]
    mantissas = [len(mantissa.replace("-", "").rstrip("0").rstrip(".").replace(".", "")) for mantissa, _ in parts]
    decimals = [used - 1 - int(power) for used, (_, power) in zip(mantissas, parts, strict=True)]
    fixed = [f"{number:.{max(0, *decimals)}f}" for number in numbers]
    scientific = [f"{number:.{max(mantissas) - 1}e}" for number in numbers]
    return fixed if max(map(len, fixed)) <= max(map(len, scientific)) else scientific


def _p_values_in_r(p_values):
    """Small ones (below 0.0001) in one format, the others in another; those that R's arithmetic cannot tell from 0."""
    shown, epsilon = dict.fromkeys(range(len(p_values))), sys.float_info.epsilon
    for low, high in [(0, 1e-4), (1e-4, np.inf)]:
        places = [place for place, p in enumerate(p_values) if max(low, epsilon) <= p < high]
        if places:
            shown |= zip(places, _in_one_format([p_values.iloc[place] for place in places], digits=3), strict=True)
    wide = max((len(text) for text in shown.values() if text), default=0) > len("<2e-16")
    return [text or f"<{' ' if wide else ''}{epsilon:.0e}" for text in shown.values()]


def side_by_side(models: dict, *, digits: int = 3, stars: dict[float, str] = STARS) -> pd.DataFrame:
    """Several models in one table, a column each, as papers print them and R's stargazer does.

    Parameters
    ----------
    models : dict
        Title of the column -> a fitted model: statsmodels' linear model, or `helpers.mixed.MixedFit`.
    digits : int
        Digits after the point.
    stars : dict
        Threshold -> mark; the smallest threshold above a p-value gives its mark.

    Returns
    -------
    pandas.DataFrame
        Strings. For each term the estimate with its stars and, below it, the standard error in brackets; then what
        describes the model as a whole. For a paper: ``.to_latex()``, or ``.to_html()``, which Word takes when pasted.
    """
    columns = {title: _coefficients(model, digits, stars) for title, model in models.items()}
    footers = {title: _footer(model, digits) for title, model in models.items()}
    rows = []
    for term in dict.fromkeys(term for column in columns.values() for term in column):
        cells = [column.get(term, ("", "")) for column in columns.values()]
        rows += [(term, *(estimate for estimate, _ in cells)), ("", *(error for _, error in cells))]
    for name in dict.fromkeys(name for footer in footers.values() for name in footer):
        rows.append((name, *(footer.get(name, "") for footer in footers.values())))
    return pd.DataFrame([row[1:] for row in rows], index=[row[0] for row in rows], columns=list(models))


def _coefficients(model, digits, stars):
    """Term -> (estimate with stars, standard error in brackets)."""
    if hasattr(model, "coefficients"):  # ours
        table = model.coefficients()
        triples = zip(table.index, table["estimate"], table["std_error"], table["p_value"], strict=True)
    else:
        triples = zip(model.params.index, model.params, model.bse, model.pvalues, strict=True)
    return {
        "(Intercept)" if term == "Intercept" else term: (
            f"{estimate:.{digits}f}{_stars(p, stars)}",
            f"({error:.{digits}f})",
        )
        for term, estimate, error, p in triples
    }


def _stars(p, stars):
    return next((mark for threshold, mark in sorted(stars.items()) if p < threshold), "")


def _footer(model, digits):
    """What describes the model as a whole."""
    if hasattr(model, "variance_components"):
        between = model.variance_components
        variances = {
            f"Variance, {row.group}{'' if row.group == 'Residual' else f' {row.term_1}'}": f"{row.vcov:.{digits}f}"
            for row in between[between["term_2"].isna()].itertuples()
        }
        return (
            {"Observations": f"{model.n_obs:,}"} | variances | {"Log-likelihood": f"{model.log_likelihood:.{digits}f}"}
        )
    df, left = int(model.df_model), int(model.df_resid)
    return {
        "Observations": f"{int(model.nobs):,}",
        "R²": f"{model.rsquared:.{digits}f}",
        "Adjusted R²": f"{model.rsquared_adj:.{digits}f}",
        "Residual SD": f"{model.scale**0.5:.{digits}f} (df {left})",
        "F": f"{model.fvalue:.{digits}f}{_stars(model.f_pvalue, STARS)} (df {df}, {left})",
    }

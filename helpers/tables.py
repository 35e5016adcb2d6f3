"""How numbers are shown: rounding happens here and nowhere before."""

import pandas as pd

TOLERANCE = 1e-10
STARS = {0.001: "***", 0.01: "**", 0.05: "*"}


def use_style():
    """Show four significant digits in every table: call it once, in a lesson's first cell."""
    pd.options.display.float_format = "{:.4g}".format
    pd.options.display.max_columns = 20
    pd.options.display.width = 160


def beside_r(rows, *, tolerance=TOLERANCE):
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


def side_by_side(models, *, digits=3, stars=STARS):
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

"""How numbers are shown: rounding happens here and nowhere before."""

import pandas as pd

TOLERANCE = 1e-10


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

"""The table of tests that all models share: t, z, F and χ² from estimates, standard errors and degrees of freedom.

Arrays in, columns out. p-values come from survival functions, for 1 − cdf has no digits left where p is small.
"""

import numpy as np
from scipy import special, stats


def wald_columns(
    estimate: np.ndarray, std_error: np.ndarray, df: float | np.ndarray, conf_level: float = 0.95
) -> dict[str, np.ndarray]:
    """Tests that estimates are zero, with their intervals.

    Parameters
    ----------
    estimate, std_error : numpy.ndarray
        Of one shape. NaN where there is no test.
    df : numpy.ndarray or float
        Degrees of freedom, of that shape or broadcast to it; infinite gives z tests.
    conf_level : float

    Returns
    -------
    dict of str to numpy.ndarray
        ``estimate, std_error, df, statistic, p_value, conf_low, conf_high``, in the order of every table of tests.
    """
    estimate, std_error = np.asarray(estimate, dtype=float), np.asarray(std_error, dtype=float)
    df = np.broadcast_to(np.asarray(df, dtype=float), estimate.shape)
    statistic = estimate / std_error
    half = stats.t.isf((1 - conf_level) / 2, df) * std_error
    return {
        "estimate": estimate,
        "std_error": std_error,
        "df": df,
        "statistic": statistic,
        "p_value": two_sided(statistic, df),
        "conf_low": estimate - half,
        "conf_high": estimate + half,
    }


def two_sided(statistic: float | np.ndarray, df: float | np.ndarray) -> float | np.ndarray:
    """P(|T| ≥ |t|): Student's t, or the normal distribution where `df` is infinite.

    Parameters
    ----------
    statistic, df : numpy.ndarray or float

    Returns
    -------
    numpy.ndarray
    """
    tail = -np.abs(statistic)
    return 2 * np.where(np.isinf(df), special.ndtr(tail), special.stdtr(df, tail))


def f_p_value(
    statistic: float | np.ndarray, num_df: float | np.ndarray, den_df: float | np.ndarray
) -> float | np.ndarray:
    """P(F ≥ f): Fisher's F, or its limit χ²/`num_df` where `den_df` is infinite.

    Parameters
    ----------
    statistic, num_df, den_df : numpy.ndarray or float

    Returns
    -------
    numpy.ndarray or float
    """
    known = np.isinf(den_df)
    p = np.where(
        known,
        stats.chi2.sf(np.multiply(num_df, statistic), num_df),
        stats.f.sf(statistic, num_df, np.where(known, 1, den_df)),
    )
    return p[()]

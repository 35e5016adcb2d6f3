"""Which columns of a matrix are combinations of columns before them. Arrays in, sentences out."""

from collections.abc import Sequence

import numpy as np
from scipy import linalg

TOLERANCE = 1e-7  # R's: the part of a column, its length taken as 1, that no column before it explains


def aliases(matrix: np.ndarray, names: Sequence[str]) -> list[str]:
    """Say of each column that earlier columns add up to which ones they are.

    Parameters
    ----------
    matrix : numpy.ndarray
        One column per name, all values finite.
    names : sequence of str
        What to call the columns.

    Returns
    -------
    list of str
        Empty if the columns are independent; else, in their order, ``"'b' is a combination of '(Intercept)' and 'a'"``,
        ``"'b' is a multiple of 'a'"``, ``"'b' is 0 in every row"``.
    """
    return [f"{names[place]!r} is {sentence}" for place, (_, sentence) in combinations_of(matrix, names).items()]


def combinations_of(matrix: np.ndarray, names: Sequence[str]) -> dict[int, tuple[np.ndarray, str]]:
    """Of each column that earlier columns add up to its weights on those, and what it is in words.

    Parameters
    ----------
    matrix, names
        As for `aliases`.

    Returns
    -------
    dict of int to tuple
        Place of the column -> the weights of the columns before it that are no such combination, every column of length
        1; and ``"a combination of '(Intercept)' and 'a'"``.
    """
    norms = np.linalg.norm(matrix, axis=0)
    scaled = matrix / np.where(norms > 0, norms, 1)
    # Squaring loses half the digits: what is independent in these products surely is; for the rest, QR decides.
    if np.linalg.eigvalsh(scaled.T @ scaled)[:1].min(initial=1) > 1e-6:
        return {}
    r = np.linalg.qr(scaled, mode="r")
    pivots = linalg.qr(r, mode="r", pivoting=True)[0].diagonal()
    if len(pivots) == len(names) and np.abs(pivots).min() > TOLERANCE:
        return {}
    kept, found = [], {}
    for place in range(len(names)):
        weights = np.linalg.lstsq(r[:, kept], r[:, place], rcond=None)[0]
        if np.linalg.norm(r[:, place] - r[:, kept] @ weights) > TOLERANCE:
            kept.append(place)
        else:
            others = [repr(names[kept[i]]) for i in np.flatnonzero(np.abs(weights) > TOLERANCE)]
            found[place] = weights, _sum_of(others)
    return found


def far_from_zero(matrix: np.ndarray, names: Sequence[str]) -> list[str]:
    """Say of each column that only its distance from zero makes a combination of earlier ones what to do.

    Parameters
    ----------
    matrix, names
        As for `aliases`.

    Returns
    -------
    list of str
        Empty if there is none; else ``"'time' varies by 3.1 around 1e+12, …: centre it (subtract its mean)"``.
    """
    sentences = []
    for place, name in enumerate(names):
        column = matrix[:, place]
        spread = column - column.mean()
        length, rounding = np.linalg.norm(spread), np.spacing(np.abs(column).max()) * np.sqrt(len(column))
        if length > TOLERANCE * np.linalg.norm(column) or length <= 4 * rounding:
            continue  # far from a constant, or one
        q = linalg.qr(matrix[:, :place], mode="economic")[0]
        if np.linalg.norm(spread - q @ (q.T @ spread)) > max(TOLERANCE * length, 4 * rounding):
            sentences.append(
                f"{name!r} varies by {np.ptp(column):.3g} around {column.mean():.3g}, so far from 0 that it cannot be "
                "told from a constant: centre it (subtract its mean)"
            )
    return sentences


def _sum_of(names):
    if not names:
        return "0 in every row"
    return (
        f"a multiple of {names[0]}"
        if len(names) == 1
        else f"a combination of {' and '.join(names[:5] + ['others'] * (len(names) > 5))}"
    )

"""Local quadratic regression on a line, blended between a few places as R's ``loess`` does it.

Cleveland & Devlin 1988, doi:10.1080/01621459.1988.10478639; Cleveland & Grosse 1991, doi:10.1007/BF01890836: the points
are halved until a cell holds few, a quadratic is fitted at each border, and between borders a cubic joins their values
and slopes.
"""

import numpy as np

CELL = 0.2  # of the neighbourhood: cells are halved down to this many points
MARGIN = 0.005  # of the range, beyond the first and the last point
NEAR, FAR = 0.001, 0.999  # of the reach: from here on a weight is 1, or 0


def loess(x, y, span, places):
    """Smooth y along x.

    Parameters
    ----------
    x, y : numpy.ndarray, shape (n,)
        x in ascending order, no two alike.
    span : float
        The share of the points in a neighbourhood, below 1.
    places : numpy.ndarray, shape (m,)
        Where the smooth curve is wanted; within the range of x.

    Returns
    -------
    numpy.ndarray, shape (m,)
    """
    beyond = MARGIN * np.ptp(x)
    borders = np.array([x[0] - beyond, *_cuts(x, int(len(x) * span * CELL)), x[-1] + beyond])
    values, slopes = np.transpose([_quadratic(x, y, int(len(x) * span + 1e-5), border) for border in borders])
    cell = np.clip(np.searchsorted(borders, places, side="left") - 1, 0, len(borders) - 2)
    width = borders[cell + 1] - borders[cell]
    t = (places - borders[cell]) / width
    left, right = (1 - t) ** 2, t**2
    return (
        left * (1 + 2 * t) * values[cell]
        + right * (3 - 2 * t) * values[cell + 1]
        + width * (left * t * slopes[cell] - right * (1 - t) * slopes[cell + 1])
    )


def _cuts(x, most):
    """The points at which cells are halved, in ascending order."""
    if len(x) <= most:
        return []
    middle = (len(x) - 1) // 2
    return [*_cuts(x[: middle + 1], most), x[middle], *_cuts(x[middle + 1 :], most)]


def _quadratic(x, y, neighbours, place):
    """Value and slope of the quadratic fitted around a place, tricube weights."""
    distance = np.abs(x - place)
    reach = np.partition(distance, neighbours - 1)[neighbours - 1]
    ratio = distance / reach
    weights = np.where(ratio < FAR, np.where(ratio > NEAR, (1 - np.minimum(ratio, 1) ** 3) ** 3, 1), 0)
    root = np.sqrt(weights)
    columns = np.vander(x - place, 3, increasing=True)
    found = np.linalg.lstsq(columns * root[:, None], y * root, rcond=None)[0]
    return found[0], found[1]

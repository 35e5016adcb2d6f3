"""A smooth curve of dispersions along the mean where α = a + b/mean does not fit: local quadratic regression of logs.

Loader 1999, *Local Regression and Likelihood*, doi:10.1007/b98858, as R's ``locfit`` with its defaults: the quadratic
is fitted at the ends, and halfway between two places as long as they lie further apart than 0.8 of what their
neighbours reach; a cubic joins values and slopes in between. Genes weigh as much as their mean count, as DESeq2 has it
(Love, Huber & Anders 2014, doi:10.1186/s13059-014-0550-8).
"""

import numpy as np

SHARE = 0.7  # of the genes are neighbours
WIDEST = 0.8


class LocalCurve:
    """The curve.

    Parameters
    ----------
    dispersion, mean_count : numpy.ndarray, shape (n_genes,)
        Above 0.
    """

    def __init__(self, dispersion, mean_count):
        self._x, self._y, self._weights = np.log(mean_count), np.log(dispersion), mean_count
        found = {end: self._quadratic(end) for end in (self._x.min(), self._x.max())}
        cells = [tuple(found)] if len(found) == 2 else []
        while cells:
            low, high = cells.pop()
            if high - low > WIDEST * min(found[low][2], found[high][2]):
                middle = (low + high) / 2
                found[middle] = self._quadratic(middle)
                cells += [(low, middle), (middle, high)]
        self._places = np.array(sorted(found))
        self._bend = self._fitted(0.0, np.ones_like(self._x))[2]
        self._values, self._slopes, _ = np.array([found[place] for place in self._places]).T

    def __call__(self, mean_count):
        """The dispersion at these means; beyond those it was made of the outermost slope goes on, bent as all genes."""
        x = np.log(mean_count)
        inside = np.clip(x, self._places[0], self._places[-1])
        end = np.where(x < self._places[0], 0, -1)
        beyond = x - inside
        return np.exp(self._within(inside) + self._slopes[end] * beyond + self._bend * beyond**2)

    def _within(self, x):
        """The cubics between the places."""
        if len(self._places) == 1:
            return np.full(len(x), self._values[0])
        cell = np.clip(np.searchsorted(self._places, x, side="right") - 1, 0, len(self._places) - 2)
        width = self._places[cell + 1] - self._places[cell]
        t = (x - self._places[cell]) / width
        left, right = (1 - t) ** 2, t**2
        values = left * (1 + 2 * t) * self._values[cell] + right * (3 - 2 * t) * self._values[cell + 1]
        return values + width * (left * t * self._slopes[cell] - right * (1 - t) * self._slopes[cell + 1])

    def _quadratic(self, place):
        """Value and slope of the quadratic fitted around a place, and how far its neighbours reach."""
        distance = np.abs(self._x - place)
        neighbours = max(1, int(len(self._x) * SHARE))
        reach = np.partition(distance, neighbours - 1)[neighbours - 1]
        weights = np.maximum(1 - (distance / reach) ** 3, 0) ** 3 if reach > 0 else (distance == 0).astype(float)
        value, slope, _ = self._fitted(place, weights)
        return value, slope, reach if reach > 0 else np.inf

    def _fitted(self, place, weights):
        """Coefficients of the quadratic around a place."""
        root = np.sqrt(weights * self._weights)
        columns = np.vander(self._x - place, 3, increasing=True)
        return np.linalg.lstsq(columns * root[:, None], self._y * root, rcond=None)[0]

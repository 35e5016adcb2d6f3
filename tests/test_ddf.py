"""`helpers.mixed.ddf` by itself: quantities written by hand, and the neighbourhood of two degrees of freedom."""

import numpy as np
import pytest
from scipy import optimize

from helpers.mixed.ddf import KenwardRoger


def one_parameter(certainty, moved=(1.0, 0.3)):
    """Two contrasts, one variance parameter: m depends on how well that parameter is known."""
    p_k = -np.diag(moved)[None]
    return KenwardRoger(np.eye(2), np.eye(2), p_k, np.array([[1 / certainty]]))


def f_test(certainty):
    return one_parameter(certainty).test(np.eye(2), np.array([3.0, 4.0]))


def by_the_formulas(certainty, moved=(1.0, 0.3)):
    """λ and m as in Halekoh & Højsgaard 2014, written out for this case (q = 2, Θ = Φ = I)."""
    a1, a2 = sum(moved) ** 2 / certainty, sum(m * m for m in moved) / certainty
    b, g = (a1 + 6 * a2) / 4, (3 * a1 - 6 * a2) / (4 * a2)
    c = np.array([g, 2 - g, 4 - g]) / (6 + 2 * (1 - g))
    mean = 1 / (1 - a2 / 2)
    variance = (1 + c[0] * b) / ((1 - c[1] * b) ** 2 * (1 - c[2] * b))
    m = 4 + 4 / (2 * variance / (2 * mean**2) - 1)
    return m / (mean * (m - 2)), m


@pytest.mark.parametrize("certainty", [3.0, 7.0, 40.0])
def test_kenward_roger_follows_the_published_formulas(certainty):
    scale, m = by_the_formulas(certainty)
    f, num_df, den_df = f_test(certainty)
    assert (f / 12.5, num_df, den_df) == (pytest.approx(scale, rel=1e-10), 2, pytest.approx(m, rel=1e-10))


def test_near_two_degrees_of_freedom_the_scale_is_held_at_one():
    """λ = m/(E(m − 2)) has no bound at m = 2; within 0.01 of it F is left as it is, beyond it is not."""

    def found(m):
        certainty = optimize.brentq(lambda c: by_the_formulas(c)[1] - m, 0.5455, 0.55, xtol=1e-15)
        f, _, df = f_test(certainty)
        assert df == pytest.approx(m, abs=1e-9)
        return f / 12.5, by_the_formulas(certainty)[0]

    for m in (1.995, 2.0, 2.005):
        assert found(m)[0] == pytest.approx(1, abs=1e-12)
    for m in (1.98, 2.02):
        scale, published = found(m)
        assert scale == pytest.approx(published, rel=1e-6)
        assert abs(scale - 1) > 0.05

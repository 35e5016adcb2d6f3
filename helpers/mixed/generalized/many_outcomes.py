"""Count models with one random intercept of many outcomes of the same rows, such as genes, all at once.

Laplace's approximation and its gradient as in `laplace`, with an axis for the outcomes in front; searched from there by
quasi-Newton steps, each outcome with its own, and ended by Newton's with a Hessian of differences of the gradient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.mixed.generalized.ascent import GAINED, LONGEST, WIDTH
from helpers.mixed.generalized.conditional_modes import SETTLED
from helpers.mixed.generalized.likelihoods import NegativeBinomial, Poisson

AT_ONCE = 2048  # outcomes: their arrays need little memory
MODE_STEPS, ROUNDS, ENDINGS, HALVINGS = 60, 25, 12, 25
ZERO = 1e-4  # a standard deviation below it is zero
NO_VARIANCE = 0.02  # a standard deviation from which on another start is tried
CLOSE = 1e-8  # what a further quasi-Newton step promises: Newton's then end after one Hessian
NO_SPREAD = np.log(5e3)  # of θ, from where on a Poisson distribution may be as likely
DEVIATIONS = (0.4, 1.2)  # to begin with


@dataclass(frozen=True)
class ManyFits:
    """The optimum of every outcome.

    Attributes
    ----------
    beta : (g, p)
    deviation : (g,)
        Standard deviation of the random intercept.
    theta : (g,)
        Of the negative binomial; infinite where the counts vary no more than Poisson's.
    covariance : (g, p, p)
        Of β, the other parameters being estimated, too.
    log_likelihood : (g,)
    reached : (g,) bool
        Whether the optimum was verified.
    """

    beta: np.ndarray
    deviation: np.ndarray
    theta: np.ndarray
    covariance: np.ndarray
    log_likelihood: np.ndarray
    reached: np.ndarray


def fit_many(y: np.ndarray, x: np.ndarray, codes: np.ndarray, offset: np.ndarray) -> ManyFits:
    """Fit negative binomial models with the logarithmic link and one random intercept.

    Parameters
    ----------
    y : (g, n)
        Counts, one row per outcome; none is zero throughout.
    x : (n, p)
        Fixed columns.
    codes : (n,)
        The level of each column of `y`, counted from 0.
    offset : (n,)

    Returns
    -------
    ManyFits
    """
    n = len(x)
    q, r = np.linalg.qr(x)
    scaled, back = q * np.sqrt(n), np.linalg.inv(r / np.sqrt(n))
    rows = _Rows(scaled, np.eye(int(codes.max()) + 1)[codes], codes, offset)
    parts = [_fit(y[start : start + AT_ONCE], rows) for start in range(0, len(y), AT_ONCE)]
    parameters, value, covariance, theta, reached = (np.concatenate(each) for each in zip(*parts, strict=True))
    p = x.shape[1]
    return ManyFits(
        beta=parameters[:, :p] @ back.T,
        deviation=np.abs(parameters[:, p]),
        theta=theta,
        covariance=back @ covariance[:, :p, :p] @ back.T,
        log_likelihood=value,
        reached=reached,
    )


@dataclass(frozen=True)
class _Rows:
    """What all outcomes share: scaled fixed columns (n, p), levels as columns (n, q) and as codes, offset."""

    x: np.ndarray
    levels: np.ndarray
    codes: np.ndarray
    offset: np.ndarray


@dataclass
class _State:
    """Parameters (g, d), log-likelihood (g,), gradient (g, d), modes (g, q) of outcomes."""

    at: np.ndarray
    value: np.ndarray
    gradient: np.ndarray
    modes: np.ndarray

    def of(self, chosen):
        return _State(self.at[chosen], self.value[chosen], self.gradient[chosen], self.modes[chosen])

    def take(self, places, other, chosen):
        for name in ("at", "value", "gradient", "modes"):
            getattr(self, name)[places] = getattr(other, name)[chosen]


def _fit(y, rows):
    """All of it for some outcomes: parameters, log-likelihood, covariance, θ, whether reached."""
    g, p = len(y), rows.x.shape[1]
    state, covariance, reached = _best(y, rows, _first(y, rows), spread=True)
    doubtful = np.flatnonzero(~reached | (state.at[:, p + 1] > NO_SPREAD))
    endless = np.zeros(g, dtype=bool)
    if len(doubtful):
        first = _first(y[doubtful], rows)[:, :-1]
        plain, plain_covariance, plain_reached = _best(y[doubtful], rows, first, spread=False)
        better = plain_reached & (state.value[doubtful] <= plain.value + 1e-6)
        places = doubtful[better]
        state.at[places, : p + 1], state.value[places] = plain.at[better], plain.value[better]
        covariance[places, : p + 1, : p + 1] = plain_covariance[better]
        endless[places], reached[places] = True, True
        left = np.flatnonzero(~reached)
        rest = state.of(left)
        covariance[left], reached[left] = _newton(y[left], rows, rest, True)
        state.take(left, rest, np.arange(len(left)))
    return state.at, state.value, covariance, np.where(endless, np.inf, np.exp(state.at[:, p + 1])), reached


def _first(y, rows):
    """Least squares of log counts, a moderate deviation, θ by the variance beyond the mean's."""
    beta = (np.log(y + 0.5) - rows.offset) @ rows.x / len(rows.x)
    mu = np.exp(beta @ rows.x.T + rows.offset)
    theta = 2 * (mu**2).sum(axis=1) / np.maximum(((y - mu) ** 2 - mu).sum(axis=1), 1e-8)
    return np.column_stack([beta, np.full(len(y), DEVIATIONS[0]), np.log(np.clip(theta, 0.2, 50))])


def _best(y, rows, first, *, spread):
    """The optimum; where it has no variance between levels, the better one of two starts."""
    p = rows.x.shape[1]
    state = _climbed(y, rows, first, spread)
    again = np.flatnonzero(~np.isfinite(state.value) | (np.abs(state.at[:, p]) < NO_VARIANCE))
    if len(again):
        start = first[again].copy()
        start[:, p] = DEVIATIONS[1]
        other = _climbed(y[again], rows, start, spread)
        better = other.value > state.value[again]
        state.take(again[better], other, better)
    covariance, reached = np.full((len(y), *(state.at.shape[1],) * 2), np.nan), np.zeros(len(y), dtype=bool)
    some = np.flatnonzero(state.at[:, p + 1] <= NO_SPREAD) if spread else np.arange(len(y))
    ended = state.of(some)
    covariance[some], reached[some] = _newton(y[some], rows, ended, spread)
    state.take(some, ended, np.arange(len(some)))
    return state, covariance, reached


def _climbed(y, rows, first, spread):
    """Near the optimum that a start leads to."""
    state = _evaluated(y, rows, first, np.zeros((len(y), rows.levels.shape[1])), spread)
    _quasi_newton(y, rows, state, spread)
    return state


def _quasi_newton(y, rows, state, spread):
    """BFGS of every outcome for itself; `state` goes along."""
    g, d = state.at.shape
    p = rows.x.shape[1]
    inverse = np.zeros((g, d, d))
    weight = np.maximum(y.sum(axis=1), 1.0) / (1 + y.mean(axis=1) / 5)
    inverse[:, range(p), range(p)] = 2 / weight[:, None]
    inverse[:, p, p] = 0.15 / rows.levels.shape[1]
    inverse[:, range(p + 1, d), range(p + 1, d)] = 4 / len(rows.x)
    active = np.flatnonzero(np.isfinite(state.value))
    for _ in range(ROUNDS):
        step = np.einsum("gij,gj->gi", inverse[active], state.gradient[active])
        promised = np.einsum("gi,gi->g", step, state.gradient[active])
        far = promised > CLOSE
        if spread:
            far &= state.at[active, -1] < NO_SPREAD
        active, step = active[far], step[far]
        if not len(active):
            return
        before = state.of(active)
        moved = _moved(y, rows, state, active, step, spread)
        change, turn = state.at[active] - before.at, before.gradient - state.gradient[active]
        along = np.einsum("gi,gi->g", change, turn)
        sound = moved & (along > 1e-10 * np.linalg.norm(change, axis=1) * np.linalg.norm(turn, axis=1))
        rho = 1 / np.where(sound, along, 1.0)
        half = np.eye(d) - rho[:, None, None] * change[:, :, None] * turn[:, None, :]
        new = half @ inverse[active] @ np.swapaxes(half, 1, 2)
        new += rho[:, None, None] * change[:, :, None] * change[:, None, :]
        inverse[active[sound]] = new[sound]
        active = active[moved]


def _moved(y, rows, state, active, step, spread):
    """Go along `step`, halved where that does not gain enough; whether each outcome moved."""
    longest = np.abs(step).max(axis=1, keepdims=True)
    step = step * np.minimum(1.0, LONGEST / np.maximum(longest, 1e-300))
    promised = np.einsum("gi,gi->g", step, state.gradient[active])
    left, moved = np.arange(len(active)), np.zeros(len(active), dtype=bool)
    for halving in range(HALVINGS):
        here, short = active[left], step[left] / 2**halving
        tried = _evaluated(y[here], rows, state.at[here] + short, state.modes[here], spread)
        least = state.value[here] + 1e-4 * promised[left] / 2**halving - 1e-12 * np.abs(state.value[here])
        good = tried.value >= least
        state.take(here[good], tried, good)
        moved[left[good]] = True
        left = left[~good]
        if not len(left):
            break
    return moved


def _newton(y, rows, state, spread):
    """Newton's steps to the end; the covariance (g, d, d), and whether the optimum was reached."""
    g, d = state.at.shape
    covariance, reached = np.full((g, d, d), np.nan), np.zeros(g, dtype=bool)
    left = np.flatnonzero(np.isfinite(state.value))
    for _ in range(ENDINGS):
        hessian = _hessian(y, rows, state, left, spread)
        sound = np.isfinite(hessian).all(axis=(1, 2))
        left, hessian = left[sound], hessian[sound]
        values, vectors = np.linalg.eigh(-hessian)
        used = np.maximum(np.abs(values), 1e-8 * values.max(axis=1, keepdims=True))
        along = np.einsum("gji,gj->gi", vectors, state.gradient[left])
        gain, falls = (along**2 / used).sum(axis=1), (values > 0).all(axis=1)
        _moved(y, rows, state, left, np.einsum("gij,gj->gi", vectors, along / used), spread)
        done = falls & (gain < 1e3 * GAINED)  # Newton's step squares what is left
        reached[left[done]] = True
        inverse = np.einsum("gij,gj,gkj->gik", vectors, 1 / used, vectors)
        covariance[left[done]] = inverse[done]
        left = left[~done]
        if not len(left):
            break
    return covariance, reached


def _hessian(y, rows, state, left, spread):
    """Central differences of the gradient."""
    d = state.at.shape[1]
    found = np.empty((len(left), d, d))
    for place in range(d):
        ahead = np.zeros(d)
        ahead[place] = WIDTH
        both = [_evaluated(y[left], rows, state.at[left] + s * ahead, state.modes[left], spread) for s in (1, -1)]
        found[:, place] = (both[0].gradient - both[1].gradient) / (2 * WIDTH)
    return (found + np.swapaxes(found, 1, 2)) / 2


def _evaluated(y, rows, at, modes, spread):
    """Laplace's approximation with its gradient; −∞ where numbers overflow."""
    p = rows.x.shape[1]
    deviation, last = at[:, p, None], at[:, p + 1, None] if spread else 0.0
    likelihood = NegativeBinomial(y) if spread else Poisson(y)
    fixed = at[:, :p] @ rows.x.T + rows.offset
    with np.errstate(all="ignore"):
        modes, eta, found = _modes(likelihood, fixed, deviation, last, modes, rows)
        h = 1 + deviation**2 * (found.weight @ rows.levels)
        value = found.value.sum(axis=1) - (modes**2).sum(axis=1) / 2 - np.log(h).sum(axis=1) / 2
        leverage = (deviation**2 / h)[:, rows.codes]
        t = found.weight_slope * leverage
        s = deviation * (t @ rows.levels) / h
        shift = s[:, rows.codes]
        direct = found.score - (t - found.weight * deviation * shift) / 2
        by_deviation = direct * modes[:, rows.codes] - found.score * shift / 2
        by_deviation -= found.weight * (deviation / h)[:, rows.codes]
        gradient = [direct @ rows.x, by_deviation.sum(axis=1, keepdims=True)]
        if spread:
            by = likelihood.by_dispersion(eta, last)
            rest = leverage * by.weight + deviation * shift * by.score
            gradient.append((by.value - rest / 2).sum(axis=1, keepdims=True))
        gradient = np.hstack(gradient)
    bad = ~(np.isfinite(value) & np.isfinite(gradient).all(axis=1))
    return _State(at, np.where(bad, -np.inf, value), gradient, np.where(bad[:, None], 0.0, modes))


def _modes(likelihood, fixed, deviation, last, u, rows):
    """Newton's method for the modes of every level of every outcome, each with its own halved steps."""
    eta = fixed + deviation * u[:, rows.codes]
    found = likelihood.rows(eta, last)
    height = found.value @ rows.levels - u**2 / 2
    for _ in range(MODE_STEPS):
        slope = deviation * (found.score @ rows.levels) - u
        step = slope / (1 + deviation**2 * (found.weight @ rows.levels))
        if not np.nanmax(slope * step, initial=0.0) > SETTLED:
            break
        for _ in range(MODE_STEPS):
            eta = fixed + deviation * (u + step)[:, rows.codes]
            found = likelihood.rows(eta, last)
            new = found.value @ rows.levels - (u + step) ** 2 / 2
            worse = new < height - 1e-12 * np.abs(height) - 1e-12
            if not worse.any():
                break
            step = np.where(worse, step / 2, step)
        u, height = u + step, new
    return u, eta, found

"""From fits to how often they are right: power, type I error, and errors of sign and size among what is found."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import special, stats

from helpers.hypotheses.wald import f_p_value, two_sided
from helpers.planning.experiments import Fits

LEVEL = 0.95  # of the interval that says how far the simulation itself is to be trusted


@dataclass
class Tally:
    """Sums over experiments, for one question."""

    n: int = 0
    found: int = 0
    false: np.ndarray = field(default_factory=lambda: np.zeros(1, dtype=int))
    wrong_sign: int = 0
    size: float = 0.0
    singular: int = 0
    not_reached: int = 0
    half_width: list = field(default_factory=list)
    df: list = field(default_factory=list)

    def row(self, effect: float) -> dict[str, float]:
        """The columns of the table, `power` first."""
        low, high = exact_interval(self.found, self.n)
        false = int(self.false.max())  # of an equivalence test, at the worse of its two bounds
        error_low, error_high = exact_interval(false, self.n)
        has_sign = self.found > 0 and np.isfinite(effect) and effect != 0
        wrong = self.wrong_sign / self.found if has_sign else np.nan
        exaggerated = self.size / self.found / abs(effect) if has_sign else np.nan
        half_width = np.concatenate(self.half_width) if self.half_width else np.array([np.nan])
        return {
            "power": self.found / self.n,
            "power_low": low,
            "power_high": high,
            "type_1_error": false / self.n,
            "type_1_low": error_low,
            "type_1_high": error_high,
            "half_width": float(np.median(half_width)),
            "type_s": wrong,
            "type_m": exaggerated,
            "df": float(np.median(np.concatenate(self.df))),
            "singular": self.singular / self.n,
            "not_fitted": self.not_reached / self.n,
            "n_sim": self.n,
        }


def exact_interval(found: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share (1934, doi:10.1093/biomet/26.4.404)."""
    tail = (1 - level) / 2
    low = stats.beta.ppf(tail, found, n - found + 1) if found else 0.0
    high = stats.beta.isf(tail, found + 1, n - found) if found < n else 1.0
    return float(low), float(high)


def count_singles(
    tallies: list[Tally],
    fits: Fits,
    effects: np.ndarray,
    alpha: float,
    adjust: str | None,
    equivalence: tuple[float, float] | None,
) -> None:
    """Add the t tests of some experiments: `effects` (k,) are the true values."""
    effects = effects[:, None]
    half = _quantile(1 - alpha / 2, fits.df) * fits.std_error
    if equivalence is None:
        p = two_sided((fits.noise + effects) / fits.std_error, fits.df)
        false = [two_sided(fits.noise / fits.std_error, fits.df)]
    else:
        p = _equivalent(fits, effects, equivalence)
        false = [_equivalent(fits, bound, equivalence) for bound in equivalence]
    found = _rejected(p, alpha, adjust) & fits.reached
    false = [_rejected(each, alpha, adjust) & fits.reached for each in false]
    estimate = fits.noise + effects
    for k, tally in enumerate(tallies):
        _add(tally, fits, found[k], [each[k] for each in false])
        tally.wrong_sign += int(np.sum(found[k] & (estimate[k] * effects[k] < 0)))
        tally.size += float(np.abs(estimate[k][found[k]]).sum())
        tally.half_width.append(half[k][fits.reached])
        tally.df.append(fits.df[k][fits.reached])


def count_joint(tally: Tally, fits: Fits, place: int, effects: np.ndarray, alpha: float) -> None:
    """Add an F test of some experiments: `effects` (q,) are the true values of its contrasts."""
    joint = fits.joint[place]
    q = len(joint.noise)
    p = []
    for value in (joint.noise + effects[:, None], joint.noise):
        statistic = joint.scale * np.einsum("an,abn,bn->n", value, joint.precision, value) / q
        p.append(f_p_value(statistic, q, joint.df))
    found, false = ((each < alpha) & fits.reached for each in p)
    _add(tally, fits, found, [false])
    tally.df.append(joint.df[fits.reached])


def _add(tally, fits, found, false):
    tally.n += len(found)
    tally.found += int(found.sum())
    tally.false = tally.false + np.array([each.sum() for each in false])
    tally.singular += int(fits.singular.sum())
    tally.not_reached += int((~fits.reached).sum())


def _quantile(level, df):
    known = np.isinf(df)
    return np.where(known, special.ndtri(level), special.stdtrit(np.where(known, 1.0, df), level))


def _equivalent(fits, effects, bounds):
    """The larger p of two one-sided tests (Schuirmann 1987, doi:10.1007/BF01068419)."""
    above = (fits.noise + effects - bounds[0]) / fits.std_error
    below = (bounds[1] - fits.noise - effects) / fits.std_error
    least = np.minimum(above, below)
    return np.where(np.isinf(fits.df), special.ndtr(-least), special.stdtr(fits.df, -least))


def _rejected(p, alpha, adjust):
    return (p if adjust is None else adjusted_columns(p, adjust)) < alpha


def adjusted_columns(p: np.ndarray, adjust: str) -> np.ndarray:
    """p-values (k, N) corrected as N families of k tests, as `helpers.hypotheses.adjusting` does with one family."""
    k = len(p)
    if adjust == "bonferroni":
        return np.minimum(k * p, 1)
    if adjust == "sidak":
        return -np.expm1(k * np.log1p(-p))
    order = np.argsort(p, axis=0)
    ranked, rank = np.take_along_axis(p, order, axis=0), np.arange(1, k + 1)[:, None]
    if adjust == "holm":
        stepped = np.maximum.accumulate((k + 1 - rank) * ranked, axis=0)
    else:
        factor = np.sum(1 / rank) if adjust == "BY" else 1.0
        stepped = np.minimum.accumulate((factor * k / rank * ranked)[::-1], axis=0)[::-1]
    out = np.empty_like(p)
    np.put_along_axis(out, order, np.minimum(stepped, 1), axis=0)
    return out

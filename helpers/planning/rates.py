"""From fits to how often they are right: power, type I error, and errors of sign and size among what is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import special, stats

from helpers.hypotheses.wald import f_p_value, two_sided
from helpers.planning.experiments import Fits
from helpers.planning.families import Family, correlations_of, needs_correlations, rejected

LEVEL = 0.95  # of the interval that says how far the simulation itself is to be trusted


@dataclass
class FamilyTally:
    """In how many experiments any test of a family was significant where all effects are zero."""

    n: int = 0
    false: np.ndarray = field(default_factory=lambda: np.zeros(1, dtype=int))

    def columns(self) -> dict[str, float]:
        """The share, with its interval."""
        false = int(self.false.max())
        low, high = exact_interval(false, self.n)
        return {"family_error": false / self.n, "family_low": low, "family_high": high}


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
    family: FamilyTally | None = None

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
            **({} if self.family is None else self.family.columns()),
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
    families: Sequence[Family],
    equivalence: tuple[float, float] | None,
) -> None:
    """Add the t tests of some experiments: `effects` (k,) are the true values."""
    fits, correlations = _single(fits, len(tallies), families)
    effects = effects[:, None]
    half = _quantile(1 - alpha / 2, fits.df) * fits.std_error
    if equivalence is None:
        t = [(fits.noise + value) / fits.std_error for value in (effects, 0.0)]
        p = [two_sided(each, fits.df) for each in t]
    else:
        t = p = [_equivalent(fits, value, equivalence) for value in (effects, *equivalence)]
    found, *false = (
        _significant(families, alpha, *each, fits.df, correlations) & fits.reached for each in zip(p, t, strict=True)
    )
    estimate = fits.noise + effects
    for k, tally in enumerate(tallies):
        _add(tally, fits, found[k], [each[k] for each in false])
        tally.wrong_sign += int(np.sum(found[k] & (estimate[k] * effects[k] < 0)))
        tally.size += float(np.abs(estimate[k][found[k]]).sum())
        tally.half_width.append(half[k][fits.reached])
        tally.df.append(fits.df[k][fits.reached])
    for family in families:
        places = list(family.places)
        shared = tallies[places[0]].family
        if shared is not None:
            shared.n += len(fits.reached)
            shared.false = shared.false + np.array([each[places].any(axis=0).sum() for each in false])


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


def _single(fits, k, families):
    """The fits of the k single tests alone, and their correlations if the families need them."""
    correlations = correlations_of(fits.std_error, k) if needs_correlations(families) else None
    own = replace(fits, noise=fits.noise[:k], std_error=fits.std_error[:k], df=fits.df[:k])
    return own, correlations


def _significant(families, alpha, p, statistic, df, correlations):
    """Which tests (k, N) are significant: each by itself, or within its family."""
    out = p < alpha
    for family in families:
        out[list(family.places)] = rejected(family, alpha, p, statistic, df, correlations)
    return out


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

"""How often statsmodels' MixedLM, on its own, does not reach the optimum: 300 simulated random-slope tables.

    python benchmarks/statsmodels_optima.py

Each table has 4 to 12 groups of 3 to 8 rows, and standard deviations of intercept and slope drawn from 0, 0.2 and 0.7.
statsmodels fits it with its default settings; its −2 log-likelihood is held against that of `helpers.mixed.fit_mixed`.
"""

import warnings

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from helpers.mixed import fit_mixed

N_TABLES = 300
FORMULA = "y ~ x + (1 + x | g)"
MISSED = 1e-3  # of the deviance
ROUNDING = 1e-6  # statsmodels inverts a nearly singular covariance matrix, and loses this much


def table(seed):
    """A simulated table with a random slope, the same for the same seed."""
    rng = np.random.default_rng(seed)
    groups, rows = rng.integers(4, 13), rng.integers(3, 9)
    g = np.repeat(np.arange(groups), rows)
    x = rng.normal(size=groups * rows) + rng.choice([0, 3])
    intercept_sd, slope_sd = rng.choice([0, 0.2, 0.7], 2)
    correlation = rng.uniform(-0.95, 0.95)
    first, second = rng.standard_normal((2, groups))
    second = correlation * first + np.sqrt(1 - correlation**2) * second
    y = 1 + 0.5 * x + intercept_sd * first[g] + slope_sd * second[g] * x + rng.normal(size=len(g))
    return pd.DataFrame({"y": y, "x": x, "g": g})


def our_fit(data):
    """The fit of this project; whether it is singular is read from the result."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit_mixed(FORMULA, data)


def statsmodels_alone(data):
    """Deviance of statsmodels' fit (None where it gives no number), and whether it says that it converged."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = smf.mixedlm("y ~ x", data, groups=data["g"], re_formula="~ x").fit()
        except (np.linalg.LinAlgError, ValueError):
            return None, False
    return (-2 * found.llf if np.isfinite(found.llf) else None), bool(found.converged)


def compare(seed):
    """One table: is the optimum singular, how far above it statsmodels stops, what it says of itself."""
    data = table(seed)
    fit = our_fit(data)
    deviance, converged = statsmodels_alone(data)
    above = np.inf if deviance is None else deviance - fit.deviance
    return {"seed": seed, "singular": fit.is_singular, "above": above, "converged": converged}


def main():
    """Print the shares."""
    found = pd.DataFrame([compare(seed) for seed in range(N_TABLES)])
    for name, rows in (("all", found), ("singular", found[found["singular"]]), ("regular", found[~found["singular"]])):
        missed = rows["above"] > MISSED
        print(
            f"{name:<8} {len(rows):3d} tables; fails or stops more than {MISSED:g} above the optimum: {missed.sum():3d}"
            f" ({missed.mean():.0%}), of these reporting convergence: {(missed & rows['converged']).sum()}"
        )
    finite = found.loc[np.isfinite(found["above"]), "above"]
    below = (finite < -ROUNDING).sum()
    print(f"no number at all: {len(found) - len(finite)}; furthest above: {finite.max():.3g}; below: {below}")


if __name__ == "__main__":
    main()

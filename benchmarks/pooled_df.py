"""False positives of F tests of a factor in a mixed model, by three ways to find their degrees of freedom.

    python benchmarks/pooled_df.py

Six small designs, 1,500 simulated tables of each in which the factor does nothing, and a test at 5%: Satterthwaite's
degrees of freedom pooled as in lmerTest 3.1 (`tests/lmertest_pooling.py`), pooled as in `helpers.mixed.ddf`, and
Kenward and Roger's test. One seed per table; about six minutes on one core, a part of them by `--designs`.
"""

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from helpers.mixed import SingularFitWarning, fit_mixed

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from lmertest_pooling import lmertest_df, sequential_weights

N_TABLES = 1_500
LEVEL = 0.05
INTERCEPT, SLOPES = "y ~ f + (1 | g)", "y ~ f + (1 + f | g)"


def within(rng, groups):
    """Every group has each level of a three-level factor three times; the levels' effects differ between groups."""
    g, f = np.repeat(np.arange(groups), 9), np.tile(np.repeat([0, 1, 2], 3), groups)
    y = rng.normal(size=groups)[g] + rng.normal(size=(groups, 3))[g, f] + rng.normal(size=len(g))
    return g, f, y


def mostly_between(rng, groups):
    """Unbalanced: seven in ten rows of a group have the group's own level of the factor."""
    g = np.repeat(np.arange(groups), rng.integers(4, 10, groups))
    own = np.array([0, 0, 0, 0, 1, 1, 1, 2])[np.arange(groups) % 8]
    f = np.where(rng.random(len(g)) < 0.3, rng.choice(3, len(g), p=[0.5, 0.3, 0.2]), own[g])
    return g, f, rng.normal(size=groups)[g] + rng.normal(size=len(g))


def between(rng, groups):
    """Every group has one level of the factor: five, three and two groups, of two to eight rows."""
    g = np.repeat(np.arange(groups), rng.integers(2, 9, groups))
    f = np.repeat([0, 1, 2], [5, 3, 2])[g]
    return g, f, rng.normal(size=groups)[g] + rng.normal(size=len(g))


DESIGNS = {
    "unbalanced factor, mostly between 8 groups": (mostly_between, 8, INTERCEPT),
    "the same, 16 groups": (mostly_between, 16, INTERCEPT),
    "factor between 10 unequal groups (5, 3, 2)": (between, 10, INTERCEPT),
    "slopes of the factor, 6 animals": (within, 6, SLOPES),
    "slopes of the factor, 8 animals": (within, 8, SLOPES),
    "slopes of the factor, 12 animals": (within, 12, SLOPES),
}


def p_values(design, seed):
    """What one table gives: p by lmerTest's pooling, ours, Kenward–Roger; is the fit singular. None without a level."""
    draw, groups, formula = DESIGNS[design]
    g, f, y = draw(np.random.default_rng([7, list(DESIGNS).index(design), seed]), groups)
    if len(np.unique(f)) < 3:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        fit = fit_mixed(formula, pd.DataFrame({"y": y, "f": np.array(list("abc"))[f], "g": g}))
    ours, kr = (fit.joint_test("f", ddf).iloc[0] for ddf in ("satterthwaite", "kenward-roger"))
    lmertest = stats.f.sf(ours["statistic"], ours["num_df"], lmertest_df(fit, sequential_weights(fit, "f")))
    return lmertest, ours["p_value"], kr["p_value"], fit.is_singular


def line(design, found):
    """A row of the table."""
    shares = np.append(found[:, 3].mean(), (found[:, :3] < LEVEL).mean(axis=0))
    return f"| {design} | {len(found):,} | {' | '.join(f'{100 * share:.1f}%' for share in shares)} |"


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=N_TABLES)
    parser.add_argument("--designs", type=int, nargs="*", default=range(len(DESIGNS)), help="numbers, from 0")
    chosen = parser.parse_args()
    print("| design | tables | singular | lmerTest's pooling | ours | Kenward–Roger |", flush=True)
    print("| --- | ---: | ---: | ---: | ---: | ---: |", flush=True)
    for design in [list(DESIGNS)[k] for k in chosen.designs]:
        found = []
        for seed in range(chosen.tables):
            found += [row for row in [p_values(design, seed)] if row is not None]
            if seed + 1 in (chosen.tables // 3, 2 * chosen.tables // 3):
                print(line(design, np.array(found)), "so far", file=sys.stderr, flush=True)
        print(line(design, np.array(found)), flush=True)


if __name__ == "__main__":
    main()

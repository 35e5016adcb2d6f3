"""A caterpillar plot draws the random effects and R's conditional standard deviations."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers import plots
from helpers.mixed import fit_mixed

REFERENCE = Path(__file__).parent / "reference"
IN_R = json.loads((REFERENCE / "intervals" / "intervals.json").read_text(encoding="utf-8"))["slopes"]["conditional"]


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def tables():
    fit = fit_mixed("Reaction ~ Days + (Days | Subject)", pd.read_csv(REFERENCE / "classic" / "sleepstudy.csv"))
    return fit.random_effects["Subject"], fit.random_effects_std_error["Subject"]


def ends(ax):
    (lines,) = (each for each in ax.collections if len(each.get_paths()) > 1 and hasattr(each, "get_segments"))
    return np.array([segment[:, 0] for segment in lines.get_segments()])


def test_levels_are_sorted_with_the_intervals_of_r(tables):
    axes = plots.caterpillar_plot(*tables)
    theirs = pd.DataFrame(IN_R).pivot_table(index="grp", columns="term", values=["condval", "condsd"])
    order = [label.get_text() for label in axes[0].get_yticklabels()]
    assert order == theirs["condval"]["(Intercept)"].sort_values().index.tolist()
    for ax, term in zip(axes, ["(Intercept)", "Days"], strict=True):
        half = stats.norm.isf(0.025) * theirs["condsd"].loc[order, term]
        middle = theirs["condval"].loc[order, term]
        np.testing.assert_allclose(ends(ax), np.column_stack([middle - half, middle + half]), rtol=1e-4, atol=1e-3)
        assert ax.get_xlabel().startswith(term)
        points = ax.collections[-1]
        np.testing.assert_allclose(points.get_offsets()[:, 0], middle, rtol=1e-4, atol=1e-4)
        apart = (np.abs(middle) > half).to_numpy()
        assert len(np.unique(points.get_facecolors()[apart], axis=0)) == 1
        assert (points.get_facecolors()[apart][0] != points.get_facecolors()[~apart][0]).any()


def test_a_level_of_confidence_makes_intervals_narrower(tables):
    wide, narrow = (ends(plots.caterpillar_plot(*tables, conf_level=level)[0]) for level in (0.95, 0.5))
    assert (np.diff(narrow) < np.diff(wide)).all()


def test_many_levels_have_no_names():
    effects = pd.DataFrame({"(Intercept)": np.arange(100.0)}, index=[f"g{k}" for k in range(100)])
    (ax,) = plots.caterpillar_plot(effects, effects * 0 + 1)
    assert len(ax.get_yticks()) == 0


def test_tables_that_do_not_match_are_refused(tables):
    effects, std_errors = tables
    with pytest.raises(ValueError, match=r"same rows and columns; found 18 levels of '\(Intercept\)', 'Days' and 17"):
        plots.caterpillar_plot(effects, std_errors.iloc[1:])
    with pytest.raises(ValueError, match="conf_level lies between 0 and 1"):
        plots.caterpillar_plot(effects, std_errors, conf_level=95)

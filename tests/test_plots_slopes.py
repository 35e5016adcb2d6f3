"""What the figures of lesson 03 draw equals the numbers."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import statsmodels.formula.api as smf

from helpers import plots
from helpers.data import load_mouse_scores


@pytest.fixture
def ax():
    _, ax = plt.subplots()
    yield ax
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_every_point_stands_in_its_group(ax):
    mice = load_mouse_scores()
    plots.points_by_group(ax, mice, "urea", "gene_x", "group", name="animal")
    drawn = {points.get_label(): np.asarray(points.get_offsets()) for points in ax.collections}
    assert list(drawn) == ["group C", "group HP", "group CR"]
    for level, rows in mice.groupby("group", observed=True):
        np.testing.assert_allclose(drawn[f"group {level}"], rows[["urea", "gene_x"]])
    assert set(mice["animal"]) <= set(texts(ax))


def test_the_lines_are_those_of_the_two_models(ax):
    mice = load_mouse_scores()
    rises = plots.parallel_lines(ax, mice, "gene_x", "urea", "group")
    overall = smf.ols("gene_x ~ urea", mice).fit().params["urea"]
    inside = smf.ols("gene_x ~ urea + group", mice).fit().params["urea"]
    assert rises == pytest.approx((100 * overall, 100 * inside))
    slopes = [np.diff(line.get_ydata())[0] / np.diff(line.get_xdata())[0] for line in ax.lines[:4]]
    assert slopes == pytest.approx([overall, inside, inside, inside])
    wanted = {f"all mice: {rises[0]:+.2f}", f"inside a group: {rises[1]:+.2f}", "100 mg/dl", "C", "HP", "CR"}
    assert wanted <= {text.strip() for text in texts(ax)}


def test_what_is_asked_about_has_another_colour(ax):
    plots.causal_sketch(ax, {("condition", "urea"): "", ("urea", "Gene X"): "?"})
    arrows = [text.arrow_patch.get_edgecolor() for text in ax.texts if getattr(text, "arrow_patch", None)]
    assert len(set(arrows)) == len(arrows) == 2
    assert texts(ax)[-3:] == ["condition", "urea", "Gene X"]


def test_p_values_without_each_animal_are_counted():
    mice = load_mouse_scores()
    fit = smf.ols("gene_x ~ urea + weight", mice).fit()
    p_without = {"A": 0.2, "B": 0.01, "C": 0.06}
    left, right = plots.residual_checks(fit.fittedvalues, fit.resid, mice["group"], p_without, 0.04)
    drawn = np.vstack([np.asarray(points.get_offsets()) for points in left.collections])
    assert sorted(map(tuple, drawn)) == sorted(zip(fit.fittedvalues, fit.resid, strict=True))
    assert [label.get_text() for label in right.get_yticklabels()] == ["B", "C", "A"]
    np.testing.assert_allclose(right.collections[-1].get_offsets()[:, 0], [0.01, 0.06, 0.2])
    titles = [right.get_title(loc=place) for place in ("left", "center")]
    assert "Without one mouse, p > 0.05 in 2 of 3 cases" in titles
    plt.close("all")

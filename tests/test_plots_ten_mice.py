"""The figures of lesson 01 draw the numbers they are given."""

import numpy as np
import pytest

from helpers import plots
from helpers.correlation import correlate, permutation_test
from helpers.data import load_mouse_scores

pytestmark = pytest.mark.usefixtures("clean_figures")


@pytest.fixture
def mice():
    return load_mouse_scores()


def drawn(ax):
    """The points of all scatters of an Axes, sorted."""
    return sorted(map(tuple, np.vstack([each.get_offsets() for each in ax.collections])))


def as_points(x, y):
    return sorted(map(tuple, np.column_stack([x, y]).astype(float)))


def test_codes_and_values_stand_side_by_side(mice):
    codes = mice["urea"].astype("str").astype("category").cat.codes
    left, right = plots.codes_and_values(codes, mice["urea"], mice["gene_x"]).axes
    assert drawn(left) == as_points(codes, mice["gene_x"])
    assert drawn(right) == as_points(mice["urea"], mice["gene_x"])
    assert [ax.get_title(loc="left") for ax in (left, right)] == ["codes: r = 0.001", "values: r = 0.726"]
    assert [ax.get_xlabel() for ax in (left, right)] == ["code of the urea label", "urea (mg/dl)"]
    assert left.get_ylabel() == "Gene X (z-score)"


def test_ranks_stand_beside_values_each_with_its_coefficient(mice):
    left, right = plots.values_and_ranks(mice, "total_score", "gene_x", group="group").axes
    assert drawn(left) == as_points(mice["total_score"], mice["gene_x"])
    assert drawn(right) == as_points(mice["total_score"].rank(), mice["gene_x"].rank())
    both = [correlate(mice, "total_score", "gene_x", method=m).loc[0, "estimate"] for m in ("pearson", "spearman")]
    titles = [ax.get_title(loc="left") for ax in (left, right)]
    assert titles == [f"values: Pearson r = {both[0]:.3f}", f"ranks: Spearman ρ = {both[1]:.3f}"]


def test_each_score_stands_over_its_measurement_and_the_odd_ones_are_named(mice):
    named = {"urea": ["C20", "C22"], "weight": ["CR4.2", "C24"]}
    figure = plots.scores_and_measurements(mice, group="group", label="animal", named=named, title="Scores")
    for ax, (measured, animals) in zip(figure.axes, named.items(), strict=True):
        assert drawn(ax) == as_points(mice[measured], mice[f"{measured}_score"])
        assert {text.get_text() for text in ax.texts} == set(animals)
    assert figure.get_suptitle() == "Scores"
    assert [ax.get_ylabel() for ax in figure.axes] == ["urea score (points)", "weight score (points)"]


def test_an_animal_that_was_left_out_is_not_named(mice):
    named = {"urea": ["C20", "C22"], "weight": ["C24"]}
    figure = plots.scores_and_measurements(
        mice.query("animal != 'C24'"), group="group", label="animal", named=named, title="Scores"
    )
    assert [len(ax.texts) for ax in figure.axes] == [2, 0]


@pytest.mark.parametrize("x", ["total_score", "urea"])
def test_clusters_show_the_means_and_what_is_left_without_them(mice, x):
    means = mice.groupby("group", observed=True)[[x, "gene_x"]].mean()
    centred = mice[[x, "gene_x"]] - mice.groupby("group", observed=True)[[x, "gene_x"]].transform("mean")
    left, right = plots.clusters(mice, centred, x, "gene_x", group="group").axes
    assert drawn(left) == sorted(as_points(mice[x], mice["gene_x"]) + as_points(*means.to_numpy().T))
    assert drawn(right) == as_points(centred[x], centred["gene_x"])
    line = right.lines[-1]
    slope = np.ptp(line.get_ydata()) / np.ptp(line.get_xdata())
    assert slope == pytest.approx(np.polyfit(centred[x], centred["gene_x"], 1)[0])
    assert right.get_ylabel() == "Gene X − group mean"


def test_the_title_of_the_arrangements_names_the_smallest_r(mice):
    free = permutation_test(mice, "urea", "gene_x", strata="group")  # any two tests will do
    within = permutation_test(mice, "total_score", "gene_x", strata="group")
    figure = plots.free_and_within(free, within)
    assert figure.get_suptitle() == f"Exchanged within groups, r never falls below {within.null_distribution.min():.2f}"
    assert [ax.lines[0].get_xdata()[0] for ax in figure.axes] == [free.estimate, within.estimate]
    observed = [f"observed {test.estimate:.3f}" for test in (free, within)]
    assert [ax.texts[-1].get_text() for ax in figure.axes] == observed


@pytest.mark.parametrize(("column", "label"), [("urea", "urea (mg/dl)"), ("ash", "ash")])
def test_an_axis_names_the_unit_where_it_is_known(column, label):
    assert plots.axis_label(column) == label

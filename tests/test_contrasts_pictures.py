"""The pictures of `helpers.contrasts`: what is drawn is what the tables say."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from matplotlib.collections import LineCollection

from helpers.contrasts import comparisons, predictions, slopes
from helpers.contrasts.contrast_pictures import CLOUD, COLOURS, difference_plot, interaction_plot
from helpers.mixed import fit_mixed
from helpers.refusals.errors import MissingColumnError


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"drug": np.tile(["a", "b", "c"], 40), "sex": np.repeat(["f", "m"], 60)})
    table["dose"] = np.where(table["sex"] == "f", rng.uniform(1, 2, 120), rng.uniform(3, 5, 120))
    table["animal"], table["library"] = rng.integers(0, 10, 120).astype(str), rng.uniform(100, 400, 120)
    shift = rng.normal(0, 0.5, 10)[table["animal"].astype(int)]
    table["y"] = np.exp(shift + 0.4 * (table["drug"] == "b") + rng.normal(0, 0.3, 120))
    table["count"] = rng.poisson(table["library"] * 0.1)
    return table


@pytest.fixture(scope="module")
def fit(data):
    return fit_mixed("log(y) ~ drug * sex + (1 | animal)", data)


def lines_of(ax):
    return [line.get_ydata() for line in ax.lines]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def bars_of(ax):
    return [s[:, 1] for c in ax.collections if isinstance(c, LineCollection) for s in c.get_segments()]


def test_lines_are_the_means_and_bars_their_intervals(fit, ax):
    interaction_plot(fit, "drug", "sex", transform="exp", ax=ax)
    table = predictions(fit, ["sex", "drug"], transform="exp")
    for line, (_, rows) in zip(lines_of(ax), table.groupby("sex", observed=True), strict=True):
        np.testing.assert_allclose(line, rows["estimate"], rtol=1e-12)
    np.testing.assert_allclose(bars_of(ax), table[["conf_low", "conf_high"]], rtol=1e-12)
    assert texts(ax) == ["f", "m", "sex"]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("drug", "y", "log")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b", "c"]


def test_points_are_the_rows(fit, data, ax):
    interaction_plot(fit, "drug", "sex", transform="exp", ax=ax)
    clouds = [c.get_offsets() for c in ax.collections if len(c.get_offsets()) == 20]
    assert len(clouds) == 6
    of_cell = data.loc[(data["sex"] == "f") & (data["drug"] == "a"), "y"]
    np.testing.assert_allclose(clouds[0][:, 1], np.sort(of_cell), rtol=1e-12)
    assert np.abs(clouds[0][:, 0]).max() < 0.5


def test_names_stand_apart_however_close_the_lines_end(ax, data):
    table = pd.concat([data] * 2, ignore_index=True).assign(line=np.repeat(list("uvwx"), 60))
    interaction_plot(smf.ols("y ~ drug + line", table).fit(), "drug", "line", ax=ax)
    ax.figure.draw_without_rendering()
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert len(boxes) == 5
    assert all(low.y1 <= high.y0 + 1 for low, high in pairwise(boxes))


def test_a_line_along_a_number_goes_as_far_as_its_rows(data, ax):
    interaction_plot(smf.ols("y ~ dose * sex", data).fit(), "dose", "sex", ax=ax)
    ends = [line.get_xdata()[[0, -1]] for line in ax.lines]
    expected = [data.loc[data["sex"] == sex, "dose"].agg(["min", "max"]) for sex in "fm"]
    np.testing.assert_allclose(ends, expected)


def test_lines_at_values_of_a_number(data, ax):
    fit = smf.ols("y ~ drug * dose", data).fit()
    interaction_plot(fit, "drug", "dose", at={"dose": [1, 4]}, points=False, ax=ax)
    table = predictions(fit, ["dose", "drug"], at={"dose": [1, 4]})
    np.testing.assert_allclose(np.concatenate(lines_of(ax)), table["estimate"])
    assert texts(ax) == ["1", "4", "dose"]


def test_counts_stand_at_the_offset_of_their_means(data, ax):
    fit = smf.glm("count ~ drug", data, offset=np.log(data["library"]), family=sm.families.Poisson()).fit()
    interaction_plot(fit, "drug", ax=ax)
    cloud = np.sort(np.concatenate([c.get_offsets()[:, 1] for c in ax.collections if len(c.get_offsets()) == 40]))
    scaled = data["count"] * np.exp(np.log(data["library"]).mean()) / data["library"]
    np.testing.assert_allclose(cloud, np.sort(scaled), rtol=1e-9)
    np.testing.assert_allclose(lines_of(ax)[0], predictions(fit, "drug", scale="response")["estimate"])


def test_a_crowded_cell_is_thinned_by_rank(data, ax):
    many = pd.concat([data] * 10, ignore_index=True)
    interaction_plot(smf.ols("y ~ drug", many).fit(), "drug", ax=ax)
    clouds = [np.asarray(c.get_offsets())[:, 1] for c in ax.collections if len(c.get_offsets()) == CLOUD]
    assert len(clouds) == 3
    of_a = many.loc[many["drug"] == "a", "y"]
    assert (clouds[0].min(), clouds[0].max()) == (of_a.min(), of_a.max())
    assert np.median(clouds[0]) == pytest.approx(of_a.median(), rel=0.05)


def test_differences_are_those_of_the_table(fit, ax):
    table = comparisons(fit, {"drug": "pairwise"}, transform="exp", adjust="tukey")
    difference_plot(table, ax=ax)
    ordered = table.sort_values("estimate", ascending=False)
    np.testing.assert_allclose(ax.collections[-1].get_offsets()[:, 0], ordered["estimate"])
    expected = ordered[["conf_low_adjusted", "conf_high_adjusted"]]
    found = [s[:, 0] for s in ax.collections[0].get_segments()]
    np.testing.assert_allclose(found, expected)
    assert [label.get_text() for label in ax.get_yticklabels()] == ordered["contrast"].tolist()
    assert ax.get_xlabel() == "ratio\nsimultaneous intervals; p adjusted"
    assert ax.get_xscale() == "log"


def test_differences_without_simultaneous_intervals_say_so(fit, ax):
    table = comparisons(fit, "drug", by="sex", differences="pairwise", adjust="holm")
    difference_plot(table, ax=ax)
    assert ax.get_xlabel() == "difference of m - f\ninterval of each alone; p adjusted"
    assert ax.get_yticklabels()[0].get_text().startswith(("b - a", "c - a"))
    assert all(text.startswith("p ") for text in texts(ax))


def test_what_is_refused(fit, data, ax):
    with pytest.raises(MissingColumnError, match="trace: the model's fixed part has no predictor 'sx'"):
        interaction_plot(fit, "drug", "sx", ax=ax)
    with pytest.raises(ValueError, match="make it with comparisons"):
        difference_plot(predictions(fit, "drug"), ax=ax)
    many = data.assign(line=[f"l{k % 8}" for k in range(len(data))])
    with pytest.raises(ValueError, match=f"'line' has 8 levels, and {len(COLOURS)} lines can be told apart"):
        interaction_plot(smf.ols("y ~ drug + line", many).fit(), "drug", "line", ax=ax)
    with pytest.raises(ValueError, match="by: 'dose' is numeric and has no levels"):
        interaction_plot(smf.ols("y ~ drug * dose", data).fit(), "drug", "dose", ax=ax)


def test_slopes_have_differences_too(data, ax):
    table = slopes(smf.ols("y ~ dose * drug", data).fit(), "dose", by="drug", differences="pairwise", adjust="scheffe")
    difference_plot(table, ax=ax)
    assert ax.get_xlabel() == "difference of dose\nsimultaneous intervals; p adjusted"

"""The figure for a paper: as wide as it says, no letter too small, and a caption that is true of it."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hygiene_reading import ROOT
from matplotlib.text import Text
from PIL import Image
from report_running import prepared

from helpers.mixed import fit_design
from helpers.report import mixed_model
from helpers.report.mixed_model.print_figure import MOST_POINTS, POINTS, caption, measured, print_figure
from helpers.report.output import COLUMNS, Output

TABLES = ROOT / "tests" / "reference" / "tables"
ASKED = {
    "factor": {"data": TABLES / "Machines.csv", "formula": "score ~ Machine + (1 | Worker)", "compare": "pairwise"},
    "ratios": {
        "data": TABLES / "CO2.csv",
        "formula": "log(uptake) ~ Type * `Treatment` + (1 | Plant)",
        "contrast": "Treatment",
        "by": "Type",
    },
    "number": {"data": TABLES / "ChickWeight.csv", "formula": "weight ~ Time * C(Diet) + (1 | Chick)", "by": "Diet"},
    "nothing": {"data": TABLES / "Penicillin.csv", "formula": "diameter ~ 1 + (1 | plate) + (1 | sample)"},
}


@pytest.fixture(scope="module")
def analysed():
    """The analysis of each of these studies."""
    studies = {name: prepared("mixed_model", **asked) for name, asked in ASKED.items()}
    return {name: mixed_model.analyse(study, fit_design(study.design)) for name, study in studies.items()}


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("width", COLUMNS)
def test_a_figure_is_as_wide_as_asked_and_can_be_read(analysed, name, width):
    figure = print_figure(analysed[name], width)
    figure.draw_without_rendering()
    assert figure.get_figwidth() == pytest.approx(width / 25.4)
    assert figure.get_figheight() < 297 / 25.4
    texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    assert min(text.get_fontsize() for text in texts) >= POINTS
    box = figure.get_tightbbox()
    assert box.x0 > -0.02
    assert box.x1 < figure.get_figwidth() + 0.02
    plt.close(figure)


def test_files_of_both_widths_and_three_kinds_are_saved(analysed, tmp_path):
    plt.close("all")  # those of other tests
    shown = Output(tmp_path).for_paper("column", lambda width: print_figure(analysed["factor"], width))
    kept = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert kept == sorted(f"column_{width}mm.{kind}" for width in COLUMNS for kind in ("svg", "pdf", "png"))
    for width in COLUMNS:
        with Image.open(tmp_path / "figures" / f"column_{width}mm.png") as picture:
            assert picture.width == pytest.approx(width / 25.4 * 300, abs=1)
        svg = (tmp_path / "figures" / f"column_{width}mm.svg").read_text()
        assert float(re.search(r'width="([\d.]+)pt"', svg)[1]) == pytest.approx(width / 25.4 * 72, abs=0.01)
        pdf = (tmp_path / "figures" / f"column_{width}mm.pdf").read_bytes()
        assert float(re.search(rb"/MediaBox \[ 0 0 ([\d.]+)", pdf)[1]) == pytest.approx(width / 25.4 * 72, abs=0.01)
        assert b"CreationDate" not in pdf
    assert "Across: Machine; Difference of score." in shown.words
    assert not plt.get_fignums()


def test_points_are_means_of_groups_where_these_have_several_rows(analysed):
    points, are_means = measured(analysed["factor"])
    rows = analysed["factor"].study.rows
    expected = rows.groupby(["Machine", "Worker"], observed=True)["score"].mean()
    assert are_means
    np.testing.assert_allclose(np.sort(points["value"]), np.sort(expected), rtol=1e-12)


def test_points_are_rows_where_each_group_has_one_in_a_cell(analysed):
    points, are_means = measured(analysed["number"])
    assert not are_means
    assert sorted(points["value"]) == sorted(analysed["number"].study.rows["weight"])


def test_points_of_a_logarithm_stand_on_the_scale_of_the_means(analysed):
    points, _ = measured(analysed["ratios"])
    rows = analysed["ratios"].study.rows
    one = rows[rows["Plant"] == "Qn1"]["uptake"]
    assert np.isclose(points["value"], np.exp(np.log(one).mean()), rtol=1e-12).sum() == 1


def test_a_caption_says_what_is_drawn_and_how_many(analysed):
    text = str(caption(analysed["factor"]))
    assert text.startswith(
        "Mean score by Machine. Small points are the means of each Worker. Dots with bars are marginal "
    )
    assert "formula score ~ Machine + (1 | Worker) (n = 54 rows and 6 levels of Worker)" in text
    assert "the difference of score with its 95% confidence interval, not adjusted for the number of effects" in text
    assert "score was 7.967 higher with Machine B than with Machine A" in text
    text = str(caption(analysed["number"]))
    assert "Small points are rows. Lines are marginal means" in text
    assert len(analysed["number"].study.rows) <= MOST_POINTS
    text = str(caption(analysed["nothing"]))
    assert "effect" not in text
    assert "n = 144 rows, 24 levels of plate and 6 levels of sample" in text
    assert str(caption(analysed["ratios"])).startswith("Geometric mean of uptake by Treatment and Type. ")

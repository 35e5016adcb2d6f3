"""Sliders: their pictures are there without a script, each with its words; what they show is what is computed."""

import html
import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hygiene_reading import FIGURE, ROOT, cells, read, shown_as
from scipy import stats

from helpers import plots
from helpers.course import alt_text
from helpers.plots import frames, moving

WITH_SLIDER = ("02_ten_mice", "04_fixed_or_random", "06_random_slopes")
MOST = 400_000  # bytes


@pytest.fixture(autouse=True)
def style(clean_figures):
    """Figures in the lessons' style, and none left."""


def frame(value, size=(3, 2)):
    return plots.Frame(str(value), plt.figure(figsize=size), f"Now {value}.")


def test_without_a_script_the_last_picture_stands_alone_and_the_others_are_folded():
    slider = plots.Slider([frame(1), frame(2), frame(3)], label="mice & rats")
    with alt_text.running({"mystnb": {"image": {"alt": "A mouse."}}}):
        page = slider._repr_html_()
    alone, folded = page.split("<script>")[0].split("<details>")
    assert [found["alt"] for found in FIGURE.finditer(alone)] == ["A mouse. Now 3."]
    assert [found["alt"] for found in FIGURE.finditer(folded)] == ["Now 1.", "Now 2."]
    data = json.loads(html.unescape(re.search(r'data-slider="([^"]*)"', page)[1]))
    assert data == {"label": "mice & rats", "values": ["1", "2", "3"]}
    assert repr(slider) == "<Slider mice & rats: 1 to 3, 3 pictures>"
    assert not plt.get_fignums()


def test_the_script_asks_for_nothing_and_names_its_slider():
    assert not re.search(r"https?:|fetch|import|XMLHttp", frames.SCRIPT)
    assert "<label" not in frames.SCRIPT
    assert 'createElement("label")' in frames.SCRIPT
    assert "aria-valuetext" in frames.SCRIPT


@pytest.mark.parametrize(("given", "words"), [([], "found 0"), ([1], "found 1")])
def test_one_picture_is_no_slider(given, words):
    with pytest.raises(ValueError, match=f"two pictures or more; {words}"):
        plots.Slider(map(frame, given), label="mice")


def test_pictures_of_several_sizes_are_refused():
    with pytest.raises(ValueError, match=r"found 270 × 180 and 360 × 180 pixels. Give each the same figsize"):
        plots.Slider([frame(1), frame(2, (4, 2))], label="mice")


def test_studies_drawn_again_tell_the_r_so_far():
    x, y = np.random.default_rng(1).standard_normal((2, 5, 10))
    r = [np.corrcoef(*pair)[0, 1] for pair in zip(x, y, strict=True)]
    slider = plots.studies_drawn_again(x, y, truth=0, after=[1, 5])
    assert slider.words[0] == f"The first study finds r = {moving._number(r[0])}."
    assert slider.words[1] == f"After 5 studies, r runs from {moving._number(min(r))} to {moving._number(max(r))}."
    with pytest.raises(ValueError, match="asks for 6 studies, and x and y hold 5"):
        plots.studies_drawn_again(x, y, truth=0, after=[6])


def test_pooling_goes_from_one_mean_to_each_its_own():
    groups = pd.DataFrame({"own_mean": [6.0, 9.0], "cells": [2, 8]})
    slider = plots.pooled_by_variance(groups, within=2, between=[0, 1, 1e9])
    assert slider.words[0].endswith("keeps 0% of its distance with 2 cells, 0% with 8.")
    assert slider.words[1].endswith("keeps 50% of its distance with 2 cells, 80% with 8.")
    assert slider.words[2].endswith("keeps 100% of its distance with 2 cells, 100% with 8.")


def test_the_interval_is_that_of_the_t_test_on_the_replicates_so_far():
    effects = np.array([0.1, 0.4, 0.2, 0.3])
    slider = plots.interval_as_replicates_come(effects, truth=0.25, unit="effect")
    low, high = stats.ttest_1samp(effects[:3], 0).confidence_interval()
    assert slider.stops == ["2", "3", "4"]
    assert slider.words[1] == f"3 replicates: mean 0.23, from {moving._number(low)} to {moving._number(high)}."


@pytest.mark.parametrize("name", WITH_SLIDER)
def test_a_stored_slider_is_small_and_each_picture_has_its_words(name):
    pages = [
        page
        for _, cell in cells(read(ROOT / "notebooks" / f"{name}.ipynb"), "code")
        for page in shown_as(cell, "text/html")
    ]
    (page,) = [page for page in pages if "turned-by-slider" in page]
    assert len(page) < MOST
    alts = [html.unescape(found["alt"]) for found in FIGURE.finditer(page)]
    assert (
        len(alts)
        == len(set(alts))
        == len(json.loads(html.unescape(re.search(r'data-slider="([^"]*)"', page)[1]))["values"])
    )
    assert frames.SCRIPT in page

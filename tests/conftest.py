"""What the tests of figures share."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from helpers import plots


@pytest.fixture
def clean_figures():
    """The style of the lessons, and nothing of it or of the figures left to the next test."""
    mpl.use("agg")
    with mpl.rc_context():
        plots.use_style()
        yield
        plt.close("all")

"""A sentence that no longer holds is said, and nothing stops."""

import numpy as np

from helpers.course.claims import claim


def test_a_true_sentence_is_silent(capsys):
    claim(np.bool_(True), "All genes are alike.")
    assert capsys.readouterr().out == ""


def test_a_false_sentence_is_said(capsys):
    claim(3 < 2, "No p-value is below 0.05.")
    assert capsys.readouterr().out == "No longer so: No p-value is below 0.05.\n"

"""The counts report's line on the next study: how many samples find a gene that doubles."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from helpers.planning import ScreenPilot, crossed, screen
from helpers.report import counts
from helpers.report.counts.next_screen import MOST, PLAN, larger_design, smallest_size
from helpers.report.options import settle

PILOT = ScreenPilot(np.full(400, 1 / 400), np.full(400, 0.2), np.full(4, 400 * 200.0))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Counts of eight samples: two of each donor, of two runs."""
    folder = tmp_path_factory.mktemp("screen")
    rng = np.random.default_rng(3)
    names = [f"s{k}" for k in range(8)]
    size = 1 / 0.1
    reads = rng.negative_binomial(size, size / (size + np.exp(rng.uniform(3, 6, (150, 1)))), (150, 8))
    pd.DataFrame(reads, [f"g{k}" for k in range(150)], names).to_csv(folder / "counts.csv", index_label="gene")
    sheet = pd.DataFrame(
        {
            **{"sample": names, "drug": ["no", "yes"] * 4, "donor": np.repeat(["A", "B", "C", "D"], 2)},
            **{"run": ["one"] * 3 + ["two"] * 5, "dose": ["low", "mid", "high", "high"] * 2, "age": range(8)},
        }
    )
    sheet.to_csv(folder / "samples.csv", index=False)
    files = {"data": str(folder / "counts.csv"), "samples": str(folder / "samples.csv")}

    def prepare(formula, contrast, **more):
        return counts.prepare(settle("counts", files | {"formula": formula, "contrast": contrast} | more))

    return prepare


def test_two_groups_grow_by_samples_per_group(prepared):
    larger = larger_design(prepared("~ drug", "drug"))
    assert larger.table(3)["level"].value_counts().to_dict() == {"no": 3, "yes": 3}
    assert larger.size(3) == "3 samples per group"
    assert larger.effect == "from no to yes"


def test_several_groups_ask_for_one_difference(prepared):
    larger = larger_design(prepared("~ dose", "dose", order="dose=low, mid, high"))
    assert larger.table(4)["level"].value_counts().to_dict() == {"low": 4, "mid": 4, "high": 4}
    assert (larger.test, larger.effect) == ("level[T.mid]", "from low to another")


def test_pairs_grow_by_pairs(prepared):
    larger = larger_design(prepared("~ donor + drug", "drug"))
    assert larger.formula == "~ block + level"
    assert len(larger.table(7)) == 14
    assert larger.size(7) == "7 levels of 'donor', each with both samples,"


def test_others_grow_by_copies_and_a_number_counts_in_standard_deviations(prepared):
    study = prepared("~ run + age", "age")
    larger = larger_design(study)
    rows = larger.table(2)
    assert len(rows) == 16
    assert rows[larger.test].iloc[:8].std() == pytest.approx(1)
    assert "for a standard deviation more of 'age'" in larger.effect
    assert larger.size(2) == "16 samples (2 times those of this study)"
    beside = larger_design(prepared("~ run + drug", "drug"))
    assert sorted(beside.table(1)[beside.test].unique()) == [0, 1]


@pytest.mark.parametrize(("formula", "contrast"), [("~ drug * age", "drug"), ("~ run + dose", "dose")])
def test_where_it_is_not_clear_what_doubles_it_says_where_to_look(prepared, formula, contrast):
    study = prepared(formula, contrast)
    assert larger_design(study) is None
    words = repr(counts.next_study(SimpleNamespace(study=study)))
    assert words == "helpers.planning.screen plans other designs, fold changes and depths."


def test_the_size_is_the_smallest_with_the_power(prepared):
    larger = larger_design(prepared("~ drug", "drug"))
    n = smallest_size(larger, PILOT, 0.05, "quasi-likelihood")
    powers = [
        screen(
            crossed(sample=2 * size, between={"level": ["no", "yes"]}), "~ level", pilot=PILOT, test="level", **PLAN
        )["power"].iloc[0]
        for size in (n - 1, n)
    ]
    assert powers[0] < 0.8 <= powers[1]
    assert 3 < n < 20


def test_the_sentence(prepared):
    words = repr(counts.next_study(SimpleNamespace(study=prepared("~ drug", "drug"))))
    assert words.startswith("With the dispersions and depths found here, about ")
    assert (
        "samples per group would find a gene that doubles from no to yes with a probability of 0.8 at a false" in words
    )
    assert "discovery rate of 5%" in words


def test_genes_that_scatter_too_much_for_any_number(prepared):
    larger = larger_design(prepared("~ drug", "drug"))
    wild = ScreenPilot(PILOT.share, np.full(400, 30.0), PILOT.depths)
    assert smallest_size(larger, wild, 0.05, "voom") is None
    assert MOST == 64

"""The counts report's line on the next study: how many samples find a gene that doubles."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from helpers.report import counts
from helpers.report.counts.next_screen import larger_design
from helpers.report.options import settle


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

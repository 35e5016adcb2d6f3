"""What a report on counts asks of every gene, how it takes samples that belong together, and what it says and saves."""

import numpy as np
import pandas as pd
import pytest
from report_running import prepared

from helpers.counts import quasi_likelihood, sum_by
from helpers.report.counts import count_figures, count_lists, count_sentences
from helpers.report.counts.count_results import analyse, by_method, leave_one_out, sample_map
from helpers.report.output import Output

N_GENES = 120
MOUSE = np.repeat([f"m{i}" for i in range(6)], 4)
SHEET = pd.DataFrame(
    {
        "sample": [f"s{i}" for i in range(24)],
        "mouse": MOUSE,
        "diet": np.where(MOUSE < "m3", "low", "high - fat"),
        "dose": np.tile(["0 mg", "5 mg", "10 mg", "10 mg"], 6),
        "age": np.tile([3.0, 5, 8, 13], 6),
    }
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """24 samples of six mice; the first ten genes rise fourfold at 10 mg, the next ten fall."""
    folder, rng = tmp_path_factory.mktemp("counts"), np.random.default_rng(8)
    mean = np.repeat(rng.uniform(80, 800, N_GENES)[:, None], 24, axis=1)
    high = (SHEET["dose"] == "10 mg").to_numpy()
    mean[:10, high] *= 4
    mean[10:20, high] /= 4
    level = np.exp(rng.normal(0, 0.3, (N_GENES, 6)))[:, np.arange(24) // 4]
    counts = rng.negative_binomial(20, 20 / (20 + mean * level))
    table = pd.DataFrame(counts, [f"g{i}" for i in range(N_GENES)], SHEET["sample"]).rename_axis("gene")
    table.insert(0, "symbol", ["Twin" if i in (0, 1) else "" if i == 2 else f"Sym{i}" for i in range(N_GENES)])
    table.to_csv(folder / "counts.csv")
    SHEET.to_csv(folder / "samples.csv", index=False)
    return {"data": folder / "counts.csv", "samples": folder / "samples.csv"}


def asked(files, formula, **more):
    return prepared("counts", **files, formula=formula, **more)


def test_levels_are_compared_in_the_ways_asked_for(files):
    assert asked(files, "~ dose").terms == ("5 mg − 0 mg", "10 mg − 0 mg")
    assert asked(files, "~ dose", compare="sequential").terms == ("5 mg − 0 mg", "10 mg − 5 mg")
    assert asked(files, "~ dose", compare="pairwise").terms == ("5 mg − 0 mg", "10 mg − 0 mg", "10 mg − 5 mg")


def test_contrasts_are_read_as_they_are_written(files):
    written = "low - high - fat; half: 1/2*high - fat - 0.5*low"
    study = asked(files, "~ diet", order="diet=low, high - fat", contrasts=written)
    np.testing.assert_allclose(study.weights, [[0, -1], [0, 0.5]])
    assert study.terms == ("low − high - fat", "half")  # a level's name may hold the sign that stands between levels
    three = asked(files, "~ dose", contrasts="mean: 0.5*5 mg + 0.5*10 mg - 0 mg")
    np.testing.assert_allclose(three.weights, [[0, 0.5, 0.5]])


def test_an_interaction_is_asked_in_each_level_and_between_them(files):
    study = asked(files, "~ diet * dose", contrast="dose", contrasts="10 mg - 0 mg", reference="diet=low")
    label = "10 mg − 0 mg"
    difference = f"{label}, diet=high - fat − diet=low"
    assert study.terms == (f"{label}, diet=low", f"{label}, diet=high - fat", difference)
    weights = study.weights
    np.testing.assert_allclose(weights.loc[difference], weights.iloc[1] - weights.iloc[0])
    assert weights.loc[difference].abs().sum() == 1  # the interaction's own coefficient
    question = str(count_sentences.question(study))
    assert "change between 0 mg and 10 mg in diet low?" in question
    assert "change differently between 0 mg and 10 mg in diet high - fat than in diet low?" in question


def test_an_effect_that_depends_on_a_number_is_that_at_its_mean(files):
    study = asked(files, "~ diet * age", reference="diet=low")
    np.testing.assert_allclose(study.weights.to_numpy()[0], [0, 1, 0, SHEET["age"].mean()])
    assert "The effect is that at the mean of 'age'." in str(count_sentences.model(study))
    of_age = asked(files, "~ diet + diet:age", contrast="age")
    assert of_age.terms == ("age, diet=high - fat", "age, diet=low", "age, diet=low − diet=high - fat")
    assert asked(files, "~ log(age)").terms == ("log(age)",)


def test_between_animals_their_reads_are_summed(files):
    study = asked(files, "~ diet", block="mouse", reference="diet=low")
    table = pd.read_csv(files["data"], index_col="gene").drop(columns="symbol")
    summed, mice = sum_by(table, SHEET.set_index("sample"), "mouse", "~ diet")
    assert study.method == "quasi-likelihood"
    pd.testing.assert_frame_equal(study.counts, summed, check_names=False)
    assert "24 samples became 6" in str(count_sentences.as_read(study))
    mice["diet"] = pd.Categorical(mice["diet"], ["low", "high - fat"])
    theirs = quasi_likelihood(summed, mice, "~ diet")
    np.testing.assert_allclose(by_method(study, "quasi-likelihood")["p_value"], theirs["p_value"])


def test_within_animals_the_animal_is_in_the_formula(files):
    study = asked(files, "~ dose", block="mouse")
    assert study.formula == "~ mouse + dose"
    assert "'mouse' is a term of the model" in str(count_sentences.model(study))
    also = asked(files, "~ diet + dose", contrast="dose", block="mouse")
    assert also.formula == "~ mouse + dose"  # each mouse has one diet
    assert "all that 'diet' could explain" in also.units.sentence


@pytest.fixture(scope="module")
def both(files):
    study = asked(files, "~ diet + dose", contrast="diet", block="mouse", symbol="symbol", reference="diet=low")
    return analyse(study)


def test_both_at_once_takes_a_moderated_mixed_model(both):
    study = both.study
    assert (study.method, study.formula) == ("mixed", "~ diet + dose")
    assert "'dose' varies within levels of 'mouse', 'diet' only between them" in study.units.sentence
    assert "a random intercept for each mouse" in str(count_sentences.methods(both))
    assert not len(leave_one_out(both))
    assert both.table["p_value"].between(0, 1).all()
    np.testing.assert_allclose(both.table["estimate"], both.table["log2_fold_change"] * np.log(2))
    assert set(both.second_table["block_correlation"]) == {both.second_table["block_correlation"][0]}


def test_a_threshold_asks_more_of_a_gene_by_every_method_that_has_one(files):
    for method, block in (("quasi-likelihood", ""), ("voom", ""), ("mixed", "mouse")):
        given = {"contrasts": "10 mg - 0 mg", "block": block, "method": method}
        tables = [by_method(asked(files, "~ dose", fold_change=fold, **given), method) for fold in ("1", "1.5")]
        far = tables[0]["log2_fold_change"].abs().to_numpy() > 1.5
        small = tables[0]["p_value"] < 0.5  # close to 1, edgeR's mean over null values is not exact
        assert (tables[1]["p_value"] >= tables[0]["p_value"])[small].all()
        assert far[:20].all()
        assert (tables[1]["p_adjusted"][:20] < 0.05).all()


@pytest.fixture(scope="module")
def found(files):
    return analyse(asked(files, "~ dose", contrasts="10 mg - 0 mg", block="mouse", symbol="symbol", fold_change="1.2"))


def test_sentences_name_levels_and_genes_and_never_coefficients(found):
    text = " ".join(map(str, (count_sentences.question(found.study), count_sentences.model(found.study))))
    text += str(count_sentences.results(found, NoVerdicts)) + str(count_sentences.methods(found))
    assert "Which genes change between 0 mg and 10 mg by more than 1.2-fold?" in text
    n = len(found.significant("10 mg − 0 mg"))
    assert f"{n} changed between 0 mg and 10 mg by more than 1.2-fold, at a false discovery rate of 5%" in text
    assert "higher in 10 mg" in text
    assert "[T." not in text
    assert "The null hypothesis was a change of at most 1.2-fold (McCarthy & Smyth 2009" in text
    assert "Chen, Lun & Smyth 2016" in text


class NoVerdicts:
    """Checks that all are fine."""

    @staticmethod
    def of(_):
        return []


def test_one_gene_and_none_are_said_in_their_own_words(found):
    rows = found.table.assign(p_adjusted=1.0)
    none = count_sentences.answer(type(found)(found.study, rows, "voom", rows), NoVerdicts)
    assert "none changed between 0 mg and 10 mg by more than 1.2-fold detectably" in str(none)
    rows.loc[0, "p_adjusted"] = 0.001
    one = count_sentences.answer(type(found)(found.study, rows, "voom", rows), NoVerdicts)
    assert "1 changed between 0 mg and 10 mg by more than 1.2-fold" in str(one)
    assert "; it is higher in 10 mg." in str(one)


def test_lists_for_enrichment_hold_what_was_found(found, tmp_path):
    table = count_lists.save(Output(tmp_path), found)
    assert table["file"].tolist() == [
        f"1_10_mg_vs_0_mg{end}" for end in (".rnk", "_up.txt", "_down.txt", "_background.txt")
    ]
    ranks = pd.read_csv(tmp_path / "lists" / "1_10_mg_vs_0_mg.rnk", sep="\t", header=None, index_col=0)[1]
    assert ranks.is_monotonic_decreasing
    assert len(ranks) == N_GENES - 1 == len(set(ranks.index))  # two genes share a symbol
    assert "g2" in ranks.index  # a gene without a symbol keeps its name
    rows = found.table.set_index("gene")
    np.testing.assert_allclose(ranks["Sym7"], -np.log10(rows.loc["g7", "p_value"]), rtol=1e-9)
    np.testing.assert_allclose(ranks["Twin"], -np.log10(rows.loc[["g0", "g1"], "p_value"].min()), rtol=1e-9)
    up = (tmp_path / "lists" / "1_10_mg_vs_0_mg_up.txt").read_text().split()
    assert {f"Sym{i}" for i in range(3, 10)} <= set(up)
    assert not {f"Sym{i}" for i in range(10, 20)} & set(up)
    assert count_lists.save(Output(""), found).equals(table)  # nothing saved


def test_the_map_of_samples_says_what_its_axes_go_with(files, found):
    drawn = sample_map(found.study)
    assert drawn.n_genes == N_GENES
    assert drawn.explained.loc["mouse"].max() > 0.5
    np.testing.assert_allclose(drawn.axes.mean(), 0, atol=1e-8)
    without = asked(files, "~ dose")
    text = str(count_sentences.map_words(without, sample_map(without)))
    assert "which explains" in text
    assert "'mouse' is not in the formula" in text


@pytest.mark.parametrize(
    ("method", "panels"), [("quasi-likelihood", 3), ("voom", 2), ("deseq2", 2), ("likelihood-ratio", 2)]
)
def test_the_scatter_of_genes_is_drawn_alone_by_trend_and_as_used(files, method, panels):
    study = asked(files, "~ dose", method=method)
    table = by_method(study, method)
    figure = count_figures.diagnostics(type("Analysis", (), {"study": study, "table": table}))
    assert len(figure.axes) == panels
    labels = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
    assert labels[0] == "gene alone"
    one = table[table["term"] == study.terms[0]]
    drawn = figure.axes[1].collections[0].get_offsets()[:, 1]
    own = one["own_variance"] if method == "voom" else np.sqrt(one["own_dispersion"].clip(lower=1e-4))
    np.testing.assert_allclose(np.sort(drawn), np.sort(own))
    if method in ("deseq2", "likelihood-ratio"):
        assert labels == ["gene alone", "as the test uses it", "trend"]

"""Pictures of counts through what they draw, what they refuse, and permutations within blocks."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

from helpers import plots
from helpers.counts import count_pictures, permute_within, quasi_likelihood, shrink_fold_changes
from helpers.counts.normalise import trimmed_mean_factors
from helpers.data import load_airway_counts, load_airway_samples, load_gene_symbols, load_shock_samples
from helpers.refusals.errors import UnknownNameError

mpl.use("agg")


pytestmark = pytest.mark.usefixtures("clean_figures")


@pytest.fixture(scope="module")
def airway():
    return load_airway_counts().iloc[::5], load_airway_samples()


@pytest.fixture(scope="module")
def tested(airway):
    counts, samples = airway
    kept = counts[counts.sum(axis=1) >= 10]
    return shrink_fold_changes(
        quasi_likelihood(kept, samples, "~ donor + dexamethasone", terms="dexamethasone[T.treated]")
    )


def scatters(ax):
    return [artist for artist in ax.collections if isinstance(artist, PathCollection)]


def words(ax):
    return [text.get_text() for text in ax.texts]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_library_sizes_are_millions_of_reads(airway):
    counts, samples = airway
    ax = count_pictures.library_sizes(plt.gca(), counts, samples, "dexamethasone")
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], counts.sum() / 1e6)
    shades = [to_hex(bar.get_facecolor()) for bar in ax.patches]
    assert (np.array(shades) == plots.ORANGE.lower()).tolist() == samples["dexamethasone"].eq("treated").tolist()
    assert legend(ax) == ["untreated", "treated"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == counts.columns.tolist()


def test_map_shows_two_variables_by_colour_and_marker(airway):
    counts, samples = airway
    ax = count_pictures.sample_map(plt.gca(), counts, samples.iloc[::-1], "dexamethasone", "donor", join="donor")
    assert legend(ax) == ["untreated", "treated", *sorted(samples["donor"].unique())]
    drawn = scatters(ax)
    assert len(drawn) == 8
    assert sum(len(one.get_offsets()) for one in drawn) == 8
    assert len({tuple(map(tuple, one.get_paths()[0].vertices.round(3))) for one in drawn}) == 4
    places, share = count_pictures.principal_components(counts.to_numpy(float))
    of = pd.DataFrame(places, index=counts.columns)
    lines = [line for line in ax.lines if len(line.get_xdata()) == 2]
    for (_, rows), line in zip(samples.groupby("donor"), lines, strict=True):
        np.testing.assert_allclose(line.get_xydata(), of.loc[rows.index])
    assert f"{100 * share[0]:.0f}%" in ax.get_xlabel()


def test_map_keeps_the_distances_of_samples(airway):
    counts = airway[0].to_numpy(float)[:, :3]  # three samples lie in a plane
    places, share = count_pictures.principal_components(counts)
    sizes = counts.sum(axis=0) * trimmed_mean_factors(counts)
    added = 2 * sizes / sizes.mean()
    logs = np.log2((counts + added) / (sizes + 2 * added) * 1e6)
    logs = logs[np.argsort(-logs.var(axis=1), kind="stable")[:500]]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        apart = np.linalg.norm(logs[:, one] - logs[:, other])
        assert np.linalg.norm(places[one] - places[other]) == pytest.approx(apart)
    assert share.sum() == pytest.approx(1)


def test_every_gene_has_a_point_beside_the_trend(tested):
    ax = count_pictures.biological_variation(plt.gca(), tested)
    rows = tested.dropna(subset=["gene_dispersion"])
    points = np.asarray(scatters(ax)[0].get_offsets())
    assert len(points) == len(rows)
    np.testing.assert_allclose(np.sort(points[:, 1]), np.sort(np.sqrt(rows["gene_dispersion"])))
    np.testing.assert_allclose(np.sort(ax.lines[0].get_ydata()), np.sort(np.sqrt(rows["dispersion"])))


@pytest.mark.parametrize("column", ["log2_fold_change", "shrunken_log2_fold_change"])
def test_changes_and_volcano_colour_what_the_test_found_and_name_by_symbol(tested, column):
    symbols = load_gene_symbols()
    genes = tested.nsmallest(2, "p_value")["gene"].tolist()
    names = [symbols.get(gene, gene) for gene in genes]
    found = (tested["p_adjusted"] < 0.05).sum()
    for draw, side in ((count_pictures.changes, 1), (count_pictures.volcano, 0)):
        ax = draw(plt.figure().gca(), tested, names=genes, symbols=symbols, column=column)
        pale, coloured, ringed = scatters(ax)
        assert len(coloured.get_offsets()) == found
        assert len(pale.get_offsets()) == tested["p_value"].notna().sum() - found
        wanted = tested.set_index("gene").loc[genes, column]
        np.testing.assert_allclose(np.asarray(ringed.get_offsets())[:, side], wanted)
        assert words(ax) == names
        assert ax.get_title(loc="left").startswith(f"{found:,} of ")
    ax = count_pictures.volcano(plt.figure().gca(), tested, names=0, lfc=1)
    assert not words(ax)
    assert sorted(line.get_xdata()[0] for line in ax.lines) == [-1, 1]


def test_p_values_stand_beside_those_of_permutations():
    rng = np.random.default_rng(1)
    p, permuted = rng.uniform(size=1000) ** 2, rng.uniform(size=(5, 1000))
    p[0] = np.nan
    ax = count_pictures.p_values(plt.gca(), p, permuted, bins=10)
    assert [bar.get_height() for bar in ax.patches[:10]] == np.histogram(p[1:], 10, (0, 1))[0].tolist()
    heights = [np.histogram(values, 10, (0, 1))[0] for values in permuted]
    assert legend(ax) == ["the data", "5 permutations: all, median"]
    median = ax.patches[-1].get_data()
    np.testing.assert_array_equal(median.values, np.median(heights, axis=0))


def test_what_cannot_be_drawn(airway, tested):
    counts, samples = airway
    ax = plt.gca()
    cases = [
        (
            lambda: count_pictures.library_sizes(ax, counts, samples.assign(own=list("abcdefgh")), "own"),
            "'own' has 8 levels",
        ),
        (
            lambda: count_pictures.sample_map(ax, counts.iloc[:, :2], samples, "donor"),
            "needs three of them at least; found 2",
        ),
        (lambda: count_pictures.sample_map(ax, counts, samples.drop("SRR1039508"), "donor"), "no row for 'SRR1039508'"),
        (
            lambda: count_pictures.sample_map(ax, counts, samples.assign(donor=[None, *samples["donor"][1:]]), "donor"),
            "design has no 'donor' for sample 'SRR1039508'",
        ),
        (
            lambda: count_pictures.biological_variation(ax, tested.drop(columns="gene_dispersion")),
            "no column 'gene_dispersion'",
        ),
        (lambda: count_pictures.changes(ax, pd.concat([tested, tested.assign(term="b")])), "table holds 2 terms"),
        (lambda: count_pictures.volcano(ax, tested, names=["g"]), "no tested gene 'g'"),
        (lambda: count_pictures.p_values(ax, [np.nan]), "p-values lie between 0 and 1"),
        (lambda: count_pictures.p_values(ax, [0.5], [[2.0]]), "p-values lie between 0 and 1"),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(UnknownNameError, match="no column 'dose'"):
        count_pictures.sample_map(ax, counts, samples, "dose")


def test_permutations_stay_within_blocks():
    samples = load_shock_samples().assign(also=lambda table: table["time"].astype(str) + table["patient"])
    one = permute_within(samples, ["time", "also"], "patient", seed=4)
    assert one.index.equals(samples.index)
    assert one["patient"].equals(samples["patient"])
    assert (pd.crosstab(one["patient"], one["time"]) == 1).all(axis=None)
    assert (one["also"] == one["time"].astype(str) + one["patient"]).all()
    assert not one["time"].equals(samples["time"])
    assert one.equals(permute_within(samples, ["time", "also"], "patient", seed=4))
    firsts = [permute_within(samples, "time", "patient", seed=seed)["time"].iloc[0] for seed in range(300)]
    assert pd.Series(firsts).value_counts().between(75, 125).all()
    free = permute_within(samples, "time", seed=1)
    assert sorted(free["time"]) == sorted(samples["time"])


def test_permutations_that_exchange_nothing():
    samples = load_shock_samples()
    group = samples["patient"].map(dict(zip(samples["patient"].unique(), "ababababab" + "a", strict=True)))
    with pytest.raises(ValueError, match=r"'group' holds one value within each 'patient'.*sum_by"):
        permute_within(samples.assign(group=group), "group", "patient", seed=1)
    with pytest.raises(ValueError, match="'one' holds one value in all samples"):
        permute_within(samples.assign(one=1), "one", seed=1)
    with pytest.raises(UnknownNameError, match="no column 'tiem'"):
        permute_within(samples, "tiem", "patient", seed=1)

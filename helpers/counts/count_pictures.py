"""Pictures of counts: before the test (libraries, samples, scatter) and after it (changes, p-values).

Each function draws on an Axes and returns it.
"""

from itertools import product

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from helpers import plots
from helpers.counts.inputs import check_counts, matched
from helpers.counts.normalise import trimmed_mean_factors
from helpers.design.columns import used

COLOURS = [plots.BLUE, plots.ORANGE, plots.GREEN, plots.PINK, plots.SKY, plots.AMBER, plots.INK]
MARKERS = "os^Dv<>PX*"
PALE = "#B8B8B8"
MOST_VARIABLE = 500  # genes that the map of samples looks at
PRIOR = 2.0  # reads added before the logarithm, so that genes with few do not rule the map
TINIEST = 1e-300


def library_sizes(ax, counts, design=None, colour=None):
    """Draw a bar of reads for each sample, and a line at their mean.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    counts : pandas.DataFrame, shape (n_genes, n_samples)
    design : pandas.DataFrame, optional
        One row per sample.
    colour : str, optional
        The column of the design that colours the bars; up to seven levels.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError, MissingColumnError
        See `helpers.counts.inputs.check_counts`; more levels than colours, a column or samples that are not there.
    """
    table = check_counts(counts)
    reads, places = table.sum(axis=0) / 1e6, np.arange(table.shape[1])[::-1]
    shades = [plots.GREY] * len(reads)
    if colour is not None:
        codes, levels = _levels(matched(table, design), colour, len(COLOURS))
        shades = [COLOURS[code] for code in codes]
        handles = [Line2D([], [], color=COLOURS[i], linewidth=6, label=str(level)) for i, level in enumerate(levels)]
        ax.legend(handles=handles, title=colour, frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    ax.barh(places, reads, color=shades)
    ax.axvline(reads.mean(), color=plots.INK, linestyle="--", linewidth=1)
    ax.set_yticks(places, table.columns.astype(str))
    ax.set(xlabel="reads (millions); dashed: mean")
    return ax


def sample_map(ax, counts, design, colour, marker=None, *, join=None):
    """Draw samples as points, near each other where they are alike in the genes that vary most.

    The axes are the first two principal components of log2 counts per million (TMM library sizes, two reads added) of
    the 500 genes that vary most: what multidimensional scaling of Euclidean distances draws, too.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    counts : pandas.DataFrame, shape (n_genes, n_samples)
    design : pandas.DataFrame
        One row per sample.
    colour, marker : str
        Columns of the design; at most seven and ten levels. The marker may be left out.
    join : str, optional
        A column; the samples of each level are joined by a line, in the order of `counts`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError, MissingColumnError
        As in `library_sizes`; fewer than three samples.
    """
    table = check_counts(counts)
    if table.shape[1] < 3:
        raise ValueError(f"A map of samples needs three of them at least; found {table.shape[1]}.")
    design = matched(table, design)
    codes, levels = _levels(design, colour, len(COLOURS))
    shapes, kinds = (np.zeros(len(codes), int), [None]) if marker is None else _levels(design, marker, len(MARKERS))
    places, share = principal_components(table.to_numpy(float))
    if join is not None:
        for _, rows in used(design, [join], "design").reset_index(drop=True).groupby(join, observed=True):
            ax.plot(*places[rows.index].T, color=PALE, linewidth=1, zorder=1)
    for (code, _), (shape, _) in product(enumerate(levels), enumerate(kinds)):
        rows = (codes == code) & (shapes == shape)
        ax.scatter(*places[rows].T, s=60, marker=MARKERS[shape], color=COLOURS[code], linewidths=0, zorder=2)
    handles = [_dot(str(level), colour=COLOURS[i]) for i, level in enumerate(levels)]
    if marker is not None:
        handles += [_dot(str(kind), marker=MARKERS[i]) for i, kind in enumerate(kinds)]
    title = colour if marker is None else f"{colour}, {marker}"
    ax.legend(handles=handles, title=title, frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    ax.margins(0.1)
    ax.set(xlabel=f"axis 1 ({100 * share[0]:.0f}% of variance)", ylabel=f"axis 2 ({100 * share[1]:.0f}%)")
    return ax


def _dot(label, colour=plots.GREY, marker="o"):
    return Line2D([], [], color=colour, marker=marker, linestyle="", markersize=8, label=label)


def _levels(design, name, most):
    """The level of each sample as a number, and the levels; no more than can be told apart."""
    column = used(design, [name], "design")[name].astype("category").cat.remove_unused_categories()
    if column.isna().any():
        raise ValueError(f"design has no {name!r} for sample {column.index[column.isna()][0]!r}. Fill it in.")
    levels = column.cat.categories
    if len(levels) > most:
        raise ValueError(
            f"{name!r} has {len(levels)} levels, more than the {most} that can be told apart. Join the samples of a"
            f" level by lines instead: join={name!r} in sample_map."
        )
    return column.cat.codes.to_numpy(), levels


def principal_components(counts):
    """Places of samples along the two directions in which they differ most, and the share of variance of each.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n_genes, n_samples)

    Returns
    -------
    places : numpy.ndarray, shape (n_samples, 2)
        The largest value of each axis is positive.
    share : numpy.ndarray, shape (2,)
    """
    sizes = counts.sum(axis=0) * trimmed_mean_factors(counts)
    added = PRIOR * sizes / sizes.mean()
    logs = np.log2((counts + added) / (sizes + 2 * added) * 1e6)
    most = np.argsort(-logs.var(axis=1), kind="stable")[:MOST_VARIABLE]
    centred = logs[most] - logs[most].mean(axis=1, keepdims=True)
    _, values, right = np.linalg.svd(centred, full_matrices=False)
    places = (values[:2, None] * right[:2]).T
    largest = places[np.abs(places).argmax(axis=0), [0, 1]]
    return places * np.where(largest < 0, -1, 1), values[:2] ** 2 / np.sum(values**2)


def biological_variation(ax, table):
    """Draw how much each gene scatters between animals beyond counting, and the trend that the test uses.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    table : pandas.DataFrame
        The result of `helpers.counts.quasi_likelihood`.

    Returns
    -------
    matplotlib.axes.Axes
        The biological coefficient of variation is the root of the dispersion: 0.3 means that true levels differ by
        about 30% between animals.

    Raises
    ------
    ValueError
        The table has no dispersion of each gene.
    """
    _check_table(table, ["gene", "mean_count", "dispersion", "gene_dispersion"])
    rows = table.drop_duplicates("gene").dropna(subset=["gene_dispersion"]).sort_values("mean_count")
    _points(ax, rows["mean_count"], np.sqrt(rows["gene_dispersion"]), s=4, color=plots.GREY, label="gene")
    ax.plot(rows["mean_count"], np.sqrt(rows["dispersion"]), ".", color=plots.ORANGE, markersize=2)
    handles = [_dot("gene"), Line2D([], [], color=plots.ORANGE, linewidth=2.5, label="trend")]
    ax.legend(handles=handles, frameon=False, loc="upper right")
    ax.set(xscale="log", xlabel="mean count", ylabel="biological coefficient of variation", ylim=(0, None))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    return ax


def changes(ax, table, *, fdr=0.05, names=8, symbols=None, column="log2_fold_change"):
    """Draw the fold change of each gene against its mean count (an MA plot); genes found are coloured.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    table : pandas.DataFrame
        The rows of one term, as a test of many genes returns them.
    fdr : float
        Genes with `p_adjusted` below this are coloured.
    names : int or sequence of str
        How many genes to name, those with the smallest p-values; or which.
    symbols : mapping, optional
        From a gene's id to its symbol; a gene that is not in it goes by its id.
    column : str
        ``"shrunken_log2_fold_change"`` draws what `helpers.counts.shrink_fold_changes` added.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        A column is not there, several terms, a gene that is to be named and is not there.
    """
    rows, found = _tested(table, fdr, [column, "mean_count"])
    _coloured(ax, rows["mean_count"], rows[column], found)
    ax.axhline(0, color=plots.INK, linewidth=0.8)
    ax.set(xscale="log", xlabel="mean count", ylabel=_label(column))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    _name(ax, rows, rows["mean_count"], rows[column], found, names, symbols)
    return ax


def volcano(ax, table, *, fdr=0.05, lfc=0.0, names=8, symbols=None, column="log2_fold_change"):
    """Draw the p-value of each gene against its fold change; genes found are coloured.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    table, fdr, names, symbols, column
        As in `changes`.
    lfc : float
        Where to draw dashed lines: the threshold that the test was told. Genes are coloured by the test alone, for a
        cut of the fold change after a test of no change keeps no error rate.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        As in `changes`.
    """
    rows, found = _tested(table, fdr, [column])
    height = -np.log10(np.maximum(rows["p_value"], TINIEST))
    _coloured(ax, rows[column], height, found)
    for place in {lfc, -lfc}:
        ax.axvline(place, color=plots.INK, linestyle="--" if lfc else "-", linewidth=0.8)
    ax.set(xlabel=_label(column), ylabel="−log10 of the p-value", ylim=(0, None))
    _name(ax, rows, rows[column], height, found, names, symbols)
    return ax


def _label(column):
    return column.replace("log2_", "log2 ").replace("_", " ")


def _check_table(table, needed):
    absent = [name for name in needed if not isinstance(table, pd.DataFrame) or name not in table.columns]
    if absent:
        raise ValueError(
            f"table has no column {absent[0]!r}. Pass what a test of many genes returned; gene_dispersion comes from"
            " quasi_likelihood, shrunken_log2_fold_change from shrink_fold_changes."
        )


def _tested(table, fdr, columns):
    _check_table(table, ["gene", "term", "p_value", "p_adjusted", *columns])
    terms = table["term"].unique()
    if len(terms) != 1:
        raise ValueError(
            f"table holds {len(terms)} terms ({', '.join(map(repr, terms))}). Draw one:"
            f" table[table['term'] == {terms[0]!r}]."
        )
    rows = table[table["p_value"].notna()].set_index("gene")
    return rows, (rows["p_adjusted"] < fdr).to_numpy()


def _points(ax, x, y, **style):
    ax.scatter(x, y, linewidths=0, rasterized=True, **style)


def _coloured(ax, x, y, found):
    _points(ax, x[~found], y[~found], s=5, color=PALE)
    _points(ax, x[found], y[found], s=9, color=plots.ORANGE)
    ax.set_title(f"{found.sum():,} of {len(found):,} genes found", fontsize=11)


def _name(ax, rows, x, y, found, names, symbols):
    if isinstance(names, int):
        chosen = rows[found].nsmallest(names, "p_value").index
    elif absent := [gene for gene in names if gene not in rows.index]:
        raise ValueError(f"The table has no tested gene {absent[0]!r} to be named.")
    else:
        chosen = list(names)
    if len(chosen):
        ax.scatter(x[chosen], y[chosen], s=40, facecolors="none", edgecolors=plots.INK, linewidths=1)
        texts = [str((symbols if symbols is not None else {}).get(gene, gene)) for gene in chosen]
        plots.label_points(ax, x[chosen], y[chosen], texts, fontsize=9)


def p_values(ax, p_value, permuted=None, *, bins=20):
    """Draw a histogram of p-values, and what permutations of the samples give in its place.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    p_value : array-like, shape (n_genes,)
        NaN where a gene was not tested.
    permuted : array-like, shape (n_permutations, n_genes), optional
        The p-values of the same test after the condition was exchanged at random (within blocks, where there are any:
        `helpers.counts.permute_within`). Grey: from the least to the most genes that one of them puts there; line:
        their median.
    bins : int

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        No p-value, or numbers that are none.
    """
    edges = np.linspace(0, 1, bins + 1)
    ax.hist(_shares(p_value), bins=edges, color=plots.BLUE, alpha=0.75, label="the data")
    if permuted is not None:
        heights = np.array([np.histogram(_shares(values), edges)[0] for values in np.atleast_2d(permuted)])
        label = f"{len(heights)} permutations: all, median"
        ax.stairs(heights.max(axis=0), edges, baseline=heights.min(axis=0), fill=True, color=plots.INK, alpha=0.3)
        ax.stairs(np.median(heights, axis=0), edges, color=plots.INK, linewidth=1.5, label=label)
        ax.legend(frameon=False)
    ax.set(xlabel="p-value", ylabel="genes", xlim=(0, 1))
    return ax


def _shares(values):
    values = np.asarray(values, float)
    values = values[~np.isnan(values)]
    if not len(values) or values.min() < 0 or values.max() > 1:
        raise ValueError("p-values lie between 0 and 1, and there must be one at least. Pass the column p_value.")
    return values

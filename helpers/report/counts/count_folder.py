"""A folder with a file per sample, as STAR, HTSeq and featureCounts leave it, put together into one table of counts."""

import csv
import gzip
import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from helpers.refusals.wording import some
from helpers.report.counts.count_files import OF_FEATURE_COUNTS, samples_of
from helpers.report.own_table import Source
from helpers.report.phrases import counted, joined, number

SUFFIXES = (".tab", ".txt", ".tsv", ".counts", ".count", ".out", ".sf")
STAR = 4  # columns: gene, reads without regard to the strand, those of the first and those of the second strand
STRANDS = {"unstranded": 1, "forward": 2, "reverse": 3}
ONE_SIDED, TWO_SIDED = 5.0, 2.0  # how many times more reads one strand has, where a library is stranded and where not
GENE = "gene"


def read_folder(settings: SimpleNamespace, samples: list[str]) -> Source:
    """The counts of every sample in a folder.

    Parameters
    ----------
    settings : types.SimpleNamespace
        With ``data``, the folder, ``encoding`` and ``strand``.
    samples : list of str
        As the sample sheet names them: a file belongs to the sample with whose name its own begins.

    Returns
    -------
    helpers.report.own_table.Source
        A column ``gene``, and one for each sample.

    Raises
    ------
    ValueError
        No file of counts, a sample without a file or with two, files of other genes, or lines that are none of a count.
    """
    folder = Path(settings.data).expanduser()
    files = {path.name: path for path in sorted(folder.iterdir()) if _is_counts(path)}
    if not files:
        raise ValueError(
            f"The folder {folder.name} holds no file of counts: a file per sample, whose name begins with the sample's "
            f"and ends in {', '.join(SUFFIXES)} (or that with .gz)."
        )
    held = samples_of(list(files), samples)
    if lost := [name for name in samples if name not in held.values()]:
        raise ValueError(
            f"The folder {folder.name} has no file, or several, for the sample {some(map(repr, lost))}. Its files are "
            f"{some(map(repr, files))}. A file's name begins with that of its sample; leave samples out with DROP=."
        )
    rows = {sample: _rows(files[name], settings.encoding) for name, sample in held.items()}
    columns, notes = _column_of_counts(rows, settings.strand)
    counts = {sample: _counts(lines, columns, sample) for sample, lines in rows.items()}
    first, *others = samples
    for sample in others:
        if not counts[sample].index.equals(counts[first].index):
            extra = counts[sample].index.symmetric_difference(counts[first].index)
            found = f"{some(map(repr, extra))} in one alone" if len(extra) else "in another order"
            raise ValueError(
                f"The files of {first!r} and {sample!r} hold other genes ({found}). Count all samples with "
                "one annotation."
            )
    frame = pd.DataFrame({sample: counts[sample] for sample in samples}).rename_axis(GENE).reset_index()
    unused = len(files) - len(held)
    notes = [f"The counts of {counted(len(samples), 'sample')} were read from a file each.", *notes]
    if unused:
        notes.append(f"{counted(unused, 'file')} of the folder {'is' if unused == 1 else 'are'} no sample's.")
    return Source(folder.name, frame, tuple(notes))


def _is_counts(path):
    name = path.name.removesuffix(".gz")
    return path.is_file() and name.lower().endswith(SUFFIXES) and not name.endswith(".summary") and name[0] not in "._"


def _rows(path, encoding):
    """Lines of a file as lists of fields, without comments."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding=encoding, newline="") as file:
            lines = [fields for fields in csv.reader(file, delimiter="\t") if fields and not fields[0].startswith("#")]
    except (OSError, EOFError, UnicodeError, csv.Error) as error:
        raise ValueError(f"{path.name} cannot be read as text with tabs between columns ({error}).") from None
    widths = {len(fields) for fields in lines}
    if len(widths) != 1 or widths & {1}:
        raise ValueError(
            f"{path.name} has lines of {joined(sorted(widths))} columns with tabs between. A file of counts has two "
            "(HTSeq), four (STAR) or seven (featureCounts) in every line."
        )
    return lines


def _column_of_counts(rows, strand):
    """Which column holds the counts, and what is said of it."""
    widths = {sample: len(lines[0]) for sample, lines in rows.items()}
    if len(set(widths.values())) > 1:
        one, other = (
            next(sample for sample, n in widths.items() if n == width) for width in sorted(set(widths.values()))[:2]
        )
        raise ValueError(
            f"The files of {one!r} and {other!r} have {widths[one]} and {widths[other]} columns: they are "
            "of two programs."
        )
    lines = next(iter(rows.values()))
    if set(OF_FEATURE_COUNTS) <= set(lines[0]):
        if len(lines[0]) > len(OF_FEATURE_COUNTS) + 2:
            raise ValueError("featureCounts has put several samples into one file: give that file as DATA.")
        return len(lines[0]) - 1, []
    if lines[0][0] == "Name" and "NumReads" in lines[0]:
        raise ValueError(
            "These are files of salmon, a row per transcript. Sum them to genes first (tximport, or salmon quant "
            "--geneMap and its quant.genes.sf), and give one table of NumReads as DATA."
        )
    if len(lines[0]) != STAR:
        return len(lines[0]) - 1, []
    if strand != "auto":
        return STRANDS[strand], [f"Of STAR's columns, that of {strand} libraries was taken (STRAND)."]
    return _strand(rows)


def _strand(rows):
    """STAR's column, by which strand holds the reads."""
    sums = {"forward": 0.0, "reverse": 0.0}
    for lines in rows.values():
        genes = [fields for fields in lines if not re.fullmatch(r"N_\w+", fields[0])]
        for name in sums:
            sums[name] += sum(float(fields[STRANDS[name]]) for fields in genes)
    more = max(sums, key=lambda name: sums[name])
    ratio = sums[more] / max(min(sums.values()), 1.0)
    if ratio >= ONE_SIDED:
        return STRANDS[more], [
            f"STAR's column of {more} libraries was taken: that strand has {number(ratio)} times the reads of "
            "the other."
        ]
    if ratio <= TWO_SIDED:
        return STRANDS["unstranded"], [
            f"STAR's column of unstranded libraries was taken: one strand has only {number(ratio)} times the reads of "
            "the other."
        ]
    raise ValueError(
        f"One strand has {number(ratio)} times the reads of the other, too many for an unstranded library and too few "
        f"for a stranded one. Say STRAND=, one of {', '.join(STRANDS)}: the one that the library kit's manual names."
    )


def _counts(lines, column, sample):
    """Gene -> count; a first line that is a header is left out."""
    if not lines[0][column].strip().replace(".", "", 1).isdigit():
        lines = lines[1:]
    values = pd.to_numeric(pd.Series([fields[column] for fields in lines]), errors="coerce")
    if values.isna().any():
        place = int(values.isna().argmax())
        raise ValueError(
            f"The file of {sample!r} has {lines[place][column]!r} as the count of {lines[place][0]!r}. A count is "
            "a number."
        )
    counts = pd.Series(values.to_numpy(), [fields[0] for fields in lines])
    if counts.index.has_duplicates:
        twice = some(map(repr, counts.index[counts.index.duplicated()].unique()))
        raise ValueError(f"The file of {sample!r} has the gene {twice} more than once. Give every gene one line.")
    return counts

"""Samples that belong together: which analysis their design asks for, by what simulations of such studies showed.

Between blocks, the reads of each block are summed; within blocks, the block is a term of the formula; where the formula
asks about both, a moderated mixed model of weighted log counts. ``benchmarks/repeated_counts.csv`` holds the study.
"""

from dataclasses import dataclass
from types import SimpleNamespace

import pandas as pd

from helpers.counts import sum_by
from helpers.design.coding import Coding
from helpers.design.formula import parse_right_side
from helpers.design.translation import quoted, terms, translate
from helpers.refusals.wording import listed
from helpers.report.counts.count_inputs import nearest
from helpers.report.counts.count_questions import interacting
from helpers.report.phrases import counted, joined

MIXED = "mixed"
NONE, SUMMED, WITHIN, BOTH = "none", "summed", "within", "both"


@dataclass(frozen=True, eq=False)
class Arranged:
    """Counts, sheet and formula as they are analysed.

    Attributes
    ----------
    counts : pandas.DataFrame
    samples : pandas.DataFrame
    formula : str
        Of the fixed part.
    method : str
    kind : str
        One of NONE, SUMMED, WITHIN, BOTH.
    sentence : str
        What was done, and why; empty without a block.
    """

    counts: pd.DataFrame
    samples: pd.DataFrame
    formula: str
    method: str
    kind: str
    sentence: str


def arranged(
    counts: pd.DataFrame, samples: pd.DataFrame, settings: SimpleNamespace, contrast: str, used: tuple
) -> Arranged:
    """Take account of samples that belong together.

    Parameters
    ----------
    counts : pandas.DataFrame, shape (n_genes, n_samples)
    samples : pandas.DataFrame
        In the order of the columns of `counts`; labels as categories.
    settings : types.SimpleNamespace
        With ``formula, method, block``.
    contrast : str
    used : tuple of str
        Columns of the formula.

    Returns
    -------
    Arranged

    Raises
    ------
    ValueError
        BLOCK names no column, one of the formula, or one that says nothing; a method that cannot do what is needed.
    """
    formula, method, block = settings.formula, settings.method, settings.block
    if not block:
        if method == MIXED:
            raise ValueError("METHOD=mixed needs BLOCK=: the column that says which samples belong together.")
        return Arranged(counts, samples, formula, method, NONE, "")
    _check_block(samples, block, used)
    varying = [name for name in used if samples.groupby(block, observed=True)[name].nunique().max() > 1]
    fixed = [name for name in used if name not in varying]
    _, coding = Coding.of(parse_right_side(formula).fixed, samples)
    if method == MIXED or (varying and (contrast in fixed or set(interacting(coding, contrast)) & set(fixed))):
        if method not in (MIXED, "quasi-likelihood"):
            raise ValueError(
                f"FORMULA has columns that vary within {block!r} ({listed(varying)}) and columns that do not "
                f"({listed(fixed)}), and asks about both. METHOD={method} cannot: leave METHOD out, for a mixed model."
            )
        return Arranged(counts, samples, formula, MIXED, BOTH, _both(block, varying, fixed))
    if not varying:
        return _summed(counts, samples, formula, method, block)
    kept = [
        term for term in terms(parse_right_side(formula).fixed) if set(translate(term).columns.values()) - set(fixed)
    ]
    sentence = (
        f"{block!r} is a term of the model: {contrast!r} is compared within the levels of {block!r}, so what differs "
        "between them is no noise."
    )
    if fixed:
        sentence += f" It stands for all that {joined(map(repr, fixed))} could explain, too."
    blocked = samples.assign(**{block: pd.Categorical(samples[block].astype(str))})
    return Arranged(counts, blocked, f"~ {' + '.join([quoted(block), *kept])}", method, WITHIN, sentence)


def _summed(counts, samples, formula, method, block):
    before = len(samples)
    counts, samples = sum_by(counts, samples, block, formula)
    samples = samples.set_axis(samples.index.astype(str).rename(block))
    sentence = (
        f"The reads of all samples of one {block!r} were added up: {counted(before, 'sample')} became "
        f"{len(samples)}. Nothing asked about varies within {block!r}, so its samples are no replicates."
    )
    return Arranged(counts.set_axis(samples.index, axis=1), samples, formula, method, SUMMED, sentence)


def _both(block, varying, fixed):
    verb = "varies" if len(varying) == 1 else "vary"
    between = f", {joined(map(repr, fixed))} only between them" if fixed else ""
    return (
        f"Samples of one {block!r} may be alike: a mixed model has a random intercept for each. "
        f"{joined(map(repr, varying))} {verb} within levels of {block!r}{between}."
    )


def _check_block(samples, block, used):
    if block not in samples:
        raise ValueError(f"BLOCK names {block!r}, which is no column of SAMPLES.{nearest(block, samples.columns)}")
    if block in used:
        raise ValueError(
            f"BLOCK={block} stands in FORMULA, too. Take it out of one of them: as BLOCK, what suits the question is "
            "chosen; in FORMULA, it is one more term."
        )
    if samples[block].isna().any():
        raise ValueError(f"BLOCK={block}: the sample {samples.index[samples[block].isna()][0]!r} has none. Fill it in.")
    n = samples[block].nunique()
    if n == 1:
        raise ValueError(f"BLOCK={block} is the same for every sample: it says nothing. Leave it out.")
    if n == len(samples):
        raise ValueError(f"BLOCK={block} is another for every sample: no samples belong together. Leave it out.")

"""How large a model may be: said before its memory is taken."""

from __future__ import annotations

LIMIT = 8 * 2**30  # bytes of working memory
MATRICES = 12  # of the linked random effects, alive at the same time when their second derivatives are computed


def refuse_too_large(entries: float, factors: list[tuple[int, int]]) -> None:
    """Refuse random effects whose matrices would take more than `LIMIT`.

    Parameters
    ----------
    entries : float
        Entries of one matrix of the random effects that are left when the largest grouping factor is eliminated.
    factors : list of (levels, columns)
        The grouping factors that are left.

    Raises
    ------
    ValueError
        With the size, and what to do.
    """
    needed = 8.0 * MATRICES * entries
    if needed <= LIMIT:
        return
    left = " and ".join(f"{levels:,} levels × {columns}" for levels, columns in factors)
    raise ValueError(
        f"The grouping factors are crossed with too many levels: beside the largest of them, {left} random effects are"
        f" linked by the rows they share, and their matrices would take about {needed / 2**30:,.0f} GB (the limit is"
        f" {LIMIT / 2**30:.0f} GB). Take one of the crossed terms out of the formula, let less vary between its levels,"
        " or fit a sample of them."
    )

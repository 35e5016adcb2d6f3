"""Which variances of a mixed model the data cannot tell: not from nothing, not from each other, not from the residual.

REML sees the outcome through S = I − QQ' alone, Q the fixed part made orthonormal, and there its covariance is
Σ φ_k S V_k S + σ²S. So the parameters φ are identified if, and only if, the matrices S V_k S and S are linearly
independent (Rao & Kleffe 1988, Estimation of Variance Components and Applications). If they are not, the criterion has
no optimum but a ridge, and any point of it would be printed as a result. Whether they are depends on the
design alone: the outcome takes no part in it.

Everything is computed from cross-products: no matrix of n × n, and none of more columns than a block has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from helpers.design.rank import aliases

if TYPE_CHECKING:
    from helpers.design import CodedFormula
    from helpers.design.crossproducts import CrossProducts

NOTHING = 1e-12  # squared share of a random column that the fixed part must leave
DEPENDENT = 1e-9  # eigenvalue of the scaled Gram matrix; a million rows with one pair of them reach 1e-6
TAKES_PART = 1e-3  # weight from which a parameter counts as part of a dependence


def refuse_unidentified(design: CodedFormula, products: CrossProducts) -> None:
    """Refuse a model with variances that no data of this design can tell.

    Parameters
    ----------
    design : helpers.design.CodedFormula
    products : helpers.design.crossproducts.CrossProducts
        Of that design; the outcome does not matter.

    Raises
    ------
    ValueError
        The fixed part explains every difference between the levels of a grouping factor, or in a random slope;
        variances cannot be told apart, or not from the residual variance.
    """
    sums = (_Stacked if len(products.stages) == 1 else _Sparse)(products)
    remainders = [_remainder(sums, k) for k in range(len(products.terms))]
    for k, remainder in enumerate(remainders):
        shares, vectors = np.linalg.eigh(remainder / products.n)
        if shares[0] <= NOTHING:
            raise ValueError(_absorbed(design, products, k, vectors[:, shares <= NOTHING]))
    gram = _gram(products, sums, remainders)
    scale = _scale(products, gram)
    values, vectors = np.linalg.eigh(gram / np.outer(scale, scale))
    if values[0] > DEPENDENT:
        return
    taking_part = np.abs(vectors[:, values <= DEPENDENT]).max(axis=1) > TAKES_PART
    owners = [k for k, term in enumerate(products.terms) for _ in term.pairs]
    which = sorted({k for k, part in zip(owners, taking_part, strict=False) if part})
    raise ValueError(_entangled(design, which, residual=bool(taking_part[-1])))


def explained_by_fixed_part(where: str, group: str) -> str:
    """How a message opens that the fixed part leaves no difference between, or within, the levels of a group."""
    return f"The fixed part explains every difference {where} levels of {group!r}"


# --- Traces ---------------------------------------------------------------------------------------------------------


class _Stacked:
    """Z'Z and Z'Q where there is one stage, by its blocks."""

    def __init__(self, products):
        self.products, self.places = products, products.stages[0].places

    def left(self, k):
        """Z'Q of a term, (blocks, slots, size, p)."""
        place = self.places[k]
        return self.products.ztq[:, place.offset : place.stop].reshape(-1, place.slots, place.size, self.products.p)

    def _square(self, k, m):
        row, column = self.places[k], self.places[m]
        block = self.products.ztz[:, row.offset : row.stop, column.offset : column.stop]
        return block.reshape(-1, row.slots, row.size, column.slots, column.size)

    def own(self, k):
        """Σ over the levels of a term of z_a'z_b, (size, size)."""
        return np.einsum("giaib->ab", self._square(k, k))

    def pairs(self, k, m):
        """Σ (Z'Z)_da (Z'Z)_cb, [d, a, c, b], and Σ Q'Z_c (Z'Z)_da Z_b'Q, the same."""
        square, left, right = self._square(k, m), self.left(k), self.left(m)
        rows, columns = square.shape[2], square.shape[4]
        flat = square.transpose(2, 4, 0, 1, 3).reshape(rows * columns, -1)
        carried = np.einsum("gidja,gjbp->gidabp", square, right, optimize=True)
        mixed = np.einsum("gidabp,gicp->dacb", carried, left, optimize=True)
        return (flat @ flat.T).reshape(rows, columns, rows, columns), mixed


class _Sparse:
    """Z'Z and Z'Q where there are several stages, by pairs of levels that share a row."""

    def __init__(self, products):
        self.products = products

    def left(self, k):
        """Z'Q of a term, (1, levels, size, p)."""
        return self.products.all_ztq[self.products.positions[k]][None]

    def _square(self, k, m):
        where = self.products.positions
        return [[self.products.all_ztz[rows][:, columns] for columns in where[m].T] for rows in where[k].T]

    def own(self, k):
        """As of `_Stacked`."""
        return np.array([[part.diagonal().sum() for part in row] for row in self._square(k, k)])

    def pairs(self, k, m):
        """As of `_Stacked`."""
        square, left, right = self._square(k, m), self.left(k)[0], self.left(m)[0]
        whole = [[[[da.multiply(cb).sum() for cb in c] for c in square] for da in d] for d in square]
        carried = [[[da @ right[:, b] for b in range(right.shape[1])] for da in d] for d in square]
        return np.array(whole), np.einsum("dabip,icp->dacb", np.array(carried), left, optimize=True)


def _remainder(sums, k):
    """Σ over levels of z_a'S z_b for the columns a and b of a term, (size, size)."""
    across = sums.left(k)
    return sums.own(k) - np.einsum("giap,gibp->ab", across, across)


def _gram(products, sums, remainders):
    """Traces of products of the S V_k S, and of S (last), two by two.

    V_k is Σ Z_a Z_b' over the orders (a, b) of a pair of columns, and tr(S Z_a Z_b' S Z_c Z_d') the inner product of
    Z_d'S Z_a and Z_c'S Z_b.
    """
    pairs = products.pairs
    inner = {(u, t): _inner(sums, u, t) for t in range(len(products.terms)) for u in range(t + 1)}
    gram = np.empty((len(pairs) + 1, len(pairs) + 1))
    for i, (t, a, b) in enumerate(pairs):
        for j, (u, c, d) in enumerate(pairs[: i + 1]):
            orders = [(x, y) for x in {(a, b), (b, a)} for y in {(c, d), (d, c)}]
            gram[i, j] = gram[j, i] = sum(inner[u, t][d, a, c, b] for (a, b), (c, d) in orders)
        gram[-1, i] = gram[i, -1] = remainders[t][a, b] * (1 + (a != b))
    gram[-1, -1] = products.n - products.p
    return gram


def _scale(products, gram):
    """Lengths of the S V_k S of variances, and of S; for a covariance, which may be 0, what its two variances imply."""
    pairs = products.pairs
    lengths = {(k, a): gram[i, i] ** 0.25 for i, (k, a, b) in enumerate(pairs) if a == b}
    return np.array([*(lengths[k, a] * lengths[k, b] for k, a, b in pairs), gram[-1, -1] ** 0.5])


def _inner(sums, row, column):
    """Inner products of the Z_d'S Z_a and the Z_c'S Z_b: c and d columns of one term, a and b of another; [d, a, c, b].

    S = I − QQ' makes four sums of each. Where most of a large number is lost in the difference the levels are few, or
    the variance is absorbed; what is left is as exact as the question needs.
    """
    whole, mixed = sums.pairs(row, column)
    left, right = sums.left(row), sums.left(column)
    first = np.einsum("gidp,gicq->dcpq", left, left, optimize=True)
    second = np.einsum("gjbp,gjaq->bapq", right, right, optimize=True)
    fixed = np.einsum("dcpq,bapq->dacb", first, second.swapaxes(2, 3), optimize=True)
    return whole - mixed - mixed.transpose(2, 3, 0, 1) + fixed


# --- Sentences ------------------------------------------------------------------------------------------------------


def _absorbed(design, products, k, directions):
    """A random term with columns of which the fixed part leaves nothing."""
    term, written = design.random[k], design.parsed.random[k]
    lengths = np.linalg.norm(term.columns, axis=0)
    weights = np.abs(products.to_original[k] @ directions).max(axis=1) * lengths
    names = [name for name, weight in zip(term.names, weights, strict=True) if weight > 1e-6 * weights.max()]
    explaining = ", ".join(_explaining(design, products, k)) or "several columns together"
    if names == ["(Intercept)"]:
        opening = explained_by_fixed_part("between", term.group)
    else:
        slopes = " and ".join(map(repr, names))
        opening = f"The fixed part explains every difference in {slopes} between levels of {term.group!r}"
    what = written if len(term.names) == 1 else f"{' and '.join(map(repr, names))} in {written}"
    return (
        f"{opening} ({explaining}): no variance of {what} is left to estimate. That is pseudoreplication, as with one "
        "animal or one cage per treatment: what the treatment did cannot be told from what that animal is like. Get "
        f"more levels of {term.group!r} for each treatment, or take out of the fixed part what tells them apart. "
        f"Without {written} the results hold for these levels of {term.group!r} only, not for others like them."
    )


def _explaining(design, products, k):
    """The fixed terms with columns that are combinations of the random ones, but not the same in all levels."""
    where, n = products.positions[k], products.n
    size = where.shape[1]
    ztx = products.all_ztq[where] @ products.r  # (levels, size, p)
    ztz = np.stack([[products.all_ztz[row, column] for column in where.T] for row in where.T]).transpose(2, 0, 1)
    length = np.einsum("ij,ij->j", products.r, products.r)
    within = np.einsum("lsp,lst,ltp->p", ztx, np.linalg.pinv(ztz, hermitian=True), ztx)
    overall = (ztx.sum(axis=0) ** 2).sum(axis=0) / n if size else 0
    tells = (length - within <= 1e-9 * length) & (length - overall > 1e-9 * length)
    return [term for term, places in design.terms.items() if tells[places].any()]


def _entangled(design, which, residual):
    """Variances that only their sum is known of."""
    terms = [str(design.parsed.random[k]) for k in which]
    if len(which) == 1 and not residual:
        return (
            f"The variances and correlations of {terms[0]} cannot be told apart: after the fixed part, other values of "
            "them say the same of the data. Let less vary between levels, or take columns out of the fixed part."
        )
    if len(which) == 1:
        group, names = design.random[which[0]].group, design.random[which[0]].names
        opening = f"{explained_by_fixed_part('within', group)}: the" if names == ("(Intercept)",) else "The"
        return (
            f"{opening} variance of {terms[0]} cannot be told from the residual variance; after the fixed part, only "
            f"their sum is known. Take columns out of the fixed part, or {terms[0]} out of the formula."
        )
    together = ", ".join(terms[:-1]) + f" and {terms[-1]}"
    beside = " and the residual variance" if residual else ""
    return (
        f"The variances of {together}{beside} cannot be told apart: after the fixed part, other values of them say the "
        f"same of the data. Take one of these terms out of the formula.{_repeats(design, which)}"
    )


def _repeats(design, which):
    """Where terms of one group hold the same columns, as the 1 and the f of (f || g) do."""
    random = [design.random[k] for k in which]
    same_group = {term.group for term in random} == {random[0].group}
    names = [name for term in random for name in term.names]
    if not same_group or not (sentences := aliases(np.concatenate([term.columns for term in random], axis=1), names)):
        return ""
    group = random[0].group
    return f" Here {sentences[0]}. For a factor f in (f || g), write (f | {group}), or (1 | {group}) + (1 | {group}:f)."

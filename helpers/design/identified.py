"""Which variances of a mixed model the data cannot tell: not from nothing, not from each other, not from the residual.

REML sees the outcome through S = I − QQ' alone, Q the fixed part made orthonormal, and there its covariance is
Σ φ_k S V_k S + σ²S. So the parameters φ are identified if, and only if, the matrices S V_k S and S are linearly
independent (Rao & Kleffe 1988, Estimation of Variance Components and Applications). If they are not, the criterion has
no optimum but a ridge, and any point of it would be printed as a result. Whether they are depends on the
design alone: the outcome takes no part in it.

Everything is computed from cross-products: no matrix of n × n, and none of more columns than a block has.
"""

import numpy as np

from helpers.design.rank import aliases

NOTHING = 1e-12  # squared share of a random column that the fixed part must leave
DEPENDENT = 1e-9  # eigenvalue of the scaled Gram matrix; a million rows with one pair of them reach 1e-6
TAKES_PART = 1e-3  # weight from which a parameter counts as part of a dependence


def refuse_unidentified(design, products):
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
    remainders = [_remainder(products, term, term) for term in products.terms]
    for k, remainder in enumerate(remainders):
        shares, vectors = np.linalg.eigh(remainder / products.n)
        if shares[0] <= NOTHING:
            raise ValueError(_absorbed(design, products, k, vectors[:, shares <= NOTHING]))
    gram = _gram(products, remainders)
    scale = _scale(products, gram)
    values, vectors = np.linalg.eigh(gram / np.outer(scale, scale))
    if values[0] > DEPENDENT:
        return
    taking_part = np.abs(vectors[:, values <= DEPENDENT]).max(axis=1) > TAKES_PART
    owners = [k for k, term in enumerate(products.terms) for _ in term.pairs]
    which = sorted({k for k, part in zip(owners, taking_part, strict=False) if part})
    raise ValueError(_entangled(design, which, residual=bool(taking_part[-1])))


def explained_by_fixed_part(where, group):
    """How a message opens that the fixed part leaves no difference between, or within, the levels of a group."""
    return f"The fixed part explains every difference {where} levels of {group!r}"


# --- Traces ---------------------------------------------------------------------------------------------------------


def _parts(products, term):
    """Z'Q of a term, (blocks, slots, size, p)."""
    return products.ztq[:, term.offset : term.stop].reshape(-1, term.slots, term.size, products.p)


def _square(products, row, column):
    """Z'Z of two terms, (blocks, slots, size, slots, size)."""
    block = products.ztz[:, row.offset : row.stop, column.offset : column.stop]
    return block.reshape(-1, row.slots, row.size, column.slots, column.size)


def _remainder(products, row, column):
    """Σ over levels of z_a'S z_b for the columns a and b of a term, (size, size)."""
    inside, across = _square(products, row, column), _parts(products, row)
    return np.einsum("giaib->ab", inside) - np.einsum("giap,gibp->ab", across, across)


def _gram(products, remainders):
    """Traces of products of the S V_k S, and of S (last), two by two.

    V_k is Σ Z_a Z_b' over the orders (a, b) of a pair of columns, and tr(S Z_a Z_b' S Z_c Z_d') the inner product of
    Z_d'S Z_a and Z_c'S Z_b.
    """
    pairs = [(k, a, b) for k, term in enumerate(products.terms) for a, b in term.pairs]
    inner = {
        (u, t): _inner(products, products.terms[u], products.terms[t])
        for t in range(len(products.terms))
        for u in range(t + 1)
    }
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
    pairs = [(k, a, b) for k, term in enumerate(products.terms) for a, b in term.pairs]
    lengths = {(k, a): gram[i, i] ** 0.25 for i, (k, a, b) in enumerate(pairs) if a == b}
    return np.array([*(lengths[k, a] * lengths[k, b] for k, a, b in pairs), gram[-1, -1] ** 0.5])


def _inner(products, row, column):
    """Inner products of the Z_d'S Z_a and the Z_c'S Z_b: c and d columns of one term, a and b of another; [d, a, c, b].

    S = I − QQ' makes four sums of each. Where most of a large number is lost in the difference the levels are few, or
    the variance is absorbed; what is left is as exact as the question needs.
    """
    square, left, right = _square(products, row, column), _parts(products, row), _parts(products, column)
    flat = square.transpose(2, 4, 0, 1, 3).reshape(row.size * column.size, -1)
    whole = (flat @ flat.T).reshape(row.size, column.size, row.size, column.size)
    carried = np.einsum("gidja,gjbp->gidabp", square, right, optimize=True)
    mixed = np.einsum("gidabp,gicp->dacb", carried, left, optimize=True)
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
    ztx = (products.ztq @ products.r).reshape(-1, products.p)[where]  # (levels, size, p)
    block, inner = where[:, 0] // products.width, where % products.width
    ztz = products.ztz[block[:, None, None], inner[:, :, None], inner[:, None, :]]
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

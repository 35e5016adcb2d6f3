"""Variances that no data of a design can tell are refused, and no others: against the matrices themselves."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_running import run_template

from helpers.cells import collect_cells
from helpers.design import build_design, build_shared_design
from helpers.design.crossproducts import cross_products
from helpers.design.identified import refuse_unidentified
from helpers.genes import fit_genes
from helpers.mixed import fit_mixed


def verdict(formula, data):
    """What is said of a design, empty where nothing is wrong with it."""
    design = build_design(formula, data)
    try:
        refuse_unidentified(design, design.cross_products())
    except ValueError as error:
        return str(error)
    return ""


def smallest_of_independence(formula, data):
    """The smallest singular value of {S V_k S, S}, each of length 1; 0 if one of them is 0."""
    design = build_design(formula, data)
    q, _ = np.linalg.qr(design.X)
    s = np.eye(len(q)) - q @ q.T
    matrices = [s]
    for term in design.random:
        z = [column[:, None] * (term.codes[:, None] == np.arange(len(term.levels))) for column in term.columns.T]
        sizes = range(len(z))
        matrices += [s @ (z[a] @ z[b].T + z[b] @ z[a].T) @ s for a in sizes for b in sizes if a <= b]
    lengths = [np.linalg.norm(matrix) for matrix in matrices]
    if min(lengths) < 1e-9 * max(lengths):
        return 0.0
    flat = [(matrix / length).ravel() for matrix, length in zip(matrices, lengths, strict=True)]
    return np.linalg.svd(np.array(flat), compute_uv=False)[-1]


def animals(seed=3, n=8, rows=6):
    """Animals in cages, doses and diets; `arm` is one per animal, `dose` one per cage."""
    rng = np.random.default_rng(seed)
    animal = np.repeat(np.arange(n), rows)
    return pd.DataFrame(
        {
            "animal": [f"m{i}" for i in animal],
            "arm": [f"arm {i}" for i in animal],
            "cage": [f"c{i // 2}" for i in animal],
            "dose": [["none", "low", "mid", "high"][i // 2] for i in animal],
            "diet": np.where(animal < n // 2, "chow", "fat"),
            "day": np.tile(np.arange(float(rows)), n),
            "f": np.tile(["a", "b", "c"], n * rows // 3),
            "y": rng.normal(size=n)[animal] + rng.normal(size=n * rows),
        }
    )


ABSORBED = {
    "one animal per treatment": ("y ~ arm + (1 | animal)", ["between levels of 'animal' (arm)", "(1 | animal)"]),
    "one cage per dose": ("y ~ dose + (1 | cage/animal)", ["between levels of 'cage' (dose)", "(1 | cage)"]),
    "fixed and random": ("y ~ day + animal + (1 | animal)", ["between levels of 'animal' (animal)"]),
    "an upper level with its treatment": ("y ~ diet + (1 | diet/animal)", ["between levels of 'diet' (diet)"]),
    "slopes": ("y ~ day:animal + (0 + day | animal)", ["in 'day' between levels of 'animal' (day:animal)"]),
    "slopes without correlation": ("y ~ day:animal + (day || animal)", ["no variance of (0 + day | animal) is left"]),
    "intercepts beside slopes": (
        "y ~ arm + day + (day | animal)",
        ["no variance of '(Intercept)' in (1 + day | animal)"],
    ),
    "slopes and intercepts": ("y ~ day * arm + (day | animal)", ["'(Intercept)' and 'day'", "(arm, day:arm)"]),
    "slopes of a factor": ("y ~ f:animal + (0 + f | animal)", ["'f[a]' and 'f[b]' and 'f[c]'"]),
}


@pytest.mark.parametrize("case", ABSORBED)
@pytest.mark.parametrize("reml", [True, False])
def test_what_the_fixed_part_explains_has_no_variance(case, reml):
    formula, parts = ABSORBED[case]
    with pytest.raises(ValueError, match="The fixed part explains every difference") as caught:
        fit_mixed(formula, animals(), reml=reml)
    message = str(caught.value)
    assert not [part for part in [*parts, "pseudoreplication", "Get more levels of"] if part not in message], message
    assert smallest_of_independence(formula, animals()) < 1e-9


def test_cells_and_genes_say_it_in_the_same_words():
    data = animals()
    with pytest.raises(ValueError) as of_rows:
        fit_mixed("y ~ arm + (1 | animal)", data)
    with pytest.raises(ValueError) as of_cells:
        fit_mixed("y ~ arm + (1 | animal)", collect_cells("y ~ arm + (1 | animal)", data))
    genes = pd.DataFrame([data["y"]], index=["gene"])
    with pytest.raises(ValueError) as of_genes:
        fit_genes(genes, data, "~ arm + (1 | animal)")
    assert str(of_rows.value) == str(of_cells.value) == str(of_genes.value)


@pytest.mark.parametrize("case", ["one animal per treatment", "one cage per dose"])
def test_a_report_refuses_it_in_the_same_words(case, tmp_path):
    formula, data = ABSORBED[case][0], animals()
    data.to_csv(tmp_path / "animals.csv", index=False)
    with pytest.raises(ValueError) as of_rows:
        fit_mixed(formula, data)
    given = {"formula": formula, "contrast": "", "by": "", "reference": ""}
    with pytest.raises(ValueError) as of_report:
        run_template("mixed_model", data=str(tmp_path / "animals.csv"), **given)
    assert str(of_report.value) == str(of_rows.value)
    assert "pseudoreplication" in str(of_report.value)


def squares():
    """Two factors in a square, three rows in each of its four fields; `diagonal` tells the fields on it."""
    data = pd.DataFrame({"a": np.repeat(["p", "q"], 6), "b": np.tile(np.repeat(["r", "s"], 3), 2)})
    x = np.tile([1.0, 2.0, 4.0], 4)
    return data.assign(x=x, diagonal=np.where((data["a"] == "p") == (data["b"] == "r"), "on", "off"), y=x**1.5)


def pairs():
    """Three pairs of rows, and columns that explain the difference within each."""
    within = [np.kron(pair, [-1.0, 1.0]) for pair in np.eye(3)]
    return pd.DataFrame({"pair": np.repeat(["a", "b", "c"], 2), "y": [1.0, 3, 2, 5, 2, 7]}).assign(
        u=within[0], v=within[1], w=within[2]
    )


ENTANGLED = {
    "an intercept twice": (
        animals,
        "y ~ day + (f || animal)",
        ["(1 | animal) and (0 + f | animal) cannot be told apart", "(f | animal), or (1 | animal) + (1 | animal:f)"],
    ),
    "three variances of two contrasts": (
        squares,
        "y ~ diagonal + x + (1 | a) + (1 | b) + (1 | a:b)",
        ["(1 | a), (1 | b) and (1 | a:b) cannot be told apart", "Take one of these"],
    ),
    "groups without differences within": (
        pairs,
        "y ~ u + v + w + (1 | pair)",
        ["every difference within levels of 'pair'", "(1 | pair) cannot be told from the residual variance"],
    ),
}


@pytest.mark.parametrize("case", ENTANGLED)
def test_variances_that_cannot_be_told_apart(case):
    table, formula, parts = ENTANGLED[case]
    with pytest.raises(ValueError) as caught:
        fit_mixed(formula, table())
    assert not [part for part in parts if part not in str(caught.value)], str(caught.value)
    assert smallest_of_independence(formula, table()) < 1e-9


# --- And no others --------------------------------------------------------------------------------------------------

FIXED = ["1", "x", "f", "f * x", "k", "f * k + x", "poly(x, 2)", "k + w", "0 + f"]
RANDOM = [
    "(1 | g)",
    "(x | g)",
    "(x || g)",
    "(0 + x | g)",
    "(f | g)",
    "(1 | g) + (1 | h)",
    "(1 | g) + (x | h)",
    "(1 | g) + (1 | g:f)",
    "(1 | c/g)",
    "(1 | c/g) + (1 | h)",
    "(x || c/g)",
]


def regular(seed):
    """Groups of three to eight rows in classes, crossed with others; numbers far from zero and in odd units."""
    rng = np.random.default_rng(seed)
    groups = int(rng.integers(6, 12))
    g = np.repeat(np.arange(groups), rng.integers(5, 9, groups))
    n = len(g)
    return pd.DataFrame(
        {
            "g": [f"g{i}" for i in g],
            "c": [f"c{i // 2}" for i in g],
            "h": [f"h{i}" for i in rng.permutation(n) % 5],
            "f": np.array(["a", "b", "c"])[np.arange(n) % 3],
            "k": np.array(["u", "v"])[g % 2],
            "x": (rng.normal(size=n) + rng.choice([0, 30])) * 10.0 ** rng.integers(-6, 7),
            "w": rng.normal(size=groups)[g],
            "y": rng.normal(size=n),
        }
    )


@settings(deadline=None, max_examples=270, derandomize=True)
@given(st.integers(0, 100_000), st.sampled_from(FIXED), st.sampled_from(RANDOM))
def test_no_regular_design_is_refused(seed, fixed, random):
    assert verdict(f"y ~ {fixed} + {random}", regular(seed)) == ""


def tiny(seed):
    """So few and so regular rows that any term may be explained by others."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(6, 15))
    labels = {name: rng.permutation(np.arange(n) % int(rng.integers(2, 5))) for name in "fgh"}
    data = pd.DataFrame({name: [f"{name}{i}" for i in codes] for name, codes in labels.items()})
    return data.assign(x=rng.integers(-2, 3, n).astype(float), y=rng.normal(size=n))


@settings(deadline=None, max_examples=200, derandomize=True)
@given(
    st.integers(0, 100_000),
    st.sampled_from(["1", "x", "f", "g", "f + g", "f:g", "x:g", "f * x"]),
    st.sampled_from(
        ["(1 | g)", "(x | g)", "(x || g)", "(f | g)", "(1 | g) + (1 | h)", "(1 | f/g)", "(1 | g) + (x | h)"]
    ),
)
def test_the_verdict_is_that_of_the_whole_matrices(seed, fixed, random):
    data, formula = tiny(seed), f"y ~ {fixed} + {random}"
    try:
        build_design(formula, data)
    except ValueError:  # aliased, or too few rows: refused before
        return
    smallest = smallest_of_independence(formula, data)
    assert not 1e-7 < smallest < 1e-4
    assert bool(verdict(formula, data)) == (smallest < 1e-7)


def test_a_pair_of_rows_among_very_many_tells_a_variance():
    n = 200_000
    data = pd.DataFrame({"g": np.append(np.arange(n - 1), 0), "x": np.arange(n) % 7, "y": np.arange(n) % 11})
    design = build_shared_design("~ x + (1 | g)", data)
    refuse_unidentified(design, cross_products(np.zeros(n), design.X, design.random_parts))

"""Random tables and formulas for the fuzz: each kind is a design that mixed models meet, drawn anew for every seed."""

import numpy as np
import pandas as pd

FIXED = ["x", "f", "f + x", "f * x", "f * k", "k + x", "poly(x, 2)", "f * k + x", "I(x ** 2) + x", "k * x"]


def _grouped(rng, groups, low, high):
    return np.repeat(np.arange(groups), rng.integers(low, high + 1, groups))


def _columns(rng, n):
    return {
        "x": rng.normal(size=n).round(3),
        "f": rng.choice(list("abc"), n, p=[0.5, 0.3, 0.2]),
        "k": rng.choice(["u", "v"], n),
    }


def _labels(prefix, codes):
    return [f"{prefix}{code:02d}" for code in codes]


def _effect(rng, codes, sd):
    return sd * rng.normal(size=codes.max() + 1)[codes]


def problem(seed):
    """One problem.

    Returns
    -------
    dict
        ``kind``; ``formula`` for R and ``ours`` for `fit_mixed`; ``data``; ``means``, a factor for emmeans, or "";
        ``easier``, data that say the same in numbers that are easier to compute with, or None; ``unmoved``, the terms
        whose tests are the same there.
    """
    rng = np.random.default_rng([1776, seed])
    kind = KINDS[seed % len(KINDS)]
    fixed = str(rng.choice(FIXED))
    sd = float(rng.choice([0.5, 1.0, 2.0]))
    g = _grouped(rng, int(rng.integers(7, 14)), 4, 9)
    n = len(g)
    table, random, outcome = _columns(rng, n), "(1 | g)", "y"
    y = rng.normal(size=n) + _effect(rng, g, sd) + 0.5 * table["x"]
    if kind == "crossed":
        h = rng.integers(0, 6, n)
        table["h"], random = _labels("h", h), "(1 | g) + (1 | h)"
        y = y + _effect(rng, h, 0.8)
    elif kind == "nested":
        h = rng.integers(0, 3, n)
        inner = g * 3 + h
        table["h"], random = _labels("h", h), "(1 | g / h)"
        y = y + _effect(rng, inner, 0.8)
    elif kind in ("slopes", "uncorrelated slopes"):
        random = "(1 + x | g)" if kind == "slopes" else "(x || g)"
        y = y + _effect(rng, g, 0.8) * table["x"]
    elif kind == "near-singular slopes":
        random = "(1 + x | g)"
        y = y + _effect(rng, g, 0.05) * table["x"]
    elif kind == "near-singular":
        y = rng.normal(size=n) + _effect(rng, g, 0.1)
    elif kind == "factor alone, unbalanced":
        fixed = "f"
        mostly = rng.choice(list("abc"), g.max() + 1, p=[0.5, 0.3, 0.2])[g]
        table["f"] = np.where(rng.random(n) < 0.3, table["f"], mostly)
    elif kind == "large units":
        y, table["x"] = 1e6 * y, 1e-6 * table["x"]
        fixed = fixed.replace("poly(x, 2)", "x").replace("I(x ** 2) + x", "x")
    elif kind == "small units":
        y, table["x"] = 1e-6 * y, 1e6 * table["x"]
        fixed = fixed.replace("poly(x, 2)", "x").replace("I(x ** 2) + x", "x")
    elif kind == "nearly collinear":
        table["z"] = table["x"] + 1e-3 * rng.normal(size=n)
        fixed = "x + z + f"
    elif kind == "logarithm":
        y, outcome = np.exp(y / 4), "log(y)"
    elif kind == "factor slopes":
        fixed, random = "k + x", "(1 + k | g)"
        y = y + _effect(rng, g, 0.8) * (table["k"] == "v")
    data = pd.DataFrame({"y": y, "g": _labels("g", g)} | table)
    ours = f"{outcome} ~ {fixed} + {random}"
    alone = [term for term in ("f", "k") if term in fixed.replace("*", " ").split()]
    unit = {"large units": 1e6, "small units": 1e-6}.get(kind)
    easier = None
    if unit:
        easier = data.assign(y=data["y"] / unit, x=data["x"] * unit)
    elif kind == "nearly collinear":
        easier = data.assign(z=(data["z"] - data["x"]) * 1e3)
    return {
        "kind": kind,
        "ours": ours,
        "formula": ours.replace("**", "^"),
        "data": data,
        "means": alone[0] if alone and "log" not in outcome else "",
        "easier": easier,
        "unmoved": ["z", "f"] if kind == "nearly collinear" else None,
    }


KINDS = [
    "random intercept",
    "crossed",
    "nested",
    "slopes",
    "uncorrelated slopes",
    "near-singular slopes",
    "near-singular",
    "factor alone, unbalanced",
    "large units",
    "small units",
    "nearly collinear",
    "logarithm",
    "factor slopes",
]

"""Random tables and formulas for the fuzz of generalised mixed models: every kind is drawn anew for each seed."""

import numpy as np
import pandas as pd
from problems import FIXED, _columns, _effect, _grouped, _labels

KINDS = {  # family, link, random part
    "binary": ("binomial", "logit", "(1 | g)"),
    "successes and failures": ("binomial", "logit", "(1 | g)"),
    "probit": ("binomial", "probit", "(1 | g)"),
    "cloglog": ("binomial", "cloglog", "(1 | g)"),
    "binary, crossed": ("binomial", "logit", "(1 | g) + (1 | h)"),
    "binary, slopes": ("binomial", "logit", "(1 + x | g)"),
    "a level per row": ("binomial", "logit", "(1 | g) + (1 | row)"),
    "counts": ("poisson", "log", "(1 | g)"),
    "counts with an offset": ("poisson", "log", "(1 | g)"),
    "counts, crossed": ("poisson", "log", "(1 | g) + (1 | h)"),
    "counts, nested": ("poisson", "log", "(1 | g / h)"),
    "counts, slopes": ("poisson", "log", "(1 + x | g)"),
    "counts, uncorrelated slopes": ("poisson", "log", "(x || g)"),
    "counts, next to no variance": ("poisson", "log", "(1 | g)"),
    "counts, square root": ("poisson", "sqrt", "(1 | g)"),
    "rare counts": ("poisson", "log", "(1 | g)"),
    "negative binomial": ("negative_binomial", "log", "(1 | g)"),
    "negative binomial, nested": ("negative_binomial", "log", "(1 | g / h)"),
    "negative binomial, slopes": ("negative_binomial", "log", "(1 + x | g)"),
    "gamma": ("gamma", "log", "(1 | g)"),
}
SIMPLE = [each for each in FIXED if "f * k" not in each and "poly" not in each]  # binary rows carry little


def generalized_problem(seed):
    """One problem.

    Returns
    -------
    dict
        ``kind``, ``family``, ``link``, ``offset`` (a column, or None), ``ours`` for `fit_mixed` and ``formula`` for R,
        ``data``.
    """
    rng = np.random.default_rng([1815, seed])
    kind = list(KINDS)[seed % len(KINDS)]
    family, link, random = KINDS[kind]
    fixed = str(rng.choice(SIMPLE if family == "binomial" else FIXED))
    g = _grouped(rng, int(rng.integers(10, 25)), 5, 12)
    n = len(g)
    table, h = _columns(rng, n), rng.integers(0, 6, n)
    sd = 0.02 if "next to no" in kind else float(rng.choice([0.4, 0.8, 1.2]))
    eta = _effect(rng, g, sd) + 0.4 * table["x"] + 0.3 * (table["k"] == "v")
    table["h"] = _labels("h", h)
    if "crossed" in kind:
        eta = eta + _effect(rng, h, 0.6)
    if "nested" in kind:
        eta = eta + _effect(rng, g * 6 + h, 0.5)
    if "slopes" in kind:
        eta = eta + _effect(rng, g, 0.5) * table["x"]
    table["row"] = _labels("r", np.arange(n))
    if "row" in kind:
        eta = eta + 0.7 * rng.normal(size=n)
    outcome, offset = "y", None
    if family == "binomial":
        chance = {"logit": lambda z: 1 / (1 + np.exp(-z)), "cloglog": lambda z: -np.expm1(-np.exp(z - 0.5))}
        p = chance.get(link, chance["logit"])(eta)
        if kind in ("successes and failures", "probit", "a level per row"):
            table["n"] = rng.integers(2, 15, n)
            outcome = "cbind(y, n - y)"
        table["y"] = rng.binomial(table.get("n", 1), p)
    elif family == "gamma":
        table["y"] = np.maximum(rng.gamma(3.0, np.exp(1 + eta) / 3), 1e-6).round(6)
    else:
        level = -1.5 if kind == "rare counts" else 1.0
        if "offset" in kind:
            table["exposure"], offset = rng.normal(size=n).round(3), "exposure"
            eta = eta + table["exposure"]
        mu = (3 + 0.5 * eta) ** 2 if link == "sqrt" else np.exp(level + eta)
        theta = float(rng.choice([1.0, 3.0]))
        table["y"] = rng.poisson(mu) if family == "poisson" else rng.negative_binomial(theta, theta / (theta + mu))
    ours = f"{outcome} ~ {fixed} + {random}"
    return {
        "kind": kind,
        "family": family,
        "link": link,
        "offset": offset,
        "ours": ours,
        "formula": ours.replace("**", "^"),
        "data": pd.DataFrame({"g": _labels("g", g)} | table),
    }

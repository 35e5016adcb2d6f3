"""A differential fuzz of `fit_mixed` against lme4, lmerTest, pbkrtest and emmeans: `make fuzz`; see README.md."""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import reml as estimation
from helpers.contrasts import predictions
from helpers.mixed import MixedFit, SingularFitWarning, fit_mixed

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # the tests' own modules

from lmertest_pooling import lmertest_df  # noqa: E402
from problems import problem  # noqa: E402

LIMIT = 1e-5  # beyond it a difference is listed
SAME = 1e-7  # two criteria


def key(name):
    """A term's name, however Python and R spell it."""
    name = re.sub(r"\[(?:T\.)?([^\]]*)\]", r"\1", name).replace("**", "^").replace(" ", "")
    return frozenset(name.split(":"))


def ask_r(folder, problems, optimizer):
    """R's answers, by problem."""
    asked = [{"id": i, "csv": f"{i}.csv", **{k: p[k] for k in ("formula", "means")}} for i, p in problems.items()]
    for i, p in problems.items():
        p["data"].to_csv(folder / f"{i}.csv", index=False)
    (folder / "problems.json").write_text(json.dumps(asked))
    subprocess.run(
        ["Rscript", str(HERE / "fit.R"), str(folder), "problems.json", "answers.json", optimizer], check=True
    )
    return {answer["id"]: answer for answer in json.loads((folder / "answers.json").read_text())}


def fitted(p):
    """Our fit of a problem."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        return fit_mixed(p["ours"], p["data"])


def at_the_optimum_of_r(fit, answer):
    """Our tables at lme4's θ: what is left of a difference there is not the optimizer's."""
    waiting = list(zip(answer["terms"], answer["factors"], strict=True))
    theta = []
    for k, term in enumerate(fit.design.random):
        names = {frozenset(re.split("[:/]", term.group))}
        at = next(
            i
            for i, (name, factor) in enumerate(waiting)
            if frozenset(re.sub(r"\.\d+$", "", name).split(":")) in names and len(factor) == len(term.names)
        )
        outer = np.array(waiting.pop(at)[1], dtype=float)
        inner = np.linalg.solve(fit.products.to_original[k], outer)
        theta += [inner[a, b] for a, b in fit.products.terms[k].pairs]
    solved = estimation.solve(fit.products, np.array(theta))
    return MixedFit(design=fit.design, products=fit.products, optimum=solved)


def quantities(fit, p, answer):
    """Name -> (ours, R's, what a difference is relative to), arrays in R's order."""
    out = {}
    for table, ddf in (("satterthwaite", "satterthwaite"), ("kenward_roger", "kenward-roger")):
        ours = fit.coefficients(ddf)
        order = [[key(name) for name in ours.index].index(key(name)) for name in answer[table]["names"]]
        ours = ours.iloc[order]
        theirs = np.array(answer[table]["values"], dtype=float)
        if table == "satterthwaite":
            out["estimate"] = ours["estimate"], theirs[:, 0], theirs[:, 1]
        out[f"std_error, {ddf}"] = ours["std_error"], theirs[:, 1], theirs[:, 1]
        out[f"df, {ddf}"] = ours["df"], theirs[:, 2], theirs[:, 2]
    for table, ddf in (("anova", "satterthwaite"), ("anova_kr", "kenward-roger")):
        ours = fit.anova(ddf)
        if ddf == "satterthwaite":
            ours["den_df"] = _pooled(fit, ours.index, answer)
        order = [[key(name) for name in ours.index].index(key(name)) for name in answer[table]["names"]]
        ours = ours.iloc[order]
        theirs = np.array(answer[table]["values"], dtype=float)
        out[f"F, {ddf}"] = ours["statistic"], theirs[:, 4], np.maximum(theirs[:, 4], 1e-3)
        out[f"F test df, {ddf}"] = ours["den_df"], theirs[:, 3], theirs[:, 3]
    for ddf in ("satterthwaite", "kenward-roger"):
        if f"means_{ddf}" in answer:
            theirs = answer[f"means_{ddf}"]
            ours = predictions(fit, p["means"], ddf=ddf).set_index(p["means"]).loc[theirs[p["means"]]]
            se = np.array(theirs["SE"])
            out[f"marginal means, {ddf}"] = ours["estimate"], np.array(theirs["emmean"]), se
            out[f"their std_error, {ddf}"] = ours["std_error"], se, se
            out[f"their df, {ddf}"] = ours["df"], np.array(theirs["df"]), np.array(theirs["df"])
    return out


def _pooled(fit, terms, answer):
    """Degrees of freedom as lmerTest pools them, of the hypotheses as it writes them (`show_tests`)."""
    names = [key(name) for name in answer["satterthwaite"]["names"]]
    columns = [names.index(key(name)) for name in fit.design.names]
    rows = {key(term): np.array(weights, dtype=float) for term, weights in answer["hypotheses"].items()}
    return [lmertest_df(fit, np.atleast_2d(rows[key(term)])[:, columns]) for term in terms]


def differences(fit, p, answer):
    """Quantity -> largest relative difference."""
    found = {}
    for name, (ours, theirs, scale) in quantities(fit, p, answer).items():
        gap = np.abs(np.asarray(ours, dtype=float) - theirs) / np.asarray(scale)
        found[name] = float(np.nanmax(gap))
    return found


def verdict(fit, p, answer):
    """Rows of the table: quantity, difference, the same at R's θ, and whose criterion is lower."""
    if "error" in answer:
        return [{"quantity": "R stopped", "verdict": answer["error"].splitlines()[0][:80]}]
    lower = answer["criterion"] - fit.deviance
    found = differences(fit, p, answer)
    if abs(lower) > LIMIT:
        found["criterion"] = abs(lower)
    beyond = {name: gap for name, gap in found.items() if not gap <= LIMIT}
    if not beyond:
        return []
    there = differences(at_the_optimum_of_r(fit, answer), p, answer)
    whose = "equal" if abs(lower) <= SAME else "ours" if lower > 0 else "R's"
    return [
        {"quantity": name, "difference": gap, "at R's theta": there.get(name, 0.0), "lower criterion": whose}
        for name, gap in beyond.items()
    ]


def main():
    """Run the fuzz and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=325)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    if shutil.which("Rscript") is None:
        sys.exit("make fuzz needs R (Rscript was not found) with lme4, lmerTest, pbkrtest, emmeans, jsonlite.")
    problems = {i: problem(i) for i in range(chosen.first, chosen.first + chosen.problems)}
    fits, rows = {}, []
    for i, p in problems.items():
        try:
            fits[i] = fitted(p)
        except (ValueError, KeyError, estimation.NotConverged) as refusal:
            rows.append(
                {
                    "seed": i,
                    "kind": p["kind"],
                    "formula": p["ours"],
                    "quantity": "refused here",
                    "verdict": str(refusal)[:120],
                }
            )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        answers = ask_r(folder, {i: problems[i] for i in fits}, "bobyqa")
        doubtful = [i for i in fits if verdict(fits[i], problems[i], answers[i])]
        again = ask_r(folder, {i: problems[i] for i in doubtful}, "Nelder_Mead") if doubtful else {}
    for i in doubtful:
        best = min((answers[i], again[i]), key=lambda answer: answer.get("criterion", np.inf))
        rows += [
            {"seed": i, "kind": problems[i]["kind"], "formula": problems[i]["ours"], "singular": fits[i].is_singular}
            | row
            for row in verdict(fits[i], problems[i], best)
        ]
    columns = [
        "seed",
        "kind",
        "formula",
        "singular",
        "quantity",
        "difference",
        "at R's theta",
        "lower criterion",
        "verdict",
    ]
    table = pd.DataFrame(rows, columns=columns)
    print(table.to_string(index=False))
    print(f"{len(fits)} problems; {len(doubtful)} differ by R's first optimizer, {table['seed'].nunique()} by its best")
    if chosen.output:
        table.to_csv(chosen.output, index=False)


if __name__ == "__main__":
    main()

"""A differential fuzz of generalised mixed models against glmmTMB: `make fuzz ARGS=--generalized`; see README.md.

Both maximise the same criterion, Laplace's approximation, so the higher of two optima is the better, and R's criterion
at our optimum tells a worse optimum from another formula.
"""

import json
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from generalized_problems import generalized_problem
from naming import key

from helpers.mixed import fit_mixed

HERE = Path(__file__).parent
SAME = 1e-6  # two log-likelihoods
LIMITS = {"estimate": 1e-4, "std_error": 1e-3}  # of the standard error; relative
LONGEST = 3000  # seconds for one process of R
BATCH = 20  # problems in one


def ask_glmmtmb(problems, task, beside=None):
    """R's answers by seed: `fit`, or its criterion `at` the parameters of `beside` (seed -> dict)."""
    names = ("formula", "family", "link", "offset")
    asked = [
        {"id": seed, "csv": f"{seed}.csv", **{name: p[name] for name in names}, **(beside or {}).get(seed, {})}
        for seed, p in problems.items()
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed, p in problems.items():
            p["data"].to_csv(folder / f"{seed}.csv", index=False)
        (folder / "problems.json").write_text(json.dumps(asked))
        command = ["Rscript", str(HERE / "generalized.R"), str(folder), "problems.json", "answers.json", task]
        subprocess.run(command, check=True, timeout=LONGEST)
        return {answer["id"]: answer for answer in json.loads((folder / "answers.json").read_text())}


def answers(seeds):
    """A record per seed: what glmmTMB says. Ours is fitted anew for each report."""
    found = ask_glmmtmb({seed: generalized_problem(seed) for seed in seeds}, "fit")
    return [{"seed": seed} | found[seed] for seed in seeds]


def fitted(p):
    """Our fit of a problem."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit_mixed(p["ours"], p["data"], family=p["family"], link=p["link"], offset=p["offset"])


def parameters(fit, answer):
    """Our estimates as glmmTMB writes them: log standard deviations, then correlations as ρ/√(1 − ρ²), term by term."""
    theta, table = [], fit.variance_components
    waiting = list(range(len(table)))
    for group, columns in zip(answer["groups"], answer["columns"], strict=True):
        names = frozenset(key(name) for name in columns)
        own = [
            i
            for i in waiting
            if frozenset(table["group"][i].split(":")) == frozenset(group.split(":"))
            and {key(term) for term in (table["term_1"][i], table["term_2"][i]) if isinstance(term, str)} <= names
        ]
        waiting = [i for i in waiting if i not in own]
        sd = [table["sdcor"][i] for i in own if not isinstance(table["term_2"][i], str)]
        rho = [table["sdcor"][i] for i in own if isinstance(table["term_2"][i], str)]
        theta += [float(np.log(max(each, 1e-7))) for each in sd]
        for each in np.clip(np.nan_to_num(rho), -1 + 1e-9, 1 - 1e-9):
            theta.append(float(each / np.sqrt(1 - each**2)))
    log_dispersion = [] if fit.dispersion is None else [float(np.log(fit.dispersion))]
    estimates = fit.fixed_effects
    names = {key(name): value for name, value in estimates.items()}
    return {
        "names": answer["names"],
        "beta": [float(names[key(name)]) for name in answer["names"]],
        "theta": theta,
        "log_dispersion": log_dispersion,
    }


def compared(fit, answer):
    """How far apart: our log-likelihood above R's, and the largest difference of estimates and standard errors."""
    table = fit.coefficients()
    order = [[key(name) for name in table.index].index(key(name)) for name in answer["names"]]
    table, theirs = table.iloc[order], np.array(answer["std_error"], dtype=float)
    higher = {"ours higher by": fit.log_likelihood - answer["log_likelihood"]}
    if not answer["regular"]:  # at a boundary, where glmmTMB has no standard errors
        return higher | dict.fromkeys(LIMITS, 0.0)
    return higher | {
        "estimate": float(np.max(np.abs(table["estimate"] - answer["beta"]) / theirs)),
        "std_error": float(np.max(np.abs(table["std_error"] / theirs - 1))),
    }


def report(records):
    """Print what differs, whose log-likelihood is higher, and by how much R's criterion at our optimum differs."""
    problems = {record["seed"]: generalized_problem(record["seed"]) for record in records}
    rows, beside = [], {}
    for record in sorted(records, key=lambda record: record["seed"]):
        p = problems[record["seed"]]
        row = {"seed": record["seed"], "kind": p["kind"], "formula": p["ours"]}
        rows.append(row)
        if "error" in record:
            row["said"] = "R: " + record["error"].splitlines()[0][:60]
            continue
        try:
            fit = fitted(p)
        except (ValueError, RuntimeError) as refusal:
            row["said"] = "here: " + str(refusal)[:60]
            continue
        row |= compared(fit, record) | {"regular in R": record["regular"], "ours": fit.log_likelihood}
        beside[record["seed"]] = parameters(fit, record)
    there = ask_glmmtmb({seed: problems[seed] for seed in beside}, "at", beside) if beside else {}
    for row in rows:
        if row["seed"] in there:
            row["R's at ours"] = there[row["seed"]].get("log_likelihood", np.nan) - row.pop("ours")
    table = pd.DataFrame(rows)
    said = table["said"].notna() if "said" in table else np.zeros(len(table), dtype=bool)
    differs = said | (table["ours higher by"].abs() > SAME) | (table["R's at ours"].abs() > SAME)
    for name, limit in LIMITS.items():
        differs |= table[name] > limit
    with pd.option_context("display.width", 250, "display.max_columns", 20, "display.max_rows", None):
        print(table[differs].fillna("").to_string(index=False))
    above, below = (table["ours higher by"] > SAME).sum(), (table["ours higher by"] < -SAME).sum()
    print(f"{len(table)} problems, {int(np.sum(said))} not compared; {int(differs.sum())} in the table above")
    print(f"log-likelihood beyond {SAME:g}: ours is higher in {above}, glmmTMB's in {below}")

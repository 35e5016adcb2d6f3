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

from helpers.contrasts import predictions
from helpers.mixed import MixedFit, SingularFitWarning, fit_mixed
from helpers.mixed.reml import NotConverged, solve

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # the tests' own modules

import generalized  # noqa: E402
from lmertest_pooling import lmertest_df  # noqa: E402
from naming import key  # noqa: E402
from problems import problem  # noqa: E402

LIMIT = 1e-5  # beyond it a difference is listed
SAME = 1e-7  # two criteria
BATCH = 13  # problems in one R process
LONGEST = 500  # seconds for one


def ask_r(problems, optimizer):
    """R's answers, by problem."""
    asked = [{"id": i, "csv": f"{i}.csv", **{k: p[k] for k in ("formula", "means")}} for i, p in problems.items()]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i, p in problems.items():
            p["data"].to_csv(folder / f"{i}.csv", index=False)
        (folder / "problems.json").write_text(json.dumps(asked))
        command = ["Rscript", str(HERE / "fit.R"), str(folder), "problems.json", "answers.json", optimizer]
        subprocess.run(command, check=True, timeout=LONGEST)
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
    solved = solve(fit.products, np.array(theta))
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


def rows_beyond(fit, p, answer):
    """What differs: rows of quantity, difference, the same at R's θ, and how much higher R's criterion is.

    The criterion is R's own, and at R's θ by our formula: R's has rounding errors of its own.
    """
    if "error" in answer:
        return [{"quantity": "R stopped", "message": answer["error"].splitlines()[0][:80]}]
    higher = answer["criterion"] - fit.deviance
    found = differences(fit, p, answer)
    if abs(higher) > LIMIT:
        found["criterion"] = abs(higher)
    beyond = {name: gap for name, gap in found.items() if not gap <= LIMIT}
    if not beyond:
        return []
    at_theirs = at_the_optimum_of_r(fit, answer)
    there = differences(at_theirs, p, answer)
    return [
        {
            "quantity": name,
            "difference": gap,
            "at R's theta": there.get(name, 0.0),
            "R higher by": higher,
            "R's theta higher by": at_theirs.deviance - fit.deviance,
        }
        for name, gap in beyond.items()
    ]


def compared(seeds):
    """A record per seed: what differs after R's first optimizer, after its best, and for easier numbers."""
    problems, records, fits = {i: problem(i) for i in seeds}, {}, {}
    for i, p in problems.items():
        records[i] = {"seed": i, "kind": p["kind"], "formula": p["ours"]}
        try:
            fits[i] = fitted(p)
            records[i] |= {"singular": fits[i].is_singular, "first": []}
        except (ValueError, KeyError, NotConverged) as refusal:
            records[i]["refused"] = str(refusal)
    answers = ask_r({i: problems[i] for i in fits}, "bobyqa")
    for i, fit in fits.items():
        records[i]["first"] = rows_beyond(fit, problems[i], answers[i])
    doubtful = [i for i in fits if records[i]["first"]]
    again = ask_r({i: problems[i] for i in doubtful}, "Nelder_Mead") if doubtful else {}
    for i in doubtful:
        best = min((answers[i], again[i]), key=lambda answer: answer.get("criterion", np.inf))
        records[i]["best"] = rows_beyond(fits[i], problems[i], best)
    easier = {i: p | {"data": p["easier"]} for i, p in problems.items() if i in doubtful and p["easier"] is not None}
    for i, answer in (ask_r(easier, "bobyqa") if easier else {}).items():
        there = fitted(easier[i])
        records[i]["easier"] = rows_beyond(there, easier[i], answer)
        tests = [fit.anova().loc[problems[i]["unmoved"] or slice(None)].to_numpy() for fit in (fits[i], there)]
        records[i]["ours move by"] = float(np.abs(tests[0] / tests[1] - 1).max())
    return list(records.values())


def reason(record, row):
    """Why a quantity differs, as far as the record shows it."""
    if row["quantity"] == "R stopped":
        return "R stops with an error"
    if row["at R's theta"] <= LIMIT:
        worse = row["R's theta higher by"] > SAME
        return "R stops above the optimum" if worse else "the criterion is flat: equal to 1e-7 at both optima"
    if record.get("easier") == [] and record["ours move by"] < LIMIT:
        return "R loses digits: for easier numbers it says what we say for both"
    return "not explained"


def report(records):
    """Print what differs, why, and how often."""
    rows = []
    for record in sorted(records, key=lambda record: record["seed"]):
        start = {k: record.get(k) for k in ("seed", "kind", "formula", "singular")}
        if "refused" in record:
            rows.append(start | {"quantity": "all", "why": "refused here: " + record["refused"]})
        rows += [start | row | {"why": reason(record, row)} for row in record.get("best", [])]
    compared_here = [record for record in records if "refused" not in record]
    if rows:
        table = pd.DataFrame(rows)
        with pd.option_context("display.width", 300, "display.max_columns", 20, "display.max_rows", None):
            print(table.fillna("").to_string(index=False))
            grouped = table.groupby(["kind", "why", "quantity"], sort=False)
            print(grouped.agg(problems=("seed", "nunique"), largest=("difference", "max")).to_string())
    after = {name: sum(bool(record.get(name)) for record in compared_here) for name in ("first", "best")}
    print(f"{len(records)} problems, {len(records) - len(compared_here)} refused here")
    print(f"{after['first']} differ by more than {LIMIT:g} after R's first optimizer, {after['best']} after its best")


def main():
    """Run the fuzz, or what is left of it, and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generalized", action="store_true", help="0/1, counts and sizes, against glmmTMB")
    parser.add_argument("--problems", type=int, help="325 linear models, 200 generalized")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--output", type=Path, help="a record a line; seeds in it are not run again")
    chosen = parser.parse_args()
    if shutil.which("Rscript") is None:
        packages = "glmmTMB" if chosen.generalized else "lme4, lmerTest, pbkrtest, emmeans"
        sys.exit(f"make fuzz needs R (Rscript was not found) with {packages} and jsonlite.")
    if chosen.generalized:
        generalized.report(in_parts(generalized.answers, generalized.BATCH, chosen, 200))
    else:
        report(in_parts(compared, BATCH, chosen, 325))


def in_parts(records_of, batch, chosen, problems):
    """The records of the seeds that were asked for: those in the file, and those that are left, batch by batch."""
    records = []
    if chosen.output and chosen.output.exists():
        records = [json.loads(line) for line in chosen.output.read_text().splitlines()]
    seeds = range(chosen.first, chosen.first + (chosen.problems or problems))
    left = sorted(set(seeds) - {record["seed"] for record in records})
    for at in range(0, len(left), batch):
        found = records_of(left[at : at + batch])
        records += found
        if chosen.output:
            with chosen.output.open("a") as file:
                file.write("".join(json.dumps(record) + "\n" for record in found))
    return [record for record in records if record["seed"] in seeds]


if __name__ == "__main__":
    main()

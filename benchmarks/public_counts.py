"""How many genes each method calls in the two public data sets, and how often it errs when times are shuffled.

    python benchmarks/public_counts.py        # writes benchmarks/public_counts.csv, prints the table of the README

Shock: eleven patients, three times each. Airway: four donors, without and with dexamethasone. Shuffled within patients
nothing is left to find, so 5% of the genes should have p < 0.05: 30 shuffles of shock; of airway the seven there are.
They use every eighth gene. R's numbers are those of tests/reference/counts/public.R.
"""

import itertools
import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.counts import quasi_likelihood, voom, voom_weights
from helpers.data import load_airway_counts, load_airway_samples, load_shock_counts, load_shock_samples
from helpers.genes import fit_genes

SHUFFLES, EVERY, LEAST_READS = 30, 8, 10
REFERENCE = Path(__file__).resolve().parents[1] / "tests" / "reference" / "counts" / "public.json"
NAMES = {
    "quasi_likelihood": "{} as a fixed effect, QL",
    "voom": "{} as a fixed effect, voom",
    "voom_block": "voom, one correlation within {}s",
    "mixed_moderated": "mixed model, weights, moderated",
    "mixed_satterthwaite": "mixed model, weights, Satterthwaite",
    "mixed_kr": "mixed model, weights, Kenward–Roger",
}


def tables(counts, samples, question, unit):
    """The table of each method."""
    mixed, terms = f"~ {question} + (1 | {unit})", term_names(samples, question)
    yield "quasi_likelihood", quasi_likelihood(counts, samples, f"~ {question} + {unit}", terms=terms)
    yield "voom", voom(counts, samples, f"~ {question} + {unit}", terms=terms)
    yield "voom_block", voom(counts, samples, f"~ {question}", block=unit, terms=terms)
    logs = voom_weights(counts, samples, mixed)
    for name, options in {
        "moderated": {"moderated": True},
        "satterthwaite": {},
        "kr": {"ddf": "kenward-roger"},
    }.items():
        yield f"mixed_{name}", fit_genes(logs.log_cpm, samples, mixed, weights=logs.weights, **options)


def term_names(samples, question):
    """Of the levels but the first."""
    return [f"{question}[T.{level}]" for level in samples[question].cat.categories[1:]]


def shuffled(samples, question, unit, rng):
    """The design with the question shuffled within each unit."""
    labels = samples[question].copy()
    for rows in samples.groupby(unit).indices.values():
        labels.iloc[rows] = labels.iloc[rng.permutation(rows)].to_numpy()
    return samples.assign(**{question: labels})


def flipped(samples, question, unit):
    """Every other way to label pairs: some units turned round, the first never (all turned is none turned)."""
    first, second = samples[question].cat.categories
    units = list(dict.fromkeys(samples[unit]))
    for turned in itertools.product([False, True], repeat=len(units) - 1):
        if any(turned):
            there = samples[unit].isin([name for name, each in zip(units[1:], turned, strict=True) if each])
            labels = samples[question].where(~there, samples[question].map({first: second, second: first}))
            yield samples.assign(**{question: pd.Categorical(labels, [first, second])})


def one_study(name, counts, samples, question, unit, designs):
    """Rows of one data set."""
    in_r = json.loads(REFERENCE.read_text(encoding="utf-8"))[name]
    terms, below = term_names(samples, question), {}
    for design in designs:
        for method, table in tables(counts.iloc[::EVERY], design, question, unit):
            kept = table[table["term"].isin(terms) & table["p_value"].notna()]
            below.setdefault(method, []).append((kept["p_value"] < 0.05).mean())
    for method, table in tables(counts, samples, question, unit):
        shares = 100 * np.array(below[method])
        for term in terms:
            q = table.loc[table["term"] == term, "p_adjusted"]
            theirs = in_r[term.replace("[T.", "").rstrip("]")].get(method, [None, None])
            yield {
                "study": name,
                "method": NAMES[method].format(unit),
                "term": term,
                "called_05": int((q < 0.05).sum()),
                "r_05": theirs[0],
                "called_10": int((q < 0.10).sum()),
                "r_10": theirs[1],
                "shuffles": len(shares),
                "below_05_median": np.median(shares).round(2),
                "below_05_least": shares.min().round(2),
                "below_05_most": shares.max().round(2),
            }


def main():
    """Write the table and print it."""
    rng = np.random.default_rng(14)
    shock, airway = load_shock_samples(), load_airway_samples()
    reads = load_airway_counts()
    reads = reads[reads.sum(axis=1) >= LEAST_READS]
    rows = [
        *one_study("airway", reads, airway, "dexamethasone", "donor", list(flipped(airway, "dexamethasone", "donor"))),
        *one_study(
            "shock",
            load_shock_counts(),
            shock,
            "time",
            "patient",
            [shuffled(shock, "time", "patient", rng) for _ in range(SHUFFLES)],
        ),
    ]
    table = pd.DataFrame(rows).astype({"r_05": "Int64", "r_10": "Int64"})
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False, lineterminator="\n")
    print("| study | method | term | FDR 5% | R | FDR 10% | R | shuffled: p < .05 (%), median and range |")
    print("| --- | --- | --- | ---: | ---: | ---: | ---: | --- |")
    for row in table.itertuples():
        theirs = ["" if pd.isna(each) else f"{each:,}" for each in (row.r_05, row.r_10)]
        spread = f"{row.below_05_median:.1f} ({row.below_05_least:.1f} to {row.below_05_most:.1f})"
        print(
            f"| {row.study} | {row.method} | `{row.term}` | {row.called_05:,} | {theirs[0]} | {row.called_10:,} |"
            f" {theirs[1]} | {spread} |"
        )


if __name__ == "__main__":
    warnings.simplefilter("ignore", UserWarning)
    main()

"""Which methods keep the nominal false discovery rate with ten animals: simulated, because it takes many minutes.

    python data/make/count_nominal_levels.py    # both tables, count_nominal_levels and repeated_count_nominal_levels

Every truth is known (`helpers.simulate`). The animals, their urea, weight and group are those of the course.
"""

import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from helpers import counts as methods
from helpers.counts.weighted_log_counts import log_cpm
from helpers.data import load_mouse_scores
from helpers.hypotheses.adjusting import adjusted_where_tested
from helpers.mixed import SingularFitWarning, fit_mixed
from helpers.simulate import simulate_counts, simulate_repeated_counts

DATA_SETS, GENES, EFFECT_SD = 24, 5_000, 0.6
LEVELS = (0.05, 0.10)
COVARIATES = {"urea": 0.1, "weight": 0.1, "group": 0.0, "none": 0.8}
GROUPS = {"urea": 0.0, "weight": 0.0, "group": 0.1, "none": 0.9}
NOISEQ_LEVELS = (0.05, 0.10, 0.20)  # one minus its probability, as if that were an error rate
BLOCKS, BLOCK_GENES, ANIMALS, PER_ANIMAL = 20, 200, 8, 3


def make():
    """Both tables."""
    with ProcessPoolExecutor() as pool:
        levels = pd.concat(list(pool.map(one_data_set, range(DATA_SETS))), ignore_index=True)
        repeated = pd.DataFrame(list(pool.map(one_block, range(BLOCKS))))
    return {"count_nominal_levels": levels, "repeated_count_nominal_levels": repeated}


def least_squares(counts, design, formula, terms):
    """The ordinary linear model of each gene's log counts per million (TMM), one p-value per gene and term."""
    X = np.column_stack([np.ones(len(design)), *(design[name] for name in formula)])
    y = log_cpm(counts.to_numpy(float), (counts.sum() * methods.tmm_factors(counts)).to_numpy()).T
    beta, rss, *_ = np.linalg.lstsq(X, y, rcond=None)
    std_error = np.sqrt(np.outer(np.diag(np.linalg.inv(X.T @ X)), rss / (len(X) - X.shape[1])))
    p = 2 * stats.t.sf(np.abs(beta / std_error), len(X) - X.shape[1])
    return {term: p[1 + list(formula).index(column)] for term, column in terms.items()}


def one_data_set(number, chosen=("quasi_likelihood", "voom", "deseq2", "likelihood_ratio", "least_squares", "noiseq")):
    """Rows of one data set: covariates urea and weight, then the groups CR and C."""
    animals = load_mouse_scores().set_index("animal")
    rows = []
    for design_number, shares in enumerate((COVARIATES, GROUPS)):
        rng = np.random.default_rng([number, design_number])
        counts, truth, _ = simulate_counts(animals, GENES, rng, shares=shares, effect_sd=EFFECT_SD)
        counted = counts.to_numpy().any(axis=1)
        counts, truth = counts[counted], truth[counted]
        if design_number == 0:
            formula, terms = ("urea", "weight"), {"urea": "urea", "weight": "weight"}
            design, true = animals, {term: truth[f"beta_{term}"] != 0 for term in terms}
        else:
            design = animals.assign(hp=animals["group"] == "HP", cr=animals["group"] == "CR").astype(
                {"hp": float, "cr": float}
            )
            formula, terms, true = ("hp", "cr"), {"CR - C": "cr"}, {"CR - C": truth["group_cr"] != 0}
        for method in chosen:
            if method == "noiseq":
                if design_number:
                    rows += noiseq_rows(counts, animals, true["CR - C"].to_numpy())
                continue
            p, q = p_values(method, counts, design, formula, terms)
            for term in terms:
                rows += [
                    score(method, term, level, true[term].to_numpy(), q[term] < level, p[term]) for level in LEVELS
                ]
    return pd.DataFrame([{"data_set": number} | row for row in rows])


def p_values(method, counts, design, formula, terms):
    """P-values and adjusted ones of every gene, term by term."""
    if method == "least_squares":
        p = least_squares(counts, design, formula, terms)
        return p, {term: adjusted_where_tested(values, "BH") for term, values in p.items()}
    table = getattr(methods, method)(counts, design, f"~ {' + '.join(formula)}", terms=list(terms.values()))
    of_term = {
        term: table[table["term"] == column].set_index("gene").loc[counts.index] for term, column in terms.items()
    }
    return [{term: rows[what].to_numpy() for term, rows in of_term.items()} for what in ("p_value", "p_adjusted")]


def noiseq_rows(counts, animals, true):
    """Genes above a probability, and the order that the probability gives."""
    probability = methods.noiseq(counts, animals, "group", levels=("CR", "C"))["probability"].to_numpy()
    return [score("noiseq", "CR - C", level, true, probability > 1 - level, -probability) for level in NOISEQ_LEVELS]


def score(method, term, level, true, called, order):
    """How many genes are called, how many falsely, and how many true ones a cut at that realised rate would find."""
    ranked = true[np.argsort(np.where(np.isnan(order), np.inf, order), kind="stable")]
    false_share = np.cumsum(~ranked) / np.arange(1, len(ranked) + 1)
    within = np.flatnonzero(false_share <= level)
    return {
        "term": term,
        "method": method,
        "level": level,
        "true": int(true.sum()),
        "called": int(called.sum()),
        "false": int((called & ~true).sum()),
        "found_at_matched_rate": int(ranked[: within[-1] + 1].sum()) if len(within) else 0,
    }


def one_block(number):
    """How often covariates without effect are called significant at 5%, by three models, in genes of one block."""
    rng = np.random.default_rng([number, ANIMALS, PER_ANIMAL])
    row = {"block": number, "genes": BLOCK_GENES}
    counts, design, sizes = simulate_repeated_counts(BLOCK_GENES, ANIMALS, PER_ANIMAL, rng)
    tables = {
        "ignored": methods.fit_negative_binomial(counts, design, "~ within + between", size_factors=sizes),
        "mixed_z": methods.fit_negative_binomial_mixed(
            counts, design, "~ within + between + (1 | animal)", size_factors=sizes
        ),
        "log_satterthwaite": log_mixed(counts, design, sizes),
    }
    for name, table in tables.items():
        for term, rows in table.groupby("term"):
            row[f"{name}_{term}"] = int((rows["p_value"] < 0.05).sum())
            row[f"{name}_{term}_tested"] = int(rows["p_value"].notna().sum())
    return row


def log_mixed(counts, design, sizes):
    """The linear mixed model of each gene's log2 normalised counts, tested by Satterthwaite."""
    tables = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        for values in counts.to_numpy():
            data = design.assign(y=np.log2(values / sizes.to_numpy() + 0.5))
            fit = fit_mixed("y ~ within + between + (1 | animal)", data)
            tables.append(fit.coefficients().drop(index="(Intercept)").reset_index())
    return pd.concat(tables)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    for name, table in make().items():
        table.to_csv(target / f"{name}.csv", index=False, lineterminator="\n")

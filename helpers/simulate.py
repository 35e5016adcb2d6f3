"""Data whose truth is known, because it was planted here.

Every function takes a ``numpy.random.Generator``: the seed stands in the cell or script that calls it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

SHARES = {"urea": 0.10, "weight": 0.10, "group": 0.10, "none": 0.70}
KINDS = {"urea": 0.10, "level": 0.08, "change": 0.08, "opposed": 0.04, "none": 0.70}


def simulate_pairs(rho: float, n: int, n_samples: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Many samples of n pairs from a bivariate normal distribution.

    Parameters
    ----------
    rho : float
        The true correlation, −1 to 1.
    n : int
        Pairs in a sample, such as animals in a study.
    n_samples : int
        Samples, such as studies.
    rng : numpy.random.Generator

    Returns
    -------
    x, y : numpy.ndarray, shape (n_samples, n)
        Standard normal each; row i is study i.

    Raises
    ------
    ValueError
        `rho` lies outside −1 … 1.
    """
    if not -1 <= rho <= 1:
        raise ValueError(f"A correlation lies between -1 and 1; found rho={rho}.")
    x = rng.standard_normal((n_samples, n))
    noise = rng.standard_normal((n_samples, n))
    return x, rho * x + np.sqrt(1 - rho**2) * noise


def simulate_groups(
    n_groups: int,
    n_per_group: int | Sequence[int],
    tau: float,
    sigma: float,
    slope: float,
    rng: np.random.Generator,
    *,
    between: float = 0.0,
) -> pd.DataFrame:
    """Measurements in groups that share something: several measurements of each of several animals.

    y = slope·x + b + e; b, one number per group, is normal with standard deviation τ, and e, one per row, with σ. x is
    normal with variance 1, a share `between` of which is common to the rows of a group. At x = 0 the true mean is 0.

    Parameters
    ----------
    n_groups : int
        Groups, such as animals.
    n_per_group : int or sequence of int
        Rows of every group, or of each.
    tau, sigma : float
        Standard deviation between groups, and within.
    slope : float
        True change of y per unit of x.
    rng : numpy.random.Generator
    between : float
        1: x is constant within a group, like an animal's genotype. 0: it varies from row to row, like a cell's size.

    Returns
    -------
    pandas.DataFrame
        One row per measurement: ``group`` (1, 2, …), ``x``, ``y``, and ``effect``, the group's true b.

    Raises
    ------
    ValueError
        `between` lies outside 0 … 1, or `n_per_group` is a sequence of another length than `n_groups`.
    """
    if not 0 <= between <= 1:
        raise ValueError(f"The share of x between groups lies between 0 and 1; found between={between}.")
    sizes = np.full(n_groups, n_per_group) if np.ndim(n_per_group) == 0 else np.asarray(n_per_group)
    if len(sizes) != n_groups:
        raise ValueError(f"n_per_group gives {len(sizes)} sizes for {n_groups} groups: give one per group.")
    group = np.repeat(np.arange(n_groups), sizes)
    effect = rng.normal(0, tau, n_groups)[group]
    common = rng.standard_normal(n_groups)[group]
    x = np.sqrt(between) * common + np.sqrt(1 - between) * rng.standard_normal(len(group))
    y = slope * x + effect + rng.normal(0, sigma, len(group))
    return pd.DataFrame({"group": group + 1, "x": x, "y": y, "effect": effect})


def simulate_counts(
    samples: pd.DataFrame,
    n_genes: int,
    rng: np.random.Generator,
    *,
    shares: dict[str, float] = SHARES,
    effect_sd: float | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """RNA-seq counts that depend on urea, on weight, on the group only, or on nothing.

    The count of gene g in sample j is negative binomial with mean s_j·μ_g·exp(η_gj) and variance mean + α_g·mean².
    η is β·z(urea) for a urea gene, β·z(weight) for a weight gene, a step per group for a group gene, 0 for the rest;
    z is the z-score over the samples. Dispersions follow the trend 0.05 + 4/μ with log-normal scatter, as in bulk
    RNA-seq (Love, Huber & Anders 2014, doi:10.1186/s13059-014-0550-8).

    Parameters
    ----------
    samples : pandas.DataFrame
        One row per sample; index = sample names; columns ``urea`` and ``weight`` (numbers) and ``group`` (labels C,
        HP, CR; C is the reference).
    n_genes : int
        Genes to simulate.
    rng : numpy.random.Generator
    shares : dict
        Share of the genes with each driver: ``urea, weight, group, none``. Must sum to 1.
    effect_sd : float, optional
        β is normal with this standard deviation, so that many effects are small; by default it is 0.4 to 1.2 up or
        down.

    Returns
    -------
    counts : pandas.DataFrame, shape (n_genes, n_samples)
        Whole numbers; index ``gene``.
    truth : pandas.DataFrame, shape (n_genes, 7)
        ``driver``; ``beta_urea`` and ``beta_weight``, natural-log fold change per standard deviation; ``group_hp`` and
        ``group_cr``, natural-log fold change against C; ``base_mean`` (μ); ``dispersion`` (α).
    size_factors : pandas.Series, shape (n_samples,)
        s, how deeply each sample was sequenced relative to the others.

    Raises
    ------
    ValueError
        The shares do not sum to 1.
    """
    _check_shares(shares)
    genes = pd.Index([f"gene_{i:04d}" for i in range(1, n_genes + 1)], name="gene")
    truth = _plant_effects(genes, shares, effect_sd, rng)
    truth["base_mean"] = np.exp(rng.normal(4.5, 1.6, n_genes))
    truth["dispersion"] = (0.05 + 4 / truth["base_mean"]) * np.exp(rng.normal(0, 0.3, n_genes))
    size_factors = pd.Series(np.exp(rng.normal(0, 0.25, len(samples))), index=samples.index, name="size_factor")

    log_fold_change = (
        np.outer(truth["beta_urea"], _z(samples["urea"]))
        + np.outer(truth["beta_weight"], _z(samples["weight"]))
        + np.outer(truth["group_hp"], samples["group"] == "HP")
        + np.outer(truth["group_cr"], samples["group"] == "CR")
    )
    mean = truth["base_mean"].to_numpy()[:, None] * np.exp(log_fold_change) * size_factors.to_numpy()
    size = 1 / truth["dispersion"].to_numpy()[:, None]
    counts = rng.negative_binomial(size, size / (size + mean))
    return pd.DataFrame(counts, index=genes, columns=samples.index), truth, size_factors


def _plant_effects(genes, shares, effect_sd, rng):
    n = len(genes)
    driver = _labels(n, shares, rng)
    effect = rng.choice([-1, 1], n) * rng.uniform(0.4, 1.2, n) if effect_sd is None else rng.normal(0, effect_sd, n)
    steps = rng.normal(0, 0.8, (n, 2))
    return pd.DataFrame(
        {
            "driver": driver,
            "beta_urea": np.where(driver == "urea", effect, 0.0),
            "beta_weight": np.where(driver == "weight", effect, 0.0),
            "group_hp": np.where(driver == "group", steps[:, 0], 0.0),
            "group_cr": np.where(driver == "group", steps[:, 1], 0.0),
        },
        index=genes,
    )


def simulate_expression(
    samples: pd.DataFrame, n_genes: int, rng: np.random.Generator, *, shares: dict = KINDS
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Log2 expression of animals sampled several times, with effects of urea between animals and within them.

    y = base + β_level·level + β_change·change + b + e, where the level of a sample is the mean urea of its animal and
    the change its own urea minus that, both in 100 mg/dl; b, one number per animal, is normal with standard deviation
    τ, and e, one per sample, with σ. A fifth of the genes have τ = 0.

    Parameters
    ----------
    samples : pandas.DataFrame
        One row per sample; index = sample names; columns ``animal`` and ``urea`` (mg/dl).
    n_genes : int
    rng : numpy.random.Generator
    shares : dict
        Share of the genes of each kind, summing to 1. ``urea``: both effects are one and the same; ``level``: between
        animals only; ``change``: within animals only; ``opposed``: two effects of opposite sign; ``none``.

    Returns
    -------
    expression : pandas.DataFrame, shape (n_genes, n_samples)
        Index ``gene``.
    truth : pandas.DataFrame, shape (n_genes, 6)
        ``kind``; ``beta_level`` and ``beta_change``, log2 units per 100 mg/dl; ``base``; ``tau``; ``sigma``.

    Raises
    ------
    ValueError
        The shares do not sum to 1.
    """
    _check_shares(shares)
    genes = pd.Index([f"gene_{i:04d}" for i in range(1, n_genes + 1)], name="gene")
    truth = _plant_urea(genes, shares, rng)
    animal = samples["animal"].astype("category").cat.codes.to_numpy()
    urea = samples["urea"] / 100
    level = urea.groupby(samples["animal"]).transform("mean")
    fixed = np.outer(truth["beta_level"], level) + np.outer(truth["beta_change"], urea - level)
    base, tau, sigma = truth[["base", "tau", "sigma"]].to_numpy().T[:, :, None]
    shifts = tau * rng.standard_normal((n_genes, animal.max() + 1))
    y = base + fixed + shifts[:, animal] + sigma * rng.standard_normal((n_genes, len(samples)))
    return pd.DataFrame(y, index=genes, columns=samples.index), truth


def _plant_urea(genes, shares, rng):
    n = len(genes)
    kind = _labels(n, shares, rng)
    first, second = rng.choice([-1, 1], n) * rng.uniform(0.4, 1.2, (2, n))
    return pd.DataFrame(
        {
            "kind": kind,
            "beta_level": np.where(np.isin(kind, ["urea", "level", "opposed"]), first, 0.0),
            "beta_change": np.select(
                [kind == "urea", kind == "change", kind == "opposed"], [first, second, -second], 0.0
            ),
            "base": rng.normal(6, 2, n),
            "tau": np.where(rng.random(n) < 0.2, 0.0, np.sqrt(rng.exponential(0.5, n))),
            "sigma": rng.uniform(0.3, 1.0, n),
        },
        index=genes,
    )


def _check_shares(shares):
    if abs(sum(shares.values()) - 1) > 1e-9:
        raise ValueError(f"The shares must sum to 1; {shares} sums to {sum(shares.values()):g}.")


def _labels(n, shares, rng):
    """One label per gene, in random order, each as often as its share says."""
    numbers = np.round(np.cumsum(list(shares.values())) * n).astype(int)
    return rng.permutation(np.repeat(list(shares), np.diff(numbers, prepend=0)))


def simulate_repeated_counts(
    n_genes: int, n_animals: int, n_per_animal: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """RNA-seq counts of several samples of each of several animals, on which no covariate has an effect.

    The count of gene g in sample j of animal a is negative binomial with mean s_j·μ_g·exp(b_ga) and variance mean +
    α_g·mean²; b is normal between animals with standard deviation τ_g. μ lies between 7 and 3,000, α around 0.14, τ
    between 0.1 and 0.8, as in the data on which the negative-binomial mixed model is tested.

    Parameters
    ----------
    n_genes, n_animals, n_per_animal : int
    rng : numpy.random.Generator

    Returns
    -------
    counts : pandas.DataFrame, shape (n_genes, n_animals * n_per_animal)
        Whole numbers; index ``gene``, columns samples.
    design : pandas.DataFrame
        One row per sample: ``animal`` (text); ``within``, which varies from sample to sample; ``between``, one number
        per animal: standard normal both.
    size_factors : pandas.Series, shape (n_animals * n_per_animal,)
    """
    animal = np.repeat(np.arange(n_animals), n_per_animal)
    n = len(animal)
    samples = pd.Index([f"s{i:02d}" for i in range(1, n + 1)], name="sample")
    design = pd.DataFrame(
        {
            "animal": [f"m{i}" for i in animal + 1],
            "within": rng.standard_normal(n),
            "between": rng.standard_normal(n_animals)[animal],
        },
        index=samples,
    )
    size_factors = pd.Series(np.exp(rng.normal(0, 0.2, n)), index=samples, name="size_factor")
    base_mean, size = np.exp(rng.uniform(2, 8, (n_genes, 1))), np.exp(rng.normal(2, 0.5, (n_genes, 1)))
    effect = rng.uniform(0.1, 0.8, (n_genes, 1)) * rng.standard_normal((n_genes, n_animals))
    mean = base_mean * np.exp(effect[:, animal]) * size_factors.to_numpy()
    genes = pd.Index([f"gene_{i:04d}" for i in range(1, n_genes + 1)], name="gene")
    counts = rng.negative_binomial(size, size / (size + mean))
    return pd.DataFrame(counts, index=genes, columns=samples), design, size_factors


def _z(values):
    return (values - values.mean()) / values.std()

"""Simulated experiments: one design, many outcomes, each fitted by the very model that is planned for.

Neither the variances that a model estimates nor its degrees of freedom change with the true effects: these only move
the estimates. So experiments are simulated without effects, and one set of fits tells power at every effect, and the
type I error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import linalg

from helpers.design import Design
from helpers.design.crossproducts import CrossProducts, cross_products
from helpers.design.identified import explained_by_fixed_part, refuse_unidentified
from helpers.genes.core.optimum import lowest
from helpers.genes.core.shared import Shared, shared_design
from helpers.mixed.reml import SINGULAR
from helpers.planning.asked import Question
from helpers.planning.assumptions import INTERCEPT, Variances
from helpers.planning.batch.classes import Classes, classes_of, sums_of
from helpers.planning.batch.heights import at
from helpers.planning.batch.inferences import Inferences
from helpers.planning.batch.search import optima
from helpers.planning.families import sums_of_pairs

NUMBERS_AT_ONCE = 40_000  # values in a piece of outcomes: what is made of them fits into a processor's cache
ENTRIES_AT_ONCE = 400_000  # of the matrices of a piece, where there are blocks of random effects
FEWEST_AT_ONCE, MOST_AT_ONCE = 20, 2_000
FEW_GROUPS = 100  # up to here one decomposition of the groups costs less than steps class by class
Ddf = Literal["satterthwaite", "kenward-roger", "normal"]


@dataclass(frozen=True, eq=False)
class Joint:
    """An F test in N experiments: noise (q, N) of its contrasts, and `helpers.planning.batch.inferences.JointTest`."""

    noise: np.ndarray
    precision: np.ndarray
    scale: np.ndarray
    df: np.ndarray


@dataclass(frozen=True, eq=False)
class Fits:
    """What N experiments without effects found.

    Attributes
    ----------
    noise, std_error, df : (k, N)
        Of the single contrasts: estimate minus truth, standard error, degrees of freedom.
    joint : tuple of Joint
    singular, reached : (N,) bool
        Whether a variance was estimated as zero; whether the fit has an optimum.
    """

    noise: np.ndarray
    std_error: np.ndarray
    df: np.ndarray
    joint: tuple[Joint, ...]
    singular: np.ndarray
    reached: np.ndarray


class Ordinary:
    """Least squares, without a random part."""

    def __init__(self, design: Design, singles: np.ndarray, joints: list[np.ndarray], ddf: Ddf):
        self.q, r = np.linalg.qr(design.X)
        self.singles = linalg.solve_triangular(r, singles.T, trans="T").T
        self.joints = [linalg.solve_triangular(r, rows.T, trans="T").T for rows in joints]
        self.nu = len(design.X) - design.X.shape[1]
        self.df = np.inf if ddf == "normal" else self.nu
        self.most = max(FEWEST_AT_ONCE, NUMBERS_AT_ONCE // len(design.X))

    def fits(self, y: np.ndarray) -> Fits:
        """Fit outcomes (N, n)."""
        coefficients = self.q.T @ y.T
        residuals = y.T - self.q @ coefficients
        sigma2 = np.einsum("in,in->n", residuals, residuals) / self.nu
        unit = np.einsum("ki,ki->k", self.singles, self.singles)
        std_error, df = np.sqrt(unit[:, None] * sigma2), np.full((len(unit), len(y)), float(self.df))
        joint = tuple(self._joint(rows, coefficients, sigma2) for rows in self.joints)
        none = np.zeros(len(y), dtype=bool)
        return Fits(self.singles @ coefficients, std_error, df, joint, none, ~none)

    def _joint(self, rows, coefficients, sigma2):
        precision = np.linalg.inv(rows @ rows.T)[:, :, None] / sigma2
        return Joint(rows @ coefficients, precision, np.ones_like(sigma2), np.full_like(sigma2, self.df))


class Intercepts:
    """One random intercept, t tests only: the algorithm of `helpers.genes`."""

    def __init__(self, design: Design, singles: np.ndarray, ddf: Ddf):
        q, r = np.linalg.qr(design.X)
        self.design, self.ddf = shared_design(q, r, design.random[0].codes), ddf
        self.singles = linalg.solve_triangular(r, singles.T, trans="T").T
        self.most = max(FEWEST_AT_ONCE, NUMBERS_AT_ONCE // len(design.X))
        if self.design.df_within < 1:
            raise ValueError(
                f"{explained_by_fixed_part('within', design.random[0].group)}: no residual variance is left to "
                "estimate. Plan more rows, or take columns out of the fixed part."
            )

    def fits(self, y: np.ndarray) -> Fits:
        """Fit outcomes (N, n)."""
        model = Shared(self.design, y)
        lam, reached = lowest(model)
        tests = model.state(lam).tests(self.singles, self.ddf)
        return Fits(*tests, (), np.sqrt(lam) < SINGULAR, reached)


class Mixed:
    """Any random part."""

    def __init__(
        self, design: Design, products: CrossProducts, singles: np.ndarray, joints: list[np.ndarray], ddf: Ddf
    ):
        self.classes: Classes = classes_of(products, design.X, design.random_parts)
        self.ddf = ddf
        self.singles, *self.joints = (
            linalg.solve_triangular(products.r, rows.T, trans="T").T for rows in (singles, *joints)
        )
        entries = len(self.classes.count) * (products.width + products.p) ** 2
        self.most = int(np.clip(ENTRIES_AT_ONCE / entries, FEWEST_AT_ONCE, MOST_AT_ONCE))
        self.most = min(self.most, max(FEWEST_AT_ONCE, 50 * NUMBERS_AT_ONCE // len(design.X)))
        self.start = np.array([0.5 * (a == b) for _, a, b in products.pairs])
        self.diagonal = np.array([a == b for _, a, b in products.pairs])

    def started_at(self, variances: Variances) -> None:
        """Start the search at the truth, where the model holds it."""
        products = self.classes.products
        theta = []
        for term, back, covariance in zip(products.terms, products.to_original, variances.terms, strict=True):
            inner = np.linalg.solve(back, root(covariance)) / variances.sigma
            inner = np.linalg.qr(inner.T)[1].T  # lower triangular, of the same covariance
            theta += [abs(inner[a, b]) if a == b else inner[a, b] * np.sign(inner[b, b] or 1) for a, b in term.pairs]
        self.start = np.array(theta)

    def fits(self, y: np.ndarray) -> Fits:
        """Fit outcomes (N, n)."""
        sums = sums_of(self.classes, y)
        theta, reached = optima(self.classes, sums, self.start)
        here = at(self.classes, sums, theta)
        found, estimates = Inferences(here, self.ddf), sums.coefficients + here.beta
        tests = found.tests(self.singles)
        joint = []
        for rows in self.joints:
            each = found.joint(rows)
            joint.append(Joint(rows @ estimates, each.precision, each.scale, each.df))
        original = self._diagonals(theta)
        return Fits(
            self.singles @ estimates, tests.std_error, tests.df, tuple(joint), original.min(axis=0) < SINGULAR, reached
        )

    def _diagonals(self, theta):
        """The diagonal of Λ in the units of the columns."""
        products = self.classes.products
        scale = np.concatenate([np.diag(back) for back in products.to_original])
        return theta[self.diagonal] * scale[:, None]


def model_of(
    design: Design, questions: list[Question], ddf: Ddf, *, correlated: bool = False
) -> Ordinary | Intercepts | Mixed:
    """The model to be fitted, ready for outcomes of this design.

    If `correlated`, the single contrasts are followed by their `sums_of_pairs`.

    Raises
    ------
    ValueError
        The design leaves nothing to estimate a variance from.
    """
    p = design.X.shape[1]
    singles = np.concatenate([np.empty((0, p)), *(each.weights for each in questions if not each.is_joint)])
    if correlated:
        singles = np.concatenate([singles, sums_of_pairs(singles)])
    joints = [each.weights for each in questions if each.is_joint]
    if not design.random:
        return Ordinary(design, singles, joints, ddf)
    products = cross_products(np.zeros(len(design.X)), design.X, design.random_parts, single=True)
    refuse_unidentified(design, products)
    is_small = len(design.random) == 1 and len(design.random[0].levels) <= FEW_GROUPS
    if is_small and design.random[0].names == (INTERCEPT,) and not joints:
        return Intercepts(design, singles, ddf)
    return Mixed(design, products, singles, joints, ddf)


def root(covariance: np.ndarray) -> np.ndarray:
    """A matrix R with RR' the covariance, which may be singular; or one for each of several, (n, size, size)."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0))[..., None, :]


def noise(design: Design, variances: Variances, n: int, rng: np.random.Generator) -> np.ndarray:
    """Outcomes (n, rows) of experiments without effects, of one set of variances or of n."""
    y = rng.standard_normal((n, len(design.X)))
    y *= np.reshape(variances.sigma, (-1, 1))
    for term, covariance in zip(design.random, variances.terms, strict=True):
        effects = rng.standard_normal((n, len(term.levels), len(term.names))) @ np.swapaxes(root(covariance), -1, -2)
        for k in range(len(term.names)):
            y += effects[:, term.codes, k] * term.columns[:, k]
    return y


def pieces(n_sim: int, most: int, seed: tuple[int, ...]) -> Iterator[tuple[int, np.random.Generator]]:
    """Sizes that sum to `n_sim`, each with random numbers of its own."""
    for k, start in enumerate(range(0, n_sim, most)):
        yield min(most, n_sim - start), np.random.default_rng([*seed, k])

"""Linear algebra of small matrices runs on one thread, and what the caller had set is there afterwards."""

import threading
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import helpers.genes.from_cells as from_cells
from helpers.counts import fit_negative_binomial_mixed, glm, quasi_likelihood, voom
from helpers.genes import fit_genes, fitting
from helpers.genes.from_cells import fit_genes_from_cells
from helpers.mixed import fit_mixed, reml
from helpers.threads import LARGE, one_thread

SET = 3  # what the caller had


def now():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture
def several_threads():
    with threadpool_limits(limits=SET, user_api="blas"):
        yield


@pytest.fixture
def design():
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {"x": rng.normal(size=12), "animal": np.repeat(list("abcd"), 3)}, index=[f"s{i}" for i in range(12)]
    )


def numbers(design, n=40):
    rng = np.random.default_rng(2)
    return pd.DataFrame(rng.normal(size=(n, len(design))), [f"g{i}" for i in range(n)], design.index)


def counts(design):
    rng = np.random.default_rng(3)
    return pd.DataFrame(rng.negative_binomial(5, 0.05, (40, len(design))), columns=design.index).rename("g{}".format)


def reads(design):
    return pd.concat([design.assign(y=row, gene=gene) for gene, row in numbers(design).iterrows()])


USES = {  # what is called, and the innermost function it must not leave to several threads
    "fit_genes": (lambda d: fit_genes(numbers(d), d, "~ x + (1 | animal)"), fitting, "lowest"),
    "fit_genes without groups": (lambda d: fit_genes(numbers(d), d, "~ x"), fitting, "least_squares"),
    "fit_mixed": (lambda d: fit_mixed("y ~ x + (1 | animal)", d.assign(y=numbers(d).loc["g0"])), reml, "newton"),
    "its tests": (
        lambda d: fit_mixed("y ~ x + (1 | animal)", d.assign(y=numbers(d).loc["g0"])).coefficients(),
        reml,
        "traces",
    ),
    "quasi_likelihood": (lambda d: quasi_likelihood(counts(d), d, "~ x"), glm, "_newton"),
    "fit_genes_from_cells": (
        lambda d: fit_genes_from_cells("y ~ animal + (1 | day)", reads(d).assign(day=list("uvw") * 160), "gene"),
        from_cells,
        "lowest",
    ),
}


@pytest.mark.usefixtures("several_threads")
@pytest.mark.parametrize("use", USES)
@pytest.mark.filterwarnings("ignore:Singular fit")
def test_the_core_runs_on_one_thread_and_the_limit_is_lifted(use, design, monkeypatch):
    call, module, name = USES[use]
    seen, core = [], getattr(module, name)

    def recording(*arguments, **options):
        seen.append(now())
        return core(*arguments, **options)

    monkeypatch.setattr(module, name, recording)
    call(design)
    assert seen
    assert all(threads == {1} for threads in seen)
    assert now() == {SET}


@pytest.mark.usefixtures("several_threads")
@pytest.mark.parametrize("use", USES)
@pytest.mark.filterwarnings("ignore:Singular fit")
def test_the_limit_is_lifted_after_an_error(use, design, monkeypatch):
    call, module, name = USES[use]

    def failing(*arguments, **options):
        assert now() == {1}
        raise ZeroDivisionError

    monkeypatch.setattr(module, name, failing)
    with pytest.raises(ZeroDivisionError):
        call(design)
    assert now() == {SET}


@pytest.mark.usefixtures("several_threads")
def test_large_matrices_keep_their_threads():
    side = round(LARGE ** (1 / 3)) + 1
    with one_thread(side, side, side):
        assert now() == {SET}
        with one_thread(10, 10, 10):
            assert now() == {1}
        assert now() == {SET}
    with one_thread(side - 2, side - 2, side - 2):
        assert now() == {1}


@pytest.mark.usefixtures("several_threads")
@pytest.mark.parametrize(("width", "threads"), [(40, 1), (600, SET)])
def test_crossed_factors_of_many_levels_keep_their_threads(width, threads, monkeypatch):
    monkeypatch.setattr(reml, "_lowest", lambda data, reml: now())
    assert reml.optimise(SimpleNamespace(width=width, p=3)) == {threads}
    assert now() == {SET}


@pytest.mark.usefixtures("several_threads")
def test_blocks_may_be_nested():
    with one_thread():
        with one_thread():
            assert now() == {1}
        assert now() == {1}
    assert now() == {SET}


def test_of_several_python_threads_the_first_limits_and_puts_back():
    first_in, second_in, first_out = threading.Event(), threading.Event(), threading.Event()
    seen = {}

    def first():
        with one_thread():
            seen["first"] = now()
            first_in.set()
            second_in.wait(60)
        first_out.set()

    def second():
        first_in.wait(60)
        with one_thread():
            seen["second"] = now()
            second_in.set()
            first_out.wait(60)
        seen["after"] = now()
        with one_thread():
            seen["again"] = now()

    before = now()
    workers = [threading.Thread(target=run) for run in (first, second)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert seen == {"first": {1}, "second": {1}, "after": before, "again": {1}}
    assert now() == before


@pytest.mark.usefixtures("several_threads")
def test_voom_and_mixed_counts_leave_the_threads_as_they_were(design):
    voom(counts(design), design, "~ x")
    fit_negative_binomial_mixed(counts(design).iloc[:2], design, "~ x + (1 | animal)", size_factors=1)
    assert now() == {SET}

"""A headless Chromium for every test here: the system's own, driven by Playwright; without one, tests are skipped."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from running_lab import running_lab

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FAILURES = Path(__file__).parent / "failures"
PATIENCE = 120  # seconds for whatever a page is waited for: a busy machine is slow, and that is no fault of the page


def chromium():
    """The system's Chromium (or CHROMIUM=/path/to/one), or None."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser():
    """One Chromium for the whole run."""
    if chromium() is None:
        pytest.skip("no Chromium here: install it (Debian and Ubuntu: apt-get install chromium), or set CHROMIUM=")
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses to run as root, which is who one is in most containers.
        flags = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        started = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield started
        started.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Remember how a test ended, for `page`."""
    report = yield
    if report.when == "call":
        item.failed = report.failed
    return report


@pytest.fixture
def page(browser, request):
    """A page of its own, 1280 × 720; `page.requested` lists what it asks for; a failed test keeps a picture."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.set_default_timeout(1000 * PATIENCE)
    opened = context.new_page()
    opened.requested = []
    context.on("request", lambda asked: opened.requested.append(asked.url))
    yield opened
    if getattr(request.node, "failed", False):
        FAILURES.mkdir(exist_ok=True)
        opened.screenshot(path=FAILURES / f"{request.node.name}.png", full_page=True)
    context.close()


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory):
    """JupyterLab as `make lab` starts it, on a copy of the project, with an empty home; one for the whole run."""
    with running_lab(tmp_path_factory.mktemp("lab")) as started:
        yield started

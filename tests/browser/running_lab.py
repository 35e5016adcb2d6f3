"""JupyterLab as `make lab` starts it, on a copy of the project: a test touches nothing else on this machine."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
PATIENCE = 120  # seconds until the server answers, on a busy machine
EVERY = 300  # milliseconds between two looks: by default Chromium is asked sixty times a second
MILLISECONDS = 1000 * 240  # for a lesson's cells: several times what a slow one takes
ADDRESS = re.compile(r"http://localhost:\d+/\S*\?token=\w+")
FIND_PANEL = "const panel = window.jupyterapp?.shell.currentWidget;"
KERNEL_IS_IDLE = "panel?.sessionContext?.session?.kernel?.status === 'idle'"


def copy_of_project(folder):
    """The files that git keeps or would, without what a reader or an author has made; a repository of its own."""
    command = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "The course")


def git(folder, *arguments):
    """What git prints; its settings on this machine are left out."""
    nobody = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "-c", "core.hooksPath=/dev/null"]
    settings = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", "-C", folder, *nobody, *arguments]
    return subprocess.run(command, env=settings, capture_output=True, text=True, check=True).stdout


def environment_of(folder, home):
    """The variables of a reader whose home is empty, and who imports `helpers` from the copy."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON", "PYTEST"))}
    return ours | {"HOME": str(home), "PYTHONPATH": str(folder), "OPENBLAS_NUM_THREADS": "1"}


@contextlib.contextmanager
def running_lab(folder):
    """Start what `make lab` starts; yield the `Lab`; end it and its kernels."""
    root, home, log = folder / "course", folder / "home", folder / "log"
    root.mkdir()
    home.mkdir()
    copy_of_project(root)
    variables = environment_of(root, home)
    with started([sys.executable, "-m", "helpers.course", "lab"], root, variables, log) as address:
        yield Lab(address, root)


@contextlib.contextmanager
def started(command, folder, variables, log):
    """Start a JupyterLab in a folder, at a port of its own; yield the address it prints; end it and its kernels."""
    options = ["--no-browser", f"--ServerApp.port={free_port()}", "--LabApp.expose_app_in_browser=True"]
    with log.open("w") as written:
        server = subprocess.Popen(
            [*command, *options], cwd=folder, env=variables, stdout=written, stderr=written, start_new_session=True
        )
    try:
        yield wait_for_address(server, log)
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def free_port():
    with socket.socket() as asked:
        asked.bind(("localhost", 0))
        return asked.getsockname()[1]


def wait_for_address(server, log):
    """The address that the server prints for a reader to click on."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        if found := ADDRESS.search(log.read_text()):
            return found[0]
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


class Lab:
    """A running JupyterLab: the `address` it prints, its `root` folder; and what a reader does in a page."""

    def __init__(self, address, root):
        self.address, self.root = address, root

    def open(self, page, name, folder="my"):
        """Open a notebook in a layout without other tabs, and wait for its kernel."""
        parts = urlsplit(self.address)
        page.goto(f"{parts.scheme}://{parts.netloc}/lab/tree/{folder}/{name}?{parts.query}&reset")
        self.wait_for(page, name)

    def wait_for(self, page, name):
        """Wait until this notebook is the one in front, and its kernel is idle."""
        page.wait_for_function(
            f"""name => {{ {FIND_PANEL}
                return panel?.context?.path?.endsWith(name) && panel.context.isReady && {KERNEL_IS_IDLE};
            }}""",
            arg=name,
            timeout=MILLISECONDS,
            polling=EVERY,
        )

    def choose(self, page, menu, entry):
        """Choose an entry of JupyterLab's menu bar."""
        page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{menu}$")).click()
        page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{entry}$")).click()

    def run_all(self, page):
        """Restart the kernel and run all cells, by the menu; wait until the last has run."""
        self.clear(page)
        self.choose(page, "Run", "Restart Kernel and Run All Cells…")
        page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.wait_until_idle(page)

    def run_above(self, page, number):
        """Run all cells above this one, by the menu; wait until the last has run."""
        self.clear(page)
        self.select(page, number)
        self.choose(page, "Run", "Run All Above Selected Cell")
        self.wait_until_idle(page, last=number)

    def clear(self, page):
        """Take away all outputs and numbers, so that what is seen later is new."""
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")

    def wait_until_idle(self, page, first=0, last=None):
        """Wait until every cell from the first to the one before the last has run."""
        page.wait_for_function(
            f"""([first, last]) => {{ {FIND_PANEL}
                const cells = [...panel.content.model.cells].slice(first, last ?? undefined);
                return {KERNEL_IS_IDLE} && cells.every(
                    each => each.type !== 'code' || !each.sharedModel.getSource() || each.executionCount);
            }}""",
            arg=[first, last],
            timeout=MILLISECONDS,
            polling=EVERY,
        )

    def cells(self, page):
        """The cells of the notebook in front, as they would be saved."""
        return page.evaluate(f"() => {{ {FIND_PANEL} return panel.content.model.toJSON().cells; }}")

    def select(self, page, number):
        """Make a cell the active one, bring it into view, and leave whatever was written in."""
        page.evaluate(
            f"""async number => {{ {FIND_PANEL}
                panel.content.activeCellIndex = number;
                await panel.content.scrollToCell(panel.content.activeCell);
                panel.content.activate();
            }}""",
            number,
        )
        page.keyboard.press("Escape")

    def write(self, page, number, source):
        """Replace what stands in a cell, with the keyboard."""
        self.select(page, number)
        page.keyboard.press("Enter")
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(source)

    def run(self, page, number, source=None):
        """Write into a cell, or leave it as it is; run it with Shift and Enter, and return what it prints."""
        self.select(page, number) if source is None else self.write(page, number, source)
        # Its number may be the same as before, if the kernel is new.
        page.evaluate(
            f"number => {{ {FIND_PANEL} panel.content.model.cells.get(number).executionCount = null; }}", number
        )
        page.keyboard.press("Shift+Enter")
        page.wait_for_function(
            f"""number => {{ {FIND_PANEL}
                return panel.content.model.cells.get(number).executionCount && {KERNEL_IS_IDLE};
            }}""",
            arg=number,
            timeout=MILLISECONDS,
            polling=EVERY,
        )
        return printed(self.cells(page)[number])

    def save(self, page):
        """Save by the keyboard, and wait until nothing is left to save."""
        page.keyboard.press("Control+s")
        page.wait_for_function(f"() => {{ {FIND_PANEL} return !panel.context.model.dirty; }}", timeout=MILLISECONDS)

    def end_kernel(self, page):
        """End the kernel of the notebook in front: the memory of sixteen lessons is more than a small machine has."""
        page.evaluate(f"async () => {{ {FIND_PANEL} await panel.sessionContext.shutdown(); }}")


def source_of(cell):
    """The text of a cell, which a file keeps as a list of lines."""
    return "".join(cell["source"])


def printed(cell):
    """What a cell has printed, without what it shows."""
    return "".join("".join(each["text"]) for each in cell.get("outputs", []) if each["output_type"] == "stream")


def trouble(cells):
    """The errors and what stands on stderr, which a reader sees in red."""
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"]


def requests_to_others(page):
    """What a page has asked of another machine."""
    return [each for each in page.requested if urlsplit(each).hostname not in ("localhost", "127.0.0.1", None)]

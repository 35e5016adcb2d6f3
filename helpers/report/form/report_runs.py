"""Reports that are being made: the command in a process of its own, one at a time, and how far it is."""

import os
import re
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from helpers.report.run import REPORTS

PROGRESS = re.compile(r"(\d+)/(\d+)")  # of the bar: cells that have run, of all


class StillRunning(Exception):
    """Another report is being made."""


@dataclass(eq=False)
class Run:
    """One report on its way.

    Attributes
    ----------
    key : str
    name : str
        Of the report's folder.
    process : subprocess.Popen
    said : IO
        What it writes on stderr: a bar, and then what went wrong. It is closed when the process has ended.
    """

    key: str
    name: str
    process: subprocess.Popen
    said: IO[bytes]
    _text: str = ""

    @property
    def exit_code(self) -> int | None:
        """None as long as it runs."""
        return self.process.poll()

    def text(self) -> str:
        """All that it has said."""
        if not self.said.closed:
            has_ended = self.exit_code is not None  # asked before: what it says last is then there
            self.said.seek(0)
            self._text = self.said.read().decode(errors="replace")
            if has_ended:
                self.said.close()
        return self._text

    @property
    def progress(self) -> tuple[int, int]:
        """Cells that have run, and all of them; 0 and 0 as long as that is not known."""
        found = PROGRESS.findall(self.text())
        return (int(found[-1][0]), int(found[-1][1])) if found else (0, 0)

    @property
    def message(self) -> str:
        """What went wrong, as the command says it."""
        before, sign, told = self.text().rpartition("No report was written. ")
        return told.strip() if sign else before.strip() or "The report was not finished. Nothing was written."


class Runs:
    """The reports that one server makes."""

    def __init__(self):
        self._runs: dict[str, Run] = {}

    def start(self, given: dict[str, str]) -> Run:
        """Start `python -m helpers.report` with these parameters.

        Parameters
        ----------
        given : dict of str
            NAME is among them.

        Returns
        -------
        Run

        Raises
        ------
        StillRunning
            One report at a time: each takes a processor and its share of the memory.
        """
        if any(run.exit_code is None for run in self._runs.values()):
            raise StillRunning("A report is being made. Wait until it is there, or stop it.")
        said = tempfile.TemporaryFile()  # noqa: SIM115 (it is read as long as the page asks)
        command = [sys.executable, "-m", "helpers.report", *(f"{name}={text}" for name, text in given.items())]
        environment = os.environ | {"MPLBACKEND": "agg"}
        process = subprocess.Popen(
            command,
            cwd=REPORTS.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        run = Run(uuid.uuid4().hex, given["NAME"], process, said)
        self._runs[run.key] = run
        return run

    def of(self, key: str) -> Run | None:
        """The run with this key."""
        return self._runs.get(key)

    def stop_all(self) -> None:
        """End what still runs: nothing half-made is left, since a report takes its place when it is whole."""
        for run in self._runs.values():
            if run.exit_code is None:
                run.process.terminate()
                run.process.wait()
            run.text()


def taken_names() -> list[str]:
    """The names that a new report cannot have."""
    return [path.name for path in REPORTS.iterdir()] if REPORTS.is_dir() else []


def folder_of(name: str) -> Path | None:
    """The folder of a finished report, or None where there is none of that name."""
    folder = REPORTS / name
    is_report = re.fullmatch(r"\w[\w .-]*", name) and (folder / "report.html").is_file()
    return folder if is_report else None

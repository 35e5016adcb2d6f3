"""Re-run every lesson and template as other processors would, and print which cells give another output.

    make test-processors                           # every setting that this processor can imitate
    make test-processors ARGS="oldest haswell"     # these
    make test-processors ARGS="oldest --notebooks notebooks/08_every_gene.ipynb"

Last digits differ between processors, because linear algebra (OpenBLAS, of which NumPy and SciPy bring one each),
NumPy's own loops and the C library add up in another order on each. A stored output must not show them. Each setting
here makes these libraries take the code of another processor; whether they do is asked of them first. A setting that
this processor cannot imitate, or that comes to the same as one before it, is left out, and said so.

Exit status: 0 when every cell that ran gives the stored output, 1 when one differs, 2 when nothing could be compared.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# What NumPy, SciPy and the C library are made to leave aside, beside OpenBLAS's kernel: the parts of NumPy that it
# chooses at run time are named differently from version to version, so their names are asked of it.
NOTHING, AVX512, ALL = "nothing", "AVX-512", "AVX, AVX2, FMA and AVX-512"
C_LIBRARY = "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4"  # its exp and log for those; only Linux reads this
ALIASES = {"Prescott": {"Katmai"}, "Zen": {"Haswell"}}  # one kernel with two names in OpenBLAS's table
OF_OPENBLAS = ("OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
CONTROLS = (*OF_OPENBLAS, "NPY_DISABLE_CPU_FEATURES", "GLIBC_TUNABLES")


@dataclass(frozen=True)
class Setting:
    """A processor to imitate: OpenBLAS's kernel (None: the machine's own), what is left aside, threads, its needs."""

    name: str
    kernel: str | None
    without: str
    threads: int
    needs: str | None = None  # a feature of the processor, as NumPy calls it


SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("own", None, NOTHING, 1),
        Setting("own-2-threads", None, NOTHING, 2),
        Setting("own-4-threads", None, NOTHING, 4),
        Setting("oldest", "Prescott", ALL, 1),
        Setting("nehalem", "Nehalem", ALL, 1),
        Setting("haswell", "Haswell", AVX512, 1, needs="AVX2"),
        Setting("zen", "Zen", AVX512, 1, needs="AVX2"),
        Setting("skylakex", "SkylakeX", NOTHING, 1, needs="AVX512F"),
    )
}

PROBE = """
import json
from numpy._core import _multiarray_umath as numpy_core
import scipy.linalg, threadpoolctl
libraries = threadpoolctl.ThreadpoolController().select(user_api="blas").info()
features = numpy_core.__cpu_features__
print(json.dumps({
    "libraries": len(libraries),
    "kernels": sorted({library.get("architecture") or library["internal_api"] for library in libraries}),
    "threads": sorted({library["num_threads"] for library in libraries}),
    "has": sorted(name for name, there in features.items() if there),
    "chosen_at_run_time": list(numpy_core.__cpu_dispatch__),
}))
"""


def own_environment():
    """The environment of this process without what a setting sets."""
    return {name: value for name, value in os.environ.items() if name not in CONTROLS}


def probe(environment):
    """What the libraries say of themselves when they start in this environment; a warning of theirs is an error."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROBE], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the libraries do not start (status {done.returncode}): {done.stderr.strip()}")
    return json.loads(done.stdout)


def environment_of(setting, own):
    """Environment variables that make a new process compute as the setting says; `own` is what `probe` found here."""
    added = {"OPENBLAS_NUM_THREADS": str(setting.threads)}
    if setting.kernel:
        added["OPENBLAS_CORETYPE"] = setting.kernel
    if names := to_disable(setting.without, own["chosen_at_run_time"]):
        added["NPY_DISABLE_CPU_FEATURES"] = " ".join(names)
    if setting.without == ALL:
        added["GLIBC_TUNABLES"] = C_LIBRARY
    return own_environment() | added


def to_disable(without, chosen_at_run_time):
    """Those of the features among which NumPy chooses at run time that the setting leaves aside.

    NumPy only warns of a name that it does not know, and goes on as if nothing had been asked.
    """
    if without == ALL:
        return chosen_at_run_time
    is_wide = [name.startswith("AVX512") or name == "X86_V4" for name in chosen_at_run_time]
    return [name for name, wide in zip(chosen_at_run_time, is_wide, strict=True) if wide and without == AVX512]


def why_not(setting, own):
    """Why this processor cannot imitate the setting, before anything is tried; None if it can."""
    if setting.kernel and "SSE3" not in own["has"]:
        return "only an x86-64 processor can imitate another one"
    if setting.needs and setting.needs not in own["has"]:
        return f"this processor has no {setting.needs}"
    return None


def without_effect(setting, found, disabled):
    """What the libraries did not take over from the setting, in words; None if all is as asked."""
    if setting.kernel and not set(found["kernels"]) <= {setting.kernel, *ALIASES.get(setting.kernel, ())}:
        return f"asked for the kernel {setting.kernel}, linear algebra uses {' and '.join(found['kernels'])}"
    if remaining := set(disabled) & set(found["has"]):
        return f"NumPy still uses {', '.join(sorted(remaining))}"
    if found["threads"] != [setting.threads]:
        return f"asked for {setting.threads} threads, linear algebra uses {' and '.join(map(str, found['threads']))}"
    return None


def what_runs(names, own):
    """For each setting that can be imitated and differs from those before it, its name and environment.

    Those left out are printed with the reason.
    """
    runs, seen = [], {}
    for name in names:
        setting = SETTINGS[name]
        if not (reason := why_not(setting, own)):
            environment = environment_of(setting, own)
            found = probe(environment)
            disabled = to_disable(setting.without, own["chosen_at_run_time"])
            reason = without_effect(setting, found, disabled)
        if not reason:
            state = (*found["kernels"], *found["threads"], *found["has"], setting.without)
            if (first := seen.setdefault(state, name)) != name:
                reason = f"to these libraries the same as {first}"
        if reason:
            print(f"{name}: left out: {reason}", flush=True)
        else:
            runs.append((name, environment, found))
    return runs


def compare(environment, notebooks, jobs=2):
    """Run the notebooks with nbval; return the cells whose output is not the stored one, and pytest's report."""
    # The settings are named: pytest looks for them beside the notebooks, and would find none for one elsewhere; and it
    # names a notebook in its report only below its root.
    root = os.path.commonpath([ROOT, *(path.resolve() for path in notebooks)])
    settings = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", root]
    workers = ["-n", str(jobs), "--dist", "loadfile"] if jobs > 1 else []
    shown = ["-q", "-rfE", "--no-header", "--color=no"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *settings, *workers, *shown, *map(str, notebooks)],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
    )
    report = done.stdout + done.stderr
    cells = re.findall(r"^(?:FAILED|ERROR) (?:.*/)?([^/\n]+\.ipynb(?:::Cell \d+)?)", done.stdout, re.MULTILINE)
    if done.returncode not in (0, 1) or (done.returncode == 1) != bool(cells):
        raise RuntimeError(f"nothing was compared (pytest ended with status {done.returncode}):\n{report}")
    return cells, report


def all_notebooks():
    """Every lesson and template."""
    folder = ROOT / "notebooks"
    return [path for name in ("", "solutions", "templates") for path in sorted((folder / name).glob("[!.]*.ipynb"))]


def main(arguments=None):
    """Compare under the settings that the command line names."""
    parser = argparse.ArgumentParser(description="Re-run lessons and templates as other processors would.")
    parser.add_argument("settings", nargs="*", help=f"of {', '.join(SETTINGS)} (default: all)")
    parser.add_argument("--notebooks", nargs="+", type=Path, default=all_notebooks(), help="default: every one")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time (default 2)")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.settings if name not in SETTINGS]:
        parser.error(f"no setting named {', '.join(unknown)}; there are {', '.join(SETTINGS)}")

    if missing := [str(path) for path in given.notebooks if not path.exists()]:
        parser.error(f"no notebook {', '.join(missing)}")

    own = probe(own_environment())
    print(f"this machine: kernel {' and '.join(own['kernels'])}, NumPy with {newest(own)}", flush=True)
    runs = what_runs(given.settings or SETTINGS, own)
    differ = {}
    for name, environment, found in runs:
        kernel, threads = " and ".join(found["kernels"]), found["threads"][0]
        print(f"{name}: kernel {kernel}, NumPy with {newest(found)}, {threads} BLAS threads: ", end="", flush=True)
        cells, report = compare(environment, given.notebooks, given.jobs)
        print(f"{len(cells)} cells differ" if cells else "no cell differs", flush=True)
        if cells:
            differ[name] = cells
            print(report)
    for name, cells in differ.items():
        print(f"\n{name}:", *cells, sep="\n  ")
    if not runs:
        print("no setting could be imitated: nothing was compared")
        return 2
    return 1 if differ else 0


def newest(found):
    """The last feature that NumPy chose at run time, in words."""
    chosen = [name for name in found["chosen_at_run_time"] if name in found["has"]]
    return chosen[-1] if chosen else "no more than it was built for"


if __name__ == "__main__":
    sys.exit(main())

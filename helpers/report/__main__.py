"""The command behind `make report`.

    python -m helpers.report TEMPLATE=mixed_model DATA=my.csv FORMULA="y ~ x + (1 | group)"

Parameters stand on the command line as NAME=value. `make` hands them over in the environment instead, where neither
make nor the shell reads what is in them: REPORT_GIVEN lists the names, REPORT_NAME holds each value.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from helpers.report.options import usage
from helpers.report.run import REPORTS, ReportError, make_report

WRONG_INPUT, FAILED = 2, 1


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Make a report; return the exit code: 0, or 2 for wrong input, 1 for a failure on the way."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if (not arguments and "REPORT_GIVEN" not in environment) or {"-h", "--help"} & set(arguments):
        print(usage())
        return 0
    try:
        folder = make_report(given_by(arguments, environment))
    except (ValueError, KeyError, FileNotFoundError) as error:
        return _told(error, WRONG_INPUT)
    except ReportError as error:
        return _told(f"The analysis stopped: {error}", FAILED)
    except ImportError as error:  # a package of an extra is missing; the message names it
        return _told(error, FAILED)
    except PermissionError as error:
        return _told(f"A file may not be read or written: {error}", FAILED)
    print(f"{folder.relative_to(REPORTS.parent)}/report.html")
    return 0


def given_by(arguments: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Name -> value, from the command line and from `make`.

    Raises
    ------
    ValueError
        An argument is not NAME=value, or a name is given twice.
    """
    pairs = [(name, environment[f"REPORT_{name}"]) for name in environment.get("REPORT_GIVEN", "").split()]
    try:
        options, others = PARSER.parse_known_args(arguments)
        pairs += [*options.parameters, *map(_pair, others)]
    except argparse.ArgumentError as error:
        raise ValueError(error.message) from None
    except argparse.ArgumentTypeError as error:
        raise ValueError(str(error)) from None
    given = {name.upper(): value for name, value in pairs}
    if len(given) < len(pairs):
        (twice, _), *_ = Counter(name.upper() for name, _ in pairs).most_common(1)
        raise ValueError(f"{twice} is given twice. Say it once.")
    return given


def _pair(argument):
    name, sign, value = argument.partition("=")
    if not sign or not name.isidentifier():
        raise argparse.ArgumentTypeError(
            f"A parameter is written NAME=value, quoted as a whole where it holds blanks; found {argument!r}."
        )
    return name, value


PARSER = argparse.ArgumentParser(prog="make report", add_help=False, exit_on_error=False)
PARSER.add_argument("parameters", nargs="*", type=_pair, metavar="NAME=value")


def _told(error, code):
    print(f"No report was written. {error}", file=sys.stderr)
    return code


if __name__ == "__main__":
    os.environ.setdefault("MPLBACKEND", "agg")  # figures are saved: no window opens, and no screen is needed
    sys.exit(main())

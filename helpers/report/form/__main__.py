"""The command behind `make form`.

python -m helpers.report.form    # options of Jupyter Server may follow, such as --no-browser
"""

import sys


def main() -> int:
    """Open the form; return the exit code: 0, or 1 where a package is missing."""
    try:
        from helpers.report.form.form_server import start
    except ImportError as error:  # it names the extra
        print(error, file=sys.stderr)
        return 1
    start(sys.argv[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main())

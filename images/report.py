"""Make ``report.png``, the README's picture of a report: parts of a real one, photographed by a headless browser.

    python images/report.py            # needs chromium (or: BROWSER=/path/to/chrome python images/report.py)

The report is the one of the README's command, on a table of the course.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from bs4 import BeautifulSoup
from PIL import Image

from helpers.report import run

ROOT = Path(__file__).resolve().parents[1]
GIVEN = {
    "TEMPLATE": "mixed_model",
    "DATA": str(ROOT / "data" / "modification_lengths.csv.gz"),
    "FORMULA": "log(length) ~ condition * gene_name + (1 | replicate)",
    "CONTRAST": "condition",
    "BY": "gene_name",
    "REFERENCE": "condition=NO DRUG; gene_name=C",
}
SHOWN = ("The question", "Checks", "A figure for the paper", "Results, in words")  # sections; of Checks, the verdicts
WIDTH = 1000  # pixels


def excerpt(page):
    """The page without its other sections, and without code."""
    soup = BeautifulSoup(page, "html.parser")
    section = SHOWN[0]
    for part in soup.main.find_all(recursive=False)[1:]:
        heading = part.find("h2")
        section = heading.text if heading else section
        beside = section == "Checks" and not heading and "verdict" not in part.text
        if section not in SHOWN or beside or (section.startswith("A figure") and not heading and not part.find("img")):
            part.decompose()
    for code in soup.find_all("details"):
        code.decompose()
    return str(soup)


def photograph(page, picture):
    """The page as a picture, trimmed at the bottom, in a palette."""
    browser = os.environ.get("BROWSER", "chromium")
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={WIDTH},3000"]
    subprocess.run([browser, *options, f"--screenshot={picture}", page.as_uri()], check=True, capture_output=True)
    image = Image.open(picture).convert("RGB")
    last = np.flatnonzero((np.asarray(image) < 250).any(axis=(1, 2)))[-1]
    image.crop((0, 0, WIDTH, last + 30)).quantize(256).save(picture, optimize=True)


def main():
    """Make the report in a folder of its own, and photograph it."""
    with tempfile.TemporaryDirectory() as folder:
        run.REPORTS = Path(folder)
        report = run.make_report(GIVEN) / "report.html"
        report.write_text(excerpt(report.read_text(encoding="utf-8")), encoding="utf-8")
        photograph(report, ROOT / "images" / "report.png")


if __name__ == "__main__":
    sys.exit(main())

"""An executed notebook as one HTML page that needs nothing else: no script, no address, pictures within."""

from pathlib import Path
from typing import Any

from helpers.refusals.packages import extra

with extra("report", "A report"):
    from nbconvert import HTMLExporter
    from pygments.formatters import HtmlFormatter

FOLDER = Path(__file__).parent


def as_page(notebook: Any, title: str) -> str:
    """The page of a notebook, its code folded.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Executed.
    title : str
        What the browser's tab shows.

    Returns
    -------
    str
    """
    exporter = HTMLExporter(
        template_name=FOLDER.name,
        extra_template_basedirs=[str(FOLDER.parent)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    style = (FOLDER / "style.css").read_text(encoding="utf-8") + HtmlFormatter().get_style_defs(".highlight")
    page, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": title}, "page_style": style})
    return page

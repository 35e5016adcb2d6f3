"""Sphinx reads this: which parsers, which theme, and that nothing is fetched from outside."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from book import status  # noqa: E402

project = "From correlation to contrasts"
author = "the authors of “From correlation to contrasts”"
copyright = "text, figures and data: CC BY-SA 4.0; code: BSD-3-Clause"
version = release = status.version()
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]
root_doc = "index"
exclude_patterns = ["_static"]

# --- Pages: from the stored outputs, nothing is run ---------------------------------------------------------------
nb_execution_mode = "off"
nb_merge_streams = True
nb_ipywidgets_js = {}  # no lesson has widgets: their scripts would come from outside
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4

# --- Functions: from their docstrings ------------------------------------------------------------------------------
default_role = "py:obj"  # `names` in a docstring become links where the book has a place for them
autodoc_typehints = "none"  # the docstring says it in words
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
add_module_names = False
toc_object_entries_show_parents = "hide"  # the list at the side is narrow
python_use_unqualified_type_names = True
nitpicky = True
# What the book describes no page of: types of pandas and NumPy, plain words such as "optional", the insides of helpers.
nitpick_ignore_regex = [("py:(class|obj|exc|data|attr|meth)", ".*")]

# --- Theme ---------------------------------------------------------------------------------------------------------
html_theme = "sphinx_book_theme"
html_title = project
html_static_path = [str(HERE / "static"), str(HERE / "vendor"), str(HERE / "_build" / "source" / "_static")]
html_css_files = ["book.css"]
html_js_files = [("terms.js", {"defer": "defer"}), ("book.js", {"defer": "defer"})]
mathjax_path = "mathjax/tex-svg.js"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_last_updated_fmt = None
html_sidebars = {"**": ["navbar-logo.html", "search-button-field.html", "sbt-sidebar-nav.html"]}

# Where the project lives: GitHub's workflow says it; elsewhere BOOK_REPOSITORY=https://github.com/owner/name does.
repository = os.environ.get("BOOK_REPOSITORY", "")
html_theme_options = {
    "home_page_in_toc": True,
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "navbar_persistent": [],  # the search stands at the side already
    "use_download_button": False,
    "use_fullscreen_button": False,
    "back_to_top_button": False,
    "navigation_with_keys": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "search_bar_text": "Search the book",
    "toc_title": "On this page",
}
if repository:
    html_theme_options |= {
        "repository_url": repository,
        "repository_branch": os.environ.get("BOOK_BRANCH", "main"),
        "use_repository_button": True,
        "launch_buttons": {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"},
    }


def setup(app):
    """Let what Sphinx would take apart stand as it is written."""
    app.connect("autodoc-process-docstring", keep_sentence, priority=400)  # before napoleon's 500


def keep_sentence(app, what, name, obj, options, lines):
    """Napoleon takes what stands before a colon in a property's first line for its type: a comment goes first."""
    if what == "property":
        lines[:0] = ["..", ""]

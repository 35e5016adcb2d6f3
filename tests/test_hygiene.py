"""The committed notebooks have no hygiene problem, and each check sees the problem it is for."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from hygiene import CHECKS, COLLECTION_CHECKS, ROOT, build, notebooks, read
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.course import APPENDIX, LESSONS
from helpers.course.alt_text import as_html
from helpers.report.options import TEMPLATES

# --- What is committed --------------------------------------------------------------------------------------


def test_every_lesson_is_checked():
    written = [lesson.file for lesson in (*LESSONS, *APPENDIX)]
    solutions = [f"solutions/solutions_{lesson.number:02d}.ipynb" for lesson in LESSONS[1:]]
    found = [path.relative_to(ROOT / "notebooks").as_posix() for path in notebooks(ROOT)]
    assert found == [*written, *solutions, *sorted(f"templates/{name}.ipynb" for name in TEMPLATES)]


def test_git_ignores_the_copies_that_readers_make():
    assert "notebooks/*-Copy*.ipynb" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("path", notebooks(ROOT), ids=lambda path: path.stem)
def test_a_committed_notebook_has_no_problem(path, name):
    found = CHECKS[name](read(path), path)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", COLLECTION_CHECKS)
def test_the_collection_has_no_problem(name):
    found = COLLECTION_CHECKS[name](ROOT)
    assert not found, "\n".join(found)


# --- A minimal collection without a problem -----------------------------------------------------------------

ALT = {"mystnb": {"image": {"alt": "Scatter plot of score against urea: the points rise from left to right."}}}
FOLDED = {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}


def text(id, source):
    return new_markdown_cell(source, id=id)


def code(id, source, printed=None, **metadata):
    outputs = [new_output("stream", text=printed)] if printed else []
    return new_code_cell(source, id=id, outputs=outputs, metadata=metadata)


def exercise(number):
    check = f'check("1.{number}", answer)  # solution("1.{number}") shows one way'
    return [
        text(f"exercise-{number}", f"### Exercise 1.{number}\n\nWhich score?"),
        code(f"attempt-{number}", f"answer = ...\n{check}", "Not attempted. Replace the three dots."),
    ]


def what_if(number):
    return [
        text(f"invitation-{number}", f"> **What if** there were {number}0 mice?"),
        code(f"what-if-{number}", f"mice_{number} = 10  # try {number}0", tags=["what-if"]),
    ]


def executed(*cells):
    code_cells = [cell for cell in cells if cell.cell_type == "code"]
    for count, cell in enumerate(code_cells, 1):
        cell.execution_count = count
    return new_notebook(cells=list(cells))


OPENING = """\
# Correlation

**Does this score go with that gene?**
"""

TIME = "*About 11 minutes. You need [the start](00_start_here.ipynb). At the end you will be able to read r aloud.*"

IN_R = """\
<details>
<summary>In R</summary>

| `cor.test` | ours |
|---|---|
| 0.849 | 0.849 |

</details>
"""

RECAP = """\
## Recap

A correlation is symmetric. Next: [start again](00_start_here.ipynb#How-to-run-it).
Terms: [mixed model](glossary.md#mixed-model).
Source: [Pearson 1895](https://doi.org/10.1098/rspl.1895.0041).
"""


GLOSSARY = """\
# Glossary

## Mixed <i>model</i>

See [lesson 1](01_lesson.ipynb#Recap).
"""

README = """\
# A course

[Start](notebooks/00_start_here.ipynb), [terms](#terms), [more terms](#terms-1).

## Terms
## Terms
"""


def lesson():
    figure = code("figure", "# draws the scores\nscores.plot()", **FOLDED, **ALT)
    picture = as_html(b"\x89PNG", ALT["mystnb"]["image"]["alt"])
    figure.outputs = [new_output("display_data", {"text/html": picture, "text/plain": "<Figure>"})]
    return executed(
        text("title", OPENING),
        code("data", "rng = np.random.default_rng(1)\nrng.normal()", "0.345"),
        figure,
        text("reading", "The points rise: a mouse with more urea has a higher score."),
        text("time", TIME),
        text(
            "section",
            "## 1 · The score\n\nA [**mixed model**](glossary.md#mixed-model) knows which rows belong together.",
        ),
        *exercise(1),
        *what_if(2),
        *exercise(2),
        *what_if(3),
        *exercise(3),
        text("in-r", IN_R),
        code("compare", "# compares the two\n0.849 - 0.849", "0.0", **FOLDED),
        text("recap", RECAP),
    )


def solutions():
    solved = [
        code(f"solution-{number}", f'answer = {number}\ncheck("1.{number}", answer)', "Right. The slope says so.")
        for number in (1, 2, 3)
    ]
    return executed(text("solutions-title", "# Solutions of lesson 01"), *solved)


def start():
    words = "# Start here\n\n## How to run it\n\n`make lab`, then [lesson 1](01_lesson.ipynb). [Glossary](glossary.md)"
    return executed(text("title", words), code("version", "import sys", "Python 3.12.4"))


@pytest.fixture
def root(tmp_path):
    """A repository with two notebooks, a glossary and a README, beside files that are nobody's business."""
    (tmp_path.parent / "outside.md").write_text("# Not in the repository")
    folder = tmp_path / "notebooks"
    (folder / "source" / "solutions").mkdir(parents=True)
    (folder / "solutions").mkdir()
    (folder / "glossary.md").write_text(GLOSSARY)
    (tmp_path / "README.md").write_text(README)
    for name in ("venv/pyvenv.cfg", "venv/lib/README.md", ".cache/README.md", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("[gone](gone.md)")
    pages = {"00_start_here": start(), "01_lesson": lesson(), "solutions/solutions_01": solutions()}
    for name, notebook in pages.items():
        nbformat.write(notebook, folder / f"{name}.ipynb")
        (folder / "source" / f"{name}.py").write_text("# %% [markdown]\n# # A source\n")
    return tmp_path


def problems(root, check, change):
    """What a check says of the notebook it is for, once changed."""
    pages = {"start_here": "00_start_here", "solutions_are_right": "solutions/solutions_01"}
    path = root / "notebooks" / f"{pages.get(check, '01_lesson')}.ipynb"
    notebook = read(path)
    change(notebook)
    assert notebook != read(path)
    return CHECKS[check](notebook, path)


@pytest.mark.parametrize("check", CHECKS)
def test_a_notebook_without_problem_passes(root, check):
    for path in notebooks(root):
        assert CHECKS[check](read(path), path) == []


# --- Changes to it: each returns a function that mutates the notebook ----------------------------------------


def cell(notebook, id):
    return next(cell for cell in notebook.cells if cell.id == id)


def replace(id, old, new):
    return lambda notebook: cell(notebook, id).update(source=cell(notebook, id).source.replace(old, new))


def append(id, words):
    return lambda notebook: cell(notebook, id).update(source=cell(notebook, id).source + words)


def update(id, **fields):
    return lambda notebook: cell(notebook, id).update(**fields)


def tag(id, *tags):
    return lambda notebook: cell(notebook, id).metadata.update(tags=list(tags))


def shown(id, part):
    return lambda notebook: cell(notebook, id).metadata.jupyter.pop(f"{part}_hidden")


def output(id, kind, **fields):
    return lambda notebook: cell(notebook, id).outputs.append(new_output(kind, **fields))


def prints(id, words):
    return output(id, "stream", text=words)


def shows(id, content, mime="text/html"):
    return output(id, "display_data", data={mime: content})


def alt(words):
    return update("figure", metadata={"mystnb": {"image": {"alt": words}}})


def drop(*ids):
    return lambda notebook: notebook.update(cells=[cell for cell in notebook.cells if cell.id not in ids])


def move_to_end(*ids):
    def change(notebook):
        notebook.cells.sort(key=lambda cell: ids.index(cell.id) if cell.id in ids else -1)

    return change


def both(*changes):
    return lambda notebook: [change(notebook) for change in changes]


def crowd(notebook, size=40):
    """Add folded code cells until there are so many."""
    present = sum(cell.cell_type == "code" for cell in notebook.cells)
    notebook.cells += [new_code_cell("# adds nothing\n1", metadata=FOLDED) for _ in range(size - present)]


def in_sight(source, number=1):
    """Add so many code cells that are not folded."""
    return lambda notebook: notebook.cells.extend(new_code_cell(source) for _ in range(number))


def crowd_of_exercises(notebook):
    notebook.cells += [cell for number in (4, 5) for cell in exercise(number)]


EXERCISES = [f"{part}-{number}" for number in (1, 2, 3) for part in ("exercise", "attempt")]


# --- What each check must see: (check, change, words of the problem) -----------------------------------------

BROKEN = [
    ("unexecuted", update("data", execution_count=None), "cell 2 (data): has no execution count"),
    ("out_of_order", update("figure", execution_count=9), "cell 3 (figure): execution count 9 where 2 belongs"),
    ("out_of_order", drop("data"), "execution count 2 where 1 belongs"),
    ("stderr_or_error", output("data", "stream", name="stderr", text="Warning: singular"), "Warning: singular"),
    ("stderr_or_error", output("data", "error", ename="KeyError", evalue="urea"), "KeyError 'urea'"),
    ("machine_path", prints("data", "read /home/ada/scores.csv"), "output holds '/home/ada/scores.csv'"),
    ("machine_path", shows("data", "<td>/work/main/data</td>"), "output holds '/work/main/data'"),
    ("machine_path", append("data", '\nread("/root/scores.csv")'), "source holds '/root/scores.csv'"),
    ("machine_path", append("data", '\nchdir("/tmp")'), "source holds '/tmp'"),
    ("machine_path", append("reading", " See file:///Users/ada/x.html"), "source holds '/Users/ada/x.html'"),
    ("machine_path", prints("data", "/var/folders/x1"), "output holds '/var/folders/x1'"),
    ("machine_path", prints("data", r"C:\Users\ada"), "C:"),
    ("machine_path", append("data", r'; "D:\\temp"'), "D:"),
    ("machine_path", prints("data", "ipykernel_4711/1.py:3: Warning"), "ipykernel_4711"),
    ("machine_path", prints("data", "/work"), "output holds '/work'"),
    ("machine_path", prints("data", "in /root."), "output holds '/root'"),
    ("machine_path", shows("data", "<td>/tmp</td>"), "output holds '/tmp'"),
    ("machine_path", prints("data", "/home/"), "output holds '/home/'"),
    ("machine_path", append("reading", " Look below `/home/`."), "source holds '/home/'"),
    ("machine_path", prints("data", "/private/var/folders/x1/T"), "'/private/var/folders/x1/T'"),
    ("machine_path", prints("data", "/opt/conda/bin/python"), "'/opt/conda/bin/python'"),
    ("machine_path", append("data", '\nread("/mnt/c/Users/ada/x.csv")'), "source holds '/mnt/c/Users/ada/x.csv'"),
    ("machine_path", prints("data", "/usr/lib/R"), "'/usr/lib/R'"),
    ("machine_path", prints("data", "/Volumes"), "'/Volumes'"),
    ("machine_path", prints("data", r"c:\users\ada"), r"c:\\users"),
    ("machine_path", append("data", '\nread("C:/data/x.csv")'), "C:/data"),
    ("machine_path", prints("data", r"\\server\share\x.csv"), r"\\\\server\\share"),
    ("machine_path", append("data", r'; "\\\\server\\share"'), "server"),
    ("machine_path", append("reading", " Open http://localhost:8888/lab"), "'http://localhost:8888/lab'"),
    ("machine_path", prints("data", "http://127.0.0.1:8888"), "'http://127.0.0.1:8888'"),
    ("machine_path", alt("The tree of files below /work/main, with a folder for each lesson"), "alt text holds"),
    ("volatile", prints("data", "<Figure at 0x7f3c>"), "a memory address ('at 0x7f3c')"),
    ("volatile", prints("data", "Date:            Fri, 20 Nov 2026"), "a date"),
    ("volatile", shows("data", "<th>Date:</th>  <td>Fri, 20 Nov 2026</td>"), "a date"),
    ("volatile", prints("data", "Time:                17:35:02"), "a time of day"),
    ("volatile", prints("data", "Wall time: 3.2 s"), "a timing"),
    ("volatile", prints("data", "3 ms ± 1 µs per loop"), "a timing"),
    ("volatile", prints("data", "took 3.2 s"), "a timing"),
    ("volatile", prints("data", "100/100 [00:01<00:00, 99.8it/s]"), "a progress bar"),
    ("volatile", shows("data", '<table id="T_0a1b2">'), "a random Styler id"),
    ("random_numbers", append("data", "\nnp.random.seed(1)"), "np.random.seed draws from numpy's global state"),
    ("random_numbers", append("data", "\n%pip list\nnp.random.normal()"), "np.random.normal"),
    ("random_numbers", append("data", "\nfrom numpy.random import rand"), "numpy.random.rand"),
    ("random_numbers", replace("data", "(1)", "()"), "default_rng() differs on every run"),
    ("random_numbers", replace("data", "(1)", "(seed=None)"), "differs on every run"),
    ("nbval_budget", both(tag("data", "nbval-ignore-output"), append("figure", "\n# NBVAL_SKIP")), "ignores 2 cells"),
    ("nbval_budget", both(tag("data", "raises-exception"), tag("figure", "nbval-skip")), "the budget is 1"),
    ("trailing_semicolon", append("data", ";"), "'rng.normal();' ends with ;"),
    ("trailing_semicolon", append("data", "\nx = 1;  # quiet\nx"), "'x = 1;  # quiet' ends with ;"),
    ("trailing_semicolon", append("data", '\nax.plot(x, color="#0072b2");'), 'color="#0072b2");\' ends with ;'),
    ("trailing_semicolon", update("data", source="!echo it's\nx = 1;"), "'x = 1;' ends with ;"),
    ("trailing_semicolon", append("data", "\n%matplotlib inline\nf(1,\n  2);\nx"), "'2);' ends with ;"),
    ("lesson_opening", replace("title", "# Correlation", "## Correlation"), "level-1 title"),
    ("lesson_opening", update("title", cell_type="raw"), "is not markdown"),
    ("lesson_opening", replace("title", "?", "."), "asks no question"),
    ("lesson_opening", move_to_end("figure"), "no figure among the first 5 cells"),
    ("lesson_opening", replace("time", "About", "Some"), "no line '*About … minutes."),
    ("lesson_opening", replace("time", "You need", "Needs"), "no line '*About … minutes."),
    ("lesson_opening", move_to_end("time"), "no line '*About … minutes."),
    ("lesson_opening", replace("time", "11 minutes", "8 minutes"), "says 8 minutes where"),
    ("lesson_budget", append("reading", " word" * 1500), "words: 15"),
    ("lesson_budget", in_sight("1", 20), "cells: 23, the budget is 20"),
    ("lesson_budget", in_sight("1\n" * 13), "longest: 13, the budget is 12"),
    ("lesson_budget", in_sight("1\n" * 6, 5), "median: 6, the budget is 5"),
    ("lesson_budget", in_sight("1\n" * 12, 10), "lines: 124, the budget is 120"),
    (
        "lesson_budget",
        append("reading", " ".join(f" [**t**](glossary.md#t{number})" for number in range(6))),
        "terms: 7, the budget is 6",
    ),
    ("lesson_budget", both(append("reading", " word" * 1400), in_sight("1", 17), crowd_of_exercises), "minutes: 3"),
    (
        "lesson_budget",
        both(*(shows(id, "R0lGODlh", "image/gif") for id in ("data", "compare", "what-if-2"))),
        "4 figures",
    ),
    ("lesson_budget", drop("attempt-2"), "2 exercises; give 3 to 5"),
    ("lesson_folds", replace("compare", "# compares the two", ""), "folded, and its first line is no comment"),
    ("lesson_folds", tag("compare", "other"), "fold it for JupyterLab"),
    ("lesson_folds", shown("compare", "source"), "fold it for JupyterLab"),
    ("lesson_folds", append("data", "\nnp.linalg.solve(a, b)"), "'np.linalg' in sight"),
    ("lesson_folds", append("data", "\nplt.show()"), "'plt.' in sight"),
    ("lesson_folds", append("data", "\naxes[0].plot(x)"), "'axes[' in sight"),
    ("lesson_folds", append("compare", "\nassert r > 0"), "a bare assert stops"),
    ("claims_hold", prints("data", "No longer so: All rise.\n"), "'No longer so: All rise.' of the lesson's own data"),
    ("lesson_in_r", drop("in-r"), "nothing folded under <details>"),
    ("lesson_in_r", replace("in-r", "<details>\n<summary>In R</summary>", "## In R"), "nothing folded under <details>"),
    ("lesson_what_if", drop("what-if-2"), "1 cells tagged what-if"),
    ("lesson_what_if", replace("what-if-2", "# try", "#"), "without a change to try"),
    ("lesson_what_if", replace("invitation-2", "> **What if**", "What if"), "the text before it has no line"),
    ("lesson_what_if", drop("invitation-2"), "the text before it has no line"),
    ("lesson_exercises", drop(*EXERCISES), "no exercise before the last fifth"),
    ("lesson_exercises", drop("attempt-2"), "cell 11 (exercise-2): the next cell should be"),
    ("lesson_exercises", replace("attempt-2", "check(", "print("), "the next cell should be"),
    ("lesson_exercises", replace("attempt-2", "...", "2"), "the next cell should be"),
    ("lesson_exercises", replace("attempt-2", 'solution("1.2")', "the solution"), "the next cell should be"),
    ("lesson_exercises", replace("attempt-2", "1.2", "1.3"), "the next cell should be"),
    (
        "lesson_exercises",
        update("attempt-2", outputs=[]),
        "cell 12 (attempt-2): its output doesn't say 'Not attempted'",
    ),
    ("lesson_exercises", both(crowd, move_to_end(*EXERCISES)), "the last fifth"),
    ("lesson_exercises", tag("data", "solution"), "gives a solution away"),
    ("lesson_exercises", append("data", '\nsolution("1.1")'), "gives a solution away"),
    ("solutions_are_right", update("solution-3", outputs=[]), "its output doesn't say 'Right'"),
    ("house_words_in_notebook", append("reading", " Its doubts remain."), "says 'doubts'; write uncertainty"),
    ("house_words_in_notebook", append("data", "  # A false alarm"), "says 'false alarm'"),
    ("lesson_recap", replace("recap", "## Recap", "## Summary"), "no `## Recap`"),
    ("lesson_recap", replace("recap", "## Recap", "### Recap"), "no `## Recap`"),
    ("lesson_recap", crowd, "in the last quarter"),
    ("lesson_recap", update("recap", source="## Recap"), "no notebook"),
    ("lesson_recap", replace("recap", "https://doi.org/", "https://dx.org/"), "no source"),
    ("start_here", replace("title", "# Start", "Start"), "level-1 title"),
    ("start_here", replace("title", "run", "cook"), "how to run"),
    ("start_here", replace("title", "01_lesson.ipynb", "elsewhere.ipynb"), "no link to 01_lesson.ipynb"),
    ("start_here", replace("title", "glossary.md", "terms.md"), "no link to glossary.md"),
    ("figure_alt", update("figure", metadata={}), "alt text ''; give 6 words and 40 characters"),
    ("figure_alt", update("figure", metadata={"mystnb": None}), "alt text ''"),
    ("figure_alt", alt(None), "alt text ''"),
    ("figure_alt", alt("A plot"), "alt text 'A plot'"),
    ("figure_alt", alt("A plot of x and y, rising"), "alt text 'A plot of x"),
    ("figure_alt", alt(" " * 60), "alt text ''"),
    ("figure_shown_with_its_words", alt("Another text"), "another alt text, 'Scatter plot"),
    ("figure_shown_with_its_words", shows("figure", "iVBORw0KGgo=", "image/png"), "without alt text"),
    ("figure_alt", alt("x" * 60), "alt text 'xxx"),
    ("figure_alt", alt("x " * 60), "alt text 'x x"),
    ("figure_alt", alt("An antidisestablishmentarian scattergram"), "alt text 'An anti"),
    ("figure_alt", append("reading", "\n\n![](design.png)"), "an image without alt text"),
    ("figure_alt", append("reading", '\n\n<img src="design.png">'), "an image without alt text"),
    ("figure_alt", append("reading", ' as <img src="design.png" alt=" "> shows'), "an image without alt text"),
    ("figure_alt", shows("data", '<p><img src="design.png"></p>'), "cell 2 (data): alt text ''"),
    ("figure_alt", shows("data", "<div><svg><path d='M0 0'/></svg></div>"), "cell 2 (data): alt text ''"),
    ("figure_alt", shows("data", "![](design.png)", "text/markdown"), "cell 2 (data): alt text ''"),
    ("figure_alt", shows("data", "R0lGODlhAQABAAAAACw=", "image/gif"), "cell 2 (data): alt text ''"),
    ("figure_alt", shows("data", "UklGRg==", "image/webp"), "cell 2 (data): alt text ''"),
    ("figure_alt", shows("data", {"data": []}, "application/vnd.plotly.v1+json"), "cell 2 (data): alt text ''"),
    ("figure_alt", shows("data", {"mark": "bar"}, "application/vnd.vegalite.v5+json"), "cell 2 (data): alt text ''"),
    ("figure_sentence", drop("reading", "time", "section", "exercise-1"), "cell 3 (figure): no markdown cell follows"),
    ("figure_sentence", move_to_end("figure"), "no markdown cell follows"),
    ("figure_sentence", shows("data", "<svg></svg>"), "cell 2 (data): no markdown cell follows"),
    ("plain_words", append("reading", " This is, of\ncourse, true."), "'of course'"),
    ("plain_words", append("reading", " Simply fit it."), "'Simply'"),
    ("plain_words", append("reading", "\n\n<details>TODO</details>"), "'TODO'"),
    ("prose_numbers", append("reading", " Its r is 0.346."), "0.346 stands in no cell and no output"),
    ("prose_numbers", append("reading", " Its r is −0.345."), "-0.345 stands in no cell"),
    (
        "dead_links",
        append("reading", " [gone](gone.md)"),
        "cell 4 (reading): link to 'gone.md', a file that isn't there",
    ),
    ("dead_links", append("reading", " ![a plot](gone.png)"), "'gone.png'"),
    ("dead_links", append("reading", ' <img src="gone.svg">'), "'gone.svg'"),
    ("dead_links", append("reading", " [gone][1]\n\n[1]: ../gone.ipynb"), "'../gone.ipynb'"),
    ("dead_links", append("reading", " [rooted](/etc/hostname)"), "'/etc/hostname'"),
    ("dead_links", append("reading", " [empty]()"), "link to ''"),
    ("dead_links", append("reading", " [gone](#Gone)"), "'#Gone', a heading that isn't there"),
    ("dead_links", append("reading", " [gone](glossary.md#gone)"), "'glossary.md#gone', a heading"),
    ("dead_links", append("reading", " [gone](00_start_here.ipynb#Gone)"), "a heading that isn't there"),
    ("dead_links", append("reading", " [a folder](source#gone)"), "a heading that isn't there"),
    ("dead_links", shows("data", '<a href="gone.ipynb">01</a>'), "cell 2 (data): link to 'gone.ipynb'"),
    ("dead_links", shows("data", "[gone](gone.md)", "text/markdown"), "cell 2 (data): link to 'gone.md'"),
    ("dead_links", append("reading", " <a href=gone.md>gone</a>"), "link to 'gone.md'"),
    ("dead_links", append("reading", " [gone][x]"), "'[gone][x]' refers to a link that isn't defined"),
    ("dead_links", append("reading", " [*what* `is[0]` gone][]"), "'[*what* `is[0]` gone][]' refers to"),
    ("dead_links", append("reading", " [gone](file:///etc/hostname)"), "leads only somewhere on this machine"),
    ("dead_links", append("reading", " <file:///etc/hostname>"), "leads only somewhere on this machine"),
    ("dead_links", append("reading", " [gone](C:/data/x.csv)"), "leads only somewhere on this machine"),
    ("dead_links", append("reading", " [out](../../outside.md)"), "leads out of the repository"),
    ("dead_links", append("reading", ' <a id="term"></a> [gone](#terms)'), "link to '#terms', a heading"),
    ("dead_links", append("reading", ' <input name="term"> [gone](#term)'), "link to '#term', a heading"),
    ("dead_links", append("reading", " [line](source/01_lesson.py#L99)"), "a heading that isn't there"),
    ("dead_links", append("reading", " [gone](00_start_here.ipynb#How%20to%20cook)"), "a heading that isn't there"),
]


def names(cases):
    return [f"{check}: {words}" for check, _, words in cases]


@pytest.mark.parametrize(("check", "change", "words"), BROKEN, ids=names(BROKEN))
def test_a_check_sees_its_problem(root, check, change, words):
    assert words in "\n".join(problems(root, check, change))


def test_every_check_has_a_notebook_that_it_must_flag():
    assert {check for check, *_ in BROKEN} == set(CHECKS)


# --- What looks like a problem and is none ------------------------------------------------------------------

HARMLESS = [
    ("unexecuted", update("data", source=" ", execution_count=None)),  # an empty cell is never run
    ("machine_path", append("reading", " https://example.org/home/ada and [x](http://x.org/tmp/y)")),
    ("machine_path", append("data", '\nread("../work/scores.csv"); f"{root}/tmp/x"; a/var/b')),
    ("machine_path", append("data", r'; print("Group A:\n")')),
    ("machine_path", append("reading", r" Under $H:\mu = 0$, 1/2 of them.")),
    ("machine_path", output("data", "display_data", data={"image/png": "/tmp/AAAA"})),
    ("machine_path", shows("data", "/tmp/AAAA", "image/webp")),
    ("machine_path", append("reading", " In the lab /work, a/opt/b, see https://x.org/usr/lib/R.")),
    ("machine_path", append("data", r'; f"r:\nmean"; "\\bfoo\\b"; "a:\n"; r"$y:\alpha\beta$"')),
    ("machine_path", append("reading", r" $$a \\b\c$$ and $x, y:\alpha$ and http://localhost.example.org.")),
    ("machine_path", prints("data", "x /var(x), mm/work, ../tmp, 3 /homes, <var>y</var>")),
    ("machine_path", alt("Scatter plot of work/home time against urea: the points rise")),
    ("volatile", prints("data", "Time: 20 minutes, dated 2026; 12 s at 0.05")),
    ("random_numbers", append("data", "\nnp.random.SeedSequence(1); np.random.default_rng(seed=2)")),
    ("random_numbers", append("data", "\nfrom pathlib import Path")),
    ("random_numbers", append("data", "\n# np.random.seed(1)")),
    ("nbval_budget", tag("data", "nbval-ignore-output")),
    ("nbval_budget", both(tag("data", "nbval-check-output"), tag("figure", "nbval-check-output"))),
    ("trailing_semicolon", append("data", "\n# first this;\nx = 1; x")),
    ("trailing_semicolon", append("data", '\n"""First;\nthen;\n"""')),
    ("trailing_semicolon", append("data", '\nx = "a; # b;"  # quiet;')),
    ("trailing_semicolon", update("data", source="%%html\n<style>b {\n color: red;\n}</style>")),
    ("trailing_semicolon", update("data", source="%%javascript\nlet a = 1;")),
    ("trailing_semicolon", update("data", source="!ls 'a;")),
    ("trailing_semicolon", update("data", source="not 'Python;")),
    ("lesson_exercises", tag("exercise-1", "solution")),
    ("lesson_exercises", append("figure", "\n# Exercise 9 of the book")),
    ("lesson_exercises", replace("attempt-1", "answer = ...", 'answer = {"A": ..., "B": ...}')),
    ("lesson_budget", append("in-r", "\n\n<details>" + " word" * 2000 + "</details>")),
    ("lesson_budget", lambda notebook: crowd(notebook)),
    ("house_words_in_notebook", append("reading", " A drawing, the star, rounded; undoubtedly.")),
    ("figure_alt", append("reading", "\n\n![Design of the study](design.png)")),
    ("figure_alt", append("reading", '\n\n<img src="design.png" alt="Design of the study"> `<img src="x.png">`')),
    ("figure_alt", shows("data", "<b>imagine</b> &lt;svg&gt;")),
    ("figure_alt", shows("data", f'<img src="x.png" alt="{ALT["mystnb"]["image"]["alt"]}">')),
    ("figure_alt", shows("data", {"model_id": "1"}, "application/vnd.jupyter.widget-view+json")),
    ("figure_sentence", shows("data", "<b>0.345</b>")),
    ("figure_sentence", append("in-r", "\n\n![Design of the study](design.png)")),  # it stands in a text
    ("plain_words", append("reading", " `just` a justified adjustment [x](clearly.md)\n\n```\nsimply\n```")),
    ("prose_numbers", append("reading", " r = 0.35, about 0.3, in Exercise 1.9; doi:10.9/3.77 `9.99`")),
    (
        "dead_links",
        append(
            "reading",
            " [a](https://x.org/gone.md) [b](mailto:a@x.org) [c](//x.org/gone) `[c](gone.md) <a href='gone.md'>`",
        ),
    ),
    ("dead_links", append("reading", " [a](#recap) [b](#Recap) [c](00_start_here.ipynb#how-to-run-it)")),
    ("dead_links", append("reading", ' <a id="term"></a> <a name=old></a> [a](#term) [b](#old) [c](01_lesson.ipynb)')),
    ("dead_links", append("reading", " [a](source/01_lesson.py#L2) [b](source/01_lesson.py#L1-L2)")),
    ("dead_links", append("reading", " [a](00_start_here.ipynb#How%20to%20run%20it) [b](../README.md#terms-1)")),
    ("dead_links", append("reading", " [a][x] [x][] `[b][y]` a[0][1] $[0][1]$ \\[a\\][b]\n\n[X]: glossary.md")),
    ("dead_links", shows("data", '<a href="glossary.md">a</a> <a href=#part>b</a> <i id="part">c</i>')),
    ("dead_links", shows("data", "&lt;a href=gone.md&gt;")),
]


@pytest.mark.parametrize(("check", "change"), HARMLESS, ids=[check for check, _ in HARMLESS])
def test_a_check_leaves_the_harmless_alone(root, check, change):
    assert problems(root, check, change) == []


def test_wherever_this_project_stands_no_output_may_say_so(root, monkeypatch):
    monkeypatch.setattr("hygiene_outputs.ROOT", "/srv/course")
    monkeypatch.setattr(sys, "prefix", "/data/envs/course")
    monkeypatch.setenv("HOME", "/export/ada")
    monkeypatch.setenv("USERPROFILE", "/export/ada")  # Windows' name for it
    for place in ("/srv/course", "/data/envs/course", "/export/ada"):
        (problem,) = problems(root, "machine_path", prints("data", f"Read from {place}/x.csv"))
        assert f"output holds {place!r}" in problem
    assert problems(root, "machine_path", prints("data", "../srv/course or /srv/courses")) == []


def test_a_home_that_is_the_root_is_not_found_everywhere(root, monkeypatch):
    monkeypatch.setenv("HOME", "/")
    monkeypatch.setenv("USERPROFILE", "/")
    assert problems(root, "machine_path", prints("data", "1 / 2, see /x")) == []


# --- The collection -----------------------------------------------------------------------------------------

SOURCE = """\
# %% [markdown]
# # A title

# %% tags=["keep"]
1 + 1
"""


@pytest.fixture
def built(tmp_path):
    """A repository with one notebook as build.py makes it from its source, and one that has no source."""
    source = tmp_path / "notebooks" / "source" / "02_next.py"
    source.parent.mkdir(parents=True)
    source.write_text(SOURCE)
    nbformat.write(build().notebook_from_source(source), tmp_path / "notebooks" / "02_next.ipynb")
    nbformat.write(start(), tmp_path / "notebooks" / "03_other.ipynb")
    return tmp_path


def collection(request, check):
    return request.getfixturevalue("built" if check == "drifted" else "root")


@pytest.mark.parametrize("check", COLLECTION_CHECKS)
def test_a_collection_without_problem_passes(request, check):
    assert COLLECTION_CHECKS[check](collection(request, check)) == []


def writes(name, words):
    return lambda root: (root / name).write_text(words)


def report_text(source):
    """A module of a report, whose docstring is nobody's text."""

    def change(root):
        folder = root / "helpers" / "report"
        folder.mkdir(parents=True)
        (folder / "text.py").write_text(f'"""A promise."""\n{source}\n')

    return change


def deletes(name):
    return lambda root: (root / name).unlink()


def edits(name, change):
    def edit(root):
        notebook = read(root / "notebooks" / name)
        change(notebook)
        nbformat.write(notebook, root / "notebooks" / name)

    return edit


def other_solution(notebook):
    notebook.cells[1].source = notebook.cells[1].source.replace("1.1", "1.4")


def ignored(*ids):
    return edits("01_lesson.ipynb", both(*(tag(id, "nbval-skip") for id in ids)))


def test_the_budget_may_be_spent(root):
    ignored("data", "figure", "compare")(root)
    assert COLLECTION_CHECKS["nbval_budget_of_all"](root) == []


COLLECTION_BROKEN = [
    (
        "nbval_budget_of_all",
        ignored("data", "figure", "compare", "attempt-1"),
        "01_lesson.ipynb: nbval ignores 4 cells",
    ),
    ("unpaired", writes("notebooks/source/02_next.py", ""), "source/02_next.py: has no notebook"),
    ("unpaired", writes("notebooks/01_correlation.ipynb", "{}"), "01_correlation.ipynb: has no source"),
    (
        "solutions_match_lessons",
        edits("solutions/solutions_01.ipynb", other_solution),
        "asks 1.1, 1.2, 1.3; solutions/",
    ),
    ("solutions_match_lessons", deletes("notebooks/solutions/solutions_01.ipynb"), "solves none"),
    ("house_words_in_pages", writes("notebooks/glossary.md", "# A promise"), "notebooks/glossary.md: says 'promise'"),
    ("house_words_in_pages", report_text("SAID = f'{1} dou' 'bts'"), "report/text.py: says 'doubts'"),
    ("dead_links_in_markdown", writes("README.md", "[gone](notebooks/gone.ipynb)"), "README.md: link to"),
    ("dead_links_in_markdown", writes("README.md", "[gone](notebooks/glossary.md#Mixed-model)"), "a heading"),
    ("dead_links_in_markdown", writes("README.md", "# A\n# A\n[gone](#a-2)"), "link to '#a-2'"),
    ("dead_links_in_markdown", writes("notebooks/glossary.md", "# Glossary\n\n[gone](#gone)"), "notebooks/glossary.md"),
    ("drifted", writes("notebooks/source/02_next.py", SOURCE + "+ 1"), "cell 2 (02-next-002): source not as in"),
    ("drifted", writes("notebooks/source/02_next.py", SOURCE + "# %%\n3"), "cell 3 (missing): cell_type, source"),
    ("drifted", edits("02_next.ipynb", lambda notebook: notebook.cells.pop()), "cell 2 (missing)"),
    ("drifted", edits("02_next.ipynb", lambda notebook: notebook.cells[1].update(id="x")), "cell 2 (x): id not as"),
    ("drifted", edits("02_next.ipynb", lambda notebook: notebook.cells[1].metadata.clear()), "metadata not as"),
    ("drifted", edits("02_next.ipynb", lambda notebook: notebook.metadata.clear()), "notebook metadata differ"),
]


def test_docstrings_of_a_report_are_not_its_text(request):
    root = collection(request, "house_words_in_pages")
    report_text("SAID = 'uncertainty'")(root)
    assert list(COLLECTION_CHECKS["house_words_in_pages"](root)) == []


@pytest.mark.parametrize(("check", "change", "words"), COLLECTION_BROKEN, ids=names(COLLECTION_BROKEN))
def test_a_collection_check_sees_its_problem(request, check, change, words):
    root = collection(request, check)
    change(root)
    assert words in "\n".join(COLLECTION_CHECKS[check](root))


def test_every_collection_check_has_a_collection_that_it_must_flag():
    assert {check for check, *_ in COLLECTION_BROKEN} == set(COLLECTION_CHECKS)


# --- Notebooks of the reader's own ----------------------------------------------------------------------------


def test_a_copy_with_answers_is_nobodys_business(root):
    notebook = lesson()
    both(update("data", execution_count=9), tag("data", "nbval-skip"), append("title", "[gone](gone.md)"))(notebook)
    for name in ("01_lesson-Copy1", "Untitled"):
        nbformat.write(notebook, root / "notebooks" / f"{name}.ipynb")
    assert [path.stem for path in notebooks(root)] == ["00_start_here", "01_lesson", "solutions_01"]
    for check in COLLECTION_CHECKS.keys() - {"drifted"}:  # the sources of this collection are mere stand-ins
        assert COLLECTION_CHECKS[check](root) == []
    start_here = root / "notebooks" / "00_start_here.ipynb"
    assert CHECKS["start_here"](read(start_here), start_here) == []


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_a_notebook_that_git_keeps_needs_a_source(root, monkeypatch):
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)  # inside a git hook they name the project's own index
    for name in ("kept", "draft"):
        nbformat.write(lesson(), root / "notebooks" / f"{name}.ipynb")
    subprocess.run(["git", "init", "--quiet", root], check=True)
    subprocess.run(["git", "-C", root, "add", "notebooks/kept.ipynb"], check=True)
    (problem,) = COLLECTION_CHECKS["unpaired"](root)
    assert problem.startswith("kept.ipynb: has no source")


def test_git_need_not_be_installed(root, monkeypatch):
    monkeypatch.setenv("PATH", "")
    nbformat.write(lesson(), root / "notebooks" / "draft.ipynb")
    assert COLLECTION_CHECKS["unpaired"](root) == []

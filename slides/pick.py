"""From a lesson's cells to its slides, by rule: no slide is written by hand, and none can differ from its lesson.

The lesson's title; the picture of its question; of each section its figures, a short call with its result, and its
verdict; the recap. A slide shows one of these with one sentence. The rest of the prose becomes the speaker's notes.
Exercises, their solutions and folded text are left out.
"""

import html
import re
from dataclasses import dataclass, field

MOST, FEWEST = 16, 10  # slides
SHORT = 10  # minutes
CAPTION = 170  # characters of the sentence below a figure: two lines
POINT = 330  # of a verdict
CODE_LINES, CODE_WIDTH = 7, 92
RESULT_LINES, RESULT_COLUMNS = 8, 7
BOTH = 13  # lines of code and result together
WORDS_A_MINUTE, TO_LOOK = 130, 0.4  # minutes, spoken; and to look at what has come

FOLDED_TEXT = re.compile(r"<details>.*?</details>", re.DOTALL)
HEADING = re.compile(r"^(#+) +(?:\d+ · )?(.+)$")
HEADING_LINE = re.compile(r"^#+ .+$", re.MULTILINE)
PICTURE = re.compile(r'<img alt="[^"]*" src="data:image/png;base64,[^"]*">')
SENTENCE_END = re.compile(r"(?<=[.!?:])[*_]{0,2}\s+(?=[*_\"(“`]*[A-Z0-9`])")
CHECKED = re.compile(r"\bcheck\([\"']\d")
VERDICT, TIME, WHAT_IF = "**Verdict.**", "*About ", "> **What if**"


@dataclass
class Slide:
    """One slide: what kind, its headline, one sentence of markdown, what it shows (HTML, code), and what to say."""

    kind: str  # title, figure, call, verdict or recap
    headline: str
    text: str = ""
    picture: str = ""
    code: str = ""
    notes: list[str] = field(default_factory=list)
    place: int = 0  # of its cell in the notebook

    @property
    def minutes(self):
        """How long it takes to say, to half a minute."""
        return max(0.5, round(2 * _minutes([self.text, *self.notes])) / 2)


def _minutes(texts):
    return len(re.findall(r"\w+", spoken(" ".join(texts)))) / WORDS_A_MINUTE + TO_LOOK


def short_path(notebook):
    """The slides that take ten minutes when only what they show is said, and how many minutes that is.

    Parameters
    ----------
    notebook : dict
        As nbformat reads it.

    Returns
    -------
    tuple of list of Slide and float
    """
    slides = slides_of(notebook)
    for kind in ("call", "figure"):  # which can be spared, the last one first; a section keeps its first figure
        spare = [slide for slide in slides if slide.kind == kind]
        for slide in reversed(spare if kind == "call" else _first_and_later(spare)[1]):
            if sum(_minutes([one.text]) for one in slides) > SHORT:
                slides = [one for one in slides if one is not slide]
    return slides, sum(_minutes([slide.text]) for slide in slides)


def slides_of(notebook):
    """All slides of a lesson.

    Parameters
    ----------
    notebook : dict
        As nbformat reads it.

    Returns
    -------
    list of Slide
    """
    return _few_enough(_candidates(notebook))


# --- Everything that could be a slide -----------------------------------------------------------------------------


def _candidates(notebook):
    slides, introduction, lead = [], [], ""
    headline = recap = ""
    asked = False  # between the heading of an exercise and the cell that judges the answer
    wants_next = None  # a slide whose sentence ends with a colon, or a figure without a sentence
    place = 0

    def add(slide):
        slide.place = place
        slides.append(slide)
        slide.notes += introduction
        introduction.clear()

    for place, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            if is_exercise(cell):
                asked = False
            elif asked:
                continue  # it prepares the exercise
            elif wants_next is not None and wants_next.kind == "verdict" and (said := _printed(cell)):
                _announce(wants_next, said)
                wants_next = None
            elif pictures := _pictures(cell):
                for picture in pictures:
                    wants_next = Slide("figure", headline, picture=picture)
                    add(wants_next)
            elif _is_short_call(cell):
                said = lead if len(spoken(lead)) <= CAPTION else ""
                add(Slide("call", headline, said, picture=_result(cell), code=cell["source"].strip()))
            continue
        for block in blocks(cell["source"]):
            if found := HEADING.match(block):
                asked = len(found[1]) == 3
                if len(found[1]) == 1:
                    headline = found[2]
                    wants_next = Slide("title", headline)
                    add(wants_next)
                elif len(found[1]) == 2:
                    headline, wants_next, recap = found[2], None, found[2] == "Recap"
                continue
            if asked:
                continue
            lead = ([said for said in sentences(block) if not said.startswith("(")] or [""])[-1]
            if block.startswith(VERDICT):
                point, rest = beginning(block.removeprefix(VERDICT).strip(), POINT)
                wants_next = Slide("verdict", headline, point, notes=[rest] if rest else [])
                add(wants_next)
                wants_next = wants_next if point.endswith(":") else None
            elif recap:
                _recap(slides, block, place)
            elif wants_next is not None and not block.startswith((TIME, WHAT_IF)):
                rest = _fill(wants_next, block)
                wants_next = None
                slides[-1].notes += [rest] if rest else []
            elif _is_of(slides, headline):
                slides[-1].notes.append(block)
            else:
                introduction.append(block)
    return slides


def _is_of(slides, headline):
    return bool(slides) and (slides[-1].headline == headline or slides[-1].kind == "title")


def _fill(slide, block):
    """Give a waiting slide its sentence; return what is left to say."""
    if slide.kind == "verdict":
        slide.text += f"\n\n{block}"
        return ""
    slide.text, rest = (block, "") if slide.kind == "title" else beginning(block, CAPTION)
    return rest


def _announce(slide, printed):
    """What a cell prints is too much for a slide: it is said, after the sentence that announces it."""
    *shown, announced = sentences(slide.text)
    slide.text = " ".join(shown or [announced])
    slide.notes += [announced, printed] if shown else [printed]


def _recap(slides, block, place):
    if not slides or slides[-1].kind != "recap":
        slides.append(Slide("recap", "Recap", block, place=place))
    elif block.startswith("**You can now decide**"):
        now, later = beginning(block, 0)
        slides[-1].text += f"\n\n{now}"
        slides[-1].notes += [later] if later else []
    else:
        slides[-1].notes.append(block)


# --- Texts --------------------------------------------------------------------------------------------------------


def blocks(markdown):
    """The paragraphs, tables and headings of a cell, without its folded text."""
    headings_alone = HEADING_LINE.sub(r"\g<0>\n", FOLDED_TEXT.sub("", markdown))  # a paragraph may follow at once
    parts = re.split(r"\n\s*\n", headings_alone)
    return [part.strip() for part in parts if part.strip()]


def sentences(paragraph):
    """A paragraph's sentences, each in one line."""
    return [part.strip() for part in SENTENCE_END.split(" ".join(paragraph.split())) if part.strip()] or [""]


def beginning(paragraph, most):
    """As many whole sentences as fit, one at least; and the rest.

    Parameters
    ----------
    paragraph : str
    most : int
        Characters, those of links not counted.

    Returns
    -------
    tuple of str
    """
    if paragraph.startswith(("|", "- ", "```")):
        return paragraph, ""
    taken, rest = [], sentences(paragraph)
    while rest and (not taken or len(spoken(" ".join([*taken, rest[0]]))) <= most):
        taken.append(rest.pop(0))
    return " ".join(taken), " ".join(rest)


def spoken(markdown):
    """A text without the addresses of its links and without marks."""
    return re.sub(r"[*`]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown))


# --- Cells --------------------------------------------------------------------------------------------------------


def is_exercise(cell):
    """Whether a cell judges an answer: what it prints is for whoever answers, not for an audience."""
    return bool(CHECKED.search(cell["source"]))


def _printed(cell):
    """What a cell prints as text to read, such as a reply to a reviewer with its numbers."""
    return "".join("".join(output["text"]) for output in cell["outputs"] if output.get("name") == "stdout").strip()


def _pictures(cell):
    shown = ["".join(output.get("data", {}).get("text/html", "")) for output in cell["outputs"]]
    return [found[0] for page in shown if (found := PICTURE.search(page))]  # of a slider's, the one that stands alone


def _is_short_call(cell):
    tags, lines = cell["metadata"].get("tags", []), cell["source"].strip().splitlines()
    fits = len(lines) <= CODE_LINES and max(map(len, lines), default=0) <= CODE_WIDTH
    if not fits or {"hide-input", "what-if"} & set(tags) or "def " in cell["source"]:
        return False
    result = _result(cell)
    return bool(result) and len(lines) + (result.count("<tr") or result.count("\n") + 1) <= BOTH


def _result(cell):
    """The one output of a cell as HTML, if it is short enough for a slide."""
    if len(cell["outputs"]) != 1:
        return ""
    output = cell["outputs"][0]
    text = "".join(output.get("text", output.get("data", {}).get("text/plain", "")))
    page = "".join(output.get("data", {}).get("text/html", ""))
    if page:
        rows = page.count("<tr")
        columns = page.count("<th", 0, page.find("</tr>"))
        fits = 1 < rows <= RESULT_LINES and columns <= RESULT_COLUMNS
        return re.sub(r"<style.*?</style>", "", page, flags=re.DOTALL) if fits else ""
    lines = text.strip().splitlines()
    fits = 0 < len(lines) <= RESULT_LINES and max(map(len, lines)) <= CODE_WIDTH
    return f"<pre>{html.escape(text.strip())}</pre>" if fits else ""


# --- As many as a talk takes --------------------------------------------------------------------------------------


def _few_enough(slides):
    """Drop calls, the later ones of a section first, then figures; what they would say goes to the slide before."""
    calls = [slide for slide in slides if slide.kind == "call"]
    first, later = _first_and_later(calls)
    n_others = len(slides) - len(calls)
    room = MOST - n_others
    kept = first[: max(room, 0)]
    kept += later[: max(min(room, FEWEST - n_others) - len(kept), 0)]
    dropped = [slide for slide in calls if not any(slide is other for other in kept)]
    if room < 0:
        dropped += _first_and_later([slide for slide in slides if slide.kind == "figure"])[1][room:]
    for slide in dropped:
        place = next(number for number, other in enumerate(slides) if other is slide)
        _hand_over(slide, slides[place - 1])
        del slides[place]
    return slides


def _first_and_later(slides):
    """The first of each section, and the others."""
    seen, first, later = set(), [], []
    for slide in slides:
        (later if slide.headline in seen else first).append(slide)
        seen.add(slide.headline)
    return first, later


def _hand_over(slide, other):
    other.notes += [slide.text] if slide.kind == "figure" and slide.text else []
    other.notes += slide.notes

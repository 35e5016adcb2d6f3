"""The lessons in order: the one list behind the map, the pre-test and the README."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lesson:
    """A lesson: its number, file name (without ending), title, and the question it answers."""

    number: int
    name: str
    title: str
    question: str

    @property
    def file(self) -> str:
        """File name of the notebook."""
        return f"{self.name}.ipynb"

    @property
    def heading(self) -> str:
        """How the lesson's first line and every list name it: ``01 · Correlation``."""
        return f"{self.name.partition('_')[0]} · {self.title}"


LESSONS = (
    Lesson(0, "00_start_here", "Start here", "Where do I begin?"),
    Lesson(1, "01_correlation", "Correlation", "Does this gene go with that score?"),
    Lesson(2, "02_ten_mice", "What ten mice can show", "How far can I trust r, from ten animals or over many genes?"),
    Lesson(3, "03_linear_models", "Linear models", "How much does the gene change per unit of urea?"),
    Lesson(4, "04_fixed_or_random", "Fixed or random?", "Which of my variables is a random effect?"),
    Lesson(5, "05_mixed_models", "Mixed models", "I have thousands of rows but four replicates: what now?"),
    Lesson(6, "06_random_slopes", "When the effect itself varies", "Does the drug do the same in every replicate?"),
    Lesson(7, "07_interactions", "Interactions", "What do the rows of this coefficient table say?"),
    Lesson(8, "08_marginal_contrasts", "Marginal contrasts", "For each gene, does the drug change its length?"),
    Lesson(9, "09_counts", "Counts", "My data are counts: which model?"),
    Lesson(10, "10_paired_counts", "Samples that belong together", "Several samples come from one animal: what now?"),
    Lesson(11, "11_every_gene", "Every gene", "I have twenty thousand genes: what now?"),
    Lesson(12, "12_gene_lists", "What a list of genes can claim", "Which of my significant genes can I believe?"),
    Lesson(13, "13_how_many_animals", "How many animals?", "How many animals does my next study need?"),
)

APPENDIX = (
    Lesson(1, "A1_mixed_models_by_hand", "Mixed models by hand", "What does the fit compute?"),
    Lesson(2, "A2_contrasts_by_hand", "Contrasts by hand", "Where do a contrast and its standard error come from?"),
    Lesson(3, "A3_every_gene_at_once", "Every gene at once", "How are ten thousand models fitted in a second?"),
)

PARTS = (
    ("I · From a correlation to a mixed model", LESSONS[1:7]),
    ("II · Interactions and contrasts", LESSONS[7:9]),
    ("III · Counts, and every gene", LESSONS[9:13]),
    ("IV · The next study", LESSONS[13:14]),
)

BESIDES = (
    ("templates/correlation.ipynb", "Template: correlation", "A report on your own table"),
    ("templates/mixed_model.ipynb", "Template: mixed model", "A report on your own table"),
    ("templates/counts.ipynb", "Template: counts", "A report on your own counts"),
    ("templates/plan.ipynb", "Template: plan", "How many animals next time?"),
    ("contrast_cheat_sheet.md", "Cheat sheet", "Which call answers which question"),
    ("glossary.md", "Glossary", "What every term means"),
)


def lesson_map() -> str:
    """The map of the course as HTML: a row per part, a card per lesson, its title a link; then what is for later.

    Returns
    -------
    str
        HTML with inline styles only, because JupyterLab keeps nothing else of a notebook it does not yet trust.
    """
    rows = [(part, [_lesson_card(lesson) for lesson in lessons]) for part, lessons in PARTS]
    rows.append(("A · For the analyst", [_lesson_card(lesson) for lesson in APPENDIX]))
    rows.append(("At hand", [_card(*besides) for besides in BESIDES]))
    return "".join(f"<div><b>{part}</b></div><div>{' '.join(cards)}</div>" for part, cards in rows)


def _lesson_card(lesson: Lesson) -> str:
    return _card(lesson.file, lesson.heading, lesson.question)


def _card(file: str, heading: str, text: str) -> str:
    colour = "#0072b2"
    style = (
        "display: inline-block; vertical-align: top; box-sizing: border-box; width: 152px; min-height: 108px;"
        f" margin: 4px 2px; padding: 6px 10px; border: 2px solid {colour}; border-radius: 8px; background: #eaf4fb;"
        " color: #262626; text-align: left"
    )
    return f'<div style="{style}"><b><a style="color: {colour}" href="{file}">{heading}</a></b><br>{text}</div>'

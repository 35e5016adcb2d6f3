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
)

APPENDIX = (
    Lesson(1, "A1_mixed_models_by_hand", "Mixed models by hand", "What does the fit compute?"),
    Lesson(2, "A2_contrasts_by_hand", "Contrasts by hand", "Where do a contrast and its standard error come from?"),
    Lesson(3, "A3_every_gene_at_once", "Every gene at once", "How are ten thousand models fitted in a second?"),
)

PARTS = (
    ("One gene, ten animals", LESSONS[1:5]),
    ("Replicates, interactions, contrasts", LESSONS[5:9]),
    ("Counts, and every gene", LESSONS[9:13]),
)


def lesson_map() -> str:
    """The map of the lessons as HTML: a row per part, a card per lesson, its title a link.

    Returns
    -------
    str
        HTML with inline styles only, because JupyterLab keeps nothing else of a notebook it does not yet trust.
    """
    return "".join(f"<div><b>{part}</b></div><div>{_cards(lessons)}</div>" for part, lessons in PARTS)


def _cards(lessons: tuple[Lesson, ...]) -> str:
    arrow = '<span style="display: inline-block; padding: 0 6px; color: #8c8c8c">→</span>'
    return arrow.join(_card(lesson) for lesson in lessons)


def _card(lesson: Lesson) -> str:
    colour = "#0072b2"
    head = f'<a href="{lesson.file}">{lesson.number:02d} · {lesson.title}</a>'
    style = (
        "display: inline-block; vertical-align: middle; width: 168px; min-height: 104px; margin: 6px 0;"
        f" padding: 8px 10px; border: 2px solid {colour}; border-radius: 8px; background: #eaf4fb;"
        " color: #262626; text-align: left"
    )
    return f'<div style="{style}"><b style="color: {colour}">{head}</b><br>{lesson.question}</div>'

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

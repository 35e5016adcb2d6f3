"""The pre-test of lesson 00: eight questions, each of which one lesson answers."""

from helpers.course import LESSONS
from helpers.exercises.answers import Choice

LESSON_OF = {1: 1, 2: 3, 3: 4, 4: 6, 5: 7, 6: 8, 7: 9, 8: 11}  # question -> the lesson that teaches it

# Each wrong letter has the hint that its misconception needs.
QUESTIONS = {
    1: Choice(
        solution="b",
        explanation="A wide interval: the data agree with a weak correlation as well as with a strong one.",
        wrong=[
            ("a", "r = 0.6 from ten animals may stand for 0 or for 0.9; 'narrowly misses' hides that."),
            ("c", "The interval is about the true correlation, not about single animals."),
        ],
    ),
    2: Choice(
        solution="c",
        explanation="Collinear predictors share what they explain: together they matter, neither can be singled out.",
        wrong=[
            ("a", "Two predictors that go together explain the same part of the data, and each loses its own p-value."),
            ("b", "No animal dropped out: the same animals are in all three models."),
        ],
    ),
    3: Choice(
        solution="a",
        explanation="Random effects are for groups of observations that share something: here the animal.",
        wrong=[
            ("b", "Urea is what was measured, the outcome. Which observations share something?"),
            (
                "c",
                "Three groups, and they are the question: a fixed effect. Too few levels, too, to estimate a variance.",
            ),
        ],
    ),
    4: Choice(
        solution="b",
        explanation="Where the effect varies between replicates, four replicates are four pieces of information.",
        wrong=[
            ("a", "Rows of one replicate share what that replicate did; they are not independent repetitions."),
            ("c", "The rows do carry information; a mixed model uses them all and knows which belong together."),
        ],
    ),
    5: Choice(
        solution="c",
        explanation="With an interaction, the coefficient is the effect at the reference level of the other factor.",
        wrong=[
            ("a", "An average over genes is a contrast that has to be asked for; no single coefficient holds it here."),
            ("b", "That would be a model without interaction, which has one drug effect for all genes."),
        ],
    ),
    6: Choice(
        solution="a",
        explanation="Whether two effects differ is a question of its own, answered by the contrast of the two.",
        wrong=[
            ("b", "The difference between significant and not significant need not be significant itself."),
            ("c", "A p-value above 0.05 is no evidence for no effect; look at the interval."),
        ],
    ),
    7: Choice(
        solution="b",
        explanation="Counts between animals vary more than Poisson says; the negative binomial has a parameter for it.",
        wrong=[
            ("a", "Poisson's variance equals its mean: only repeated sequencing of one sample behaves like that."),
            ("c", "z-scores throw away the mean, on which a count's variance depends."),
        ],
    ),
    8: Choice(
        solution="c",
        explanation="5% of 20,000 are 1,000, by chance alone: this is why p-values of a screen are adjusted.",
        wrong=[
            ("a", "The 5% holds for each gene. Over 20,000 genes it adds up."),
            ("b", "20 would be one in a thousand; the threshold is one in twenty."),
        ],
    ),
}


def route(answers: dict) -> None:
    """Print how each answer of the pre-test fares, and with which lesson to begin.

    Parameters
    ----------
    answers : dict
        Question number (1–8) -> letter; ``...`` or a missing number means not attempted. An answer that is no letter
        is sent back and does not disturb the others.
    """
    if not isinstance(answers, dict):
        print('Write the answers as in the cell above: answers = {1: "a", 2: ...}.')
        return
    verdicts = {number: question.judge(answers.get(number, ...)) for number, question in QUESTIONS.items()}
    for number, verdict in verdicts.items():
        print(f"{number}. {verdict if verdict.status != 'Not attempted' else 'Not attempted.'}")
    for number in answers.keys() - QUESTIONS.keys():
        print(f"There is no question {number!r}: the questions are numbered 1 to {len(QUESTIONS)}.")
    print()
    print(_advice(verdicts))


def _advice(verdicts):
    if all(verdict.status == "Not attempted" for verdict in verdicts.values()):
        return "Answer what you can, leave the rest, and run the cell again. Or begin with lesson 01."
    open_questions = [number for number, verdict in verdicts.items() if verdict.status != "Right"]
    if not open_questions:
        return "All right: you can go straight to what you need. The map above shows where it is."
    first, *others = (LESSONS[LESSON_OF[number]] for number in open_questions)
    advice = f"Begin with lesson {_named(first)}."
    if others:
        advice += f" Then: {', '.join(map(_named, others))}."
    return advice


def _named(lesson):
    return lesson.heading

"""Exercises of lesson 04, fixed or random. Every solution and every known wrong answer is computed here."""

import math

import numpy as np
import pandas as pd

from helpers.exercises.answers import Choices, Number
from helpers.mixed import fit_mixed
from helpers.simulate import simulate_groups

CELLS = [2, 2, 3, 4, 6, 8, 12, 15]  # measured in each of the lesson's eight animals


def cells_of_eight_animals() -> pd.DataFrame:
    """The simulated animals of section 2, as the lesson makes them."""
    cells = simulate_groups(8, CELLS, tau=1.0, sigma=1.5, slope=0.0, rng=np.random.default_rng(4))
    return cells.rename(columns={"group": "animal"}).assign(expression=8 + cells["y"], truth=8 + cells["effect"])


def ninth_animal() -> Number:
    """4.1: the partially pooled mean of an animal with five cells whose mean is 10."""
    fit = fit_mixed("expression ~ 1 + (1 | animal)", cells_of_eight_animals())
    variance = fit.variance_components.set_index("group")["vcov"]
    between, within, overall = variance["animal"], variance["Residual"], fit.fixed_effects.iloc[0]

    def pooled(weight):
        return overall + weight * (10 - overall)

    weight = between / (between + within / 5)
    by_sd = math.sqrt(between) / (math.sqrt(between) + math.sqrt(within) / 5)
    return Number(
        solution=pooled(weight),
        tolerance=0.02,
        explanation="Five cells keep about two thirds of the distance from the overall mean; the rest counts as noise.",
        otherwise="weight = between / (between + within / 5); then overall mean + weight * (10 - overall mean).",
        wrong=[
            (10.0, "That is no pooling: the animal's own mean, as if the other eight did not exist."),
            (overall, "That is complete pooling: the overall mean, as if the five cells did not exist."),
            (pooled(1 - weight), "The two shares changed places. The weight belongs to the animal's own mean."),
            (pooled(between / (between + within)), "That is the weight of a single cell. Five: divide within by 5."),
            (pooled(by_sd), "Those are standard deviations. The weight is made of variances."),
            (weight, "That is the weight. Apply it: overall mean + weight * (10 - overall mean)."),
            (weight * (10 - overall), "That is the distance from the overall mean. Add the overall mean to it."),
            (weight * 10, "The weight acts on the distance from the overall mean, not on 10 itself."),
        ],
    )


def independent_units() -> Number:
    """4.2: what 200 cells from eight animals are worth when the intraclass correlation is 0.4."""
    animals, cells, icc = 8, 25, 0.4
    rows = animals * cells
    effect = 1 + (cells - 1) * icc
    return Number(
        solution=rows / effect,
        tolerance=0.05,
        explanation=(
            "About a mean, 200 cells say as much as 19 independent ones. The test has 8 - 2 = 6 degrees of freedom."
            " More cells per animal never bring it above 20 (8 / 0.4). More animals do."
        ),
        otherwise="Rows divided by 1 + (cells per animal - 1) * ICC.",
        wrong=[
            (rows, "Those are the rows. Cells of one animal are alike, so they count for less."),
            (animals, "Eight would be right if all cells of an animal were identical (ICC = 1)."),
            (effect, "That is what to divide by: 200 rows / this number."),
            (rows * (1 - icc), "The loss grows with the number of cells per animal: 1 + (cells - 1) * ICC."),
            (rows / (1 + cells * icc), "Nearly: a cell does not share anything with itself, so cells - 1."),
            (rows / (1 + (rows - 1) * icc), "Take the cells of one animal, not all 200."),
            (animals / icc, "That is the limit for endlessly many cells per animal. Here there are 25."),
            (animals - 2, "Those are the degrees of freedom of the test. How many independent cells are there?"),
        ],
    )


ASKED = {1: "urea", 2: "the drug", 3: "the diet", 4: "the treatment", 5: "the drug"}
UNIT = {1: "mouse", 2: "mouse", 3: "pup", 4: "mouse", 5: "mouse"}
ABOVE = {1: "condition", 3: "litter", 4: "cage", 5: "machine"}


def five_designs() -> Choices:
    """4.3: what is random in five designs."""
    wrong = [
        *(
            ({k: "e"}, f"Design {k}: {asked} is the question. What is asked about is fixed: it gets a coefficient.")
            for k, asked in ASKED.items()
        ),
        *(
            ({k: "b"}, f"Design {k}: each {UNIT[k]} has one row, so its effect can't be told from the residual.")
            for k in (1, 3, 5)
        ),
        *(
            ({k: "d"}, f"Design {k}: each {UNIT[k]} has one row. Ask where several rows share something, and how many.")
            for k in (1, 3, 5)
        ),
        ({1: "c"}, "Design 1: three conditions are too few to estimate a variance. Make them a fixed factor."),
        ({2: "a"}, "Design 2: cells of one mouse share the mouse. There are 240 rows, but six independent units."),
        ({2: "c"}, "Design 2: nothing stands above the mouse. Which label do 40 rows share?"),
        ({2: "d"}, "Design 2: the mouse is the only group. Nothing stands above it."),
        ({3: "a"}, "Design 3: pups of one mother share her and her diet. The litter is the independent unit."),
        ({4: "a"}, "Design 4: rows of one mouse share the mouse, and mice of one cage share the cage."),
        (
            {4: "b"},
            "Design 4: weeks of one mouse share the mouse, true. But the mice of a cage share the cage, and the cage"
            " got the treatment.",
        ),
        ({4: "c"}, "Design 4: the mice of a cage share the cage, true. But the five weeks share the mouse, too."),
        ({5: "c"}, "Design 5: two machines are too few for a variance. Make the machine a fixed factor."),
    ]
    return Choices(
        solution={1: "a", 2: "b", 3: "c", 4: "d", 5: "a"},
        letters="abcde",
        explanation=(
            "Ask two things. Which rows share something (a mouse, a litter, a cage)? Are there enough of those groups"
            " to estimate a variance? What you ask about is fixed in every design."
        ),
        otherwise="Design {item}: which rows share something, and in how many groups?",
        wrong=wrong,
    )


EXERCISES = {
    "4.1": ninth_animal,
    "4.2": independent_units,
    "4.3": five_designs,
}

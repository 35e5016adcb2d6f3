"""The kinds of answer: what each accepts, and each message that sends an answer back."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats

from helpers.contrasts import comparisons, joint_tests
from helpers.data import load_mouse_scores
from helpers.exercises import Choice, Choices, Number, Table
from helpers.mixed import fit_mixed

NUMBER = Number(
    solution=0.5,
    tolerance=0.01,
    explanation="Well done.",
    otherwise="Look again.",
    wrong=[(-0.5, "The sign is lost."), ((7, 8), "Too many.")],
)
LETTER = Choice(solution="b", explanation="Yes.", wrong=[("a", "No.")])


@pytest.mark.parametrize("answer", [0.5, 0.509, np.float64(0.5), np.array([0.5]), pd.Series([0.5]), np.float32(0.5)])
def test_a_number_may_come_in_any_numeric_type(answer):
    assert str(NUMBER.judge(answer)) == "Right. Well done."


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("0.5", "A number is asked for; this is text: remove the quotes."),
        (None, "A single number is asked for; this is of type NoneType."),
        (True, "A single number is asked for; this is of type bool."),
        (
            pd.DataFrame({"estimate": [0.5, 0.4]}),
            'A single number is asked for; this is a table: take one cell, such as .loc[0, "estimate"].',
        ),
        (7.5, "Too many."),
        (float("nan"), "The answer is nan: a value on the way there is missing or infinite."),
        (-0.501, "The sign is lost."),
        (3, "Look again."),
    ],
)
def test_what_is_no_right_number_is_said(answer, text):
    assert str(NUMBER.judge(answer)) == f"Not yet. {text}"


@pytest.mark.parametrize("answer", ["b", "B", " b ", "(b)", "b.", "b:", ["b"], ("B",), pd.Series(["b"])])
def test_a_letter_may_be_written_in_many_ways(answer):
    assert LETTER.judge(answer).status == "Right"


@pytest.mark.parametrize("answer", ["e", 2, "", None, ["a", "b"], pd.Series(["b", "a"])])
def test_what_is_no_letter_of_the_list_is_sent_back(answer):
    verdict = LETTER.judge(answer)
    assert str(verdict) == 'Not yet. One of the letters a, b is asked for, in quotes, such as answer = "a".'


RIGHT = pd.DataFrame({"n": [3, 4], "r": [0.1, 0.2]}, index=["C", "CR"])
TABLE = Table(
    solution=RIGHT,
    tolerance=0.01,
    explanation="Well done.",
    otherwise="Look again.",
    wrong=[(RIGHT.assign(r=[0.9, 0.9]), "Those are all alike.")],
)


def test_a_table_may_be_in_any_order():
    assert TABLE.judge(RIGHT.iloc[::-1, ::-1]).status == "Right"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (RIGHT["r"], "A DataFrame with the columns n, r is asked for; a Series is one column."),
        (0.5, "A DataFrame is asked for; this is of type float."),
        (RIGHT.T, "Rows and columns have changed places: turn the table with .T."),
        (RIGHT.rename_axis("group").reset_index(), 'The rows should be named by "group": add .set_index("group").'),
        (RIGHT.astype(str), "Look again."),
        (RIGHT.head(1), "The rows should be named C, CR; yours are named C."),
        (RIGHT[["r"]], "The columns should be named n, r; yours are named r."),
        (RIGHT.rename(columns={"r": "R"}), "The columns should be named n, r; yours are named n, R."),
        (pd.concat([RIGHT, RIGHT]), "The rows should be named C, CR; yours are named C, CR, C, CR."),
        (RIGHT.astype(str).assign(r="high"), "Look again."),
        (RIGHT.assign(r=[0.9, 0.9]), "Those are all alike."),
        (RIGHT.assign(r=np.nan), "Look again."),
    ],
)
def test_what_is_no_right_table_is_said(answer, text):
    assert str(TABLE.judge(answer)) == f"Not yet. {text}"


LETTERS = Choices(
    solution={1: "a", 2: "b"},
    letters="abc",
    explanation="Well done.",
    otherwise="Item {item}: look again.",
    wrong=[({1: "b"}, "Item 1 is no b."), ({2: "a"}, "Item 2 is no a.")],
)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({1: "a", 2: "b"}, "Right. Well done."),
        (pd.Series({2: "(B)", 1: " a "}), "Right. Well done."),
        ({"1": "a", " 2": "B"}, "Right. Well done."),
        ({1.0: "A", "2": "b"}, "Right. Well done."),
        (pd.DataFrame({"letter": ["a", "b"]}, index=[1, 2]), "Right. Well done."),
        ({1: "a", "1": "b"}, "Not yet. There is no '1' among the items; they are 1, 2."),
        ({1: "a"}, "Not yet. Right so far; still to do: 2."),
        ({1: "a", 2: ...}, "Not yet. Right so far; still to do: 2."),
        ({1: "b"}, "Not yet. Item 1 is no b."),
        ({1: "b", 2: "b"}, "Not yet. Item 1 is no b."),
        ({1: "b", 2: "a"}, "Not yet. Item 1 is no b.\nItem 2 is no a."),
        ({1: "c", 2: "a"}, "Not yet. Item 1: look again.\nItem 2 is no a."),
        ({1: "d"}, "Not yet. 1: one of the letters a, b, c is asked for, in quotes; found 'd'."),
        ({1: ""}, "Not yet. 1: one of the letters a, b, c is asked for, in quotes; found ''."),
        ({1: "ab"}, "Not yet. 1: one of the letters a, b, c is asked for, in quotes; found 'ab'."),
        ({1: 2}, "Not yet. 1: one of the letters a, b, c is asked for, in quotes; found 2."),
        ({3: "a"}, "Not yet. There is no 3 among the items; they are 1, 2."),
        ("ab", 'Not yet. A dictionary is asked for, such as answer = {1: "a", 2: "a", …}.'),
        (["a", "b"], 'Not yet. A dictionary is asked for, such as answer = {1: "a", 2: "a", …}.'),
    ],
)
def test_letters_for_several_items_are_judged_one_by_one(answer, text):
    assert str(LETTERS.judge(answer)) == text


@pytest.mark.parametrize("answer", [..., {}, {1: ..., 2: ...}])
def test_letters_not_chosen_are_no_attempt(answer):
    assert LETTERS.judge(answer).status == "Not attempted"


# --- rounder than asked ---------------------------------------------------------------------------------------------

SHARE = Number(
    solution=0.3563,
    tolerance=0.002,
    explanation="Well done.",
    otherwise="Look again.",
    wrong=[
        (0.3513, "Those are grams."),
        (35.63, "That is in per cent."),
        (0.41, "That is the other."),
        (0, "Nothing."),
    ],
)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (0.356, "Right. Well done."),
        (0.36, "Right. One more digit: 0.356. Well done."),
        (np.float32(0.36), "Right. One more digit: 0.356. Well done."),
        ([0.36], "Right. One more digit: 0.356. Well done."),
        (0.4, "Not yet. 0.4 is too round to tell. Give 3 decimals."),
        (0.35, "Not yet. Those are grams."),
        (0.354, "Not yet. Look again."),  # nearer to the solution than to the grams, and neither
        (0.37, "Not yet. Look again."),
        (35.6, "Not yet. That is in per cent."),
        (36, "Not yet. That is in per cent."),
        (
            0.00356,
            "Not yet. Look at the unit: the answer is 100 times as large. A share and a percentage differ by this"
            " factor.",
        ),
        (0, "Not yet. Nothing."),
        (0.001, "Not yet. Look again."),
    ],
)
def test_a_rounder_answer_is_right_unless_it_may_be_a_wrong_one(answer, text):
    assert str(SHARE.judge(answer)) == text


@pytest.mark.parametrize(
    ("solution", "tolerance", "answer", "begins"),
    [
        (9.27026, 0.02, 9.3, "Right. One more digit: 9.27."),
        (27.2727, 0.2, 27, "Right. One more digit: 27.3."),
        (11.0889, 0.06, 11, "Right. One more digit: 11.1."),
        (0.0625022, 0.0006, 0.06, "Right. One more digit: 0.063."),
        (0.117533, 0.0002, 0.12, "Right. Two more digits: 0.1175."),
        (0.0186373, 0.0005, 0.02, "Right. One more digit: 0.019."),
        (16.452, 0.03, 16.5, "Right. One more digit: 16.45."),
        (-0.35424, 0.005, -0.4, "Right. One more digit: -0.35."),
        (1.4338, 0.006, 1, "Not yet. 1 is too round to tell. Give 2 decimals."),
        (27.2727, 0.2, 30, "Not yet. Look again."),
        (158, 0.5, 160, "Not yet. Look again."),
        (1516, 40, 1500, "Right. Well done."),
        (0.004, 0.0005, 0.0, "Not yet. Look again."),
    ],
)
def test_how_much_rounder_an_answer_may_be(solution, tolerance, answer, begins):
    number = Number(solution=solution, tolerance=tolerance, explanation="Well done.", otherwise="Look again.")
    assert str(number.judge(answer)).startswith(begins)


@pytest.mark.parametrize(
    ("tolerance", "digits", "decimals"),
    [
        (0.005, None, 2),
        (0.006, None, 2),
        (0.002, None, 3),
        (0.03, None, 2),
        (0.03, 1, 1),
        (0.5, None, 0),
        (40, None, -1),
    ],
)
def test_the_decimals_asked_for_come_from_the_tolerance_unless_stated(tolerance, digits, decimals):
    assert Number(solution=1, tolerance=tolerance, digits=digits, explanation="").decimals == decimals


def test_as_many_digits_as_stated_are_enough():
    number = Number(solution=16.452, tolerance=0.03, digits=1, explanation="Well done.", otherwise="Look again.")
    assert str(number.judge(16.5)) == "Right. Well done."
    assert str(number.judge(16)) == "Right. One more digit: 16.5. Well done."


def test_a_known_wrong_answer_within_the_tolerance_is_still_wrong():
    number = Number(
        solution=10, tolerance=1, explanation="Well done.", wrong=[(10.8, "Not ten.")], otherwise="Look again."
    )
    assert [str(number.judge(answer)) for answer in (9.2, 10.3, 10.8)] == [
        "Right. Well done.",
        "Right. Well done.",
        "Not yet. Not ten.",
    ]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (11, "11 is too round to tell. Give 1 decimal."),  # 11.38 and 10.78 are both 11, and 10.78 is nearer
        (10.8, "Those are logs."),
        (0.22, "That is the spread."),
        (0.2, "Look again."),  # one digit is no sign of anything
    ],
)
def test_a_number_that_may_be_two_things_is_not_right(answer, text):
    wrong = [(10.78, "Those are logs."), (0.2231, "That is the spread.")]
    number = Number(solution=11.38, tolerance=0.06, explanation="Well done.", otherwise="Look again.", wrong=wrong)
    assert str(number.judge(answer)) == f"Not yet. {text}"


def test_where_two_wrong_answers_are_close_the_nearer_one_counts():
    number = Number(solution=10, tolerance=1, explanation="", wrong=[(20, "Twenty."), (21, "Twenty-one.")])
    assert number.judge(20.1).text == "Twenty."
    assert number.judge(20.9).text == "Twenty-one."


# --- what is no single number ---------------------------------------------------------------------------------------

MICE = load_mouse_scores()
UREA = smf.ols("gene_x ~ urea", MICE).fit()
BOTH = smf.ols("gene_x ~ urea + weight", MICE).fit()
GLM = smf.glm("urea ~ weight", MICE).fit()
MIXED = fit_mixed("urea ~ weight + (1 | group)", MICE)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            stats.pearsonr(MICE["urea"], MICE["gene_x"]),
            "a whole test result: take its .statistic for r or .pvalue for its p-value.",
        ),
        (stats.ttest_ind([1, 2, 3], [2, 3, 5]), "a whole test result: take its .statistic or its .pvalue."),
        (stats.spearmanr([1, 2, 3], [2, 5, 3]), "a whole test result: take its .statistic or its .pvalue."),
        (
            stats.linregress(MICE["urea"], MICE["gene_x"]),
            "a whole test result: take its .slope, .intercept, .rvalue, .stderr or .pvalue.",
        ),
        (
            stats.pearsonr(MICE["urea"], MICE["gene_x"]).confidence_interval(),
            "a result with several numbers: take its .low or .high.",
        ),
        (BOTH.f_test("urea = 0"), "a whole test result: take its .fvalue for F or .pvalue for the p-value."),
        (
            BOTH.t_test("urea = 0"),
            "a whole test result: take its .effect for the estimate, .statistic for t or .pvalue for the p-value.",
        ),
        (
            GLM.t_test("weight = 0"),
            "a whole test result: take its .effect for the estimate, .statistic for z or .pvalue for the p-value.",
        ),
        (
            BOTH.compare_f_test(UREA),
            "a whole test result (statistic, p-value, df): take [0] for the statistic, [1] for the p-value or [2] for"
            " the df.",
        ),
        (BOTH.compare_lr_test(UREA), "a whole test result: take its .statistic or its .pvalue."),
        (sm.stats.anova_lm(UREA, BOTH), 'a table: take one cell, such as .loc[1, "F"] or .loc[1, "Pr(>F)"].'),
        (
            sm.stats.anova_lm(BOTH, typ=2),
            'a table: take one cell, such as .loc["urea", "F"] or .loc["urea", "PR(>F)"].',
        ),
        (
            BOTH,
            'a whole fit: take a coefficient, .params["weight"], or its p-value, .pvalues["weight"].',
        ),
        (
            smf.ols("gene_x ~ urea", MICE),
            "a model that is not fitted yet: add .fit(), and take one number of the result.",
        ),
        (MIXED, 'a whole fit: take a cell of its table, such as .coefficients().loc["weight", "estimate"].'),
        (
            MIXED.coefficients(),
            'a table: take one cell, such as .loc["(Intercept)", "estimate"] or .loc["(Intercept)", "p_value"].',
        ),
        (
            comparisons(smf.ols("gene_x ~ group", MICE).fit(), "group"),
            'a table: take one cell, such as .loc[0, "estimate"] or .loc[0, "p_value"].',
        ),
        (
            joint_tests(smf.ols("gene_x ~ group", MICE).fit(), "group"),
            'a table: take one cell, such as .loc[0, "statistic"] or .loc[0, "p_value"].',
        ),
        (BOTH.conf_int(), 'a table: take one cell, such as .loc["Intercept", 1].'),
        (MICE.head(0), "an empty table: no row was selected."),
        (BOTH.params, f'a Series of 3: take one of them, such as .loc["{BOTH.params.index[-1]}"].'),
        (pd.Series([1.0, 2.0]), "a Series of 2 values, a whole column: what is still to be computed from it?"),
        (MICE["weight"], "a Series of 10 values, a whole column: what is still to be computed from it?"),
        (np.linspace(0, 1, 10), "an array of 10 values, a whole column: what is still to be computed from it?"),
        (
            np.arange(7) > 2,
            "an array of 7 yes/no values: np.mean(…) of it is the share of yes, np.sum(…) their number.",
        ),
        (
            MICE["weight"] > 22,
            "a Series of 10 yes/no values: np.mean(…) of it is the share of yes, np.sum(…) their number.",
        ),
        (pd.Index(["a", "b"]), "an Index of 2: len(…) counts them."),
        (np.corrcoef(MICE["urea"], MICE["gene_x"]), "an array of 2 × 2 numbers: take one of them, such as [0, 1]."),
        ({"r": 0.5, "p": 0.1}, 'a dictionary: take one value, such as ["r"].'),
        (np.array([0.5, 0.5]), "an array of 2: take one of them by its place, such as [0]."),
        ([0.5, 0.6, 0.7], "a list of 3: take one of them by its place, such as [0]."),
        ((0.5, 0.6), "a tuple of 2: take one of them by its place, such as [0]."),
        ([], "an empty list."),
        ({}, "an empty dict."),
        (np.array([]), "an empty array."),
        (pd.Series(dtype=float), "an empty Series."),
        (
            MICE.groupby(["group", "urea_score"], observed=True)["gene_x"].mean(),
            'a Series of 6: take one of them, such as .loc[("CR", 1)].',
        ),
        (MICE["urea"].mean, "a function: call it, with parentheses at its end."),
    ],
)
def test_an_object_is_told_what_holds_the_number(answer, text):
    assert str(NUMBER.judge(answer)) == f"Not yet. A single number is asked for; this is {text}"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ((0, 35), "Write a decimal point: 0.35 (or -0.35)."),
        ((-0, 35), "Write a decimal point: 0.35 (or -0.35)."),  # to Python, -0 is 0
        ((-16, 5), "Write a decimal point: -16.5."),
        ((1, 516), "Write a decimal point: 1.516, or leave out the comma: 1516."),
        ((1, 234, 567), "Write the number without commas: 1234567."),
        ((-1, 0, 7), "Write the number without commas: -1000007."),
    ],
)
def test_a_comma_in_a_number_is_recognised(answer, text):
    assert str(NUMBER.judge(answer)) == f"Not yet. {text}"


@pytest.mark.parametrize("answer", [[...], pd.Series([...])])
def test_dots_in_a_list_are_no_attempt(answer):
    assert NUMBER.judge(answer).status == "Not attempted"


@pytest.mark.parametrize("answer", [(1, -1), (True, False), (1, 2, 3000)])
def test_not_every_tuple_is_a_number_with_commas(answer):
    assert "by its place" in NUMBER.judge(answer).text


# --- a table of one column ------------------------------------------------------------------------------------------

COLUMN = Table(
    solution=RIGHT[["r"]],
    tolerance=0.01,
    explanation="Well done.",
    otherwise="Look again.",
    wrong=[(1 - RIGHT[["r"]], "No.")],
)


@pytest.mark.parametrize(
    "answer", [RIGHT["r"], RIGHT["r"].rename("gene_x"), RIGHT[["r"]].rename(columns={"r": "gene_x"})]
)
def test_one_column_may_be_a_series_of_any_name(answer):
    assert str(COLUMN.judge(answer)) == "Right. Well done."
    assert str(COLUMN.judge(1 - answer)) == "Not yet. No."

"""Every refusal of `read_table` by its message, what it reads exactly, and the tables of the course."""

import csv
import datetime
import decimal
import gzip
import importlib.util
import json
import re
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pandera.pandas as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import data
from helpers.data import (
    load_modification_lengths,
    load_modification_lengths_truth,
    load_mouse_counts,
    load_mouse_counts_truth,
    load_mouse_scores,
    load_sleepstudy,
    read_table,
)
from helpers.data.schemas import ANIMALS
from helpers.reading.cell_values import MISSING
from helpers.refusals.errors import UnknownNameError

MICE = pd.DataFrame({"animal": ["007", "HP 12", "µ"], "urea mg/dl": [35.59, np.nan, 94.76], "score": [1, 2, 4]})
PROMISE = {"numeric": ["urea mg/dl", "score"], "text": "animal", "unique": "animal"}


@pytest.fixture
def write(tmp_path):
    """Write one file, from text, bytes or rows of a worksheet."""

    def write(name, content):
        path = tmp_path / name
        if isinstance(content, list):
            book = openpyxl.Workbook()
            for row in content:
                book.active.append(row)
            book.save(path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def rewrite(path, changes):
    """Change the XML of the first sheet into what openpyxl does not write: results of formulas, and long numbers."""
    with zipfile.ZipFile(path) as parts:
        files = {part: parts.read(part) for part in parts.namelist()}
    sheet = files["xl/worksheets/sheet1.xml"].decode().replace("<v></v>", "<v />")  # lxml writes the former
    for old, new in changes.items():
        assert old in sheet
        sheet = sheet.replace(old, new)
    with zipfile.ZipFile(path, "w") as parts:
        for part, content in (files | {"xl/worksheets/sheet1.xml": sheet}).items():
            parts.writestr(part, content)
    return path


def refuses(path, *fragments, error=ValueError, **options):
    """`read_table` refuses the file, and its message holds the fragments in this order."""
    with pytest.raises(error, match="(?s)" + ".*".join(map(re.escape, fragments))):
        read_table(path, **options)


# --- What it reads ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize(
    ("name", "sep"),
    [("m.csv", ","), ("m.tsv", "\t"), ("m.tab", "\t"), ("m.TXT", "\t"), ("m.v2.csv.gz", ","), ("m.tsv.gz", "\t")],
)
def test_reads_text_files(tmp_path, name, sep, encoding, line_end):
    content = MICE.to_csv(index=False, sep=sep, lineterminator=line_end).encode(encoding)
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    pd.testing.assert_frame_equal(read_table(path, **PROMISE), MICE, check_exact=True)


def test_reads_semicolons_with_decimal_commas(tmp_path):
    path = tmp_path / "m.csv"
    MICE.to_csv(path, index=False, sep=";", decimal=",")
    pd.testing.assert_frame_equal(read_table(path, sep=";", decimal=",", **PROMISE), MICE, check_exact=True)


def test_reads_quoted_decimal_commas_in_a_comma_separated_file(write):
    assert read_table(write("m.csv", 'urea,w\n"1,5",2\n'), numeric="urea", decimal=",")["urea"].tolist() == [1.5]


def test_reads_excel(tmp_path):
    path = tmp_path / "m.xlsx"
    MICE.to_excel(path, index=False)
    pd.testing.assert_frame_equal(read_table(path, **PROMISE), MICE, check_exact=True)


def test_reads_the_sheet_asked_for(tmp_path):
    path = tmp_path / "m.xlsx"
    with pd.ExcelWriter(path) as book:
        MICE.head(1).to_excel(book, sheet_name="pilot", index=False)
        MICE.to_excel(book, sheet_name="study", index=False)
    assert len(read_table(path)) == 1
    for sheet in (1, "study"):
        pd.testing.assert_frame_equal(read_table(path, sheet=sheet, **PROMISE), MICE)


def test_excel_cells_that_are_only_formatted_are_no_part_of_the_table(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["urea"])
    book.active.append([1.5])
    book.active["C9"].font = openpyxl.styles.Font(bold=True)
    book.save(tmp_path / "m.xlsx")
    assert read_table(tmp_path / "m.xlsx").to_dict("list") == {"urea": [1.5]}


def test_excel_numbers_in_a_text_column_are_written_out(write):
    path = write("m.xlsx", [["id", "n", 2020], [7, 1, 1.5], ["007", None, "NA"], [None, 3, 2]])
    table = read_table(path, text="id", numeric=["n", "2020"])
    pd.testing.assert_frame_equal(
        table, pd.DataFrame({"id": ["7", "007", np.nan], "n": [1, np.nan, 3], "2020": [1.5, np.nan, 2]})
    )


def test_reads_parquet(tmp_path):
    path = tmp_path / "m.parquet"
    MICE.to_parquet(path)
    pd.testing.assert_frame_equal(read_table(path, **PROMISE), MICE, check_exact=True)


def test_parquet_types_become_those_of_a_text_file(tmp_path):
    path = tmp_path / "m.parquet"
    cells = {
        "id": pd.array([7, None], dtype="Int64"),
        "n": pd.array([1, None], dtype="Int64"),
        "d": [decimal.Decimal("1.5"), None],
        "group": pd.Categorical(["HP", "C"]),
    }
    pd.DataFrame(cells).to_parquet(path)
    table = read_table(path, text=["id", "group"], numeric=["n", "d"])
    expected = pd.DataFrame({"id": ["7", np.nan], "n": [1, np.nan], "d": [1.5, np.nan], "group": ["HP", "C"]})
    pd.testing.assert_frame_equal(table, expected)


def test_a_missing_id_in_parquet_does_not_turn_the_others_into_decimals(tmp_path):
    path = tmp_path / "m.parquet"
    pd.DataFrame({"id": pd.array([7, None], dtype="Int64")}).to_parquet(path)
    assert read_table(path, text="id")["id"].tolist()[0] == "7"


def test_an_index_stored_in_parquet_is_a_column(tmp_path):
    path = tmp_path / "m.parquet"
    MICE.set_index("animal").to_parquet(path)
    pd.testing.assert_frame_equal(read_table(path, **PROMISE), MICE)
    MICE.rename_axis("mouse").to_parquet(path)
    assert read_table(path, unique="mouse")["mouse"].tolist() == [0, 1, 2]


def test_only_six_spellings_are_missing(write):
    labels = ["", "NA", "NaN", "nan", "N/A", "null", "None", "NULL", "n/a", " "]
    content = "label,x\n" + "".join(f"{label},1\n" for label in labels)
    for name, cells in [("m.csv", content), ("m.xlsx", [["label", "x"], *([label, 1] for label in labels)])]:
        table = read_table(write(name, cells), text="label")
        assert table["label"].isna().tolist() == [True] * 6 + [False] * 4
        assert table["label"].tolist()[6:] == labels[6:]


def test_integers_stay_integers_until_one_is_missing(write):
    table = read_table(write("m.csv", "a,b\n1,2\n3,NA\n"), numeric=["a", "b"])
    assert table.dtypes.astype(str).tolist() == ["int64", "float64"]
    assert table["b"].isna().tolist() == [False, True]


def test_ids_of_text_files_are_strings(write):
    path = write("m.csv", "id,plot\n007,07\n7,7\n1E5,8\n10E4,9\n")
    assert read_table(path, unique="id")["id"].tolist() == ["007", "7", "1E5", "10E4"]
    refuses(path, "'plot' must not repeat a value; 7 is in lines 2, 3", unique=["id", "plot"], numeric="plot")


def test_long_whole_numbers_stay_exact_where_they_can(write, tmp_path):
    path = write("m.csv", "a,b,c\n9007199254740993,9007199254740993,9007199254740992\n1,,\n")
    table = read_table(path, numeric="a", text="b")
    assert table["a"].tolist() == [2**53 + 1, 1]
    assert table["b"].tolist()[0] == "9007199254740993"
    assert table["c"].tolist()[0] == 2**53
    pd.DataFrame({"a": pd.array([2**53 + 1, None], dtype="Int64")}).to_parquet(tmp_path / "m.parquet")
    workbook = rewrite(write("m.xlsx", [["a", "b"], [2**53, 1], [None, 2]]), {str(2**53): str(2**53 + 1)})
    for path in (workbook, tmp_path / "m.parquet"):
        assert read_table(path, text="a")["a"].tolist()[0] == "9007199254740993"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.csv", "id,x\na,1\n,\n,\n"),
        ("m.csv", "id,x\na,1\n,,,,\n\n,\n  \n"),
        ("m.tsv", "id\tx\r\na\t1\r\n\t\r\n"),
        ("m.xlsx", [["id", "x"], ["a", 1], [None, None], ["", None]]),
    ],
)
def test_empty_rows_below_the_table_are_no_part_of_it(write, name, content):
    assert read_table(write(name, content), numeric="x").to_dict("list") == {"id": ["a"], "x": [1]}


def test_an_empty_cell_in_quotation_marks_is_a_missing_value(tmp_path):
    pd.DataFrame({"x": [np.nan, 1, np.nan]}).to_csv(tmp_path / "m.csv", index=False)
    assert read_table(tmp_path / "m.csv", numeric="x")["x"].isna().tolist() == [True, False, True]


def test_a_field_may_be_longer_than_csv_allows(write):
    limit = csv.field_size_limit()
    path = write("m.csv", f"id,x\n{'A' * 200_000},1\n")
    assert len(read_table(path, text="id")["id"].tolist()[0]) == 200_000
    assert csv.field_size_limit() == limit


def test_computed_formulas_are_values(write):
    path = write("m.xlsx", [["x", "y", "note"], [1, "=2*A2", '=""']])
    rewrite(path, {"<f>2*A2</f><v />": "<f>2*A2</f><v>2</v>", '<c r="C2">': '<c r="C2" t="str">'})
    table = read_table(path, numeric=["x", "y"])
    assert table["y"].tolist() == [2]
    assert table["note"].isna().all()


def test_errors_and_merged_cells_elsewhere_in_a_workbook(write):
    path = write("m.xlsx", [["id", "x", "why"], ["a", 1, "#DIV/0!"]])
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("E1:F2")
    book.create_sheet("other")["A1"] = "=1"
    book.save(path)
    assert read_table(path, numeric="x", text="id")["why"].tolist() == ["#DIV/0!"]


def test_lists_in_parquet_are_read_where_nothing_is_asked_of_them(tmp_path):
    pd.DataFrame({"id": ["a"], "x": [[1, 2]]}).to_parquet(tmp_path / "m.parquet")
    assert list(read_table(tmp_path / "m.parquet", text="id")["x"][0]) == [1, 2]


def test_whole_numbers_beyond_64_bits_are_numbers(write):
    assert read_table(write("m.csv", f"x\n-1\n{2**63}\n"), numeric="x")["x"].tolist() == [-1.0, 2.0**63]


def test_columns_listed_nowhere_are_as_pandas_reads_them(write):
    table = read_table(write("m.csv", "id,ok,day\n007,True,2020-01-01\n"))
    assert table.to_dict("list") == {"id": [7], "ok": [True], "day": ["2020-01-01"]}


def test_quoted_fields_may_hold_separators_and_line_ends(write):
    path = write("m.csv", 'label,x\n"a, ""b""",1\n"two\r\nlines",2\n\n\n')
    assert read_table(path)["label"].tolist() == ['a, "b"', "two\r\nlines"]


def test_a_cell_of_blanks_is_a_cell(write):
    assert read_table(write("m.csv", "label\na\n  \nb\n"), text="label")["label"].tolist() == ["a", "  ", "b"]


def test_reads_other_encodings(write):
    for encoding in ("latin-1", "utf-16"):
        path = write("m.txt", "µ\tx\né\t1\n".encode(encoding))
        assert read_table(path, encoding=encoding).to_dict("list") == {"µ": ["é"], "x": [1]}


def test_a_home_folder_is_understood(write, monkeypatch):
    monkeypatch.setenv("HOME", str(write("m.csv", "x\n1\n").parent))
    monkeypatch.setenv("USERPROFILE", str(write("m.csv", "x\n1\n").parent))
    assert read_table("~/m.csv")["x"].tolist() == [1]


LABELS = st.text(st.characters(codec="utf-8", exclude_characters="\0")).filter(lambda label: label not in MISSING)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(("name", "options"), [("m.csv", {}), ("m.tsv", {}), ("m.csv", {"sep": ";", "decimal": ","})])
@settings(deadline=None)
@given(rows=st.lists(st.tuples(LABELS, FLOATS), min_size=1), line_end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_what_was_written_is_read(tmp_path_factory, name, options, rows, line_end):
    path = tmp_path_factory.getbasetemp() / name
    written = pd.DataFrame(rows, columns=["a label", "value"]).astype({"a label": str})
    style = {"sep": "\t" if name == "m.tsv" else ",", "decimal": "."} | options
    # Quoted because csv.writer leaves a lone line end bare where it is not the file's own.
    written.to_csv(path, index=False, lineterminator=line_end, quoting=csv.QUOTE_NONNUMERIC, **style)
    table = read_table(path, numeric="value", text="a label", **options)
    pd.testing.assert_frame_equal(table, written, check_exact=True)
    assert np.signbit(table["value"]).equals(np.signbit(written["value"]))


# --- What it refuses: the file ---------------------------------------------------------------------------------------


def test_a_missing_file(write):
    folder = write("mice.csv", "x\n1\n").parent
    refuses(folder / "Mise.CSV", "no file 'Mise.CSV' in the folder", "Closest: 'mice.csv'", error=FileNotFoundError)
    refuses(folder / "qqqqqq.tsv", "no file 'qqqqqq.tsv'", "Check the path", error=FileNotFoundError)
    refuses(folder / "none" / "m.csv", "There is no folder", "none", error=FileNotFoundError)


def test_a_folder(tmp_path):
    refuses(tmp_path, str(tmp_path), "is a folder", "one file in it")


def test_an_unknown_suffix(write):
    refuses(write("m.dat", "x"), "m.dat: the suffix '.dat' is not one of .csv, .tsv,", ".xlsx", ".parquet.")
    refuses(write("mice", "x"), "the suffix '' is not one of")
    refuses(write("m.json.gz", "x"), "the suffix '.json.gz' is not one of")
    refuses(write("m.xls", "x"), "the suffix '.xls'", "save it as .xlsx")


@pytest.mark.parametrize("name", ["m.csv", "m.xlsx", "m.parquet"])
def test_no_bytes(write, name):
    refuses(write(name, ""), f"{name} is empty (0 bytes)")


def test_no_bytes_in_gzip(write):
    refuses(write("m.csv.gz", gzip.compress(b"")), "m.csv.gz is empty: it holds only white space")


def test_only_white_space(write):
    refuses(write("m.csv", "\ufeff \r\n\t\n"), "m.csv is empty: it holds only white space")


def test_a_header_without_rows(write, tmp_path):
    MICE.head(0).to_parquet(tmp_path / "m.parquet")
    for path in (write("m.csv", "animal,urea\n"), write("m.xlsx", [["animal", "urea"]]), tmp_path / "m.parquet"):
        refuses(path, "has a header but no rows. Its columns: 'animal'", "urea")


@pytest.mark.parametrize(
    ("name", "kind"), [("m.xlsx", "an Excel workbook"), ("m.parquet", "a Parquet file"), ("m.csv.gz", "a gzip file")]
)
@pytest.mark.parametrize("content", [b"animal,urea\nx,1\n", b"PK\x03\x04", b"\x1f\x8b\x08", b"PAR1PAR1PAR1PAR1"])
def test_content_that_is_not_what_the_suffix_says(write, name, kind, content):
    refuses(write(name, content), f"{name} is not {kind}", "Export it again", "suffix of what it holds")


def test_a_damaged_workbook(tmp_path):
    MICE.to_excel(tmp_path / "m.xlsx")
    content = (tmp_path / "m.xlsx").read_bytes()
    (tmp_path / "m.xlsx").write_bytes(content[: len(content) // 2])
    refuses(tmp_path / "m.xlsx", "m.xlsx is not an Excel workbook", "damaged")


def test_a_workbook_named_csv(write):
    content = write("m.xlsx", [["urea"], [1]]).read_bytes()
    for encoding in ("utf-8-sig", "latin-1"):
        refuses(
            write("m.csv", content), "m.csv is not plain text", "workbook", "give it that suffix", encoding=encoding
        )


def test_a_wrong_encoding(write):
    path = write("m.csv", "name,x\nA,1\nJosé,2\n".encode("cp1252"))
    refuses(path, "m.csv is not written in utf-8-sig: line 3 holds the byte 0xe9", 'encoding="cp1252"', '"latin-1"')
    refuses(write("m.txt", "µ\tx\na\t1\n".encode("utf-16")), "not plain text in utf-8-sig", 'encoding="utf-16"')
    refuses(path, "no encoding 'utf-9'", "'cp1252'", encoding="utf-9")


def test_a_missing_sheet(write):
    path = write("m.xlsx", [["urea"], [1]])
    for sheet in ("study", 1, -1):
        refuses(path, f"m.xlsx has no sheet {sheet!r}. Its sheets: 'Sheet'.", sheet=sheet)


def test_an_empty_sheet(write):
    refuses(write("m.xlsx", []), "m.xlsx: the sheet 'Sheet' is empty", "sheet=")


def test_options_that_cannot_be(write):
    path = write("m.csv", "urea\n1\n")
    refuses(path, "sep= must be one character", "found '\\\\s+'", "one tab for each run", sep="\\s+")
    for sep in ("\n", "\r", '"', "¦", ""):
        refuses(path, "sep= must be one character", f"found {sep!r}", sep=sep)
    refuses(path, "decimal= must be '.' or ','; found ';'", decimal=";")
    refuses(path, "'urea' is in numeric= and in text=", numeric="urea", text=["urea"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"numeric": None}, "numeric= must be the name of a column or a list of names; found None"),
        ({"text": 1}, "text= must be the name of a column or a list of names; found 1"),
        ({"unique": b"id"}, "unique= must be the name of a column or a list of names; found b'id'"),
        ({"encoding": None}, "encoding= must be the name of an encoding, such as"),
        ({"sheet": [0]}, "sheet= must be the name of a sheet or its place counted from 0; found [0]"),
        ({"sheet": None}, "sheet= must be the name of a sheet"),
        ({"sep": 1}, "sep= must be one character, such as"),
        ({"schema": {"urea": float}}, "schema= must be a pandera.pandas.DataFrameSchema; found {'urea'"),
    ],
)
@pytest.mark.parametrize("name", ["m.csv", "m.xlsx"])
def test_arguments_of_a_wrong_type(write, name, options, message):
    refuses(write(name, "urea\n1\n" if name == "m.csv" else [["urea"], [1]]), message, error=TypeError, **options)


# --- What it refuses: header and rows --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "call"),
    [
        ("m.csv", "a;b\n1;2\n", ["read_table('m.csv', sep=';')."]),
        ("m.csv", "a;b\n1,5;2\n", ["read_table('m.csv', sep=';', decimal=',')."]),
        ("m.csv", "a;b\nx;-2,5e-3\r\n", ["read_table('m.csv', sep=';', decimal=',')."]),
        ("m.csv", "a\tb\n1\t2\n", ["read_table('m.csv', sep='\\t')."]),
        ("m.csv", "a|b\n1|2\n", ["read_table('m.csv', sep='|')."]),
        ("m.txt", "a,b\n1,2\n", ["read_table('m.txt', sep=',')."]),
        ("m.tsv", "a,b\n1,2\n", ["read_table('m.tsv', sep=',')."]),
        ("m.txt", "a b\n1 2\n", ["read_table('m.txt', sep=' ').", "single column"]),
        ("m.txt", "a b\nx   2\ny 3\n", ["runs of blanks, which sep= cannot say"]),
        ("m.txt", "a   b\nx   2,5\n", ["runs of blanks, which sep= cannot say", "one tab"]),
    ],
)
def test_a_wrong_separator(write, name, content, call):
    header = repr(content.splitlines()[0])
    refuses(write(name, content), f"{name}: with", "the header is a single name", header, *call)


@pytest.mark.parametrize(
    ("name", "content", "call"),
    [
        ("m.csv", '"id";"u"\n"a";1\n', "sep=';')"),
        ("m.csv", '"";"id";"u"\n"1";"a";1,5\n', "sep=';', decimal=',')"),
        ("m.csv", '"id"\t"u"\n"a"\t1\n', "sep='\\t')"),
        ("m.csv", '"id" "u"\n"1" "a" 1\n', "sep=' ')"),
        ("m.txt", '"id","u"\n"a",1\n', "sep=',')"),
        ("m.txt", '"id" "u"\n"1" "a b" 1\n', "sep=' ')"),
    ],
)
def test_a_wrong_separator_between_quoted_names(write, name, content, call):
    header = repr(content.splitlines()[0])
    refuses(write(name, content), "the header is a single name", header, "look separated by", call)


@pytest.mark.parametrize("content", ["id;u (mg,l);v\na;1;2\n", "id;u (mg,l);v\na;1,5;2\n", "id;u;v (mg,l)\na;1;2\n"])
def test_a_separator_within_a_name(write, content):
    refuses(write("m.csv", content), "the header falls into 'id;u", "look separated by ';'", "sep=';'")


def test_one_name_is_no_list_of_names(write):
    assert read_table(write("m.tsv", "urea (mg,l)\n1.5\n")).columns.tolist() == ["urea (mg,l)"]
    assert read_table(write("m.csv", "urea (mg per dl)\n1.5\n")).columns.tolist() == ["urea (mg per dl)"]
    assert read_table(write("m.csv", "full name\nMus musculus\n")).columns.tolist() == ["full name"]
    assert read_table(write("m.csv", '"full name"\nHP 12\n')).columns.tolist() == ["full name"]


def test_rows_longer_than_the_header(write):
    content = 'a,b\n"x\ny",2\n"p",q,r\n'
    refuses(write("m.csv", content), "m.csv: line 4 has 3 fields, the header 2 columns", "quotation marks")
    refuses(write("m.tsv", "a\tb\n1\t2\t\n3\t4\n"), "m.tsv: line 2 has 3 fields", "holds '\\t' itself")


def test_decimal_commas_among_commas(write):
    content = "animal,urea\nx,12\ny,12,5\n"
    refuses(write("m.csv", content), "line 3 has 3 fields", "decimal commas", 'sep=";", decimal=","')


@pytest.mark.parametrize("content", ["id,u\na,1,\nb,2,\n", "id,u\na,1,\n,,\n", "id,u\na,,\n"])
def test_a_separator_at_the_end_of_each_line(write, content):
    refuses(write("m.csv", content), "line 2 has 3 fields", "cause: a separator at the end of each line (delete it).")
    refuses(write("m.csv", "id,u,\na,1,\n"), "no name to column 3", "a separator at the end of each line")


def test_row_names_from_r(write):
    refuses(write("m.tsv", "a\tb\nr1\t1\t2\nr2\t3\t4\n"), "line 2 has 3 fields", "row.names = FALSE")


def test_a_title_or_a_blank_line_above_the_header(write):
    refuses(write("m.csv", "My mice\nid,x,y\na,1,2\n"), "line 2 has 3 fields, the header 1 column.", "title above")
    refuses(write("m.csv", "\nid,x\na,1\n"), "no name to column 1", "title above")


def test_rows_shorter_than_the_header(write):
    refuses(write("m.csv", "a,b,c\r\n1,2,3\r\n1,2\r\n"), "line 3 has 2 fields, the header 3 columns", "field empty")
    refuses(write("m.csv", "a,b\n1,2\n3\n"), "line 3 has 1 field, the header 2 columns")


@pytest.mark.parametrize("content", ["a,b\n1,2\n\n3,4\n", "a\n1\n\n2\n", "a,b\n1,2\n  \n3,4\n"])
def test_a_blank_line_within_the_table(write, content):
    refuses(write("m.csv", content), "m.csv: line 3 holds nothing", "Delete what is empty, or write NA")


def test_rows_of_empty_cells_within_the_table(write):
    refuses(write("m.csv", "a,b\n,\n1,2\n,,\n3,4\n,\n"), "m.csv: lines 2, 4 hold nothing", "write NA")
    rows = [["a", "b"], [None, None], [1, 2], [None, ""], [3, 4], [None, None]]
    refuses(write("m.xlsx", rows), "m.xlsx: rows 2, 4 hold nothing", "write NA")
    refuses(write("m.xlsx", [["a"], [None], [1]]), "m.xlsx: row 2 holds nothing", "write NA")


def test_merged_cells(write, tmp_path):
    path = write("m.xlsx", [["My mice", None], ["id", "x"], ["a", 1], [None, 2]])
    for area in ("A3:A4", "A1:B1", "B4:C4"):
        book = openpyxl.load_workbook(path)
        book.active.merge_cells(area)
        book.save(tmp_path / "merged.xlsx")
        refuses(tmp_path / "merged.xlsx", f"in the sheet 'Sheet' the cells {area} are merged", "Unmerge", "title")


def test_formulas_without_results(write):
    message = "m.xlsx: row 2 holds a formula without a result (cell B2)", "open and save it in Excel"
    refuses(write("m.xlsx", [["x", "y"], [1, "=A2*2"], [2, "=A3*2"]]), *message, numeric="x")
    # They are not below the table either.
    refuses(write("m.xlsx", [["x"], [1], ["=A2*2"]]), "row 3 holds a formula without a result (cell A3)")
    refuses(write("m.xlsx", [["x"], *([f"=B{n}"] for n in range(5))]), "(cell A4) and 2 more.")


def test_quotation_marks_out_of_place(write):
    refuses(write("m.csv", 'a,b\n1,2\n"x,3\ny,4\n'), "the row that starts on line 3", "quotation mark", "Close it")
    refuses(write("m.csv", 'a,b\n"x" y,3\n'), "line 2", "quotation mark is out of place")
    refuses(write("m.csv", '"a" x,b\n"p" q,2\n'), "line 1", "quotation mark is out of place")


def test_repeated_column_names(write):
    for path in (write("m.csv", "a,b,a\n1,2,3\n"), write("m.xlsx", [["a", "b", "a"], [1, 2, 3]])):
        refuses(path, "the header holds 'a' 2 times", "its own name")


def test_columns_without_a_name(write):
    for path in (write("m.csv", "a,,b, \n1,2,3,4\n"), write("m.xlsx", [["a", None, "b", " "], [1, 2, 3, 4]])):
        refuses(path, "no name to column 2, 4", "Name every column", "R or pandas", "title")


# --- What it refuses: columns ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["numeric", "text", "unique"])
@pytest.mark.parametrize("asked", ["urea", "UREA MG/DL", "urea mg/dl"])
def test_a_missing_column(write, role, asked):
    path = write("m.csv", "animal, Urea mg/dl \nx,1\n")
    near = "m.csv has no column", repr(asked), "Closest: ' Urea mg/dl '", "Its columns: 'animal', ' Urea mg/dl '."
    refuses(
        path, *(near if asked != "urea" else (near[0], repr(asked), near[3])), error=UnknownNameError, **{role: asked}
    )


def test_a_missing_column_with_nothing_like_it(write):
    with pytest.raises(KeyError) as error:
        read_table(write("m.csv", "animal,urea\nx,1\n"), numeric=["zzz", "uera"])
    assert str(error.value) == (
        "m.csv has no column 'zzz'. m.csv has no column 'uera'. Closest: 'urea'. Its columns: 'animal', 'urea'."
    )


def test_text_among_numbers(write):
    path = write("m.csv", 'note,urea\n"two\nlines",1\nx,n.d.\nx,>5\nx,2.5\nx,?\nx,1_000\nx,0x1A\n')
    refuses(
        path,
        "m.csv: column 'urea' must hold numbers; line 4 holds 'n.d.', line 5 holds '>5', line 7 holds '?' and 2 more.",
        "leave them empty",
        "Category codes", "ranks of labels, not measurements",
        numeric="urea",
    )  # fmt: skip


def test_every_bad_column_is_named_at_once(write):
    path = write("m.csv", "id,urea,weight\na,x,1\na,2,y\n")
    for fragment in ("'urea' must hold numbers; line 2", "'weight' must hold numbers; line 3", "'id' must not repeat"):
        refuses(path, fragment, numeric=["urea", "weight"], unique="id")


def test_decimal_commas(write):
    path = write("m.tsv", "id\turea\na\t12.5\nb\t12,5\nc\tNA\n")
    refuses(path, "'urea'", "; line 3 holds '12,5'.", 'decimal=","', 'sep=";"', "Category codes", numeric="urea")
    path = write("m.csv", "id;urea\na;12,5\n")
    refuses(path, "line 2 holds '12,5'", 'pass decimal=","', numeric="urea", sep=";")


def test_decimal_points_among_decimal_commas(write):
    path = write("m.csv", "id;urea\na;12,5\nb;12.5\n")
    refuses(path, "; line 3 holds '12.5'.", 'leave out decimal=","', numeric="urea", sep=";", decimal=",")


@pytest.mark.parametrize("cell", ["1,234", "1.234,5", "1,234.5", "1 234", "1'234"])
@pytest.mark.parametrize("name", ["m.tsv", "m.csv"])
def test_thousands_are_never_guessed(write, name, cell):
    path = write(name, f"x\turea\na\t{cell}\n" if name == "m.tsv" else f'x,urea\na,"{cell}"\n')
    refuses(path, f"line 2 holds {cell!r}", "thousands", "never guessed", numeric="urea")


def test_thousands_with_decimal_commas(write):
    path = write("m.csv", "x;urea\na;1.234,5\n")
    refuses(path, "line 2 holds '1.234,5'", "thousands", numeric="urea", sep=";", decimal=",")


@pytest.mark.parametrize("cells", [["True", "FALSE"], ["true", "1"], ["True", ""]])
def test_booleans_are_no_numbers(write, tmp_path, cells):
    path = write("m.csv", "x,ok\n" + "".join(f"a,{cell}\n" for cell in cells))
    refuses(path, "column 'ok' must hold numbers; line 2 holds", "rue", numeric="ok")
    pd.DataFrame({"ok": [True, False]}).to_parquet(tmp_path / "m.parquet")
    for path in (write("m.xlsx", [["ok"], [True], [1]]), tmp_path / "m.parquet"):
        row = 2 if path.suffix == ".xlsx" else 1
        refuses(path, f"row {row} holds True", "True, False and dates are labels", numeric="ok")


@pytest.mark.parametrize("cell", ["inf", "-inf", "Infinity", "1e999"])
def test_infinite_numbers(write, cell):
    refuses(write("m.csv", f"x\n1\n{cell}\n"), "'x' must hold finite numbers; line 3 holds", "inf", numeric="x")


def test_a_column_of_numbers_without_a_number(write, tmp_path):
    pd.DataFrame({"id": ["a", "b"], "x": [None, None]}).to_parquet(tmp_path / "m.parquet")
    for path in (
        write("m.csv", "id,x\na,\nb,NA\n"),
        write("m.xlsx", [["id", "x"], ["a", None], ["b", "NA"]]),
        tmp_path / "m.parquet",
    ):
        refuses(path, "column 'x' must hold numbers; it is empty in every row. Fill it", numeric="x")


@pytest.mark.parametrize("numeric", [(), "x"])
@pytest.mark.parametrize("beside", ["", "0.5"])
def test_whole_numbers_that_would_change(write, numeric, beside):
    for number, read in ((2**53 + 1, 2**53), (-(2**53) - 1, -(2**53)), (2**60 + 1, 2**60)):
        path = write("m.csv", f"id,x\na,{number}\nb,{beside}\n")
        refuses(path, "column 'x' are too long", f"line 2 holds {number}, read as {read}.", "text=", numeric=numeric)


def test_whole_numbers_beyond_64_bits_that_would_change(write):
    for beside in ("1", "", "1.5"):
        path = write("m.csv", f"id,x\na,{2**70 + 1}\nb,{beside}\n")
        refuses(path, f"line 2 holds {2**70 + 1}, read as {2**70}. If they are ids", numeric="x")


def test_whole_numbers_that_would_change_in_excel_and_parquet(write, tmp_path):
    path = tmp_path / "m.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"x": [2**53 + 1, None]}), path)
    message = f"row 1 holds {2**53 + 1}, read as {2**53}.", "text="
    for numeric in ((), "x"):
        refuses(path, *message, numeric=numeric)
    for cells in (pd.array([2**53 + 1, None], dtype="Int64"), [decimal.Decimal(2**53 + 1), decimal.Decimal("1")]):
        pd.DataFrame({"x": cells}).to_parquet(path)
        refuses(path, *message, numeric="x")
    path = rewrite(write("m.xlsx", [["x", "y"], [2**53, 1], [None, 2]]), {str(2**53): str(2**53 + 1)})
    for numeric in ((), "x"):
        refuses(path, f"row 2 holds {2**53 + 1}, read as {2**53}.", "text=", numeric=numeric)


def test_infinite_numbers_in_parquet(tmp_path):
    pd.DataFrame({"x": [np.inf, 1]}).to_parquet(tmp_path / "m.parquet")
    refuses(tmp_path / "m.parquet", "'x' must hold finite numbers; row 1 holds inf", numeric="x")


def test_numbers_stored_as_text_in_excel(write):
    path = write("m.xlsx", [["urea"], [1.5], ["2.5"], ["3,5"]])
    refuses(path, "; row 3 holds '2.5', row 4 holds '3,5'.", "stored as text", "Text to Columns", numeric="urea")


def test_text_in_parquet_gets_no_advice_about_excel(tmp_path):
    path = tmp_path / "m.parquet"
    pd.DataFrame({"x": ["1.5", "2,5"], "day": [datetime.datetime(2024, 9, 2)] * 2}).to_parquet(path)
    for option, found in ({"numeric": "x"}, "stored as text"), ({"text": "day"}, "Write the labels as text"):
        with pytest.raises(ValueError, match=found) as error:
            read_table(path, **option)
        assert "Excel" not in str(error.value)


@pytest.mark.parametrize("role", ["numeric", "text", "unique"])
@pytest.mark.parametrize("cell", ["#DIV/0!", "#N/A"])
def test_excel_errors_are_neither_labels_nor_missing(write, role, cell):
    path = write("m.xlsx", [["x"], [1], [cell]])
    refuses(path, f"column 'x' holds errors of Excel; row 3 holds {cell!r}", "leave them empty", **{role: "x"})


@pytest.mark.parametrize("role", ["numeric", "text", "unique"])
@pytest.mark.parametrize(("cell", "kind"), [([1, 2], "ndarray [1 2]"), ({"a": 1}, "dict {'a': 1}")])
def test_lists_and_records_in_parquet(tmp_path, role, cell, kind):
    pd.DataFrame({"x": [None, cell]}).to_parquet(tmp_path / "m.parquet")
    refuses(tmp_path / "m.parquet", f"'x' must hold one value per cell; row 2 holds the {kind}.", **{role: "x"})


def test_repeated_names_in_parquet(tmp_path):
    path = tmp_path / "m.parquet"
    pyarrow.parquet.write_table(pyarrow.table([[1], [2]], names=["a", "a"]), path)
    refuses(path, "m.parquet: the file holds 'a' 2 times. Give every column its own name.")
    pd.DataFrame({"a": [1]}, index=pd.Index(["x"], name="a")).to_parquet(path)
    refuses(path, "m.parquet: the file, index and columns together, holds 'a' 2 times.")


def test_labels_that_excel_made_dates(write):
    path = write("m.xlsx", [["gene"], ["Actb"], [datetime.datetime(2024, 9, 2)]])
    refuses(path, "column 'gene' must hold text; row 3 holds 2024-09-02", "SEPT2", text="gene")
    refuses(write("m.xlsx", [["gene"], [True]]), "'gene' must hold text; row 2 holds True", text="gene")


def test_repeated_ids(write):
    path = write("m.csv", "id,x\n007,1\n7,2\nb,3\n007,4\nb,5\n")
    refuses(
        path, "column 'id' must not repeat", "'007' is in lines 2, 5, 'b' is in lines 4, 6.", text="id", unique="id"
    )
    refuses(write("m.xlsx", [["id"], [7], ["7"]]), "'7' is in rows 2, 3", text="id", unique=["id"])


def test_many_repeated_ids(write):
    path = write("m.csv", "id,x\n" + "a,1\n" * 5)
    refuses(path, "'a' is in lines 2, 3, 4 and 2 more", unique="id")


def test_ids_that_differ_by_outer_blanks(write):
    message = (
        "ids in column 'id' differ only by blanks at their ends: 'a' in line 2 and ' a' in line 4 and 'a ' in line 5"
    )
    refuses(write("m.csv", "id,x\na,1\nb,1\n a,2\na ,3\n"), message, "Take the blanks out", unique="id")
    path = write("m.xlsx", [["id"], ["a"], ["a\u00a0"], [1]])
    refuses(path, "'a' in row 2 and 'a\\xa0' in row 3", text="id", unique="id")


def test_missing_ids(write):
    path = write("m.csv", "id,x\na,1\n,2\nNA,3\n")
    refuses(path, "column 'id' is empty in line 3, line 4. Every row needs a value", text="id", unique="id")


# --- What it refuses: a schema ---------------------------------------------------------------------------------------


def test_a_schema_speaks_in_lines_too(write):
    path = write("m.csv", "group,weight\nC,20\nHP,72\nX,21\n")
    schema = pa.DataFrameSchema(
        {"group": pa.Column(str, pa.Check.isin(["C", "HP"])), "weight": pa.Column(int, pa.Check.in_range(10, 50))},
        checks=[
            pa.Check(lambda mice: mice["weight"] != 21, error="weight is not 21"),
            pa.Check(lambda mice: len(mice) == 4, error="four mice"),
        ],
    )
    for sentence in (
        "m.csv: column 'group' breaks the rule isin(['C', 'HP']); line 4 holds 'X'. Correct",
        "m.csv: column 'weight' breaks the rule in_range(10, 50); line 3 holds 72. Correct",
        "m.csv: the table breaks the rule weight is not 21; line 4. Correct",
        "m.csv: the table breaks the rule four mice. Correct",
    ):
        refuses(path, sentence, schema=schema)


def test_what_a_schema_coerces_is_coerced(write):
    path = write("m.csv", "group,weight\nHP,20\nC,21\n")
    levels = pd.CategoricalDtype(["C", "HP"])
    schema = pa.DataFrameSchema({"group": pa.Column(levels, coerce=True), "weight": pa.Column(float, coerce=True)})
    assert read_table(path, schema=schema).dtypes.tolist() == [levels, float]
    path = write("m.csv", "group,weight\nHP,20\nX,21\n")
    with pytest.raises(ValueError) as error:
        read_table(path, schema=schema)
    assert (
        str(error.value)
        == "m.csv: column 'group' breaks the rule dtype('category'); line 3 holds 'X'. Correct the file."
    )


def test_columns_and_types_of_a_schema(write):
    path = write("m.csv", "a,b\n1,2\n")
    columns = {"b": pa.Column(float), "a": pa.Column(int)}
    refuses(path, "column 'b' breaks the rule dtype('float64'); found int64", schema=pa.DataFrameSchema(columns))
    refuses(path, "the schema does not have", "in this place", schema=pa.DataFrameSchema(columns, ordered=True))
    refuses(path, "the schema does not have 'b'", schema=pa.DataFrameSchema({"a": pa.Column(int)}, strict=True))
    columns |= {"A ": pa.Column()}
    refuses(path, "no column 'A '. Closest: 'a'", error=UnknownNameError, schema=pa.DataFrameSchema(columns))


# --- The tables of the course ----------------------------------------------------------------------------------------


def test_mouse_scores():
    mice = load_mouse_scores()
    assert mice["animal"].tolist() == list(ANIMALS)
    assert mice["group"].dtype == pd.CategoricalDtype(["C", "HP", "CR"], ordered=False)
    assert mice["group"].value_counts().to_dict() == {"CR": 4, "C": 3, "HP": 3}


def test_mouse_scores_are_those_r_read():
    in_r = pd.read_csv(data.FOLDER.parent / "tests" / "reference" / "mouse" / "mouse.csv")
    mice = load_mouse_scores()
    assert mice["animal"].tolist() == in_r["Animal.ID"].tolist()
    assert mice["group"].tolist() == in_r["prefix"].tolist()
    assert (mice["group"].cat.codes + 1).tolist() == in_r["group"].tolist()
    for ours, theirs in {
        "urea": "urea",
        "weight": "weight",
        "urea_score": "urea.score",
        "weight_score": "weight.score",
        "total_score": "total.score",
        "gene_x": "Gene.X",
    }.items():
        assert mice[ours].tolist() == in_r[theirs].tolist()


@pytest.mark.parametrize(
    ("old", "new", "fragment"),
    [
        ("C22,C,", "C22,X,", "column 'group' breaks the rule dtype('category'); line 8 holds 'X'"),
        (
            "C22,C,",
            "C23,C,",
            "column 'animal' breaks the rule isin",
        ),
        ("C22,C,", "C20,C,", "column 'animal' must not repeat a value; 'C20' is in lines 8, 9"),
        ("35.59", "0", "column 'urea' breaks the rule greater_than(0); line 2 holds 0.0"),
        ("23.5", "5.5", "column 'weight' breaks the rule in_range(10, 50); line 2 holds 5.5"),
        ("1,1,2,", "0,2,2,", "column 'urea_score' breaks the rule isin([1, 2, 3, 4]); line 2 holds 0"),
        ("1,1,2,", "1,1,3,", "breaks the rule total_score = urea_score + weight_score; line 2"),
        ("2.0634403441122", "2.0634", "column 'gene_x' breaks the rule mean 0"),
        ("2.0634403441122", "2.0634", "column 'gene_x' breaks the rule standard deviation 1"),
        ("gene_x", "gene_y", "mouse_scores.csv has no column 'gene_x'. Closest: 'gene_y'"),
        ("gene_x\n", "gene_x,sex\n", "line 2 has 8 fields, the header 9 columns"),
        ("C24,C,340.81,20,4,4,8,2.0634403441122\n", "", "the table breaks the rule one row per animal"),
        ("urea_score,weight_score", "weight_score,urea_score", "or not in this place"),
        ("35.59", "", "column 'urea' is empty in line 2"),
    ],
)
def test_mouse_scores_are_checked(tmp_path, monkeypatch, old, new, fragment):
    content = (data.FOLDER / "mouse_scores.csv").read_text()
    assert old in content
    (tmp_path / "mouse_scores.csv").write_text(content.replace(old, new, 1))
    monkeypatch.setattr("helpers.data.course_tables.FOLDER", tmp_path)
    with pytest.raises((ValueError, KeyError), match=re.escape(fragment)):
        load_mouse_scores()


def test_mouse_counts():
    counts = load_mouse_counts()
    assert counts.shape == (2_000, 10)
    assert counts.index.name == "gene"
    assert counts.index.is_unique
    assert counts.columns.tolist() == load_mouse_scores()["animal"].tolist()
    assert set(counts.dtypes) == {np.dtype("int64")}
    assert (counts >= 0).all(axis=None)


def test_mouse_counts_truth():
    truth = load_mouse_counts_truth()
    assert truth.index.equals(load_mouse_counts().index)
    effects = ["beta_urea", "beta_weight", "group_hp", "group_cr"]
    assert truth.columns.tolist() == ["driver", *effects, "base_mean", "dispersion"]
    assert set(truth["driver"]) == {"urea", "weight", "group", "none"}
    assert (truth.loc[truth["driver"] == "none", effects] == 0).all(axis=None)
    assert (truth.loc[truth["driver"] == "urea", "beta_urea"] != 0).all()


@pytest.mark.parametrize(
    ("name", "load", "change", "fragment"),
    [
        (
            "mouse_counts.csv.gz",
            load_mouse_counts,
            {"C22": -1},
            "column 'C22' breaks the rule greater_than_or_equal_to(0); line 2",
        ),
        ("mouse_counts.csv.gz", load_mouse_counts, {"C22": 0.5}, "column 'C22' breaks the rule dtype('int64')"),
        ("mouse_counts.csv.gz", load_mouse_counts, {"gene": "gene_0002"}, "'gene_0002' is in lines 2, 3"),
        (
            "mouse_counts_truth.csv.gz",
            load_mouse_counts_truth,
            {"dispersion": 0},
            "column 'dispersion' breaks the rule",
        ),
        ("mouse_counts_truth.csv.gz", load_mouse_counts_truth, {"driver": "sex"}, "'driver' breaks the rule isin"),
        (
            "mouse_counts_truth.csv.gz",
            load_mouse_counts_truth,
            {"driver": "none", "beta_urea": 1},
            "beta_urea is not 0 where",
        ),
    ],
)
def test_counts_and_truth_are_checked(tmp_path, monkeypatch, name, load, change, fragment):
    table = pd.read_csv(data.FOLDER / name, na_filter=False).astype(object)
    table.loc[0, list(change)] = list(change.values())
    table.to_csv(tmp_path / name, index=False)
    monkeypatch.setattr("helpers.data.course_tables.FOLDER", tmp_path)
    with pytest.raises(ValueError, match=re.escape(fragment)):
        load()


@pytest.mark.parametrize("load", [load_mouse_counts, load_mouse_counts_truth])
def test_every_gene_is_there(tmp_path, monkeypatch, load):
    name = f"{load.__name__.removeprefix('load_')}.csv.gz"
    pd.read_csv(data.FOLDER / name, na_filter=False).head(1_999).to_csv(tmp_path / name, index=False)
    monkeypatch.setattr("helpers.data.course_tables.FOLDER", tmp_path)
    with pytest.raises(ValueError, match="the table breaks the rule 2000 genes"):
        load()


def test_modification_lengths():
    lengths = load_modification_lengths()
    assert lengths.columns.tolist() == ["replicate", "condition", "gene_name", "length"]
    assert lengths["condition"].dtype == pd.CategoricalDtype(["NO DRUG", "DRUG"], ordered=False)
    assert lengths["gene_name"].dtype == pd.CategoricalDtype(["C", "A", "B"], ordered=False)
    assert lengths["replicate"].dtype == pd.CategoricalDtype(["rep1", "rep2", "rep3", "rep4"], ordered=False)
    assert len(lengths) == 22_569
    assert (lengths["length"] > 0).all()


def test_modification_lengths_fill_the_cells_of_the_recipe():
    recipe = json.loads((data.FOLDER.parent / "tests" / "reference" / "lengths" / "recipe.json").read_text())
    lengths = load_modification_lengths()
    cell = lengths["gene_name"].astype(str) + lengths["condition"].map({"NO DRUG": "0", "DRUG": "1"}).astype(str)
    found = pd.crosstab(lengths["replicate"], cell)[recipe["cells"]]
    assert found.to_numpy().tolist() == recipe["n"]


def test_modification_lengths_are_what_their_script_makes(tmp_path):
    specification = importlib.util.spec_from_file_location("make", data.FOLDER / "make" / "modification_lengths.py")
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    script.write(tmp_path)
    made, kept = (folder / "modification_lengths.csv.gz" for folder in (tmp_path, data.FOLDER))
    assert gzip.decompress(made.read_bytes()) == gzip.decompress(kept.read_bytes())
    assert (tmp_path / "modification_lengths_truth.csv").read_text() == (
        data.FOLDER / "modification_lengths_truth.csv"
    ).read_text()
    in_r = pd.read_csv(data.FOLDER.parent / "tests" / "reference" / "lengths" / "lengths.csv.gz")
    pd.testing.assert_frame_equal(load_modification_lengths().astype(in_r.dtypes.to_dict()), in_r, check_exact=True)


def test_what_was_planted_in_the_lengths_is_what_their_rows_scatter_around():
    """The mean of each cell lies within four standard errors of level + drug effect + shift of its replicate."""
    truth, lengths = load_modification_lengths_truth(), load_modification_lengths()
    assert truth["SD"]["drug effects of replicates"] == 0
    cells = np.log(lengths["length"]).groupby(
        [lengths["gene_name"], lengths["condition"], lengths["replicate"]], observed=True
    )
    for (gene, condition, replicate), logs in cells:
        planted = truth["level"][gene] + truth["shift"][replicate] + (condition == "DRUG") * truth["drug effect"][gene]
        assert abs(logs.mean() - planted) < 4 * truth["SD"]["rows"] / np.sqrt(len(logs))


def test_sleepstudy_is_that_of_lme4():
    in_r = pd.read_csv(
        data.FOLDER.parent / "tests" / "reference" / "classic" / "sleepstudy.csv", dtype={"Subject": str}
    )
    pd.testing.assert_frame_equal(load_sleepstudy(), in_r[["Subject", "Days", "Reaction"]], check_exact=True)


@pytest.mark.parametrize(
    ("change", "fragment"),
    [
        ({"Days": 10}, "column 'Days' breaks the rule isin"),
        ({"Reaction": 0}, "column 'Reaction' breaks the rule greater_than(0); line 2 holds 0"),
        ({"Subject": "373"}, "18 subjects"),
    ],
)
def test_sleepstudy_is_checked(tmp_path, monkeypatch, change, fragment):
    table = pd.read_csv(data.FOLDER / "sleepstudy.csv").astype(object)
    table.loc[0, list(change)] = list(change.values())
    table.to_csv(tmp_path / "sleepstudy.csv", index=False)
    monkeypatch.setattr("helpers.data.course_tables.FOLDER", tmp_path)
    with pytest.raises(ValueError, match=re.escape(fragment)):
        load_sleepstudy()


@pytest.mark.parametrize(
    ("change", "fragment"),
    [
        ({"length": 0}, "column 'length' breaks the rule greater_than(0); line 2 holds 0"),
        ({"condition": "drug"}, "column 'condition' breaks the rule dtype('category'); line 2 holds 'drug'"),
        ({"gene_name": "D"}, "column 'gene_name' breaks the rule dtype('category'); line 2 holds 'D'"),
        ({"replicate": "rep5"}, "column 'replicate' breaks the rule dtype('category'); line 2 holds 'rep5'"),
        ({"replicate": "rep1"}, "the table breaks the rule 1034 rows of rep1, 5112 rows of rep2"),
    ],
)
def test_modification_lengths_are_checked(tmp_path, monkeypatch, change, fragment):
    table = pd.read_csv(data.FOLDER / "modification_lengths.csv.gz").astype(object)
    assert table.loc[0, "replicate"] == "rep3"
    table.loc[0, list(change)] = list(change.values())
    table.to_csv(tmp_path / "modification_lengths.csv.gz", index=False)
    monkeypatch.setattr("helpers.data.course_tables.FOLDER", tmp_path)
    with pytest.raises(ValueError, match=re.escape(fragment)):
        load_modification_lengths()

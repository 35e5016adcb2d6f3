"""Count tables as featureCounts, HTSeq, STAR and salmon write them, and as a spreadsheet leaves them."""

import numpy as np
import pandas as pd
import pytest
from report_running import prepared, run_template

from helpers.report.counts.count_checks import gene_names
from helpers.report.counts.count_files import names_like_dates, samples_of

NAMES = [f"s{i}" for i in range(1, 9)]
GENES = [f"g{i}" for i in range(60)]
DRAWN = np.random.default_rng(2).negative_binomial(5, 0.05, (60, 8))


@pytest.fixture
def counts():
    return pd.DataFrame(DRAWN, index=pd.Index(GENES, name="gene"), columns=NAMES)


@pytest.fixture
def ask(tmp_path):
    """The study of these counts, and of a sheet of four samples each of a and b."""

    def find(counts, formula="~ condition", sheet=None, **parameters):
        path = tmp_path / "counts.csv"
        path.write_text(counts) if isinstance(counts, str) else counts.to_csv(path)
        if sheet is None:
            sheet = pd.DataFrame({"sample": NAMES, "condition": list("aaaabbbb")})
        sheet.to_csv(tmp_path / "samples.csv", index=False)
        return prepared("counts", data=path, samples=tmp_path / "samples.csv", formula=formula, **parameters)

    return find


def test_a_table_of_featurecounts_is_read_as_it_comes(ask, counts, tmp_path):
    table = counts.set_axis([f"/data/bam/{name}.sorted.bam" for name in NAMES], axis=1)
    for name, value in {"Length": 900, "Strand": "+", "End": 1900, "Start": 1000, "Chr": "chr1"}.items():
        table.insert(0, name, value)
    written = table.rename_axis("Geneid").to_csv(sep="\t")
    path = tmp_path / "counts.txt"
    path.write_text('# Program:featureCounts v2.0.1; Command:"featureCounts" "-T" "4"\n' + written)
    sheet = pd.DataFrame({"sample": NAMES, "condition": list("aaaabbbb")})
    sheet.to_csv(tmp_path / "samples.csv", index=False)
    study = prepared("counts", data=path, samples=tmp_path / "samples.csv", formula="~ condition")
    assert study.counts.columns.tolist() == NAMES
    assert (study.counts.to_numpy() == DRAWN).all()
    notes = " ".join(study.source.notes)
    assert "'Chr', 'Start', 'End', 'Strand' and 'Length' describe the genes and are no sample." in notes
    assert "8 columns of the counts were matched to the sample sheet" in notes
    assert "'/data/bam/s1.sorted.bam' is 's1'" in notes
    path.write_text(path.read_text().replace("\tchr1\t1000\t1900\t+\t900\t", "\tchr1\t1000\t1900\t+\t900\tx", 1))
    with pytest.raises(ValueError, match=r"line 3"):  # lines are counted from the top of the file
        prepared("counts", data=path, samples=tmp_path / "samples.csv", formula="~ condition")


@pytest.mark.parametrize(
    "rows",
    [
        ["__no_feature", "__ambiguous", "__too_low_aQual", "__not_aligned", "__alignment_not_unique"],
        ["N_unmapped", "N_multimapping", "N_noFeature", "N_ambiguous"],
    ],
)
def test_reads_of_no_gene_are_left_out_and_said(ask, counts, rows):
    summary = pd.DataFrame(1000, index=pd.Index(rows, name="gene"), columns=NAMES)
    study = ask(pd.concat([summary, counts]))
    assert study.n_genes == 60
    assert study.counts.index.tolist() == GENES
    assert f"The rows '{rows[0]}'" in study.source.notes[-1]
    assert "are no genes and were left out" in study.source.notes[-1]


def test_estimated_counts_are_rounded_only_where_the_reader_says_so(ask, counts):
    estimated = counts + 0.25
    with pytest.raises(ValueError, match=r"DATA holds fractions, such as \S+ for 'g0' in 's1'\. .*ROUND=yes.*TPM"):
        ask(estimated)
    study = ask(estimated, round="yes")
    assert (study.counts.to_numpy() == DRAWN).all()
    assert "480 estimated counts rounded to whole numbers" in study.source.notes[-1]


def test_a_column_of_symbols_is_no_sample_and_can_be_shown(ask, counts):
    table = counts.assign(symbol=[name.upper() for name in GENES])
    assert ask(table).symbols is None
    study = ask(table, symbol="symbol")
    assert study.symbols["g7"] == "G7"
    with pytest.raises(
        ValueError, match=r"SYMBOL names 'symbl', which is no column of text in DATA. Closest: 'symbol'"
    ):
        ask(table, symbol="symbl")


def test_samples_are_matched_by_the_beginning_of_a_files_name():
    columns = ["s1_R1", "s10_R1", "runs/s2.Aligned.sortedByCoord.out.bam", "S3"]
    assert samples_of(columns, ["s1", "s10", "s2", "s3"]) == {
        "s1_R1": "s1",
        "s10_R1": "s10",
        "runs/s2.Aligned.sortedByCoord.out.bam": "s2",
    }
    assert samples_of(["s1_a", "s1_b"], ["s1"]) == {}  # which of the two, nobody can tell
    assert samples_of(["s1", "s1_b"], ["s1"]) == {"s1": "s1"}


def test_samples_can_be_left_out_by_name(ask, counts):
    study = ask(counts, drop="s2, s7")
    assert study.counts.columns.tolist() == ["s1", "s3", "s4", "s5", "s6", "s8"]
    assert "'s2' and 's7' were left out (DROP)." in study.source.notes
    with pytest.raises(ValueError, match=r"DROP names 's22', which is no sample of SAMPLES. Closest: 's2'"):
        ask(counts, drop="s22")


def test_a_sheet_and_counts_of_other_samples_are_refused_with_a_way_out(ask, counts):
    with pytest.raises(ValueError, match=r"DATA has no sample 's7', 's8'.*DROP="):
        ask(counts[NAMES[:6]])
    sheet = pd.DataFrame({"sample": NAMES[:6], "condition": list("aaabbb")})
    with pytest.raises(ValueError, match=r"SAMPLES has no row for 's7', 's8'.*DROP="):
        ask(counts, sheet=sheet)


def test_an_empty_cell_of_the_sheet_is_refused_with_its_sample(ask, counts):
    sheet = pd.DataFrame({"sample": NAMES, "condition": list("aaaabbbb"), "sex": ["m", None, *"fmfmfm"]})
    with pytest.raises(ValueError, match=r"samples.csv: column 'sex' is empty for the sample 's2'.*DROP=s2"):
        ask(counts, "~ sex + condition", sheet)
    assert len(ask(counts, "~ condition", sheet).samples) == 8
    assert len(ask(counts, "~ sex + condition", sheet, drop="s2").samples) == 7


def test_a_formula_without_an_intercept_is_refused_with_the_one_that_answers(ask, counts):
    with pytest.raises(ValueError, match=r"FORMULA=~ 0 \+ condition has no intercept.*Write ~ condition;"):
        ask(counts, "~ 0 + condition")


def test_the_sheet_has_a_separator_of_its_own(ask, counts, tmp_path):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("sample;age\n" + "\n".join(f"{name};{i},5" for i, name in enumerate(NAMES)))
    counts.to_csv(tmp_path / "c.csv")
    given = {"data": tmp_path / "c.csv", "samples": sheet, "formula": "~ age"}
    study = prepared("counts", **given, samples_sep="semicolon", samples_decimal=",")
    assert study.samples["age"].tolist() == [i + 0.5 for i in range(8)]


def test_genes_that_became_dates_are_a_problem(ask, counts):
    assert names_like_dates(["1-Mar", "2-Sep", "Mar-01", "2023-03-01 00:00:00", "g1", "MARCHF1", "1-8D"]) == [
        *("1-Mar", "2-Sep", "Mar-01", "2023-03-01 00:00:00")
    ]
    check = gene_names(ask(counts.set_axis(["1-Mar", "2-Sep", *GENES[2:]]).rename_axis("gene")))
    assert check.verdict == "problem"
    assert "2 names are dates: '1-Mar', '2-Sep'" in check.sentence
    assert gene_names(ask(counts)) is None


def test_two_groups_give_a_report_and_no_crash(tmp_path):
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"site": np.repeat(["a", "b"], 20), "drug": np.tile(["n", "y"], 20), "y": rng.normal(size=40)})
    table.to_csv(tmp_path / "two.csv", index=False)
    none = {"contrast": "", "by": "", "reference": ""}
    variables, _ = run_template(
        "mixed_model", data=str(tmp_path / "two.csv"), formula="y ~ drug + (1 | site)", folder="", **none
    )
    (check,) = [one for one in variables["verdicts"].checks if one.name == "influence"]
    assert check.verdict == "problem"
    assert "No group can be checked" in check.sentence


# --- A folder with a file per sample ----------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, counts):
    """A function that writes a file per sample, by its name and counts, and asks."""

    def ask(write, **parameters):
        where = tmp_path / "files"
        where.mkdir(exist_ok=True)
        for name in NAMES:
            write(where, name, counts[name])
        pd.DataFrame({"sample": NAMES, "condition": list("aaaabbbb")}).to_csv(tmp_path / "samples.csv", index=False)
        return prepared("counts", data=where, samples=tmp_path / "samples.csv", formula="~ condition", **parameters)

    return ask


def star(share):
    """A writer of STAR's files; `share` of the reads lies on the first strand."""

    def write(where, name, column):
        first = (column * share).round().astype(int)
        lines = ["N_unmapped\t9\t9\t9", "N_noFeature\t5\t900\t900"]
        lines += [f"{gene}\t{n}\t{f}\t{n - f}" for gene, n, f in zip(column.index, column, first, strict=True)]
        (where / f"{name}.ReadsPerGene.out.tab").write_text("\n".join(lines) + "\n")

    return write


def htseq(where, name, column):
    lines = [*(f"{gene}\t{n}" for gene, n in column.items()), "__no_feature\t80", "__ambiguous\t2"]
    (where / f"{name}_L001.counts").write_text("\n".join(lines) + "\n")


def feature_counts(where, name, column):
    head = ["# Program:featureCounts", f"Geneid\tChr\tStart\tEnd\tStrand\tLength\t/bam/{name}.bam"]
    lines = [f"{gene}\tchr1\t1\t900\t+\t900\t{n}" for gene, n in column.items()]
    (where / f"{name}.txt").write_text("\n".join([*head, *lines]) + "\n")
    (where / f"{name}.txt.summary").write_text("Status\tx\n")


@pytest.mark.parametrize("write", [star(0.5), htseq, feature_counts])
def test_a_folder_of_files_is_put_together(folder, write):
    study = folder(write)
    assert study.counts.columns.tolist() == NAMES
    assert (study.counts.to_numpy() == DRAWN).all()
    assert "The counts of 8 samples were read from a file each." in study.source.notes
    left = folder(write, drop="s3")
    assert left.counts.columns.tolist() == [name for name in NAMES if name != "s3"]
    assert "1 file of the folder is no sample's." in left.source.notes


@pytest.mark.parametrize(("share", "strand", "part"), [(0.02, "reverse", 0.98), (0.98, "forward", 0.98)])
def test_stars_column_is_that_of_the_strand_with_the_reads(folder, share, strand, part):
    study = folder(star(share))
    assert np.abs(study.counts.to_numpy() - part * DRAWN).max() <= 1
    assert any(f"STAR's column of {strand} libraries was taken" in note for note in study.source.notes)
    asked = folder(star(share), strand="unstranded")
    assert (asked.counts.to_numpy() == DRAWN).all()


def test_a_strand_that_cannot_be_told_is_asked_for(folder):
    with pytest.raises(ValueError, match=r"One strand has \S+ times the reads of the other.*Say STRAND="):
        folder(star(0.25))


def broken(change):
    """HTSeq's files, that of s2 with something wrong."""

    def write(where, name, column):
        htseq(where, name, column)
        file = where / f"{name}_L001.counts"
        if name == "s2":
            change(file)

    return write


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda file: file.unlink(), r"no file, or several, for the sample 's2'.*DROP="),
        (lambda file: file.write_text(file.read_text().replace("g7\t", "h7\t")), r"'s1' and 's2' hold other genes"),
        (lambda file: file.write_text(file.read_text().replace("g8\t", "g7\t")), r"the gene 'g7' more than once"),
        (lambda file: file.write_text(file.read_text() + "g99\tmany\n"), r"'s2' has 'many' as the count of 'g99'"),
        (lambda file: file.write_text(file.read_text() + "g99\n"), r"s2_L001.counts has lines of 1 and 2 columns"),
        (lambda file: file.write_text(file.read_text().replace("\t", "\t1\t")), r"'s1' and 's2' have 2 and 3 columns"),
    ],
)
def test_files_that_do_not_go_together_are_refused(folder, change, told):
    with pytest.raises(ValueError, match=told):
        folder(broken(change))


def test_a_folder_of_something_else_is_refused(folder, tmp_path):
    with pytest.raises(ValueError, match=r"The folder files holds no file of counts"):
        folder(lambda where, name, column: (where / f"{name}.bam").write_text("x"))
    with pytest.raises(ValueError, match=r"leave GENE and SYMBOL out"):
        folder(htseq, symbol="symbol")


def test_files_of_transcripts_are_refused_with_what_makes_genes_of_them(folder):
    head = "Name\tLength\tEffectiveLength\tTPM\tNumReads\n"
    with pytest.raises(ValueError, match=r"a row per transcript. Sum them to genes first"):
        folder(lambda where, name, column: (where / f"{name}.sf").write_text(f"{head}t1\t900\t700\t5.0\t12.5\n"))


# --- Lengths of transcripts -------------------------------------------------------------------------------------------


def test_counts_are_scaled_as_tximport_scales_them(ask, counts, tmp_path):
    """tximport's lengthScaledTPM: TPM times the gene's mean length, then the sample's own number of reads."""
    rng = np.random.default_rng(4)
    estimated = counts + rng.uniform(0, 0.9, counts.shape)
    lengths = pd.DataFrame(rng.uniform(500, 3000, counts.shape), counts.index, NAMES)
    lengths.sample(frac=1, random_state=1)[NAMES[::-1]].to_csv(tmp_path / "lengths.csv")  # in any order
    study = ask(estimated, lengths=tmp_path / "lengths.csv", min_count="0", min_total="0")
    tpm = estimated / lengths / (estimated / lengths).sum() * 1e6
    for name in NAMES:
        expected = tpm[name] * lengths.mean(axis=1)
        expected = (expected / expected.sum() * estimated[name].sum()).round()
        np.testing.assert_array_equal(study.counts[name], expected[study.counts.index])
    assert "Counts were scaled by the lengths of transcripts in LENGTHS." in study.source.notes
    even = ask(counts, lengths=_written(tmp_path, lengths * 0 + 700), min_count="0", min_total="0")
    assert (even.counts.to_numpy() == DRAWN).all()


def _written(folder, table):
    table.to_csv(folder / "even.csv")
    return folder / "even.csv"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda table: table.drop(index="g7"), r"LENGTHS has no row for the gene 'g7'"),
        (lambda table: table.drop(columns="s7"), r"LENGTHS has no sample 's7'"),
        (lambda table: table.assign(s2=0.0), r"LENGTHS has 0 for the gene 'g0' in 's2'. A length is above 0"),
    ],
)
def test_lengths_that_do_not_fit_the_counts_are_refused(ask, counts, tmp_path, change, told):
    lengths = change(pd.DataFrame(900.0, counts.index, NAMES))
    with pytest.raises(ValueError, match=told):
        ask(counts, lengths=_written(tmp_path, lengths))

"""Anyone's leads from a CSV file."""

import gzip

import numpy as np
import pytest

from benchmarks.csv_columns import typed
from benchmarks.leads_csv import read_csv


def written(tmp_path, text, encoding="utf-8", name="leads.csv"):
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode(encoding)) if name.endswith(".gz") else text.encode(encoding))
    return path


def lines(rows, header="source,visits,Won,hold"):
    return "\n".join([header, *rows, ""])


ROWS = ["Web,3,1,0", "Fair,1,0,0", "Web,,1,1", "Café,2,0,1"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-8", "a.csv"), ("utf-8-sig", "a.csv.gz"), ("utf-16", "a.csv"), ("cp1252", "a.csv")]
)
def test_separator_and_encoding_are_found_out(tmp_path, separator, encoding, name):
    path = written(tmp_path, lines(ROWS).replace(",", separator), encoding, name)
    leads = read_csv(path, "Won", "hold")
    assert leads.columns == {"source": ["Web", "Fair", "Web", "Café"], "visits": [3.0, 1.0, None, 2.0]}
    assert leads.won.tolist() == [1, 0, 1, 0] and leads.hold.tolist() == [False, False, True, True]


def test_fields_with_separators_and_line_breaks_are_read_when_quoted(tmp_path):
    path = written(tmp_path, lines(['"Web, paid",1,1,0', '"two\nlines",1,0,0', "a,2,1,1", "b,2,0,1"]))
    assert read_csv(path, "Won", "hold").columns["source"][:2] == ["Web, paid", "two\nlines"]


@pytest.mark.parametrize(
    ("yes", "no"),
    [("1", "0"), ("Yes", "No"), ("TRUE", "false"), ("won", "lost"), ("1.0", "0.0"), ("Converted", "open"), ("x", "no")],
)
def test_usual_words_for_won_and_lost_are_understood(tmp_path, yes, no):
    text = lines([f"a,1,{yes},0", f"a,2,{no},0", f"b,1,{yes},1", f"b,1,{no},1"])
    assert read_csv(written(tmp_path, text), "Won", "hold").won.tolist() == [1, 0, 1, 0]


def test_other_words_need_the_value_that_means_won(tmp_path):
    text = lines(["a,1,sold,0", "a,2,gone,0", "b,1,sold,1", "b,1,never,1"])
    path = written(tmp_path, text)
    with pytest.raises(SystemExit, match=r"'Won' holds 'gone', 'never', 'sold'.*--won VALUE"):
        read_csv(path, "Won", "hold")
    assert read_csv(path, "Won", "hold", won="Sold").won.tolist() == [1, 0, 1, 0]
    with pytest.raises(SystemExit, match=r"No row has 'bought' in 'Won'"):
        read_csv(path, "Won", "hold", won="bought")


def test_leads_without_an_outcome_are_left_out_and_counted(tmp_path, capsys):
    leads = read_csv(written(tmp_path, lines([*ROWS, "Web,9,,0", "Web,9,N/A,1"])), "Won", "hold")
    assert len(leads.won) == 4
    assert "2 rows without a value in 'Won' are left out" in capsys.readouterr().err


@pytest.mark.parametrize(("judged", "learned"), [("1", "0"), ("test", "train"), ("True", "False"), ("yes", "")])
def test_usual_words_for_the_hold_out_are_understood(tmp_path, judged, learned):
    text = lines([f"a,1,1,{learned}", f"a,1,0,{learned}", f"a,1,1,{judged}", f"a,1,0,{judged}"])
    assert read_csv(written(tmp_path, text), "Won", "hold").hold.tolist() == [False, False, True, True]


def test_a_hold_out_of_other_values_is_refused_with_the_remedy(tmp_path):
    text = lines(["a,1,1,2019", "a,1,0,2020", "a,1,1,2021", "a,1,0,2021"])
    with pytest.raises(SystemExit, match=r"'hold' holds '2019', '2020', '2021': it must be 1 .* Without --hold"):
        read_csv(written(tmp_path, text), "Won", "hold")
    with pytest.raises(SystemExit, match=r"'hold' holds '1'"):
        read_csv(written(tmp_path, lines(["a,1,1,1", "a,1,0,1"])), "Won", "hold")


def test_without_a_hold_column_the_last_rows_are_judged_on(tmp_path):
    rows = [f"a,{number},{number % 2},0" for number in range(10)]
    assert np.flatnonzero(read_csv(written(tmp_path, lines(rows)), "Won", None).hold).tolist() == [7, 8, 9]


STAGES = ("Won", "Won", "Lost", "Lost", "New", "Proposal", "")
DEALS = [f"{'Web' if n % 3 else 'Fair'},{n},{stage},{n % 2}" for n, stage in enumerate(STAGES)]


@pytest.mark.parametrize("said", [{"won": "Won", "lost": ["Lost"]}, {"won": "won"}, {"lost": ["LOST"]}])
def test_deals_that_are_neither_won_nor_lost_are_left_out_and_counted(tmp_path, capsys, said):
    leads = read_csv(written(tmp_path, lines(DEALS)), "Won", "hold", **said)
    assert leads.won.tolist() == [1, 1, 0, 0]
    told = capsys.readouterr().err
    assert "1 rows with 'New' in 'Won' are left out" in told
    assert "1 rows with 'Proposal'" in told
    assert "1 rows without a value" in told


def test_several_values_may_mean_lost(tmp_path):
    path = written(tmp_path, lines(DEALS))
    assert read_csv(path, "Won", "hold", won="Won", lost=["Lost", "New"]).won.tolist() == [1, 1, 0, 0, 0]
    with pytest.raises(SystemExit, match=r"No row has 'Gone' in 'Won'"):
        read_csv(path, "Won", "hold", won="Won", lost=["Gone"])


def test_open_deals_without_a_word_on_them_need_the_values(tmp_path):
    with pytest.raises(SystemExit, match="--won VALUE --lost VALUE"):
        read_csv(written(tmp_path, lines(DEALS)), "Won", "hold")


def test_lines_that_end_as_on_old_macs_are_read(tmp_path):
    leads = read_csv(written(tmp_path, lines(ROWS).replace("\n", "\r")), "Won", "hold")
    assert leads.won.tolist() == [1, 0, 1, 0]


def test_a_side_without_won_leads_is_refused_with_the_remedy(tmp_path):
    rows = [f"a,1,{int(number < 5)},0" for number in range(10)]  # sorted by outcome
    with pytest.raises(SystemExit, match=r"Of the 3 leads to judge on, 0 were won by 'Won'.*--hold"):
        read_csv(written(tmp_path, lines(rows)), "Won", None)


def test_a_column_is_found_whatever_its_case_and_a_missing_one_is_named(tmp_path):
    path = written(tmp_path, lines(ROWS))
    assert "source" not in read_csv(path, "won", "HOLD", ["Source"]).columns
    with pytest.raises(SystemExit, match=r"leads.csv has no column 'visit': did you mean 'visits'"):
        read_csv(path, "won", "hold", ["visit"])


def test_a_row_of_another_length_is_named(tmp_path):
    with pytest.raises(SystemExit, match=r"Row 4 of leads.csv has 3 fields, the column names are 4"):
        read_csv(written(tmp_path, lines([*ROWS[:2], "a,b,c", *ROWS[2:] * 20])), "Won", "hold")


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "holds no rows"), (b"a,b\n", "holds no rows"), (b"PK\x03\x04", "save it as CSV")]
)
def test_what_is_no_csv_file_says_so(tmp_path, content, message):
    path = tmp_path / "leads.csv"
    path.write_bytes(content)
    with pytest.raises(SystemExit, match=message):
        read_csv(path, "Won", None)


def test_columns_of_the_same_name_or_of_none_are_told_apart(tmp_path):
    leads = read_csv(written(tmp_path, lines(ROWS, "a,a,Won,hold")), "Won", "hold")
    assert list(leads.columns) == ["a", "a (2)"]
    leads = read_csv(written(tmp_path, lines(ROWS, ",b,Won,hold")), "Won", "hold")
    assert list(leads.columns) == ["column 1", "b"]


def test_numbers_of_the_leads_are_left_out_and_named(tmp_path, capsys):
    rows = [f"{number},{number % 7},{number % 2},{int(number > 150)}" for number in range(1000, 800, -1)]
    rows = [row.rsplit(",", 1)[0] + f",{int(place > 150)}" for place, row in enumerate(rows)]
    leads = read_csv(written(tmp_path, lines(rows, "Lead Number,visits,Won,hold")), "Won", "hold")
    assert list(leads.columns) == ["visits"]
    assert "'Lead Number' numbers the leads" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "numbers", "how"),
    [
        (["1", "-2.5", "3e2", None], [1.0, -2.5, 300.0, None], "numbers"),
        (["1,200", "15", "1,234,567.5"], [1200.0, 15.0, 1234567.5], "numbers with thousands separators"),
        (["$1,200.50", "$7"], [1200.5, 7.0], "numbers with thousands separators"),
        (["12%", "7 %"], [12.0, 7.0], "numbers with thousands separators"),
        (["1.234,5", "7"], [1234.5, 7.0], "numbers with decimal commas"),
        (["1 234,50 €", "3 €"], [1234.5, 3.0], "numbers with decimal commas"),
        (["1970-01-02", "1970-01-03"], [1.0, 2.0], "dates"),
        (["1970-01-02T12:00:00Z"], [1.5], "dates"),
        (["31/01/1970", "01/02/1970"], [30.0, 31.0], "dates"),
        (["01/31/1970", "02/01/1970"], [30.0, 31.0], "dates"),
        (["2.1.1970 06:00", "3.1.1970 12:00"], [1.25, 2.5], "dates"),
        (["5"] * 39 + ["unknown"], [5.0] * 39 + [None], "numbers, unknown as missing"),
        ([None, None], [None, None], "numbers"),
    ],
)
def test_what_is_written_as_text_is_read_as_what_it_is(values, numbers, how):
    assert typed(values) == (numbers, how)


@pytest.mark.parametrize("values", [["Yes", "No"], ["01234", "10115"], ["5", "unknown"], ["A1", "A2"], ["31/02/2020"]])
def test_words_codes_and_impossible_dates_stay_texts(values):
    assert typed(values) == (values, "texts")

"""Rows that cannot be read are kept beside, with their number, column, reason and text; none is lost."""

import json

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.sources.charges import SourceRefused, create_charge_view, inspect
from tests.data.nasty_bill import csv_text, jsonl_text, row, write_parquet

HEADER = "cost,currency,usage_start_time,service.description,credits"


def read(path, staging):
    connection = duckdb.connect()
    rejects = create_charge_view(connection, inspect(connection, path), staging)
    accepted = connection.execute("SELECT row_number, cost_nanos FROM charge ORDER BY row_number").fetchall()
    quarantined = connection.execute("SELECT * FROM quarantine ORDER BY row_number").fetchall()
    assert (len(accepted), len(quarantined)) == (rejects.accepted_count, rejects.quarantined_count)
    assert rejects.row_count == len(accepted) + len(quarantined)
    return accepted, quarantined


def read_csv(tmp_path, *lines, header=HEADER):
    path = tmp_path / "bill.csv"
    path.write_bytes("\n".join((header, *lines, "")).encode("utf-8", "surrogateescape"))
    return read(path, tmp_path / "staging")


GOOD = "1,USD,2026-05-01,Cloud Run,"


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (",USD,2026-05-01,Cloud Run,", "cost", "cost is empty"),
        ("NULL,USD,2026-05-01,Cloud Run,", "cost", "cost is empty"),
        ('"1,234.56",USD,2026-05-01,Cloud Run,', "cost", "'1,234.56', which is not a plain number; write 1234.56"),
        ("NaN,USD,2026-05-01,Cloud Run,", "cost", "not a finite number"),
        ("-Infinity,USD,2026-05-01,Cloud Run,", "cost", "not a finite number"),
        ("1e12,USD,2026-05-01,Cloud Run,", "cost", "beyond any single billing line"),
        ("1,,2026-05-01,Cloud Run,", "currency", "currency is empty"),
        ("1,USD,,Cloud Run,", "usage_start_time", "usage_start_time is empty"),
        ("1,USD,05/01/2026,Cloud Run,", "usage_start_time", "not a time; write 2026-05-01T00:00:00Z"),
        ("1,USD,2026-05-01,Cloud Run,free!", "credits", "cannot be read; a list of objects"),
        ('1,USD,2026-05-01,Cloud Run,"[1, 2]"', "credits", "cannot be read; a list of objects"),
        ("1,USD,2026-05-01,Cloud Run,7", "credits", "cannot be read; a list of objects"),
        (
            """1,USD,2026-05-01,Cloud Run,"[{'type': 'DISCOUNT', 'amount': 'much'}]\"""",
            "credits",
            "not a finite number",
        ),
        ("""1,USD,2026-05-01,Cloud Run,"[{'type': 'DISCOUNT', 'amount': nan}]\"""", "credits", "not a finite number"),
        ("1,USD,2026-05-01", "", "cannot be split into columns"),
        ("1,USD,2026-05-01,Cloud Run,,one,two", "", "cannot be split into columns"),
        ('1,"US"D,2026-05-01,Cloud Run,', "", "cannot be split into columns"),
        ("1,USD,2026-05-01,Cloud \udcff Run,", "", "cannot be split into columns"),
    ],
)
def test_a_bad_line_of_csv(tmp_path, line, column, reason):
    accepted, quarantined = read_csv(tmp_path, GOOD, line, GOOD)
    assert accepted == [(1, 10**9), (3, 10**9)]
    assert [(number, name) for number, name, *_ in quarantined] == [(2, column)]
    assert reason in quarantined[0][2]
    assert quarantined[0][4]


def test_bad_lines_in_a_row_keep_the_numbers_of_the_others(tmp_path):
    lines = [
        GOOD,
        "a",
        "b",
        GOOD.replace("1,", "1.5,", 1),
        "c,d",
        ",USD,2026-05-01,x,",
        GOOD,
        '1,USD,2026-05-01,"two\nlines",',
        "e",
        GOOD,
    ]
    accepted, quarantined = read_csv(tmp_path, *lines)
    assert [number for number, _ in accepted] == [1, 4, 7, 8, 10]
    assert [(number, name or raw) for number, name, _, _, raw in quarantined] == [
        (2, "a"), (3, "b"), (5, "c,d"), (6, "cost"), (9, "e"),
    ]  # fmt: skip


def test_an_unclosed_quote_swallows_nothing_in_silence(tmp_path):
    accepted, quarantined = read_csv(tmp_path, GOOD, '1,USD,2026-05-01,"never closed,', GOOD, GOOD)
    assert accepted == [(1, 10**9)]
    assert len(quarantined) == 1
    assert quarantined[0][4].count("Cloud Run") == 2


def test_many_bad_lines_far_into_a_large_file(tmp_path):
    lines = [GOOD] * 300_000
    for index in (150_000, 299_000, 299_999):
        lines[index] = "broken"
    accepted, quarantined = read_csv(tmp_path, *lines)
    assert [number for number, *_ in quarantined] == [150_001, 299_001, 300_000]
    assert len(accepted) == 299_997
    assert {number for number, _ in accepted} == set(range(1, 300_001)) - {150_001, 299_001, 300_000}


def test_what_is_not_quarantined(tmp_path):
    accepted, quarantined = read_csv(
        tmp_path,
        "-5,USD,2026-05-01 00:00:00 UTC,,null",
        "0,USD,2026-05-01T00:00:00+02:00,NULL,[]",
        """1,USD,2026-05-01T00:00:00,Cloud Run,"[{'type': 'NEW_KIND', 'amount': -1}]\"""",
        """1,USD,2026-05-01T00:00:00,Cloud Run,"{'name': '', 'amount': 0, 'type': ''}\"""",
    )
    assert [nanos for _, nanos in accepted] == [-5 * 10**9, 0, 10**9, 10**9]
    assert quarantined == []


def test_bad_lines_of_json(tmp_path):
    path = tmp_path / "bill.jsonl"
    good, bad = jsonl_text([row()]), row(cost="12 apples", a_column_of_tomorrow="x")
    nested = row(credits=[{"type": "DISCOUNT", "amount": "-0.5"}, "surprise"])
    text = good + '{"cost": 1, "curr\n' + "[1, 2]\n" + "\n" + jsonl_text([bad, nested]) + good
    path.write_text(text + '{"cost"')
    accepted, quarantined = read(path, tmp_path / "staging")
    assert accepted == [(1, 1_250_000_000), (7, 1_250_000_000)]
    assert [(number, name) for number, name, *_ in quarantined] == [
        (2, ""),
        (3, ""),
        (5, "cost"),
        (6, "credits"),
        (8, ""),
    ]
    assert quarantined[2][3] == "12 apples"
    assert json.loads(quarantined[2][4]) == bad
    assert quarantined[0][4] == '{"cost": 1, "curr'


def test_numbers_as_json_text_are_numbers(tmp_path):
    path = tmp_path / "bill.jsonl"
    path.write_text(jsonl_text([row(cost="1.5", credits=[{"type": "DISCOUNT", "amount": "-0.5"}])]))
    accepted, quarantined = read(path, tmp_path / "staging")
    assert (accepted, quarantined) == ([(1, 1_500_000_000)], [])


def test_bad_rows_of_parquet(tmp_path):
    path = tmp_path / "bill.parquet"
    bad_credit = [{"id": None, "full_name": None, "type": "DISCOUNT", "name": None, "amount": float("nan")}]
    write_parquet(
        [row(), row(cost=None), row(cost=float("nan")), row(currency=""), row(credits=bad_credit),
         row(cost_at_list=float("inf")),
         row(invoice={"month": "May"}), row()],
        path,
    )  # fmt: skip
    accepted, quarantined = read(path, tmp_path / "staging")
    assert [number for number, _ in accepted] == [1, 8]
    assert [(number, name) for number, name, *_ in quarantined] == [
        (2, "cost"), (3, "cost"), (4, "currency"), (5, "credits"), (6, "cost_at_list"), (7, "invoice.month"),
    ]  # fmt: skip
    assert [amount for *_, amount, _ in quarantined][1] == "nan"
    assert '"shop-prod"' in quarantined[0][4]


def test_focus_needs_its_billing_period(tmp_path):
    header = "BilledCost,BillingCurrency,ChargePeriodStart,BillingPeriodStart"
    accepted, quarantined = read_csv(tmp_path, "1,USD,2026-05-01,2026-05-01", "1,USD,2026-05-01,", header=header)
    assert [number for number, _ in accepted] == [1]
    assert quarantined[0][:3] == (2, "BillingPeriodStart", "BillingPeriodStart is empty; a billing line needs it")


def test_parquet_that_is_damaged_inside_is_refused(tmp_path):
    path = tmp_path / "bill.parquet"
    table = pa.table(
        {
            "cost": [float(i) for i in range(5000)],
            "currency": ["USD"] * 5000,
            "usage_start_time": [f"t{i}" for i in range(5000)],
        }
    )
    pq.write_table(table, path, compression="zstd")
    content = bytearray(path.read_bytes())
    content[40:4000] = b"\x00" * 3960
    path.write_bytes(bytes(content))
    connection = duckdb.connect()
    with pytest.raises(SourceRefused, match="is damaged"):
        create_charge_view(connection, inspect(connection, path), tmp_path)


def test_a_second_source_replaces_the_first(tmp_path):
    (tmp_path / "one.csv").write_text(csv_text([row(), row(cost="x")]))
    (tmp_path / "two.csv").write_text(csv_text([row(cost=3)]))
    connection = duckdb.connect()
    for name in ("one.csv", "two.csv"):
        rejects = create_charge_view(connection, inspect(connection, tmp_path / name), tmp_path / "staging")
    assert (rejects.row_count, rejects.quarantined_count) == (1, 0)
    assert connection.execute("SELECT cost_nanos FROM charge").fetchall() == [(3 * 10**9,)]
    assert connection.execute("SELECT * FROM quarantine").fetchall() == []

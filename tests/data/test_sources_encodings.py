"""The same bill in every encoding gives the same charges (law 7), and the charges are what the rules say."""

import duckdb
import pytest

from data.charge import CHARGE_COLUMNS
from data.sources.charges import create_charge_view, inspect
from tests.data.nasty_bill import NASTY_ROWS, write_all

NAMES = (
    "dotted_json.csv", "dotted_python.csv", "underscored.csv", "semicolon.csv", "null_word.csv", "upper.csv", "bom.csv",
    "nested.jsonl", "sparse.jsonl", "flat.ndjson", "array.json", "parquet_called.csv", "flat_text.parquet",
    "dotted_json.csv.gz", "nested.jsonl.gz", "array.json.gz",
)  # fmt: skip
READABLE = ", ".join(
    f"CAST({name} AS VARCHAR) AS {name}" if type_ == "TIMESTAMP" else name for name, type_ in CHARGE_COLUMNS.items()
)


def charges(path, staging):
    connection = duckdb.connect()
    source = inspect(connection, path)
    rejects = create_charge_view(connection, source, staging)
    assert rejects.quarantined_count == 0, connection.execute("SELECT * FROM quarantine").fetchall()
    assert rejects.row_count == len(NASTY_ROWS)
    cursor = connection.execute(f"SELECT {READABLE} FROM charge ORDER BY row_number")
    names = [name for name, *_ in cursor.description]
    return source, [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return write_all(tmp_path_factory.mktemp("bills"))


@pytest.fixture(scope="module")
def reference(paths, tmp_path_factory):
    return charges(paths["nested.parquet"], tmp_path_factory.mktemp("staging"))


@pytest.mark.parametrize("name", NAMES)
def test_every_encoding_gives_the_same_charges(name, paths, reference, tmp_path):
    source, rows = charges(paths[name], tmp_path)
    assert source.kind == "detailed"
    assert rows == reference[1]


def test_gzip_is_the_same_content(paths):
    connection = duckdb.connect()
    plain, zipped = (inspect(connection, paths[name]).identity for name in ("nested.jsonl", "nested.jsonl.gz"))
    assert plain == zipped
    assert inspect(connection, paths["sparse.jsonl"]).identity != plain


def test_row_numbers_count_from_one(reference):
    assert [row["row_number"] for row in reference[1]] == list(range(1, len(NASTY_ROWS) + 1))


def test_credits_are_summed_inside_the_row(reference):
    row = reference[1][1]
    assert (row["credit_free_tier_nanos"], row["credit_promotion_nanos"]) == (-750_000_000, -100_000_000)
    assert row["effective_nanos"] == row["cost_nanos"] - 850_000_000
    assert row["other_credits"] == []


def test_unknown_credit_types_keep_their_names(reference):
    row = reference[1][2]
    assert row["credit_other_nanos"] == -350_000_000
    assert row["other_credits"] == [
        {"type": "SPENDING_BASED_DISCOUNT", "amount_nanos": -300_000_000},
        {"type": "CREDIT_TYPE_UNSPECIFIED", "amount_nanos": -50_000_000},
    ]
    assert row["effective_nanos"] == 900_000_000


def test_costs_fall_back_to_the_left(reference):
    rows = reference[1]
    assert (rows[0]["list_nanos"], rows[0]["on_demand_nanos"]) == (1_500_000_000, 1_250_000_000)
    assert rows[3]["list_nanos"] == rows[3]["cost_nanos"] == -2_500_000_000
    assert (rows[6]["cost_nanos"], rows[6]["on_demand_nanos"]) == (700_000_000, 1_250_000_000)
    assert rows[9]["on_demand_nanos"] == 0


def test_quantisation_keeps_its_residual(reference):
    row = reference[1][5]
    assert (row["cost_nanos"], row["residual"]) == (0, 1e-10)


def test_months_without_an_invoice_are_pacific(reference):
    assert [reference[1][index]["invoice_month"] for index in (0, 5, 6, 7)] == [202605, 202605, 202605, 202606]


def test_classes_and_corrections(reference):
    rows = reference[1]
    classes = [rows[index]["charge_class"] for index in (0, 4, 5, 7)]
    assert classes == ["usage", "tax", "rounding", "usage"]
    assert rows[7]["cost_type"] == "strange_new_type"
    assert [row["row_number"] for row in rows if row["is_correction"]] == [4]


def test_names(reference):
    rows = reference[1]
    assert [rows[index]["resource"] for index in (0, 4, 6, 8)] == ["api", None, "orders", "db-1"]
    assert rows[0]["sku_key"] == "152E-C115-5142/AAAA-BBBB-CCCC"
    assert rows[4]["sku_key"] == "Invoice/Tax"
    assert rows[4]["project"] is None
    assert rows[4]["consumption_model"] == "7754-699E-0EBF"
    assert rows[0]["labels"] == [{"key": "team", "value": "o'neil"}, {"key": "env", "value": ""}]
    assert rows[8]["labels"] == [{"key": 'a"b', "value": "back\\slash"}]
    assert rows[0]["usage_start"] == "2026-05-31 23:00:00+00"

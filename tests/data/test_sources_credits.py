"""Laws of credits: whatever they are written as, their sums by type are those of plain Python arithmetic."""

import csv
import json
import tempfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.charge import ALL_CREDIT_COLUMNS, CREDIT_COLUMNS
from data.sources.charges import create_charge_view, inspect
from data.sources.nested_text import json_of_python
from tests.data.nasty_bill import CREDITS

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
TYPES = st.one_of(st.sampled_from([*CREDIT_COLUMNS, "SPENDING_BASED_DISCOUNT"]), st.none())
AMOUNTS = st.integers(-(10**12), 10**12).map(lambda micros: micros / 10**6)
CREDIT = st.fixed_dictionaries(
    {"id": st.none() | NAMES, "full_name": NAMES, "type": TYPES, "name": NAMES, "amount": AMOUNTS | st.just(0.0)}
)
ROWS = st.lists(st.lists(CREDIT, max_size=4), min_size=1, max_size=6)


def nanos(amount):
    return int((Decimal(repr(amount)) * 10**9).quantize(Decimal(1), ROUND_HALF_UP))


def expected(credits_):
    sums = dict.fromkeys(ALL_CREDIT_COLUMNS, 0)
    for credit in credits_:
        sums[CREDIT_COLUMNS.get(credit["type"], "credit_other_nanos")] += nanos(credit["amount"])
    return [*sums.values(), 10**9 + sum(sums.values())]


def read(path, staging):
    connection = duckdb.connect()
    rejects = create_charge_view(connection, inspect(connection, path), staging)
    assert rejects.quarantined_count == 0, connection.execute("SELECT reason, raw FROM quarantine").fetchall()
    columns = ", ".join((*ALL_CREDIT_COLUMNS, "effective_nanos"))
    found = connection.execute(f"SELECT {columns} FROM charge ORDER BY row_number").fetchall()
    connection.close()
    return [list(row) for row in found]


def write_text(rows, path, encode):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["cost", "currency", "usage_start_time", "credits"])
        writer.writerows(["1", "USD", "2026-05-01", encode(credits_)] for credits_ in rows)


def write_nested(rows, path):
    columns = {
        "cost": [1.0] * len(rows),
        "currency": ["USD"] * len(rows),
        "usage_start_time": ["2026-05-01"] * len(rows),
    }
    table = pa.table({**columns, "credits": pa.array(rows, CREDITS)})
    pq.write_table(table, path)


@settings(max_examples=25, deadline=None)
@given(rows=ROWS)
def test_every_writing_of_credits_sums_alike(rows):
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("json.csv", "escaped.csv", "python.csv", "nested.parquet")]
        write_text(rows, paths[0], lambda credits_: json.dumps(credits_, ensure_ascii=False))
        write_text(rows, paths[1], json.dumps)
        write_text(rows, paths[2], repr)
        write_nested(rows, paths[3])
        for path in paths:
            assert read(path, Path(folder) / "staging") == [expected(credits_) for credits_ in rows], path.name


@pytest.mark.parametrize(
    ("text", "promotion"),
    [
        ("{'type': 'PROMOTION', 'amount': -0.5}", -500_000_000),
        ('{"type": "PROMOTION", "amount": "-0.5"}', -500_000_000),
        ("[{'type': 'PROMOTION', 'amount': -1, 'name': \"it's\", 'id': None, 'x': True}]", -1_000_000_000),
        ("[{'type': 'PROMOTION', 'amount': -1e-05}]", -10_000),
        ('[{"amount": null, "type": "PROMOTION"}]', 0),
        ("{'name': '', 'amount': 0, 'full_name': '', 'id': '', 'type': ''}", 0),
        ("[]", 0),
        ("null", 0),
        ("", 0),
        ("NULL", 0),
        ("None", 0),
    ],
)
def test_ways_of_writing_one_credit(tmp_path, text, promotion):
    write_text([text], tmp_path / "bill.csv", str)
    found = read(tmp_path / "bill.csv", tmp_path)[0]
    assert found[ALL_CREDIT_COLUMNS.index("credit_promotion_nanos")] == promotion
    assert found[-1] == 10**9 + promotion


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=8,
    )
)
def test_printed_python_becomes_the_same_json(value):
    assert json.loads(json_of_python(repr(value))) == value


@pytest.mark.parametrize("text", ["", None, "open(", "__import__('os')", "[1", "{1: {2}}", "float('nan')", "'\\"])
def test_what_is_not_a_printed_value_is_nothing(text):
    assert json_of_python(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "[{'type': 'PROMOTION', 'amount': Decimal('-0.5'), 'name': \"it's\"}]",
        "[{'type': 'PROMOTION', 'amount': -0.2, 'name': \"it's } {\"}\n {'type': 'PROMOTION', 'amount': -0.3}]",
        "array([{'type': 'PROMOTION', 'amount': Decimal('-0.5')}], dtype=object)",
        '[{"TYPE": "PROMOTION", "Amount" : -0.5}]',
        ' [{"type": "PROMOTION", "amount": -0.5}] ',
    ],
)
def test_ways_in_which_programs_print_credits(tmp_path, text):
    write_text([text, " ", "nan", "[ ]"], tmp_path / "bill.csv", str)
    found = read(tmp_path / "bill.csv", tmp_path)
    assert found[0][ALL_CREDIT_COLUMNS.index("credit_promotion_nanos")] == -500_000_000
    assert [row[-1] for row in found] == [500_000_000, 10**9, 10**9, 10**9]


@pytest.mark.parametrize(
    "text",
    ['{"0": {"type": "PROMOTION", "amount": -1}}', '{"PROMOTION": -1}', '[{"type": "PROMOTION", "value": -1}]'],
)
def test_an_object_that_is_no_credit_is_not_taken_for_a_credit_of_nothing(tmp_path, text):
    write_text([text, '[{"name": "a credit whose amount is left out"}]'], tmp_path / "bill.csv", str)
    with duckdb.connect() as connection:
        create_charge_view(connection, inspect(connection, tmp_path / "bill.csv"), tmp_path / "staging")
        assert connection.execute("SELECT row_number, column_name FROM quarantine").fetchall() == [(1, "credits")]


@pytest.mark.parametrize("element", ["element", "item"])
def test_credits_in_the_layers_of_a_parquet_list(tmp_path, element):
    credit = pa.struct([("type", pa.string()), ("amount", pa.float64())])
    layered = pa.struct([("list", pa.list_(pa.struct([(element, credit)])))])
    rows = [{"list": [{element: {"type": "PROMOTION", "amount": -0.25}}] * 2}, None]
    columns = {"cost": [1.0, 1.0], "currency": ["USD"] * 2, "usage_start_time": ["2026-05-01"] * 2}
    pq.write_table(pa.table({**columns, "credits": pa.array(rows, layered)}), tmp_path / "bill.parquet")
    assert [row[-1] for row in read(tmp_path / "bill.parquet", tmp_path)] == [500_000_000, 10**9]

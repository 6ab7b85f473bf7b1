import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlglot
from charge_rows import (
    CORE,
    EGRESS,
    LEGACY_FEE,
    NANOS,
    NEW_FEE,
    RUN_CPU,
    SQL_VCPU,
    START,
    charge,
    read,
    reduce_to,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from data.charge import CREDIT_COLUMNS, MONEY_COLUMNS
from data.held_charges import Coding
from data.reduction_sql import SQL_FOLDER, over_relation
from data.reductions import REDUCTIONS
from data.warehouse import REDUCTION_NAMES

PACIFIC = ZoneInfo("America/Los_Angeles")
LEVER_SKUS = {RUN_CPU["sku"], SQL_VCPU["sku"]}
FEES = {LEGACY_FEE["sku"], NEW_FEE["sku"]}


def nasty_bill() -> list[dict[str, object]]:
    """Every kind of row that has its own rule, over two months, two currencies, two accounts."""
    late_evening = datetime(2026, 2, 1, 7, 30, tzinfo=UTC)  # 31 January in California
    return [
        charge(2.5, labels=[{"key": "team", "value": "a"}, {"key": "env", "value": "prod"}]),
        charge(2.5, labels=[{"key": "team", "value": "a"}]),  # an equal row is another row
        charge(0.000000001, hour=1, credited={"FREE_TIER": -0.000000001}),
        charge(4, hour=1, resource=None, region=None, credited={"DISCOUNT": -0.4, "PROMOTION": -1, "BRAND_NEW": -0.1}),
        charge(-2.5, usage=-1.0, charge_class="adjustment", cost_type="adjustment", is_correction=True),
        charge(-1, usage=-3.0, hour=3),
        charge(7, usage_start=late_evening, **SQL_VCPU),
        charge(3, usage_start=late_evening, invoice_month=202602, currency="EUR", **SQL_VCPU),
        charge(1.5, hour=2, credited={"SUSTAINED_USAGE_DISCOUNT": -0.5}, resource=None, **CORE),
        charge(10, hour=2, credited={"COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE": -9}, resource=None, **CORE),
        charge(5, hour=2, credited={"COMMITTED_USAGE_DISCOUNT": -5}, resource=None, **CORE),
        charge(5.4, hour=2, on_demand_nanos=10 * NANOS, list_nanos=11 * NANOS, consumption_model="70D7-D1AB-12A4",
               resource=None, **CORE),
        charge(5.4, hour=2, usage=10.0, **LEGACY_FEE),
        charge(6, hour=2, credited={"FEE_UTILIZATION_OFFSET": -5.4}, **NEW_FEE),
        charge(0.12, hour=5, billing_account="OTHER", **EGRESS),
        charge(1.23, charge_class="tax", cost_type="tax", project=None, usage=None, usage_start=None, region=None,
               service="Invoice", service_id=None, sku="Tax", sku_id=None, sku_key="Invoice/Tax", pricing_unit=None),
        charge(-0.004, charge_class="rounding", cost_type="rounding_error", usage_start=None, residual=2e-10),
    ]  # fmt: skip


def pacific_day(row: dict[str, object]) -> str | None:
    start = row["usage_start"]
    return start.astimezone(PACIFIC).date().isoformat() if isinstance(start, datetime) else None


def grouped(rows: list[dict[str, object]], keys, measures) -> dict[tuple, tuple]:
    """An independent sum: keys and measures are functions of a row."""
    sums: dict[tuple, list] = defaultdict(lambda: [0] * len(measures))
    for row in rows:
        of_key = sums[tuple(None if (value := key(row)) is None else str(value) for key in keys)]
        for place, measure in enumerate(measures):
            of_key[place] += measure(row) or 0
    return {key: tuple(values) for key, values in sums.items()}


def found(folder: Path, name: str, keys: list[str], measures: list[str]) -> dict[tuple, tuple]:
    return {
        tuple(row[key] for key in keys): tuple(
            float(row[each] or 0) if each in {"usage", "residual"} else int(Decimal(row[each])) for each in measures
        )
        for row in read(folder, name)
    }


def column(name: str):
    return lambda row: str(row[name]).lower() if isinstance(row[name], bool) else row[name]


def no_fee_price(name: str):
    return lambda row: 0 if row["sku"] in FEES else row[name]


MONEY = [no_fee_price(each) if each in {"list_nanos", "on_demand_nanos"} else column(each) for each in MONEY_COLUMNS]


def test_daily_against_sums_by_hand(tmp_path: Path) -> None:
    rows = nasty_bill()
    reduce_to(tmp_path, rows)
    keys = list(REDUCTIONS["daily"][0])
    functions = [pacific_day if key == "day" else column(key) for key in keys]
    expected = grouped(rows, functions, [lambda _: 1, column("usage"), *MONEY, column("residual")])
    assert found(tmp_path, "daily", keys, list(REDUCTIONS["daily"][1])) == expected


def test_hourly_resource_against_sums_by_hand(tmp_path: Path) -> None:
    rows = nasty_bill()
    reduce_to(tmp_path, rows)
    lever = [
        row
        for row in rows
        if row["sku"] in LEVER_SKUS and row["charge_class"] in {"usage", "adjustment"} and row["usage_start"]
    ]
    keys = list(REDUCTIONS["hourly_resource"][0])
    special = {
        "hour": lambda row: row["usage_start"].replace(minute=0).strftime("%Y-%m-%d %H:%M:%S+00"),
        "resource": lambda row: row["resource"] or "",
    }
    expected = grouped(
        lever, [special.get(key, column(key)) for key in keys],
        [lambda _: 1, column("usage"), *map(column, MONEY_COLUMNS)],
    )  # fmt: skip
    assert expected
    assert found(tmp_path, "hourly_resource", keys, list(REDUCTIONS["hourly_resource"][1])) == expected


def test_other_credits_and_labels_against_sums_by_hand(tmp_path: Path) -> None:
    rows = nasty_bill()
    reduce_to(tmp_path, rows)
    assert [(row["credit_type"], row["amount_nanos"]) for row in read(tmp_path, "other_credits")] == [
        ("BRAND_NEW", "-100000000")
    ]
    labelled = {
        (row["label_key"], row["label_value"]): (row["row_count"], row["cost_nanos"])
        for row in read(tmp_path, "labels")
    }
    assert labelled == {("team", "a"): ("2", "5000000000"), ("env", "prod"): ("1", "2500000000")}


def test_hourly_pool_keeps_covered_free_and_negative_usage_apart(tmp_path: Path) -> None:
    reduce_to(tmp_path, nasty_bill())
    keys = ["currency", "hour", "pool", "region", "rate_class"]
    amounts = found(tmp_path, "hourly_pool", keys, ["eligible_nanos", "covered_nanos", "fee_nanos", "offset_nanos"])

    def hour(number: int) -> str:
        return (START + timedelta(hours=number)).strftime("%Y-%m-%d %H:%M:%S+00")

    flexible = ("compute_flexible", "")
    run = (*flexible, "cloud_run_request_based")
    assert amounts == {
        ("USD", hour(0), *run): (5 * NANOS, 0, 0, 0),
        ("USD", hour(1), *run): (4 * NANOS, 0, 0, 0),  # a nano of it was free; discounts do not shrink the pool
        # 1.5 − 0.5 sustained + (10 − 9 covered) + (5 − 5 by a resource commitment) + new model: 10 covered whole
        ("USD", hour(2), "compute_flexible", "us-central1", "compute_engine.e2.vcpu"): (2 * NANOS, 19 * NANOS, 0, 0),
        ("USD", hour(2), *flexible, ""): (0, 0, 11_400_000_000, -5_400_000_000),
        ("USD", "2026-02-01 07:00:00+00", "cloud_sql", "us-central1", "cloud_sql"): (7 * NANOS, 0, 0, 0),
        ("EUR", "2026-02-01 07:00:00+00", "cloud_sql", "us-central1", "cloud_sql"): (3 * NANOS, 0, 0, 0),
    }


def test_account_month_states_what_the_rest_must_add_up_to(tmp_path: Path) -> None:
    rows = nasty_bill()
    reduce_to(tmp_path, rows)
    keys = ["billing_account", "invoice_month", "currency"]
    functions = [column(key) for key in keys]
    expected = grouped(rows, functions, [lambda _: 1, column("cost_nanos"), column("effective_nanos")])
    assert found(tmp_path, "account_month", keys, ["row_count", "cost_nanos", "effective_nanos"]) == expected


def test_price_check_counts_what_does_not_multiply_out(tmp_path: Path) -> None:
    rows = [
        charge(5, usage=10.0, unit_price=0.5, pricing_unit_quantity=1.0),
        charge(5, usage=10.0, unit_price=500.0, pricing_unit_quantity=1000.0),
        charge(5, usage=10.0, unit_price=0.6, pricing_unit_quantity=1.0),
        charge(5, usage=10.0),
    ]
    reduce_to(tmp_path, rows)
    (row,) = read(tmp_path, "account_month")
    assert (row["priced_count"], row["off_price_count"], Decimal(row["off_price_nanos"])) == ("3", "1", NANOS)


@settings(max_examples=12, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(min_value=1, max_value=5))
def test_any_order_and_any_split_gives_the_same_reductions(
    tmp_path_factory: pytest.TempPathFactory, shuffle: random.Random, parts: int
) -> None:
    """Law 7: the loads of a bill, summed again, are the bill's reductions."""
    rows = [row | {"usage": (row["usage"] or 0) * 1.1 if row["usage"] else None} for row in nasty_bill()]
    whole = tmp_path_factory.mktemp("whole")
    reduce_to(whole, rows)
    shuffled = rows[:]
    shuffle.shuffle(shuffled)
    pieces = [piece for part in range(parts) if (piece := shuffled[part::parts])]
    folders = []
    for piece in pieces:
        folders.append(tmp_path_factory.mktemp("part"))
        reduce_to(folders[-1], piece)
    for name, (keys, measures) in REDUCTIONS.items():
        summed: dict[tuple, list[float]] = defaultdict(lambda: [0] * len(measures))  # noqa: B023
        for folder in folders:
            for key, values in found(folder, name, list(keys), list(measures)).items():
                summed[key] = [a + b for a, b in zip(summed[key], values, strict=True)]
        exact = [place for place, each in enumerate(measures) if each not in {"usage", "residual"}]
        expected = found(whole, name, list(keys), list(measures))
        assert summed.keys() == expected.keys()
        for key, values in expected.items():
            assert [summed[key][place] for place in exact] == [values[place] for place in exact]
            assert summed[key] == pytest.approx(list(values), abs=1e-9)


@pytest.mark.parametrize("name", ["skus", *REDUCTION_NAMES])
def test_every_reduction_is_googlesql_and_yields_its_columns(name: str) -> None:
    text = (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    tree = sqlglot.parse_one(text, read="bigquery", error_level=sqlglot.ErrorLevel.RAISE)
    if name in REDUCTIONS:
        keys, measures = REDUCTIONS[name]
        assert tuple(tree.named_selects) == (*keys, *measures)
    header = text.split("SELECT")[0]
    assert all(word in header for word in ("Grain:", "Inputs:", "Output units:"))
    for cast in tree.find_all(sqlglot.exp.Cast):
        if cast.to.this == sqlglot.exp.DataType.Type.DECIMAL:
            assert [each.name for each in cast.to.expressions] == ["38", "9"]


def test_folding_constant_columns_changes_nothing(tmp_path: Path) -> None:
    """A bill of one currency is reduced with constants; the same bill beside a row of another currency is not."""
    rows = [charge(1.25 * number, hour=number, credited={"FREE_TIER": -0.5}) for number in range(6)]
    other = charge(1, currency="EUR", billing_account="Z", provider="AWS", cost_type="tax", charge_class="tax",
                   consumption_model="other", credited=dict.fromkeys(CREDIT_COLUMNS, -0.01))  # fmt: skip
    for folder, bill in ((tmp_path / "one", rows), (tmp_path / "many", [*rows, other])):
        folder.mkdir()
        reduce_to(folder, bill)
    for name in ("daily", "hourly_resource", "hourly_pool", "account_month"):
        many = [row for row in read(tmp_path / "many", name) if row["currency"] == "USD"]
        assert read(tmp_path / "one", name) == many
        assert many


def test_constants_leave_the_group_and_the_sums() -> None:
    sql = (
        "SELECT charge.currency, charge.day, COALESCE(charge.resource, '') AS resource, "
        "CAST(SUM(charge.x) AS BIGINT) AS x, CAST(SUM(charge.list_nanos) AS BIGINT) AS list_nanos FROM charge "
        "GROUP BY charge.currency, charge.day, COALESCE(charge.resource, '')"
    )
    coding = Coding(constants={"currency": "'USD'", "x": "CAST(0 AS BIGINT)"}, equals={"list_nanos": "cost_nanos"})
    start = "WITH charge AS NOT MATERIALIZED (SELECT * FROM held) "
    assert over_relation(sql, "held", coding) == (
        f"{start}SELECT 'USD' AS currency, charge.day, charge.resource AS resource, CAST(0 AS BIGINT) AS x, "
        "CAST(SUM(charge.cost_nanos) AS BIGINT) AS list_nanos FROM charge GROUP BY charge.day, charge.resource"
    )
    plain = sql.replace("COALESCE(charge.resource, '')", "charge.resource")
    assert over_relation(sql, "held", Coding()) == start + plain

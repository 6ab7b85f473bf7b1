"""The demo's bill: exact totals, shares and prices, judged with pyarrow and Python only."""

import csv
import hashlib
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from data.sources.demo import SAMPLES, write_demo

PACIFIC = ZoneInfo("America/Los_Angeles")
MONTHS = ["202508", "202509", "202510", "202511", "202512", "202601"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def table(files):
    return pq.read_table(files.bill)


@pytest.fixture(scope="module")
def rows(table):
    wanted = [
        "service", "sku", "project", "usage_start_time", "cost", "cost_at_list", "usage", "credits", "invoice",
        "cost_type", "adjustment_info", "price", "export_time", "resource", "cost_at_effective_price_default",
    ]  # fmt: skip
    return table.select(wanted).to_pylist()


def nanos(amount):
    return round(Decimal(repr(amount)) * 10**9)


def test_regular_rows_come_to_the_plan_s_total_to_the_nano(table):
    regular = table.filter(pc.equal(table["cost_type"], "regular"))
    assert sum(map(nanos, regular["cost"].to_pylist())) == 59_480_690_000_000
    assert sum(regular["cost_at_effective_price_default"].to_pylist()) == Decimal("59480.69")


def test_shares_are_the_plan_s(rows):
    cost = defaultdict(int)
    for row in rows:
        if row["cost_type"] == "regular":
            firestore = row["sku"]["description"].startswith("Cloud Firestore")
            cost["Firestore" if firestore else row["service"]["description"]] += nanos(row["cost"])
    total = sum(cost.values())
    plan = {"Cloud Run": (20_007, 33.6), "Firestore": (12_013, 20.2), "Cloud SQL": (11_407, 19.2)}
    for product, (dollars, share) in plan.items():
        assert round(cost[product] / 1e9) == dollars
        assert round(100 * cost[product] / total, 1) == share
    others = total - sum(cost[product] for product in plan)
    assert round(others / 1e9) == 16_053
    assert round(100 * others / total) == 27


def test_months_follow_a_believable_trend(rows):
    cost = defaultdict(int)
    for row in rows:
        if row["cost_type"] == "regular":
            cost[row["invoice"]["month"]] += nanos(row["cost"]) / 1e9
    assert sorted(cost) == MONTHS
    months = [cost[month] for month in MONTHS]
    assert months == sorted(months)
    assert sum(months) / 6 == pytest.approx(9_913.45, abs=0.005)
    assert all(8_900 < month < 11_000 for month in months)


def test_price_times_quantity_is_the_cost_of_every_regular_row(rows):
    for row in rows:
        if row["cost_type"] == "regular":
            price = row["price"]
            due = Decimal(row["usage"]["amount_in_pricing_units"]) * price["effective_price"]
            assert abs(due / price["pricing_unit_quantity"] - Decimal(row["cost"])) < Decimal("1e-9")
            assert row["cost"] == row["cost_at_list"]
            assert price["list_price"] == price["effective_price"]


def test_whole_units_stay_whole(rows):
    for row in rows:
        quantity = row["usage"] and row["usage"]["amount_in_pricing_units"]
        if row["usage"] and row["usage"]["pricing_unit"] == "count":
            assert quantity == round(quantity)
        if row["service"]["description"] == "Cloud Run" and row["usage"]["pricing_unit"] != "count":
            assert abs(quantity * 10 - round(quantity * 10)) < 1e-6


def test_minimum_instances_are_busy_or_paid_idle_every_hour(rows):
    time = defaultdict(lambda: defaultdict(float))
    for row in rows:
        sku = row["sku"]["description"]
        if row["service"]["description"] == "Cloud Run" and "CPU" in sku:
            hour = (row["resource"]["name"], row["usage_start_time"])
            time[hour]["idle" if "Min Instance" in sku else "active"] += row["usage"]["amount_in_pricing_units"] / 2
    assert len(time) == 3 * 4417
    assert sum("idle" in parts for parts in time.values()) > 5000
    for parts in time.values():
        assert parts["active"] + parts["idle"] >= 5 * 3600 - 0.2
        assert parts["idle"] <= 5 * 3600
        assert parts["active"] <= 50 * 3600 * 1.05


def test_memory_follows_cpu_in_the_services_shape(rows):
    seconds = defaultdict(dict)
    for row in rows:
        sku = row["sku"]["description"]
        if sku in {"Services CPU (Request-based billing)", "Services Memory (Request-based billing)"}:
            hour = (row["resource"]["name"], row["usage_start_time"])
            seconds[hour]["CPU" in sku] = row["usage"]["amount_in_pricing_units"]
    assert all(pair[False] == pytest.approx(2 * pair[True]) for pair in seconds.values())


def test_invoice_month_is_pacific_but_for_late_rows(rows):
    late = [r for r in rows if r["cost_type"] == "regular" and pacific_month(r) != r["invoice"]["month"]]
    assert 20 < len(late) < 200
    for row in late:
        assert row["service"]["description"] in {"Cloud Logging", "Networking"}
        assert MONTHS.index(row["invoice"]["month"]) == MONTHS.index(pacific_month(row)) + 1


def pacific_month(row):
    return row["usage_start_time"].astimezone(PACIFIC).strftime("%Y%m")


def test_free_tiers_are_counted_per_month_and_day(rows):
    free = defaultdict(float)
    for row in rows:
        for credit in row["credits"]:
            if credit["type"] == "FREE_TIER":
                day = row["usage_start_time"].astimezone(PACIFIC).date()
                free[row["sku"]["description"], day.strftime("%Y%m")] += credit["amount"]
                free[row["sku"]["description"], day] += credit["amount"]
    assert free["Requests", "202511"] == pytest.approx(-2 * 0.40)
    reads = [v for (sku, day), v in free.items() if sku == "Cloud Firestore Read Ops" and not isinstance(day, str)]
    assert len(reads) == 184
    assert reads == [pytest.approx(-50_000 * 0.03 / 100_000)] * 184
    assert free["Log Storage cost", "202509"] == pytest.approx(-2 * 50 * 0.50)
    assert free["Analysis (us-central1)", "202601"] == pytest.approx(-6.25)


def test_no_credit_is_more_than_its_row(rows):
    for row in rows:
        if row["credits"]:
            assert nanos(row["cost"]) + sum(nanos(c["amount"]) for c in row["credits"]) >= 0


def test_the_promotion_ends_with_its_month(rows):
    amounts = {c["amount"]: r["invoice"]["month"] for r in rows for c in r["credits"] if c["type"] == "PROMOTION"}
    assert set(amounts.values()) == {"202510"}
    total = sum(nanos(c["amount"]) for r in rows for c in r["credits"] if c["type"] == "PROMOTION")
    assert total == -300 * 10**9


def test_the_correction_negates_cost_and_usage_and_bills_again(rows):
    negation, replacement = (r for r in rows if r["adjustment_info"])
    original = next(
        r for r in rows
        if r["sku"] == negation["sku"] and r["project"] == negation["project"] and not r["adjustment_info"]
        and r["usage_start_time"] == negation["usage_start_time"]
    )  # fmt: skip
    assert negation["cost"] == -original["cost"] < 0
    assert negation["usage"]["amount_in_pricing_units"] == -original["usage"]["amount_in_pricing_units"]
    assert 0 < replacement["cost"] < original["cost"]
    assert negation["adjustment_info"]["mode"] == "COMPLETE_NEGATION_WITH_REMONETIZATION"


def test_the_log_spike_stands_out_for_three_days(rows):
    days = defaultdict(float)
    for row in rows:
        if row["service"]["description"] == "Cloud Logging":
            days[row["usage_start_time"].astimezone(PACIFIC).date()] += row["cost"]
    spike = [datetime(2025, 11, day, tzinfo=UTC).date() for day in (18, 19, 20)]
    week_before = [days[day - timedelta(days=7)] for day in spike]
    assert all(days[day] > 4 * before for day, before in zip(spike, week_before, strict=True))
    assert all(days[day] < 3 * week_before[0] for day in days if day not in spike)


def test_tax_and_rounding_have_no_project_and_invoices_are_whole_cents(rows, files):
    beside = [r for r in rows if r["cost_type"] != "regular"]
    assert sorted(r["cost_type"] for r in beside) == ["rounding_error"] * 6 + ["tax"] * 6
    assert all(r["project"] is None for r in beside)
    sums = defaultdict(int)
    for row in rows:
        sums[row["invoice"]["month"]] += nanos(row["cost"]) + sum(nanos(c["amount"]) for c in row["credits"])
    with files.invoice.open() as stream:
        invoices = {r["invoice_month"]: nanos(float(r["amount"])) for r in csv.DictReader(stream)}
    assert invoices == sums
    assert all(total % 10**7 == 0 for total in sums.values())


def test_exports_come_after_usage_and_settle_the_last_month(rows):
    delays = [r["export_time"] - r["usage_start_time"] for r in rows]
    assert min(delays) >= timedelta(hours=1)
    assert sum(delay > timedelta(hours=24) for delay in delays) > 100
    assert max(r["export_time"] for r in rows) >= datetime(2026, 2, 6, 8, tzinfo=UTC)


def test_no_commitment_is_in_the_bill(rows):
    kinds = {c["type"] for r in rows for c in r["credits"]}
    assert kinds == {"FREE_TIER", "PROMOTION"}
    assert not any("ommitment" in r["sku"]["description"] for r in rows)


def test_columns_are_the_detailed_export_s(table):
    assert {"resource", "price", "consumption_model", "adjustment_info", "tags", "subscription"} <= set(
        table.column_names
    )
    assert str(table.schema.field("price").type.field("effective_price").type) == "decimal128(38, 9)"
    assert set(table["consumption_model"].combine_chunks().field("id").unique().to_pylist()) == {"7754-699E-0EBF"}
    assert table.num_rows > 150_000


def test_writing_twice_writes_the_same_bytes(files, tmp_path):
    again = write_demo(tmp_path)
    for first, second in zip((files.bill, files.metrics, files.invoice, *files.inventory),
                             (again.bill, again.metrics, again.invoice, *again.inventory), strict=True):  # fmt: skip
        assert digest(first) == digest(second), first.name


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_samples_are_those_of_the_generated_demo(files):
    assert (SAMPLES / "invoice.csv").read_text() == files.invoice.read_text()
    for path in files.inventory:
        assert (SAMPLES / "inventory" / path.name).read_text() == path.read_text()
    generated = set(files.metrics.read_text().splitlines())
    excerpt = (SAMPLES / "metrics.csv").read_text().splitlines()
    assert len(excerpt) > 100
    assert set(excerpt) <= generated

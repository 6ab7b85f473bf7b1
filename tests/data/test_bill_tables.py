from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from charge_rows import CORE, EGRESS, LEGACY_FEE, NANOS, RUN_CPU, SQL_VCPU, START, add_load, charge
from test_reductions_of_charges import nasty_bill

from data.bill_months import AvailableMonths, NoBill, available_months, default_months
from data.bill_queries import LINE_MONEY
from data.bill_tables import bill_tables
from data.reconcile import reconcile
from data.records import InvoiceTotal, save_invoices
from data.totals import totals
from data.workspace import Workspace


def test_lines_are_the_daily_sums_to_the_nano(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    bill = nasty_bill()
    add_load(workspace, bill[::2], "a")
    add_load(workspace, bill[1::2], "b")
    for currency, months in (("USD", [202601]), ("EUR", [202602])):
        lines = bill_tables(workspace, months, currency).lines
        rows = [row for row in bill if row["currency"] == currency and row["invoice_month"] == months[0]]
        assert int(lines["row_count"].sum()) == len(rows)
        for column in ("cost_nanos", "effective_nanos", *[each for each in LINE_MONEY if "credit" in each]):
            assert int(lines[column].sum()) == sum(row[column] for row in rows), column
        (total,) = [row for row in totals(workspace, ["invoice_month"]) if row.currency == currency]
        assert int(lines["list_nanos"].sum()) == total.list_nanos
        assert int(lines["on_demand_nanos"].sum()) == total.on_demand_nanos
    assert {array.dtype.kind for name, array in lines.items() if name.endswith("_nanos")} == {"i"}


def test_lever_lines_have_resources_and_physical_units(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    rows = [
        charge(1, usage=2.0, resource="api", pricing_unit="hour"),
        charge(1, usage=3.0, hour=1, resource="worker", pricing_unit="hour"),
        charge(4, usage=5.0, hour=1, **CORE),
        charge(2, usage=7.0, cost_type="tax", charge_class="tax", pricing_unit="hour"),
    ]
    add_load(workspace, rows, "hours")
    tables = bill_tables(workspace)
    lines = tables.lines
    usage = {(kind, resource): amount for kind, resource, amount in zip(
        lines["kind"], lines["resource"], lines["usage"], strict=True)}  # fmt: skip
    cpu = "cloud_run.request_based.cpu"
    assert usage == {(cpu, "api"): 7200.0, (cpu, "worker"): 10800.0, ("", ""): pytest.approx(usage["", ""])}
    assert sorted(lines["usage"][lines["kind"] == ""]) == [5.0, 7.0], "tax of a lever's SKU is no lever line"
    assert tables.hourly["usage"].tolist() == [7200.0, 10800.0]
    assert tables.hourly["hour"].tolist() == [int(START.timestamp()) // 3600, int(START.timestamp()) // 3600 + 1]
    assert tables.hourly["resource"].tolist() == ["api", "worker"]
    codes, categories = tables.codes["hourly.resource"]
    assert categories[codes].tolist() == ["api", "worker"]


def test_loads_with_other_pricing_units_meet_in_the_physical_unit(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    add_load(workspace, [charge(1, usage=3600.0, pricing_unit="second")], "seconds")
    add_load(workspace, [charge(1, usage=1.0, hour=1, pricing_unit="hour")], "hours")
    tables = bill_tables(workspace)
    assert tables.lines["usage"].tolist() == [7200.0]
    assert tables.hourly["usage"].tolist() == [3600.0, 3600.0]
    add_load(workspace, [charge(1, usage=1.0, hour=2, pricing_unit="fortnight")], "fortnights")
    tables = bill_tables(workspace)
    assert set(tables.lines["kind"]) == {""}
    assert "fortnight" in next(iter(tables.unclassified.values()))
    assert int(tables.lines["cost_nanos"].sum()) == 3 * NANOS
    assert len(tables.hourly["hour"]) == 0


def test_rows_longer_than_an_hour_have_no_hourly_shape(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    add_load(workspace, [charge(1, usage_end=START + timedelta(days=1)), charge(1, **SQL_VCPU)], "x")
    tables = bill_tables(workspace)
    assert tables.kinds_without_hours == ("cloud_run.request_based.cpu",)
    assert tables.pools_without_hours == ("compute_flexible",)
    assert set(tables.hourly["kind"]) == {"cloud_sql.zonal.vcpu"}
    assert int(tables.lines["cost_nanos"].sum()) == 2 * NANOS


def test_the_largest_currency_is_taken_and_the_others_named(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    add_load(workspace, [charge(1), charge(9, currency="EUR", currency_conversion_rate=0.9)], "x")
    tables = bill_tables(workspace)
    assert (tables.currency, tables.other_currencies, tables.conversion_rate) == ("EUR", ("USD",), 0.9)
    assert bill_tables(workspace, currency="USD").lines["cost_nanos"].tolist() == [NANOS]


def month_rows(*months: int, export_time: datetime | None) -> list[dict[str, object]]:
    return [
        charge(1, invoice_month=month, usage_start=datetime(month // 100, month % 100, 28, 20, tzinfo=UTC),
               export_time=export_time)
        for month in months
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("export_time", "settled"),
    [
        (datetime(2026, 3, 6, 7, 59, tzinfo=UTC), (202601,)),
        (datetime(2026, 3, 6, 8, 0, tzinfo=UTC), (202601, 202602)),  # five days after midnight in California
        (datetime(2026, 3, 20, tzinfo=UTC), (202601, 202602)),
    ],
)
def test_a_month_is_settled_by_the_newest_export_never_by_the_clock(
    tmp_path: Path, export_time: datetime, settled: tuple[int, ...]
) -> None:
    workspace = Workspace(tmp_path)
    add_load(workspace, month_rows(202601, 202602, 202603, export_time=export_time), "x")
    found = available_months(workspace)
    assert found.settled == settled
    assert found.settled + found.unsettled == (202601, 202602, 202603)


def test_without_export_times_usage_must_reach_the_last_day(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    add_load(workspace, month_rows(202601, 202602, export_time=None), "x")
    assert available_months(workspace) == AvailableMonths((202601, 202602), (), date(2026, 2, 28))


def test_the_last_three_settled_months_are_the_default(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert default_months(workspace) == ()
    with pytest.raises(NoBill, match="import an export"):
        bill_tables(workspace)
    rows = month_rows(202511, 202512, 202601, 202602, 202603, export_time=datetime(2026, 3, 20, tzinfo=UTC))
    add_load(workspace, rows, "x")
    assert default_months(workspace) == bill_tables(workspace).months == (202512, 202601, 202602)
    assert bill_tables(workspace, [202603]).months == (202603,)
    with pytest.raises(NoBill, match="202607"):
        bill_tables(workspace, [202607])


def test_tables_are_the_same_on_every_reading(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    rows = [charge(0.1, hour=hour, usage=0.1 * hour, resource=f"r{hour % 7}") for hour in range(300)]
    for part in range(3):
        add_load(workspace, rows[part::3], str(part))
    first, second = bill_tables(workspace), bill_tables(workspace)
    for name in ("lines", "hourly", "pools"):
        for column, array in getattr(first, name).items():
            assert np.array_equal(array, getattr(second, name)[column]), (name, column)
    assert first.snapshot == second.snapshot == workspace.snapshot()
    assert not first.is_demo
    assert first.accounts == ("ACC",)
    assert set(first.lines["sku"]) == {RUN_CPU["sku"]}


@pytest.mark.parametrize(("demo_first", "demo_second", "flagged"), [(1, 1, 1), (1, 0, 1), (0, 1, 1), (0, 0, 0)])
def test_a_bill_with_any_row_of_the_demo_is_flagged(
    tmp_path: Path, demo_first: int, demo_second: int, flagged: int
) -> None:
    workspace = Workspace(tmp_path)
    add_load(workspace, [charge(1)], "first", is_demo=bool(demo_first))
    add_load(workspace, [charge(2)], "second", is_demo=bool(demo_second))
    assert bill_tables(workspace).is_demo is bool(flagged)


def test_what_is_given_back_once_is_told_apart_from_what_corrects_the_window(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    before = datetime(2025, 6, 3, 12, tzinfo=UTC)
    rows = [
        charge(10, **EGRESS),
        charge(-3, usage=-1.0, is_correction=True, **EGRESS),
        charge(-5, hour=48, usage=0.0, is_correction=True, **EGRESS),
        charge(-7, usage=-2.0, is_correction=True, usage_start=before, **EGRESS),
        charge(-1, usage=None, charge_class="adjustment", cost_type="adjustment"),
        charge(-2, usage=0.0, charge_class="tax", cost_type="tax", is_correction=True),
        charge(-4, usage=0.0, is_correction=True, **LEGACY_FEE),
    ]
    add_load(workspace, rows, "x")
    assert [(kind, charge_class, nanos) for _, _, kind, charge_class, nanos in bill_tables(workspace).one_offs] == [
        ("cloud_run.request_based.cpu", "adjustment", -1_000_000_000), ("", "usage", -12_000_000_000),
    ]  # fmt: skip


def test_an_invoice_is_held_against_its_parts_to_the_cent(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    rows = [
        charge(10, credited={"PROMOTION": -2, "BRAND_NEW": -0.5}),
        charge(1.234, charge_class="tax", cost_type="tax", usage_start=None),
        charge(-0.004, charge_class="rounding", cost_type="rounding_error", usage_start=None),
        charge(-1, charge_class="adjustment", cost_type="adjustment", is_correction=True),
        charge(99, currency="EUR"),
    ]
    add_load(workspace, rows, "x")
    (missing,) = [check for check in reconcile(workspace) if check.name == "invoice"]
    assert (missing.passed, missing.sentence) == (None, "No invoice given: not reconciled.")
    save_invoices(workspace, [InvoiceTotal(202601, "USD", Decimal("7.73"))])
    (agreeing,) = [check for check in reconcile(workspace) if check.name.startswith("invoice")]
    assert (agreeing.passed, agreeing.residual, agreeing.actual) == (True, 0, Decimal("7.73"))
    assert dict(agreeing.parts) == {
        "gross": 10, "PROMOTION": -2, "other credits": Decimal("-0.5"), "tax": Decimal("1.234"),
        "rounding": Decimal("-0.004"), "adjustments": -1,
    }  # fmt: skip
    save_invoices(workspace, [InvoiceTotal(202601, "USD", Decimal("8.00"))])
    (differing,) = [check for check in reconcile(workspace) if check.name.startswith("invoice")]
    assert (differing.passed, differing.residual) == (False, Decimal("0.27"))


def test_checks_fail_where_the_bill_does(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    rows = [
        charge(5, usage=10.0, unit_price=0.6, pricing_unit_quantity=1.0),
        charge(6, credited={"FEE_UTILIZATION_OFFSET": -5}, **(LEGACY_FEE | {"sku": "Compute Flexible CUD - 1 Year"})),
    ]
    add_load(workspace, rows, "x")
    add_load(workspace, rows, "x again")
    checks = {check.name: check for check in reconcile(workspace)}
    price = checks["price × quantity = cost (USD)"]
    assert (price.passed, price.residual) == (False, 2)
    fee = checks["fee − offset (compute_flexible, USD)"]
    assert (fee.expected, fee.actual, fee.residual, fee.passed) == (12, 10, 2, True)
    twice = checks["no rows loaded twice"]
    assert (twice.passed, twice.actual) == (False, 1)
    assert checks["rows = reductions (USD)"].passed

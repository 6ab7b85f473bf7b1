"""The repriced bill as FOCUS rows: mandatory columns, allowed values, and costs that add up to the outcome."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from data.importing import import_paths
from data.totals import totals
from data.workspace import Workspace
from exports.finance_files import FINANCE_WRITERS
from exports.focus import COLUMNS, focus_table, service_category
from exports.tables_csv import FORMULA_STARTS, csv_bytes, table_csv
from exports.tables_parquet import table_parquet
from model.money import as_text
from tests.exports.sample_outcomes import HOSTILE, hostile, shop, unchanged

NOT_NULL = (
    "BilledCost", "ContractedCost", "EffectiveCost", "ListCost", "BillingAccountId", "BillingCurrency",
    "ChargeCategory", "InvoiceIssuerName", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
    "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd", "ChargeFrequency",
    "BillingAccountType",
)  # fmt: skip
NULLABLE = ("BillingAccountName", "ChargeClass", "ChargeDescription", "PricingQuantity", "PricingUnit")
ALLOWED = {
    "ChargeCategory": {"Usage", "Purchase", "Tax", "Credit", "Adjustment"},
    "ChargeFrequency": {"One-Time", "Recurring", "Usage-Based"},
    "ChargeClass": {"", "Correction"},
    "PricingCategory": {"", "Standard", "Dynamic", "Committed", "Other"},
    "ServiceCategory": {
        "AI and Machine Learning", "Analytics", "Business Applications", "Compute", "Databases", "Developer Tools",
        "Multicloud", "Identity", "Integration", "Internet of Things", "Management and Governance", "Media",
        "Migration", "Mobile", "Networking", "Security", "Storage", "Web", "Other",
    },
}  # fmt: skip
"""Specification 1.2: mandatory columns and closed lists."""
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def faults(rows: list[dict[str, str]]) -> list[str]:
    """What the specification would not take."""
    found = [f"no {name}" for name in (*NOT_NULL, *NULLABLE) if name not in rows[0]]
    for number, row in enumerate(rows, 1):
        found += [f"row {number}: empty {name}" for name in NOT_NULL if not row.get(name)]
        found += [f"row {number}: {name} {row[name]!r}" for name, known in ALLOWED.items() if row[name] not in known]
        found += [f"row {number}: {name} is no time" for name in row if name.endswith(("PeriodStart", "PeriodEnd"))
                  if not TIME.fullmatch(row[name])]  # fmt: skip
        if not row["ChargePeriodStart"] < row["ChargePeriodEnd"]:
            found.append(f"row {number}: the period is empty")
        if row["ChargeCategory"] in ("Usage", "Purchase") and not (row["PricingQuantity"] and row["PricingCategory"]):
            found.append(f"row {number}: no quantity")
    return found


@pytest.mark.parametrize("outcome", [shop(), unchanged()], ids=["plan", "unchanged"])
def test_rows_keep_the_specification(outcome) -> None:
    assert faults(rows_of(table_csv(focus_table(outcome)))) == []


@pytest.mark.parametrize(
    "damage",
    [
        {"ServiceCategory": "Serverless"},
        {"BilledCost": ""},
        {"ChargePeriodEnd": "2026-02-01"},
        {"ChargeCategory": "usage"},
    ],
)
def test_a_row_that_breaks_the_specification_is_found(damage: dict[str, str]) -> None:
    rows = rows_of(table_csv(focus_table(shop())))
    rows[3] |= damage
    found = faults(rows)
    assert found
    assert all(fault.startswith("row 4: ") for fault in found)


def test_the_four_costs_add_up_to_the_outcome() -> None:
    outcome = shop()
    rows = rows_of(table_csv(focus_table(outcome)))
    total = outcome.result.total
    wanted = {"ListCost": total.list, "ContractedCost": total.on_demand, "BilledCost": total.net,
              "EffectiveCost": total.effective}  # fmt: skip
    assert {name: as_text(amount) for name, amount in wanted.items()} == {
        name: f"{sum(Decimal(row[name]) for row in rows):.9f}" for name in wanted
    }
    billed = [row for row in rows if row["x_IsChange"] == "false"]
    assert f"{sum(Decimal(row['EffectiveCost']) for row in billed):.9f}" == as_text(outcome.baseline.total.effective)
    assert {row["x_Lever"] for row in rows} == {"", "cloud_run", "cloud_sql", "commitments", "tax"}
    assert {row["x_ScenarioFingerprint"] for row in rows} == {outcome.scenario.fingerprint}


def test_parquet_holds_what_csv_holds() -> None:
    table = focus_table(shop())
    stored = pq.read_table(io.BytesIO(table_parquet(table)))
    assert stored.column_names == [column.name for column in COLUMNS]
    rows = rows_of(table_csv(table))
    assert [f"{x.as_py():.9f}" for x in stored["BilledCost"]] == [row["BilledCost"] for row in rows]
    assert [x.as_py() or "" for x in stored["ServiceName"]] == [row["ServiceName"] for row in rows]


def test_periods_are_the_months_of_the_invoice() -> None:
    row = rows_of(table_csv(focus_table(shop())))[0]
    assert datetime.fromisoformat(row["BillingPeriodStart"]).isoformat() == "2026-02-01T08:00:00+00:00"
    assert datetime.fromisoformat(row["BillingPeriodEnd"]).isoformat() == "2026-03-01T08:00:00+00:00"


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_app_itself_reads_the_rows_back_to_the_nano(suffix: str, tmp_path) -> None:
    outcome = shop()
    files = dict(FINANCE_WRITERS["focus"](outcome))
    path = tmp_path / f"focus.{suffix}"
    path.write_bytes(files[f"finance/focus/focus_1_2.{suffix}"])
    workspace = Workspace(tmp_path / "workspace")
    report = import_paths(workspace, [str(path)])
    assert [(each.kind, each.rows_quarantined) for each in report.sources] == [("focus", 0)]
    (row,) = totals(workspace, ["currency"])
    total = outcome.result.total
    read = (row.net_nanos, row.list_nanos, row.on_demand_nanos, row.effective_nanos)
    assert read == (total.net, total.list, total.on_demand, total.effective)


def test_no_text_of_a_csv_is_taken_for_a_formula() -> None:
    content = csv_bytes(["=a"], [[name, -1.5] for name in HOSTILE])
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert len(rows) == 1 + len(HOSTILE)
    assert not [row[0] for row in rows[1:] if row[0].startswith(FORMULA_STARTS)]
    assert {row[1] for row in rows[1:]} == {"-1.5"}


@pytest.mark.parametrize("name", [HOSTILE[0], HOSTILE[4], "\ud800"], ids=ascii)
def test_hostile_names_stay_text_in_every_file(name: str) -> None:
    outcome = hostile(name)
    for kind in ("csv", "focus"):
        for path, content in FINANCE_WRITERS[kind](outcome):
            if path.endswith(".csv"):
                cells = [cell for row in csv.reader(io.StringIO(content.decode(), newline="")) for cell in row]
                bad = [cell for cell in cells if cell.startswith(FORMULA_STARTS) and not number(cell)]
                assert bad == [], path
    for _, content in FINANCE_WRITERS["parquet"](outcome):
        pq.read_table(io.BytesIO(content))


def number(cell: str) -> bool:
    return re.fullmatch(r"-\d+(\.\d+)?(e[+-]?\d+)?", cell) is not None


def test_google_products_have_a_category() -> None:
    wanted = {"Cloud Run": "Compute", "Memorystore for Redis": "Databases", "BigQuery": "Analytics",
              "Cloud Tasks": "Integration", "Networking": "Networking", "Invoice": "Other"}  # fmt: skip
    assert {product: service_category(product) for product in wanted} == wanted

"""One table, two adapters: the charges that GoogleSQL makes of a table are those that DuckDB makes of its file."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import google_sql_engine as google
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bigquery_table import fields_of

from data.charge import CHARGE_COLUMNS
from data.importing import connect
from data.sources.bigquery_charges import charges_of, schema_of_fields
from data.sources.charges import create_charge_view, inspect
from tests.data.nasty_bill import NASTY_ROWS, SCHEMA, TEXT, credit, row

pytestmark = pytest.mark.xdist_group("zetasql")
INSTANT = pa.timestamp("us", "UTC")
TIMES = ("usage_start_time", "usage_end_time", "export_time")
INF, NAN = float("inf"), float("nan")
LARGE = [row(cost=1234567.123456789), row(cost=-8_999_999_999.5), row(cost=0.1 + 0.2), row(cost=2.5e-9)]
BAD = [
    row(currency=""), row(cost=None), row(cost=NAN), row(cost=9.1e9), row(cost=1e25), row(cost_at_list=-INF),
    row(invoice={"month": "2026-13"}), row(invoice={"month": "May"}), row(usage_start_time=None),
    row(credits=[credit("PROMOTION", NAN)]), row(credits=[credit("PROMOTION", 1e25)]),
    row(price={"effective_price": INF, "pricing_unit_quantity": 1.0}),
]  # fmt: skip

FOCUS = pa.schema(
    [(name, TEXT) for name in ("BillingCurrency", "BillingAccountId", "ProviderName", "ChargeCategory", "ChargeClass",
                               "x_ServiceId", "ServiceName", "SkuId", "ChargeDescription", "SubAccountId", "RegionId",
                               "ResourceName", "ResourceId", "CommitmentDiscountStatus", "PricingUnit", "ConsumedUnit")]
    + [(name, INSTANT) for name in ("ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart")]
    + [(name, pa.float64()) for name in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost",
                                         "PricingQuantity", "ConsumedQuantity", "ContractedUnitPrice")]
    + [("Tags", pa.list_(pa.struct([("key", TEXT), ("value", TEXT)])))]
)  # fmt: skip


def focus(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = dict.fromkeys(FOCUS.names) | {
        "BillingCurrency": "USD", "BillingAccountId": "A", "ProviderName": "Google Cloud", "ChargeCategory": "Usage",
        "ServiceName": "Cloud Run", "SkuId": "S/1", "ChargeDescription": "CPU", "SubAccountId": "p",
        "ResourceName": "projects/p/services/api", "PricingUnit": "second", "ConsumedUnit": "s",
        "ChargePeriodStart": datetime(2026, 5, 1, 7, tzinfo=UTC),
        "ChargePeriodEnd": datetime(2026, 5, 1, 8, tzinfo=UTC),
        "BillingPeriodStart": datetime(2026, 5, 1, 7, tzinfo=UTC), "BilledCost": 1.25, "PricingQuantity": 3.0,
        "ConsumedQuantity": 60.0, "Tags": [{"key": "team", "value": "o'neil"}],
    }  # fmt: skip
    return base | changes


FOCUS_ROWS = [
    focus(),
    focus(EffectiveCost=0.5, ListCost=2.0, ContractedCost=1.5, ContractedUnitPrice=0.1, ChargeClass="Correction"),
    focus(CommitmentDiscountStatus="Used", BilledCost=0.0, ContractedCost=1.0, Tags=[]),
    focus(ChargeCategory="Purchase", CommitmentDiscountStatus="Used", ResourceName=None, ResourceId="a/b:c"),
    focus(ChargeCategory="Tax", BillingPeriodStart=datetime(2026, 4, 30, 22, tzinfo=UTC), SkuId=None, ServiceName=""),
    focus(ChargeCategory="Credit", BilledCost=-3.1, x_ServiceId="X"),
]


def typed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one | {name: one[name] and datetime.fromisoformat(one[name]) for name in TIMES} for one in rows]


GOOGLE_VIEW = FOCUS.append(pa.field("x_CostType", TEXT))
WITHOUT_CREDITS = pa.schema([one for one in SCHEMA if one.name not in ("credits", "labels", "invoice")])
TABLES = {
    "detailed": (SCHEMA, typed([*NASTY_ROWS, *LARGE])),
    "with bad rows": (SCHEMA, typed([row(), *BAD])),
    "without credits": (WITHOUT_CREDITS, typed(NASTY_ROWS)),
    "focus": (FOCUS, FOCUS_ROWS),
    "Google's view of focus": (GOOGLE_VIEW, [one | {"x_CostType": "regular"} for one in FOCUS_ROWS]),
}


@pytest.mark.parametrize("name", TABLES)
def test_charges_of_a_table_are_those_of_its_file(name, tmp_path):
    schema, rows = TABLES[name]
    read = charges_of("a table", schema_of_fields(fields_of(schema)))
    ours = google.run(read.charges(f"({google.rows_sql(schema, rows)}) AS s", only_good=True))
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), tmp_path / "bill.parquet")
    with connect(tmp_path / "spill") as connection:
        source = inspect(connection, tmp_path / "bill.parquet")
        create_charge_view(connection, source, tmp_path)
        theirs = connection.sql(f"SELECT {', '.join(CHARGE_COLUMNS)} FROM charge").to_arrow_table().to_pylist()
    assert read.kind == source.kind
    for mine, other in zip(plain(ours), plain(theirs), strict=True):
        assert {key: (mine[key], other[key]) for key in mine if mine[key] != other[key]} == {}
    assert ours


def test_bad_rows_say_what_is_wrong_with_them():
    read = charges_of("a table", schema_of_fields(fields_of(SCHEMA)))
    found = google.run(read.bad_rows(f"({google.rows_sql(SCHEMA, typed([row(), *BAD]))}) AS s"))
    assert len(found) == len(BAD)
    assert {one["problem"].split(":")[0] for one in found} == {
        "currency", "cost", "cost_at_list", "invoice.month", "usage_start_time", "credits", "price.effective_price",
    }  # fmt: skip


def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(
        ({name: _plain(one[name]) for name in CHARGE_COLUMNS if name != "row_number"} for one in rows), key=repr
    )


def _plain(value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case list():
            return [_plain(each) for each in value]
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case int() | Decimal() if value == int(value):
            return int(value)
        case float() | Decimal():
            return float(f"{value:.15g}") + 0.0 if float(value) != int(value) else int(value)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    is_large = len(text) > 15 and text.lstrip("-").isdigit()  # JSON holds no integer beyond 2⁵³, so it comes as text
    return int(text) if is_large else text.replace("+00:00", "Z")

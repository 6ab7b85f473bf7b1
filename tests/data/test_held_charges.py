"""Codes, constants and charges held in memory are a matter of time only: the reductions are those of the plain SQL."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from charge_rows import CORE, LEGACY_FEE, RUN_CPU, START, charge, make_charge
from hypothesis import given, settings
from hypothesis import strategies as st

from data.charge import CREDIT_COLUMNS
from data.importing import connect
from data.reduction_files import FILE_OF_LOAD, rows_of_files
from data.reduction_sql import duckdb_sql
from data.warehouse import REDUCTION_NAMES, DuckDBWarehouse, sku_class_table
from data.watch import Watch

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = st.sampled_from([None, "a", "b's", 'say "c"', "back\\slash", "nul\0inside", "ü"])
BY_NAME = {"service_id": None, "service": "s", "sku_id": None, "sku": "x", "sku_key": "s/x"}
SAME_ID = {"service_id": "other", "service": "Other", "sku": "y"}
"""With RUN_CPU's id of the SKU, in another service."""
MONEY = st.integers(-(10**12), 10**12)
CHARGES = st.fixed_dictionaries(
    {
        "skus": st.sampled_from([RUN_CPU, CORE, LEGACY_FEE, BY_NAME, SAME_ID]),
        "hour": st.integers(0, 40),
        "amounts": st.one_of(MONEY.map(lambda one: (one, one, one)), st.tuples(MONEY, MONEY, MONEY)),
        "credited": st.dictionaries(st.sampled_from([*CREDIT_COLUMNS, "NEW_KIND"]), st.integers(-3, 3), max_size=2),
        "project": TEXTS, "region": TEXTS, "resource": TEXTS, "cost_type": TEXTS,
        "currency": st.sampled_from(["USD", "EUR"]),
        "charge_class": st.sampled_from(["usage", "adjustment", "tax"]),
        "is_correction": st.booleans(),
        "unit_price": st.sampled_from([None, 0.5]),
        "currency_conversion_rate": st.sampled_from([None, 1.0, 0.1]),
        "usage": st.one_of(st.none(), st.floats(-1e6, 1e6)),
        "labels": st.lists(st.fixed_dictionaries({"key": TEXTS, "value": TEXTS}), max_size=2),
    }
)  # fmt: skip
BILLS = st.one_of(
    st.lists(CHARGES, min_size=1, max_size=12),
    st.tuples(CHARGES, st.lists(st.integers(0, 40), min_size=1, max_size=4)).map(
        lambda drawn: [drawn[0] | {"hour": hour} for hour in drawn[1]]  # constant in all but the hour
    ),
)


def _row(drawn: dict) -> dict[str, object]:
    given = {name: drawn[name] for name in drawn.keys() - {"skus", "hour", "amounts", "credited"}}
    cost, listed, on_demand = drawn["amounts"]
    row = charge(0, hour=drawn["hour"], credited=drawn["credited"], **(drawn["skus"] | given))
    return row | {"cost_nanos": cost, "list_nanos": listed, "on_demand_nanos": on_demand,
                  "effective_nanos": cost + row["effective_nanos"]}  # fmt: skip


@pytest.mark.parametrize("largest", [50_000, 2])
@settings(max_examples=25, deadline=None)
@given(BILLS)
def test_reductions_are_those_of_the_plain_sql(
    tmp_path_factory: pytest.TempPathFactory, largest: int, drawn: list[dict]
) -> None:
    folder = tmp_path_factory.mktemp("bill")
    with pytest.MonkeyPatch.context() as patch, connect(folder / "spill") as connection:
        patch.setattr("data.held_charges.LARGEST_DICTIONARY", largest)
        make_charge(connection, [_row(each) for each in drawn])
        warehouse = DuckDBWarehouse(connection, Watch(connection, "test"))
        warehouse.write_reductions(folder, sku_class_table(warehouse.write_skus(folder)))
    with connect(folder / "spill") as plain:
        make_charge(plain, [_row(each) for each in drawn])
        plain.execute(f"CREATE TABLE sku_class AS FROM '{folder / 'sku_class.parquet'}'").fetchall()
        for name in ("skus", *REDUCTION_NAMES):
            rows = rows_of_files(plain, name, [folder / f"{name}.parquet"])
            file = f"SELECT * EXCLUDE ({FILE_OF_LOAD}) FROM ({rows})"
            assert _texts(plain, file) == _texts(plain, duckdb_sql(name)), name


def _texts(connection, query: str) -> list[tuple]:
    return connection.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({query}) ORDER BY ALL").fetchall()


def test_columns_known_to_be_zero_are_not_read(tmp_path: Path) -> None:
    rows = [charge(1.5, hour=hour, usage_end=START + timedelta(hours=hour + 1)) for hour in range(3)]
    with connect(tmp_path / "spill") as connection:
        make_charge(connection, rows)
        warehouse = DuckDBWarehouse(connection, Watch(connection, "test"), 0.0, ["credit_discount_nanos"])
        warehouse.write_reductions(tmp_path, sku_class_table(warehouse.write_skus(tmp_path)))
        held = {row[0] for row in connection.execute("DESCRIBE held").fetchall()}
        assert "credit_discount_nanos" not in held
        assert {"cost_nanos", "credit_free_tier_nanos", "usage_hour"} <= held
        assert not {"currency", "project", "unit_price"} & held  # one value in all rows
        daily = rows_of_files(connection, "daily", [tmp_path / "daily.parquet"])
        sums = f"SELECT sum(credit_discount_nanos), sum(list_nanos), sum(cost_nanos), min(currency) FROM ({daily})"
        assert connection.execute(sums).fetchall() == [(0, 4_500_000_000, 4_500_000_000, "USD")]
        written = connection.execute(f"DESCRIBE FROM '{tmp_path / 'daily.parquet'}'").fetchall()
        assert {row[0] for row in written}.isdisjoint({"credit_discount_nanos", "list_nanos", "currency"})

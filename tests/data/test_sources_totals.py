"""Every shared file, against totals that were computed with the standard library alone."""

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from data.charge import CHARGE_COLUMNS
from data.sources.charges import SourceRefused, create_charge_view, inspect

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
if not SHARED.exists():
    pytest.skip("the shared sample data is not here: nothing can be held against its totals", allow_module_level=True)

FOLDER_OF = {
    "nise_nested_3000": "nise_nested",
    "nise_nested_jsonl": "nise_nested",
    "focus_1_0_official_sample_1000": "focus",
    "gcp_focus_1_2_1000": "focus",
    "gcp_focus_1_3_1000": "focus",
}
KEYS = {
    "invoice_month": "CAST(invoice_month AS VARCHAR)",
    "usage_month_utc": "strftime(timezone('UTC', usage_start), '%Y%m')",
    "usage_month_pacific": "strftime(timezone('America/Los_Angeles', usage_start), '%Y%m')",
    "service": "service",
    "project": "project",
    "cost_type": "cost_type",
    "billing_account": "billing_account",
    "provider": "provider",
    "invoice_month|service": "CAST(invoice_month AS VARCHAR) || '|' || service",
    "total": "''",
}
CREDITS = "effective_nanos - cost_nanos"
NANO = Decimal(10) ** -9


def figures(connection, key):
    """Key → rows, Σ cost, Σ credits; cost with its published residual, so exact."""
    credits_ = f"CASE WHEN provider = 'Google Cloud' AND cost_type = 'regular' THEN {CREDITS} ELSE 0 END"
    query = (
        f"SELECT currency || '|' || {KEYS[key]}, count(*), sum(cost_nanos), sum(residual), sum({credits_})"
        " FROM charge GROUP BY 1"
    )
    return {
        name: (rows, int(nanos) * NANO + Decimal(residual), int(credit) * NANO)
        for name, rows, nanos, residual, credit in connection.execute(query).fetchall()
    }


def add(totals, more):
    for name, (rows, cost, credit) in more.items():
        before = totals.get(name, (0, Decimal(0), Decimal(0)))
        totals[name] = (before[0] + rows, before[1] + cost, before[2] + credit)


def hold_against(expected, totals):
    assert set(totals) == set(expected)
    for name, (rows, cost, credit) in totals.items():
        assert rows == expected[name]["rows"], name
        assert abs(cost - Decimal(expected[name]["cost"])) < Decimal("1e-9"), name
        assert abs(credit - Decimal(expected[name]["credits"])) < Decimal("1e-9"), name


@pytest.mark.parametrize("name", sorted(path.stem for path in (SHARED / "expected_totals").glob("*.json")))
def test_totals_of_a_shared_source(name, tmp_path):
    expected = json.loads((SHARED / "expected_totals" / f"{name}.json").read_text())
    found = {key: {} for key in KEYS if key in expected["totals"]}
    connection = duckdb.connect()
    row_count = 0
    for file in expected["files"]:
        source = inspect(connection, SHARED / FOLDER_OF.get(name, name) / file)
        rejects = create_charge_view(connection, source, tmp_path)
        assert rejects.quarantined_count == 0
        row_count += rejects.accepted_count
        for key, totals in found.items():
            add(totals, figures(connection, key))
    assert row_count == expected["rows"]
    for key, totals in found.items():
        hold_against(expected["totals"][key], totals)


def test_nested_parquet_equals_the_flat_files_that_it_was_made_of(tmp_path):
    expected = json.loads((SHARED / "expected_totals" / "nise_static_eur_2026H1.json").read_text())
    connection = duckdb.connect()
    source = inspect(connection, SHARED / "nise_nested" / "nise_gcp_static_eur_2026H1.parquet")
    assert (source.kind, source.row_count_hint) == ("standard", 47328)
    assert create_charge_view(connection, source, tmp_path).quarantined_count == 0
    assert not list(tmp_path.iterdir()), "nested Parquet is read where it lies"
    hold_against(expected["totals"]["service"], figures(connection, "service"))
    promotion = connection.execute("SELECT sum(credit_promotion_nanos) FROM charge").fetchall()[0][0]
    assert int(promotion) * NANO == Decimal(expected["credits_by_type"]["EUR|PROMOTION"]["amount"])


def test_effective_cost_of_focus_is_its_own_column(tmp_path):
    connection = duckdb.connect()
    create_charge_view(
        connection, inspect(connection, SHARED / "focus" / "focus_1_0_official_sample_1000.csv"), tmp_path
    )
    effective, credits_ = connection.execute(
        "SELECT sum(effective_nanos), sum(len(other_credits)) FROM charge"
    ).fetchall()[0]
    assert abs(int(effective) * NANO - Decimal("14.97651418586")) < Decimal("1e-6")
    assert credits_ == 0


def test_contract_commitments_are_refused_by_name():
    with pytest.raises(SourceRefused, match=r"ContractCommitment dataset.*give FOCUS cost and usage data"):
        inspect(duckdb.connect(), SHARED / "focus" / "gcp_focus_1_3_contractcommitment.csv")


@pytest.mark.parametrize(
    "path",
    ["focus/gcp_focus_1_2_1000.csv", "nise_nested/nise_gcp_resource_3000.jsonl",
     "nise_nested/nise_gcp_static_eur_2026H1.parquet"],
)  # fmt: skip
def test_the_relation_has_the_canonical_columns(path, tmp_path):
    connection = duckdb.connect()
    create_charge_view(connection, inspect(connection, SHARED / path), tmp_path)
    types = {
        "INT64": "BIGINT", "STRING": "VARCHAR", "BOOL": "BOOLEAN", "FLOAT64": "DOUBLE",
        "TIMESTAMP": "TIMESTAMP WITH TIME ZONE",
        "ARRAY<STRUCT<type STRING, amount_nanos INT64>>": 'STRUCT("type" VARCHAR, amount_nanos BIGINT)[]',
        "ARRAY<STRUCT<key STRING, value STRING>>": 'STRUCT("key" VARCHAR, "value" VARCHAR)[]',
    }  # fmt: skip
    described = connection.execute("DESCRIBE charge").fetchall()
    found = {name: type_.replace('"', "") for name, type_, *_ in described}
    assert found == {name: types[type_].replace('"', "") for name, type_ in CHARGE_COLUMNS.items()}
    assert list(found) == list(CHARGE_COLUMNS)

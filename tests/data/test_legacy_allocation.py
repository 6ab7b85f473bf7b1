from pathlib import Path

from charge_rows import CORE, LEGACY_FEE, NANOS, NEW_FEE, RUN_CPU, add_load, charge
from hypothesis import given, settings
from hypothesis import strategies as st

from data.bill_tables import bill_tables
from data.totals import totals
from data.workspace import Workspace

RESOURCE_FEE = LEGACY_FEE | {"sku": "Commitment v1: Cpu in Americas for 1 Year", "sku_id": "F-2"}


def legacy_hour(hour: int, on_demand: float, covered: float, fee: float, quantity: float) -> list[dict[str, object]]:
    credited = {"COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE": -covered}
    return [
        charge(on_demand, hour=hour, credited=credited, resource=None, **CORE),
        charge(fee, hour=hour, usage=quantity, **LEGACY_FEE),
    ]


def new_hour(hour: int, on_demand: float, discounted: float, fee: float) -> list[dict[str, object]]:
    return [
        charge(discounted, hour=hour, on_demand_nanos=round(on_demand * NANOS), list_nanos=round(on_demand * NANOS),
               consumption_model="70D7-D1AB-12A4", resource=None, **CORE),
        charge(fee, hour=hour, usage=fee, credited={"FEE_UTILIZATION_OFFSET": -discounted}, **NEW_FEE),
    ]  # fmt: skip


def effective_by_sku(folder: Path, rows: list[dict[str, object]]) -> dict[str, int]:
    workspace = Workspace(folder)
    add_load(workspace, rows, "x")
    by_sku = {str(row.keys["sku"]): row.effective_nanos for row in totals(workspace, ["sku"])}
    lines = bill_tables(workspace).lines
    of_lines = dict.fromkeys(by_sku, 0)
    for sku, nanos in zip(lines["sku"], lines["effective_nanos"], strict=True):
        of_lines[sku] += int(nanos)
    assert of_lines == by_sku
    return by_sku


def test_both_data_models_of_one_usage_cost_the_same(tmp_path: Path) -> None:
    """Google's example (facts §1.9): 10 on demand at 45 % off is 5.50 either way, all of it borne by the usage."""
    legacy = effective_by_sku(tmp_path / "legacy", legacy_hour(0, 10, 10, 5.5, 10) + legacy_hour(1, 10, 10, 5.5, 10))
    new = effective_by_sku(tmp_path / "new", new_hour(0, 10, 5.5, 5.5) + new_hour(1, 10, 5.5, 5.5))
    assert legacy == {CORE["sku"]: 11 * NANOS, LEGACY_FEE["sku"]: 0}
    assert new == {CORE["sku"]: 11 * NANOS, NEW_FEE["sku"]: 0}


def test_the_fee_keeps_what_nobody_used(tmp_path: Path) -> None:
    """Half of what was bought is used: half of the fee moves. The same at the published 46 % without a quantity."""
    half = effective_by_sku(tmp_path / "half", legacy_hour(0, 5, 5, 5.5, 10))
    assert half == {CORE["sku"]: 2_750_000_000, LEGACY_FEE["sku"]: 2_750_000_000}
    published = effective_by_sku(tmp_path / "published", legacy_hour(0, 5, 5, 5.4, 1))
    assert published == {CORE["sku"]: 2_700_000_000, LEGACY_FEE["sku"]: 2_700_000_000}
    unused = effective_by_sku(tmp_path / "unused", [charge(5.5, usage=10.0, **LEGACY_FEE)])
    assert unused == {LEGACY_FEE["sku"]: 5_500_000_000}


def test_a_resource_commitment_moves_its_fee_within_its_region(tmp_path: Path) -> None:
    rows = [
        charge(10, credited={"COMMITTED_USAGE_DISCOUNT": -10}, resource=None, **CORE),
        charge(10, region="asia-east1", resource=None, **CORE),
        charge(6.3, usage=1.0, **RESOURCE_FEE),
    ]
    assert effective_by_sku(tmp_path, rows) == {CORE["sku"]: 16_300_000_000, RESOURCE_FEE["sku"]: 0}
    regions = {row.keys["region"]: row.effective_nanos for row in totals(Workspace(tmp_path), ["region"])}
    assert regions == {"us-central1": 6_300_000_000, "asia-east1": 10 * NANOS}


def test_shares_go_to_the_resources_that_are_covered(tmp_path: Path) -> None:
    credited = {"COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE": -3}
    rows = [
        charge(3, resource="api", credited=credited),
        charge(3, resource="worker", credited=credited),
        charge(3, resource="idle"),
        charge(3.24, usage=6.0, **LEGACY_FEE),
    ]
    workspace = Workspace(tmp_path)
    add_load(workspace, rows, "x")
    lines = bill_tables(workspace).lines
    of_resource = {
        resource: int(nanos)
        for resource, sku, nanos in zip(lines["resource"], lines["sku"], lines["effective_nanos"], strict=True)
        if sku == RUN_CPU["sku"]
    }
    assert of_resource == {"api": 1_620_000_000, "worker": 1_620_000_000, "idle": 3 * NANOS}


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 40), st.integers(1, 10**10), st.integers(0, 10**10), st.sampled_from("abc"),
            st.sampled_from([202601, 202602]),
        ),
        min_size=1, max_size=12,
    ),
    st.integers(0, 3 * 10**10),
)  # fmt: skip
def test_moving_fees_never_changes_the_sum(tmp_path_factory, usages, fee: int) -> None:
    rows = [
        charge(0, hour=hour, cost_nanos=on_demand, on_demand_nanos=on_demand, effective_nanos=on_demand - covered,
               credit_spend_commitment_nanos=-covered, resource=resource, invoice_month=month)
        for hour, on_demand, covered, resource, month in usages
    ]  # fmt: skip
    rows += [charge(0, hour=hour, cost_nanos=fee, effective_nanos=fee, **LEGACY_FEE) for hour in (0, 24)]
    workspace = Workspace(tmp_path_factory.mktemp("workspace"))
    add_load(workspace, rows, "x")
    for month in {row["invoice_month"] for row in rows}:
        expected = sum(row["effective_nanos"] for row in rows if row["invoice_month"] == month)
        found = {row.keys["invoice_month"]: row.effective_nanos for row in totals(workspace, ["invoice_month"])}
        assert found[month] == expected
    fees = [row.effective_nanos for row in totals(workspace, ["sku"]) if row.keys["sku"] == LEGACY_FEE["sku"]]
    assert 0 <= fees[0] <= 2 * fee

"""``commitments``: what stands, what to buy, what if we are wrong, as one document and as lines."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from data.workspace import Workspace
from model.commitment_pools import pool_title
from pages.parts.session import load_bill
from tests.command_line import document, run

if TYPE_CHECKING:
    from pathlib import Path

MONEY = re.compile(r"^-?\d+\.\d{9}$")
CONTRACT = (
    "name", "region", "term", "rates", "covered_on_demand_per_hour", "commit_per_hour", "cost", "saving", "utilisation",
    "coverage", "break_even_utilisation", "npv", "existing", "risk", "regret", "ladder",
)  # fmt: skip
CUDS = """[{"consumption_model": {"id": "61F8-639B-D89C"}, "subscription": {"instance_id": "a1"},
"region": "us-central1", "commitent_amount": {"unit": "$/hr", "value": "0.05"}, "term": "P1Y",
"start_time": "2025-09-27 18:08:20 UTC", "end_time": "2026-09-27 18:08:20 UTC", "state": "Active"}]"""


def advice(*arguments):
    return document("commitments", *arguments)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("committed")
    cuds = folder / "cuds.json"
    cuds.write_text(CUDS, encoding="utf-8")
    run("import", "demo", "--commitments", cuds, "--workspace", folder)
    return folder


@pytest.fixture(scope="module")
def planned(demo):
    return advice("--workspace", demo)


def test_every_pool_holds_what_the_contract_names(planned):
    assert {pool["name"] for pool in planned["pools"]} == {"cloud_sql-us-central1", "compute_flexible", "firestore"}
    for pool in planned["pools"]:
        assert set(CONTRACT) <= set(pool)
        assert MONEY.match(pool["npv"])
        assert MONEY.match(pool["saving"])
        assert not pool["in_scenario"]
        assert [way["key"] for way in pool["terms"]] == ["none", "1y", "3y", "mix", "ladder"]
        assert len(pool["hourly_coverage"]["coverage"]) == 7
        assert pool["risk"]["probability_of_loss"] <= 1.0


def test_a_commitment_of_the_scenario_is_the_one_that_is_judged(demo, planned):
    key = "commitments.firestore.term"
    found = next(p for p in advice("--set", f"{key}=1y", "--workspace", demo)["pools"] if p["name"] == "firestore")
    assert (found["term"], found["in_scenario"]) == ("1y", True)
    option = next(p for p in planned["pools"] if p["name"] == "firestore")["options"][0]
    assert (found["commit_per_hour"], found["saving"]) == (option["commit_per_hour"], option["saving"])
    simulated = json.loads(run("simulate", "--set", f"{key}=1y", "--workspace", demo, "--json").stdout)
    assert Decimal(found["saving"]) == pytest.approx(Decimal(simulated["saving"]), abs=Decimal("0.0000001"))


def test_fee_and_saving_are_shared_out_whole(planned):
    for pool in planned["pools"]:
        places = pool["allocation"]["places"]
        assert sum(Decimal(place["saving"]) for place in places) == pytest.approx(
            Decimal(pool["saving"]), abs=Decimal("0.00001")
        )


def test_what_ends_is_in_the_calendar(planned):
    assert [(each["month"], each["ending"][0]["identity"]) for each in planned["expiries"]] == [("202609", "a1")]


def test_order_matters_where_levers_move(demo, planned):
    assert planned["order_matters"] == []
    found = advice("--set", "cloud_run.api.min_instances=1", "--workspace", demo)["order_matters"]
    assert {each["pool"] for each in found} == {"cloud_sql-us-central1", "compute_flexible", "firestore"}
    flexible = next(each for each in found if each["pool"] == "compute_flexible")
    assert Decimal(flexible["loss_per_month"]) > 0


def test_the_fall_that_is_asked_about_is_in_the_table(demo):
    found = advice("--fall", "0.5", "--after", "3", "--workspace", demo)
    assert "Usage 50% lower after month 3" in found["pools"][0]["regret"]["futures"]


def test_lines_say_the_same(demo, planned):
    text = run("commitments", "--workspace", demo).output
    for pool in planned["pools"]:
        assert (
            f"{pool_title(pool['name'])}, {'1 year' if pool['term'] == '1y' else '3 years'}, not in the scenario"
            in text
        )
    assert "202609: a1 (Cloud SQL, us-central1) ends." in text
    assert "since no commitment is sold for Networking" in text
    assert "All together" in text


FOCUS = (
    "BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,"
    "ChargeCategory,BilledCost,EffectiveCost,ListCost,ContractedCost,PricingQuantity,PricingUnit,ServiceName,"
    "ProviderName,ChargeDescription,RegionId,CommitmentDiscountStatus"
)


def focus_row(hour, category, billed, effective, on_demand, service, sku, status=""):
    start, end = f"2026-01-01T{hour:02d}:00:00Z", f"2026-01-01T{hour + 1:02d}:00:00Z"
    return (
        f"A,USD,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,{start},{end},{category},{billed},{effective},{on_demand},"
        f"{on_demand},1,hour,{service},Google Cloud,{sku},us-central1,{status}"
    )


def imported(folder, rows):
    bill = folder / "bill.csv"
    bill.write_text("\n".join([FOCUS, *rows]) + "\n", encoding="utf-8")
    run("import", bill, "--workspace", folder / "w")
    return advice("--workspace", folder / "w")


def test_what_focus_calls_used_is_covered(tmp_path):
    """Of 10 an hour a commitment covers 6; FOCUS bills its price once, and the purchase beside it."""
    sku = "Cloud SQL for PostgreSQL: Zonal - vCPU in Americas"
    rows = [
        row
        for hour in range(20)
        for row in (
            focus_row(hour, "Usage", 4, 4, 4, "Cloud SQL", sku),
            focus_row(hour, "Usage", 0, 4.5, 6, "Cloud SQL", sku, "Used"),
            focus_row(hour, "Purchase", 4.5, 0, 0, "Cloud SQL", "Committed purchase"),
        )
    ]
    found = imported(tmp_path, rows)
    (pool,) = found["pools"]
    assert pool["existing"]["covered_per_hour"] == pytest.approx(20 * 6 / 744)
    assert pool["coverage"] == pytest.approx(0.6)
    assert "Purchases of 90.00 USD" in found["notes"][-1]


def test_a_bill_without_pools_is_told(tmp_path):
    """Rows that no pool knows plan nothing, and what they are is not guessed."""
    rows = [focus_row(0, "Usage", 10, 10, 10, service, "Some usage") for service in ("Cloud Storage", "Cloud SQL")]
    found = imported(tmp_path, rows)
    assert found["pools"] == []
    assert "what a commitment could cover" in found["notes"][0]
    assert {each["product"]: each["reason"][:25] for each in found["not_eligible"]} == {
        "Cloud Storage": "no commitment is sold for", "Cloud SQL": "its rows do not name what",
    }  # fmt: skip


EXPORT = (
    "billing_account_id,invoice.month,cost_type,service.id,service.description,sku.id,sku.description,usage_start_time,"
    "usage_end_time,project.id,location.region,cost,currency,currency_conversion_rate,usage.amount_in_pricing_units,"
    "usage.pricing_unit,credits,cost_at_list,consumption_model.id,cost_at_effective_price_default"
)
VCPU, LEGACY, NEW = (
    "S-1,Cloud SQL for PostgreSQL: Zonal - vCPU in Americas", "F-1,Commitment - dollar based v1: Cloud SQL for 1 Year",
    "F-2,Cloud SQL CUD - 1 Year",
)  # fmt: skip


def export_row(hour, sku, cost, credit=None, model=",", usage=1):
    start, end = f"2026-01-10T{hour:02d}:00:00Z", f"2026-01-10T{hour + 1:02d}:00:00Z"
    credits_ = "[]" if credit is None else f'"[{{""type"": ""{credit[0]}"", ""amount"": {credit[1]}}}]"'
    on_demand = model.partition(",")[2] or cost
    return (
        f"A,202601,regular,9662-B51E-5089,Cloud SQL,{sku},{start},{end},shop,us-central1,{cost},USD,1,{usage},hour,"
        f"{credits_},{on_demand},{model}"
    )


def legacy_hour(hour, usage, bought):
    """At 25 % off: usage at on-demand, credited as far as the commitment covers; its fee is 75 % of what it covers."""
    covered = min(usage, bought)
    credit = ("COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE", -covered)
    return [export_row(hour, VCPU, usage, credit), export_row(hour, LEGACY, bought * 0.75, usage=bought)]


def new_hour(hour, usage, bought):
    """Covered usage at its price, the rest at on-demand; the fee is offset as far as it is used."""
    covered = min(usage, bought)
    rest = [export_row(hour, VCPU, usage - covered)] if usage > covered else []
    return [
        export_row(hour, VCPU, covered * 0.75, model=f"61F8-639B-D89C,{covered}"),
        *rest,
        export_row(hour, NEW, bought * 0.75, ("FEE_UTILIZATION_OFFSET", -covered * 0.75)),
    ]


def existing(folder, hours):
    folder.mkdir()
    bill = folder / "bill.csv"
    bill.write_text("\n".join([EXPORT, *(row for hour in hours for row in hour)]) + "\n", encoding="utf-8")
    run("import", bill, "--workspace", folder / "w")
    (found,) = advice("--workspace", folder / "w")["existing"]
    return found


def test_a_month_that_holds_both_billing_models_reads_as_either(tmp_path):
    """12 hours of 10 and 11 of 6 on demand, 8 an hour committed: 12 × 8 + 11 × 6 of 23 × 8 is used."""
    usage = [10.0] * 12 + [6.0] * 12
    both = [legacy_hour, new_hour] * 12
    found = {
        name: existing(tmp_path / name, [kinds[hour](hour, usage[hour], 8.0) for hour in range(23)])
        for name, kinds in (("legacy", [legacy_hour] * 24), ("new", [new_hour] * 24), ("both", both))
    }
    covered, fee = 12 * 8 + 11 * 6, 23 * 8 * 0.75
    for each in found.values():
        assert Decimal(each["fee"]) == Decimal(fee)
        assert Decimal(each["covered"]) == covered
        assert Decimal(each["unused"]) == pytest.approx(Decimal(fee - covered * 0.75), abs=Decimal("0.001"))
        assert each["utilisation"] == pytest.approx(covered / (23 * 8))
        assert each["coverage"] == pytest.approx(covered / (12 * 10 + 11 * 6))
        assert Decimal(each["saving"]) == Decimal(covered - fee)
    assert [fee["billing_model"] for fee in found["both"]["fees"]] == ["legacy", "new"]
    assert {fee["term"] for fee in found["both"]["fees"]} == {"1y"}


def machine_row(hour, sku, region, usage, price):
    start, end = f"2026-01-10T{hour:02d}:00:00Z", f"2026-01-10T{hour + 1:02d}:00:00Z"
    return (
        f"A,202601,regular,6F81-5844-456A,Compute Engine,{sku},{start},{end},shop,{region},{usage * price},USD,1,"
        f"{usage},hour,[],{usage * price},,"
    )


def test_machines_are_planned_by_series_and_region_from_the_bill_itself(tmp_path):
    """23 of 744 hours run, so nothing pays; series and regions are told apart all the same, and add up to the pool."""
    rows = [
        machine_row(hour, *each)
        for hour in range(23)
        for each in (
            ("C-1,N2 Instance Core running in Americas", "us-east1", 8, 0.03),
            ("C-2,N2 Instance Ram running in Americas", "us-east1", 32, 0.004),
            ("C-3,N2 Instance Core running in EMEA", "europe-west1", 4, 0.033),
            ("C-4,E2 Instance Core running in Americas", "us-east1", 16, 0.02),
        )
    ]
    bill_file = tmp_path / "bill.csv"
    bill_file.write_text("\n".join([EXPORT, *rows]) + "\n", encoding="utf-8")
    run("import", bill_file, "--workspace", tmp_path / "w")
    bill = load_bill(Workspace(tmp_path / "w"))
    amounts = {(each.series, each.part, each.region): each.eligible.sum() for each in bill.machines}
    assert amounts == {
        ("n2", "vcpu", "us-east1"): pytest.approx(23 * 8 * 0.03),
        ("n2", "memory", "us-east1"): pytest.approx(23 * 32 * 0.004),
        ("n2", "vcpu", "europe-west1"): pytest.approx(23 * 4 * 0.033),
        ("e2", "vcpu", "us-east1"): pytest.approx(23 * 16 * 0.02),
    }
    (pool,) = bill.pools
    assert sum(series.sum() for series in pool.eligible.values()) == pytest.approx(sum(amounts.values()))
    assert set(pool.eligible) == {"compute_engine.n2", "compute_engine.e2"}
    (told,) = advice("--workspace", tmp_path / "w")["pools"]
    assert [plan["term"] for plan in told["machines"]] == ["1y", "3y"]
    assert all(Decimal(plan["gain_per_month"]) == 0 for plan in told["machines"])

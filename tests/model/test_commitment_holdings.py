from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from commitment_bill import axis, bill_of, pool, values_of

from model.bill import Lines
from model.commitment_ahead import bought_since_per_hour, held_parameters, standing_share, unknown_ends
from model.commitment_holdings import holdings
from model.commitment_pools import POOLS, not_eligible
from model.commitment_subscriptions import expiry_calendar, held_commitments
from model.parameter import Fact

HOURS = axis((10,))
TEXT = ("pool", "region", "rate_class", "fee_of", "charge_class", "consumption_model", "sku", "product")


def lines(*rows):
    """Rows of (text by name, cost, effective, offset) in currency units."""
    column = lambda i: np.array([round(row[i] * 1e9) for row in rows], dtype=np.int64)  # noqa: E731
    text = {name: np.array([row[0].get(name, "") for row in rows], object) for name in TEXT}
    nothing = np.zeros(len(rows), np.int64)
    return Lines(
        text, nothing, np.zeros(len(rows)), column(1), column(1), column(1), column(2),
        {"credit_fee_offset_nanos": column(3), "credit_resource_commitment_nanos": nothing},
    )  # fmt: skip


def fee(pool_, sku, cost, effective, offset=0.0, region=""):
    return ({"fee_of": pool_, "sku": sku, "region": region, "charge_class": "usage"}, cost, effective, offset)


def held(**values):
    said = {"amount_per_hour": 5.5, "ends": "2026-08-01T00:00:00Z", "term": "1y", "state": "active", **values}
    return {f"commitments.firestore.abc.{name}": Fact(value, "measured", "cuds.json") for name, value in said.items()}


def mixed_bill(**facts):
    """Firestore: legacy then new model in one month, 10 covered in 8 hours and 5 in 2, fees of 5.5 each hour."""
    covered = np.array([10.0] * 8 + [5.0] * 2)
    own = pool("firestore", {"half": np.full(10, 2.0)}, {"half": covered}, np.full(10, 5.5))
    rows = lines(
        fee("firestore", "Commitment - dollar based v1: Firestore for 1 year", 27.5, 0.0),
        fee("firestore", "Firestore CUD - 1 Year", 27.5, 5.5, offset=-22.0),
    )
    return replace(bill_of(own, hours=HOURS), lines=rows, facts=facts)


def test_both_billing_models_in_one_month_add_up():
    (found,) = holdings(mixed_bill())
    assert [(each.billing_model, each.term) for each in found.fees] == [("legacy", "1y"), ("new", "1y")]
    assert found.fee_nanos == 55_000_000_000
    assert found.unused_nanos == 5_500_000_000
    assert found.utilisation == pytest.approx(0.9)
    assert found.coverage == pytest.approx(90 / 110)
    assert found.saving_nanos == 35_000_000_000
    assert found.fee_per_hour == pytest.approx(5.5)


def test_effective_savings_rate_is_coverage_times_what_use_leaves():
    (found,) = holdings(mixed_bill())
    paid = (found.fee_nanos - found.unused_nanos) / found.covered_nanos
    assert found.effective_savings_rate == pytest.approx(found.coverage * (1 - paid / found.utilisation))


def test_use_of_what_has_no_known_term_is_not_claimed():
    rows = lines(fee("other", "Commitment - dollar based v1: something", 10.0, 10.0))
    bill = replace(bill_of(pool("firestore", {"half": np.ones(10)}), hours=HOURS), lines=rows)
    (found,) = holdings(bill)
    assert (found.utilisation, found.unused_nanos) == (None, None)
    assert "cannot be told" in found.notes[0]


def test_machines_and_slots_are_found():
    slots = ({"product": "BigQuery", "sku": "BigQuery Enterprise Edition Annual Slots Commitment"}, 48.0, 48.0, 0.0)
    rows = lines(fee("gce_resource", "Commitment v1: Cpu in Americas for 1 Year", 6.3, 0.0, region="us-east1"), slots)
    bill = replace(bill_of(pool("firestore", {"half": np.ones(10)}), hours=HOURS), lines=rows)
    assert {each.name: each.fee_nanos for each in holdings(bill)} == {
        "gce_resource": 6_300_000_000, "bigquery_slots": 48_000_000_000,
    }  # fmt: skip


def test_a_subscription_ends_in_its_calendar_month():
    bill = mixed_bill(**held())
    (one,) = held_commitments(bill)
    assert one.months_left == pytest.approx(6.0, abs=0.1)
    assert [(each.month, each.ending) for each in expiry_calendar(bill)] == [(202608, (one,))]
    assert holdings(bill)[0].held == (one,)
    assert expiry_calendar(mixed_bill(**held(state="expired"))) == ()


def test_a_commitment_stands_until_its_end():
    bill = mixed_bill(**held())
    own, keys = bill.pools[0], values_of("x")
    assert standing_share(bill, own, keys, 8).tolist() == [1, 1, 1, 1, 1, 1, 0, 0]
    assert standing_share(mixed_bill(), own, keys, 3).tolist() == [1, 1, 1]
    typed = values_of("firestore", held_months_left=2.0, held_commit_per_hour=11.0)
    assert standing_share(bill, own, typed, 3).tolist() == [2, 2, 0]
    assert bought_since_per_hour(bill, own, typed) == 0.0


def test_what_was_bought_after_the_bill_counts():
    bill = bill_of(pool("firestore", {"half": np.ones(10)}), hours=HOURS)
    assert bought_since_per_hour(
        bill, bill.pools[0], values_of("firestore", held_commit_per_hour=5.5)
    ) == pytest.approx(10.0)
    assert bought_since_per_hour(bill, bill.pools[0], values_of("firestore")) == 0.0


def test_an_unknown_end_is_said():
    bill = mixed_bill()
    assert "Firestore" in unknown_ends(bill, values_of("x"))[0]
    amount, left = held_parameters(bill, bill.pools[0], 20.0)
    assert (amount.current, left.current, left.default_from) == (5.5, None, "not known: taken as renewed")
    known = held_parameters(mixed_bill(**held()), bill.pools[0], 20.0)[1]
    assert (known.current, known.default_from) == (pytest.approx(5.9, abs=0.1), "cuds.json")


def test_what_no_commitment_covers_is_told_with_its_reason():
    usage = {"charge_class": "usage"}
    rows = lines(
        ({**usage, "product": "Cloud Tasks", "sku": "Queue operations"}, 3.0, 3.0, 0.0),
        ({**usage, "product": "Cloud SQL", "sku": "Zonal - Micro instance"}, 2.0, 2.0, 0.0),
        ({**usage, "product": "Cloud SQL", "sku": "Zonal - Standard storage"}, 5.0, 5.0, 0.0),
        ({**usage, "product": "Cloud SQL", "sku": "Zonal - vCPU", "pool": "cloud_sql"}, 9.0, 9.0, 0.0),
    )
    bill = replace(bill_of(pool("firestore", {"half": np.ones(10)}), hours=HOURS), lines=rows)
    assert [(each.product, each.cost_nanos // 10**9) for each in not_eligible(bill)] == [
        ("Cloud SQL", 5), ("Cloud Tasks", 3), ("Cloud SQL", 2),
    ]  # fmt: skip
    assert [each.reason for each in not_eligible(bill)] == [
        "only vCPU and memory are covered, not storage, backups, addresses or traffic",
        "no commitment is sold for Cloud Tasks",
        "shared cores are not covered, only dedicated ones",
    ]


def test_pools_and_ids_are_those_of_the_readers():
    from data.sources.commitments import CONSUMPTION_MODELS  # noqa: PLC0415

    for rule in POOLS:
        assert set(rule.models) - {""} <= set(CONSUMPTION_MODELS.get(rule.pool, ()))

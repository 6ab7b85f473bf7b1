"""Resource commitments by series and region on small bills: units, prices, what is known and what is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from commitment_bill import axis, bill_of, pool

from model.bill import Lines, Machines
from model.commitment_machines import machine_plans
from model.commitment_rates import own_discounts
from model.parameter import Fact
from model.prices import Discount, PriceBook

HOURS = axis((100,))
BOOK = PriceBook(
    discounts={
        "compute_engine": Discount(0.28, 0.46, "page", "2026-10-09", "verified-3"),
        "gce_resource": Discount(0.37, 0.55, "page", "2026-10-09", "memory"),
    }
)
PRICES = {"vcpu": 0.03, "memory": 0.004}


def machine_bill(*machines, sustained=0.0, fees=(), share_of_list=1.0):
    """A bill of (series, region, units by part) that run in every hour, with fees as (SKU, amount, usage).

    ``sustained`` is the share of on-demand that credits of sustained use give back.
    """
    rows, series, found = [], {}, []
    for name, region, units in machines:
        for part, count in units.items():
            amount = np.asarray(count, float) * np.ones(100) * PRICES[part]
            rows.append((f"compute_engine.{name}.{part}", region, "", amount.sum() / PRICES[part], amount.sum()))
            series.setdefault(f"compute_engine.{name}", np.zeros(100))
            series[f"compute_engine.{name}"] += amount * (1.0 - sustained)
            found.append(Machines(name, part, region, amount * (1.0 - sustained)))
    rows += [("", "us-east1", sku, usage, amount) for sku, amount, usage in fees]
    own = pool("compute_flexible", series)
    nanos = np.array([round(row[4] * 1e9) for row in rows], dtype=np.int64)
    text = {
        "pool": ["compute_flexible" if row[0] else "" for row in rows], "rate_class": [row[0] for row in rows],
        "sku": [row[2] for row in rows], "region": [row[1] for row in rows], "charge_class": ["usage"] * len(rows),
        "fee_of": ["" if row[0] else "gce_resource" for row in rows], "consumption_model": [""] * len(rows),
    }  # fmt: skip
    is_usage = np.array([bool(row[0]) for row in rows])
    lines = Lines(
        {name: np.array(values, object) for name, values in text.items()}, np.zeros(len(rows), np.int64),
        np.array([row[3] for row in rows], float), (nanos / share_of_list).round().astype(np.int64), nanos, nanos,
        nanos, {"credit_sustained_usage_nanos": np.where(is_usage, -sustained * nanos, 0).round().astype(np.int64)},
    )  # fmt: skip
    bill = replace(bill_of(own, hours=HOURS), lines=lines, prices=BOOK, machines=tuple(found))
    return bill, own


def plans_of(bill, own, base="list"):
    classes = tuple(own.eligible)
    return machine_plans(bill, own, classes, np.stack([own.eligible[key] for key in classes]), "pro_rata", base)


def test_vcpu_and_memory_are_bought_apart_by_series_and_region():
    """N2 in two regions and E2: each a purchase of its own, with its own memory."""
    bill, own = machine_bill(
        ("n2", "us-east1", {"vcpu": 10.0, "memory": 40.0}),
        ("n2", "europe-west1", {"vcpu": 3.0, "memory": 24.0}),
        ("e2", "us-east1", {"vcpu": 5.0, "memory": 5.0}),
    )
    (one, three), _ = plans_of(bill, own)
    counts = {(each.series, each.region): (each.count("vcpu"), each.count("memory")) for each in one.commitments}
    assert counts == {("n2", "us-east1"): (10, 40), ("n2", "europe-west1"): (3, 24), ("e2", "us-east1"): (5, 5)}
    on_demand = 100 * (18 * 0.03 + 69 * 0.004)
    assert one.saving == pytest.approx(0.37 * on_demand)
    assert one.flexible_alone_saving == pytest.approx(0.28 * on_demand)
    assert three.gain == pytest.approx((0.55 - 0.46) * on_demand)
    assert one.lock_in == pytest.approx(12 * 0.63 * on_demand)
    assert one.flexible_commit_per_hour == 0.0


def test_half_a_vcpu_stays_for_the_flexible_commitment():
    bill, own = machine_bill(("n2", "us-east1", {"vcpu": 10.5}))
    (one, three), _ = plans_of(bill, own)
    assert [each.count("vcpu") for each in one.commitments] == [10]
    assert one.flexible_commit_per_hour == pytest.approx(0.5 * 0.03 * 0.72)
    assert three.saving == pytest.approx(100 * 0.03 * (10 * 0.55 + 0.5 * 0.46))


def test_sustained_use_is_counted_against_a_commitment():
    """30 % come back without any: 37 % off list is 10 % off that, and 28 % off is dearer than what is paid."""
    bill, own = machine_bill(("n1", "us-east1", {"vcpu": 10.0}), sustained=0.3)
    (one, three), notes = plans_of(bill, own)
    paid = 100 * 10 * 0.03 * 0.7
    assert own_discounts(bill, own, ("compute_engine.n1",), "1y") == {}
    assert own_discounts(bill, own, ("compute_engine.n1",), "3y")["compute_engine.n1"] == pytest.approx(
        1 - 0.54 / 0.7, abs=1e-6
    )
    assert one.saving == pytest.approx(paid - 100 * 10 * 0.03 * 0.63)
    assert one.commitments[0].break_even_utilisation == pytest.approx(0.63 / 0.7)
    assert three.commitments[0].count("vcpu") == 10
    assert any("sustained-use" in note for note in notes)


def test_an_unknown_series_is_left_to_the_flexible_commitment_and_named():
    bill, own = machine_bill(("c2", "us-east1", {"vcpu": 10.0}), ("e2", "us-east1", {"vcpu": 2.0}))
    (one, _), notes = plans_of(bill, own)
    assert [each.series for each in one.commitments] == ["e2"]
    assert one.flexible_commit_per_hour == pytest.approx(10 * 0.03 * 0.72)
    assert "for C2 are not known here" in notes[0]


def test_a_fee_of_the_bill_tells_the_price_of_its_own_series_region_and_term():
    fee = ("Commitment v1: Compute optimized Cpu in Americas for 1 Year", 100 * 4 * 0.018, 400.0)
    bill, own = machine_bill(("c2", "us-east1", {"vcpu": 10.0}), ("c2", "us-west1", {"vcpu": 10.0}), fees=[fee])
    plans, _ = plans_of(bill, own)
    (one,) = [plan for plan in plans if plan.term == "1y"]
    assert [(each.region, each.count("vcpu")) for each in one.commitments] == [("us-east1", 10)]
    (part,) = one.commitments[0].parts
    assert (part.price_per_hour, part.discount) == (pytest.approx(0.018), pytest.approx(0.4))
    assert part.source == "this bill's own fee"
    assert [plan.term for plan in plans] == ["1y"]


def test_the_price_export_tells_what_the_book_does_not_know():
    bill, own = machine_bill(("c2", "us-east1", {"vcpu": 10.0}))
    key = "commitment_rates.gce_resource.c2.vcpu.us-east1.three_years"
    (three,), notes = plans_of(replace(bill, facts={key: Fact(0.012, "measured", "prices.json")}), own)
    (part,) = three.commitments[0].parts
    assert (three.term, part.count, part.price_per_hour, part.source) == ("3y", 10, 0.012, "prices.json")
    assert "for C2 are not known" in notes[0]


def test_a_negotiated_price_leaves_less_of_the_discount_unless_the_contract_lowers_both():
    bill, own = machine_bill(("n2", "us-east1", {"vcpu": 10.0}), share_of_list=0.8)
    off_list, off_own = (plans_of(bill, own, base)[0][0].commitments[0].parts[0] for base in ("list", "own_price"))
    assert off_list.discount == pytest.approx(1 - 0.63 / 0.8)
    assert off_own.discount == pytest.approx(0.37)


def test_a_bill_without_series_plans_none():
    bill, own = machine_bill(("n2", "us-east1", {"vcpu": 10.0}))
    assert plans_of(replace(bill, machines=()), own) == ((), ())


def test_a_load_from_before_series_were_kept_says_to_import_it_again():
    bill, _ = machine_bill(("n2", "us-east1", {"vcpu": 10.0}))
    older = pool("compute_flexible", {"compute_engine": np.full(100, 0.3)})
    plans, notes = plans_of(replace(bill, machines=(), pools=(older,)), older)
    assert plans == ()
    assert "import it again" in notes[0]
    assert own_discounts(bill, older, ("compute_engine",), "1y") == {"compute_engine": pytest.approx(0.28)}

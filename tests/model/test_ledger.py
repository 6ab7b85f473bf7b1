"""The ledger gives back what was put into a made bill: a lever applied, growth and a price change, each apart."""

from dataclasses import replace

import numpy as np
import pytest

from model.bill_build import build_bill
from model.ledger import Ledger
from model.ledger_month import measure
from model.outcome import evaluate
from model.promise import LedgerRefused, promise, refuse_overlap
from model.promise_text import from_text, to_text
from model.scenario import Scenario
from tests.laws.arbitrary_bills import SQL, BillSpec, Thing, book, facts_of, make_tables

MONEY = ("list_nanos", "on_demand_nanos", "cost_nanos", "effective_nanos")
THINGS = (Thing("sql", name="db"), Thing("sql", name="kept"))
SPEC = BillSpec(months=(202510, 202511, 202512), things=THINGS)
PLAN = Scenario("Halve db", {"cloud_sql.db.vcpu": 4, "cloud_sql.db.memory_gib": 16})


@pytest.fixture(scope="module")
def approved():
    return build_bill(make_tables(SPEC), facts_of(SPEC), book())


@pytest.fixture(scope="module")
def held(approved):
    return promise(evaluate(approved, PLAN))


def later(month, *changes):
    """The bill of a month with (lines, usage factor, price factor) put into its rows."""
    tables = make_tables(replace(SPEC, months=(month,)))
    lines = dict(tables.lines)
    lines["usage"] = lines["usage"].copy()
    for chosen, usage, price in changes:
        rows = np.logical_and.reduce([lines[name] == text for name, text in chosen.items()])
        assert rows.any()
        lines["usage"] = np.where(rows, lines["usage"] * usage, lines["usage"])
        for name in MONEY:
            lines[name] = np.where(rows, np.round(lines[name] * usage * price), lines[name]).astype(np.int64)
    return build_bill(replace(tables, lines=lines), facts_of(SPEC), book())


def paid(bill, **chosen):
    text = bill.lines.text
    rows = np.logical_and.reduce([text[name] == value for name, value in chosen.items()])
    return int(bill.lines.effective_nanos[rows].sum())


def adds_up(found):
    missed = sum(lever.promised_nanos - lever.realised_nanos for lever in found.levers)
    return found.expected_nanos + sum(found.steps.values()) - found.foreseen_nanos + missed == found.actual_nanos


def test_each_of_lever_growth_and_price_is_given_back(approved, held):
    halved = [({"kind": SQL + kind, "resource": "db"}, 0.5, 1.1) for kind in ("vcpu", "memory")]
    dearer = [({"kind": SQL + kind, "resource": "kept"}, 1.0, 1.1) for kind in ("vcpu", "memory")]
    grown = [({"product": "Compute Engine"}, 1.2, 1.0)]
    bill, plain = later(202601, *halved, *dearer, *grown), later(202601)
    found = measure(held, approved, bill, 202601)
    saved = sum(paid(bill, kind=SQL + kind, resource="db") for kind in ("vcpu", "memory"))
    assert found.realised_nanos == pytest.approx(saved, rel=2e-4)
    at_old_prices = sum(paid(plain, kind=SQL + kind) for kind in ("vcpu", "memory"))
    assert found.steps["price"] == pytest.approx(0.1 * at_old_prices, rel=2e-4)
    compute = paid(plain, product="Compute Engine")
    without = measure(held, approved, later(202601, *halved, *dearer), 202601)
    assert found.steps["growth"] - without.steps["growth"] == pytest.approx(0.2 * compute, rel=1e-6)
    assert adds_up(found)
    assert Ledger(held, (found,)).levers[0].status == "delivered"


def test_what_was_not_applied_saves_nothing(approved, held):
    found = measure(held, approved, later(202601), 202601)
    assert abs(found.realised_nanos) < 1e-4 * held.promised["cloud_sql"][0]
    assert Ledger(held, (found,)).levers[0].status == "not seen"
    assert adds_up(found)


def test_half_a_month_is_partly_and_taking_it_back_is_reversed(approved, held):
    halved, three_quarters = (
        [({"kind": SQL + kind, "resource": "db"}, share, 1.0) for kind in ("vcpu", "memory")] for share in (0.5, 0.75)
    )
    months = [
        measure(held, approved, later(202601, *three_quarters), 202601),
        measure(held, approved, later(202602, *halved), 202602),
        measure(held, approved, later(202603), 202603),
    ]
    status = [Ledger(held, tuple(months[:count])).levers[0].status for count in range(4)]
    assert status == ["too early", "partly", "delivered", "reversed"]


def test_new_and_gone_and_a_refund_are_no_saving(approved, held):
    gone = later(202601, ({"product": "Compute Engine"}, 1.0, 1.0))
    spec = replace(SPEC, months=(202601,), refund=17.5, things=(*THINGS, Thing("firestore", name="new")))
    bill = build_bill(make_tables(spec), facts_of(spec), book())
    found, plain = measure(held, approved, bill, 202601), measure(held, approved, gone, 202601)
    assert found.steps["agreed"] == -17_500_000_000
    assert found.steps["new"] == pytest.approx(paid(bill, product="Firestore"), abs=2)
    assert found.realised_nanos == pytest.approx(plain.realised_nanos, abs=10)
    assert adds_up(found)


def test_a_promise_is_the_same_after_it_was_text(held):
    assert from_text(to_text(held)) == held


def test_what_changes_nothing_cannot_be_approved(approved):
    with pytest.raises(LedgerRefused, match="moves no setting"):
        promise(evaluate(approved, Scenario()))


def test_two_promises_on_the_same_rows_would_count_twice(approved, held):
    again = promise(evaluate(approved, PLAN.with_setting("cloud_sql.db.vcpu", 6).renamed("Other")))
    with pytest.raises(LedgerRefused, match=r"cloud_sql\.db, which Halve db promises already"):
        refuse_overlap(again, [held])
    kept = promise(evaluate(approved, Scenario("Kept", {"cloud_sql.kept.vcpu": 4, "cloud_sql.kept.memory_gib": 16})))
    refuse_overlap(kept, [held])

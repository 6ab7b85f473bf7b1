"""The Firestore lever: operations after the cache, TTL, index exemptions, recovery; priced from the bill's rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.lever import Effects
from model.levers.firestore import LEVER
from tests.model.database_bills import HOURS, NEUTRAL, cost_after, cost_today, guardrail, make_bill, values_of

NAME = "(default)"
OPERATIONS = {(NAME, "firestore.reads"): 5e6, (NAME, "firestore.writes"): 1e6, (NAME, "firestore.deletes"): 1e5}
STORED = {(NAME, "firestore.storage"): 2.0}
RECOVERED = {(NAME, "firestore.pitr_storage"): 2.0}
BILL = make_bill(OPERATIONS | STORED)


def key(name):
    return f"firestore.{NAME}.{name}"


def run(bill, put=None, assumed=None, effects=NEUTRAL):
    named = [{key(name): value for name, value in (given or {}).items()} for given in (put, assumed)]
    return LEVER.apply(bill, values_of(bill, [LEVER], *named), effects)


def usage(result, kind):
    return next((c.usage for c in result.usage if c.kind == f"firestore.{kind}"), None)


def test_without_firestore_it_says_so():
    bill = make_bill({("api", "cloud_run.request_based.cpu"): 1.0})
    assert LEVER.parameters(bill) == []
    assert "Not in this bill" in LEVER.missing(bill)


def test_unchanged_settings_change_nothing():
    bill = make_bill(OPERATIONS | STORED | RECOVERED)
    current = {p.name: p.current for p in LEVER.parameters(bill) if p.kind == "setting"}
    assert current == {"ttl_enabled": False, "pitr_enabled": True, "exempted_indexes": 0}
    same = run(bill, current)
    assert (same.usage, same.new_usage, same.guardrails, same.notes, same.plan) == ((), (), (), (), ())


def test_reads_answer_the_cache_and_all_answer_demand():
    bill = make_bill(OPERATIONS | STORED | RECOVERED)
    cached = run(bill, effects=Effects(firestore_reads=0.7))
    assert [c.kind for c in cached.usage] == ["firestore.reads"]
    assert np.allclose(usage(cached, "reads"), 5e6 * 0.7)
    grown = run(bill, effects=Effects(firestore_reads=0.7, demand=2.0))
    assert np.allclose(usage(grown, "reads"), 5e6 * 1.4)
    assert np.allclose(usage(grown, "writes"), 2e6)
    assert np.allclose(usage(grown, "pitr_storage"), 4.0)


def test_ttl_takes_storage_off_and_bills_its_deletes():
    bill = make_bill(OPERATIONS | STORED)
    result = run(bill, {"ttl_enabled": True}, {"expired_share": 0.25, "created_share": 0.4, "document_bytes": 2**20})
    assert np.allclose(usage(result, "storage"), 1.5)
    assert np.allclose(result.new_usage[0].usage, 1e6 * 0.4 * 0.25)
    saved, paid = 0.5 * HOURS * 0.15, 1e5 * HOURS * 1e-7
    assert cost_after(bill, result) == pytest.approx(cost_today(bill) - saved + paid, rel=1e-9)
    documents = 2.0 * HOURS * 1024 * 0.25
    assert any(f"{float(f'{documents:.3g}'):,.0f} documents" in note for note in result.notes)


def test_ttl_without_knowing_what_expires_is_refused_and_the_cache_still_counts():
    result = run(make_bill(OPERATIONS | STORED), {"ttl_enabled": True}, effects=Effects(firestore_reads=0.5))
    assert guardrail(result, "can be judged").passed is False
    assert key("expired_share") in guardrail(result, "can be judged").sentence
    assert [c.kind for c in result.usage] == ["firestore.reads"]
    assert result.new_usage == ()


def test_exempted_fields_take_storage_and_in_standard_edition_no_writes():
    bill = make_bill(OPERATIONS | STORED | RECOVERED)
    result = run(bill, {"exempted_indexes": 3}, {"index_storage_share": 0.1})
    assert np.allclose(usage(result, "storage"), 1.4)
    assert np.allclose(usage(result, "pitr_storage"), 1.4)
    assert usage(result, "writes") is None
    units = run(bill, {"exempted_indexes": 3}, {"index_write_share": 0.05})
    assert np.allclose(usage(units, "writes"), 0.85e6)
    too_many = run(bill, {"exempted_indexes": 30}, {"index_storage_share": 0.1})
    assert guardrail(too_many, "can be judged").passed is False
    assert too_many.usage == ()


def test_recovery_costs_the_size_of_the_database_once_more():
    bill = make_bill(OPERATIONS | STORED)
    on = run(bill, {"pitr_enabled": True})
    assert np.allclose(usage(on, "pitr_storage"), 2.0)
    assert cost_after(bill, on) == pytest.approx(cost_today(bill) + 2.0 * HOURS * 0.15, rel=1e-9)
    bill = make_bill(OPERATIONS | STORED | RECOVERED)
    off = run(bill, {"pitr_enabled": False})
    assert cost_after(bill, off) == pytest.approx(cost_today(bill) - 2.0 * HOURS * 0.15, rel=1e-9)
    assert any("only the last hour" in note for note in off.notes)


def test_recovery_without_a_price_is_refused():
    result = run(make_bill(OPERATIONS | STORED, region="europe-west6"), {"pitr_enabled": True})
    assert "Firestore point-in-time recovery in europe-west6" in guardrail(result, "can be judged").sentence
    assert result.usage == ()


def test_the_inventory_tells_whether_recovery_is_on():
    bill = make_bill(OPERATIONS | STORED, facts={key("pitr_enabled"): True})
    assert {p.name: p.current for p in LEVER.parameters(bill)}["pitr_enabled"] is True
    assert run(bill, {"pitr_enabled": False}).usage == ()


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_more_expired_data_never_costs_more_storage_and_deletes_stay_within_the_writes(one, other, created):
    bill = BILL
    results = [
        run(bill, {"ttl_enabled": True}, {"expired_share": share, "created_share": created})
        for share in sorted((one, other))
    ]
    stored = [bill.of("firestore")[0].usage["firestore.storage"] if (u := usage(r, "storage")) is None else u
              for r in results]  # fmt: skip
    assert (stored[1] <= stored[0]).all()
    assert all((new.usage <= 1e6).all() for r in results for new in r.new_usage)

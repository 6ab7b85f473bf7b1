"""Free tier of what a change adds: the book's allowance for a kind that the bill did not hold, once for the account."""

from dataclasses import replace

import numpy as np
import pytest

from model.free_tier import free_tier_deltas, free_tier_grants
from model.lever import UsageChange
from model.outcome import evaluate
from model.prices import BookPrice
from model.scenario import Scenario
from tests.laws.arbitrary_bills import PRICES, RUN, BillSpec, Thing, book, make_bill

BY_INSTANCE = "cloud_run.instance_based.cpu"
ALLOWANCE = 240_000.0
TWO_SERVICES = (Thing("run", name="api", free_share=0.2), Thing("run", name="web", seed=2))


def bill_of(*things: Thing, allowance: float = ALLOWANCE):
    bill = make_bill(BillSpec(months=(202602, 202603), things=things or TWO_SERVICES))
    return replace(bill, prices=replace(book(), free_per_month={BY_INSTANCE: allowance}))


def added(bill, per_hour: float, services: tuple[str, ...] = ("api", "web")) -> list:
    changes = [
        ("cloud_run", UsageChange(one, BY_INSTANCE, np.full(len(bill.hours), per_hour), "modelled", "test"))
        for one in bill.of("cloud_run")
        if one.name in services
    ]
    return free_tier_deltas(bill, changes)


def test_a_new_kind_gets_the_allowance_once_a_month_for_all_services() -> None:
    deltas = added(bill_of(), 3600.0)
    assert [delta.month_index for delta in deltas] == [0, 1]
    expected = -round(ALLOWANCE * PRICES[BY_INSTANCE] * 1e9)
    assert [delta.costs.headline for delta in deltas] == [expected] * 2
    assert {delta.costs.cost for delta in deltas} == {0}
    assert {delta.evidence for delta in deltas} == {"modelled"}


def test_no_more_is_free_than_is_used() -> None:
    hours = {0: 28 * 24, 1: 31 * 24 - 1}
    deltas = added(bill_of(), 100.0, ("api",))
    told = {delta.month_index: delta.costs.headline for delta in deltas}
    assert told == {m: pytest.approx(-count * 100.0 * PRICES[BY_INSTANCE] * 1e9, abs=2) for m, count in hours.items()}


def test_without_a_free_tier_on_the_bill_none_is_promised() -> None:
    assert added(bill_of(Thing("run", name="api")), 3600.0) == []
    assert added(bill_of(Thing("run", name="api"), Thing("firestore", name="", free_share=0.5)), 3600.0) == []
    assert added(bill_of(allowance=0.0), 3600.0) == []


def test_a_kind_that_is_used_already_keeps_what_it_was_granted() -> None:
    bill = bill_of(*TWO_SERVICES, Thing("run_instances", name="worker", free_share=0.1))
    granted = sum(g.allowance * g.nanos_per_unit for g in free_tier_grants(bill)[BY_INSTANCE] if g.month_index == 0)
    assert added(bill, 3600.0) == []
    gone = [
        ("cloud_run", UsageChange(one, BY_INSTANCE, np.zeros(len(bill.hours)), "modelled", "test"))
        for one in bill.of("cloud_run")
        if one.name == "worker"
    ]
    lost = {delta.month_index: delta.costs.headline for delta in free_tier_deltas(bill, gone)}
    assert lost[0] == pytest.approx(granted, abs=1)


def test_a_dearer_region_gets_it_at_the_price_of_tier_1() -> None:
    bill = bill_of(*(replace(thing, region="europe-west6") for thing in TWO_SERVICES))
    dear = BookPrice(2 * PRICES[BY_INSTANCE], "vCPU-second", "europe-west6", "page", "2026-11-01", "single")
    prices = dict(bill.prices.prices) | {(BY_INSTANCE, "europe-west6"): dear}
    deltas = added(replace(bill, prices=replace(bill.prices, prices=prices)), 3600.0)
    assert [delta.costs.headline for delta in deltas] == [-round(ALLOWANCE * PRICES[BY_INSTANCE] * 1e9)] * 2


def test_a_changed_billing_mode_gives_up_one_allowance_and_gets_the_other() -> None:
    """By request 20 % were free; by instance the book's allowance is, whatever the service costs then."""
    bill = bill_of()
    settings = {f"cloud_run.{name}.billing_mode": "instance_based" for name in ("api", "web")}
    deltas = evaluate(bill, Scenario(settings=settings)).deltas
    free = [d for d in deltas if d.formula.startswith("free tier")]
    by_kind = {kind: sum(d.costs.headline for d in free if d.kind == kind) for kind in (RUN + "cpu", BY_INSTANCE)}
    given = bill.lines.credits["credit_free_tier_nanos"][bill.lines.text["kind"] == RUN + "cpu"]
    assert by_kind[RUN + "cpu"] == pytest.approx(-int(given.sum()), abs=2)
    assert by_kind[BY_INSTANCE] == -2 * round(ALLOWANCE * PRICES[BY_INSTANCE] * 1e9)

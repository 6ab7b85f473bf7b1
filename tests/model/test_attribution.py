"""Attributions add up to the nano by any key, and Shapley values are the mean over all orders of the levers."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.attribution import KEYS, attribution, interactions, shapley_values
from model.outcome import evaluate
from model.scenario import Scenario
from tests.laws.arbitrary_bills import BillSpec, Thing, make_bill

LAWS = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
SPEC = BillSpec(
    months=(202602, 202603),
    things=(
        Thing("run", project="p1", free_share=0.2),
        Thing("run", name="web", project="p2", seed=3),
        Thing("sql", name="db", project="p1", commitment="new", covered_share=0.4),
        Thing("firestore", name="(default)", project="p1", free_share=0.1),
    ),
    tax_rate=0.2,
    refund=3.0,
)
PULLED = {
    "cache.new.target_hit_ratio": 0.5,
    "cloud_sql.db.vcpu": 4,
    "cloud_run.api.min_instances": 1,
    "cloud_run.*.vcpu": 1.0,
    "commitments.compute_flexible.term": "3y",
}


@pytest.fixture(scope="module")
def bill():
    return make_bill(SPEC)


@st.composite
def games(draw):
    players = tuple("abcd"[: draw(st.integers(1, 4))])
    parts = [frozenset(part) for size in range(len(players) + 1) for part in combinations(players, size)]
    return players, {part: draw(st.integers(-(10**15), 10**15)) for part in parts}


@given(games())
def test_shapley_is_the_mean_over_all_orders_and_adds_up(game):
    players, worth = game
    means = dict.fromkeys(players, Fraction(0))
    orders = list(permutations(players))
    for order in orders:
        for i, player in enumerate(order):
            means[player] += Fraction(worth[frozenset(order[: i + 1])] - worth[frozenset(order[:i])], len(orders))
    found = shapley_values(players, worth)
    assert sum(found) == worth[frozenset(players)] - worth[frozenset()]
    assert all(abs(value - means[player]) < 1 for player, value in zip(players, found, strict=True))


@LAWS
@given(st.sets(st.sampled_from(sorted(PULLED))), st.sampled_from(("causal", "shapley")))
def test_every_cut_of_an_attribution_sums_to_the_saving(pulled, method):
    bill = make_bill(SPEC)
    outcome = evaluate(bill, Scenario(settings={key: PULLED[key] for key in pulled}))
    found = attribution(outcome, method)
    assert found.saving_nanos == outcome.saving_nanos
    for size in range(len(KEYS) + 1):
        for keys in combinations(KEYS, size):
            assert sum(found.by(*keys).values()) == outcome.saving_nanos
    by_month = {month: outcome.baseline.by_month[month].headline - costs.headline
                for month, costs in outcome.result.by_month.items()}  # fmt: skip
    assert {month: nanos for (month,), nanos in found.by("month").items()} == {m: n for m, n in by_month.items() if n}


def test_causal_is_what_each_lever_adds_in_sequence(bill):
    outcome = evaluate(bill, Scenario(settings=PULLED))
    by_lever = attribution(outcome).by("lever")
    assert {item.lever: item.in_sequence_nanos for item in outcome.levers} == {k: v for (k,), v in by_lever.items()}
    assert len(outcome.levers) == 4


def test_both_methods_share_out_the_same_change_at_every_place(bill):
    outcome = evaluate(bill, Scenario(settings=PULLED))
    place = ("product", "project", "resource", "month")
    causal, shapley = attribution(outcome), attribution(outcome, "shapley")
    nonzero = [{k: v for k, v in found.by(*place).items() if v} for found in (causal, shapley)]
    assert nonzero[0] == nonzero[1]
    assert causal.by("lever") != shapley.by("lever")


def test_a_lever_alone_keeps_its_whole_saving_under_both(bill):
    outcome = evaluate(bill, Scenario(settings={"cloud_sql.db.vcpu": 4}))
    expected = {("cloud_sql",): outcome.saving_nanos}
    assert attribution(outcome).by("lever") == attribution(outcome, "shapley").by("lever") == expected


def test_pairs_explain_why_the_parts_differ_from_the_whole(bill):
    outcome = evaluate(bill, Scenario(settings=PULLED))
    found = interactions(outcome)
    assert found.total_nanos == outcome.interaction_nanos != 0
    pair = next(p for p in found.pairs if {p.first, p.second} == {"cloud_run", "commitments"})
    alone = {item.lever: item.alone_nanos for item in outcome.levers}
    assert pair.interaction_nanos == pair.together_nanos - alone["cloud_run"] - alone["commitments"]
    two = evaluate(bill, Scenario(settings={k: v for k, v in PULLED.items() if k[:7] in ("cloud_r", "commitm")}))
    assert pair.together_nanos == two.saving_nanos
    assert interactions(two).higher_nanos == 0


def test_unknown_keys_and_methods_are_refused(bill):
    outcome = evaluate(bill, Scenario())
    with pytest.raises(ValueError, match="region is no key"):
        attribution(outcome).by("region")
    with pytest.raises(ValueError, match="fair is no attribution method"):
        attribution(outcome, "fair")
    assert attribution(outcome, "shapley").cells == ()

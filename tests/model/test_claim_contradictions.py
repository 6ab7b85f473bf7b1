"""Contradictions inside plans: none in sound ones, and every mutation of a sound one is found by its rule."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.sources.claims import read_claims
from model.claim_contradictions import contradictions
from model.claim_reading import read_plan
from tests.model.claimed_plans import AUTUMN, GROWING, SOUND, STEPS, changed, plan_of, text, with_claims

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "phase4_claims.toml"


def rules(body):
    return [(each.rule, each.ids[0]) for each in contradictions(plan_of(body))]


@pytest.mark.parametrize("body", SOUND, ids=lambda body: body["plan"])
def test_a_sound_plan_contradicts_nothing(body):
    assert rules(body) == []


MUTATIONS = [
    (AUTUMN, "average", {"cost_per_month": "11000"}, "period"),
    (AUTUMN, "search", {"share": "0.52"}, "share"),
    (AUTUMN, "queue", {"cost": "6900"}, "share"),
    (AUTUMN, "rest", {"cost": "8000", "share": "0.258"}, "share"),
    (AUTUMN, "rest", {"share": "0.2"}, "share"),
    (AUTUMN, "shrink", {"reduction": "0.30"}, "percentage"),
    (AUTUMN, "shrink", {"result_per_month": "3500"}, "difference"),
    (AUTUMN, "shrink", {"saves_per_month": "5200", "result_per_month": None, "reduction": None}, "base"),
    (AUTUMN, "shrink", {"payback_months": "3"}, "payback"),
    (AUTUMN, "batch", {"saves_per_year": "4400"}, "period"),
    (AUTUMN, "shrink-year", {"saves_per_year": "9400", "baseline_per_year": None}, "period"),
    (AUTUMN, "shrink-year", {"saves_per_year": "9400"}, "difference"),
    (AUTUMN, "batch", {"reduction": "0.10"}, "base"),
    (AUTUMN, "batch", {"reduction": "1.2"}, "base"),
    (AUTUMN, "batch", {"saves_per_month": "2100", "saves_per_year": None, "reduction": None}, "base"),
    (AUTUMN, "overlap", {"saves_per_month": "33"}, "total"),
    (AUTUMN, "all", {"saves_per_month": "1700", "saves_in_three_years": None}, "total"),
    (AUTUMN, "all", {"saves_in_three_years": "45000"}, "period"),
    (AUTUMN, "all-year", {"saves_per_year": "20000"}, "period"),
    (AUTUMN, "sign", {"reduction": "0.35"}, "percentage"),
    (AUTUMN, "sign-even", {"break_even_months": "2"}, "payback"),
    (AUTUMN, "sign-even", {"break_even_months": None, "payback_months": "0.5"}, "payback"),
    (AUTUMN, "queries", {"count": 4}, "count"),
    (AUTUMN, "queries", {"items": ["80 → 20", "40 → 10", " 80  → 20"], "reduction": None}, "count"),
    (AUTUMN, "queries", {"reduction": "0.9"}, "percentage"),
    (AUTUMN, "everything", {"sum_of": ["all", "sign", "shrink"], "saves_per_month": "3650"}, "twice"),
    (GROWING, "cache", {"saves_in_three_years": "48000"}, "period"),
    (GROWING, "cache", {"saves_per_year": "11000"}, "period"),
    (GROWING, "sum", {"saves_per_month": "3300"}, "total"),
    (STEPS, "first", {"result_per_month": "500", "saves_per_month": "500"}, "twice"),
    (STEPS, "min-2", {"settings": {"run.web.min": 1}}, "twice"),
    (STEPS, "split-b", {"product": "Web"}, "twice"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "claim", "fields", "rule"), MUTATIONS, ids=lambda v: v if isinstance(v, str) else None
)
def test_each_mutation_of_a_sound_plan_is_found(body, claim, fields, rule):
    found = contradictions(plan_of(changed(body, claim, **fields)))
    assert rule in {each.rule for each in found}, found
    told = next(each for each in found if each.rule == rule)
    assert all(isinstance(number, Decimal) for number in told.numbers.values())
    assert told.sentence.endswith(".")


def test_a_saving_that_an_earlier_result_already_holds_is_told_through_restated_claims():
    body = {"currency": "USD", "claims": [
        {"id": "plan", "baseline_per_month": "900", "result_per_month": "600", "saves_per_month": "300"},
        {"id": "plan-year", "baseline_per_year": "10800", "result_per_year": "6000", "saves_per_year": "4800",
         "of": "plan"},
        {"id": "commit", "baseline_per_month": "600", "result_per_month": "500", "saves_per_month": "100"},
        {"id": "grand", "saves_per_year": "6000", "sum_of": ["plan-year", "commit"]},
    ]}  # fmt: skip
    assert ("twice", "grand") in rules(body)


def test_a_total_that_counts_a_part_twice_through_its_parts_is_told_once():
    body = with_claims(
        AUTUMN, {"id": "again", "sum_of": ["everything", "all"], "saves_per_month": "3950"},
        {"id": "above", "sum_of": ["again"], "saves_per_month": "3950"},
    )  # fmt: skip
    assert [each for each in rules(body) if each[0] == "twice"] == [("twice", "again")] * 3


def test_figures_over_other_periods_are_held_against_each_other():
    body = {"claims": [
        {"id": "a", "saves_per_year": "1200"},
        {"id": "b", "saves_in_three_years": "7200"},
        {"id": "t", "saves_per_month": "300", "sum_of": ["a", "b"]},
    ]}  # fmt: skip
    assert rules(body) == []
    assert rules(changed(body, "t", saves_per_month="400")) == [("total", "t")]


def test_the_numbers_say_what_is_stated_and_what_it_should_be():
    (found,) = contradictions(plan_of(changed(AUTUMN, "shrink", reduction="0.40")))
    assert (found.numbers["stated"], found.numbers["ratio"]) == (Decimal("0.40"), Decimal("0.24"))
    assert found.sentence == "shrink: €1,200 of €5,000 is 24 %, not 40 %."


def test_claims_are_counted_once_whatever_totals_and_years_repeat_them():
    assert plan_of(AUTUMN).claimed_once() == Decimal("2450.33")
    opaque = {"claims": [{"id": "a"}, {"id": "t", "saves_per_month": "100", "sum_of": ["a"]},
                         {"id": "u", "saves_per_month": "100", "sum_of": ["t"]}]}  # fmt: skip
    assert plan_of(opaque).claimed_once() == 100


def test_the_example_contradicts_itself_in_the_ways_that_are_known():
    file = read_claims(EXAMPLE)
    found = {(each.rule, each.ids[0]) for each in contradictions(read_plan(file.body, file.name, file.places))}
    assert found == {
        ("count", "4.3-indexes"), ("payback", "4.5-roi"), ("payback", "4.5-break-even"), ("base", "4.5-locked-in"),
        ("percentage", "total"), ("period", "total-three-years"), ("difference", "total-three-years"),
        ("difference", "total-all-in"), ("twice", "total-all-in"),
    }  # fmt: skip


places = st.sampled_from([Decimal("0.01"), Decimal(1), Decimal(10)])
amounts = st.lists(st.integers(20_000, 9_000_000), min_size=2, max_size=6)


def rounded(cents, step):
    return text((Decimal(cents) / 100 / step).quantize(Decimal(1)) * step)


def made(cents, step, growth="0"):
    """A sound plan of any size: costs with shares, savings with years, a total, and its year; rounded as it says."""
    whole, saved = sum(cents), [cent * 3 // 10 for cent in cents]
    claims = [{"id": "bill", "cost_per_month": rounded(whole, step)}]
    for i, (cost, saves) in enumerate(zip(cents, saved, strict=True)):
        share = (Decimal(cost) / whole).quantize(Decimal("0.001"))
        claims += [
            {"id": f"cost-{i}", "product": f"P{i}", "cost_per_month": rounded(cost, step), "share": text(share)},
            {"id": f"save-{i}", "product": f"P{i}", "saves_per_month": rounded(saves, step),
             "saves_per_year": rounded(saves * 12, step), "baseline_per_month": rounded(cost, step),
             "result_per_month": rounded(cost - saves, step)},
        ]  # fmt: skip
    parts = [f"save-{i}" for i in range(len(cents))]
    claims.append({"id": "total", "saves_per_month": rounded(sum(saved), step), "sum_of": parts, "reduction": "0.3",
                   "baseline_per_month": rounded(whole, step)})  # fmt: skip
    claims.append({"id": "years", "saves_in_three_years": rounded(sum(saved) * 36, step), "of": "total"})
    return {"currency": "USD", "rounded_to": text(step), "growth_per_year": growth, "claims": claims}


@settings(deadline=None)
@given(amounts, places)
def test_no_sound_plan_is_contradicted_however_it_is_rounded(cents, step):
    assert rules(made(cents, step)) == []


MUTABLE = {"cost_per_month": {"share", "period"}, "saves_per_month": {"total", "period", "difference", "base"},
           "saves_per_year": {"period"}, "baseline_per_month": {"difference", "percentage", "base"},
           "result_per_month": {"difference"}, "saves_in_three_years": {"period"}}  # fmt: skip


@settings(deadline=None)
@given(amounts, st.data())
def test_whatever_amount_of_a_sound_plan_is_changed_is_found(cents, data):
    body = made(cents, Decimal(1))
    spots = [(c["id"], name) for c in body["claims"] for name in c if name in MUTABLE]
    claim_id, name = data.draw(st.sampled_from(spots))
    old = Decimal(next(c for c in body["claims"] if c["id"] == claim_id)[name])
    factor = data.draw(st.sampled_from([Decimal("0.5"), Decimal("1.8"), Decimal(10)]))
    mutated = changed(body, claim_id, **{name: text((old * factor).quantize(Decimal(1)))})
    found = contradictions(plan_of(mutated))
    assert found
    assert {each.rule for each in found} & MUTABLE[name]

"""Verdicts on made plans over made bills: what the model itself saves is reproduced, and nothing else is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.audit_json import audit_document
from model.audit import audit
from model.claim_reading import MONEY_NAMES, read_plan
from model.claims import ClaimsRefused
from model.outcome import baseline, evaluate, parameters
from model.scenario import Scenario
from tests.exports.published_schemas import problems
from tests.laws.arbitrary_bills import BillSpec, Thing, bills, make_bill

MONTHS = (202602, 202603)
MIN, MEMORY, MAX = "cloud_run.api.min_instances", "cloud_run.api.memory_gib", "cloud_run.api.max_instances"
NAMED = ("Cloud Run", "Cloud SQL", "Cloud Tasks")
SQL_MEMORY, SQL_VCPU = "cloud_sql.db.memory_gib", "cloud_sql.db.vcpu"


@pytest.fixture(scope="module")
def bill():
    things = (Thing("run", level=2.5), Thing("sql", name="db", seed=3), Thing("tasks", name="q"))
    return make_bill(BillSpec(months=MONTHS, things=things, tax_rate=0.19))


def saving(bill, keys, months=1):
    """What the model saves by settings over so many months, to the cent."""
    nanos = evaluate(bill, Scenario("x", keys)).saving_nanos
    return (Decimal(nanos) * months / len(bill.months)).scaleb(-9).quantize(Decimal("0.01"))


def audited(bill, *claims, **plan):
    return audit(bill, read_plan({"currency": "USD", **plan, "claims": list(claims)}, "claims"))


def verdicts(found):
    return {each.claim.id: each.verdict for each in found.claims}


def only(found):
    (each,) = found.claims
    return each


def stands(each):
    return Decimal(each.stands_nanos).scaleb(-9)


def test_a_sound_plan_is_reproduced_claim_by_claim(bill):
    idle, disk = (saving(bill, {key: value}) for key, value in ((MIN, 1), (SQL_MEMORY, 16)))
    run = saving(bill, {MIN: 1, MEMORY: 2})
    cost = Decimal(baseline(bill).by_product["Cloud SQL"].net).scaleb(-9)
    found = audited(
        bill,
        {"id": "sql-cost", "product": "cloud sql", "cost": f"{cost:.2f}", "months": 2},
        {"id": "idle", "product": "Cloud Run", "saves_per_month": str(idle), "settings": {MIN: 1}},
        {"id": "memory", "saves_per_month": str(run - idle), "settings": {MEMORY: 2}},
        {"id": "db", "product": "Cloud SQL", "saves_per_month": str(disk), "saves_per_year": f"{disk * 12:.0f}",
         "settings": {SQL_MEMORY: 16}},
        {"id": "all", "saves_per_month": str(run + disk), "sum_of": ["idle", "memory", "db"]},
        {"id": "years", "saves_in_three_years": f"{(run + disk) * 36:.0f}", "of": "all"},
        {"id": "list", "count": 2, "items": ["a", "b"]},
    )  # fmt: skip
    assert set(verdicts(found).values()) == {"reproduced"}
    assert found.contradictions == ()
    assert not any(each.needed for each in found.claims)
    assert Decimal(found.stands_per_month_nanos).scaleb(-9) == pytest.approx(run + disk, abs=Decimal("0.01"))
    assert found.together.settings == {MIN: 1, MEMORY: 2, SQL_MEMORY: 16}


@pytest.mark.parametrize(("factor", "verdict"), [("1.04", "reproduced"), ("0.5", "reproduced"), ("1.5", "partly")])
def test_a_saving_is_reproduced_from_95_percent_of_it(bill, factor, verdict):
    claimed = saving(bill, {MIN: 1}) * Decimal(factor)
    each = only(audited(bill, {"id": "a", "saves_per_month": f"{claimed:.2f}", "settings": {MIN: 1}}))
    assert each.verdict == verdict
    assert stands(each) == pytest.approx(saving(bill, {MIN: 1}), abs=Decimal("0.01"))
    assert ("1.5 times" in each.needed) == (verdict == "partly")


def test_the_same_dollars_in_two_claims_are_counted_once(bill):
    once = saving(bill, {MIN: 1})
    found = audited(
        bill,
        {"id": "a", "saves_per_month": str(once), "settings": {MIN: 1}},
        {"id": "b", "saves_per_month": str(once), "settings": {"cloud_run.*.min_instances": 1}},
        {"id": "t", "saves_per_month": str(2 * once), "sum_of": ["a", "b"]},
    )
    assert verdicts(found) == {"a": "reproduced", "b": "double_counted", "t": "double_counted"}
    assert Decimal(found.stands_per_month_nanos).scaleb(-9) == pytest.approx(once, abs=Decimal("0.01"))
    assert found.claimed_per_month_nanos == int(2 * once * 10**9)
    assert dict(found.claimed_by_verdict) == {
        "reproduced": int(once * 10**9), "partly": 0, "double_counted": int(once * 10**9), "impossible": 0,
        "unverifiable": 0,
    }  # fmt: skip


def test_the_same_dollars_are_found_without_a_total_and_alternatives_are_not_the_same(bill):
    once, twice, term = saving(bill, {MIN: 1}), saving(bill, {MIN: 1, MEMORY: 2}), "commitments.*.term"
    found = audited(
        bill,
        {"id": "a", "saves_per_month": str(once), "settings": {MIN: 1}},
        {"id": "again", "saves_per_month": str(once), "settings": {"cloud_run.*.min_instances": 1}},
        {"id": "year", "saves_per_year": f"{once * 12:.0f}", "settings": {MIN: 1}},
        {"id": "more", "saves_per_month": str(twice), "settings": {MIN: 1, MEMORY: 2}},
        {"id": "one-year", "saves_per_month": str(saving(bill, {term: "1y"})), "settings": {term: "1y"}},
        {"id": "three-years", "saves_per_month": str(saving(bill, {term: "3y"})), "settings": {term: "3y"}},
    )
    assert verdicts(found) == {
        "a": "reproduced", "again": "double_counted", "year": "reproduced", "more": "double_counted",
        "one-year": "reproduced", "three-years": "reproduced",
    }  # fmt: skip
    assert "set some of the same" in found.claims[1].arithmetic[-1]


def test_one_setting_that_saves_on_two_products_is_measured_on_each(bill):
    outcome = evaluate(bill, Scenario("x", {SQL_VCPU: 8, MIN: 1}))
    claims = [{"id": p, "product": p, "saves_per_month": str(saving(bill, {MIN: 1}) if p == "Cloud Run" else 0),
               "settings": {MIN: 1}} for p in ("Cloud Run", "Cloud SQL")]  # fmt: skip
    found = audited(
        bill, *claims, {"id": "t", "saves_per_month": str(saving(bill, {MIN: 1})), "sum_of": ["Cloud Run", "Cloud SQL"]}
    )
    assert outcome.saving_nanos > 0
    assert verdicts(found) == {"Cloud Run": "reproduced", "Cloud SQL": "reproduced", "t": "reproduced"}


def test_a_saving_that_only_stands_by_breaking_a_limit_is_at_most_partly(bill):
    keys = {SQL_VCPU: 2, SQL_MEMORY: 16}
    each = only(audited(bill, {"id": "a", "saves_per_month": str(saving(bill, keys)), "settings": keys}))
    assert each.verdict == "partly"
    assert stands(each) == pytest.approx(saving(bill, {SQL_MEMORY: 16}), abs=Decimal("0.01"))
    assert "vcpu (db) as today" in " ".join(each.arithmetic)
    assert "accept what it breaks" in each.needed
    alone = only(audited(bill, {"id": "a", "saves_per_month": str(saving(bill, {MAX: 2})), "settings": {MAX: 2}}))
    assert (alone.verdict, alone.stands_nanos) == ("impossible", 0)
    assert "breaks" in " ".join(alone.arithmetic)


def test_more_than_a_product_costs_is_impossible_with_or_without_settings(bill):
    found = audited(
        bill,
        {"id": "named", "product": "Cloud Tasks", "saves_per_month": "250",
         "settings": {"tasks.*.max_concurrent_dispatches": 1000}},
        {"id": "bare", "product": "Cloud Tasks", "saves_per_month": "250"},
        {"id": "whole", "saves_per_month": "1000000"},
    )  # fmt: skip
    assert set(verdicts(found).values()) == {"impossible"}
    assert all("no more can be saved" in " ".join(each.arithmetic) for each in found.claims)
    assert "would have to cost $250 a month or more" in found.claims[0].needed


def test_what_nothing_can_tell_is_unverifiable_and_says_its_ceiling(bill):
    found = audited(
        bill,
        {"id": "bare", "product": "Cloud SQL", "saves_per_month": "10"},
        {"id": "share", "product": "Cloud SQL", "reduction": "0.10"},
        {"id": "absent", "product": "Spanner", "saves_per_month": "10"},
        {"id": "elsewhere", "saves_per_month": "10", "settings": {"housekeeping.nothing.applied": True}},
        {"id": "words", "text": "Things get better"},
        {"id": "times", "items": ["80 → 20", "40 → 10"], "reduction": "0.75"},
        {"id": "cost", "cost": "5000", "months": 6},
    )
    assert set(verdicts(found).values()) == {"unverifiable"}
    told = {each.claim.id: " ".join(each.arithmetic) for each in found.claims}
    assert "All of Cloud SQL costs" in told["bare"]
    assert "names no settings" in told["share"]
    assert "no product Spanner" in told["absent"]
    assert "audit it over those months" in told["cost"]
    share = next(each for each in found.claims if each.claim.id == "share")
    headline = Decimal(baseline(bill).by_product["Cloud SQL"].headline).scaleb(-9)
    assert Decimal(share.claimed_nanos).scaleb(-9) == pytest.approx(headline / 20, abs=Decimal("0.01"))


def test_a_setting_or_value_that_does_not_exist_is_impossible(bill):
    found = audited(
        bill,
        {"id": "key", "saves_per_month": "10", "settings": {"cloud_sql.*.capacity_mode": "on_demand"}},
        {"id": "value", "saves_per_month": "10", "settings": {"cloud_sql.db.edition": "platinum"}},
        {"id": "assumed", "saves_per_month": "10", "settings": {"cloud_run.api.latency_s": 0.1}},
        {"id": "other", "saves_per_month": "10", "settings": {"cloud_run.nobody.vcpu": 1}},
    )
    assert verdicts(found) == {
        "key": "impossible",
        "value": "impossible",
        "assumed": "unverifiable",
        "other": "unverifiable",
    }
    assert "there is no setting capacity_mode" in found.claims[0].arithmetic[0]


def test_costs_are_judged_on_the_basis_that_they_are_nearest_to(bill):
    net, headline = (Decimal(getattr(baseline(bill).total, name)).scaleb(-9) / 2 for name in ("net", "headline"))
    costs = {name: Decimal(each.headline).scaleb(-9) / 2 for name, each in baseline(bill).by_product.items()}
    found = audited(
        bill,
        {"id": "net", "cost_per_month": f"{net:.2f}"},
        {"id": "before-tax", "cost_per_month": f"{headline:.2f}"},
        {"id": "off", "cost_per_month": f"{net * Decimal('1.3'):.2f}"},
        {"id": "level", "baseline_per_month": f"{headline:.2f}"},
        {"id": "rest", "product": "others", "cost_per_month": f"{costs['Compute Engine']:.2f}"},
        *({"id": name, "product": name, "cost_per_month": f"{costs[name]:.2f}"} for name in NAMED),
        {"id": "part", "product": "Cloud SQL", "share": "0.37"},
    )
    assert found.claims[4].arithmetic[0].startswith("Everything else costs")
    assert "before tax" in " ".join(found.claims[1].arithmetic)
    assert {each.claim.id for each in found.claims if each.verdict != "reproduced"} == {"off"}
    assert verdicts(found)["off"] == "partly"
    assert "would have to cost" in found.claims[2].needed


def test_a_commitment_that_names_its_term_only_gets_the_best_that_there_is(bill):
    best = saving(bill, {"commitments.*.term": "3y"})
    found = audited(
        bill,
        {"id": "all", "term": "3y", "saves_per_month": str(best)},
        {"id": "sql", "term": "3y", "product": "Cloud SQL", "saves_per_month": str(2 * best)},
        {"id": "tasks", "term": "1y", "product": "Cloud Tasks", "saves_per_month": "0.10", "reduction": "0.2",
         "baseline_per_month": "0.50"},
        {"id": "bare", "term": "1y", "product": "Cloud SQL", "saves_per_month": "500", "reduction": "0.25"},
        {"id": "deep", "term": "1y", "product": "Cloud SQL", "saves_per_month": "228", "reduction": "0.6",
         "baseline_per_month": "380"},
    )  # fmt: skip
    assert verdicts(found) == {
        "all": "reproduced",
        "sql": "impossible",
        "tasks": "impossible",
        "deep": "impossible",
        "bare": "impossible",
    }
    rules = {(each.rule, each.ids[0]) for each in found.contradictions}
    assert rules == {("ineligible", "tasks"), ("ineligible", "bare"), ("discount", "deep")}
    assert "Cloud Run" not in found.claims[1].arithmetic[0]


def test_totals_hold_what_their_parts_hold_together(bill):
    known = saving(bill, {MIN: 1})
    found = audited(
        bill,
        {"id": "a", "saves_per_month": str(known), "settings": {MIN: 1}},
        {"id": "b", "saves_per_month": "100"},
        {"id": "t", "saves_per_month": str(known + 100), "sum_of": ["a", "b"]},
        {"id": "y", "saves_per_year": f"{(known + 100) * 12:.2f}", "of": "t"},
        {"id": "less", "saves_per_year": f"{known * 12:.2f}", "of": "a"},
        {"id": "open", "saves_per_month": "100", "sum_of": ["b"]},
    )
    assert verdicts(found) == {"a": "reproduced", "b": "unverifiable", "t": "partly", "y": "partly",
                               "less": "reproduced", "open": "unverifiable"}  # fmt: skip
    total = next(each for each in found.claims if each.claim.id == "t")
    assert stands(total) == pytest.approx(known, abs=Decimal("0.01"))


def test_a_limit_that_a_part_breaks_alone_may_hold_in_the_whole(bill):
    """Half the vCPU is too small for the requests of today, not for those that a part before it takes away."""
    told = {
        "cloud_sql.db.query_cpu_share": 1.0, "queries.q1.work_share": 0.9, "queries.q1.time_before_ms": 100.0,
        "queries.q1.time_after_ms": 10.0, "queries.q1.applied": False,
    }  # fmt: skip
    tuned = make_bill(BillSpec(months=MONTHS, things=(Thing("sql", name="db", seed=3),)), told)
    keys, query = {SQL_VCPU: 4, SQL_MEMORY: 16}, {"queries.q1.applied": True}
    claims = [
        {"id": "db", "saves_per_month": str(saving(tuned, keys)), "settings": keys},
        {"id": "query", "saves_per_month": "0", "settings": query},
    ]
    assert verdicts(audited(tuned, claims[0]))["db"] == "partly"
    total = {"id": "t", "saves_per_month": claims[0]["saves_per_month"], "sum_of": ["db", "query"]}
    found = audited(tuned, *claims, total)
    assert set(verdicts(found).values()) == {"reproduced"}
    assert "Alone it breaks" in " ".join(found.claims[0].arithmetic)
    assert found.together.settings == {**keys, **query}


def test_a_total_with_settings_of_its_own_is_repriced_by_them(bill):
    once = saving(bill, {MIN: 1})
    found = audited(bill, {"id": "a"}, {"id": "t", "saves_per_month": str(once), "settings": {MIN: 1}, "sum_of": ["a"]})
    assert verdicts(found)["t"] == "reproduced"


def test_steps_of_one_setting_are_added_and_the_last_value_counts(bill):
    first, both = saving(bill, {MIN: 2}), saving(bill, {MIN: 1})
    found = audited(
        bill,
        {"id": "one", "saves_per_month": str(first), "settings": {MIN: 2}},
        {"id": "two", "saves_per_month": str(both - first), "settings": {MIN: 1}},
        {"id": "t", "saves_per_month": str(both), "sum_of": ["one", "two"]},
    )
    assert set(verdicts(found).values()) == {"reproduced"}
    assert (found.together.settings, found.alternatives) == ({MIN: 1}, (MIN,))


def test_a_contradiction_takes_a_kind_verdict_away(bill):
    once = saving(bill, {MIN: 1})
    found = audited(
        bill,
        {"id": "off", "saves_per_month": str(once), "saves_per_year": str(once), "settings": {MIN: 1}},
        {"id": "count", "count": 3, "items": ["a"]},
        {"id": "open", "product": "Cloud SQL", "saves_per_month": "10", "baseline_per_month": "20", "reduction": "0.2"},
        {"id": "negative", "saves_per_month": "-5"},
    )
    assert verdicts(found) == {"off": "partly", "count": "partly", "open": "impossible", "negative": "unverifiable"}


def test_another_currency_is_refused_and_none_is_the_bills(bill):
    with pytest.raises(ClaimsRefused, match="counts in EUR and the bill in USD"):
        audited(bill, {"id": "a", "saves_per_month": "1"}, currency="EUR")
    assert audited(bill, {"id": "a", "saves_per_month": "1"}, currency="").plan.currency == "USD"


def test_the_document_says_everything_as_text(bill):
    document = audit_document(audited(bill, {"id": "a", "saves_per_month": "10.5", "settings": {MIN: 1}}, plan="P"))
    (claim,) = document["claims"]
    assert set(claim) >= {"id", "verdict", "claimed", "stands", "arithmetic"}
    assert claim["claimed"] == "10.500000000"
    assert document["together"]["stands_per_month"] == f"{Decimal(claim['stands']):.9f}"
    assert document["verdicts"]["reproduced"] == 1


FIGURES = st.sampled_from(["0", "-5", "1", "99.99", "1000", "1e9", "0.001"])
SHARES = st.sampled_from(["0", "0.4", "1", "-0.5", "50 %"])
FIELDS = st.fixed_dictionaries({}, optional={
    **dict.fromkeys(MONEY_NAMES, FIGURES), "share": SHARES, "reduction": SHARES, "payback_months": FIGURES,
    "break_even_months": FIGURES, "one_off_cost": FIGURES, "count": st.integers(1, 3),
    "term": st.sampled_from(["1y", "3y"]),
    "items": st.sampled_from([["a"], ["5 → 1", "0 → 3"], ["80 → 20"]]), "growth_per_year": SHARES,
    "product": st.sampled_from(["Cloud Run", "cloud", "others", "Spanner", "Invoice"]),
    "settings": st.dictionaries(st.sampled_from([MIN, SQL_VCPU, "cloud_run.*.vcpu", "tasks.q.x", "a"]),
                                st.sampled_from([1, 4, "x", True]), max_size=2),
})  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(FIELDS, min_size=1, max_size=5), st.data())
def test_whatever_a_plan_claims_gets_a_verdict_with_its_reason(bill, fields, data):
    rows = [{"id": f"c{i}", **each} for i, each in enumerate(fields)]
    for i, row in enumerate(rows[1:], start=1):
        relation = data.draw(st.sampled_from(["sum_of", "of", ""]))
        if relation:
            others = [f"c{k}" for k in data.draw(st.lists(st.integers(0, i - 1), min_size=1, max_size=3))]
            row[relation] = others if relation == "sum_of" else others[0]
    found = audited(bill, *rows)
    assert [each.claim.id for each in found.claims] == [row["id"] for row in rows]
    for each in found.claims:
        assert each.arithmetic
        assert bool(each.needed) == (each.verdict != "reproduced")
    assert problems("audit", audit_document(found)) == []


@settings(max_examples=15, deadline=None)
@given(bills, st.data())
def test_what_the_model_saves_is_never_called_impossible_and_never_counted_twice(spec, data):
    """On any bill: a claim of what the model saves within the limits is reproduced; added to itself it counts once."""
    bill = make_bill(spec)
    steps = [p for p in parameters(bill) if p.kind == "setting" and p.name in ("min_instances", "memory_gib")
             and isinstance(p.current, int | float) and p.minimum is not None and p.current > p.minimum]  # fmt: skip
    if not steps:
        return
    moved = data.draw(st.sampled_from(steps))
    keys = {moved.key: moved.minimum}
    bare = audited(bill, {"id": "a", "saves_per_month": "1", "settings": keys}, currency="")
    assert bare.bill is bill
    kept = only(bare)
    nanos = bare.together.saving_nanos
    assert kept.stands_nanos is None or kept.stands_nanos * len(bill.months) == pytest.approx(
        nanos, abs=len(bill.months)
    )
    if nanos <= 10**9:
        return
    claimed = f"{Decimal(nanos).scaleb(-9) / len(bill.months):.4f}"
    one = {"saves_per_month": claimed, "settings": keys}
    both = {"id": "t", "sum_of": ["a", "b"], "saves_per_month": f"{2 * Decimal(claimed):.4f}"}
    twice = audited(bill, {"id": "a", **one}, {"id": "b", **one}, both, currency="")
    assert verdicts(twice)["a"] == "reproduced"
    assert verdicts(twice)["b"] == "double_counted"
    assert verdicts(twice)["t"] in {"double_counted", "impossible"}  # twice the saving may be more than there is
    assert twice.together.saving_nanos == nanos

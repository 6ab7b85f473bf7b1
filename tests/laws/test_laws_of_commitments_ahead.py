"""Commitments in the months ahead: what ends, what starts later, and one figure for what is claimed twice."""

from __future__ import annotations

import numpy as np
import pytest
from arbitrary_bills import BillSpec, Thing, make_bill

from model.commitment_advice import advise
from model.commitment_timeline import rungs_by_way
from model.levers.commitment_rungs import rungs_text
from model.money import NANOS
from model.outcome import evaluate
from model.projection import figures, project
from model.scenario import Scenario
from model.uncertainty import uncertain

SQL, RUN, FIRESTORE = Thing("sql", name="db"), Thing("run_instances", name="api"), Thing("firestore", name="store")
PLAIN = make_bill(BillSpec(things=(SQL, RUN, FIRESTORE), months=(202601,)))
HELD = make_bill(BillSpec(things=(Thing("sql", name="db", commitment="new", covered_share=0.5),), months=(202601,)))
GROWING = Scenario().with_assumption("growth.usage_per_year", 0.07, -0.1, 0.3)


def pool_of(bill, kind):
    return next(pool.name for pool in bill.pools if pool.pool == kind)


def in_currency(amounts):
    return np.asarray(amounts, dtype=float)


def test_standing_commitments_end_and_what_they_covered_is_paid_on_demand():
    key = f"commitments.{pool_of(HELD, 'cloud_sql')}.held_months_left"
    outcome = evaluate(HELD, Scenario().with_assumption(key, 12.0))
    ahead = project(outcome)
    today = outcome.baseline.total.headline / NANOS
    (pool,) = HELD.pools
    freed = sum(float(covered.sum()) for covered in pool.covered.values()) - float(pool.fee.sum())
    assert freed > 0.0
    assert ahead.baseline[:12] == pytest.approx(in_currency([today] * 12), abs=1e-6)
    assert ahead.baseline[12:] == pytest.approx(in_currency([today + freed] * 24), abs=1e-6)
    assert ahead.saving == pytest.approx(np.zeros(36), abs=1e-9)
    assert any("end after 12 months and are not renewed" in note for note in ahead.notes)


def test_without_a_known_end_standing_commitments_are_renewed_and_that_is_said():
    ahead = project(evaluate(HELD, Scenario()))
    assert ahead.baseline == pytest.approx(np.full(36, ahead.baseline[0]))
    assert any("taken as renewed" in note and "held_months_left" in note for note in ahead.notes)


def test_a_new_commitment_fills_what_an_ended_one_leaves():
    """All of a constant database: 3 years at 52 % cover half of it beside what stands, and all of it afterwards."""
    name = pool_of(HELD, "cloud_sql")
    key = f"commitments.{name}."
    scenario = Scenario(settings={f"{key}rungs": "2026-02:3y:100"}).with_assumption(f"{key}held_months_left", 12.0)
    ahead = project(evaluate(HELD, scenario))
    (plan,) = evaluate(HELD, scenario).pools
    covered = sum(float(series.sum()) for series in HELD.pools[0].covered.values())
    eligible = sum(float(series.sum()) for series in HELD.pools[0].eligible.values())
    fee = plan.commit_per_hour * int(HELD.hours.is_calendar.sum())
    saved = ahead.after_usage - ahead.after_commitments
    assert saved[:12] == pytest.approx(np.full(12, min(eligible, 100.0 * len(HELD.hours)) - fee), abs=1e-6)
    assert saved[12:] == pytest.approx(np.full(24, eligible + covered - fee), abs=1e-6)


def test_rungs_start_and_end_in_their_months():
    name = pool_of(PLAIN, "cloud_sql")
    text = "2026-02:1y:0.02,2026-08:3y:0.03,2027-02:1y:0.01"
    outcome = evaluate(PLAIN, Scenario(settings={f"commitments.{name}.rungs": text}))
    ahead = project(outcome)
    pool = next(each for each in PLAIN.pools if each.name == name)
    (series,) = pool.eligible.values()
    (plan,) = (each for each in outcome.pools if each.name == name)
    by_hand = np.zeros(36)
    for month in range(36):
        live = [r for r in plan.rungs if r.start <= month < r.start + (12 if r.term == "1y" else 36)]
        covered = np.minimum(series, sum(r.covered_on_demand_per_hour for r in live)).sum()
        by_hand[month] = covered - sum(r.commit_per_hour for r in live) * len(series)
    assert ahead.after_usage - ahead.after_commitments == pytest.approx(by_hand, abs=1e-9)
    assert by_hand[5] != by_hand[6] != by_hand[12]
    assert any("rungs are taken to start and end in their months" in note for note in ahead.notes)


@pytest.mark.parametrize("base", [Scenario(), GROWING], ids=["still", "growing"])
@pytest.mark.parametrize("kind", ["cloud_sql", "compute_flexible", "firestore"])
def test_advice_and_projection_say_the_same_to_the_cent(base, kind):
    name = pool_of(PLAIN, kind)
    outcome = evaluate(PLAIN, base.with_setting(f"commitments.{name}.term", "3y"))
    ahead = project(outcome)
    (pool,) = (each for each in advise(outcome, draws=20).pools if each.plan.name == name)
    saved = ahead.after_usage - ahead.after_commitments
    assert pool.risk.saving_by_month == pytest.approx(saved, abs=1e-6)
    assert pool.regret.saving[[a.title for a in pool.regret.amounts].index("the plan"), 0] == pytest.approx(saved.sum())
    assert next(way.saving for way in pool.terms.choices if way.key == "3y") == pytest.approx(saved.sum())


@pytest.mark.parametrize("kind", ["cloud_sql", "firestore"])
@pytest.mark.parametrize("way", ["mix", "ladder"])
def test_a_mix_or_ladder_that_is_advised_saves_what_was_told_once_it_is_typed(kind, way):
    name = pool_of(PLAIN, kind)
    (advised,) = (each for each in advise(evaluate(PLAIN, GROWING), draws=20).pools if each.plan.name == name)
    told = next(each for each in advised.terms.choices if each.key == way)
    rungs = rungs_by_way(PLAIN, advised.terms)[way]
    outcome = evaluate(PLAIN, GROWING.with_setting(f"commitments.{name}.rungs", rungs_text(rungs)))
    ahead = project(outcome)
    saved = ahead.after_usage - ahead.after_commitments
    assert saved.sum() == pytest.approx(told.saving, rel=1e-4, abs=0.01)
    (again,) = (each for each in advise(outcome, draws=200).pools if each.plan.name == name)
    assert again.is_in_scenario
    assert again.risk.saving_by_month == pytest.approx(saved, abs=1e-6)
    assert again.risk.npv == pytest.approx(figures(ahead).npv, abs=1e-6)
    assert again.risk.drawn_npv.p10 - 1e-6 <= again.risk.drawn_npv.p50 <= again.risk.drawn_npv.p90 + 1e-6
    assert again.risk.owed[0] == pytest.approx(
        sum(r.commit_per_hour * r.months for r in again.plan.rungs if not r.start) * len(PLAIN.hours)
    )


@pytest.mark.parametrize("kind", ["cloud_sql", "compute_flexible", "firestore"])
def test_a_point_lies_within_its_own_band(kind):
    name = pool_of(PLAIN, kind)
    outcome = evaluate(PLAIN, Scenario().with_setting(f"commitments.{name}.term", "3y"))
    (pool,) = (each for each in advise(outcome, draws=2000).pools if each.plan.name == name)
    assert pool.risk.drawn_npv.p10 - 1e-6 <= pool.risk.npv <= pool.risk.drawn_npv.p90 + 1e-6


def test_draws_of_a_ladder_know_its_months():
    """Without width nothing is drawn: every quantile is the projection."""
    name = pool_of(PLAIN, "cloud_sql")
    still = Scenario().with_assumption("growth.usage_per_year", 0.05, 0.05, 0.05)
    still = still.with_assumption("prices.change_per_year", 0.0, 0.0, 0.0)
    typed = still.with_setting(f"commitments.{name}.rungs", "2026-02:1y:0.02,2026-08:3y:0.03")
    outcome = evaluate(PLAIN, typed)
    told, ahead = uncertain(outcome, draws=50), project(outcome)
    assert told.by_month[:, 1] == pytest.approx(ahead.saving, rel=2e-3, abs=1e-6)
    assert told.npv.p50 == pytest.approx(figures(ahead).npv, rel=2e-3)


def test_draws_know_when_standing_commitments_end():
    name = pool_of(HELD, "cloud_sql")
    still = Scenario().with_assumption("growth.usage_per_year", 0.0, 0.0, 0.0)
    still = still.with_assumption("prices.change_per_year", 0.0, 0.0, 0.0)
    still = still.with_assumption(f"commitments.{name}.held_months_left", 12.0)
    all_of_it = sum(float(x.sum()) for x in (*HELD.pools[0].eligible.values(), *HELD.pools[0].covered.values()))
    typed = still.with_setting(f"commitments.{name}.term", "3y")
    outcome = evaluate(HELD, typed.with_setting(f"commitments.{name}.covered_per_hour", all_of_it / len(HELD.hours)))
    told, ahead = uncertain(outcome, draws=50), project(outcome)
    assert ahead.saving[12] > ahead.saving[11]
    assert told.by_month[:, 1] == pytest.approx(ahead.saving, rel=1e-6, abs=1e-6)

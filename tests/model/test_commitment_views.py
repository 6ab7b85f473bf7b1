"""What is shown of a purchase, held against sums made by hand: curve, week, what is owed, next bills, timeline."""

from __future__ import annotations

import numpy as np
import pytest
from commitment_bill import axis, bill_of, pool, values_of
from test_commitment_load import FLAT, term_load

from model.behaviour.commitment_ladder import Ladder, Rung, Tranche
from model.commitment_checks import expected_rows
from model.commitment_coverage import HourlyCoverage
from model.commitment_curves import BEST, CHOSEN, TODAY, cost_curves
from model.commitment_doubt import Owed, bounds, fates, most_regretted, owed, owed_at_most, planned_fates, worst_fate
from model.commitment_judgement import PoolAdvice
from model.commitment_regret import Amount, RegretTable
from model.commitment_risk import Money, term_risk
from model.commitment_timeline import rungs
from model.commitment_week import cells
from model.drawing import Range
from model.levers.commitments import options, plan_pools

NAME = "cloud_sql-us-central1"
HOURS = axis((31 * 24, 28 * 24))
SERIES = 10.0 + 4.0 * np.sin(np.arange(59 * 24) / 24.0 * 2.0 * np.pi)
STILL = Money(Range("g", "", 0.0, 0.0, 0.0), Range("p", "", 0.0, 0.0, 0.0), 0.0, draws=20)


def bill():
    return bill_of(pool(NAME, {"cloud_sql": SERIES}, region="us-central1"), hours=HOURS)


def advice(**settings):
    chosen = values_of(NAME, **settings)
    usage = {NAME: {"cloud_sql": SERIES}}
    plan = plan_pools(bill(), chosen, usage)[0]
    offered = options(bill(), chosen, usage)
    plan = plan if plan.is_planned else offered[1]
    return PoolAdvice(None, plan, True, offered, {}, None, None, None, None, (), ())


def test_the_lowest_point_of_the_curve_is_marked_as_the_best():
    judged, other = cost_curves(advice(term="3y"), 2)
    assert (judged.term, other.term) == ("3y", "1y")
    today, best = judged.marks
    assert (today.kind, best.kind) == (TODAY, BEST)
    assert today.cost_per_month == pytest.approx(SERIES.sum() / 2)
    assert best.cost_per_month <= min(point.cost_per_month for point in judged.points) + 1e-9
    assert best.commit_per_hour == pytest.approx(best.covered_per_hour * 0.48)
    assert best.cost_per_month < other.marks[1].cost_per_month


def test_usage_without_a_rate_is_part_of_what_the_curve_costs():
    """10 an hour with a rate and 7 without: every point costs the 7 too, as the marks do."""
    flat = np.full(59 * 24, 10.0)
    usage = {"cloud_run_request_based": flat, "unheard_of": flat * 0.7}
    own = bill_of(pool("compute_flexible", usage), hours=HOURS)
    offered = options(own, values_of("compute_flexible"), {"compute_flexible": usage})
    curve = cost_curves(PoolAdvice(None, offered[0], False, offered, {}, None, None, None, None, (), ()), 2)[0]
    today, best = curve.marks
    assert today.cost_per_month == pytest.approx(17.0 * 59 * 24 / 2)
    on_curve = np.interp(
        best.covered_per_hour,
        [point.covered_per_hour for point in curve.points],
        [point.cost_per_month for point in curve.points],
    )
    assert best.cost_per_month == pytest.approx(on_curve, rel=5e-3)


def test_an_amount_beside_the_best_is_marked_as_chosen_and_costs_more():
    curve = cost_curves(advice(term="3y", covered_per_hour=14.0), 2)[0]
    today, best, chosen = curve.marks
    assert chosen.kind == CHOSEN
    assert chosen.covered_per_hour == pytest.approx(14.0)
    by_hand = (SERIES.sum() + 14.0 * 0.48 * len(SERIES) - np.minimum(SERIES, 14.0).sum()) / 2
    assert chosen.cost_per_month == pytest.approx(by_hand)
    assert best.cost_per_month < chosen.cost_per_month < today.cost_per_month


def test_a_curve_without_a_saving_amount_has_prices_and_no_best():
    rare = np.where(np.arange(59 * 24) % 10 == 0, 10.0, 0.0)
    own = bill_of(pool(NAME, {"cloud_sql": rare}, region="us-central1"), hours=HOURS)
    offered = options(own, values_of(NAME), {NAME: {"cloud_sql": rare}})
    curve = cost_curves(PoolAdvice(None, offered[0], False, offered, {}, None, None, None, None, (), ()), 2)[0]
    assert [mark.kind for mark in curve.marks] == [TODAY]
    assert curve.points[-1].commit_per_hour == pytest.approx(curve.points[-1].covered_per_hour * 0.75)


def test_terms_of_the_same_discounts_are_one_curve():
    flat = np.full(59 * 24, 10.0)
    own = bill_of(pool("compute_flexible", {"cloud_run_request_based": flat}), hours=HOURS)
    usage = {"compute_flexible": {"cloud_run_request_based": flat}}
    offered = options(own, values_of("compute_flexible"), usage)
    found = PoolAdvice(None, offered[0], False, offered, {}, None, None, None, None, (), ())
    assert [curve.term for curve in cost_curves(found, 2)] == ["1y"]


def test_the_next_bills_show_fee_offset_and_what_is_left():
    fee, offset, used, left, legacy = expected_rows(bill(), advice(term="3y", covered_per_hour=12.0).plan)
    commit = 12.0 * 0.48
    use = np.minimum(SERIES, 12.0).sum() / (12.0 * len(SERIES))
    assert list(fee.amounts) == [202603, 202604, 202605]
    assert fee.amounts[202603] == pytest.approx(commit * 31 * 24)
    assert fee.amounts[202604] == pytest.approx(commit * 30 * 24)
    for month, amount in fee.amounts.items():
        assert offset.amounts[month] == pytest.approx(-use * amount)
        assert used.amounts[month] == -offset.amounts[month]
        assert amount + offset.amounts[month] == pytest.approx(left.amounts[month])
        assert legacy.amounts[month] == pytest.approx(-use * amount / 0.48)
    assert "FEE_UTILIZATION_OFFSET" in offset.find
    assert "52FB-D69D-95BE" in used.find
    assert [each.is_exact for each in (fee, offset)] == [True, False]


def test_nothing_bought_asks_for_no_rows():
    nothing = plan_pools(bill(), values_of(NAME), {NAME: {"cloud_sql": SERIES}})[0]
    assert expected_rows(bill(), nothing) == ()


def test_what_is_owed_falls_to_nothing_while_savings_add_up():
    risk = term_risk(term_load(np.full(12, 10.0), 0.4), 6.0, FLAT, STILL)
    found = bounds(risk)
    assert [found[0].owed, found[-1].owed] == [risk.lock_in, 0.0]
    assert found[0].saved == 0.0
    assert found[-1].saved == pytest.approx(sum(risk.saving_by_month))
    crossing = next(each.after_months for each in found if each.saved >= each.owed)
    assert crossing == risk.safe_from_month
    assert owed(risk)[2] == Owed(12, risk.owed[12])
    assert owed_at_most(()) == ()
    together = owed_at_most((risk, term_risk(term_load(np.full(12, 10.0), 0.4), 3.0, FLAT, STILL)))
    assert together[0].amount == pytest.approx(1.5 * risk.lock_in)
    assert together[-1] == Owed(36, 0.0)


def test_the_future_that_is_feared_and_the_one_that_is_regretted():
    amounts = (Amount("nothing", 0.0, 0.0), Amount("the plan", 1.0, 2.0))
    saving, regret = np.array([[0.0, 0.0], [-5.0, 40.0]]), np.array([[0.0, 60.0], [5.0, 20.0]])
    table = RegretTable("1y", amounts, ("fall", "rise"), saving, regret, np.zeros(2))
    plan = advice(term="3y").plan
    found = PoolAdvice(None, plan, True, (), {}, None, table, None, None, (), ())
    assert [(each.amount, each.future) for each in fates(table)][:2] == [("nothing", "fall"), ("the plan", "fall")]
    assert len(planned_fates(found)) == 2
    worst, most = worst_fate(found), most_regretted(found)
    assert worst is not None
    assert most is not None
    assert (worst.future, worst.saving, worst.is_loss) == ("fall", -5.0, True)
    assert (most.future, most.regret) == ("rise", 20.0)
    bare = PoolAdvice(None, plan, True, (), {}, None, None, None, None, (), ())
    assert (worst_fate(bare), most_regretted(bare)) == (None, None)


def test_a_week_has_the_hours_that_have_usage_or_an_idle_commitment():
    coverage, usage, used = (np.full((7, 24), np.nan) for _ in range(3))
    usage[:] = 0.0
    coverage[0, 3], usage[0, 3], used[0, 3] = 0.5, 2.0, 1.0
    used[6, 23] = 0.25
    first, last = cells(HourlyCoverage(coverage, usage, used))
    assert (first.weekday, first.hour, first.coverage, first.usage, first.idle) == (0, 3, 0.5, 2.0, 0.0)
    assert (last.weekday, last.hour, last.coverage, last.idle) == (6, 23, 0.0, 0.75)


def test_rungs_start_in_calendar_months_and_end_with_the_horizon():
    tranches = [Tranche(12, 36, 0.5), Tranche(0, 12, 0.25), Tranche(36, 12, 0.25)]
    ladder = Ladder(tuple(Rung(each, 4.0) for each in tranches), np.zeros(1), np.zeros(1))
    found = rungs(bill(), ladder)
    assert [(rung.start_month, rung.months) for rung in found] == [(202603, 12), (202703, 36)]
    assert [rung.covered_per_hour for rung in found] == [4.0, 4.0]

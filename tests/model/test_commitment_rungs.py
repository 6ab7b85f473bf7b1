"""Mixes and ladders that a scenario types, held against sums over every hour."""

from __future__ import annotations

import numpy as np
import pytest
from commitment_bill import RATES, axis, bill_of, pool, unchanged, values_of
from hypothesis import given, settings
from hypothesis import strategies as st

from model.levers.commitment_rungs import PlannedRung, read_rungs, rungs_text
from model.levers.commitments import plan_pools
from model.scenario import ScenarioError

NAME = "cloud_sql-us-central1"
HOURS = axis((20, 30))
AMOUNTS = st.one_of(st.just(0.0), st.floats(0.01, 100.0))
SERIES = st.lists(AMOUNTS, min_size=50, max_size=50).map(np.array)


def planned(series, rungs, name=NAME, classes=("cloud_sql",), **more):
    region = "us-central1" if name == NAME else ""
    bill = bill_of(pool(name, dict(zip(classes, series, strict=True)), region=region), hours=HOURS)
    (plan,) = plan_pools(bill, values_of(name, rungs=rungs, **more), unchanged(bill))
    return plan


def waterfall(hours, parts):
    """Hour by hour, each commitment on what those before it leave, pro rata over the classes; covered and paid."""
    covered = paid = 0.0
    for each in hours.T.tolist():
        left = list(each)
        for commit, rates in parts:
            wanted = sum(amount * (1 - rate) for amount, rate in zip(left, rates, strict=True))
            share = min(1.0, commit / wanted) if wanted > 0.0 else 0.0
            covered += share * sum(left)
            left = [amount * (1 - share) for amount in left]
        paid += sum(commit for commit, _ in parts)
    return covered, paid


@settings(max_examples=60)
@given(SERIES, st.floats(0.5, 60.0), st.floats(0.5, 60.0))
def test_a_mix_costs_what_every_hour_costs(series, three, one):
    plan = planned([series], f"2026-03:3y:{three:.6f},2026-03:1y:{one:.6f}")
    three, one = round(three, 6), round(one, 6)
    covered = np.minimum(series, three + one).sum()
    fee = (three * 0.48 + one * 0.75) * 50
    assert plan.term == "mix"
    assert plan.saving == pytest.approx(covered - fee, abs=1e-6)
    assert plan.commit_per_hour * 50 == pytest.approx(fee)
    assert plan.covered_on_demand_per_hour == pytest.approx(three + one)
    assert plan.saving_by_month.sum() == pytest.approx(plan.saving, abs=1e-6)
    assert [(rung.term, rung.start) for rung in plan.rungs] == [("3y", 0), ("1y", 0)]


@settings(max_examples=40)
@given(SERIES, SERIES, st.floats(0.5, 60.0), st.floats(0.5, 60.0))
def test_a_mix_over_several_rates_is_a_waterfall_of_commitments(requests, instances, three, one):
    classes = ("cloud_run_request_based", "cloud_run_instance_based")
    plan = planned([requests, instances], f"2026-03:3y:{three:.6f},2026-03:1y:{one:.6f}", "compute_flexible", classes)
    hours = np.stack([instances, requests])
    rates = {term: [RATES[key][place] for key in sorted(classes)] for place, term in enumerate(("1y", "3y"))}
    parts = [(rung.commit_per_hour, rates[rung.term]) for rung in plan.rungs]
    covered, paid = waterfall(hours, parts)
    assert plan.saving == pytest.approx(covered - paid, abs=1e-6)
    assert plan.saving_range[0] - 1e-9 <= plan.saving <= plan.saving_range[1] + 1e-9


def test_a_mix_of_one_term_is_that_term():
    series = np.arange(50.0)
    rungs = planned([series], "2026-03:3y:20,2026-03:3y:10")
    (whole,) = plan_pools(
        bill := bill_of(pool(NAME, {"cloud_sql": series}, region="us-central1"), hours=HOURS),
        values_of(NAME, term="3y", covered_per_hour=30.0), unchanged(bill),
    )  # fmt: skip
    assert rungs.term == "3y"
    assert rungs.saving == pytest.approx(whole.saving)
    assert rungs.commit_per_hour == pytest.approx(whole.commit_per_hour)


def test_later_rungs_are_told_and_not_yet_bought():
    series = np.full(50, 10.0)
    plan = planned([series], "2026-03:3y:4,2026-09:1y:5")
    assert plan.term == "ladder"
    assert plan.commit_per_hour == pytest.approx(4 * 0.48)
    assert [(rung.start, rung.term, rung.commit_per_hour) for rung in plan.rungs] == [
        (0, "3y", pytest.approx(1.92)), (6, "1y", pytest.approx(3.75))
    ]  # fmt: skip
    assert any(step.startswith("On the first day of 2026-09") for step in plan.steps)
    later = planned([series], "2026-09:1y:5")
    assert (later.is_planned, len(later.rungs)) == (False, 1)


def test_rungs_of_the_bills_own_months_are_not_bought_again():
    plan = planned([np.full(50, 10.0)], "2026-02:3y:4")
    assert not plan.rungs
    assert "2026-02 began in the bill's time (to 2026-02)" in plan.notes[0]


def test_rungs_win_over_a_term_and_say_so():
    plan = planned([np.full(50, 10.0)], "2026-03:1y:4", term="3y", covered_per_hour=9.0)
    assert plan.covered_on_demand_per_hour == pytest.approx(4.0)
    assert "Cloud SQL, us-central1: rungs count, not the term of 3 years or the typed amount." in plan.notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-13:3y:1", "is not a rung"),
        ("2026-07:2y:1", "no commitment is sold for '2y'"),
        ("2026-07:3y:0", "covers nothing"),
        (",".join(["2026-07:3y:1"] * 41), "40 are the most"),
    ],
)
def test_what_is_no_rung_is_said_in_one_sentence(text, said):
    with pytest.raises(ScenarioError, match=said):
        read_rungs(text, "commitments.firestore.rungs")


@given(st.lists(st.builds(PlannedRung, st.sampled_from([202607, 202701]), st.sampled_from(["1y", "3y"]),
                          st.integers(1, 10**9).map(lambda n: n / 10**6)), max_size=6))  # fmt: skip
def test_rungs_are_read_as_they_are_written(rungs):
    assert read_rungs(rungs_text(rungs)) == read_rungs(rungs_text(read_rungs(rungs_text(rungs))))
    assert sorted(read_rungs(rungs_text(rungs))) == sorted(rungs)


def test_an_amount_without_a_term_is_said_to_buy_nothing():
    bill = bill_of(pool("firestore", {"half": np.full(50, 10.0)}), hours=HOURS)
    (plan,) = plan_pools(bill, values_of("firestore", covered_per_hour=3.0), unchanged(bill))
    assert plan.notes == (
        (
            "Firestore: the typed amount is given without a term, so nothing is bought: choose 1 or 3 years "
            "(commitments.firestore.term)."
        ),
    )


def test_of_several_amounts_the_one_that_counts_is_said():
    bill = bill_of(pool("firestore", {"half": np.full(50, 10.0)}), hours=HOURS)
    values = values_of("firestore", term="1y", covered_per_hour=3.0, target_coverage_ratio=0.5)
    (plan,) = plan_pools(bill, values, unchanged(bill))
    assert plan.covered_on_demand_per_hour == pytest.approx(3.0)
    assert "Firestore: the typed amount counts, not the share to cover." in plan.notes

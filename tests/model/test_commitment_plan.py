from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from commitment_bill import axis, bill_of, pool, unchanged, values_of
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.levers.commitments import options, parameters, plan_pools
from model.parameter import Fact, Values
from model.scenario import Scenario

HOURS = axis((20, 30))
STEADY = np.full(50, 10.0)
AMOUNTS = st.one_of(st.just(0.0), st.floats(0.01, 100.0))


def one_plan(bill, values=None, after=None):
    (plan,) = plan_pools(bill, values or Values(), unchanged(bill) if after is None else after)
    return plan


def test_parameters_have_keys_of_the_contract_and_change_nothing():
    bill = bill_of(pool("cloud_sql-us-central1", {"cloud_sql": STEADY}, region="us-central1"), hours=HOURS)
    declared = {p.key: p for p in parameters(bill)}
    base = "commitments.cloud_sql-us-central1."
    assert set(declared) == {
        base + n
        for n in (
            "term",
            "covered_per_hour",
            "target_coverage_ratio",
            "rungs",
            "target_utilisation_ratio",
            "plan",
            "fill_order",
            "held_commit_per_hour",
            "held_months_left",
        )
    }
    assert declared[base + "covered_per_hour"].unit == "USD/h"
    assert declared[base + "covered_per_hour"].maximum == 2000.0
    assert declared[base + "fill_order"].kind == "assumption"
    assert declared[base + "term"].resource == "cloud_sql-us-central1"
    scenario = Scenario(settings={base + "term": "3y", base + "covered_per_hour": 4.0})
    scenario.check(declared.values())
    plan = one_plan(bill, scenario.values(declared.values()))
    assert (plan.term, plan.covered_on_demand_per_hour) == ("3y", 4.0)
    assert not one_plan(bill, Scenario().values(declared.values())).is_planned


def test_current_settings_buy_nothing_and_strand_nothing():
    usage = np.arange(50.0)
    existing = pool(
        "compute_flexible",
        {"cloud_run_request_based": usage, "cloud_run_instance_based": np.where(usage > 25, usage, 0.0)},
        covered={"cloud_run_request_based": np.full(50, 0.1), "cloud_run_instance_based": np.full(50, 3.3)},
        fee=np.full(50, 2.0),
        offset=np.full(50, -1.9),
    )
    plan = one_plan(bill_of(existing, hours=HOURS))
    assert not plan.is_planned
    assert plan.change is None
    assert not plan.stranded_by_month.any()
    assert not plan.saving_by_month.any()
    assert plan.existing.covered_per_hour == pytest.approx(3.4)
    assert plan.existing.covered_after_per_hour == plan.existing.covered_per_hour
    assert plan.existing.unused_share == pytest.approx(0.05)
    assert plan.coverage == pytest.approx(3.4 * 50 / (usage.sum() + usage[usage > 25].sum() + 3.4 * 50))


def test_one_rate_by_hand():
    """25 %: ⌈0.25·50⌉ = 13th smallest of 10 hours at 4 and 40 at 8 is 8; bought 6 $/h for 50 h covers 10·4 + 40·8."""
    usage = np.array([4.0] * 10 + [8.0] * 40)
    bill = bill_of(pool("cloud_sql-us-central1", {"cloud_sql": usage}, region="us-central1"), hours=HOURS)
    plan = one_plan(bill, values_of("cloud_sql-us-central1", term="1y"))
    assert plan.covered_on_demand_per_hour == pytest.approx(8.0)
    assert plan.commit_per_hour == pytest.approx(6.0)
    assert plan.fee_by_month == pytest.approx([120.0, 180.0])
    assert plan.covered_by_month["cloud_sql"] == pytest.approx([10 * 4 + 10 * 8, 240.0])
    assert plan.saving_by_month == pytest.approx([0.0, 60.0])
    assert (plan.saving, plan.cost) == (pytest.approx(60.0), pytest.approx(300.0))
    assert plan.utilisation == pytest.approx(0.9)
    assert plan.coverage == plan.new_coverage == pytest.approx(1.0)
    assert plan.break_even_utilisation == 0.75
    assert plan.break_even_month == 9
    assert plan.zero_saving_level == pytest.approx(360 / 50 / 0.75)
    assert plan.rates == {"cloud_sql": 0.25}
    assert plan.discount_source == "page of the day, read 2026-11-01, verified-2"
    assert plan.guardrails[0].passed is True
    change = plan.change
    assert (change.lever, change.attribute, change.configures) == ("commitments", "commit_per_hour", "")
    assert (change.disruption, change.region) == ("one_way", "us-central1")
    assert change.after == plan.commit_per_hour
    assert "6.000000 USD" in change.reason
    assert "1 year" in change.reason


def test_a_losing_commitment_shows_its_loss_and_fails_its_guardrail():
    usage = np.where(np.arange(50) % 5 == 0, 10.0, 0.0)
    bill = bill_of(pool("firestore", {"half": usage}), hours=HOURS)
    plan = one_plan(bill, values_of("firestore", term="1y", covered_per_hour=10.0))
    assert plan.commit_per_hour == pytest.approx(5.5)
    assert plan.saving == pytest.approx(100.0 - 5.5 * 50)
    assert plan.saving_by_month == pytest.approx([40 - 110, 60 - 165])
    assert plan.utilisation == pytest.approx(0.2)
    assert plan.guardrails[0].passed is False
    assert plan.zero_saving_level == 0.0
    best = one_plan(bill, values_of("firestore", term="1y"))
    assert not best.is_planned
    assert "saves anything" in best.notes[0]


@settings(max_examples=40)
@given(arrays(np.float64, (2, 50), elements=AMOUNTS), st.floats(0.01, 100.0), st.sampled_from(["1y", "3y"]))
def test_parts_add_up_and_law_3_holds_per_month(hourly, typed, term):
    classes = ("cloud_run_instance_based", "cloud_run_request_based")
    hours = axis((20, 25), late=((0, 1), (7, 1), (19, 1), (900, 0), (44, 1)))
    bill = bill_of(pool("compute_flexible", dict(zip(classes, hourly, strict=True))), hours=hours)
    plan = one_plan(bill, values_of("compute_flexible", term=term, covered_per_hour=typed))
    if not plan.is_planned:
        return
    covered = sum(plan.covered_by_month.values())
    assert plan.fee_by_month == pytest.approx([plan.commit_per_hour * 20, plan.commit_per_hour * 25])
    assert plan.saving == pytest.approx(covered.sum() - plan.fee_by_month.sum(), rel=1e-9, abs=1e-8)
    assert plan.saving_by_month.sum() == pytest.approx(plan.saving, rel=1e-9, abs=1e-8)
    assert plan.cost + plan.saving == pytest.approx(hourly.sum())
    assert plan.saving_range[0] - 1e-8 <= plan.saving <= plan.saving_range[1] + 1e-8
    for m in range(2):
        inside = hours.month_index == m
        ceiling = sum(d * s[inside].sum() for d, s in zip(plan.rates.values(), hourly, strict=True))
        assert plan.saving_by_month[m] <= ceiling + 1e-8
    esr = plan.saving / hourly.sum() if hourly.sum() else 0.0
    if plan.utilisation:
        identity = plan.new_coverage * (1.0 - plan.break_even_utilisation / plan.utilisation)
        assert esr == pytest.approx(identity, rel=1e-6, abs=1e-6)


def test_late_usage_joins_the_hour_in_which_it_ran():
    usage = np.array([10.0] * 19 + [4.0] + [10.0] * 25 + [6.0, 99.0])
    hours = axis((20, 25), late=((19, 1), (5000, 1)))
    bill = bill_of(pool("firestore", {"half": usage}), hours=hours)
    plan = one_plan(bill, values_of("firestore", term="1y"))
    assert plan.covered_on_demand_per_hour == pytest.approx(10.0)
    assert plan.utilisation == pytest.approx(1.0)
    assert plan.covered_by_month["half"] == pytest.approx([194.0, 256.0])
    assert plan.new_coverage == pytest.approx(450 / 549)
    assert plan.saving_by_month == pytest.approx([194 * 0.45, 256 * 0.45])


def test_empty_hours_count():
    usage = np.where(np.arange(50) < 25, 10.0, 0.0)
    bill = bill_of(pool("firestore", {"half": usage}), hours=HOURS)
    assert not one_plan(bill, values_of("firestore", term="3y")).is_planned


def test_existing_commitment_leaves_the_difference():
    rng = np.random.default_rng(3)
    usage = rng.uniform(5.0, 50.0, 50)
    alone = one_plan(bill_of(pool("firestore", {"half": usage}), hours=HOURS), values_of("firestore", term="1y"))
    covered = np.full(50, 4.0)
    beside = pool("firestore", {"half": usage - covered}, covered={"half": covered}, fee=covered * 0.55)
    plan = one_plan(bill_of(beside, hours=HOURS), values_of("firestore", term="1y"))
    assert plan.covered_on_demand_per_hour == pytest.approx(alone.covered_on_demand_per_hour - 4.0)


def test_usage_that_shrinks_below_an_existing_commitment_is_stranded():
    covered = np.full(50, 8.0)
    bill = bill_of(pool("firestore", {"half": np.full(50, 2.0)}, covered={"half": covered}), hours=HOURS)
    after = {"firestore": {"half": np.full(50, 5.0)}}
    plan = one_plan(bill, after=after)
    assert plan.stranded_by_month == pytest.approx([60.0, 90.0])
    assert plan.cost == 0.0
    assert one_plan(bill, after={"firestore": {"half": np.full(50, 9.0)}}).stranded_by_month == pytest.approx(
        [0.0, 0.0]
    )


@pytest.mark.parametrize("has_offset", [True, False])
def test_growth_fills_an_unused_commitment_first(has_offset):
    """8 of 10 used for 40 hours, 10 of 10 in the rest; fees of 5.5 in either billing model."""
    covered = np.array([8.0] * 40 + [10.0] * 10)
    offset = -0.55 * covered if has_offset else None
    bill = bill_of(
        pool("firestore", {"half": np.zeros(50)}, covered={"half": covered}, fee=np.full(50, 5.5), offset=offset),
        hours=HOURS,
    )
    plan = one_plan(bill, after={"firestore": {"half": np.full(50, 11.0)}})
    assert plan.stranded_by_month.sum() == pytest.approx(-80.0)
    assert plan.cost == pytest.approx(50.0)
    assert plan.existing.unused_share == pytest.approx(80 / 500)
    assert plan.existing.covered_after_per_hour == pytest.approx(10.0)


def test_what_one_class_frees_covers_the_other():
    ones = np.ones(50)
    bill = bill_of(
        pool(
            "compute_flexible",
            {"cloud_run_request_based": 6.0 * ones, "cloud_run_instance_based": 0.0 * ones},
            covered={"cloud_run_request_based": 1.0 * ones, "cloud_run_instance_based": 5.0 * ones},
        ),
        hours=HOURS,
    )
    after = {"compute_flexible": {"cloud_run_request_based": 7.0 * ones, "cloud_run_instance_based": 2.0 * ones}}
    plan = one_plan(bill, after=after)
    assert not plan.stranded_by_month.any()
    assert plan.cost == pytest.approx(50 * 3.0)


def test_several_rates_show_the_range_of_fill_orders():
    ones = np.ones(50)
    bill = bill_of(
        pool("compute_flexible", {"cloud_run_request_based": 10 * ones, "cloud_run_instance_based": 10 * ones}),
        hours=HOURS,
    )
    found = {
        order: one_plan(bill, values_of("compute_flexible", term="3y", covered_per_hour=7.0, fill_order=order))
        for order in ("pro_rata", "highest_first", "lowest_first")
    }
    commit = 7.0 * (8.3 + 5.4) / 20.0
    low, high = commit / 0.83 * 50 - commit * 50, commit / 0.54 * 50 - commit * 50
    assert found["lowest_first"].saving == pytest.approx(low)
    assert found["highest_first"].saving == pytest.approx(high)
    assert found["pro_rata"].saving == pytest.approx(7.0 * 50 - commit * 50)
    for plan in found.values():
        assert plan.saving_range == (pytest.approx(low), pytest.approx(high))


def test_target_coverage_is_the_smallest_that_reaches_it_with_existing_ones():
    usage = np.concatenate((np.full(25, 4.0), np.full(25, 8.0)))
    beside = pool("firestore", {"half": usage}, covered={"half": np.full(50, 2.0)})
    bill = bill_of(beside, hours=HOURS)
    plan = one_plan(bill, values_of("firestore", term="1y", target_coverage_ratio=0.75))
    assert plan.covered_on_demand_per_hour == pytest.approx(4.0)
    assert plan.coverage == pytest.approx(0.75)
    held = one_plan(bill, values_of("firestore", term="1y", target_coverage_ratio=0.25))
    assert not held.is_planned
    assert "already covers 25%" in held.notes[0]


def test_a_class_without_a_rate_stays_on_demand():
    ones = np.ones(50)
    bill = bill_of(pool("firestore", {"half": 10 * ones, "unheard_of": 5 * ones}), hours=HOURS)
    plan = one_plan(bill, values_of("firestore", term="1y"))
    assert set(plan.covered_by_month) == {"half"}
    assert plan.coverage == pytest.approx(10 / 15)
    assert any("rate of unheard of for 1 year is unknown" in note for note in plan.notes)
    unreachable = one_plan(bill, values_of("firestore", term="1y", target_coverage_ratio=0.9))
    assert not unreachable.is_planned
    assert "cannot reach 90% coverage" in unreachable.notes[0]
    nowhere = one_plan(bill_of(pool("x", {"unheard_of": ones}), hours=HOURS), values_of("x", term="1y"))
    assert nowhere.notes == ("The rate of x for 1 year is unknown: not planned. Add it to the price book.",)
    assert nowhere.guardrails[0].passed is None


def test_without_hourly_rows_nothing_is_planned():
    bill = bill_of(pool("firestore", {"half": STEADY}, has_hours=False), hours=HOURS)
    plan = one_plan(bill, values_of("firestore", term="1y"))
    assert not plan.is_planned
    assert plan.curve == ()
    assert "needs hourly rows" in plan.notes[0]


def test_committing_before_right_sizing_loses():
    bill = bill_of(pool("firestore", {"half": STEADY}), hours=HOURS)
    after = {"firestore": {"half": STEADY * 0.4}}
    plan = one_plan(bill, values_of("firestore", term="1y"), after)
    assert plan.covered_on_demand_per_hour == pytest.approx(4.0)
    assert plan.committing_first_loss == pytest.approx(50 * (5.5 - 2.2))
    assert one_plan(bill, values_of("firestore", term="1y")).committing_first_loss == 0.0


def test_a_discount_is_off_list_until_the_contract_is_said_to_lower_it_too():
    """Own price 80 % of list, 45 % off list: 55 of 80 is 31.25 % off what is paid."""
    bill = bill_of(pool("firestore", {"half": STEADY}), hours=HOURS, list_nanos=100, on_demand_nanos=80)
    plan = one_plan(bill, values_of("firestore", term="1y"))
    assert plan.rates == {"half": pytest.approx(1 - 0.55 / 0.8)}
    assert plan.saving == pytest.approx(500 * 0.3125)
    assert any("80.0% of list" in note for note in plan.notes)
    lowered = one_plan(bill, values_of("firestore", term="1y", price_base="own_price"))
    assert lowered.rates == {"half": 0.45}
    assert not any("of list" in note for note in lowered.notes)
    assert "commitments.firestore.price_base" in {parameter.key for parameter in parameters(bill)}


def test_nothing_is_offered_at_a_commitment_price_above_what_is_paid():
    bill = bill_of(pool("firestore", {"half": STEADY}), hours=HOURS, list_nanos=100, on_demand_nanos=50)
    plan = one_plan(bill, values_of("firestore", term="1y"))
    assert not plan.is_planned
    assert "costs more than you pay" in plan.notes[0]


def test_a_discount_that_the_bill_shows_is_measured():
    bill = bill_of(
        pool("firestore", {"half": STEADY}), hours=HOURS, list_nanos=100, on_demand_nanos=90,
        cost_nanos=54, consumption_model="3892-BA17-92A7",
    )  # fmt: skip
    assert one_plan(bill, values_of("firestore", term="1y")).rates == {"half": pytest.approx(0.4)}
    assert one_plan(bill, values_of("firestore", term="3y")).rates == {"half": pytest.approx(1 - 0.55 / 0.9, abs=1e-6)}


def test_the_accounts_own_price_export_wins():
    told = {"commitment_rates.half.one_year": Fact(0.31, "measured", "prices.json: 3 SKUs")}
    bill = bill_of(pool("firestore", {"half": STEADY}), hours=HOURS, list_nanos=100, on_demand_nanos=80)
    plan = one_plan(replace(bill, facts=told), values_of("firestore", term="1y"))
    assert plan.rates == {"half": 0.31}
    assert plan.discount_source == "prices.json: 3 SKUs"
    assert not any("of list" in note for note in plan.notes)


def test_what_was_bought_since_the_bill_is_not_bought_again():
    """5.50 an hour at 45 % off cover 10 of 12 an hour, so 2 are left to buy."""
    usage = np.full(50, 12.0)
    bill = bill_of(pool("firestore", {"half": usage}), hours=HOURS)
    plan = one_plan(bill, values_of("firestore", term="1y", held_commit_per_hour=5.5))
    assert plan.covered_on_demand_per_hour == pytest.approx(2.0)
    assert plan.saving == pytest.approx(50 * 2 * 0.45)


def test_target_utilisation_is_the_largest_that_is_used_so_far():
    """4 in half of the hours, 8 in the others: 8 is used three quarters of the time, 4 always."""
    usage = np.concatenate((np.full(25, 4.0), np.full(25, 8.0)))
    bill = bill_of(pool("firestore", {"half": usage}), hours=HOURS)
    plan = one_plan(bill, values_of("firestore", term="1y", target_utilisation_ratio=0.75))
    assert plan.covered_on_demand_per_hour == pytest.approx(8.0)
    assert plan.utilisation == pytest.approx(0.75)
    full = one_plan(bill, values_of("firestore", term="1y", target_utilisation_ratio=1.0))
    assert full.covered_on_demand_per_hour == pytest.approx(4.0)


def test_options_offer_both_terms_whatever_is_set():
    bill = bill_of(pool("cloud_sql-us-central1", {"cloud_sql": STEADY}, region="us-central1"), hours=HOURS)
    found = options(bill, Values(), unchanged(bill))
    assert [plan.term for plan in found] == ["1y", "3y"]
    assert [plan.saving for plan in found] == [pytest.approx(125.0), pytest.approx(260.0)]
    assert all(np.diff([cost for _, cost in plan.curve], 2).min() > -1e-6 for plan in found)


def test_no_plan_depends_on_the_order_of_classes():
    ones = np.ones(50)
    series = {"cloud_run_request_based": 3 * ones, "cloud_run_instance_based": 9 * ones}
    bill = bill_of(pool("compute_flexible", series), hours=HOURS)
    mirrored = bill_of(pool("compute_flexible", dict(reversed(series.items()))), hours=HOURS)
    values = values_of("compute_flexible", term="3y")
    assert one_plan(bill, values).saving == one_plan(mirrored, values).saving
    assert one_plan(bill, values).commit_per_hour == one_plan(mirrored, values).commit_per_hour


def test_googles_example_of_ten_dollars_at_45_percent_off():
    """$10/h on-demand at 45 % off: 5.5 an hour in either data model, 10 + 5.5 − 10 or 5.5 + 5.5 − 5.5."""
    hours = len(HOURS)
    plan = one_plan(bill_of(pool("firestore", {"half": STEADY}), hours=HOURS), values_of("firestore", term="1y"))
    assert plan.commit_per_hour == pytest.approx(5.5)
    assert plan.covered_on_demand_per_hour == pytest.approx(10.0)
    assert plan.cost / hours == pytest.approx(5.5)
    assert (plan.utilisation, plan.coverage, plan.break_even_utilisation) == pytest.approx((1.0, 1.0, 0.55))
    legacy = {"eligible": 0 * STEADY, "covered": STEADY, "fee": 5.5, "offset": 0.0}
    new = {"eligible": 0 * STEADY, "covered": STEADY, "fee": 5.5, "offset": -5.5}
    held = [
        one_plan(bill_of(
            pool("firestore", {"half": each["eligible"]}, {"half": each["covered"]}, np.full(hours, each["fee"]),
                 np.full(hours, each["offset"])), hours=HOURS,
        )).existing
        for each in (legacy, new)
    ]  # fmt: skip
    assert [(each.covered_per_hour, each.fee_per_hour) for each in held] == [pytest.approx((10.0, 5.5))] * 2
    assert [each.unused_share or 0.0 for each in held] == pytest.approx([0.0, 0.0])


def test_googles_example_of_200_gb_of_redis():
    """200 GB Standard at $0.030 a GB and hour: $6.00/h, $4.80 with a commitment of 1 year."""
    series = np.full(50, 200 * 0.030)
    plan = one_plan(
        bill_of(pool("memorystore", {"memorystore": series}), hours=HOURS), values_of("memorystore", term="1y")
    )
    assert plan.cost / 50 == pytest.approx(4.80)
    assert plan.commit_per_hour == pytest.approx(4.80)


@settings(max_examples=40)
@given(st.lists(AMOUNTS, min_size=50, max_size=50), st.floats(0.1, 120.0), st.sampled_from(["1y", "3y"]))
def test_effective_savings_rate_is_coverage_times_what_use_leaves(hourly, typed, term):
    """ESR = coverage · (1 − (1 − d) ÷ utilisation)."""
    series = np.array(hourly)
    bill = bill_of(pool("cloud_sql-us-central1", {"cloud_sql": series}, region="us-central1"), hours=HOURS)
    plan = one_plan(bill, values_of("cloud_sql-us-central1", term=term, covered_per_hour=typed))
    if not series.any() or not plan.utilisation:
        return
    esr = plan.saving / series.sum()
    paid = {"1y": 0.75, "3y": 0.48}[term]
    assert esr == pytest.approx(plan.coverage * (1 - paid / plan.utilisation), rel=1e-9, abs=1e-9)

"""Housekeeping: a share of real rows, counted once, with what comes instead priced."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from monthly_bills import ARCHIVE, MONTHS, NEARLINE, Row, book, make_bill

from model.costs import line_costs
from model.levers.housekeeping import LEVER, findings
from model.levers.housekeeping_findings import rules_of
from model.levers.housekeeping_moves import MONTH_DAYS, early_deletion, idle_projects, rows_of
from model.levers.housekeeping_rules import RULES
from model.outcome import evaluate, parameters, run
from model.scenario import Assumption, Scenario

STANDARD = Row("storage.standard.capacity", 10_000.0)
LOGS = Row("logging.volume", 400.0)
KEPT_LOGS = Row("logging.retention", 1_000.0)


def scenario(*rules, **assumed):
    return Scenario(
        settings={f"housekeeping.{rule}.applied": True for rule in rules},
        assumptions={f"housekeeping.{key.replace('__', '.')}": Assumption(value) for key, value in assumed.items()},
    )


def saved(bill, *rules, **assumed) -> float:
    return evaluate(bill, scenario(*rules, **assumed)).saving_nanos / 1e9


def test_a_rule_takes_its_share_of_its_rows():
    bill = make_bill(LOGS, Row("", 100.0))
    assert saved(bill, "log_exclusion") == pytest.approx(0.3 * 400 * 0.5 * len(MONTHS))
    assert saved(bill, "log_exclusion", log_exclusion__addressable_share=0.5) == pytest.approx(200.0)


def test_unapplied_rules_and_assumptions_alone_change_nothing():
    bill = make_bill(LOGS, STANDARD, Row("logging.volume", -3.0, charge_class="adjustment"))
    outcome = evaluate(bill, scenario(log_exclusion__addressable_share=0.9))
    assert outcome.deltas == ()
    assert outcome.result == outcome.baseline
    same = Scenario(settings={p.key: p.current for p in parameters(bill) if p.kind == "setting"})
    assert evaluate(bill, same).deltas == ()


def test_a_later_rule_acts_on_what_an_earlier_one_leaves():
    """Retention: exclusion takes 30 %, then half of the other 70 %."""
    bill = make_bill(KEPT_LOGS)
    cost = 1_000 * 0.01 * len(MONTHS)
    assert saved(bill, "log_exclusion") == pytest.approx(0.3 * cost)
    assert saved(bill, "log_retention") == pytest.approx(0.5 * cost)
    assert saved(bill, "log_exclusion", "log_retention") == pytest.approx((0.3 + 0.7 * 0.5) * cost)


def test_the_move_to_a_colder_class_pays_for_storage_reads_early_deletion_and_operations():
    bill = make_bill(STANDARD)
    moved = 0.3 * 10_000
    exposure = 0.02 * 30 / MONTH_DAYS
    nearline = moved * (1 + exposure - (1 - math.exp(-exposure))) * 0.01
    reads, operations = moved * 0.05 * 0.01, moved * 0.02 * 1024 / 10 * 1e-5
    expected = (moved * 0.02 - nearline - reads - operations) * len(MONTHS)
    assert saved(bill, "storage_nearline") == pytest.approx(expected, rel=1e-9)
    notes = " ".join(evaluate(bill, scenario("storage_nearline")).notes)
    assert f"costs {moved * 1024 / 10 * 1e-5:,.2f} USD once" in notes


def test_data_that_is_read_often_costs_more_in_a_colder_class_and_that_is_shown():
    assert saved(make_bill(STANDARD), "storage_nearline", storage_nearline__read_share_per_month=2.0) < 0.0


def test_of_an_exclusive_group_the_rule_that_saves_most_counts_once():
    bill = make_bill(STANDARD, prices=book(nearline=NEARLINE, archive=ARCHIVE))
    nearline, archive = saved(bill, "storage_nearline"), saved(bill, "storage_archive")
    both = evaluate(bill, scenario("storage_nearline", "storage_archive"))
    assert nearline > archive > 0.0
    assert both.saving_nanos / 1e9 == pytest.approx(nearline)
    assert any("Standard to Archive" in note and "does not count" in note for note in both.notes)
    values = scenario("storage_nearline", "storage_archive").values(parameters(bill))
    counts = {each.rule: each.counts for each in findings(bill, values)}
    assert (counts["storage_nearline"], counts["storage_archive"]) == (True, False)


def test_a_class_without_a_price_is_refused_with_the_reason():
    bill = make_bill(STANDARD)
    outcome = evaluate(bill, scenario("storage_coldline"))
    assert outcome.deltas == ()
    assert any("no price for Cloud Storage coldline capacity" in note for note in outcome.notes)
    found = next(
        each for each in findings(bill, scenario().values(parameters(bill))) if each.rule == "storage_coldline"
    )
    assert found.saving_nanos is None
    assert "no price" in found.note


def test_the_bills_own_price_of_a_class_comes_before_the_book():
    dear = {**NEARLINE, "capacity": 0.015}
    own = make_bill(STANDARD, Row("storage.nearline.capacity", 5.0), prices=book(nearline=dear))
    listed = make_bill(STANDARD, prices=book(nearline=dear))
    assert saved(own, "storage_nearline") > saved(listed, "storage_nearline")


def test_idle_projects_are_those_where_everything_bills_at_rest():
    bill = make_bill(
        Row("storage.standard.capacity", 100.0, project="forgotten"),
        Row("compute.idle_address", 744.0, project="forgotten"),
        Row("storage.standard.capacity", 100.0, project="busy"), Row("logging.volume", 1.0, project="busy"),
        Row("storage.standard.capacity", 100.0, project="unclear"), Row("", 1.0, project="unclear"),
        Row("storage.standard.capacity", 100.0, project="gone", months=(202601,)),
        Row("storage.standard.capacity", 100.0, project=""),
    )  # fmt: skip
    assert idle_projects(bill) == {"forgotten"}
    assert saved(bill, "idle_projects") == pytest.approx((100 * 0.02 + 744 * 0.01) * len(MONTHS))
    everything = saved(bill, "idle_projects", "idle_addresses", "storage_expiry")
    others = 0.1 * 100 * 0.02 * (3 * len(MONTHS) + 1)
    assert everything == pytest.approx((100 * 0.02 + 744 * 0.01) * len(MONTHS) + others)


def test_usage_within_the_free_tier_saves_nothing():
    """400 GiB at 0.50 with 50 GiB free: 30 % less is 120 GiB at full price; 90 % less leaves 40, all free."""
    bill = make_bill(Row("logging.volume", 400.0, free=25.0))
    assert saved(bill, "log_exclusion") == pytest.approx(120 * 0.5 * len(MONTHS))
    most = saved(bill, "log_exclusion", log_exclusion__addressable_share=0.9)
    assert most == pytest.approx((400 - 50) * 0.5 * len(MONTHS))


def test_demand_scales_what_a_rule_takes():
    """Growth of the rows themselves is that of lines without a lever; with the rule, all of it is demand × the rest."""
    bill = make_bill(LOGS)
    grown = run(bill, scenario("log_exclusion"), demand=1.5)
    change = sum(delta.costs.headline for delta in grown.deltas) / 1e9
    assert change == pytest.approx(400 * 0.5 * len(MONTHS) * (1.5 * 0.7 - 1.0))


def test_a_month_of_corrections_alone_stays_as_it_is():
    bill = make_bill(Row("logging.volume", -50.0, months=(202601,)), Row("logging.volume", 100.0, months=(202602,)))
    outcome = evaluate(bill, scenario("log_exclusion"))
    assert outcome.saving_nanos == pytest.approx(0.3 * 100 * 0.5 * 1e9)
    assert outcome.result.by_month[202601] == outcome.baseline.by_month[202601]


def test_a_plan_names_the_action_and_what_it_cannot_take_back():
    outcome = evaluate(make_bill(Row("compute.snapshots", 10.0)), scenario("snapshots"))
    (change,) = outcome.changes
    assert (change.lever, change.resource, change.after) == ("housekeeping", "snapshots", True)
    assert change.disruption == "one_way"
    assert "Delete snapshots" in change.reason


def test_what_deletes_for_good_is_never_recommended_but_found():
    bill = make_bill(LOGS, STANDARD, Row("compute.snapshots", 10.0))
    protected = {p.resource for p in parameters(bill) if p.lever == "housekeeping" and p.protects}
    assert {"snapshots", "storage_expiry"} <= protected
    assert not {"log_exclusion", "storage_nearline"} & protected


def test_a_bill_without_such_rows_says_so():
    assert LEVER.missing(make_bill(Row("", 5.0))).startswith("Not in this bill")
    assert LEVER.parameters(make_bill(Row("", 5.0))) == []


def test_findings_come_largest_first_and_add_up_with_their_rows():
    bill = make_bill(LOGS, STANDARD, Row("compute.idle_address", 744.0))
    found = findings(bill, scenario().values(parameters(bill)))
    savings = [each.saving_nanos for each in found if each.saving_nanos is not None]
    assert savings == sorted(savings, reverse=True)
    headline = line_costs(bill.lines)["headline"]
    assert all(each.current_nanos == int(headline[each.rows].sum()) for each in found)
    assert all(each.evidence == "modelled" and each.risk and each.action for each in found)


def test_what_is_billed_after_deletion_is_that_of_single_objects():
    random = np.random.default_rng(3)
    share, days = 0.08, 90
    lifetimes = random.exponential(1 / share, 400_000)
    owed = np.maximum(days / MONTH_DAYS - lifetimes, 0.0).mean() * share
    assert early_deletion(share, days) == pytest.approx(owed, rel=0.01)


KINDS = sorted({kind for rule in RULES for kind in rule.kinds if kind in {
    "logging.volume", "logging.retention", "storage.standard.capacity", "compute.snapshots", "compute.idle_address",
    "compute.disk", "artifact_registry.storage", "cloud_sql_backups.storage",
}})  # fmt: skip
ROWS = st.builds(
    Row, st.sampled_from(KINDS), st.floats(-50.0, 5_000.0), st.sampled_from(["p", "q"]), st.just("us-central1")
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=6), st.sets(st.sampled_from([rule.key for rule in RULES])), st.floats(0, 1))
def test_no_row_is_saved_twice_however_many_rules_are_applied(rows, rules, share):
    bill = make_bill(*rows, prices=book(nearline=NEARLINE, archive=ARCHIVE))
    present = {rule.key for rule in rules_of(bill)}
    assumed = {f"{rule}__addressable_share": share for rule in rules & present}
    chosen = scenario(*(rules & present), **assumed)
    deltas = run(bill, chosen).deltas
    for m in range(len(MONTHS)):
        for kind in KINDS:
            mine = (bill.lines.text["kind"] == kind) & (bill.lines.month_index == m)
            cost = int(bill.lines.cost_nanos[mine].sum())
            taken = -sum(d.costs.headline for d in deltas if d.kind == kind and d.month_index == m)
            assert taken <= max(cost, 0) + len(deltas), kind
            assert taken >= -len(deltas)


@settings(max_examples=30, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=5), st.lists(st.sampled_from(["log_exclusion", "snapshots", "artifacts",
       "backups", "storage_expiry", "storage_nearline"]), min_size=1, unique=True))  # fmt: skip
def test_what_rules_save_adds_up_over_months_projects_and_the_sequence(rows, rules):
    bill = make_bill(*rows)
    present = {rule.key for rule in rules_of(bill)}
    outcome = evaluate(bill, scenario(*(set(rules) & present)))
    for side in (outcome.baseline, outcome.result):
        assert sum(costs.headline for costs in side.by_project.values()) == side.total.headline
        assert sum(costs.headline for costs in side.by_month.values()) == side.total.headline
    assert sum(lever.in_sequence_nanos for lever in outcome.levers) == outcome.saving_nanos


def test_every_rule_knows_its_rows_and_reads_as_a_sentence():
    keys = [rule.key for rule in RULES]
    assert len(set(keys)) == len(keys)
    for rule in RULES:
        assert 0.0 <= rule.low <= rule.share <= rule.high <= 1.0
        assert rule.action.endswith(".")
        assert rule.risk.endswith(".")
    bill = make_bill(LOGS)
    assert [len(rows_of(bill, rule)) for rule in RULES if rule.key == "log_exclusion"] == [len(MONTHS)]

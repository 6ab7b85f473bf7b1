"""The rules by hand: what fires, when it could be known, what is told once, what is kept apart."""

from dataclasses import replace

import numpy as np
import pytest
from daily_bills import START, Anomaly, Made, costs_of, demo_like
from hypothesis import given, settings
from hypothesis import strategies as st

from model.alert_budget import budget_incidents, month_path
from model.alert_replay import LOOKS, replay
from model.alert_rules import RULES, Expected, RulesRefused, WatchSettings, settings_of_toml
from model.anomalies import findings, grouped, incidents
from model.anomaly_score import hindsight, scores, weekday_means
from model.backtest import backtest, tuning
from model.causes import cause_window, causes
from model.daily_costs import DailyCosts, day_of, month_of
from model.query_cost import BYTES_PER_TIB, Query, query_incidents

NONE = WatchSettings()
DAYS = 140


def flat(level=100.0, days=DAYS, **extra):
    """One service at a level, with extra dollars by place of day."""
    row = np.full((1, days), level)
    for place, dollars in extra.items():
        row[0, int(place.removeprefix("day"))] += dollars
    return costs_of(Made(row, lateness=(1.0,)), ("Cloud Run",))


def found(costs, key):
    rule = NONE.rule(key)
    return [(f.day - START, f.fired_on - START, round(f.excess_nanos / 1e9, 6)) for f in findings(replay(costs), rule)]


def test_spike_is_more_than_1_3_times_the_mean_of_seven_days():
    assert found(flat(day100=30.0), "spike") == [], "1.3 times is not above 1.3 times"
    assert found(flat(day100=31.0), "spike") == [(100, 101, 31.0)]
    assert found(flat(day100=31.0), "spike_weekday") == [(100, 101, 31.0)]


def test_a_spike_of_little_money_is_silent():
    assert found(flat(level=10.0, day100=5.0), "spike") == []
    assert found(flat(level=10.0, day100=5.01), "spike") == [(100, 101, 5.01)]


def test_anomaly_against_the_formula_by_hand():
    row = demo_like(3).dollars[:1]
    day = 150
    logs = np.log(row + 1.0)
    errors = [logs[0, d] - np.median(logs[0, [d - 7 * k for k in range(1, 9)]]) for d in range(day - 56, day + 1)]
    before = np.array(errors[:-1])
    scale = max(1.4826 * np.median(np.abs(before - np.median(before))), 0.02)
    usual, z = scores(row[:, : day + 1], 1)
    assert z[0, 0] == pytest.approx(errors[-1] / scale)
    assert usual[0, 0] == pytest.approx(np.exp(np.median(logs[0, [day - 7 * k for k in range(1, 9)]])) - 1.0)


def test_four_weeks_are_training_then_it_speaks():
    assert found(flat(day27=500.0), "anomaly") == []
    assert found(flat(day29=500.0), "anomaly") == [(29, 30, 500.0)]
    replayed = replay(flat(days=20))
    assert replayed.is_training("Cloud Run")
    reasons = {result.rule.key: result.reason for result in backtest(replayed, NONE)}
    assert reasons["anomaly"].startswith("training")
    assert not replay(flat()).is_training("Cloud Run")


def test_refunds_are_no_anomaly_and_stay_in_the_total():
    costs = flat(day100=-400.0)
    assert found(costs, "anomaly") == []
    assert replay(costs).final[-1, 100] == -300 * 10**9


def test_late_rows_are_seen_on_the_day_they_arrive_and_never_before():
    """A spike of which nearly all arrives three days later is found three days later."""
    made = Made(np.full((1, DAYS), 100.0), lateness=(0.2, 0.1, 0.0, 0.7))
    made.dollars[0, 100] += 200.0
    assert found(costs_of(made, ("Cloud Run",)), "anomaly") == [(100, 103, pytest.approx(200.0, abs=60.0))]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(40, 130))
def test_rules_never_see_the_future(seed, today):
    """Whatever becomes known after a day changes nothing of what was found by that day."""
    costs = costs_of(demo_like(seed % 50, DAYS))
    random = np.random.default_rng(seed)
    later = costs.known_day > START + today
    changed = replace(costs, nanos=np.where(later, costs.nanos * random.integers(-3, 9, len(costs.nanos)), costs.nanos))
    for key in ("spike", "spike_weekday", "anomaly"):
        rule = replace(NONE.rule(key), threshold=1.01, minimum_excess=0.0, minimum_share=0.0)
        by_then = [
            {(f.service, f.day, f.fired_on, f.score, f.usual_nanos) for f in findings(replay(each), rule)
             if f.fired_on <= START + today}
            for each in (costs, changed)
        ]  # fmt: skip
        assert by_then[0] == by_then[1]
    paths = [[state for state in month_path(each) if state.day <= START + today] for each in (costs, changed)]
    assert paths[0] == paths[1]


def test_one_incident_for_days_that_belong_together():
    costs = flat(days=170, **{f"day{d}": 300.0 for d in (100, 101, 107, 130)})
    replayed = replay(costs)
    together = grouped(replayed, findings(replayed, NONE.rule("anomaly")), NONE)
    assert [(i.first_day - START, i.last_day - START, len(i.findings)) for i in together] == [
        (100, 107, 3),
        (130, 130, 1),
    ]
    assert {i.severity for i in together} == {"critical"}
    assert len({i.key for i in together}) == 2


def test_what_was_announced_is_told_with_its_reason_and_alerts_nobody():
    costs = flat(day100=300.0)
    mark = Expected("Cloud Run", START + 99, START + 101, "load test")
    (incident,) = [i for i in incidents(replay(costs), WatchSettings(expected=(mark,))) if i.rule == "anomaly"]
    assert (incident.expected, incident.is_alert) == ("load test", False)
    result = next(r for r in backtest(replay(costs), WatchSettings(expected=(mark,))) if r.rule.key == "anomaly")
    assert result.fired == 0
    other = replace(mark, service="BigQuery")
    assert all(i.is_alert for i in incidents(replay(costs), WatchSettings(expected=(other,))))


def test_fees_tax_and_one_offs_are_not_watched():
    for group in ("fee", "tax", "one_off", "other"):
        made = Made(np.full((1, DAYS), 100.0))
        made.dollars[0, 100] += 500.0
        assert found(costs_of(made, ("Cloud Run",), group), "spike") == []


def test_backtest_adds_up_what_acting_would_have_avoided():
    made = Made(np.full((1, DAYS), 100.0), [Anomaly("step", "Cloud Run", 100, np.full(5, 80.0))])
    replayed = replay(costs_of(made, ("Cloud Run",)))
    slow = NONE.with_rule("anomaly", reaction_days=2.0)
    by_reaction = {}
    for wish in (NONE, slow):
        result = next(each for each in backtest(replayed, wish) if each.rule.key == "anomaly")
        assert (result.fired, result.alerts, result.false_alarms) == (1, 1, 0)
        assert result.excess_nanos == pytest.approx(5 * 80e9, rel=0.01)
        by_reaction[result.rule.reaction_days] = result.avoided_nanos / 1e9
    # found on day 101; mended on 102: days 103 and 104 are avoided. With two days of reaction only 104 is.
    assert by_reaction == {1.0: pytest.approx(160.0, rel=0.01), 2.0: pytest.approx(80.0, rel=0.01)}


def test_what_hindsight_does_not_confirm_is_a_false_alarm():
    """A step that lasts is seen again as usual by those who come later; a late refund takes a spike back."""
    made = Made(np.full((1, DAYS), 100.0))
    costs = costs_of(made, ("Cloud Run",))
    spike = 90 * 10**9
    refunded = replace(
        costs,
        day=np.append(costs.day, [START + 100, START + 100]),
        known_day=np.append(costs.known_day, [START + 100, START + 120]),
        service=np.append(costs.service, [0, 0]), group=np.append(costs.group, ["usage", "usage"]),
        nanos=np.append(costs.nanos, [spike, -spike]),
    )  # fmt: skip
    result = next(each for each in backtest(replay(refunded), NONE) if each.rule.key == "anomaly")
    assert (result.fired, result.false_alarms, result.excess_nanos, result.avoided_nanos) == (1, 1, 0, 0)
    assert result.false_alarms_per_month == pytest.approx(1 / result.months)


def test_a_higher_threshold_never_finds_more_days():
    costs = costs_of(demo_like(5))
    days = [sum(len(j.incident.findings) for j in r.judged) for r in tuning(replay(costs), NONE, "anomaly")]
    assert days == sorted(days, reverse=True)
    assert days[0] > days[-1]


def test_budget_actual_and_forecast_fire_once_a_month():
    costs = flat(days=120)
    wish = WatchSettings(budget_nanos=3000 * 10**9)
    actual = budget_incidents(costs, NONE.rule("budget"), wish)
    september = next(i for i in actual if i.subject == "2025-09")
    assert day_of(september.first_day).isoformat() == "2025-09-25", "24 × 100 is 80 % of 3000, not more"
    assert len({month_of(i.first_day) for i in actual}) == len(actual)
    foretold = budget_incidents(costs, NONE.rule("budget_forecast"), wish)
    assert min(day_of(i.first_day).day for i in foretold if i.subject == "2025-09") == 1
    assert budget_incidents(costs, NONE.rule("budget"), NONE) == []
    results = {r.rule.key: r for r in backtest(replay(costs), NONE)}
    assert results["budget"].reason == "no budget is typed"
    states = {state.day: state for state in month_path(costs)}
    september_12 = START + (12 - 4) + 31
    assert day_of(september_12).isoformat() == "2025-09-12"
    assert states[september_12].foretold_nanos == pytest.approx(30 * 100e9, rel=1e-6)


def test_single_queries_need_a_table_of_jobs():
    rule = NONE.rule("query_cost")
    queries = [
        Query(START, "p", "cheap", "", 16 * BYTES_PER_TIB),
        Query(START, "p", "dear", "ann@x", 17 * BYTES_PER_TIB),
    ]
    (incident,) = query_incidents(queries, rule, NONE, 6.25, 1.0, 1e12)
    assert incident.subject == "job dear in p by ann@x"
    assert incident.excess_nanos == 106_250_000_000
    result = next(each for each in backtest(replay(flat()), NONE) if each.rule.key == "query_cost")
    assert result.reason.startswith("not in this bill")


def test_causes_stand_on_what_grew():
    replayed = replay(flat(day100=300.0))
    (incident,) = grouped(replayed, findings(replayed, NONE.rule("anomaly")), NONE)
    first, last = cause_window(incident)
    days = np.arange(first, last + 1)

    def columns(**rows):
        return {
            "key": np.repeat(np.array(list(rows), dtype=object), len(days)), "day": np.tile(days, len(rows)),
            "nanos": np.concatenate([np.where(days == last, after, before) * 10**9 for before, after in rows.values()]),
        }  # fmt: skip

    told = causes(incident, {"sku": columns(cpu=(60, 350), memory=(40, 50)), "label": columns(team=(1, 1))})
    assert [(c.dimension, c.key, c.excess_nanos, round(c.share, 4)) for c in told] == [
        ("sku", "cpu", 290 * 10**9, 0.9667)
    ]


def test_rules_are_read_and_written():
    text = """version = 1
[budget]
amount_per_month = "9000.50"
[rules.anomaly]
threshold = 3.0
[rules.spike]
is_enabled = false
[[expected]]
service = "BigQuery"
from = 2026-01-05
until = 2026-01-07
reason = "backfill"
"""
    read = settings_of_toml(text, "watch.toml")
    assert read.budget_nanos == 9_000_500_000_000
    assert (read.rule("anomaly").threshold, read.rule("spike").is_enabled) == (3.0, False)
    assert settings_of_toml(read.to_toml(), "again") == read
    assert settings_of_toml(NONE.to_toml(), "declared") == WatchSettings(rules=RULES)


@pytest.mark.parametrize(("text", "sentence"), [
    ("version = 2", "needs `version = 1`"), ("version = 1\n[rules.spikes]\nthreshold = 1.0", "choose from spike"),
    ("version = 1\n[rules.spike]\nthreshold = -1", "not below 0"),
    ("version = 1\n[rules.spike]\nlimit = 1", "limit is not"),
    ("version = 1\n[budget]\namount_per_month = 'x'", "write an amount"), ("version =", "is no TOML"),
    ("version = 1\n[[expected]]\nfrom = 2026-01-05", "needs a `reason`"),
    ("version = 1\n[[expected]]\nreason = 'x'\nfrom = 2026-01-05\nuntil = 2026-01-04", "first not after the last"),
])  # fmt: skip
def test_a_file_that_cannot_be_followed_says_where(text, sentence):
    with pytest.raises(RulesRefused, match=sentence) as refused:
        settings_of_toml(text, "watch.toml")
    assert "watch.toml" in str(refused.value) or "rule" in str(refused.value) or "spike" in str(refused.value)


def test_weekday_means_and_hindsight_by_hand():
    row = np.arange(60.0).reshape(1, -1)
    assert weekday_means(row, 1)[0, 0] == (52 + 45 + 38 + 31) / 4
    assert np.isnan(weekday_means(row[:, :28], 1)[0, 0])
    assert hindsight(row)[0, 30] == np.median([30 + 7 * k for k in (-4, -3, -2, -1, 1, 2, 3, 4)])


def test_known_on_holds_what_was_known():
    costs = costs_of(demo_like(1))
    then = costs.known_on(START + 90)
    assert isinstance(then, DailyCosts)
    assert then.last_day == START + 90
    assert then.known_day.max() <= START + 90
    assert LOOKS == 5

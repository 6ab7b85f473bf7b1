"""Forecasts: never of the future's making, judged on the past, naive where naive is best, months that add up."""

from dataclasses import replace

import numpy as np
import pytest
from forecast_bills import START, costs_of_days, rhythm

from forecasting.fitted import methods, turn_of_month, without_spikes
from model.daily_costs import month_of
from model.forecast import (
    DRAWS,
    ForecastRefused,
    Method,
    benchmarks,
    history_of,
    months_ahead,
    path_of,
    seasonal_naive,
    straight_line,
)
from model.forecast_score import JUDGED_DAYS, Score, forecast, origins_of, ranked, scorecard, trial_of, widened


@pytest.fixture(scope="module")
def found():
    return forecast(costs_of_days(rhythm(0, 170)), methods(), 60)


def test_the_best_on_the_past_is_used_and_beats_the_benchmarks(found):
    used = found.score
    assert used is not None
    assert used.mase <= 1.05 * min(score.mase for score in found.scores)
    assert used.skill_against_naive > 0.1
    assert used.skill_against_line > 0.1
    assert {score.method for score in found.scores} == {
        "seasonal_naive", "straight_line", "structural", "smoothing",
    }  # fmt: skip
    assert 0.6 <= used.coverage <= 1.0
    assert abs(used.bias) < 0.05
    print("\n" + "\n".join(map(str, found.scores)))


def test_it_foretells_what_the_same_process_goes_on_with(found):
    truth = rhythm(0, 230)[170:230]
    error = np.abs(found.path.middle - truth).mean()
    naive = np.abs(np.tile(rhythm(0, 170)[-7:], 9)[:60] - truth).mean()
    assert error < naive
    inside = np.mean((found.path.low <= truth) & (truth <= found.path.high))
    assert inside >= 0.6


@pytest.mark.parametrize("method", [*benchmarks(), *methods()], ids=lambda each: each.key)
def test_forecasts_never_see_the_future(method):
    """Rows that become known after the origin, of whatever day, change nothing of what was foretold on it."""
    costs = costs_of_days(rhythm(1, 170), lateness=(0.6, 0.3, 0.0, 0.1))
    origin = origins_of(costs)[2]
    later = costs.known_day > origin
    assert later.any()
    changed = replace(costs, nanos=np.where(later, costs.nanos * 7 + 10**12, costs.nanos))
    first, second = (trial_of(each, method, origin) for each in (costs, changed))
    assert first is not None
    assert second is not None
    assert np.array_equal(first.foretold.draws, second.foretold.draws)
    assert not np.array_equal(first.came, second.came), "what came is what is known now"
    seen = replace(costs, nanos=np.where(costs.known_day == origin - 12, costs.nanos * 3, costs.nanos))
    third = trial_of(seen, method, origin)
    assert third is not None
    assert not np.array_equal(first.foretold.draws, third.foretold.draws), "the check itself can fail"


def test_only_settled_days_are_history():
    costs = replace(costs_of_days(rhythm(2, 100)), settled_day=START + 80)
    history = history_of(costs)
    assert history.end == START + 81
    doubled = replace(costs, nanos=np.where(costs.day > START + 80, costs.nanos * 2, costs.nanos))
    assert np.array_equal(history_of(doubled).values, history.values)


def test_where_nothing_beats_the_last_week_it_is_used_and_said():
    def wild(values, first_day, horizon):
        return np.full((DRAWS, horizon), values.mean() * 3)

    walk = 100.0 + np.cumsum(np.repeat(np.random.default_rng(4).choice([-8.0, 8.0], 24), 7))
    found = forecast(costs_of_days(np.maximum(walk, 5.0)), [Method("wild", "Three times the mean", wild)], 30)
    assert found.method in ("seasonal_naive", "straight_line")
    worse = [score(mase=3.0, method="structural"), score(mase=2.0, method="seasonal_naive")]
    assert ranked(worse) == ["seasonal_naive"]


def score(method, mase, coverage=0.8):
    return Score(method, method, 6, 168, 0.1, mase, 0.0, coverage, 0.0, 0.0, 0.0)


def test_a_tie_goes_to_the_interval_that_held():
    close = [score("a", 1.00, 0.99), score("b", 1.04, 0.82), score("c", 1.20, 0.80), score("seasonal_naive", 2.0)]
    assert ranked(close) == ["b", "a", "c", "seasonal_naive"]


def test_a_history_too_short_to_judge_says_so_and_one_too_short_at_all_is_refused():
    found = forecast(costs_of_days(rhythm(0, 40)), methods(), 14)
    assert (found.method, found.scores) == ("seasonal_naive", ())
    assert "too short to judge" in found.sentence
    with pytest.raises(ForecastRefused, match="needs 28"):
        forecast(costs_of_days(rhythm(0, 20)), methods(), 14)
    with pytest.raises(ForecastRefused, match="choose from Cloud Run"):
        forecast(costs_of_days(rhythm(0, 60)), methods(), 14, "Nothing")
    with pytest.raises(ForecastRefused, match="1 to 366"):
        forecast(costs_of_days(rhythm(0, 60)), methods(), 400)


def test_one_offs_and_tax_are_held_apart():
    costs = costs_of_days(rhythm(0, 60))
    for group in ("one_off", "tax"):
        with_more = replace(
            costs, day=np.append(costs.day, START + 30), known_day=np.append(costs.known_day, START + 30),
            service=np.append(costs.service, 0), group=np.append(costs.group, group),
            nanos=np.append(costs.nanos, 10**15),
        )  # fmt: skip
        assert np.array_equal(history_of(with_more).values, history_of(costs).values)


def test_benchmarks_by_hand():
    week = np.tile([1.0, 2, 3, 4, 5, 6, 7], 6)
    assert np.allclose(seasonal_naive(week, 0, 10), [1, 2, 3, 4, 5, 6, 7, 1, 2, 3])
    line = 2.0 * np.arange(40) + 5
    assert np.allclose(straight_line(line, 0, 3), [85, 87, 89])


def test_months_are_settled_days_plus_what_is_foretold():
    history = history_of(costs_of_days(np.full(45, 10.0)))
    path = path_of(np.full((DRAWS, 60), 10.0), history.end)
    months = months_ahead(history, path)
    by_month = {each.month: each for each in months}
    assert by_month[202509].middle_nanos == by_month[202509].low_nanos == 300 * 10**9
    assert by_month[202509].settled_nanos == 10 * 10**9 * (history.end - START - 28)
    assert by_month[202509].is_whole
    assert not months[-1].is_whole
    total = sum(each.middle_nanos for each in months)
    assert total == (60 + sum(month_of(START + d) >= months[0].month for d in range(45))) * 10 * 10**9


def test_mase_bias_and_coverage_by_hand():
    costs = costs_of_days(rhythm(3, 150))
    twice = Method("twice", "Twice the mean", lambda values, _, horizon: np.full((DRAWS, horizon), 2 * values.mean()))
    (found,) = [each for each in scorecard(costs, [*benchmarks(), twice]) if each.method == "twice"]
    trials = [trial_of(costs, twice, origin) for origin in origins_of(costs)]
    came = np.concatenate([t.came for t in trials])
    told = np.concatenate([t.foretold.middle for t in trials])
    assert found.days == len(trials) * JUDGED_DAYS
    assert found.bias == pytest.approx(told.sum() / came.sum() - 1)
    assert found.mape == pytest.approx(np.mean(np.abs(told / came - 1)))
    off = np.log([t.came.sum() / t.foretold.middle.sum() for t in trials])
    assert found.total_error == pytest.approx(np.sqrt(np.mean(off**2)))
    assert found.coverage > 0.5, "an error that is known makes the interval as wide"
    assert found.skill_against_naive < 0


def test_totals_vary_as_far_as_past_totals_were_off():
    draws = widened(np.full((4000, 84), 100.0), 0.05)
    assert np.log(draws[:, :28].mean(axis=1)).std() == pytest.approx(0.05, rel=0.1)
    assert np.log(draws.mean(axis=1)).std() == pytest.approx(0.05 * np.sqrt(3), rel=0.1)
    assert np.array_equal(widened(draws, 0.0), draws)


def test_the_turn_of_the_month():
    marks = turn_of_month(START, 60)  # 4 August to 2 October
    assert marks.sum(axis=0).tolist() == [2.0, 3.0, 2.0]
    assert marks[28].tolist() == [1.0, 0.0, 0.0]


def test_a_spike_of_the_past_is_left_out_and_a_new_level_is_not():
    calm = rhythm(5, 120)
    spiked = calm.copy()
    spiked[60:63] *= 2.0
    assert np.abs(without_spikes(spiked)[60:63] / calm[60:63] - 1).max() < 0.1
    stepped = calm * np.where(np.arange(120) >= 80, 1.5, 1.0)
    assert np.median(without_spikes(stepped)[95:] / calm[95:]) == pytest.approx(1.5)
    ended = calm.copy()
    ended[-5:] *= 2.0
    assert np.array_equal(without_spikes(ended)[-5:], ended[-5:])

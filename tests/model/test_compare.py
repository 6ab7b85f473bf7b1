"""Scenarios side by side: what differs, what adds up, what is best."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.answer import answer
from model.compare import best, boldest, differences, lever_savings
from model.costs import Costs
from model.lever import Guardrail
from model.outcome import LeverOutcome
from model.parameter import Parameter
from model.scenario import Scenario

NANOS = st.integers(-(10**13), 10**13)
MIN = Parameter("cloud_run.api.min_instances", "Min", "instances", "setting", 5, "inventory", "measured", "")
MAX = Parameter("cloud_run.api.max_instances", "Max", "instances", "setting", 50, "inventory", "measured", "")


def outcome(saving: dict[str, int], *, breaks: bool = False, months: int = 3):
    before = 10**15
    limits = (Guardrail("n", "l", "r", 1.0, 2.0, "", False, "x"),) if breaks else ()
    return SimpleNamespace(
        bill=SimpleNamespace(months=tuple(range(months)), currency="USD"), deltas=(), changes=(), guardrails=limits,
        baseline=SimpleNamespace(total=Costs(headline=before)),
        result=SimpleNamespace(total=Costs(headline=before - sum(saving.values()))),
        levers=tuple(LeverOutcome(lever, lever.title(), nanos, nanos) for lever, nanos in saving.items()),
        saving_nanos=sum(saving.values()),
    )  # fmt: skip


def test_only_what_differs_is_named():
    scenarios = [Scenario(), Scenario(settings={"cloud_run.*.min_instances": 1}), Scenario(settings={MIN.key: 5})]
    (found,) = differences([MIN, MAX], scenarios)
    assert (found.parameter, found.values, found.is_changed) == (MIN, (5, 1, 5), (False, True, False))
    assert differences([MIN, MAX], [Scenario(), Scenario()]) == ()


def test_one_scenario_is_held_against_today():
    (found,) = differences([MIN, MAX], [Scenario(settings={MAX.key: 20})])
    assert (found.parameter, found.values) == (MAX, (20,))


@given(st.lists(st.dictionaries(st.sampled_from("abc"), NANOS), min_size=1, max_size=4), st.integers(1, 7))
def test_levers_add_up_to_the_saving_a_month(savings, months):
    outcomes = [outcome(saving, months=months) for saving in savings]
    table = lever_savings(outcomes)
    assert {row.lever for row in table} == {lever for saving in savings for lever in saving}
    for place, each in enumerate(outcomes):
        parts = [row.per_month_nanos[place] for row in table if row.per_month_nanos[place] is not None]
        assert len(parts) == len(savings[place])
        if parts:
            assert sum(parts) == answer(each).saving_per_month_nanos


@pytest.mark.parametrize(
    ("outcomes", "wise", "bold"),
    [
        ([outcome({})], None, None),
        ([outcome({"a": -5})], None, None),
        ([outcome({"a": 5}), outcome({"a": 9}, breaks=True), outcome({"a": 7})], 2, 1),
        ([outcome({"a": 9}, breaks=True)], None, 0),
    ],
)
def test_the_best_breaks_no_limit_and_the_boldest_may(outcomes, wise, bold):
    assert (best(outcomes), boldest(outcomes)) == (wise, bold)

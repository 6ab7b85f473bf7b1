"""Undo, redo, and what a moved control does to a scenario."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model.parameter import Parameter
from model.scenario import Scenario
from pages.parts.controls import as_meant, as_shown, range_of
from pages.parts.history import UNSAVED, History, with_value


def _parameter(kind: str = "setting", **changed) -> Parameter:
    given_ = {
        "key": f"cloud_run.api.{kind}", "title": "T", "unit": "", "kind": kind, "current": 5,
        "default_from": "here", "evidence": "measured", "help": "", "minimum": 0, "maximum": 10, "step": 1,
    }  # fmt: skip
    return Parameter(**{**given_, **changed})


def test_moving_away_and_back_leaves_no_trace():
    parameter = _parameter()
    moved = with_value(Scenario(), parameter, 2)
    assert moved.settings == {parameter.key: 2}
    assert moved.name == UNSAVED
    assert with_value(moved, parameter, 5.0).fingerprint == Scenario().fingerprint


def test_what_is_moved_no_longer_goes_by_the_name_that_was_opened():
    opened = Scenario("Phase 4", {"cloud_run.api.setting": 1})
    moved = with_value(opened, _parameter(), 2)
    assert moved.name == "Phase 4 (changed)"
    assert with_value(moved, _parameter(), 3).name == "Phase 4 (changed)"
    assert with_value(opened, _parameter(), 1) is opened


def test_a_single_resource_can_leave_what_a_star_sets():
    parameter = _parameter(key="cloud_run.api.vcpu")
    starred = Scenario("All", {"cloud_run.*.vcpu": 1})
    back = with_value(starred, parameter, 5)
    assert back.settings == {"cloud_run.*.vcpu": 1, parameter.key: 5}
    assert with_value(back, parameter, 1).fingerprint == starred.fingerprint


def test_an_assumption_keeps_its_declared_range():
    parameter = _parameter("assumption", current=0.3, unit="ratio", minimum=0, maximum=1, low=0.1, high=0.6)
    chosen = with_value(Scenario(), parameter, 0.4).values([parameter]).by_key[parameter.key]
    assert (chosen.value, chosen.low, chosen.high) == (0.4, 0.1, 0.6)


@given(st.lists(st.sampled_from(["put", "undo", "redo"]), max_size=40))
def test_undo_and_redo_walk_one_line(steps):
    history, line, at = History(), [Scenario().fingerprint], 0
    for number, step in enumerate(steps):
        if step == "put":
            scenario = Scenario("S", {"a.b.c": number})
            history.put(scenario)
            line, at = [*line[: at + 1], scenario.fingerprint], at + 1
        elif step == "undo":
            history.undo()
            at = max(0, at - 1)
        else:
            history.redo()
            at = min(len(line) - 1, at + 1)
        assert history.now.fingerprint == line[at]


def test_a_new_name_is_no_step():
    history = History()
    history.put(Scenario("A", {"a.b.c": 1}))
    history.put(history.now.renamed("B"))
    assert history.now.name == "B"
    history.undo()
    assert history.now == Scenario()


def test_what_cannot_be_priced_gives_way_to_the_one_before():
    history = History()
    history.put(Scenario("good", {"a.b.c": 1}))
    history.put(Scenario("bad", {"a.b.c": 2}))
    history.reject()
    assert (history.now.name, history.future) == ("good", [])
    history.reject()
    history.reject()
    assert history.now == Scenario()


@given(st.integers(0, 100))
def test_percent_and_ratio_are_each_others_inverse(percent):
    parameter = _parameter(current=0.3, unit="ratio", minimum=0, maximum=1, step=0.01)
    ratio = percent / 100
    assert as_shown(parameter, ratio) == percent
    assert isinstance(as_shown(parameter, ratio), int)
    assert as_meant(parameter, percent) == ratio


def test_a_value_off_the_grid_is_shown_as_it_is():
    parameter = _parameter(current=0.345, unit="ratio", minimum=0, maximum=1, step=0.05)
    assert as_shown(parameter, 0.345) == 34.5
    assert as_shown(_parameter(), 4.5) == 4.5
    assert not range_of(_parameter(), 4.5).is_whole


def test_a_current_value_outside_the_range_widens_it():
    span = range_of(_parameter(current=40), 40)
    assert (span.minimum, span.maximum, span.is_whole) == (0, 40, True)

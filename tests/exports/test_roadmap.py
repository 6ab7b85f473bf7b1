"""The roadmap: every change is a task once, in an order without clashes, and the calendar reads back elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from exports.icalendar import Event, calendar, folded
from exports.roadmap_days import Kept, Roadmap, monday_from
from exports.roadmap_files import roadmap_calendar, roadmap_document, roadmap_files, roadmap_markdown
from exports.roadmap_tasks import default_first_day, roadmap_of
from exports.shell import shown
from pages.parts import session
from tests.exports.sample_outcomes import laddered
from tests.exports.sample_plans import BY_HAND, change, plan, whole_plan
from tests.exports.test_gcloud_scripts import HOSTILE

WHOLE = whole_plan(*BY_HAND)
WIDE = Event("u", date(2026, 2, 2), date(2026, 2, 2), "x")


def task_of(roadmap: Roadmap, key: str):
    return next(task for task in roadmap.tasks if task.key == key)


def test_every_change_is_in_one_task_and_every_task_has_its_own_name() -> None:
    roadmap = roadmap_of(WHOLE)
    assert sum(len(task.what) for task in roadmap.tasks) == len(WHOLE.changes)
    keys = [task.key for task in roadmap.tasks]
    assert len(set(keys)) == len(keys)
    assert {key for task in roadmap.tasks for key in task.waits_for} <= set(keys)


def test_what_relieves_comes_before_what_is_made_smaller_and_commitments_come_last() -> None:
    weeks = {task.key: task.week for task in roadmap_of(WHOLE).tasks}
    assert weeks["watch"] == weeks["queries-pending-by-hand"] == 1
    bought = next(week for key, week in weeks.items() if key.startswith("commitments-compute-flexible"))
    assert weeks["cache-sessions"] < weeks["cloud_sql-main"] < bought
    assert weeks["verify"] == 6


def test_of_one_lever_online_changes_and_few_requests_come_first() -> None:
    few = plan(
        change("cloud_run", "api", "vcpu", 2, 1), change("cloud_run", "worker", "vcpu", 2, 1),
        change("cloud_sql", "a", "vcpu", 8, 4, disruption="restart"), change("cloud_sql", "b", "storage_gib", 10, 20),
        peaks=WHOLE.peaks,
    )  # fmt: skip
    keys = [task.key for task in roadmap_of(few).tasks if task.lever]
    assert keys == ["cloud_run-worker", "cloud_run-api", "cloud_sql-b", "cloud_sql-a"]


def test_tasks_wait_for_what_ends_before_they_start_and_fridays_are_free() -> None:
    roadmap = roadmap_of(WHOLE)
    for task in roadmap.tasks:
        assert task.start <= task.end
        assert max(task.start.weekday(), task.end.weekday()) < 4
        assert task.start >= roadmap.first_day + timedelta(weeks=task.week - 1)
        assert all(task_of(roadmap, key).end <= task.start for key in task.waits_for)
        assert task.clash == ""
    assert roadmap.tasks[0].waits_for == ()
    assert all(task.waits_for for task in roadmap.tasks[1:])


def test_what_people_noted_stands_and_a_task_that_is_too_early_says_so() -> None:
    early = date(2026, 2, 2)
    noted = {"cloud_sql-main": Kept(start=early), "watch": Kept(is_done=True, owner="Ada"), "gone": Kept(is_done=True)}
    roadmap = roadmap_of(WHOLE, kept=noted)
    assert (task_of(roadmap, "watch").owner, roadmap.done) == ("Ada", 1)
    moved = task_of(roadmap, "cloud_sql-main")
    assert moved.start == early
    assert "waits for" in moved.clash
    assert [task.key for task in roadmap.tasks if task.clash] == ["cloud_sql-main"]
    assert roadmap.next_task == roadmap.tasks[1]


def test_it_starts_on_the_first_monday_after_the_bill_or_from_the_day_that_is_asked_for() -> None:
    assert default_first_day(WHOLE) == date(2026, 2, 2)
    assert default_first_day(replace(WHOLE, months=(202512,))) == date(2026, 1, 5)
    assert roadmap_of(WHOLE, date(2026, 3, 4)).first_day == date(2026, 3, 9)


@given(st.dates(date(2000, 1, 1), date(2199, 1, 1)))
def test_a_monday_is_near(day: date) -> None:
    assert monday_from(day).weekday() == 0
    assert 0 <= (monday_from(day) - day).days < 7


def test_without_changes_there_is_nothing() -> None:
    assert roadmap_of(plan()).tasks == ()
    assert roadmap_files(roadmap_of(plan())) == []


def test_two_resources_of_one_name_are_two_tasks() -> None:
    twice = plan(
        change("cache", "new", "size_gib", 3, 2), change("cache", "new", "size_gib", 3, 2, region="europe-west1")
    )
    assert [task.key for task in roadmap_of(twice).tasks if task.lever] == ["cache-new", "cache-new-2"]


def read_back(text: str) -> list[tuple[str, str, date, date, str]]:
    """Identity, title, first day, last day and contact of each event, by a library of its own."""
    events = Calendar.from_ical(text).walk("VEVENT")
    return [
        (str(event["UID"]), str(event["SUMMARY"]), event["DTSTART"].dt, event["DTEND"].dt - timedelta(days=1),
         str(event["CONTACT"]))
        for event in events
    ]  # fmt: skip


def wanted(roadmap: Roadmap) -> list[tuple[str, str, date, date, str]]:
    return [
        (f"{task.key}.{roadmap.fingerprint}@cloudlever", task.title, task.start, task.end, task.owner)
        for task in roadmap.tasks
    ]


def test_another_library_reads_the_same_calendar() -> None:
    roadmap = roadmap_of(WHOLE)
    text = roadmap_calendar(roadmap)
    assert read_back(text) == wanted(roadmap)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert text.replace("\r\n", "").count("\n") == 0
    assert text == roadmap_calendar(roadmap_of(WHOLE))
    last = Calendar.from_ical(text).walk("VEVENT")[-1]
    assert str(last["DESCRIPTION"]).splitlines()[-1] == "Week 6 of plan Scale down api, fingerprint 0123456789ab."


@pytest.mark.parametrize(
    ("before", "after"),
    [("DTEND;VALUE=DATE:", "DTEND;VALUE=DATE:x"), ("BEGIN:VEVENT\r\nUID", "UID"), ("\\, ", "\r\n"),
     ("UID:watch", "UID:other")],
)  # fmt: skip
def test_a_damaged_calendar_does_not_read_back(before: str, after: str) -> None:
    roadmap = roadmap_of(WHOLE)
    text = roadmap_calendar(roadmap)
    assert before in text
    try:
        found = read_back(text.replace(before, after, 1))
    except (ValueError, KeyError, AttributeError):
        return
    assert found != wanted(roadmap)


@pytest.mark.parametrize("name", [*HOSTILE, "END:VEVENT\r\nBEGIN:VEVENT", "a\\nb;c,d:e", "ﷺ" * 60])
def test_hostile_names_are_data(name: str) -> None:
    hostile = plan(change("cloud_run", name, "vcpu", 2, 1, project=name, region=name, reason=name), scenario_name=name)
    roadmap = roadmap_of(hostile, kept={"verify": Kept(owner=name)})
    text = roadmap_calendar(roadmap)
    assert len(read_back(text)) == len(roadmap.tasks)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    for line in roadmap_markdown(roadmap).splitlines():
        assert re.match(r"(#|- \[|  - |Fingerprint|$)", line)
    assert roadmap_document(roadmap)["tasks"][0]["title"] == roadmap.tasks[0].title


@given(st.text(max_size=300))
def test_any_text_comes_back_from_a_folded_line(text: str) -> None:
    line = "X:" + shown(text, 10_000)
    assert folded(line).replace("\r\n ", "") == line
    assert all(len(piece.encode()) <= 75 for piece in folded(line).split("\r\n"))
    read = Calendar.from_ical(calendar("c", [replace(WIDE, summary=text)], WIDE.first)).walk("VEVENT")[0]
    assert str(read["SUMMARY"]).strip() == shown(text, 1500).strip()


def test_boxes_are_ticked() -> None:
    text = roadmap_markdown(roadmap_of(WHOLE, kept={"watch": Kept(is_done=True)}))
    assert text.count("- [x] ") == 1
    assert text.count("- [ ] ") == len(roadmap_of(WHOLE).tasks) - 1
    assert "`bash apply.sh --execute --week 3 --only main`" in text


def test_rungs_of_a_ladder_are_bought_on_their_own_days() -> None:
    roadmap = roadmap_of(session.plan_of(laddered()))
    assert [(task.start, task.waits_for) for task in roadmap.later] == [
        (date(2026, 9, 1), ("commitments-cloud-sql-us-central1-2207f5-by-hand",))
    ]
    assert roadmap.later[0].title.endswith("from 2026-09")
    assert "On the first day of 2026-09" in roadmap.later[0].how
    assert len(roadmap.mondays) == 6
    assert "## Later" in roadmap_markdown(roadmap)
    late = roadmap_of(session.plan_of(laddered()), date(2026, 9, 7))
    assert late.later == ()

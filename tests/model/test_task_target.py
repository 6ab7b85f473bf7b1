"""What queues do to the services that they call: requests follow attempts, limits spread them, nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest
from database_bills import HOURS, make_bill, values_of

from model.lever import Effects
from model.levers import cloud_run, tasks
from model.levers.task_queue import OPERATIONS
from model.outcome import evaluate, run
from model.scenario import Assumption, Scenario

RB = "cloud_run.request_based."
RATE = 0.5  # tasks a second in busy hours
BUSY = np.arange(HOURS) % 24 < 8
FACTS = {
    "tasks.jobs.max_dispatches_per_s": 500.0, "tasks.jobs.max_concurrent_dispatches": 1000.0,
    "tasks.jobs.max_attempts": 5.0, "tasks.jobs.target_service": "worker", "tasks.jobs.failure_ratio": 0.2,
    "tasks.jobs.task_time_s": 4.0, "tasks.jobs.burstiness": 0.3, "cloud_run.worker.latency_s": 4.0,
    "cloud_run.worker.min_instances": 0, "cloud_run.worker.max_instances": 100, "cloud_run.worker.concurrency": 1,
    "cloud_run.worker.vcpu": 1.0, "cloud_run.worker.memory_gib": 1.0, "cloud_run.worker.cpu_seconds_per_request": 1.0,
    "cloud_run.worker.burstiness": 0.3,
}  # fmt: skip
ATTEMPTS = (1 - 0.2**5) / 0.8


def worker_bill(facts=None, share=1.0, rate=RATE, operations=None):
    """A worker whose requests are the queue's attempts, and as many again from elsewhere as ``share`` leaves."""
    tasks_per_hour = np.where(BUSY, rate, 0.0) * 3600.0
    own = tasks_per_hour * ATTEMPTS
    requests = own + own.mean() * (1.0 / share - 1.0)
    usage = {
        ("", OPERATIONS): tasks_per_hour + own if operations is None else operations,
        ("worker", RB + "requests"): requests,
        ("worker", RB + "cpu"): requests * 4.0,
    }
    return make_bill(usage, FACTS | (facts or {}))


def after(bill, settings, demand=1.0, assumptions=None):
    """Usage of the worker by kind after a scenario, and the notes."""
    guesses = {key: Assumption(value) for key, value in (assumptions or {}).items()}
    done = run(bill, Scenario(settings=settings, assumptions=guesses), demand=demand)
    usage = dict(bill.of("cloud_run")[0].usage)
    for key, result in done.results:
        if key == "cloud_run":
            usage |= {change.kind: change.usage for change in result.usage}
    return usage, done.notes


def moved(bill, usage, kind):
    return usage[RB + kind].sum() / bill.of("cloud_run")[0].usage[RB + kind].sum()


def test_one_attempt_takes_the_repeats_off_the_target():
    bill = worker_bill()
    usage, _ = after(bill, {"tasks.jobs.max_attempts": 1})
    assert moved(bill, usage, "requests") == pytest.approx(1.0 / ATTEMPTS)
    assert moved(bill, usage, "cpu") == pytest.approx(1.0 / ATTEMPTS, rel=0.01)
    lever = next(lever for lever in evaluate(bill, Scenario(settings={"tasks.jobs.max_attempts": 1})).levers)
    assert lever.lever == "tasks"
    assert lever.in_sequence_nanos > 0.15 * int(bill.lines.cost_nanos.sum()), "the target's saving is the queue's doing"


@pytest.mark.parametrize("share", [0.5, 0.25])
def test_only_the_queues_part_of_the_requests_moves(share):
    bill = worker_bill(share=share)
    usage, _ = after(bill, {"tasks.jobs.max_attempts": 1})
    assert moved(bill, usage, "requests") == pytest.approx(1.0 - share * (1.0 - 1.0 / ATTEMPTS))
    typed, _ = after(bill, {"tasks.jobs.max_attempts": 1}, assumptions={"tasks.jobs.request_share": 0.1})
    assert moved(bill, typed, "requests") == pytest.approx(1.0 - 0.1 * (1.0 - 1.0 / ATTEMPTS))


def test_measured_attempts_tell_the_share_where_operations_do_not():
    other = {key.replace("jobs", "mail"): value for key, value in FACTS.items() if key.startswith("tasks.")}
    other["tasks.mail.target_service"] = "elsewhere"
    bill = worker_bill(other)
    unknown, notes = after(bill, {"tasks.jobs.max_attempts": 1})
    assert moved(bill, unknown, "requests") == 1.0
    assert any("share of the requests of worker is not known" in note for note in notes)
    attempts_per_s = RATE / 3.0 * ATTEMPTS
    known = worker_bill(other | {"tasks.jobs.attempts_per_s": attempts_per_s})
    usage, notes = after(known, {"tasks.jobs.max_attempts": 1})
    assert moved(known, usage, "requests") == pytest.approx(1.0 / ATTEMPTS, rel=0.01)
    assert not any("not known" in note for note in notes)


def test_more_attempts_than_requests_are_no_share_at_all():
    bill = worker_bill(operations=np.where(BUSY, 20_000.0, 0.0))
    usage, notes = after(bill, {"tasks.jobs.max_attempts": 1})
    assert moved(bill, usage, "requests") == 1.0
    assert any("not known" in note for note in notes)


def test_a_limit_moves_requests_to_later_hours_and_loses_none():
    """0.5 tasks a second for 8 of 24 hours, 1.25 attempts each; 1 at once of 4 s starts 0.25 attempts a second."""
    bill = worker_bill()
    usage, _ = after(bill, {"tasks.jobs.max_concurrent_dispatches": 1})
    by_hour = usage[RB + "requests"]
    assert moved(bill, usage, "requests") == pytest.approx(1.0)
    assert by_hour.max() < 0.5 * bill.of("cloud_run")[0].usage[RB + "requests"].max()
    assert by_hour[~BUSY].sum() > 0.4 * by_hour.sum()
    assert moved(bill, usage, "cpu") == pytest.approx(1.0, rel=0.02), "one at a time: as many seconds, at other hours"


def test_limits_that_never_bind_and_unchanged_ones_change_nothing():
    bill = worker_bill()
    for settings in ({}, {"tasks.jobs.max_concurrent_dispatches": 900}, {"tasks.jobs.max_dispatches_per_s": 400}):
        assert run(bill, Scenario(settings=settings)).deltas == ()
    tight = worker_bill({"tasks.jobs.max_concurrent_dispatches": 1.0})
    assert run(tight, Scenario()).deltas == (), "also where today's queue is full"


def test_growth_fills_a_queue_that_holds_today():
    """At twice the tasks 3 at once of 4 s are full in busy hours; today they are not."""
    bill = worker_bill({"tasks.jobs.max_concurrent_dispatches": 4.0})
    usage, _ = after(bill, {}, demand=2.0)
    assert moved(bill, usage, "requests") == pytest.approx(2.0)
    assert usage[RB + "requests"][~BUSY].sum() > 0.0
    loose, _ = after(worker_bill(), {}, demand=2.0)
    assert not loose[RB + "requests"][~BUSY].any()


def test_the_same_settings_hand_out_the_same_shift():
    bill = worker_bill()
    values = values_of(bill, [tasks.LEVER, cloud_run.LEVER], {"tasks.jobs.max_attempts": 1})
    first, again = (tasks.LEVER.apply(bill, values, Effects()).effects for _ in range(2))
    assert first.requests_of("worker") is again.requests_of("worker")
    assert first.requests_of("api") is None


def test_what_nothing_tells_of_a_queue_is_as_its_target_measured():
    facts = {
        key: value for key, value in FACTS.items() if key not in ("tasks.jobs.burstiness", "tasks.jobs.task_time_s")
    }
    bill = make_bill({("", OPERATIONS): 3600.0, ("worker", RB + "requests"): 1800.0}, facts)
    declared = {p.key: p for p in tasks.LEVER.parameters(bill)}
    assert declared["tasks.jobs.burstiness"].current == 0.3
    assert declared["tasks.jobs.task_time_s"].current == 4.0
    assert "worker" in declared["tasks.jobs.burstiness"].default_from


def test_the_longest_wait_is_that_of_the_burstiest_hours():
    tight = {"tasks.jobs.max_concurrent_dispatches": 4}

    def wait(facts, assumptions=None):
        bill = worker_bill(facts)
        values = values_of(bill, [tasks.LEVER, cloud_run.LEVER], tight, assumptions)
        found = tasks.LEVER.apply(bill, values, Effects()).guardrails
        return next(g.value for g in found if g.name == "longest_delay")

    usual = wait({})
    assert wait({"cloud_run.worker.peak_burstiness": 1.5}) > usual > 0.0
    assert wait({"tasks.jobs.peak_burstiness": 1.5}) == wait({"cloud_run.worker.peak_burstiness": 1.5})
    typed = {"tasks.jobs.burstiness": 0.0}
    assert wait({"tasks.jobs.peak_burstiness": 1.5}, typed) == wait({}, typed) == 0.0

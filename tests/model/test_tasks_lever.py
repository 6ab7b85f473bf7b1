"""Cloud Tasks: what moves the bill (attempts), what does not (limits), and what a queue must keep."""

from __future__ import annotations

import numpy as np
import pytest
from database_bills import HOURS, make_bill, values_of

from model.lever import Effects
from model.levers.task_queue import OPERATIONS, queues
from model.levers.tasks import LEVER
from model.outcome import evaluate
from model.repricing import reprice
from model.scenario import Assumption, Scenario

QUEUE = {
    "tasks.mail.max_dispatches_per_s": 500.0, "tasks.mail.max_concurrent_dispatches": 10.0,
    "tasks.mail.max_attempts": 5.0,
    "tasks.mail.project": "p", "tasks.mail.region": "us-central1",
}  # fmt: skip
PER_HOUR = 36_000.0  # 10 operations a second


def bill_of(usage=PER_HOUR, facts=QUEUE, **options):
    return make_bill({("", OPERATIONS): usage}, facts, **options)


def apply(bill, settings=None, assumptions=None, demand=1.0):
    return LEVER.apply(bill, values_of(bill, [LEVER], settings, assumptions), Effects(demand=demand))


def limit(result, name, queue="mail"):
    return next(g for g in result.guardrails if (g.name, g.resource) == (name, queue))


def test_more_tasks_at_once_save_nothing_and_the_reason_is_given():
    result = apply(bill_of(), {"tasks.mail.max_concurrent_dispatches": 1000, "tasks.mail.max_dispatches_per_s": 100})
    assert result.usage == ()
    assert len(result.notes) == 1
    assert "save nothing by themselves" in result.notes[0]


def test_fewer_attempts_are_fewer_operations():
    """f = 20 %: 1.2496 attempts at five, 1 at one; with the creation 2.2496 operations become 2."""
    result = apply(bill_of(), {"tasks.mail.max_attempts": 1}, {"tasks.mail.failure_ratio": 0.2})
    (change,) = result.usage
    attempts = (1 - 0.2**5) / 0.8
    assert change.usage.sum() == pytest.approx(PER_HOUR * HOURS * 2.0 / (1.0 + attempts))
    assert limit(result, "tasks_lost").value == pytest.approx(0.2)
    assert limit(result, "tasks_lost").passed is False


def test_the_size_of_a_task_divides_out_of_the_operations_but_not_out_of_the_tasks():
    settings, failing = {"tasks.mail.max_attempts": 1}, {"tasks.mail.failure_ratio": 0.2}
    small = apply(bill_of(), settings, failing | {"tasks.mail.payload_kib": 32})
    large = apply(bill_of(), settings, failing | {"tasks.mail.payload_kib": 33})
    assert small.usage[0].usage.sum() == pytest.approx(large.usage[0].usage.sum())
    busy = [limit(result, "backlog_drains").value for result in (small, large)]
    assert busy[0] == pytest.approx(2 * busy[1])


def test_demand_scales_operations_and_the_wait():
    bill = bill_of()
    grown = apply(bill, demand=1.5)
    assert grown.usage[0].usage == pytest.approx(1.5 * bill.of("tasks")[0].usage[OPERATIONS])
    assert apply(bill, demand=1.0).usage == ()
    busiest = [limit(result, "backlog_drains").value for result in (apply(bill), grown)]
    assert busiest[1] == pytest.approx(1.5 * busiest[0])


def test_a_queue_that_cannot_keep_up_never_drains():
    """10 operations a second at 2.0101 a task are 4.975 tasks; two at once of 1 s, 1.0101 attempts, carry 1.98."""
    result = apply(bill_of(), {"tasks.mail.max_concurrent_dispatches": 2})
    drains, delay = limit(result, "backlog_drains"), limit(result, "longest_delay")
    attempts = (1 - 0.01**5) / 0.99
    assert drains.passed is False
    assert drains.value == pytest.approx(10.0 / (1.0 + attempts) / (2.0 / attempts))
    assert delay.passed is False
    assert delay.value > 86_400


def test_a_limit_that_is_broken_today_is_a_warning_only():
    facts = QUEUE | {"tasks.mail.max_concurrent_dispatches": 2.0}
    same, better = apply(bill_of(facts=facts)), apply(bill_of(facts=facts), {"tasks.mail.max_concurrent_dispatches": 3})
    for result in (same, better):
        assert limit(result, "backlog_drains").passed is True
        assert "today it is no better" in limit(result, "backlog_drains").sentence
    assert limit(better, "backlog_drains").value < limit(same, "backlog_drains").value


def test_without_hours_a_wait_is_not_judged():
    judged = limit(apply(bill_of(has_hours=False)), "longest_delay")
    assert judged.passed is None
    assert "no hours" in judged.sentence


def test_the_shares_of_queues_on_the_same_rows_are_parts_of_one_whole():
    facts = QUEUE | {key.replace("mail", "video"): value for key, value in QUEUE.items()}
    bill = bill_of(facts=facts)
    assert [queue.sharing for queue in queues(bill)] == [2, 2]
    failing = {"tasks.*.failure_ratio": 0.2}
    both = apply(bill, {"tasks.*.max_attempts": 1}, failing | {"tasks.mail.operation_share": 0.9})
    one = apply(bill, {"tasks.mail.max_attempts": 1}, failing | {"tasks.mail.operation_share": 0.9})
    alone = apply(bill_of(), {"tasks.mail.max_attempts": 1}, {"tasks.mail.failure_ratio": 0.2})
    assert both.usage[0].usage.sum() == pytest.approx(alone.usage[0].usage.sum())
    moved = [PER_HOUR * HOURS - result.usage[0].usage.sum() for result in (one, both)]
    assert moved[0] == pytest.approx(moved[1] * 0.9 / 1.4)


def test_a_project_without_an_inventory_has_one_queue_at_googles_defaults_that_no_command_configures():
    bill = bill_of(facts={})
    declared = {p.key: p for p in LEVER.parameters(bill)}
    assert declared["tasks.all.max_attempts"].current == 100
    assert declared["tasks.all.max_attempts"].evidence == "modelled"
    assert not any(p.configures for p in declared.values())
    assert LEVER.missing(bill) == ""


def test_queues_without_rows_are_known_but_not_judged():
    bill = make_bill({("db", "cloud_sql.zonal.vcpu"): 4.0}, QUEUE)
    result = apply(bill, {"tasks.mail.max_attempts": 1})
    assert (result.usage, result.guardrails) == ((), ())
    assert "no Cloud Tasks operations" in result.notes[0]


def test_a_bill_without_tasks_says_so():
    assert LEVER.missing(make_bill({("db", "cloud_sql.zonal.vcpu"): 4.0})).startswith("Not in this bill")


def test_the_fan_out_is_held_against_the_service_that_the_queue_calls():
    run = {"cloud_run.web.max_instances": 2, "cloud_run.web.concurrency": 4, "cloud_run.web.min_instances": 0}
    facts = QUEUE | run | {"tasks.mail.target_service": "web"}
    usage = {("", OPERATIONS): PER_HOUR, ("web", "cloud_run.request_based.cpu"): 100.0}
    bill = make_bill(usage, facts)
    outcome = evaluate(bill, Scenario(settings={"tasks.mail.max_concurrent_dispatches": 1000}))
    found = next(g for g in outcome.guardrails if g.name == "fan_out")
    assert found.limit == 8.0
    assert found.value > 10.0, "the 10 at once of today no longer hold it back"
    assert found.passed is False
    assert outcome.saving_nanos == 0


def test_fewer_instances_of_the_target_break_a_fan_out_that_fits_today():
    run = {"cloud_run.web.max_instances": 20, "cloud_run.web.concurrency": 1, "cloud_run.web.min_instances": 0}
    facts = QUEUE | run | {"tasks.mail.target_service": "web"}
    bill = make_bill({("", OPERATIONS): PER_HOUR, ("web", "cloud_run.request_based.cpu"): 100.0}, facts)

    def fan_out(settings):
        return next(g for g in evaluate(bill, Scenario(settings=settings)).guardrails if g.name == "fan_out")

    assert fan_out({}).passed is True
    assert fan_out({"cloud_run.web.max_instances": 5}).passed is False


def test_queues_share_operations_as_the_services_that_they_call_share_requests():
    facts = QUEUE | {key.replace("mail", "video"): value for key, value in QUEUE.items()}
    targets = {"tasks.mail.target_service": "web", "tasks.video.target_service": "render"}
    requests = "cloud_run.request_based.requests"
    usage = {("", OPERATIONS): PER_HOUR, ("web", requests): 900.0, ("render", requests): 100.0}
    declared = {p.key: p.current for p in LEVER.parameters(make_bill(usage, facts | targets))}
    assert declared["tasks.mail.operation_share"] == pytest.approx(0.9)
    assert declared["tasks.video.operation_share"] == pytest.approx(0.1)


def test_operations_are_repriced_from_their_own_rows():
    bill = bill_of()
    result = apply(bill, {"tasks.mail.max_attempts": 1}, {"tasks.mail.failure_ratio": 0.5})
    (delta,) = reprice(bill, "tasks", result.usage[0])
    ratio = 2.0 / (1.0 + (1 - 0.5**5) / 0.5)
    assert delta.costs.headline == round(int(bill.lines.cost_nanos[0]) * (ratio - 1.0))
    assert delta.evidence == "modelled"


def test_assumptions_alone_change_nothing():
    bill = bill_of()
    guesses = {"tasks.mail.failure_ratio": Assumption(0.5), "tasks.mail.task_time_s": Assumption(9.0)}
    assert evaluate(bill, Scenario(assumptions=guesses)).deltas == ()


def test_corrections_carry_no_tasks():
    usage = np.full(HOURS, PER_HOUR)
    usage[100] = -5 * PER_HOUR
    result = apply(bill_of(usage))
    assert limit(result, "longest_delay").value == limit(apply(bill_of()), "longest_delay").value

"""Cloud Tasks: attempts move its own bill; limits and attempts move when and how often the target is asked (§4.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.behaviour.task_backlog import attempts_per_task
from model.lever import Effects, LeverResult, UsageChange
from model.levers.cloud_run_levels import percent
from model.levers.task_limits import QueueState, duration, guardrails, operations_per_task, queue_state
from model.levers.task_parameters import operation_share, queue_parameters, target_of, tasks_assumed
from model.levers.task_queue import KEY, LIMITS, OPERATIONS, Queue, limits_chosen, limits_today, queues
from model.levers.task_target import unknown_requests, with_requests

if TYPE_CHECKING:
    from model.bill import Bill, Resource
    from model.lever import Guardrail
    from model.levers.task_queue import Limits
    from model.parameter import Parameter, Values

FORMULA: Final = "operations × Σ share × (1 + attempts after) ÷ (1 + attempts today) × demand"


class CloudTasks:
    """Reprices operations by attempts per task, and holds delay, backlog, losses and fan-out against their limits."""

    key = KEY
    title = "Cloud Tasks"

    def parameters(self, bill: Bill) -> list[Parameter]:
        """Settings and assumptions of every queue; without an inventory, of each project's queues together."""
        return [parameter for queue in queues(bill) for parameter in queue_parameters(bill, queue)]

    def missing(self, bill: Bill) -> str:
        """Why there is nothing to move."""
        if queues(bill):
            return ""
        return "Not in this bill: Cloud Tasks usage; and no inventory lists a queue."

    def apply(self, bill: Bill, values: Values, effects: Effects) -> LeverResult:
        """Changed operations, with the limits that each queue keeps and why a setting saves nothing."""
        changes = [change for rows in bill.of(KEY) if (change := _change(bill, rows, values, effects.demand))]
        judged = [_judged(bill, queue, queue.operations, values, effects.demand)
                  for queue in queues(bill) if queue.operations is not None]  # fmt: skip
        unknown = [_unknown(queue) for queue in queues(bill) if queue.operations is None and _moved(queue, values)]
        return LeverResult(
            usage=tuple(changes),
            guardrails=tuple(guardrail for found, _ in judged for guardrail in found),
            effects=with_requests(bill, values, effects),
            notes=(*unknown, *(note for _, notes in judged for note in notes)),
        )


def _moved(queue: Queue, values: Values) -> list[str]:
    return [name for name in LIMITS if values.is_changed(queue.key(name))]


def _change(bill: Bill, rows: Resource, values: Values, demand: float) -> UsageChange | None:
    """New = old × demand × (1 + Σ share × (ratio − 1)): exactly the old usage where no ratio moves, at demand 1."""
    own = [queue for queue in queues(bill) if queue.operations is rows]
    moves = sum(operation_share(bill, queue, values) * (_operations_ratio(bill, queue, values) - 1.0) for queue in own)
    ratio = demand * (1.0 + moves)
    if ratio == 1.0:
        return None
    usage = rows.hourly(OPERATIONS, len(bill.hours)) * ratio
    return UsageChange(rows, OPERATIONS, usage, "modelled", FORMULA)


def _operations_ratio(bill: Bill, queue: Queue, values: Values) -> float:
    tasks = tasks_assumed(bill, queue, values)
    today, after = limits_today(bill, queue), limits_chosen(bill, queue, values)
    return operations_per_task(after, tasks) / operations_per_task(today, tasks)


def _judged(
    bill: Bill, queue: Queue, rows: Resource, values: Values, demand: float
) -> tuple[list[Guardrail], list[str]]:
    tasks, usage = tasks_assumed(bill, queue, values), demand * operation_share(bill, queue, values)
    now, chosen = limits_today(bill, queue), limits_chosen(bill, queue, values)
    today = queue_state(bill, rows, now, now, tasks, usage)
    after = today if chosen == now else queue_state(bill, rows, now, chosen, tasks, usage)
    notes = _notes(bill, queue, values, now, chosen, today, after) if _moved(queue, values) else []
    return guardrails(bill, queue, values, chosen, today, after), notes


def _notes(
    bill: Bill, queue: Queue, values: Values, now: Limits, chosen: Limits, today: QueueState, after: QueueState
) -> list[str]:
    """Why a limit of rate saves nothing at Cloud Tasks, and what the target gets."""
    found, tasks = [], tasks_assumed(bill, queue, values)
    wait, waited = (duration(state.backlog.longest_delay_s) for state in (after, today))
    if (now.max_dispatches_per_s, now.max_concurrent_dispatches) != (
        chosen.max_dispatches_per_s, chosen.max_concurrent_dispatches,
    ):  # fmt: skip
        target = target_of(queue, values) or "the target"
        move = f"stays {wait}" if wait == waited else f"goes from {waited} to {wait}"
        found.append(
            f"{queue.name}: the rate and the number at once save nothing by themselves, since Cloud Tasks bills "
            f"operations and their number stays; the longest wait {move}, and up to "
            f"{after.in_flight:,.0f} tasks reach {target} at once (today {today.in_flight:,.0f})."
        )
    if now.max_attempts != chosen.max_attempts:
        before, then = (attempts_per_task(tasks.failure_ratio, limits.max_attempts) for limits in (now, chosen))
        found.append(
            f"{queue.name}: the target gets {abs(then / before - 1.0):.2%} {'fewer' if then < before else 'more'} "
            f"attempts, and {percent(after.lost_share)} of tasks are dropped (today {percent(today.lost_share)})."
        )
    return [*found, *unknown_requests(bill, queue, values)]


def _unknown(queue: Queue) -> str:
    return (
        f"{queue.name}: this bill has no Cloud Tasks operations of its project, so nothing is repriced and no wait is "
        "judged."
    )


LEVER: Final = CloudTasks()

"""Cloud Tasks: queue limits. They shape load and delay; by themselves they save nothing, and the lever says so.

Operations = tasks + attempts, whatever the queue's limits; a limit changes when work is done, not how much is billed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.lever import Effects, LeverResult
from model.parameter import Parameter

if TYPE_CHECKING:
    from model.bill import Bill
    from model.parameter import Values

KEY: Final = "tasks"
LIMITS: Final = (
    ("max_dispatches_per_s", "Highest dispatch rate", "tasks/s", 500.0, "--max-dispatches-per-second"),
    ("max_concurrent_dispatches", "Highest number of tasks at once", "tasks", 5000.0, "--max-concurrent-dispatches"),
    ("max_attempts", "Attempts before a task is dropped", "attempts", 100.0, "--max-attempts"),
)


class Tasks:
    """Queue limits from the inventory; no usage moves."""

    key = KEY
    title = "Cloud Tasks"

    def parameters(self, bill: Bill) -> list[Parameter]:
        """The limits of every queue that the inventory lists."""
        return [parameter for queue in _queues(bill) for parameter in _limits(bill, queue)]

    def missing(self, bill: Bill) -> str:
        """Queues are not in the bill: they come from the inventory alone."""
        return (
            "" if _queues(bill) else "no Cloud Tasks queue is known: import `gcloud tasks queues list --format=json`."
        )

    def apply(self, bill: Bill, values: Values, effects: Effects) -> LeverResult:
        """No usage changes; a note says what a changed limit does."""
        moved = [
            queue for queue in _queues(bill) if any(values.is_changed(f"{KEY}.{queue}.{name[0]}") for name in LIMITS)
        ]
        notes = tuple(
            f"{queue}: Cloud Tasks bills operations, not limits, so these settings save nothing by themselves; "
            "a higher limit lets more tasks reach the target at once."
            for queue in moved
        )
        return LeverResult(effects=effects, notes=notes)


def _queues(bill: Bill) -> list[str]:
    names = {key.split(".", 1)[1].rpartition(".")[0] for key in bill.facts if key.startswith(f"{KEY}.")}
    return sorted(names)


def _limits(bill: Bill, queue: str) -> list[Parameter]:
    parameters = []
    for name, title, unit, most, flag in LIMITS:
        fact = bill.fact(f"{KEY}.{queue}.{name}")
        if fact is not None:
            parameters.append(
                Parameter(
                    f"{KEY}.{queue}.{name}", title, unit, "setting", fact.value, fact.source, fact.evidence,
                    "Shapes load and delay; saves nothing by itself.", minimum=1.0, maximum=most, step=1.0,
                    configures=flag,
                )
            )  # fmt: skip
    return parameters


LEVER: Final = Tasks()

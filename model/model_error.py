"""How far the model itself may be off, lever by lever: what its blind predictions were off by (tests/truth).

A Cloud Run prediction is off by a share of the service's bill, whatever it saves: each setting has the share that four
in five predictions of its change stayed within. A database, its queries and its cache are off by a share of what they
save.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from model.drawing import Range
from model.money import NANOS
from model.outcome import remembered_run, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.bill import Bill, Resource
    from model.outcome import Outcome, Run

ERROR_KEY: Final = "model_error."
SHARE_OF_BILL: Final = {
    "memory_gib": 0.0,
    "min_instances": 0.03,
    "concurrency": 0.025,
    "max_instances": 0.03,
    "vcpu": 0.03,
    "billing_mode": 0.07,
}
"""Cloud Run setting → share of the service's bill after its change.

Four in five of 59 blind predictions were off by no more than 2.4, 1.9, 2.5, 2.4 and 6.4 %, rounded up as other services
may be less kind; memory alone is exact. ``python -m tests.truth.table`` prints the cases.
"""

SHARE_OF_SAVING: Final = {"queries": 0.10, "cache": 0.10, "cloud_sql": 0.10}
"""Lever → share of its saving (23 blind cases of a company with every part)."""

_TENTH_OF_A_TRIANGLE: Final = 1.0 - math.sqrt(0.2)
"""Where one in ten of a triangle from −1 over 0 to 1 lies above."""


def model_errors(outcome: Outcome, levers: Iterable[str]) -> list[Range]:
    """How far each lever's saving may be off, a month in currency units; four in five lie within its share."""
    run = remembered_run(outcome.bill, outcome.scenario)
    savings = {lever.lever: lever.in_sequence_nanos for lever in outcome.levers}
    months = len(outcome.bill.months)
    found = []
    for lever in levers:
        nanos = _of_cloud_run(outcome.bill, run) if lever == "cloud_run" else abs(savings[lever]) * _share(lever)
        if nanos > 0.0:
            bound = nanos / NANOS / months / _TENTH_OF_A_TRIANGLE
            found.append(Range(ERROR_KEY + lever, f"{title_of(lever)}: the model's own error", -bound, 0.0, bound))
    return found


def unmeasured(levers: Iterable[str]) -> list[str]:
    """Levers of which no blind prediction tells the error."""
    return [lever for lever in levers if lever != "cloud_run" and lever not in SHARE_OF_SAVING]


def _share(lever: str) -> float:
    return SHARE_OF_SAVING.get(lever, 0.0)


def _of_cloud_run(bill: Bill, run: Run) -> float:
    """Σ over the services that are moved of their bill after × the largest share of the settings that move (nanos)."""
    return sum(_bill_after(bill, run, service) * _moved_share(run, service) for service in bill.of("cloud_run"))


def _moved_share(run: Run, service: Resource) -> float:
    moved = (
        share for name, share in SHARE_OF_BILL.items() if run.values.is_changed(f"cloud_run.{service.name}.{name}")
    )
    return max(moved, default=0.0)


def _bill_after(bill: Bill, run: Run, service: Resource) -> float:
    before = sum(int(bill.lines.effective_nanos[rows].sum()) for rows in service.rows.values())
    place = ("cloud_run", service.name, service.project)
    moved = sum(d.costs.headline for d in run.deltas if (d.lever, d.resource, d.project) == place)
    return max(0.0, float(before + moved))

"""Who bears a planned commitment and who gains by it: fee and saving by product and project, to the nano.

The rule is that of fees that stand (legacy rows of the bill): what finds usage follows the on-demand cost that it
covers, month by month; what finds none stays on a line of its own that no project bears.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.money import apportion, to_nanos
from model.outcome import RATE_LEVER
from model.rate_changes import UNUSED_PRODUCT, place_weights

if TYPE_CHECKING:
    from model.levers.commitment_plan import PoolPlan
    from model.outcome import Outcome

RULE: Final = (
    "Used fees and savings follow the on-demand cost of the pool by month, product and project; unused fees stay apart."
)


@dataclass(frozen=True)
class Allocated:
    """One place over the window, in nanos: what is covered, the fee that it bears, what it saves (covered − fee).

    ``project`` '' with product 'Commitments' is what finds no usage.
    """

    product: str
    project: str
    covered_nanos: int
    fee_nanos: int

    @property
    def saving_nanos(self) -> int:
        """Covered − fee; negative for what finds no usage."""
        return self.covered_nanos - self.fee_nanos


def allocated(outcome: Outcome, plan: PoolPlan) -> tuple[Allocated, ...]:
    """Fee and saving of one purchase by place, the largest saving first; empty where nothing is bought.

    Σ fee is the fee of the window and Σ saving the plan's saving, each month rounded once.
    """
    usage = [delta for delta in outcome.deltas if delta.lever != RATE_LEVER]
    found: dict[tuple[str, str], list[int]] = {}
    for m in range(len(outcome.bill.months)) if plan.is_planned else ():
        weights = place_weights(outcome.bill, plan, m, usage)
        fee, unused = to_nanos(float(plan.fee_by_month[m])), to_nanos(float(plan.unused_by_month[m]))
        used, saved = fee - unused, to_nanos(float(plan.saving_by_month[m])) + unused
        shares = [*weights.values()]
        _add(found, weights, apportion(saved + used, shares), apportion(used, shares))
        _add(found, {(UNUSED_PRODUCT, ""): 1.0}, [0], [unused])
    places = [Allocated(*place, *amounts) for place, amounts in found.items() if any(amounts)]
    return tuple(sorted(places, key=lambda place: (-place.saving_nanos, place.product, place.project)))


def _add(
    found: dict[tuple[str, str], list[int]], places: dict[tuple[str, str], float], covered: list[int], fee: list[int]
) -> None:
    for place, of_covered, of_fee in zip(places, covered, fee, strict=True):
        amounts = found.setdefault(place, [0, 0])
        amounts[0] += of_covered
        amounts[1] += of_fee

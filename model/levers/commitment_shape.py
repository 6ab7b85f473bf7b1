"""What of a plan is only worked out when it is asked for: its cost curve, its ranges, the price of the wrong order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from model.levers.commitment_parts import committing_first_loss, points_of, saving_range_of

if TYPE_CHECKING:
    from model.levers.commitment_parts import Offer, Part
    from model.levers.pool_hours import PoolUsage


@dataclass(frozen=True, eq=False)
class PlanShape:
    """One pool's usage with what a term offers for it (None: nothing) and what is bought of that."""

    usage: PoolUsage
    offer: Offer | None
    parts: tuple[Part, ...] = ()
    fee: float = 0.0
    saving: float = 0.0

    @cached_property
    def saving_range(self) -> tuple[float, float]:
        """The saving of the same purchase under the fill orders, lowest and highest."""
        if not self.parts:
            return (0.0, 0.0)
        return saving_range_of(self.usage.hours, self.parts, self.fee, self.saving)

    @cached_property
    def zero_saving_level(self) -> float:
        """On-demand units per hour at which a commitment stops saving."""
        return self.offer.curve.zero_saving_level() / self.offer.mean_paid if self.offer else 0.0

    @cached_property
    def committing_first_loss(self) -> float:
        """What buying today's optimum before the usage levers would cost more; of one commitment."""
        is_single = len(self.parts) == 1
        return committing_first_loss(self.usage, self.parts[0].offer) if is_single else 0.0

    @cached_property
    def curve(self) -> tuple[tuple[float, float], ...]:
        """Points (on-demand units covered per hour, cost); none of several commitments together."""
        if self.offer is None or len(self.parts) > 1:
            return ()
        beside = float(self.usage.left.sum()) - float(self.offer.hours.sum())
        return points_of(self.offer, self.parts[0].level if self.parts else 0.0, beside)

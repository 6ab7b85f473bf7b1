"""Verdicts on single claims, and what each of them stands on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

from model.money import NANOS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.audit_effects import Effect
    from model.bill import Bill
    from model.claims import Claim, ClaimedPlan

Verdict = Literal["reproduced", "partly", "double_counted", "impossible", "unverifiable"]
VERDICTS: Final[tuple[Verdict, ...]] = ("reproduced", "partly", "double_counted", "impossible", "unverifiable")
ENOUGH: Final = Decimal("0.95")
"""Share of a claimed saving from which it counts as reproduced."""
SAME_COST: Final = Decimal("0.01")
"""By how much of the bill a claimed cost may be off."""


@dataclass(frozen=True)
class AuditedClaim:
    """One claim with its verdict; amounts in nanos over ``months`` (claimed None: it states no amount).

    ``stands_nanos`` None: not known. ``arithmetic`` are the sums, a sentence each; ``needed`` is what would have to be
    true for the claim to hold, '' where it holds.
    """

    claim: Claim
    verdict: Verdict
    claimed_nanos: int | None
    stands_nanos: int | None
    months: int
    arithmetic: tuple[str, ...]
    needed: str = ""


@dataclass(frozen=True)
class Desk:
    """What claims are judged by: bill, plan, what the model says of their settings, and the verdicts so far."""

    bill: Bill
    plan: ClaimedPlan
    effects: Mapping[str, Effect]
    judged: dict[str, AuditedClaim]


def is_enough(stands: int, claimed: int) -> bool:
    """Whether what stands is 95 % of what is claimed, or not more than 5 % worse than a claimed loss."""
    return Decimal(stands) >= claimed - (1 - ENOUGH) * abs(claimed)


def in_nanos(amount: Decimal) -> int:
    """A stated amount as nanos."""
    return int((amount * NANOS).to_integral_value())

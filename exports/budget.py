"""The monthly budget of a plan: the mean month of its outcome, of the one billing account that it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from exports.shell import shown
from model.cents import cents

if TYPE_CHECKING:
    from model.plan import Plan

THRESHOLDS: Final = ((0.8, "CURRENT_SPEND"), (1.0, "CURRENT_SPEND"), (1.0, "FORECASTED_SPEND"))
"""Shares of the budget at which Google tells; a budget tells, it does not cap."""


@dataclass(frozen=True)
class Budget:
    """An amount a month in cents of a currency; ``account`` is '' where people must name it."""

    title: str
    cents: int
    currency: str
    account: str

    @property
    def amount(self) -> str:
        """The amount as Google's flags write it: 1234.56."""
        return f"{self.cents // 100}.{self.cents % 100:02d}"


def budget_of(plan: Plan) -> Budget | None:
    """The plan's budget; None where the outcome is not above nothing, or spans several billing accounts."""
    value = cents(plan.outcome_per_month_nanos)
    if value <= 0 or len(plan.accounts) > 1:
        return None
    account = plan.accounts[0] if plan.accounts else ""
    return Budget(f"Cloudlever {shown(plan.fingerprint, 20)}", value, plan.currency, account)

"""Contradictions inside a plan, found without any bill.

Every figure may be anything that would be printed as it stands (``Stated``): two figures contradict each other only
where no unrounded numbers behind them agree. What may be true in some way (a slow payback, weights that are not told,
growth that the plan names) is no contradiction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model import claim_rules_ratios as ratios
from model import claim_rules_sums as sums
from model import claim_rules_twice as twice

if TYPE_CHECKING:
    from model.claim_contradiction import Contradiction, Rule
    from model.claims import ClaimedPlan

RULES: Final[tuple[Rule, ...]] = (
    sums.totals, sums.periods, sums.differences, sums.counts,
    ratios.percentages, ratios.item_percentages, ratios.shares, ratios.parts_of_whole, ratios.shares_together,
    ratios.bases, ratios.implied_bases, ratios.product_bases, ratios.paybacks,
    twice.counted_again, twice.same_settings, twice.result_holds_part,
)  # fmt: skip


def contradictions(plan: ClaimedPlan) -> tuple[Contradiction, ...]:
    """Every contradiction of a plan, in the plan's order."""
    return tuple(found for claim in plan.claims.values() for rule in RULES for found in rule(plan, claim))

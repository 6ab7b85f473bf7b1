"""What the next bills must show once a commitment is bought: which rows, with which amounts.

Amounts hold for a commitment that is active all month, at the use of the window. Source: Google's two data models of
spend-based commitments (fee rows; offsets of the new one, credits of the legacy one), read 2026-10.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.commitment_pools import rates_words, rule_of
from model.commitment_steps import SLOTS
from model.levers.commitment_plan import TERM_TITLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.bill import Bill
    from model.levers.commitment_plan import PoolPlan

MONTHS_AHEAD: Final = 3
OFFSET: Final = "FEE_UTILIZATION_OFFSET"
RESOURCE: Final = "COMMITTED_USAGE_DISCOUNT"
_OTHER_FEE: Final = "Another amount: the wrong number was entered. None: not active, or bought on another account."
LEGACY: Final = "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE"


@dataclass(frozen=True)
class ExpectedRows:
    """Rows of one kind: how to find them, and their sum in each month ahead (YYYYMM → currency units)."""

    title: str
    find: str
    amounts: dict[int, float]
    is_exact: bool
    if_not: str


def expected_rows(bill: Bill, plan: PoolPlan) -> tuple[ExpectedRows, ...]:
    """What to look for after a purchase, in the order of looking; empty where nothing is bought.

    fee = amount × hours of the month; offset = −use × fee; used = what usage at committed prices costs.
    """
    hours = _hours_ahead(bill.months[-1])
    live = [[rung for rung in plan.rungs if rung.is_live(ahead)] for ahead in range(MONTHS_AHEAD)]
    by_month = list(zip(live, hours.items(), strict=True))
    fee = {month: sum(rung.commit_per_hour for rung in rungs) * count for rungs, (month, count) in by_month}
    if not any(fee.values()):
        return ()
    use = min(1.0, round(1.0 if plan.utilisation is None else plan.utilisation, 12))
    covered = {
        month: use * sum(rung.covered_on_demand_per_hour for rung in rungs) * count
        for rungs, (month, count) in by_month
    }
    if plan.units:
        return _resource_rows(plan, fee, covered)
    terms = sorted({rung.term for rungs in live for rung in rungs})
    return (_fee_rows(plan, fee, terms), *_new_model_rows(plan, fee, use, terms), _legacy_rows(covered))


def _resource_rows(plan: PoolPlan, fee: dict[int, float], covered: dict[int, float]) -> tuple[ExpectedRows, ...]:
    """Of units, alike in both billing models: the fee, then the credit on machines or the slots that are left."""
    if plan.pool == SLOTS:
        paid = "SKU of BigQuery with 'commitment' in its name; cost > 0 in every hour"
        left = {month: amount * (1.0 / (plan.coverage or 1.0) - 1.0) for month, amount in covered.items()}
        rest = ExpectedRows(
            "Slots that are still paid by the hour", "SKU of BigQuery editions, slots by the hour", left,
            is_exact=False, if_not="More: the reservations have fewer baseline slots than are committed.",
        )  # fmt: skip
    else:
        paid = f"SKU 'Commitment v1: … for {TERM_TITLES[plan.term]}' in {plan.region}; cost > 0 in every hour"
        rest = ExpectedRows(
            "Credit for covered machines", f"credits.type = {RESOURCE} on the rows of the machines",
            {month: -amount for month, amount in covered.items()},
            is_exact=False, if_not="Smaller: fewer units run than planned.",
        )  # fmt: skip
    return ExpectedRows("Fee of the commitment", paid, fee, is_exact=True, if_not=_OTHER_FEE), rest


def _fee_rows(plan: PoolPlan, fee: dict[int, float], terms: Sequence[str]) -> ExpectedRows:
    rule = rule_of(plan.pool)
    length = " and ".join(TERM_TITLES[term] for term in terms)
    return ExpectedRows(
        "Fee of the commitment",
        f"SKU with 'CUD' or 'Commitment', {rule.title if rule else plan.pool}, {length}; cost > 0 in every hour",
        fee,
        is_exact=True,
        if_not=_OTHER_FEE,
    )


def _new_model_rows(
    plan: PoolPlan, fee: dict[int, float], use: float, terms: Sequence[str]
) -> tuple[ExpectedRows, ...]:
    rule, least = rule_of(plan.pool), plan.break_even_utilisation or 0.0
    model = " or ".join(rule.models[term == "3y"] for term in terms).strip(" or") if rule else ""
    return (
        ExpectedRows(
            "Fee that found usage (new billing model)",
            f"credits.type = {OFFSET} on the rows of the fee",
            {month: -use * amount for month, amount in fee.items()},
            is_exact=False,
            if_not=f"Smaller than {least:.0%} of the fee: the commitment loses money.",
        ),
        ExpectedRows(
            "Usage at committed prices (new billing model)",
            f"consumption_model.id = {model or 'of the commitment'}; cost against cost_at_effective_price_default is "
            f"{rates_words(plan.rates, 'lower for')}",
            {month: use * amount for month, amount in fee.items()},
            is_exact=False,
            if_not="None: the usage is in another region, of another kind, or billed before the commitment began.",
        ),
        ExpectedRows(
            "Fee that found no usage",
            f"fee less {OFFSET}",
            {month: (1.0 - use) * amount for month, amount in fee.items()},
            is_exact=False,
            if_not="Larger: usage fell or moved since the plan was made; look at coverage by hour.",
        ),
    )


def _legacy_rows(covered: dict[int, float]) -> ExpectedRows:
    return ExpectedRows(
        "Credit for covered usage (old billing model, instead of the offset)",
        f"credits.type = {LEGACY} on the rows of the usage",
        {month: -amount for month, amount in covered.items()},
        is_exact=False,
        if_not="Smaller: less usage is covered than planned.",
    )


def _hours_ahead(last: int) -> dict[int, int]:
    """Hours of the months that follow one (YYYYMM)."""
    found = {}
    for ahead in range(MONTHS_AHEAD):
        year, number = divmod(last // 100 * 12 + last % 100 + ahead, 12)
        found[year * 100 + number + 1] = 24 * monthrange(year, number + 1)[1]
    return found

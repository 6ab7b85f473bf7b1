"""Discounts that a plan takes on spend of this bill that no commitment covers, or that no commitment gives."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from model.audit_base import amount_text, commitment_base, per_months
from model.claim_contradiction import Contradiction
from model.claim_figures import money_text, percent_text
from model.claims import BASELINE, COST, SAVES, TERMS
from model.commitment_pools import not_eligible
from model.money import as_decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.bill import Bill
    from model.claims import Claim, ClaimedPlan

MOST_REASONS: Final = 2
SLACK: Final = Decimal("1.01")


def ineligible(bill: Bill, plan: ClaimedPlan) -> tuple[Contradiction, ...]:
    """Commitments on more than they can cover, and discounts above the largest of any class that they cover."""
    bought = [claim for claim in plan.claims.values() if claim.term and not claim.of]
    return tuple(found for claim in bought for found in (*_base(bill, claim), *_discount(bill, claim)))


def _base(bill: Bill, claim: Claim) -> Iterator[Contradiction]:
    saves, discount = claim.over(SAVES, 1), claim.figures.get("reduction")
    implied = saves.over(discount) if saves is not None and discount is not None else None
    stated = claim.over(BASELINE, 1) or claim.over(COST, 1) or implied
    base = commitment_base(bill, claim.term, claim.product)
    eligible, whole = (as_decimal(per_months(each, 1, bill)) for each in (base.eligible_nanos, base.all_nanos))
    if stated is None or stated.low <= eligible * SLACK:
        return
    of = claim.product or "the bill"
    money = [money_text(round(each, 2), bill.currency) for each in (stated.value, eligible, whole)]
    yield Contradiction(
        (claim.id,), "ineligible",
        f"{claim.id} commits for {money[0]} a month, but commitments can cover {money[1]} of {of}'s {money[2]} a month "
        f"at on-demand prices{_reasons(bill, claim)}.",
        {"stated": stated.value, "eligible": eligible},
    )  # fmt: skip


def _reasons(bill: Bill, claim: Claim) -> str:
    named = claim.product.casefold()
    found = [each for each in not_eligible(bill) if named in each.product.casefold()][:MOST_REASONS]
    money = [amount_text(per_months(each.cost_nanos, 1, bill), bill.currency) for each in found]
    told = [f"{m} of {each.product} is not, since {each.reason}" for m, each in zip(money, found, strict=True)]
    return f" ({'; '.join(told)})" if told else ""


def _discount(bill: Bill, claim: Claim) -> Iterator[Contradiction]:
    stated, base = claim.figures.get("reduction"), commitment_base(bill, claim.term, claim.product)
    largest = Decimal(str(round(base.largest_discount, 6)))
    if stated is None or not base.is_known or base.eligible_nanos <= 0 or stated.low <= largest:
        return
    yield Contradiction(
        (claim.id,), "discount",
        f"{claim.id} takes {percent_text(stated.value)} off; the largest discount of {TERMS[claim.term]} months on "
        f"what this bill uses is {percent_text(largest)}.",
        {"stated": stated.value, "largest": largest},
    )  # fmt: skip

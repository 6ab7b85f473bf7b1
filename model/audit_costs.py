"""Claims on what something costs, held against the bill."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from model.audit_base import amount_text, cost_before_credits_and_tax, costs_of, no_product_sentence, per_months
from model.audit_verdict import SAME_COST, in_nanos
from model.claim_figures import ONE, percent_text
from model.claim_rules_ratios import REST
from model.claims import BASELINE, COST, span
from model.money import as_decimal

if TYPE_CHECKING:
    from model.audit_verdict import AuditedClaim, Desk, Verdict
    from model.bill import Bill
    from model.claims import Claim

BASES: Final = {
    "net": "net", "headline": "before tax, promotions and rounding", "before_credits": "before credits and tax",
    "effective": "as effective cost", "cost": "before credits", "on_demand": "at on-demand prices",
    "list": "at list prices",
}  # fmt: skip
"""What a claimed cost may have been read as."""
PRICES: Final = ("on_demand", "list")
"""Bases that are prices, not what was billed."""
POINT: Final = 0.01
A_YEAR: Final = 12
"""Months from which a claim means so much at today's mean, not certain invoices."""


def judge_cost(desk: Desk, open_claim: AuditedClaim) -> AuditedClaim:
    """Reproduced within 1 % of what was billed, on the nearest basis; over months that are not read unverifiable."""
    bill, claim, months = desk.bill, open_claim.claim, open_claim.months
    amounts = _amounts(bill, claim.product, _named(desk, open_claim), months)
    if amounts is None:
        return replace(open_claim, arithmetic=(no_product_sentence(bill, claim.product),))
    window, claimed, what = len(bill.months), open_claim.claimed_nanos or 0, subject(claim.product)
    told = _told(bill, what, amounts["net"], months)
    if months not in (1, window) and months < A_YEAR:
        other = f"The claim is of {months} months, {window} are read: audit it over those months to tell."
        return replace(open_claim, arithmetic=(told, other))
    basis = min(amounts, key=lambda each: abs(amounts[each] - claimed))
    slack = _slack(claim, months)
    if not _is_same(claimed, amounts[basis], slack):
        basis = "net"
    off = f"The claim of {amount_text(claimed, bill.currency)} is {_off(claimed, amounts[basis])}"
    if basis != "net":
        off = f"{what} costs {amount_text(amounts[basis], bill.currency)} {BASES[basis]}. {off} as that"
    verdict: Verdict = "reproduced" if _is_same(claimed, amounts[basis], slack) and basis not in PRICES else "partly"
    stands = amounts["net"] if basis in PRICES else amounts[basis]
    return replace(open_claim, verdict=verdict, stands_nanos=stands, arithmetic=(told, f"{off}."))


def _amounts(bill: Bill, product: str, named: list[str], months: int) -> dict[str, int] | None:
    """What a product costs over so many months on every basis, in nanos; the window's own sum where it is that long."""
    found = costs_of(bill, product, named)
    if found is None:
        return None
    before = cost_before_credits_and_tax(bill, product, named)
    sums = {basis: before if basis == "before_credits" else getattr(found, basis) for basis in BASES}
    return {basis: per_months(nanos, months, bill) for basis, nanos in sums.items()}


def judge_share(desk: Desk, open_claim: AuditedClaim) -> AuditedClaim:
    """A product's share of the bill, net; reproduced within a percentage point."""
    claim, bill = open_claim.claim, desk.bill
    found, whole = costs_of(bill, claim.product), costs_of(bill, "")
    if found is None or whole is None or whole.net <= 0:
        return replace(open_claim, arithmetic=(no_product_sentence(bill, claim.product),))
    share, stated = found.net / whole.net, claim.figures["share"]
    verdict: Verdict = "reproduced" if abs(share - float(stated.value)) <= POINT else "partly"
    line = (
        f"{claim.product} is {percent_text(ONE.value * round(found.net * 1000 / whole.net) / 1000)} of the bill, net."
    )
    return replace(open_claim, verdict=verdict, arithmetic=(line,))


def subject(product: str) -> str:
    """What a cost is of, as the subject of a sentence.

    >>> subject("Cloud Run"), subject(""), subject("Others")
    ('Cloud Run', 'The bill', 'Everything else')
    """
    return "Everything else" if product.casefold() in REST else product or "The bill"


def _named(desk: Desk, open_claim: AuditedClaim) -> list[str]:
    """Products that the plan names with a cost beside the one that is the rest."""
    own = open_claim.claim.product.casefold()
    amounts = set(open_claim.claim.amounts)
    others = [each for each in desk.plan.claims.values() if set(each.amounts) & amounts and not each.of]
    return [each.product for each in others if each.product and each.product.casefold() != own]


def _told(bill: Bill, what: str, stands: int, months: int) -> str:
    window = len(bill.months)
    read = str(bill.months[0]) if window == 1 else f"{bill.months[0]} to {bill.months[-1]}"
    way = "" if months == window else f", {span(months)} at the mean of {window}"
    return f"{what} costs {amount_text(stands, bill.currency)} net{way} (invoices {read})."


def _off(claimed: int, stands: int) -> str:
    if not stands:
        return "not there" if claimed else "the same"
    off = (as_decimal(claimed) - as_decimal(stands)) / abs(as_decimal(stands))
    if abs(off) < SAME_COST / 20:
        return "the same within 0.05 %"
    return f"{percent_text(abs(off))} {'more' if off > 0 else 'less'}"


def _is_same(claimed: int, stands: int, slack: int) -> bool:
    """Within 1 %, or within what the claim is rounded to."""
    return abs(claimed - stands) <= max(SAME_COST * abs(stands), Decimal(slack))


def _slack(claim: Claim, months: int) -> int:
    stated = claim.over(COST, months) or claim.over(BASELINE, months)
    return in_nanos(stated.high - stated.value) if stated is not None else 0

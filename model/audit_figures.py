"""Claims that state neither a saving nor a cost: shares, reductions, paybacks, lists."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from model.audit_base import costs_of, no_product_sentence, per_months
from model.audit_costs import judge_cost, judge_share
from model.audit_savings import judge_saving
from model.audit_verdict import in_nanos
from model.claim_figures import percent_text
from model.claim_rules_ratios import items_before_and_after
from model.claims import BASELINE, RESULT, TERMS
from model.money import as_decimal

if TYPE_CHECKING:
    from model.audit_verdict import AuditedClaim, Desk

PAYBACKS = frozenset({"payback_months", "break_even_months"})


def judge_figures(desk: Desk, blank: AuditedClaim) -> AuditedClaim:
    """What the claim's figures are about decides by what it is judged."""
    claim = blank.claim
    if claim.over(BASELINE, 1) is not None:
        return _levels(desk, blank)
    if PAYBACKS & set(claim.figures):
        return _payback(desk, blank)
    if "reduction" in claim.figures and not claim.of:
        return _pairs(blank) if items_before_and_after(claim) else _reduction(desk, blank)
    if "share" in claim.figures and claim.product:
        return judge_share(desk, blank)
    return _list(desk, blank)


def _levels(desk: Desk, blank: AuditedClaim) -> AuditedClaim:
    """Baseline and result claim their difference; a baseline alone is a cost."""
    baseline, result = blank.claim.over(BASELINE, 1), blank.claim.over(RESULT, 1)
    if baseline is None:
        return blank
    if result is None:
        return judge_cost(desk, replace(blank, claimed_nanos=in_nanos(baseline.value)))
    line = "It says a baseline and a result: the difference is what it claims."
    claimed = in_nanos(baseline.minus(result).value)
    return judge_saving(desk, replace(blank, claimed_nanos=claimed, arithmetic=(line,)))


def _payback(desk: Desk, blank: AuditedClaim) -> AuditedClaim:
    """Months that the plan's own figures give; what they contradict is told beside."""
    claim, parent = blank.claim, desk.plan.claims.get(blank.claim.of, blank.claim)
    discount, outlays = parent.figures.get("reduction"), [c.figures.get("one_off_cost") for c in (claim, parent)]
    if not any(outlays) and (discount is None or parent.term not in TERMS):
        return replace(blank, arithmetic=("It says when something is paid back, and no outlay that would be.",))
    line = "It follows from the plan's own figures; whether those hold is told where they stand."
    return replace(blank, verdict="reproduced", arithmetic=(line,))


def _reduction(desk: Desk, blank: AuditedClaim) -> AuditedClaim:
    """A share that goes away, of what a product (or everything) costs on the bill."""
    claim, costs = blank.claim, costs_of(desk.bill, blank.claim.product)
    if costs is None:
        return replace(blank, arithmetic=(no_product_sentence(desk.bill, claim.product),))
    share = claim.figures["reduction"].value
    amount = in_nanos(as_decimal(per_months(costs.headline, 1, desk.bill)) * share)
    line = f"It states no amount; {percent_text(share)} of what {claim.product or 'the bill'} costs is taken for it."
    return judge_saving(desk, replace(blank, claimed_nanos=amount, arithmetic=(line,)))


def _pairs(blank: AuditedClaim) -> AuditedClaim:
    pairs = items_before_and_after(blank.claim)
    mean = sum((1 - after / before for before, after in pairs), Decimal(0)) / len(pairs)
    before_all, after_all = (sum(each, Decimal(0)) for each in zip(*pairs, strict=True))
    pooled = 1 - after_all / before_all
    line = (
        f"Its {len(pairs)} items fall by {percent_text(mean)} on average, and by {percent_text(pooled)} of their sum; "
        "that they do fall no bill tells."
    )
    return replace(blank, arithmetic=(line,))


def _list(desk: Desk, blank: AuditedClaim) -> AuditedClaim:
    claim = blank.claim
    if claim.items and claim.count is not None:
        line = f"It counts {claim.count} and lists {len(claim.items)}; it claims no amount."
        return replace(blank, verdict="reproduced", arithmetic=(line,))
    if claim.sum_of or claim.id in desk.effects:
        return judge_saving(desk, replace(blank, claimed_nanos=None))
    if claim.of and desk.judged[claim.of].verdict == "impossible":
        return replace(blank, verdict="impossible", arithmetic=(f"{claim.of}, of which it speaks, is impossible.",))
    return replace(blank, arithmetic=("It names nothing that a bill shows or that settings would reprice.",))

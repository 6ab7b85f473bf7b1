"""What would have to be true for a claim to hold: one sentence that somebody could check."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from model.audit_base import amount_text, commitment_base, per_months, product_named
from model.audit_savings import ceiling
from model.audit_verdict import is_enough
from model.claim_figures import percent_text
from model.claim_rules_ratios import items_before_and_after
from model.claims import COST, SAVES, TERMS, span
from model.kind_words import product_of
from model.money import as_decimal
from model.outcome import parameters
from model.parameter import unit_for

if TYPE_CHECKING:
    from model.audit_effects import Effect
    from model.audit_verdict import AuditedClaim, Desk
    from model.bill import Bill
    from model.lever import Guardrail

MOST_LIMITS: Final = 3
MOST_NAMES: Final = 5
LEVERS_OF: Final = {
    "Cloud Run": "cloud_run", "Cloud SQL": "cloud_sql", "Cloud Tasks": "tasks", "Firestore": "firestore",
    product_of("memorystore.basic.capacity"): "cache",
}  # fmt: skip


def needed(desk: Desk, judged: AuditedClaim) -> str:
    """The sentence, '' where the claim holds."""
    if judged.verdict == "reproduced":
        return ""
    claim, claimed = judged.claim, judged.claimed_nanos
    if claimed is None:
        return _without_amount(judged)
    if claim.headline == (COST, judged.months) or (claim.headline or ("",))[0] == COST:
        return _of_cost(desk, judged, claimed)
    if claim.of:
        return f"The same as for {claim.of}."
    if judged.verdict == "double_counted":
        return "Its dollars would have to be others than those that the claims beside it count."
    return _of_saving(desk, judged, claimed)


def _of_saving(desk: Desk, judged: AuditedClaim, claimed: int) -> str:
    claim, bill, effect = judged.claim, desk.bill, desk.effects.get(judged.claim.id)
    money = amount_text(claimed, bill.currency)
    if effect is not None and effect.refused is not None:
        return "There would have to be such a setting, and something in the bill that it changes."
    most, _ = ceiling(bill, claim, judged.months)
    if claim.term and claim.figures.get("reduction") is not None:
        return _of_commitment(bill, judged, claimed)
    if most is not None and claimed > most:
        what = claim.product or "The bill"
        return f"{what} would have to cost {money} {span(judged.months)} or more, and all of it to go."
    if (
        effect is not None
        and effect.kept.left
        and effect.kept.broken
        and is_enough(effect.written_nanos, effect.kept.saving_nanos)
    ):
        return _of_limits(bill, judged, effect)
    return _of_size(bill, judged, claimed)


def _of_size(bill: Bill, judged: AuditedClaim, claimed: int) -> str:
    if judged.stands_nanos and judged.stands_nanos > 0:
        factor = as_decimal(claimed) / as_decimal(judged.stands_nanos)
        return (
            f"It would have to save {factor:.1f} times as much: on so much more usage, or by settings that go further."
        )
    if judged.claim.sum_of:
        return "Its parts would have to hold, each by settings that can be repriced."
    return _of_settings(bill, judged, amount_text(claimed, bill.currency))


def _of_commitment(bill: Bill, judged: AuditedClaim, claimed: int) -> str:
    claim = judged.claim
    base = commitment_base(bill, claim.term, claim.product)
    mean = base.most_nanos / base.eligible_nanos if base.eligible_nanos else 0.0
    stands = amount_text(per_months(base.eligible_nanos, judged.months, bill), bill.currency)
    if not mean:
        return "There would have to be spend that a commitment covers; this bill has none of it."
    wanted = amount_text(round(claimed / mean), bill.currency)
    discount = percent_text(as_decimal(round(mean * 1e9)))
    return (
        f"{wanted} {span(judged.months)} of spend that {TERMS[claim.term]}-month commitments cover would have to run "
        f"in every hour, at their mean discount here of {discount}; {stands} is there, "
        "and not in every hour."
    )


def _of_limits(bill: Bill, judged: AuditedClaim, effect: Effect) -> str:
    broken = effect.kept.broken
    words = [
        f"{each.name.replace('_', ' ')} of {each.resource} at {_value(each, each.value)} instead of "
        f"{_value(each, each.limit)}"
        for each in broken if each.value is not None and each.limit
    ][:MOST_LIMITS]  # fmt: skip
    more = f" and {len(broken) - len(words)} more" if len(broken) > len(words) else ""
    accepted = f"Somebody would have to accept what it breaks: {', '.join(words)}{more}"
    written, claimed = per_months(effect.written_nanos, judged.months, bill), judged.claimed_nanos or 0
    short = "" if is_enough(written, claimed) else f"; even then it saves {amount_text(written, bill.currency)} only"
    return f"{accepted}{short}."


def _value(guardrail: Guardrail, value: float) -> str:
    if guardrail.unit == "ratio":
        return percent_text(Decimal(str(round(value, 4))))
    return f"{value:.3g} {unit_for(value, guardrail.unit)}".rstrip()


def _of_settings(bill: Bill, judged: AuditedClaim, money: str) -> str:
    product = product_named(bill, judged.claim.product) if judged.claim.product else None
    lever = LEVERS_OF.get(product or "")
    names = dict.fromkeys(p.name for p in parameters(bill) if p.lever == lever and p.kind == "setting")
    told = f" (as {', '.join(list(names)[:MOST_NAMES])})" if names else ""
    return f"The settings that save {money} {span(judged.months)} would have to be named{told}, and repriced."


def _of_cost(desk: Desk, judged: AuditedClaim, claimed: int) -> str:
    claim, bill = judged.claim, desk.bill
    if claim.of and claim.product == "" and desk.plan.claims[claim.of].over(SAVES, 1) is not None:
        return f"{claim.of}, of which it speaks, would have to cost that, or its figures be others."
    if judged.stands_nanos is None:
        return f"The bill would have to be read over the {judged.months} months that it speaks of."
    return (
        f"{claim.product or 'The bill'} would have to cost {amount_text(claimed, bill.currency)} {span(judged.months)}."
    )


def _without_amount(judged: AuditedClaim) -> str:
    claim = judged.claim
    if claim.count is not None and claim.items and claim.count != len(claim.items):
        return (
            f"{abs(claim.count - len(claim.items))} more would have to be listed, or the count be {len(claim.items)}."
        )
    if "payback_months" in claim.figures or "break_even_months" in claim.figures:
        return "Discount, term or outlay would have to be others than the plan says."
    if claim.of:
        return f"The same as for {claim.of}."
    if items_before_and_after(claim):
        return "Each before and after would have to be measured, and the settings that bring it about be named."
    return "It would have to name a product, an amount or settings that a bill can be held against."

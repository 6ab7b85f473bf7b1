"""Percentages that do not match their amounts, savings larger than their base, paybacks that are too short."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from model.claim_contradiction import Contradiction, both
from model.claim_figures import ONE, Stated, money_text, percent_text, total
from model.claim_rules_sums import months_together
from model.claims import BASELINE, COST, RESULT, SAVES, TERMS, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.claims import Claim, ClaimedPlan

BEFORE_AFTER: Final = re.compile(r"(\d+(?:\.\d+)?)[^\d]*(?:→|->|=>)\s*(\d+(?:\.\d+)?)")
REST: Final = ("other", "others", "rest", "the rest", "other services", "everything else")
"""Names of what is left when the products that the plan names are taken away."""
NEARLY: Final = Decimal(1)
"""Months: who breaks even 'below 1 month' writes 1."""


def percentages(plan: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """Reduction = saving ÷ baseline."""
    reduction = claim.figures.get("reduction")
    for months in months_together(claim) if reduction is not None else []:
        baseline, result, saves = (claim.over(kind, months) for kind in (BASELINE, RESULT, SAVES))
        if reduction is None or baseline is None:
            continue
        saved = saves if saves is not None else baseline.minus(result) if result is not None else None
        ratio = saved.over(baseline) if saved is not None else None
        if saved is not None and ratio is not None and not reduction.agrees(ratio):
            amounts = [money_text(each.value, plan.currency) for each in (saved, baseline)]
            yield Contradiction(
                (claim.id,), "percentage",
                f"{claim.id}: {amounts[0]} of {amounts[1]} is {percent_text(ratio.value)}, not "
                f"{percent_text(reduction.value)}.",
                {"stated": reduction.value, "ratio": ratio.value},
            )  # fmt: skip
            return


def items_before_and_after(claim: Claim) -> list[tuple[Decimal, Decimal]]:
    """The pairs of a list whose every item says before → after; empty otherwise."""
    found = [BEFORE_AFTER.search(item) for item in claim.items]
    pairs = [(Decimal(each[1]), Decimal(each[2])) for each in found if each]
    return pairs if len(pairs) == len(claim.items) and all(before > 0 for before, _ in pairs) else []


def item_percentages(_: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """An average reduction that no weighting of the listed before → after gives."""
    pairs, reduction = items_before_and_after(claim), claim.figures.get("reduction")
    if reduction is None or not pairs:
        return
    falls = [1 - after / before for before, after in pairs]
    if reduction.high < min(falls) or reduction.low > max(falls):
        yield Contradiction(
            (claim.id,), "percentage",
            f"{claim.id}: its {len(pairs)} items fall by {percent_text(min(falls))} to {percent_text(max(falls))}, so "
            f"that no average of them is {percent_text(reduction.value)}.",
            {"stated": reduction.value, "mean": sum(falls, Decimal(0)) / len(falls)},
        )  # fmt: skip


def shares(plan: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """What a product costs against the wholes that the plan states: its share of one of them must be the stated one."""
    share, cost = claim.figures.get("share"), claim.amounts
    for months in (months for kind, months in cost if kind == COST and claim.product and share is not None):
        wholes = [(whole, amount) for whole in _wholes(plan) if (amount := whole.over(COST, months)) is not None]
        ratios = [ratio for _, amount in wholes if (ratio := cost[COST, months].over(amount)) is not None]
        if share is None or not ratios or any(share.agrees(ratio) for ratio in ratios):
            continue
        whole, amount = wholes[0]
        amounts = [money_text(each.value, plan.currency) for each in (cost[COST, months], amount)]
        yield Contradiction(
            (claim.id, whole.id), "share",
            f"{claim.id}: {amounts[0]} of {amounts[1]} is {percent_text(ratios[0].value)}, not "
            f"{percent_text(share.value)}.",
            {"stated": share.value, "ratio": ratios[0].value},
        )  # fmt: skip


def parts_of_whole(plan: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """Products that cost more together than the whole; with a rest among them, less than the whole too.

    Of several wholes (with and without tax, say) one must agree.
    """
    for months in (months for kind, months in claim.amounts if kind == COST):
        stated = [(each.id, each.amounts[COST, months]) for each in _wholes(plan) if (COST, months) in each.amounts]
        if not stated or stated[0][0] != claim.id:
            continue
        parts: dict[str, tuple[str, Stated]] = {}
        for each in plan.claims.values():
            amount = each.amounts.get((COST, months))
            if each.product and not each.of and amount is not None:
                parts.setdefault(each.product.casefold(), (each.id, amount))
        added, wholes = total(amount for _, amount in parts.values()), [amount for _, amount in stated]
        whole, is_complete = wholes[0], any(product in REST for product in parts)
        exceeds = all(added.exceeds(each) for each in wholes)
        if not parts or any(added.agrees(each) for each in wholes) or not (exceeds or is_complete):
            continue
        amounts = [money_text(each.value, plan.currency) for each in (added, whole)]
        yield Contradiction(
            (claim.id, *(part for part, _ in parts.values())), "share",
            f"The products of the plan cost {amounts[0]} {span(months)}, the whole is {amounts[1]} ({claim.id}).",
            {"stated": whole.value, "parts": added.value},
        )  # fmt: skip


def shares_together(plan: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """Shares of products that add up to more than all, or, with a rest among them, to less."""
    shared = [each for each in plan.claims.values() if each.product and not each.of and "share" in each.figures]
    if not shared or shared[0] is not claim:
        return
    added = total(each.figures["share"] for each in {each.product.casefold(): each for each in shared}.values())
    is_complete = any(each.product.casefold() in REST for each in shared)
    if added.exceeds(ONE) or (is_complete and not added.agrees(ONE)):
        yield Contradiction(
            tuple(each.id for each in shared), "share",
            f"The shares of the plan's products add up to {percent_text(added.value)}.",
            {"stated": added.value, "whole": Decimal(1)},
        )  # fmt: skip


def bases(plan: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """Savings larger than what they are saved from, and costs above the baseline that they are said to be part of."""
    reduction, currency = claim.figures.get("reduction"), plan.currency
    if reduction is not None and reduction.exceeds(ONE):
        yield Contradiction(
            (claim.id,), "base",
            f"{claim.id} takes away {percent_text(reduction.value)}; nothing falls by more than 100 %.",
            {"stated": reduction.value, "base": Decimal(1)},
        )  # fmt: skip
    parent = plan.claims[claim.of] if claim.of else claim
    for (kind, months), stated in claim.amounts.items():
        base, holder = claim.over(BASELINE, months), claim
        if base is None:
            base, holder = parent.over(BASELINE, months), parent
        if kind in (SAVES, COST) and base is not None and stated.exceeds(base):
            what = "saves" if kind == SAVES else "costs"
            yield Contradiction(
                both(claim, holder), "base",
                f"{claim.id} {what} {money_text(stated.value, currency)} {span(months)}, more than the baseline of "
                f"{money_text(base.value, currency)} that it is a part of.",
                {"stated": stated.value, "base": base.value},
            )  # fmt: skip


def implied_bases(plan: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """A saving that is x % of more than the plan says that its product costs: saving ÷ x % > cost."""
    reduction, saves, cost = claim.figures.get("reduction"), claim.over(SAVES, 1), _cost_of(plan, claim.product)
    if reduction is None or saves is None or cost is None or claim.over(BASELINE, 1) is not None or claim.of:
        return
    base = saves.over(reduction)
    if base is not None and base.exceeds(cost):
        amounts = [money_text(each.value, plan.currency) for each in (saves, base, cost)]
        yield Contradiction(
            (claim.id,), "base",
            f"{claim.id}: {amounts[0]} a month is {percent_text(reduction.value)} of {amounts[1]}, and "
            f"{claim.product} costs {amounts[2]} a month by the plan itself.",
            {"stated": base.value, "base": cost.value},
        )  # fmt: skip


def product_bases(plan: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """What one total saves on a product (or in all) against what the plan says that it costs."""
    leaves = [plan.claims[leaf] for leaf in plan.leaves(claim.id)] if not claim.of else []
    products = dict.fromkeys(leaf.product.casefold() for leaf in leaves if leaf.product)
    for product in ("", *products):
        saving = [leaf for leaf in leaves if leaf.over(SAVES, 1) and product in ("", leaf.product.casefold())]
        saved, cost = total(each for leaf in saving if (each := leaf.over(SAVES, 1))), _cost_of(plan, product)
        if not saving or cost is None or not saved.exceeds(cost) or _is_told_below(plan, claim, product, cost):
            continue
        amounts = [money_text(each.value, plan.currency) for each in (saved, cost)]
        what = f" on {saving[0].product}" if product else ""
        yield Contradiction(
            tuple(dict.fromkeys((claim.id, *(leaf.id for leaf in saving)))), "base",
            f"{claim.id} saves {amounts[0]} a month{what}, which costs {amounts[1]} by the plan itself."
            if product else f"{claim.id} saves {amounts[0]} a month of a bill of {amounts[1]} by the plan itself.",
            {"stated": saved.value, "base": cost.value},
        )  # fmt: skip


def _is_told_below(plan: ClaimedPlan, claim: Claim, product: str, cost: Stated) -> bool:
    """Whether a part of the total says too much already."""
    for part in claim.sum_of:
        leaves = [plan.claims[leaf] for leaf in plan.leaves(part)]
        saved = total(each for leaf in leaves if product in ("", leaf.product.casefold())
                      and (each := leaf.over(SAVES, 1)))  # fmt: skip
        if saved.exceeds(cost):
            return True
    return False


def paybacks(plan: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """Months to get back an outlay, or to break even on a commitment at full use: (1 − discount) × term.

    Longer than computed is no contradiction: savings may come slowly.
    """
    parent = plan.claims[claim.of] if claim.of else claim
    payback, even = claim.figures.get("payback_months"), claim.figures.get("break_even_months")
    outlay, saves = claim.figures.get("one_off_cost") or parent.figures.get("one_off_cost"), parent.over(SAVES, 1)
    needed = outlay.over(saves) if outlay is not None and saves is not None else None
    if payback is not None and needed is not None and needed.exceeds(payback):
        yield Contradiction(
            both(claim, parent), "payback",
            f"{claim.id}: the outlay is back after {needed.value:.1f} months, not {payback.value:f}.",
            {"stated": payback.value, "payback": needed.value},
        )  # fmt: skip
    discount, stated = parent.figures.get("reduction"), even or (payback if outlay is None else None)
    if stated is None or discount is None or parent.term not in TERMS:
        return
    months = ONE.minus(discount).times(TERMS[parent.term])
    if months.low > stated.high + NEARLY:
        yield Contradiction(
            both(claim, parent), "payback",
            f"{claim.id}: a commitment of {TERMS[parent.term]} months at {percent_text(discount.value)} off is paid "
            f"for whether it is used or not, and breaks even after {months.value:.1f} months of full use, not "
            f"{stated.value:f}{'' if even else '; nothing is paid at its start that could be back sooner'}.",
            {"stated": stated.value, "break_even": months.value},
        )  # fmt: skip


def _wholes(plan: ClaimedPlan) -> list[Claim]:
    """Claims on what everything costs: of no product, and neither restated, saved nor bought."""
    return [
        each for each in plan.claims.values()
        if not each.product and not each.of and not each.term and not each.sum_of and each.over(COST, 1) is not None
    ]  # fmt: skip


def _cost_of(plan: ClaimedPlan, product: str) -> Stated | None:
    """The most that the plan says a month of a product costs, or of everything ('')."""
    named = [
        each for each in plan.claims.values() if each.product.casefold() == product.casefold() and not each.of
    ] if product else _wholes(plan)  # fmt: skip
    costs = [cost for each in named if (cost := each.over(COST, 1)) is not None]
    return max(costs, key=lambda cost: cost.high, default=None)

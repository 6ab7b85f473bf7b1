"""Dollars that one total of a plan counts more than once."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from model.claim_contradiction import Contradiction
from model.claim_figures import money_text
from model.claims import BASELINE, RESULT, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.claims import Claim, ClaimedPlan


def counted_again(plan: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """A claim that a total holds several times, directly or through its parts."""
    inherited = {leaf for part in set(claim.sum_of) for leaf, times in plan.counts(part).items() if times > 1}
    for leaf, times in plan.counts(claim.id).items() if claim.sum_of else ():
        if times > 1 and leaf not in inherited:
            ways = [part for part in dict.fromkeys(claim.sum_of) if leaf in plan.counts(part)]
            through = f" (in {' and in '.join(ways)})" if ways != [leaf] else ""
            yield Contradiction(
                (claim.id, leaf), "twice", f"{claim.id} counts {leaf} {times} times{through}.",
                {"counted": Decimal(times), "once": Decimal(1)},
            )  # fmt: skip


def same_settings(plan: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """Two claims of one total that save by exactly the same settings, on products that are not told apart."""
    leaves = plan.leaves(claim.id) if claim.sum_of else ()
    if any(set(leaves) <= set(plan.leaves(part)) for part in claim.sum_of):
        return  # told of the part
    setters: dict[frozenset[tuple[str, object]], list[str]] = {}
    for leaf in leaves:
        settings = plan.claims[leaf].settings
        if settings:
            setters.setdefault(frozenset(settings.items()), []).append(leaf)
    for shared, ids in setters.items():
        products = {plan.claims[leaf].product.casefold() for leaf in ids}
        if len(ids) > 1 and (len(products) < len(ids) or "" in products):
            keys = ", ".join(f"{key} = {value}" for key, value in sorted(shared, key=str))
            names = " and ".join(ids)
            yield Contradiction(
                (claim.id, *ids), "twice", f"{names} save by the same settings ({keys}); {claim.id} adds them.",
                {"counted": Decimal(len(ids)), "once": Decimal(1)},
            )  # fmt: skip


def result_holds_part(plan: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """A part whose result is already what is left after another part, which the total then adds again.

    First and second step: the second starts where the first ends. If the first is elsewhere said to end where the
    second ends, it holds the second's saving.
    """
    parts = [plan.claims[part] for part in dict.fromkeys(claim.sum_of)]
    for first in parts:
        for months in (each for kind, each in first.amounts if kind == RESULT):
            for second in (part for part in parts if part.id != first.id):
                source = second if second.over(RESULT, months) else plan.claims.get(second.of, second)
                after, before = source.over(RESULT, months), source.over(BASELINE, months)
                start, end = first.over(BASELINE, months), first.amounts[RESULT, months]
                if after is None or before is None or start is None:
                    continue
                follows = _ends_at(plan, first, source) or (first.product and first.product == source.product)
                if follows and end.agrees(after) and start.exceeds(before) and not end.agrees(before):
                    shown = money_text(end.value, plan.currency)
                    yield Contradiction(
                        (claim.id, first.id, second.id), "twice",
                        f"{first.id} ends at {shown} {span(months)}, which is what is left after {source.id}: it holds "
                        f"that saving already, and {claim.id} adds it again.",
                        {"stated": end.value, "after": after.value},
                    )  # fmt: skip


def _ends_at(plan: ClaimedPlan, first: Claim, source: Claim) -> bool:
    """Whether the other claim starts where this one, or the one that it restates, ends."""
    for each in (first, plan.claims.get(first.of, first)):
        for (kind, months), end in each.amounts.items():
            start = source.over(BASELINE, months)
            if kind == RESULT and start is not None and start.agrees(end):
                return True
    return False

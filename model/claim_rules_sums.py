"""Totals that do not add up, periods that do not multiply, differences that are none, lists that are counted wrong."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from model.claim_contradiction import Contradiction, both
from model.claim_figures import money_text, total
from model.claims import BASELINE, COST, RESULT, SAVES, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.claim_figures import Stated
    from model.claims import Claim, ClaimedPlan


def totals(plan: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """A total against the sum of its parts, where every part says what it saves or costs."""
    for (kind, months), stated in claim.amounts.items():
        if not claim.sum_of or kind not in (SAVES, COST):
            continue
        parts = [plan.amount(part, kind, months) for part in claim.sum_of]
        known = [each for each in parts if each is not None]
        added = total(known)
        if len(known) == len(parts) and not stated.agrees(added):
            money = [money_text(each.value, plan.currency) for each in (stated, added)]
            terms = " + ".join(money_text(each.value, plan.currency) for each in known)
            yield Contradiction(
                (claim.id, *dict.fromkeys(claim.sum_of)), "total",
                f"{claim.id} {kind} {money[0]} {span(months)}, but its parts are {terms} = {money[1]}.",
                {"stated": stated.value, "parts": added.value},
            )  # fmt: skip


def periods(plan: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """Month × 12, × 36, inside a claim and against the claim that it restates, with the growth that the plan names."""
    for (kind, months), stated in claim.amounts.items():
        for other, start in _bases(plan, claim, kind, months):
            base = other.amounts[kind, start]
            scaled = base.times(claim.periods(start, months))
            if not stated.agrees(scaled) and not _is_net_of_outlay(plan, claim, kind, (stated, scaled)):
                yield _off(plan, claim, other, (kind, start, months), (stated, base, scaled))
                break


def _is_net_of_outlay(plan: ClaimedPlan, claim: Claim, kind: str, figures: tuple[Stated, Stated]) -> bool:
    """Whether a saving over some months is what the months save without what it costs once."""
    parent = plan.claims.get(claim.of, claim)
    outlay = claim.figures.get("one_off_cost") or parent.figures.get("one_off_cost")
    return kind == SAVES and outlay is not None and figures[0].agrees(figures[1].minus(outlay))


def _bases(plan: ClaimedPlan, claim: Claim, kind: str, months: int) -> list[tuple[Claim, int]]:
    shortest = min(each for of_kind, each in claim.amounts if of_kind == kind)
    own = [(claim, shortest)] if shortest < months else []
    parent = plan.claims.get(claim.of)
    return own + [(parent, each) for of_kind, each in (parent.amounts if parent else {}) if parent and of_kind == kind]


def _off(
    plan: ClaimedPlan, claim: Claim, other: Claim, key: tuple[str, int, int], figures: tuple[Stated, Stated, Stated]
) -> Contradiction:
    kind, start, months = key
    stated, base, scaled = (money_text(each.value, plan.currency) for each in figures)
    whose = "" if other is claim else f" ({other.id})"
    ratio = f"× {months // start}" if months % start == 0 else f"× {months}/{start}"
    way = ratio if not claim.growth else f"over {months} months at {claim.growth:+.0%} a year"
    no_growth = "" if claim.growth or start == months else "; the plan names no growth"
    return Contradiction(
        both(claim, other), "period",
        f"{claim.id} says {_words(kind)} {stated} {span(months)}, but {base} {span(start)}{whose} {way} is "
        f"{scaled}{no_growth}.",
        {"stated": figures[0].value, "scaled": figures[2].value},
    )  # fmt: skip


def _words(kind: str) -> str:
    return {SAVES: "a saving of", BASELINE: "a baseline of", RESULT: "a result of"}.get(kind, "a cost of")


def differences(plan: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """Baseline − result = saving, over each period of which the plan says at least two of them."""
    for months in months_together(claim):
        baseline, result, saves = (claim.over(kind, months) for kind in (BASELINE, RESULT, SAVES))
        if baseline is None or result is None or saves is None:
            continue
        left = baseline.minus(result)
        if saves.agrees(left) or _is_net_of_outlay(plan, claim, SAVES, (saves, left)):
            continue
        first, second, found, stated = (
            money_text(each.value, plan.currency) for each in (baseline, result, left, saves)
        )
        yield Contradiction(
            (claim.id,), "difference",
            f"{claim.id}: {first} − {second} = {found} {span(months)}, not {stated}.",
            {"stated": saves.value, "difference": left.value},
        )  # fmt: skip


def months_together(claim: Claim) -> list[int]:
    """Periods of which a claim says two of baseline, result and saving; else the shortest of any."""
    said = Counter(months for kind, months in claim.amounts if kind != COST)
    return sorted(each for each in said if said[each] > 1) or sorted(said)[:1]


def counts(_: ClaimedPlan, claim: Claim) -> Iterator[Contradiction]:
    """A count against its list, and what stands in the list twice."""
    listed = len(claim.items)
    if not listed:
        return
    if claim.count is not None and claim.count != listed:
        yield Contradiction(
            (claim.id,), "count", f"{claim.id} counts {claim.count} and lists {listed}.",
            {"stated": Decimal(claim.count), "listed": Decimal(listed)},
        )  # fmt: skip
    for item, times in Counter(" ".join(item.split()).casefold() for item in claim.items).items():
        if times > 1:
            told = next(each for each in claim.items if " ".join(each.split()).casefold() == item)
            yield Contradiction(
                (claim.id,), "count", f"{claim.id} lists {told} {times} times.", {"listed": Decimal(times)}
            )

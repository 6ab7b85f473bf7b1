"""The words of the promise ledger: how a promise stands, and what made a month differ from what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.money import as_decimal
from model.outcome import title_of
from pages.parts.wording import headline_money, money, month

if TYPE_CHECKING:
    from model.ledger import Ledger
    from model.ledger_month import LedgerMonth
    from pages.parts.ledger_session import Held

STEP_WORDS: Final = {
    "corrected": "Late rows of the approved months",
    "days": "Days of the month",
    "growth": "Usage other than before",
    "price": "Prices other than before",
    "new": "New resources and SKUs",
    "gone": "Resources and SKUs that are gone",
    "free_tier": "Free tier",
    "other_commitments": "Commitments outside the plan",
    "agreed": "Support, subscriptions, corrections",
}
LEVER_COLUMNS: Final = ("Lever", "Status", "Promised", "Possible at this demand", "Realised")
MONTH_COLUMNS: Final = ("Month", "Expected", "Without the plan", "Actual", "Promised", "Realised")
BRIDGE_COLUMNS: Final = ("From expected to actual", "Amount")


def standing_sentence(held: Held) -> str:
    """How a promise stands, in one sentence."""
    ledger, currency = held.ledger, held.ledger.promise.currency
    taken = held.approval.withdrawal
    if taken is not None and not ledger.months:
        return f"Withdrawn by {taken.by_whom} on {taken.withdrawn_at[:10]}: {taken.reason}"
    if held.missing:
        return held.missing
    if not ledger.months:
        first = ledger.promise.ahead[0]
        return f"Too early to tell: {month(first)} is the first month that counts, and it is not settled yet."
    realised, promised = (headline_money(n, currency) for n in (ledger.realised_nanos, ledger.promised_nanos))
    end = f" It counts until it was withdrawn: {taken.reason}" if taken else ""
    return f"Saved {realised} of {promised} promised until {month(ledger.months[-1].month)}.{end}"


def lever_rows(ledger: Ledger) -> list[tuple[str, ...]]:
    """Each lever over the months so far."""
    currency = ledger.promise.currency
    return [
        (title_of(each.lever), each.status,
         *(money(n, currency) for n in (each.promised_nanos, each.possible_nanos, each.realised_nanos)))
        for each in ledger.levers
    ]  # fmt: skip


def month_rows(ledger: Ledger) -> list[tuple[str, ...]]:
    """Each month so far."""
    currency = ledger.promise.currency
    return [
        (month(each.month), *(money(n, currency) for n in (
            each.expected_nanos, each.without_nanos, each.actual_nanos, each.promised_nanos, each.realised_nanos)))
        for each in ledger.months
    ]  # fmt: skip


def bridge_rows(found: LedgerMonth, currency: str) -> list[tuple[str, str]]:
    """Expected → actual; the amounts add up to the nano."""
    return [(words, money(nanos, currency)) for words, nanos in bridge(found)]


def bridge(found: LedgerMonth) -> list[tuple[str, int]]:
    """Expected, what made the difference, actual; in nanos."""
    steps = [(STEP_WORDS[key], nanos) for key, nanos in found.steps.items() if nanos]
    foreseen = (
        [("Less the growth and prices that were expected", -found.foreseen_nanos)] if found.foreseen_nanos else []
    )
    levers = [
        (f"{title_of(each.lever)}: promised but not realised", each.promised_nanos - each.realised_nanos)
        for each in found.levers
    ]
    return [
        ("Expected with the plan", found.expected_nanos),
        *steps,
        *foreseen,
        *levers,
        ("Actual", found.actual_nanos),
    ]


def variance_sentence(found: LedgerMonth, currency: str) -> str:
    """What made most of the difference, in one sentence."""
    difference = found.actual_nanos - found.expected_nanos
    direction = "more" if difference > 0 else "less"
    causes = sorted(bridge(found)[1:-1], key=lambda each: -abs(each[1]))[:2]
    said = " and ".join(f"{words.lower()} ({as_decimal(nanos):+,.2f})" for words, nanos in causes)
    amount = headline_money(abs(difference), currency)
    return f"{month(found.month)} cost {amount} {direction} than expected, most of it {said}."

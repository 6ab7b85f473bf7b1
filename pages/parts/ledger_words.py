"""The words of the promise ledger: how a promise stands, and what made a month differ from what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.kind_words import kind_words
from model.money import as_decimal
from model.monthly_kinds import unit_of
from model.outcome import title_of
from pages.parts.ledger_session import savings_so_far
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
USAGE_COLUMNS: Final = (
    "Usage that the plan moves", "Approved month", "Old settings would use", "Plan would use", "Billed", "Demand",
    "Realised",
)  # fmt: skip
METHOD: Final = (
    "Realised is the month's own rows repriced at the usage that the settings of before would have needed at its "
    "demand and days. Demand is read from usage that the plan leaves alone. Delivered: nine tenths of what was "
    "possible; not seen: less than a tenth. Cannot be told: less than this method misses by in the approved months."
)
_TOLD: Final = {
    "resource": "its own", "product": "of its product", "bill": "of the whole bill", "nothing": "nothing tells it",
}  # fmt: skip


def whole_sentence(held: list[Held], currency: str) -> str:
    """What all promises saved so far."""
    found = savings_so_far(held, currency)
    if found is None:
        return "Too early to tell: no month after an approval is settled yet."
    realised, promised = (headline_money(nanos, currency) for nanos in found)
    return f"Saved {realised} so far, of {promised} promised."


def usage_rows(found: LedgerMonth, currency: str) -> list[tuple[str, ...]]:
    """Every kind of usage that the plan moves, in one month."""
    return [
        (
            f"{each.key.resource} {kind_words(each.key.kind)} ({unit_of(each.key.kind)})".strip(),
            *(f"{usage:,.0f}" for usage in (each.before, each.without, each.planned, each.actual)),
            f"× {each.demand.ratio:.3f}, {_TOLD[each.demand.told_by]}",
            money(round(each.realised_nanos), currency),
        )
        for each in found.usage
    ]


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
    until = month(ledger.months[-1].month)
    if all(each.status in ("not seen", "cannot be told") for each in ledger.levers):
        return f"Nothing of {promised} promised is seen until {until} ({realised} by this method).{end}"
    return f"Saved {realised} of {promised} promised until {until}.{end}"


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
    said = " and ".join(
        f"{words[0].lower() if words.startswith('Usage') else words[0]}{words[1:]} ({as_decimal(nanos):+,.2f})"
        for words, nanos in causes
    )
    amount = headline_money(abs(difference), currency)
    return f"{month(found.month)} cost {amount} {direction} than expected, most of it {said}."

"""The words and rows of the analysis page."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from model.budgets import WHOLE
from model.daily_costs import day_of
from model.money import as_decimal
from pages.parts import palette
from pages.parts.wording import MINUS, SYMBOLS, day, escaped, headline_money, money, month, ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from model.analysis import Basis, CostView, Grain, Part
    from model.budgets import BudgetState
    from model.levers.housekeeping_findings import Finding
    from model.month_change import MonthChange
    from model.movers import Mover
    from model.outcome import LeverOutcome
    from model.showback import Share
    from model.unit_cost import UnitCost

Rows = list[dict[str, Any]]

BASIS_TITLES: Final[dict[Basis, str]] = {
    "list": "List", "contracted": "Contracted", "billed": "Billed", "effective": "Effective",
}  # fmt: skip
BASIS_WORDS: Final[dict[Basis, str]] = {
    "list": "at list price, before credits",
    "contracted": "at your contracted on-demand prices, before credits",
    "billed": "billed",
    "effective": "effective: after credits, with the fees of commitments on the usage that they cover",
}
CREDIT_TITLES: Final = {
    "credit_free_tier_nanos": "Free tier",
    "credit_discount_nanos": "Discount",
    "credit_reseller_margin_nanos": "Reseller margin",
    "credit_subscription_benefit_nanos": "Subscription benefit",
    "credit_sustained_usage_nanos": "Sustained usage",
    "credit_promotion_nanos": "Promotion",
    "credit_resource_commitment_nanos": "Resource commitment",
    "credit_spend_commitment_nanos": "Spend commitment",
    "credit_fee_offset_nanos": "Fee offset",
    "credit_other_nanos": "Other",
}
TITLES: Final = {
    "service": "Service", "sku": "SKU", "project": "Project", "resource": "Resource", "nature": "Kind of charge",
}  # fmt: skip
UNNAMED: Final = "(none named)"
STATUS_MARKS: Final = {
    "over": f"{palette.BROKEN_MARK} over", "at risk": f"{palette.BROKEN_MARK} at risk",
    "within": f"{palette.KEPT_MARK} within", "too early": f"{palette.UNJUDGED_MARK} too early to tell",
}  # fmt: skip


def named(key: str) -> str:
    """A key for people."""
    return key or UNNAMED


def basis_words(view: CostView, credit_columns: Sequence[str]) -> str:
    """Which cost it is, in full."""
    words = BASIS_WORDS[view.basis]
    if view.basis == "billed":
        if not credit_columns:
            return f"billed; {'with' if view.with_tax else 'before'} tax"
        left_out = [CREDIT_TITLES[name] for name in credit_columns if name not in view.credits]
        if not view.credits:
            words = "billed, gross: before all credits"
        else:
            words = "billed, net of credits" + (f" except {', '.join(left_out)}" if left_out else "")
    return f"{words}; {'with' if view.with_tax else 'before'} tax"


def answer_sentence(found: MonthChange, currency: str, basis: str, *, is_partial: bool) -> str:
    """What a month cost, against the month before, and what did it."""
    whole = found.whole
    so_far, days = (" so far", "the same days of ") if is_partial else ("", "")
    first = f"{month(found.month)}{so_far} is {headline_money(whole.after_nanos, currency)} ({basis})"
    if not whole.before_nanos:
        return escaped(f"{first}; {month(found.before)} has no cost here to compare with.")
    more = "more" if whole.change_nanos >= 0 else "less"
    share = "" if found.share is None else f" ({ratio(abs(found.share))})"
    by = f"{headline_money(abs(whole.change_nanos), currency)}{share} {more}"
    told = f"usage moved it by {headline_money(whole.usage_nanos, currency)}, prices by "
    told += headline_money(whole.price_nanos, currency)
    rest = f", what has no quantity by {headline_money(whole.other_nanos, currency)}" if whole.other_nanos else ""
    mover = f" Largest change: {named(found.mover.key)}." if found.mover and found.mover.change_nanos else ""
    return escaped(f"{first}, {by} than {days}{month(found.before)}: {told}{rest}.{mover}")


def trend_rows(periods: Mapping[int, int], grain: Grain, currency: str, until_day: int, chosen: Iterable[int]) -> Rows:
    """A row a period; those that are not complete, and months outside the chosen ones, are pale."""
    months = set(chosen)
    return [_trend_row(key, nanos, grain, currency, until_day, months) for key, nanos in periods.items()]


def _trend_row(key: int, nanos: int, grain: Grain, currency: str, until_day: int, months: set[int]) -> dict[str, Any]:
    if grain == "month":
        title, words, number, last = month(key), month(key), key, ""
    else:
        first = day_of(key)
        title = first.isoformat()
        words = f"{'Week of ' if grain == 'week' else ''}{day(first)}"
        number = first.year * 100 + first.month
        last = ", not settled yet" if key + (6 if grain == "week" else 0) > until_day else ""
    return {
        "title": title, "amount": float(as_decimal(nanos)), "meaning": palette.CURRENT,
        "opacity": 1.0 if number in months and not last else 0.45, "words": f"{words}: {money(nanos, currency)}{last}.",
    }  # fmt: skip


def part_rows(parts: Sequence[Part], currency: str, most: int) -> Rows:
    """Bars of a breakdown; ``key`` is what a click chooses. What does not fit is in the table below."""
    return [
        {
            "title": named(part.key), "key": part.key, "amount": float(as_decimal(part.nanos)),
            "meaning": palette.RISK if part.nanos < 0 else palette.CURRENT,
            "label": f"{headline_money(part.nanos, currency)} · {ratio(part.share)}",
            "words": f"{named(part.key)}: {money(part.nanos, currency)}, {ratio(part.share)}.",
        }
        for part in parts[:most]
    ]  # fmt: skip


def part_table(parts: Sequence[Part], title: str) -> Rows:
    """The whole breakdown."""
    return [
        {title: named(part.key), "Cost": float(as_decimal(part.nanos)), "Share": ratio(part.share)} for part in parts
    ]


def mover_table(found: Sequence[Mover], title: str, before: int, after: int) -> Rows:
    """Each key's change with its causes."""
    return [
        {
            title: named(each.key),
            month(before): float(as_decimal(each.before_nanos)),
            month(after): float(as_decimal(each.after_nanos)),
            "Change": float(as_decimal(each.change_nanos)),
            "Quantity": float(as_decimal(each.quantity_nanos)),
            "Price": float(as_decimal(each.price_nanos)),
            "Mix": float(as_decimal(each.mix_nanos)),
            "New": float(as_decimal(each.new_nanos)),
            "Gone": float(as_decimal(each.gone_nanos)),
            "No quantity": float(as_decimal(each.other_nanos)),
        }
        for each in found
    ]


def mover_rows(found: Sequence[Mover], currency: str, most: int) -> Rows:
    """Bars of change, the largest first."""
    return [
        {
            "title": named(each.key), "key": each.key, "amount": float(as_decimal(each.change_nanos)),
            "meaning": palette.RISK if each.change_nanos > 0 else palette.USAGE,
            "label": headline_money(each.change_nanos, currency),
            "words": f"{named(each.key)}: {money(each.change_nanos, currency)}, of it usage "
            f"{money(each.usage_nanos, currency)}, price {money(each.price_nanos, currency)}.",
        }
        for each in found[:most]
        if each.change_nanos
    ]  # fmt: skip


def unit_cost_rows(found: Sequence[UnitCost], currency: str) -> Rows:
    """Cost a unit by month."""
    return [
        {
            "Month": month(each.month), "Counted": each.driver, "Quantity": f"{each.quantity:,.0f}",
            "Cost": float(as_decimal(each.cost_nanos)), "Cost each": each_words(each.cost_each, currency),
        }
        for each in found
    ]  # fmt: skip


def each_words(amount: float | None, currency: str) -> str:
    """A unit cost with three significant digits; — where nothing was counted."""
    if amount is None:
        return "—"
    symbol = SYMBOLS.get(currency, f"{currency} ")
    text = f"{abs(amount):,.2f}" if abs(amount) >= 1 or not amount else f"{Decimal(f'{abs(amount):.3g}'):f}"
    return f"{MINUS if amount < 0 else ''}{symbol}{text}"


def budget_rows(found: Sequence[BudgetState], currency: str) -> list[list[str]]:
    """Budgets with what is spent, what is expected and the status."""
    return [
        [
            "Whole bill" if each.budget.scope == WHOLE else f"{TITLES[each.budget.scope]} {each.budget.name}",
            money(each.budget.amount_nanos, currency),
            money(each.spent_nanos, currency),
            ratio(each.spent_share),
            "not told yet" if each.expected_nanos is None else money(each.expected_nanos, currency),
            STATUS_MARKS[each.status],
        ]
        for each in found
    ]


def share_table(found: Sequence[Share], title: str) -> Rows:
    """Who bears what."""
    return [
        {
            title: named(each.name), "Direct": float(as_decimal(each.direct_nanos)),
            "Shared": float(as_decimal(each.shared_nanos)), "Total": float(as_decimal(each.total_nanos)),
            "Saved by credits and commitments": float(as_decimal(each.saved_nanos)),
        }
        for each in found
    ]  # fmt: skip


def finding_rows(found: Sequence[Finding], month_count: int, currency: str) -> list[list[str]]:
    """Recommendations of housekeeping; of an exclusive group the best one counts."""
    return [
        [
            each.title,
            "—" if each.saving_nanos is None else money(each.saving_nanos // month_count, currency),
            "no outlay: not applicable" if each.counts else each.note or "does not count",
            each.effort, each.risk, each.action,
        ]
        for each in found
    ]  # fmt: skip


MOVER_RULE: Final = (
    "Quantity: more or less of the same, at the old price. Mix: a move to dearer or cheaper things. Price: the new "
    "price on the new quantity. New and gone: in one of the two months only. No quantity: tax, fees, refunds. "
    "Months differ in length: that is part of quantity."
)
NO_DRIVERS: Final = (
    "Nothing is counted yet, so no unit has a cost. Give a table of what the business did each month, as CSV: "
    "`month,driver,quantity`, for example `2026-01,requests,1200000`."
)


def split_sentence(whole: Mover, currency: str) -> str:
    """Usage against price, in one sentence."""
    return (
        f"The change is {money(whole.change_nanos, currency)}: usage {money(whole.usage_nanos, currency)}, price "
        f"{money(whole.price_nanos, currency)}, what has no quantity {money(whole.other_nanos, currency)}."
    )


def cash_rows(pairs: Mapping[int, tuple[int, int]]) -> Rows:
    """Months with cash and accrual."""
    return [
        {
            "Month": month(number), "Cash": float(as_decimal(cash)), "Accrual": float(as_decimal(accrual)),
            "Cash less accrual": float(as_decimal(cash - accrual)),
        }
        for number, (cash, accrual) in pairs.items()
    ]  # fmt: skip


def lever_rows(levers: Sequence[LeverOutcome], interaction_nanos: int, month_count: int) -> Rows:
    """What each lever saves a month alone and after those before it; the last column is what the plan saves."""
    return [
        {
            "Lever": each.title, "Alone": float(as_decimal(each.alone_nanos // month_count)),
            "After those before it": float(as_decimal(each.in_sequence_nanos // month_count)),
        }
        for each in levers
    ] + [
        {
            "Lever": "Interaction", "Alone": float(as_decimal(interaction_nanos // month_count)),
            "After those before it": 0.0,
        }
    ]  # fmt: skip

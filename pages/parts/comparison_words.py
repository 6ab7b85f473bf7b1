"""Scenarios side by side in words: the answer, and one table of what they cost, save, break, are worth and set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.answer import answer
from model.cents import rounded_parts, step_nanos
from model.compare import best, boldest, differences, lever_savings
from model.horizon import HORIZON_MONTHS
from model.money import to_nanos
from model.outcome import parameters, title_of
from model.projection import figures, project
from pages.parts import palette
from pages.parts.wording import EVIDENCE_MARKS, counted, escaped, headline_money, money, quantity, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from model.answer import Answer
    from model.outcome import Outcome
    from model.parameter import Parameter
    from model.uncertainty import Quantiles, Uncertainty

NOT_MOVED = "—"


def comparison_sentence(titles: Sequence[str], outcomes: Sequence[Outcome]) -> str:
    """Which scenario saves most without breaking a limit, and which would save more at what price."""
    wise, bold = best(outcomes), boldest(outcomes)
    if bold is None:
        return "None of these saves anything on this bill."
    currency = outcomes[0].bill.currency
    if wise is None:
        return (
            f"{_saves(titles, outcomes, bold, currency)}, but **{_broken(outcomes[bold])}**; none saves without that."
        )
    words = f"{_saves(titles, outcomes, wise, currency)} and breaks no limit."
    if bold == wise:
        return words
    return f"{words} {_saves(titles, outcomes, bold, currency)}, but {_broken(outcomes[bold])}."


def comparison_rows(
    titles: Sequence[str], outcomes: Sequence[Outcome], draws: Sequence[Uncertainty] | None = None
) -> list[dict[str, str]]:
    """The table: a row per measure, a column per scenario, in Markdown; the levers add up to the saving."""
    rows = [
        *_cost_rows(outcomes), *_lever_rows(outcomes), *_limit_rows(outcomes), *_finance_rows(outcomes),
        *_draw_rows(draws or (), outcomes[0].bill.currency), *_setting_rows(outcomes),
    ]  # fmt: skip
    heads = [escaped(title) for title in titles]
    return [{"": head, **dict(zip(heads, cells, strict=True))} for head, cells in rows]


def _saves(titles: Sequence[str], outcomes: Sequence[Outcome], place: int, currency: str) -> str:
    amount = headline_money(answer(outcomes[place]).saving_per_month_nanos, currency)
    return f"**{escaped(titles[place])}** saves **{escaped(amount)} a month**"


def _broken(outcome: Outcome) -> str:
    return f"breaks {counted(len(answer(outcome).broken), 'limit', 'limits')}"


def _cost_rows(outcomes: Sequence[Outcome]) -> list[tuple[str, list[str]]]:
    currency = outcomes[0].bill.currency
    answers = [answer(outcome) for outcome in outcomes]

    def row(head: str, cell: Callable[[Answer], str]) -> tuple[str, list[str]]:
        return head, [cell(found) for found in answers]

    return [
        row("**Cost a month now**", lambda found: escaped(money(found.before_per_month_nanos, currency))),
        row("**Cost a month then**", lambda found: escaped(money(found.after_per_month_nanos, currency))),
        row("**Saves a month**", lambda found: f"**{escaped(money(found.saving_per_month_nanos, currency))}**"),
        row("Share of the bill", lambda found: ratio(found.saving_share)),
        row("Evidence", lambda found: f"{EVIDENCE_MARKS[found.evidence]} {found.evidence}"),
    ]


def _lever_rows(outcomes: Sequence[Outcome]) -> list[tuple[str, list[str]]]:
    """Rounded per scenario, so that a column adds up to its saving."""
    currency = outcomes[0].bill.currency
    table = lever_savings(outcomes)
    columns = []
    for place in range(len(outcomes)):
        moved = [row.per_month_nanos[place] for row in table]
        shown = iter(rounded_parts([nanos for nanos in moved if nanos is not None], step_nanos(currency)))
        columns.append([NOT_MOVED if nanos is None else escaped(money(next(shown), currency)) for nanos in moved])
    return [(f"by {escaped(row.title)}", [column[i] for column in columns]) for i, row in enumerate(table)]


def _limit_rows(outcomes: Sequence[Outcome]) -> list[tuple[str, list[str]]]:
    answers = [answer(outcome) for outcome in outcomes]
    verdicts = [
        f":orange[{palette.BROKEN_MARK} **{len(found.broken)} broken**]" if found.broken
        else f":green[{palette.KEPT_MARK} none broken]"
        for found in answers
    ]  # fmt: skip
    rest = [f"{len(found.kept)} kept, {len(found.unjudged)} not judged" for found in answers]
    rejected = [ratio(max((risk.rejected_share for risk in outcome.risks), default=None)) for outcome in outcomes]
    waits = [
        quantity(max((risk.p95_wait_s for risk in outcome.risks), default=None), "s") if outcome.risks else NOT_MOVED
        for outcome in outcomes
    ]
    return [
        ("**Limits**", verdicts),
        ("Other limits", rest),
        ("Most requests rejected, at the stressed demand", rejected),
        ("Longest wait of 95 % of requests", waits),
    ]


def _finance_rows(outcomes: Sequence[Outcome]) -> list[tuple[str, list[str]]]:
    """What each is worth over the next 36 months, growth, prices and costs of the change as that scenario assumes."""
    currency = outcomes[0].bill.currency
    projections = [project(outcome) for outcome in outcomes]
    found = [figures(projection) for projection in projections]
    worth = [
        f"**{escaped(money(to_nanos(each.npv), currency))}** at {quantity(ahead.rate_per_year, 'ratio')} a year"
        for each, ahead in zip(found, projections, strict=True)
    ]
    returns = [None if each.irr_annual is None else f"{ratio(each.irr_annual)} a year" for each in found]
    return [
        (f"**Net present value, {HORIZON_MONTHS} months**", worth),
        (
            "Pays back",
            [
                payback(each.payback_months) if ahead.flows.any() else NOT_MOVED
                for each, ahead in zip(found, projections, strict=True)
            ],
        ),
        ("Return on what is laid out", [ratio(each.roi) for each in found]),
        ("Internal rate of return", [each or NOT_MOVED for each in returns]),
    ]


def _draw_rows(draws: Sequence[Uncertainty], currency: str) -> list[tuple[str, list[str]]]:
    """Eight in ten drawn futures lie between the two; what is drawn is what is assumed, not what is set."""
    if not draws:
        return []
    return [
        ("Saves a month, 8 in 10 futures", [_between(each.saving_per_month, currency) for each in draws]),
        ("Worth, 8 in 10 futures", [_between(each.npv, currency) for each in draws]),
        ("Chance of a loss", [ratio(each.probability_of_loss) for each in draws]),
    ]


def _between(found: Quantiles, currency: str) -> str:
    low, high = (money(to_nanos(amount), currency) for amount in (found.p10, found.p90))
    return escaped(f"{low} to {high}")


def payback(months: float | None) -> str:
    """When the running total stays above zero.

    >>> payback(None), payback(0.0), payback(7.25)
    ('never', 'at once', 'after 7.2 months')
    """
    if months is None:
        return "never"
    return "at once" if months == 0 else f"after {months:.1f} months"


def _setting_rows(outcomes: Sequence[Outcome]) -> list[tuple[str, list[str]]]:
    found = differences(parameters(outcomes[0].bill), [outcome.scenario for outcome in outcomes])
    return [
        (
            _setting_title(each.parameter),
            [
                f"**{escaped(words)}**" if is_changed else escaped(words)
                for words, is_changed in zip(
                    (quantity(value, each.parameter.unit) for value in each.values), each.is_changed,
                    strict=True,
                )
            ],
        )
        for each in found
    ]  # fmt: skip


def _setting_title(parameter: Parameter) -> str:
    title = parameter.title.removeprefix(f"{parameter.resource}: ")
    title = title if title[1:2].isupper() else f"{title[:1].upper()}{title[1:]}"
    place = f"`{parameter.resource}`" if parameter.resource else escaped(title_of(parameter.lever))
    return f"{place} · {escaped(title)}"

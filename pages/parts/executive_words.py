"""The executive's page in words: the answer with its certainty and catch, levels, decisions, what is assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.answer import answer
from model.cents import in_steps, step_nanos
from model.money import to_nanos
from model.projection import figures, project
from model.report_assumed import assumed_values
from model.summary import decisions, levels
from pages.parts import palette
from pages.parts.outcome_words import DISRUPTIONS, broken_sentences
from pages.parts.wording import EVIDENCE_MARKS, counted, headline_money, money, month, number, quantity, ratio

if TYPE_CHECKING:
    from model.answer import Answer
    from model.finance import Figures
    from model.outcome import Outcome
    from model.projection import Projection
    from model.summary import Decision, Level
    from model.uncertainty import Uncertainty

LEVEL_TITLES: Final = {
    "current": palette.CURRENT,
    "usage": palette.USAGE,
    "commitments": palette.COMMITMENTS,
}
MOST_DECISIONS_IN_WORDS: Final = 3


@dataclass(frozen=True, eq=False)
class Brief:
    """All that the page shows of one outcome, computed once."""

    outcome: Outcome
    answer: Answer
    projection: Projection
    figures: Figures
    uncertainty: Uncertainty | None
    levels: tuple[Level, ...]
    decisions: tuple[Decision, ...]

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.outcome.bill.currency


def brief_of(outcome: Outcome, uncertainty: Uncertainty | None = None) -> Brief:
    """The page's content for an outcome; without uncertainty what is certain of it."""
    projection = project(outcome)
    return Brief(
        outcome, answer(outcome), projection, figures(projection), uncertainty, levels(projection),
        decisions(outcome, projection),
    )  # fmt: skip


def answer_sentence(brief: Brief) -> str:
    """What can be saved, by what, with which certainty, and what it risks; plain text."""
    found, currency = brief.answer, brief.currency
    saving = found.saving_per_month_nanos
    verb, more = ("saves", "") if saving >= 0 else ("costs", " more")
    share = f" ({ratio(abs(found.saving_share))})" if found.saving_share is not None else ""
    amount = f"{headline_money(abs(saving), currency)} a month{more}{share}"
    return f"This plan {verb} {amount}{_by_what(brief)}{_certainty(brief)}. {_catch(brief)}"


def _by_what(brief: Brief) -> str:
    saving = [each for each in brief.decisions if each.saving_per_month_nanos > 0]
    titles = [each.title for each in sorted(saving, key=lambda each: -each.saving_per_month_nanos)]
    if not titles:
        return ""
    shown = titles[:MOST_DECISIONS_IN_WORDS]
    rest = len(titles) - len(shown)
    listed = [*shown, counted(rest, "other lever", "other levers")] if rest else shown
    return ", by " + (" and ".join([", ".join(listed[:-1]), listed[-1]]) if len(listed) > 1 else listed[0])


def _certainty(brief: Brief) -> str:
    if brief.uncertainty is None:
        return ""
    low = to_nanos(brief.uncertainty.saving_per_month.p10)
    amount = headline_money(abs(low), brief.currency)
    if low < 0:
        return f"; one chance in ten it costs {amount} a month or more"
    mark = f"{EVIDENCE_MARKS[brief.answer.evidence]} {brief.answer.evidence}"
    return f"; nine chances in ten it is more than {amount} ({mark})"


def _catch(brief: Brief) -> str:
    broken = broken_sentences(brief.outcome.guardrails)
    if broken:
        return f"{palette.BROKEN_MARK} {counted(len(broken), 'limit breaks', 'limits break')}: {broken[0]}"
    if brief.answer.unjudged:
        count = counted(len(brief.answer.unjudged), "limit is", "limits are")
        return f"No limit breaks; {count} not judged for want of data."
    return "No limit breaks." if brief.answer.kept else "There is no limit to check."


def metrics(brief: Brief) -> list[tuple[str, str, str]]:
    """NPV, IRR, payback, ROI: (label, value, what stands beside it)."""
    found = brief.figures
    rate = ratio(brief.projection.rate_per_year)
    discounted = _months(found.discounted_payback_months)
    return [
        (
            "NPV over 36 months",
            headline_money(to_nanos(found.npv), brief.currency),
            f"at {rate} a year{_spread(brief)}",
        ),
        ("IRR a year", ratio(found.irr_annual), found.irr_note or "of the flows of 36 months"),
        ("Payback", _months(found.payback_months), f"discounted: {discounted}"),
        ("ROI", "—" if found.roi is None else f"{number(found.roi)} ×", found.roi_note or "net gain ÷ outlay"),
    ]


def _spread(brief: Brief) -> str:
    if brief.uncertainty is None:
        return ""
    npv = brief.uncertainty.npv
    return "; P10 to P90 " + " to ".join(
        headline_money(to_nanos(value), brief.currency) for value in (npv.p10, npv.p90)
    )


def _months(months: float | None) -> str:
    if months is None:
        return "never"
    return "at once" if months == 0 else f"{months:.1f} months"


def level_rows(brief: Brief) -> list[tuple[str, str, str, str]]:
    """Per level: a month (mean of the first year), a year, three years; then what is saved, of what is shown above."""
    rows = [
        (LEVEL_TITLES[level.name], *_amounts(level.month_nanos, level.year_nanos, level.three_years_nanos, brief))
        for level in brief.levels
    ]
    step = step_nanos(brief.currency)
    first, last = (
        [in_steps(nanos, 1, step) for nanos in (level.month_nanos, level.year_nanos, level.three_years_nanos)]
        for level in (brief.levels[0], brief.levels[-1])
    )
    month_nanos, year_nanos, three_years_nanos = (before - after for before, after in zip(first, last, strict=True))
    saved = _amounts(month_nanos, year_nanos, three_years_nanos, brief)
    return [*rows, ("Saved", *saved)]


def _amounts(month_nanos: int, year_nanos: int, three_years_nanos: int, brief: Brief) -> tuple[str, str, str]:
    amounts = (month_nanos, year_nanos, three_years_nanos)
    first, second, third = (money(amount, brief.currency) for amount in amounts)
    return first, second, third


def decision_rows(brief: Brief) -> list[tuple[str, str, str, str, str]]:
    """What, who, by when, how hard it is, and what a month of waiting costs."""
    return [
        (
            f"{d.title}: {counted(len(d.changes), 'change', 'changes')}", d.owner,
            f"before {month(d.by_month)}", DISRUPTIONS[d.disruption],
            money(d.saving_per_month_nanos, brief.currency),
        )
        for d in brief.decisions
    ]  # fmt: skip


def assumed_rows(brief: Brief) -> list[tuple[str, str, str, str]]:
    """What the result rests on: the assumptions that move it most, then every typed one: title, value, range, from."""
    return [
        (
            each.title, quantity(each.value, each.unit),
            "—" if each.low is None else f"{quantity(each.low, each.unit)} to {quantity(each.high, each.unit)}",
            each.source,
        )
        for each in assumed_values(brief.outcome, brief.uncertainty, always=())
    ]  # fmt: skip


def uncertainty_sentence(uncertainty: Uncertainty, currency: str) -> str:
    """How the range was found, and how likely a loss is."""
    found = uncertainty
    low, high = (money(to_nanos(v), currency) for v in (found.saving_per_month.p10, found.saving_per_month.p90))
    return (
        f"From {found.draws:,} draws of the assumptions within their ranges (seed {found.seed}): the saving a month "
        f"lies between {low} and {high} in eight cases of ten; over 36 months the plan loses money in "
        f"{ratio(found.probability_of_loss) if found.probability_of_loss else 'none'} of them."
    )

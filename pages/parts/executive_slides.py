"""The executive's page as slides: the same words, figures and charts, to be edited and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports.document import Metric
from exports.pptx import Decisions, Deck, Finding, Grid, deck_pptx
from exports.pptx_charts import Column, Line, Lines, Waterfall
from model.money import to_nanos
from model.summary import likely_costs
from model.waterfall import waterfall_alone
from pages.parts import executive_words, outcome_words, palette
from pages.parts.charts import meaning_of_outcome, waterfall_rows
from pages.parts.executive_report import ASSUMED_COLUMNS, DECISION_COLUMNS
from pages.parts.wording import counted, headline_money, money, month, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.uncertainty import Uncertainty
    from pages.parts.executive_words import Brief

ROOM: Final = 10
"""Rows below each other on the second slide: decisions first, then risks beside assumptions."""
FEWEST: Final = 3


def executive_pptx(brief: Brief, uncertainty: Uncertainty) -> bytes:
    """The page as two slides."""
    return deck_pptx(executive_deck(brief, uncertainty))


def executive_deck(brief: Brief, uncertainty: Uncertainty) -> Deck:
    """What stands on the slides."""
    bill, scenario = brief.outcome.bill, brief.outcome.scenario
    demo = "Generated demo bill · " if bill.is_demo else ""
    footer = f"{demo}Cloudlever · scenario {scenario.name} · {scenario.fingerprint} · bill {bill.snapshot[:12]}"
    return Deck(_finding(brief, uncertainty), _decisions(brief, uncertainty), footer)


def _finding(brief: Brief, uncertainty: Uncertainty) -> Finding:
    notes = (executive_words.answer_sentence(brief), executive_words.uncertainty_sentence(uncertainty, brief.currency),
             brief.figures.convention, *brief.projection.notes, *uncertainty.notes, *brief.outcome.notes)  # fmt: skip
    tiles = tuple(Metric(*item) for item in executive_words.metrics(brief))
    finding, mark, catch = executive_words.answer_sentence(brief).partition(palette.BROKEN_MARK)
    return Finding(
        title=finding.strip(),
        catch=f"{mark}{catch}",
        subtitle=f"{outcome_words.basis_line(brief.outcome.bill)}.",
        tiles=(_range_tile(brief, uncertainty), *tiles),
        waterfall=_waterfall(brief),
        lines=_ahead(brief, uncertainty),
        notes=" ".join(dict.fromkeys(notes)),
    )


def _range_tile(brief: Brief, uncertainty: Uncertainty) -> Metric:
    saving = brief.answer.saving_per_month_nanos
    low, high = (headline_money(to_nanos(value), brief.currency)
                 for value in (uncertainty.saving_per_month.p10, uncertainty.saving_per_month.p90))  # fmt: skip
    return Metric("Saving a month", money(saving, brief.currency), f"P10 to P90 over 36 months: {low} to {high}")


def _waterfall(brief: Brief) -> Waterfall:
    bars = waterfall_alone(brief.outcome)
    rows = waterfall_rows(bars, brief.currency)
    columns = (
        Column(bar.title, bar.start_cents, bar.end_cents, row["label"], palette.LIGHT[row["meaning"]].removeprefix("#"))
        for bar, row in zip(bars, rows, strict=True)
    )
    count = counted(len(brief.outcome.bill.months), "month", "months")
    title = f"From the current bill to this plan, sums of {count}"
    return Waterfall(title, brief.currency, tuple(columns), " ".join(row["words"] for row in rows))


def _ahead(brief: Brief, uncertainty: Uncertainty) -> Lines:
    """Today's settings, the plan, and the plan's likely range, by month."""
    ahead, meaning = brief.projection, meaning_of_outcome(waterfall_alone(brief.outcome))
    likely = likely_costs(ahead, uncertainty)
    grey, blue = (palette.LIGHT[name].removeprefix("#") for name in (palette.CURRENT, meaning))
    lines = (
        Line(palette.CURRENT, _amounts(ahead.baseline.tolist()), grey),
        Line(meaning, _amounts(ahead.after_commitments.tolist()), blue),
        Line("P90 of the saving", _amounts(likely[:, 0].tolist()), blue, is_thin=True),
        Line("P10 of the saving", _amounts(likely[:, 1].tolist()), blue, is_thin=True),
    )
    first, last = (headline_money(to_nanos(float(line[-1])), brief.currency)
                   for line in (ahead.baseline, ahead.after_commitments))  # fmt: skip
    alt = f"In {month(ahead.months[-1])} a month costs {first} with today's settings and {last} with this plan."
    months = tuple(month(number) for number in ahead.months)
    return Lines("36 months ahead, a month", brief.currency, months, lines, alt)


def _amounts(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(value, 2) for value in values)


def _decisions(brief: Brief, uncertainty: Uncertainty) -> Decisions:
    decisions = executive_words.decision_rows(brief)
    first = counted(len(decisions), "decision", "decisions")
    assumed, risks = executive_words.assumed_rows(brief), _risks(brief)
    most = max(FEWEST, ROOM - len(decisions))
    kept = assumed[: most - 1]
    rest = "; ".join(f"{row[0]} {row[1]}" for row in assumed[len(kept) :])
    notes = [brief.figures.convention, f"Also assumed: {rest}." if rest else "", *risks[most:]]
    return Decisions(
        title=f"{first} to take, and what may go wrong",
        decisions=Grid(DECISION_COLUMNS, tuple(decisions), (4, 3, 2, 3, 3), (4,)),
        risks=(*risks[:most], *_rest(risks[most:]), _loss(uncertainty)),
        assumed=Grid(ASSUMED_COLUMNS, tuple(kept), (4, 2, 3, 4)),
        notes=" ".join(note for note in notes if note),
    )


def _risks(brief: Brief) -> list[str]:
    """Broken limits; where none is, what the levers say of their services."""
    broken = outcome_words.broken_sentences(brief.outcome.guardrails)
    return list(dict.fromkeys(broken or [risk.sentence for risk in brief.outcome.risks]))


def _rest(left_out: Sequence[str]) -> list[str]:
    return [f"And {counted(len(left_out), 'other', 'others')}, in the notes."] if left_out else []


def _loss(uncertainty: Uncertainty) -> str:
    share = ratio(uncertainty.probability_of_loss) if uncertainty.probability_of_loss else "none"
    return f"Over 36 months the plan loses money in {share} of the draws."

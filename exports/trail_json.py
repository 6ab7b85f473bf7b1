"""A trail as the JSON document of ``cli.py explain``: money as decimal text of scale 9, ratios 0..1."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from model.money import as_text
from model.plan import BASIS

if TYPE_CHECKING:
    from model.answer import Origin
    from model.explain import BilledLine, Trail
    from model.outcome import Outcome


def trail_document(trail: Trail, outcome: Outcome) -> dict[str, Any]:
    """Formula, amounts, parts that add up, inputs, prices, and how the billing rows are found."""
    return {
        "version": 1,
        "fingerprint": outcome.scenario.fingerprint,
        "snapshot": outcome.bill.snapshot,
        "months": [str(month) for month in outcome.bill.months],
        "currency": outcome.bill.currency,
        "basis": BASIS,
        "figure": trail.figure.text,
        "title": trail.title,
        "evidence": trail.evidence,
        "formula": trail.formula,
        "before": as_text(trail.before_nanos),
        "change_formula": trail.change_formula,
        "change": as_text(trail.change_nanos),
        "after": as_text(trail.after_nanos),
        "saves_alone": None if trail.alone_nanos is None else as_text(trail.alone_nanos),
        "parts": [_part(part) for part in trail.parts],
        "lines": [_line(line) for line in trail.lines],
        "inputs": [asdict(each) for each in trail.inputs],
        "prices": [asdict(price) for price in trail.prices],
        "row_filters": [{column: list(values) for column, values in each.items()} for each in trail.rows],
    }


def _part(part: Origin) -> dict[str, Any]:
    document = asdict(part)
    change = document.pop("change_nanos")
    return {**document, "change": as_text(change)}


def _line(line: BilledLine) -> dict[str, Any]:
    document = asdict(line)
    amount = document.pop("nanos")
    return {**document, "amount": as_text(amount)}

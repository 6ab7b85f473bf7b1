"""What a trail names beside its rows: the values that the levers read, and the prices that changes were priced at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model import horizon
from model.monthly_kinds import unit_of
from model.outcome import parameters
from model.prices import FROM_ROWS, unit_price

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from model.answer import Origin
    from model.bill import Bill
    from model.outcome import Outcome
    from model.parameter import Chosen, Evidence, Kind, Parameter, Value
    from model.repricing import Delta

DEMAND_LEVERS: Final = ("queries", "cache", "firestore")
"""What they change travels to other levers as ``Effects``."""


@dataclass(frozen=True)
class Input:
    """One value that the figure rests on: what it is today, what is in force, and where that comes from."""

    key: str
    title: str
    kind: Kind
    unit: str
    current: Value
    value: Value
    low: float | None
    high: float | None
    is_changed: bool
    evidence: Evidence
    source: str


@dataclass(frozen=True)
class PriceUsed:
    """A price that changes were priced at: per unit of the usage kind in the bill's currency, and its dated source.

    ``per_unit`` None: the source alone is known (a size class of the book, a commitment's discount).
    """

    kind: str
    region: str
    unit: str
    per_unit: float | None
    source: str
    evidence: Evidence


def inputs(outcome: Outcome, parts: Iterable[Origin], lever: str = "") -> tuple[Input, ...]:
    """Values of the resources that the parts move, of ``lever``, and of the demand levers; the scenario's own first.

    What nothing rests on is left out: unchanged values of other resources, and what is assumed of the future.
    """
    touched = {(part.lever, part.resource) for part in parts}
    declared = [each for each in parameters(outcome.bill) if each.lever not in horizon.TITLES]
    values = outcome.scenario.values(declared)
    acting = {lever, *(DEMAND_LEVERS if touched else ())}
    found = [
        _input(parameter, values.by_key[parameter.key])
        for parameter in declared
        if (parameter.lever, parameter.resource) in touched
        or (values.is_changed(parameter.key) and parameter.lever in acting)
    ]
    return tuple(sorted(found, key=lambda each: not each.is_changed))


def prices(bill: Bill, deltas: Sequence[Delta]) -> tuple[PriceUsed, ...]:
    """Every price behind some changes, once; the bill's own rows give their average over the window."""
    seen = dict.fromkeys(
        (delta.kind, delta.region, delta.price_source, delta.evidence) for delta in deltas if delta.costs.headline
    )
    found = (_price(bill, kind, region, source, evidence) for kind, region, source, evidence in seen)
    return tuple(dict.fromkeys(found))


def _input(parameter: Parameter, chosen: Chosen) -> Input:
    return Input(
        parameter.key, parameter.title, parameter.kind, parameter.unit, parameter.current, chosen.value,
        chosen.low, chosen.high, chosen.is_changed, chosen.evidence, chosen.source,
    )  # fmt: skip


def _price(bill: Bill, kind: str, region: str, source: str, evidence: Evidence) -> PriceUsed:
    unit = unit_of(kind)
    price = unit_price(bill, kind, region) if unit else None
    if price is None or (price.source != source and not price.source.startswith(FROM_ROWS)):
        return PriceUsed(kind, region, unit, None, source, evidence)
    return PriceUsed(kind, region, unit, price.on_demand, price.source, price.evidence)

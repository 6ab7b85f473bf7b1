"""What a plan rests on: the assumptions that move it most, those that a person typed, and those of time and money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model import horizon
from model.outcome import parameters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.outcome import Outcome
    from model.parameter import Evidence, Value
    from model.uncertainty import Uncertainty

MOST_DRAWN: Final = 6
ALWAYS: Final = (horizon.GROWTH, horizon.PRICE_CHANGE, horizon.DISCOUNT_RATE, horizon.ONE_OFF_COST,
                 horizon.RECURRING_COST)  # fmt: skip
"""Every plan rests on these."""


@dataclass(frozen=True)
class AssumedValue:
    """One assumption in force: its value with range (None: none is drawn), where it comes from, and how much it moves.

    ``npv_low`` and ``npv_high``: present value in currency units at either end of the range, None where not drawn.
    """

    key: str
    title: str
    value: Value
    low: float | None
    high: float | None
    unit: str
    source: str
    evidence: Evidence
    npv_low: float | None
    npv_high: float | None


def assumed_values(
    outcome: Outcome, uncertainty: Uncertainty | None, always: Iterable[str] = ALWAYS
) -> tuple[AssumedValue, ...]:
    """The widest of what was drawn first, then what the scenario types, then the keys that are told always."""
    declared = {parameter.key: parameter for parameter in parameters(outcome.bill)}
    values = outcome.scenario.values(declared.values())
    bars = {bar.key: bar for bar in uncertainty.tornado} if uncertainty is not None else {}
    typed = [key for key, chosen in values.by_key.items() if chosen.is_changed and declared[key].kind == "assumption"]
    found = []
    for key in dict.fromkeys([*list(bars)[:MOST_DRAWN], *typed, *always]):
        if key not in declared:
            continue
        chosen, bar = values.by_key[key], bars.get(key)
        found.append(
            AssumedValue(
                key, titled(key, declared[key].title), chosen.value, chosen.low, chosen.high, declared[key].unit,
                chosen.source, chosen.evidence, None if bar is None else bar.npv_low,
                None if bar is None else bar.npv_high,
            )
        )  # fmt: skip
    return tuple(found)


def titled(key: str, title: str) -> str:
    """An assumption's title with the resource that it is of.

    >>> titled("cloud_run.api.startup_s", "Start-up"), titled("growth.usage_per_year", "Usage growth a year")
    ('api: Start-up', 'Usage growth a year')
    >>> titled("housekeeping.log_exclusion.addressable_share", "Fewer logs: share of the rows")
    'Fewer logs: share of the rows'
    """
    resource = key.partition(".")[2].rpartition(".")[0]
    return title if not resource or ": " in title else f"{resource}: {title}"

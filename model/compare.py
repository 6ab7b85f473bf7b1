"""Scenarios side by side on one bill: which settings differ, what each lever saves a month, which one is best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.answer import answer
from model.cents import rounded_parts, step_nanos

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from model.outcome import Outcome
    from model.parameter import Parameter, Value
    from model.scenario import Scenario


@dataclass(frozen=True)
class Difference:
    """A parameter that is not the same everywhere: its value per scenario, and where that is not today's."""

    parameter: Parameter
    values: tuple[Value, ...]
    is_changed: tuple[bool, ...]


@dataclass(frozen=True)
class LeverSavings:
    """What one lever saves a month in each scenario (nanos, in causal order); None where it is not moved."""

    lever: str
    title: str
    per_month_nanos: tuple[int | None, ...]


def differences(parameters: Iterable[Parameter], scenarios: Sequence[Scenario]) -> tuple[Difference, ...]:
    """The parameters whose value differs between the scenarios, or from today's where there is one scenario only."""
    declared = tuple(parameters)
    values = [scenario.values(declared) for scenario in scenarios]
    found = [
        Difference(each, tuple(v.get(each.key) for v in values), tuple(v.is_changed(each.key) for v in values))
        for each in declared
    ]
    return tuple(each for each in found if len({*each.values, *([each.parameter.current] * _is_alone(scenarios))}) > 1)


def lever_savings(outcomes: Sequence[Outcome]) -> tuple[LeverSavings, ...]:
    """Per lever and scenario; in each scenario the levers add up to the saving a month, to the nano."""
    shares = [_shares(outcome) for outcome in outcomes]
    titles = {item.lever: item.title for outcome in outcomes for item in outcome.levers}
    return tuple(
        LeverSavings(lever, title, tuple(share.get(lever) for share in shares)) for lever, title in titles.items()
    )


def best(outcomes: Sequence[Outcome]) -> int | None:
    """The place of the scenario that saves most and breaks no limit; None where none saves that way."""
    found = [place for place, outcome in enumerate(outcomes) if outcome.saving_nanos > 0 and not answer(outcome).broken]
    return max(found, key=lambda place: outcomes[place].saving_nanos, default=None)


def boldest(outcomes: Sequence[Outcome]) -> int | None:
    """The place of the scenario that saves most, whatever it breaks; None where none saves."""
    found = [place for place, outcome in enumerate(outcomes) if outcome.saving_nanos > 0]
    return max(found, key=lambda place: outcomes[place].saving_nanos, default=None)


def _is_alone(scenarios: Sequence[Scenario]) -> bool:
    return len(scenarios) == 1


def _shares(outcome: Outcome) -> dict[str, int]:
    """Savings a month in sequence, in whole cents: together they are the saving of ``answer``."""
    count, step = len(outcome.bill.months), step_nanos(outcome.bill.currency)
    parts = [item.in_sequence_nanos // count for item in outcome.levers]
    shown = rounded_parts(parts, step, answer(outcome).saving_per_month_nanos)
    return {item.lever: nanos for item, nanos in zip(outcome.levers, shown, strict=True)}

"""Pricing many plans of one bill: what a lever answers is remembered by the settings that it looked at.

A lever is a function of the values in force and of the effects before it. Which setting it reads next follows from
those read so far, so its answers hang in a tree: at each knot a setting, a branch for each value that it had. A plan
that agrees with an earlier one in all that a lever read gets that lever's answer again, whatever else it moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from model import growth
from model.free_tier import free_tier_deltas
from model.lever import Effects
from model.levers import commitments
from model.levers.registry import LEVERS
from model.outcome import RATE_LEVER, parameters
from model.parameter import Chosen, Values
from model.pools import eligible_after
from model.rate_changes import headline_of
from model.repricing import Unpriced, price_new, repriced_headline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from model.bill import Bill
    from model.lever import Guardrail, Lever, LeverResult
    from model.levers.commitments import PoolPlan
    from model.parameter import Value
    from model.pools import Series
    from model.scenario import Scenario

LimitKey = tuple[str, str, str]  # lever, resource, name
MOST_ANSWERS: Final = 256
"""Answers kept of one lever; they hold usage by hour."""


@dataclass(frozen=True, eq=False)
class Quote:
    """A plan priced at one demand: change of the headline by lever (nanos over the window), limits, pools."""

    by_lever: Mapping[str, int]
    limits: Mapping[LimitKey, Guardrail]
    pools: tuple[PoolPlan, ...]

    @property
    def saving_nanos(self) -> int:
        """What the plan saves on the headline basis at this demand, against today's bill."""
        return -sum(self.by_lever.values())


class Pricing:
    """Prices plans that differ in settings only; ``quote`` gives what ``outcome.run`` gives, to the nano."""

    def __init__(self, bill: Bill) -> None:
        self._bill = bill
        self._parameters = {p.key: p for p in parameters(bill)}
        self._settings = frozenset(p.key for p in parameters(bill) if p.kind == "setting")
        self._unmoved: Mapping[str, Chosen] = {}
        self._answers: dict[tuple[str, Effects], _Answers] = {}
        self._grown: dict[float, tuple[int, Series]] = {}
        self._kept: dict[str, int] = {}

    def quote(self, scenario: Scenario, demand: float = 1.0) -> Quote:
        """The plan at ``demand``; scenarios asked of one pricing share their assumptions."""
        bill, values, effects = self._bill, self._values(scenario), Effects(demand=demand)
        answers: dict[str, _Answer] = {}
        for lever in LEVERS:
            answers[lever.key] = self._answer(lever, values, effects)
            effects = answers[lever.key].result.effects or effects
        grown, before = self._growth(demand)
        changes = [(key, change) for key, answer in answers.items() for change in answer.result.usage]
        fresh = [(key, usage) for key, answer in answers.items() for usage in answer.result.new_usage]
        pools = commitments.plan_pools(bill, values, eligible_after(bill, changes, fresh, before))
        by_lever = {key: answer.headline for key, answer in answers.items()}
        by_lever |= {growth.LEVER: grown, RATE_LEVER: sum(headline_of(pool) for pool in pools)}
        of_usage = [guardrail for answer in answers.values() for guardrail in answer.result.guardrails]
        guardrails = (*of_usage, *(guardrail for pool in pools for guardrail in pool.guardrails))
        return Quote(by_lever, {(g.lever, g.resource, g.name): g for g in guardrails}, pools)

    def _values(self, scenario: Scenario) -> Values:
        """Values in force; those of settings that the plan does not name are made once."""
        if any(key not in self._parameters for key in scenario.settings):
            return scenario.values(self._parameters.values())
        if not self._unmoved:
            self._unmoved = replace(scenario, settings={}).values(self._parameters.values()).by_key
        named = scenario.values(self._parameters[key] for key in scenario.settings)
        return Values({**self._unmoved, **named.by_key})

    def _answer(self, lever: Lever, values: Values, effects: Effects) -> _Answer:
        if self._kept.get(lever.key, 0) >= MOST_ANSWERS:
            self._answers = {key: answers for key, answers in self._answers.items() if key[0] != lever.key}
            self._kept[lever.key] = 0
        answers = self._answers.setdefault((lever.key, effects), _Answers())
        answer = answers.find(values)
        if answer is None:
            self._kept[lever.key] = self._kept.get(lever.key, 0) + 1
            answer = answers.add(values, self._settings, lambda noted: self._asked(lever, noted, effects))
        return answer

    def _asked(self, lever: Lever, values: Values, effects: Effects) -> _Answer:
        """What a lever answers, with what it does to the headline; usage that has no price is left out."""
        result, headline = lever.apply(self._bill, values, effects), 0
        for change in result.usage:
            with suppress(Unpriced):
                headline += repriced_headline(self._bill, change)
        for usage in result.new_usage:
            with suppress(Unpriced):
                headline += sum(delta.costs.headline for delta in price_new(self._bill, lever.key, usage))
        free = free_tier_deltas(self._bill, [(lever.key, change) for change in result.usage])
        return _Answer(result, headline + sum(delta.costs.headline for delta in free))

    def _growth(self, demand: float) -> tuple[int, Series]:
        """What lines that no lever owns cost more at a demand, and the pools before any lever."""
        if demand not in self._grown:
            costs = [delta.costs.headline for delta in growth.growth_deltas(self._bill, demand)]
            self._grown[demand] = sum(costs), growth.grown_pools(self._bill, demand)
        return self._grown[demand]


@dataclass(frozen=True, eq=False)
class _Answer:
    """What a lever does, and what that changes of the headline in nanos over the window, its free tier included."""

    result: LeverResult
    headline: int


@dataclass(eq=False)
class _Knot:
    """The setting that is read here, '' where the answer is known."""

    key: str = ""
    branches: dict[Chosen | None, _Knot] = field(default_factory=dict)
    answer: _Answer | None = None


class _Answers:
    """Answers of one lever to some effects."""

    def __init__(self) -> None:
        self._root = _Knot()

    def find(self, values: Values) -> _Answer | None:
        knot: _Knot | None = self._root
        while knot is not None and knot.key:
            knot = knot.branches.get(values.by_key.get(knot.key))
        return None if knot is None else knot.answer

    def add(self, values: Values, settings: frozenset[str], ask: Callable[[Values], _Answer]) -> _Answer:
        noted = _Noted(values.by_key, settings)
        answer = ask(_NotedValues(noted))
        knot = self._root
        for key in noted.read:
            knot.key = key
            knot = knot.branches.setdefault(values.by_key.get(key), _Knot())
        knot.answer = answer
        return answer


class _Noted(Mapping[str, Chosen]):
    """Values in force that note which settings are read, in the order of the first reading."""

    def __init__(self, by_key: Mapping[str, Chosen], settings: frozenset[str]) -> None:
        self._by_key = by_key
        self._settings = settings
        self.read: dict[str, None] = {}

    def __getitem__(self, key: str) -> Chosen:
        if key in self._settings:
            self.read[key] = None
        return self._by_key[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)


class _NotedValues(Values):
    """Values over noted ones: below a prefix only what stands there is read."""

    def of(self, prefix: str) -> tuple[tuple[str, Value], ...]:
        keys = [key for key in self.by_key if key.startswith(prefix + ".")]
        return tuple(sorted((key, self.by_key[key].value) for key in keys))

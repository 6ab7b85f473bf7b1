"""Which lever saves what, where and when: cells that add up to the nano, and why the parts differ from the sum.

Causal: what each lever adds after those before it in causal order. Shapley: the mean of what it adds over all orders,
φ_i = Σ_S |S|!(k − |S| − 1)!/k! · (v(S ∪ i) − v(S)), over the k levers whose settings move. Both share out the same
combined change, cell by cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING, Literal

from model.outcome import moved_levers, remembered_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from model.bill import Bill
    from model.outcome import Outcome
    from model.scenario import Scenario

Method = Literal["causal", "shapley"]
Place = tuple[str, str, str, int]  # product, project, resource, invoice month
KEYS = ("lever", "product", "project", "resource", "month")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one lever saves at one place in one invoice month, nanos on the headline basis (negative: it costs)."""

    lever: str
    product: str
    project: str
    resource: str
    month: int
    saving_nanos: int


@dataclass(frozen=True)
class Attribution:
    """The combined saving shared out; ``levers`` are the moved ones in causal order."""

    method: Method
    levers: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def saving_nanos(self) -> int:
        """The whole saving: exactly what the outcome says."""
        return sum(cell.saving_nanos for cell in self.cells)

    def by(self, *keys: str) -> dict[tuple[str | int, ...], int]:
        """Exact sums by any of lever, product, project, resource, month; raises ValueError for another key."""
        if unknown := [key for key in keys if key not in KEYS]:
            raise ValueError(f"{unknown[0]} is no key of an attribution; use {', '.join(KEYS)}.")
        sums: dict[tuple[str | int, ...], int] = {}
        for cell in self.cells:
            key = tuple(getattr(cell, name) for name in keys)
            sums[key] = sums.get(key, 0) + cell.saving_nanos
        return sums


@dataclass(frozen=True)
class PairInteraction:
    """What two levers save together beyond their savings alone; negative: they save the same money twice."""

    first: str
    second: str
    first_alone_nanos: int
    second_alone_nanos: int
    together_nanos: int

    @property
    def interaction_nanos(self) -> int:
        """Together − alone − alone."""
        return self.together_nanos - self.first_alone_nanos - self.second_alone_nanos


@dataclass(frozen=True)
class Interactions:
    """Why the sum of the levers alone differs from the whole: pairs, then what only three or more make together."""

    pairs: tuple[PairInteraction, ...]
    higher_nanos: int

    @property
    def total_nanos(self) -> int:
        """Combined − Σ alone."""
        return self.higher_nanos + sum(pair.interaction_nanos for pair in self.pairs)


def attribution(outcome: Outcome, method: Method = "causal") -> Attribution:
    """Share out an outcome's saving over its moved levers; raises ValueError for another method.

    Shapley prices every subset of the moved levers once (2^k) and shares each cell's odd nanos by largest remainder, so
    Σ levers of a cell is the cell's combined change.
    """
    if method not in ("causal", "shapley"):
        raise ValueError(f"{method} is no attribution method; use causal or shapley.")
    return _attribution(outcome.bill, outcome.scenario, method)


@lru_cache(maxsize=32)
def _attribution(bill: Bill, scenario: Scenario, method: Method) -> Attribution:
    levers = moved_levers(bill, scenario)
    share = _causal if method == "causal" else _shapley
    cells = [Cell(lever, *place, nanos) for lever, place, nanos in share(bill, scenario, levers) if nanos]
    return Attribution(method, levers, tuple(cells))


def interactions(outcome: Outcome) -> Interactions:
    """Every pair of moved levers that is more or less together than alone, the largest first."""
    bill, scenario = outcome.bill, outcome.scenario
    levers = moved_levers(bill, scenario)
    alone = {lever: _saving(bill, scenario, (lever,)) for lever in levers}
    found = [
        PairInteraction(a, b, alone[a], alone[b], _saving(bill, scenario, (a, b))) for a, b in combinations(levers, 2)
    ]
    pairs = sorted((p for p in found if p.interaction_nanos), key=lambda p: -abs(p.interaction_nanos))
    total = _saving(bill, scenario, levers) - sum(alone.values())
    return Interactions(tuple(pairs), total - sum(pair.interaction_nanos for pair in pairs))


def _saving(bill: Bill, scenario: Scenario, active: Iterable[str]) -> int:
    return sum(_places(bill, scenario, frozenset(active)).values())


@lru_cache(maxsize=1024)
def _places(bill: Bill, scenario: Scenario, active: frozenset[str]) -> Mapping[Place, int]:
    """Saving by place with some levers active; nothing at today's settings (law 1)."""
    saved: dict[Place, int] = {}
    if active:
        for delta in remembered_run(bill, scenario, active).deltas:
            place = (delta.product, delta.project, delta.resource, bill.months[delta.month_index])
            saved[place] = saved.get(place, 0) - delta.costs.headline
    return saved


def _causal(bill: Bill, scenario: Scenario, levers: tuple[str, ...]) -> Iterable[tuple[str, Place, int]]:
    before: Mapping[Place, int] = {}
    for i, lever in enumerate(levers):
        after = _places(bill, scenario, frozenset(levers[: i + 1]))
        yield from ((lever, place, after.get(place, 0) - before.get(place, 0)) for place in {**before, **after})
        before = after


def _shapley(bill: Bill, scenario: Scenario, levers: tuple[str, ...]) -> Iterable[tuple[str, Place, int]]:
    subsets = [frozenset(part) for size in range(len(levers) + 1) for part in combinations(levers, size)]
    worth = {part: _places(bill, scenario, part) for part in subsets}
    for place in dict.fromkeys(place for saved in worth.values() for place in saved):
        values = {part: saved.get(place, 0) for part, saved in worth.items()}
        for lever, nanos in zip(levers, shapley_values(levers, values), strict=True):
            yield lever, place, nanos


def shapley_values(players: tuple[str, ...], worth: Mapping[frozenset[str], int]) -> list[int]:
    """Shapley values in whole units that sum to worth(all) − worth(none), rounded by largest remainder.

    >>> shapley_values(("a", "b"), {frozenset(): 0, frozenset("a"): 6, frozenset("b"): 3, frozenset("ab"): 10})
    [7, 3]
    """
    count = len(players)
    weight = [factorial(size) * factorial(count - size - 1) for size in range(count)]
    shares = [
        sum(weight[len(part)] * (worth[part | {player}] - value) for part, value in worth.items() if player not in part)
        for player in players
    ]
    whole = factorial(count)
    floors = [share // whole for share in shares]
    missing = worth[frozenset(players)] - worth[frozenset()] - sum(floors)
    for i in sorted(range(count), key=lambda i: (-(shares[i] % whole), i))[:missing]:
        floors[i] += 1
    return floors

"""Who bears the bill: direct cost of projects, and what belongs to none shared out by a stated rule, to the nano."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from model.analysis import CostView, amounts, breakdown, sums_of
from model.money import apportion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.analysis import CostRows

Rule = Literal["by direct cost", "evenly", "kept apart"]

RULES: Final[dict[Rule, str]] = {
    "by direct cost": "What belongs to nobody follows the direct cost of each; who has none, or less, bears nothing.",
    "evenly": "What belongs to nobody is shared out in equal parts.",
    "kept apart": "What belongs to nobody stays on a line of its own.",
}
NOBODY: Final = ""


@dataclass(frozen=True)
class Share:
    """One bearer in nanos: own cost, its part of what belongs to nobody, and what discounts saved it.

    ``saved_nanos`` = contracted − effective cost of its own rows, tax left out: commitments and credits. Negative
    where fees or adjustments outweigh them.
    """

    name: str
    direct_nanos: int
    shared_nanos: int
    saved_nanos: int

    @property
    def total_nanos(self) -> int:
        """Direct + shared."""
        return self.direct_nanos + self.shared_nanos


def showback(rows: CostRows, view: CostView, by: str, rule: Rule) -> tuple[Share, ...]:
    """Shares by a text of the leaves, the largest first; Σ total is the total of the rows.

    Cost without a bearer: tax, support, unused commitment fees and whatever else the bill names none for. Fees of
    commitments that found usage stand on that usage where the effective cost is looked at. Where nobody is named,
    everything stays apart.
    """
    direct = {part.key: part.nanos for part in breakdown(rows, view, by)}
    saved = _saved(rows, by)
    return shared_out(direct, rule, saved)


def shared_out(direct: Mapping[str, int], rule: Rule, saved: Mapping[str, int] | None = None) -> tuple[Share, ...]:
    """Share the part of '' out over the others by a rule; the sum stays as it is.

    >>> [(each.name, each.total_nanos) for each in shared_out({"a": 30, "b": 10, "": 4}, "by direct cost")]
    [('a', 33), ('b', 11)]
    """
    saved = saved or {}
    names = [name for name in direct if name != NOBODY]
    weights = _weights(rule, [direct[name] for name in names])
    pool = direct.get(NOBODY, 0)
    parts = apportion(pool, weights) if any(weights) else [0] * len(names)
    found = [Share(name, direct[name], part, saved.get(name, 0)) for name, part in zip(names, parts, strict=True)]
    if NOBODY in direct and not any(weights):
        found.append(Share(NOBODY, pool, 0, saved.get(NOBODY, 0)))
    return tuple(sorted(found, key=lambda each: (each.name == NOBODY, -each.total_nanos, each.name)))


def unassigned_share(direct: Mapping[str, int]) -> float | None:
    """The share of the sum that nobody bears (0..1); None where the sum is not positive.

    >>> unassigned_share({"a": 75, "": 25}), unassigned_share({})
    (0.25, None)
    """
    whole = sum(direct.values())
    return direct.get(NOBODY, 0) / whole if whole > 0 else None


def with_untagged(by_value: Mapping[str, int], whole: int) -> dict[str, int]:
    """Cost by value of one label key with the rest of the whole under '': what carries no such label.

    >>> with_untagged({"web": 60, "": 5}, 100)
    {'web': 60, '': 40}
    """
    named = {value: nanos for value, nanos in by_value.items() if value}
    return {**named, NOBODY: whole - sum(named.values())}


def _weights(rule: Rule, direct: list[int]) -> list[float]:
    if rule == "evenly":
        return [1.0] * len(direct)
    return [float(max(nanos, 0)) for nanos in direct] if rule == "by direct cost" else []


def _saved(rows: CostRows, by: str) -> dict[str, int]:
    names, place = np.unique(rows.leaves[by], return_inverse=True)
    saved = amounts(rows, CostView("contracted", with_tax=False)) - amounts(rows, CostView("effective", with_tax=False))
    return {str(name): nanos for name, nanos in zip(names, sums_of(place[rows.leaf], saved, len(names)), strict=True)}

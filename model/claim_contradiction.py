"""One contradiction: figures of a plan that cannot all be true, with the sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from model.claims import Claim, ClaimedPlan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

RuleName = Literal[
    "total",
    "period",
    "difference",
    "percentage",
    "share",
    "count",
    "base",
    "twice",
    "payback",
    "ineligible",
    "discount",
]


@dataclass(frozen=True)
class Contradiction:
    """The claims (first the one that is wrong by it), the rule that they break, a sentence with the sums, the numbers.

    ``numbers`` has what is ``stated`` first, then what it should be by the plan's own figures or by the bill.
    """

    ids: tuple[str, ...]
    rule: RuleName
    sentence: str
    numbers: Mapping[str, Decimal]


Rule = Callable[[ClaimedPlan, Claim], Iterator[Contradiction]]


def both(first: Claim, second: Claim) -> tuple[str, ...]:
    """The ids of two claims, each once."""
    return tuple(dict.fromkeys((first.id, second.id)))

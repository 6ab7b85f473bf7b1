"""A fact: one value that bill, inventory or metrics state, with the key that scenarios use and where it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Fact:
    """One measured value; ``key`` is ``product.resource.parameter`` and ``source`` a phrase such as a file's name."""

    key: str
    value: float | str | bool
    evidence: Literal["measured"]
    source: str


def measured(key: str, value: float | str | bool, source: str) -> Fact:  # noqa: FBT001 - a fact may be a flag
    """Make a measured fact."""
    return Fact(key, value, "measured", source)

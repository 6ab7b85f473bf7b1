"""The plan: the changes that a scenario configures, with the figures it promises; all that exports read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model.lever import Guardrail, PlanChange

BASIS = "effective cost before tax, promotions and rounding"
"""What the headline figures are, everywhere."""


@dataclass(frozen=True)
class LeverSaving:
    """What one lever saves in the window, alone and in causal order, in nanos."""

    lever: str
    title: str
    alone_nanos: int
    in_sequence_nanos: int


@dataclass(frozen=True)
class Plan:
    """Changes to make, in the order to make them, and what they are expected to do over ``months`` (headline basis)."""

    scenario_name: str
    fingerprint: str
    snapshot: str
    scenario_toml: str
    currency: str
    months: tuple[int, ...]
    is_demo: bool
    baseline_nanos: int
    outcome_nanos: int
    savings: tuple[LeverSaving, ...]
    interaction_nanos: int
    changes: tuple[PlanChange, ...]
    guardrails: tuple[Guardrail, ...]
    notes: tuple[str, ...]

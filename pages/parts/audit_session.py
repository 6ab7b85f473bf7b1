"""A claims file and the bill that it is held against: over the months that the plan speaks of, if they are settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from data.bill_months import available_months
from data.sources.claims import ClaimsFile, parse_claims, read_claims
from model.claim_reading import read_plan
from model.claims import COST
from pages.parts import session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from data.workspace import Workspace
    from model.bill import Bill
    from model.claims import ClaimedPlan

EXAMPLE: Final = session.SAMPLES / "phase4_claims.toml"
"""The plan that ships as the example; nothing but this path knows it."""
MEANS: Final = (1, 12, 36)
"""Months of which a plan speaks as of today's rate, not as of certain invoices."""


def plan_of_file(path: Path) -> ClaimedPlan:
    """The plan of a claims file; raises SourceRefused, ClaimsRefused."""
    return _plan(read_claims(path))


def plan_of_bytes(content: bytes, name: str) -> ClaimedPlan:
    """The plan of an uploaded claims file; raises SourceRefused, ClaimsRefused."""
    return _plan(parse_claims(content, name))


def _plan(file: ClaimsFile) -> ClaimedPlan:
    return read_plan(file.body, file.name, file.places)


def months_spoken_of(plan: ClaimedPlan, settled: Sequence[int]) -> tuple[int, ...] | None:
    """The last settled months, as many as the plan's costs are of; None where it says none, or fewer are settled."""
    spoken = [months for claim in plan.claims.values() for kind, months in claim.amounts if kind == COST]
    most = max((months for months in spoken if months not in MEANS), default=0)
    return tuple(settled[-most:]) if 0 < most <= len(settled) else None


def bill_for(
    workspace: Workspace, plan: ClaimedPlan, months: Sequence[int] | None = None, currency: str | None = None
) -> Bill:
    """The bill to audit a plan on: in the plan's currency, over the months that it speaks of unless told otherwise."""
    wanted = currency or (plan.currency if available_months(workspace, plan.currency).settled else None)
    spoken = months or months_spoken_of(plan, available_months(workspace, wanted).settled)
    return session.load_bill(workspace, spoken, wanted)

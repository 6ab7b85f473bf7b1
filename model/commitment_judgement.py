"""What is said of one pool of commitments: the purchase that is judged and everything that was found about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.commitment_coverage import HourlyCoverage
    from model.commitment_holdings import Holding
    from model.commitment_machines import MachinePlan
    from model.commitment_pools import PoolRule
    from model.commitment_regret import RegretTable
    from model.commitment_risk import TermRisk
    from model.commitment_steps import WholePieces
    from model.commitment_terms import Terms
    from model.commitment_trend import Trend
    from model.levers.commitment_plan import PoolPlan


@dataclass(frozen=True, eq=False)
class PoolAdvice:
    """One pool: the purchase that is judged (``plan``), whether the scenario makes it, and everything about it.

    ``options`` are the highest savings at 1 and 3 years, ``risks`` judge each of them and the purchase by term.
    ``terms``, ``regret`` and ``coverage`` are None where nothing can be planned; the plan's notes say why.
    """

    rule: PoolRule | None
    plan: PoolPlan
    is_in_scenario: bool
    options: tuple[PoolPlan, ...]
    risks: Mapping[str, TermRisk]
    terms: Terms | None
    regret: RegretTable | None
    coverage: HourlyCoverage | None
    holding: Holding | None
    pieces: tuple[WholePieces, ...]
    notes: tuple[str, ...]
    machines: tuple[MachinePlan, ...] = ()
    trend: Trend | None = None

    @property
    def risk(self) -> TermRisk | None:
        """The risk of the purchase that is judged."""
        return self.risks.get(self.plan.term) if self.plan.rungs else None

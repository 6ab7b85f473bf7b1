"""Prediction against truth: the model gets a bill, an inventory and metrics; the simulation says what came true."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from data.importing import import_paths
from data.workspace import Workspace
from model.outcome import Outcome, evaluate
from model.scenario import Scenario
from model.uncertainty import uncertain
from pages.parts import session
from tests.truth.bill_files import Series, Usage, dollars, write_bill, write_inventory, write_metrics
from tests.truth.traffic import MONTH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from model.bill import Bill
    from model.lever import Risk

BILL_AIM = 0.01
SAVING_AIM = 0.10
SAVING_FLOOR = 0.005
REJECTED_AIM = 0.02
DATABASE_AIM = 0.05
DATABASE_FULL = 0.95
DELAY_AIM_S = 60.0
BAND_DRAWS = 2000
CENT = 0.01


@dataclass(frozen=True)
class TrueRisk:
    """What the simulation saw: share of requests turned away, p95 of waiting, instances started on demand a day."""

    rejected_share: float
    p95_wait_s: float
    cold_starts_per_day: float


@dataclass(frozen=True)
class TrueCase:
    """Dollars a month after a change, the risks of a service before and after it, and other limits' values after it."""

    after: float
    risks: tuple[TrueRisk, TrueRisk] | None = None
    limits: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    """What the model says: the same, and P10 to P90 of the saving where it states them."""

    after: float
    risks: tuple[TrueRisk, TrueRisk] | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    band: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """One case: dollars a month before, what came true and what was said."""

    case: str
    before: float
    true: TrueCase
    said: Said

    @property
    def saving(self) -> float:
        """True saving."""
        return self.before - self.true.after

    @property
    def predicted_saving(self) -> float:
        """Saving that the model promised."""
        return self.before - self.said.after

    @property
    def error_of_bill(self) -> float:
        """Error of the bill after the change, of the true bill after it."""
        return abs(self.said.after - self.true.after) / self.true.after

    @property
    def error_of_saving(self) -> float:
        """Error of the saving as a multiple of what the aim allows (1 or less meets it)."""
        allowed = max(SAVING_AIM * abs(self.saving), SAVING_FLOOR * self.before)
        return abs(self.predicted_saving - self.saving) / allowed

    @property
    def faults(self) -> tuple[str, ...]:
        """What misses the aim: 'bill', 'saving', 'rejected', and the risks whose direction is wrong."""
        found = ["bill"] if self.error_of_bill > BILL_AIM else []
        found += ["saving"] if self.error_of_saving > 1.0 else []
        if self.true.risks and self.said.risks:
            found += _risk_faults(self.true.risks, self.said.risks)
        for name, value in self.true.limits.items():
            if name in self.said.limits and not LIMITS[name](value, self.said.limits[name]):
                found.append(name)
        return tuple(found)

    @property
    def is_in_band(self) -> bool | None:
        """Whether the true saving lies within the model's P10 to P90, to the cent; None where it states none."""
        if self.said.band is None:
            return None
        low, high = self.said.band
        return low - CENT <= self.saving <= high + CENT

    def sentence(self) -> str:
        """One row of the table."""
        band = "" if self.is_in_band is None else (" in" if self.is_in_band else " OUT")
        risks = ""
        if self.true.risks and self.said.risks:
            risks = " | " + " ".join(
                f"{name} {getattr(self.true.risks[0], key):.{digits}f}→{getattr(self.true.risks[1], key):.{digits}f}"
                f" ({getattr(self.said.risks[0], key):.{digits}f}→{getattr(self.said.risks[1], key):.{digits}f})"
                for name, key, digits in (("rej", "rejected_share", 3), ("p95", "p95_wait_s", 1),
                                          ("cold", "cold_starts_per_day", 0))
            )  # fmt: skip
        for name, value in self.true.limits.items():
            if name in self.said.limits:
                risks += f" {name} {value:.2f} ({self.said.limits[name]:.2f})"
        return (
            f"{self.case:56s} {self.before:9.2f} {self.true.after:9.2f} {self.said.after:9.2f} "
            f"{self.said.after / self.true.after - 1:+7.2%} {self.saving:9.2f} "
            f"{self.predicted_saving:9.2f} {self.error_of_saving:6.2f}x{band} {' '.join(self.faults) or 'meets'}{risks}"
        )

    def markdown(self) -> str:
        """One row of the table in docs/methodology.md."""
        faults = f" (missed: {', '.join(self.faults)})" if self.faults else ""
        return (
            f"| {self.case} | {self.before:.2f} | {self.saving:.2f} | {self.predicted_saving:.2f} | "
            f"{self.said.after / self.true.after - 1:+.1%}{faults} |"
        )


HEADING = (
    f"{'case':56s} {'before':>9s} {'after':>9s} {'predicted':>9s} {'of bill':>7s} {'saving':>9s} {'predicted':>9s} "
    f"{'of aim':>7s} faults | risks: truth before→after (model before→after)"
)


def _risk_faults(true: tuple[TrueRisk, TrueRisk], told: tuple[TrueRisk, TrueRisk]) -> list[str]:
    found = []
    if abs(told[1].rejected_share - true[1].rejected_share) > REJECTED_AIM:
        found.append("rejected")
    for name, key, least, share in (
        ("rejected-direction", "rejected_share", 0.002, 0.0),
        ("wait-direction", "p95_wait_s", 0.2, 0.1),
        ("cold-direction", "cold_starts_per_day", 2.0, 0.1),
    ):
        before, after = (getattr(risk, key) for risk in true)
        said_before, said_after = (getattr(risk, key) for risk in told)
        moved = after - before
        if abs(moved) > max(least, share * before) and (said_after - said_before) * moved <= 0:
            found.append(name)
    return found


def _is_near_peak(true: float, told: float) -> bool:
    """Within five points, unless both say that the database is overloaded."""
    return min(true, told) >= DATABASE_FULL or abs(true - told) <= DATABASE_AIM


def _is_near_delay(true: float, told: float) -> bool:
    """Within a minute or a factor of two."""
    return abs(true - told) <= DELAY_AIM_S or true / 2 <= told <= true * 2


LIMITS: Final[dict[str, Callable[[float, float], bool]]] = {
    "peak CPU": _is_near_peak,
    "longest_delay": _is_near_delay,
}
"""The model's limits that the simulation can tell the truth of, and what is near enough; judged where both state it."""


@dataclass(frozen=True)
class Evidence:
    """All that the model may know of a world: its bill, its inventory and its metrics."""

    usages: Sequence[Usage]
    inventory: Sequence[Mapping[str, Any]]
    series: Sequence[Series]


def learned_bill(
    evidence: Evidence, folder: Path, add_more: Callable[[Workspace, Path], None] | None = None
) -> tuple[Bill, float]:
    """Import the evidence into a workspace of its own; return the model's bill and the true dollars of it."""
    folder.mkdir(parents=True, exist_ok=True)
    workspace = Workspace(folder / "workspace")
    before = dollars(write_bill(evidence.usages, folder / "before.parquet"))
    import_paths(workspace, [folder / "before.parquet"])
    session.add_inventory(workspace, write_inventory([dict(r) for r in evidence.inventory], folder / "inventory"))
    write_metrics(evidence.series, folder / "metrics.csv")
    session.add_metrics(workspace, [folder / "metrics.csv"])
    if add_more is not None:
        add_more(workspace, folder)
    bill = session.load_bill(workspace, (MONTH,))
    return bill, before


def scenario_of(settings: Mapping[str, Any], assumptions: Mapping[str, Any]) -> Scenario:
    """A scenario with these settings and assumptions."""
    scenario = Scenario("Truth")
    for key, value in settings.items():
        scenario = scenario.with_setting(key, value)
    for key, value in assumptions.items():
        scenario = scenario.with_assumption(key, value)
    return scenario


def what_the_model_says(bill: Bill, scenario: Scenario, service: str, *, with_band: bool = False) -> Said:
    """Dollars after the change on the headline basis, the risks without and with it, and the limits it is held to.

    ``with_band``: also P10 to P90 of the saving, which takes some seconds.
    """
    outcome = evaluate(bill, scenario)
    unchanged = evaluate(bill, Scenario("Today", assumptions=scenario.assumptions))
    before, after = _risk_of(unchanged, service), _risk_of(outcome, service)
    limits = {guardrail.name: guardrail.value for guardrail in outcome.guardrails if guardrail.name in LIMITS}
    return Said(
        dollars(outcome.result.total.headline),
        (before, after) if before and after else None,
        {name: value for name, value in limits.items() if value is not None},
        _band(bill, scenario) if with_band else None,
        outcome.notes,
    )


def _band(bill: Bill, scenario: Scenario) -> tuple[float, float]:
    """P10 to P90 of the saving a month when usage neither grows nor shrinks, since the truth is of the same demand."""
    still = scenario.with_assumption("growth.usage_per_year", 0.0, 0.0, 0.0)
    saving = uncertain(evaluate(bill, still), draws=BAND_DRAWS).saving_per_month
    return saving.p10, saving.p90


def _risk_of(outcome: Outcome, resource: str) -> TrueRisk | None:
    found: Risk | None = next((risk for risk in outcome.risks if risk.resource == resource), None)
    return found and TrueRisk(found.rejected_share, found.p95_wait_s, found.cold_starts_per_day)

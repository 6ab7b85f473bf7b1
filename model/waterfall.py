"""From the current bill to the outcome in bars, one per lever in causal order, adding up to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from model.money import NANOS_PER_CENT

if TYPE_CHECKING:
    from model.outcome import Outcome

BarKind = Literal["baseline", "lever", "interaction", "outcome"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar from ``start_cents`` to ``end_cents``; ``alone_cents`` is where it would end if pulled alone (levers)."""

    title: str
    kind: BarKind
    lever: str
    start_cents: int
    end_cents: int
    alone_cents: int | None = None

    @property
    def amount_cents(self) -> int:
        """End − start: negative for a saving."""
        return self.end_cents - self.start_cents


def waterfall(outcome: Outcome) -> tuple[Bar, ...]:
    """Bars baseline → each moved lever in sequence → outcome, in cents over the window, headline basis.

    Running levels are rounded, not amounts, so each bar starts where the one before ends and
    baseline + Σ levers = outcome to the cent. The distance between ``end_cents`` and ``alone_cents`` is what the lever
    shares with those before it.
    """
    level = outcome.baseline.total.headline
    bars = [Bar("Current bill", "baseline", "", 0, _cents(level))]
    for item in outcome.levers:
        after = level - item.in_sequence_nanos
        alone = _cents(level - item.alone_nanos)
        bars.append(Bar(item.title, "lever", item.lever, _cents(level), _cents(after), alone))
        level = after
    return (*bars, Bar("This scenario", "outcome", "", 0, _cents(outcome.result.total.headline)))


def waterfall_alone(outcome: Outcome) -> tuple[Bar, ...]:
    """Bars baseline → what each moved lever saves alone → interaction → outcome, in cents, headline basis.

    The interaction bar is what the levers, working together, save more (down) or less (up) than the sum of each alone;
    it is left out where a single lever is moved. Running levels are rounded, so the bars add up to the cent.
    """
    level = outcome.baseline.total.headline
    bars = [Bar("Current bill", "baseline", "", 0, _cents(level))]
    for item in outcome.levers:
        after = level - item.alone_nanos
        bars.append(Bar(item.title, "lever", item.lever, _cents(level), _cents(after)))
        level = after
    end = outcome.result.total.headline
    if len(outcome.levers) > 1:
        bars.append(Bar("Interaction", "interaction", "", _cents(level), _cents(end)))
    return (*bars, Bar("This scenario", "outcome", "", 0, _cents(end)))


def _cents(nanos: int) -> int:
    """Nearest cents, half away from zero."""
    size = (abs(nanos) + NANOS_PER_CENT // 2) // NANOS_PER_CENT
    return -size if nanos < 0 else size

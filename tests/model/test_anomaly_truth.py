"""Do the rules find what was really put into a bill? Precision and recall are printed, beside a plain z-score.

Bills are like the demo's (services, rhythms, noise with heavy tails, late rows), calm but for what is injected: spikes,
ramps, steps, a weekly pattern that begins; drops and quiet holidays besides, which must stay silent. A real alert is
one whose days meet a rise; every other one is false. The plain z-score alerts where a service's day is above mean + 3
standard deviations of the 28 days before it, with the same minimum amounts, severity and grouping.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from daily_bills import SERVICES, Anomaly, costs_of, demo_like

from model.alert_replay import LOOKS, Replay, replay
from model.alert_rules import WatchSettings
from model.anomalies import Incident, findings, grouped

NAMES = tuple(SERVICES)
FIRST_JUDGED = 60
BILLS = 12


def injected(random: np.random.Generator, dollars: np.ndarray) -> list[Anomaly]:
    """Eight things on one bill, at least 14 days apart, on services of 15 dollars a day or more."""
    kinds = ["spike", "spike_days", "step", "ramp", "weekly", "drop", "holiday", "spike"]
    random.shuffle(kinds)
    found, day = [], FIRST_JUDGED
    busy = list(random.permutation([n for n in NAMES if SERVICES[n][0] >= 15.0]))
    for number, kind in enumerate(kinds):
        if day + 21 > dollars.shape[1]:
            break
        service = busy[number % len(busy)]
        level = SERVICES[service][0]
        size = max(level * random.uniform(0.25, 1.5), 18.0)
        extra, is_rise = shape(kind, size, level), kind not in ("drop", "holiday")
        if kind == "holiday":
            found += [Anomaly(kind, name, day, -0.4 * dollars[NAMES.index(name), day : day + 1], is_rise=False)
                      for name in NAMES]  # fmt: skip
        else:
            found.append(Anomaly(kind, service, day, extra, is_rise))
        day += max(len(extra), 1) + int(random.integers(10, 14)) - (len(extra) if len(extra) > 10 else 0)
    return found


def shape(kind: str, size: float, level: float) -> np.ndarray:
    return {
        "spike": np.full(1, size),
        "spike_days": np.full(3, size),
        "step": np.full(14, size),
        "ramp": size * np.arange(1, 11) / 5.0,
        "weekly": np.where(np.arange(15) % 7 == 0, size, 0.0),
        "drop": np.full(4, -0.6 * level),
        "holiday": np.zeros(1),
    }[kind]


@dataclass
class Tally:
    """Counts over all bills."""

    met: int = 0
    missed: int = 0
    false: int = 0
    real: int = 0
    months: float = 0.0

    def add(self, incidents: list[Incident], anomalies: list[Anomaly], start: int) -> None:
        rises = [a for a in anomalies if a.is_rise]
        for incident in incidents:
            touches = any(meets(incident, a, start) for a in rises)
            self.real, self.false = self.real + touches, self.false + (not touches)
        for anomaly in rises:
            is_met = any(meets(incident, anomaly, start) for incident in incidents)
            self.met, self.missed = self.met + is_met, self.missed + (not is_met)

    @property
    def recall(self) -> float:
        return self.met / (self.met + self.missed)

    @property
    def precision(self) -> float:
        return self.real / max(1, self.real + self.false)

    @property
    def false_per_month(self) -> float:
        return self.false / self.months

    def __str__(self) -> str:
        return (f"recall {self.recall:.3f}, precision {self.precision:.3f}, "
                f"{self.false_per_month:.2f} false alarms a month over {self.months:.0f} months")  # fmt: skip


def meets(incident: Incident, anomaly: Anomaly, start: int) -> bool:
    return incident.service == anomaly.service and any(
        anomaly.first <= finding.day - start <= anomaly.last for finding in incident.findings
    )


def plain_z(replayed, rule):
    """The same replay with mean and standard deviation of the 28 days before, and z > 3."""
    cost = np.nanmax(replayed.cost, axis=0)
    usual, score = np.full(cost.shape, np.nan), np.full(cost.shape, np.nan)
    for day in range(28, cost.shape[1]):
        before = replayed.final[:, day - 28 : day] / 1e9
        usual[:, day] = before.mean(axis=1)
        score[:, day] = (cost[:, day] - usual[:, day]) / np.maximum(before.std(axis=1), 1e-9)
    plain = Replay(
        replayed.costs, replayed.series, replayed.cost, {rule.method: np.tile(usual, (LOOKS, 1, 1))},
        {rule.method: np.tile(score * 2.5 / 3.0, (LOOKS, 1, 1))}, replayed.final, replayed.hindsight,
    )  # fmt: skip
    return [i for i in grouped(plain, findings(plain, rule), WatchSettings()) if i.is_alert]


@pytest.fixture(scope="module")
def tallies():
    rule, ours, raw, plain = WatchSettings().rule("anomaly"), Tally(), Tally(), Tally()
    for seed in range(BILLS):
        made = demo_like(seed)
        made.anomalies = injected(np.random.default_rng(1000 + seed), made.dollars)
        costs = costs_of(made)
        replayed = replay(costs)
        every = grouped(replayed, findings(replayed, rule), WatchSettings())
        for tally, incidents in (
            (raw, every), (ours, [i for i in every if i.is_alert]), (plain, plain_z(replayed, rule)),
        ):  # fmt: skip
            tally.months += replayed.months
            tally.add(incidents, made.anomalies, costs.first_day)
    return ours, raw, plain


def test_alerts_find_what_was_injected_and_little_else(tallies):
    ours, raw, plain = tallies
    print(f"\nalerts (warning and above): {ours}\nwith notices: {raw}\nplain z-score: {plain}")
    assert ours.recall >= 0.9
    assert raw.recall >= ours.recall
    assert ours.false_per_month <= 1.0


def test_they_are_better_than_a_plain_z_score(tallies):
    ours, _, plain = tallies
    assert ours.recall > plain.recall
    f1 = [2 * t.recall * t.precision / (t.recall + t.precision) for t in (ours, plain)]
    assert f1[0] > f1[1]

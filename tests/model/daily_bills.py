"""Daily costs made by hand, for tests of rules and forecasts: services of the demo's sizes, rhythms and noise."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from model.daily_costs import DailyCosts, daily_costs_of, day_number

START = day_number(date(2025, 8, 4))  # a Monday
SERVICES = {  # dollars a day, weekend share, noise, growth a year, share of the month's first days that is free
    "Cloud Run": (107.0, 0.75, 0.01, 0.2, 0.0),
    "Firestore": (65.0, 0.65, 0.02, 0.2, 0.0),
    "Cloud SQL": (61.0, 1.0, 0.003, 0.1, 0.0),
    "Networking": (27.0, 0.6, 0.03, 0.15, 0.0),
    "Cloud Logging": (20.0, 0.6, 0.03, 0.1, 1.0),
    "BigQuery": (19.0, 0.5, 0.09, 0.2, 0.0),
    "Cloud Storage": (15.0, 0.9, 0.02, 0.5, 0.0),
    "Cloud Pub/Sub": (2.5, 0.6, 0.03, 0.1, 0.0),
}


@dataclass
class Anomaly:
    """Something injected: extra dollars of a service from ``first`` on (places of days), and until when it counts."""

    kind: str
    service: str
    first: int
    extra: np.ndarray
    is_rise: bool = True

    @property
    def last(self) -> int:
        return self.first + len(self.extra) - 1


@dataclass
class Made:
    """Dollars (services, days) and what was injected."""

    dollars: np.ndarray
    anomalies: list[Anomaly] = field(default_factory=list)
    lateness: tuple[float, ...] = (0.7, 0.26, 0.04)


def demo_like(seed: int, days: int = 184) -> Made:
    """A calm bill: weekly rhythm, growth, a free start of the month, noise with heavy tails (Student's t of 4)."""
    random = np.random.default_rng(seed)
    number = np.arange(days)
    weekend = (number % 7) >= 5
    of_month = np.array([date.fromordinal(date(1970, 1, 1).toordinal() + START + int(n)).day for n in number])
    rows = []
    for level, weekend_share, noise, growth, free in SERVICES.values():
        row = level * np.where(weekend, weekend_share, 1.0) * (1 + growth) ** (number / 365.25)
        row *= np.exp(noise * random.standard_t(4, days) / np.sqrt(2.0))
        row *= np.where(of_month == 1, 1.0 - free, 1.0)
        rows.append(row)
    return Made(np.stack(rows))


def costs_of(made: Made, names: tuple[str, ...] = tuple(SERVICES), group: str = "usage") -> DailyCosts:
    """Daily costs in which each day becomes known by ``lateness`` on the same day, the next, and so on."""
    dollars = made.dollars.copy()
    for anomaly in made.anomalies:
        dollars[names.index(anomaly.service), anomaly.first : anomaly.last + 1] += anomaly.extra
    nanos = np.rint(dollars * 1e9).astype(np.int64)
    day, known, service, amounts = [], [], [], []
    for place, row in enumerate(nanos):
        left = row.copy()
        for lag, share in enumerate(made.lateness):
            part = left if lag == len(made.lateness) - 1 else np.rint(row * share).astype(np.int64)
            left = left - part
            kept = part != 0
            day.append(START + np.flatnonzero(kept))
            known.append(START + np.flatnonzero(kept) + lag)
            service.append(np.full(kept.sum(), names[place], dtype=object))
            amounts.append(part[kept])
    columns = {
        "day": np.concatenate(day), "known_day": np.concatenate(known), "service": np.concatenate(service),
        "nanos": np.concatenate(amounts),
    }  # fmt: skip
    columns["cost_group"] = np.full(len(columns["day"]), group, dtype=object)
    return daily_costs_of(columns, "USD", 1.0, None)

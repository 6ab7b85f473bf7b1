"""Daily bills for forecasts: a weekly rhythm, growth, noise, a free first day of the month."""

from __future__ import annotations

from datetime import date

import numpy as np

from model.daily_costs import daily_costs_of, day_number, day_of

START = day_number(date(2025, 8, 4))


def rhythm(seed: int, days: int) -> np.ndarray:
    """Dollars by day; a longer history of the same seed begins with the shorter one."""
    random = np.random.default_rng(seed)
    number = np.arange(days)
    row = 300.0 * np.where(number % 7 >= 5, 0.7, 1.0) * np.exp(0.0006 * number) * np.exp(random.normal(0, 0.02, days))
    first = np.array([day_of(START + int(n)).day == 1 for n in number])
    return np.where(first, 0.85 * row, row)


def costs_of_days(dollars: np.ndarray, lateness: tuple[float, ...] = (1.0,)):
    """Daily costs of one service, each day becoming known in parts on the same day, the next, and so on."""
    place = np.arange(len(dollars))
    parts = [np.rint(dollars * share * 1e9).astype(np.int64) for share in lateness]
    columns = {
        "day": np.tile(START + place, len(parts)),
        "known_day": np.concatenate([START + place + lag for lag in range(len(parts))]),
        "service": np.full(len(dollars) * len(parts), "Cloud Run", dtype=object),
        "cost_group": np.full(len(dollars) * len(parts), "usage", dtype=object),
        "nanos": np.concatenate(parts),
    }
    return daily_costs_of(columns, "USD", 1.0, day_of(START + len(dollars) - 1))

"""Shapes of hourly quantities that the demo's products share: steady growth, noise, and GiB kept through a month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from data.sources.demo.calendar import calendar
from data.sources.demo.workload import SEED

if TYPE_CHECKING:
    from data.sources.demo.lines import Hourly


def gib_months(gib: Hourly) -> Hourly:
    """Return GiB-months per hour: a GiB kept through any month is one GiB-month."""
    return gib / calendar().hours_in_month


def growing(first: float, factor: float) -> Hourly:
    """Return a straight line from ``first`` to ``first × factor``."""
    return first * np.linspace(1.0, factor, len(calendar()))


def noisy(name: str, spread: float) -> Hourly:
    """Return log-normal noise of mean 1, the same for the same name."""
    draws = np.random.default_rng([SEED, *name.encode()]).standard_normal(len(calendar()))
    return np.exp(spread * draws - spread**2 / 2)

"""The cause of an incident: which SKU, project, resource or label its excess stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from model.anomalies import Incident

WEEKS: Final = 4
MOST: Final = 3
LEAST_SHARE: Final = 0.1


@dataclass(frozen=True)
class Cause:
    """A value of a dimension (sku, project, resource, label) and the part of the excess that stands on it.

    ``share`` is of the whole excess, over all SKUs; it can be above 1, with falls elsewhere. Labels overlap:
    theirs do not add up.
    """

    dimension: str
    key: str
    excess_nanos: int
    share: float


def cause_window(incident: Incident) -> tuple[int, int]:
    """First and last day that the cause is looked for in: four weeks before the incident to its end."""
    return incident.first_day - 7 * WEEKS, incident.last_day


def causes(incident: Incident, details: Mapping[str, Mapping[str, NDArray[np.generic]]]) -> list[Cause]:
    """The three largest contributors of each dimension, those with at least a tenth of the excess.

    Excess of a key = Σ over the incident's days of (its cost − the mean of its cost on the same weekday of the four
    weeks before the incident). ``details[dimension]`` has the columns key, day, nanos.
    """
    days = [finding.day for finding in incident.findings]
    excesses = {name: _excess(columns, days, incident.first_day) for name, columns in details.items()}
    whole = float(sum(excesses.get("sku", {}).values()))
    return [cause for name, found in excesses.items() for cause in _largest(name, found, whole)] if whole > 0.0 else []


def _largest(dimension: str, excess: Mapping[str, float], whole: float) -> list[Cause]:
    ordered = sorted(excess.items(), key=lambda each: (-each[1], each[0]))[:MOST]
    return [
        Cause(dimension, key, round(nanos), nanos / whole) for key, nanos in ordered if nanos >= LEAST_SHARE * whole
    ]


def _excess(columns: Mapping[str, NDArray[np.generic]], days: Sequence[int], first_day: int) -> dict[str, float]:
    keys, place = np.unique(columns["key"].astype(str), return_inverse=True)
    start = first_day - 7 * WEEKS
    table = np.zeros((len(keys), max(days) - start + 1), dtype=np.int64)
    offset = columns["day"].astype(np.int64) - start
    inside = (offset >= 0) & (offset < table.shape[1])
    np.add.at(table, (place[inside], offset[inside]), columns["nanos"].astype(np.int64)[inside])
    excess = np.zeros(len(keys))
    for day in days:
        weekday = [number - start for number in range(start, first_day) if (number - day) % 7 == 0]
        excess += table[:, day - start] - table[:, weekday].mean(axis=1)
    return {str(key): float(amount) for key, amount in zip(keys, excess, strict=True)}

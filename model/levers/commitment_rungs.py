"""Several commitments of one pool, each with its term and first month: mixes of terms and ladders of rungs.

Written ``2026-07:3y:1.8,2027-01:1y:0.5``: first month, term, on-demand cost covered per hour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.levers.commitment_plan import TERM_MONTHS
from model.scenario import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.parameter import Values

MOST_RUNGS: Final = 40
MIX, LADDER = "mix", "ladder"
_RUNG: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2]):(\w+):(\d+(?:\.\d+)?(?:e-?\d+)?)")
_FORM: Final = "write rungs as 2026-07:3y:1.8,2027-01:1y:0.5 (first month, term, on-demand cost covered per hour)"


@dataclass(frozen=True, order=True)
class PlannedRung:
    """One purchase as it is typed: first month (YYYYMM), term, on-demand units per hour that it covers."""

    start_month: int
    term: str
    covered_per_hour: float

    @property
    def months(self) -> int:
        """Length of its term."""
        return TERM_MONTHS[self.term]

    def months_ahead(self, last_month: int) -> int:
        """Whole months after the one that follows ``last_month`` (YYYYMM); negative where it began before.

        >>> PlannedRung(202701, "1y", 1.0).months_ahead(202612)
        0
        """
        return months_of(self.start_month) - months_of(last_month) - 1


def months_of(month: int) -> int:
    """Months since year 0 of a calendar month (YYYYMM)."""
    return month // 100 * 12 + month % 100 - 1


def next_month(month: int) -> int:
    """The calendar month after one, YYYYMM.

    >>> next_month(202612)
    202701
    """
    count = months_of(month) + 1
    return count // 12 * 100 + count % 12 + 1


def read_rungs(text: str, where: str = "rungs") -> tuple[PlannedRung, ...]:
    """The rungs of a text, the earliest first and the longest of those; ScenarioError says what is wrong and where.

    >>> read_rungs("2027-01:1y:0.5, 2026-07:3y:1.8")[0]
    PlannedRung(start_month=202607, term='3y', covered_per_hour=1.8)
    """
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    if len(parts) > MOST_RUNGS:
        raise ScenarioError(f"{where} holds {len(parts)} rungs; {MOST_RUNGS} are the most.")
    return ordered(_read(part, where) for part in parts)


def _read(part: str, where: str) -> PlannedRung:
    found = _RUNG.fullmatch(part)
    if found is None:
        raise ScenarioError(f"{where}: '{part}' is not a rung; {_FORM}.")
    year, month, term, covered = found.groups()
    if term not in TERM_MONTHS:
        raise ScenarioError(f"{where}: no commitment is sold for '{term}'; choose one of {', '.join(TERM_MONTHS)}.")
    if float(covered) <= 0.0:
        raise ScenarioError(f"{where}: '{part}' covers nothing; give an amount above 0 or leave it out.")
    return PlannedRung(int(year) * 100 + int(month), term, float(covered))


def ordered(rungs: Iterable[PlannedRung]) -> tuple[PlannedRung, ...]:
    """By first month, longer terms before shorter ones, the larger first."""
    return tuple(sorted(rungs, key=lambda each: (each.start_month, -each.months, -each.covered_per_hour)))


def rungs_text(rungs: Iterable[PlannedRung]) -> str:
    """The rungs as they are typed, to six digits after the point.

    >>> rungs_text(read_rungs("2027-01:1y:0.50;2026-07:3y:1.8"))
    '2026-07:3y:1.8,2027-01:1y:0.5'
    """
    return ",".join(
        f"{each.start_month // 100}-{each.start_month % 100:02d}:{each.term}:{_decimals(each.covered_per_hour)}"
        for each in ordered(rungs)
    )


def _decimals(amount: float) -> str:
    return f"{amount:.6f}".rstrip("0").rstrip(".")


def typed_rungs(values: Values, pool: str) -> tuple[PlannedRung, ...]:
    """What the scenario types for a pool; empty where nothing is typed."""
    key = f"commitments.{pool}.rungs"
    return read_rungs(values.text(key), key)


def kind_of(rungs: Iterable[PlannedRung]) -> str:
    """The term where all have one and start together, else a mix (one start) or a ladder (several)."""
    listed = tuple(rungs)
    terms, starts = {each.term for each in listed}, {each.start_month for each in listed}
    if len(starts) > 1:
        return LADDER
    return next(iter(terms)) if len(terms) == 1 else MIX

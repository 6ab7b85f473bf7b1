"""A table of cost drivers that a user gives: a CSV ``month,driver,quantity``, as 2026-01,requests,1200000."""

from __future__ import annotations

import csv
import math
import re
from typing import Final

from data.sources.refusal import SourceRefused

COLUMNS: Final = ("month", "driver", "quantity")
_MONTH: Final = re.compile(r"(\d{4})-?(0[1-9]|1[0-2])", re.ASCII)

DriverRow = tuple[int, str, float]
"""Month (202601), driver, quantity."""


def parse_drivers(text: str, where: str) -> list[DriverRow]:
    r"""Rows in order of the text; each driver stands once a month. Raises SourceRefused naming line and column.

    >>> parse_drivers("month,driver,quantity\n2026-01,users,120\n", "drivers.csv")
    [(202601, 'users', 120.0)]
    """
    lines = csv.reader(text.splitlines())
    header = [name.strip() for name in next(lines, [])]
    missing = next((name for name in COLUMNS if name not in header), None)
    if missing is not None:
        raise SourceRefused(f"{where}, line 1 has no column {missing}: the header must be {','.join(COLUMNS)}.")
    at = [header.index(name) for name in COLUMNS]
    found: dict[tuple[int, str], float] = {}
    for line, cells in enumerate(lines, start=2):
        if any(cell.strip() for cell in cells):
            month, driver, quantity = _row([cells[i].strip() if i < len(cells) else "" for i in at], where, line)
            if (month, driver) in found:
                raise SourceRefused(f"{where}, line {line}: {driver} stands twice in {month}; add the quantities up.")
            found[month, driver] = quantity
    if not found:
        raise SourceRefused(f"{where} has no drivers: write lines below the header, as 2026-01,requests,1200000.")
    return [(month, driver, quantity) for (month, driver), quantity in found.items()]


def _row(cells: list[str], where: str, line: int) -> DriverRow:
    month, driver, text = cells
    matched = _MONTH.fullmatch(month)
    if matched is None:
        raise SourceRefused(f"{where}, line {line}, column month: {month!r} is not a month such as 2026-01.")
    if not driver:
        raise SourceRefused(f"{where}, line {line}, column driver is empty: name what is counted, as requests.")
    try:
        quantity = float(text)
    except ValueError:
        quantity = math.nan
    if not (math.isfinite(quantity) and quantity >= 0):
        raise SourceRefused(
            f"{where}, line {line}, column quantity: {text!r} is not a count such as 1200000 (no separators, not "
            "negative)."
        )
    return int(matched[1] + matched[2]), driver, quantity

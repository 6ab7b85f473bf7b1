"""A table of flows that a user gives: a CSV ``month,amount``, month 0 today, the others month ends."""

from __future__ import annotations

import csv
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

COLUMNS = ("month", "amount")
LAST_MONTH = 1200


def read_flows(path: Path) -> list[float]:
    """Read a flow table; raises SourceRefused naming line and column."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceRefused(f"{path.name} cannot be read as a flow table ({error}).") from error
    return parse_flows(text, path.name)


def parse_flows(text: str, where: str) -> list[float]:
    r"""Flows from month 0 to the last one given, in any order; months that are not given are 0.

    >>> parse_flows("month,amount\n0,-100\n2,60\n", "flows.csv")
    [-100.0, 0.0, 60.0]
    """
    rows = csv.reader(text.splitlines())
    header = [name.strip() for name in next(rows, [])]
    missing = next((name for name in COLUMNS if name not in header), None)
    if missing is not None:
        raise SourceRefused(f"{where}, line 1 has no column {missing}: the header must be {','.join(COLUMNS)}.")
    at = [header.index(name) for name in COLUMNS]
    amounts: dict[int, float] = {}
    for line, month, amount in _rows(rows, at):
        number = _month(month, f"{where}, line {line}, column month")
        if number in amounts:
            raise SourceRefused(f"{where}, line {line}, column month: month {number} stands there twice; add them up.")
        amounts[number] = _amount(amount, f"{where}, line {line}, column amount")
    if not amounts:
        raise SourceRefused(f"{where} has no flows: write one line a month below the header, as 0,-1200.50.")
    return [amounts.get(month, 0.0) for month in range(max(amounts) + 1)]


def _rows(rows: Iterable[list[str]], at: list[int]) -> Iterable[tuple[int, str, str]]:
    """Line number, month and amount of every line that holds anything."""
    for line, cells in enumerate(rows, start=2):
        if any(cell.strip() for cell in cells):
            month, amount = (cells[i].strip() if i < len(cells) else "" for i in at)
            yield line, month, amount


def _month(text: str, place: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= LAST_MONTH:
        return int(text)
    raise SourceRefused(f"{place}: {text!r} is not a month from 0 (today) to {LAST_MONTH}, in whole numbers.")


def _amount(text: str, place: str) -> float:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise SourceRefused(f"{place}: {text!r} is not a number such as -1200.50 (no thousands separators).")
    return float(amount)

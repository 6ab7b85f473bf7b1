"""Amounts shown to the cent, so that what is shown under a total adds up to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.money import NANOS_PER_CENT

if TYPE_CHECKING:
    from collections.abc import Sequence


def cents(nanos: int) -> int:
    """Nearest cents, half away from zero.

    >>> cents(15_000_000), cents(-15_000_000), cents(4_999_999)
    (2, -2, 0)
    """
    size = (abs(nanos) + NANOS_PER_CENT // 2) // NANOS_PER_CENT
    return -size if nanos < 0 else size


def cents_of_parts(parts_nanos: Sequence[int], total_cents: int) -> list[int]:
    """Cents of parts that add up to ``total_cents``: floors, then the largest remainders (ties: the first).

    Only rounding is shared out: where parts and total differ by more than a cent a part, the last part takes the rest.

    >>> cents_of_parts([3_333_333, 3_333_333, 3_333_334], 1)
    [0, 0, 1]
    """
    shown = [nanos // NANOS_PER_CENT for nanos in parts_nanos]
    if not shown:
        return shown
    missing = total_cents - sum(shown)
    order = sorted(range(len(shown)), key=lambda i: (-(parts_nanos[i] % NANOS_PER_CENT), i))
    for i in order[: max(0, missing)]:
        shown[i] += 1
    shown[-1] += total_cents - sum(shown)
    return shown


def rounded_parts(parts_nanos: Sequence[int], step_nanos: int = NANOS_PER_CENT) -> list[int]:
    """Nanos of parts in whole steps that add up to their rounded sum: floors, then the largest remainders.

    >>> rounded_parts([3_333_333, 3_333_333, 3_333_334])
    [0, 0, 10000000]
    >>> rounded_parts([-15_000_000, 4_000_000])
    [-10000000, 0]
    """
    scaled = [part * NANOS_PER_CENT for part in parts_nanos]
    shown = cents_of_parts([part // step_nanos for part in scaled], cents(sum(scaled) // step_nanos))
    return [steps * step_nanos for steps in shown]


def cents_of_table(
    parts_nanos: Sequence[Sequence[int]], row_cents: Sequence[int], column_cents: Sequence[int]
) -> list[list[int]]:
    """Cents of a table's cells that add up to the cents of its rows and of its columns: floors, then what is missing.

    What is missing goes to the cells of largest remainder first; a cell lies within a cent or two of its amount. The
    margins must add up to one total, and may not lie below the floors under them.

    >>> cents_of_table([[5_000_000, 5_000_000], [5_000_000, 5_000_000]], [1, 1], [1, 1])
    [[1, 0], [0, 1]]
    """
    shown = [[nanos // NANOS_PER_CENT for nanos in row] for row in parts_nanos]
    rows = [total - sum(row) for total, row in zip(row_cents, shown, strict=True)]
    columns = [total - sum(column) for total, column in zip(column_cents, zip(*shown, strict=True), strict=True)]
    cells = [(i, j) for i, row in enumerate(parts_nanos) for j in range(len(row))]
    cells.sort(key=lambda cell: -(parts_nanos[cell[0]][cell[1]] % NANOS_PER_CENT))
    for most in (1, None):
        for i, j in cells:
            taken = min(rows[i], columns[j]) if most is None else min(rows[i], columns[j], most)
            shown[i][j] += taken
            rows[i] -= taken
            columns[j] -= taken
    return shown


def amount(whole_cents: int, currency: str) -> str:
    """Cents with thousands separators and the currency.

    >>> amount(-123456789, "USD")
    '-1,234,567.89 USD'
    """
    sign = "-" if whole_cents < 0 else ""
    return f"{sign}{abs(whole_cents) // 100:,}.{abs(whole_cents) % 100:02d} {currency}"

"""Tables of amounts to the cent that add up both ways, and amounts as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.money import NANOS_PER_CENT

if TYPE_CHECKING:
    from collections.abc import Sequence


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

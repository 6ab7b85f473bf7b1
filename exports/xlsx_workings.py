"""Sheets "Workings", "Levels" and "Curves": the months ahead step by step, and the tables that their formulas read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from xlsxwriter.utility import xl_col_to_name

from exports.xlsx_assumptions import AS_EXPORTED, GROWTH, PRICES, covered_name, ramp_names
from exports.xlsx_book import named
from model.commitment_pools import pool_title
from model.horizon import HORIZON_MONTHS
from model.outcome import RATE_LEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from exports.xlsx_book import Book, Sheet
    from exports.xlsx_future import Future, PoolFuture

    Floats = NDArray[np.float64]

LEVELS, CURVES, WORKINGS = "Levels", "Curves", "Workings"
FIRST: Final = 5
"""Row (from 1) of the first line of figures on these sheets: month 1 ahead, the first level, the first knot."""
LAST: Final = FIRST + HORIZON_MONTHS - 1
_NOTHING: Final = 1e-6


@dataclass(frozen=True)
class Columns:
    """Letters of the columns of "Workings"."""

    today: str
    savings: tuple[str, ...]
    shares: tuple[str, ...]
    pools: tuple[str, ...]
    bought_share: str
    gaps: tuple[str, ...]


def columns_of(future: Future) -> Columns:
    """Where everything stands: A–F are month, demand, prices, level, share of the way, cost today."""
    letters = iter(xl_col_to_name(i) for i in range(6, 400))
    pairs = [(next(letters), next(letters)) for _ in future.levers]
    pools = [(next(letters), next(letters)) for _ in future.pools]
    share = next(letters) if future.pools else ""
    gaps = tuple(next(letters) for _ in range(3)) if has_gaps(future) else ()
    return Columns("F", tuple(a for a, _ in pairs), tuple(b for _, b in pairs), tuple(b for _, b in pools), share, gaps)


def has_gaps(future: Future) -> bool:
    """Whether the app's figures differ from the formulas' as exported: only where demand grows."""
    gaps = (future.baseline_gap, future.usage_gap, future.commitment_gap)
    return any(float(np.abs(gap).max()) > _NOTHING for gap in gaps)


def levels_sheet(book: Book, future: Future, currency: str) -> None:
    """Cost a month by demand: a fixed amount, and what prices and demand move."""
    titles = ["Today's settings", *(f"Saving: {title}" for _, title in future.levers)]
    sheet = book.sheet(LEVELS, (26, *(18 for _ in titles)), frozen_rows=4, frozen_columns=1)
    sheet.text(0, 0, "Cost a month by level of demand", "title")
    sheet.wide(
        1, max(3, len(titles)), f"Repriced by the app, in {currency} a month at today's prices, without what does not "
        "follow prices (last row). Savings are in causal order, before commitments.",
    )  # fmt: skip
    sheet.header(3, ["Demand (1 is today's)", *titles])
    for row, (demand, amounts) in enumerate(zip(future.demand, future.variable, strict=True), 4):
        sheet.number(row, 0, float(demand))
        for column, amount in enumerate(amounts, 1):
            sheet.number(row, column, float(amount), "money")
    end = 5 + len(future.demand)
    sheet.text(end, 0, "Does not follow prices", "total")
    for column, amount in enumerate(future.fixed, 1):
        sheet.number(end, column, float(amount), "money_total")


def curves_sheet(book: Book, future: Future, currency: str) -> None:
    """What a commitment of each size covers over the window's hours, at every size at which that bends."""
    sheet = book.sheet(CURVES, [22] * max(4, 4 * len(future.pools)), frozen_rows=4, printed_rows=60)
    sheet.text(0, 0, "What commitments cover by size", "title")
    sheet.wide(
        1, 3, f"All hours of the window after the usage levers, in {currency} at today's usage and prices. Between two "
        "rows the line is straight; beyond the last all is covered.",
    )  # fmt: skip
    for first, pool in zip(range(0, 4 * len(future.pools), 4), future.pools, strict=True):
        sheet.text(2, first, pool_title(pool.plan.name), "heading")
        for column, text in enumerate(("Commit an hour", "Covered on demand", "Used of the commitment"), first):
            sheet.text(3, column, text, "head_right")
        for row, knot in enumerate(zip(*knots(pool), strict=True), 4):
            for column, amount in enumerate(knot, first):
                sheet.number(row, column, float(amount), "money_exact")


def knots(pool: PoolFuture) -> tuple[Floats, Floats, Floats]:
    """The curve's points with one row for each size."""
    curve = pool.curve
    kept = np.append(np.diff(curve.level) > 0.0, True)
    return curve.level[kept], curve.covered[kept], curve.used[kept]


def row_on_curve(pool: PoolFuture, size: float) -> int:
    """What ``curve_row`` gives: how many of the curve's points are at or below a size."""
    return int(np.searchsorted(knots(pool)[0], size, side="right"))


def commit_name(pool: str) -> str:
    """Name of the cell with what is committed per hour, in discounted units."""
    return named("commit_per_hour", pool)


def curve_at(future: Future, place: int, size: str, found: str, column: int) -> str:
    """Formula: covered (column 1) or used (2) at a size; ``found`` is the row on the curve that MATCH gives."""
    first = 4 * place
    last = FIRST + len(knots(future.pools[place])[0]) - 1
    x, y = (f"{CURVES}!${xl_col_to_name(c)}${FIRST}:${xl_col_to_name(c)}${last}" for c in (first, first + column))
    end_x, end_y = (f"{CURVES}!${xl_col_to_name(c)}${last}" for c in (first, first + column))
    slope = f"(INDEX({y},{found}+1)-INDEX({y},{found}))/(INDEX({x},{found}+1)-INDEX({x},{found}))"
    return f"IF({size}>={end_x},{end_y},INDEX({y},{found})+({size}-INDEX({x},{found}))*{slope})"


def curve_row(future: Future, place: int, size: str) -> str:
    """Formula: the row on a pool's curve at or below a size."""
    last = FIRST + len(knots(future.pools[place])[0]) - 1
    letter = xl_col_to_name(4 * place)
    return f"MATCH({size},{CURVES}!${letter}${FIRST}:${letter}${last},1)"


def workings_sheet(book: Book, future: Future, currency: str) -> None:
    """Every month ahead in steps: place between levels, cost today, each saving in full and its share by ramp."""
    where = columns_of(future)
    titles = _titles(future, where, currency)
    sheet = book.sheet(WORKINGS, (10, 12, 12, 10, 12, *(17 for _ in titles[5:])), frozen_rows=4, frozen_columns=1)
    sheet.text(0, 0, "Workings of the months ahead", "title")
    sheet.wide(1, 9, "Cost = fixed + prices × amount at that demand. Saving that counts = saving in full × share.")
    sheet.header(3, titles, numbers_from=0)
    _months(sheet, future)
    _levers(sheet, future, where)
    _commitments(sheet, future, where)
    for letter, gap in zip(where.gaps, _gaps(future), strict=False):
        for row, amount in enumerate(gap, 4):
            sheet.number(row, _index(letter), float(amount), "money")


def _titles(future: Future, where: Columns, currency: str) -> list[str]:
    titles = ["Month ahead", "Demand", "Prices", "Level", "Way to next", f"Today's settings ({currency})"]
    for _, title in future.levers:
        titles += [f"{title}: saving in full", f"{title}: share"]
    for pool in future.pools:
        name = pool_title(pool.plan.name)
        titles += [f"{name}: row of its curve", f"{name}: saving in full"]
    titles += ["Commitments: share"] if future.pools else []
    return [*titles, *("Joined months: today", "Joined months: usage", "Joined months: commitments")[: len(where.gaps)]]


def _months(sheet: Sheet, future: Future) -> None:
    ahead = future.projection
    at, weight = future.places(ahead.demand)
    last = FIRST + len(future.demand) - 1
    levels = f"{LEVELS}!$A${FIRST}:$A${last}"
    for k in range(1, HORIZON_MONTHS + 1):
        row, line = k + 3, k + 4
        sheet.number(row, 0, k, "integer")
        sheet.formula(row, 1, f"(1+{GROWTH})^(A{line}/12)", ahead.demand[k - 1], "number")
        sheet.formula(row, 2, f"(1+{PRICES})^(A{line}/12)", ahead.prices[k - 1], "number")
        found = f"MIN(IFERROR(MATCH(B{line},{levels},1),1),{len(future.demand) - 1})"
        sheet.formula(row, 3, found, int(at[k - 1]) + 1, "integer")
        below, above = f"INDEX({levels},D{line})", f"INDEX({levels},D{line}+1)"
        sheet.formula(row, 4, f"(B{line}-{below})/({above}-{below})", weight[k - 1], "number")


def _levers(sheet: Sheet, future: Future, where: Columns) -> None:
    steps = future.steps(future.projection.demand, future.projection.prices)
    for k in range(HORIZON_MONTHS):
        line = FIRST + k
        gap = f"+{AS_EXPORTED}*{where.gaps[0]}{line}" if where.gaps else ""
        sheet.formula(k + 4, 5, _joined(future, 0, line) + gap, future.projection.baseline[k])
        for i, (saving, share) in enumerate(zip(where.savings, where.shares, strict=True)):
            sheet.formula(k + 4, _index(saving), _joined(future, i + 1, line), steps[k, i + 1])
            sheet.formula(k + 4, _index(share), _share(future.levers[i][0], line), future.shares[k, i], "ratio")


def _commitments(sheet: Sheet, future: Future, where: Columns) -> None:
    scale = future.projection.demand * future.projection.prices
    for place, (pool, letter) in enumerate(zip(future.pools, where.pools, strict=True)):
        saving = pool.saving(scale, future.month_count)
        rows = np.searchsorted(knots(pool)[0], pool.plan.commit_per_hour / scale, side="right")
        found = xl_col_to_name(_index(letter) - 1)
        for k in range(HORIZON_MONTHS):
            line = FIRST + k
            size = f"({commit_name(pool.plan.name)}/(B{line}*C{line}))"
            sheet.formula(k + 4, _index(found), curve_row(future, place, size), int(rows[k]), "integer")
            covered = curve_at(future, place, size, f"{found}{line}", 1)
            fee = f"{commit_name(pool.plan.name)}*{pool.curve.hour_count}"
            sheet.formula(
                k + 4, _index(letter), f"(B{line}*C{line}*{covered}-{fee})/{future.month_count}", saving[k]
            )  # fmt: skip
    for k in range(HORIZON_MONTHS if where.bought_share else 0):
        share = _share(RATE_LEVER, FIRST + k)
        sheet.formula(k + 4, _index(where.bought_share), share, future.shares[k, -1], "ratio")


def _joined(future: Future, step: int, line: int) -> str:
    """Formula: fixed + prices × the amount between two levels."""
    letter, last = xl_col_to_name(step + 1), FIRST + len(future.demand) - 1
    amounts = f"{LEVELS}!${letter}${FIRST}:${letter}${last}"
    fixed = f"{LEVELS}!${letter}${last + 2}"
    low, high = f"INDEX({amounts},D{line})", f"INDEX({amounts},D{line}+1)"
    return f"{fixed}+C{line}*({low}*(1-E{line})+{high}*E{line})"


def _share(lever: str, line: int) -> str:
    """Formula: mean share of a lever's saving in a month, what has worked until its end less until its start."""
    return f"{_worked(lever, f'A{line}')}-{_worked(lever, f'(A{line}-1)')}"


def _worked(lever: str, until: str) -> str:
    start, months = ramp_names(lever)
    since = f"MAX({until}-{start},0)"
    return f"IF({months}<=0,{since},IF({since}<{months},{since}^2/(2*{months}),{since}-{months}/2))"


def _gaps(future: Future) -> Sequence[Floats]:
    return future.baseline_gap, future.usage_gap, future.commitment_gap


def _index(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1


def covered_to_commit(pool: PoolFuture) -> str:
    """Formula: what to commit per hour for the on-demand cost that is to be covered."""
    return f"{covered_name(pool.plan.name)}*{pool.mean_paid!r}"

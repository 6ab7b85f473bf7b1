"""Amounts shown in whole cents, or in whole units of a currency that has none, so that parts add up to their total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.money import NANOS, NANOS_PER_CENT

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_DECIMALS: Final = ("JPY", "KRW", "VND", "CLP")
"""Currencies that people write in whole units."""


def step_nanos(currency: str) -> int:
    """The smallest amount that a currency is written in, in nanos.

    >>> step_nanos("USD"), step_nanos("JPY")
    (10000000, 1000000000)
    """
    return NANOS if currency in NO_DECIMALS else NANOS_PER_CENT


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


def rounded_parts(
    parts_nanos: Sequence[int], step_nanos: int = NANOS_PER_CENT, total_nanos: int | None = None
) -> list[int]:
    """Nanos of parts in whole steps that add up to the rounded total, by default their sum: largest remainders.

    >>> rounded_parts([3_333_333, 3_333_333, 3_333_334])
    [0, 0, 10000000]
    >>> rounded_parts([-15_000_000, 4_000_000]), rounded_parts([5_000_000], total_nanos=20_000_000)
    ([-10000000, 0], [20000000])
    """
    scaled = [part * NANOS_PER_CENT for part in parts_nanos]
    total = sum(parts_nanos) if total_nanos is None else total_nanos
    shown = cents_of_parts([part // step_nanos for part in scaled], cents(total * NANOS_PER_CENT // step_nanos))
    return [steps * step_nanos for steps in shown]


def in_steps(nanos: int, count: int, step_nanos: int) -> int:
    """An amount ÷ count in whole steps, half away from zero.

    >>> in_steps(30_776_590_000_000, 3, NANOS_PER_CENT), in_steps(-15_000_000, 1, NANOS_PER_CENT)
    (10258860000000, -20000000)
    """
    size = (2 * abs(nanos) + count * step_nanos) // (2 * count * step_nanos) * step_nanos
    return -size if nanos < 0 else size

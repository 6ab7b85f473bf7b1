"""Exact money: integer nano-units (scale 9) of one currency; rounding happens once, at the end, and parts add up."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NANOS: Final = 1_000_000_000
NANOS_PER_CENT: Final = 10_000_000
SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
"""How people write a currency; others by their code."""


def exact_sum(nanos: NDArray[np.int64]) -> int:
    """Sum of int64 nanos as a Python int; never overflows (IDR, VND bills exceed int64 nanos).

    >>> exact_sum(np.array([2**62, 2**62, 2**62]))
    13835058055282163712
    """
    high, low = nanos >> 32, nanos & 0xFFFFFFFF
    return (int(high.sum()) << 32) + int(low.sum())


def to_nanos(amount: float) -> int:
    """Currency units as a float → nearest integer nanos."""
    return round(amount * NANOS)


def as_decimal(nanos: int) -> Decimal:
    """Nanos → exact decimal currency units.

    >>> as_decimal(1_500_000_000)
    Decimal('1.500000000')
    """
    return Decimal(nanos).scaleb(-9)


def as_text(nanos: int) -> str:
    """Nanos → decimal text of scale 9, as the command line's JSON carries money.

    >>> as_text(-20)
    '-0.000000020'
    """
    return f"{as_decimal(nanos):.9f}"


def apportion(total: int, weights: Sequence[float] | NDArray[np.float64]) -> list[int]:
    """Split an integer over weights so that the parts add up to it exactly (largest remainder).

    With all weights zero the whole goes to the first part. Weights may not be negative.

    >>> apportion(100, [1, 1, 1])
    [34, 33, 33]
    >>> apportion(-100, [1, 1, 1])
    [-34, -33, -33]
    """
    weight = np.asarray(weights, dtype=np.float64)
    if (weight < 0).any():
        raise ValueError("weights must not be negative")
    sign, size = (-1, -total) if total < 0 else (1, total)
    if weight.sum() == 0.0:
        return [total] + [0] * (len(weight) - 1)
    exact = [Decimal(size) * Decimal(float(part)) for part in weight / weight.sum()]
    floors = [int(part) for part in exact]
    remainders = sorted(range(len(exact)), key=lambda i: (floors[i] - exact[i], i))
    missing = size - sum(floors)
    step, order = (1, remainders) if missing >= 0 else (-1, remainders[::-1])
    every, extra = divmod(abs(missing), len(order))
    for place, i in enumerate(order):
        floors[i] += step * (every + (place < extra))
    return [sign * part for part in floors]

"""A figure as a plan prints it, and what it may mean within its last printed place: rounding is no contradiction."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Self

from model.money import SYMBOLS

if TYPE_CHECKING:
    from collections.abc import Iterable

HALF: Final = Decimal("0.5")
RATIO_SLACK: Final = Decimal("0.005")
"""Half a percentage point: who writes a share of 0.4 means 40 %, not anything from 35 % to 45 %."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A printed number with the ends of what it was rounded from: ``low`` ≤ ``value`` ≤ ``high``.

    >>> Stated.of(Decimal("33.6")).high, Stated.of(Decimal("2100"), Decimal(100)).low
    (Decimal('33.65'), Decimal('2050.0'))
    """

    low: Decimal
    value: Decimal
    high: Decimal

    @classmethod
    def of(cls, value: Decimal, rounded_to: Decimal = Decimal(0)) -> Self:
        """A number as printed: half a unit of its last place either side, or half of what the plan rounds to."""
        slack = max(_half_of_last_place(value), rounded_to * HALF)
        return cls(value - slack, value, value + slack)

    @classmethod
    def ratio(cls, value: Decimal) -> Self:
        """A share as printed, to half a percentage point at most.

        >>> Stated.ratio(Decimal("0.4")).high
        Decimal('0.405')
        """
        slack = min(_half_of_last_place(value), RATIO_SLACK)
        return cls(value - slack, value, value + slack)

    def times(self, factor: int | Decimal | Stated) -> Stated:
        """The figure over as many periods; a factor with ends (never negative) widens it."""
        by = factor if isinstance(factor, Stated) else Stated(Decimal(factor), Decimal(factor), Decimal(factor))
        ends = [end * each for end in (self.low, self.high) for each in (by.low, by.high)]
        return Stated(min(ends), self.value * by.value, max(ends))

    def minus(self, other: Stated) -> Stated:
        """What is left when ``other`` is taken away."""
        return Stated(self.low - other.high, self.value - other.value, self.high - other.low)

    def over(self, other: Stated) -> Stated | None:
        """The ratio to a positive figure; None where the other may be 0 or less."""
        if other.low <= 0:
            return None
        ends = [end / base for end in (self.low, self.high) for base in (other.low, other.high)]
        return Stated(min(ends), self.value / other.value, max(ends))

    def agrees(self, other: Stated) -> bool:
        """Whether some number would be printed as both."""
        return self.low <= other.high and other.low <= self.high

    def exceeds(self, other: Stated) -> bool:
        """Whether it is larger however both were rounded."""
        return self.low > other.high


ZERO: Final = Stated(Decimal(0), Decimal(0), Decimal(0))
ONE: Final = Stated(Decimal(1), Decimal(1), Decimal(1))


def total(figures: Iterable[Stated]) -> Stated:
    """The sum of figures, each rounded by itself."""
    added = ZERO
    for each in figures:
        added = Stated(added.low + each.low, added.value + each.value, added.high + each.high)
    return added


def money_text(amount: Decimal, currency: str) -> str:
    """An amount in a sentence: whole as it was typed, else to the cent, with a true minus.

    >>> money_text(Decimal("3310"), "USD"), money_text(Decimal("-1.005"), "CHF"), money_text(Decimal(5), "")
    ('$3,310', '−CHF 1.00', '5')
    """
    is_whole = amount == amount.to_integral_value()
    size = f"{abs(amount):,.0f}" if is_whole else f"{abs(amount):,.2f}"
    symbol = SYMBOLS.get(currency, f"{currency} " if currency else "")
    return ("\u2212" if amount < 0 else "") + symbol + size


def percent_text(share: Decimal) -> str:
    """A share in a sentence, one decimal where it has any.

    >>> percent_text(Decimal("0.40")), percent_text(Decimal("0.673")), percent_text(Decimal("-0.001"))
    ('40 %', '67.3 %', '−0.1 %')
    """
    text = f"{abs(share) * 100:.1f}".removesuffix(".0")
    return ("\u2212" if share < 0 and text != "0" else "") + f"{text} %"


def _half_of_last_place(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    return HALF.scaleb(min(exponent, 0)) if isinstance(exponent, int) else HALF

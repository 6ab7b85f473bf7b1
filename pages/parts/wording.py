"""How numbers and words are written, once: money, ratios, months, evidence."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from model.cents import NO_DECIMALS
from model.levers.commitment_plan import TERM_TITLES
from model.money import SYMBOLS, as_decimal
from model.parameter import unit_for

if TYPE_CHECKING:
    from datetime import date

    from model.parameter import Evidence, Value

MINUS = "\u2212"
UNITS = ((1e12, "tn"), (1e9, "bn"), (1e6, "M"), (1e3, "k"))
EVIDENCE_MARKS: dict[Evidence, str] = {"measured": "●", "modelled": "◐", "asserted": "○"}
_MARKDOWN = re.compile(
    r"(`[^`\n]*`)|([\\*_{}\[\]<>$~|#])|(:(?=//)|(?<=\bwww)(?=\.)|(?<=\w)@(?=\w)|:(?=[a-z+_-][\w+/-]*:))", re.IGNORECASE
)
"""Code, which stays; a sign of Markdown; where an address, a mail address or an icon would be made of plain text."""
_JOINER = "\u2060"
"""Seen by nobody: it keeps what stands around it together and apart from what it would become."""
MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def money(nanos: int, currency: str) -> str:
    """Nanos to the cent, with a true minus.

    >>> money(-1_234_560_000_000, "USD")
    '−$1,234.56'
    >>> money(5_000_000_000, "CHF")
    'CHF 5.00'
    """
    step = Decimal(1) if currency in NO_DECIMALS else Decimal("0.01")
    amount = as_decimal(abs(nanos)).quantize(step, ROUND_HALF_UP)
    return _signed(f"{amount:,}", currency, negative=nanos < 0 and amount != 0)


def amount_format(currency: str) -> str:
    """How tables print amounts of a currency: thousands separators, and cents where it has any.

    >>> amount_format("USD"), amount_format("JPY")
    ('%,.2f', '%,.0f')
    """
    return "%,.0f" if currency in NO_DECIMALS else "%,.2f"


def headline_money(nanos: int, currency: str) -> str:
    """At most three significant digits, for headlines; below one unit to the cent.

    >>> headline_money(2_412_000_000_000, "USD"), headline_money(999_960_000_000, "USD"), headline_money(0, "USD")
    ('$2.41k', '$1k', '$0')
    >>> headline_money(-152_000_000, "USD"), headline_money(370, "USD"), headline_money(10**21 * 2, "USD")
    ('−$0.15', '$0.00', '$2tn')
    """
    amount = float(as_decimal(abs(nanos)))
    rounded = float(f"{amount:.3g}")
    size, letter = next((unit for unit in UNITS if rounded >= unit[0]), (1.0, ""))
    text = f"{rounded:.2f}" if 0.0 < rounded < 1.0 else f"{rounded / size:.3g}{letter}"
    return _signed(text, currency, negative=nanos < 0 and text.strip("0.") != "")


def ratio(value: float | None) -> str:
    """A share as percent: one decimal below 10 %, none above; — where it is not applicable.

    >>> ratio(0.2412), ratio(0.0512), ratio(None), ratio(-0.3)
    ('24 %', '5.1 %', '—', '−30 %')
    """
    if value is None:
        return "—"
    percent = abs(value) * 100
    text = f"{percent:.1f}" if percent < 9.95 else f"{percent:.0f}"
    return f"{MINUS if value < 0 and float(text) else ''}{text} %"


def month(number: int) -> str:
    """202601 → Jan 2026.

    >>> month(202601)
    'Jan 2026'
    """
    return f"{MONTH_NAMES[number % 100 - 1]} {number // 100}"


def months(numbers: tuple[int, ...]) -> str:
    """A window in words.

    >>> months((202511, 202512, 202601)), months((202601,))
    ('Nov 2025 to Jan 2026', 'Jan 2026')
    """
    return month(numbers[0]) if len(numbers) == 1 else f"{month(numbers[0])} to {month(numbers[-1])}"


def day(value: date) -> str:
    """A day for people.

    >>> from datetime import date
    >>> day(date(2026, 2, 1))
    '1 Feb 2026'
    """
    return f"{value.day} {MONTH_NAMES[value.month - 1]} {value.year}"


def quantity(value: Value, unit: str) -> str:
    """A setting's value with its unit; ratios as percent, unknown said as such.

    >>> quantity(0.345, "ratio"), quantity(5.0, "instances"), quantity(None, "GiB"), quantity("request_based", "")
    ('34.5 %', '5 instances', 'not known', 'request based')
    >>> quantity("3y", ""), quantity("", "rungs")
    ('3 years', 'none')
    >>> quantity(1, "instances"), quantity(-0.1, "ratio")
    ('1 instance', '−10 %')
    """
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return TERM_TITLES.get(value, value.replace("_", " ")) or "none"
    if unit == "ratio":
        return f"{MINUS if value < 0 else ''}{abs(value) * 100:.4g} %"
    return f"{number(value)} {unit_for(value, unit)}".rstrip()


def number(value: float) -> str:
    """A plain number with thousands separators and at most four significant decimals.

    >>> number(1552.0), number(0.42000000000000004), number(-2), number(1_000_000)
    ('1,552', '0.42', '−2', '1,000,000')
    """
    is_whole = abs(value) >= 1000 or float(value).is_integer()
    text = f"{abs(value):,.0f}" if is_whole else f"{abs(value):.4g}"
    return (MINUS if value < 0 else "") + text


def escaped(text: str) -> str:
    r"""Text that Markdown shows as it is; `code` between backticks stays code.

    >>> escaped("saves $5 on main_db: see `cli.py a_b`")
    'saves \\$5 on main\\_db: see `cli.py a_b`'
    >>> escaped("https://a.b") == "https:\u2060//a.b", escaped("12:30"), escaped(":tada:") == ":\u2060tada:"
    (True, '12:30', True)
    """
    return _MARKDOWN.sub(_shown_as_it_is, text)


def _shown_as_it_is(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    return f"\\{found[2]}" if found[2] else f"{found[3]}{_JOINER}"


def counted(count: int, one: str, many: str) -> str:
    """A count with its noun.

    >>> counted(1, "limit breaks", "limits break"), counted(3, "limit breaks", "limits break")
    ('1 limit breaks', '3 limits break')
    """
    return f"{count:,} {one if count == 1 else many}"


def _signed(text: str, currency: str, *, negative: bool) -> str:
    symbol = SYMBOLS.get(currency)
    return (MINUS if negative else "") + (f"{symbol}{text}" if symbol else f"{currency} {text}")

"""Invoice totals that a user gives: a CSV ``invoice_month,currency,amount`` or typed lines of the same form."""

from __future__ import annotations

import csv
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from data.records import InvoiceTotal
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

COLUMNS = ("invoice_month", "currency", "amount")


def read_invoices(path: Path) -> list[InvoiceTotal]:
    """Read an invoice CSV; raises SourceRefused naming line and column."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceRefused(f"{path.name} cannot be read as an invoice CSV ({error}).") from error
    return parse_invoices(text, path.name)


def parse_invoices(text: str, where: str) -> list[InvoiceTotal]:
    """Parse invoice lines with their header; amounts are exact decimals, months are 202601 or 2026-01."""
    reader = csv.DictReader(text.splitlines())
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise SourceRefused(
            f"{where} has no column {missing[0]}: its header must be {','.join(COLUMNS)}, with a row per month."
        )
    return list(_totals(reader, where))


def _totals(rows: Iterable[Mapping[str, str | None]], where: str) -> Iterable[InvoiceTotal]:
    for number, row in enumerate(rows, start=2):
        place = f"{where}, line {number}"
        currency = (row["currency"] or "").strip().upper()
        if len(currency) != 3 or not currency.isalpha():
            raise SourceRefused(f"{place}: currency {row['currency']!r} is not a three-letter code such as USD.")
        yield InvoiceTotal(_month(row["invoice_month"], place), currency, _amount(row["amount"], place))


def _month(text: str | None, place: str) -> int:
    digits = (text or "").strip().replace("-", "")
    if len(digits) == 6 and digits.isdigit() and 1 <= int(digits[4:]) <= 12:
        return int(digits)
    raise SourceRefused(f"{place}: invoice_month {text!r} is not a month such as 202601.")


def _amount(text: str | None, place: str) -> Decimal:
    try:
        amount = Decimal((text or "").strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise SourceRefused(f"{place}: amount {text!r} is not a number such as 1234.56 (no thousands separators).")
    return amount

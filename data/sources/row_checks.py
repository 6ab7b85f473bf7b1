"""Why a row cannot be read: the conditions under which it goes to quarantine, as SQL over the typed fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.sources import credits as credit_sql
from data.sources.columns import literal
from data.sources.fields import NATIVE_FAMILIES
from data.sources.nested_text import is_unreadable_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.sources.fields import FoundField


@dataclass(frozen=True)
class Check:
    """A condition under which a row goes to quarantine, the column at fault and the reason, as SQL."""

    column: str
    condition: str
    reason: str


def checks_of(one: FoundField) -> Iterator[Check]:
    """A field's checks: present where required, readable, finite, and no larger than money can be."""
    if one.field.is_required:
        yield Check(one.label, f"{one.raw} IS NULL", literal(f"{one.label} is empty; a billing line needs it"))
    shown = f"'{one.label.replace(chr(39), '')} is written ''' || left(CAST({one.raw} AS VARCHAR), 80) || ''', "
    yield from _number_checks(one, shown)
    if one.field.kind == "time":
        unread = "" if one.is_native else f"{one.raw} IS NOT NULL AND {one.field.name} IS NULL OR "
        reason = f"{shown}which is not a time; write 2026-05-01T00:00:00Z'"
        yield Check(one.label, f"{unread}NOT isfinite({one.field.name})", reason)
    if one.field.kind == "month":
        is_month = f"{one.field.name} BETWEEN 190001 AND 299912 AND {one.field.name} % 100 BETWEEN 1 AND 12"
        condition = f"{one.raw} IS NOT NULL AND NOT COALESCE({is_month}, FALSE)"
        yield Check(one.label, condition, f"{shown}which is not a month; write 202605'")
    yield from _nested_checks(one)


def _number_checks(one: FoundField, shown: str) -> Iterator[Check]:
    value = one.field.name
    if one.field.kind not in ("money", "number"):
        return
    if one.type.family not in NATIVE_FAMILIES["number"]:
        reason = f"{shown}which is not a plain number; write 1234.56'"
        yield Check(one.label, f"{one.raw} IS NOT NULL AND {value} IS NULL", reason)
    if one.type.family != "exact":
        yield Check(one.label, f"NOT isfinite({value})", f"{shown}which is not a finite number'")
    if one.field.kind == "money":
        too_large = f"abs({value}) > {credit_sql.LARGEST_AMOUNT:.0f}"
        limit = f"{credit_sql.LARGEST_AMOUNT:,.0f}"
        reason = f"{shown}which is beyond any single billing line that can be held exactly (±{limit})'"
        yield Check(one.label, too_large, reason)


def _nested_checks(one: FoundField) -> Iterator[Check]:
    if one.field.kind not in ("credits", "labels"):
        return
    if not one.is_native:
        shape = "type and amount" if one.field.kind == "credits" else "key and value"
        reason = literal(f"{one.label} cannot be read; a list of objects with {shape} is expected, as JSON")
        unreadable = is_unreadable_sql(one.raw, one.json)
        if one.field.kind == "credits":
            unreadable = f"({unreadable}) OR {credit_sql.is_without_amount_sql(one.json)}"
        yield Check(one.label, unreadable, reason)
    if one.field.kind == "credits":
        amounts = credit_sql.unreadable_amounts_sql(one.field.name)
        yield Check(one.label, amounts, literal(f"{one.label} holds an amount that is not a finite number"))

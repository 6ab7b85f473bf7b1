"""What housekeeping reprices: SKUs whose usage is looked at by month. Rules are data (``monthly_kinds.toml``).

Unlike lever kinds (``sku_classes``) they are no part of what is reduced by hour, so that a bill with many of them stays
small; a workspace imported before a rule was written is read with it.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from data.sku_classes import normalise, normalise_unit

RULES_FILE: Final = Path(__file__).with_name("monthly_kinds.toml")

UNIT_OF_QUANTITY: Final[dict[str, str]] = {
    "volume": "GiB",
    "retrieval": "GiB",
    "retention": "GiB-month",
    "capacity": "GiB-month",
    "storage": "GiB-month",
    "snapshots": "GiB-month",
    "images": "GiB-month",
    "disk": "GiB-month",
    "class_a": "operation",
    "idle_address": "address-hour",
    "reserved": "address-hour",
    "versions": "version-month",
}
"""Quantity of a kind (its last part) → physical unit; the model's table of monthly kinds says the same."""


@cache
def monthly_kind(product: str, sku: str | None, pricing_units: tuple[str, ...]) -> str:
    """The monthly kind of a SKU whose rows carry these pricing units; '' where it has none, or a unit is not known.

    >>> monthly_kind("Cloud Storage", "Standard Storage US Regional", ("gibibyte month",))
    'storage.standard.capacity'
    >>> monthly_kind("Cloud Storage", "Nearline Storage Iowa (Early Delete)", ("gibibyte month",))
    ''
    """
    text = normalise(sku)
    rules = (r for r in _rules()["kind"] if product in r["products"] and r["sku"].fullmatch(text))
    kind = str(next((rule["kind"] for rule in rules), ""))
    if kind and pricing_units and all(monthly_factor(kind, unit) is not None for unit in pricing_units):
        return kind
    return ""


@cache
def monthly_factor(kind: str, pricing_unit: str | None) -> float | None:
    """Factor: usage in pricing units × factor = usage in the kind's physical unit; None where the unit is not known.

    >>> monthly_factor("storage.standard.capacity", "gibibyte month"), monthly_factor("logging.volume", "hour")
    (1.0, None)
    """
    found = _rules()["unit"].get(unit_of_monthly_kind(kind), {}).get(normalise_unit(pricing_unit))
    return None if found is None else float(found)


def unit_of_monthly_kind(kind: str) -> str:
    """The physical unit of a monthly kind."""
    return UNIT_OF_QUANTITY[kind.rpartition(".")[2]]


@cache
def _rules() -> dict[str, Any]:
    rules = tomllib.loads(RULES_FILE.read_text(encoding="utf-8"))
    return rules | {"kind": [rule | {"sku": re.compile(rule["sku"])} for rule in rules["kind"]]}


MONTHLY_KINDS: Final = frozenset(str(rule["kind"]) for rule in _rules()["kind"])
"""Every kind that the rules name."""

"""What a SKU is, by its ids and its description: product, lever kind, commitment pool, or commitment fee.

The rules are data (``sku_classes.toml``); this file only matches them. Nothing is guessed: a SKU that no rule names
keeps its service as product and has neither kind nor pool.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

RULES_FILE: Final = Path(__file__).with_name("sku_classes.toml")

UNIT_OF_KIND_QUANTITY: Final[dict[str, str]] = {
    "cloud_run.cpu": "vCPU-second",
    "cloud_run.idle_cpu": "vCPU-second",
    "cloud_run.memory": "GiB-second",
    "cloud_run.idle_memory": "GiB-second",
    "cloud_run.requests": "request",
    "cloud_sql.vcpu": "vCPU-hour",
    "cloud_sql.memory": "GiB-hour",
    "cloud_sql.storage": "GiB-month",
    "cloud_sql.f1_micro": "instance-hour",
    "cloud_sql.g1_small": "instance-hour",
    "firestore.reads": "operation",
    "firestore.writes": "operation",
    "firestore.deletes": "operation",
    "firestore.storage": "GiB-month",
    "firestore.pitr_storage": "GiB-month",
    "memorystore.capacity": "GiB-hour",
    "cloud_tasks.operations": "operation",
}
"""Product and quantity of a kind (its first and last part) → physical unit; the model's table of kinds says the
same.
"""


@dataclass(frozen=True)
class SkuClass:
    """What the bill's SKU is.

    ``kind`` is a lever kind or ''; ``reason`` says why a SKU that looks like a lever's has none. ``pool`` and
    ``rate_class`` name the commitment that can cover it ('' where none can); ``pool_is_regional`` where that
    commitment is sold by region. Of machines the rate class goes on with series and part ('compute_engine.n2.vcpu'):
    resource commitments are sold for each of them.
    ``fee_of`` is the pool whose commitment fee this is, with its ``term`` ('1y', '3y', ''), ``fee_model`` ('legacy',
    'new', '') and ``discount_ratio`` d of the term (legacy fees only; None where unknown).
    """

    product: str
    kind: str = ""
    pool: str = ""
    rate_class: str = ""
    pool_is_regional: bool = False
    fee_of: str = ""
    term: str = ""
    fee_model: str = ""
    discount_ratio: float | None = None
    is_marketplace_or_support: bool = False
    reason: str = ""


def normalise(text: str | None) -> str:
    """Lower case, single spaces, without the tier 2 marker.

    >>> normalise("Services CPU Tier 2  (Request-based billing)")
    'services cpu (request-based billing)'
    """
    collapsed = " ".join((text or "").lower().split())
    return re.sub(r" ?\(?\btier 2\b\)?(?= |$)", "", collapsed).strip()


@cache
def classify(service_id: str | None, service: str | None, sku_id: str | None, sku: str | None) -> SkuClass:
    """Class of a SKU by its service and SKU, ids first.

    A commitment fee has neither kind nor pool; a SKU of a lever has both where a commitment covers it.

    >>> classify("152E-C115-5142", "Cloud Run", "x", "Services CPU (Request-based billing)").kind
    'cloud_run.request_based.cpu'
    >>> classify(None, "App Engine", None, "Cloud Firestore Read Ops Iowa").product
    'Firestore'
    """
    text = normalise(sku)
    product = _product(service_id, service, text)
    found = SkuClass(product=product, is_marketplace_or_support=_is_marketplace_or_support(service, text))
    fee = _fee(found, sku_id, text)
    if fee is not None:
        return fee
    kind = _kind(product, text)
    return replace(found, kind=kind, **_pool(product, kind, text))


def classify_with_unit(
    service_id: str | None, service: str | None, sku_id: str | None, sku: str | None, pricing_units: tuple[str, ...]
) -> SkuClass:
    """Class of a SKU whose rows carry these pricing units; without one known unit it has no lever kind."""
    found = classify(service_id, service, sku_id, sku)
    if not found.kind:
        return found
    units = {normalise_unit(unit) for unit in pricing_units}
    if len(units) > 1:
        return replace(found, kind="", reason=f"its rows mix the pricing units {', '.join(sorted(units))}")
    unit = next(iter(pricing_units), "")
    if physical_factor(found.kind, unit) is None:
        wanted = unit_of_kind(found.kind)
        return replace(found, kind="", reason=f"its pricing unit {unit or 'is missing and'} cannot be read as {wanted}")
    return found


def unit_of_kind(kind: str) -> str:
    """The physical unit of a lever kind."""
    parts = kind.split(".")
    return UNIT_OF_KIND_QUANTITY[f"{parts[0]}.{parts[-1]}"]


def normalise_unit(pricing_unit: str | None) -> str:
    """Pricing unit in lower case, words apart, singular.

    >>> normalise_unit("GB-Hours"), normalise_unit("1000000 Requests")
    ('gb hour', '1000000 request')
    """
    words = re.split(r"[\s_\-]+", (pricing_unit or "").strip().lower())
    return " ".join(word.removesuffix("s") for word in words if word)


@cache
def physical_factor(kind: str, pricing_unit: str | None) -> float | None:
    """Factor: usage in pricing units × factor = usage in the kind's physical unit. None where the unit is not known.

    >>> physical_factor("cloud_run.request_based.cpu", "hour")
    3600.0
    >>> physical_factor("firestore.reads", "1000000 count")
    1000000.0
    """
    unit = normalise_unit(pricing_unit)
    multiplier = 1.0
    leading = re.match(r"^(\d[\d,]*)\s+(.*)$", unit)
    if leading:
        multiplier, unit = float(leading[1].replace(",", "")), leading[2]
    factor = _rules()["unit"].get(unit_of_kind(kind), {}).get(unit)
    return None if factor is None else multiplier * float(factor)


@cache
def _rules() -> dict[str, Any]:
    rules = tomllib.loads(RULES_FILE.read_text(encoding="utf-8"))
    for rule in (*rules["product"], *rules["fee"], *rules["kind"], *rules["pool"]):
        for key in ("sku", "kinds"):
            if key in rule:
                rule[key] = re.compile(rule[key])
    return rules


def _product(service_id: str | None, service: str | None, text: str) -> str:
    name = " ".join((service or "").lower().split())
    for rule in _rules()["product"]:
        by_sku = "sku" in rule and rule["sku"].search(text) and name in rule.get("within", (name,))
        if by_sku or service_id in rule.get("service_ids", ()) or name in rule.get("services", ()):
            return str(rule["name"])
    return service or service_id or ""


def _is_marketplace_or_support(service: str | None, text: str) -> bool:
    words = f"{(service or '').lower()} {text}"
    return bool(re.search(r"\bmarketplace\b|^(google )?(cloud )?(\w+ )?(customer )?(support|care)\b", words))


def _fee(found: SkuClass, sku_id: str | None, text: str) -> SkuClass | None:
    for rule in _rules()["fee"]:
        if sku_id in rule.get("sku_ids", ()) or ("sku" in rule and rule["sku"].search(text)):
            if "products" in rule and found.product not in rule["products"]:
                continue
            term = _term(text)
            return replace(
                found,
                fee_of=rule["pool"],
                pool_is_regional=rule.get("regional", False),
                term=term,
                fee_model=rule["model"],
                discount_ratio=rule.get("discount", {}).get(term),
            )
    return None


def _term(text: str) -> str:
    years = re.search(r"\b([13])[ -]?(?:y|yr|years?)\b", text)
    return f"{years[1]}y" if years else ""


def _kind(product: str, text: str) -> str:
    for rule in _rules()["kind"]:
        if rule["product"] == product and rule["sku"].fullmatch(text):
            return str(rule["kind"])
    return ""


def _pool(product: str, kind: str, text: str) -> dict[str, Any]:
    for rule in _rules()["pool"]:
        by_kind = "kinds" in rule and kind and rule["kinds"].search(kind)
        by_text = "sku" in rule and rule.get("product", product) == product and rule["sku"].search(text)
        if by_kind or by_text:
            regional = rule.get("regional", False)
            rate_class = rule["rate_class"] + (_machine(by_text) if by_text else "")
            return {"pool": rule["pool"], "rate_class": rate_class, "pool_is_regional": regional}
    return {}


_MACHINE_FEE: Final = re.compile(r"^commitment v1: (?P<series>.*?) ?(?P<part>cpu|core|ram|memory) in .*\bfor [13] y")
_QUALIFIERS: Final = re.compile(r"\b(?:amd|arm|custom|predefined|instance)\b")


def machine_of_fee(sku: str | None) -> str:
    """Series and part that a fee of a resource commitment pays for; '' where it names none.

    >>> machine_of_fee("Commitment v1: N2D AMD Cpu in Americas for 1 Year"), machine_of_fee("Commitment v1: Ssd")
    ('n2d.vcpu', '')
    """
    found = _MACHINE_FEE.match(normalise(sku))
    return _machine(found)[1:] if found else ""


def _machine(found: re.Match[str]) -> str:
    """Series and part of a machine as the end of its rate class; '' for what is no machine."""
    if "part" not in found.re.groupindex:
        return ""
    word = " ".join(_QUALIFIERS.sub("", found["series"] or "").split()).partition(" ")[0]
    series = _rules()["machine_series"].get(word, word)
    return f".{series}.{'vcpu' if found['part'] in ('core', 'cpu') else 'memory'}"

"""Commitments that stand: rows of Google's ``cud_subscriptions_export``, as CSV, JSON or JSON lines.

Every subscription becomes facts under ``commitments.POOL.ID``: what is committed per hour and on which basis, term,
start, end, state, scope and name. Of daily snapshots the row listed last counts. Account ids stay out.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from data.facts import Fact, measured
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    Row = dict[str, Any]

WANTED: Final = "rows of cud_subscriptions_export, as `bq query --format=json` or `--format=csv` prints them"
TERMS: Final = {"P1Y": "1y", "P3Y": "3y"}
AMOUNT: Final = ("commitent_amount.value", "commitment_amount.value")  # Google's page spells it with one m and no t
NEEDED: Final = (AMOUNT, ("term",), ("end_time",))
REGIONAL: Final = ("cloud_sql", "bigquery", "spanner", "bigtable", "alloydb", "dataflow")

CONSUMPTION_MODELS: Final[dict[str, tuple[str, ...]]] = {
    "compute_flexible": ("D97B-0795-975B", "70D7-D1AB-12A4", "73A1-AD60-B867", "A4B6-DEDF-1A65", "2F93-FEF4-BD6E",
                         "6E88-5C17-F3E1", "5515-81A8-03A2", "B22F-51BE-D599"),
    "cloud_sql": ("61F8-639B-D89C", "52FB-D69D-95BE"),
    "memorystore": ("DD5B-8EB3-C48D", "8E4B-B283-45D8"),
    "firestore": ("3892-BA17-92A7", "2FD9-44B6-D2AC"),
    "bigquery": ("DD83-D9A3-79AF", "4D8D-49A7-C5B1"),
    "spanner": ("558C-892D-2291", "38C3-A961-A68B"),
    "bigtable": ("A03A-2A56-8086", "4F61-4520-4936"),
    "alloydb": ("C100-AA7B-33B1", "4920-CA74-2184"),
    "dataflow": ("75D9-38E7-870F", "9E06-4EF0-37D8"),
}  # fmt: skip
"""Pool → its consumption models, 1 and 3 years. Google Cloud's documentation of spend-based commitments, 2025-12.

What Cloud Run and GKE sold on their own covers what the flexible pool holds of them.
"""
WORDS: Final = (
    ("alloydb", "alloydb"), ("cloud sql", "cloud_sql"), ("memorystore", "memorystore"), ("redis", "memorystore"),
    ("firestore", "firestore"), ("datastore", "firestore"), ("bigquery", "bigquery"), ("spanner", "spanner"),
    ("bigtable", "bigtable"), ("dataflow", "dataflow"), ("cloud run", "compute_flexible"), ("flex", "compute_flexible"),
    ("kubernetes", "compute_flexible"), ("gke", "compute_flexible"), ("compute", "compute_flexible"),
)  # fmt: skip


def read_commitments(paths: Iterable[Path]) -> list[Fact]:
    """Return the facts of subscription files, in the files' order.

    Raises SourceRefused, in one sentence that names file, row and column, for what cannot be read.
    """
    return commitments_of((path.name, subscription_rows(path)) for path in paths)


def commitments_of(tables: Iterable[tuple[str, Iterable[Row]]]) -> list[Fact]:
    """The facts of named rows; of one subscription the row that comes last counts. Raises as ``read_commitments``."""
    found: dict[str, list[Fact]] = {}
    for source, rows in tables:
        for number, row in enumerate(rows, start=1):
            facts = _facts(flat_row(row), f"{source}, row {number}", source)
            found[facts[0].key.rpartition(".")[0]] = facts
    return [fact for facts in found.values() for fact in facts]


def subscription_rows(path: Path) -> list[Row]:
    """The subscriptions of a file, by one spelling of the columns; raises as ``read_commitments``."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceRefused(f"{path.name} cannot be read ({error}): give {WANTED}.") from error
    records = _json_rows(text) if text.lstrip()[:1] in ("[", "{") else list(csv.DictReader(io.StringIO(text)))
    if not records:
        raise SourceRefused(f"{path.name} holds no commitments: give {WANTED}.")
    rows = [flat_row(record) for record in records]
    known = {name for row in rows for name in row}
    for names in NEEDED:
        if not known.intersection(names):
            raise SourceRefused(f"{path.name} has no column {names[0]}: give {WANTED}.")
    return rows


def _json_rows(text: str) -> list[Row]:
    try:
        content = json.loads(text)
        records = content if isinstance(content, list) else [content]
    except ValueError:
        records = _json_lines(text)
    return [record for record in records if isinstance(record, dict)]


def _json_lines(text: str) -> list[Row]:
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        raise SourceRefused(f"The commitments are neither CSV nor JSON ({error}): give {WANTED}.") from error


def flat_row(record: Mapping[str, Any]) -> Row:
    """Nested, dotted and underscored names → one spelling; empty values are left out."""
    flat: Row = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{part}": inner for part, inner in flat_row(value).items()}
        elif value not in (None, ""):
            flat[_SPELLING.get(str(name), str(name))] = value
    return flat


_GROUPS: Final = ("cud_product", "consumption_model", "subscription", "commitent_amount", "commitment_amount")
_PARTS: Final = ("id", "display_name", "type", "description", "entitlement_scope", "instance_id", "unit", "value")
_SPELLING: Final = {f"{group}_{part}": f"{group}.{part}" for group in _GROUPS for part in _PARTS}


def _facts(row: Row, place: str, source: str) -> list[Fact]:
    amount = _amount(row, place)
    starts, ends = _time(row, "start_time", place), _time(row, "end_time", place)
    if ends is None:
        raise SourceRefused(f"{place}, column end_time: it is empty, so the commitment's end is unknown.")
    name = str(row.get("subscription.display_name") or row.get("cud_product.display_name") or "")
    identity = str(row.get("subscription.instance_id") or f"{name or 'commitment'} {starts or ends}").replace(".", "-")
    is_discounted = bool(row.get("consumption_model.id") or row.get("consumption_model.description"))
    values = {
        "amount_per_hour": amount,
        "basis": "discounted" if is_discounted else "on_demand",
        "term": _term(row, place),
        "starts": starts,
        "ends": ends,
        "state": str(row.get("state") or "Active").lower(),
        "scope": "project" if "project" in str(row.get("subscription.entitlement_scope", "")).lower() else "account",
        "name": name,
    }
    key = f"commitments.{_pool(row, place)}.{identity}"
    return [measured(f"{key}.{part}", value, source) for part, value in values.items() if value not in (None, "")]


def _pool(row: Row, place: str) -> str:
    identity = str(row.get("consumption_model.id", ""))
    pool = next((name for name, ids in CONSUMPTION_MODELS.items() if identity in ids), "")
    if not pool:
        said = " ".join(str(row.get(n, "")) for n in ("cud_product.display_name", "consumption_model.description"))
        pool = next((name for word, name in WORDS if word in said.lower()), "other")
    region = str(row.get("region", ""))
    if pool in REGIONAL and not region:
        raise SourceRefused(f"{place}, column region: it is empty, and a commitment of {pool} holds in one region.")
    return f"{pool}-{region}" if pool in REGIONAL else pool


def _amount(row: Row, place: str) -> float:
    text = next((str(row[name]) for name in AMOUNT if name in row), "")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise SourceRefused(f"{place}, column {AMOUNT[0]}: {text!r} is no amount per hour such as 12.5.")
    return float(amount)


def _term(row: Row, place: str) -> str:
    term = str(row.get("term", "")).strip().upper()
    if term not in TERMS:
        raise SourceRefused(f"{place}, column term: {term!r} is neither P1Y nor P3Y.")
    return TERMS[term]


def _time(row: Row, name: str, place: str) -> str | None:
    """A moment as ISO 8601 in UTC."""
    if name not in row:
        return None
    text = str(row[name]).strip().replace(" UTC", "+00:00")
    try:
        moment = datetime.fromtimestamp(float(text), UTC) if text.replace(".", "").isdigit() else None
        moment = moment or datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise SourceRefused(f"{place}, column {name}: {text!r} is no time such as 2026-01-31 08:00:00 UTC.") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

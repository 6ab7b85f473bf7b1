"""A plan's claims file (TOML, JSON, CSV or XLSX) as one mapping; what the fields mean is the model's business."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from data.sources.claim_tables import rows_of_csv, rows_of_xlsx, table_body
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from pathlib import Path

KINDS: Final = (".toml", ".json", ".csv", ".xlsx")
LARGEST_BYTES: Final = 20_000_000
TOML_CLAIM: Final = re.compile(r"\s*\[\[\s*claims\s*\]\]")


@dataclass(frozen=True)
class ClaimsFile:
    """What a claims file holds, numbers as exact decimals, and where each claim stands in it ('line 12')."""

    name: str
    body: dict[str, Any]
    places: tuple[str, ...]


def read_claims(path: Path) -> ClaimsFile:
    """Read a claims file; raises SourceRefused with a sentence."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceRefused(f"{path.name} cannot be read as a claims file ({error.strerror}).") from error
    return parse_claims(content, path.name)


def parse_claims(content: bytes, name: str) -> ClaimsFile:
    """A claims file from its bytes; the ending of its name says what it is. Raises SourceRefused."""
    kind = next((each for each in KINDS if name.lower().endswith(each)), None)
    if kind is None:
        raise SourceRefused(f"{name} is not a claims file that is read; give TOML, JSON, CSV or XLSX.")
    if len(content) > LARGEST_BYTES:
        raise SourceRefused(
            f"{name} is larger than {LARGEST_BYTES // 1_000_000} MB; a claims file is a few pages of text."
        )
    if kind == ".xlsx":
        return ClaimsFile(name, *table_body(rows_of_xlsx(content, name), name))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceRefused(
            f"{name} is not text in UTF-8 ({error.reason} at byte {error.start}); save it so."
        ) from error
    if kind == ".csv":
        return ClaimsFile(name, *table_body(rows_of_csv(text), name))
    body = _parsed(text, kind, name)
    return ClaimsFile(name, body, _toml_places(text) if kind == ".toml" else _json_places(text, body))


def _parsed(text: str, kind: str, name: str) -> dict[str, Any]:
    try:
        body = tomllib.loads(text, parse_float=Decimal) if kind == ".toml" else json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise SourceRefused(f"{name} is not readable as {kind[1:].upper()}: {error}. Mend that place.") from error
    if not isinstance(body, dict):
        raise SourceRefused(f'{name} must be one JSON object with "claims", a list.')
    return body


def _toml_places(text: str) -> tuple[str, ...]:
    return tuple(f"line {n}" for n, line in enumerate(text.splitlines(), start=1) if TOML_CLAIM.match(line))


def _json_places(text: str, body: dict[str, Any]) -> tuple[str, ...]:
    """Lines of the claims' ids, as far as each is found once after the one before."""
    places, start = [], 0
    claims = body.get("claims")
    for claim in claims if isinstance(claims, list) else []:
        told = json.dumps(claim.get("id") if isinstance(claim, dict) else None, ensure_ascii=False)
        found = re.compile(r'"id"\s*:\s*' + re.escape(told)).search(text, start)
        if found is None:
            break
        start = found.end()
        places.append(f"line {text.count(chr(10), 0, found.start()) + 1}")
    return tuple(places)

"""A promise as text and back: what a workspace keeps of it, exactly."""

from __future__ import annotations

import json
from typing import Any, Final

from model.parameter import Fact
from model.promise import LedgerRefused, Promise

VERSION: Final = 1


def to_text(found: Promise) -> str:
    """Canonical JSON: equal promises give equal texts."""
    body: dict[str, Any] = {name: getattr(found, name) for name in Promise.__dataclass_fields__}
    body |= {"facts": {key: [fact.value, fact.evidence, fact.source] for key, fact in found.facts.items()}}
    return json.dumps({"version": VERSION, **body}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_text(text: str) -> Promise:
    """Read what ``to_text`` wrote; raises LedgerRefused for another version."""
    body = json.loads(text)
    version = body.pop("version", None)
    if version != VERSION:
        raise LedgerRefused(f"This promise has version {version}; this program reads version {VERSION}: update it.")
    body["facts"] = {key: Fact(*fact) for key, fact in body["facts"].items()}
    body["promised"] = {lever: tuple(amounts) for lever, amounts in body["promised"].items()}
    body["shown"] = tuple((lever, amount) for lever, amount in body["shown"])
    for name in ("months", "ahead", "expected_without", "expected_price", "broken_limits", "moves", "pools"):
        body[name] = tuple(body[name])
    return Promise(**body)

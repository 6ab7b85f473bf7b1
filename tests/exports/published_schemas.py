"""The published JSON Schemas as judges of documents; references between the files are followed."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schema"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


@cache
def published() -> dict[str, Any]:
    """Every schema by its name."""
    return {name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in NAMES}


@cache
def _judge(name: str) -> Draft202012Validator:
    known = Registry().with_resources((each["$id"], Resource.from_contents(each)) for each in published().values())
    return Draft202012Validator(published()[name], registry=known)


def problems(name: str, document: Any) -> list[str]:
    """What speaks against a document, as it would be written and read again; none where it keeps its schema."""
    read = json.loads(json.dumps(document, allow_nan=False))
    return [f"{list(error.absolute_path)}: {error.message[:300]}" for error in _judge(name).iter_errors(read)]

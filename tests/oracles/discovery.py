"""Requests held against Google's own discovery documents (shipped with google-api-python-client)."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import googleapiclient

DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
DOCUMENTS_OF_HOST = {
    "run": ("run.v1",),
    "sqladmin": ("sqladmin.v1beta4",),
    "cloudtasks": ("cloudtasks.v2",),
    "redis": ("redis.v1",),
    "firestore": ("firestore.v1",),
    "logging": ("logging.v2",),
    "monitoring": ("monitoring.v3", "monitoring.v1"),
    "cloudresourcemanager": ("cloudresourcemanager.v1",),
    "billingbudgets": ("billingbudgets.v1",),
    "bigquerydatatransfer": ("bigquerydatatransfer.v1",),
}


@functools.cache
def document(name: str) -> dict[str, Any]:
    """A discovery document by name and version (monitoring.v3)."""
    found: dict[str, Any] = json.loads((DOCUMENTS / f"{name}.json").read_text())
    return found


Method = tuple[str, re.Pattern[str], dict[str, Any], dict[str, Any]]


@functools.cache
def methods(host: str) -> tuple[Method, ...]:
    """Every method of a host's APIs as (HTTP method, pattern of its path, its description, its document).

    Regional hosts (us-central1-run.googleapis.com) count as the API's.
    """
    found: list[Method] = []

    def walk(doc: dict[str, Any], part: dict[str, Any]) -> None:
        for method in part.get("methods", {}).values():
            path = re.sub(r"\\\{\\?\+?\w+\\\}", "[^/:]+", re.escape(method.get("flatPath") or method["path"]))
            found.append((method["httpMethod"], re.compile(f"/?{path}"), method, doc))
        for resource in part.get("resources", {}).values():
            walk(doc, resource)

    for name in DOCUMENTS_OF_HOST.get(host.split(".", maxsplit=1)[0].rsplit("-", 1)[-1], ()):
        walk(document(name), document(name))
    return tuple(found)


def problems(method: str, host: str, path: str, query: dict[str, Any], body: Any) -> list[str]:
    """What Google would reject; empty when the request is one of the API's."""
    if not methods(host):
        return [f"no API at {host}"]
    for http_method, pattern, described, doc in methods(host):
        if http_method == method and pattern.fullmatch(path):
            known = {*described.get("parameters", {}), *doc.get("parameters", {})}
            unknown = [f"unknown parameter {name}" for name in query if name not in known]
            schema = described.get("request")
            return unknown + (value_problems(doc, schema, body, "body") if schema and body is not None else [])
    return [f"no method {method} {path}"]


def schema_problems(name: str, schema: str, value: Any) -> list[str]:
    """What is wrong with a document under a named schema of an API (monitoring.v3, AlertPolicy)."""
    return value_problems(document(name), {"$ref": schema}, value, schema)


def value_problems(doc: dict[str, Any], schema: dict[str, Any], value: Any, where: str) -> list[str]:
    """What is wrong with a value under a schema of the document."""
    if "$ref" in schema:
        schema = doc["schemas"][schema["$ref"]]
    kind = schema.get("type")
    if kind == "object":
        return _object_problems(doc, schema, value, where)
    if kind == "array":
        if not isinstance(value, list):
            return [f"{where}: not a list"]
        return [p for i, item in enumerate(value) for p in value_problems(doc, schema["items"], item, f"{where}[{i}]")]
    return _scalar_problems(schema, kind, value, where)


def _object_problems(doc: dict[str, Any], schema: dict[str, Any], value: Any, where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where}: not an object"]
    properties, other = schema.get("properties", {}), schema.get("additionalProperties")
    found: list[str] = []
    for name, item in value.items():
        if name in properties or other:
            found += value_problems(doc, properties.get(name, other), item, f"{where}.{name}")
        elif properties:
            found.append(f"{where}: unknown field {name}")
    return found


def _scalar_problems(schema: dict[str, Any], kind: str | None, value: Any, where: str) -> list[str]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind in {"integer", "number"}:
        return [] if is_number else [f"{where}: not a number: {value!r}"]
    if kind == "boolean":
        return [] if isinstance(value, bool) else [f"{where}: not a boolean: {value!r}"]
    if kind == "string" and schema.get("format") in {"int64", "uint64"}:
        return [] if re.fullmatch(r"-?\d+", str(value)) else [f"{where}: not an int64: {value!r}"]
    if kind == "string" and not isinstance(value, str):
        return [f"{where}: not text: {value!r}"]
    if kind == "string" and value not in schema.get("enum", [value]):
        return [f"{where}: {value!r} is none of the choices"]
    return []

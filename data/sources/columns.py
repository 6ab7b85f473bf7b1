"""Columns of a source: what they are called there, of which type, and where a wanted one is found.

Google's export is nested (``service.id``); people flatten it to ``"service.id"`` or ``service_id``. Spelling is matched
without regard to case.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Family = Literal["text", "float", "exact", "instant", "local_time", "list", "map", "struct", "other"]
"""``exact`` numbers (integers, decimals) are always finite; an ``instant`` has a zone, a ``local_time`` has none."""

_FAMILY_OF_DUCKDB_TYPE: Final[dict[str, Family]] = {
    "varchar": "text",
    "double": "float",
    "float": "float",
    "timestamp with time zone": "instant",
    "timestamp": "local_time",
    "timestamp_s": "local_time",
    "timestamp_ms": "local_time",
    "timestamp_ns": "local_time",
    "date": "local_time",
    "struct": "struct",
    "map": "map",
    "list": "list",
    **dict.fromkeys(
        ("decimal", "tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger",
         "ubigint", "uhugeint"),
        "exact",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class ColumnType:
    """The type of a column as far as reading it goes; ``children`` are a struct's fields, or a list's one element."""

    family: Family
    children: Mapping[str, ColumnType] = field(default_factory=dict)

    @property
    def element(self) -> ColumnType:
        """The type of a list's elements."""
        return next(iter(self.children.values()))


@dataclass(frozen=True)
class Column:
    """A column found in a source: the path of names that leads to it, and its type."""

    names: tuple[str, ...]
    type: ColumnType
    element: str = ""
    """The one field of a list's elements that holds the value, where a writer of Parquet wraps it (ELEMENT_FIELDS)."""

    def sql(self, root: str) -> str:
        """The expression that reads it from the relation or struct ``root``."""
        path = ".".join((root, *map(quoted, self.names)))
        return f"list_transform({path}, lambda x: x.{quoted(self.element)})" if self.element else path


TEXT: Final = ColumnType("text")
LIST_FIELD: Final = "list"
ELEMENT_FIELDS: Final = ("element", "item", "array")
"""Parquet's own names of a list's layers, which BigQuery and others keep as fields: ``credits.list[].element``."""
Schema = dict[str, ColumnType]


def quoted(identifier: str) -> str:
    """An SQL identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def type_of_duckdb(type_: Any) -> ColumnType:
    """Map a DuckDB type."""
    family = _FAMILY_OF_DUCKDB_TYPE.get(type_.id, "other")
    if family not in ("struct", "list"):
        return ColumnType(family)
    return ColumnType(family, {name: type_of_duckdb(child) for name, child in type_.children})


def schema_of_json_structure(structure: str) -> Schema:
    """Map what DuckDB's ``json_group_structure`` says of a file: objects are structs, all else is read as text."""
    return {name: _type_of_json(node) for name, node in json.loads(structure).items()}


def _type_of_json(node: object) -> ColumnType:
    if not isinstance(node, dict) or not node:
        return TEXT
    return ColumnType("struct", {name: _type_of_json(child) for name, child in node.items()})


def find(schema: Schema, path: str) -> Column | None:
    """Find a column by its dotted path: nested first, then dotted, then underscored; None where it is absent."""
    return (
        _nested(schema, path.split("."))
        or _nested(schema, [path])
        or (_nested(schema, [path.replace(".", "_")]) if "." in path else None)
    )


def find_first(schema: Schema, paths: Iterable[str]) -> Column | None:
    """Find the first of several paths that the source has."""
    return next((column for path in paths if (column := find(schema, path))), None)


def _nested(fields: Mapping[str, ColumnType], names: list[str]) -> Column | None:
    wanted = names[0].casefold()
    name = next((name for name in fields if name.casefold() == wanted), None)
    if name is None:
        return None
    if len(names) == 1:
        return _without_layers(name, fields[name])
    if fields[name].family != "struct":
        return None
    inner = _nested(fields[name].children, names[1:])
    return inner and Column((name, *inner.names), inner.type, inner.element)


def _without_layers(name: str, type_: ColumnType) -> Column:
    """A column as the list that Parquet's layers around it stand for."""
    inner = type_.children.get(LIST_FIELD) if type_.family == "struct" and len(type_.children) == 1 else None
    names, listed = ((name, LIST_FIELD), inner) if inner else ((name,), type_)
    if listed.family != "list" or len(listed.element.children) != 1 or listed.element.family != "struct":
        return Column((name,), type_)
    (element,) = listed.element.children
    if element not in ELEMENT_FIELDS:
        return Column((name,), type_)
    return Column(names, ColumnType("list", listed.element.children), element)

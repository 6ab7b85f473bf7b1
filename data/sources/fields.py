"""Fields: what an adapter wants from a source, and where and as what the source holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from data.sources.columns import find_first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.sources.columns import Column, ColumnType, Schema

Kind = Literal["text", "money", "number", "time", "month", "credits", "labels"]
NATIVE_FAMILIES: Final[dict[Kind, tuple[str, ...]]] = {
    "text": ("text", "exact", "float", "instant", "local_time", "other"),
    "money": ("float", "exact"),
    "number": ("float", "exact"),
    "time": ("instant", "local_time"),
    "month": ("exact", "text"),
    "credits": ("list", "struct"),
    "labels": ("list", "map"),
}
"""What each kind is read from without parsing text."""


@dataclass(frozen=True)
class Field:
    """A wanted value: its name in the adapter, where sources keep it (first found wins), and what it is."""

    name: str
    paths: tuple[str, ...]
    kind: Kind = "text"
    is_required: bool = False


@dataclass(frozen=True)
class Rows:
    """A source's rows as SQL: ``relation`` has ``row_number`` and the columns of ``schema`` under ``root``.

    ``source_row`` carries the whole row and ``raw_text`` writes it out for quarantine (over the name ``source_row``);
    ``row_problem`` is a reason why no column of the row can be read, else NULL.
    """

    relation: str
    schema: Schema
    root: str = "s"
    source_row: str = "s"
    raw_text: str = "CAST(to_json(source_row) AS VARCHAR)"
    row_problem: str = "CAST(NULL AS VARCHAR)"


@dataclass(frozen=True)
class FoundField:
    """A field and the source's column that holds it."""

    field: Field
    column: Column

    @property
    def label(self) -> str:
        """The column's name in the source."""
        return ".".join(self.column.names)

    @property
    def is_native(self) -> bool:
        """Whether the source holds the value in its own type, so that nothing is parsed."""
        if self.field.kind in ("credits", "labels") and self.type.family == "list":
            names = {name.casefold() for name in self.type.element.children}
            return {"amount", "type"} <= names if self.field.kind == "credits" else {"key", "value"} <= names
        if self.field.kind == "credits" and self.type.family == "struct":
            return {"amount", "type"} <= {name.casefold() for name in self.type.children}
        return self.type.family in NATIVE_FAMILIES[self.field.kind]

    @property
    def type(self) -> ColumnType:
        """The column's type in the source."""
        return self.column.type

    @property
    def raw(self) -> str:
        """The name of the value as the source writes it."""
        return f"{self.field.name}_raw"

    @property
    def json(self) -> str:
        """The name of a nested value's JSON text."""
        return f"{self.field.name}_json"


def find_fields(schema: Schema, fields: Sequence[Field]) -> dict[str, FoundField]:
    """The fields that a source has, by name."""
    return {one.name: FoundField(one, column) for one in fields if (column := find_first(schema, one.paths))}


def nanos_of(money_field: str) -> str:
    """The name of a money field's amount in nano-units, beside its value as a double."""
    return f"{money_field}_nanos"

"""ZetaSQL, the engine that defines BigQuery's dialect: it says whether a query is valid, and its executor runs it.

wasmtime keeps the compiled code of its 28 MB of WebAssembly in the user's cache folder, since compiling takes long.
"""

from __future__ import annotations

import contextlib
import json
import math
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import wasmtime
from zetasql.api import Analyzer, CatalogBuilder, PreparedQuery
from zetasql.core import wasm_client
from zetasql.types import AnalyzerOptions, LanguageOptions, ProductMode, TypeKind, ZetaSQLBuiltinFunctionOptions

if TYPE_CHECKING:
    from collections.abc import Callable

ESCAPES: Final = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\0": "\\x00"}


class CachingConfig(wasmtime.Config):
    """The configuration of an engine that compiles the same code once."""

    def __init__(self) -> None:
        super().__init__()
        with contextlib.suppress(wasmtime.WasmtimeError):
            self.cache = True


@cache
def _dialect() -> tuple[AnalyzerOptions, Any]:
    """What BigQuery understands, in UTC."""
    wasm_client.Config = CachingConfig
    language = LanguageOptions.maximum_features()
    language.product_mode = ProductMode.PRODUCT_EXTERNAL
    options = AnalyzerOptions(language_options=language, default_timezone="UTC", allow_undeclared_parameters=True)
    functions = ZetaSQLBuiltinFunctionOptions(language_options=language)
    return options, CatalogBuilder("bigquery").with_builtin_functions(functions).build()


def refuse_invalid(sql: str) -> None:
    """Analyse a query; raises with ZetaSQL's reason where BigQuery would not take it."""
    options, catalog = _dialect()
    Analyzer.analyze_statement_static(sql, options, catalog)


def run(sql: str) -> list[dict[str, Any]]:
    """The rows of a query as ZetaSQL's reference executor gives them; numbers as Decimal, times as ISO text."""
    _, texts = _answer(f"SELECT TO_JSON_STRING(answer) FROM ({sql}) AS answer")
    return [json.loads(text, parse_float=Decimal, parse_int=Decimal) for text in texts]


def run_to_arrow(sql: str) -> pa.Table:
    """The same rows, typed as BigQuery types its Arrow."""
    columns, _ = _answer(sql)
    schema = pa.schema([(column.name, ARROW_OF_KIND[column.type.type_kind]) for column in columns])
    found = [{name: _typed(row[name], schema.field(name).type) for name in schema.names} for row in run(sql)]
    return pa.Table.from_pylist(found, schema=schema)


def _answer(sql: str) -> tuple[list[Any], list[str]]:
    options, catalog = _dialect()
    builder = PreparedQuery.builder().set_sql(sql).set_analyzer_options(options).set_catalog(catalog)
    with builder.prepare() as query:
        if len(query.columns) > 1:
            return query.columns, []
        table = query.execute().content.table_data
        return query.columns, [row.cell[0].string_value for row in table.row] if table else []


def _typed(value: Any, kind: pa.DataType) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if pa.types.is_timestamp(kind):
        return datetime.fromisoformat(value)
    if pa.types.is_date(kind):
        return date.fromisoformat(value)
    if pa.types.is_decimal(kind):
        return Decimal(value)
    return PYTHON_OF_ARROW[str(kind)](value)


PYTHON_OF_ARROW: Final = {"int64": int, "double": float, "string": str, "bool": bool}
ARROW_OF_KIND: Final = {
    TypeKind.TYPE_INT64: pa.int64(),
    TypeKind.TYPE_BOOL: pa.bool_(),
    TypeKind.TYPE_DOUBLE: pa.float64(),
    TypeKind.TYPE_STRING: pa.string(),
    TypeKind.TYPE_DATE: pa.date32(),
    TypeKind.TYPE_TIMESTAMP: pa.timestamp("us", "UTC"),
    TypeKind.TYPE_NUMERIC: pa.decimal128(38, 9),
}


def literal(value: Any, kind: pa.DataType) -> str:
    """A Python value as GoogleSQL writes it, with its type where a type cannot be seen."""
    if value is None:
        return f"CAST(NULL AS {google_type(kind)})"
    if pa.types.is_list(kind):
        return f"{google_type(kind)}[{', '.join(literal(each, kind.value_type) for each in value)}]"
    if pa.types.is_struct(kind):
        return f"{google_type(kind)}({', '.join(literal(value.get(one.name), one.type) for one in kind)})"
    return WRITERS[type(value)](value)


WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    bool: lambda value: str(value).upper(),
    int: str,
    float: lambda value: repr(value) if math.isfinite(value) else f"CAST('{value}' AS FLOAT64)",
    str: lambda value: "'" + "".join(ESCAPES.get(letter, letter) for letter in value) + "'",
    datetime: lambda value: f"TIMESTAMP '{value.isoformat(sep=' ')}'",
    date: lambda value: f"DATE '{value.isoformat()}'",
}


def google_type(arrow: pa.DataType) -> str:
    """The GoogleSQL type of an Arrow one."""
    if pa.types.is_list(arrow):
        return f"ARRAY<{google_type(arrow.value_type)}>"
    if pa.types.is_struct(arrow):
        return f"STRUCT<{', '.join(f'{one.name} {google_type(one.type)}' for one in arrow)}>"
    return GOOGLE_TYPES[str(arrow)]


GOOGLE_TYPES: Final = {
    "string": "STRING", "double": "FLOAT64", "int64": "INT64", "bool": "BOOL", "date32[day]": "DATE",
    "timestamp[us, tz=UTC]": "TIMESTAMP",
}  # fmt: skip


def rows_sql(schema: pa.Schema, rows: list[dict[str, Any]]) -> str:
    """A query that gives the rows, typed."""
    row = pa.struct(list(schema))
    return f"SELECT * FROM UNNEST({literal(rows, pa.list_(row))})"

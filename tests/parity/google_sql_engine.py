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
from zetasql.types import AnalyzerOptions, LanguageOptions, ProductMode, ZetaSQLBuiltinFunctionOptions

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
    options, catalog = _dialect()
    wrapped = f"SELECT TO_JSON_STRING(answer) FROM ({sql}) AS answer"
    builder = PreparedQuery.builder().set_sql(wrapped).set_analyzer_options(options).set_catalog(catalog)
    with builder.prepare() as query:
        found = query.execute()
    table = found.content.table_data
    texts = [row.cell[0].string_value for row in table.row] if table else []
    return [json.loads(text, parse_float=Decimal, parse_int=Decimal) for text in texts]


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

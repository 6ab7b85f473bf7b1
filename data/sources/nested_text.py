"""Nested values that were written as text: JSON, or what Python prints.

BigQuery's CSV cannot nest, so people write ``credits`` and ``labels`` with ``TO_JSON_STRING`` or simply with Python's
``str()`` (single quotes, ``None``, ``True``). JSON and the plain case of the latter stay inside DuckDB; only what needs
Python's own grammar (apostrophes, escapes, ``None``) is parsed by it, each distinct text once.
"""

from __future__ import annotations

import ast
import functools
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

PYTHON_PARSER: Final = "json_of_python_text"
"""The name under which DuckDB calls ``json_of_python`` while ``python_texts`` is open."""

_DISTINCT_TEXTS: Final = 1 << 16


@functools.lru_cache(maxsize=_DISTINCT_TEXTS)
def json_of_python(text: str | None) -> str | None:
    """Rewrite a printed Python list or dict as JSON; None where it is not one.

    >>> print(json_of_python("[{'name': 'CUD', 'amount': -1.5, 'id': None}]"))
    [{"name": "CUD", "amount": -1.5, "id": null}]
    """
    try:
        return json.dumps(ast.literal_eval(text or ""), allow_nan=False, ensure_ascii=False)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


@contextmanager
def python_texts(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let the connection parse printed Python for the length of the block."""
    connection.create_function(PYTHON_PARSER, json_of_python, ["VARCHAR"], "VARCHAR", null_handling="special")
    try:
        yield
    finally:
        connection.remove_function(PYTHON_PARSER)


def json_sql(text: str) -> str:
    """The expression that turns a nested value's text into JSON text; NULL for nothing, '[]', and what is unreadable.

    A printed Python value without double quotes and backslashes has single quotes as delimiters only, so swapping them
    gives JSON exactly, unless ``None`` and its like occur, which makes the result invalid and Python's turn.
    """
    swapped = f"replace({text}, '''', '\"')"
    return (
        f"CASE WHEN {text} IS NULL OR {text} IN ('', '[]', '{{}}', 'null') THEN NULL"
        f" WHEN json_valid({text}) THEN {text}"
        f" WHEN NOT contains({text}, '\"') AND NOT contains({text}, '\\') AND json_valid({swapped}) THEN {swapped}"
        f" ELSE {PYTHON_PARSER}({text}) END"
    )


def object_list_sql(json_text: str) -> str:
    """The expression that makes a JSON array of a JSON array or single object; NULL of anything else."""
    return f"CASE json_type({json_text}) WHEN 'ARRAY' THEN {json_text} WHEN 'OBJECT' THEN '[' || {json_text} || ']' END"


def is_unreadable_sql(text: str, json_text: str) -> str:
    """The condition that a nested value's text is neither empty nor a list of objects nor one object."""
    return (
        f"CASE WHEN {text} IS NULL OR {text} IN ('', '[]', '{{}}', 'null') THEN FALSE"
        f" WHEN {json_text} IS NULL THEN TRUE"
        f" ELSE CASE json_type({json_text}) WHEN 'OBJECT' THEN FALSE WHEN 'NULL' THEN FALSE"
        f" WHEN 'ARRAY' THEN len(list_filter(CAST(json_extract({json_text}, '$[*]') AS JSON[]),"
        " lambda x: json_type(x) <> 'OBJECT')) > 0 ELSE TRUE END END"
    )

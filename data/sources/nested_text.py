"""Nested values that were written as text: JSON, or what Python prints.

BigQuery's CSV cannot nest, so people write ``credits`` and ``labels`` with ``TO_JSON_STRING`` or simply with Python's
``str()`` (single quotes, ``None``, ``True``). JSON and the plain case of the latter stay inside DuckDB; only what needs
Python's own grammar (apostrophes, escapes, ``None``) is parsed by it, each distinct text once.
"""

from __future__ import annotations

import ast
import functools
import io
import json
import tokenize
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from data.sources.columns import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

PYTHON_PARSER: Final = "json_of_python_text"
"""The name under which DuckDB calls ``json_of_python`` while ``python_texts`` is open."""

NOTHING_TEXTS: Final = ("", "NULL", "null", "\\N", "None", "NaN", "nan", "NaT", "<NA>", "N/A")
"""What programs write for nothing where a number, a time or a nested value could stand."""

_DISTINCT_TEXTS: Final = 1 << 16


@functools.lru_cache(maxsize=_DISTINCT_TEXTS)
def json_of_python(text: str | None) -> str | None:
    """Rewrite a printed Python list or dict as JSON; None where it is not one.

    >>> print(json_of_python("[{'name': 'CUD', 'amount': -1.5, 'id': None}]"))
    [{"name": "CUD", "amount": -1.5, "id": null}]
    """
    try:
        return json.dumps(_value_of(text or ""), allow_nan=False, ensure_ascii=False)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError, tokenize.TokenError):
        return None


def _value_of(text: str) -> object:
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        return ast.literal_eval(_Unwrapped().visit(ast.parse(_with_commas(text.strip()), mode="eval")))


def _with_commas(text: str) -> str:
    """NumPy prints the records of an array one after the other, without a comma between."""
    tokens = [(token.type, token.string) for token in tokenize.generate_tokens(io.StringIO(text).readline)]
    kept = [token for token in tokens if token[0] not in (tokenize.NL, tokenize.NEWLINE)]
    apart: list[tuple[int, str]] = []
    for (kind, string), (_, before) in zip(kept, [(0, ""), *kept], strict=False):
        apart += [(tokenize.OP, ",")] if (before, string) == ("}", "{") else []
        apart.append((kind, string))
    return tokenize.untokenize(apart)


class _Unwrapped(ast.NodeTransformer):
    """``Decimal('1.5')`` as the text of its number, ``array([...], dtype=object)`` as its list."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        return self.visit(node.args[0]) if name in ("Decimal", "array") and node.args else node


@contextmanager
def python_texts(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let the connection parse printed Python for the length of the block."""
    connection.create_function(PYTHON_PARSER, json_of_python, ["VARCHAR"], "VARCHAR", null_handling="special")
    try:
        yield
    finally:
        connection.remove_function(PYTHON_PARSER)


def _is_nothing(text: str) -> str:
    return f"{text} IS NULL OR trim({text}) IN ({', '.join(map(literal, (*NOTHING_TEXTS, '[]', '{}')))})"


def json_sql(text: str) -> str:
    """The expression that turns a nested value's text into JSON text; NULL for nothing, '[]', and what is unreadable.

    A printed Python value without double quotes and backslashes has single quotes as delimiters only, so swapping them
    gives JSON exactly, unless ``None`` and its like occur, which makes the result invalid and Python's turn.
    """
    swapped = f"replace({text}, '''', '\"')"
    return (
        f"CASE WHEN {_is_nothing(text)} THEN NULL"
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
        f"CASE WHEN {_is_nothing(text)} THEN FALSE"
        f" WHEN {json_text} IS NULL THEN TRUE"
        f" ELSE CASE json_type({json_text}) WHEN 'OBJECT' THEN FALSE WHEN 'NULL' THEN FALSE"
        f" WHEN 'ARRAY' THEN len(list_filter(CAST(json_extract({json_text}, '$[*]') AS JSON[]),"
        " lambda x: json_type(x) <> 'OBJECT')) > 0 ELSE TRUE END END"
    )

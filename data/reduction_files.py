"""Files of the two largest reductions: a column of one value stands once in the file's metadata, not in its rows.

A bill has one currency, few kinds of credits and often one price, so two columns of three say the same in every row.
Writing them costs more than the rest. A reader gets every column; a file without such metadata has them all itself.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from data.charge import MONEY_COLUMNS
from data.reductions import REDUCTIONS
from data.sources.columns import literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

WITH_METADATA: Final = ("daily", "hourly_resource")
"""The reductions whose files may leave columns out."""
METADATA_KEY: Final = "columns_of_one_value"
FILE_OF_LOAD: Final = "file_of_load"

_TYPES: Final = {"invoice_month": "BIGINT", "is_correction": "BOOLEAN", **dict.fromkeys(MONEY_COLUMNS, "BIGINT")}
"""Types of the columns that may be left out; the others are texts."""


def left_out(
    connection: duckdb.DuckDBPyConnection, name: str, constants: Mapping[str, str], equals: Mapping[str, str]
) -> dict[str, Any]:
    """What a file of the reduction need not repeat: column → its one value, or ``{"same_as": column}``.

    ``constants`` are columns as SQL of one value, ``equals`` columns that equal another one in every row. Texts with
    characters that SQL cannot show stay in the rows.
    """
    keys, measures = REDUCTIONS[name]
    wanted = [column for column in constants if column in keys or column in measures]
    values: tuple[Any, ...] = ()
    if wanted:
        selected = ", ".join(f"CAST({constants[column]} AS {_type(column)})" for column in wanted)
        values = connection.execute(f"SELECT {selected}").fetchall()[0]
    found = {
        column: value
        for column, value in zip(wanted, values, strict=True)
        if not isinstance(value, str) or value.isprintable()
    }
    return found | {column: {"same_as": other} for column, other in equals.items() if column in measures}


def metadata_option(columns: Mapping[str, Any]) -> str:
    """The option of COPY that writes them into the file."""
    return f", KV_METADATA {{{METADATA_KEY}: {literal(json.dumps(columns))}}}" if columns else ""


def rows_of_files(connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path]) -> str:
    """A query of all rows of files of one reduction, with every column of it and FILE_OF_LOAD."""
    if name not in WITH_METADATA:
        return f"SELECT * FROM {_scan(list(map(str, files)))}"
    found = connection.execute(
        "SELECT file_name, decode(value) FROM parquet_kv_metadata($files) WHERE decode(key) = $key",
        {"files": [str(file) for file in files], "key": METADATA_KEY},
    ).fetchall()
    metadata = dict(found)
    alike: dict[str, list[str]] = defaultdict(list)
    for file in map(str, files):
        alike[metadata.get(file, "{}")].append(file)
    return " UNION ALL ".join(_rows_of_alike(name, json.loads(said), paths) for said, paths in alike.items())


def _rows_of_alike(name: str, columns: Mapping[str, Any], files: Sequence[str]) -> str:
    keys, measures = REDUCTIONS[name]
    selected = ", ".join(
        f"{_value_sql(column, columns[column])} AS {column}" if column in columns else column
        for column in (*keys, *measures)
    )
    return f"SELECT {selected}, {FILE_OF_LOAD} FROM {_scan(files)}"


def _value_sql(column: str, value: Any) -> str:
    if isinstance(value, dict):
        return str(value["same_as"])
    return f"CAST({'NULL' if value is None else literal(str(value))} AS {_type(column)})"


def _type(column: str) -> str:
    return _TYPES.get(column, "VARCHAR")


def _scan(files: Sequence[str]) -> str:
    return f"read_parquet([{', '.join(map(literal, files))}], filename = '{FILE_OF_LOAD}')"

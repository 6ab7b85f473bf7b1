"""Tables as the BigQuery client describes them, made from an Arrow schema."""

from __future__ import annotations

from dataclasses import dataclass

import google_sql_engine as google
import pyarrow as pa


@dataclass(frozen=True)
class Field:
    """One column: what ``google.cloud.bigquery.SchemaField`` tells of it."""

    name: str
    field_type: str
    mode: str = "NULLABLE"
    fields: tuple[Field, ...] = ()


def fields_of(schema: pa.Schema | pa.StructType) -> list[Field]:
    """The columns of a table with this Arrow schema."""
    return [_field(one.name, one.type) for one in schema]


def _field(name: str, type_: pa.DataType) -> Field:
    is_list = pa.types.is_list(type_)
    own = type_.value_type if is_list else type_
    mode = "REPEATED" if is_list else "NULLABLE"
    if pa.types.is_struct(own):
        return Field(name, "RECORD", mode, tuple(fields_of(own)))
    return Field(name, google.google_type(own), mode)

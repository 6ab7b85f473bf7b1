"""Labels and tags, as SQL: a list of key and value from lists of structs, maps, JSON objects, JSON or printed text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from data.sources.columns import ColumnType

NO_LABELS: Final = "CAST([] AS STRUCT(key VARCHAR, value VARCHAR)[])"
_PAIRS: Final = '\'[{"key": "VARCHAR", "value": "VARCHAR"}]\''
_OBJECT: Final = "'\"MAP(VARCHAR, VARCHAR)\"'"


def labels_of_text_sql(json_text: str) -> str:
    """The expression of labels in JSON text: a list of ``{key, value}``, one such object, or ``{key: value, …}``."""
    is_one_pair = f"json_keys({json_text}) IN (['key', 'value'], ['value', 'key'])"
    return (
        f"CASE WHEN {json_text} IS NULL THEN NULL"
        f" WHEN json_type({json_text}) = 'ARRAY' THEN from_json({json_text}, {_PAIRS})"
        f" WHEN json_type({json_text}) <> 'OBJECT' THEN NULL"
        f" WHEN {is_one_pair} THEN from_json('[' || {json_text} || ']', {_PAIRS})"
        f" ELSE {_entries(f'from_json({json_text}, {_OBJECT})')} END"
    )


def readable_labels_sql(value: str, type_: ColumnType) -> str:
    """The expression of a nested source's labels; a list in the very shape of NO_LABELS is taken as it is."""
    if type_.family == "map":
        return _entries(value)
    if [(name, child.family) for name, child in type_.element.children.items()] == [("key", "text"), ("value", "text")]:
        return value
    return f"list_transform({value}, lambda x: {{'key': x.key, 'value': CAST(x.value AS VARCHAR)}})"


def _entries(mapping: str) -> str:
    """A key without a value (a column of other rows' tags, in some writers) is no label."""
    pairs = f"list_filter(map_entries({mapping}), lambda x: x.value IS NOT NULL)"
    return f"list_transform({pairs}, lambda x: {{'key': x.key, 'value': CAST(x.value AS VARCHAR)}})"

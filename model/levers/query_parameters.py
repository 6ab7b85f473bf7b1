"""What can be set and must be assumed for a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.levers.query_known import ALL
from model.parameter import Parameter

if TYPE_CHECKING:
    from model.bill import Bill
    from model.levers.query_known import Query
    from model.parameter import Value

CONFIGURES: Final = "CREATE INDEX, or the new text of the query"
_UNKNOWN: Final = "not known; type it, or import the queries"
_LONGEST_MS: Final = 86_400_000.0
_LISTED_AT_LEAST: Final = 0.5
"""The low end of a measured share: a list may leave out as much work again as it holds."""
_ASSUMED: Final = {
    "work_share": (
        "share of the database's query work", "ratio", 1.0, 0.01,
        "Calls × time of this query over that of all queries, at the peak hour. What no query covers stays as it is.",
    ),
    "time_before_ms": ("time now", "ms", _LONGEST_MS, 1.0, "Mean time that the database takes for one call today."),
    "time_after_ms": (
        "time after the change", "ms", _LONGEST_MS, 1.0,
        "Mean time of one call with the new index or text, as a trial on real data shows it.",
    ),
    "cacheable_share": (
        "share of its calls that a cache could answer", "ratio", 1.0, 0.01,
        "0 for a query that writes or must be fresh. Not known: the database's own share stands for it, with bounds.",
    ),
}  # fmt: skip


def query_parameters(bill: Bill, query: Query) -> list[Parameter]:
    """The setting, then the assumptions, of one query."""
    where = f" of {query.database}" if query.database else ""
    text = "" if query.text in (query.name, "") else f" {query.text}"
    applied = Parameter(
        query.key("applied"), f"{query.name}: tuned", "", "setting", False, "as it runs today",  # noqa: FBT003
        "measured", f"Put the index or the new text of this query{where} to work.{text}", choices=(False, True),
        configures=CONFIGURES,
    )  # fmt: skip
    return [applied, *(_assumption(bill, query, name) for name in _ASSUMED)]


def _assumption(bill: Bill, query: Query, name: str) -> Parameter:
    title, unit, maximum, step, text = _ASSUMED[name]
    fact = bill.fact(query.key(name))
    value: Value = None if fact is None else fact.value
    low = high = None
    if name == "work_share" and isinstance(value, int | float):
        low, high = _LISTED_AT_LEAST * value, float(value)
    return Parameter(
        query.key(name), f"{query.name}: {title}", unit, "assumption", value, fact.source if fact else _UNKNOWN,
        fact.evidence if fact else "modelled", text if query.name != ALL else f"{text} Of all tuned queries together.",
        minimum=0.0, maximum=maximum, step=step, low=low, high=high,
    )  # fmt: skip

"""What can be set and must be assumed for a query."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from model.assumed import Assumed
from model.levers.query_known import ALL
from model.parameter import Parameter

if TYPE_CHECKING:
    from model.bill import Bill
    from model.levers.query_known import Query

CONFIGURES: Final = "CREATE INDEX, or the new text of the query"
_UNKNOWN: Final = "not known; type it, or import the queries"
_LONGEST_MS: Final = 86_400_000.0
_LISTED_AT_LEAST: Final = 0.5
"""The low end of a measured share: a list may leave out as much work again as it holds."""
_ASSUMED: Final = {
    "work_share": Assumed(
        "share of the database's query work", "ratio", None, None, None, 0.0, 1.0, 0.01,
        "Calls × time of this query over that of all queries, at the peak hour. What no query covers stays as it is.",
    ),
    "time_before_ms": Assumed(
        "time now", "ms", None, None, None, 0.0, _LONGEST_MS, 1.0,
        "Mean time that the database takes for one call today.",
    ),
    "time_after_ms": Assumed(
        "time after the change", "ms", None, None, None, 0.0, _LONGEST_MS, 1.0,
        "Mean time of one call with the new index or text, as a trial on real data shows it.",
    ),
    "cacheable_share": Assumed(
        "share of its calls that a cache could answer", "ratio", None, None, None, 0.0, 1.0, 0.01,
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
    assumed, fact = _ASSUMED[name], bill.fact(query.key(name))
    of_all = f"{assumed.help} Of all tuned queries together." if query.name == ALL else assumed.help
    told = replace(assumed, help=of_all).parameter(query.key(name), query.name, fact, _UNKNOWN)
    if name == "work_share" and isinstance(told.current, int | float):
        return replace(told, low=_LISTED_AT_LEAST * told.current, high=float(told.current))
    return told

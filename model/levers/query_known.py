"""The queries that facts tell of, and where in the bill they belong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from model.levers.cloud_sql_instance import instances

if TYPE_CHECKING:
    from model.bill import Bill

LEVER: Final = "queries"
ALL: Final = "all"
"""The one resource where no query is known: all tuned queries together, typed."""


@dataclass(frozen=True)
class Query:
    """One query. ``database`` is a Cloud SQL instance of the bill, '' where it counts to each alike."""

    name: str
    text: str
    database: str

    def key(self, parameter: str) -> str:
        """Scenario key of one of its parameters."""
        return f"{LEVER}.{self.name}.{parameter}"


@lru_cache(maxsize=8)
def queries(bill: Bill) -> tuple[Query, ...]:
    """The known queries, the largest share of work first; without any, ``all``; none without a database."""
    if not instances(bill):
        return ()
    prefix = f"{LEVER}."
    names = dict.fromkeys(key[len(prefix) :].rpartition(".")[0] for key in bill.facts if key.startswith(prefix))
    found = [_query(bill, name) for name in names if name]
    if not found:
        return (Query(ALL, "all queries that are tuned, taken together", ""),)
    return tuple(sorted(found, key=lambda query: (-work_share_today(bill, query), query.name)))


def work_share_today(bill: Bill, query: Query) -> float:
    """The share of work that the facts tell; 0 where they do not."""
    fact = bill.fact(query.key("work_share"))
    return 0.0 if fact is None or isinstance(fact.value, str) else float(fact.value or 0.0)


def _query(bill: Bill, name: str) -> Query:
    text, database = (bill.fact(f"{LEVER}.{name}.{parameter}") for parameter in ("text", "database"))
    asked = "" if database is None else str(database.value)
    return Query(name, name if text is None else str(text.value), _instance_named(bill, asked))


def _instance_named(bill: Bill, asked: str) -> str:
    """The bill's instance of that name (qualified or as ``project:region:name``); '' where it names none."""
    short = asked.rpartition(":")[2]
    named = [item.name for item in instances(bill) if short and item.name.partition("@")[0] == short.partition("@")[0]]
    return asked if asked in named else named[0] if len(named) == 1 else ""

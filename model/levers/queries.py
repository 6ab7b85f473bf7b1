"""Queries and indexes: what each tuned query leaves of the database's work.

M = Σ w (a/b) + (1 − Σ w); the cache lever then takes the hits off what is left. A faster query saves through rows only:
a smaller database that still fits, and shorter Cloud Run requests. It never earns a dollar of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from model.behaviour.query_work import SHARE_TOLERANCE
from model.lever import Guardrail, LeverResult, PlanChange, QueryEffect
from model.levers.cloud_sql_instance import instances
from model.levers.database_work import cacheable_shares, with_database_work
from model.levers.query_known import LEVER as KEY
from model.levers.query_known import Query, queries
from model.levers.query_parameters import CONFIGURES, query_parameters

if TYPE_CHECKING:
    from model.bill import Bill
    from model.lever import Effects
    from model.parameter import Parameter, Values

PRODUCT: Final = "Cloud SQL"


class Queries:
    """The lever of query and index tuning."""

    key = KEY
    title = "Queries"

    def parameters(self, bill: Bill) -> list[Parameter]:
        """Setting and assumptions of each known query (``all`` where none is known); empty without a database."""
        return [parameter for query in queries(bill) for parameter in query_parameters(bill, query)]

    def missing(self, bill: Bill) -> str:
        """Why there is nothing to work on; '' when there is."""
        return "" if queries(bill) else "Not in this bill: a Cloud SQL database whose queries could be tuned."

    def apply(self, bill: Bill, values: Values, effects: Effects) -> LeverResult:
        """Effects on each database, the plan's changes, and what is refused; no effect where shares exceed 1."""
        known = queries(bill)
        refused = {query: problem for query in known if (problem := _problem(query, values))}
        tuned = [query for query in known if _is_applied(query, values) and query not in refused]
        found = tuple(_of_query(query, values, is_tuned=query in tuned) for query in known if _has_share(query, values))
        guardrails = tuple(_guardrail("can be judged", query.name, 1.0, problem) for query, problem in refused.items())
        over = _over_one(bill, found)
        if over:
            return LeverResult(guardrails=(*guardrails, *over), notes=tuple(item.sentence for item in over))
        if not found:
            return LeverResult(guardrails=guardrails)
        told = replace(effects, queries=found)
        after = with_database_work(bill, told, cacheable_shares(bill, values)) if tuned else told
        return LeverResult(
            guardrails=guardrails,
            plan=tuple(_change(bill, query, values) for query in tuned),
            effects=after,
            notes=_notes(after) if tuned else (),
        )


def _is_applied(query: Query, values: Values) -> bool:
    return values.get(query.key("applied")) is True


def _has_share(query: Query, values: Values) -> bool:
    return values.number(query.key("work_share")) > 0.0


def _of_query(query: Query, values: Values, *, is_tuned: bool) -> QueryEffect:
    before, after = (values.number(query.key(f"time_{when}_ms")) for when in ("before", "after"))
    cacheable = values.get(query.key("cacheable_share"))
    return QueryEffect(
        query.database,
        values.number(query.key("work_share")),
        after / before if is_tuned else 1.0,
        None if cacheable is None else values.number(query.key("cacheable_share")),
    )


def _problem(query: Query, values: Values) -> str:
    """Why a query that is to be tuned cannot be judged; '' when it can, or is not to be tuned."""
    if not _is_applied(query, values):
        return ""
    for name, what in (("work_share", "its share of the work"), ("time_before_ms", "its time now"),
                       ("time_after_ms", "its time after the change")):  # fmt: skip
        if values.get(query.key(name)) is None:
            return f"{query.name}: {what} is not known, so tuning it changes nothing here; type {query.key(name)}."
    if values.number(query.key("time_before_ms")) <= 0.0:
        return f"{query.name}: its time now is 0, so nothing can be saved of it; type {query.key('time_before_ms')}."
    return ""


def _over_one(bill: Bill, found: tuple[QueryEffect, ...]) -> tuple[Guardrail, ...]:
    """Databases whose queries claim more than all of their work."""
    failed = []
    for database in (item.name for item in instances(bill)):
        share = sum(query.work_share for query in found if query.database in ("", database))
        if share > 1.0 + SHARE_TOLERANCE:
            sentence = (
                f"{database}: the work shares of its queries add up to {share:.1%}, so none of them counts; lower them "
                "to 100 % or less."
            )
            failed.append(_guardrail("work shares", database, share, sentence))
    return tuple(failed)


def _guardrail(name: str, resource: str, value: float, sentence: str) -> Guardrail:
    is_share = name == "work shares"
    limit, unit = (1.0, "ratio") if is_share else (0.0, "problems")
    return Guardrail(name, KEY, resource, limit, value, unit, passed=False, sentence=sentence)


def _change(bill: Bill, query: Query, values: Values) -> PlanChange:
    before, after = (values.number(query.key(f"time_{when}_ms")) for when in ("before", "after"))
    home = next((item.resource for item in instances(bill) if item.name == query.database), instances(bill)[0].resource)
    text = "" if query.text == query.name else query.text
    reason = f"{query.name}: {before:,.6g} → {after:,.6g} ms for one call. {text}"
    return PlanChange(
        KEY, PRODUCT, query.name, home.project, home.region, "applied", before=False, after=True, unit="",
        configures=CONFIGURES, disruption="online", reason=reason.strip(), key=query.key("applied"),
    )  # fmt: skip


def _notes(effects: Effects) -> tuple[str, ...]:
    return tuple(
        f"{name}: tuned queries leave {work.value:.1%} of today's query work; that saves by a size that then fits and "
        "by shorter requests, never by itself."
        for name, work in effects.work_by_database
        if work.value != 1.0
    )


LEVER = Queries()

"""The rules "Service anomaly" and "Query cost" as queries that BigQuery itself runs on a schedule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

from model.alert_replay import LOOKS
from model.anomaly_score import HISTORY_DAYS
from model.daily_costs import day_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.alert_rules import Expected, WatchSettings

_SQL: Final = Path(__file__).parent / "googlesql"
READ_DAYS: Final = 400
"""Days of the export that the anomaly query reads: what it scores needs 117, a service's first day may lie before."""
JOBS_KEPT_DAYS: Final = 180
"""How long BigQuery keeps the list of jobs."""
_TABLE: Final = re.compile(r"[a-z][a-z0-9:.-]{4,60}[a-z0-9]\.[A-Za-z0-9_]{1,1024}\.[A-Za-z0-9_-]{1,1024}")
_LOCATION: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,40}")


class ScheduleRefused(ValueError):  # noqa: N818 - a name that cannot be written into a query, said in a sentence
    """A table or location that is none; the message is one sentence for the user."""


@dataclass(frozen=True)
class ServiceName:
    """What the bill calls a service; the newest name where it was renamed."""

    service_id: str
    name: str


@dataclass(frozen=True)
class SkuName:
    """A SKU that does not stand under its service's name (Firestore bills under App Engine), or that is a fee."""

    service_id: str
    sku_id: str
    name: str
    is_fee: bool


@dataclass(frozen=True)
class WatchedBill:
    """What the anomaly query must know of a bill; ``dollar`` is how many currency units one US dollar is worth."""

    currency: str
    dollar: float
    services: tuple[ServiceName, ...] = ()
    skus: tuple[SkuName, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where the billing export stands (project.dataset.table) and where jobs are run (US, EU, us-central1 …)."""

    table: str
    location: str = "US"

    @property
    def project(self) -> str:
        """The project of the table."""
        return self.table.rsplit(".", 2)[0]

    @property
    def dataset(self) -> str:
        """The dataset of the table, into which findings are written too."""
        return self.table.rsplit(".", 2)[1]

    @property
    def jobs(self) -> str:
        """The list of jobs of the project."""
        return f"{self.project}.region-{self.location.lower()}.INFORMATION_SCHEMA.JOBS_BY_PROJECT"


def place_of(table: str, location: str = "US") -> Place:
    """A place that can stand in a query; raises ScheduleRefused.

    >>> place_of("acme-billing.costs.gcp_billing_export_v1_01").dataset
    'costs'
    """
    if not _TABLE.fullmatch(table):
        raise ScheduleRefused(f"{table!r} is no table of a billing export: write it as project.dataset.table.")
    if not _LOCATION.fullmatch(location):
        raise ScheduleRefused(f"{location!r} is no location of BigQuery: write one as US, EU or us-central1.")
    return Place(table, location)


def anomaly_sql(place: Place, settings: WatchSettings, bill: WatchedBill) -> str:
    """GoogleSQL that finds on the day of ``@run_time`` what the rule finds at that look, one row a service and day.

    Columns service, day, found_on, z, cost_usd, usual_usd, excess_usd; announced increases are left out.
    Source: model.md §4.8, as ``model.anomaly_score`` computes it.
    """
    rule = settings.rule("anomaly")
    return _filled(
        "anomaly",
        table=place.table,
        currency=text(bill.currency),
        dollar=number(bill.dollar),
        threshold=number(rule.threshold),
        minimum_excess=number(rule.minimum_excess),
        minimum_share=number(rule.minimum_share),
        looks=LOOKS,
        oldest_day=LOOKS + HISTORY_DAYS,
        history_days=READ_DAYS,
        services=_listed(f"({text(each.service_id)}, {text(each.name)})" for each in bill.services),
        skus=_listed(
            f"({text(each.service_id)}, {text(each.sku_id)}, {text(each.name)}, {str(each.is_fee).upper()})"
            for each in bill.skus
        ),
        expected="".join(_unless(mark) for mark in settings.expected),
    )


def query_cost_sql(place: Place, settings: WatchSettings, usd_per_tib: float) -> str:
    """GoogleSQL that finds the queries which ended in the 24 hours before ``@run_time`` and cost more than they may."""
    return _jobs_sql(place, settings.rule("query_cost").threshold, usd_per_tib, 1)


def jobs_sql(place: Place, settings: WatchSettings, usd_per_tib: float) -> str:
    """The same over all jobs that BigQuery still lists, from a tenth of the threshold on: for ``watch --jobs``."""
    return _jobs_sql(place, settings.rule("query_cost").threshold / 10.0, usd_per_tib, JOBS_KEPT_DAYS)


def text(value: str) -> str:
    r"""A GoogleSQL string literal.

    >>> text("it's")
    "'it\\'s'"
    """
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + "".join(f"\\u{ord(c):04x}" if ord(c) < 32 or c in "\x7f\u2028\u2029" else c for c in escaped) + "'"


def number(value: float) -> str:
    """A number as GoogleSQL writes it.

    >>> number(2.5), number(100.0)
    ('2.5', '100.0')
    """
    return repr(float(value))


def _jobs_sql(place: Place, threshold: float, usd_per_tib: float, window_days: int) -> str:
    return _filled(
        "query_cost",
        jobs=place.jobs,
        threshold=number(threshold),
        usd_per_tib=number(usd_per_tib),
        window_days=window_days,
        listed_days=window_days + 1,
    )


def _listed(structs: Iterable[str]) -> str:
    lines = ",\n    ".join(structs)
    return f"\n    {lines}\n  " if lines else ""


def _unless(mark: Expected) -> str:
    """The condition that leaves out an announced increase."""
    days = f"judged.day BETWEEN DATE '{day_of(mark.first)}' AND DATE '{day_of(mark.last)}'"
    of_service = f"judged.service = {text(mark.service)} AND " if mark.service else ""
    return f"\n  AND NOT ({of_service}{days})"


def _filled(name: str, **values: object) -> str:
    return Template((_SQL / f"{name}.sql").read_text(encoding="utf-8")).substitute(values)

"""BigQuery as a source: table names, the client, and jobs that cannot cost more than they may.

Every job has labels, a byte cap, a time limit, the location of its table, and the user's values as parameters. What
goes wrong becomes one sentence with the command that mends it. Only this module opens a connection, when asked to.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from data.sources.bigquery_answers import arrow_batches, connect_storage
from data.sources.bigquery_errors import caller_of, refusal_of
from data.sources.refusal import SourceRefused
from data.watch import ImportCancelled

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

SCHEME: Final = "bq://"
DEFAULT_MAXIMUM_BYTES: Final = 100 * 2**30
LABELS: Final = {"application": "cloudlever", "purpose": "import"}
JOB_TIMEOUT_SECONDS: Final = 1800
REQUEST_SECONDS: Final = 60.0
"""How long one request may take."""
RETRY_SECONDS: Final = 60.0
"""How long what may pass by itself (5xx, a broken connection) is tried again; a stop is heard only after it."""
SECONDS_BETWEEN_LOOKS: Final = 0.5
_NAME: Final = re.compile(
    r"bq://(?P<project>(?:[a-z0-9.-]{1,63}:)?[a-z0-9][a-z0-9-]{1,61}[a-z0-9])"
    r"\.(?P<dataset>\w{1,1024})\.(?P<table>[\w-]{1,1024})",
    re.ASCII,
)
"""A project may stand in an organisation's domain (example.com:billing); lengths are those that BigQuery allows."""
MOST_SHOWN: Final = 120
"""Letters of what is no table's name that its refusal repeats."""


@dataclass(frozen=True)
class TableName:
    """A table: ``uri`` as the user writes it, ``dotted`` as the client does, ``sql`` as a query does."""

    project: str
    dataset: str
    table: str

    @property
    def uri(self) -> str:
        """bq://project.dataset.table."""
        return SCHEME + self.dotted

    @property
    def dotted(self) -> str:
        """project.dataset.table."""
        return f"{self.project}.{self.dataset}.{self.table}"

    @property
    def sql(self) -> str:
        """The quoted name; ``parse`` lets no quote in."""
        return f"`{self.dotted}`"

    @classmethod
    def parse(cls, uri: str) -> TableName:
        """Read bq://project.dataset.table; raises SourceRefused.

        >>> TableName.parse("bq://my-project.billing.gcp_billing_export_v1_0A").dataset
        'billing'
        """
        found = _NAME.fullmatch(uri.strip())
        if found is None:
            shown = " ".join(uri.split())
            shown = shown if len(shown) <= MOST_SHOWN else f"{shown[:MOST_SHOWN]}…"
            raise SourceRefused(f"{shown} names no BigQuery table: write bq://PROJECT.DATASET.TABLE.")
        return cls(**found.groupdict())


@dataclass(frozen=True)
class Query:
    """A query: its step's name, its text, and its parameters as (name, type, value); lists are arrays of the type."""

    name: str
    sql: str
    parameters: tuple[tuple[str, str, Any], ...] = ()


class Client(Protocol):
    """What is used of ``google.cloud.bigquery.Client``."""

    project: str

    def get_table(self, table: str, *, retry: Any, timeout: float) -> Any:
        """The table's columns, partitioning, location, size."""

    def list_datasets(self, project: str, *, retry: Any, timeout: float) -> Iterable[Any]:
        """The data sets of a project that may be seen."""

    def list_tables(self, dataset: str, *, retry: Any, timeout: float) -> Iterable[Any]:
        """The tables of a data set."""

    def query(self, query: str, *, job_config: Any, location: str, retry: Any, job_retry: Any, timeout: float) -> Any:
        """Start a job."""

    def get_job(self, job_id: str, *, project: str, location: str, retry: Any, timeout: float) -> Any:
        """A job that was started before."""


def connect_client(project: str) -> Client:
    """A client with application default credentials; jobs run in their project, else in ``project``.

    Raises SourceRefused where there are none.
    """
    import google.auth  # noqa: PLC0415 - seconds that only BigQuery needs
    from google.cloud import bigquery  # noqa: PLC0415

    try:
        credentials, own_project = google.auth.default(scopes=["https://www.googleapis.com/auth/bigquery"])
        return bigquery.Client(project=own_project or project, credentials=credentials)  # type: ignore[no-any-return]
    except Exception as error:
        raise refusal_of(error, SCHEME + project) from error


@dataclass
class Jobs:
    """The jobs over one table. ``maximum_bytes`` caps what all of them together may be billed for.

    ``row_count`` is the table's, where BigQuery tells it. ``billed_bytes`` and ``received_bytes`` (of Arrow, here) add
    up what they were.
    """

    client: Client
    table: TableName
    maximum_bytes: int = DEFAULT_MAXIMUM_BYTES
    cancel: threading.Event | None = None
    location: str = ""
    row_count: int | None = field(default=None, init=False)
    billed_bytes: int = field(default=0, init=False)
    received_bytes: int = field(default=0, init=False)
    _storage: tuple[Any | None] | None = field(default=None, init=False)

    def describe(self) -> Any:
        """The table as BigQuery describes it; its location is used from then on."""
        found = self._ask(lambda: self.client.get_table(self.table.dotted, **patience()))
        self.location = str(found.location)
        is_table = getattr(found, "table_type", None) == "TABLE"  # a view tells no rows
        self.row_count = found.num_rows if is_table else None
        return found

    def dry_run(self, query: Query) -> int:
        """The bytes that a query would be billed for; costs nothing."""
        job = self._ask(lambda: self._start(query, dry_run=True))
        return int(job.total_bytes_processed or 0)

    def run(
        self, query: Query, started: str = "", at_start: Callable[[str], object] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows of a query, as Arrow.

        ``started`` is the job of this very query that an interrupted import had started: it goes on where it is still
        there, else a new one is started. ``at_start`` is told the job's id before it is waited for.
        Raises SourceRefused, ImportCancelled.
        """
        job = self._found(started) if started else None
        if job is None:
            job = self._ask(lambda: self._start(query, dry_run=False))
            if at_start is not None:
                at_start(str(job.job_id))
            self._wait(job)
        self.billed_bytes += int(job.total_bytes_billed or 0)
        self._storage = self._storage or (connect_storage(self.client),)
        batches = arrow_batches(lambda: job.result(job_retry=None, **patience()), self._storage[0], self._leave_storage)
        while (batch := self._ask(lambda: next(batches, None))) is not None:
            self._stop_when_asked(job)
            self.received_bytes += batch.nbytes
            yield batch

    def _found(self, job_id: str) -> Any | None:
        """A job that was started before, once it is done; None where it failed, was stopped or is gone."""
        try:
            job = self.client.get_job(job_id, project=self.client.project, location=self.location, **patience())
        except Exception as error:
            if getattr(error, "code", None) == 404:
                return None
            raise refusal_of(error, self.table.uri, caller_of(self.client)) from error
        self._wait(job)
        return None if job.error_result else job

    def _leave_storage(self) -> None:
        self._storage = (None,)

    def _start(self, query: Query, *, dry_run: bool) -> Any:
        from google.cloud import bigquery  # noqa: PLC0415

        config = bigquery.QueryJobConfig(
            dry_run=dry_run,
            use_query_cache=not dry_run,
            maximum_bytes_billed=max(1, self.maximum_bytes - self.billed_bytes),
            labels={**LABELS, "step": query.name},
            query_parameters=[_parameter(*one) for one in query.parameters],
            job_timeout_ms=JOB_TIMEOUT_SECONDS * 1000,
        )
        return self.client.query(
            query.sql, job_config=config, location=self.location, job_retry=None, **patience()
        )  # fmt: skip

    def _wait(self, job: Any) -> None:
        """Until it is done: a failed job is not started again, since each start may be billed."""
        while not self._ask(lambda: job.done(**patience())):
            self._stop_when_asked(job)
            time.sleep(SECONDS_BETWEEN_LOOKS)
        self._stop_when_asked(job)

    def _stop_when_asked(self, job: Any) -> None:
        if self.cancel is not None and self.cancel.is_set():
            self._ask(lambda: job.cancel(**patience()))
            raise ImportCancelled(f"The import of {self.table.uri} was stopped: nothing of it counts.")

    def _ask(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:
            raise refusal_of(error, self.table.uri, caller_of(self.client)) from error


def list_data_sets(client: Client, project: str) -> list[str]:
    """The data sets of a project that the credentials may see, by name; raises SourceRefused."""
    TableName.parse(f"{SCHEME}{project}.dataset.table")
    try:
        return sorted(str(one.dataset_id) for one in client.list_datasets(project, **patience()))
    except Exception as error:
        raise refusal_of(error, SCHEME + project, caller_of(client)) from error


def list_tables(client: Client, project: str, dataset: str) -> list[TableName]:
    """The tables of a data set, by name; raises SourceRefused."""
    first = TableName.parse(f"{SCHEME}{project}.{dataset}.any")
    try:
        names = [str(one.table_id) for one in client.list_tables(f"{project}.{dataset}", **patience())]
    except Exception as error:
        raise refusal_of(error, f"{SCHEME}{project}.{dataset}", caller_of(client)) from error
    return [TableName(first.project, first.dataset, name) for name in sorted(names)]


def patience() -> dict[str, Any]:
    """How long a request may take, and how long it is made again."""
    from google.cloud.bigquery import DEFAULT_RETRY  # noqa: PLC0415

    return {"retry": DEFAULT_RETRY.with_timeout(RETRY_SECONDS), "timeout": REQUEST_SECONDS}


def _parameter(name: str, kind: str, value: Any) -> Any:
    from google.cloud import bigquery  # noqa: PLC0415

    if isinstance(value, list | tuple):
        return bigquery.ArrayQueryParameter(name, kind, list(value))
    return bigquery.ScalarQueryParameter(name, kind, value)

"""BigQuery as a source: table names, the client, and jobs that cannot cost more than they may.

Every job has labels, a byte cap, a time limit, the location of its table, and the user's values as parameters. What
goes wrong becomes one sentence with the command that mends it. Only this module opens a connection, when asked to.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from data.sources.bigquery_errors import refusal_of
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
SECONDS_BETWEEN_LOOKS: Final = 0.5
_NAME: Final = re.compile(
    r"^bq://(?P<project>[a-z0-9][a-z0-9.:-]*[a-z0-9])\.(?P<dataset>\w+)\.(?P<table>[\w-]+)$", re.ASCII
)


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
        found = _NAME.match(uri.strip())
        if found is None:
            raise SourceRefused(f"{uri} names no BigQuery table: write bq://PROJECT.DATASET.TABLE.")
        return cls(**found.groupdict())


@dataclass(frozen=True)
class Query:
    """A query: its step's name, its text, and its parameters as (name, type, value); lists are arrays of the type."""

    name: str
    sql: str
    parameters: tuple[tuple[str, str, Any], ...] = ()


class Client(Protocol):
    """What is used of ``google.cloud.bigquery.Client``."""

    def get_table(self, table: str, *, timeout: float) -> Any:
        """The table's columns, partitioning, location, size."""

    def list_tables(self, dataset: str, *, timeout: float) -> Iterable[Any]:
        """The tables of a data set."""

    def query(self, query: str, *, job_config: Any, location: str) -> Any:
        """Start a job."""


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
    """The jobs over one table. ``maximum_bytes`` caps what all of them together may be billed for."""

    client: Client
    table: TableName
    maximum_bytes: int = DEFAULT_MAXIMUM_BYTES
    cancel: threading.Event | None = None
    location: str = ""
    billed_bytes: int = field(default=0, init=False)

    def describe(self) -> Any:
        """The table as BigQuery describes it; its location is used from then on."""
        found = self._ask(lambda: self.client.get_table(self.table.dotted, timeout=60))
        self.location = str(found.location)
        return found

    def dry_run(self, query: Query) -> int:
        """The bytes that a query would be billed for; costs nothing."""
        job = self._ask(lambda: self._start(query, dry_run=True))
        return int(job.total_bytes_processed or 0)

    def run(self, query: Query) -> Iterator[pa.RecordBatch]:
        """The rows of a query, as Arrow.

        Raises SourceRefused, ImportCancelled.
        """
        job = self._ask(lambda: self._start(query, dry_run=False))
        self._wait(job)
        self.billed_bytes += int(job.total_bytes_billed or 0)
        batches = self._ask(lambda: iter(job.result().to_arrow_iterable()))
        while (batch := self._ask(lambda: next(batches, None))) is not None:
            self._stop_when_asked(job)
            yield batch

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
        return self.client.query(query.sql, job_config=config, location=self.location)

    def _wait(self, job: Any) -> None:
        while not self._ask(job.done):
            self._stop_when_asked(job)
            time.sleep(SECONDS_BETWEEN_LOOKS)
        self._stop_when_asked(job)
        self._ask(job.result)

    def _stop_when_asked(self, job: Any) -> None:
        if self.cancel is not None and self.cancel.is_set():
            self._ask(job.cancel)
            raise ImportCancelled(f"The import of {self.table.uri} was stopped; nothing of this table was kept.")

    def _ask(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:
            raise refusal_of(error, self.table.uri) from error


def list_billing_tables(client: Client, project: str, dataset: str) -> list[TableName]:
    """The tables of a data set, by name; raises SourceRefused."""
    first = TableName.parse(f"{SCHEME}{project}.{dataset}.any")
    try:
        names = [str(one.table_id) for one in client.list_tables(f"{project}.{dataset}", timeout=60)]
    except Exception as error:
        raise refusal_of(error, f"{SCHEME}{project}.{dataset}") from error
    return [TableName(first.project, first.dataset, name) for name in sorted(names)]


def _parameter(name: str, kind: str, value: Any) -> Any:
    from google.cloud import bigquery  # noqa: PLC0415

    if isinstance(value, list | tuple):
        return bigquery.ArrayQueryParameter(name, kind, list(value))
    return bigquery.ScalarQueryParameter(name, kind, value)

"""A BigQuery client that records every job and answers with ZetaSQL, over rows in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import google_sql_engine as google
import pyarrow as pa
from bigquery_table import fields_of
from google.api_core.exceptions import BadRequest, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

TYPES = {
    "STRING": pa.string(), "INT64": pa.int64(), "BOOL": pa.bool_(), "TIMESTAMP": pa.timestamp("us", "UTC"),
}  # fmt: skip


@dataclass
class Table:
    """Rows of an Arrow schema, as a table in a location; partitioned by a column (None: by load time)."""

    arrow_schema: pa.Schema
    rows: list[dict[str, Any]]
    location: str = "EU"
    time_partitioning: Any = None

    @property
    def schema(self) -> list[Any]:
        """As the client describes it."""
        return fields_of(self.arrow_schema)


@dataclass
class Partitioning:
    """Of which column; None is the time of loading."""

    field: str | None


@dataclass
class Job:
    """A job that is done; its bytes are those of a dry run."""

    client: FakeClient
    sql: str
    config: Any
    total_bytes_processed: int = 1000
    total_bytes_billed: int = 1000
    cancelled: bool = False
    job_id: str = "job"
    error_result: None = None

    def done(self, *, retry: Any, timeout: float) -> bool:
        """Whether it is."""
        assert retry is not None
        return timeout > 0

    def cancel(self, *, retry: Any, timeout: float) -> None:
        """Take note."""
        assert retry is not None
        self.cancelled = timeout > 0

    def result(self, *, retry: Any, timeout: float, job_retry: None) -> Job:
        """The rows, which come as they are asked for."""
        assert retry is not None
        assert job_retry is None
        assert timeout > 0
        return self

    def to_arrow_iterable(self) -> Any:
        """The rows in batches of one."""
        table = google.run_to_arrow(self.client.inlined(self.sql, self.config))
        return iter(table.to_batches(max_chunksize=1))


@dataclass
class FakeClient:
    """Tables by dotted name; ``fail`` may raise by step (a label of the job, or ``get_table``)."""

    tables: dict[str, Table]
    fail: Callable[[str, Any], None] = lambda step, job: None
    jobs: list[tuple[str, Any, str]] = field(default_factory=list)
    project: str = "runner"

    def get_table(self, table: str, *, retry: Any, timeout: float) -> Table:
        """The table, or what BigQuery raises."""
        assert timeout > 0
        self.fail("get_table", None)
        if table not in self.tables:
            raise NotFound(f"Not found: Table {table}")
        return self.tables[table]

    def list_datasets(self, project: str, *, retry: Any, timeout: float) -> list[Any]:
        """Those of a project."""
        assert retry is not None
        assert timeout > 0
        names = {tuple(name.split(".")[:2]) for name in self.tables}
        return [type("Item", (), {"dataset_id": dataset}) for first, dataset in sorted(names) if first == project]

    def list_tables(self, dataset: str, *, retry: Any, timeout: float) -> list[Any]:
        """Those of a data set."""
        assert retry is not None
        assert timeout > 0
        named = [name.rpartition(".") for name in self.tables]
        return [type("Item", (), {"table_id": last}) for first, _, last in named if first == dataset]

    def query(self, query: str, *, job_config: Any, location: str, retry: Any, job_retry: None, timeout: float) -> Job:
        """Record a job; a cap below what it reads fails it, as in BigQuery. A failed job must not start again."""
        assert retry is not None
        assert job_retry is None
        assert timeout > 0
        self.jobs.append((query, job_config, location))
        job = Job(self, query, job_config)
        cap = job_config.maximum_bytes_billed
        if not job_config.dry_run and cap is not None and cap < job.total_bytes_billed:
            raise BadRequest("Query exceeded limit for bytes billed: 1. bytesBilledLimitExceeded")
        if not job_config.dry_run:
            self.fail(job_config.labels["step"], job)
        return job

    def get_job(self, job_id: str, *, project: str, location: str, retry: Any, timeout: float) -> Job:
        """None is remembered."""
        raise NotFound(f"Not found: Job {project}:{location}.{job_id}")

    def inlined(self, sql: str, config: Any) -> str:
        """The query with its table's rows and its parameters written out, for an engine that has neither."""
        for name, table in self.tables.items():
            sql = sql.replace(f"`{name}`", f"({google.rows_sql(table.arrow_schema, table.rows)})")
        values = {one.name: _written(one) for one in config.query_parameters}
        return re.sub(r"@(\w+)", lambda found: values[found[1]], sql)


def _written(parameter: Any) -> str:
    if hasattr(parameter, "array_type"):
        return f"({google.literal(parameter.values, pa.list_(TYPES[parameter.array_type]))})"
    return google.literal(parameter.value, TYPES[parameter.type_])

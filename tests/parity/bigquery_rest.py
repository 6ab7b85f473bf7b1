"""BigQuery's REST interface on loopback, for the real client: tables in memory, queries answered by ZetaSQL.

It keeps what the manual says and emulators leave out: a job without a byte cap is refused, a cap that is too low fails
the job, a job in another location does not find its table. Any answer can be replaced by a fault.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlparse

import google_sql_engine as google
from bigquery_fake import FakeClient, Table
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

PREFIX = "/bigquery/v2/projects/"
REASONS = {400: "invalidQuery", 401: "authError", 403: "accessDenied", 404: "notFound", 429: "rateLimitExceeded",
           500: "internalError", 503: "backendError"}  # fmt: skip


@dataclass(frozen=True)
class Fault(Exception):  # noqa: N818 - an answer, until it is raised
    """An error as BigQuery writes it; code 0 cuts the connection in the middle of the answer."""

    code: int
    message: str = ""
    reason: str = ""

    def body(self) -> dict[str, Any]:
        reason = self.reason or REASONS[self.code]
        return {"error": {"code": self.code, "message": self.message,
                          "errors": [{"message": self.message, "domain": "global", "reason": reason}]}}  # fmt: skip


@dataclass
class Asked:
    """A job: what was asked, and its rows."""

    id: str
    project: str
    configuration: dict[str, Any]
    location: str
    looks: int = 0
    answer: pa.Table | None = None
    error: dict[str, Any] | None = None
    is_cancelled: bool = False

    @property
    def query(self) -> dict[str, Any]:
        return self.configuration["query"]

    @property
    def step(self) -> str:
        return self.configuration.get("labels", {}).get("step", "")


@dataclass
class RestBigQuery:
    """The server; ``fault(place, step)`` may give what an answer is replaced by. Places: get_table, list, insert, look,
    rows, cancel. ``page_rows`` rows go into one answer; a job is done after ``looks_until_done`` looks.
    """

    tables: dict[str, Table]
    page_rows: int = 3
    looks_until_done: int = 1
    bytes_of_a_query: int = 20_000_000
    fault: Callable[[str, str], Fault | None] = lambda place, step: None
    jobs: dict[str, Asked] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"server_state": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def client(self) -> bigquery.Client:
        """The real client, pointed here."""
        return bigquery.Client("runner", AnonymousCredentials(), client_options={"api_endpoint": self.endpoint})

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def real_jobs(self) -> list[Asked]:
        """Those that are no dry runs."""
        return [job for job in self.jobs.values() if not job.configuration.get("dryRun")]

    def answer(  # noqa: PLR0911 - one answer per path
        self, method: str, path: str, asked: dict[str, list[str]], body: Any
    ) -> dict[str, Any]:
        project, *rest = path.removeprefix(PREFIX).split("/")
        match method, rest:
            case "GET", ["datasets"]:
                self._fail("list", "")
                names = sorted({tuple(name.split(".")[:2]) for name in self.tables})
                found = [{"datasetReference": {"projectId": p, "datasetId": d}} for p, d in names if p == project]
                return {"datasets": found}
            case "GET", ["datasets", dataset, "tables"]:
                self._fail("list", "")
                names = [name.split(".") for name in self.tables]
                found = [n for n in names if n[:2] == [project, dataset]]
                return {"tables": [{"tableReference": _reference(n)} for n in found], "totalItems": len(found)}
            case "GET", ["datasets", dataset, "tables", table]:
                self._fail("get_table", "")
                return self._described([project, dataset, table])
            case "POST", ["jobs"]:
                return self._insert(project, body)
            case "GET", ["jobs", name]:
                job = self.jobs[name]
                self._fail("look", job.step)
                job.looks += 1
                return self._resource(job)
            case "POST", ["jobs", name, "cancel"]:
                self.jobs[name].is_cancelled = True
                return {"job": self._resource(self.jobs[name])}
            case "GET", ["queries", name]:
                return self._rows(self.jobs[name], asked)
        raise Fault(404, f"Not found: {path}")

    def _fail(self, place: str, step: str) -> None:
        fault = self.fault(place, step)
        if fault is not None:
            raise fault

    def _described(self, parts: list[str]) -> dict[str, Any]:
        table = self.tables.get(".".join(parts))
        if table is None:
            raise Fault(404, f"Not found: Table {parts[0]}:{parts[1]}.{parts[2]}")
        partitioning = {}
        if table.time_partitioning is not None:
            own = {"type": "DAY", "field": table.time_partitioning.field}
            partitioning = {"timePartitioning": {key: value for key, value in own.items() if value}}
        fields = [_field(one) for one in table.schema]
        own = {"tableReference": _reference(parts), "schema": {"fields": fields}, "location": table.location}
        return own | {"numRows": str(len(table.rows)), "type": "TABLE"} | partitioning

    def _insert(self, project: str, body: dict[str, Any]) -> dict[str, Any]:
        reference = body["jobReference"]
        job = Asked(reference["jobId"], project, body["configuration"], reference.get("location", "US"))
        self.jobs[job.id] = job
        self._fail("insert", job.step)
        table = next((table for name, table in self.tables.items() if f"`{name}`" in job.query["query"]), None)
        if table is not None and table.location != job.location:
            raise Fault(404, f"Not found: Dataset was not found in location {job.location}")
        cap = job.query.get("maximumBytesBilled")
        if cap is None:
            raise Fault(400, "This server takes no job without maximumBytesBilled", "invalid")
        if not job.configuration.get("dryRun"):
            self._run(job, int(cap))
        return self._resource(job)

    def _run(self, job: Asked, cap: int) -> None:
        if cap < self.bytes_of_a_query:
            message = f"Query exceeded limit for bytes billed: {cap}. {self.bytes_of_a_query} or higher required."
            job.error = {"reason": "bytesBilledLimitExceeded", "message": message}
            return
        config = bigquery.QueryJobConfig.from_api_repr(job.configuration)
        try:
            job.answer = google.run_to_arrow(FakeClient(self.tables).inlined(job.query["query"], config))
        except Exception as error:  # noqa: BLE001 - whatever ZetaSQL says is the job's error
            job.error = {"reason": "invalidQuery", "message": str(error)[:300]}

    def _resource(self, job: Asked) -> dict[str, Any]:
        is_done = job.configuration.get("dryRun") or job.looks >= self.looks_until_done
        status: dict[str, Any] = {"state": "DONE" if is_done else "RUNNING"}
        if job.error and is_done:
            status |= {"errorResult": job.error, "errors": [job.error]}
        count = str(self.bytes_of_a_query)
        statistics = {"totalBytesProcessed": count, "query": {"totalBytesProcessed": count, "totalBytesBilled": count,
                                                               "statementType": "SELECT"}}  # fmt: skip
        reference = {"projectId": job.project, "jobId": job.id, "location": job.location}
        target = {"projectId": job.project, "datasetId": "_answers", "tableId": f"of_{job.id}"}
        configuration = job.configuration | {"query": job.query | {"destinationTable": target}}
        return {"kind": "bigquery#job", "id": job.id, "jobReference": reference, "configuration": configuration,
                "status": status, "statistics": statistics}  # fmt: skip

    def _rows(self, job: Asked, asked: dict[str, list[str]]) -> dict[str, Any]:
        if int(asked.get("maxResults", ["-1"])[0]) != 0:
            self._fail("rows", job.step)
        if job.error:
            raise Fault(400, job.error["message"], job.error["reason"])
        assert job.answer is not None
        start = int(asked.get("pageToken", ["0"])[0])
        most = min(self.page_rows, int(asked.get("maxResults", [self.page_rows])[0]))
        stop = start + most
        rows = [{"f": [{"v": _cell(value)} for value in row.values()]} for row in job.answer[start:stop].to_pylist()]
        more = {"pageToken": str(stop)} if stop < job.answer.num_rows else {}
        fields = [{"name": one.name, "type": TYPES[str(one.type)], "mode": "NULLABLE"} for one in job.answer.schema]
        reference = {"projectId": job.project, "jobId": job.id, "location": job.location}
        return {"jobComplete": True, "totalRows": str(job.answer.num_rows), "schema": {"fields": fields}, "rows": rows,
                "jobReference": reference} | more  # fmt: skip


TYPES = {
    "int64": "INTEGER", "string": "STRING", "double": "FLOAT", "bool": "BOOLEAN", "date32[day]": "DATE",
    "timestamp[us, tz=UTC]": "TIMESTAMP", "decimal128(38, 9)": "NUMERIC",
}  # fmt: skip


def _cell(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case datetime():
            return str(round(value.timestamp() * 1_000_000))
        case date():
            return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def _reference(parts: list[str]) -> dict[str, str]:
    return dict(zip(("projectId", "datasetId", "tableId"), parts, strict=True))


def _field(one: Any) -> dict[str, Any]:
    inner = {"fields": [_field(each) for each in one.fields]} if one.fields else {}
    return {"name": one.name, "type": one.field_type, "mode": one.mode, **inner}


class _Handler(BaseHTTPRequestHandler):
    server_state: RestBigQuery
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer("GET", None)

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer("POST", json.loads(text) if text else None)

    def _answer(self, method: str, body: Any) -> None:
        url = urlparse(self.path)
        self.server_state.requests.append(f"{method} {re.sub('[0-9a-f-]{36}', 'JOB', url.path)}")
        try:
            code, answer = 200, self.server_state.answer(method, url.path, parse_qs(url.query), body)
        except Fault as fault:
            if fault.code == 0:
                self._cut()
                return
            code, answer = fault.code, fault.body()
        text = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(b'{"rows": [')
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

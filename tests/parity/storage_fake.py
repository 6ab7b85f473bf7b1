"""BigQuery's Storage Read API on loopback: answers of a REST server's jobs, as streams of Arrow over gRPC."""

from __future__ import annotations

from concurrent import futures
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import grpc
from google.cloud.bigquery_storage_v1 import BigQueryReadClient, types
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from bigquery_rest import RestBigQuery

SERVICE = "google.cloud.bigquery.storage.v1.BigQueryRead"


@dataclass
class StorageServer:
    """``denies``: no session may be made. ``breaks_after``: the stream fails after so many batches."""

    rest: RestBigQuery
    denies: bool = False
    breaks_after: int | None = None
    sessions: list[str] = field(default_factory=list)
    refusals: int = 0

    def __enter__(self) -> Self:
        self._server = grpc.server(futures.ThreadPoolExecutor(2))
        methods = {
            "CreateReadSession": grpc.unary_unary_rpc_method_handler(
                self._session, types.CreateReadSessionRequest.deserialize, types.ReadSession.serialize
            ),
            "ReadRows": grpc.unary_stream_rpc_method_handler(
                self._rows, types.ReadRowsRequest.deserialize, types.ReadRowsResponse.serialize
            ),
        }
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
        self._port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(None)

    def client(self) -> BigQueryReadClient:
        """The real client, pointed here."""
        channel = grpc.insecure_channel(f"127.0.0.1:{self._port}")
        return BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))

    def _answer_of(self, table: str) -> pa.Table:
        answer = self.rest.jobs[table.rpartition("/of_")[2]].answer
        assert answer is not None
        return answer

    def _session(self, request: Any, context: grpc.ServicerContext) -> types.ReadSession:
        if self.denies:
            self.refusals += 1
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "bigquery.readsessions.create is missing")
        table = request.read_session.table
        self.sessions.append(table)
        schema = self._answer_of(table).schema.serialize().to_pybytes()
        return types.ReadSession(
            name=table, table=table, data_format=types.DataFormat.ARROW, streams=[types.ReadStream(name=table)],
            arrow_schema=types.ArrowSchema(serialized_schema=schema),
        )  # fmt: skip

    def _rows(self, request: Any, context: grpc.ServicerContext) -> Iterator[types.ReadRowsResponse]:
        answer = self._answer_of(request.read_stream)
        schema = types.ArrowSchema(serialized_schema=answer.schema.serialize().to_pybytes())
        for number, batch in enumerate(answer.to_batches(max_chunksize=2)):
            if self.breaks_after is not None and number >= self.breaks_after:
                context.abort(grpc.StatusCode.INTERNAL, "the stream broke")
            written = types.ArrowRecordBatch(serialized_record_batch=batch.serialize().to_pybytes())
            yield types.ReadRowsResponse(arrow_record_batch=written, row_count=batch.num_rows, arrow_schema=schema)

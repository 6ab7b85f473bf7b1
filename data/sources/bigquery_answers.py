"""The rows of a finished job, as Arrow: by the Storage API where the credentials may use it, else by REST.

Small answers come with the job itself either way. The Storage API sends Arrow in compressed buffers; REST sends JSON.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    Rows = Any
    """``google.cloud.bigquery.table.RowIterator``, which can be walked once."""

SESSION_RIGHT: Final = "bigquery.readsessions.create"
MOST_STREAMS: Final = 2
log = logging.getLogger(__name__)


def connect_storage(client: Any) -> Any | None:
    """A client of the Storage API with the credentials of a BigQuery client; None where there can be none."""
    try:
        from google.cloud import bigquery_storage  # noqa: PLC0415 - seconds that only large answers need

        return bigquery_storage.BigQueryReadClient(credentials=client._credentials)  # noqa: SLF001 - it tells no other way
    except Exception as error:  # noqa: BLE001 - REST does the same, more slowly
        log.info("Answers come by REST: %s", error)
        return None


def arrow_batches(
    rows_of: Callable[[], Rows], storage: Any | None, on_refusal: Callable[[], None]
) -> Iterator[pa.RecordBatch]:
    """The batches of an answer.

    What stops the Storage API before its first row (no right to it, say) leads to REST, and ``on_refusal`` is told;
    what breaks in the middle is raised, since rows would count twice.
    """
    if storage is not None:
        try:
            batches = iter(rows_of().to_arrow_iterable(bqstorage_client=storage, max_stream_count=MOST_STREAMS))
            first = next(batches, None)
        except Exception as error:  # noqa: BLE001 - REST tells what is wrong, if something is
            log.info("This answer comes by REST, since the Storage API (%s) said: %s", SESSION_RIGHT, error)
            on_refusal()
        else:
            if first is not None:
                yield first
                yield from batches
            return
    yield from rows_of().to_arrow_iterable()

"""What BigQuery's client raises → one sentence: what went wrong, and the command that mends it."""

from __future__ import annotations

from typing import Final

from data.sources.refusal import SourceRefused

LOGIN: Final = "gcloud auth application-default login"
AGAIN: Final = "nothing of it was kept, so run the same import again"
QUOTA_WORDS: Final = ("quotaexceeded", "quota exceeded", "ratelimitexceeded", "rate limit", "exceeded quota")


def refusal_of(error: Exception, where: str) -> Exception:
    """The refusal for an error of the client; what is no error of the client's is returned as it is."""
    if isinstance(error, SourceRefused):
        return error
    said = f"{type(error).__name__} {error}".lower()
    if "credentials" in type(error).__name__.lower() or type(error).__name__ == "RefreshError":
        return SourceRefused(f"{where}: there are no usable Google credentials on this machine: run `{LOGIN}`.")
    sentence = _sentence(getattr(error, "code", None), said, where) or _transport_sentence(error, where)
    return SourceRefused(sentence) if sentence else error


def _sentence(code: object, said: str, where: str) -> str:
    number = int(code) if isinstance(code, int) else 0
    if number == 429 or any(word in said for word in QUOTA_WORDS):
        return (
            f"{where}: a BigQuery quota of the project that runs the queries is used up; {AGAIN} later, or raise it: "
            "`gcloud alpha services quota list --service=bigquery.googleapis.com --consumer=projects/PROJECT`."
        )
    if number in (401, 403):
        return _forbidden(said, where)
    if number == 404:
        return _not_found(said, where)
    return _failed(number, said, where)


def _failed(number: int, said: str, where: str) -> str:
    if "bytesbilledlimitexceeded" in said or "bytes billed" in said:
        return f"{where}: a query would read more than it may, so it did not run: raise `--maximum-bytes`."
    if number == 400:
        reason = said.partition(" ")[2].splitlines()[0][:200]
        return f"{where}: BigQuery refused a query ({reason}); check that the table is an unchanged billing export."
    if number >= 500:
        return f"{where}: BigQuery answered with error {number} and kept failing; {AGAIN}."
    return ""


def _forbidden(said: str, where: str) -> str:
    if "jobs.create" in said or "bigquery.jobs" in said:
        return (
            f"{where}: these credentials may not run queries (bigquery.jobs.create): "
            "`gcloud projects add-iam-policy-binding PROJECT --member=user:YOU --role=roles/bigquery.jobUser`."
        )
    if "billing" in said and "enable" in said:
        return f"{where}: the project that runs the queries has no billing: `gcloud billing projects link PROJECT`."
    project, dataset = _project_and_dataset(where)
    return (
        f"{where}: these credentials may not read it (bigquery.tables.getData): "
        f"`bq add-iam-policy-binding --member=user:YOU --role=roles/bigquery.dataViewer {project}:{dataset}`."
    )


def _not_found(said: str, where: str) -> str:
    project, dataset = _project_and_dataset(where)
    if "location" in said:
        return (
            f"{where}: the data set is not in the location in which the query ran; `bq show {project}:"
            f"{dataset.partition('.')[0]}` says where it is, then {AGAIN}."
        )
    return f"{where}: there is no such table; `bq ls {project}:{dataset.partition('.')[0]}` lists those that are there."


def _transport_sentence(error: Exception, where: str) -> str:
    """Time-outs and broken connections, which several libraries raise under names of their own."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & {"TimeoutError", "Timeout", "RetryError", "ReadTimeout"}:
        return f"{where}: BigQuery did not answer in time; {AGAIN}."
    if names & {"ConnectionError", "TransportError", "ChunkedEncodingError", "OSError"}:
        return f"{where}: BigQuery cannot be reached from this machine; check the network, then {AGAIN}."
    return ""


def _project_and_dataset(where: str) -> tuple[str, str]:
    parts = where.removeprefix("bq://").rsplit(".", 2)
    return parts[0], ".".join(parts[1:]) or "DATASET"

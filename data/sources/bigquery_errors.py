"""What BigQuery's client raises → one sentence: what went wrong, and the command that mends it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from data.sources.refusal import SourceRefused

LOGIN: Final = "gcloud auth application-default login"
AGAIN: Final = "nothing of it counts yet: run the same import again to go on"
QUOTA_WORDS: Final = ("quotaexceeded", "quota exceeded", "ratelimitexceeded", "rate limit", "exceeded quota")
RIGHT: Final = re.compile(r"\bbigquery\.[a-z]+\.[a-zA-Z]+\b")
PROJECT_RIGHTS: Final = {
    "bigquery.jobs.": "roles/bigquery.jobUser",
    "bigquery.readsessions.": "roles/bigquery.readSessionUser",
}
"""Rights that are granted on the project that runs the queries; all others are rights to read the data set."""


@dataclass(frozen=True)
class Caller:
    """Who asks: the project that runs and pays for the queries, and the member that a grant would name."""

    project: str = "PROJECT"
    member: str = "user:YOU"


def caller_of(client: object) -> Caller:
    """The caller that a client's credentials stand for; a person's name is in no credential, so it stays YOU."""
    credentials = getattr(client, "_credentials", None)
    account = getattr(credentials, "service_account_email", None) or getattr(credentials, "_target_principal", None)
    member = f"serviceAccount:{account}" if account and "@" in str(account) else Caller.member
    return Caller(str(getattr(client, "project", None) or Caller.project), member)


def refusal_of(error: Exception, where: str, caller: Caller | None = None) -> Exception:
    """The refusal for an error of the client; what is no error of the client's is returned as it is."""
    if isinstance(error, SourceRefused):
        return error
    cause = getattr(error, "cause", None)
    if type(error).__name__ == "RetryError" and isinstance(cause, Exception) and getattr(cause, "code", None):
        return refusal_of(cause, where, caller)
    said = str(error)
    if "credentials" in type(error).__name__.lower() or type(error).__name__ == "RefreshError":
        return SourceRefused(f"{where}: there are no usable Google credentials on this machine: run `{LOGIN}`.")
    code = getattr(error, "code", None)
    number = int(code) if isinstance(code, int) else 0
    sentence = _sentence(number, said, where, caller or Caller()) or _transport_sentence(error, where)
    return SourceRefused(sentence) if sentence else error


def _sentence(number: int, said: str, where: str, caller: Caller) -> str:
    lowered = said.lower()
    if number == 429 or (number and any(word in lowered for word in QUOTA_WORDS)):
        return (
            f"{where}: a BigQuery quota of the project {caller.project}, which runs the queries, is used up; {AGAIN} "
            "later, or raise it: `gcloud alpha services quota list --service=bigquery.googleapis.com "
            f"--consumer=projects/{caller.project}`."
        )
    if number in (401, 403):
        return _forbidden(said, where, caller)
    if number == 404:
        return _not_found(lowered, where)
    return _failed(number, said, where)


def _failed(number: int, said: str, where: str) -> str:
    lowered = said.lower()
    if "bytesbilledlimitexceeded" in lowered or "bytes billed" in lowered:
        return f"{where}: a query would read more than it may, so it did not run: raise `--maximum-bytes`."
    if ("timeout" in lowered and number in (400, 499)) or "job timed out" in lowered:
        return f"{where}: a query ran longer than it may and was stopped; {AGAIN}, or take fewer months with `--since`."
    if number == 400:
        return (
            f"{where}: BigQuery refused a query ({_reason(said)}); check that the table is an unchanged billing export."
        )
    if number >= 500:
        return f"{where}: BigQuery answered with error {number} and kept failing; {AGAIN}."
    return ""


def _reason(said: str) -> str:
    """The message without the request that the client writes before it and what it appends."""
    last = said.splitlines()[0] if said else "no reason given"
    return last.rpartition("prettyPrint=false: ")[2].removeprefix("400 ")[:200].rstrip(". ")


def _forbidden(said: str, where: str, caller: Caller) -> str:
    lowered = said.lower()
    if "has not been used" in lowered or "api is disabled" in lowered or "accessnotconfigured" in lowered:
        return (
            f"{where}: the BigQuery API is off in the project {caller.project}: "
            f"`gcloud services enable bigquery.googleapis.com --project={caller.project}`."
        )
    if "billing" in lowered and "enable" in lowered:
        return (
            f"{where}: the project {caller.project}, which runs the queries, has no billing: "
            f"`gcloud billing projects link {caller.project} --billing-account=ACCOUNT`."
        )
    found = RIGHT.search(said)
    right = found[0] if found else "bigquery.tables.getData"
    role = next((role for prefix, role in PROJECT_RIGHTS.items() if right.startswith(prefix)), None)
    if role is not None:
        return (
            f"{where}: these credentials may not run queries in the project {caller.project} ({right}): `gcloud "
            f"projects add-iam-policy-binding {caller.project} --member={caller.member} --role={role}`."
        )
    return f"{where}: these credentials may not read it ({right}): `{grant_to_read(where, caller)}`."


def grant_to_read(where: str, caller: Caller) -> str:
    """The command that lets a member read one data set, and nothing else of the project."""
    project, dataset, _ = _names(where)
    if not dataset:
        return (
            f"gcloud projects add-iam-policy-binding {project} --member={caller.member} "
            "--role=roles/bigquery.metadataViewer"
        )
    return (
        "bq query --use_legacy_sql=false 'GRANT `roles/bigquery.dataViewer` ON SCHEMA "
        f'`{project}`.`{dataset}` TO "{caller.member}"\''
    )


def _not_found(lowered: str, where: str) -> str:
    project, dataset, table = _names(where)
    if "in location" in lowered and "not found: table" not in lowered:
        return (
            f"{where}: the data set is not in the location in which the query ran; `bq show {project}:{dataset}` says "
            f"where it is, then {AGAIN}."
        )
    if not dataset or "not found: project" in lowered:
        return f"{where}: these credentials see no such project; `gcloud projects list` lists those that they see."
    if not table or "not found: dataset" in lowered:
        return f"{where}: there is no such data set; `bq ls --project_id={project}` lists those that are there."
    return f"{where}: there is no such table; `bq ls {project}:{dataset}` lists those that are there."


def _transport_sentence(error: Exception, where: str) -> str:
    """Time-outs and broken connections, which several libraries raise under names of their own."""
    causes = [error, getattr(error, "cause", None)]
    names = {kind.__name__ for one in causes if one is not None for kind in type(one).__mro__}
    if names & {"ConnectionError", "TransportError", "ChunkedEncodingError"} and not names & {"Timeout", "ReadTimeout"}:
        return f"{where}: BigQuery cannot be reached from this machine; check the network, then {AGAIN}."
    if names & {"TimeoutError", "Timeout", "RetryError", "ReadTimeout"}:
        return f"{where}: BigQuery did not answer in time; {AGAIN}."
    if "OSError" in names:
        return f"{where}: BigQuery cannot be reached from this machine; check the network, then {AGAIN}."
    return ""


def _names(where: str) -> tuple[str, str, str]:
    """Project (which may hold dots: example.com:billing), data set, table; '' for what is not named."""
    project, dataset, table = (*where.removeprefix("bq://").split("."), "", "")[:3]
    if ":" not in where.removeprefix("bq://"):
        return project, dataset, table
    domain, _, rest = where.removeprefix("bq://").partition(":")
    project, dataset, table = (*rest.split("."), "", "")[:3]
    return f"{domain}:{project}", dataset, table

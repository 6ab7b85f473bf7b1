"""Queries one by one: a CSV of INFORMATION_SCHEMA.JOBS, for the rule that watches what a single query costs."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from data.charge import PACIFIC
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

COLUMNS: Final = ("creation_time", "project_id", "job_id", "total_bytes_billed")


@dataclass(frozen=True)
class QueryJob:
    """One query that ran: Pacific day, project, job, bytes billed, and who ran it ('' where it is not told)."""

    day: date
    project: str
    job: str
    billed_bytes: int
    user: str = ""


def read_jobs(path: Path) -> list[QueryJob]:
    """Read the jobs; raises SourceRefused naming line and column. Jobs that billed nothing (cached) are left out."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceRefused(f"{path.name} cannot be read as a table of jobs ({error}).") from error
    return parse_jobs(text, path.name)


def parse_jobs(text: str, where: str) -> list[QueryJob]:
    r"""Jobs of a CSV with at least creation_time, project_id, job_id, total_bytes_billed; user_email if there is one.

    >>> parse_jobs("creation_time,project_id,job_id,total_bytes_billed\n2026-01-31T03:00:00Z,p,j,5\n", "jobs.csv")
    [QueryJob(day=datetime.date(2026, 1, 30), project='p', job='j', billed_bytes=5, user='')]
    """
    rows = csv.DictReader(text.splitlines())
    missing = next((name for name in COLUMNS if name not in (rows.fieldnames or ())), None)
    if missing is not None:
        raise SourceRefused(f"{where}, line 1 has no column {missing}: it needs {', '.join(COLUMNS)}.")
    found = [_job(row, f"{where}, line {line}") for line, row in enumerate(rows, start=2)]
    return [job for job in found if job.billed_bytes]


def _job(row: dict[str, str], place: str) -> QueryJob:
    billed = (row["total_bytes_billed"] or "0").strip()
    if not billed.isascii() or not billed.isdigit():
        raise SourceRefused(f"{place}, column total_bytes_billed: {billed!r} is no number of bytes.")
    day = _day((row["creation_time"] or "").strip(), place)
    return QueryJob(day, row["project_id"] or "", row["job_id"] or "", int(billed), row.get("user_email") or "")


def _day(text: str, place: str) -> date:
    try:
        time = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except ValueError as error:
        raise SourceRefused(f"{place}, column creation_time: {text!r} is no time, as 2026-01-31T10:00:00Z.") from error
    utc = time if time.tzinfo else time.replace(tzinfo=ZoneInfo("UTC"))
    return utc.astimezone(ZoneInfo(PACIFIC)).date()

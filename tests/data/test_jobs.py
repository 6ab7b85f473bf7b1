"""Tables of queries: Pacific days, cached queries left out, problems by line and column."""

from datetime import date

import pytest

from data.sources.jobs import parse_jobs, read_jobs
from data.sources.refusal import SourceRefused

HEADER = "creation_time,project_id,job_id,total_bytes_billed,user_email\n"


def test_days_are_pacific_and_cached_queries_are_left_out():
    lines = (
        "2026-01-31 07:59:00 UTC,p,late,10,ann@example.com",
        "2026-01-31T09:00:00,p,next,20,",
        "2026-01-31T09:00:00Z,p,cached,0,",
        "2026-01-31T09:00:00Z,p,none,,",
    )
    text = HEADER + "\n".join(lines)
    jobs = parse_jobs(text, "jobs.csv")
    assert [(job.day, job.job, job.billed_bytes, job.user) for job in jobs] == [
        (date(2026, 1, 30), "late", 10, "ann@example.com"), (date(2026, 1, 31), "next", 20, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), [
    ("job_id\n1\n", "line 1 has no column creation_time"),
    (HEADER + "2026-01-31T09:00:00Z,p,j,much,\n", "line 2, column total_bytes_billed: 'much'"),
    (HEADER + "yesterday,p,j,5,\n", "line 2, column creation_time: 'yesterday'"),
])  # fmt: skip
def test_problems_name_line_and_column(text, sentence):
    with pytest.raises(SourceRefused, match=sentence):
        parse_jobs(text, "jobs.csv")


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(SourceRefused, match="cannot be read as a table of jobs"):
        read_jobs(tmp_path / "jobs.csv")

"""The case's indexes, their undo and the EXPLAIN harness on a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from exports.sql import sql_files
from tests.exports.test_sql import CASE

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = next((path for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.xdist_group("postgresql"),
    pytest.mark.skipif(
        PROGRAMS is None or not (PROGRAMS / "initdb").exists(), reason="PostgreSQL is missing: DDL is NOT judged here"
    ),
]
TABLES = """
CREATE TABLE users(id bigint PRIMARY KEY, email text, organization_id int, status text, name text,
  created_at timestamptz, updated_at timestamptz);
CREATE TABLE pipelines(id bigint PRIMARY KEY, user_id bigint, organization_id int, status text, created_at timestamptz);
CREATE TABLE reports(id bigint PRIMARY KEY, pipeline_id bigint, status text, created_at timestamptz);
CREATE TABLE jobs(id bigint PRIMARY KEY, pipeline_id bigint, worker_id int, status text, created_at timestamptz);
INSERT INTO users SELECT g, 'user' || g || '@example.com', g % 50, 'active', 'n', now(), now()
  FROM generate_series(1, 20000) g;
INSERT INTO pipelines SELECT g, g % 5000, g % 50, 'running', now() FROM generate_series(1, 20000) g;
INSERT INTO reports SELECT g, g % 5000, 'done', now() FROM generate_series(1, 20000) g;
INSERT INTO jobs SELECT g, g % 5000, g % 200, CASE WHEN g % 50 = 0 THEN 'queued' ELSE 'completed' END, now()
  FROM generate_series(1, 20000) g;
CREATE INDEX idx_users_organization_id ON users(organization_id);
ANALYZE;
"""
VALUES = {"pipelines_of_user": ["42"], "user_by_email": ["user42@example.com"], "reports_of_pipeline": ["42", "done"],
          "pending_jobs": ["7"]}  # fmt: skip


def as_owner(*words: str) -> list[str]:
    """A command as the user that may run PostgreSQL: it refuses root."""
    return (
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *words] if os.geteuid() == 0 else [*words]
    )


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    assert PROGRAMS is not None
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    control = [str(PROGRAMS / "pg_ctl"), "-D", str(folder / "data"), "-w"]
    settings = f"-k {folder} -c listen_addresses='' -c fsync=off"
    subprocess.run(as_owner(str(PROGRAMS / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "cloudlever"),
                   check=True, capture_output=True, timeout=120, cwd=folder)  # fmt: skip
    try:
        subprocess.run(as_owner(*control, "-o", settings, "-l", str(folder / "log"), "start"), check=True, timeout=120,
                       stdout=subprocess.DEVNULL, cwd=folder)  # fmt: skip
        yield folder
    finally:
        subprocess.run(as_owner(*control, "-m", "immediate", "stop"), check=False, capture_output=True, cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)


def psql(server: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["psql", "--host", str(server), "--username", "cloudlever", "--no-psqlrc", "postgres", *words],
        input=stdin, capture_output=True, text=True, timeout=120, check=False, cwd=server,
    )  # fmt: skip


def names(server: Path) -> set[str]:
    sql = "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE 'idx%'"
    return set(psql(server, "-At", "-c", sql).stdout.split())


def test_indexes_are_made_used_and_undone_and_no_other_is_touched(server: Path, tmp_path: Path) -> None:
    for path, text in sql_files(CASE):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    folder = tmp_path / "sql" / "postgresql"
    (folder / "values.sql").write_text(filled((folder / "values.sql").read_text()))
    assert psql(server, stdin="\\set ON_ERROR_STOP on\n" + TABLES).returncode == 0

    before = psql(server, "--file", str(folder / "explain.sql"))
    assert before.returncode == 0, before.stderr
    assert before.stdout.count("Execution Time") == 8
    assert "Index" not in before.stdout

    made = psql(server, "--file", str(folder / "indexes.sql"))
    assert made.returncode == 0, made.stderr
    assert "idx_users_organization_id is there already" in made.stdout
    assert len(names(server)) == 14
    again = psql(server, "--file", str(folder / "indexes.sql"))
    assert (again.returncode, again.stdout.count("is there already")) == (0, 14)

    after = psql(server, "--file", str(folder / "explain.sql"))
    assert after.returncode == 0, after.stderr
    for index in ("idx_users_email", "idx_pipelines_user_id", "idx_reports_pipeline_id_status_created_at",
                  "idx_jobs_worker_id_partial"):  # fmt: skip
        assert index in after.stdout

    undone = psql(server, "--file", str(folder / "undo.sql"))
    assert undone.returncode == 0, undone.stderr
    assert names(server) == {"idx_users_organization_id"}

    damaged = (folder / "indexes.sql").read_text().replace("CREATE INDEX CONCURRENTLY", "CREATE INDEX CONCURENTLY")
    assert psql(server, stdin=damaged).returncode != 0
    within = psql(server, "--single-transaction", "--file", str(folder / "indexes.sql"))
    assert "cannot run inside a transaction block" in within.stderr


def filled(values: str) -> str:
    """Every value of ``values.sql`` with one of real life."""
    for query, own in VALUES.items():
        for number, value in enumerate(own, 1):
            values = values.replace(f"\\set {query}_{number} 'VALUE'", f"\\set {query}_{number} '{value}'")
    assert "'VALUE'" not in values
    return values

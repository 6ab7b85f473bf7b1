"""The case's indexes for MySQL on a real MariaDB: what is written is taken, what is refused would have failed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from exports.sql import sql_files
from tests.exports.sample_plans import DATABASES, plan
from tests.exports.test_sql import case_queries

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
INSTALL, CLIENT = shutil.which("mariadb-install-db"), shutil.which("mariadb")
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.xdist_group("mariadb"),
    pytest.mark.skipif(
        not (SERVER and INSTALL and CLIENT), reason="MariaDB is missing: DDL for MySQL is NOT judged here"
    ),
]
TABLES = """
CREATE TABLE users(id bigint PRIMARY KEY, email varchar(190), organization_id int, status varchar(20),
  created_at datetime, updated_at datetime);
CREATE TABLE pipelines(id bigint PRIMARY KEY, user_id bigint, organization_id int, status varchar(20),
  created_at datetime);
CREATE TABLE reports(id bigint PRIMARY KEY, pipeline_id bigint, status varchar(20), created_at datetime);
CREATE TABLE jobs(id bigint PRIMARY KEY, pipeline_id bigint, worker_id int, status varchar(20), created_at datetime);
"""


@pytest.fixture(scope="module")
def socket_path() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    user = ["--user=root"] if os.geteuid() == 0 else []
    base = [f"--basedir={Path(str(INSTALL)).parents[1]}", f"--datadir={folder / 'data'}"]
    subprocess.run(
        [str(INSTALL), "--no-defaults", *base, *user, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    path = folder / "socket"
    words = [
        str(SERVER),
        "--no-defaults",
        *base,
        *user,
        f"--socket={path}",
        "--skip-networking",
        f"--pid-file={folder}/pid",
    ]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(300):
                if asked(path, "SELECT 1").returncode == 0:
                    break
                time.sleep(0.1)
            asked(path, "CREATE DATABASE shop")
            yield path
        finally:
            server.terminate()
    shutil.rmtree(folder, ignore_errors=True)


def asked(path: Path, sql: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [
        str(CLIENT),
        "--no-defaults",
        f"--socket={path}",
        "--user=root",
        "--batch",
        "--skip-column-names",
        *words,
    ]
    return subprocess.run(command, input=sql, capture_output=True, text=True, timeout=60, check=False)


def indexes(path: Path) -> set[str]:
    found = asked(path, "SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = 'shop'")
    return {name for name in found.stdout.split() if name.startswith("idx")}


def test_indexes_are_made_and_undone_and_partial_ones_would_have_failed(socket_path: Path) -> None:
    case = plan(queries=case_queries(), databases=(replace(DATABASES[0], engine="MySQL"),))
    files = dict(sql_files(case))
    assert asked(socket_path, TABLES, "shop").returncode == 0
    made = asked(socket_path, files["sql/mysql/indexes.sql"], "shop")
    assert made.returncode == 0, made.stderr
    assert len(indexes(socket_path)) == 11
    refused = [line for line in files["sql/mysql/indexes.sql"].splitlines() if line.startswith("-- ALTER TABLE")]
    assert len(refused) == 4
    for line in refused:
        nearest = asked(socket_path, line.removeprefix("-- "), "shop")
        assert nearest.returncode == 0, nearest.stderr
    partial = asked(socket_path, "CREATE INDEX x ON jobs (worker_id) WHERE status <> 'completed';", "shop")
    assert "1064" in partial.stderr
    undone = asked(socket_path, files["sql/mysql/undo.sql"], "shop")
    assert undone.returncode == 0, undone.stderr
    assert len(indexes(socket_path)) == 4

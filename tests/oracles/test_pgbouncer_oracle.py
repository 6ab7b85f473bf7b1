"""The exported PgBouncer settings taken by the real PgBouncer, with queries through it to a real PostgreSQL."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from exports.pooling import pooling_files
from tests.exports.sample_plans import whole_plan
from tests.oracles.test_postgresql_oracle import PROGRAMS, as_owner, server

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["server"]
PGBOUNCER = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin") or shutil.which(
    "pgbouncer"
)
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.xdist_group("postgresql"),
    pytest.mark.skipif(
        PGBOUNCER is None or PROGRAMS is None,
        reason="pgbouncer or PostgreSQL is missing: its settings are NOT judged here",
    ),
]


def put_in_place(text: str, server: Path, port: int) -> str:
    """The settings with an address, and what this version does not know yet left out."""
    told = subprocess.run([str(PGBOUNCER), "-V"], capture_output=True, text=True, check=True, timeout=30).stdout
    version = re.search(r"PgBouncer (\d+)\.(\d+)", told)
    assert version is not None
    if (int(version[1]), int(version[2])) < (1, 21):
        text = text.replace("max_prepared_statements", "; max_prepared_statements")
    (server / "userlist.txt").write_text('"cloudlever" ""\n')
    for before, after in (
        ("DATABASE_ADDRESS", str(server)),
        ("listen_addr = 0.0.0.0", f"listen_addr = 127.0.0.1\nunix_socket_dir =\nlogfile = {server}/pgbouncer.log"),
        ("listen_port = 6432", f"listen_port = {port}"),
        ("scram-sha-256", "trust"),
        ("/etc/pgbouncer/userlist.txt", f"{server}/userlist.txt"),
    ):
        assert before in text
        text = text.replace(before, after)
    return text


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def asked(port: int, sql: str, database: str = "postgres") -> subprocess.CompletedProcess[str]:
    words = ["psql", "--host=127.0.0.1", f"--port={port}", "--username=cloudlever", "--no-psqlrc", "-At", "-c", sql]
    return subprocess.run([*words, database], capture_output=True, text=True, timeout=30, check=False)


def test_queries_go_through_it_and_it_says_the_plans_numbers(server: Path) -> None:
    port, settings = free_port(), server / "pgbouncer.ini"
    text = dict(pooling_files(whole_plan()))["pooling/main.pgbouncer.ini"]
    settings.write_text(put_in_place(text, server, port) + "admin_users = cloudlever\n")
    with subprocess.Popen(
        as_owner(str(PGBOUNCER), str(settings)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as it:
        try:
            for _ in range(100):
                if asked(port, "SELECT 1").stdout == "1\n":
                    break
                time.sleep(0.05)
            assert asked(port, "SELECT 6 * 7").stdout == "42\n", (server / "pgbouncer.log").read_text()
            shown = dict(line.split("|")[:2] for line in asked(port, "SHOW CONFIG", "pgbouncer").stdout.splitlines())
        finally:
            it.terminate()
    assert (shown["pool_mode"], shown["max_db_connections"], shown["max_client_conn"]) == ("transaction", "590", "310")


def test_a_setting_that_there_is_not_is_refused(server: Path) -> None:
    text = dict(pooling_files(whole_plan()))["pooling/main.pgbouncer.ini"].replace("pool_mode", "pool_mood")
    (server / "damaged.ini").write_text(put_in_place(text, server, free_port()))
    done = subprocess.run(
        as_owner(str(PGBOUNCER), str(server / "damaged.ini")), capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode != 0
    assert "pool_mood" in done.stderr

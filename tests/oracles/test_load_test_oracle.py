"""The exported load test run by the real Locust against a small server: rates, limits and exit codes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from exports.load_test import load_test_files
from model.lever import Guardrail
from tests.exports.sample_plans import PEAKS, change, plan

if TYPE_CHECKING:
    from collections.abc import Iterator

BESIDE = Path(sys.executable).parent / "locust"
LOCUST = str(BESIDE) if BESIDE.exists() else shutil.which("locust")
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(LOCUST is None, reason="locust is missing: the load test is NOT run here"),
]


@contextmanager
def served(status: int) -> Iterator[tuple[str, Counter[str]]]:
    """A server that answers everything with one status, and what it was asked for."""
    asked: Counter[str] = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked[self.path] += 1
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Counted, not printed."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


def run(folder: Path, host: str, service: str = "api") -> subprocess.CompletedProcess[str]:
    # A limit of minutes: how fast this machine is at the moment is not what is judged.
    busy = replace(PEAKS[0], requests_per_s=10.0, latency_s=0.25)
    slow = Guardrail("latency", "cloud_run", "api", 400.0, 1.0, "× today", True, "any time is taken.")
    for path, text in load_test_files(
        plan(change("cloud_run", "api", "vcpu", 2, 1), peaks=(busy,), guardrails=(slow,))
    ):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    (folder / "load_test" / "requests.csv").write_text("# weight,method,path\n3,GET,/a\n1,GET,/b\n")
    assert LOCUST is not None
    return subprocess.run(
        [LOCUST, "--locustfile", "locustfile.py", "--headless", "--host", host, "--only-summary"],
        cwd=folder / "load_test", env={**os.environ, "SERVICE": service, "TIME_SCALE": "0.01"},
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip


def test_load_within_the_limits_ends_well(tmp_path: Path) -> None:
    with served(200) as (host, asked):
        done = run(tmp_path, host)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "within the limits" in done.stdout + done.stderr
    # 12 s of 2.5, 10, 15, 20 and 2.5 requests a second, less the ramps.
    assert 60 <= asked.total() <= 260
    assert set(asked) == {"/a", "/b"}


def test_errors_break_the_limits(tmp_path: Path) -> None:
    with served(500) as (host, _):
        done = run(tmp_path, host)
    assert done.returncode == 1
    assert "100.00% of requests failed" in done.stdout + done.stderr


def test_a_service_that_there_is_not_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "http://127.0.0.1:9", "nobody")
    assert done.returncode != 0
    assert "SERVICE=nobody is none of api" in done.stdout + done.stderr

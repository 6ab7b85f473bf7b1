"""Load on one service of a plan: up to today's busiest hour, then twice that, judged by the plan's own limits.

usage: SERVICE=api locust --locustfile locustfile.py --headless --host https://api-staging.example.com

Reads load_test.json, and requests.csv (weight,method,path), beside it. A user sends requests at a steady pace that the
service can answer, so the number of users sets the rate. Against a copy: it costs what that many requests cost, and
more than GET may change what it finds.
"""

# mypy: ignore-errors

from __future__ import annotations

import csv
import json
import os
import random
from pathlib import Path
from typing import Any

from locust import HttpUser, LoadTestShape, constant_throughput, events, task

HERE = Path(__file__).resolve().parent
PLAN = json.loads((HERE / "load_test.json").read_text(encoding="utf-8"))
SERVICES = {service["service"]: service for service in PLAN["services"]}
NAME = os.environ.get("SERVICE", next(iter(SERVICES)))
if NAME not in SERVICES:
    raise SystemExit(f"SERVICE={NAME} is none of {', '.join(SERVICES)}.")
LIMITS = SERVICES[NAME]
SCALE = float(os.environ.get("TIME_SCALE", "1"))
"""Shortens every stage, to try the test itself."""
STAGES = [(stage["until_s"] * SCALE, stage["requests_per_s"]) for stage in LIMITS["stages"]]
with (HERE / "requests.csv").open(encoding="utf-8", newline="") as file:
    REQUESTS = [row for row in csv.reader(file) if row and not row[0].startswith("#")]


class Caller(HttpUser):
    """A steady pace of requests, drawn by weight."""

    wait_time = constant_throughput(LIMITS["requests_per_s_of_user"])

    @task
    def call(self) -> None:
        """Send one of the requests."""
        _, method, path = random.choices(REQUESTS, weights=[float(row[0]) for row in REQUESTS])[0]  # noqa: S311
        self.client.request(method, path)


class Stages(LoadTestShape):
    """Users by time: as many as requests a second are wanted."""

    def tick(self) -> tuple[int, float] | None:
        """Users now and how fast they come; None ends the test."""
        now = self.get_run_time()
        rate = next((rate for until, rate in STAGES if now < until), None)
        if rate is None:
            return None
        users = max(1, round(rate / LIMITS["requests_per_s_of_user"]))
        return users, max(1.0, users / max(1.0, 10.0 * SCALE))


@events.quitting.add_listener
def judge(environment: Any, **_: Any) -> None:
    """Exit code 1 where errors or p95 break the plan's limits, or nothing was sent."""
    total = environment.stats.total
    p95 = total.get_response_time_percentile(0.95) or 0.0
    broken = []
    if total.num_requests == 0:
        broken.append("no request was sent")
    if total.fail_ratio > LIMITS["error_share"]:
        broken.append(f"{total.fail_ratio:.2%} of requests failed (limit {LIMITS['error_share']:.2%})")
    if p95 > LIMITS["p95_ms"]:
        broken.append(f"p95 was {p95:.0f} ms (limit {LIMITS['p95_ms']:.0f} ms)")
    print(f"{NAME}: {total.num_requests} requests; {'; '.join(broken) or 'within the limits'}")
    environment.process_exit_code = 1 if broken else 0

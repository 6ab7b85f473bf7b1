"""A load test for twice today's busiest hour: stages, limits and a Locust file, from the bill's own rates."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from exports.alerts import alerts
from exports.markdown import cell
from exports.shell import quoted, shown
from exports.steps import bare_name

if TYPE_CHECKING:
    from model.plan import PeakLoad, Plan

CAPACITY: Final = 2.0
"""Times today's busiest hour."""
_LOCUST: Final = Path(__file__).parent / "python" / "locustfile.py"
_STAGES: Final = ((120, 0.25), (420, 1.0), (540, 1.5), (1140, CAPACITY), (1200, 0.25))
"""Until second, share of the busiest hour's rate: warm up, hold today's, hold the goal for ten minutes, let go."""
_FEWEST_USERS: Final = 10
_ERROR_SHARE: Final = 0.01
_P95_OF_MEAN: Final = 3.0
_REQUESTS: Final = "# weight,method,path: what a user of the service asks for; GET only, unless it is a copy\n1,GET,/\n"


def load_test_files(plan: Plan) -> list[tuple[str, str]]:
    """Path and text; of the services that the plan changes, of all where it changes none; none without a known rate."""
    changed = {(change.resource, change.project) for change in plan.changes if change.lever == "cloud_run"}
    peaks = [peak for peak in plan.peaks if not changed or (peak.service, peak.project) in changed]
    if not peaks or not plan.changes:
        return []
    document = {
        "version": 1,
        "fingerprint": plan.fingerprint,
        "capacity": CAPACITY,
        "services": [_service(plan, peak) for peak in peaks],
    }
    return [
        ("load_test/load_test.json", json.dumps(document, indent=2) + "\n"),
        ("load_test/requests.csv", _REQUESTS),
        ("load_test/locustfile.py", _LOCUST.read_text(encoding="utf-8")),
        ("load_test/README.md", _readme(plan, peaks)),
    ]


def _service(plan: Plan, peak: PeakLoad) -> dict[str, Any]:
    own = shown(bare_name(peak.service, peak.region, peak.project), 80)
    watched = {
        alert.unit: alert.threshold
        for alert in alerts(plan)
        if alert.project == peak.project and alert.title.startswith(f"{own}: ")
        and alert.unit in {"ms", "ratio"} and alert.comparison == "COMPARISON_GT"
    }  # fmt: skip
    return {
        "service": peak.service,
        "project": peak.project,
        "region": peak.region,
        "peak_requests_per_s": round(peak.requests_per_s, 6),
        "peak_hour": _hour(peak),
        "evidence": peak.evidence,
        "error_share": watched.get("ratio", _ERROR_SHARE),
        "p95_ms": watched.get("ms", round(1000.0 * peak.latency_s * _P95_OF_MEAN, 3)),
        "requests_per_s_of_user": _pace(peak),
        "stages": [
            {"until_s": until, "requests_per_s": round(share * peak.requests_per_s, 3)} for until, share in _STAGES
        ],
    }


def _pace(peak: PeakLoad) -> float:
    """Requests per second of one user: at most 1, at most a third of what its waiting allows, and 10 users at least."""
    waiting = 1.0 / (3.0 * peak.latency_s) if peak.latency_s > 0.0 else 1.0
    return float(f"{min(1.0, waiting, CAPACITY * peak.requests_per_s / _FEWEST_USERS):.6g}")


def _hour(peak: PeakLoad) -> str:
    return datetime.fromtimestamp(peak.hour * 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _readme(plan: Plan, peaks: list[PeakLoad]) -> str:
    requests = {peak: sum(_sent(peak.requests_per_s)) for peak in peaks}
    lines = [
        "# Load test: twice the busiest hour",
        "",
        f"Fingerprint `{shown(plan.fingerprint)}`. Before the plan and after it, on a copy with the plan's settings.",
        "",
        "| service | busiest hour (UTC) | requests/s then | goal | requests sent | known from |",
        "|---|---|---:|---:|---:|---|",
    ]
    lines += [
        f"| {cell(p.service)} | {_hour(p)[:16]} | {p.requests_per_s:,.2f} | {CAPACITY * p.requests_per_s:,.2f} | "
        f"{requests[p]:,.0f} | {cell(p.source)} ({p.evidence}) |"
        for p in peaks
    ]
    run = quoted(("env", f"SERVICE={peaks[0].service}", "locust", "--locustfile", "locustfile.py", "--headless",
                  "--host", "https://COPY_OF_THE_SERVICE"))  # fmt: skip
    lines += [
        "",
        "The rate is the mean of the hour; minutes within it are busier, and the doubling has room for them.",
        "",
        "```bash",
        "pip install locust",
        "# put what your users ask for into requests.csv",
        run,
        "```",
        "",
        "It takes 20 minutes and ends with exit code 1 where errors or p95 break the limits of `load_test.json` (those",
        "of the alerts). Watch the dashboard of `monitoring/` meanwhile: instances, database CPU, connections.",
    ]
    return "\n".join(lines) + "\n"


def _sent(rate: float) -> list[float]:
    starts = [0, *(until for until, _ in _STAGES)]
    return [rate * share * (until - start) for start, (until, share) in zip(starts, _STAGES, strict=False)]

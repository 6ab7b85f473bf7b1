"""``monitoring/monitoring.sh``: sets up, verifies or removes a plan's alerts, dashboards and budget by gcloud."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

from exports.alerts import alerts
from exports.budget import budget_of
from exports.monitoring_json import dashboard_path
from exports.shell import quoted

if TYPE_CHECKING:
    from model.plan import Plan

_BASH: Final = Path(__file__).parent / "bash"


def monitoring_script(plan: Plan) -> str:
    """A script that stands beside its JSON files; '' where the plan has nothing to watch."""
    found, budget = alerts(plan), budget_of(plan)
    if not found and budget is None:
        return ""
    projects = [*dict.fromkeys(alert.project for alert in found)]
    lines = []
    for project in reversed(projects):
        lines += ["", quoted(("channel", project))]
        lines += [quoted(("policy", project, alert.slug)) for alert in found if alert.project == project]
        lines += [quoted(("dashboard", project, dashboard_path(project)))]
    if budget is not None:
        lines += ["", quoted(("budget", budget.account, budget.title, f"{budget.amount}{budget.currency}"))]
    lines += [quoted(("drop_channel", project)) for project in projects]
    head = [
        "#!/usr/bin/env bash",
        "# Written by Cloudlever from a plan. --help lists the options.",
        "# shellcheck disable=SC2016 # quoted names are data",
        "set -euo pipefail",
        "",
        f"FINGERPRINT={shlex.quote(plan.fingerprint)}",
        (_BASH / "monitoring.sh").read_text(encoding="utf-8"),
        'parse_options "$@"',
    ]
    return "\n".join([*head, *lines, "finish"]) + "\n"

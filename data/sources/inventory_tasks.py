"""Cloud Tasks queues of an inventory."""

from __future__ import annotations

import re
from typing import Any, Final

from data.sources.inventory_resource import Resource, Value, path_parts

_RUN_HOSTS: Final = re.compile(r"^(.+?)(-\d+\.[a-z0-9-]+|-[a-z0-9]{6,12}-[a-z]{2}\.a)\.run\.app$")
"""The two forms of a Cloud Run service's own host: name-projectnumber.region.run.app, name-hash-xx.a.run.app."""


def tasks_queue(record: dict[str, Any], source: str) -> Resource:
    """Read one item of ``gcloud tasks queues list``; attempts of −1 mean no limit.

    Routing of the queue itself (``httpTarget.uriOverride.host``) names the Cloud Run service that it calls.
    """
    parts = path_parts(record["name"])
    limits, retry = record.get("rateLimits") or {}, record.get("retryConfig") or {}
    fields = {
        "max_dispatches_per_s": limits.get("maxDispatchesPerSecond"),
        "max_concurrent_dispatches": limits.get("maxConcurrentDispatches"),
        "max_attempts": retry.get("maxAttempts"),
    }
    values: dict[str, Value] = {key: float(value) for key, value in fields.items() if value is not None}
    values["target_service"] = run_service_of(((record.get("httpTarget") or {}).get("uriOverride") or {}).get("host"))
    return Resource("tasks", parts["queues"], parts.get("locations", ""), parts["projects"], source, values)


def run_service_of(host: str | None) -> str | None:
    """Return the Cloud Run service that a host belongs to; None for a domain that does not tell it.

    >>> run_service_of("render-tool-123456789.us-central1.run.app"), run_service_of("api-x3f9k2-uc.a.run.app")
    ('render-tool', 'api')
    """
    found = _RUN_HOSTS.match(host or "")
    return found[1] if found else None

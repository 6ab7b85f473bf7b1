"""Cloud Tasks queues of an inventory."""

from __future__ import annotations

from typing import Any

from data.sources.inventory_resource import Resource, Value, path_parts


def tasks_queue(record: dict[str, Any], source: str) -> Resource:
    """Read one item of ``gcloud tasks queues list``; attempts of −1 mean no limit."""
    parts = path_parts(record["name"])
    limits, retry = record.get("rateLimits") or {}, record.get("retryConfig") or {}
    fields = {
        "max_dispatches_per_s": limits.get("maxDispatchesPerSecond"),
        "max_concurrent_dispatches": limits.get("maxConcurrentDispatches"),
        "max_attempts": retry.get("maxAttempts"),
    }
    values: dict[str, Value] = {key: float(value) for key, value in fields.items() if value is not None}
    return Resource("tasks", parts["queues"], parts.get("locations", ""), parts["projects"], source, values)

"""What the demo's company uses, and the whole bill: other products follow the requests that Cloud Run served."""

from __future__ import annotations

from typing import Final

import numpy as np

from data.sources.demo import skus
from data.sources.demo.company import CLOUD_RUN_NANOS, FIRESTORE_NANOS, GROSS_NANOS, PRODUCTION, REGION, labels
from data.sources.demo.databases import cloud_sql_lines
from data.sources.demo.lines import Hourly, Line, priced
from data.sources.demo.others import bucket, other_lines
from data.sources.demo.quantities import gib_months, growing
from data.sources.demo.workload import Simulated, workload

READS_PER_REQUEST: Final = 24.0
WRITES_PER_REQUEST: Final = 3.4
DELETES_PER_REQUEST: Final = 0.9


def bill_lines() -> list[Line]:
    """Return all regular lines; their cost is the company's gross to the nano-dollar."""
    served = workload(CLOUD_RUN_NANOS)
    requests = {s.service.name: s.requests_per_hour.astype(np.float64) for s in served}
    lines = [
        *(line for s in served for line in cloud_run_lines(s)),
        *firestore_lines(requests["api"]),
        *cloud_sql_lines(),
        *other_lines(requests),
    ]
    rest = GROSS_NANOS - sum(int(line.nanos.sum()) for line in lines)
    return [*lines, bucket(skus.GCS_STANDARD, PRODUCTION, "aiprod-renders", growing(18_000, 1.35)).landed(rest)]


def cloud_run_lines(simulated: Simulated) -> list[Line]:
    """Return a service's active and idle CPU and memory, and its requests."""
    service = simulated.service
    active, idle = simulated.active_s_per_hour, simulated.idle_s_per_hour
    usage = (
        (skus.RUN_CPU, active * service.vcpu),
        (skus.RUN_MEMORY, active * service.memory_gib),
        (skus.RUN_IDLE_CPU, idle * service.vcpu),
        (skus.RUN_IDLE_MEMORY, idle * service.memory_gib),
        (skus.RUN_REQUESTS, simulated.requests_per_hour),
    )
    path = f"//run.googleapis.com/projects/{PRODUCTION.id}/locations/{REGION}/services/{service.name}"
    shared = {"resource": service.name, "resource_global": path}
    team = "platform" if service.name == "api" else "pipeline"
    tags = labels(PRODUCTION, team, service.name)
    return [priced(sku, PRODUCTION, amount, labels=tags, **shared) for sku, amount in usage]


def firestore_lines(api_requests: Hourly) -> list[Line]:
    """Return Firestore's operations, in proportion to the api's requests, and its growing storage."""
    storage = priced(skus.FIRESTORE_STORAGE, PRODUCTION, gib_months(growing(1_650, 1.30)), **_FIRESTORE)
    per_request = (
        (skus.FIRESTORE_READS, READS_PER_REQUEST),
        (skus.FIRESTORE_WRITES, WRITES_PER_REQUEST),
        (skus.FIRESTORE_DELETES, DELETES_PER_REQUEST),
    )
    at_list = sum(api_requests.sum() * count * sku.price_nanos / sku.per for sku, count in per_request)
    scale = (FIRESTORE_NANOS - storage.nanos.sum()) / at_list
    whole = ((sku, np.rint(api_requests * count * scale)) for sku, count in per_request)
    return [storage, *(priced(sku, PRODUCTION, amount, **_FIRESTORE) for sku, amount in whole)]


_FIRESTORE: Final = {
    "resource": "(default)",
    "resource_global": f"//firestore.googleapis.com/projects/{PRODUCTION.id}/databases/(default)",
    "labels": labels(PRODUCTION, "platform", "metadata"),
}

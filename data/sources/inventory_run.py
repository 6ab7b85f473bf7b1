"""Cloud Run services of an inventory: the Knative v1 shape that gcloud prints, and the API's v2 shape.

Minimum: the larger of the service's and the revision's; maximum: the smaller. Defaults where nothing is written: min 0,
max 100, 1 vCPU, 512 MiB, concurrency 80 (1 below one vCPU). Sidecars count: limits are summed over the containers.
Cloud SQL connections that are written name the databases that the service uses, as ``project:region:name``.
"""

from __future__ import annotations

import re
from typing import Any, Final

from data.sources.inventory_resource import Resource, Value, path_parts

Record = dict[str, Any]

_V1_MIN: Final = "autoscaling.knative.dev/minScale"
_V1_MAX: Final = "autoscaling.knative.dev/maxScale"
_V1_SERVICE_MIN: Final = "run.googleapis.com/minScale"
_V1_SERVICE_MAX: Final = "run.googleapis.com/maxScale"
_V1_THROTTLING: Final = "run.googleapis.com/cpu-throttling"
_V1_DATABASES: Final = "run.googleapis.com/cloudsql-instances"
_V1_ENVIRONMENT: Final = "run.googleapis.com/execution-environment"
_LOCATION: Final = "cloud.googleapis.com/location"

_GENERATIONS: Final = {"gen1": "gen1", "gen2": "gen2"}
"""Written as gen2 (v1) and EXECUTION_ENVIRONMENT_GEN2 (v2); where none is written, Google chooses."""

_DEFAULT_MAX: Final = 100.0
_DEFAULT_VCPU: Final = 1.0
_DEFAULT_MEMORY_GIB: Final = 0.5
_DEFAULT_CONCURRENCY: Final = 80.0

_BYTES: Final = {
    "": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40,
}  # fmt: skip


def vcpu_of(text: str) -> float:
    """Read a Kubernetes CPU quantity.

    >>> vcpu_of("2"), vcpu_of("500m")
    (2.0, 0.5)
    """
    return float(text[:-1]) / 1000 if text.endswith("m") else float(text)


def gib_of(text: str) -> float:
    """Read a Kubernetes memory quantity as GiB.

    >>> gib_of("4Gi"), gib_of("512Mi")
    (4.0, 0.5)
    """
    match = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", text)
    if match is None or match[2] not in _BYTES:
        raise ValueError(f"memory {text!r}")
    return float(match[1]) * _BYTES[match[2]] / 2**30


def run_service(record: Record, source: str) -> Resource:
    """Read one item of ``gcloud run services list`` (Knative v1)."""
    metadata, template = record["metadata"], record["spec"]["template"]
    service_notes = metadata.get("annotations") or {}
    notes = (template.get("metadata") or {}).get("annotations") or {}
    throttling = notes.get(_V1_THROTTLING, service_notes.get(_V1_THROTTLING, "true"))
    return _resource(
        (metadata["name"], (metadata.get("labels") or {}).get(_LOCATION, ""), metadata.get("namespace", ""), source),
        minimum=(service_notes.get(_V1_SERVICE_MIN), notes.get(_V1_MIN)),
        maximum=(service_notes.get(_V1_SERVICE_MAX), notes.get(_V1_MAX)),
        concurrency=template["spec"].get("containerConcurrency"),
        containers=template["spec"].get("containers") or [],
        billing_mode="instance_based" if throttling == "false" else "request_based",
        databases=notes.get(_V1_DATABASES, ""),
        generation=str(notes.get(_V1_ENVIRONMENT, "")),
    )


def run_service_v2(record: Record, source: str) -> Resource:
    """Read one service of the API v2; absent ``cpuIdle`` beside written limits means that CPU is always allocated."""
    parts, template = path_parts(record["name"]), record["template"]
    containers, volumes = template.get("containers") or [], template.get("volumes") or []
    service, revision = record.get("scaling") or {}, template.get("scaling") or {}
    resources = [c["resources"] for c in containers if c.get("resources")]
    always_allocated = bool(resources) and not any(r.get("cpuIdle") for r in resources)
    return _resource(
        (parts["services"], parts.get("locations", ""), parts.get("projects", ""), source),
        minimum=(service.get("minInstanceCount"), revision.get("minInstanceCount")),
        maximum=(service.get("maxInstanceCount"), revision.get("maxInstanceCount")),
        concurrency=template.get("maxInstanceRequestConcurrency"),
        containers=containers,
        billing_mode="instance_based" if always_allocated else "request_based",
        databases=",".join(name for v in volumes for name in (v.get("cloudSqlInstance") or {}).get("instances") or []),
        generation=str(template.get("executionEnvironment", "")),
    )


def _resource(
    identity: tuple[str, str, str, str],
    *,
    minimum: tuple[Any, Any],
    maximum: tuple[Any, Any],
    concurrency: Any,
    containers: list[Record],
    billing_mode: str,
    databases: str,
    generation: str,
) -> Resource:
    name, region, project, source = identity
    limits = [(c.get("resources") or {}).get("limits") or {} for c in containers]
    written = {
        "min_instances": max(_numbers(minimum), default=None),
        "max_instances": min((n for n in _numbers(maximum) if n > 0), default=None),
        "vcpu": sum(vcpu_of(str(x["cpu"])) for x in limits if "cpu" in x) or None,
        "memory_gib": sum(gib_of(str(x["memory"])) for x in limits if "memory" in x) or None,
        "concurrency": float(concurrency) if concurrency else None,
    }
    whole_vcpu = (written["vcpu"] or _DEFAULT_VCPU) >= 1
    default = {
        "min_instances": 0.0, "max_instances": _DEFAULT_MAX, "vcpu": _DEFAULT_VCPU, "memory_gib": _DEFAULT_MEMORY_GIB,
        "concurrency": _DEFAULT_CONCURRENCY if whole_vcpu else 1.0,
    }  # fmt: skip
    values: dict[str, Value] = {key: default[key] if value is None else value for key, value in written.items()}
    values |= {"billing_mode": billing_mode, "scaling_level": _scaling_level(minimum)}
    values["cloud_sql_instances"] = databases or None
    values["execution_environment"] = _GENERATIONS.get(generation.rpartition("_")[2].lower())
    unset = frozenset(key for key, value in written.items() if value is None)
    return Resource("cloud_run", name, region, project, source, values, defaults=unset)


def _numbers(values: tuple[Any, Any]) -> list[float]:
    return [float(value) for value in values if value is not None]


def _scaling_level(minimum: tuple[Any, Any]) -> str:
    """Say where the minimum in force is written: 'service' (``--min``) or 'revision' (``--min-instances``)."""
    service, revision = (float(value or 0) for value in minimum)
    return "service" if service > revision else "revision"

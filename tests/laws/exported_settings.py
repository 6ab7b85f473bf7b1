"""What exported text configures, read back as settings: gcloud commands of a dry run, HCL, Knative overlays.

Written from what the tools take, not from what the product writes: flags, attributes and annotations → parameters.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Read = dict[tuple[str, str, str], Any]
"""(lever, resource, parameter) → value; of commands the resource is ``at`` a place."""

_RUN = {"--min-instances": "min_instances", "--min": "min_instances", "--max-instances": "max_instances",
        "--cpu": "vcpu", "--memory": "memory_gib", "--concurrency": "concurrency"}  # fmt: skip
_SQL = {"--cpu": "vcpu", "--memory": "memory_gib", "--edition": "edition", "--availability-type": "availability",
        "--storage-size": "storage_gib"}  # fmt: skip
_REDIS = {"--size": "size_gib", "--tier": "tier"}
_TASKS = {"--max-dispatches-per-second": "max_dispatches_per_s",
          "--max-concurrent-dispatches": "max_concurrent_dispatches", "--max-attempts": "max_attempts"}  # fmt: skip
_UNITS = {"GiB": 1.0, "Gi": 1.0, "MiB": 1 / 1024, "Mi": 1 / 1024, "GB": 1.0}


def quantity(text: str) -> Any:
    """A number with its unit, in GiB or vCPU; a text as it is, in the parameters' spelling."""
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)(m|GiB|Gi|MiB|Mi|GB)?", text)
    if not found:
        return text.lower().replace("-", "_")
    number = float(found[1])
    return number / 1000 if found[2] == "m" else number * _UNITS.get(found[2] or "", 1.0)


def dry_run(folder: Path) -> list[list[str]]:
    """Words of every gcloud command that ``apply.sh`` would run, without those that shift traffic."""
    done = subprocess.run(["bash", "apply.sh"], cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    lines = re.findall(r"^  (?:online|restart|migration|one_way): gcloud (.*)$", done.stdout, re.MULTILINE)
    return [shlex.split(line) for line in lines]


def of_commands(commands: list[list[str]]) -> tuple[Read, dict[str, int]]:
    """Settings that commands make, and by how many the replicas of a primary change ('' a deleted one)."""
    read: Read = {}
    replicas: dict[str, int] = {}
    for words in commands:
        flags = dict(word.partition("=")[::2] for word in words if word.startswith("--"))
        kind = " ".join(words[:3])
        if kind in {"sql instances create", "sql instances delete"}:
            primary = flags.get("--master-instance-name", "")
            replicas[primary] = replicas.get(primary, 0) + 1
        elif kind == "firestore indexes fields":
            key = "firestore", at("", flags), "exempted_indexes"
            read[key] = read.get(key, 0) + ("--disable-indexes" in flags)
        else:
            read |= _READERS[kind](at(words[3], flags), flags)
    return read, replicas


def at(name: str, flags: dict[str, str]) -> str:
    """A resource with the place that its command names."""
    name = flags.get("--database", name)
    return f"{name}@{flags.get('--region') or flags.get('--location', '')}@{flags['--project']}"


def _run(name: str, flags: dict[str, str]) -> Read:
    modes = {"--cpu-throttling": "request_based", "--no-cpu-throttling": "instance_based"}
    mode = next((modes[flag] for flag in flags if flag in modes), "")
    return _flags("cloud_run", name, flags, _RUN) | ({("cloud_run", name, "billing_mode"): mode} if mode else {})


def _sql(name: str, flags: dict[str, str]) -> Read:
    return _flags("cloud_sql", name, flags, _SQL) | of_tier(name, flags.get("--tier", ""))


def _redis(name: str, flags: dict[str, str]) -> Read:
    policy = flags.get("--redis-config", flags.get("--update-redis-config", "")).partition("=")[2]
    return _flags("cache", name, flags, _REDIS) | ({("cache", name, "policy"): policy} if policy else {})


def _firestore(name: str, flags: dict[str, str]) -> Read:
    return {("firestore", name, "pitr_enabled"): "--enable-pitr" in flags}


def _fields(name: str, flags: dict[str, str]) -> Read:
    return {("firestore", name, "ttl_enabled"): "--enable-ttl" in flags}


_READERS = {
    "run services update": _run,
    "sql instances patch": _sql,
    "redis instances create": _redis,
    "redis instances update": _redis,
    "tasks queues update": lambda name, flags: _flags("tasks", name, flags, _TASKS),
    "redis instances delete": lambda name, _: {("cache", name, "size_gib"): 0},
    "firestore databases update": _firestore,
    "firestore fields ttls": _fields,
}
"""Command → what its flags configure."""


def _flags(lever: str, name: str, flags: dict[str, str], names: dict[str, str]) -> Read:
    return {
        (lever, name, names[flag]): quantity(value)
        for flag, value in flags.items()
        if flag in names and not value.startswith("LIVE_")
    }


def of_tier(name: str, tier: str) -> Read:
    """vCPU and memory of a machine of Cloud SQL; Enterprise Plus has 8 GiB a vCPU, its largest 864 GiB."""
    custom, plus = re.fullmatch(r"db-custom-(\d+)-(\d+)", tier), re.fullmatch(r"db-perf-optimized-N-(\d+)", tier)
    if custom:
        return {("cloud_sql", name, "vcpu"): float(custom[1]), ("cloud_sql", name, "memory_gib"): int(custom[2]) / 1024}
    if plus:
        vcpu = int(plus[1])
        return {("cloud_sql", name, "vcpu"): float(vcpu),
                ("cloud_sql", name, "memory_gib"): 864.0 if vcpu == 128 else 8.0 * vcpu}  # fmt: skip
    return {}


_HCL = {
    "google_cloud_run_v2_service": ("cloud_run", {
        "template.scaling.min_instance_count": "min_instances", "template.scaling.max_instance_count": "max_instances",
        "template.max_instance_request_concurrency": "concurrency", "template.containers.resources.limits.cpu": "vcpu",
        "template.containers.resources.limits.memory": "memory_gib",
    }),
    "google_sql_database_instance": ("cloud_sql", {
        "settings.edition": "edition", "settings.availability_type": "availability",
        "settings.disk_size": "storage_gib",
    }),
    "google_redis_instance": ("cache", {
        "memory_size_gb": "size_gib", "redis_configs.maxmemory-policy": "policy",
    }),
    "google_cloud_tasks_queue": ("tasks", {
        "rate_limits.max_dispatches_per_second": "max_dispatches_per_s",
        "rate_limits.max_concurrent_dispatches": "max_concurrent_dispatches",
        "retry_config.max_attempts": "max_attempts",
    }),
    "google_firestore_database": ("firestore", {}),
}  # fmt: skip


def of_hcl(text: str, name: str) -> Read:
    """Settings of one resource block; ``name`` is the resource's own."""
    kind, flat = _block(text)
    lever, names = _HCL[kind]
    read: Read = {(lever, name, names[path]): value for path, value in flat.items() if path in names}
    for path, value in flat.items():
        if path.endswith("policy") and lever == "cache":
            read[lever, name, "policy"] = value.replace("_", "-")
        if path == "tier":
            read[lever, name, "tier"] = {"basic": "basic", "standard_ha": "standard"}[value]
        if path == "settings.tier":
            read |= of_tier(name, value.replace("_", "-").replace("-n-", "-N-"))
        if path.endswith("cpu_idle"):
            read[lever, name, "billing_mode"] = "request_based" if value == "true" else "instance_based"
        if path == "point_in_time_recovery_enablement":
            read[lever, name, "pitr_enabled"] = value.endswith("enabled")
    return read


def _block(text: str) -> tuple[str, dict[str, Any]]:
    kind, path, flat = "", [], {}
    for line in (each.strip() for each in text.splitlines()):
        head = re.fullmatch(r'resource "(\w+)" "\w+" \{', line)
        value = re.fullmatch(r'"?([\w-]+)"?\s*=\s*"?([^"{]*)"?', line)
        if head:
            kind = head[1]
        elif line.endswith("{"):
            path.append(line.split()[0].strip('"'))
        elif line == "}" and path:
            path.pop()
        elif value and kind:
            flat[".".join([*path, value[1]])] = quantity(value[2])
    return kind, flat


def of_overlay(text: str, name: str) -> Read:
    """Settings that a Knative overlay lays over a service; ``name`` is the resource's own."""
    template = json.loads(text)["set"]["spec"]["template"]
    notes = template.get("metadata", {}).get("annotations", {})
    spec = template.get("spec", {})
    limits = spec.get("containers", [{}])[0].get("resources", {}).get("limits", {})
    found = {
        "min_instances": notes.get("autoscaling.knative.dev/minScale"),
        "max_instances": notes.get("autoscaling.knative.dev/maxScale"),
        "concurrency": spec.get("containerConcurrency"),
        "vcpu": limits.get("cpu"),
        "memory_gib": limits.get("memory"),
    }
    read: Read = {("cloud_run", name, key): quantity(str(each)) for key, each in found.items() if each}
    throttled = notes.get("run.googleapis.com/cpu-throttling")
    if throttled:
        read["cloud_run", name, "billing_mode"] = "request_based" if throttled == "true" else "instance_based"
    return read

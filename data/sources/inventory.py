"""The inventory: settings of resources, from the JSON of gcloud's list commands (``--format=json``).

Read: ``run services list`` (Knative v1 or API v2), ``sql instances list``, ``tasks queues list``, ``redis instances
list``, ``firestore databases list``. Only the fields named here are looked at, so environment values, secrets, images,
addresses and labels never enter the result. Resources that share a name are told apart by ``name@region``, then by
``name@region@project``: all of them are qualified, so that no key silently means the first. A resource that is listed
twice counts once, as it was listed last.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from data.facts import Fact, measured
from data.sources.inventory_databases import firestore_database, project_number, redis_instance, sql_instance
from data.sources.inventory_resource import Resource
from data.sources.inventory_run import run_service, run_service_v2
from data.sources.inventory_tasks import tasks_queue
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    Record = dict[str, Any]

_WRAPPERS = ("items", "services", "queues", "instances", "databases")  # of the raw API's pages
_WANTED = (
    "gcloud run services list, sql instances list, tasks queues list, redis instances list or firestore databases "
    "list, each with --format=json"
)


def read_inventory(paths: Iterable[Path]) -> list[Fact]:
    """Return the facts of inventory files and folders (of ``*.json``), in the files' order.

    Raises SourceRefused, in one sentence, when a file is not JSON or not such a list. Empty lists are fine.
    """
    found: list[Resource] = []
    project_ids: dict[str, str] = {}
    for path in _files(paths):
        for record in _records(path):
            found.append(_resource(record, path))
            project_ids |= project_number(record)
    listed = [_with_project_id(resource, project_ids) for resource in found]
    resources = list({(r.product, r.name, r.region, r.project): r for r in listed}.values())
    return [fact for resource in _with_counted_replicas(_with_unique_names(resources)) for fact in _facts(resource)]


def _files(paths: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        if not inside:
            raise SourceRefused(f"{path.name} holds no .json file: give the output of {_WANTED}.")
        files.extend(inside)
    return files


def _records(path: Path) -> list[Record]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceRefused(f"{path.name} cannot be opened: {error.strerror}.") from error
    except ValueError as error:
        raise SourceRefused(f"{path.name} is not JSON, so it is no inventory: give the output of {_WANTED}.") from error
    if isinstance(content, dict):
        wrapped = [content[name] for name in _WRAPPERS if isinstance(content.get(name), list)]
        content = wrapped[0] if wrapped else [content]
    if not isinstance(content, list) or not all(isinstance(record, dict) for record in content):
        raise SourceRefused(f"{path.name} is not a list of resources: give the output of {_WANTED}.")
    return content


def _resource(record: Record, path: Path) -> Resource:
    reader = _reader(record)
    if reader is None:
        raise SourceRefused(f"{path.name} lists something that is not in an inventory: give the output of {_WANTED}.")
    try:
        return reader(record, path.name)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        name = record.get("name") or (record.get("metadata") or {}).get("name") or "a resource"
        raise SourceRefused(
            f"{path.name} holds {name} in a form that gcloud does not print ({error}): list it with --format=json."
        ) from error


def _reader(record: Record) -> Callable[[Record, str], Resource] | None:
    """Tell what a record is by the fields that only its kind has."""
    name = str(record.get("name", ""))
    if record.get("kind") == "Service" and str(record.get("apiVersion", "")).startswith("serving.knative.dev/"):
        return run_service
    if record.get("kind") == "sql#instance" or ("databaseVersion" in record and "settings" in record):
        return sql_instance
    by_path = {
        "/services/": ("template", run_service_v2),
        "/queues/": (None, tasks_queue),
        "/instances/": ("memorySizeGb", redis_instance),
        "/databases/": (None, firestore_database),
    }
    for part, (field, reader) in by_path.items():
        if name.startswith("projects/") and part in name and (field is None or field in record):
            return reader
    return None


def _with_project_id(resource: Resource, project_ids: dict[str, str]) -> Resource:
    """Replace a project number by its id where another record of the inventory gives both."""
    return replace(resource, project=project_ids.get(resource.project, resource.project))


def _with_unique_names(resources: Sequence[Resource]) -> list[Resource]:
    for qualified in (Resource.with_region, Resource.with_project):
        count = Counter((r.product, r.name) for r in resources)
        resources = [qualified(r) if count[r.product, r.name] > 1 else r for r in resources]
    return list(resources)


def _with_counted_replicas(resources: Sequence[Resource]) -> list[Resource]:
    """Give each primary database its number of read replicas, counted among the instances listed."""
    replicas = Counter((r.project, r.replica_of) for r in resources if r.replica_of)
    return [
        r.adding(replicas=float(replicas[r.project, r.short_name])) if r.is_primary_database else r for r in resources
    ]


def _facts(resource: Resource) -> list[Fact]:
    values: dict[str, float | str | bool | None] = {
        **resource.values, "region": resource.region or None, "project": resource.project or None,
    }  # fmt: skip
    return [
        measured(f"{resource.product}.{resource.name}.{parameter}", value, _source(resource, parameter))
        for parameter, value in values.items()
        if value is not None
    ]


def _source(resource: Resource, parameter: str) -> str:
    default = parameter in resource.defaults
    return f"{resource.source}: not set, Google's default" if default else resource.source

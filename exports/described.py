"""Descriptions of live resources that people give for an export: read, recognised, and used for that export alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.tokens import AliasToken

from exports.gcloud import steps_of
from exports.names import slug
from exports.shell import quoted, shown
from exports.steps import own_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from exports.steps import Step
    from model.plan import Plan

_DESCRIBE_FIRESTORE: Final = ("firestore", "databases", "describe")
_LARGEST: Final = 4_000_000
_DEEPEST: Final = 60
DESCRIBE: Final = {
    "cloud_run": "gcloud run services describe NAME --format=export",
    "cloud_sql": "gcloud sql instances describe NAME --format=json",
    "cache": "gcloud redis instances describe NAME --format=json",
    "tasks": "gcloud tasks queues describe NAME --format=json",
    "firestore": "gcloud firestore databases describe --database=NAME --format=json",
}
"""Lever → the command whose whole output describes a resource of it."""


class DescribedRefused(ValueError):  # noqa: N818 - named as the other refusals are
    """A description that cannot be used, with a sentence for the user."""


@dataclass(frozen=True)
class Described:
    """One resource as a file describes it; ``text`` is the file as it was given, where it holds this resource alone."""

    file: str
    lever: str
    name: str
    region: str
    project: str
    body: Mapping[str, Any]
    text: str = ""


def read_described(file: str, content: bytes) -> list[Described]:
    """The resources of a file: what ``gcloud … describe`` (or ``list``) wrote as JSON, or YAML of one resource.

    Raises DescribedRefused where it is neither, or describes something else.
    """
    if len(content) > _LARGEST:
        raise DescribedRefused(f"{shown(file)} is larger than 4 MB: give the description of single resources.")
    try:
        text = content.decode("utf-8-sig")
        loaded = _loaded(text)
        items = loaded if isinstance(loaded, list) else [loaded]
        return [_recognised(file, item, "" if isinstance(loaded, list) else text) for item in items]
    except (UnicodeDecodeError, json.JSONDecodeError, YAMLError, RecursionError) as error:
        raise DescribedRefused(
            f"{shown(file)} is neither JSON nor YAML: give the whole output of gcloud … describe --format=json."
        ) from error


def _loaded(text: str) -> Any:
    if text.lstrip()[:1] in ("{", "["):
        return json.loads(text)
    reader = YAML(typ="safe", pure=True)
    reader.max_depth = _DEEPEST
    if any(isinstance(token, AliasToken) for token in YAML(pure=True).scan(text)):
        raise YAMLError("an alias: gcloud writes none, and a few of them can stand for more than memory holds")
    return reader.load(text)


def _recognised(file: str, body: Any, text: str) -> Described:
    wanted = "; ".join(DESCRIBE.values())
    if not isinstance(body, dict) or not all(isinstance(key, str) for key in body):
        raise DescribedRefused(f"{shown(file)} describes no resource: give the whole output of one of: {wanted}.")
    name = body.get("name")
    if body.get("kind") == "Service" and str(body.get("apiVersion", "")).startswith("serving.knative.dev/"):
        about = body.get("metadata") or {}
        region = (about.get("labels") or {}).get("cloud.googleapis.com/location", "")
        return Described(file, "cloud_run", str(about.get("name", "")), str(region), "", body, text)
    if body.get("kind") == "sql#instance":
        return Described(file, "cloud_sql", str(name), str(body.get("region", "")), str(body.get("project", "")), body)
    parts = str(name).split("/") if isinstance(name, str) else []
    kind = {("projects", "locations", "instances"): "cache", ("projects", "locations", "queues"): "tasks",
            ("projects", "databases"): "firestore"}.get(tuple(parts[::2]))  # fmt: skip
    if kind is None or (kind == "cache" and "memorySizeGb" not in body):
        raise DescribedRefused(f"{shown(file)} describes no resource that plans change: give the whole output of one "
                               f"of: {wanted}.")  # fmt: skip
    region = parts[3] if kind != "firestore" else ""
    return Described(file, kind, parts[-1], region, parts[1], body)


def described_by(found: Iterable[Described], lever: str, name: str, project: str, region: str) -> Described | None:
    """The description of a resource; None where none is given. A project may stand as a number, which tells nothing."""
    for each in found:
        is_near = each.region in ("", region) or not region
        is_own = each.project in ("", project) or each.project.isdigit() or not project
        if (each.lever, each.name) == (lever, name) and is_near and is_own:
            return each
    return None


def unused_file(plan: Plan, found: Sequence[Described]) -> str:
    """A file of which nothing describes what the plan changes, as it is shown; '' where each has its use."""
    useful = set()
    for change in plan.changes:
        described = described_by(found, change.lever, own_name(change), change.project, change.region)
        if described is not None:
            useful.add(described.file)
    return next((shown(each.file) for each in found if each.file not in useful), "")


def describe_commands(plan: Plan) -> list[str]:
    """The command that describes each resource that the plan changes, once, ready to paste; files named after them."""
    steps, _ = steps_of(plan.changes)
    found = [_describe_command(step) for step in steps if step.presence == "exists" and step.first.lever in DESCRIBE]
    return list(dict.fromkeys(found))


def _describe_command(step: Step) -> str:
    first, is_service = step.first, step.first.lever == "cloud_run"
    words = ["gcloud", *_DESCRIBE_FIRESTORE, f"--database={own_name(first)}"]
    if first.lever != "firestore":
        words = ["gcloud", *step.describe]
    if step.location_flag and first.region:
        words.append(f"{step.location_flag}={first.region}")
    if first.project:
        words.append(f"--project={first.project}")
    words.append("--format=export" if is_service else "--format=json")
    return f"{quoted(words)} > {slug(first.resource)}.{'yaml' if is_service else 'json'}"

"""A whole Cloud Run service as HCL, from its Knative description: annotations become the provider's blocks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from exports import terraform_run_fields as fields
from exports.hcl import Block
from exports.terraform_rules import Attribute, Ignored, Item, Nested, NotCarried, attributes, carried, number

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEMPLATE: Final = "spec.template.spec"
_MOUNT: Final = "cloudsql"


def service_body(described: Mapping[str, Any]) -> list[Item]:
    """Attributes and blocks of the service but for name and place; raises NotCarried for what has no place there."""
    about, spec = described.get("metadata") or {}, described.get("spec") or {}
    _only_known(described, {"apiVersion", "kind", "metadata", "spec", "status"}, "")
    _only_known(spec, {"template", "traffic"}, "spec")
    _only_known(about, {"name", "namespace", "annotations", "labels", "creationTimestamp", "generation",
                        "resourceVersion", "selfLink", "uid"}, "metadata")  # fmt: skip
    notes = dict(about.get("annotations") or {})
    scaling = _taken(notes, fields.SERVICE_SCALING, "metadata.annotations")
    flat = _taken(notes, fields.SERVICE_ANNOTATIONS, "metadata.annotations")
    return [
        *flat,
        *_owned("annotations", notes, (), "metadata.annotations"),
        *_owned("labels", about.get("labels") or {}, fields.LABELS_OF_GOOGLE, "metadata.labels"),
        *_block("scaling", scaling),
        Block(("template",), tuple(_template(spec.get("template") or {}))),
        *(_traffic(target, i) for i, target in enumerate(spec.get("traffic") or [])),
    ]


def _template(template: Mapping[str, Any]) -> list[Item]:
    about, spec = template.get("metadata") or {}, template.get("spec") or {}
    _only_known(template, {"metadata", "spec"}, "spec.template")
    _only_known(about, {"name", "annotations", "labels", "creationTimestamp"}, "spec.template.metadata")
    where = "spec.template.metadata.annotations"
    notes = dict(about.get("annotations") or {})
    scaling, cpu = _taken(notes, fields.REVISION_SCALING, where), _taken(notes, fields.CPU, where)
    flat = _taken(notes, fields.REVISION_ANNOTATIONS, where)
    network = [*_taken(notes, fields.NETWORK, where), *_interfaces(notes.pop(fields.INTERFACES, "[]"), where)]
    databases = [name for name in str(notes.pop(fields.DATABASES, "")).split(",") if name]
    after = _json(notes.pop(fields.DEPENDENCIES, "{}"), f"{where}.{fields.DEPENDENCIES}")
    own = {key: value for key, value in spec.items() if key not in ("containers", "volumes")}
    return [
        *flat,
        *carried(own, _SPEC, _TEMPLATE),
        *_owned("annotations", notes, (), where),
        *_owned("labels", about.get("labels") or {}, fields.LABELS_OF_GOOGLE, "spec.template.metadata.labels"),
        *_block("scaling", scaling),
        *_block("vpc_access", network),
        *(_container(each, i, cpu, after, bool(databases)) for i, each in enumerate(spec.get("containers") or [])),
        *(_volume(each, i) for i, each in enumerate(spec.get("volumes") or [])),
        *_database_volume(databases),
    ]


_SPEC: Final = {
    **attributes(serviceAccountName="service_account"),
    **attributes(containerConcurrency="max_instance_request_concurrency", written=number),
    **attributes(timeoutSeconds="timeout", written=lambda value: f"{number(value)}s"),
    "enableServiceLinks": Ignored(only=(False, None)),
    "nodeSelector": Nested("node_selector", {fields.ACCELERATOR: Attribute("accelerator")}),
}


def _container(
    described: Mapping[str, Any], index: int, cpu: list[Item], after: Mapping[str, Any], has_databases: bool  # noqa: FBT001
) -> Block:  # fmt: skip
    """A container; what annotations say of the CPU is said of each, and Cloud SQL's sockets are mounted in each."""
    body = carried(described, fields.CONTAINER, f"{_TEMPLATE}.containers[{index}]")
    waited = after.get(str(described.get("name", "")))
    flat = [item for item in body if not isinstance(item, Block)]
    blocks = [item for item in body if isinstance(item, Block) and item.head != ("resources",)]
    resources = next((item.body for item in body if isinstance(item, Block) and item.head == ("resources",)), ())
    if waited:
        flat.append(("depends_on", waited))
    blocks += [item for item in _block("resources", [*cpu, *resources]) if isinstance(item, Block)]
    if has_databases:
        blocks.append(Block(("volume_mounts",), (("name", _MOUNT), ("mount_path", "/cloudsql"))))
    return Block(("containers",), (*flat, *blocks))


def _volume(described: Mapping[str, Any], index: int) -> Block:
    """A volume; what a bucket is mounted with is a level deeper in the description."""
    flat = dict(described)
    if isinstance(flat.get("csi"), dict):
        bucket = dict(flat["csi"])
        flat["csi"] = {**bucket, **(bucket.pop("volumeAttributes", None) or {})}
        flat["csi"].pop("volumeAttributes", None)
    return Block(("volumes",), tuple(carried(flat, fields.VOLUME, f"{_TEMPLATE}.volumes[{index}]")))


def _database_volume(names: list[str]) -> list[Item]:
    inner = Block(("cloud_sql_instance",), (("instances", names),))
    return [Block(("volumes",), (("name", _MOUNT), inner))] if names else []


def _traffic(target: Mapping[str, Any], index: int) -> Block:
    kind = "LATEST" if target.get("latestRevision") else "REVISION"
    body = carried(target, fields.TRAFFIC, f"spec.traffic[{index}]")
    return Block(("traffic",), (("type", f"TRAFFIC_TARGET_ALLOCATION_TYPE_{kind}"), *body))


def _interfaces(text: str, where: str) -> list[Item]:
    place = f"{where}.{fields.INTERFACES}"
    found = _json(text, place)
    return [Block(("network_interfaces",), tuple(carried(each, fields.INTERFACE, place))) for each in found]


def _json(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        raise NotCarried(f"{place} is not JSON") from None


def _taken(notes: dict[str, Any], rules: Mapping[str, Any], where: str) -> list[Item]:
    """What rules say of annotations, which are taken out of ``notes``."""
    return carried({key: notes.pop(key) for key in list(notes) if key in rules}, rules, where)


def _owned(name: str, notes: Mapping[str, Any], of_google: tuple[str, ...], where: str) -> list[Item]:
    """Labels or annotations of the user's own; raises NotCarried for one of Google's that no rule knows."""
    own = {key: str(value) for key, value in notes.items() if key not in of_google}
    unknown = next((key for key in own if key.startswith(fields.OF_GOOGLE)), None)
    if unknown is not None:
        raise NotCarried(f"{where}.{unknown} is not known to this export")
    return [(name, own)] if own else []


def _block(name: str, body: list[Item]) -> list[Item]:
    return [Block((name,), tuple(body))] if body else []


def _only_known(described: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = next((key for key in described if key not in known), None)
    if unknown is not None:
        raise NotCarried(f"{f'{where}.' if where else ''}{unknown} is not known to this export")

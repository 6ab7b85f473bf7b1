"""Complete HCL of live resources from the descriptions that people give, with the plan's settings and import blocks.

Every field of a description is carried or known to be Google's own; one that is neither refuses the resource.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from exports.described import DESCRIBE, DescribedRefused, described_by
from exports.gcloud import steps_of
from exports.hcl import Block, Raw, written
from exports.names import slug
from exports.shell import shown
from exports.steps import grouped, own_name
from exports.terraform_fields import CLOUD_SQL, FIRESTORE, REDIS, TASKS
from exports.terraform_merge import merged, minimum_where_it_is
from exports.terraform_patches import PATCHES
from exports.terraform_rules import Item, NotCarried, carried
from exports.terraform_run import service_body

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from exports.described import Described
    from exports.terraform_patches import Patch
    from model.lever import PlanChange
    from model.plan import Plan

FOLDER: Final = "terraform/whole"
_RULES: Final = {"cloud_sql": CLOUD_SQL, "cache": REDIS, "tasks": TASKS, "firestore": FIRESTORE}
_ALWAYS_THERE: Final = {
    "cloud_run": ("metadata.name", "spec.template.spec.containers", "spec.template.spec.timeoutSeconds",
                  "spec.traffic"),
    "cloud_sql": ("state", "region", "databaseVersion", "settings.tier", "settings.settingsVersion",
                  "settings.ipConfiguration", "settings.backupConfiguration", "settings.dataDiskSizeGb"),
    "cache": ("createTime", "tier", "memorySizeGb", "host", "redisVersion", "connectMode", "authorizedNetwork"),
    "tasks": ("state", "rateLimits.maxDispatchesPerSecond", "retryConfig.maxAttempts"),
    "firestore": ("uid", "locationId", "type", "pointInTimeRecoveryEnablement", "deleteProtectionState"),
}  # fmt: skip
"""What every whole description holds: one that lacks any was cut."""
_CUSTOM: Final = re.compile(r"db-custom-(\d+)-(\d+)")
_PLUS: Final = re.compile(r"(db-(?:perf-optimized-N|memory-optimized-N|c4a-highmem)-)\d+")
_KEPT: Final = Block(("lifecycle",), (("prevent_destroy", True),))


def whole_files(plan: Plan, found: Sequence[Described]) -> list[tuple[str, str]]:
    """Path and text of a configuration with each described resource that the plan changes; none where none is.

    Raises DescribedRefused for a description that was cut, or holds what cannot be carried over.
    """
    blocks: dict[str, list[Block]] = {}
    imports = []
    for changes in _standing(plan):
        first = changes[0]
        make = PATCHES.get(first.lever)
        patch = make(changes) if make else None
        described = described_by(found, first.lever, own_name(first), first.project, first.region)
        if described is None or (patch is None and first.lever != "cloud_sql"):
            continue
        block, address, identity = _whole(changes, patch, described)
        blocks.setdefault(first.lever, []).append(block)
        imports.append(Block(("import",), (("to", Raw(address)), ("id", identity))))
    files = [(f"{FOLDER}/{lever}.tf", written(each)) for lever, each in blocks.items()]
    return [*files, (f"{FOLDER}/imports.tf", written(imports))] if files else []


def _standing(plan: Plan) -> list[tuple[PlanChange, ...]]:
    steps, _ = steps_of(plan.changes)
    return grouped(change for step in steps if step.presence == "exists" for change in step.changes)


def _whole(changes: Sequence[PlanChange], patch: Patch | None, described: Described) -> tuple[Block, str, str]:
    first = changes[0]
    _refuse_cut(described)
    try:
        body = _body(first, described)
    except NotCarried as problem:
        raise DescribedRefused(
            f"{shown(described.file)}: {shown(str(problem), 500)}, so complete Terraform of {shown(described.name)} "
            "would drop it and is not written; leave the file out and set what terraform/existing/ shows."
        ) from problem
    kind = patch.kind if patch else "google_sql_database_instance"
    project = first.project or described.project
    if not project or project.isdigit():
        raise DescribedRefused(f"{shown(described.file)}: the project of {shown(described.name)} is not known.")
    identity = patch.identity if patch else f"projects/{project}/instances/{own_name(first)}"
    settled = merged(body, _settings(changes, patch, described, body))
    name = slug(first.resource, "_")
    return Block(("resource", kind, name), (*settled, _KEPT)), f"{kind}.{name}", identity


def _refuse_cut(described: Described) -> None:
    for path in _ALWAYS_THERE[described.lever]:
        value: Any = described.body
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if value in (None, "", [], {}):
            raise DescribedRefused(
                f"{shown(described.file)} has no {path}, so it was cut: give the whole output of "
                f"{DESCRIBE[described.lever]}."
            )


def _body(first: PlanChange, described: Described) -> list[Item]:
    region = first.region or described.region
    place: dict[str, list[Item]] = {
        "cloud_run": [("project", first.project), ("location", region), ("name", described.name)],
        "cache": [("project", described.project), ("region", region), ("name", described.name)],
        "tasks": [("project", described.project), ("location", region), ("name", described.name)],
        "firestore": [("project", described.project), ("name", described.name)],
        "cloud_sql": [],
    }
    if described.lever == "cloud_run":
        return [*place["cloud_run"], *service_body(described.body)]
    return [*place[described.lever], *carried(_without_twins(described), _RULES[described.lever])]


def _without_twins(described: Described) -> Mapping[str, Any]:
    """``requireSsl`` says again, less exactly, what ``sslMode`` says; Terraform knows the latter alone."""
    settings = described.body.get("settings")
    network = settings.get("ipConfiguration") if isinstance(settings, dict) else None
    if not isinstance(settings, dict) or not isinstance(network, dict) or "sslMode" not in network:
        return described.body
    kept = {key: value for key, value in network.items() if key != "requireSsl"}
    return {**described.body, "settings": {**settings, "ipConfiguration": kept}}


def _settings(
    changes: Sequence[PlanChange], patch: Patch | None, described: Described, body: Sequence[Item]
) -> tuple[Item, ...]:
    """What the plan sets: its patch, with what a patch alone cannot tell."""
    wanted = {change.attribute: change.after for change in changes}
    given = patch.body if patch else ()
    if described.lever == "cloud_sql" and {"vcpu", "memory_gib", "edition"} & wanted.keys():
        tier = _tier(wanted, str(described.body["settings"]["tier"]), described)
        return tuple(merged(list(given), (Block(("settings",), (("tier", tier),)),)))
    if described.lever == "cloud_run":
        return minimum_where_it_is(given, body)
    return given


def _tier(wanted: Mapping[str, object], tier: str, described: Described) -> str:
    """The tier that the plan leads to, where it changes one half of a size too; raises DescribedRefused."""
    custom, plus = _CUSTOM.fullmatch(tier), _PLUS.fullmatch(tier)
    vcpu, memory = wanted.get("vcpu"), wanted.get("memory_gib")
    if wanted.get("edition") == "enterprise_plus" and isinstance(vcpu, int | float):
        return f"db-perf-optimized-N-{int(vcpu)}"
    if custom and "edition" not in wanted:
        mib = round(memory * 1024) if isinstance(memory, int | float) else int(custom[2])
        return f"db-custom-{int(vcpu) if isinstance(vcpu, int | float) else int(custom[1])}-{mib}"
    if isinstance(vcpu, int | float) and isinstance(memory, int | float) and "edition" in wanted:
        return f"db-custom-{int(vcpu)}-{round(memory * 1024)}"
    if plus and not custom and isinstance(vcpu, int | float) and "edition" not in wanted:
        return f"{plus[1]}{int(vcpu)}"
    raise DescribedRefused(
        f"{shown(described.file)}: the plan's size does not follow from the tier {shown(tier)}; set the tier by hand."
    )

"""The plan for Terraform: complete HCL of what is new, and of what exists the attributes that change, nothing else.

A plan knows only some attributes of a live resource: a resource block written from it would drop the others. So what
exists gets patches to set in its own blocks, and import blocks from which Terraform itself writes the complete HCL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exports.alerts import alerts
from exports.budget import THRESHOLDS, budget_of
from exports.gcloud import steps_of
from exports.gcloud_redis import DEFAULT_TIER
from exports.hcl import Block, Raw, written
from exports.monitoring_json import LABEL, dashboard, dashboard_path, documentation
from exports.names import slug
from exports.shell import shown
from exports.steps import grouped, own_name
from exports.terraform_patches import PATCHES
from exports.terraform_whole import FOLDER as WHOLE
from exports.terraform_whole import whole_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exports.alerts import Alert
    from exports.described import Described
    from model.lever import PlanChange
    from model.plan import Plan

VERSIONS: Final = Block(
    ("terraform",),
    (
        ("required_version", ">= 1.5"),
        Block(("required_providers",), (("google", {"source": "hashicorp/google", "version": ">= 6.0"}),)),
    ),
)


def terraform_files(plan: Plan, described: Sequence[Described] = ()) -> list[tuple[str, str]]:
    """Path and text: ``terraform/new`` (complete), ``terraform/existing`` (imports, patches), and how to use them.

    ``terraform/whole`` has what people give descriptions of, complete with import blocks; raises DescribedRefused.
    """
    new = _new(plan)
    patches, imports = _existing(plan)
    files = [(f"terraform/new/{name}", written(blocks)) for name, blocks in new.items() if blocks]
    if files:
        files.insert(0, ("terraform/new/versions.tf", written([VERSIONS])))
        files += [(f"terraform/new/{path}", text) for path, text in _dashboards(plan)]
    files += patches
    if imports:
        files.append(("terraform/existing/imports.tf", written(imports)))
    whole = whole_files(plan, described)
    if whole:
        files += [(f"{WHOLE}/versions.tf", written([VERSIONS])), *whole]
    return [*files, ("terraform/README.md", _readme(bool(new), bool(patches), bool(whole)))] if files else []


def _new(plan: Plan) -> dict[str, list[Block]]:
    steps, _ = steps_of(plan.changes)
    made = [step for step in steps if step.presence == "created"]
    watched = alerts(plan)
    files: dict[str, list[Block]] = {
        "redis.tf": [_redis(step.changes) for step in made if step.first.lever == "cache"],
        "replicas.tf": [_replica(plan, step.first) for step in made if step.first.lever == "cloud_sql"],
        "alerts.tf": [*_channels(watched), *(_policy(alert, plan.fingerprint) for alert in watched)],
        "dashboards.tf": [_dashboard(project) for project in dict.fromkeys(alert.project for alert in watched)],
        "budget.tf": _budget(plan),
    }
    asked = [("email", "Who is told when a limit is broken.")] if watched or files["budget.tf"] else []
    asked += [("billing_account", "Where the budget goes.")] if files["budget.tf"] and not plan.accounts else []
    if files["replicas.tf"]:
        asked.append(("replica_tier", "The tier of new read replicas: that of their primary."))
        asked.append(("replica_version", "The database version of new read replicas, where the bill does not tell it."))
    files["variables.tf"] = [
        Block(("variable", name), (("type", Raw("string")), ("description", what))) for name, what in asked
    ]
    return files if any(files.values()) else {}


def _redis(changes: Sequence[PlanChange]) -> Block:
    wanted = {change.attribute: change.after for change in changes}
    tier = {"basic": "BASIC", "standard": "STANDARD_HA"}[str(wanted.get("tier", DEFAULT_TIER))]
    first = changes[0]
    body: list[tuple[str, object] | Block] = [
        *_place(first),
        ("name", own_name(first)),
        ("tier", tier),
        ("memory_size_gb", wanted["size_gib"]),
    ]
    if "policy" in wanted:
        body.append(("redis_configs", {"maxmemory-policy": wanted["policy"]}))
    return _resource("google_redis_instance", first, body)


def _replica(plan: Plan, change: PlanChange) -> Block:
    primary = next((d for d in plan.databases if d.name == change.after), None)
    body: list[tuple[str, object] | Block] = [
        *_place(change),
        ("name", own_name(change)),
        ("master_instance_name", str(change.after).partition("@")[0]),
        ("database_version", primary.version if primary and primary.version else Raw("var.replica_version")),
        Block(("settings",), (("tier", Raw("var.replica_tier")),)),
    ]
    return _resource("google_sql_database_instance", change, body)


def _place(change: PlanChange) -> list[tuple[str, object] | Block]:
    return [(name, value) for name, value in (("project", change.project), ("region", change.region)) if value]


def _resource(kind: str, change: PlanChange, body: Sequence[tuple[str, object] | Block]) -> Block:
    return Block(("resource", kind, slug(change.resource, "_")), tuple(body))


def _channels(watched: Sequence[Alert]) -> list[Block]:
    return [
        Block(
            ("resource", "google_monitoring_notification_channel", slug(project, "_")),
            (
                ("project", project),
                ("display_name", "Cloudlever"),
                ("type", "email"),
                ("labels", {"email_address": Raw("var.email")}),
            ),
        )
        for project in dict.fromkeys(alert.project for alert in watched)
    ]


def _policy(alert: Alert, fingerprint: str) -> Block:
    threshold: list[tuple[str, object] | Block] = [
        ("filter", alert.filter),
        ("comparison", alert.comparison),
        ("threshold_value", alert.threshold),
        ("duration", f"{alert.duration_s}s"),
        _aggregation("aggregations", alert),
    ]
    if alert.divided_by:
        threshold.insert(1, ("denominator_filter", alert.divided_by))
        threshold.append(_aggregation("denominator_aggregations", alert))
    threshold.append(Block(("trigger",), (("count", 1),)))
    channel = Raw(f"google_monitoring_notification_channel.{slug(alert.project, '_')}.id")
    return Block(
        ("resource", "google_monitoring_alert_policy", alert.slug.replace("-", "_")),
        (
            ("project", alert.project),
            ("display_name", alert.title),
            ("combiner", "OR"),
            ("severity", "WARNING"),
            ("notification_channels", [channel]),
            ("user_labels", {LABEL: fingerprint}),
            Block(("documentation",), (("content", documentation(alert, fingerprint)), ("mime_type", "text/markdown"))),
            Block(
                ("conditions",),
                (("display_name", alert.title), Block(("condition_threshold",), tuple(threshold))),
            ),
            Block(("alert_strategy",), (("auto_close", "86400s"),)),
        ),
    )


def _aggregation(name: str, alert: Alert) -> Block:
    return Block(
        (name,),
        (
            ("alignment_period", "60s"),
            ("per_series_aligner", alert.aligner),
            ("cross_series_reducer", alert.reducer),
        ),
    )


def _dashboard(project: str) -> Block:
    return Block(
        ("resource", "google_monitoring_dashboard", slug(project, "_")),
        (("project", project), ("dashboard_json", Raw(f'file("${{path.module}}/{dashboard_path(project)}")'))),
    )


def _dashboards(plan: Plan) -> list[tuple[str, str]]:
    import json  # noqa: PLC0415

    projects = dict.fromkeys(alert.project for alert in alerts(plan))
    return [(dashboard_path(project), json.dumps(dashboard(plan, project), indent=2) + "\n") for project in projects]


def _budget(plan: Plan) -> list[Block]:
    budget = budget_of(plan)
    if budget is None:
        return []
    money = (("currency_code", budget.currency), ("units", str(budget.cents // 100)),
             ("nanos", budget.cents % 100 * 10**7))  # fmt: skip
    projects = dict.fromkeys(alert.project for alert in alerts(plan))
    channels = [Raw(f"google_monitoring_notification_channel.{slug(project, '_')}.id") for project in projects][:5]
    told: Any = (("monitoring_notification_channels", channels),) if channels else ()
    body: list[tuple[str, object] | Block] = [
        ("billing_account", budget.account or Raw("var.billing_account")),
        ("display_name", budget.title),
        Block(("amount",), (Block(("specified_amount",), money),)),
        Block(("budget_filter",), (("calendar_period", "MONTH"), ("credit_types_treatment", "INCLUDE_ALL_CREDITS"))),
        *(
            Block(("threshold_rules",), (("threshold_percent", share), ("spend_basis", basis)))
            for share, basis in THRESHOLDS
        ),
        *([Block(("all_updates_rule",), told)] if told else []),
    ]
    return [Block(("resource", "google_billing_budget", "plan"), tuple(body))]


def _existing(plan: Plan) -> tuple[list[tuple[str, str]], list[Block]]:
    """Patches and import blocks of the resources that are there and stay; what no patch can say is in neither."""
    files: list[tuple[str, str]] = []
    imports: list[Block] = []
    steps, _ = steps_of(plan.changes)
    standing = [change for step in steps if step.presence == "exists" for change in step.changes]
    for changes in grouped(standing):
        patch = PATCHES.get(changes[0].lever)
        made = patch(changes) if patch else None
        if made is None:
            continue
        first, name = changes[0], slug(changes[0].resource, "_")
        address = f"{made.kind}.{name}"
        what = f"{shown(first.product)} {shown(own_name(first), 80)}"
        head = f"# {what}: set these in its own block, leave the rest of it alone.\n"
        notes = "".join(f"# {note}\n" for note in made.notes)
        block = Block(("resource", made.kind, name), made.body)
        files.append((f"terraform/existing/{name}_{first.lever}.patch.hcl", head + notes + written([block])))
        imports.append(Block(("import",), (("to", Raw(address)), ("id", made.identity))))
    return files, imports


def _readme(has_new: bool, has_existing: bool, has_whole: bool) -> str:  # noqa: FBT001
    parts = ["# Terraform"]
    if has_new:
        parts.append(
            "## New resources\n\n`new/` is complete: `terraform init && terraform plan -out plan.bin` there, or copy "
            "the files beside your own. It asks for its variables."
        )
    if has_existing:
        parts.append(
            "## Existing resources\n\nThe plan knows only the attributes that it changes, so nothing here is a whole "
            "resource.\n\n"
            "- **Already in your Terraform**: set what `existing/*.patch.hcl` shows in your own block of that "
            "resource. Do not add the files to a configuration: a second or partial block would drop what it does not "
            "name (environment, secrets, networks).\n"
            "- **Not yet in Terraform**: put `existing/imports.tf` into an empty configuration and let Terraform write "
            "the complete blocks from what is live: `terraform plan -generate-config-out=generated.tf`. Then set what "
            "the patches show."
        )
    if has_whole:
        parts.append(WHOLE_README)
    parts.append(
        "## Before every apply\n\n**No plan that destroys or replaces may be applied.** This ends with an error where "
        "one would:\n\n```bash\n" + NO_DESTROY + "```"
    )
    return "\n\n".join(parts) + "\n"


WHOLE_README: Final = (
    "## Existing resources, complete\n\n"
    "`whole/` holds the resources whose descriptions were given: every attribute of the description, the plan's values "
    "in place of the live ones, an import block each, and `prevent_destroy`. Use it where these resources are in no "
    "Terraform yet: `terraform init && terraform plan -out plan.bin` must say *import* and *change* only. What it "
    "wants to destroy, replace or change beyond this plan means that the live resource has moved on since it was "
    "described: describe it again. The files hold what the descriptions held, environment values included: keep them "
    "as you keep those."
)

NO_DESTROY: Final = (
    "terraform plan -out plan.bin\n"
    "terraform show -json plan.bin |\n"
    "  jq -e '[.resource_changes[].change.actions[] | select(. == \"delete\")] == []' ||\n"
    "  { echo 'This plan destroys: stop.' >&2; exit 1; }\n"
)

"""Cloud Run settings as overlays on the service that is live: never a service of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from exports.described import described_by
from exports.gcloud import steps_of
from exports.knative_export import overlaid
from exports.names import slug
from exports.shell import quoted
from exports.steps import own_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exports.described import Described
    from exports.steps import Step
    from model.plan import Plan

_SCRIPT: Final = Path(__file__).parent / "python" / "knative_overlay.py"
_ANNOTATIONS: Final = {
    "min_instances": "autoscaling.knative.dev/minScale",
    "max_instances": "autoscaling.knative.dev/maxScale",
}
_THROTTLING: Final = "run.googleapis.com/cpu-throttling"
_WHAT: Final = (
    "Each overlay names only what the plan changes. `overlay.py` lays it over the service as it is, so environment, "
    "secrets, images, volumes and sidecars stay. It sends nothing."
)
_UNDO: Final = (
    "`replace` sends all traffic to the new revision at once where the service sends it to the latest; `apply.sh` "
    "lets it take over in steps. Undo: `replace` with the file that `describe` wrote."
)
_LIMITS: Final = {"vcpu": "cpu", "memory_gib": "memory"}


def knative_files(plan: Plan, described: Sequence[Described] = ()) -> list[tuple[str, str]]:
    """Path and text: an overlay a service, the script that lays it over, and how to use them.

    A service whose export is given comes whole, as it is with the plan's settings; raises DescribedRefused.
    """
    steps = [step for step in steps_of(plan.changes)[0] if step.first.lever == "cloud_run"]
    if not steps:
        return []
    files = [(_path(step), json.dumps(overlay(step), indent=2) + "\n") for step in steps]
    script = _SCRIPT.read_text(encoding="utf-8")
    whole = _whole(steps, described)
    return [*files, *whole, ("knative/overlay.py", script), ("knative/README.md", _readme(steps) + _of_whole(whole))]


def _whole(steps: list[Step], described: Sequence[Described]) -> list[tuple[str, str]]:
    files = []
    for step in steps:
        first = step.first
        found = described_by(described, "cloud_run", own_name(first), first.project, first.region)
        if found is not None and found.text:
            files.append((f"knative/{slug(first.resource)}.new.yaml", overlaid(overlay(step)["set"], found)))
    return files


def _of_whole(files: list[tuple[str, str]]) -> str:
    names = ", ".join(f"`{path.removeprefix('knative/')}`" for path, _ in files)
    about = (
        f"\n{names}: made from the export that was given, with the plan's settings alone changed. Where the service "
        "was deployed since, export it again and take `overlay.py`: `replace` puts back what the file holds.\n"
    )
    return about if files else ""


def overlay(step: Step) -> dict[str, Any]:
    """What a step changes, where a Knative service has it."""
    after = {attribute.name: attribute.after for attribute in step.attributes}
    annotations = {key: after[name] for name, key in _ANNOTATIONS.items() if name in after}
    if "billing_mode" in after:
        annotations[_THROTTLING] = "true" if after["billing_mode"] == "request_based" else "false"
    limits = {key: after[name] for name, key in _LIMITS.items() if name in after}
    template: dict[str, Any] = {}
    if annotations:
        template["metadata"] = {"annotations": annotations}
    inner: dict[str, Any] = {}
    if "concurrency" in after:
        inner["containerConcurrency"] = int(after["concurrency"])
    if limits:
        inner["containers"] = [{"resources": {"limits": limits}}]
    if inner:
        template["spec"] = inner
    return {"version": 1, "service": own_name(step.first), "set": {"spec": {"template": template}}}


def _path(step: Step) -> str:
    return f"knative/{slug(step.first.resource)}.overlay.json"


def _readme(steps: list[Step]) -> str:
    lines = [
        "# Knative overlays",
        "",
        _WHAT,
        "",
        "```bash",
    ]
    for step in steps:
        first, name = step.first, slug(step.first.resource)
        place = [
            *([f"--region={first.region}"] if first.region else []),
            *([f"--project={first.project}"] if first.project else []),
        ]
        describe = quoted(("gcloud", "run", "services", "describe", own_name(first), *place, "--format=export"))
        replace = quoted(("gcloud", "run", "services", "replace", f"{name}.new.yaml", *place))
        lines += [
            f"{describe} >{name}.yaml",
            f"python3 overlay.py {name}.overlay.json <{name}.yaml >{name}.new.yaml",
            f"{replace} --dry-run",
            replace,
        ]
    lines += [
        "```",
        "",
        _UNDO,
    ]
    return "\n".join(lines) + "\n"

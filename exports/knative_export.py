"""A Cloud Run service as it was exported, with the plan's settings: nothing else of its YAML changes.

What is written is read again by another reader and held against what was given: a difference that the plan does not
name refuses the file.
"""

from __future__ import annotations

import copy
import io
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML

from exports.described import DescribedRefused
from exports.shell import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exports.described import Described

SERVICE_MINIMUM: Final = "run.googleapis.com/minScale"
REVISION_MINIMUM: Final = "autoscaling.knative.dev/minScale"
OF_THE_SERVER: Final = ("creationTimestamp", "generation", "resourceVersion", "selfLink", "uid")
_WIDE: Final = 1_000_000


def overlaid(changed: Mapping[str, Any], described: Described) -> str:
    """The whole YAML of a service with what an overlay sets; raises DescribedRefused for a bare one."""
    if not described.text:
        raise DescribedRefused(f"{shown(described.file)} lists several services: give one export of each.")
    round_trip = YAML()
    round_trip.preserve_quotes, round_trip.width = True, _WIDE
    service = round_trip.load(described.text)
    _refuse_bare(service, described)
    wanted = _placed(changed, service)
    _lay_over(service, wanted)
    service.pop("status", None)
    for key in OF_THE_SERVER:
        service["metadata"].pop(key, None)
    (service["spec"]["template"].get("metadata") or {}).pop("name", None)
    out = io.StringIO()
    round_trip.dump(service, out)
    _hold_against(described, out.getvalue(), wanted)
    return out.getvalue()


def _refuse_bare(service: Any, described: Described) -> None:
    template = ((service.get("spec") or {}).get("template") or {}).get("spec") or {}
    if not any(isinstance(each, dict) and each.get("image") for each in template.get("containers") or []):
        raise DescribedRefused(
            f"{shown(described.file)} has no container with an image, so it is no whole service: give the output of "
            "gcloud run services describe NAME --format=export."
        )


def _placed(wanted: Mapping[str, Any], service: Mapping[str, Any]) -> dict[str, Any]:
    """The minimum goes where the service sets it today: on the service, on its revisions, or on both."""
    placed: dict[str, Any] = copy.deepcopy(dict(wanted))
    annotations = placed.get("spec", {}).get("template", {}).get("metadata", {}).get("annotations", {})
    if REVISION_MINIMUM in annotations and SERVICE_MINIMUM in (service["metadata"].get("annotations") or {}):
        placed.setdefault("metadata", {}).setdefault("annotations", {})[SERVICE_MINIMUM] = annotations[REVISION_MINIMUM]
        own = (service["spec"]["template"].get("metadata") or {}).get("annotations") or {}
        if REVISION_MINIMUM not in own:
            del annotations[REVISION_MINIMUM]
    return placed


def _lay_over(old: Any, new: Mapping[str, Any]) -> None:
    for key, value in new.items():
        if key == "containers":
            _lay_over(old[key][serving(old[key])], value[0])
        elif isinstance(value, dict):
            if not isinstance(old.get(key), dict):
                old[key] = {}
            _lay_over(old[key], value)
        else:
            old[key] = value


def serving(containers: Any) -> int:
    """Which container takes requests: the one with a port, else the first."""
    return next((i for i, each in enumerate(containers) if isinstance(each, dict) and each.get("ports")), 0)


def _hold_against(described: Described, text: str, wanted: Mapping[str, Any]) -> None:
    """Read both anew and lay the changes over what was given: the two must be one service."""
    before, after = (YAML(typ="safe", pure=True).load(each) for each in (described.text, text))
    before.pop("status", None)
    for key in OF_THE_SERVER:
        before["metadata"].pop(key, None)
    (before["spec"]["template"].get("metadata") or {}).pop("name", None)
    _lay_over(before, wanted)
    if before != after:
        raise DescribedRefused(
            f"{shown(described.file)} holds something that does not come through YAML unchanged: "
            "use knative/overlay.py on it."
        )

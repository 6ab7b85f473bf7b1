"""Lay the changes of a plan over a Cloud Run service as it is; everything that the plan does not name stays.

usage: gcloud run services describe SERVICE --region=R --format=export | python3 overlay.py OVERLAY >new.yaml

Reads YAML where PyYAML is installed, and JSON (--format=json) anywhere. Nothing is sent: look at the difference, then
run gcloud run services replace new.yaml --region=R --dry-run, and without --dry-run.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SERVICE_MINIMUM = "run.googleapis.com/minScale"
REVISION_MINIMUM = "autoscaling.knative.dev/minScale"
OF_THE_SERVER = ("creationTimestamp", "generation", "resourceVersion", "selfLink", "uid")


def read(text: str) -> Any:
    """The service that a text describes."""
    if text.lstrip().startswith("{"):
        return json.loads(text)
    try:
        import yaml  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415
    except ImportError:
        sys.exit("PyYAML is not installed here: use --format=json in place of --format=export.")
    return yaml.safe_load(text)


def merged(old: Any, new: Any) -> Any:
    """Old with the values of new; lists of containers are matched by which container has the port."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    result = dict(old)
    for key, value in new.items():
        result[key] = with_container(old.get(key), value[0]) if key == "containers" else merged(old.get(key), value)
    return result


def with_container(containers: Any, change: Any) -> list[Any]:
    """All containers as they are, the one that takes requests with the change."""
    if not containers:
        sys.exit("The service that was given has no container: give the whole output of describe.")
    serving = next((i for i, item in enumerate(containers) if item.get("ports")), 0)
    return [merged(item, change) if i == serving else item for i, item in enumerate(containers)]


def laid_over(service: Any, overlay: Any) -> Any:
    """The service with the overlay; sys.exit where it is another service or not a whole one."""
    name = (service or {}).get("metadata", {}).get("name")
    if name != overlay["service"]:
        sys.exit(f"This overlay is for {overlay['service']!r}, but {name!r} was given.")
    set_to = json.loads(json.dumps(overlay["set"]))
    annotations = set_to.get("spec", {}).get("template", {}).get("metadata", {}).get("annotations", {})
    minimum = annotations.get(REVISION_MINIMUM)
    if minimum is not None and SERVICE_MINIMUM in service["metadata"].get("annotations", {}):
        set_to.setdefault("metadata", {}).setdefault("annotations", {})[SERVICE_MINIMUM] = minimum
        own = service["spec"]["template"].get("metadata", {}).get("annotations", {})
        if REVISION_MINIMUM not in own:
            del annotations[REVISION_MINIMUM]
    result = merged(service, set_to)
    result.pop("status", None)
    for key in OF_THE_SERVER:
        result["metadata"].pop(key, None)
    result["spec"]["template"].get("metadata", {}).pop("name", None)  # a new revision needs a new name
    return result


def main() -> None:
    """Read the service from standard input, write it with the overlay to standard output."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    overlay = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    # JSON is YAML: gcloud run services replace reads it as it is.
    print(json.dumps(laid_over(read(sys.stdin.read()), overlay), indent=2))


if __name__ == "__main__":
    main()

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from exports.knative import knative_files
from tests.exports.sample_plans import EVERYTHING, change, plan
from tests.exports.test_gcloud_scripts import HOSTILE

if TYPE_CHECKING:
    from pathlib import Path

SERVICE: dict[str, Any] = {
    "apiVersion": "serving.knative.dev/v1",
    "kind": "Service",
    "metadata": {"name": "api", "uid": "u", "annotations": {"run.googleapis.com/ingress": "internal"}},
    "spec": {
        "template": {
            "metadata": {"name": "api-00007-abc", "annotations": {"autoscaling.knative.dev/maxScale": "50"}},
            "spec": {
                "serviceAccountName": "api@demo.iam",
                "containers": [
                    {"name": "sidecar", "image": "proxy", "resources": {"limits": {"cpu": "500m"}}},
                    {
                        "image": "us-docker.pkg.dev/demo/api:7",
                        "ports": [{"containerPort": 8080}],
                        "env": [
                            {"name": "A", "value": "x: y"},
                            {"name": "T", "valueFrom": {"secretKeyRef": {"name": "token", "key": "latest"}}},
                        ],
                        "volumeMounts": [{"name": "secrets", "mountPath": "/s"}],
                        "resources": {"limits": {"cpu": "2", "memory": "4Gi", "nvidia.com/gpu": "1"}},
                    },
                ],
            },
        },
        "traffic": [{"latestRevision": True, "percent": 100}],
    },
    "status": {"url": "https://x"},
}


def laid_over(folder: Path, service: dict[str, Any], *changes: Any, text: str = "") -> subprocess.CompletedProcess[str]:
    files = dict(knative_files(plan(*changes)))
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(content)
    overlay = next(path for path in files if path.endswith(".overlay.json"))
    return subprocess.run(
        [sys.executable, "-I", str(folder / "knative" / "overlay.py"), str(folder / overlay)],
        input=text or json.dumps(service), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_everything_that_the_plan_does_not_name_survives(tmp_path: Path) -> None:
    done = laid_over(tmp_path, SERVICE, *EVERYTHING)
    assert done.returncode == 0, done.stderr
    after = json.loads(done.stdout)
    spec = after["spec"]["template"]["spec"]
    sidecar, api = spec["containers"]
    assert sidecar == SERVICE["spec"]["template"]["spec"]["containers"][0]
    assert api["env"] == SERVICE["spec"]["template"]["spec"]["containers"][1]["env"]
    assert api["volumeMounts"] == [{"name": "secrets", "mountPath": "/s"}]
    assert api["resources"]["limits"] == {"cpu": "1", "memory": "2Gi", "nvidia.com/gpu": "1"}
    assert (spec["containerConcurrency"], spec["serviceAccountName"]) == (40, "api@demo.iam")
    assert after["spec"]["template"]["metadata"] == {
        "annotations": {
            "autoscaling.knative.dev/maxScale": "20",
            "autoscaling.knative.dev/minScale": "1",
            "run.googleapis.com/cpu-throttling": "false",
        }
    }
    assert after["metadata"] == {"name": "api", "annotations": {"run.googleapis.com/ingress": "internal"}}
    assert after["spec"]["traffic"] == SERVICE["spec"]["traffic"]
    assert "status" not in after


def test_a_minimum_of_the_service_is_changed_where_it_stands(tmp_path: Path) -> None:
    service = json.loads(json.dumps(SERVICE))
    service["metadata"]["annotations"]["run.googleapis.com/minScale"] = "5"
    after = json.loads(laid_over(tmp_path, service, change("cloud_run", "api", "min_instances", 5, 1)).stdout)
    assert after["metadata"]["annotations"]["run.googleapis.com/minScale"] == "1"
    assert "autoscaling.knative.dev/minScale" not in after["spec"]["template"]["metadata"]["annotations"]


@pytest.mark.parametrize(
    ("service", "said"),
    [({**SERVICE, "metadata": {"name": "other"}}, "but 'other' was given"),
     ({"metadata": {"name": "api"}, "spec": {"template": {"spec": {}}}}, "no container")],
)  # fmt: skip
def test_another_or_a_bare_service_is_refused(tmp_path: Path, service: dict[str, Any], said: str) -> None:
    done = laid_over(tmp_path, service, *EVERYTHING)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr


def test_yaml_is_read_where_it_can_be_and_else_json_is_asked_for(tmp_path: Path) -> None:
    done = laid_over(tmp_path, SERVICE, *EVERYTHING, text="metadata:\n  name: other\n")
    if importlib.util.find_spec("yaml") is None:
        assert "use --format=json" in done.stderr
    else:
        assert "'other' was given" in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_data(tmp_path: Path, name: str) -> None:
    files = dict(knative_files(plan(change("cloud_run", name, "vcpu", 2, 1, region=name, project=name))))
    assert all(path.count("/") == 1 and ".." not in path for path in files)
    service = json.loads(json.dumps(SERVICE))
    service["metadata"]["name"] = name
    done = laid_over(tmp_path, service, change("cloud_run", name, "vcpu", 2, 1))
    assert json.loads(done.stdout)["metadata"]["name"] == name


def test_without_cloud_run_there_is_nothing() -> None:
    assert knative_files(plan(change("tasks", "jobs", "max_attempts", 5, 3))) == []

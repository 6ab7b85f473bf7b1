from __future__ import annotations

import difflib
import importlib.util
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from exports.described import DescribedRefused, read_described
from exports.knative import knative_files
from exports.knative_export import _hold_against
from tests.exports.sample_descriptions import RUN_EXPORT
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


def whole_yaml(text: str, *changes: Any) -> str:
    return dict(knative_files(plan(*changes), read_described("api.yaml", text.encode())))["knative/api.new.yaml"]


def lines_changed(before: str, after: str) -> list[str]:
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line.replace(" ", "") for line in found if line[0] in "+-" and line[:3] not in ("---", "+++")]


def test_an_export_keeps_every_line_that_the_plan_does_not_change() -> None:
    after = whole_yaml(RUN_EXPORT, *EVERYTHING)
    assert lines_changed(RUN_EXPORT, after) == [
        "-autoscaling.knative.dev/maxScale:'50'", "-autoscaling.knative.dev/minScale:'5'",
        "+autoscaling.knative.dev/maxScale:'20'", "+autoscaling.knative.dev/minScale:'1'",
        "-run.googleapis.com/cpu-throttling:'true'", "+run.googleapis.com/cpu-throttling:'false'",
        "-containerConcurrency:80", "+containerConcurrency:40",
        "-cpu:2000m", "-memory:4Gi", "+cpu:'1'", "+memory:2Gi",
    ]  # fmt: skip
    assert whole_yaml(after, *EVERYTHING) == after


def test_what_nobody_knows_survives_in_an_export() -> None:
    odd = RUN_EXPORT.replace(
        "      containerConcurrency: 80\n",
        "      shinyNewThing: {on: off, when: 2026-01-02, octal: 0o17, n: 1e3, s: 12:30:45}  # mind this\n"
        "      containerConcurrency: 80\n",
    )
    after = whole_yaml(odd, change("cloud_run", "api", "concurrency", 80, 40))
    assert lines_changed(odd, after) == ["-containerConcurrency:80", "+containerConcurrency:40"]


def test_what_the_server_sets_is_left_out_of_an_export() -> None:
    text = RUN_EXPORT.replace("  name: api\n  namespace", "  name: api\n  uid: u\n  generation: 3\n  namespace")
    text += "status:\n  url: https://x\n"
    assert whole_yaml(text, change("cloud_run", "api", "concurrency", 80, 40)) == RUN_EXPORT.replace(
        "containerConcurrency: 80", "containerConcurrency: 40"
    )


def test_settings_that_are_not_there_yet_are_added_where_they_belong() -> None:
    text = RUN_EXPORT.replace("        autoscaling.knative.dev/maxScale: '50'\n", "").replace(
        "            cpu: 2000m\n", ""
    )
    after = whole_yaml(
        text, change("cloud_run", "api", "max_instances", None, 20), change("cloud_run", "api", "vcpu", None, 1)
    )
    template = YAML(typ="safe").load(after)["spec"]["template"]
    assert template["metadata"]["annotations"]["autoscaling.knative.dev/maxScale"] == "20"
    assert template["spec"]["containers"][1]["resources"]["limits"] == {"memory": "4Gi", "cpu": "1"}
    assert [line[0] for line in lines_changed(text, after)] == ["+", "+"]


def test_a_bare_export_is_refused() -> None:
    bare = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: api\nspec:\n  template: {}\n"
    with pytest.raises(DescribedRefused, match="no whole service"):
        whole_yaml(bare, change("cloud_run", "api", "vcpu", 2, 1))


def test_a_service_of_another_place_gets_no_yaml() -> None:
    files = dict(knative_files(plan(change("cloud_run", "api", "vcpu", 2, 1, region="europe-west1")),
                               read_described("api.yaml", RUN_EXPORT.encode())))  # fmt: skip
    assert "knative/api.new.yaml" not in files


def test_a_file_that_would_change_something_else_is_refused() -> None:
    described = read_described("api.yaml", RUN_EXPORT.encode())[0]
    with pytest.raises(DescribedRefused, match="does not come through YAML unchanged"):
        _hold_against(described, RUN_EXPORT.replace("MODE", "MOOD"), {})

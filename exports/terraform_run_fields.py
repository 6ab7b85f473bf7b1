"""Which field of a Knative service is which attribute of ``google_cloud_run_v2_service``.

Sources: Google's table of Cloud Run's YAML against its v2 API, the run.v1 and run.v2 discovery documents, the schema of
the provider. System annotations that are not here refuse: the provider takes none of them as they are.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from exports.terraform_rules import Attribute, Ignored, Nested, NotCarried, attributes, number, outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from exports.terraform_rules import Rule


def chosen(**known: str) -> Callable[[Any], object]:
    """How a value of a short list is written; hyphens stand as underscores in the names of ``known``."""

    def written(value: Any) -> object:
        found = known.get(str(value).replace("-", "_"))
        if found is None:
            raise NotCarried("has a value that is not known")
        return found

    return written


def flag(value: Any) -> object:
    """An annotation that says true or false."""
    if str(value).lower() not in ("true", "false"):
        raise NotCarried("is neither true nor false")
    return str(value).lower() == "true"


def listed(value: Any) -> object:
    """An annotation that holds a JSON list of texts."""
    try:
        found = json.loads(value)
    except (TypeError, ValueError):
        found = None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise NotCarried("is no list of texts")
    return found


_HEADERS: Final = Nested("http_headers", attributes("name", "value"))
_PROBE: Final[dict[str, Rule]] = {
    **attributes("failureThreshold", "initialDelaySeconds", "periodSeconds", "timeoutSeconds", written=number),
    "successThreshold": Ignored(only=(1, None)),
    "httpGet": Nested(
        "http_get", {**attributes("path"), **attributes("port", written=number), "httpHeaders": _HEADERS}
    ),
    "tcpSocket": Nested("tcp_socket", attributes("port", written=number)),
    "grpc": Nested("grpc", {**attributes("service"), **attributes("port", written=number)}),
}
_ENVIRONMENT: Final[Mapping[str, Rule]] = {
    **attributes("name", "value"),
    "valueFrom": Nested(
        "value_source",
        {"secretKeyRef": Nested("secret_key_ref", attributes(name="secret", key="version"))},
    ),
}
CONTAINER: Final[Mapping[str, Rule]] = {
    **attributes("name", "image", "command", "args", "workingDir"),
    "env": Nested("env", _ENVIRONMENT),
    "ports": Nested("ports", {**attributes("name"), **attributes("containerPort", written=number)}),
    "resources": Nested("resources", {**attributes("limits"), "requests": Ignored(only=(None,))}),
    "volumeMounts": Nested("volume_mounts", attributes("name", "mountPath", "subPath")),
    "startupProbe": Nested("startup_probe", _PROBE),
    "livenessProbe": Nested("liveness_probe", _PROBE),
}
_SECRET: Final[Mapping[str, Rule]] = {
    **attributes(secretName="secret"),
    **attributes("defaultMode", written=number),
    "items": Nested("items", {**attributes("path", key="version"), **attributes("mode", written=number)}),
}
_BUCKET: Final[Mapping[str, Rule]] = {
    "driver": Ignored(only=("gcsfuse.run.googleapis.com",)),
    **attributes("readOnly"),
    "bucketName": Attribute("bucket"),
    "mountOptions": Attribute("mount_options", lambda value: str(value).split(",")),
}
VOLUME: Final[Mapping[str, Rule]] = {
    **attributes("name"),
    "secret": Nested("secret", _SECRET),
    "emptyDir": Nested(
        "empty_dir", {"medium": Attribute("medium", chosen(Memory="MEMORY")), **attributes("sizeLimit")}
    ),
    "csi": Nested("gcs", _BUCKET),
    "nfs": Nested("nfs", attributes("server", "path", "readOnly")),
}
TRAFFIC: Final[Mapping[str, Rule]] = {
    **attributes("percent", written=number),
    **attributes("tag", revisionName="revision"),
    "latestRevision": Ignored(),
    "url": Ignored(),
}

SERVICE_ANNOTATIONS: Final[Mapping[str, Rule]] = {
    "run.googleapis.com/ingress": Attribute(
        "ingress",
        chosen(all="INGRESS_TRAFFIC_ALL", internal="INGRESS_TRAFFIC_INTERNAL_ONLY",
               internal_and_cloud_load_balancing="INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"),
    ),
    "run.googleapis.com/launch-stage": Attribute("launch_stage"),
    "run.googleapis.com/description": Attribute("description"),
    "run.googleapis.com/client-name": Attribute("client"),
    "run.googleapis.com/client-version": Attribute("client_version"),
    "run.googleapis.com/custom-audiences": Attribute("custom_audiences", listed),
    "run.googleapis.com/invoker-iam-disabled": Attribute("invoker_iam_disabled", flag),
    "run.googleapis.com/default-url-disabled": Attribute("default_uri_disabled", flag),
    "run.googleapis.com/iap-enabled": Attribute("iap_enabled", flag),
    **outputs(
        "run.googleapis.com/ingress-status", "run.googleapis.com/operation-id", "run.googleapis.com/urls",
        "serving.knative.dev/creator", "serving.knative.dev/lastModifier",
    ),
}  # fmt: skip
SERVICE_SCALING: Final[Mapping[str, Rule]] = {
    "run.googleapis.com/minScale": Attribute("min_instance_count", number),
    "run.googleapis.com/maxScale": Attribute("max_instance_count", number),
    "run.googleapis.com/scalingMode": Attribute("scaling_mode", chosen(automatic="AUTOMATIC", manual="MANUAL")),
    "run.googleapis.com/manualInstanceCount": Attribute("manual_instance_count", number),
}
REVISION_SCALING: Final[Mapping[str, Rule]] = {
    "autoscaling.knative.dev/minScale": Attribute("min_instance_count", number),
    "autoscaling.knative.dev/maxScale": Attribute("max_instance_count", number),
}
REVISION_ANNOTATIONS: Final[Mapping[str, Rule]] = {
    "run.googleapis.com/execution-environment": Attribute(
        "execution_environment", chosen(gen1="EXECUTION_ENVIRONMENT_GEN1", gen2="EXECUTION_ENVIRONMENT_GEN2")
    ),
    "run.googleapis.com/sessionAffinity": Attribute("session_affinity", flag),
    "run.googleapis.com/encryption-key": Attribute("encryption_key"),
    "run.googleapis.com/gpu-zonal-redundancy-disabled": Attribute("gpu_zonal_redundancy_disabled", flag),
    "run.googleapis.com/health-check-disabled": Attribute("health_check_disabled", flag),
    **outputs("run.googleapis.com/client-name", "run.googleapis.com/client-version"),
}
NETWORK: Final[Mapping[str, Rule]] = {
    "run.googleapis.com/vpc-access-connector": Attribute("connector"),
    "run.googleapis.com/vpc-access-egress": Attribute(
        "egress", chosen(all="ALL_TRAFFIC", all_traffic="ALL_TRAFFIC", private_ranges_only="PRIVATE_RANGES_ONLY")
    ),
}
INTERFACES: Final = "run.googleapis.com/network-interfaces"
INTERFACE: Final[Mapping[str, Rule]] = attributes("network", "subnetwork", "tags")
CPU: Final[Mapping[str, Rule]] = {
    "run.googleapis.com/cpu-throttling": Attribute("cpu_idle", flag),
    "run.googleapis.com/startup-cpu-boost": Attribute("startup_cpu_boost", flag),
}
DATABASES: Final = "run.googleapis.com/cloudsql-instances"
DEPENDENCIES: Final = "run.googleapis.com/container-dependencies"
ACCELERATOR: Final = "run.googleapis.com/accelerator"
OF_GOOGLE: Final = ("run.googleapis.com/", "cloud.googleapis.com/", "serving.knative.dev/", "autoscaling.knative.dev/",
                    "client.knative.dev/")  # fmt: skip
"""Domains whose labels and annotations the provider does not take as they are."""
LABELS_OF_GOOGLE: Final = ("cloud.googleapis.com/location", "client.knative.dev/nonce",
                           "run.googleapis.com/startupProbeType", "run.googleapis.com/satisfiesPzs")  # fmt: skip
"""Labels that Google sets by itself."""

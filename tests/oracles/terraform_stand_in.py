"""A stand-in for the Google provider that knows only its schema, so that the real Terraform validates HCL offline.

``google_provider_schema.json`` holds the resources that exports write, as generated from hashicorp/google 8.7.0 (the
prebuilt provider in PyPI's cdktn-provider-google 21.1.0). Beside the schema it refuses values that only Google sets.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgpack
import tf.runner
from tf.gen import tfplugin_pb2 as plugin
from tf.gen import tfplugin_pb2_grpc as rpc

SCHEMA = json.loads((Path(__file__).parent / "google_provider_schema.json").read_text())
NESTING = {
    "list": plugin.Schema.NestedBlock.NestingMode.LIST,
    "set": plugin.Schema.NestedBlock.NestingMode.SET,
    "single": plugin.Schema.NestedBlock.NestingMode.SINGLE,
}


def block(described: dict[str, Any]) -> plugin.Schema.Block:
    attributes = [
        plugin.Schema.Attribute(
            name=name, type=json.dumps(attribute["type"]).encode(), required=attribute["required"],
            optional=attribute["optional"], computed=attribute["computed"],
        )
        for name, attribute in described["attributes"].items()
    ]  # fmt: skip
    nested = [
        plugin.Schema.NestedBlock(
            type_name=name, block=block(inner["block"]), nesting=NESTING[inner["nesting_mode"]],
            min_items=inner["min_items"], max_items=inner["max_items"],
        )
        for name, inner in described["block_types"].items()
    ]  # fmt: skip
    return plugin.Schema.Block(attributes=attributes, block_types=nested)


def schema(described: dict[str, Any]) -> plugin.Schema:
    return plugin.Schema(version=0, block=block(described))


def computed(described: dict[str, Any], value: Any, path: tuple[str, ...]) -> list[str]:
    """Attributes that are set although only Google sets them."""
    if not isinstance(value, dict):
        return []
    found = [
        ".".join((*path, name))
        for name, attribute in described["attributes"].items()
        if value.get(name) is not None
        and attribute["computed"]
        and not (attribute["optional"] or attribute["required"])
    ]
    for name, inner in described["block_types"].items():
        inside = value.get(name)
        for item in inside if isinstance(inside, list) else [inside]:
            found += computed(inner["block"], item, (*path, name))
    return found


class Provider(rpc.ProviderServicer):
    """The calls that ``terraform validate`` makes."""

    # ruff: noqa: N802 (the protocol's own names)

    def __init__(self, *_: object) -> None:
        """Nothing is kept."""

    def GetMetadata(self, *_: object) -> plugin.GetMetadata.Response:
        kinds = [plugin.GetMetadata.ResourceMetadata(type_name=name) for name in SCHEMA["resources"]]
        return plugin.GetMetadata.Response(server_capabilities=plugin.ServerCapabilities(), resources=kinds)

    def GetProviderSchema(self, *_: object) -> plugin.GetProviderSchema.Response:
        kinds = {name: schema(described) for name, described in SCHEMA["resources"].items()}
        nothing: dict[str, Any] = {"attributes": {}, "block_types": {}}
        return plugin.GetProviderSchema.Response(provider=schema(SCHEMA["provider"] or nothing), resource_schemas=kinds)

    def ValidateProviderConfig(self, *_: object) -> plugin.ValidateProviderConfig.Response:
        return plugin.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request: Any, _: object) -> plugin.ValidateResourceConfig.Response:
        asked = msgpack.unpackb(request.config.msgpack, raw=False, strict_map_key=False, ext_hook=lambda *_: "?")
        wrong = computed(SCHEMA["resources"][request.type_name], asked, (request.type_name,))
        return plugin.ValidateResourceConfig.Response(
            diagnostics=[plugin.Diagnostic(severity=1, summary=f"{where} is set by Google alone") for where in wrong]
        )

    def StopProvider(self, *_: object) -> plugin.StopProvider.Response:
        return plugin.StopProvider.Response()


class Named:
    def full_name(self) -> str:
        return "registry.terraform.io/hashicorp/google"


if __name__ == "__main__":
    tf.runner.ProviderServicer = Provider
    tf.runner.run_provider(Named())

"""A recording stand-in for Google's REST APIs: an HTTPS proxy that gcloud is pointed at; every host is answered here.

It keeps the state of a few live resources, holds each request against the discovery documents (400 where Google would
reject it) and remembers what was asked.
"""

from __future__ import annotations

import copy
import json
import re
import ssl
import subprocess
import threading
import urllib.parse
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from tests.oracles.discovery import document, problems

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Request:
    method: str
    host: str
    path: str
    query: dict[str, list[str]]
    body: Any

    @property
    def is_change(self) -> bool:
        return self.method != "GET"


def certificates(folder: Path) -> tuple[Path, Path, Path]:
    """A throw-away authority, and a certificate with its key for every *.googleapis.com."""
    folder.mkdir()
    (folder / "san").write_text("subjectAltName=DNS:*.googleapis.com")
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ca.key -out ca.pem -subj /CN=fake-authority",
        "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=googleapis",
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True, timeout=60)
    return folder / "ca.pem", folder / "server.pem", folder / "server.key"


def run_service(project: str, name: str) -> dict[str, Any]:
    """A live Cloud Run service with environment values and a secret that no export may touch."""
    container = {
        "image": "us-docker.pkg.dev/demo/api:7",
        "env": [
            {"name": "DATABASE_PASSWORD", "value": "hunter2"},
            {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "token", "key": "latest"}}},
        ],
        "resources": {"limits": {"cpu": "2000m", "memory": "4Gi"}},
    }
    annotations = {"autoscaling.knative.dev/minScale": "5", "autoscaling.knative.dev/maxScale": "50"}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "namespace": project,
            "generation": 1,
            "resourceVersion": "AAA",
            "uid": "u1",
            "labels": {"cloud.googleapis.com/location": "us-central1"},
            "annotations": {"run.googleapis.com/ingress": "all"},
        },
        "spec": {
            "template": {
                "metadata": {"annotations": annotations},
                "spec": {"containerConcurrency": 80, "timeoutSeconds": 300, "containers": [container]},
            },
            "traffic": [{"latestRevision": True, "percent": 100}],
        },
        "status": run_status(name),
    }


def run_status(name: str, number: int = 1, traffic: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    ready = [
        {"type": kind, "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
        for kind in ("Ready", "ConfigurationsReady", "RoutesReady")
    ]
    revision = f"{name}-0000{number}"
    served = [{"revisionName": revision, **target} for target in traffic or [{"latestRevision": True, "percent": 100}]]
    return {
        "observedGeneration": number,
        "latestReadyRevisionName": revision,
        "latestCreatedRevisionName": revision,
        "url": "https://api.run.app",
        "traffic": served,
        "conditions": ready,
    }


SQL_OPERATION = {
    "kind": "sql#operation",
    "name": "operation-1",
    "status": "DONE",
    "operationType": "UPDATE",
    "targetProject": "demo",
    "targetId": "main",
    "selfLink": "https://sqladmin.googleapis.com/operation-1",
}


def live_state() -> dict[str, Any]:
    """Path → resource, as the plan under test found it."""
    sql = {
        "kind": "sql#instance",
        "name": "main",
        "project": "demo",
        "state": "RUNNABLE",
        "databaseVersion": "POSTGRES_15",
        "backendType": "SECOND_GEN",
        "instanceType": "CLOUD_SQL_INSTANCE",
        "region": "us-central1",
        "settings": {
            "tier": "db-custom-8-32768",
            "edition": "ENTERPRISE",
            "availabilityType": "REGIONAL",
            "settingsVersion": "1",
            "activationPolicy": "ALWAYS",
        },
    }
    queue = "projects/demo/locations/us-central1/queues/jobs"
    firestore = "projects/demo/databases/(default)"
    return {
        "/v1/projects/demo": {"projectId": "demo", "projectNumber": "123", "lifecycleState": "ACTIVE"},
        "/apis/serving.knative.dev/v1/namespaces/demo/services/api": run_service("demo", "api"),
        "/sql/v1beta4/projects/demo/instances/main": sql,
        f"/v2/{queue}": {
            "name": queue,
            "rateLimits": {"maxDispatchesPerSecond": 500.0, "maxConcurrentDispatches": 1000, "maxBurstSize": 100},
            "retryConfig": {"maxAttempts": 100},
            "state": "RUNNING",
        },
        f"/v1/{firestore}": {"name": firestore, "pointInTimeRecoveryEnablement": "POINT_IN_TIME_RECOVERY_ENABLED"},
    }


LISTS = {
    "alertPolicies": "alertPolicies",
    "notificationChannels": "notificationChannels",
    "dashboards": "dashboards",
    "budgets": "budgets",
    "transferConfigs": "transferConfigs",
}
"""Collections that are only listed and added to: last part of the path, field of the answer."""


class GoogleFake:
    """The proxy on a free port, with its state and what it recorded; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = live_state()
        self.requests: list[Request] = []
        self.logs: dict[str, list[tuple[int, str]]] = {}
        self.rejected: list[str] = []
        self.authority, certificate, key = certificates(folder / "certificates")
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate, key)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def changes(self) -> list[Request]:
        return [
            request
            for request in self.requests
            if request.is_change and not request.path.endswith((":list", ":checkValidCreds"))
        ]

    def restart(self) -> None:
        """The live state as at first, and nothing recorded or logged."""
        self.state, self.requests, self.rejected, self.logs = live_state(), [], [], {}

    def environment(self) -> dict[str, str]:
        """What points gcloud at this proxy, without anyone's account or settings."""
        configuration = self.folder / "gcloud"
        configuration.mkdir(exist_ok=True)
        (configuration / "token").write_text("not-a-token")
        return {
            "CLOUDSDK_CONFIG": str(configuration),
            "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(configuration / "token"),
            "CLOUDSDK_PROXY_TYPE": "http",
            "CLOUDSDK_PROXY_ADDRESS": "127.0.0.1",
            "CLOUDSDK_PROXY_PORT": str(self.server.server_address[1]),
            "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE": str(self.authority),
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
            "CLOUDSDK_SURVEY_DISABLE_PROMPTS": "true",
        }

    def answer(self, request: Request) -> tuple[int, Any]:
        """Record, judge, act; bq asks every API for its description first."""
        if request.path == "/$discovery/rest":
            return 200, document(f"{request.host.split('.')[0]}.{request.query['version'][0]}")
        self.requests.append(request)
        wrong = problems(request.method, request.host, request.path, request.query, request.body)
        if wrong:
            self.rejected += wrong
            return 400, error(400, "INVALID_ARGUMENT", "; ".join(wrong))
        if "/operations/" in request.path:
            return 200, SQL_OPERATION if "/sql/" in request.path else {"name": request.path[4:], "done": True}
        if request.method == "GET":
            return self._get(request)
        if request.path.endswith((":list", ":checkValidCreds")):
            asked = request.path.endswith("/entries:list")
            return 200, {"entries": self._entries(request.body["filter"])} if asked else {"hasValidCreds": True}
        return 200, self._change(request)

    def _entries(self, wanted: str) -> list[dict[str, Any]]:
        """Request log entries of the revision that a filter names."""
        found = [rows for revision, rows in self.logs.items() if f'revision_name="{revision}"' in wanted]
        return [
            {
                "logName": "projects/demo/logs/run.googleapis.com%2Frequests",
                "insertId": str(number),
                "timestamp": "2026-01-01T00:00:00Z",
                "httpRequest": {"status": status, "latency": latency},
            }
            for number, (status, latency) in enumerate(found[0] if found else [])
        ]

    def _get(self, request: Request) -> tuple[int, Any]:
        path = request.path
        if path.rpartition("/")[2] in LISTS:
            return 200, {LISTS[path.rpartition("/")[2]]: self._listed(path, request.query.get("filter", [""])[0])}
        revision = re.fullmatch(r"(/apis/.*)/revisions/([^/]+)", path)
        if path in self.state:
            return 200, self.state[path]
        if path.endswith("/revisions"):
            return 200, {"kind": "RevisionList", "apiVersion": "serving.knative.dev/v1", "items": []}
        if revision:
            ready = {"conditions": [{"type": "Ready", "status": "True"}]}
            named = {"metadata": {"name": revision[2]}, "spec": {"containers": [{"image": "x"}]}, "status": ready}
            return 200, {"kind": "Revision", "apiVersion": "serving.knative.dev/v1", **named}
        return 404, error(404, "NOT_FOUND", f"Resource {path} was not found")

    def _listed(self, path: str, wanted: str) -> list[dict[str, Any]]:
        """What a collection holds; only the labels of a filter count here, gcloud itself filters the rest."""
        found = [item for where, item in self.state.items() if where.rpartition("/")[0] == path]
        asked = re.findall(r'user_?[lL]abels\.(\w+) ?[=:] ?"?([\w-]+)', wanted)
        return [item for item in found if all(item.get("userLabels", {}).get(key) == value for key, value in asked)]

    def _set_field(self, path: str, body: dict[str, Any], mask: str) -> None:
        """What a mask names is as the body has it: without it expiry ends, and indexes are the database's own again."""
        field = self.state[path]
        if mask == "ttlConfig":
            field.pop("ttlConfig", None)
            if "ttlConfig" in body:
                field["ttlConfig"] = {"state": "CREATING"}
        elif mask == "indexConfig":
            field["indexConfig"] = body.get("indexConfig", {"usesAncestorConfig": True})

    def _change(self, request: Request) -> Any:
        path, body = request.path, copy.deepcopy(request.body)
        if request.method == "PUT":
            old = self.state[path]
            is_new = body["spec"]["template"] != old["spec"]["template"]
            number = old["metadata"]["generation"] + is_new
            body["metadata"]["generation"] = number
            body["status"] = run_status(body["metadata"]["name"], number, body["spec"].get("traffic"))
            self.state[path] = body
            return body
        if request.method == "DELETE":
            del self.state[path]
            if path.split("/")[-2] in LISTS:
                return {}
        elif request.method == "POST" and path.rpartition("/")[2] in LISTS:
            name = f"{path.partition('/')[2].partition('/')[2]}/{len(self.state)}"
            self.state[f"{path}/{len(self.state)}"] = body | {"name": name}
            return body | {"name": name}
        elif request.method == "POST" and "/sql/" in path:
            self.state[f"{path}/{body['name']}"] = {"state": "RUNNABLE", "kind": "sql#instance", **body}
        elif request.method == "POST":
            name = request.query["instanceId"][0]
            self.state[f"{path}/{name}"] = {"name": f"{path[4:]}/{name}", "state": "READY", **body}
        elif "/collectionGroups/" in path:
            self._set_field(path, body, request.query.get("updateMask", [""])[0])
        else:
            merge(self.state[path], body)
        if "/sql/" in path:
            return SQL_OPERATION
        if "/queues/" in path:
            return self.state[path]
        parent = (
            path.split("/collectionGroups/")[0][4:] if "/databases/" in path else "projects/demo/locations/us-central1"
        )
        return {"name": f"{parent}/operations/op1", "done": True, "response": {}}


def merge(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Put what a PATCH holds into a resource."""
    for name, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(name), dict):
            merge(old[name], value)
        else:
            old[name] = value


def error(code: int, status: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "status": status, "message": message}}


def _handler(fake: GoogleFake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Requests are recorded by the fake, not printed."""

        def do_CONNECT(self) -> None:
            self.send_response(200, "Connection Established")
            self.end_headers()
            self.wfile.flush()
            try:
                tls = fake.tls.wrap_socket(self.connection, server_side=True)
            except OSError:
                self.close_connection = True
                return
            self.connection, self.rfile, self.wfile = tls, tls.makefile("rb"), tls.makefile("wb", buffering=0)
            self.close_connection = False
            while not self.close_connection:
                self.handle_one_request()

        def respond(self) -> None:
            parts = urllib.parse.urlsplit(self.path)
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path, query = urllib.parse.unquote(parts.path), urllib.parse.parse_qs(parts.query)
            host = self.headers.get("Host", "").split(":")[0]
            code, answer = fake.answer(Request(self.command, host, path, query, json.loads(text) if text else None))
            content = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = respond  # noqa: N815 (the names that http.server calls)

    return Handler

"""The demo's inventory, in the shape in which gcloud prints it with ``--format=json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from data.sources.demo.company import PRODUCTION, REGION, Project
from data.sources.demo.databases import DATABASES, Database
from data.sources.demo.others import TASK_QUEUES
from data.sources.demo.workload import SERVICES, Service

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_CONCURRENT_DISPATCHES: Final = 100
MAX_CONNECTIONS: Final = 600


def inventory() -> Mapping[str, list[dict[str, Any]]]:
    """Return file name → what the list command prints for it."""
    return {
        "run_services.json": [_run_service(service) for service in SERVICES],
        "sql_instances.json": [_sql_instance(database) for database in DATABASES],
        "tasks_queues.json": [_queue(name, service) for name, service in TASK_QUEUES],
        "redis_instances.json": [],
        "firestore_databases.json": [_firestore(PRODUCTION)],
    }


def _run_service(service: Service) -> dict[str, Any]:
    account = f"{service.name}@{PRODUCTION.id}.iam.gserviceaccount.com"
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "annotations": {"run.googleapis.com/ingress": "all", "serving.knative.dev/creator": account},
            "creationTimestamp": "2025-06-02T09:14:51.203194Z",
            "generation": 31,
            "labels": {"cloud.googleapis.com/location": REGION},
            "name": service.name,
            "namespace": PRODUCTION.number,
            "selfLink": f"/apis/serving.knative.dev/v1/namespaces/{PRODUCTION.number}/services/{service.name}",
        },
        "spec": {
            "template": {
                "metadata": {"annotations": _scaling(service), "name": f"{service.name}-00031-kez"},
                "spec": {
                    "containerConcurrency": service.concurrency,
                    "containers": [_container(service)],
                    "serviceAccountName": account,
                    "timeoutSeconds": 900,
                },
            },
            "traffic": [{"latestRevision": True, "percent": 100}],
        },
        "status": {"observedGeneration": 31, "url": f"https://{service.name}-{PRODUCTION.number}.{REGION}.run.app"},
    }


def _scaling(service: Service) -> dict[str, str]:
    return {
        "autoscaling.knative.dev/maxScale": str(service.max_instances),
        "autoscaling.knative.dev/minScale": str(service.min_instances),
        "run.googleapis.com/cloudsql-instances": f"{PRODUCTION.id}:{REGION}:main-db",
        "run.googleapis.com/cpu-throttling": "true",
        "run.googleapis.com/startup-cpu-boost": "true",
    }


def _container(service: Service) -> dict[str, Any]:
    return {
        "env": [
            {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"key": "latest", "name": "main-db-password"}}},
            {"name": "LOG_LEVEL", "value": "info"},
        ],
        "image": f"{REGION}-docker.pkg.dev/{PRODUCTION.id}/services/{service.name}:v2.36",
        "ports": [{"containerPort": 8080, "name": "http1"}],
        "resources": {"limits": {"cpu": str(service.vcpu), "memory": f"{service.memory_gib}Gi"}},
    }


def _sql_instance(database: Database) -> dict[str, Any]:
    project = database.project
    replicas = [x.name for x in DATABASES if x.primary == database.name]
    return {
        "backendType": "SECOND_GEN",
        "connectionName": f"{project.id}:{REGION}:{database.name}",
        "databaseVersion": database.version,
        "instanceType": "READ_REPLICA_INSTANCE" if database.primary else "CLOUD_SQL_INSTANCE",
        "ipAddresses": [{"ipAddress": "203.0.113.27", "type": "PRIMARY"}],
        "kind": "sql#instance",
        **({"masterInstanceName": f"{project.id}:{database.primary}"} if database.primary else {}),
        "name": database.name,
        "project": project.id,
        "region": REGION,
        **({"replicaNames": replicas} if replicas else {}),
        "serviceAccountEmailAddress": f"p{project.number}-x4tq1c@gcp-sa-cloud-sql.iam.gserviceaccount.com",
        "settings": {
            "activationPolicy": "ALWAYS",
            "availabilityType": "REGIONAL" if database.highly_available else "ZONAL",
            "dataDiskSizeGb": str(database.last_gib),
            "dataDiskType": "PD_SSD",
            "databaseFlags": [{"name": "max_connections", "value": str(MAX_CONNECTIONS)}],
            "edition": "ENTERPRISE",
            "kind": "sql#settings",
            "storageAutoResize": True,
            "tier": f"db-custom-{database.vcpu}-{database.memory_gib * 1024}",
        },
        "state": "RUNNABLE",
    }


def _queue(name: str, service: str) -> dict[str, Any]:
    return {
        "httpTarget": {"uriOverride": {"host": f"{service}-{PRODUCTION.number}.{REGION}.run.app", "scheme": "HTTPS"}},
        "name": f"projects/{PRODUCTION.id}/locations/{REGION}/queues/{name}",
        "rateLimits": {
            "maxBurstSize": 100,
            "maxConcurrentDispatches": MAX_CONCURRENT_DISPATCHES,
            "maxDispatchesPerSecond": 500.0,
        },
        "retryConfig": {"maxAttempts": 5, "maxBackoff": "3600s", "maxDoublings": 16, "minBackoff": "0.100s"},
        "state": "RUNNING",
    }


def _firestore(project: Project) -> dict[str, Any]:
    return {
        "concurrencyMode": "PESSIMISTIC",
        "deleteProtectionState": "DELETE_PROTECTION_DISABLED",
        "locationId": REGION,
        "name": f"projects/{project.id}/databases/(default)",
        "pointInTimeRecoveryEnablement": "POINT_IN_TIME_RECOVERY_DISABLED",
        "type": "FIRESTORE_NATIVE",
    }

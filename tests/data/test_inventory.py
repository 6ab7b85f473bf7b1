"""Inventories: every list command's JSON, both Cloud Run shapes, names that meet, secrets that must stay out."""

import json

import pytest

from data.sources.inventory import read_inventory
from data.sources.inventory_databases import shape_of_tier
from data.sources.inventory_run import gib_of, vcpu_of
from data.sources.refusal import SourceRefused

SECRET = "hunter2-do-not-read"


def knative(name="api", region="us-central1", namespace="123", service_notes=None, notes=None, container=None, **spec):
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"cloud.googleapis.com/location": region, "owner": SECRET},
            "annotations": service_notes or {},
        },
        "spec": {
            "template": {
                "metadata": {"annotations": notes or {}},
                "spec": {"containers": [container or {}], "containerConcurrency": 80, **spec},
            }
        },
    }


def sql(name="db", project="p", **over):
    settings = {
        "tier": "db-custom-8-32768",
        "availabilityType": "REGIONAL",
        "dataDiskSizeGb": "100",
        "edition": "ENTERPRISE",
    }
    of_instance = {"masterInstanceName", "serviceAccountEmailAddress", "region", "rootPassword", "ipAddresses"}
    top = {k: v for k, v in over.items() if k in of_instance}
    settings |= {k: v for k, v in over.items() if k not in top}
    return {"kind": "sql#instance", "name": name, "project": project, "region": "us-central1",
            "databaseVersion": "POSTGRES_16", "settings": settings, **top}  # fmt: skip


def read(tmp_path, *records, name="list.json"):
    path = tmp_path / name
    path.write_text(json.dumps(list(records)))
    return {fact.key: fact.value for fact in read_inventory([path])}


def test_knative_service(tmp_path):
    notes = {"autoscaling.knative.dev/minScale": "5", "autoscaling.knative.dev/maxScale": "50"}
    container = {"resources": {"limits": {"cpu": "2000m", "memory": "4Gi"}}}
    facts = read(tmp_path, knative(notes=notes, container=container))
    assert facts == {
        "cloud_run.api.min_instances": 5, "cloud_run.api.max_instances": 50, "cloud_run.api.vcpu": 2,
        "cloud_run.api.memory_gib": 4, "cloud_run.api.concurrency": 80, "cloud_run.api.billing_mode": "request_based",
        "cloud_run.api.scaling_level": "revision", "cloud_run.api.region": "us-central1",
        "cloud_run.api.project": "123",
    }  # fmt: skip


def test_service_level_scaling_and_unthrottled_cpu(tmp_path):
    facts = read(
        tmp_path,
        knative(
            service_notes={"run.googleapis.com/minScale": "3", "run.googleapis.com/maxScale": "8"},
            notes={
                "autoscaling.knative.dev/minScale": "1",
                "autoscaling.knative.dev/maxScale": "40",
                "run.googleapis.com/cpu-throttling": "false",
            },
        ),
    )
    assert facts["cloud_run.api.min_instances"] == 3
    assert facts["cloud_run.api.max_instances"] == 8
    assert facts["cloud_run.api.scaling_level"] == "service"
    assert facts["cloud_run.api.billing_mode"] == "instance_based"


def test_what_is_not_written_is_google_s_default_and_says_so(tmp_path):
    path = tmp_path / "run.json"
    path.write_text(json.dumps([knative()]))
    facts = {fact.key: fact for fact in read_inventory([path])}
    assert facts["cloud_run.api.min_instances"].value == 0
    assert facts["cloud_run.api.max_instances"].value == 100
    assert facts["cloud_run.api.memory_gib"].value == 0.5
    assert "default" in facts["cloud_run.api.max_instances"].source
    assert facts["cloud_run.api.concurrency"].source == "run.json"


def test_sidecars_add_up(tmp_path):
    limits = [
        {"resources": {"limits": {"cpu": "1", "memory": "512Mi"}}},
        {"resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}},
    ]
    facts = read(tmp_path, knative(containers=limits))
    assert facts["cloud_run.api.vcpu"] == 1.5
    assert facts["cloud_run.api.memory_gib"] == 1.5


@pytest.mark.parametrize(
    ("idle", "mode"), [(True, "request_based"), (False, "instance_based"), (None, "instance_based")]
)
def test_v2_service(tmp_path, idle, mode):
    resources = {"limits": {"cpu": "4", "memory": "8Gi"}} | ({} if idle is None else {"cpuIdle": idle})
    record = {
        "name": "projects/shop/locations/europe-west1/services/web",
        "scaling": {"minInstanceCount": 2},
        "template": {
            "scaling": {"maxInstanceCount": 30},
            "maxInstanceRequestConcurrency": 25,
            "containers": [{"image": SECRET, "resources": resources}],
        },
    }
    facts = read(tmp_path, record)
    assert facts["cloud_run.web.min_instances"] == 2
    assert facts["cloud_run.web.max_instances"] == 30
    assert facts["cloud_run.web.vcpu"] == 4
    assert facts["cloud_run.web.concurrency"] == 25
    assert facts["cloud_run.web.billing_mode"] == mode
    assert (facts["cloud_run.web.project"], facts["cloud_run.web.region"]) == ("shop", "europe-west1")


def test_the_execution_environment_is_read_from_both_shapes(tmp_path):
    pinned = knative(notes={"run.googleapis.com/execution-environment": "gen2"})
    assert read(tmp_path, pinned)["cloud_run.api.execution_environment"] == "gen2"
    v2 = {"name": "projects/p/locations/us-central1/services/api", "template": {"containers": []}}
    v2["template"]["executionEnvironment"] = "EXECUTION_ENVIRONMENT_GEN1"
    assert read(tmp_path, v2)["cloud_run.api.execution_environment"] == "gen1"
    v2["template"]["executionEnvironment"] = "EXECUTION_ENVIRONMENT_UNSPECIFIED"
    assert "cloud_run.api.execution_environment" not in read(tmp_path, v2)


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("render-tool-481205513377.us-central1.run.app", "render-tool"),
        ("api-x3f9k2abcd-uc.a.run.app", "api"),
        ("tasks.example.com", None),
    ],
)
def test_a_queue_that_routes_to_a_cloud_run_host_names_its_service(tmp_path, host, service):
    queue = {
        "name": "projects/p/locations/us-central1/queues/q",
        "httpTarget": {
            "uriOverride": {"host": host},
            "headerOverrides": [{"header": {"key": "Auth", "value": SECRET}}],
        },
        "rateLimits": {"maxConcurrentDispatches": 100},
    }
    facts = read(tmp_path, queue)
    assert facts.get("tasks.q.target_service") == service
    assert SECRET not in str(facts)


def test_sql_instances_with_replica(tmp_path):
    flags = [{"name": "max_connections", "value": "600"}, {"name": "log_statement", "value": SECRET}]
    facts = read(
        tmp_path,
        sql(databaseFlags=flags),
        sql("db-replica", masterInstanceName="p:db", availabilityType="ZONAL", tier="db-perf-optimized-N-8"),
    )
    assert facts["cloud_sql.db.vcpu"] == 8
    assert facts["cloud_sql.db.memory_gib"] == 32
    assert facts["cloud_sql.db.availability"] == "regional"
    assert facts["cloud_sql.db.replicas"] == 1
    assert facts["cloud_sql.db.max_connections"] == 600
    assert facts["cloud_sql.db.storage_gib"] == 100
    assert facts["cloud_sql.db-replica.edition"] == "enterprise_plus"
    assert facts["cloud_sql.db-replica.replica_of"] == "db"
    assert "cloud_sql.db-replica.replicas" not in facts


@pytest.mark.parametrize(
    ("tier", "shape"),
    [
        ("db-custom-8-32768", {"vcpu": 8, "memory_gib": 32}),
        ("db-custom-N4-2-4096", {"vcpu": 2, "memory_gib": 4}),
        ("db-perf-optimized-N-8", {"vcpu": 8, "memory_gib": 64}),
        ("db-n1-highmem-4", {"vcpu": 4, "memory_gib": 26}),
        ("db-f1-micro", {"shared_core": True}),
        ("db-g1-small", {"shared_core": True}),
        ("db-of-the-future-7", {}),
    ],
)
def test_tiers(tier, shape):
    assert shape_of_tier(tier) == shape


def test_queues_redis_and_firestore(tmp_path):
    facts = read(
        tmp_path,
        {
            "name": "projects/p/locations/us-central1/queues/render",
            "rateLimits": {"maxConcurrentDispatches": 100, "maxDispatchesPerSecond": 500.0},
            "retryConfig": {"maxAttempts": -1},
        },
        {
            "name": "projects/p/locations/us-central1/instances/c",
            "memorySizeGb": 5,
            "tier": "STANDARD_HA",
            "redisConfigs": {"maxmemory-policy": "allkeys-lru", "other": SECRET},
            "host": SECRET,
        },
        {
            "name": "projects/p/databases/(default)",
            "locationId": "nam5",
            "pointInTimeRecoveryEnablement": "POINT_IN_TIME_RECOVERY_ENABLED",
        },
    )
    assert facts["tasks.render.max_concurrent_dispatches"] == 100
    assert facts["tasks.render.max_attempts"] == -1
    assert (facts["cache.c.size_gib"], facts["cache.c.tier"], facts["cache.c.policy"]) == (5, "standard", "allkeys-lru")
    assert facts["firestore.(default).pitr_enabled"] is True
    assert facts["firestore.(default).region"] == "nam5"


def test_secrets_never_enter(tmp_path):
    env = [{"name": SECRET, "value": SECRET, "valueFrom": {"secretKeyRef": {"name": SECRET, "key": SECRET}}}]
    container = {"image": SECRET, "env": env, "args": [SECRET], "resources": {"limits": {"cpu": "1", "gpu": SECRET}}}
    path = tmp_path / "all.json"
    records = [
        knative(container=container, service_notes={"owner": SECRET}, serviceAccountName=SECRET),
        sql(
            rootPassword=SECRET,
            ipAddresses=[{"ipAddress": SECRET}],
            userLabels={"a": SECRET},
            ipConfiguration={"x": SECRET},
        ),
    ]
    path.write_text(json.dumps(records))
    assert len(read_inventory([path])) > 10
    assert SECRET not in repr(read_inventory([path]))


def test_same_name_is_told_apart_by_region_then_project(tmp_path):
    facts = read(
        tmp_path,
        knative("web", "us-central1", "1"),
        knative("web", "europe-west1", "1"),
        knative("web", "europe-west1", "2"),
        knative("alone", "us-central1", "1"),
    )
    names = {key.split(".")[1] for key in facts}
    assert names == {"web@us-central1", "web@europe-west1@1", "web@europe-west1@2", "alone"}


def test_listed_twice_counts_once_as_listed_last(tmp_path):
    facts = read(tmp_path, sql(dataDiskSizeGb="100"), sql(dataDiskSizeGb="200"))
    assert facts["cloud_sql.db.storage_gib"] == 200


def test_project_numbers_become_ids_where_an_instance_shows_both(tmp_path):
    agent = "p123-abc9@gcp-sa-cloud-sql.iam.gserviceaccount.com"
    facts = read(tmp_path, knative(namespace="123"), sql(project="shop", serviceAccountEmailAddress=agent))
    assert facts["cloud_run.api.project"] == "shop"


def test_folder_and_api_pages(tmp_path):
    (tmp_path / "sql.json").write_text(json.dumps({"items": [sql()]}))
    (tmp_path / "empty.json").write_text("[]")
    assert "cloud_sql.db.vcpu" in {fact.key for fact in read_inventory([tmp_path])}


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("not json", "is not JSON"),
        ("5", "not a list of resources"),
        ('[{"name": "projects/p/zones/z/disks/d"}]', "not in an inventory"),
        ('[{"cost": 1, "usage_start_time": "x"}]', "not in an inventory"),
        ('[{"kind": "sql#instance", "name": "db", "settings": {}}]', "a form that gcloud does not print"),
    ],
)
def test_what_is_no_inventory_is_refused_in_one_sentence(tmp_path, content, word):
    path = tmp_path / "thing.json"
    path.write_text(content)
    with pytest.raises(SourceRefused, match=word) as caught:
        read_inventory([path])
    assert "thing.json" in str(caught.value)
    assert str(caught.value).endswith(".")


def test_missing_file_and_empty_folder_are_refused(tmp_path):
    with pytest.raises(SourceRefused, match="cannot be opened"):
        read_inventory([tmp_path / "none.json"])
    with pytest.raises(SourceRefused, match=r"holds no \.json file"):
        read_inventory([tmp_path])


def test_quantities():
    assert vcpu_of("250m") == 0.25
    assert gib_of("2G") == pytest.approx(2e9 / 2**30)
    assert gib_of("1073741824") == 1
    with pytest.raises(ValueError, match="memory"):
        gib_of("4 gigs")

"""Whole descriptions as gcloud prints them, for the resources of ``sample_plans.EVERYTHING``."""

from __future__ import annotations

from typing import Any

RUN_EXPORT = """\
# what runs in production; ask the platform team before changing it
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  annotations:
    example.com/team: payments
    run.googleapis.com/client-name: gcloud
    run.googleapis.com/ingress: internal-and-cloud-load-balancing
    run.googleapis.com/ingress-status: internal-and-cloud-load-balancing
    run.googleapis.com/custom-audiences: '["https://api.example.com"]'
  labels:
    cloud.googleapis.com/location: us-central1
    cost-centre: '0042'
  name: api
  namespace: '123456789012'
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/maxScale: '50'
        autoscaling.knative.dev/minScale: '5'
        run.googleapis.com/cloudsql-instances: demo:us-central1:main
        run.googleapis.com/container-dependencies: '{"app":["proxy"]}'
        run.googleapis.com/cpu-throttling: 'true'
        run.googleapis.com/execution-environment: gen2
        run.googleapis.com/network-interfaces: '[{"network":"default","subnetwork":"apps","tags":["api"]}]'
        run.googleapis.com/startup-cpu-boost: 'true'
        run.googleapis.com/vpc-access-egress: private-ranges-only
      labels:
        client.knative.dev/nonce: abcdef
        run.googleapis.com/startupProbeType: Default
    spec:
      containerConcurrency: 80
      containers:
      - args:
        - --port=9000
        image: us-docker.pkg.dev/demo/proxy@sha256:0f1e
        name: proxy
        resources:
          limits:
            cpu: 500m
            memory: 256Mi
        startupProbe:
          failureThreshold: 3
          periodSeconds: 5
          tcpSocket:
            port: 9000
          timeoutSeconds: 1
      - env:
        - name: MODE
          value: 'on'
        - name: RELEASED
          value: '2026-01-02'
        - name: GREETING
          value: "a: \\"b\\" ${HOME} 'c' #d"
        - name: EMPTY
          value: ''
        - name: TOKEN
          valueFrom:
            secretKeyRef:
              key: latest
              name: token
        image: us-docker.pkg.dev/demo/api:7
        livenessProbe:
          httpGet:
            path: /alive
            port: 8080
          periodSeconds: 10
        name: app
        ports:
        - containerPort: 8080
          name: http1
        resources:
          limits:
            cpu: 2000m
            memory: 4Gi
        volumeMounts:
        - mountPath: /secrets
          name: certificates
        - mountPath: /bucket
          name: files
        - mountPath: /tmp/cache
          name: scratch
      serviceAccountName: api@demo.iam.gserviceaccount.com
      timeoutSeconds: 300
      volumes:
      - name: certificates
        secret:
          items:
          - key: '3'
            path: tls.pem
          secretName: tls
      - csi:
          driver: gcsfuse.run.googleapis.com
          readOnly: true
          volumeAttributes:
            bucketName: demo-files
            mountOptions: implicit-dirs,uid=1000
        name: files
      - emptyDir:
          medium: Memory
          sizeLimit: 64Mi
        name: scratch
  traffic:
  - latestRevision: true
    percent: 90
  - percent: 10
    revisionName: api-00006-abc
    tag: before
"""
SQL: dict[str, Any] = {
    "backendType": "SECOND_GEN",
    "connectionName": "demo:us-central1:main",
    "createTime": "2025-01-02T03:04:05.678Z",
    "databaseInstalledVersion": "POSTGRES_16_4",
    "databaseVersion": "POSTGRES_16",
    "etag": "abc",
    "gceZone": "us-central1-a",
    "diskEncryptionConfiguration": {
        "kind": "sql#diskEncryptionConfiguration",
        "kmsKeyName": "projects/demo/locations/us/keyRings/r/cryptoKeys/k",
    },
    "geminiConfig": {"activeQueryEnabled": False, "entitled": False},
    "instanceType": "CLOUD_SQL_INSTANCE",
    "ipAddresses": [{"ipAddress": "203.0.113.7", "type": "PRIMARY"}],
    "kind": "sql#instance",
    "maintenanceVersion": "POSTGRES_16_4.R20250727.00_12",
    "name": "main",
    "project": "demo",
    "region": "us-central1",
    "replicaNames": ["main-replica"],
    "selfLink": "https://sqladmin.googleapis.com/sql/v1beta4/projects/demo/instances/main",
    "serverCaCert": {"cert": "-----BEGIN", "kind": "sql#sslCert"},
    "serviceAccountEmailAddress": "p1@gcp-sa-cloud-sql.iam",
    "sqlNetworkArchitecture": "NEW_NETWORK_ARCHITECTURE",
    "state": "RUNNABLE",
    "settings": {
        "activationPolicy": "ALWAYS",
        "availabilityType": "REGIONAL",
        "authorizedGaeApplications": [],
        "backupConfiguration": {
            "backupRetentionSettings": {"retainedBackups": 7, "retentionUnit": "COUNT"},
            "enabled": True,
            "kind": "sql#backupConfiguration",
            "location": "us",
            "pointInTimeRecoveryEnabled": True,
            "replicationLogArchivingEnabled": True,
            "startTime": "03:00",
            "transactionLogRetentionDays": 7,
            "transactionalLogStorageState": "CLOUD_STORAGE",
        },
        "connectorEnforcement": "NOT_REQUIRED",
        "dataDiskSizeGb": "1060",
        "dataDiskType": "PD_SSD",
        "databaseFlags": [{"name": "max_connections", "value": "600"}, {"name": "work_mem", "value": "65536"}],
        "deletionProtectionEnabled": True,
        "denyMaintenancePeriods": [{"endDate": "2027-01-05", "startDate": "2026-12-15", "time": "00:00:00"}],
        "edition": "ENTERPRISE",
        "insightsConfig": {
            "queryInsightsEnabled": True,
            "queryPlansPerMinute": 5,
            "queryStringLength": 1024,
            "recordApplicationTags": True,
        },
        "ipConfiguration": {
            "authorizedNetworks": [{"kind": "sql#aclEntry", "name": "office", "value": "198.51.100.0/24"}],
            "ipv4Enabled": True,
            "privateNetwork": "projects/demo/global/networks/default",
            "requireSsl": True,
            "serverCaMode": "GOOGLE_MANAGED_INTERNAL_CA",
            "sslMode": "TRUSTED_CLIENT_CERTIFICATE_REQUIRED",
        },
        "kind": "sql#settings",
        "locationPreference": {"kind": "sql#locationPreference", "zone": "us-central1-a"},
        "maintenanceWindow": {"day": 7, "hour": 4, "kind": "sql#maintenanceWindow", "updateTrack": "stable"},
        "passwordValidationPolicy": {"complexity": "COMPLEXITY_DEFAULT", "enablePasswordPolicy": True, "minLength": 12},
        "pricingPlan": "PER_USE",
        "replicationType": "SYNCHRONOUS",
        "settingsVersion": "42",
        "storageAutoResize": True,
        "storageAutoResizeLimit": "0",
        "tier": "db-custom-8-32768",
        "userLabels": {"team": "payments"},
    },
}
REDIS: dict[str, Any] = {
    "authEnabled": True,
    "authorizedNetwork": "projects/demo/global/networks/default",
    "connectMode": "DIRECT_PEERING",
    "createTime": "2025-01-02T03:04:05Z",
    "currentLocationId": "us-central1-a",
    "displayName": "Sessions",
    "host": "10.0.0.3",
    "labels": {"team": "payments"},
    "locationId": "us-central1-a",
    "maintenancePolicy": {
        "createTime": "2025-01-02T03:04:05Z",
        "updateTime": "2025-01-02T03:04:05Z",
        "weeklyMaintenanceWindow": [{"day": "SUNDAY", "duration": "3600s", "startTime": {"hours": 4}}],
    },
    "memorySizeGb": 3,
    "name": "projects/demo/locations/us-central1/instances/old",
    "nodes": [{"id": "node-0", "zone": "us-central1-a"}],
    "persistenceConfig": {
        "persistenceMode": "RDB",
        "rdbNextSnapshotTime": "2026-01-02T03:04:05Z",
        "rdbSnapshotPeriod": "TWELVE_HOURS",
    },
    "persistenceIamIdentity": "serviceAccount:1-compute@developer",
    "port": 6379,
    "readReplicasMode": "READ_REPLICAS_DISABLED",
    "redisConfigs": {"maxmemory-policy": "noeviction", "notify-keyspace-events": "Ex"},
    "redisVersion": "REDIS_7_0",
    "reservedIpRange": "10.0.0.0/29",
    "state": "READY",
    "tier": "BASIC",
    "transitEncryptionMode": "SERVER_AUTHENTICATION",
}
TASKS: dict[str, Any] = {
    "httpTarget": {
        "headerOverrides": [{"header": {"key": "X-Team", "value": "payments"}}],
        "httpMethod": "POST",
        "oidcToken": {"audience": "https://api.example.com", "serviceAccountEmail": "tasks@demo.iam"},
        "uriOverride": {
            "host": "api.example.com",
            "pathOverride": {"path": "/run"},
            "scheme": "HTTPS",
            "uriOverrideEnforceMode": "ALWAYS",
        },
    },
    "name": "projects/demo/locations/us-central1/queues/jobs",
    "purgeTime": "2026-01-02T03:04:05Z",
    "rateLimits": {"maxBurstSize": 100, "maxConcurrentDispatches": 1000, "maxDispatchesPerSecond": 500.0},
    "retryConfig": {
        "maxAttempts": 100,
        "maxBackoff": "3600s",
        "maxDoublings": 16,
        "maxRetryDuration": "600s",
        "minBackoff": "0.100s",
    },
    "stackdriverLoggingConfig": {"samplingRatio": 0.5},
    "state": "RUNNING",
}
FIRESTORE: dict[str, Any] = {
    "appEngineIntegrationMode": "DISABLED",
    "concurrencyMode": "PESSIMISTIC",
    "createTime": "2025-01-02T03:04:05Z",
    "databaseEdition": "STANDARD",
    "deleteProtectionState": "DELETE_PROTECTION_ENABLED",
    "earliestVersionTime": "2026-01-02T03:04:05Z",
    "etag": "abc",
    "freeTier": True,
    "keyPrefix": "g",
    "locationId": "nam5",
    "name": "projects/demo/databases/(default)",
    "pointInTimeRecoveryEnablement": "POINT_IN_TIME_RECOVERY_ENABLED",
    "type": "FIRESTORE_NATIVE",
    "uid": "u-1",
    "updateTime": "2026-01-02T03:04:05Z",
    "versionRetentionPeriod": "604800s",
}
JSON_FILES = {"main.json": SQL, "old.json": REDIS, "jobs.json": TASKS, "documents.json": FIRESTORE}

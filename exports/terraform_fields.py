"""Which field of an API is which attribute of Terraform's Google provider: Cloud SQL, Redis, Cloud Tasks, Firestore.

Sources: the APIs' discovery documents (sqladmin v1, redis v1, cloudtasks v2, firestore v1), the provider's schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exports.terraform_rules import (
    Attribute,
    Ignored,
    Nested,
    NotCarried,
    attributes,
    number,
    outputs,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exports.terraform_rules import Rule

_NOT_SET: Final = Ignored(only=(False, None, "", 0))
_IP_CONFIGURATION: Final[Mapping[str, Rule]] = {
    **attributes(
        "ipv4Enabled", "privateNetwork", "allocatedIpRange", "sslMode", "enablePrivatePathForGoogleCloudServices",
        "serverCaMode", "customSubjectAlternativeNames", "serverCaPool", "serverCertificateRotationMode",
    ),
    "requireSsl": _NOT_SET,
    "authorizedNetworks": Nested(
        "authorized_networks", {**attributes("name", "value", "expirationTime"), **outputs("kind")}
    ),
    "pscConfig": Nested(
        "psc_config",
        attributes("pscEnabled", "allowedConsumerProjects", "networkAttachmentUri", "pscAutoDnsEnabled",
                   "pscWriteEndpointDnsEnabled", "pscAutoConnectionPolicyEnabled"),
    ),
}  # fmt: skip
_BACKUPS: Final[Mapping[str, Rule]] = {
    **attributes("startTime", "enabled", "binaryLogEnabled", "location", "pointInTimeRecoveryEnabled"),
    **attributes("transactionLogRetentionDays", written=number),
    **outputs("kind", "replicationLogArchivingEnabled", "transactionalLogStorageState", "backupTier"),
    "backupRetentionSettings": Nested(
        "backup_retention_settings",
        {**attributes("retentionUnit"), **attributes("retainedBackups", written=number)},
    ),
}
_SETTINGS: Final[Mapping[str, Rule]] = {
    **attributes(
        "tier", "edition", "availabilityType", "pricingPlan", "activationPolicy", "collation", "connectorEnforcement",
        "deletionProtectionEnabled", "timeZone", "enableGoogleMlIntegration", "enableDataplexIntegration",
        "retainBackupsOnDelete", "dataApiAccess", "autoUpgradeEnabled", "userLabels",
        storageAutoResize="disk_autoresize", dataDiskType="disk_type",
    ),
    **attributes(
        "dataDiskProvisionedIops", "dataDiskProvisionedThroughput", "replicationLagMaxSeconds", written=number,
        dataDiskSizeGb="disk_size", storageAutoResizeLimit="disk_autoresize_limit",
    ),
    **outputs("kind", "settingsVersion", "effectiveAvailabilityType", "replicationType", "crashSafeReplicationEnabled"),
    "databaseReplicationEnabled": _NOT_SET,
    "ipConfiguration": Nested("ip_configuration", _IP_CONFIGURATION),
    "backupConfiguration": Nested("backup_configuration", _BACKUPS),
    "locationPreference": Nested(
        "location_preference",
        {**attributes("zone", "secondaryZone", followGaeApplication="follow_gae_application"), **outputs("kind")},
    ),
    "databaseFlags": Nested("database_flags", attributes("name", "value")),
    "maintenanceWindow": Nested(
        "maintenance_window", {**attributes("hour", "day", written=number), **attributes("updateTrack"),
                               **outputs("kind")},
    ),
    "denyMaintenancePeriods": Nested("deny_maintenance_period", attributes("startDate", "endDate", "time")),
    "insightsConfig": Nested(
        "insights_config",
        {**attributes("queryInsightsEnabled", "recordClientAddress", "recordApplicationTags",
                      "enhancedQueryInsightsEnabled"),
         **attributes("queryStringLength", "queryPlansPerMinute", written=number)},
    ),
    "passwordValidationPolicy": Nested(
        "password_validation_policy",
        {**attributes("complexity", "disallowUsernameSubstring", "passwordChangeInterval", "enablePasswordPolicy"),
         **attributes("minLength", "reuseInterval", written=number)},
    ),
    "advancedMachineFeatures": Nested("advanced_machine_features", attributes("threadsPerCore", written=number)),
    "dataCacheConfig": Nested("data_cache_config", attributes("dataCacheEnabled")),
    "connectionPoolConfig": Nested(
        "connection_pool_config",
        {**attributes("connectionPoolingEnabled"), "flags": Nested("flags", attributes("name", "value")),
         **outputs("poolerCount")},
    ),
    "finalBackupConfig": Nested(
        "final_backup_config", {**attributes("enabled"), **attributes("retentionDays", written=number)}
    ),
    "sqlServerAuditConfig": Nested(
        "sql_server_audit_config", {**attributes("bucket", "retentionInterval", "uploadInterval"), **outputs("kind")}
    ),
}  # fmt: skip
CLOUD_SQL: Final[Mapping[str, Rule]] = {
    **attributes("name", "project", "region", "databaseVersion", "masterInstanceName", "maintenanceVersion",
                 "instanceType", "includeReplicasForMajorVersionUpgrade"),
    **attributes("nodeCount", written=number),
    **outputs(
        "kind", "state", "etag", "ipAddresses", "serverCaCert", "connectionName", "gceZone", "secondaryGceZone",
        "diskEncryptionStatus", "scheduledMaintenance", "satisfiesPzs", "satisfiesPzi", "databaseInstalledVersion",
        "createTime", "availableMaintenanceVersions", "upgradableDatabaseVersions", "sqlNetworkArchitecture",
        "pscServiceAttachmentLink", "dnsName", "dnsNames", "primaryDnsName", "writeEndpoint", "geminiConfig",
        "serviceAccountEmailAddress", "selfLink", "currentDiskSize", "backendType", "failoverReplica", "replicaNames",
        "maxDiskSize",
    ),
    "settings": Nested("settings", _SETTINGS),
    "diskEncryptionConfiguration": Attribute(
        "encryption_key_name", lambda value: _only(value, "kmsKeyName", {"kind"})
    ),
    "replicaConfiguration": Nested(
        "replica_configuration", {**attributes("failoverTarget", "cascadableReplica"), **outputs("kind")}
    ),
}  # fmt: skip
"""``DatabaseInstance`` → ``google_sql_database_instance``."""

REDIS: Final[Mapping[str, Rule]] = {
    **attributes(
        "displayName", "labels", "locationId", "alternativeLocationId", "redisVersion", "reservedIpRange",
        "secondaryIpRange", "redisConfigs", "tier", "authorizedNetwork", "connectMode", "authEnabled",
        "transitEncryptionMode", "readReplicasMode", "customerManagedKey", "maintenanceVersion",
    ),
    **attributes("replicaCount", written=number, memorySizeGb="memory_size_gb"),
    **outputs(
        "name", "host", "port", "currentLocationId", "createTime", "state", "statusMessage", "persistenceIamIdentity",
        "serverCaCerts", "nodes", "readEndpoint", "readEndpointPort", "maintenanceSchedule", "suspensionReasons",
        "availableMaintenanceVersions", "satisfiesPzs", "satisfiesPzi",
    ),
    "maintenancePolicy": Nested(
        "maintenance_policy",
        {
            **attributes("description"),
            **outputs("createTime", "updateTime"),
            "weeklyMaintenanceWindow": Nested(
                "weekly_maintenance_window",
                {**attributes("day"), **outputs("duration"),
                 "startTime": Nested("start_time", attributes("hours", "minutes", "seconds", "nanos", written=number))},
            ),
        },
    ),
    "persistenceConfig": Nested(
        "persistence_config",
        {**attributes("persistenceMode", "rdbSnapshotPeriod", "rdbSnapshotStartTime"),
         **outputs("rdbNextSnapshotTime")},
    ),
}  # fmt: skip
"""``Instance`` → ``google_redis_instance``; place and name are added from its path."""

TASKS: Final[Mapping[str, Rule]] = {
    **outputs("name", "purgeTime"),
    "state": Ignored(only=("RUNNING",)),
    "rateLimits": Nested(
        "rate_limits",
        {**attributes("maxDispatchesPerSecond", "maxConcurrentDispatches", written=number), **outputs("maxBurstSize")},
    ),
    "retryConfig": Nested(
        "retry_config",
        {**attributes("maxAttempts", "maxDoublings", written=number),
         **attributes("maxRetryDuration", "minBackoff", "maxBackoff")},
    ),
    "appEngineRoutingOverride": Nested(
        "app_engine_routing_override", {**attributes("service", "version", "instance"), **outputs("host")}
    ),
    "stackdriverLoggingConfig": Nested("stackdriver_logging_config", attributes("samplingRatio", written=number)),
    "httpTarget": Nested(
        "http_target",
        {
            **attributes("httpMethod"),
            "headerOverrides": Nested("header_overrides", {"header": Nested("header", attributes("key", "value"))}),
            "oauthToken": Nested("oauth_token", attributes("serviceAccountEmail", "scope")),
            "oidcToken": Nested("oidc_token", attributes("serviceAccountEmail", "audience")),
            "uriOverride": Nested(
                "uri_override",
                {**attributes("scheme", "host", "port", "uriOverrideEnforceMode"),
                 "pathOverride": Nested("path_override", attributes("path")),
                 "queryOverride": Nested("query_override", attributes("queryParams"))},
            ),
        },
    ),
}  # fmt: skip
"""``Queue`` → ``google_cloud_tasks_queue``."""

FIRESTORE: Final[Mapping[str, Rule]] = {
    **attributes(
        "locationId", "type", "concurrencyMode", "pointInTimeRecoveryEnablement", "appEngineIntegrationMode",
        "deleteProtectionState", "databaseEdition", "realtimeUpdatesMode", "firestoreDataAccessMode",
        "mongodbCompatibleDataAccessMode",
    ),
    **outputs("name", "uid", "createTime", "updateTime", "versionRetentionPeriod", "earliestVersionTime", "keyPrefix",
              "etag", "freeTier", "sourceInfo", "previousId", "satisfiesPzs", "satisfiesPzi"),
    "cmekConfig": Nested("cmek_config", {**attributes("kmsKeyName"), **outputs("activeKeyVersion")}),
}  # fmt: skip
"""``Database`` → ``google_firestore_database``."""


def _only(value: Any, wanted: str, beside: set[str]) -> object:
    if not isinstance(value, dict) or not isinstance(value.get(wanted), str) or value.keys() - beside - {wanted}:
        raise NotCarried("is not of a form that is known")
    return value[wanted]

"""The demo's price list: Google's own list prices for us-central1, in USD, with the units of the billing export.

Prices: the product's price facts (2026-09/10). Log volume 0.50 per GiB after 50 GiB a project and month, and HA storage
0.34 per GiB-month, are the Cloud Billing Catalog's (read 2026-10-07). Where a SKU's id was not found in public notes,
an invented id that starts with ``DE30`` stands; prices are never invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

GIB: Final = 2**30
NANOS: Final = 10**9


@dataclass(frozen=True)
class Free:
    """A free allowance: ``quantity`` pricing units per Pacific ``period``, counted per project or per account."""

    pool: str
    quantity: float
    period: str  # 'day' or 'month'
    per_project: bool = False


@dataclass(frozen=True)
class Sku:
    """One SKU: ``price`` USD buys ``per`` pricing units; ``base_units`` of ``usage_unit`` make one pricing unit."""

    service_id: str
    service: str
    sku_id: str
    sku: str
    price: str
    pricing_unit: str
    usage_unit: str
    per: int = 1
    base_units: float = 1.0
    tier_start: float = 0.0
    free: Free | None = None
    region: str | None = "us-central1"
    cost_type: str = "regular"

    @property
    def price_nanos(self) -> int:
        """Price of ``per`` pricing units in nano-dollars (exact: no list price has more than nine decimals)."""
        return int(Decimal(self.price) * NANOS)


_RUN = ("152E-C115-5142", "Cloud Run")
_RUN_CPU = Free("Cloud Run vCPU", 180_000, "month")
_RUN_MEMORY = Free("Cloud Run memory", 360_000, "month")
RUN_CPU = Sku(*_RUN, "DE30-0001-C001", "Services CPU (Request-based billing)", "0.000024", "second", "seconds",
              free=_RUN_CPU)  # fmt: skip
RUN_MEMORY = Sku(*_RUN, "DE30-0001-C002", "Services Memory (Request-based billing)", "0.0000025",
                 "gibibyte second", "byte-seconds", base_units=GIB, free=_RUN_MEMORY)  # fmt: skip
RUN_IDLE_CPU = Sku(*_RUN, "7EBB-8579-2C98", "Services Min Instance CPU (Request-based billing)", "0.0000025",
                   "second", "seconds", free=_RUN_CPU)  # fmt: skip
RUN_IDLE_MEMORY = Sku(*_RUN, "740D-08F2-7A11", "Services Min Instance Memory (Request-based billing)", "0.0000025",
                      "gibibyte second", "byte-seconds", base_units=GIB, free=_RUN_MEMORY)  # fmt: skip
RUN_REQUESTS = Sku(*_RUN, "2DA5-55D3-E679", "Requests", "0.40", "count", "requests", per=1_000_000, region=None,
                   free=Free("Cloud Run requests", 2_000_000, "month"))  # fmt: skip

_STORE = ("F17B-412E-CB64", "App Engine")  # Firestore bills under App Engine's name and id
FIRESTORE_READS = Sku(*_STORE, "F251-5791-CE45", "Cloud Firestore Read Ops", "0.03", "count", "requests", per=100_000,
                      free=Free("Firestore reads", 50_000, "day", per_project=True))  # fmt: skip
FIRESTORE_WRITES = Sku(*_STORE, "63B3-E146-F0E9", "Cloud Firestore Entity Writes", "0.09", "count", "requests",
                       per=100_000, free=Free("Firestore writes", 20_000, "day", per_project=True))  # fmt: skip
FIRESTORE_DELETES = Sku(*_STORE, "DE30-0002-F003", "Cloud Firestore Entity Deletes", "0.01", "count", "requests",
                        per=100_000, free=Free("Firestore deletes", 20_000, "day", per_project=True))  # fmt: skip
_GIB_MONTH = ("gibibyte month", "byte-seconds")  # base units depend on the month: see the export
FIRESTORE_STORAGE = Sku(*_STORE, "DE30-0002-F004", "Cloud Firestore Storage", "0.15", *_GIB_MONTH,
                        free=Free("Firestore storage", 1, "month", per_project=True))  # fmt: skip

_SQL = ("9662-B51E-5089", "Cloud SQL")
_PG = "Cloud SQL for PostgreSQL:"
_GIB_HOUR = ("gibibyte hour", "byte-seconds")
SQL_HA_VCPU = Sku(*_SQL, "1912-86A6-9950", f"{_PG} Regional - vCPU in Americas", "0.0826", "hour", "seconds",
                  base_units=3600)  # fmt: skip
SQL_HA_MEMORY = Sku(*_SQL, "9BE2-CB5B-66F8", f"{_PG} Regional - RAM in Americas", "0.014", *_GIB_HOUR,
                    base_units=GIB * 3600)  # fmt: skip
SQL_HA_STORAGE = Sku(*_SQL, "F5EC-5814-93C3", f"{_PG} Regional - Standard storage in Americas", "0.34", *_GIB_MONTH)
SQL_VCPU = Sku(*_SQL, "DE30-0003-D001", f"{_PG} Zonal - vCPU in Americas", "0.0413", "hour", "seconds",
               base_units=3600)  # fmt: skip
SQL_MEMORY = Sku(*_SQL, "DE30-0003-D002", f"{_PG} Zonal - RAM in Americas", "0.007", *_GIB_HOUR,
                 base_units=GIB * 3600)  # fmt: skip
SQL_STORAGE = Sku(*_SQL, "DE30-0003-D003", f"{_PG} Zonal - Standard storage in Americas", "0.17", *_GIB_MONTH)
SQL_BACKUPS = Sku(*_SQL, "DE30-0003-D004", "Cloud SQL: Backups in Americas", "0.08", *_GIB_MONTH)
SQL_ADDRESS = Sku(*_SQL, "DE30-0003-D005", f"{_PG} Zonal - IP address reservation in Americas", "0.01", "hour",
                  "seconds", base_units=3600)  # fmt: skip

TASKS = Sku("F3A6-D7B7-9BDA", "Cloud Tasks", "378A-D762-1F74", "Cloud Tasks API Operations", "0.40", "count",
            "requests", per=1_000_000, region=None, free=Free("Cloud Tasks", 1_000_000, "month"))  # fmt: skip
LOG_VOLUME = Sku("5490-F7B7-8DF6", "Cloud Logging", "143F-A1B0-E0BE", "Log Storage cost", "0.50", "gibibyte", "bytes",
                 base_units=GIB, region=None, free=Free("Log volume", 50, "month", per_project=True))  # fmt: skip
_BIG = ("24E6-581D-38E5", "BigQuery")
BIGQUERY_ANALYSIS = Sku(*_BIG, "DE30-0004-B001", "Analysis (us-central1)", "6.25", "tebibyte", "bytes",
                        base_units=GIB * 1024, free=Free("BigQuery analysis", 1, "month"))  # fmt: skip
BIGQUERY_STORAGE = Sku(*_BIG, "DE30-0004-B002", "Active Logical Storage (US)", "0.02", *_GIB_MONTH, region="us",
                       free=Free("BigQuery storage", 10, "month"))  # fmt: skip
PUBSUB = Sku("A1E8-BE35-7EBC", "Cloud Pub/Sub", "DE30-0005-A001", "Message Delivery Basic", "40", "tebibyte", "bytes",
             base_units=GIB * 1024, region=None, free=Free("Pub/Sub", 10 / 1024, "month"))  # fmt: skip
_GCS = ("95FF-2EF5-5EA1", "Cloud Storage")
GCS_STANDARD = Sku(*_GCS, "E5F0-6A5D-7BAD", "Standard Storage US Regional", "0.02", *_GIB_MONTH,
                   free=Free("Cloud Storage", 5, "month"))  # fmt: skip
GCS_NEARLINE = Sku(*_GCS, "DE30-0006-E002", "Nearline Storage Iowa", "0.01", *_GIB_MONTH)
GCS_CLASS_A = Sku(
    *_GCS, "4DBF-185F-A415", "Regional Standard Class A Operations", "0.005", "count", "requests", per=1000
)
GCS_CLASS_B = Sku(
    *_GCS, "7870-010B-2763", "Regional Standard Class B Operations", "0.0004", "count", "requests", per=1000
)
EGRESS = tuple(
    Sku("E505-1604-58F8", "Networking", "F274-1692-F213",
        "Network Internet Data Transfer Out from Americas to Americas", price, "gibibyte", "bytes",
        base_units=GIB, tier_start=start)
    for price, start in (("0.12", 0.0), ("0.11", 1024.0), ("0.08", 10240.0))
)  # fmt: skip
ARTIFACTS = Sku("149C-F9EC-3994", "Artifact Registry", "8502-299A-ABAF", "Artifact Registry Storage", "0.10",
                *_GIB_MONTH, free=Free("Artifact Registry", 0.5, "month"))  # fmt: skip
SECRETS = Sku("EE82-7A5E-871C", "Secret Manager", "7756-ADEF-84F4", "Secret version replica storage", "0.06", "month",
              "seconds", region=None, free=Free("Secret Manager", 6, "month"))  # fmt: skip

_INVOICE = ("DE30-0009-0000", "Invoice")
TAX = Sku(*_INVOICE, "DE30-0009-0001", "Tax - US: Texas", "0", "", "", region=None, cost_type="tax")
ROUNDING = Sku(*_INVOICE, "DE30-0009-0002", "Rounding error", "0", "", "", region=None, cost_type="rounding_error")

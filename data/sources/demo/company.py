"""The demo's company: its account, projects, labels and the totals of its bill, as the plan states them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from data.sources.demo.skus import NANOS

BILLING_ACCOUNT: Final = "01D3A0-5F9C2B-7E4410"
ORGANISATION: Final = "409174563321"
REGION: Final = "us-central1"

GROSS_NANOS: Final = 5_948_069 * NANOS // 100
"""Regular rows of the six invoice months before credits and tax: $59,480.69."""
CLOUD_RUN_NANOS: Final = 2_000_720 * NANOS // 100
FIRESTORE_NANOS: Final = 1_201_320 * NANOS // 100
CLOUD_SQL_NANOS: Final = 1_140_720 * NANOS // 100
"""Shares of 33.6, 20.2 and 19.2 %: $20,007, $12,013 and $11,407; the rest, 27 %, is everything else."""

PROMOTION_MONTH: Final = 202510
PROMOTION_NANOS: Final = 300 * NANOS
TAX_RATE: Final = 0.0825


@dataclass(frozen=True)
class Project:
    """A project as the export names it."""

    id: str
    number: str
    name: str
    environment: str


PRODUCTION: Final = Project("aiprod-v33", "481205513377", "AI video production", "prod")
STAGING: Final = Project("aiprod-staging", "481205517702", "AI video staging", "staging")
ANALYTICS: Final = Project("aiprod-data", "481205519045", "AI video analytics", "prod")

Labels = tuple[tuple[str, str], ...]


def labels(project: Project, team: str, app: str) -> Labels:
    """Return the labels of a resource that somebody labelled; many rows of a real bill carry none."""
    return (("app", app), ("env", project.environment), ("team", team))

"""All usage levers in causal order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.levers import cache, cloud_run, cloud_sql, firestore, housekeeping, queries, tasks

if TYPE_CHECKING:
    from model.lever import Lever

LEVERS: Final[tuple[Lever, ...]] = (
    queries.LEVER,
    cache.LEVER,
    firestore.LEVER,
    cloud_sql.LEVER,
    tasks.LEVER,
    cloud_run.LEVER,
    housekeeping.LEVER,
)
"""Causes first: what demand levers do to the work of others must be known before capacity is chosen."""

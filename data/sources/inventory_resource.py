"""One resource of an inventory: what it is called, where it is, and its allow-listed settings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

Value = float | str | bool | None


@dataclass(frozen=True)
class Resource:
    """A resource as the facts name it; ``values`` holds parameter → value, None where the inventory says nothing."""

    product: str  # the first part of a key: cloud_run, cloud_sql, …
    name: str  # qualified by region and project only where needed
    region: str
    project: str
    source: str
    values: dict[str, Value]
    defaults: frozenset[str] = field(default_factory=frozenset)  # parameters that are Google's default, not written
    replica_of: str = ""

    @property
    def short_name(self) -> str:
        """The name without qualification."""
        return self.name.split("@")[0]

    @property
    def is_primary_database(self) -> bool:
        """Whether this is a Cloud SQL instance that is no replica itself."""
        return self.product == "cloud_sql" and not self.replica_of

    def with_region(self) -> Resource:
        """Return the resource named ``name@region``."""
        return replace(self, name=f"{self.name}@{self.region}")

    def with_project(self) -> Resource:
        """Return the resource named ``name@project`` after what it is named now."""
        return replace(self, name=f"{self.name}@{self.project}")

    def adding(self, **values: Value) -> Resource:
        """Return the resource with more values."""
        return replace(self, values={**self.values, **values})


def path_parts(name: str) -> dict[str, str]:
    """Split ``projects/P/locations/L/queues/Q`` into its pairs.

    >>> path_parts("projects/p/databases/(default)")
    {'projects': 'p', 'databases': '(default)'}
    """
    parts = name.split("/")
    return dict(zip(parts[::2], parts[1::2], strict=False))

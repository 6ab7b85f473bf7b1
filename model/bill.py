"""The bill as the model sees it: lines to reprice, and hourly usage of the resources that levers move."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from model.parameter import Fact
    from model.prices import PriceBook


@dataclass(frozen=True, eq=False)
class HourAxis:
    """The slots of the window: every Pacific-calendar hour of each invoice month, then late slots.

    A late slot holds usage of an hour outside its invoice month's calendar (billed late). ``hour`` is the UTC
    hour since 1970 (H,); ``month_index`` points into ``bill.months`` (H,); ``is_calendar`` is False for late slots.
    """

    hour: NDArray[np.int64]
    month_index: NDArray[np.int64]
    is_calendar: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.hour)


@dataclass(frozen=True, eq=False)
class Lines:
    """The bill's lines for the window; parallel arrays (N,). Text columns are object arrays, money is int64 nanos.

    Text: month is int32; account, provider, service, product, project, region, sku_key, sku, kind, resource, cost_type,
    charge_class, consumption_model, pool, rate_class, fee_of, pricing_unit. ``usage`` is physical where ``kind`` is
    set.
    Money: list, on_demand, cost, effective and each credit class under ``credits``.
    """

    text: Mapping[str, NDArray[np.object_]]
    month_index: NDArray[np.int64]
    usage: NDArray[np.float64]
    list_nanos: NDArray[np.int64]
    on_demand_nanos: NDArray[np.int64]
    cost_nanos: NDArray[np.int64]
    effective_nanos: NDArray[np.int64]
    credits: Mapping[str, NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.usage)


@dataclass(frozen=True, eq=False)
class Resource:
    """One thing that a lever moves. ``name`` is its part of the scenario key; ``usage[kind]`` is (H,) physical units.

    ``rows[kind]`` are its lines; ``has_hours`` is False where rows span more than an hour (usage is then spread
    evenly, and what is computed from it is marked). ``all`` is the name where the bill has no resources.
    """

    lever: str
    name: str
    project: str
    region: str
    usage: Mapping[str, NDArray[np.float64]]
    rows: Mapping[str, NDArray[np.int64]]
    has_hours: bool = True

    def hourly(self, kind: str, length: int) -> NDArray[np.float64]:
        """Usage of a kind (H,), zeros where the bill has none."""
        import numpy as np  # noqa: PLC0415

        found = self.usage.get(kind)
        return np.zeros(length) if found is None else found


@dataclass(frozen=True, eq=False)
class Pool:
    """A commitment pool by slot: on-demand amounts that could be covered, and that are; (H,) per rate class.

    ``name`` is its part of the scenario key: ``compute_flexible``, ``firestore``, ``cloud_sql-us-central1``.
    """

    name: str
    pool: str
    region: str
    eligible: Mapping[str, NDArray[np.float64]]
    covered: Mapping[str, NDArray[np.float64]]
    fee: NDArray[np.float64]
    offset: NDArray[np.float64]
    has_hours: bool = True


@dataclass(frozen=True, eq=False)
class Machines:
    """One part of a machine series in a region by slot: on-demand amounts (H,) that no commitment covers yet.

    ``part`` is 'vcpu' or 'memory'. The amounts of a series are those of its rate class ('compute_engine.n2') of the
    pool for compute, told apart by what a resource commitment is sold for.
    """

    series: str
    part: str
    region: str
    eligible: NDArray[np.float64]


@dataclass(frozen=True)
class OneOff:
    """What was paid or given back once, on the headline basis: a refund, or a correction of usage before the window.

    ``kind`` is the lever's usage kind of its SKU, '' where there is none.
    """

    service: str
    sku: str
    kind: str
    charge_class: str
    nanos: int


@dataclass(frozen=True, eq=False)
class Bill:
    """A bill in one currency over some invoice months, with facts and prices. Compared by identity (it is big)."""

    currency: str
    months: tuple[int, ...]
    hours: HourAxis
    lines: Lines
    resources: Mapping[str, tuple[Resource, ...]]
    pools: tuple[Pool, ...]
    prices: PriceBook
    facts: Mapping[str, Fact] = field(default_factory=dict)
    conversion_rate: float | None = None
    snapshot: str = ""
    is_demo: bool = False
    notes: tuple[str, ...] = ()
    one_offs: tuple[OneOff, ...] = ()
    machines: tuple[Machines, ...] = ()

    def of(self, lever: str) -> tuple[Resource, ...]:
        """The resources of a lever, by name."""
        return self.resources.get(lever, ())

    def fact(self, key: str) -> Fact | None:
        """The fact under a parameter key, if inventory, metrics or bill tell it."""
        return self.facts.get(key)

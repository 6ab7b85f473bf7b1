"""Reduced tables → the bill that the model reads: slots, resources with hourly usage, pools. Shapes only, no IO."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from model.bill import Bill, Lines, Machines, OneOff, Pool, Resource
from model.hours import hour_axis, slots_of
from model.money import NANOS
from model.pools import REGIONAL_POOLS, pool_name
from model.providers import others_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from model.bill import HourAxis
    from model.parameter import Fact
    from model.prices import PriceBook

    Columns = Mapping[str, NDArray[np.generic]]
    Key = tuple[str, str, str, str]  # kind, resource, project, region
    Place = tuple[str, str, str, str]  # lever, resource, project, region
    Coded = tuple[NDArray[np.generic], NDArray[np.generic]]

LEVER_OF_KIND = {
    "cloud_run": "cloud_run",
    "cloud_sql": "cloud_sql",
    "firestore": "firestore",
    "memorystore": "cache",
    "cloud_tasks": "tasks",
}
LINE_TEXT = (
    "account", "provider", "service", "product", "project", "region", "sku_key", "sku", "kind", "resource",
    "cost_type", "charge_class", "consumption_model", "pool", "rate_class", "fee_of", "pricing_unit",
)  # fmt: skip
KEY_COLUMNS = ("kind", "resource", "project", "region")
MACHINE_CLASS = "compute_engine"
NO_REGION = ("", "global")
NO_RESOURCE = "all"
UNNAMED = "(no resource)"


@dataclass(frozen=True)
class Tables:
    """What the reductions hand over for some months in one currency: columns by name, rows parallel.

    ``codes`` may hold text columns again as (codes, categories), under 'hourly.project' and so on. Kinds and pools
    without hours have rows that span more than an hour. ``one_offs`` are the fields of ``OneOff``.
    """

    currency: str
    months: tuple[int, ...]
    lines: Columns
    hourly: Columns
    pools: Columns
    snapshot: str = ""
    conversion_rate: float | None = None
    is_demo: bool = False
    notes: tuple[str, ...] = ()
    codes: Mapping[str, Coded] = field(default_factory=dict)
    kinds_without_hours: tuple[str, ...] = ()
    pools_without_hours: tuple[str, ...] = ()
    one_offs: tuple[tuple[str, str, str, str, int], ...] = ()


def build_bill(tables: Tables, facts: Mapping[str, Fact], prices: PriceBook) -> Bill:
    """The bill of some months: lines as they are, hourly usage and pools on one axis of slots (H,)."""
    lines = _lines(tables)
    hours = hour_axis(tables.months, tables.hourly, tables.pools)
    rate = 1.0 if tables.currency == "USD" else tables.conversion_rate
    return Bill(
        currency=tables.currency,
        months=tables.months,
        hours=hours,
        lines=lines,
        resources=_resources(tables, lines, hours),
        pools=_pools(tables, hours),
        prices=prices,
        facts=facts,
        conversion_rate=rate,
        snapshot=tables.snapshot,
        is_demo=tables.is_demo,
        notes=(*tables.notes, *others_note(lines, tables.currency)),
        one_offs=tuple(OneOff(*each) for each in tables.one_offs),
        machines=_machines(tables, hours),
    )


def _lines(tables: Tables) -> Lines:
    lines = tables.lines
    credit_columns = {name: values.astype(np.int64) for name, values in lines.items() if name.startswith("credit_")}
    return Lines(
        text={name: lines[name].astype(object) for name in LINE_TEXT},
        month_index=np.searchsorted(tables.months, lines["month"].astype(np.int64)).astype(np.int64),
        usage=_filled(lines["usage"]),
        list_nanos=lines["list_nanos"].astype(np.int64),
        on_demand_nanos=lines["on_demand_nanos"].astype(np.int64),
        cost_nanos=lines["cost_nanos"].astype(np.int64),
        effective_nanos=lines["effective_nanos"].astype(np.int64),
        credits=credit_columns,
    )


def _filled(usage: NDArray[Any]) -> NDArray[np.float64]:
    """Usage with 0 where a row states none (tax, rounding): a masked column's empty sum is no number."""
    return np.ma.filled(usage.astype(np.float64), 0.0)


def _coded(tables: Tables, table: str, name: str) -> Coded:
    found = tables.codes.get(f"{table}.{name}")
    if found is not None:
        return found
    names, codes = np.unique(getattr(tables, table)[name].astype(str), return_inverse=True)
    return codes, names


def _keys(columns: list[Coded]) -> tuple[list[tuple[str, ...]], NDArray[np.int64]]:
    """Distinct tuples of coded text columns and the code of each row."""
    code = np.zeros(len(columns[0][0]), np.int64)
    parts = []
    for codes, names in columns:
        code = code * max(1, len(names)) + codes.astype(np.int64)
        parts.append(names)
    seen, inverse = np.unique(code, return_inverse=True)
    keys = []
    for value in seen:
        rest, key = int(value), []
        for names in reversed(parts):
            rest, i = divmod(rest, len(names))
            key.append(str(names[i]))
        keys.append(tuple(reversed(key)))
    return keys, inverse.astype(np.int64)


def _resources(tables: Tables, lines: Lines, hours: HourAxis) -> dict[str, tuple[Resource, ...]]:
    rows = _rows_by_key(lines)
    usage = _hourly_usage(tables, hours)
    without = set(tables.kinds_without_hours)
    groups: dict[Place, list[Key]] = {}
    for key in sorted({*rows, *usage}):
        kind, resource, project, region = key
        lever = LEVER_OF_KIND[kind.partition(".")[0]]
        groups.setdefault((lever, resource, project, region), []).append(key)
    groups = _without_global_twins(groups)
    by_lever: dict[str, list[Resource]] = {}
    for place, keys in groups.items():
        kinds = sorted({key[0] for key in keys})
        of_kind = {kind: _joined_rows(kind, keys, rows) for kind in kinds}
        by_lever.setdefault(place[0], []).append(
            Resource(
                lever=place[0],
                name=resource_name(place, groups),
                project=place[2],
                region=place[3],
                usage={kind: _usage_of(kind, keys, usage, lines, of_kind[kind], hours) for kind in kinds},
                rows=of_kind,
                has_hours=not without.intersection(of_kind),
            )
        )
    return {lever: tuple(resources) for lever, resources in by_lever.items()}


def _without_global_twins(groups: Mapping[Place, list[Key]]) -> dict[Place, list[Key]]:
    """Kinds that bill without a region (requests) join their resource where it stands in one region only."""
    joined: dict[Place, list[Key]] = {}
    for place, keys in groups.items():
        twins = [other for other in groups if other[:3] == place[:3] and other[3] not in NO_REGION]
        home = twins[0] if place[3] in NO_REGION and len(twins) == 1 else place
        joined.setdefault(home, []).extend(keys)
    return joined


def _hourly_usage(tables: Tables, hours: HourAxis) -> dict[Key, NDArray[np.float64]]:
    """Usage (H,) by kind, resource, project and region."""
    table = tables.hourly
    if not len(table["hour"]):
        return {}
    keys, code = _keys([_coded(tables, "hourly", name) for name in KEY_COLUMNS])
    slots = slots_of(hours, tables.months, table["month"], table["hour"])
    flat = np.bincount(code * len(hours) + slots, table["usage"].astype(np.float64), len(keys) * len(hours))
    series = flat.reshape(len(keys), len(hours)).astype(np.float64)
    return {(key[0], key[1], key[2], key[3]): series[i] for i, key in enumerate(keys)}


def _joined_rows(kind: str, keys: list[Key], rows: Mapping[Key, NDArray[np.int64]]) -> NDArray[np.int64]:
    found = [rows[key] for key in keys if key[0] == kind and key in rows]
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _usage_of(
    kind: str, keys: list[Key], usage: Mapping[Key, NDArray[np.float64]], lines: Lines, rows: NDArray[np.int64],
    hours: HourAxis,
) -> NDArray[np.float64]:  # fmt: skip
    """The hourly usage; where rows span more than an hour, each month's usage spread evenly over its calendar."""
    found = [usage[key] for key in keys if key[0] == kind and key in usage]
    if found:
        joined: NDArray[np.float64] = np.sum(found, axis=0, dtype=np.float64)
        return joined
    months = int(hours.month_index.max()) + 1
    monthly = np.bincount(lines.month_index[rows], lines.usage[rows], months)
    in_month = np.bincount(hours.month_index, hours.is_calendar, months)
    spread: NDArray[np.float64] = np.where(hours.is_calendar, (monthly / in_month)[hours.month_index], 0.0)
    return spread


def _rows_by_key(lines: Lines) -> dict[Key, NDArray[np.int64]]:
    kinds = lines.text["kind"]
    owned = [kind for kind in set(kinds.tolist()) if kind and kind.partition(".")[0] in LEVER_OF_KIND]
    of_levers = np.flatnonzero(np.isin(kinds.astype(str), owned))
    groups: dict[Key, list[int]] = {}
    columns = [lines.text[name][of_levers] for name in KEY_COLUMNS]
    for row, kind, resource, project, region in zip(of_levers.tolist(), *columns, strict=True):
        groups.setdefault((kind, resource, project, region), []).append(row)
    return {key: np.array(rows, np.int64) for key, rows in groups.items()}


def resource_name(place: Place, places: Iterable[Place]) -> str:
    """A resource's part of the scenario key: its name; ``name@region`` where the name stands in several places.

    Where that is not enough, ``name@region@project``. Without a name: ``all`` where the product has no named resources
    at all, else ``(no resource)``; qualified likewise.
    """
    lever, name, project, region = place
    twins = [other for other in places if other[:2] == place[:2]]
    if not name:
        has_names = any(other[0] == lever and other[1] for other in places)
        name = UNNAMED if has_names else NO_RESOURCE
    if len(twins) > 1:
        name = f"{name}@{region}"
    if len([other for other in twins if other[3] == region]) > 1:
        name = f"{name}@{project}"
    return name


def _pools(tables: Tables, hours: HourAxis) -> tuple[Pool, ...]:
    table = tables.pools
    if not len(table["hour"]):
        return ()
    keys, code = _keys([_coded(tables, "pools", name) for name in ("pool", "region")])
    of_key = [(pool, region if pool in REGIONAL_POOLS else "") for pool, region in keys]
    slots = slots_of(hours, tables.months, table["month"], table["hour"])
    classes = _pool_classes(table["rate_class"].astype(str))
    pools = []
    for pool, region in dict.fromkeys(of_key):
        mine = np.isin(code, [i for i, key in enumerate(of_key) if key == (pool, region)])
        names = sorted(set(classes[mine]) - {""})
        series = {
            measure: {name: _series(table, measure, mine & (classes == name), slots, len(hours)) for name in names}
            for measure in ("eligible_nanos", "covered_nanos")
        }
        fee, offset = (_series(table, measure, mine, slots, len(hours)) for measure in ("fee_nanos", "offset_nanos"))
        has_hours = pool not in tables.pools_without_hours
        name = pool_name(pool, region)
        pools.append(
            Pool(name, pool, region, series["eligible_nanos"], series["covered_nanos"], fee, offset, has_hours)
        )
    return tuple(pools)


def _pool_classes(rate_classes: NDArray[np.str_]) -> NDArray[np.str_]:
    """Rate classes without the part of a machine: a spend commitment covers vCPU and memory alike."""
    names, place = np.unique(rate_classes, return_inverse=True)
    whole = np.array([".".join(name.split(".")[:2]) for name in names.tolist()], dtype=np.str_)
    return whole[place] if len(names) else rate_classes


def _machines(tables: Tables, hours: HourAxis) -> tuple[Machines, ...]:
    """What resource commitments are sold for, by series, part and region; none in loads that were reduced without."""
    table = tables.pools
    if not len(table["hour"]) or "compute_flexible" in tables.pools_without_hours:
        return ()
    keys, code = _keys([_coded(tables, "pools", name) for name in ("rate_class", "region")])
    slots = slots_of(hours, tables.months, table["month"], table["hour"])
    found = []
    for i, (rate_class, region) in enumerate(keys):
        kind, _, machine = rate_class.partition(".")
        series, _, part = machine.partition(".")
        if kind == MACHINE_CLASS and part:
            found.append(Machines(series, part, region, _series(table, "eligible_nanos", code == i, slots, len(hours))))
    return tuple(found)


def _series(
    table: Columns, measure: str, rows: NDArray[np.bool_], slots: NDArray[np.int64], length: int
) -> NDArray[np.float64]:
    amounts = table[measure][rows].astype(np.float64) / NANOS
    return np.bincount(slots[rows], amounts, length).astype(np.float64)

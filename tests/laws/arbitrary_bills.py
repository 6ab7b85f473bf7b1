"""Arbitrary bills for the laws: small specifications that hypothesis draws, made into reduced tables and a bill.

Hours, prices and credits are chosen so that rows, hours and pools describe the same usage: what the reductions promise.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from hypothesis import strategies as st

from model.bill_build import LINE_TEXT, Tables, build_bill
from model.hours import month_hours
from model.kinds import RATE_CLASS_OF_KIND
from model.parameter import Fact
from model.prices import Discount, PriceBook
from pages.parts.price_session import price_book

NEW_MODEL, DEFAULT_MODEL = "D97B-0795-975B", "7754-699E-0EBF"
CREDITS = ("free_tier", "discount", "sustained_usage", "promotion", "spend_commitment", "fee_offset")
RUN, SQL = "cloud_run.request_based.", "cloud_sql.zonal."
PRICES = {
    RUN + "cpu": 24e-6, RUN + "memory": 2.5e-6, RUN + "idle_cpu": 2.5e-6, RUN + "idle_memory": 2.5e-6,
    RUN + "requests": 4e-7, "cloud_run.instance_based.cpu": 18e-6, "cloud_run.instance_based.memory": 2e-6,
    SQL + "vcpu": 0.0413, SQL + "memory": 0.007, SQL + "storage": 0.17, "firestore.reads": 3e-7,
    "firestore.writes": 9e-7, "memorystore.basic.capacity": 0.05, "cloud_tasks.operations": 4e-7,
}  # fmt: skip
PRODUCT_OF = {"cloud_run": "Cloud Run", "cloud_sql": "Cloud SQL", "firestore": "Firestore",
              "memorystore": "Memorystore for Redis", "cloud_tasks": "Cloud Tasks"}  # fmt: skip
DISCOUNT = 0.25
MONTHS = ((202601,), (202602, 202603), (202510, 202511, 202512))


@dataclass(frozen=True)
class Thing:
    """One resource: what it is, where it stands, how its usage runs and how it is billed."""

    what: str
    name: str = "api"
    project: str = "p1"
    region: str = "us-central1"
    seed: int = 1
    level: float = 1.0
    gaps: bool = False
    is_known: bool = True
    commitment: str = "none"  # none, legacy, new
    covered_share: float = 0.0
    free_share: float = 0.0
    discount_share: float = 0.0
    correction_share: float = 0.0
    is_late: bool = False
    promotion: float = 0.0


@dataclass(frozen=True)
class Units:
    """What resource commitments are sold for: a part of a machine series, or slots where ``series`` is ''."""

    series: str = "n2"
    part: str = "vcpu"
    region: str = "us-central1"
    project: str = "p1"
    seed: int = 1
    level: float = 20.0


UNIT_PRICES = {"vcpu": 0.0316, "memory": 0.0042, "slot": 0.06}


@dataclass(frozen=True)
class BillSpec:
    months: tuple[int, ...] = (202601,)
    things: tuple[Thing, ...] = ()
    tax_rate: float = 0.0
    refund: float = 0.0
    has_rounding: bool = False
    currency: str = "USD"
    without_hours: tuple[str, ...] = ()
    units: tuple[Units, ...] = ()


@dataclass
class _Rows:
    lines: list[dict] = field(default_factory=list)
    hourly: list[dict] = field(default_factory=list)
    pools: dict[tuple, dict[str, float]] = field(default_factory=dict)


KINDS_OF = {
    "run": {
        RUN + "cpu": 2.0,
        RUN + "memory": 4.0,
        RUN + "idle_cpu": 2.0,
        RUN + "idle_memory": 4.0,
        RUN + "requests": 1,
    },
    "run_instances": {"cloud_run.instance_based.cpu": 1.0, "cloud_run.instance_based.memory": 0.5},
    "sql": {SQL + "vcpu": 8.0, SQL + "memory": 32.0, SQL + "storage": 0.137},
    "firestore": {"firestore.reads": 3600.0, "firestore.writes": 700.0},
    "cache": {"memorystore.basic.capacity": 5.0},
    "tasks": {"cloud_tasks.operations": 900.0},
}


def usage_of(thing: Thing, hours: np.ndarray) -> dict[str, np.ndarray]:
    """Usage per hour by kind, in physical units."""
    random = np.random.default_rng(thing.seed)
    wave = thing.level * (1 + 0.7 * np.sin(2 * np.pi * hours / 24)) * random.uniform(0.7, 1.3, len(hours))
    on = (random.random(len(hours)) > 0.4) if thing.gaps else np.ones(len(hours), dtype=bool)
    wave = np.where(on, wave, 0.0)
    sizes = KINDS_OF[thing.what]
    if thing.what == "run":
        busy, rate = np.minimum(wave, 20.0), wave / 0.4
        idle = np.maximum(3.0 - busy, 0.0)
        series = {"cpu": busy, "memory": busy, "idle_cpu": idle, "idle_memory": idle, "requests": rate}
        return {kind: np.round(series[kind.rpartition(".")[2]] * 3600 * size, 3) for kind, size in sizes.items()}
    if thing.what == "run_instances":
        return {kind: np.round((1 + np.floor(wave)) * 3600 * size, 3) for kind, size in sizes.items()}
    flat = on.astype(float) if thing.what in ("sql", "cache") else wave
    return {kind: np.round(flat * size, 6) for kind, size in sizes.items()}


def facts_of(spec: BillSpec) -> dict[str, Fact]:
    told: dict[str, object] = {}
    for thing in spec.things:
        if not thing.is_known or not thing.name:
            continue
        known = {
            "run": {"min_instances": 3, "max_instances": 60, "vcpu": 2.0, "memory_gib": 4.0, "concurrency": 80,
                    "latency_s": 0.4, "cpu_seconds_per_request": 0.2, "billing_mode": "request_based"},
            "run_instances": {"min_instances": 1, "max_instances": 60, "vcpu": 1.0, "memory_gib": 0.5,
                              "concurrency": 80, "billing_mode": "instance_based"},
            "sql": {"vcpu": 8, "memory_gib": 32.0, "edition": "enterprise", "availability": "zonal", "replicas": 0,
                    "peak_cpu_utilisation": 0.5, "working_set_gib": 6.0},
        }.get(thing.what, {})  # fmt: skip
        lever = {"run": "cloud_run", "run_instances": "cloud_run", "sql": "cloud_sql"}.get(thing.what, "")
        told |= {f"{lever}.{thing.name}.{name}": value for name, value in known.items()}
    told["tasks.q.max_concurrent_dispatches"] = 100.0
    return {key: Fact(value, "measured", "inventory") for key, value in told.items()}


def book() -> PriceBook:
    """The dated book, with the discounts and allowances that these bills are made with."""
    rates = {rate_class: Discount(DISCOUNT, 0.4, "page", "2026-11-01", "verified")
             for _, rate_class in RATE_CLASS_OF_KIND.values()}  # fmt: skip
    rates |= {"compute_engine": Discount(0.28, 0.46, "page", "2026-11-01", "verified"),
              "gce_resource": Discount(0.37, 0.55, "page", "2026-11-01", "verified"),
              "bigquery": Discount(0.1, 0.2, "page", "2026-11-01", "verified"),
              "bigquery_slots": Discount(0.2, 0.4, "page", "2026-11-01", "verified")}  # fmt: skip
    return replace(price_book(), discounts=rates, free_per_month={RUN + "cpu": 180_000.0, "firestore.reads": 1.5e6})


def make_bill(spec: BillSpec, told: dict[str, object] | None = None):
    """The bill of a specification; ``told`` adds facts that metrics or an inventory would tell."""
    more = {key: Fact(value, "measured", "metrics") for key, value in (told or {}).items()}
    return build_bill(make_tables(spec), facts_of(spec) | more, book())


def make_tables(spec: BillSpec) -> Tables:
    rows = _Rows()
    for thing in spec.things:
        for m, month in enumerate(spec.months):
            _bill_thing(rows, spec, thing, m, month)
    for each in spec.units:
        for month in spec.months:
            _bill_units(rows, each, month)
    _bill_beside(rows, spec)
    hourly = [row for row in rows.hourly if row["kind"] not in spec.without_hours]
    return Tables(
        spec.currency, spec.months, _line_columns(rows.lines), _columns(hourly, _HOURLY), _pool_columns(rows.pools),
        conversion_rate=0.9, kinds_without_hours=spec.without_hours,
        pools_without_hours=tuple({RATE_CLASS_OF_KIND[k][0] for k in spec.without_hours if k in RATE_CLASS_OF_KIND}),
    )  # fmt: skip


_HOURLY = ("month", "hour", "kind", "resource", "project", "region", "usage")
_POOL = ("eligible_nanos", "covered_nanos", "fee_nanos", "offset_nanos")


def _bill_thing(rows: _Rows, spec: BillSpec, thing: Thing, m: int, month: int) -> None:
    first, last = month_hours(month)
    hours = np.arange(first, last)
    if thing.is_late and m:
        hours = np.concatenate([hours, [first - 1, first - 2]])
    for kind, amounts in usage_of(replace(thing, seed=thing.seed + m), hours).items():
        place = {"month": month, "kind": kind, "resource": thing.name, "project": thing.project,
                 "region": thing.region}  # fmt: skip
        correction = np.zeros(len(hours))
        correction[:2] = -thing.correction_share * amounts[:2]
        net = amounts + correction
        rows.hourly += [place | {"hour": int(h), "usage": float(u)} for h, u in zip(hours, net, strict=True)]
        _bill_kind(rows, thing, place, hours, amounts)
        if correction.any():
            _line(rows, place, usage=float(correction.sum()), cost=_nanos(correction.sum() * PRICES[kind]),
                  charge_class="adjustment")  # fmt: skip


def _bill_kind(rows: _Rows, thing: Thing, place: dict, hours: np.ndarray, amounts: np.ndarray) -> None:
    kind, price = place["kind"], PRICES[place["kind"]]
    on_demand = np.round(amounts * price * 1e9).astype(np.int64)
    pool_class = RATE_CLASS_OF_KIND.get(kind)
    share = thing.covered_share if pool_class and thing.commitment != "none" else 0.0
    # a commitment of a fixed size per hour: it covers what is there, up to its size
    size = int(share * on_demand.max(initial=0))
    covered = np.minimum(on_demand, size)
    eligible = on_demand - covered
    fee, used = round(size * (1 - DISCOUNT)), np.round(covered * (1 - DISCOUNT)).astype(np.int64)
    total, covered_sum = int(on_demand.sum()), int(covered.sum())
    usage = float(amounts.sum())
    credits_ = {
        "free_tier": -int(thing.free_share * (total - covered_sum)),
        "discount": -int(thing.discount_share * (total - covered_sum)),
        "promotion": -int(thing.promotion * 1e9),
    }
    if thing.commitment == "new" and share:
        part = covered_sum / total if total else 0.0
        _line(rows, place, usage=usage * part, cost=int(used.sum()), on_demand=covered_sum, effective=int(used.sum()),
              consumption_model=NEW_MODEL)  # fmt: skip
        _line(rows, place, usage=usage * (1 - part), cost=int(eligible.sum()), credited=credits_)
    elif share:
        _line(rows, place, usage=usage, cost=total, credited=credits_ | {"spend_commitment": -covered_sum},
              shift=int(used.sum()))  # fmt: skip
    else:
        _line(rows, place, usage=usage, cost=total, credited=credits_)
    if share:
        _bill_fee(rows, thing, place, pool_class[0], fee * len(hours), int(used.sum()))
    if pool_class:
        _add_pool(rows, place, pool_class, hours, eligible, covered, fee if share else 0, used, thing.commitment)


def _bill_fee(rows: _Rows, thing: Thing, place: dict, pool: str, fee: int, used: int) -> None:
    """The unused part stays as the fee's own effective cost; what is used went to the usage."""
    fee_place = {"month": place["month"], "project": "", "region": place["region"], "resource": "", "kind": ""}
    credited = {"fee_offset": -used} if thing.commitment == "new" else {}
    shift = 0 if thing.commitment == "new" else -used
    _line(rows, fee_place, usage=0.0, cost=fee, on_demand=0, list_=0, credited=credited, shift=shift, fee_of=pool,
          charge_class="purchase", product="Commitments")  # fmt: skip


def _add_pool(  # noqa: PLR0917
    rows: _Rows, place, pool_class, hours, eligible, covered, fee, used, commitment
) -> None:
    region = place["region"] if pool_class[0] == "cloud_sql" else ""
    for i, hour in enumerate(hours):
        key = (place["month"], int(hour), pool_class[0], region, pool_class[1])
        sums = rows.pools.setdefault(key, dict.fromkeys(_POOL, 0.0))
        offset = -int(used[i]) if commitment == "new" and fee else 0
        for name, amount in zip(_POOL, (eligible[i], covered[i], fee, offset), strict=True):
            sums[name] += int(amount)


def units_of(each: Units, hours: np.ndarray) -> np.ndarray:
    """Units that run by hour."""
    random = np.random.default_rng(each.seed)
    wave = each.level * (1 + 0.5 * np.sin(2 * np.pi * hours / 24)) * random.uniform(0.8, 1.2, len(hours))
    return np.round(wave) * (random.random(len(hours)) > 0.05)


def _bill_units(rows: _Rows, each: Units, month: int) -> None:
    first, last = month_hours(month)
    hours = np.arange(first, last)
    amounts = units_of(each, hours)
    on_demand = np.round(amounts * UNIT_PRICES[each.part] * 1e9).astype(np.int64)
    pool, rate_class = ("compute_flexible", f"compute_engine.{each.series}.{each.part}")
    if not each.series:
        pool, rate_class = "bigquery", "bigquery"
    place = {"month": month, "project": each.project, "region": each.region, "resource": "", "kind": ""}
    _line(rows, place, usage=float(amounts.sum()), cost=int(on_demand.sum()), pool=pool, rate_class=rate_class,
          product="Compute Engine" if each.series else "BigQuery", pricing_unit="hour")  # fmt: skip
    for hour, amount in zip(hours.tolist(), on_demand.tolist(), strict=True):
        sums = rows.pools.setdefault((month, hour, pool, each.region, rate_class), dict.fromkeys(_POOL, 0.0))
        sums["eligible_nanos"] += amount


def _bill_beside(rows: _Rows, spec: BillSpec) -> None:
    for month in spec.months:
        place = {"month": month, "project": "p1", "region": "us-central1", "resource": "", "kind": ""}
        _line(rows, place, usage=10.0, cost=123_456_789_012, product="Compute Engine")
        if spec.refund:
            _line(rows, place, usage=0.0, cost=-_nanos(spec.refund), charge_class="adjustment", product="Cloud SQL")
        if spec.has_rounding:
            _line(rows, place | {"project": ""}, usage=0.0, cost=-3_000_001, charge_class="rounding", product="Invoice")
        if spec.tax_rate:
            net = sum(r["cost"] + sum(r["credited"].values()) for r in rows.lines if r["month"] == month)
            _line(rows, place | {"project": ""}, usage=0.0, cost=int(net * spec.tax_rate), charge_class="tax",
                  product="Invoice")  # fmt: skip


def _line(rows: _Rows, place, *, usage, cost, on_demand=None, list_=None, credited=None, shift=0, effective=None,
          **text) -> None:  # fmt: skip
    credited = {name: (credited or {}).get(name, 0) for name in CREDITS}
    kind = place["kind"]
    pool, rate_class = RATE_CLASS_OF_KIND.get(kind, ("", ""))
    defaults = {
        "account": "A", "provider": "Google Cloud", "product": PRODUCT_OF.get(kind.partition(".")[0], ""),
        "cost_type": "regular", "charge_class": "usage", "consumption_model": DEFAULT_MODEL, "pool": pool,
        "rate_class": rate_class,
    }  # fmt: skip
    rows.lines.append({
        **dict.fromkeys(LINE_TEXT, ""), **defaults, **place, **text, "usage": usage, "cost": cost,
        "on_demand": cost if on_demand is None else on_demand,
        "list": (cost if on_demand is None else on_demand) if list_ is None else list_,
        "effective": cost + sum(credited.values()) + shift if effective is None else effective, "credited": credited,
    })  # fmt: skip


def _line_columns(lines: list[dict]) -> dict[str, np.ndarray]:
    columns = {name: np.array([line[name] for line in lines], object) for name in LINE_TEXT}
    columns["month"] = np.array([line["month"] for line in lines], np.int64)
    columns["usage"] = np.array([line["usage"] for line in lines], float)
    for name in ("list", "on_demand", "cost", "effective"):
        columns[f"{name}_nanos"] = np.array([line[name] for line in lines], np.int64)
    for name in CREDITS:
        columns[f"credit_{name}_nanos"] = np.array([line["credited"][name] for line in lines], np.int64)
    return columns


def _columns(rows: list[dict], names: tuple[str, ...]) -> dict[str, np.ndarray]:
    numbers = {"month": np.int64, "hour": np.int64, "usage": float}
    return {name: np.array([row[name] for row in rows], numbers.get(name, object)) for name in names}


def _pool_columns(pools: dict[tuple, dict[str, float]]) -> dict[str, np.ndarray]:
    keys = list(pools)
    columns = {name: np.array([key[i] for key in keys], np.int64 if i < 2 else object)
               for i, name in enumerate(("month", "hour", "pool", "region", "rate_class"))}  # fmt: skip
    return columns | {name: np.array([sums[name] for sums in pools.values()], np.int64) for name in _POOL}


def _nanos(amount: float) -> int:
    return round(float(amount) * 1e9)


things = st.builds(
    Thing,
    what=st.sampled_from(sorted(KINDS_OF)),
    name=st.sampled_from(["api", "web", ""]),
    project=st.sampled_from(["p1", "p2", ""]),
    region=st.sampled_from(["us-central1", "europe-west1"]),
    seed=st.integers(1, 1000),
    level=st.sampled_from([0.05, 0.8, 2.5, 30.0]),
    gaps=st.booleans(),
    is_known=st.booleans(),
    commitment=st.sampled_from(["none", "legacy", "new"]),
    covered_share=st.sampled_from([0.0, 0.3, 0.9]),
    free_share=st.sampled_from([0.0, 0.0, 0.2, 1.0]),
    discount_share=st.sampled_from([0.0, 0.1]),
    correction_share=st.sampled_from([0.0, 0.5, 3.0]),
    is_late=st.booleans(),
    promotion=st.sampled_from([0.0, 1.25]),
)
bills = st.builds(
    BillSpec,
    months=st.sampled_from(MONTHS),
    things=st.lists(things, min_size=0, max_size=4).map(tuple),
    tax_rate=st.sampled_from([0.0, 0.19]),
    refund=st.sampled_from([0.0, 17.5]),
    has_rounding=st.booleans(),
    currency=st.sampled_from(["USD", "EUR"]),
    without_hours=st.sampled_from([(), (), (SQL + "vcpu", SQL + "memory", SQL + "storage"), ("firestore.reads",)]),
)

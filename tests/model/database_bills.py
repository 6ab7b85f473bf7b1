"""Small hand-made bills of databases, caches and Firestore, built by the model's own builder from reduced rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.price_book import load_price_book
from model.bill_build import LINE_TEXT, Tables, build_bill
from model.hours import month_hours
from model.lever import Effects
from model.parameter import Fact, Values
from model.prices import BookPrice, Discount, PriceBook
from model.repricing import price_new, reprice
from model.scenario import Assumption, Scenario

MONTH = 202601
FIRST, LAST = month_hours(MONTH)
HOURS = LAST - FIRST
PRICE = {
    "cloud_sql.zonal.vcpu": 0.0413, "cloud_sql.zonal.memory": 0.007, "cloud_sql.zonal.storage": 0.17,
    "cloud_sql.regional.vcpu": 0.0826, "cloud_sql.regional.memory": 0.014, "cloud_sql.regional.storage": 0.34,
    "cloud_sql.plus_zonal.vcpu": 0.0537, "cloud_sql.plus_zonal.memory": 0.0091,
    "cloud_sql.shared.f1_micro": 0.0105, "cloud_sql.shared_regional.f1_micro": 0.021,
    "firestore.reads": 3e-7,
    "firestore.writes": 9e-7, "firestore.deletes": 1e-7, "firestore.storage": 0.15, "firestore.pitr_storage": 0.15,
    "cloud_run.request_based.cpu": 24e-6,
    "memorystore.basic.capacity": 0.027, "memorystore.standard.capacity": 0.054,
    "cloud_tasks.operations": 4e-7, "cloud_run.request_based.requests": 4e-7,
}  # fmt: skip


def book() -> PriceBook:
    entries = load_price_book()
    listed = {
        (e.key, e.region): BookPrice(e.usd, e.unit, e.region, e.source, e.as_of, e.confidence) for e in entries.prices
    }
    return PriceBook(
        entries.name,
        listed,
        {d.rate_class: Discount(d.one_year, d.three_years, d.source, d.as_of, d.confidence) for d in entries.discounts},
        entries.free_per_month,
    )


def make_bill(usage, facts=None, region="us-central1", *, has_hours=True):
    """``usage``: (resource, kind) → units per hour, a number or an array (HOURS,)."""
    hourly = {name: [] for name in ("month", "hour", "kind", "resource", "project", "region", "usage", "span_hours")}
    lines = {name: [] for name in (*LINE_TEXT, "month", "usage")}
    nanos = []
    for (resource, kind), amount in usage.items():
        series = np.broadcast_to(np.asarray(amount, dtype=float), (HOURS,))
        place = {"kind": kind, "resource": resource, "project": "p", "region": region}
        for name, value in place.items():
            hourly[name] += [value] * HOURS
        hourly["month"] += [MONTH] * HOURS
        hourly["hour"] += list(range(FIRST, LAST))
        hourly["usage"] += series.tolist()
        hourly["span_hours"] += [1.0] * HOURS
        for name in LINE_TEXT:
            lines[name].append(place.get(name, ""))
        lines["month"].append(MONTH)
        lines["usage"].append(float(series.sum()))
        nanos.append(round(float(series.sum()) * PRICE[kind] * 1e9))
    money = {f"{name}_nanos": np.array(nanos, np.int64) for name in ("list", "on_demand", "cost", "effective")}
    columns = {name: np.array(values, dtype=object) for name, values in lines.items()} | money
    table = {name: np.array(values, dtype=object) for name, values in hourly.items()}
    empty = {name: np.zeros(0) for name in ("month", "hour")}
    known = {key: Fact(value, "measured", "inventory") for key, value in (facts or {}).items()}
    bill = build_bill(Tables("USD", (MONTH,), columns, table, empty), known, book())
    resources = {k: tuple(replace(r, has_hours=has_hours) for r in found) for k, found in bill.resources.items()}
    return replace(bill, resources=resources)


def values_of(bill, levers, settings=None, assumptions=None) -> Values:
    parameters = [parameter for lever in levers for parameter in lever.parameters(bill)]
    scenario = Scenario(
        settings=settings or {}, assumptions={key: Assumption(value) for key, value in (assumptions or {}).items()}
    )
    scenario.check(parameters)
    return scenario.values(parameters)


def cost_after(bill, result) -> float:
    """Currency units of the whole bill after a lever's result, priced by the engine."""
    deltas = [d for change in result.usage for d in reprice(bill, "x", change)]
    deltas += [d for new in result.new_usage for d in price_new(bill, "x", new)]
    return (int(bill.lines.cost_nanos.sum()) + sum(d.costs.cost for d in deltas)) / 1e9


def cost_today(bill) -> float:
    return int(bill.lines.cost_nanos.sum()) / 1e9


def guardrail(result, name):
    return next((g for g in result.guardrails if g.name == name), None)


NEUTRAL = Effects()

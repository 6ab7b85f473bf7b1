"""How fast a moved slider is repriced, against the same repricing written plainly in pandas over the same hourly rows.

Six months, 100 projects, 300 SKUs in each, 50 Cloud Run services with hourly rows; one service's settings move.
Run: ``python -m benchmarks.scenario_speed``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from model.bill_build import LINE_TEXT, Tables, build_bill
from model.hours import month_hours
from model.outcome import evaluate
from model.parameter import Fact
from model.prices import PriceBook
from model.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from model.bill import Bill

MONTHS = (202508, 202509, 202510, 202511, 202512, 202601)
PROJECTS, SKUS, SERVICES = 100, 300, 50
PRICES = {"cpu": 24e-6, "memory": 2.5e-6, "idle_cpu": 2.5e-6, "idle_memory": 2.5e-6, "requests": 4e-7}
MINIMUM, VCPU, MEMORY_GIB, LATENCY_S, CPU_S = 5, 2.0, 4.0, 0.4, 0.14
TURNS = 15


@dataclass(frozen=True)
class Case:
    bill: Bill
    hourly: pd.DataFrame
    lines: pd.DataFrame


def ratios() -> list[tuple[str, float, str]]:
    """(name, pandas seconds ÷ ours, remark)."""
    case = make_case()
    scenarios = [Scenario(settings={"cloud_run.s7.min_instances": n % 5}) for n in range(1, TURNS + 1)]
    evaluate(case.bill, Scenario(settings={"cloud_run.s7.max_instances": 90}))
    ours = _median_seconds([lambda s=s: evaluate(case.bill, s) for s in scenarios[:4]])
    fresh = [Scenario(settings={"cloud_run.s7.max_instances": 30 + n}) for n in range(TURNS)]
    ours = max(ours, _median_seconds([lambda s=s: evaluate(case.bill, s) for s in fresh]))
    plain = _median_seconds([lambda n=n: plainly(case, n % 5) for n in range(1, 4)])
    remark = (
        f"{ours * 1e3:.1f} ms a move; {len(case.hourly):,} hourly rows, {len(case.lines):,} lines; goals 10 and 5 ms"
    )
    return [("one service's slider ÷ the same in pandas", plain / ours, remark)]


def plainly(case: Case, minimum: int) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Reprice one service's min instances over the hourly rows, then sum what the result shows, all in pandas."""
    rows = case.hourly.merge(case.hourly[case.hourly.kind == "requests"][["resource", "hour", "usage"]],
                             on=["resource", "hour"], suffixes=("", "_requests"))  # fmt: skip
    busy = rows.usage_requests / 3600 * LATENCY_S
    moved = (rows.resource == "s7") & rows.kind.isin(["idle_cpu", "idle_memory"])
    before, after = (MINIMUM - busy).clip(lower=0), (minimum - busy).clip(lower=0)
    ratio = (after / before.where(before > 0, 1)).where(moved, 1.0)
    rows["cost"] = rows.usage * rows.kind.map(PRICES) * ratio
    repriced = rows.groupby(["month", "project", "resource", "kind"], as_index=False).cost.sum()
    repriced["product"] = "Cloud Run"
    whole = pd.concat([repriced, case.lines[case.lines["product"] != "Cloud Run"]])
    return tuple(whole.groupby(key).cost.sum() for key in ("month", "product", "project"))


def make_case() -> Case:
    hourly = _hourly()
    sums = hourly.groupby(["month", "project", "resource", "kind"], as_index=False).usage.sum()
    sums["cost"] = sums.usage * sums.kind.map(PRICES)
    sums["sku"], sums["product"] = sums.kind, "Cloud Run"
    lines = pd.concat([sums, _others()], ignore_index=True)
    facts = {
        f"cloud_run.s{n}.{name}": Fact(value, "measured", "inventory")
        for n in range(SERVICES)
        for name, value in {"min_instances": MINIMUM, "max_instances": 100, "vcpu": VCPU, "memory_gib": MEMORY_GIB,
                            "concurrency": 80, "latency_s": LATENCY_S, "cpu_seconds_per_request": CPU_S}.items()
    }  # fmt: skip
    return Case(build_bill(_tables(lines, hourly), facts, PriceBook()), hourly, lines)


def _hourly() -> pd.DataFrame:
    frames = []
    spans = [month_hours(month) for month in MONTHS]
    hours = np.concatenate([np.arange(first, last) for first, last in spans])
    months = np.repeat(MONTHS, [last - first for first, last in spans])
    for n in range(SERVICES):
        random = np.random.default_rng(n)
        rate = (3 + n) * (1 + 0.6 * np.sin(2 * np.pi * hours / 24)) * random.uniform(0.8, 1.2, len(hours))
        busy = rate * LATENCY_S
        idle = np.maximum(MINIMUM - busy, 0.0)
        amounts = {"cpu": busy * VCPU, "memory": busy * MEMORY_GIB, "idle_cpu": idle * VCPU,
                   "idle_memory": idle * MEMORY_GIB, "requests": rate}  # fmt: skip
        frames += [
            pd.DataFrame({"hour": hours, "month": months, "resource": f"s{n}", "project": f"p{n}", "kind": kind,
                          "usage": amount * 3600})
            for kind, amount in amounts.items()
        ]  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def _others() -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [MONTHS, [f"p{n}" for n in range(PROJECTS)], [f"sku{n}" for n in range(SKUS)]],
        names=["month", "project", "sku"],
    )
    frame = index.to_frame(index=False)
    frame["product"] = "product " + frame.sku.str[-1]
    frame["cost"] = np.random.default_rng(1).uniform(0.0, 20.0, len(frame))
    return frame.assign(usage=frame.cost, kind="", resource="")


def _tables(lines: pd.DataFrame, hourly: pd.DataFrame) -> Tables:
    given = {"month", "product", "project", "resource", "sku"}
    text = {name: lines[name].to_numpy(object) if name in given else np.full(len(lines), "", object)
            for name in LINE_TEXT}  # fmt: skip
    is_run = (lines["product"] == "Cloud Run").to_numpy()
    text["kind"] = np.where(is_run, "cloud_run.request_based." + lines.kind, "").astype(object)
    text["pool"] = np.where(is_run, "compute_flexible", "").astype(object)
    text["region"] = np.full(len(lines), "us-central1", object)
    text["charge_class"] = np.full(len(lines), "usage", object)
    nanos = np.round(lines.cost.to_numpy() * 1e9).astype(np.int64)
    money = {f"{name}_nanos": nanos for name in ("list", "on_demand", "cost", "effective")}
    columns = {**text, **money, "month": lines.month.to_numpy(np.int64), "usage": lines.usage.to_numpy()}
    columns["credit_free_tier_nanos"] = np.zeros(len(lines), np.int64)
    table = {
        "hour": hourly.hour.to_numpy(), "month": hourly.month.to_numpy(), "usage": hourly.usage.to_numpy(),
        "kind": ("cloud_run.request_based." + hourly.kind).to_numpy(object),
        "resource": hourly.resource.to_numpy(object), "project": hourly.project.to_numpy(object),
        "region": np.full(len(hourly), "us-central1", object),
    }  # fmt: skip
    on_demand = (hourly.usage * hourly.kind.map(PRICES)).groupby([hourly.month, hourly.hour]).sum().reset_index()
    on_demand.columns = ["month", "hour", "eligible"]
    pools = {
        "month": on_demand.month.to_numpy(), "hour": on_demand.hour.to_numpy(),
        "pool": np.full(len(on_demand), "compute_flexible", object), "region": np.full(len(on_demand), "", object),
        "rate_class": np.full(len(on_demand), "cloud_run_request_based", object),
        "eligible_nanos": np.round(on_demand.eligible.to_numpy() * 1e9).astype(np.int64),
    } | {f"{name}_nanos": np.zeros(len(on_demand), np.int64) for name in ("covered", "fee", "offset")}  # fmt: skip
    return Tables("USD", MONTHS, columns, table, pools)


def _median_seconds(turns: list[Callable[[], object]]) -> float:
    taken = []
    for turn in turns:
        started = time.perf_counter()
        turn()
        taken.append(time.perf_counter() - started)
    return float(np.median(taken))


if __name__ == "__main__":
    for name, ratio, remark in ratios():
        print(f"{name}: {ratio:.1f} ({remark})")

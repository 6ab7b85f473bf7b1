"""Small bills that hold commitment pools and nothing else."""

from __future__ import annotations

import numpy as np

from model.bill import Bill, HourAxis, Lines, Pool
from model.bill_build import LINE_TEXT
from model.parameter import Chosen, Values
from model.prices import Discount, PriceBook

START_HOUR = 490_000
RATES = {
    "cloud_run_request_based": (0.17, 0.17),
    "cloud_run_instance_based": (0.28, 0.46),
    "cloud_sql": (0.25, 0.52),
    "half": (0.45, 0.45),
    "memorystore": (0.20, 0.40),
    "unheard_of": (None, None),
}


def price_book() -> PriceBook:
    discounts = {
        k: Discount(one, three, "page of the day", "2026-11-01", "verified-2") for k, (one, three) in RATES.items()
    }
    return PriceBook(name="test", discounts=discounts)


def axis(hour_counts: tuple[int, ...], late: tuple[tuple[int, int], ...] = ()) -> HourAxis:
    """Consecutive months of so many hours, then late slots (hour offset, month index)."""
    count = sum(hour_counts)
    hours = np.concatenate((np.arange(count), [offset for offset, _ in late])).astype(np.int64) + START_HOUR
    months = np.concatenate((np.repeat(np.arange(len(hour_counts)), hour_counts), [m for _, m in late])).astype(
        np.int64
    )
    return HourAxis(hours, months, np.arange(len(hours)) < count)


def pool(name, eligible, covered=None, fee=None, offset=None, region="", has_hours=True) -> Pool:
    length = len(next(iter(eligible.values())))
    nothing = np.zeros(length)
    return Pool(
        name=name,
        pool=name.partition("-")[0],
        region=region,
        eligible={k: np.asarray(v, float) for k, v in eligible.items()},
        covered={k: np.asarray(v, float) for k, v in (covered or dict.fromkeys(eligible, nothing)).items()},
        fee=nothing if fee is None else np.asarray(fee, float),
        offset=nothing if offset is None else np.asarray(offset, float),
        has_hours=has_hours,
    )


def bill_of(
    *pools: Pool,
    hours: HourAxis,
    list_nanos: int = 0,
    on_demand_nanos: int = 0,
    consumption_model: str = "",
    cost_nanos: int | None = None,
) -> Bill:
    one = lambda value: np.array([value], dtype=np.int64)  # noqa: E731
    lines = Lines(
        text={
            name: np.array([value], object)
            for name, value in {
                **dict.fromkeys(LINE_TEXT, ""),
                "pool": pools[0].pool,
                "region": pools[0].region,
                "rate_class": next(iter(pools[0].eligible), ""),
                "fee_of": "",
                "charge_class": "usage",
                "consumption_model": consumption_model,
                "sku": "",
                "product": "",
            }.items()
        },
        month_index=one(0),
        usage=np.zeros(1),
        list_nanos=one(list_nanos),
        on_demand_nanos=one(on_demand_nanos),
        cost_nanos=one(on_demand_nanos if cost_nanos is None else cost_nanos),
        effective_nanos=one(on_demand_nanos),
        credits={},
    )
    months = tuple(202601 + m for m in range(int(hours.month_index.max()) + 1))
    return Bill("USD", months, hours, lines, {}, pools, price_book(), conversion_rate=1.0)


def values_of(name: str, **settings) -> Values:
    keys = {f"commitments.{name}.{k}": Chosen(v, "modelled", "test", is_changed=True) for k, v in settings.items()}
    return Values(keys)


def unchanged(bill: Bill):
    return {p.name: {k: v + p.covered.get(k, 0.0) for k, v in p.eligible.items()} for p in bill.pools}

"""What resource commitments are bought for, as pools of their own: machines by series, region and part, and slots.

Each is one kind of unit at one term: a vCPU or a GiB of a machine series in a region, a BigQuery slot in a location.
The same usage is part of a spend pool (``source``), which a spend commitment covers after them. Amounts are what no
commitment of the bill covers. A unit of the mean on-demand price w at the committed price p has d = 1 − p ÷ w.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.bill import Pool
from model.commitment_pools import RULE_OF_POOL
from model.commitment_rates import LIST, own_discounts
from model.commitment_steps import SLOTS, slot_discount, slot_price, slot_rows, takes_slots
from model.commitment_unit_prices import MACHINE_CLASS, MACHINES, committed_price, rows_of, unit_price

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from model.bill import Bill, Machines

    Floats = NDArray[np.float64]

RESOURCE_TERMS: Final = ("3y", "1y")
"""The longer one first, as both cover the same usage."""
RESOURCE_POOLS: Final = (MACHINES, SLOTS)
COMPUTE: Final = "compute_flexible"
_PARTS: Final = {"vcpu": ("vcpu", "vCPU"), "memory": ("memory_gib", "GiB")}
_SLOT_CLASS: Final = "bigquery"


@dataclass(frozen=True, eq=False)
class ResourcePool:
    """One kind of unit at one term; ``pool`` holds its usage in a class of its own, ``rate_class`` is the source's.

    ``setting`` is the scenario's key of the amount, ``unit_price`` (H,) what an uncovered unit costs by slot of the
    axis, in currency units an hour. ``machines`` is None for slots.
    """

    pool: Pool
    term: str
    setting: str
    unit: str
    step: int
    source: str
    rate_class: str
    unit_price: Floats
    machines: Machines | None = None

    @property
    def name(self) -> str:
        """The pool's name, with the term."""
        return self.pool.name

    @property
    def own_class(self) -> str:
        """The only rate class of its pool."""
        return next(iter(self.pool.eligible))

    @cached_property
    def mean_price(self) -> float:
        """w: on-demand amount ÷ units of the window; 0 where some slot has no price or nothing ran."""
        amounts = self.pool.eligible[self.own_class]
        if not amounts.any() or not (self.unit_price > 0.0).all():
            return 0.0
        return float(amounts.sum()) / float((amounts / self.unit_price).sum())

    def rows(self, bill: Bill) -> NDArray[np.int64]:
        """The bill's lines of the usage."""
        source = next(pool for pool in bill.pools if pool.name == self.source)
        return rows_of(bill, source, self.machines) if self.machines is not None else slot_rows(bill, source)

    def committed_price(self, bill: Bill, price_base: str = LIST) -> tuple[float, str] | None:
        """What a committed unit and hour costs, with its source; None where nothing tells it."""
        source = next(pool for pool in bill.pools if pool.name == self.source)
        if self.machines is not None:
            return committed_price(bill, source, self.machines, self.term, price_base)
        discount, book = slot_discount(bill, source, self.term), bill.prices.discounts.get(SLOTS)
        if discount is None or book is None:
            return None
        return self.mean_price * (1.0 - discount), f"{book.source}, read {book.as_of}, {book.confidence}"

    def discount(self, bill: Bill, price_base: str = LIST) -> float | None:
        """What is off the own price, 1 − p ÷ w: None where no price is known, negative where it is dearer."""
        told = self.committed_price(bill, price_base)
        return None if told is None else 1.0 - told[0] / self.mean_price


@lru_cache(maxsize=8)
def resource_pools(bill: Bill) -> tuple[ResourcePool, ...]:
    """Everything that a resource commitment could be bought for on this bill, the 3-year ones before the 1-year ones.

    What has no hours, no price or no usage is left out.
    """
    found = (each for term in RESOURCE_TERMS for each in (*_machines(bill, term), *_slots(bill, term)))
    return tuple(each for each in found if each.mean_price and each.committed_price(bill))


def resource_of(bill: Bill, name: str) -> ResourcePool | None:
    """The resource pool of a name; None for any other pool."""
    if name.partition("-")[0] not in RESOURCE_POOLS:
        return None
    return next((each for each in resource_pools(bill) if each.name == name), None)


def pool_of(bill: Bill, name: str) -> Pool:
    """A pool of the bill, or one of resource commitments, by its name."""
    resource = resource_of(bill, name)
    return resource.pool if resource is not None else next(pool for pool in bill.pools if pool.name == name)


def offered(bill: Bill, pool: Pool, classes: Iterable[str], term: str, price_base: str = LIST) -> dict[str, float]:
    """Discounts of a term by rate class, of spend and of resource commitments alike, in 0 ≤ d < 1."""
    resource = resource_of(bill, pool.name)
    if resource is None:
        return own_discounts(bill, pool, classes, term, price_base)
    discount = resource.discount(bill, price_base) if resource.term == term else None
    return {resource.own_class: discount} if discount is not None and 0.0 <= discount < 1.0 else {}


def _machines(bill: Bill, term: str) -> Iterator[ResourcePool]:
    source = next((pool for pool in bill.pools if pool.name == COMPUTE and pool.has_hours), None)
    for machines in bill.machines if source is not None else ():
        rate_class = f"{MACHINE_CLASS}.{machines.series}"
        if source is None or rate_class not in source.eligible or not machines.eligible.any():
            continue
        name, unit = _PARTS[machines.part]
        place = f"{MACHINES}-{machines.series}-{machines.region}"
        own = Pool(
            f"{place}-{machines.part}-{term}", MACHINES, machines.region,
            {f"{MACHINES}.{machines.series}": np.maximum(machines.eligible, 0.0)}, {}, *_nothing(machines.eligible),
        )  # fmt: skip
        yield ResourcePool(
            own, term, f"commitments.{place.rstrip('-')}.{name}_{term}", unit, 1, source.name, rate_class,
            unit_price(bill, source, machines), machines,
        )  # fmt: skip


def _slots(bill: Bill, term: str) -> Iterator[ResourcePool]:
    rule = RULE_OF_POOL[SLOTS]
    for source in bill.pools:
        amounts = source.eligible.get(_SLOT_CLASS)
        if source.pool != _SLOT_CLASS or not source.has_hours or amounts is None or not takes_slots(bill, source):
            continue
        place = f"{SLOTS}-{source.region}"
        own = Pool(
            f"{place}-{term}", SLOTS, source.region, {SLOTS: np.maximum(amounts, 0.0)}, {}, *_nothing(amounts)
        )  # fmt: skip
        price = np.full(len(amounts), slot_price(bill, source))
        yield ResourcePool(
            own, term, f"commitments.{place.rstrip('-')}.slots_{term}", rule.unit, int(rule.step), source.name,
            _SLOT_CLASS, price,
        )  # fmt: skip


def _nothing(like: Floats) -> tuple[Floats, Floats]:
    """No fee and no offset."""
    return np.zeros_like(like), np.zeros_like(like)

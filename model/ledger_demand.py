"""Demand of a later month against the approved bill: from the nearest usage that the plan leaves alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from model.ledger_untouched import whole_demand
from model.ledger_usage import HOUSEKEEPING, drivers, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.ledger_period import Period
    from model.ledger_usage import UsageKey
    from model.scenario import Scenario

Told = Literal["resource", "product", "bill", "nothing"]


@dataclass(frozen=True)
class Demand:
    """A day's demand, later ÷ approved; ``told_by`` what it is read from, ``kinds`` the usage kinds of it."""

    ratio: float
    told_by: Told
    kinds: tuple[str, ...] = ()


class Demands:
    """The demand of each resource in ``now``; several kinds are weighted by what was paid for them."""

    def __init__(self, scenario: Scenario, base: Period, now: Period, moved: Iterable[UsageKey]) -> None:
        self._base, self._now = base, now
        self._drivers = drivers(base.bill, scenario)
        self._moved = tuple(moved)
        self._found: dict[tuple[str, ...], Demand] = {}
        self._whole: Demand | None = None

    def of(self, key: UsageKey) -> Demand:
        """The demand of a key's resource: its own, else its product's, else that of the whole bill."""
        if key.place not in self._found:
            own = [driver for driver in self._drivers if driver.place == key.place]
            kin = [driver for driver in self._drivers if driver.lever == key.lever]
            found = self._read(own, "resource") or self._read(kin, "product")
            self._found[key.place] = found if found and key.lever != HOUSEKEEPING else self._of_whole()
        return self._found[key.place]

    def _read(self, keys: list[UsageKey], told_by: Told) -> Demand | None:
        grown = stayed = 0.0
        for key in keys:
            old = self._base.of(rows_of(self._base.bill, key))
            new = self._now.of(rows_of(self._now.bill, key))
            if old.usage > 0.0 and old.paid > 0.0:
                days = self._now.length_of(key.kind) / self._base.length_of(key.kind)
                grown += old.paid * max(new.usage, 0.0) / old.usage / days
                stayed += old.paid
        kinds = tuple(dict.fromkeys(key.kind for key in keys))
        return Demand(grown / stayed, told_by, kinds) if stayed > 0.0 else None

    def _of_whole(self) -> Demand:
        if self._whole is None:
            rows = [np.concatenate([np.empty(0, np.int64), *(rows_of(period.bill, key) for key in self._moved)])
                    for period in (self._base, self._now)]  # fmt: skip
            ratio = whole_demand(self._base.by_row_key(rows[0]), self._now.by_row_key(rows[1]), self._base, self._now)
            self._whole = Demand(1.0, "nothing") if ratio is None else Demand(ratio, "bill")
        return self._whole

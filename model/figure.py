"""What can be asked about: a figure of an outcome, as a lever, product, project, resource or month, or several at once.

A figure is written as conditions: ``total``; ``lever:cloud_run``; ``product:Cloud SQL`` with ``month:202601``. Each
selects cost changes, and the bill's lines under them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from model.pools import pool_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from model.answer import Origin
    from model.bill import Bill, Lines, Resource
    from model.repricing import Delta

TOTAL: Final = "total"
KINDS: Final = ("lever", "product", "project", "resource", "month")
COLUMNS: Final = ("sku_key", "project", "resource", "region", "charge_class", "cost_type", "consumption_model")
"""What lines are found by, the fewest first columns that do."""


class FigureError(ValueError):
    """A figure that this outcome does not have, with a sentence that says what it has."""


@dataclass(frozen=True)
class Figure:
    """Conditions that must all hold; '' is not asked. ``resource`` is a key's first two parts, as cloud_run.api."""

    lever: str = ""
    product: str = ""
    project: str | None = None
    resource: str = ""
    month: int = 0

    @classmethod
    def parse(cls, conditions: Iterable[str]) -> Self:
        """Read conditions as ``product:Cloud SQL``; none, or ``total``, is everything. Raises FigureError.

        >>> Figure.parse(["product:Cloud SQL", "month:202601"]).text
        'product:Cloud SQL month:202601'
        """
        found: dict[str, str | int] = {}
        for condition in conditions:
            kind, separator, value = condition.partition(":")
            if condition == TOTAL:
                continue
            if kind not in KINDS or not separator:
                raise FigureError(f"{condition!r} is no figure: write total, or {', '.join(f'{k}:…' for k in KINDS)}.")
            if not value and kind != "project":
                raise FigureError(f"{condition!r} names no {kind}: write it behind the colon, or total.")
            if kind == "month" and not (len(value) == 6 and value.isdigit()):
                raise FigureError(f"{value!r} is not a month; write it as month:202601.")
            found[kind] = int(value) if kind == "month" else value
        return cls(**found)  # type: ignore[arg-type]

    @property
    def text(self) -> str:
        """The figure as it is asked for."""
        return " ".join(self.conditions)

    @property
    def conditions(self) -> tuple[str, ...]:
        """What ``parse`` reads back."""
        asked = [(kind, getattr(self, kind)) for kind in KINDS]
        found = tuple(f"{kind}:{value}" for kind, value in asked if value or (kind, value) == ("project", ""))
        return found or (TOTAL,)

    def covers(self, bill: Bill, delta: Delta) -> bool:
        """Whether a change of cost belongs to the figure, apart from the lever."""
        return (
            (not self.product or delta.product == self.product)
            and (self.project is None or delta.project == self.project)
            and (not self.resource or f"{delta.lever}.{delta.resource}" == self.resource)
            and (not self.month or bill.months[delta.month_index] == self.month)
        )

    def lines(self, bill: Bill, parts: Sequence[Origin]) -> NDArray[np.bool_]:
        """The bill's lines under the figure (N,): with a lever, those that its parts reprice, without parts its own."""
        text = bill.lines.text
        found = np.ones(len(bill.lines), dtype=np.bool_)
        if self.lever:
            found &= _repriced(bill, parts) if parts else _marked(bill, bill.of(self.lever))
        if self.product:
            found &= text["product"] == self.product
        if self.project is not None:
            found &= text["project"] == self.project
        if self.resource:
            found &= _owned(bill, self.resource)
        if self.month:
            found &= np.asarray(bill.months)[bill.lines.month_index] == self.month
        return found


def _owned(bill: Bill, resource: str) -> NDArray[np.bool_]:
    lever, _, name = resource.partition(".")
    if lever == "commitments":
        return _of_pool(bill, name)
    return _marked(bill, [each for each in bill.of(lever) if each.name == name])


def _repriced(bill: Bill, parts: Iterable[Origin]) -> NDArray[np.bool_]:
    found = np.zeros(len(bill.lines), dtype=np.bool_)
    for lever, name, kind in dict.fromkeys((part.lever, part.resource, part.kind) for part in parts):
        if kind.startswith("commitment."):
            found |= _of_pool(bill, name)
        else:
            found |= _marked(bill, [each for each in bill.of(lever) if each.name == name], kind)
    return found


def _of_pool(bill: Bill, name: str) -> NDArray[np.bool_]:
    pools, regions = bill.lines.text["pool"], bill.lines.text["region"]
    return np.array(
        [bool(pool) and pool_name(str(pool), str(region or "")) == name
         for pool, region in zip(pools, regions, strict=True)], dtype=np.bool_,
    )  # fmt: skip


def _marked(bill: Bill, resources: Iterable[Resource], kind: str = "") -> NDArray[np.bool_]:
    found = np.zeros(len(bill.lines), dtype=np.bool_)
    for resource in resources:
        for of_kind, rows in resource.rows.items():
            if not kind or of_kind == kind:
                found[rows] = True
    return found


def row_filters(bill: Bill, wanted: NDArray[np.bool_]) -> tuple[dict[str, Sequence[int | str]], ...]:
    """How the billing rows of some lines are found: column → values ('' is none), alternatives that exclude others.

    Months and currency, then as few columns as select exactly these lines; where no set of values does, one
    alternative per place (project, region, resource). Empty where there are no lines.
    """
    if not wanted.any():
        return ()
    lines = bill.lines
    in_months = np.isin(lines.month_index, np.unique(lines.month_index[wanted]))
    months = [month for m, month in enumerate(bill.months) if m in set(lines.month_index[wanted].tolist())]
    base: dict[str, Sequence[int | str]] = {"currency": [bill.currency], "invoice_month": months}
    chosen = _fewest(lines, wanted, in_months)
    if chosen is not None:
        return ({**base, **chosen},)
    places = list(zip(*(lines.text[name][wanted] for name in ("project", "region", "resource")), strict=True))
    return tuple(_place(lines, wanted, base, place) for place in dict.fromkeys(places))


def _fewest(lines: Lines, wanted: NDArray[np.bool_], found: NDArray[np.bool_]) -> dict[str, Sequence[int | str]] | None:
    chosen: dict[str, Sequence[int | str]] = {}
    for column in COLUMNS:
        if (found == wanted).all():
            return chosen
        values = sorted({str(value or "") for value in lines.text[column][wanted]})
        narrower = found & np.isin(lines.text[column].astype(str), values)
        if (narrower != found).any():
            chosen[column], found = values, narrower
    return chosen if (found == wanted).all() else None


def _place(
    lines: Lines, wanted: NDArray[np.bool_], base: dict[str, Sequence[int | str]], place: tuple[object, ...]
) -> dict[str, Sequence[int | str]]:
    names = ("project", "region", "resource")
    own = wanted & np.all([lines.text[name] == value for name, value in zip(names, place, strict=True)], axis=0)
    values: dict[str, Sequence[int | str]] = {name: [str(v or "")] for name, v in zip(names, place, strict=True)}
    for column in ("sku_key", "charge_class"):
        values[column] = sorted({str(value or "") for value in lines.text[column][own]})
    return {**base, **values}

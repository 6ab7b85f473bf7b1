"""Where a figure comes from: its formula, lines, changes, inputs, prices, and how to find its rows.

Everything adds up: Σ lines = before, Σ parts = change, before + change = after (nanos of the window, headline basis).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.answer import origins, weakest
from model.costs import HEADLINE_FORMULA, line_costs
from model.explain_inputs import Input, PriceUsed, inputs, prices
from model.figure import Figure, FigureError, row_filters
from model.money import exact_sum
from model.monthly_kinds import unit_of
from model.outcome import remembered_run, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from model.answer import Origin
    from model.outcome import Outcome
    from model.parameter import Evidence
    from model.repricing import Delta

CHANGE_FORMULA: Final = "Σ change of cost on these rows; Δ cost = cost × (new usage ÷ usage − 1), by row and month"
LEVER_FORMULA: Final = "cost with this lever after those before it − cost with those before it alone"

LINE_NAMES: Final = ("product", "sku", "project", "resource", "kind", "pricing_unit")


@dataclass(frozen=True)
class BilledLine:
    """What the bill charges for a SKU of a resource: usage in its unit, nanos over the window."""

    product: str
    sku: str
    project: str
    resource: str
    unit: str
    usage: float
    nanos: int


@dataclass(frozen=True)
class Trail:
    """The trail of one figure. ``alone_nanos`` is what a lever saves alone; None where no lever is asked for.

    ``rows`` are filters over the billing rows (alternatives; column → values, '' is none), see ``model.figure``.
    """

    figure: Figure
    title: str
    before_nanos: int
    change_nanos: int
    alone_nanos: int | None
    formula: str
    change_formula: str
    evidence: Evidence
    parts: tuple[Origin, ...]
    lines: tuple[BilledLine, ...]
    inputs: tuple[Input, ...]
    prices: tuple[PriceUsed, ...]
    rows: tuple[Mapping[str, Sequence[int | str]], ...]

    @property
    def after_nanos(self) -> int:
        """Before + change."""
        return self.before_nanos + self.change_nanos


def explain(outcome: Outcome, figure: Figure) -> Trail:
    """The trail of a figure; raises FigureError for one that neither the bill nor the outcome has.

    A lever's changes are those that it adds in causal order, wherever they fall; so the levers' trails add up to the
    total's.
    """
    bill = outcome.bill
    if figure.lever and figure.lever not in {item.lever for item in outcome.levers}:
        raise FigureError(_not_moved(outcome, figure.lever))
    signed = [(sign, delta) for sign, delta in _signed(outcome, figure.lever) if figure.covers(bill, delta)]
    parts = origins(signed)
    wanted = figure.lines(bill, parts)
    if not wanted.any() and not parts and not figure.lever:
        raise FigureError(_nothing(outcome, figure))
    alone = next((item.alone_nanos for item in outcome.levers if item.lever == figure.lever), None)
    return Trail(
        figure=figure,
        title=title(figure),
        before_nanos=exact_sum(line_costs(bill.lines)["headline"][wanted]),
        change_nanos=sum(part.change_nanos for part in parts),
        alone_nanos=alone,
        formula=HEADLINE_FORMULA,
        change_formula=LEVER_FORMULA if figure.lever else CHANGE_FORMULA,
        evidence=weakest(part.evidence for part in parts),
        parts=parts,
        lines=_lines(outcome, wanted),
        inputs=inputs(outcome, parts, figure.lever),
        prices=prices(bill, [delta for _, delta in signed]),
        rows=row_filters(bill, wanted),
    )


def figures(outcome: Outcome) -> tuple[Figure, ...]:
    """The figures that a page shows and that can be asked about one by one."""
    bill = outcome.bill
    resources = {(delta.lever, delta.resource) for delta in outcome.deltas if delta.resource}
    return (
        Figure(),
        *(Figure(lever=item.lever) for item in outcome.levers),
        *(Figure(product=name) for name in outcome.result.by_product),
        *(Figure(project=name) for name in outcome.result.by_project),
        *(Figure(month=month) for month in bill.months),
        *(Figure(resource=f"{lever}.{name}") for lever, name in sorted(resources)),
    )


def title(figure: Figure) -> str:
    """The figure in words.

    >>> title(Figure(product="Cloud SQL", month=202601)), title(Figure())
    ('Cloud SQL in 202601', 'The whole bill')
    """
    words = [
        f"Lever {title_of(figure.lever)}" if figure.lever else "",
        figure.product,
        figure.resource.partition(".")[2],
        "" if figure.project is None else f"project {figure.project}" if figure.project else "no project",
    ]
    what = ", ".join(word for word in words if word) or "The whole bill"
    return f"{what} in {figure.month}" if figure.month else what


def _signed(outcome: Outcome, lever: str) -> Iterator[tuple[int, Delta]]:
    """Changes of cost with their sign: all of the outcome, or those with a lever less those before it."""
    if not lever:
        yield from ((1, delta) for delta in outcome.deltas)
        return
    order = [item.lever for item in outcome.levers]
    place = order.index(lever)
    with_it = outcome.deltas if place == len(order) - 1 else _deltas(outcome, order[: place + 1])
    yield from ((1, delta) for delta in with_it)
    if place:
        yield from ((-1, delta) for delta in _deltas(outcome, order[:place]))


def _deltas(outcome: Outcome, active: Iterable[str]) -> tuple[Delta, ...]:
    return remembered_run(outcome.bill, outcome.scenario, frozenset(active)).deltas


def _lines(outcome: Outcome, wanted: NDArray[np.bool_]) -> tuple[BilledLine, ...]:
    lines = outcome.bill.lines
    headline = line_costs(lines)["headline"]
    sums: dict[tuple[str, str, str, str, str], tuple[float, int]] = {}
    for row in wanted.nonzero()[0].tolist():
        text = {name: str(lines.text[name][row] or "") for name in LINE_NAMES}
        unit = unit_of(text["kind"]) or text["pricing_unit"]
        key = (text["product"], text["sku"], text["project"], text["resource"], unit)
        usage, nanos = sums.get(key, (0.0, 0))
        sums[key] = (usage + float(lines.usage[row]), nanos + int(headline[row]))
    found = [BilledLine(*key, usage, nanos) for key, (usage, nanos) in sums.items()]
    return tuple(sorted(found, key=lambda line: (-abs(line.nanos), line.sku)))


def _not_moved(outcome: Outcome, lever: str) -> str:
    moved = ", ".join(item.lever for item in outcome.levers) or "no lever"
    return f"lever:{lever} is not moved by this scenario; it moves {moved}."


def _nothing(outcome: Outcome, figure: Figure) -> str:
    there = "; ".join(each.text for each in figures(outcome)[:12])
    return f"{figure.text} is not in this outcome; it has {there}."

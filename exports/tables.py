"""Every table of an outcome, once: what sheets, CSV and Parquet show; money stays integer nanos until it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from model.answer import origins
from model.commitment_allocation import allocated
from model.costs import COST_NAMES, Costs, line_costs
from model.money import to_nanos
from model.outcome import parameters
from model.projection import project
from model.waterfall import waterfall, waterfall_alone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from model.outcome import Outcome

ColumnKind = Literal["text", "money", "number", "integer", "yes_no"]
Cell = str | int | float | bool | None
Place = tuple[int, str, str]


@dataclass(frozen=True)
class Column:
    """A column: its name (unit in it), and what stands in it; money is integer nanos of the table's currency."""

    name: str
    kind: ColumnKind = "text"


@dataclass(frozen=True)
class Table:
    """Rows under columns; ``name`` is its file's. None is "not known" or "not applicable"."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tables_of(outcome: Outcome) -> tuple[Table, ...]:
    """Bill, levers, waterfall, projection, commitments, changes, limits, risks, parameters, evidence and notes."""
    return (
        bill_table(outcome),
        levers_table(outcome),
        waterfall_table(outcome),
        projection_table(outcome),
        commitments_table(outcome),
        allocation_table(outcome),
        changes_table(outcome),
        limits_table(outcome),
        risks_table(outcome),
        parameters_table(outcome),
        evidence_table(outcome),
        notes_table(outcome),
    )


def costs_by_place(outcome: Outcome) -> dict[Place, tuple[Costs, Costs]]:
    """Costs today and in the scenario by invoice month, product and project, nanos; all of them sum to the outcome."""
    lines, months = outcome.bill.lines, outcome.bill.months
    columns = line_costs(lines)
    now: dict[Place, Costs] = {}
    text = zip(lines.month_index.tolist(), lines.text["product"], lines.text["project"], strict=True)
    for row, (month, product, project_name) in enumerate(text):
        place = (months[month], str(product or ""), str(project_name or ""))
        now[place] = now.get(place, Costs()) + Costs(**{name: int(columns[name][row]) for name in COST_NAMES})
    then = dict(now)
    for delta in outcome.deltas:
        place = (months[delta.month_index], delta.product, delta.project)
        then[place] = then.get(place, Costs()) + delta.costs
    return {place: (now.get(place, Costs()), then[place]) for place in sorted(then)}


def bill_table(outcome: Outcome) -> Table:
    """The five costs and the headline, today and in the scenario, by month, product and project."""
    names = ["invoice_month", "product", "project"]
    costs = [f"{name}_{side}" for side in ("today", "scenario") for name in COST_NAMES]
    rows = [
        (str(month), product, project_name, *(getattr(side, name) for side in sides for name in COST_NAMES))
        for (month, product, project_name), sides in costs_by_place(outcome).items()
    ]
    return _table("bill", [*_texts(names), *(Column(name, "money") for name in costs), _CURRENCY], rows, outcome)


def levers_table(outcome: Outcome) -> Table:
    """What each moved lever saves over the window, alone and in causal order; interaction and total are rows of it."""
    columns = [*_texts(["lever", "title"]), Column("saves_alone", "money"), Column("saves_in_sequence", "money")]
    rows = [(each.lever, each.title, each.alone_nanos, each.in_sequence_nanos) for each in outcome.levers]
    total = ("total", "All levers", outcome.saving_nanos, outcome.saving_nanos)
    interaction = ("interaction", "Interaction", outcome.interaction_nanos, 0)
    return _table("levers", [*columns, _CURRENCY], [*rows, interaction, total], outcome)


def waterfall_table(outcome: Outcome) -> Table:
    """Bars in causal order, and of each lever alone with what they share, over the window in nanos of whole cents."""
    columns = [*_texts(["order", "kind", "lever", "title"]), Column("starts_at", "money"), Column("ends_at", "money")]
    rows = [
        (order, bar.kind, bar.lever, bar.title, bar.start_cents * 10_000_000, bar.end_cents * 10_000_000)
        for order, bars in (("causal", waterfall(outcome)), ("alone", waterfall_alone(outcome)))
        for bar in bars
    ]
    return _table("waterfall", [*columns, _CURRENCY], rows, outcome)


def projection_table(outcome: Outcome) -> Table:
    """The months ahead: month 0 is the day of the decision."""
    ahead = project(outcome)
    amounts = ("today", "after_usage_levers", "after_commitments", "minimum_spend_shortfall", "flow", "discounted_flow",
               "cumulative_flow")  # fmt: skip
    columns = [Column("months_ahead", "integer"), Column("month"), Column("demand", "number"),
               Column("prices", "number"), *(Column(name, "money") for name in amounts), _CURRENCY]  # fmt: skip
    series = (ahead.baseline, ahead.after_usage, ahead.after_commitments, ahead.shortfall)
    rows: list[tuple[Cell, ...]] = [
        (
            0,
            None,
            1.0,
            1.0,
            None,
            None,
            None,
            None,
            _nanos(ahead.flows[0]),
            _nanos(ahead.discounted[0]),
            _nanos(ahead.cumulative[0]),
        )
    ]
    rows += [
        (
            k + 1,
            str(month),
            float(ahead.demand[k]),
            float(ahead.prices[k]),
            *(_nanos(each[k]) for each in series),
            *(_nanos(each[k + 1]) for each in (ahead.flows, ahead.discounted, ahead.cumulative)),
        )
        for k, month in enumerate(ahead.months)
    ]
    return _table("projection", columns, rows, outcome)


def commitments_table(outcome: Outcome) -> Table:
    """Every pool: what is bought, what it covers and saves over the window, what stands already."""
    numbers = ("commit_per_hour", "covered_on_demand_per_hour", "utilisation", "coverage", "break_even_utilisation",
               "existing_fee_per_hour", "existing_covered_per_hour")  # fmt: skip
    columns = [*_texts(["pool", "region", "term", "rates"]), *(Column(name, "number") for name in numbers),
               Column("cost", "money"), Column("saving", "money"), Column("stranded", "money"), Column("source"),
               _CURRENCY]  # fmt: skip
    rows = [
        (pool.name, pool.region, pool.term, ", ".join(f"{key} {rate:.4f}" for key, rate in pool.rates.items()),
         pool.commit_per_hour, pool.covered_on_demand_per_hour, pool.utilisation, pool.coverage,
         pool.break_even_utilisation, pool.existing.fee_per_hour, pool.existing.covered_per_hour,
         _nanos(pool.cost), _nanos(pool.saving), _nanos(float(pool.stranded_by_month.sum())), pool.discount_source)
        for pool in outcome.pools
    ]  # fmt: skip
    return _table("commitments", columns, rows, outcome)


def allocation_table(outcome: Outcome) -> Table:
    """Fees and savings of new commitments by the product and project that they cover."""
    columns = [*_texts(["pool", "product", "project"]), Column("covered", "money"), Column("fee", "money"),
               Column("saving", "money"), _CURRENCY]  # fmt: skip
    rows = [
        (pool.name, place.product, place.project, place.covered_nanos, place.fee_nanos, place.saving_nanos)
        for pool in outcome.pools
        for place in allocated(outcome, pool)
    ]
    return _table("commitment_allocation", columns, rows, outcome)


def changes_table(outcome: Outcome) -> Table:
    """What has to be configured, in order."""
    names = ("key", "product", "project", "region", "resource", "attribute", "before", "after", "unit", "configures",
             "disruption", "reason")  # fmt: skip
    rows = [
        (change.key, change.product, change.project, change.region, change.resource, change.attribute,
         said(change.before), said(change.after), change.unit, change.configures, change.disruption, change.reason)
        for change in outcome.changes
    ]  # fmt: skip
    return Table("changes", tuple(_texts(names)), tuple(rows))


def limits_table(outcome: Outcome) -> Table:
    """Limits that the plan is held against; ``passed`` is empty where one could not be judged."""
    columns = [*_texts(["name", "lever", "resource"]), Column("limit", "number"), Column("value", "number"),
               Column("unit"), Column("passed", "yes_no"), Column("sentence")]  # fmt: skip
    rows = [(g.name, g.lever, g.resource, g.limit, g.value, g.unit, g.passed, g.sentence) for g in outcome.guardrails]
    return Table("limits", tuple(columns), tuple(rows))


def risks_table(outcome: Outcome) -> Table:
    """What a service risks, one figure a row; no value: nothing tells it."""
    columns = (*_texts(["lever", "resource", "measure"]), Column("value", "number"))
    rows = [
        (risk.lever, risk.resource, name, None if value is None else float(value))
        for risk in outcome.risks
        for name, value in vars(risk).items()
        if name not in ("lever", "resource") and (value is None or isinstance(value, int | float))
    ]
    return Table("risks", columns, tuple(rows))


def parameters_table(outcome: Outcome) -> Table:
    """Every setting and assumption in force, with its range, evidence and where it comes from."""
    names = ("key", "title", "kind", "value", "unit", "low", "high", "changed", "evidence", "source")
    known = parameters(outcome.bill)
    values = outcome.scenario.values(known)
    found = [(parameter, values.by_key[parameter.key]) for parameter in known]
    rows = [
        (p.key, p.title, p.kind, said(c.value), p.unit, said(c.low), said(c.high), "yes" if c.is_changed else "no",
         c.evidence, c.source)
        for p, c in found
    ]  # fmt: skip
    return Table("parameters", tuple(_texts(names)), tuple(rows))


def evidence_table(outcome: Outcome) -> Table:
    """Where the change of cost comes from: formula, evidence, price and its date, the largest first."""
    names = ("lever", "product", "project", "resource", "kind", "evidence", "formula", "price_source")
    rows = [
        (o.lever, o.product, o.project, o.resource, o.kind, o.evidence, o.formula, o.price_source, o.change_nanos)
        for o in origins((1, delta) for delta in outcome.deltas)
    ]
    return _table("evidence", [*_texts(names), Column("change", "money"), _CURRENCY], rows, outcome)


def notes_table(outcome: Outcome) -> Table:
    """What is said of bill, plan and future."""
    found = (("bill", outcome.bill.notes), ("plan", outcome.notes), ("months ahead", project(outcome).notes))
    return Table("notes", tuple(_texts(["about", "note"])), tuple((a, note) for a, notes in found for note in notes))


def said(value: object) -> str:
    """A setting's value as text; empty where it is not known."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else str(value)


_CURRENCY = Column("currency")


def _table(name: str, columns: Sequence[Column], rows: Iterable[tuple[Cell, ...]], outcome: Outcome) -> Table:
    """A table of amounts: every row ends with the currency."""
    return Table(name, tuple(columns), tuple((*row, outcome.bill.currency) for row in rows))


def _texts(names: Iterable[str]) -> list[Column]:
    return [Column(name) for name in names]


def _nanos(amount: float) -> int:
    return to_nanos(float(amount))

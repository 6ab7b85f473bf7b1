"""The laws of trails on arbitrary bills: what stands under a figure adds up to it; its rows are its lines."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from arbitrary_bills import BillSpec, Thing, bills, make_bill
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st

from model.answer import moved
from model.explain import explain, figures, title
from model.figure import Figure, FigureError, row_filters
from model.money import as_text
from model.outcome import evaluate, parameters
from model.scenario import Scenario

LAWS = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
TWO_SERVICES = BillSpec(
    months=(202602, 202603), tax_rate=0.19,
    things=(Thing("run"), Thing("run", name="web", project="p2"), Thing("sql", name="db")),
)  # fmt: skip


@st.composite
def outcomes(draw):
    bill = make_bill(draw(bills))
    offered = [each for each in parameters(bill) if each.kind == "setting"]
    assume(offered)
    chosen = draw(st.lists(st.sampled_from(offered), max_size=4, unique_by=lambda each: each.key))
    return evaluate(bill, Scenario(settings={each.key: draw(values_of(each)) for each in chosen}))


def values_of(parameter):
    if parameter.choices:
        return st.sampled_from(parameter.choices)
    if parameter.minimum is None:  # a text, such as several commitments with their months
        return st.just(parameter.current)
    low, high = parameter.minimum, min(parameter.maximum, parameter.minimum + 40)
    return st.integers(math.ceil(low), int(high)) if high > 2 else st.floats(low, high)


def two_services(**changes):
    bill = make_bill(TWO_SERVICES, {"cloud_sql.db.vcpu": 8, "cloud_sql.db.memory_gib": 32})
    return evaluate(bill, Scenario(settings={key.replace("__", "."): value for key, value in changes.items()}))


def selected(bill, filters) -> np.ndarray:
    """The lines that some filters find, one line at a time."""
    text, months = bill.lines.text, np.asarray(bill.months)[bill.lines.month_index]
    found = np.zeros(len(bill.lines), dtype=bool)
    for row in range(len(found)):
        told = {name: str(values[row] or "") for name, values in text.items()}
        told |= {"invoice_month": int(months[row]), "currency": bill.currency}
        found[row] = any(all(told[name] in values for name, values in each.items()) for each in filters)
    return found


@LAWS
@given(outcomes())
def test_every_figure_adds_up_to_what_the_outcome_shows(outcome):
    shown = {
        **{Figure(product=row.key): row for row in moved(outcome.baseline.by_product, outcome.result.by_product)},
        **{Figure(project=row.key): row for row in moved(outcome.baseline.by_project, outcome.result.by_project)},
        **{Figure(month=row.key): row for row in moved(outcome.baseline.by_month, outcome.result.by_month)},
    }
    for figure in figures(outcome):
        trail = explain(outcome, figure)
        assert sum(part.change_nanos for part in trail.parts) == trail.change_nanos
        assert sum(line.nanos for line in trail.lines) == trail.before_nanos
        if row := shown.get(figure):
            assert (trail.before_nanos, trail.after_nanos) == (row.before_nanos, row.after_nanos), figure.text
        assert title(figure)
        assert Figure.parse(figure.conditions) == figure
    whole = explain(outcome, Figure())
    assert whole.before_nanos == outcome.baseline.total.headline
    assert whole.after_nanos == outcome.result.total.headline


@LAWS
@given(outcomes())
def test_the_levers_add_up_to_the_whole_and_to_the_waterfall(outcome):
    trails = [explain(outcome, Figure(lever=item.lever)) for item in outcome.levers]
    assert [-trail.change_nanos for trail in trails] == [item.in_sequence_nanos for item in outcome.levers]
    assert sum(trail.change_nanos for trail in trails) == -outcome.saving_nanos
    assert [trail.alone_nanos for trail in trails] == [item.alone_nanos for item in outcome.levers]


@LAWS
@given(bills, st.data())
@example(TWO_SERVICES, None)
def test_filters_find_exactly_the_lines_that_were_wanted(spec, data):
    bill = make_bill(spec)
    text = bill.lines.text | {"sku_key": bill.lines.text["product"] + "/" + bill.lines.text["kind"]}
    bill = replace(bill, lines=replace(bill.lines, text=text))
    groups = [figure.lines(bill, ()) for figure in (Figure(), Figure(product="Cloud Run"), Figure(project="p1"))]
    if data is not None:
        groups.append(np.array(data.draw(st.lists(st.booleans(), min_size=len(bill.lines), max_size=len(bill.lines)))))
    for wanted in groups[:3]:
        assert (selected(bill, row_filters(bill, wanted)) == wanted).all()
    for wanted in groups[3:]:
        assert (selected(bill, row_filters(bill, wanted)) | ~wanted).all()


def test_a_lever_names_what_it_rests_on_and_its_prices():
    outcome = two_services(cloud_run__api__min_instances=1, cloud_run__web__vcpu=1)
    trail = explain(outcome, Figure(lever="cloud_run"))
    changed = {each.key: each.value for each in trail.inputs if each.is_changed}
    assert changed == {"cloud_run.api.min_instances": 1, "cloud_run.web.vcpu": 1}
    assert any(each.kind == "assumption" for each in trail.inputs)
    assert not any(each.key.startswith(("cloud_sql.", "growth.")) for each in trail.inputs)
    assert all(part.formula for part in trail.parts)
    of_rows = [price for price in trail.prices if price.per_unit is not None]
    assert {price.unit for price in of_rows} >= {"vCPU-second", "GiB-second"}
    assert all(price.source for price in trail.prices)


def test_one_resource_in_one_month_is_found_by_name():
    outcome = two_services(cloud_run__api__min_instances=1)
    trail = explain(outcome, Figure.parse(["resource:cloud_run.web", "month:202603"]))
    assert trail.change_nanos == 0
    assert {line.resource for line in trail.lines} == {"web"}
    assert trail.rows[0]["invoice_month"] == [202603]
    assert trail.title == "web in 202603"
    assert as_text(trail.before_nanos).startswith(as_text(trail.after_nanos)[:4])


@pytest.mark.parametrize(
    ("conditions", "sentence"),
    [
        (["colour:red"], "no figure"),
        (["month:jan"], "is not a month"),
        (["product:Cloud Nothing"], "is not in this outcome"),
        (["lever:cloud_sql"], "is not moved by this scenario; it moves cloud_run"),
    ],
)
def test_a_figure_that_is_not_there_is_refused_in_a_sentence(conditions, sentence):
    with pytest.raises(FigureError, match=sentence):
        explain(two_services(cloud_run__api__min_instances=1), Figure.parse(conditions))

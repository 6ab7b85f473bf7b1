"""One pool on the page: its figures, cost curve with controls, coverage by hour, regret, terms, what it binds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from model.commitment_curves import cost_curves
from model.commitment_pools import rates_words
from model.commitment_regret import Shocks
from model.commitment_resources import resource_pools
from model.commitment_timeline import rungs_by_way
from model.commitment_week import cells
from model.levers.commitment_plan import TERM_TITLES
from model.levers.commitment_rungs import rungs_text
from model.outcome import parameters
from pages.parts import commitment_charts, commitment_rows, commitment_words, scenario_state
from pages.parts.commitment_words import pool_title
from pages.parts.controls import show_controls
from pages.parts.history import with_value
from pages.parts.tables import amounts_table, text_table
from pages.parts.wording import escaped, ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.commitment_judgement import PoolAdvice
    from model.levers.commitment_rungs import PlannedRung
    from model.outcome import Outcome


FALL: Final = "commitments_fall"
AFTER: Final = "commitments_after"
TAKES: Final = {"mix": "Put 3 years with 1 year on top into the scenario", "ladder": "Put the rungs into the scenario"}
FALLS: Final = (0.1, 0.2, 0.3, 0.5, 0.8)
MONTHS: Final = (0, 3, 6, 12, 24)


def show_pool(outcome: Outcome, pool: PoolAdvice, currency: str) -> None:
    """The pool's section."""
    for column, (label, value, note) in zip(st.columns(4), commitment_words.pool_metrics(pool, currency), strict=False):
        column.metric(label, value, note, delta_color="off", delta_arrow="off", border=True, height="stretch")
    chart, controls = st.columns([3, 2], gap="large")
    with chart:
        _show_curve(outcome, pool, currency)
    with controls:
        st.subheader("How much, for how long", anchor=False)
        if pool.rule:
            st.caption(escaped(f"Covers {pool.rule.covers}. {_rates(pool)}"))
        _show_controls(outcome, pool)
    heat, bound = st.columns([3, 2], gap="large")
    with heat:
        _show_coverage(pool, currency)
    with bound:
        _show_bound(pool, currency)
    _show_regret(pool, currency)
    _show_terms(outcome, pool, currency)


def _show_curve(outcome: Outcome, pool: PoolAdvice, currency: str) -> None:
    st.subheader(f"Cost against amount: {pool_title(pool)}", anchor=False)
    curves = cost_curves(pool, len(outcome.bill.months))
    if curves:
        rows = commitment_charts.curve_rows(curves, currency)
        _chart(rows, commitment_charts.curve_spec(currency), "commitments_curve")
        st.caption("Fee plus what stays on demand, on the usage that existing commitments and other changes leave. "
                   "Left of the lowest point usage is uncovered, right of it fees are unused.")  # fmt: skip
    for note in dict.fromkeys(pool.notes):
        st.caption(escaped(note))


def _show_controls(outcome: Outcome, pool: PoolAdvice) -> None:
    declared = parameters(outcome.bill)
    values = outcome.scenario.values(declared)
    own = [parameter for parameter in declared if parameter.key.rpartition(".")[0] == f"commitments.{pool.plan.name}"]
    if pool.plan.setting:
        own = [parameter for parameter in declared if parameter.key == pool.plan.setting]
    show_controls(own, values)
    units = {each.setting for each in resource_pools(outcome.bill) if each.source == pool.plan.name}
    if not units:
        return
    with st.expander("In whole units: resource commitments", key="commitments_units", on_change="rerun") as details:
        if details.open:
            st.caption("They apply before the amount above, which is then planned on what they leave.")
            show_controls([parameter for parameter in declared if parameter.key in units], values)


def _rates(pool: PoolAdvice) -> str:
    offered = [
        f"{TERM_TITLES[option.term]}: {rates_words(option.rates, 'off')}" for option in pool.options if option.rates
    ]
    return f"{'; '.join(offered)}." if offered else ""


def _show_coverage(pool: PoolAdvice, currency: str) -> None:
    if pool.coverage is None:
        return
    st.subheader("When it covers", anchor=False)
    rows = commitment_charts.heat_rows(cells(pool.coverage), currency)
    _chart(rows, commitment_charts.heat_spec(), "commitments_heat")
    st.caption("The stronger the green, the more of the hour's usage is covered; an orange dot: part of the commitment "
               "finds no usage then, the larger the dot the more.")  # fmt: skip


def _show_bound(pool: PoolAdvice, currency: str) -> None:
    if pool.risk is None:
        return
    st.subheader("What it binds", anchor=False)
    _chart(commitment_charts.owed_rows(pool.risk, currency), commitment_charts.owed_spec(currency), "commitments_owed")
    safe = pool.risk.safe_from_month
    when = "never covers what is still owed" if safe is None else f"covers what is still owed after month {safe}"
    st.caption(f"If all usage went away, what was saved till then {when}.")


def _show_regret(pool: PoolAdvice, currency: str) -> None:
    if pool.regret is None:
        return
    st.subheader("What if we are wrong?", anchor=False)
    _choose_shocks()
    _chart(
        commitment_charts.regret_rows(pool.regret, currency),
        commitment_charts.regret_spec(commitment_charts.ink()),
        "commitments_regret",
    )
    least = pool.regret.least.title
    st.caption(escaped(f"Over {TERM_TITLES[pool.regret.term]}, against on-demand. Green: the best there is in this "
                       f"future; orange: how much another amount would have saved more. In the worst case, {least} is "
                       "regretted least."))  # fmt: skip


def chosen_shocks() -> Shocks:
    """The fall that is held against every amount, as chosen beside the table of regrets."""
    fall = st.session_state.get(FALL, Shocks.fall)
    return Shocks(fall=fall, fall_from_month=st.session_state.get(AFTER, Shocks.fall_from_month))


def _choose_shocks() -> None:
    st.session_state.setdefault(FALL, Shocks.fall)
    st.session_state.setdefault(AFTER, Shocks.fall_from_month)
    with st.container(horizontal=True, width=560):
        st.select_slider("If usage falls by", FALLS, key=FALL, format_func=ratio)
        st.select_slider("after month", MONTHS, key=AFTER)


def _show_terms(outcome: Outcome, pool: PoolAdvice, currency: str) -> None:
    rows = commitment_rows.term_rows(pool)
    if not rows or pool.terms is None:
        return
    with st.expander("1 year, 3 years, both, or rungs", key="commitments_terms", on_change="rerun") as details:
        if details.open:
            amounts_table(rows, currency, is_short=True)
            found = rungs_by_way(outcome.bill, pool.terms)
            if "ladder" in found:
                st.caption("The rungs, as far as they start within 36 months:")
                text_table(commitment_rows.RUNG_COLUMNS, commitment_rows.rung_rows(found["ladder"], currency))
            _show_takes(outcome, pool, found)


def _show_takes(outcome: Outcome, pool: PoolAdvice, found: Mapping[str, tuple[PlannedRung, ...]]) -> None:
    """Put a mix or a ladder into the scenario, as rungs that can then be changed."""
    key = f"commitments.{pool.plan.name}.rungs"
    with st.container(horizontal=True):
        for way, rungs in found.items():
            text = rungs_text(rungs)
            st.button(
                TAKES[way], key=f"commitments_take_{way}", on_click=_take, args=(outcome, key, text),
                disabled=outcome.scenario.settings.get(key) == text, help=f"Sets the rungs to {text}.",
            )  # fmt: skip


def _take(outcome: Outcome, key: str, text: str) -> None:
    known = next(parameter for parameter in parameters(outcome.bill) if parameter.key == key)
    history = scenario_state.history()
    history.put(with_value(history.now, known, text))


def _chart(rows: list[dict[str, Any]], spec: Mapping[str, Any], key: str) -> None:
    st.vega_lite_chart(rows, dict(spec), key=key, alt=" ".join(str(row["words"]) for row in rows))

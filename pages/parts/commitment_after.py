"""How commitments are bought, what the next bills must then show, and who bears fee and saving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from exports.commitments_by_hand import SCRIPT_NAME, advice_script, machine_commands, resource_commands, slot_commands
from model.commitment_allocation import RULE, allocated
from model.commitment_checks import expected_rows
from model.commitment_curves import bought
from model.commitment_timeline import bill_ends, timeline
from model.commitment_typed import machine_settings, slot_settings
from model.levers.commitment_plan import TERM_TITLES
from model.money import as_decimal, to_nanos
from model.outcome import parameters
from pages.parts import commitment_charts, commitment_rows, commitment_words, scenario_state
from pages.parts.commitment_memo import memo_pdf
from pages.parts.commitment_words import pool_title
from pages.parts.history import with_value
from pages.parts.tables import amounts_table, text_table
from pages.parts.wording import escaped, money, month

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from exports.commitments_by_hand import PurchaseCommand
    from model.commitment_advice import CommitmentAdvice
    from model.commitment_checks import ExpectedRows
    from model.commitment_judgement import PoolAdvice
    from model.outcome import Outcome
    from model.parameter import Value


def show_calendar(outcome: Outcome, advice: CommitmentAdvice) -> None:
    """When what stands and what is planned begins and ends; nothing where there is neither."""
    titles = {pool.plan.name: pool_title(pool) for pool in advice.pools}
    spans, ends = timeline(outcome.bill, advice), bill_ends(outcome.bill)
    if not spans:
        return
    st.subheader("From when to when", anchor=False)
    rows = commitment_charts.timeline_rows(spans, titles, ends, advice.currency)
    spec = commitment_charts.timeline_spec(commitment_charts.ink())
    st.vega_lite_chart(rows, spec, key="commitments_timeline", alt=" ".join(row["words"] for row in rows))
    st.caption("Planned ones start with the month after the bill, rungs in their own; the thin line is the bill's end.")


def show_buying(outcome: Outcome, advice: CommitmentAdvice, *, is_current: bool) -> None:
    """The memo to sign; steps with the numbers to enter, and commands."""
    st.subheader("Decide and buy", anchor=False)
    fingerprint = outcome.scenario.fingerprint
    with st.container(horizontal=True):
        st.download_button(
            "Decision memo to sign (PDF)", lambda: memo_pdf(outcome, advice), mime="application/pdf",
            file_name=f"commitments-{fingerprint}.pdf", icon=":material/picture_as_pdf:", type="primary",
            on_click="ignore", key="commitments_memo", disabled=not is_current,
            help="Amount, reasons, what if we are wrong, what it binds, order, lines to sign on.",
        )  # fmt: skip
        st.download_button(
            SCRIPT_NAME, lambda: advice_script(advice, fingerprint),
            file_name=SCRIPT_NAME, mime="text/x-shellscript", on_click="ignore", key="commitments_script",
            disabled=not is_current, help="Prints what to do; with --execute it buys one thing, once words are typed.",
        )  # fmt: skip
    for pool in bought(advice):
        st.markdown(f"**{escaped(pool_title(pool))}**")
        st.markdown("\n".join(f"{place}. {escaped(step)}" for place, step in enumerate(pool.plan.steps, 1)))
    _show_commands(resource_commands(pool.plan for pool in advice.pools))
    _show_pieces(outcome, advice)


def _show_pieces(outcome: Outcome, advice: CommitmentAdvice) -> None:
    """Slots and machines: another way to cover the same usage, which a command buys."""
    pieces = [piece for pool in advice.pools for piece in pool.pieces if piece.amount]
    if pieces:
        st.markdown("Instead, in whole pieces (one of them, never beside the amount above for the same usage):")
        amounts_table([commitment_rows.piece_row(piece) for piece in pieces], advice.currency, is_short=True)
        _show_commands(slot_commands(pieces))
        for piece in pieces:
            _offer_units(outcome, f"{piece.amount} slots, {TERM_TITLES[piece.term]}", slot_settings(outcome, piece))
    machines = [plan for pool in advice.pools for plan in pool.machines]
    if not machines:
        return
    with st.expander(
        "Instead: machines by series and region", key="commitments_machines", on_change="rerun"
    ) as details:
        for plan in machines if details.open else ():
            st.markdown(escaped(commitment_words.machines_sentence(plan, advice.currency)))
            if plan.commitments:
                text_table(commitment_rows.MACHINE_COLUMNS, commitment_rows.machine_rows(plan, advice.currency))
                _show_commands(machine_commands([plan]))
                _offer_units(outcome, f"machines, {TERM_TITLES[plan.term]}", machine_settings(outcome, plan))


def _offer_units(outcome: Outcome, what: str, settings: dict[str, Value]) -> None:
    """One step that has the scenario buy resource commitments instead of what it buys now of the same usage."""
    st.button(
        f"Put these {what} into the scenario", key=f"commitments_units_{what}", on_click=_take_units,
        args=(outcome, settings), help="Sets whole units, and the spend commitment on what they leave.",
    )  # fmt: skip


def _take_units(outcome: Outcome, settings: dict[str, Value]) -> None:
    known = {parameter.key: parameter for parameter in parameters(outcome.bill)}
    history = scenario_state.history()
    scenario = history.now
    for key, value in settings.items():
        scenario = with_value(scenario, known[key], value)
    history.put(scenario)


def _show_commands(commands: Iterable[PurchaseCommand]) -> None:
    for command in commands:
        st.code(command.text, language="bash", wrap_lines=True)


def show_after(outcome: Outcome, advice: CommitmentAdvice) -> None:
    """The checklist against the next bills, and the allocation."""
    with st.expander("After the purchase: what the next bills must show", key="commitments_checks",
                     on_change="rerun") as details:  # fmt: skip
        if details.open:
            for pool in bought(advice):
                st.markdown(f"**{escaped(pool_title(pool))}**")
                rows = check_rows(expected_rows(outcome.bill, pool.plan), advice.currency)
                st.table(rows, border="horizontal", hide_index=True)
            st.caption("Active all month, used as on this bill. Fees are exact; the rest moves with usage.")
    with st.expander("Who bears the fee and gains the saving", key="commitments_allocation", on_change="rerun") as it:
        if it.open:
            st.caption(RULE)
            for pool in bought(advice):
                st.markdown(f"**{escaped(pool_title(pool))}**")
                amounts_table(_allocation_rows(pool, outcome), advice.currency, is_short=True)


def check_rows(expected: Sequence[ExpectedRows], currency: str) -> list[dict[str, str]]:
    """A row for each kind of billing rows, with its sum in each month ahead."""
    return [
        {
            "Rows": escaped(each.title), "How to find them": escaped(each.find),
            **{month(number): escaped(money(to_nanos(amount), currency)) for number, amount in each.amounts.items()},
            "Otherwise": escaped(each.if_not),
        }
        for each in expected
    ]  # fmt: skip


def _allocation_rows(pool: PoolAdvice, outcome: Outcome) -> list[dict[str, Any]]:
    return [
        {
            "Product": place.product, "Project": place.project or "no project",
            "Covered": float(as_decimal(place.covered_nanos)), "Fee": float(as_decimal(place.fee_nanos)),
            "Saving": float(as_decimal(place.saving_nanos)),
        }
        for place in allocated(outcome, pool.plan)
    ]  # fmt: skip

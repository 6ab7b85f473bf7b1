"""The levers beside the chart: one segment per lever, one for all that is assumed of the future, and their controls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import streamlit as st

from model import horizon
from model.changes import PRODUCTS
from model.outcome import missing, parameters, title_of
from pages.parts.all_resources import ALL, all_title, one_title, shared, values_of_shared
from pages.parts.controls import show_assumptions, show_controls
from pages.parts.wording import escaped, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.costs import Costs
    from model.outcome import Outcome
    from model.parameter import Parameter, Values

LEVER, RESOURCE = "what_if_lever", "what_if_resource"
FUTURE: Final = "future"
APPLIED: Final = "applied"
OPEN_GROUPS: Final = ("growth", "prices", "finance")


def show_levers(outcome: Outcome) -> None:
    """The choice of a lever and of a resource, the controls, and what this bill has no rows for."""
    st.subheader("Levers", anchor=False)
    declared = parameters(outcome.bill)
    values = outcome.scenario.values(declared)
    levers = list(dict.fromkeys(parameter.lever for parameter in declared if parameter.lever not in horizon.TITLES))
    if not levers:
        st.markdown("This bill has nothing that a lever moves.")
    segments = [*levers, FUTURE]
    _keep(LEVER, segments, _dearest(levers, outcome))
    lever = str(st.segmented_control("Lever", segments, format_func=_title, key=LEVER, required=True, wrap=True,
                                     label_visibility="collapsed"))  # fmt: skip
    if lever == FUTURE:
        _show_future(declared, values)
    else:
        own = [parameter for parameter in declared if parameter.lever == lever]
        _show_lever(own, lever, values)
        _show_derived(outcome, own, values)
    for sentence, titles in _absent(missing(outcome.bill)).items():
        st.caption(f"**{escaped(', '.join(titles))}**: {escaped(sentence)}")


def _absent(reasons: Mapping[str, str]) -> dict[str, list[str]]:
    """Why levers have nothing to work on: each reason once, with their titles."""
    found: dict[str, list[str]] = {}
    for lever, sentence in reasons.items():
        found.setdefault(sentence, []).append(title_of(lever))
    return found


def _show_lever(own: Sequence[Parameter], lever: str, values: Values) -> None:
    """A list to tick where each resource is applied or not, then one resource's controls, or those of all at once."""
    ticks = [parameter for parameter in own if parameter.name == APPLIED]
    show_controls([_in_list(parameter) for parameter in ticks], values)
    rest = [parameter for parameter in own if parameter.name != APPLIED]
    resources = list(dict.fromkeys(parameter.resource for parameter in rest))
    of_all = shared(rest) if len(resources) > 1 and not ticks else ()
    names = {parameter.resource: _rule_title(parameter) for parameter in ticks}
    resource = _chosen_resource([*resources, *([ALL] if of_all else [])], lever, names)
    if resource == ALL:
        show_controls(of_all, values_of_shared(of_all, rest, values))
    else:
        show_controls([parameter for parameter in rest if parameter.resource == resource], values)


def _in_list(parameter: Parameter) -> Parameter:
    """With the resource's name in the title, which stands beside others'."""
    return replace(parameter, title=parameter.title.replace(f"{parameter.resource}: ", f"`{parameter.resource}` "))


def _rule_title(parameter: Parameter) -> str:
    return parameter.resource if parameter.title.startswith(f"{parameter.resource}: ") else parameter.title


def _show_derived(outcome: Outcome, own: Sequence[Parameter], values: Values) -> None:
    """What follows from the settings without being set, such as a cache's size from its target hit rate."""
    titles = {parameter.key: parameter.title for parameter in own}
    for change in outcome.changes:
        if change.key in titles and not values.is_changed(change.key):
            before, after = (quantity(value, change.unit) for value in (change.before, change.after))
            st.caption(f"**{escaped(titles[change.key])}** follows: {escaped(before)} → {escaped(after)}.")


def _show_future(declared: Sequence[Parameter], values: Values) -> None:
    st.caption("What no setting changes: how demand, prices and money move, and the service that must be kept.")
    groups = {key: [each for each in declared if each.lever == key] for key in horizon.TITLES}
    show_assumptions([each for key in OPEN_GROUPS for each in groups[key]], values)
    for key, title in horizon.TITLES.items():
        if key in OPEN_GROUPS or not groups[key]:
            continue
        changed = sum(values.is_changed(each.key) for each in groups[key])
        label = f"{title} ({changed} typed)" if changed else title
        with st.expander(label, key=f"future_{key}", on_change="rerun") as folded:
            if folded.open:
                show_assumptions(groups[key], values)


def _title(lever: str) -> str:
    return "Future and finance" if lever == FUTURE else title_of(lever)


def _chosen_resource(resources: Sequence[str], lever: str, names: Mapping[str, str]) -> str:
    if len(resources) < 2:
        return next(iter(resources), "")
    key = f"{RESOURCE}_{lever}"
    _keep(key, resources, resources[0])
    titles = {**names, ALL: all_title(lever, len(resources) - 1)}
    chosen = st.selectbox(one_title(lever), resources, key=key, format_func=lambda it: titles.get(it, it))
    return str(chosen)


def _keep(key: str, options: Sequence[str], otherwise: str) -> None:
    """Keep the choice that was made, as long as it is there."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = otherwise


def _dearest(levers: Sequence[str], outcome: Outcome) -> str:
    """The lever whose product costs most: where a look is likeliest to pay."""
    return max(levers, key=lambda lever: costs.headline if (costs := _costs(lever, outcome)) else 0, default=FUTURE)


def _costs(lever: str, outcome: Outcome) -> Costs | None:
    return outcome.baseline.by_product.get(PRODUCTS.get(lever, ""))

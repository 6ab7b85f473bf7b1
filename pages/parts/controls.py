"""Controls drawn from the declarations: one widget per parameter, and the only place where a ratio becomes percent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from pages.parts import scenario_state
from pages.parts.all_resources import ALL, without_own
from pages.parts.history import with_value
from pages.parts.outcome_words import DISRUPTIONS
from pages.parts.wording import escaped, quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.parameter import Parameter, Value, Values

MOST_STEPS_OF_A_SLIDER: Final = 200
"""Beyond it a pixel is more than a step: a number field is better."""

NO_MAXIMUM: Final = 1e9
MOST_CHOICES_SIDE_BY_SIDE: Final = 3


@dataclass(frozen=True)
class Range:
    """What a number widget takes, as shown: whole numbers as int, ratios in percent."""

    minimum: float
    maximum: float
    step: float
    is_whole: bool

    @property
    def step_count(self) -> float:
        """How many steps lie between the ends."""
        return (self.maximum - self.minimum) / self.step


def show_controls(shown: Sequence[Parameter], values: Values) -> None:
    """Settings one below the other, each with its way back; assumptions folded below."""
    for parameter in shown:
        if parameter.kind == "setting":
            _show_one(parameter, values)
    assumed = [parameter for parameter in shown if parameter.kind == "assumption"]
    if assumed:
        changed = sum(values.is_changed(parameter.key) for parameter in assumed)
        title = f"Assumptions ({changed} typed)" if changed else "Assumptions"
        key = f"assumed_{assumed[0].lever}_{assumed[0].resource}"
        with st.expander(title, key=key, on_change="rerun") as folded:
            if folded.open:
                st.caption("What no setting changes but the answer rests on. Type what you know.")
                show_assumptions(assumed, values)


def show_assumptions(shown: Sequence[Parameter], values: Values) -> None:
    """Assumptions one below the other, each with its way back."""
    for parameter in shown:
        _show_one(parameter, values)


def widget_key(parameter: Parameter) -> str:
    """The key of a parameter's widget."""
    return f"control_{parameter.key}"


def as_shown(parameter: Parameter, value: Value) -> Value:
    """A value as its widget holds it: ratios in percent, whole numbers as int where the widget is whole.

    >>> from types import SimpleNamespace
    >>> as_shown(SimpleNamespace(unit="ratio", choices=(), minimum=0, maximum=1, step=0.01, current=0.29), 0.29)
    29
    """
    if parameter.choices or value is None or isinstance(value, str | bool):
        return value
    number = value * 100 if parameter.unit == "ratio" else value
    return round(number) if range_of(parameter, value).is_whole else round(float(number), 9)


def as_meant(parameter: Parameter, shown: Value) -> Value:
    """The model's value of what a widget holds; the inverse of ``as_shown``."""
    if parameter.choices or shown is None or isinstance(shown, str | bool) or parameter.unit != "ratio":
        return shown
    return round(shown / 100, 12)


def range_of(parameter: Parameter, value: Value) -> Range:
    """The range of a number widget; wide enough for the current value and this one, whole where all in it is."""
    factor = 100 if parameter.unit == "ratio" else 1
    held = [float(each) for each in (parameter.current, value) if isinstance(each, int | float)]
    highest = parameter.maximum if parameter.maximum is not None else NO_MAXIMUM
    low, high = min([parameter.minimum or 0.0, *held]), max([highest, *held])
    step = parameter.step or (0.01 if parameter.unit == "ratio" else 1)
    low, high, step = (round(each * factor, 9) for each in (low, high, step))
    held = [round(each * factor, 9) for each in held]
    if all(float(each).is_integer() for each in (low, high, step, *held)):
        return Range(round(low), round(high), round(step), is_whole=True)
    return Range(float(low), float(high), float(step), is_whole=False)


def _show_one(parameter: Parameter, values: Values) -> None:
    is_changed = values.is_changed(parameter.key)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _widget(parameter, values.get(parameter.key), is_changed=is_changed)
        if _is_switch(parameter, values.get(parameter.key)):
            return
        st.button(
            "Back", icon=":material/undo:", key=f"back_{parameter.key}", disabled=not is_changed, type="tertiary",
            help=f"Back to {_way_back(parameter)}", width=76,
            on_click=_move, args=(parameter, parameter.current),
        )  # fmt: skip


def _way_back(parameter: Parameter) -> str:
    if parameter.current is None and parameter.resource == ALL:
        return escaped(parameter.default_from)
    return escaped(quantity(parameter.current, parameter.unit))


def _widget(parameter: Parameter, value: Value, *, is_changed: bool) -> None:
    key = widget_key(parameter)
    shown = as_shown(parameter, value)
    if key not in st.session_state or st.session_state[key] != shown:
        st.session_state[key] = shown
    given: dict[str, Any] = {
        "key": key, "help": _help(parameter), "on_change": _moved, "args": (parameter,),
        "label": _label(parameter, is_changed=is_changed),
    }  # fmt: skip
    if parameter.choices:
        _choice_widget(parameter, value, given)
    elif isinstance(parameter.current, str):
        st.text_input(placeholder=parameter.default_from, **given)
    else:
        _number_widget(parameter, value, given)


def _is_switch(parameter: Parameter, value: Value) -> bool:
    """A switch is its own way back."""
    return isinstance(value, bool) and bool(parameter.choices) and set(parameter.choices) <= {False, True}


def _choice_widget(parameter: Parameter, value: Value, given: dict[str, Any]) -> None:
    options = list(parameter.choices)
    options += [each for each in (parameter.current, value) if each is not None and each not in options]
    if _is_switch(parameter, value):
        st.toggle(**given)
        return
    is_numeric = all(isinstance(each, int | float) and not isinstance(each, bool) for each in options)
    if is_numeric and len(options) > MOST_CHOICES_SIDE_BY_SIDE and value is not None:
        st.select_slider(options=sorted(set(options)), format_func=lambda each: f"{each:g}", **given)
    elif len(options) <= MOST_CHOICES_SIDE_BY_SIDE:
        st.segmented_control(
            options=options, format_func=lambda each: quantity(each, ""), required=value is not None, **given,
            width="stretch",
        )  # fmt: skip
    else:
        st.selectbox(
            options=options, format_func=lambda each: quantity(each, ""), placeholder=_placeholder(parameter), **given
        )


def _number_widget(parameter: Parameter, value: Value, given: dict[str, Any]) -> None:
    span = range_of(parameter, value)
    written = "%d" if span.is_whole else "%.6g"
    ends = {"min_value": span.minimum, "max_value": span.maximum, "step": span.step}
    if None not in (parameter.current, value) and span.step_count <= MOST_STEPS_OF_A_SLIDER:
        st.slider(format=f"{written} %%" if parameter.unit == "ratio" else written, **ends, **given)
    else:
        st.number_input(format=written, value=None, placeholder=_placeholder(parameter), **ends, **given)


def _placeholder(parameter: Parameter) -> str:
    """What stands in an empty field: where a value would come from, or that the resources differ."""
    return "They differ" if parameter.resource == ALL and parameter.current is not None else parameter.default_from


def _label(parameter: Parameter, *, is_changed: bool) -> str:
    title = parameter.title.removeprefix(f"{parameter.resource}: ")
    name = escaped(title if title[1:2].isupper() else f"{title[:1].upper()}{title[1:]}")
    words = f"**{name}**" if is_changed else name
    if parameter.current is None:
        unit = "%" if parameter.unit == "ratio" else parameter.unit
        return f"{words} ({escaped(unit)})" if unit else words
    return f"{words} · now {escaped(quantity(parameter.current, parameter.unit))}"


def _help(parameter: Parameter) -> str:
    current = quantity(parameter.current, parameter.unit)
    source = parameter.default_from
    parts = [parameter.help, f"Now: {source}." if parameter.current is None else f"Now: {current}, from {source}."]
    if parameter.low is not None and parameter.high is not None:
        low, high = quantity(parameter.low, parameter.unit), quantity(parameter.high, parameter.unit)
        parts.append(f"Usual range: {low} to {high}.")
    if parameter.minimum is not None and parameter.maximum is not None:
        low, high = quantity(parameter.minimum, parameter.unit), quantity(parameter.maximum, parameter.unit)
        parts.append(f"Possible: {low} to {high}.")
    told = [escaped(part) for part in parts]
    if parameter.configures:
        told.append(f"Configures `{parameter.configures}`; {DISRUPTIONS[parameter.disruption]}.")
    elif parameter.kind == "setting":
        told.append(f"When it changes: {DISRUPTIONS[parameter.disruption]}.")
    return "\n\n".join(told)


def _moved(parameter: Parameter) -> None:
    _move(parameter, as_meant(parameter, st.session_state.get(widget_key(parameter))))


def _move(parameter: Parameter, value: Value) -> None:
    found = scenario_state.history()
    now = without_own(found.now, parameter.key) if parameter.resource == ALL else found.now
    found.put(with_value(now, parameter, value))

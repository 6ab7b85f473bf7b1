"""What can be set and must be assumed for a rule of housekeeping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.assumed import Assumed
from model.levers.housekeeping_moves import KEY, ColdData
from model.parameter import Parameter

if TYPE_CHECKING:
    from model.levers.housekeeping_rules import Rule
    from model.parameter import Values


_COLD: Final = {
    "read_share_per_month": Assumed(
        "share read in a month", "ratio", 0.05, 0.0, 0.3, 0.0, 10.0, 0.01,
        "Reads of the moved data in a month, as a share of it; each GiB read is billed.",
    ),
    "deleted_share_per_month": Assumed(
        "share deleted in a month", "ratio", 0.02, 0.0, 0.1, 0.0, 1.0, 0.01,
        "What is deleted before the minimum duration is billed up to it; new objects come in its place.",
    ),
    "object_mib": Assumed(
        "size of an object", "MiB", 10.0, 1.0, 100.0, 0.001, 1e6, 1.0,
        "Mean size; each object that moves is a billed operation.",
    ),
}  # fmt: skip


def key_of(rule: Rule, name: str) -> str:
    """Scenario key of one parameter of a rule."""
    return f"{KEY}.{rule.key}.{name}"


def is_applied(rule: Rule, values: Values) -> bool:
    """Whether the scenario applies a rule."""
    return values.get(key_of(rule, "applied")) is True


def share_of(rule: Rule, values: Values) -> float:
    """The addressable share in force."""
    return values.number(key_of(rule, "addressable_share"), rule.share)


def cold_data(rule: Rule, values: Values) -> ColdData:
    """How the objects that a rule moves are used, as assumed."""
    return ColdData(*(values.number(key_of(rule, name), assumed.number) for name, assumed in _COLD.items()))


def rule_parameters(rule: Rule) -> list[Parameter]:
    """Whether it is applied, what part of its rows it can reach, and how moved objects are used."""
    share = Assumed(
        "share of the rows", "ratio", rule.share, rule.low, rule.high, 0.0, 1.0, 0.01,
        "How much of what these rows bill the rule can reach.",
    )  # fmt: skip
    applied = Parameter(
        key_of(rule, "applied"), rule.title, "", "setting", False, "not applied today", "measured",  # noqa: FBT003
        f"{rule.action} Effort: {rule.effort}. Risk: {rule.risk}", choices=(False, True), disruption=rule.disruption,
        protects="" if rule.disruption == "online" else rule.risk,
    )  # fmt: skip
    assumed = {"addressable_share": share} | (_COLD if rule.storage_class else {})
    return [applied, *(each.parameter(key_of(rule, name), rule.title) for name, each in assumed.items())]

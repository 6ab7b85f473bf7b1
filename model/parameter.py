"""One declaration per thing that can be moved: control, CLI flag, docs, JSON and configuration come from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = float | int | bool | str | None
Kind = Literal["setting", "assumption", "fact"]
Evidence = Literal["measured", "modelled", "asserted"]
Disruption = Literal["online", "restart", "migration", "one_way"]
COUNTED: Final = ("instances", "connections", "tasks", "attempts", "requests per instance", "fields")
"""Units of which there are whole ones only."""
SINGULARS: Final = {
    "instances": "instance", "tasks": "task", "attempts": "attempt", "replicas": "replica", "connections": "connection",
    "requests per instance": "request per instance", "fields": "field", "months": "month", "keys": "key",
}  # fmt: skip


def unit_for(value: float, unit: str) -> str:
    """The unit of a value as words: of one there is one.

    >>> unit_for(1, "instances"), unit_for(2, "instances"), unit_for(1, "GiB")
    ('instance', 'instances', 'GiB')
    """
    return SINGULARS.get(unit, unit) if value == 1 else unit


@dataclass(frozen=True)
class Fact:
    """A value that comes from the bill, the inventory, the metrics or the price book, with where it comes from."""

    value: Value
    evidence: Evidence
    source: str


@dataclass(frozen=True)
class Parameter:
    """What a user can pull (setting) or must assume (assumption), for one resource of this bill.

    ``key`` is ``product.resource.parameter`` as in scenario files; ``minimum``, ``maximum`` and ``step`` are in
    ``unit``; ratios are 0..1. ``current`` is None where nothing tells it. ``configures`` is the platform's own name (a
    flag) or '' for what is not configured. ``low``/``high`` are the default range of an assumption. ``protects`` says
    what giving a setting up would lose that no limit judges; such a setting is never recommended to move.
    """

    key: str
    title: str
    unit: str
    kind: Kind
    current: Value
    default_from: str
    evidence: Evidence
    help: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[Value, ...] = ()
    configures: str = ""
    disruption: Disruption = "online"
    low: float | None = None
    high: float | None = None
    protects: str = ""

    @property
    def lever(self) -> str:
        """The product part of the key."""
        return self.key.split(".", 1)[0]

    @property
    def resource(self) -> str:
        """The resource part of the key (it may hold dots); '' for a key of two parts."""
        rest = self.key.split(".", 1)[1]
        return rest.rpartition(".")[0]

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rsplit(".", 1)[1]

    @property
    def is_counted(self) -> bool:
        """Whether a setting takes whole numbers only; what is assumed may be a mean."""
        return self.kind == "setting" and self.unit in COUNTED

    @cached_property
    def in_force(self) -> Chosen:
        """The current value, as it is in force where no scenario says otherwise."""
        return Chosen(self.current, self.evidence, self.default_from, low=self.low, high=self.high)


@dataclass(frozen=True)
class Chosen:
    """The value in force for one parameter: the scenario's, else the current one."""

    value: Value
    evidence: Evidence
    source: str
    low: float | None = None
    high: float | None = None
    is_changed: bool = False


@dataclass(frozen=True)
class Values:
    """All values in force, by parameter key."""

    by_key: Mapping[str, Chosen] = field(default_factory=dict)

    def get(self, key: str) -> Value:
        """Value of a key; None where there is no such parameter."""
        chosen = self.by_key.get(key)
        return None if chosen is None else chosen.value

    def number(self, key: str, default: float = 0.0) -> float:
        """Value of a key as a float; ``default`` where it is unknown."""
        value = self.get(key)
        return default if value is None or isinstance(value, str) else float(value)

    def text(self, key: str, default: str = "") -> str:
        """Value of a key as text; ``default`` where it is unknown."""
        value = self.get(key)
        return default if value is None else str(value)

    def is_changed(self, key: str) -> bool:
        """Whether the scenario moves this key away from the current value."""
        chosen = self.by_key.get(key)
        return chosen is not None and chosen.is_changed

    def of(self, prefix: str) -> tuple[tuple[str, Value], ...]:
        """The (key, value) pairs below a prefix, sorted: a hashable memo key for one resource."""
        return tuple(sorted((k, c.value) for k, c in self.by_key.items() if k.startswith(prefix + ".")))

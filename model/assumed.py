"""How an assumption is declared, once for all levers: what is stated of it before any bill tells more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.parameter import Parameter

if TYPE_CHECKING:
    from model.parameter import Fact


@dataclass(frozen=True)
class Assumed:
    """Title, unit, stated value (None: not known) with its usual range, limits, step and help of one assumption.

    ``taken`` are words for the stated value where figures alone do not say it.
    """

    title: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    minimum: float
    maximum: float
    step: float
    help: str
    taken: str = ""

    @property
    def number(self) -> float:
        """The stated value; 0 where it is not known."""
        return self.value or 0.0

    @property
    def stated(self) -> str:
        """Where the value comes from while nothing tells it.

        >>> Assumed("skew", "", 0.9, 0.6, 1.1, 0.0, 2.0, 0.05, "").stated
        'not typed in: 0.9 is taken'
        """
        if self.value is None:
            return "not known; type it"
        return f"not typed in: {self.taken or format(self.value, 'g')} is taken"

    def parameter(self, key: str, name: str, fact: Fact | None = None, source: str = "") -> Parameter:
        """The assumption for what is called ``name`` ('': nothing); a fact stands in its place, without the range.

        ``source`` says where the stated value comes from, if not from its declaration.
        """
        is_told = fact is not None
        return Parameter(
            key, f"{name}: {self.title}" if name else self.title, self.unit, "assumption",
            fact.value if fact else self.value, fact.source if fact else source or self.stated,
            fact.evidence if fact else "modelled", self.help, minimum=self.minimum, maximum=self.maximum,
            step=self.step, low=None if is_told else self.low, high=None if is_told else self.high,
        )  # fmt: skip

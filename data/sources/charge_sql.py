"""From typed fields to the charge relation: one SELECT with the canonical columns and each row's problem, if any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.charge import CHARGE_COLUMNS, DEFAULT_CONSUMPTION_MODEL, PACIFIC
from data.sources.columns import literal, quoted
from data.sources.fields import nanos_of

if TYPE_CHECKING:
    from data.sources.row_checks import Check
    from data.sources.typed_rows import TypedRows

_NO_PROBLEM: Final = "CAST(NULL AS STRUCT(column_name VARCHAR, reason VARCHAR))"


@dataclass(frozen=True)
class ChargeSelect:
    """The SQL of a source's charges.

    ``columns`` hold the expression of each of ``CHARGE_COLUMNS``; ``has_problem`` is the condition of a row that goes
    to quarantine, and ``problem`` (a struct of column and reason), ``amount_text`` and ``raw_text`` say why and what
    it was. All are over the same ``relation``.
    """

    relation: str
    columns: dict[str, str]
    has_problem: str
    problem: str
    amount_text: str
    raw_text: str
    parses_text: bool

    @property
    def column_list(self) -> str:
        """The canonical columns, in order."""
        return ", ".join(f"{self.columns[name]} AS {quoted(name)}" for name in CHARGE_COLUMNS)

    @property
    def quarantine_list(self) -> str:
        """A bad row: its number, problem, amount and text."""
        return (
            f"{self.columns['row_number']} AS row_number, {self.problem} AS problem,"
            f" {self.amount_text} AS amount_text, {self.raw_text} AS raw"
        )


def charge_select(typed: TypedRows, columns: dict[str, str], amount_raw: str) -> ChargeSelect:
    """Bind an adapter's expressions to a source; the first check that fails names the problem."""
    return ChargeSelect(
        relation=typed.relation,
        columns=columns,
        has_problem=_has_problem_sql(typed.checks),
        problem=_problem_sql(typed.checks),
        amount_text=f"CAST({amount_raw} AS VARCHAR)",
        raw_text=typed.raw_text,
        parses_text=typed.parses_text,
    )


def _has_problem_sql(checks: tuple[Check, ...]) -> str:
    """A plain disjunction: DuckDB evaluates it ten times as fast as the CASE that also names the problem."""
    return f"COALESCE({' OR '.join(f'({check.condition})' for check in checks)}, FALSE)"


def _problem_sql(checks: tuple[Check, ...]) -> str:
    branches = " ".join(
        f"WHEN {check.condition} THEN {{'column_name': {literal(check.column)}, 'reason': {check.reason}}}"
        for check in checks
    )
    return f"CASE {branches} ELSE {_NO_PROBLEM} END"


def money_sql(*amounts: str) -> str:
    """The nano-units of the first of several money fields that a row has."""
    return f"COALESCE({', '.join(map(nanos_of, amounts))})"


def residual_sql(amount: str) -> str:
    """What the quantisation of a money field left over."""
    return f"{amount} - {nanos_of(amount)} / CAST(1e9 AS DOUBLE)"


def last_part_sql(path: str) -> str:
    """The short name at the end of a resource's path: after the last slash, and after the last colon of that."""
    return f"NULLIF(regexp_extract({path}, '[^/:]*$'), '')"


def sku_key_sql(service_id: str, service: str, sku_id: str, sku: str) -> str:
    """Ids where both are there, since names change; else names."""
    return (
        f"CASE WHEN {service_id} IS NOT NULL AND {sku_id} IS NOT NULL THEN {service_id} || '/' || {sku_id}"
        f" ELSE COALESCE({service}, {service_id}, '') || '/' || COALESCE({sku}, {sku_id}, '') END"
    )


def consumption_model_sql(model: str) -> str:
    """Google's default model where none is written, which means the same."""
    return f"COALESCE({model}, {literal(DEFAULT_CONSUMPTION_MODEL)})"


def is_new_model_sql(model: str) -> str:
    """Whether usage is priced by a commitment's consumption model."""
    return f"{consumption_model_sql(model)} <> {literal(DEFAULT_CONSUMPTION_MODEL)}"


def pacific_month_sql(time: str) -> str:
    """The month (202605) of an instant on Google's invoice calendar.

    The instant is named once: DuckDB computes what is named twice for every row, even where the month is not needed.
    """
    return f"CAST(strftime(timezone({literal(PACIFIC)}, {time}), '%Y%m') AS BIGINT)"

"""A claims file's mapping as a plan, checked: every refusal says where it stands and how to mend it."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from model.claim_figures import Stated
from model.claims import KINDS, TERMS, Claim, ClaimedPlan, ClaimsRefused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERSION: Final = 1
PERIODS: Final[Mapping[str, int]] = {"per_month": 1, "per_year": 12, "in_three_years": 36}
MONEY_NAMES: Final = {f"{kind}_{period}": (kind, months) for kind in KINDS for period, months in PERIODS.items()}
RATIOS: Final = ("share", "reduction")
NUMBERS: Final = ("payback_months", "break_even_months", "one_off_cost")
NAMES: Final = (
    "id", "text", "product", "count", "items", "sum_of", "of", "term", "settings", "months", "cost", "rounded_to",
    "growth_per_year", *MONEY_NAMES, *RATIOS, *NUMBERS,
)  # fmt: skip
PLAN_NAMES: Final = ("version", "plan", "currency", "rounded_to", "growth_per_year", "claims")
LARGEST_SHARE: Final = 2
MOST_LEVELS: Final = 100
PERCENT: Final = re.compile(r"(-?[\d.]+)\s*%")


@dataclass(frozen=True)
class _Defaults:
    """What the plan says for all its claims."""

    rounded_to: Decimal
    growth: Decimal


def read_plan(body: Mapping[str, Any], where: str, places: Sequence[str] = ()) -> ClaimedPlan:
    """A plan from the mapping that a file holds; raises ClaimsRefused naming place and field.

    ``places`` says of each claim where it stands in the file, as 'line 12'; without it claims are counted.
    """
    _check_names(body, PLAN_NAMES, where)
    if body.get("version", VERSION) != VERSION:
        raise ClaimsRefused(f"{where} has version {body['version']!r}; this program reads version {VERSION}.")
    rows = body.get("claims")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise ClaimsRefused(f"{where} holds no claims: write one [[claims]] table for each, with an id.")
    defaults = _Defaults(_rounded_to(body, where, Decimal(0)), _growth(body, where, Decimal(0)))
    claims: dict[str, Claim] = {}
    for number, row in enumerate(rows):
        claim = _claim(row, f"{where}, {places[number] if number < len(places) else f'claim {number + 1}'}", defaults)
        if claim.id in claims:
            raise ClaimsRefused(
                f"{claim.place}: {claims[claim.id].place} has the id {claim.id} too; give each its own."
            )
        claims[claim.id] = claim
    plan = ClaimedPlan(str(body.get("plan", "")), str(body.get("currency", "")).strip().upper(), claims)
    _check_references(plan)
    return plan


def _claim(row: Mapping[str, Any], place: str, defaults: _Defaults) -> Claim:
    claim_id = str(row.get("id", "")).strip()
    if not claim_id:
        raise ClaimsRefused(f"{place} has no id; give it one of its own.")
    place = f"{place} ({claim_id})"
    _check_names(row, NAMES, place)
    term, count, settings = str(row.get("term", "")), row.get("count"), row.get("settings", {})
    if term and term not in TERMS:
        raise ClaimsRefused(f"{place}: term {term!r} is not one of {', '.join(TERMS)}.")
    if not isinstance(settings, dict) or not all(isinstance(v, str | int | float | Decimal) for v in settings.values()):
        raise ClaimsRefused(f"{place}: settings must be a table of keys in quotes and values, as in a scenario.")
    return Claim(
        id=claim_id,
        text=str(row.get("text", "")),
        product=str(row.get("product", "")).strip(),
        term=term,
        count=None if count is None else _whole(count, f"{place}: count"),
        items=_texts(row, "items", place),
        sum_of=_texts(row, "sum_of", place),
        of=str(row.get("of", "")),
        settings={str(key): _plain(value) for key, value in settings.items()},
        amounts=_amounts(row, place, _rounded_to(row, place, defaults.rounded_to)),
        figures=_figures(row, place),
        growth=_growth(row, place, defaults.growth),
        place=place,
    )


def _plain(value: object) -> Any:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def _amounts(row: Mapping[str, Any], place: str, rounded_to: Decimal) -> dict[tuple[str, int], Stated]:
    found = {
        key: Stated.of(_number(row[name], f"{place}: {name}"), rounded_to)
        for name, key in MONEY_NAMES.items()
        if name in row
    }
    if ("cost" in row) != ("months" in row):
        raise ClaimsRefused(f"{place}: cost and months go together: what it costs, and in how many months.")
    if "cost" in row:
        months = _whole(row["months"], f"{place}: months")
        found["cost", months] = Stated.of(_number(row["cost"], f"{place}: cost"), rounded_to)
    return found


def _figures(row: Mapping[str, Any], place: str) -> dict[str, Stated]:
    ratios = {name: Stated.ratio(_share(row[name], f"{place}: {name}")) for name in RATIOS if name in row}
    return ratios | {name: Stated.of(_number(row[name], f"{place}: {name}")) for name in NUMBERS if name in row}


def _share(value: object, place: str) -> Decimal:
    """A share as 0.336 or as 33.6 %."""
    percent = PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if percent:
        return _number(percent[1], place).scaleb(-2)
    share = _number(value, place)
    if abs(share) > LARGEST_SHARE:
        raise ClaimsRefused(f'{place} is {value}, not a share: write {share / 100:f}, or "{share:f} %".')
    return share


def _number(value: object, place: str) -> Decimal:
    try:
        number = Decimal(str(value).strip()) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ClaimsRefused(
            f'{place} is {value!r}, not a number such as "1250.50" (no thousands separators, no currency).'
        )
    return number


def _rounded_to(row: Mapping[str, Any], place: str, default: Decimal) -> Decimal:
    if "rounded_to" not in row:
        return default
    step = _number(row["rounded_to"], f"{place}: rounded_to")
    if step < 0:
        raise ClaimsRefused(f"{place}: rounded_to is {step:f}; write what amounts are rounded to, as 100.")
    return step


def _growth(row: Mapping[str, Any], place: str, default: Decimal) -> Decimal:
    growth = _share(row["growth_per_year"], f"{place}: growth_per_year") if "growth_per_year" in row else default
    if growth <= -1:
        raise ClaimsRefused(f"{place}: growth_per_year is {growth:f}; it must lie above -1.")
    return growth


def _whole(value: object, place: str) -> int:
    number = _number(value, place)
    if number < 1 or number != number.to_integral_value():
        raise ClaimsRefused(f"{place} is {value!r}, not a whole number from 1.")
    return int(number)


def _texts(row: Mapping[str, Any], name: str, place: str) -> tuple[str, ...]:
    listed = row.get(name, [])
    if not isinstance(listed, list):
        raise ClaimsRefused(f"{place}: {name} must be a list.")
    return tuple(str(item) for item in listed)


def _check_names(row: Mapping[str, Any], names: tuple[str, ...], place: str) -> None:
    """A mistyped name would take a claim out of the audit and say nothing."""
    unknown = next((name for name in row if name not in names), None)
    if unknown is not None:
        close = difflib.get_close_matches(unknown, names, n=1, cutoff=0.6)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(names)}."
        raise ClaimsRefused(f"{place}: {unknown} is not read; {hint}")


def _check_references(plan: ClaimedPlan) -> None:
    """Every claim that is named exists, and none is a part of itself."""
    for claim in plan.claims.values():
        if claim.sum_of and claim.of:
            raise ClaimsRefused(
                f"{claim.place}: it is the sum of others or the same as another; take sum_of or of out."
            )
        for other in _referred(claim):
            if other not in plan.claims:
                close = difflib.get_close_matches(other, plan.claims, n=1)
                hint = f"did you mean {close[0]}?" if close else "write the id as it stands."
                raise ClaimsRefused(f"{claim.place}: there is no claim {other}; {hint}")
    done: set[str] = set()
    for claim_id in plan.claims:
        _walk(plan, claim_id, (), done)


def _walk(plan: ClaimedPlan, claim_id: str, above: tuple[str, ...], done: set[str]) -> None:
    if claim_id in above:
        circle = " → ".join((*above[above.index(claim_id) :], claim_id))
        raise ClaimsRefused(f"{plan.claims[claim_id].place}: {circle} is a circle; take one sum_of or of out.")
    if len(above) > MOST_LEVELS:
        raise ClaimsRefused(f"{plan.claims[claim_id].place}: totals of totals over more than {MOST_LEVELS} levels.")
    if claim_id not in done:
        for other in _referred(plan.claims[claim_id]):
            _walk(plan, other, (*above, claim_id), done)
        done.add(claim_id)


def _referred(claim: Claim) -> tuple[str, ...]:
    return (*claim.sum_of, *((claim.of,) if claim.of else ()))

"""An outcome in sentences and table rows: the answer, limits, risks, calibration, and where the change comes from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from model.cents import rounded_parts, step_nanos
from model.kind_words import kind_words
from model.money import as_decimal
from model.outcome import parameters, title_of
from model.plan import BASIS
from model.report_tasks import resource_title
from pages.parts import palette
from pages.parts.wording import (
    EVIDENCE_MARKS,
    counted,
    escaped,
    headline_money,
    money,
    months,
    number,
    quantity,
    ratio,
)  # fmt: skip

DISRUPTIONS = {
    "online": "applied while running",
    "restart": "restarts the resource",
    "migration": "needs a migration",
    "one_way": "cannot be taken back",
}

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from model.answer import Answer, Moved
    from model.attribution import Attribution, Interactions
    from model.bill import Bill
    from model.lever import Calibration, Guardrail, PlanChange, Risk
    from model.levers.housekeeping_findings import Finding
    from model.outcome import Outcome


def question(outcome: Outcome) -> str:
    """What the page asks."""
    name = escaped(outcome.scenario.name)
    if not outcome.levers:
        return "What would change the bill?"
    return f"What happens with “{name}”?"


def answer_sentence(found: Answer, currency: str) -> str:
    """The answer in Markdown: amount, share, certainty and catch."""
    before = escaped(headline_money(found.before_per_month_nanos, currency))
    if not found.is_changed:
        return f"The bill is **{before} a month**. Nothing is changed yet: move a control to see what it would be."
    saving = found.saving_per_month_nanos
    amount = escaped(headline_money(abs(saving), currency))
    mark = EVIDENCE_MARKS[found.evidence]
    if saving == 0:
        words = f"This changes **nothing on the bill** of {before} a month ({mark} {found.evidence})."
    else:
        verb = "saves" if saving > 0 else "costs"
        more = "" if saving > 0 else " more"
        share = ratio(abs(found.saving_share)) if found.saving_share is not None else "—"
        words = f"This {verb} **{amount} a month{more}** ({share} of the bill; {mark} {found.evidence})."
    return f"{words} {_catch(found)}"


def basis_line(bill: Bill) -> str:
    """What every figure of the page is."""
    return f"{months(bill.months)}, {bill.currency}, {BASIS}"


def limits_metric(found: Answer) -> str:
    """The limits in a few words: how many break, and of how many."""
    limits = (*found.broken, *found.kept, *found.unjudged)
    return f"{len(found.broken)} of {len(limits)} broken" if limits else "none to check"


def guardrail_lines(found: Answer) -> list[tuple[str, str]]:
    """Every limit as (verdict in Markdown with shape and word, sentence), broken ones first."""
    groups = (
        (f":orange[{palette.BROKEN_MARK} **broken**]", found.broken),
        (f":gray[{palette.UNJUDGED_MARK} **not judged**]", found.unjudged),
        (f":green[{palette.KEPT_MARK} **kept**]", found.kept),
    )
    return [(verdict, escaped(guardrail.sentence)) for verdict, group in groups for guardrail in group]


def moved_rows(rows: Iterable[Moved[Any]], title: str, nothing: str, currency: str) -> list[dict[str, Any]]:
    """Table rows: key, before, after, change, in currency units that add up; ``nothing`` names the empty key."""
    rows = list(rows)
    before = rounded_parts([row.before_nanos for row in rows], step_nanos(currency))
    after = rounded_parts([row.after_nanos for row in rows], step_nanos(currency))
    return [
        {
            title: row.key or nothing,
            "Current": _units(now),
            "This scenario": _units(then),
            "Change": _units(then - now),
        }
        for row, now, then in zip(rows, before, after, strict=True)
    ]


def lever_rows(outcome: Outcome, shapley: Attribution | None = None) -> list[dict[str, Any]]:
    """Per lever what it saves alone, in sequence and by Shapley; the last two add up to the saving."""
    step = step_nanos(outcome.bill.currency)
    columns = {
        "Saves alone": [item.alone_nanos for item in outcome.levers],
        "Saves in sequence": [item.in_sequence_nanos for item in outcome.levers],
    }
    if shapley is not None:
        of_lever = shapley.by("lever")
        columns["Fair share (Shapley)"] = [of_lever.get((item.lever,), 0) for item in outcome.levers]
    shown = {name: rounded_parts(amounts, step) for name, amounts in columns.items()}
    return [
        {"Lever": item.title, **{name: _units(amounts[place]) for name, amounts in shown.items()}}
        for place, item in enumerate(outcome.levers)
    ]


def attribution_help(*, has_pairs: bool) -> str:
    """What the columns of the levers' table mean, and what stands below it."""
    why = "the levers alone do not, and this is why:" if has_pairs else "so do the levers alone, which share nothing."
    return (
        "In sequence: what each lever adds after those before it, in the order demand, capacity, waste, rate. Fair "
        f"share: the mean over every order. Both add up to the saving; {why}"
    )


def pair_rows(found: Interactions) -> list[dict[str, Any]]:
    """Which levers share what: each pair alone and together, then what only three or more make together."""
    rows = [
        {
            "Levers": f"{title_of(pair.first)} and {title_of(pair.second)}",
            "Alone, added up": _units(pair.first_alone_nanos + pair.second_alone_nanos),
            "Together": _units(pair.together_nanos),
            "Interaction": _units(pair.interaction_nanos),
        }
        for pair in found.pairs
    ]
    if found.higher_nanos:
        more = {"Alone, added up": math.nan, "Together": math.nan, "Interaction": _units(found.higher_nanos)}
        rows.append({"Levers": "Three or more together", **more})
    return rows


def interaction_sentence(outcome: Outcome) -> str:
    """What the levers share with each other, said plainly."""
    currency, shared = outcome.bill.currency, outcome.interaction_nanos
    if money(shared, currency) == money(0, currency):
        return "The levers do not touch each other: what each saves alone adds up to the whole."
    amount = money(abs(shared), currency)
    tick = "The violet tick is where a lever would end alone."
    if shared < 0:
        return f"The levers overlap: together they save {amount} less than each alone would add up to. {tick}"
    return f"The levers help each other: together they save {amount} more than each alone would add up to. {tick}"


def finding_rows(found: Sequence[Finding], currency: str) -> list[dict[str, Any]]:
    """Table rows of housekeeping: what each rule would save alone over the window, and what speaks against it."""
    step = step_nanos(currency)
    costs = rounded_parts([each.current_nanos for each in found], step)
    return [
        {
            "Rule": each.title,
            "Costs": _units(cost),
            "Saves alone": math.nan if each.saving_nanos is None else _units(round(each.saving_nanos / step) * step),
            "Applied": "counts" if each.counts else "does not count" if each.is_applied else "no",
            "Share of the rows": ratio(each.addressable_share),
            "What to do": each.action,
            "Effort": each.effort,
            "Risk": each.risk,
            "Disruption": DISRUPTIONS[each.disruption],
            "Note": each.note or "—",
        }
        for each, cost in zip(found, costs, strict=True)
    ]


def risk_rows(risks: Sequence[Risk]) -> list[dict[str, Any]]:
    """Table rows of the service risk at stressed demand."""
    return [
        {
            "Resource": risk.resource,
            "Hours short": number(risk.shortfall_hours),
            "Requests rejected": ratio(risk.rejected_share),
            "5 % of requests wait at least": quantity(risk.p95_wait_s, "s"),
            "Cold starts a day": number(risk.cold_starts_per_day),
        }
        for risk in risks
    ]


def calibration_rows(calibrations: Sequence[Calibration]) -> list[dict[str, Any]]:
    """Table rows of the model at current settings against the bill."""
    return [
        {
            "Resource": item.resource,
            "Usage": kind_words(item.kind),
            "Bill": number(item.actual),
            "Model": number(item.modelled),
            "Difference": ratio(item.error),
            "How": item.sentence,
        }
        for item in calibrations
    ]


def _catch(found: Answer) -> str:
    if found.broken:
        first = escaped(found.broken[0].sentence)
        count = counted(len(found.broken), "limit breaks", "limits break")
        among = ", among them" if len(found.broken) > 1 else ""
        return f":orange[{palette.BROKEN_MARK} **{count}**]{among}: {first}"
    if found.kept:
        unjudged = f"; {counted(len(found.unjudged), 'is', 'are')} not judged" if found.unjudged else ""
        return f":green[{palette.KEPT_MARK} No limit breaks]{unjudged}."
    return "No limit could be judged." if found.unjudged else ""


def _units(nanos: int) -> float:
    return float(as_decimal(nanos))


def broken_sentences(guardrails: Iterable[Guardrail]) -> list[str]:
    """The sentences of broken limits."""
    return [guardrail.sentence for guardrail in guardrails if guardrail.passed is False]


def titles_of(bill: Bill) -> dict[str, str]:
    """Titles of all declared parameters by key."""
    return {parameter.key: parameter.title for parameter in parameters(bill)}


def setting_words(change: PlanChange, titles: dict[str, str]) -> str:
    """A setting by its declared title without the resource, else by its own name in words."""
    declared = titles.get(change.key, "").removeprefix(f"{change.resource}: ")
    is_resource = declared == resource_title(change)
    return declared if declared and not is_resource else change.attribute.replace("_", " ")


def change_rows(changes: Iterable[PlanChange], bill: Bill) -> list[dict[str, str]]:
    """Table rows of what the plan changes, in the order to change it."""
    titles = titles_of(bill)
    return [
        {
            "Resource": resource_title(change),
            "Product": change.product,
            "Setting": setting_words(change, titles),
            "Before": quantity(change.before, change.unit),
            "After": quantity(change.after, change.unit),
            "Disruption": DISRUPTIONS[change.disruption],
            "Configures": change.configures or "—",
            "Where": " · ".join(place for place in (change.project, change.region) if place) or "—",
            "Reason": change.reason,
        }
        for change in changes
    ]

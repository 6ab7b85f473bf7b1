"""Outcomes to export in tests: a small shop with levers and two commitments, and a bill that demand moves straight."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from model.outcome import Outcome, evaluate
from model.scenario import Scenario
from tests.laws.arbitrary_bills import BillSpec, Thing, make_bill

SHOP = BillSpec(
    months=(202602, 202603),
    things=(Thing("run"), Thing("sql", name="db", project="p2"), Thing("firestore", discount_share=0.05)),
    tax_rate=0.19,
    refund=12.345,
)
STRAIGHT = BillSpec(months=(202602,), things=(Thing("firestore", level=40.0),))
SETTINGS = {
    "cloud_run.api.min_instances": 1,
    "cloud_sql.db.vcpu": 4,
    "cloud_sql.db.memory_gib": 16.0,
    "commitments.cloud_sql-us-central1.term": "1y",
    "commitments.compute_flexible.term": "3y",
}
STRAIGHT_SETTINGS = {"firestore.api.exempted_indexes": 20}
COMMITTED_SETTINGS = {"commitments.firestore.term": "1y"}
HOSTILE = (
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '\n=HYPERLINK("http://x")', "{=1+1}", "'=1",
    "../x", "a\x00b\x07", "\ud800", "emoji 🚀 ñ ﷽", "x" * 10_000, "=" * 40_000, "<c><f>1</f></c>", "]]>&amp;",
)  # fmt: skip


@cache
def bill_of(spec: BillSpec):
    """The bill of a specification, made once."""
    return make_bill(spec)


def shop(**assumed: float) -> Outcome:
    """The shop with its plan; assumptions by key with dots written as two underscores."""
    return _outcome(SHOP, SETTINGS, assumed)


def straight(**assumed: float) -> Outcome:
    """The bill of one product whose cost follows demand in a straight line."""
    return _outcome(STRAIGHT, STRAIGHT_SETTINGS, {"firestore.api.index_write_share": 0.01} | assumed)


def committed(**assumed: float) -> Outcome:
    """The same with a commitment, which covers more as demand grows."""
    return _outcome(STRAIGHT, COMMITTED_SETTINGS, assumed)


def laddered() -> Outcome:
    """The shop buying in steps, one of which ends."""
    rungs = {"commitments.cloud_sql-us-central1.rungs": "2026-04:1y:0.1,2026-09:3y:0.05"}
    return _outcome(SHOP, {key: value for key, value in SETTINGS.items() if "term" not in key} | rungs, {})


def unchanged() -> Outcome:
    """The shop as it is."""
    return evaluate(bill_of(SHOP), Scenario())


def hostile(name: str) -> Outcome:
    """The shop with a name wherever a bill or a scenario may hold one."""
    known = shop()
    things = tuple(replace(thing, project=name) for thing in SHOP.things)
    changes = tuple(
        replace(change, resource=name, reason=name, project=name, region=name, before=name, after=name, unit=name)
        for change in known.changes
    )
    return replace(
        known,
        bill=replace(bill_of(replace(SHOP, things=things)), notes=(name,)),
        scenario=replace(known.scenario, name=name, author=name, reason=name),
        deltas=tuple(replace(d, product=name, project=name, resource=name, formula=name) for d in known.deltas),
        levers=tuple(replace(lever, title=name) for lever in known.levers),
        guardrails=tuple(replace(guardrail, resource=name, sentence=name) for guardrail in known.guardrails),
        changes=changes,
        notes=(name,),
    )


def _outcome(spec: BillSpec, settings: dict, assumed: dict[str, float]) -> Outcome:
    scenario = Scenario("Plan", settings=settings)
    for key, value in assumed.items():
        scenario = (
            scenario.with_setting(key, value) if key.startswith("commitments") else scenario.with_assumption(key, value)
        )
    return evaluate(bill_of(spec), scenario)

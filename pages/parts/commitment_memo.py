"""The decision memo on paper: what to commit to, why, what if we are wrong, what it binds, and lines to sign on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from exports.document import Bullets, Metric, Metrics, Report, Table, Text
from exports.pdf import report_pdf
from model.commitment_checks import expected_rows
from model.commitment_curves import bought, cost_curves
from model.commitment_doubt import fates
from model.money import to_nanos
from pages.parts import commitment_charts, commitment_rows, commitment_words, outcome_words
from pages.parts.commitment_words import assumed_sentence, fate_words, pool_title
from pages.parts.executive_report import chart, table
from pages.parts.wording import money, month

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exports.document import Part
    from model.commitment_advice import CommitmentAdvice
    from model.commitment_judgement import PoolAdvice
    from model.outcome import Outcome

SIGNERS: Final = ("Chief financial officer", "Head of engineering", "Who prepared it")
DECISION: Final = ("Approved as asked", "Approved with other amounts (write them beside each pool)", "Declined")
BASIS: Final = (
    "NPV is against on-demand over each commitment's own term, at the scenario's discount rate; growth and prices are "
    "drawn within their ranges. Amounts are before tax. What finds no usage in an hour is lost."
)
MOST_EXCLUDED: Final = 8


def memo_pdf(outcome: Outcome, advice: CommitmentAdvice) -> bytes:
    """The memo as PDF."""
    bill, scenario = outcome.bill, outcome.scenario
    demo = "Generated demo bill. " if bill.is_demo else ""
    return report_pdf(
        Report(
            "Decision memo: commitments",
            f"{demo}{outcome_words.basis_line(bill)}. Scenario {scenario.name}.",
            f"Cloudlever · scenario {scenario.fingerprint} · bill {bill.snapshot[:12]}",
            _parts(outcome, advice),
        )
    )


def _parts(outcome: Outcome, advice: CommitmentAdvice) -> tuple[Part, ...]:
    months, found = len(outcome.bill.months), bought(advice)
    answer = Text("answer", commitment_words.answer_sentence(advice, months))
    if not found:
        return (answer, *_notes(advice), *_signed())
    return (
        answer,
        Metrics(tuple(Metric(*item) for item in commitment_words.metrics(advice))),
        Text("heading", "What we ask for"),
        Text("paragraph", commitment_words.request_sentence(advice)),
        _purchases(advice, months),
        Text("note", f"{commitment_words.scenario_sentence(advice)} {BASIS} {assumed_sentence(outcome)}"),
        Text("heading", "Why"),
        table(commitment_rows.USE_COLUMNS, commitment_rows.use_rows(advice), (1, 2, 3, 4, 5)),
        *_curves(advice, months),
        Text("heading", "What if we are wrong"),
        _risks(advice),
        *(part for pool in found for part in _regret(pool, advice.currency)),
        Text("heading", "What it binds"),
        table(commitment_rows.OWED_COLUMNS, commitment_rows.owed_rows(advice), (1,)),
        Text(
            "note",
            "Fees of the whole terms, whatever happens to the usage. No commitment can be cancelled, and none can be "
            "made smaller before its term ends.",
        ),
        Text("heading", "In which order"),
        Text("paragraph", commitment_words.order_sentence(advice)),
        Text("heading", "How it is bought, and what the next bills must show"),
        *(part for pool in found for part in _purchase(pool, outcome)),
        *_machines(advice),
        *_notes(advice),
        *_signed(),
    )


def _curves(advice: CommitmentAdvice, months: int) -> tuple[Part, ...]:
    """The curve of the purchase that saves most."""
    pool = bought(advice)[0]
    curves = cost_curves(pool, months)
    if not curves:
        return ()
    rows = commitment_charts.curve_rows(curves, advice.currency)
    title = Text("paragraph", f"What a month of {pool_title(pool)} costs against the amount:")
    return (title, chart(rows, commitment_charts.curve_spec(advice.currency), height=190))


def _purchases(advice: CommitmentAdvice, months: int) -> Table:
    """What is to be bought, with room for pools and months."""
    plain = table(commitment_rows.PURCHASE_COLUMNS, commitment_rows.purchase_rows(advice, months), (3, 4, 5, 6, 7))
    return _widened(plain, (5, 3, 5, 4, 4, 4, 4, 4))


def _risks(advice: CommitmentAdvice) -> Table:
    """The table of risks, with room for the futures' names."""
    plain = table(commitment_rows.RISK_COLUMNS, commitment_rows.risk_rows(advice), (5, 6))
    return _widened(plain, (3, 2, 3, 2, 4, 2, 2))


def _widened(plain: Table, widths: Sequence[int]) -> Table:
    columns = tuple(replace(column, width=width) for column, width in zip(plain.columns, widths, strict=True))
    return Table(columns, plain.rows)


def _regret(pool: PoolAdvice, currency: str) -> tuple[Part, ...]:
    """Doing nothing, the plan and the amount under uncertainty in every future, in words."""
    if pool.regret is None:
        return ()
    shown = dict.fromkeys(("nothing", "the plan", pool.regret.least.title))
    words = {(each.future, each.amount): fate_words(each.saving, each.regret, currency) for each in fates(pool.regret)}
    titles = ("If", *shown)
    rows = [(future, *(words[future, amount] for amount in shown)) for future in pool.regret.futures]
    least = f"{pool_title(pool)}: in the worst case {pool.regret.least.title} is regretted least."
    return (Text("paragraph", least), table(titles, rows))


def _purchase(pool: PoolAdvice, outcome: Outcome) -> tuple[Part, ...]:
    plan, currency = pool.plan, outcome.bill.currency
    expected = expected_rows(outcome.bill, plan)
    months = list(expected[0].amounts) if expected else []
    columns = ("Rows", *(month(number) for number in months))
    rows = [(each.title, *(money(to_nanos(each.amounts[number]), currency) for number in months)) for each in expected]
    return (
        Text("subheading", pool_title(pool)),
        Bullets(plan.steps, "steps"),
        _widened(table(columns, rows, (1, 2, 3)), (4, 1, 1, 1)),
    )


def _machines(advice: CommitmentAdvice) -> tuple[Part, ...]:
    """Resource commitments by machine series and region, where they save more than the flexible one asked for."""
    plans = [plan for pool in advice.pools for plan in pool.machines if plan.commitments]
    if not plans:
        return ()
    titles, currency = commitment_rows.MACHINE_COLUMNS, advice.currency
    numbers = tuple(range(1, len(titles)))
    return (
        Text("heading", "Instead: machines by series and region"),
        *(
            part
            for plan in plans
            for part in (
                Text("paragraph", commitment_words.machines_sentence(plan, currency)),
                _widened(table(titles, commitment_rows.machine_rows(plan, currency), numbers), (4, 2, 2, 2, 2, 2, 2)),
            )
        ),
    )


def _notes(advice: CommitmentAdvice) -> tuple[Part, ...]:
    notes = dict.fromkeys([*advice.notes, *(note for pool in advice.pools for note in pool.notes)])
    excluded = [
        f"Not covered: {money(each.cost_nanos, advice.currency)} of {each.product}, since {each.reason}."
        for each in advice.not_eligible[:MOST_EXCLUDED]
    ]
    lines = (*notes, *excluded)
    return (Text("heading", "What else to know"), Bullets(lines)) if lines else ()


def _signed() -> tuple[Part, ...]:
    """Until when the figures hold, what is decided, by whom and when; kept on one page."""
    return (
        Text("note", "These figures are of the bill above: plan anew before signing once a later month has settled."),
        Text("heading", "Decision"),
        Bullets(DECISION, "checks"),
        Bullets(tuple(f"{signer}: signature" for signer in SIGNERS), "signature"),
        Bullets(tuple("Name and date" for _ in SIGNERS), "signature"),
    )

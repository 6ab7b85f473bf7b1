"""Everything that is reported of a plan as files: documents, JSON, slides, commitments, and the plan in every form."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from exports.bundle import Beside, ExportFile, export_files, with_manifest
from exports.commitments_by_hand import advice_script
from exports.commitments_json import commitments_document
from exports.document import Table, Text
from exports.report_json import json_text
from exports.report_markdown import report_markdown
from model.commitment_advice import advise
from model.outcome import RATE_LEVER
from pages.parts.commitment_memo import memo_pdf
from pages.parts.executive_report import executive_pdf
from pages.parts.executive_slides import executive_pptx
from pages.parts.executive_words import answer_sentence
from pages.parts.report_guide import headed
from pages.parts.report_rows import columns
from pages.parts.report_set import KIND, document_files, json_files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.outcome import Outcome
    from pages.parts.report_set import ReportSet

PLAN_FOLDER: Final = "plan"
CONTENTS: Final = (
    ("summary.pdf", "The board", "One page: what can be saved, how surely, and what has to be decided."),
    ("summary.pptx", "The board", "The same as slides whose charts can be edited."),
    ("executive-report", "Management", "Everything that a decision needs: results, finances, risks, measures, gaps."),
    ("implementation-guide", "Engineers", "Each task with commands, tests, risks and undo."),
    ("quick-reference", "Whoever is on call", "One page to print."),
    ("commitments/", "Finance", "Decision memo, figures, and how to buy."),
    ("report.json", "Programs", "The complete report; its JSON Schema is docs/schema/report.json of Cloudlever."),
    ("levers/", "Programs", "A report of each lever, by docs/schema/lever_report.json."),
    (
        f"{PLAN_FOLDER}/",
        "Engineers and finance",
        "The plan in every form: scripts, Terraform, SQL, alerts, calendar; plan/finance/ has the workbook.",
    ),
)
"""Beginning of a path, who reads it, and what it is."""


def all_files(found: ReportSet) -> list[ExportFile]:
    """The whole set; its README says which file is for whom, and ``manifest.json`` has the sum of each."""
    outcome = found.report.outcome
    plan = with_manifest(found.plan, export_files(found.plan, outcome=outcome, beside=Beside(found.roadmap)))
    files = [
        *document_files(found),
        *json_files(found),
        *_for_the_board(found),
        *_commitments(outcome),
        *(replace(file, path=f"{PLAN_FOLDER}/{file.path}") for file in plan),
    ]
    return with_manifest(found.plan, [_contents(found, [file.path for file in files]), *files])


def _for_the_board(found: ReportSet) -> list[ExportFile]:
    """The executive's page on paper and as slides; nothing for a plan that moves nothing."""
    uncertainty = found.brief.uncertainty
    if uncertainty is None:
        return []
    return [
        ExportFile("summary.pdf", KIND, executive_pdf(found.brief, uncertainty)),
        ExportFile("summary.pptx", KIND, executive_pptx(found.brief, uncertainty)),
    ]


def _commitments(outcome: Outcome) -> list[ExportFile]:
    """Decision memo, figures and purchase of commitments, where the plan buys some."""
    if RATE_LEVER not in {item.lever for item in outcome.levers}:
        return []
    advice = advise(outcome)
    return [
        ExportFile("commitments/memo.pdf", KIND, memo_pdf(outcome, advice)),
        ExportFile("commitments/commitments.json", KIND, json_text(commitments_document(advice, outcome)).encode()),
        ExportFile("commitments/buy.sh", KIND, advice_script(advice, outcome.scenario.fingerprint).encode()),
    ]


def _contents(found: ReportSet, paths: Iterable[str]) -> ExportFile:
    """README.md: which file is for whom."""
    known = list(paths)
    rows = [row for row in CONTENTS if any(path.startswith(row[0]) for path in known)]
    sentence = answer_sentence(found.brief) if found.report.tasks else "This plan changes no setting."
    table = Table(columns("File", "For", "What", widths=(3, 3, 6)), tuple(rows))
    document = headed(found.report, "Reports of a plan", [Text("answer", sentence), table])
    return ExportFile("README.md", KIND, report_markdown(document).encode())

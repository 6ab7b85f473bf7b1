"""A plan's report with its documents, and each as files: Markdown, HTML, PDF, JSON."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from exports.alerts import alerts
from exports.bundle import ExportFile, export_files
from exports.pdf import report_pdf
from exports.report_checklist import Around
from exports.report_html import report_html
from exports.report_json import json_text, lever_documents, report_document
from exports.report_markdown import chart_files, report_markdown
from exports.roadmap_tasks import roadmap_of
from model.report import report_of
from model.uncertainty import uncertain
from pages.parts.executive_words import brief_of
from pages.parts.report_executive import executive
from pages.parts.report_guide import guide
from pages.parts.report_quick import quick_reference
from pages.parts.session import plan_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from exports.document import Report
    from exports.roadmap_days import Roadmap
    from model.outcome import Outcome
    from model.plan import Plan
    from model.report import PlanReport
    from pages.parts.executive_words import Brief

KIND: Final = "report"
FORMS: Final[dict[str, Callable[[Report], bytes]]] = {
    "md": lambda document: report_markdown(document).encode(),
    "html": lambda document: report_html(document).encode(),
    "pdf": report_pdf,
}
"""End of a file's name → how a document is written."""


@dataclass(frozen=True, eq=False)
class ReportSet:
    """A plan, its report, what the executive's page says of it, the folders beside ``apply.sh``, and its roadmap."""

    plan: Plan
    report: PlanReport
    brief: Brief
    folders: frozenset[str]
    roadmap: Roadmap

    @property
    def around(self) -> Around:
        """Roadmap, alerts and folders of the plan."""
        return Around(self.roadmap, alerts(self.plan), self.folders)

    @cached_property
    def documents(self) -> dict[str, Report]:
        """The documents by the name of their files."""
        return {
            "implementation-guide": guide(self.report, self.brief, self.around),
            "executive-report": executive(self.report, self.brief, self.roadmap),
            "quick-reference": quick_reference(self.report, self.brief, self.roadmap),
        }


def report_set(
    outcome: Outcome, billed: Mapping[int, tuple[int, int]] | None = None, roadmap: Roadmap | None = None
) -> ReportSet:
    """Report an outcome; ten thousand draws take some seconds.

    ``billed`` are the months of the whole bill; ``roadmap`` is the plan's with what people noted of it.
    """
    uncertainty = uncertain(outcome) if outcome.levers else None
    plan = plan_of(outcome)
    folders = frozenset(file.path.partition("/")[0] for file in export_files(plan) if "/" in file.path)
    return ReportSet(
        plan, report_of(outcome, uncertainty, billed), brief_of(outcome, uncertainty), folders,
        roadmap or roadmap_of(plan),
    )  # fmt: skip


def document_files(found: ReportSet) -> list[ExportFile]:
    """Each document in every form, with the drawings that the Markdown names."""
    files: dict[str, bytes] = {}
    for name, document in found.documents.items():
        files |= {f"{name}.{ending}": write(document) for ending, write in FORMS.items()}
        files |= {path: svg.encode() for path, svg in chart_files(document)}
    return [ExportFile(path, KIND, content) for path, content in files.items()]


def json_files(found: ReportSet) -> list[ExportFile]:
    """The complete report and one of each lever."""
    levers = lever_documents(found.report, found.folders)
    texts = {"report.json": json_text(report_document(found.report, found.around))}
    texts |= {f"levers/{lever}.json": json_text(document) for lever, document in levers.items()}
    return [ExportFile(path, KIND, text.encode()) for path, text in texts.items()]

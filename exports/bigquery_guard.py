"""Guards of BigQuery: a cap a day for each project that scans on demand, and one for each query."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from exports.shell import quoted

if TYPE_CHECKING:
    from model.plan import Plan

_BASH: Final = Path(__file__).parent / "bash" / "bigquery_guard.sh"
TIMES_USUAL: Final = 3.0
"""Cap ÷ the mean day of the dearest month: it stops what runs away, not what is busy."""
DEAREST_QUERY: Final = 100.0
"""What one query may cost, in the bill's currency."""
_MIB_PER_TIB: Final = 2**20
_BYTES_PER_TIB: Final = 2**40
_LEAST_MIB: Final = 1024


def guard_files(plan: Plan) -> list[tuple[str, str]]:
    """Path and text; none where nothing is scanned on demand. Quotas count MiB (``MiBy``), queries bytes."""
    scans = [scan for scan in plan.scans if not scan.project.startswith("-")]
    if not scans:
        return []
    calls = [quoted(("guard", scan.project, str(cap_mib(scan.tib_per_day)))) for scan in scans]
    head = [
        "#!/usr/bin/env bash",
        "# Written by Cloudlever from a plan. --help lists the options.",
        "# shellcheck disable=SC2016 # quoted names are data",
        "set -euo pipefail",
        "",
    ]
    script = "\n".join([*head, _BASH.read_text(encoding="utf-8"), 'parse_options "$@"', *calls, "finish"]) + "\n"
    price = max(scan.price_per_tib for scan in scans)
    most = math.floor(DEAREST_QUERY / price * _BYTES_PER_TIB)
    settings = (
        f"# For ~/.bigqueryrc: a query of bq that would cost more than {DEAREST_QUERY:g} {plan.currency} is refused\n"
        f"# (at {price:.4g} a TiB). In programs: QueryJobConfig(maximum_bytes_billed={most}).\n"
        f"[query]\n--maximum_bytes_billed={most}\n"
    )
    return [("monitoring/bigquery_guard.sh", script), ("monitoring/bigqueryrc", settings)]


def cap_mib(tib_per_day: float) -> int:
    """MiB a day: three times the usual day, at least 1 GiB.

    >>> cap_mib(1.0), cap_mib(0.0)
    (3145728, 1024)
    """
    return max(_LEAST_MIB, math.ceil(TIMES_USUAL * tib_per_day * _MIB_PER_TIB))

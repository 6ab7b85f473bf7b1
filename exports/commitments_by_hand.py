"""How commitments are bought: a command where there is one, exact console steps where there is none.

Nothing here buys by itself: the script prints, and with ``--execute`` it makes one purchase after its words were typed.
Source: ``gcloud compute commitments create`` and ``bq mk --capacity_commitment`` of SDK 528; spend has no command.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from exports.shell import quoted, shown
from model.commitment_machines import MachineCommitment, MachinePart
from model.commitment_steps import WholePieces
from model.levers.commitment_plan import TERM_TITLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from model.commitment_advice import CommitmentAdvice
    from model.commitment_machines import MachinePlan
    from model.levers.commitment_plan import PoolPlan

SCRIPT_NAME: Final = "buy_commitments.sh"
_BASH: Final = Path(__file__).parent / "bash" / "purchase.sh"
_MACHINE_PLANS: Final = {"1y": "12-month", "3y": "36-month"}
_SLOT_PLANS: Final = {"1y": "ANNUAL", "3y": "THREE_YEAR"}
_NEEDED: Final = re.compile(r"(--[a-z_]+=)(PROJECT|REGION|EDITION)_NEEDED")
_TYPES: Final = {
    "n1": "general-purpose",
    "c2": "compute-optimized",
    "c2d": "compute-optimized-c2d",
    "c3": "compute-optimized-c3",
    "c3d": "compute-optimized-c3d",
    **{series: f"general-purpose-{series}" for series in ("e2", "n2", "n2d", "n4", "t2d", "c4", "c4a", "c4d")},
}
"""Machine series → ``--type``."""


@dataclass(frozen=True)
class PurchaseCommand:
    """One purchase that a command makes; ``words`` end in NEEDED where the bill does not tell what they must say."""

    name: str
    what: str
    typed: str
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The command as one line of shell; every word is data."""
        return quoted(self.words)


def slot_commands(pieces: Iterable[WholePieces]) -> tuple[PurchaseCommand, ...]:
    """Commands for slots; those of no slots are left out."""
    return tuple(_slots(each) for each in pieces if each.amount > 0)


def machine_commands(plans: Iterable[MachinePlan]) -> tuple[PurchaseCommand, ...]:
    """Commands for machines; what has none (an unknown series, one part alone) is left out."""
    found = (_machines(each) for plan in plans for each in plan.commitments)
    return tuple(command for command in found if command is not None)


def resource_commands(plans: Iterable[PoolPlan]) -> tuple[PurchaseCommand, ...]:
    """Commands for the resource commitments of a scenario: vCPU and memory of a series, region and term in one.

    What no command takes (one part alone, an unknown series) is left out; the script tells it as a step by hand.
    """
    pieces, machines = _in_pieces(plans)
    found = (*(_slots(each) for each in pieces), *(_machines(each) for each in machines))
    return tuple(command for command in found if command is not None)


def _in_pieces(plans: Iterable[PoolPlan]) -> tuple[tuple[WholePieces, ...], tuple[MachineCommitment, ...]]:
    """Plans of resource commitments as what is bought: slots, and machines with their parts together."""
    bought = [plan for plan in plans if plan.units]
    pieces = tuple(
        WholePieces(plan.pool, plan.term, plan.region, plan.unit, plan.units, plan.commit_per_hour,
                    plan.saving / len(plan.fee_by_month), plan.utilisation or 0.0)
        for plan in bought if plan.pool == "bigquery_slots"
    )  # fmt: skip
    parts: dict[tuple[str, str, str], list[PoolPlan]] = {}
    for plan in bought:
        if plan.pool == "gce_resource":
            series = next(iter(plan.rates), "").partition(".")[2]
            parts.setdefault((series, plan.region, plan.term), []).append(plan)
    return pieces, tuple(_together(*place, plans) for place, plans in parts.items())


def _together(series: str, region: str, term: str, plans: Sequence[PoolPlan]) -> MachineCommitment:
    fee, worth = sum(p.commit_per_hour for p in plans), sum(p.covered_on_demand_per_hour for p in plans)
    names = {"vCPU": "vcpu", "GiB": "memory"}
    return MachineCommitment(
        series=series,
        region=region,
        term=term,
        parts=tuple(
            MachinePart(names[p.unit], p.units, p.commit_per_hour / p.units, 1.0 - (p.break_even_utilisation or 1.0),
                        p.utilisation or 0.0, p.discount_source)
            for p in plans
        ),
        fee_per_hour=fee,
        saving=sum(p.saving / len(p.fee_by_month) for p in plans),
        utilisation=sum((p.utilisation or 0.0) * p.commit_per_hour for p in plans) / fee,
        break_even_utilisation=fee / worth,
    )  # fmt: skip


def purchase_script(
    plans: Sequence[PoolPlan], pieces: Sequence[WholePieces], machines: Sequence[MachinePlan], fingerprint: str
) -> str:
    """``buy_commitments.sh``: console steps for spend commitments, commands for slots and machines; buys nothing alone.

    ``pieces`` and ``machines`` are ways to cover usage instead of a plan, so the script makes one purchase at a time.
    """
    decided = _in_pieces(plans)[1]
    by_hand = [each for plan in machines for each in plan.commitments if _machines(each) is None]
    by_hand += [each for each in decided if _machines(each) is None]
    parts = [
        "#!/usr/bin/env bash",
        "# shellcheck disable=SC2034,SC2016 # options that no purchase here needs; quoted names are data",
        "# Written by Cloudlever for a plan of commitments. --help lists options; it only prints without --execute.",
        "set -euo pipefail",
        "",
        _BASH.read_text(encoding="utf-8"),
        'parse_options "$@"',
        f"say {shlex.quote(f'Commitments planned on the scenario with fingerprint {shown(fingerprint)}')}",
        "start",
        *(
            quoted(("in_console", shown(plan.name), *map(shown, plan.steps)))
            for plan in plans
            if plan.rungs and not plan.units
        ),
        *(quoted(("in_console", *_in_console(each))) for each in by_hand),
        *(
            _purchase_line(command)
            for command in (*resource_commands(plans), *slot_commands(pieces), *machine_commands(machines))
        ),
        "finish",
    ]
    return "\n".join(parts) + "\n"


def advice_script(advice: CommitmentAdvice, fingerprint: str) -> str:
    """``purchase_script`` of everything that an advice judges."""
    pieces = [piece for pool in advice.pools for piece in pool.pieces]
    machines = [plan for pool in advice.pools for plan in pool.machines]
    return purchase_script([pool.plan for pool in advice.pools], pieces, machines, fingerprint)


def _slots(pieces: WholePieces) -> PurchaseCommand:
    location = pieces.region or "REGION_NEEDED"
    return PurchaseCommand(
        name=_name("slots", pieces.region, pieces.term),
        what=f"{pieces.amount} BigQuery slots in {shown(location)} for {TERM_TITLES[pieces.term]}",
        typed=f"{pieces.amount} slots {pieces.term}",
        words=(
            "bq", "mk", "--project_id=PROJECT_NEEDED", f"--location={location}", "--capacity_commitment=true",
            "--edition=EDITION_NEEDED", f"--plan={_SLOT_PLANS[pieces.term]}", "--renewal_plan=NONE",
            f"--slots={pieces.amount}",
        ),
    )  # fmt: skip


def _machines(bought: MachineCommitment) -> PurchaseCommand | None:
    kind, vcpu, memory = _TYPES.get(bought.series, ""), bought.count("vcpu"), bought.count("memory")
    if not kind or not vcpu or not memory:
        return None
    name, region = _name("cud", bought.series, bought.region, bought.term), bought.region or "REGION_NEEDED"
    what = f"{vcpu} vCPU and {memory} GB of {bought.series} in {region} for {TERM_TITLES[bought.term]}"
    return PurchaseCommand(
        name=name,
        what=shown(what),
        typed=f"{vcpu} vCPU {bought.term}",
        words=(
            "gcloud", "compute", "commitments", "create", name, "--project=PROJECT_NEEDED", f"--region={region}",
            f"--plan={_MACHINE_PLANS[bought.term]}", f"--type={kind}",
            f"--resources=vcpu={vcpu},memory={memory}GB",
        ),
    )  # fmt: skip


def _in_console(bought: MachineCommitment) -> tuple[str, str]:
    wanted = f"{bought.count('vcpu')} vCPU and {bought.count('memory')} GB of {bought.series} in {bought.region}"
    why = (
        "gcloud compute commitments create takes vCPU and memory together, and only one of them pays here"
        if bought.series in _TYPES
        else "which --type of gcloud compute commitments create takes this series is not known here"
    )
    sentence = f"{wanted}: {why}; see Compute Engine, Committed use discounts in the console before you sign."
    return _name("cud", bought.series, bought.region, bought.term), shown(sentence, 400)


def _name(*parts: str) -> str:
    """A name that Google takes: lower-case letters, digits and dashes, 63 at most, a letter first.

    >>> _name("cud", "N2D AMD", "us-central1", "1y")
    'cud-n2d-amd-us-central1-1y'
    """
    *place, term = (re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts if part)
    return f"{'-'.join(place)[: 62 - len(term)].strip('-')}-{term}"


def _purchase_line(command: PurchaseCommand) -> str:
    """Every word is quoted data, but what is needed comes from the script's options."""
    words = [_NEEDED.sub(r'"\1$\2"', word) if _NEEDED.fullmatch(word) else quoted((word,)) for word in command.words]
    return " ".join((quoted(("purchase", command.name, command.what, command.typed)), *words))

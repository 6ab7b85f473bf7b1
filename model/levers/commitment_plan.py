"""What a commitment plan of one pool says: what to buy, what it covers and saves, what existing ones still do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.lever import PlanChange

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from model.lever import Guardrail
    from model.levers.commitment_shape import PlanShape

TERM_MONTHS: Final = {"1y": 12, "3y": 36}
TERM_TITLES: Final = {"1y": "1 year", "3y": "3 years", "mix": "1 and 3 years", "ladder": "a ladder of terms"}
HIGHEST, LAST_MONTH, TYPED = "highest_savings", "last_month", "typed"
AMOUNTS: Final = (HIGHEST, LAST_MONTH, TYPED)
"""How much to buy: what is best over the window's hours, over those of its last month, or only what is typed."""
PRODUCTS: Final = {
    "compute_flexible": "Compute Flexible CUD",
    "cloud_run": "Cloud Run",
    "cloud_sql": "Cloud SQL",
    "memorystore": "Memorystore",
    "firestore": "Firestore",
    "bigquery": "BigQuery",
    "gce_resource": "Compute Engine",
    "bigquery_slots": "BigQuery",
}
"""Pool → the product to choose in the console."""


@dataclass(frozen=True)
class ExistingCommitment:
    """Commitments that the bill already holds: means over the window's hours, in the bill's currency.

    ``covered_per_hour``, ``covered_after_per_hour`` are on-demand units before and after the levers, ``fee_per_hour``
    is what is paid, ``unused_share`` of the capacity is None where the rows do not tell it.
    """

    covered_per_hour: float
    covered_after_per_hour: float
    fee_per_hour: float
    unused_share: float | None


@dataclass(frozen=True)
class BoughtRung:
    """One purchase of a pool: months after the bill at which it starts (0: the next one), its term and amounts.

    ``start_month`` is YYYYMM; amounts are on-demand and discounted units per hour. ``is_renewed``: at the end of its
    term it is bought again at the same fee, which a single commitment of the window is taken to be.
    """

    start: int
    start_month: int
    term: str
    rates: Mapping[str, float]
    covered_on_demand_per_hour: float
    commit_per_hour: float
    is_renewed: bool
    steps: tuple[str, ...]

    @property
    def months(self) -> int:
        """Length of its term."""
        return TERM_MONTHS[self.term]

    @property
    def last_month(self) -> int:
        """The calendar month (YYYYMM) in which its term ends."""
        year, month = divmod(self.start_month // 100 * 12 + self.start_month % 100 + self.months - 2, 12)
        return year * 100 + month + 1

    def is_live(self, month_ahead: int) -> bool:
        """Whether it runs in a month ahead (0: the next one)."""
        return self.start <= month_ahead and (self.is_renewed or month_ahead < self.start + self.months)


@dataclass(frozen=True, eq=False)
class PoolPlan:
    """One pool's commitment over the window; money in the bill's currency, arrays by invoice month (M,).

    ``commit_per_hour`` is what is bought, in discounted units; ``covered_on_demand_per_hour`` = commit ÷ (1 − d̄), d̄ the
    usage-weighted discount. ``cost`` = Σs + fee − covered over the usage that existing commitments leave; ``saving`` =
    Σs − cost, negative where the commitment loses. ``fee_by_month`` is commit × calendar hours;
    ``saving_by_month`` is on the effective basis: Σ d_k·covered − unused fee (a used fee follows its usage, which
    matters for usage billed late; both add up to the same total). ``stranded_by_month`` = what existing commitments
    covered before − after, in on-demand units: it does not go away (negative where growth fills an unused one).
    ``coverage`` counts existing and new against all eligible usage, ``new_coverage`` the new one against what is left.
    ``shape`` tells its curve and ranges when they are asked for; ``amount`` is which of AMOUNTS says how much to buy.
    ``is_planned`` is False where nothing is bought at once; notes say why.
    ``units`` of ``unit`` are bought where it is a resource commitment, under the scenario's ``setting``.
    ``rungs`` are the purchases; the window's figures are of those that start at once. ``term`` is 'mix' where they are
    of both terms, 'ladder' where some start later; ``rates`` are then means over what each covers.
    """

    name: str
    pool: str
    region: str
    currency: str
    term: str
    rates: Mapping[str, float]
    discount_source: str
    covered_on_demand_per_hour: float
    commit_per_hour: float
    existing: ExistingCommitment
    fee_by_month: NDArray[np.float64]
    covered_by_month: Mapping[str, NDArray[np.float64]]
    unused_by_month: NDArray[np.float64]
    saving_by_month: NDArray[np.float64]
    stranded_by_month: NDArray[np.float64]
    cost: float
    saving: float
    utilisation: float | None
    coverage: float | None
    new_coverage: float | None
    break_even_utilisation: float | None
    break_even_month: int | None
    guardrails: tuple[Guardrail, ...]
    notes: tuple[str, ...]
    steps: tuple[str, ...]
    shape: PlanShape
    amount: str = ""
    rungs: tuple[BoughtRung, ...] = ()
    units: int = 0
    unit: str = ""
    setting: str = ""

    @property
    def signed(self) -> dict[str, float]:
        """The amount as the scenario would type it, by key."""
        if self.setting:
            return {self.setting: self.units}
        return {f"commitments.{self.name}.covered_per_hour": self.covered_on_demand_per_hour}

    @property
    def saving_range(self) -> tuple[float, float]:
        """The saving of the same purchase under the fill orders, lowest and highest."""
        return self.shape.saving_range

    @property
    def zero_saving_level(self) -> float:
        """On-demand units per hour at which a commitment stops saving."""
        return self.shape.zero_saving_level

    @property
    def committing_first_loss(self) -> float:
        """What buying today's optimum before the usage levers would cost more."""
        return self.shape.committing_first_loss

    @property
    def curve(self) -> tuple[tuple[float, float], ...]:
        """Points of the cost curve: on-demand units covered per hour, cost."""
        return self.shape.curve

    @property
    def is_planned(self) -> bool:
        """Whether something is bought at once."""
        return self.commit_per_hour > 0.0

    @property
    def change(self) -> PlanChange | None:
        """The purchase as a plan change; None where nothing is bought. No command buys a spend-based commitment."""
        if not self.rungs:
            return None
        return PlanChange(
            lever="commitments",
            product=PRODUCTS.get(self.pool, self.pool),
            resource=self.name,
            project="",
            region=self.region,
            attribute=self.setting.rpartition(".")[2] or "commit_per_hour",
            before=0 if self.setting else 0.0,
            after=self.units or self.commit_per_hour or self.rungs[0].commit_per_hour,
            unit=self.unit or f"{self.currency}/h, discounted",
            configures="",
            disruption="one_way",
            reason=" ".join(self.steps),
            key=self.setting or f"commitments.{self.name}.{'term' if self.term in TERM_MONTHS else 'rungs'}",
        )


def console_steps(
    pool: str, region: str, term: str, commit: float, covered: float, currency: str, start_month: int | None = None
) -> tuple[str, ...]:
    """How to buy by hand: spend-based commitments have no gcloud command (console or procurement API; SDK 528).

    ``start_month`` (YYYYMM) is given where it is not bought at once.
    """
    product = PRODUCTS.get(pool, pool)
    where = f", region {region}" if region else ", all regions"
    place = "the Google Cloud console open Billing, Commitments, Purchase (Billing Account Administrator needed)."
    day = "In" if start_month is None else f"On the first day of {start_month // 100}-{start_month % 100:02d}, in"
    return (
        f"{day} {place}",
        f"Choose {product}{where}, term {TERM_TITLES[term]}.",
        (
            f"Enter {commit:.6f} {currency} per hour at discounted prices "
            f"({covered:.6f} at on-demand prices, where the account is still in the old billing model)."
        ),
        "The fee runs every hour of the term, used or not, and cannot be cancelled: check the amount twice.",
    )

"""Commitments in words: the answer with its certainty and catch, figures of each purchase, what could go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from model.commitment_curves import bought, saving_per_month
from model.commitment_doubt import most_regretted, owed_at_most, worst_fate
from model.levers.commitment_plan import TERM_TITLES
from model.money import to_nanos
from pages.parts.wording import MINUS, SYMBOLS, counted, headline_money, money, month, number, ratio, step_nanos

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.commitment_advice import CommitmentAdvice
    from model.commitment_holdings import Holding
    from model.commitment_order import OrderLoss
    from model.commitment_pool_advice import PoolAdvice
    from model.commitment_steps import WholePieces
    from model.commitment_timeline import RungOfLadder

PURCHASE_COLUMNS: Final = (
    "Pool", "Term", "Commit an hour", "Covers on-demand an hour", "Saves a month", "NPV", "Binds",
)  # fmt: skip
RISK_COLUMNS: Final = (
    "Pool", "Loses money in", "NPV, P10 to P90", "Usage may fall by", "Worst future", "Saves then", "Most regret",
)  # fmt: skip
USE_COLUMNS: Final = ("Pool", "Used", "Breaks even at", "Covers", "Existing pay an hour", "Safe from month")
ORDER_COLUMNS: Final = ("Pool", "Term", "Signed first", "Signed last", "Signing first loses a month")
A_CENT: Final = 0.01
"""Ways to buy that differ by less are the same; the simplest of them counts."""

OWED_COLUMNS: Final = ("After", "Still owed")
RUNG_COLUMNS: Final = ("Starts", "Term", "Commit an hour", "Covers on-demand an hour")


def pool_title(advice: PoolAdvice) -> str:
    """A pool's own name, with its region."""
    title = advice.rule.title if advice.rule else advice.plan.pool
    return f"{title}, {advice.plan.region}" if advice.plan.region else title


def answer_sentence(advice: CommitmentAdvice, month_count: int) -> str:
    """What to commit, what it saves, how certainly, and what speaks against it; plain text."""
    found = bought(advice)
    if not advice.pools:
        return "This bill has no pool of usage that a commitment could cover, so there is nothing to commit to."
    if not found:
        return "Commit to nothing: no amount saves anything on what the other changes leave."
    together, currency = advice.together, advice.currency
    listed = _joined([f"{pool_title(pool)} for {TERM_TITLES[pool.plan.term]}" for pool in found])
    saved = headline_money(to_nanos(together.saving_per_month), currency)
    verb = "saves" if together.saving_per_month >= 0.0 else "changes the bill by"
    amount = f"Commit {_headline(together.commit_per_hour, currency)} an hour ({listed})"
    lost = [pool for pool in found if saving_per_month(pool.plan, month_count) < 0.0]
    catch = f" {_joined([pool_title(pool) for pool in lost])} loses money." if lost else ""
    return f"{amount}: it {verb} {saved} a month{_certainty(advice)}. {_catch(advice)}{catch}"


def _certainty(advice: CommitmentAdvice) -> str:
    together = advice.together
    low = headline_money(to_nanos(together.drawn_npv.p10), advice.currency)
    return f"; nine chances in ten it is worth more than {low} over its term (NPV, ◐ modelled)"


def _catch(advice: CommitmentAdvice) -> str:
    together, currency = advice.together, advice.currency
    bound = f"{headline_money(to_nanos(together.lock_in), currency)} are owed, whatever happens"
    if together.probability_of_loss > 0.0:
        return f"The catch: {bound}; it loses money in {_chance(together.probability_of_loss)}."
    return f"The catch: {bound}."


def scenario_sentence(advice: CommitmentAdvice) -> str:
    """Whether the scenario at hand makes these purchases."""
    found = bought(advice)
    inside = [pool for pool in found if pool.is_in_scenario]
    if len(inside) == len(found):
        return "This scenario makes these purchases." if found else ""
    if not inside:
        return "This scenario commits to nothing yet; what is judged here is the best of 1 and 3 years in each pool."
    listed = _joined([pool_title(pool) for pool in inside])
    return f"This scenario buys {listed} only; in the other pools the best of 1 and 3 years is judged."


def order_sentence(advice: CommitmentAdvice) -> str:
    """What signing before the other changes would lose."""
    losses = [each for each in advice.order if to_nanos(each.loss) >= step_nanos(advice.currency)]
    titles = {pool.plan.name: pool_title(pool) for pool in advice.pools}
    terms = {pool.plan.name: pool.plan.term for pool in bought(advice)}
    judged = [each for each in losses if terms.get(each.pool) == each.term]
    if judged:
        lost = _joined([f"{_money(each.loss, advice.currency)} a month in {titles[each.pool]}" for each in judged])
        return f"Make the other changes first, then sign: signed on today's usage, the best amounts would lose {lost}."
    if advice.order:
        return "The order does not matter here: today's best amounts cost no more after the other changes."
    return "This scenario moves nothing else, so there is nothing to right-size first: look for that before you sign."


def metrics(advice: CommitmentAdvice) -> list[tuple[str, str, str]]:
    """All purchases together: label, value, what stands beside it."""
    together, currency = advice.together, advice.currency
    low, high = (headline_money(to_nanos(each), currency) for each in (together.drawn_npv.p10, together.drawn_npv.p90))
    return [
        ("Commit an hour", _headline(together.commit_per_hour, currency), "discounted, as Google asks for it"),
        ("Saves a month", _headline(together.saving_per_month, currency), "on this bill, after the other changes"),
        ("NPV over its term", _headline(together.npv, currency), f"P10 to P90 {low} to {high}"),
        (
            "Still owed at signature", _headline(together.lock_in, currency),
            f"loses money in {_chance(together.probability_of_loss)}",
        ),
    ]  # fmt: skip


def pool_metrics(advice: PoolAdvice, currency: str) -> list[tuple[str, str, str]]:
    """One purchase: amount, use, coverage, worth."""
    plan, risk = advice.plan, advice.risk
    if risk is None:
        return []
    covered = _headline(plan.covered_on_demand_per_hour, currency)
    return [
        (f"Commit an hour, {TERM_TITLES[plan.term]}", _headline(plan.commit_per_hour, currency),
         f"covers {covered} at on-demand prices"),
        ("Used", ratio(plan.utilisation), f"breaks even at {ratio(plan.break_even_utilisation)}"),
        ("Covered of what can be", ratio(plan.coverage), "with existing commitments"),
        ("NPV over its term", _headline(risk.npv, currency), f"binds {_headline(risk.lock_in, currency)}"),
    ]  # fmt: skip


def purchase_rows(advice: CommitmentAdvice, month_count: int) -> list[tuple[str, ...]]:
    """What would be bought, a row a pool."""
    return [
        (
            pool_title(pool), TERM_TITLES[pool.plan.term], per_hour(pool.plan.commit_per_hour, advice.currency),
            per_hour(pool.plan.covered_on_demand_per_hour, advice.currency),
            _money(saving_per_month(pool.plan, month_count), advice.currency),
            _money(pool.risk.npv, advice.currency), _money(pool.risk.lock_in, advice.currency),
        )
        for pool in bought(advice)
        if pool.risk is not None
    ]  # fmt: skip


def use_rows(advice: CommitmentAdvice) -> list[tuple[str, ...]]:
    """How well each purchase is used, and after which month everything may go."""
    return [
        (
            pool_title(pool), ratio(pool.plan.utilisation), ratio(pool.plan.break_even_utilisation),
            ratio(pool.plan.coverage), per_hour(pool.plan.existing.fee_per_hour, advice.currency),
            "never" if pool.risk.safe_from_month is None else str(pool.risk.safe_from_month),
        )
        for pool in bought(advice)
        if pool.risk is not None
    ]  # fmt: skip


def risk_rows(advice: CommitmentAdvice) -> list[tuple[str, ...]]:
    """How each purchase may go wrong."""
    rows = []
    for pool in bought(advice):
        risk, worst, regret = pool.risk, worst_fate(pool), most_regretted(pool)
        if risk is None or worst is None or regret is None:
            continue
        spread = " to ".join(_money(each, advice.currency) for each in (risk.drawn_npv.p10, risk.drawn_npv.p90))
        fall = "loses as it is" if risk.largest_fall is None else ratio(risk.largest_fall)
        rows.append(
            (
                pool_title(pool), _chance(risk.probability_of_loss), spread, fall, worst.future,
                _money(worst.saving, advice.currency), _money(regret.regret, advice.currency),
            )
        )  # fmt: skip
    return rows


def term_rows(advice: PoolAdvice) -> list[dict[str, Any]]:
    """Every way to buy over the same 36 months."""
    if advice.terms is None:
        return []
    best = next(each.key for each in advice.terms.choices if each.npv >= advice.terms.best.npv - A_CENT)
    return [
        {
            "": "● best" if each.key == best else "", "Way to buy": each.title, "Cost of 36 months": each.cost,
            "Saves in 36 months": each.saving, "NPV": each.npv,
        }
        for each in advice.terms.choices
    ]  # fmt: skip


def order_rows(losses: Sequence[OrderLoss], titles: dict[str, str], currency: str) -> list[tuple[str, ...]]:
    """A row a pool and term: the amounts bought first and last, and the loss."""
    return [
        (
            titles.get(each.pool, each.pool), TERM_TITLES[each.term], per_hour(each.commit_first_per_hour, currency),
            per_hour(each.commit_last_per_hour, currency), _money(each.loss, currency),
        )
        for each in losses
    ]  # fmt: skip


def owed_rows(advice: CommitmentAdvice) -> list[tuple[str, str]]:
    """What all purchases together still bind, every half year."""
    found = owed_at_most(tuple(pool.risk for pool in bought(advice) if pool.risk is not None))
    return [
        ("signature" if not each.after_months else counted(each.after_months, "month", "months"),
         _money(each.amount, advice.currency))
        for each in found
    ]  # fmt: skip


def holding_rows(holdings: Sequence[Holding], currency: str) -> list[dict[str, str]]:
    """What stands already and how well it is used."""
    return [
        {
            "Pool": each.name, "Fee": money(each.fee_nanos, currency), "Used": ratio(each.utilisation),
            "Unused": "not known" if each.unused_nanos is None else money(each.unused_nanos, currency),
            "Covers": ratio(each.coverage), "Saves": money(each.saving_nanos, currency),
            "ESR": ratio(each.effective_savings_rate),
            "Ends": ", ".join(held.ends[:10] for held in each.held) or "not known",
        }
        for each in holdings
    ]  # fmt: skip


def expiry_sentences(advice: CommitmentAdvice) -> list[str]:
    """When what stands ends, the next first."""
    return [
        f"{month(each.month)}: "
        + ", ".join(f"{held.name or held.identity} ({per_hour(held.amount_per_hour, advice.currency)} an hour)"
                    for held in each.ending)
        + (" ends." if len(each.ending) == 1 else " end.")
        for each in advice.expiries
    ]  # fmt: skip


def per_hour(amount: float, currency: str) -> str:
    """A price per hour: cents are too coarse for it.

    >>> per_hour(1.900482, "USD"), per_hour(0.0, "USD"), per_hour(-12.5, "CHF")
    ('$1.9005', '$0.0000', 'CHF −12.5000')
    """
    written = f"{abs(amount):,.4f}"
    sign = MINUS if amount < 0.0 and float(written.replace(",", "")) else ""
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{written}" if symbol else f"{currency} {sign}{written}"


def fate_words(saving: float, regret: float, currency: str) -> str:
    """One amount in one future in words."""
    verb = "saves" if saving >= 0.0 else "loses"
    against = "the best there is" if round(regret, 2) == 0.0 else f"{_money(regret, currency)} short of the best"
    return f"{verb} {_money(abs(saving), currency)}, {against}"


def _chance(share: float) -> str:
    return "no draw of the future" if share == 0.0 else f"{ratio(share)} of futures drawn"


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _headline(amount: float, currency: str) -> str:
    return headline_money(to_nanos(float(amount)), currency)


def _money(amount: float, currency: str) -> str:
    return money(to_nanos(float(amount)), currency)


def rung_rows(found: Sequence[RungOfLadder], currency: str) -> list[tuple[str, ...]]:
    """A row a rung of the ladder."""
    return [
        (month(rung.start_month), counted(rung.months, "month", "months"), per_hour(rung.commit_per_hour, currency),
         per_hour(rung.covered_on_demand_per_hour, currency))
        for rung in found
    ]  # fmt: skip


def piece_row(piece: WholePieces) -> dict[str, Any]:
    """Whole pieces as a table row."""
    return {
        "What": pieces_sentence(piece.amount, piece.unit, piece.memory_gib, piece.term), "Where": piece.region,
        "Series": piece.series or "—", "Used": ratio(piece.utilisation), "Saves a month": piece.saving,
    }  # fmt: skip


def pieces_sentence(amount: int, unit: str, memory_gib: float, term: str) -> str:
    """Whole pieces in words.

    >>> pieces_sentence(4, "vCPU", 16.0, "1y"), pieces_sentence(100, "slot", 0.0, "3y")
    ('4 vCPU with 16 GiB for 1 year', '100 slots for 3 years')
    """
    several = unit if unit == "vCPU" or amount == 1 else f"{unit}s"
    memory = f" with {number(memory_gib)} GiB" if memory_gib else ""
    return f"{amount:,} {several}{memory} for {TERM_TITLES[term]}"

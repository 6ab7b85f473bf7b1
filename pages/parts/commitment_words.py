"""Commitments in words: the answer with its certainty and catch, figures of each purchase, what could go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model import horizon
from model.cents import step_nanos
from model.commitment_curves import bought, saving_per_month
from model.commitment_pools import pool_title as title_of_pool
from model.levers.commitment_plan import TERM_TITLES
from model.money import to_nanos
from model.outcome import parameters
from pages.parts.wording import MINUS, SYMBOLS, headline_money, money, month, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.commitment_advice import CommitmentAdvice
    from model.commitment_judgement import PoolAdvice
    from model.commitment_machines import MachinePlan
    from model.levers.commitment_plan import PoolPlan
    from model.outcome import Outcome
    from model.parameter import Values


def pool_title(advice: PoolAdvice) -> str:
    """A pool's own name, with its region."""
    return title_of_pool(advice.plan.name)


def answer_sentence(advice: CommitmentAdvice, month_count: int) -> str:
    """What to commit, what it saves, how certainly, and what speaks against it; plain text."""
    found = bought(advice)
    if not advice.pools:
        return "This bill has no pool of usage that a commitment could cover, so there is nothing to commit to."
    unplanned = [pool.notes[0] for pool in advice.pools if pool.terms is None and pool.notes]
    if len(unplanned) == len(advice.pools):
        return f"Nothing can be planned on this bill: {' '.join(unplanned)}"
    if not found:
        return f"Commit to nothing: no amount saves anything on what the other changes leave.{_falling(advice)}"
    together, currency = advice.together, advice.currency
    listed = _joined([f"{pool_title(pool)} for {TERM_TITLES[pool.plan.term]}" for pool in found])
    saved = _headline(abs(together.saving_per_month), currency)
    saves = f"saves {saved} a month" if together.saving_per_month >= 0.0 else f"costs {saved} a month more"
    amount = f"Commit {_headline(together.commit_per_hour, currency)} an hour ({listed})"
    lost = [pool for pool in found if saving_per_month(pool.plan, month_count) < 0.0]
    losing = f" {_joined([pool_title(pool) for pool in lost])} alone: a loss." if lost else ""
    return f"{amount}: it {saves}{_certainty(advice)}. {_catch(advice)}{losing}{_falling(advice)}"


def _certainty(advice: CommitmentAdvice) -> str:
    low = advice.together.drawn_npv.p10
    if low < 0.0:
        return f"; one chance in ten it loses {_headline(-low, advice.currency)} or more over its term (◐ modelled)"
    worth = _headline(low, advice.currency)
    return f"; nine chances in ten it is worth more than {worth} over its term (NPV, ◐ modelled)"


def _falling(advice: CommitmentAdvice) -> str:
    """Pools whose usage fell within the bill, which sizes what is advised."""
    fallen = [pool for pool in advice.pools if pool.trend is not None]
    if not fallen:
        return ""
    listed = _joined([f"{pool_title(pool)} by {ratio(pool.trend.fall)}" for pool in fallen if pool.trend])
    return f" Usage fell within this bill ({listed}): wait for another one before you sign more there."


def _catch(advice: CommitmentAdvice) -> str:
    together, currency = advice.together, advice.currency
    bound = f"{_headline(together.lock_in, currency)} are owed, whatever happens"
    if advice.not_cash > 0.0:
        bound = (
            f"{bound}, and a minimum spend takes back {_headline(advice.not_cash, currency)} of the saving in 3 years"
        )
    if together.probability_of_loss > 0.0:
        return f"The catch: {bound}; it loses money in {chance(together.probability_of_loss)}."
    return f"The catch: {bound}."


def request_sentence(advice: CommitmentAdvice) -> str:
    """What is to be signed, against what is paid today, and what it binds; plain text."""
    together, currency, count = advice.together, advice.currency, len(bought(advice))
    listed = "this purchase" if count == 1 else f"these {count} purchases"
    return (
        f"Sign {listed}: {units(together.lock_in, currency)} of fees in all, to save "
        f"{units(together.saving_per_month, currency)} a month, which is {ratio(together.share_of_bill)} of the "
        f"{units(together.bill_per_month, currency)} that this bill costs a month."
    )


def runs(plan: PoolPlan) -> str:
    """From when to when a purchase runs, in words."""
    first = min(rung.start_month for rung in plan.rungs)
    return f"{month(first)} to {month(max(rung.last_month for rung in plan.rungs))}"


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


def assumed_sentence(outcome: Outcome) -> str:
    """What is assumed of growth, prices and later money, with the ranges that are drawn."""
    values = outcome.scenario.values(parameters(outcome.bill))
    growth, price = (_assumed(values, key) for key in (horizon.GROWTH, horizon.PRICE_CHANGE))
    rate = ratio(values.number(horizon.DISCOUNT_RATE))
    return f"Assumed a year: usage grows by {growth}, prices move by {price}, later money is discounted at {rate}."


def _assumed(values: Values, key: str) -> str:
    chosen = values.by_key.get(key)
    told = ratio(values.number(key))
    if chosen is None or chosen.low is None or chosen.high is None:
        return told
    return f"{told} ({ratio(chosen.low)} to {ratio(chosen.high)})"


def order_sentence(advice: CommitmentAdvice) -> str:
    """What signing before the other changes would lose."""
    losses = [each for each in advice.order if to_nanos(each.loss) >= step_nanos(advice.currency)]
    titles = {pool.plan.name: pool_title(pool) for pool in advice.pools}
    terms = {pool.plan.name: pool.plan.term for pool in bought(advice)}
    judged = [each for each in losses if terms.get(each.pool) == each.term]
    if judged:
        lost = _joined([f"{units(each.loss, advice.currency)} a month in {titles[each.pool]}" for each in judged])
        return f"Make the other changes first, then sign: signed on today's usage, the best amounts would lose {lost}."
    if advice.order:
        return "The order does not matter here: today's best amounts cost no more after the other changes."
    return "This scenario moves nothing else, so there is nothing to right-size first: look for that before you sign."


def metrics(advice: CommitmentAdvice) -> list[tuple[str, str, str]]:
    """All purchases together: label, value, what stands beside it."""
    together, currency = advice.together, advice.currency
    low, high = (_headline(each, currency) for each in (together.drawn_npv.p10, together.drawn_npv.p90))
    return [
        ("Commit an hour", _headline(together.commit_per_hour, currency), "discounted, as Google asks for it"),
        ("Saves a month", _headline(together.saving_per_month, currency), "on this bill, after the other changes"),
        ("NPV over its term", _headline(together.npv, currency), f"P10 to P90 {low} to {high}"),
        (
            "Still owed at signature", _headline(together.lock_in, currency),
            f"loses money in {chance(together.probability_of_loss)}",
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


def machines_sentence(plan: MachinePlan, currency: str) -> str:
    """What resource commitments of one term add to a flexible one; plain text."""
    term, alone = TERM_TITLES[plan.term], units(plan.flexible_alone_saving, currency)
    if not plan.commitments:
        return f"For {term} no resource commitment of machines pays beside a flexible one, which saves {alone} a month."
    return (
        f"For {term}, resource commitments first and a flexible one on what they leave save "
        f"{units(plan.saving, currency)} a month and bind {units(plan.lock_in, currency)}; a flexible commitment alone "
        f"saves {alone}."
    )


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
    against = "the best there is" if round(regret, 2) == 0.0 else f"{units(regret, currency)} short of the best"
    return f"{verb} {units(abs(saving), currency)}, {against}"


def chance(share: float) -> str:
    """How often money is lost over the draws."""
    return "no draw of the future" if share == 0.0 else f"{ratio(share)} of futures drawn"


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _headline(amount: float, currency: str) -> str:
    return headline_money(to_nanos(float(amount)), currency)


def units(amount: float, currency: str) -> str:
    """Currency units to the cent."""
    return money(to_nanos(float(amount)), currency)

"""The checks that can fail: of the rows, of the reductions, of prices, of fees, and against invoices."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from data.charge import ALL_CREDIT_COLUMNS, CREDIT_COLUMNS
from data.load_reader import open_loads
from data.records import invoices

if TYPE_CHECKING:
    import duckdb

    from data.records import InvoiceTotal
    from data.workspace import Workspace

CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Check:
    """One check; ``passed`` is None where there is nothing to hold the bill against.

    Amounts are decimals of ``currency``. Counts have no currency. ``parts`` are what an invoice check adds up:
    gross, each credit type, tax, adjustments, rounding.
    """

    name: str
    expected: Decimal | None
    actual: Decimal | None
    residual: Decimal | None
    passed: bool | None
    sentence: str
    currency: str | None = None
    parts: tuple[tuple[str, Decimal], ...] = ()


def reconcile(workspace: Workspace) -> list[Check]:
    """All checks of the committed loads; an empty workspace has none."""
    with open_loads(workspace) as connection:
        if connection is None:
            return []
        return [
            _rows_read(workspace),
            *_sums(connection),
            *_prices(connection),
            *_quantisation(connection),
            *_fees(connection),
            _overlaps(connection, workspace),
            *_invoice_checks(workspace, connection),
        ]


def _rows_read(workspace: Workspace) -> Check:
    loads = workspace.loads()
    read = sum(load.rows_read for load in loads)
    kept = sum(load.rows_accepted + load.rows_quarantined for load in loads)
    held_back = sum(load.rows_quarantined for load in loads)
    sentence = f"{read:,} rows were read: {kept - held_back:,} accepted and {held_back:,} held in quarantine."
    return _count("rows in = accepted + quarantined", read, kept, sentence)


def _sums(connection: duckdb.DuckDBPyConnection) -> list[Check]:
    checks = []
    for currency, rows, days in connection.execute(
        "SELECT currency, CAST(sum(rows) AS VARCHAR), CAST(sum(days) AS VARCHAR) FROM ("
        "SELECT currency, effective_nanos AS rows, 0 AS days FROM account_month UNION ALL "
        "SELECT currency, 0, effective_nanos FROM daily) AS sums GROUP BY currency ORDER BY currency"
    ).fetchall():
        sentence = f"The sums that everything is computed from hold the {currency} of the rows, no more and no less."
        checks.append(_money(f"rows = reductions ({currency})", _amount(rows), _amount(days), sentence, currency))
    return checks


def _prices(connection: duckdb.DuckDBPyConnection) -> list[Check]:
    checks = []
    for currency, priced, off, difference in connection.execute(
        "SELECT currency, CAST(sum(priced_count) AS BIGINT), CAST(sum(off_price_count) AS BIGINT), "
        "CAST(sum(off_price_nanos) AS VARCHAR) FROM account_month GROUP BY currency ORDER BY currency"
    ).fetchall():
        name = f"price × quantity = cost ({currency})"
        if not priced:
            sentence = f"No {currency} row states its unit price: price × quantity could not be checked."
            checks.append(Check(name, None, None, None, None, sentence, currency))
            continue
        sentence = (
            f"Of {priced:,} {currency} rows with a unit price, {off:,} differ from price × quantity ÷ pricing unit, "
            f"together by {_amount(difference):,.2f}."
        )
        residual = _amount(difference)
        checks.append(Check(name, Decimal(0), residual, residual, off == 0, sentence, currency))
    return checks


def _quantisation(connection: duckdb.DuckDBPyConnection) -> list[Check]:
    checks = []
    for currency, residual, rows in connection.execute(
        "SELECT currency, coalesce(sum(residual), 0), CAST(sum(row_count) AS BIGINT) FROM account_month "
        "GROUP BY currency ORDER BY currency"
    ).fetchall():
        left = Decimal(repr(float(residual))).quantize(Decimal("1e-12"))
        limit = Decimal(rows) * Decimal("5e-10")
        unaccounted = f"{left.normalize():f} {currency}"
        sentence = f"Keeping money in whole nano-units left {unaccounted} unaccounted for over {rows:,} rows."
        name = f"quantisation ({currency})"
        checks.append(Check(name, Decimal(0), left, left, abs(left) <= limit, sentence, currency))
    return checks


def _fees(connection: duckdb.DuckDBPyConnection) -> list[Check]:
    """New-model fees: what is not offset is unused. An offset beyond the fee cannot be."""
    checks = []
    for pool, currency, fee, offset in connection.execute(
        "SELECT pool, currency, CAST(sum(fee_nanos) AS VARCHAR), CAST(sum(offset_nanos) AS VARCHAR) FROM hourly_pool "
        "WHERE offset_nanos <> 0 GROUP BY pool, currency ORDER BY pool, currency"
    ).fetchall():
        fee_amount, used = _amount(fee), -_amount(offset)
        unused = fee_amount - used
        sentence = f"Of {fee_amount:,.2f} {currency} fees of {pool}, {used:,.2f} were used and {unused:,.2f} were not."
        checks.append(
            Check(f"fee − offset ({pool}, {currency})", fee_amount, used, unused, unused >= 0, sentence, currency)
        )
    return checks


def _overlaps(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> Check:
    """Two loads of one kind whose rows of an account and day have equal counts and sums may be the same rows twice."""
    paths = {load.id: load.path for load in workspace.loads()}
    pairs = connection.execute(
        "WITH of_day AS (SELECT load_id, billing_account, currency, day, sum(row_count) AS row_count, "
        "sum(cost_nanos) AS cost, sum(effective_nanos) AS effective FROM daily WHERE day IS NOT NULL GROUP BY ALL) "
        "SELECT one.load_id, other.load_id, count(*) FROM of_day AS one JOIN of_day AS other "
        "USING (billing_account, currency, day, row_count, cost, effective) "
        "WHERE one.load_id < other.load_id AND cost <> 0 GROUP BY ALL ORDER BY 3 DESC, 1, 2"
    ).fetchall()
    name = "no rows loaded twice"
    days = sum(pair[2] for pair in pairs)
    if not pairs:
        return _count(name, 0, 0, "No two loads hold the same rows of one account and day.")
    one, other, of_pair = pairs[0]
    sentence = (
        f"{paths[one]} and {paths[other]} hold equal rows on {of_pair} account days and may count twice: "
        "remove one of the loads if they are the same export."
    )
    return _count(name, 0, days, sentence)


def _invoice_checks(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> list[Check]:
    given = invoices(workspace)
    if not given:
        return [Check("invoice", None, None, None, None, "No invoice given: not reconciled.")]
    return [_invoice_check(connection, invoice) for invoice in given if invoice.kind == "total"]


def _invoice_check(connection: duckdb.DuckDBPyConnection, invoice: InvoiceTotal) -> Check:
    parts = _invoice_parts(connection, invoice)
    actual = sum((amount for _, amount in parts), Decimal(0)).quantize(CENT)
    residual = invoice.amount - actual
    verdict = "agrees with its rows" if residual == 0 else f"differs from its rows by {residual:,.2f}"
    sentence = f"The invoice of {invoice.invoice_month} ({invoice.amount:,.2f} {invoice.currency}) {verdict}."
    name = f"invoice {invoice.invoice_month} ({invoice.currency})"
    return Check(name, invoice.amount, actual, residual, residual == 0, sentence, invoice.currency, parts)


def _invoice_parts(connection: duckdb.DuckDBPyConnection, invoice: InvoiceTotal) -> tuple[tuple[str, Decimal], ...]:
    of_class = {"usage": "gross", "purchase": "gross", "credit": "gross", "tax": "tax", "adjustment":
    "adjustments",
                "rounding": "rounding"}  # fmt: skip
    parts: dict[str, Decimal] = {}
    credit_sums = ", ".join(f"CAST(sum({column}) AS VARCHAR)" for column in ALL_CREDIT_COLUMNS)
    names = (*CREDIT_COLUMNS, "other credits")
    for charge_class, cost, *credited in connection.execute(
        f"SELECT charge_class, CAST(sum(cost_nanos) AS VARCHAR), {credit_sums} FROM daily "
        "WHERE invoice_month = $1 AND currency = $2 GROUP BY charge_class ORDER BY charge_class",
        [invoice.invoice_month, invoice.currency],
    ).fetchall():
        name = of_class.get(charge_class, "gross")
        parts[name] = parts.get(name, Decimal(0)) + _amount(cost)
        for credit, amount in zip(names, credited, strict=True):
            if int(amount):
                parts[credit] = parts.get(credit, Decimal(0)) + _amount(amount)
    return tuple(parts.items())


def _count(name: str, expected: int, actual: int, sentence: str) -> Check:
    return Check(name, Decimal(expected), Decimal(actual), Decimal(actual - expected), expected == actual, sentence)


def _money(name: str, expected: Decimal, actual: Decimal, sentence: str, currency: str) -> Check:
    return Check(name, expected, actual, actual - expected, expected == actual, sentence, currency)


def _amount(nanos: str | int) -> Decimal:
    return Decimal(nanos).scaleb(-9)

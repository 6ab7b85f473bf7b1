"""The repriced bill as FOCUS 1.2 cost and usage rows: every line as it was billed, and what the scenario changes.

ListCost, ContractedCost, BilledCost and EffectiveCost of all rows sum to the outcome's list, on-demand, net and
effective cost, to the nano. A change is a row of its own (category Adjustment, of tax Tax; ``x_IsChange`` true, lever,
formula and evidence beside), so that the bill can still be told from the plan. Rows are sums of a month: charge periods
are the Pacific calendar months that Google invoices by; period ends are exclusive.

Source: FOCUS specification 1.2 (focus.finops.org). Ids, names and tags that a bill by month does not keep stay empty.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from exports.tables import Column, Table
from model.costs import COST_NAMES, Costs, line_costs
from model.hours import month_hours
from model.kinds import UNIT_OF_KIND
from model.money import NANOS
from model.repricing import DEFAULT_CONSUMPTION_MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exports.tables import Cell
    from model.bill import Lines
    from model.outcome import Outcome
    from model.repricing import Delta

VERSION: Final = "1.2"
COLUMNS: Final = (
    Column("BilledCost", "money"), Column("BillingAccountId"), Column("BillingAccountName"),
    Column("BillingAccountType"), Column("BillingCurrency"), Column("BillingPeriodEnd"), Column("BillingPeriodStart"),
    Column("ChargeCategory"), Column("ChargeClass"), Column("ChargeDescription"), Column("ChargeFrequency"),
    Column("ChargePeriodEnd"), Column("ChargePeriodStart"), Column("CommitmentDiscountCategory"),
    Column("CommitmentDiscountId"), Column("CommitmentDiscountName"), Column("CommitmentDiscountStatus"),
    Column("CommitmentDiscountType"), Column("ConsumedQuantity", "number"), Column("ConsumedUnit"),
    Column("ContractedCost", "money"), Column("ContractedUnitPrice", "number"), Column("EffectiveCost", "money"),
    Column("InvoiceIssuerName"), Column("ListCost", "money"), Column("ListUnitPrice", "number"),
    Column("PricingCategory"), Column("PricingCurrency"), Column("PricingQuantity", "number"), Column("PricingUnit"),
    Column("ProviderName"), Column("PublisherName"), Column("RegionId"), Column("RegionName"), Column("ResourceId"),
    Column("ResourceName"), Column("ResourceType"), Column("ServiceCategory"), Column("ServiceName"), Column("SkuId"),
    Column("SkuPriceId"), Column("SubAccountId"), Column("SubAccountName"), Column("SubAccountType"), Column("Tags"),
    Column("x_ServiceId"), Column("x_SkuDescription"), Column("x_Product"), Column("x_ScenarioFingerprint"),
    Column("x_IsChange"), Column("x_Lever"), Column("x_Formula"), Column("x_Evidence"), Column("x_PriceSource"),
)  # fmt: skip
CATEGORIES: Final = {
    "usage": "Usage",
    "purchase": "Purchase",
    "tax": "Tax",
    "credit": "Credit",
    "adjustment": "Adjustment",
    "rounding": "Adjustment",
}
"""What a charge of the bill is called."""
_FREQUENCY: Final = {"Usage": "Usage-Based", "Purchase": "Recurring"}
_SERVICE_WORDS: Final = (
    ("Databases", ("sql", "firestore", "datastore", "bigtable", "spanner", "alloydb", "memorystore", "redis")),
    ("Compute", ("compute", "cloud run", "kubernetes", "app engine", "functions", "vmware", "commitment")),
    ("Analytics", ("bigquery", "dataflow", "dataproc", "looker", "composer", "datastream", "data fusion")),
    ("AI and Machine Learning", ("vertex", "ai platform", "gemini", "translat", "vision", "speech", "dialogflow")),
    ("Storage", ("storage", "filestore", "backup", "netapp")),
    ("Networking", ("network", "cdn", "dns", "load balanc", "vpn", "interconnect", "nat", "armor")),
    ("Security", ("secret", "kms", "key management", "security", "recaptcha", "identity", "certificate")),
    ("Integration", ("pub/sub", "tasks", "scheduler", "workflows", "eventarc", "apigee", "api gateway")),
    ("Developer Tools", ("build", "artifact", "container registry", "source repo", "deploy")),
    ("Management and Governance", ("logging", "monitoring", "trace", "operations", "support", "deployment")),
)
"""Google's exports name no category: FOCUS' own, by words of the product; anything else is Other."""


def focus_table(outcome: Outcome) -> Table:
    """All rows of an outcome; the file's name carries the version."""
    return Table(f"focus_{VERSION.replace('.', '_')}", COLUMNS, tuple(_rows(outcome)))


def service_category(product: str) -> str:
    """FOCUS' category of a product.

    >>> service_category("Cloud SQL"), service_category("Cloud Storage"), service_category("")
    ('Databases', 'Storage', 'Other')
    """
    lowered = product.lower()
    return next((name for name, words in _SERVICE_WORDS if any(word in lowered for word in words)), "Other")


def _rows(outcome: Outcome) -> Iterator[tuple[Cell, ...]]:
    lines, months = outcome.bill.lines, outcome.bill.months
    costs = line_costs(lines)
    frames = [_frame(outcome, month) for month in months]
    services: dict[str, str] = {}
    for row, month in enumerate(lines.month_index.tolist()):
        line = {name: str(values[row] or "") for name, values in lines.text.items() if name != "month"}
        services.setdefault(line["product"], line["service"])
        amounts = Costs(**{name: int(costs[name][row]) for name in COST_NAMES})
        yield _ordered(frames[month] | _of_line(line, lines, row) | _money(amounts))
    account = str(lines.text["account"][0]) if len(lines) else ""
    for delta in outcome.deltas:
        of_bill = {
            "BillingAccountId": account or "unknown",
            "ServiceName": services.get(delta.product) or delta.product or "Tax",
        }
        yield _ordered(frames[delta.month_index] | of_bill | _of_change(delta) | _money(delta.costs))


def _frame(outcome: Outcome, month: int) -> dict[str, Cell]:
    """What every row of a month says."""
    start, end = (_time(hour) for hour in month_hours(month))
    return {
        "BillingAccountType": "Billing Account", "BillingCurrency": outcome.bill.currency,
        "PricingCurrency": outcome.bill.currency, "BillingPeriodStart": start,
        "BillingPeriodEnd": end, "ChargePeriodStart": start, "ChargePeriodEnd": end,
        "InvoiceIssuerName": "Google Cloud", "ProviderName": "Google Cloud", "PublisherName": "Google Cloud",
        "x_ScenarioFingerprint": outcome.scenario.fingerprint, "x_IsChange": "false",
    }  # fmt: skip


def _of_line(line: dict[str, str], lines: Lines, row: int) -> dict[str, Cell]:
    is_fee = bool(line["fee_of"])
    category = "Purchase" if is_fee else CATEGORIES.get(line["charge_class"], "Adjustment")
    unit = UNIT_OF_KIND.get(line["kind"]) or line["pricing_unit"]
    is_counted = category in _FREQUENCY
    service_id, _, sku_id = line["sku_key"].partition("/")
    provider = line["provider"] or "Google Cloud"
    return {
        **_place(line["project"], line["region"], line["resource"]), "BillingAccountId": line["account"] or "unknown",
        "ChargeCategory": category, "ChargeDescription": line["sku"] or line["service"],
        "ChargeFrequency": _FREQUENCY.get(category, "One-Time"), "InvoiceIssuerName": provider,
        **(_counted(lines, row, unit, category) if is_counted else {}),
        "ProviderName": provider, "PublisherName": provider,
        "ServiceCategory": service_category(line["product"] or line["service"]),
        "ServiceName": line["service"] or line["product"] or "unknown", "SkuId": sku_id or None,
        "x_ServiceId": service_id or None, "x_SkuDescription": line["sku"] or None,
        "x_Product": line["product"] or None,
    }  # fmt: skip


def _counted(lines: Lines, row: int, unit: str, category: str) -> dict[str, Cell]:
    """Quantity with mean unit prices; the unit is that of the bill, physical where the SKU is known."""
    quantity = float(lines.usage[row])
    model = str(lines.text["consumption_model"][row] or DEFAULT_CONSUMPTION_MODEL)
    found: dict[str, Cell] = {
        "PricingCategory": "Standard" if model == DEFAULT_CONSUMPTION_MODEL else "Committed",
        "PricingQuantity": quantity,
        "PricingUnit": unit or None,
    }
    if category == "Usage":
        found |= {"ConsumedQuantity": quantity, "ConsumedUnit": unit or None}
    if quantity:
        found["ListUnitPrice"] = int(lines.list_nanos[row]) / NANOS / quantity
        found["ContractedUnitPrice"] = int(lines.on_demand_nanos[row]) / NANOS / quantity
    return found


def _of_change(delta: Delta) -> dict[str, Cell]:
    return {
        **_place(delta.project, delta.region, delta.resource),
        "ChargeCategory": "Tax" if delta.lever == "tax" else "Adjustment",
        "ChargeDescription": f"Change by the scenario: {delta.lever}, {delta.kind or delta.product}",
        "ChargeFrequency": "One-Time", "ServiceCategory": service_category(delta.product),
        "x_Product": delta.product or None, "x_IsChange": "true", "x_Lever": delta.lever, "x_Formula": delta.formula,
        "x_Evidence": delta.evidence, "x_PriceSource": delta.price_source,
    }  # fmt: skip


def _place(project: str, region: str, resource: str) -> dict[str, Cell]:
    return {
        "SubAccountId": project or None, "SubAccountName": project or None,
        "SubAccountType": "Project" if project else None, "RegionId": region or None, "RegionName": region or None,
        "ResourceId": resource or None, "ResourceName": resource or None,
    }  # fmt: skip


def _money(costs: Costs) -> dict[str, Cell]:
    return {
        "ListCost": costs.list,
        "ContractedCost": costs.on_demand,
        "BilledCost": costs.net,
        "EffectiveCost": costs.effective,
    }


def _ordered(row: dict[str, Any]) -> tuple[Cell, ...]:
    return tuple(row.get(column.name) for column in COLUMNS)


def _time(hour: int) -> str:
    return datetime.fromtimestamp(hour * 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

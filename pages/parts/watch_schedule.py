"""Where the watch rules of a workspace become files for BigQuery's own schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.price_book import load_query_price
from data.sku_names import sku_names
from exports.bundle import ExportFile
from exports.scheduled import schedule_files
from exports.scheduled_sql import ServiceName, SkuName, WatchedBill, place_of

if TYPE_CHECKING:
    from data.workspace import Workspace
    from model.alert_rules import WatchSettings
    from model.daily_costs import DailyCosts

KIND = "schedule"


def schedule_of(
    workspace: Workspace, costs: DailyCosts, settings: WatchSettings, table: str, location: str
) -> list[ExportFile]:
    """The rules as scheduled queries over the export's table in BigQuery; raises ScheduleRefused."""
    place = place_of(table, location)
    names = sku_names(workspace)
    services = tuple(ServiceName(*each) for each in names.services)
    bill = WatchedBill(costs.currency, costs.dollar, services, tuple(SkuName(*each) for each in names.skus))
    files = schedule_files(place, settings, bill, load_query_price().usd)
    return [ExportFile(path, KIND, text.encode()) for path, text in files]

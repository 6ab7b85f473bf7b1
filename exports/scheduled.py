"""Files that let BigQuery watch a bill by itself: the queries, and their schedule as JSON, Terraform and a script."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from exports.hcl import Block, Raw, written
from exports.scheduled_sql import anomaly_sql, jobs_sql, query_cost_sql
from exports.shell import quoted
from exports.terraform import VERSIONS

if TYPE_CHECKING:
    from exports.scheduled_sql import Place, WatchedBill
    from model.alert_rules import WatchSettings

_BASH: Final = Path(__file__).parent / "bash" / "schedule.sh"
SOURCE: Final = "scheduled_query"


@dataclass(frozen=True)
class ScheduledQuery:
    """A query and when it runs (UTC); what it finds is added to ``target`` in the export's own dataset."""

    slug: str
    title: str
    schedule: str
    target: str
    query: str

    @property
    def parameters(self) -> dict[str, str]:
        """What the data source ``scheduled_query`` takes."""
        return {
            "query": self.query,
            "destination_table_name_template": self.target,
            "write_disposition": "WRITE_APPEND",
        }


def scheduled_queries(
    place: Place, settings: WatchSettings, bill: WatchedBill, usd_per_tib: float
) -> tuple[ScheduledQuery, ...]:
    """One query for each of the two rules that is enabled."""
    found = (
        ("anomaly", "Cloudlever service anomaly", "every day 15:00", anomaly_sql(place, settings, bill)),
        ("query_cost", "Cloudlever query cost", "every day 15:15", query_cost_sql(place, settings, usd_per_tib)),
    )
    return tuple(
        ScheduledQuery(key, title, when, f"cloudlever_{key}", query)
        for key, title, when, query in found
        if settings.rule(key).is_enabled
    )


def transfer_config(place: Place, query: ScheduledQuery) -> dict[str, Any]:
    """A scheduled query as the Data Transfer API takes it (bigquerydatatransfer v1, TransferConfig)."""
    return {
        "displayName": query.title,
        "dataSourceId": SOURCE,
        "destinationDatasetId": place.dataset,
        "schedule": query.schedule,
        "params": query.parameters,
        "emailPreferences": {"enableFailureEmail": True},
    }


def schedule_files(
    place: Place, settings: WatchSettings, bill: WatchedBill, usd_per_tib: float
) -> list[tuple[str, str]]:
    """Path and text: SQL, JSON, Terraform, script and how to use them; ``jobs.sql`` feeds ``watch --jobs``."""
    queries = scheduled_queries(place, settings, bill, usd_per_tib)
    files = [(f"{each.slug}.sql", each.query) for each in queries]
    files.append(("jobs.sql", jobs_sql(place, settings, usd_per_tib)))
    files += [(f"{each.slug}.transfer.json", _json(transfer_config(place, each))) for each in queries]
    files += [(f"{each.slug}.params.json", _json(each.parameters)) for each in queries]
    if queries:
        files.append(("terraform/versions.tf", written([VERSIONS])))
        files.append(("terraform/scheduled.tf", written([_resource(place, each) for each in queries])))
        files += [(f"terraform/{each.slug}.sql", each.query) for each in queries]
        files.append(("schedule.sh", _script(place, queries)))
    return [*files, ("README.md", _readme(place))]


def _resource(place: Place, query: ScheduledQuery) -> Block:
    parameters = query.parameters | {"query": Raw(f'file("${{path.module}}/{query.slug}.sql")')}
    return Block(
        ("resource", "google_bigquery_data_transfer_config", query.slug),
        (
            ("project", place.project),
            ("location", place.location),
            ("display_name", query.title),
            ("data_source_id", SOURCE),
            ("destination_dataset_id", place.dataset),
            ("schedule", query.schedule),
            ("params", parameters),
            Block(("email_preferences",), (("enable_failure_email", True),)),
        ),
    )


def _script(place: Place, queries: tuple[ScheduledQuery, ...]) -> str:
    where = (place.project, place.location, place.dataset)
    calls = [quoted(("schedule", *where, each.title, each.schedule, f"{each.slug}.params.json")) for each in queries]
    head = [
        "#!/usr/bin/env bash",
        "# Written by Cloudlever from its watch rules. --help lists the options.",
        "# shellcheck disable=SC2016 # quoted names are data",
        "set -euo pipefail",
        "",
    ]
    return "\n".join([*head, _BASH.read_text(encoding="utf-8"), 'parse_options "$@"', *calls, "finish"]) + "\n"


def _readme(place: Place) -> str:
    return f"""# Watching in BigQuery

What the queries find is added to `cloudlever_anomaly` and `cloudlever_query_cost` in the dataset
`{place.project}.{place.dataset}`, one row a finding and run: an unusual day stands there once for each of the days on
which it was looked at. They tell nobody by themselves; `cli.py watch --send` does, by the same rules.

- `bash schedule.sh` shows the commands, `--execute` runs them; or `terraform apply` in `terraform/`; or POST a
  `.transfer.json` to the BigQuery Data Transfer API.
- `jobs.sql` lists dear queries of the last half year for the rule "Query cost" (role: BigQuery Resource Viewer):

```bash
bq --project_id={place.project} --location={place.location} query --nouse_legacy_sql --format=csv --max_rows=100000 \\
  --parameter="run_time:TIMESTAMP:$(date -u '+%F %T')" < jobs.sql > jobs.csv
cli.py watch --jobs jobs.csv
```

Services and SKUs are named as in the bill that was imported; write these files again when new ones come.
"""


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

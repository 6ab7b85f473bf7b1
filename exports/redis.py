"""A cache for its users: its deployment, what is cached under which key for how long, and a program that does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from exports.gcloud_redis import DEFAULT_TIER
from exports.markdown import cell
from exports.names import slug
from exports.shell import quoted
from exports.steps import bare_name, grouped, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.lever import PlanChange
    from model.plan import KnownQuery, Plan

_PROGRAM: Final = Path(__file__).parent / "python" / "look_aside.py"
NAMESPACE: Final = "v1"
"""Part of every key: raise it when the shape of the answers changes, and the old ones are never read."""
_GOOGLES_POLICY: Final = "volatile-lru"


def redis_files(plan: Plan) -> list[tuple[str, str]]:
    """Path and text; none where the plan has no cache, or takes it away."""
    caches = [group for group in grouped(plan.changes) if group[0].lever == "cache" and not _is_removed(group)]
    if not caches:
        return []
    queries = [query for query in plan.queries if query.cacheable_share]
    documents = [cache_document(group, queries) for group in caches]
    return [
        *((f"redis/{slug(group[0].resource)}.json", json.dumps(document, indent=2) + "\n")
          for group, document in zip(caches, documents, strict=True)),
        ("redis/look_aside.py", _PROGRAM.read_text(encoding="utf-8")),
        ("redis/README.md", _readme(documents)),
    ]  # fmt: skip


def _is_removed(changes: Sequence[PlanChange]) -> bool:
    return any(change.attribute == "size_gib" and change.after == 0 for change in changes)


def cache_document(changes: Sequence[PlanChange], queries: Sequence[KnownQuery]) -> dict[str, Any]:
    """Deployment, parameters and cached queries of one cache; None where the plan leaves a value as it is."""
    first, after = changes[0], {change.attribute: change.after for change in changes}
    before = {change.attribute: change.before for change in changes}
    ttl_s = after.get("ttl_s")
    is_new = "size_gib" in after and not before["size_gib"]
    return {
        "version": 1,
        "instance": bare_name(first.resource, first.region, first.project),
        "project": first.project,
        "region": first.region,
        "is_new": is_new,
        "size_gib": after.get("size_gib"),
        "tier": after.get("tier", DEFAULT_TIER if is_new else None),
        "parameters": {"maxmemory-policy": after.get("policy", _GOOGLES_POLICY if is_new else None)},
        "ttl_s": ttl_s,
        "ttl_is_sliding": after.get("ttl_sliding", False if is_new else None),
        "cached_queries": [
            {
                "query": query.name,
                "key": f"{NAMESPACE}:{slug(query.name, '_')}:SHA256_OF_PARAMETERS",
                "ttl_s": ttl_s,
                "cacheable_share": query.cacheable_share,
            }
            for query in queries
        ],
    }


def _readme(documents: Sequence[dict[str, Any]]) -> str:
    lines = ["# Cache", ""]
    for document in documents:
        lines += _of_one(document)
    lines += [
        "## How it is used",
        "",
        "`look_aside.py` stands alone (it needs a client, `pip install redis`): on a miss one caller asks the database",
        "and the others wait for its answer; a cache out of reach never fails a request.",
        "",
        "- Connect from the same VPC and region; Cloud Run needs direct VPC egress or a connector for it.",
        "- After a write call `forget()` for what was made from it, or accept answers as old as the time to live.",
        "- Roll out query by query, the one with the most work first; watch the hit rate against the plan's.",
        "- Undo: stop calling it. The database must stand the load without a cache (the plan judges that it does).",
    ]
    return "\n".join(lines) + "\n"


def _of_one(document: dict[str, Any]) -> list[str]:
    name = document["instance"]
    told = [
        ("size", f"{text_of(document['size_gib'])} GiB" if document["size_gib"] is not None else "as it is"),
        ("tier", document["tier"] or "as it is"),
        ("maxmemory-policy", document["parameters"]["maxmemory-policy"] or "as it is"),
        ("time to live", f"{text_of(document['ttl_s'])} s" if document["ttl_s"] else "not set by the plan"),
    ]
    place = [f"--{key}={document[key]}" for key in ("project", "region") if document[key]]
    address = quoted(("gcloud", "redis", "instances", "describe", name, *place, "--format=value(host,port)"))
    lines = [f"## {cell(name)}", "", "| | |", "|---|---|", *(f"| {what} | {cell(value)} |" for what, value in told), ""]
    lines += ["`apply.sh` deploys it; its address:", "", "```bash", address, "```", ""]
    policy = str(document["parameters"]["maxmemory-policy"])
    if policy.startswith("volatile-") and not document["ttl_s"]:
        lines += [f"**{policy} evicts only keys with a time to live: give one, or writes fail when it is full.**", ""]
    if document["cached_queries"]:
        lines += ["| query | key | time to live | share that may be cached |", "|---|---|---:|---:|"]
        for query in document["cached_queries"]:
            ttl = f"{text_of(query['ttl_s'])} s" if query["ttl_s"] else "until evicted"
            lines.append(f"| {cell(query['query'])} | `{query['key']}` | {ttl} | {query['cacheable_share']:.0%} |")
        lines.append("")
    return lines

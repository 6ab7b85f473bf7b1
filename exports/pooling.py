"""Connections of a plan: the pool of each application instance, and PgBouncer where those are too many."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from exports.markdown import cell
from exports.names import slug

if TYPE_CHECKING:
    from model.plan import Database, Plan

RESERVED: Final = 10
"""Connections kept for people, replication and Cloud SQL's own."""
_TOUCHES: Final = frozenset({"pool_size", "max_instances", "vcpu", "memory_gib"})


def pooling_files(plan: Plan) -> list[tuple[str, str]]:
    """Path and text; of databases whose connections the plan moves and whose numbers are known."""
    is_moved = any(
        change.attribute in _TOUCHES and change.lever in {"cloud_run", "cloud_sql"} for change in plan.changes
    )
    known = [d for d in plan.databases if d.max_connections and d.callers and (d.pool_size or _is_crowded(d))]
    if not is_moved or not known:
        return []
    files = [
        (f"pooling/{slug(database.name)}.pgbouncer.ini", pgbouncer(database))
        for database in known
        if database.engine == "PostgreSQL"
    ]
    return [*files, ("pooling/README.md", _readme(known))]


def _is_crowded(database: Database) -> bool:
    """Whether one connection of each caller is too many already."""
    return (database.callers or 0.0) > _room(database)


def _room(database: Database) -> int:
    return max(1, math.floor(database.max_connections or 0.0) - RESERVED)


def pool_size(database: Database) -> int:
    """Connections of each application instance: the plan's, but no more than leave room; at least 1."""
    fair = max(1, math.floor(_room(database) / max(1.0, database.callers or 1.0)))
    return min(fair, round(database.pool_size)) if database.pool_size else fair


def pgbouncer(database: Database) -> str:
    """Settings of PgBouncer 1.21 or later before one database; addresses and passwords are not the plan's to know.

    Server connections are all that ``max_connections`` leaves; clients are callers × their pool.
    """
    clients = math.ceil((database.callers or 1.0) * max(1.0, database.pool_size or 1.0))
    room = _room(database)
    return (
        "; PgBouncer between the services and the database; written by Cloudlever from a plan.\n"
        "[databases]\n"
        "* = host=DATABASE_ADDRESS port=5432\n\n"
        "[pgbouncer]\n"
        "listen_addr = 0.0.0.0\n"
        "listen_port = 6432\n"
        "auth_type = scram-sha-256\n"
        "auth_file = /etc/pgbouncer/userlist.txt\n"
        "; a server connection for each transaction, not for each client\n"
        "pool_mode = transaction\n"
        "; prepared statements of the protocol work in transaction mode since 1.21\n"
        "max_prepared_statements = 200\n"
        f"; {math.ceil(database.callers or 1.0)} callers, each with its pool\n"
        f"max_client_conn = {clients + RESERVED}\n"
        f"; max_connections {round(database.max_connections or 0.0)} less {RESERVED} for people and Cloud SQL itself\n"
        f"max_db_connections = {room}\n"
        f"default_pool_size = {max(1, min(room, clients))}\n"
        "reserve_pool_size = 5\n"
        "reserve_pool_timeout = 3\n"
        "server_idle_timeout = 300\n"
        "query_wait_timeout = 30\n"
    )


_APPLICATIONS: Final = (
    (
        "SQLAlchemy",
        "python",
        "create_engine(URL, pool_size={size}, max_overflow=0, pool_timeout=10, pool_pre_ping=True)",
    ),
    ("HikariCP", "properties", "maximumPoolSize={size}\nminimumIdle=0\nconnectionTimeout=10000"),
    ("node-postgres", "javascript", "new Pool({{ max: {size}, connectionTimeoutMillis: 10000 }})"),
    ("Go database/sql", "go", "db.SetMaxOpenConns({size})\ndb.SetMaxIdleConns({size})"),
)


_HEAD: Final = (
    "# Connections",
    "",
    "Callers are the instances of Cloud Run that may run at once under the plan.",
    "",
    "| database | callers | pool of each | at most | max_connections |",
    "|---|---:|---:|---:|---:|",
)


def _readme(databases: list[Database]) -> str:
    lines = [*_HEAD]
    for database in databases:
        size, callers = pool_size(database), database.callers or 0.0
        numbers = (f"{callers:g}", str(size), f"{size * callers:g}", f"{database.max_connections or 0.0:g}")
        lines.append(f"| {cell(database.name)} | {' | '.join(numbers)} |")
    lines.append("")
    for database in databases:
        if _is_crowded(database):
            lines.append(
                f"**{cell(database.name)}: one connection of each caller is too many already.** Put PgBouncer between "
                f"(`{slug(database.name)}.pgbouncer.ini`) or lower the maximum of instances."
            )
        lines += [f"## {cell(database.name)}", ""]
        for name, language, text in _APPLICATIONS:
            lines += [f"{name}:", "", f"```{language}", text.format(size=pool_size(database)), "```", ""]
    lines += [
        "Overflow is off: a pool that may grow is no limit. In transaction mode of PgBouncer a session keeps nothing:",
        "no `SET` without `LOCAL`, no `LISTEN`, no advisory locks over transactions.",
        "",
        "Undo: the pool of before, or the database's own address in place of PgBouncer's.",
    ]
    return "\n".join(lines) + "\n"

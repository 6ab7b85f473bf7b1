"""Tuned queries as SQL: indexes for PostgreSQL and MySQL, their undo, the queries before and after, EXPLAIN of both."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from exports.names import slug
from exports.sql_index import Index, covering, read_indexes
from exports.sql_text import StatementRefusedError, comment, mysql, one_query, parameter_count, postgresql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.plan import KnownQuery, Plan

_POSTGRESQL: Final = Path(__file__).parent / "postgresql"
_HOW: Final = (
    "",
    "Each index makes every write of its table slower and takes disk: measure both on a copy first.",
    "",
    "1. `explain.sql` on a copy, with values of real life: the times before.",
    "2. `indexes.sql`, then `explain.sql` again: the times after, which the plan counts on.",
    "3. The same on the live database, in quiet hours.",
    "4. Undo: `undo.sql`. For PostgreSQL it drops what `indexes.sql` made and nothing that was there before.",
    "",
)
_GENERIC: Final = (
    "a partial index is used where its condition is a literal in the query, not a parameter of a generic plan"
)


def sql_files(plan: Plan) -> list[tuple[str, str]]:
    """Path and text; none where no query is tuned or none of them has an index or a text.

    For the engine of the query's database; for both where that is not known.
    """
    tuned = [query for query in plan.queries if query.is_tuned]
    indexes, wrong = _indexes(tuned)
    if not indexes and not wrong and not any(query.text or query.text_after for query in tuned):
        return []
    engines = _engines(plan, tuned)
    files = []
    if "PostgreSQL" in engines:
        files += _postgresql(indexes, wrong, tuned, f"cloudlever {re.sub(r'[^0-9A-Za-z]', '', plan.fingerprint)}")
    if "MySQL" in engines:
        files += _mysql(indexes, wrong, tuned)
    return [*files, ("sql/README.md", _readme(indexes, wrong, tuned, engines))] if files else []


def _part(name: str) -> str:
    """A part of the files for psql, as it stands beside this module."""
    return (_POSTGRESQL / f"{name}.sql").read_text(encoding="utf-8")


def _engines(plan: Plan, tuned: Sequence[KnownQuery]) -> tuple[str, ...]:
    engine_of = {database.name: database.engine for database in plan.databases}
    told = {engine_of.get(query.database, "") for query in tuned}
    return ("PostgreSQL", "MySQL") if "" in told else tuple(sorted(told, reverse=True))


def _indexes(tuned: Sequence[KnownQuery]) -> tuple[list[Index], list[str]]:
    """Every index that is listed, once each by name, in the order of the queries."""
    found: dict[str, Index] = {}
    wrong: list[str] = []
    for query in tuned:
        some, problems = read_indexes(query.indexes, query.name)
        wrong += problems
        for index in some:
            if found.setdefault(index.name.lower(), index) != index:
                wrong.append(f"{index.name} is the name of two different indexes: rename one.")
    return list(found.values()), wrong


def _columns(index: Index, quote: str) -> str:
    parts = []
    for column in index.columns:
        what = f"({column.what})" if column.is_expression else column.what
        nulls = f" NULLS {column.nulls}" if column.nulls and quote == '"' else ""
        parts.append(f"{what}{' DESC' if column.is_descending else ''}{nulls}")
    return ", ".join(parts).replace('"', quote)


def create_postgresql(index: Index) -> str:
    """The statement that makes an index without blocking writes."""
    unique, where = "UNIQUE " if index.is_unique else "", f" WHERE {index.where}" if index.where else ""
    on = f"{index.name} ON {index.table} ({_columns(index, chr(34))}){where}"
    return f"CREATE {unique}INDEX CONCURRENTLY {on};"


def _if_new(index: Index, mark: str) -> str:
    """Make an index where no relation has its name, and mark it as the plan's own so that only it is undone."""
    schema = index.table.rpartition(".")[0]
    whole = f"{schema}.{index.name}" if schema else index.name
    return (
        f"SELECT to_regclass('{whole}') IS NULL AS is_new \\gset\n\\if :is_new\n{create_postgresql(index)}\n"
        f"COMMENT ON INDEX {whole} IS '{mark}';\n\\else\n\\echo {index.name} is there already\n\\endif"
    )


def create_mysql(index: Index, *, columns: str = "") -> str:
    """The statement that makes an index while the table is written; NULLS FIRST and LAST are not MySQL's to say."""
    unique, table, name = ("UNIQUE " if index.is_unique else ""), _ticked(index.table), _ticked(index.name)
    inside = columns or _columns(index, "`")
    return f"ALTER TABLE {table} ADD {unique}INDEX {name} ({inside}), ALGORITHM=INPLACE, LOCK=NONE;"


def _ticked(name: str) -> str:
    return name.replace('"', "`")


def _entries(indexes: Sequence[Index], made: dict[str, str], redundant: dict[str, str], refused: dict[str, str]) -> str:
    lines = []
    for index in indexes:
        other = covering(index, indexes)
        lines.append(f"\n-- {index.name}: for {comment(index.query) or 'no query by name'}")
        if other is not None:
            lines.append(f"-- redundant, so not made: {other.name} starts with the same columns.")
            lines.append(redundant[index.name])
        elif index.name in refused:
            lines.append(refused[index.name])
        else:
            lines.append(made[index.name])
    return "\n".join(lines) + "\n"


def _wrong(wrong: Sequence[str]) -> str:
    return "".join(f"\n-- not written: {comment(problem)}\n" for problem in wrong)


def _postgresql(
    indexes: list[Index], wrong: list[str], tuned: Sequence[KnownQuery], mark: str
) -> list[tuple[str, str]]:
    files = []
    if indexes or wrong:
        head = _part("indexes_head")
        made = {index.name: _if_new(index, mark) for index in indexes}
        plain = {index.name: f"-- {create_postgresql(index)}" for index in indexes}
        files.append(
            (
                "sql/postgresql/indexes.sql",
                head + _entries(indexes, made, plain, {}) + _wrong(wrong) + "\n" + _part("indexes_foot"),
            )
        )
        files.append(("sql/postgresql/undo.sql", _part("undo").replace("MARK", mark)))
    explain, values = [_part("explain_head")], [_VALUES_PG]
    for query, when, parsed in _readable(tuned):
        name = slug(query.name, "_")
        count = parameter_count(parsed)
        arguments = ", ".join(f":'{name}_{n}'" for n in range(1, count + 1))
        explain.append(f"\n\\echo '=== {name}, {when}'\nPREPARE {name} AS {postgresql(parsed)};\n"
                       f"EXPLAIN (ANALYZE, BUFFERS) EXECUTE {name}{f'({arguments})' if count else ''};\n"
                       f"DEALLOCATE {name};\n")  # fmt: skip
        values += [line for n in range(1, count + 1) if (line := f"\\set {name}_{n} 'VALUE'\n") not in values]
    if len(explain) > 1:
        files += [("sql/postgresql/explain.sql", "".join([*explain, "\nROLLBACK;\n"])),
                  ("sql/postgresql/values.sql", "".join(values))]  # fmt: skip
    return files


_VALUES_PG: Final = "-- A value of real life for each parameter; common and rare ones give different plans.\n"


def _readable(tuned: Sequence[KnownQuery]) -> list[tuple[KnownQuery, str, object]]:
    """Each text of each query that can be parsed: before, and after where it is another."""
    found: list[tuple[KnownQuery, str, object]] = []
    for query in tuned:
        for when, text in (
            ("before", query.text),
            ("after", query.text_after if query.text_after != query.text else ""),
        ):
            if text:
                try:
                    found.append((query, when, one_query(text)))
                except StatementRefusedError:
                    continue
    return found


def _mysql(indexes: list[Index], wrong: list[str], tuned: Sequence[KnownQuery]) -> list[tuple[str, str]]:
    files = []
    refused = {index.name: _partial_mysql(index) for index in indexes if index.where}
    if indexes or wrong:
        statements = {
            index.name: create_mysql(index) if not index.where else f"{index.name}: partial, see PostgreSQL"
            for index in indexes
        }
        head = (
            "-- Indexes of the plan. Run: mysql DATABASE < indexes.sql\n-- A TEXT column needs a length: email(191).\n"
        )
        plain = {name: f"-- {statement}" for name, statement in statements.items()}
        files.append(("sql/mysql/indexes.sql", head + _entries(indexes, statements, plain, refused) + _wrong(wrong)))
        made = [index for index in indexes if covering(index, indexes) is None and not index.where]
        drops = [
            f"ALTER TABLE {_ticked(index.table)} DROP INDEX {_ticked(index.name)}, ALGORITHM=INPLACE, LOCK=NONE;"
            for index in reversed(made)
        ]
        files.append(
            (
                "sql/mysql/undo.sql",
                "-- Drops the plan's indexes again: leave out those that were there before.\n"
                + "\n".join(drops)
                + "\n",
            )
        )
    explain = ["-- Plans of each query, before and after; fill in the values. Run: mysql DATABASE < explain.sql\n"]
    for query, when, parsed in _readable(tuned):
        name = slug(query.name, "_")
        sets = [f"SET @{name}_{n} = 'VALUE';\n" for n in range(1, parameter_count(parsed) + 1)]
        explain.append(f"\n-- {name}, {when}\n{''.join(sets)}EXPLAIN ANALYZE {mysql(parsed, name)};\n")
    return [*files, *([("sql/mysql/explain.sql", "".join(explain))] if len(explain) > 1 else [])]


def _partial_mysql(index: Index) -> str:
    """MySQL has no partial index: it is refused, and the nearest whole index stands beside as a comment."""
    own = [column.what for column in index.columns]
    more = [name for name in index.where_columns if name not in own]
    whole = create_mysql(index, columns=", ".join([_columns(index, "`"), *more]))
    return (
        f"-- refused: MySQL has no partial index (WHERE {comment(index.where)}). The nearest is a whole one, larger, "
        f"with the condition's columns behind:\n-- {whole}"
    )


def _readme(indexes: list[Index], wrong: list[str], tuned: Sequence[KnownQuery], engines: tuple[str, ...]) -> str:
    redundant = [(index, other) for index in indexes if (other := covering(index, indexes)) is not None]
    lines = [
        "# Queries and indexes",
        "",
        f"{len(indexes)} indexes are listed; {len(indexes) - len(redundant)} are made.",
    ]
    lines += [
        f"- `{index.name}` is redundant: `{other.name}` starts with the same columns." for index, other in redundant
    ]
    lines += [f"- not written: {comment(problem)}" for problem in wrong]
    if any(index.where for index in indexes):
        lines.append(f"- Partial indexes: {_GENERIC}.")
        if "MySQL" in engines:
            lines.append("- MySQL has no partial indexes: `mysql/indexes.sql` refuses them and names the nearest.")
    lines += _HOW
    for query in tuned:
        lines += [f"## {comment(query.name)}", ""]
        for title, text in (("Before", query.text), ("After", query.text_after)):
            if text:
                lines += [f"{title}: {_shown(text)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _shown(text: str) -> str:
    try:
        return f"`{postgresql(one_query(text)).replace('`', '')}`"
    except StatementRefusedError as problem:
        return f"not written, it {problem}."

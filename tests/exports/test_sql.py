from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.sql import create_mysql, create_postgresql, sql_files
from exports.sql_index import IndexUnreadableError, covering, read_index, read_indexes
from exports.sql_text import StatementRefusedError, one_query, postgresql
from model.plan import KnownQuery
from tests.exports.sample_plans import DATABASES, plan, whole_plan

ONLINE = ", ALGORITHM=INPLACE, LOCK=NONE;"
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "phase4_queries.csv"


def case_queries() -> tuple[KnownQuery, ...]:
    """The four slow queries of the case with their indexes, as its file has them."""
    with SAMPLE.open(encoding="utf-8") as file:
        return tuple(
            KnownQuery(row["query"], "main", row["sql"], row["sql_after"], row["indexes"], 0.5, True)
            for row in csv.DictReader(file)
        )


CASE = plan(queries=case_queries(), databases=DATABASES)


def files(*queries: KnownQuery, engine: str = "PostgreSQL") -> dict[str, str]:
    databases = (replace(DATABASES[0], engine=engine),)
    return dict(sql_files(plan(queries=queries, databases=databases)))


def test_the_case_lists_15_indexes_not_16_of_which_one_is_redundant() -> None:
    found = dict(sql_files(CASE))
    indexes = found["sql/postgresql/indexes.sql"]
    assert indexes.count("\nCREATE INDEX CONCURRENTLY ") == 14
    assert indexes.count("-- redundant, so not made: ") == 1
    assert "-- CREATE INDEX CONCURRENTLY idx_reports_pipeline_id ON reports (pipeline_id);" in indexes
    assert "15 indexes are listed; 14 are made." in found["sql/README.md"]
    assert not [path for path in found if "mysql" in path]
    explain = found["sql/postgresql/explain.sql"]
    assert (explain.count("EXPLAIN"), explain.count("PREPARE")) == (9, 8)


@pytest.mark.parametrize(
    ("text", "pg", "my"),
    [
        ("users(status, updated_at DESC)",
         "CREATE INDEX CONCURRENTLY idx_users_status_updated_at ON users (status, updated_at DESC);",
         "ALTER TABLE users ADD INDEX idx_users_status_updated_at (status, updated_at DESC)" + ONLINE),
        ('CREATE UNIQUE INDEX u ON app."User Table" ("E mail" ASC NULLS LAST)',
         'CREATE UNIQUE INDEX CONCURRENTLY u ON app."User Table" ("E mail" NULLS LAST);',
         "ALTER TABLE app.`User Table` ADD UNIQUE INDEX u (`E mail`), ALGORITHM=INPLACE, LOCK=NONE;"),
        ("create index concurrently if not exists l on users using btree (lower(email))",
         "CREATE INDEX CONCURRENTLY l ON users ((lower(email)));",
         "ALTER TABLE users ADD INDEX l ((lower(email))), ALGORITHM=INPLACE, LOCK=NONE;"),
    ],
)  # fmt: skip
def test_indexes_in_both_dialects(text: str, pg: str, my: str) -> None:
    assert (create_postgresql(read_index(text)), create_mysql(read_index(text))) == (pg, my)


@pytest.mark.parametrize(
    "text",
    [
        "users(email); DROP TABLE users",
        "users(email) WHERE status = (SELECT 1)",
        "users(email) WHERE pg_sleep(9) IS NULL",
        "users(email) WHERE true) OR (true",
        "users(email) WHERE a = 1 LIMIT 1",
        "users(email) \\! touch pwned",
        'users("a"";b")',
        "users()",
        "users(a b c)",
        "CREATE INDEX x ON users USING gin (tags)",
        "DROP INDEX x",
        "users(email) -- comment",
        "users(email) WHERE a = $1",
    ],
)
def test_what_is_no_plain_index_is_refused(text: str) -> None:
    with pytest.raises(IndexUnreadableError):
        read_index(text)


def test_a_wrong_line_is_told_and_the_others_stand() -> None:
    text = files(KnownQuery("q", "main", "", "", "users(email)\nusers(nonsense here)\n", None, True))
    assert "CREATE INDEX CONCURRENTLY idx_users_email" in text["sql/postgresql/indexes.sql"]
    assert "-- not written: 'users(nonsense here)'" in text["sql/postgresql/indexes.sql"]


def test_mysql_refuses_partial_indexes_and_names_the_nearest() -> None:
    text = files(*case_queries(), engine="MySQL")["sql/mysql/indexes.sql"]
    assert text.count("-- refused: MySQL has no partial index") == 3
    nearest = (
        "-- ALTER TABLE jobs ADD INDEX idx_jobs_worker_id_partial (worker_id, status), ALGORITHM=INPLACE, LOCK=NONE;"
    )
    assert nearest in text
    assert not [line for line in text.splitlines() if "WHERE" in line and not line.startswith("--")]
    assert "CONCURRENTLY" not in text


@pytest.mark.parametrize(
    ("one", "other", "is_covered"),
    [
        ("t(a)", "t(a, b)", True),
        ("t(a, b)", "t(a, b DESC)", False),
        ("t(a DESC)", "t(a, b)", True),
        ("t(b)", "t(a, b)", False),
        ("t(a)", "u(a, b)", False),
        ("t(a) WHERE b = 1", "t(a, b)", False),
        ("t(a) WHERE b = 1", "t(a, c) WHERE b = 1", True),
        ("CREATE UNIQUE INDEX x ON t(a)", "t(a, b)", False),
    ],
)
def test_what_another_index_answers_is_redundant(one: str, other: str, is_covered: bool) -> None:
    index, wide = read_index(one), read_index(other)
    assert (covering(index, [index, wide]) is wide) is is_covered
    assert covering(wide, [index, wide]) is None


def test_of_two_that_are_the_same_the_first_stays() -> None:
    first, second = read_index("CREATE INDEX a ON t(x)"), read_index("CREATE INDEX b ON t(x)")
    assert covering(first, [first, second]) is None
    assert covering(second, [first, second]) is first


@pytest.mark.parametrize(
    "text",
    ["SELECT 1; DROP TABLE users", "DELETE FROM users", "SELECT 1 INTO x", "COPY t TO PROGRAM 'x'", "\\! touch pwned",
     "", "WITH d AS (DELETE FROM t RETURNING 1) SELECT * FROM d"],
)  # fmt: skip
def test_only_single_queries_that_read_are_written(text: str) -> None:
    with pytest.raises(StatementRefusedError):
        one_query(text)
    assert "sql/postgresql/explain.sql" not in files(KnownQuery("q", "main", text, "", "t(a)", None, True))


@given(st.text(max_size=80))
def test_no_text_brings_a_second_command_to_the_prompt(text: str) -> None:
    found, _ = read_indexes(text)
    for index in found:
        statement = create_postgresql(index)
        assert statement.count(";") == 1 or "'" in statement
        assert "\n" not in statement
    try:
        written = postgresql(one_query(text))
    except StatementRefusedError:
        return
    assert "\n" not in written


def test_placeholders_of_pg_stat_statements_become_parameters() -> None:
    text = files(KnownQuery("a b", "main", "SELECT x FROM t WHERE y = ? AND z IN (?)", "", "", None, True))
    (explain,) = [text[path] for path in text if path.endswith("explain.sql")]
    assert "AS SELECT x FROM t WHERE y = $1 AND z IN ($2);" in explain
    assert "\\set a_b_" in text["sql/postgresql/values.sql"]


def test_untuned_queries_and_plans_without_any_give_nothing() -> None:
    assert sql_files(plan()) == []
    assert "untouched" not in "".join(text for _, text in sql_files(whole_plan()))

from __future__ import annotations

import configparser
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.pooling import RESERVED, pgbouncer, pool_size, pooling_files
from tests.exports.sample_plans import DATABASES, change, plan, whole_plan

(MAIN,) = DATABASES


def test_pools_and_pgbouncer_keep_within_max_connections() -> None:
    files = dict(pooling_files(whole_plan()))
    assert set(files) == {"pooling/main.pgbouncer.ini", "pooling/README.md"}
    settings = configparser.ConfigParser(inline_comment_prefixes=None)
    settings.read_string(files["pooling/main.pgbouncer.ini"])
    bouncer = settings["pgbouncer"]
    assert bouncer["pool_mode"] == "transaction"
    assert int(bouncer["max_db_connections"]) == 600 - RESERVED
    assert int(bouncer["max_client_conn"]) >= 60 * 5
    assert "| main | 60 | 5 | 300 | 600 |" in files["pooling/README.md"]
    assert "max: 5," in files["pooling/README.md"]


@given(st.floats(1, 10_000), st.floats(1, 5_000), st.one_of(st.none(), st.floats(1, 500)))
def test_no_pool_asks_for_more_than_there_is_unless_one_each_is_too_many(
    most: float, callers: float, pool: float | None
) -> None:
    database = replace(MAIN, max_connections=most, callers=callers, pool_size=pool)
    size = pool_size(database)
    room = max(1, int(most) - RESERVED)
    assert size >= 1
    assert size == 1 or size * callers <= room
    settings = configparser.ConfigParser()
    settings.read_string(pgbouncer(database))
    assert int(settings["pgbouncer"]["default_pool_size"]) <= int(settings["pgbouncer"]["max_db_connections"]) == room


def test_too_many_callers_are_told_to_put_a_pooler_between() -> None:
    crowded = plan(change("cloud_run", "api", "max_instances", 50, 700), databases=(replace(MAIN, callers=700.0),))
    assert "one connection of each caller is too many already" in dict(pooling_files(crowded))["pooling/README.md"]


@pytest.mark.parametrize("unknown", [{"max_connections": None}, {"callers": None}, {"pool_size": None}])
def test_what_is_not_known_is_not_written(unknown: dict[str, None]) -> None:
    changes = whole_plan().changes
    assert pooling_files(plan(*changes, databases=(replace(MAIN, **unknown),))) == []


def test_mysql_has_no_pgbouncer_and_a_plan_without_connections_nothing() -> None:
    changes = whole_plan().changes
    files = dict(pooling_files(plan(*changes, databases=(replace(MAIN, engine="MySQL"),))))
    assert set(files) == {"pooling/README.md"}
    assert pooling_files(plan(change("tasks", "jobs", "max_attempts", 5, 3), databases=DATABASES)) == []

"""Connection pools against an independent recursion and a simulation of Little's law's terms."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.behaviour.connection_pool import (
    DEFAULT_CONNECTIONS,
    MYSQL,
    POSTGRESQL,
    default_max_connections,
    memory_for_connections,
    pool_size_for,
    pool_wait,
    waiting_share,
)


def erlang_c(busy, servers):
    """By the recursion B(n) = aB(n−1) ÷ (n + aB(n−1))."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = busy * blocked / (n + busy * blocked)
    return blocked / (1.0 - busy / servers * (1.0 - blocked))


@settings(max_examples=60, deadline=None)
@given(busy=st.floats(0.01, 300.0), spare=st.integers(1, 60))
def test_waiting_share_is_erlang_c(busy, spare):
    servers = math.floor(busy) + spare
    assert waiting_share(busy, servers) == pytest.approx(erlang_c(busy, servers), rel=1e-6, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(busy=st.floats(0.0, 300.0))
def test_the_pool_is_the_smallest_that_keeps_the_share(busy):
    size = pool_size_for(busy)
    assert waiting_share(busy, size) <= 0.05
    assert size == 1 or waiting_share(busy, size - 1) > 0.05


@settings(max_examples=40, deadline=None)
@given(rate=st.floats(0.1, 200.0), hold=st.floats(0.001, 0.2), pool=st.integers(1, 30))
def test_a_larger_pool_never_waits_longer(rate, hold, pool):
    small, large = pool_wait(rate, hold, pool), pool_wait(rate, hold, pool + 1)
    assert large[0] <= small[0] + 1e-12
    assert large[1] <= small[1] + 1e-6


def test_an_overloaded_pool_turns_away_what_it_cannot_carry():
    rejected, wait_s = pool_wait(200.0, 0.1, 10)
    assert rejected == pytest.approx(0.5, abs=0.01)
    assert wait_s == pytest.approx(30.0, abs=0.5)
    assert pool_wait(0.0, 0.1, 1) == (0.0, 0.0)


@pytest.mark.parametrize("engine", [POSTGRESQL, MYSQL])
def test_memory_for_connections_is_the_inverse_of_the_default(engine):
    for memory, limit in DEFAULT_CONNECTIONS[engine]:
        assert default_max_connections(memory, engine) == limit
        assert memory_for_connections(limit, engine) == memory
        assert memory_for_connections(limit + 1, engine) > memory
    assert memory_for_connections(10, "SQL Server") == 0.0

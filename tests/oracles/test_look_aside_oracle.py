"""The exported look-aside program on a real Redis: one caller loads, the others wait, nothing fails with the cache."""

from __future__ import annotations

import importlib.util
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from exports.redis import redis_files
from tests.exports.sample_plans import whole_plan
from tests.oracles.test_redis_cache import Redis, redis

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

__all__ = ["redis"]
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(
        not shutil.which("redis-server"), reason="redis-server is missing: the program is NOT tried on it"
    ),
]


class Client:
    """What the program calls of redis-py, over a connection for each thread."""

    def __init__(self, path: Path) -> None:
        self._path, self._own, self.sent = path, threading.local(), []

    def _ask(self, *words: Any) -> Any:
        if not hasattr(self._own, "connection"):
            self._own.connection = Redis(self._path)
        self.sent.append(words)
        return self._own.connection.ask(words)[0]

    def get(self, key: str) -> Any:
        return self._ask("GET", key)

    def set(self, key: str, value: str, px: int | None = None, *, nx: bool = False) -> bool:
        expiry = ("PX", px) if px is not None else ()
        return self._ask("SET", key, value, *expiry, *(("NX",) if nx else ())) == b"OK"

    def eval(self, script: str, count: int, *words: str) -> Any:
        return self._ask("EVAL", script, count, *words)

    def expire(self, key: str, seconds: int) -> Any:
        return self._ask("EXPIRE", key, seconds)

    def delete(self, key: str) -> Any:
        return self._ask("DEL", key)

    def remaining_ms(self, key: str) -> int:
        return int(self._ask("PTTL", key))


class Lost:
    """A client that cannot reach anything."""

    def __getattr__(self, name: str) -> Any:
        def refuse(*_: Any, **__: Any) -> Any:
            raise ConnectionError(name)

        return refuse


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    path = tmp_path_factory.mktemp("program") / "look_aside.py"
    path.write_text(dict(redis_files(whole_plan()))["redis/look_aside.py"])
    spec = importlib.util.spec_from_file_location("exported_look_aside", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def client(redis: Redis, tmp_path: Path) -> Any:
    """redis-py where it is installed, else its calls on a bare connection."""
    path = tmp_path / "redis.sock"
    if importlib.util.find_spec("redis") is None:
        return Client(path)
    import redis as library  # noqa: PLC0415

    return library.Redis(unix_socket_path=str(path))


class Source:
    """The database: counts how often it is asked."""

    def __init__(self, answer: Any, seconds: float = 0.0) -> None:
        self.answer, self.seconds, self.asked = answer, seconds, 0

    def __call__(self) -> Any:
        self.asked += 1
        time.sleep(self.seconds)
        return self.answer


def test_of_many_callers_of_a_cold_key_one_asks_the_database(program: ModuleType, client: Any) -> None:
    cache, source = program.LookAside(client, "v1", ttl_s=60), Source({"id": 7}, 0.3)
    with ThreadPoolExecutor(20) as callers:
        answers = list(callers.map(lambda _: cache.get("user", {"email": "a"}, source), range(20)))
    assert answers == [{"id": 7}] * 20
    assert source.asked == 1
    assert cache.get("user", {"email": "b"}, source) == {"id": 7}
    assert source.asked == 2


def test_without_its_lock_the_program_would_stampede(program: ModuleType, client: Any) -> None:
    class Unlocked(program.LookAside):  # type: ignore[misc,name-defined]
        def _lock(self, key: str) -> str:
            return "mine"

    cache, source = Unlocked(client, "v2", ttl_s=60), Source({"id": 7}, 0.3)
    with ThreadPoolExecutor(20) as callers:
        list(callers.map(lambda _: cache.get("user", {"email": "a"}, source), range(20)))
    assert source.asked > 1


def test_keys_live_as_long_as_the_plan_says_spread_by_a_tenth(program: ModuleType, client: Any, redis: Redis) -> None:
    cache = program.LookAside(client, "v1", ttl_s=60)
    lives = set()
    for number in range(20):
        cache.get("q", {"n": number}, Source(number))
        (left,) = redis.ask(("PTTL", cache.key("q", {"n": number})))
        lives.add(int(left or 0) // 100)
        assert 53_000 < int(left or 0) <= 60_000
    assert len(lives) > 5
    program.LookAside(client, "v1").get("q", {"n": "for ever"}, Source(1))
    assert redis.ask(("PTTL", cache.key("q", {"n": "for ever"}))) == [b"-1"]
    assert _locks(redis) == 0


def _locks(redis: Redis) -> int:
    (count,) = redis.ask(("EVAL", "return #redis.call('keys', '*:lock')", 0))
    return int(count or 0)


def test_answers_that_are_nothing_are_answers_and_hostile_parameters_stay_out_of_keys(
    program: ModuleType, client: Any
) -> None:
    cache, source = program.LookAside(client, "v1", ttl_s=60), Source(None)
    parameters = {"email": "a\r\nFLUSHALL\r\n*:{x}"}
    assert [cache.get("user", parameters, source) for _ in range(3)] == [None] * 3
    assert source.asked == 1
    assert cache.key("user", parameters).isprintable()
    assert len(cache.key("user", {"x": "y" * 10_000})) < 60
    cache.forget("user", parameters)
    cache.get("user", parameters, source)
    assert source.asked == 2


def test_a_hit_restarts_the_time_only_where_it_slides(program: ModuleType, client: Any, redis: Redis) -> None:
    for is_sliding in (False, True):
        cache = program.LookAside(client, f"s{is_sliding}", ttl_s=100, is_sliding=is_sliding)
        cache.get("q", {}, Source(1))
        redis.ask(("PEXPIRE", cache.key("q", {}), 5_000))
        cache.get("q", {}, Source(1))
        (left,) = redis.ask(("PTTL", cache.key("q", {})))
        assert (int(left or 0) > 5_000) is is_sliding


def test_a_lock_whose_holder_died_only_delays(program: ModuleType, client: Any, redis: Redis) -> None:
    cache, source = program.LookAside(client, "v1", ttl_s=60, wait_s=0.2), Source(3)
    redis.ask(("SET", cache.key("q", {}) + ":lock", "somebody", "PX", 60_000))
    assert cache.get("q", {}, source) == 3
    assert redis.ask(("GET", cache.key("q", {}) + ":lock")) == [b"somebody"]


def test_without_redis_and_with_a_full_one_the_database_answers(program: ModuleType, client: Any, redis: Redis) -> None:
    lost = program.LookAside(Lost(), "v1", ttl_s=60)
    assert [lost.get("q", {}, Source(5)) for _ in range(2)] == [5, 5]
    redis.ask(("CONFIG", "SET", "maxmemory-policy", "noeviction"), ("CONFIG", "SET", "maxmemory", 1))
    assert program.LookAside(client, "v1", ttl_s=60).get("q", {}, Source(6)) == 6
    with pytest.raises(ZeroDivisionError):
        lost.get("q", {}, lambda: 1 // 0)


def test_an_error_of_the_database_is_passed_on_and_frees_the_lock(
    program: ModuleType, client: Any, redis: Redis
) -> None:
    cache = program.LookAside(client, "v1", ttl_s=60)
    with pytest.raises(ZeroDivisionError):
        cache.get("q", {}, lambda: 1 // 0)
    assert _locks(redis) == 0
    assert cache.get("q", {}, Source(1)) == 1

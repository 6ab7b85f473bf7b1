"""Answers of a database in front of it: look in Redis, else ask the database once and keep the answer.

    import redis
    cache = LookAside(redis.Redis(host="10.0.0.3"), namespace="v1", ttl_s=300)
    rows = cache.get("user_by_email", {"email": address}, lambda: load_user(address))

- A miss takes a short lock, so that one caller asks the database and the others wait for its answer (no stampede).
- Times to live are spread by a tenth, so that keys written together do not expire together.
- Redis out of reach, slow or full: the database is asked, as before there was a cache.
- After a write call forget(); what cannot be told apart by its parameters must not be cached.

Works with redis-py 4 and later (its get, set, eval, expire, delete). Values must be JSON.
"""

from __future__ import annotations

import hashlib
import json
import random
import secrets
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"
"""A lock is given back only by the caller that took it: another may hold it after it ran out."""
_SPREAD = 0.1


class LookAside:
    """A look-aside cache of named queries."""

    def __init__(
        self,
        client: Any,
        namespace: str,
        ttl_s: float = 0.0,
        *,
        is_sliding: bool = False,
        lock_s: float = 10.0,
        wait_s: float = 2.0,
    ) -> None:
        """Keys live ``ttl_s`` seconds (0: until evicted), from the last hit where sliding; locks ``lock_s`` at most."""
        self._client = client
        self._namespace = namespace
        self._ttl_ms = round(ttl_s * 1000)
        self._is_sliding = is_sliding
        self._lock_ms = round(lock_s * 1000)
        self._wait_s = wait_s

    def key(self, query: str, parameters: Mapping[str, Any]) -> str:
        """``namespace:query:hash of the parameters``; parameters never stand in a key as they are."""
        text = json.dumps(parameters, sort_keys=True, separators=(",", ":"), default=str)
        return f"{self._namespace}:{query}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"

    def get(self, query: str, parameters: Mapping[str, Any], load: Callable[[], Any]) -> Any:
        """The answer from the cache, else from ``load``, which is then kept; whatever ``load`` raises is passed on."""
        key = self.key(query, parameters)
        try:
            found = self._read(key)
            token = "" if found is not None else self._lock(key)
            if found is None and not token:
                found = self._awaited(key)
        except Exception:  # noqa: BLE001 (a cache that fails must not fail the request)
            return load()
        if found is not None:
            return json.loads(found)
        try:
            answer = load()
            self._keep(key, answer)
        finally:
            self._release(key, token)
        return answer

    def forget(self, query: str, parameters: Mapping[str, Any]) -> None:
        """Drop an answer after what it was made from has changed; raises where Redis cannot be reached."""
        self._client.delete(self.key(query, parameters))

    def _read(self, key: str) -> Any:
        found = self._client.get(key)
        if found is not None and self._is_sliding and self._ttl_ms:
            self._client.expire(key, max(1, self._ttl_ms // 1000))
        return found

    def _lock(self, key: str) -> str:
        token = secrets.token_hex(16)
        return token if self._client.set(f"{key}:lock", token, nx=True, px=self._lock_ms) else ""

    def _awaited(self, key: str) -> Any:
        """The answer that another caller is asking for; None when it takes too long."""
        until = time.monotonic() + self._wait_s
        while time.monotonic() < until:
            time.sleep(0.02 + 0.03 * random.random())  # noqa: S311 (spreads waiters, guards nothing)
            found = self._read(key)
            if found is not None:
                return found
        return None

    def _keep(self, key: str, answer: Any) -> None:
        text = json.dumps(answer, separators=(",", ":"))
        spread = 1.0 - _SPREAD * random.random()  # noqa: S311 (spreads expiry, guards nothing)
        try:
            self._client.set(key, text, px=max(1, round(self._ttl_ms * spread)) if self._ttl_ms else None)
        except Exception:  # noqa: BLE001 (full or out of reach: the answer is right all the same)
            return

    def _release(self, key: str, token: str) -> None:
        if not token:
            return
        try:
            self._client.eval(_RELEASE, 1, f"{key}:lock", token)
        except Exception:  # noqa: BLE001 (the lock runs out by itself)
            return

"""What can be set and must be assumed for a cache."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from model.assumed import Assumed
from model.behaviour.cache_curve import MAX_SIZE_GIB, CacheLoad, hit_ratio
from model.levers.cache_capacity import TIERS
from model.levers.cache_instance import GOOGLES_POLICY, NEW_POLICY, POLICIES, firestore_reads
from model.parameter import Chosen, Parameter, Values

if TYPE_CHECKING:
    from model.behaviour.cache_curve import Eviction
    from model.bill import Bill
    from model.levers.cache_instance import Cache


DEFAULT_REQUESTS_PER_S: Final = 100.0
_SECONDS_PER_HOUR: Final = 3600.0
ASSUMED: Final = {
    "keys": Assumed(
        "distinct keys asked for", "keys", 1e6, 1e5, 1e7, 1, 1e9, 1e5,
        "Different results that are asked for; a cache that holds them all answers everything that is cacheable.",
    ),
    "zipf_exponent": Assumed(
        "skew of popularity", "", 0.9, 0.6, 1.1, 0.0, 2.0, 0.05,
        "Zipf exponent: 0 means that all keys are asked for alike, 1 that the second is asked for half as often as the "
        "first.",
    ),
    "item_bytes": Assumed("size of an item", "bytes", 1024.0, 256, 8192, 1, 1e8, 256, "Value as stored in the cache."),
    "requests_per_s": Assumed(
        "cacheable requests", "per second", DEFAULT_REQUESTS_PER_S, 10, 1000, 0.001, 1e7, 10,
        "Lookups that reach the cache. They decide how fast keys are replaced, not how popular they are.",
    ),
    "writes_per_s": Assumed(
        "writes to cached keys", "per second", 0.0, 0, 10, 0, 1e7, 1,
        "A write drops the cached copy; it falls on keys as requests do.",
    ),
    "firestore_cacheable_share": Assumed(
        "share of Firestore reads that a cache could answer", "ratio", 0.3, 0.0, 0.6, 0, 1, 0.01,
        "Reads that may be answered from a copy, as a share of the reads there would be without a cache.",
    ),
    "usable_share": Assumed(
        "share of memory for items", "ratio", 0.8, 0.7, 0.9, 0.1, 1, 0.05,
        "The rest is kept for fragmentation, clients and replication.",
    ),
    "item_overhead_bytes": Assumed(
        "overhead per item", "bytes", 100.0, 60, 160, 0, 10_000, 10,
        "Key, dictionary entry and expiry beside the value.",
    ),
}  # fmt: skip


def cache_parameters(bill: Bill, cache: Cache) -> list[Parameter]:
    """Settings, then assumptions, of one cache."""
    assumptions = [_assumption(bill, cache, name) for name in ASSUMED if _is_asked(bill, name)]
    return [*_settings(bill, cache), *assumptions, _waiver(cache)]


def _waiver(cache: Cache) -> Parameter:
    return Parameter(
        cache.key("loss_waived"), f"{cache.name}: its loss may slow the databases", "", "assumption", False,  # noqa: FBT003
        "not typed in: no is taken", "modelled",
        "Whether a plan may rest on this cache never being empty: then no database is kept large enough to carry the "
        "work alone when the cache fails or is restarted.",
        choices=(False, True),
    )  # fmt: skip


def load_of(values: Values, cache: Cache, asked: Asked | None = None, demand: float = 1.0) -> CacheLoad:
    """The load of a cache at the assumptions in force, as the application and its policy are set (default: as typed).

    Requests and writes grow with demand; what is asked for (keys, their popularity) stays.
    """
    asked = asked or asked_of(values, cache)
    number = {name: values.number(cache.key(name), ASSUMED[name].number) for name in ASSUMED}
    return CacheLoad(
        keys=round(number["keys"]),
        zipf_exponent=number["zipf_exponent"],
        item_bytes=number["item_bytes"],
        requests_per_s=number["requests_per_s"] * demand,
        writes_per_s=number["writes_per_s"] * demand,
        ttl_s=asked.ttl_s,
        is_sliding=asked.is_sliding,
        eviction=asked.eviction,
        item_overhead_bytes=number["item_overhead_bytes"],
        usable_share=number["usable_share"],
    )


@dataclass(frozen=True)
class Asked:
    """How a cache is used: time to live, whether a hit restarts it, what is evicted when it is full."""

    ttl_s: float
    is_sliding: bool
    policy: str

    @property
    def eviction(self) -> Eviction:
        """What the policy comes to: ``volatile-ttl`` drops what expires first, so what was written (or hit) first.

        LFU counts as LRU, which hits no more often on requests that do not drift.
        """
        if self.policy.endswith("-random"):
            return "random"
        return "fifo" if self.policy == "volatile-ttl" and not self.is_sliding else "lru"

    @property
    def evicts_nothing(self) -> bool:
        """Whether a full cache refuses writes: a volatile policy evicts only keys that have a time to live."""
        return self.policy == "noeviction" or (self.policy.startswith("volatile-") and self.ttl_s <= 0.0)


def asked_of(values: Values, cache: Cache) -> Asked:
    """How the scenario has a cache used."""
    return Asked(
        values.number(cache.key("ttl_s")),
        values.get(cache.key("ttl_sliding")) is True,
        values.text(cache.key("policy"), NEW_POLICY),
    )


def asked_today(bill: Bill, cache: Cache) -> Asked:
    """How a cache is used today, as far as the inventory tells; else without expiry, by Google's default policy."""
    ttl, policy = (bill.fact(cache.key(name)) for name in ("ttl_s", "policy"))
    return Asked(float(ttl.value or 0) if ttl else 0.0, False, str(policy.value) if policy else _policy_today(cache))  # noqa: FBT003


def _policy_today(cache: Cache) -> str:
    return NEW_POLICY if cache.resource is None else GOOGLES_POLICY


def _is_asked(bill: Bill, name: str) -> bool:
    return name != "firestore_cacheable_share" or firestore_reads(bill) > 0.0


def _settings(bill: Bill, cache: Cache) -> list[Parameter]:
    is_new = cache.resource is None
    today = 0.0 if is_new else round(_default_hit_ratio(bill, cache), 4)
    ttl = bill.fact(cache.key("ttl_s"))
    return [
        Parameter(
            cache.key("target_hit_ratio"), f"{cache.name}: target hit rate", "ratio", "setting", today,
            "this bill has no cache" if is_new else "the cache curve at today's size and the stated assumptions",
            "measured" if is_new else "modelled",
            "Share of cacheable requests that the cache answers. The size follows from it, or it is not reachable.",
            minimum=0.0, maximum=1.0, step=0.01,
        ),
        Parameter(
            cache.key("size_gib"), f"{cache.name}: size", "GiB", "setting", cache.size_gib, cache.size_source,
            cache.size_evidence,
            "Provisioned memory, in whole GiB. The hit rate follows from it; give both and the size is priced and the "
            "rate taken as typed. Resizing a Basic instance empties it.",
            minimum=0.0, maximum=float(MAX_SIZE_GIB), step=1.0, configures="--size", disruption="restart",
        ),
        Parameter(
            cache.key("tier"), f"{cache.name}: tier", "", "setting", cache.tier, cache.tier_source,
            "modelled" if is_new else "measured",
            "Standard keeps a replica in a second zone. The tier of an instance cannot be updated: another is made.",
            choices=TIERS, configures="--tier", disruption="migration", protects="a replica in a second zone",
        ),
        Parameter(
            cache.key("ttl_s"), f"{cache.name}: time to live", "s", "setting", ttl.value if ttl else 0,
            ttl.source if ttl else "not known: taken as none (0)", ttl.evidence if ttl else "modelled",
            "Seconds from the write after which an item expires; 0 is never. Set by the application.",
            minimum=0.0, maximum=2_592_000.0, step=60.0, protects="how old an answer may be",
        ),
        Parameter(
            cache.key("ttl_sliding"), f"{cache.name}: a hit restarts the time to live", "", "setting",
            False, "as caches are mostly used" if is_new else "not known: taken as no", "modelled",  # noqa: FBT003
            "Whether the application sets the time to live again at each hit, rather than at the write alone.",
            choices=(False, True),
        ),
        _policy(bill, cache),
    ]  # fmt: skip


def _policy(bill: Bill, cache: Cache) -> Parameter:
    fact, is_new = bill.fact(cache.key("policy")), cache.resource is None
    source = "what suits a cache that holds copies only" if is_new else "not known: Google's default"
    return Parameter(
        cache.key("policy"), f"{cache.name}: eviction policy", "", "setting",
        fact.value if fact else _policy_today(cache), fact.source if fact else source,
        fact.evidence if fact else "modelled",
        "What goes when the memory is full. The volatile policies evict only keys that have a time to live.",
        choices=POLICIES, configures="--redis-config" if is_new else "--update-redis-config",
    )  # fmt: skip


def _default_hit_ratio(bill: Bill, cache: Cache) -> float:
    """What the curve gives today at the assumptions as they are declared."""
    declared = [_assumption(bill, cache, name) for name in ASSUMED]
    values = Values({p.key: Chosen(p.current, p.evidence, p.default_from) for p in declared})
    return hit_ratio(load_of(values, cache, asked_today(bill, cache)), cache.size_gib).hit_ratio


def _assumption(bill: Bill, cache: Cache, name: str) -> Parameter:
    assumed, source = ASSUMED[name], ""
    reads = firestore_reads(bill)
    if name == "requests_per_s" and reads > 0.0:
        value = reads / (float(bill.hours.is_calendar.sum()) * _SECONDS_PER_HOUR)
        assumed = replace(assumed, value=float(f"{value:.4g}"), low=value / 2, high=value * 5)
        source = "this bill's Firestore reads per second, without database reads"
    return assumed.parameter(cache.key(name), cache.name, bill.fact(cache.key(name)), source)

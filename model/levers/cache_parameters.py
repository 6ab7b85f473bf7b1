"""What can be set and must be assumed for a cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.behaviour.cache_curve import MAX_SIZE_GIB, CacheLoad, hit_ratio
from model.levers.cache_capacity import TIERS
from model.levers.cache_instance import firestore_reads
from model.parameter import Chosen, Parameter, Values

if TYPE_CHECKING:
    from model.bill import Bill
    from model.levers.cache_instance import Cache


@dataclass(frozen=True)
class _Assumed:
    """Title, unit, stated default with its range, limits and help of one assumption."""

    title: str
    unit: str
    value: float
    low: float
    high: float
    minimum: float
    maximum: float
    step: float
    text: str


DEFAULT_REQUESTS_PER_S: Final = 100.0
_SECONDS_PER_HOUR: Final = 3600.0
ASSUMED: Final = {
    "keys": _Assumed(
        "distinct keys asked for", "keys", 1e6, 1e5, 1e7, 1, 1e9, 1e5,
        "Different results that are asked for; a cache that holds them all answers everything that is cacheable.",
    ),
    "zipf_exponent": _Assumed(
        "skew of popularity", "", 0.9, 0.6, 1.1, 0.0, 2.0, 0.05,
        "Zipf exponent: 0 means that all keys are asked for alike, 1 that the second is asked for half as often as the "
        "first.",
    ),
    "item_bytes": _Assumed("size of an item", "bytes", 1024, 256, 8192, 1, 1e8, 256, "Value as stored in the cache."),
    "requests_per_s": _Assumed(
        "cacheable requests", "per second", DEFAULT_REQUESTS_PER_S, 10, 1000, 0.001, 1e7, 10,
        "Lookups that reach the cache. They decide how fast keys are replaced, not how popular they are.",
    ),
    "writes_per_s": _Assumed(
        "writes to cached keys", "per second", 0, 0, 10, 0, 1e7, 1,
        "A write drops the cached copy; it falls on keys as requests do.",
    ),
    "firestore_cacheable_share": _Assumed(
        "share of Firestore reads that a cache could answer", "ratio", 0.3, 0.0, 0.6, 0, 1, 0.01,
        "Reads that may be answered from a copy, as a share of the reads there would be without a cache.",
    ),
    "usable_share": _Assumed(
        "share of memory for items", "ratio", 0.8, 0.7, 0.9, 0.1, 1, 0.05,
        "The rest is kept for fragmentation, clients and replication.",
    ),
    "item_overhead_bytes": _Assumed(
        "overhead per item", "bytes", 100, 60, 160, 0, 10_000, 10, "Key, dictionary entry and expiry beside the value.",
    ),
}  # fmt: skip


def cache_parameters(bill: Bill, cache: Cache) -> list[Parameter]:
    """Settings, then assumptions, of one cache."""
    assumptions = [_assumption(bill, cache, name) for name in ASSUMED if _is_asked(bill, name)]
    return [*_settings(bill, cache), *assumptions]


def load_of(values: Values, cache: Cache, ttl_s: float) -> CacheLoad:
    """The load of a cache at the assumptions in force."""
    number = {name: values.number(cache.key(name), ASSUMED[name].value) for name in ASSUMED}
    return CacheLoad(
        keys=round(number["keys"]),
        zipf_exponent=number["zipf_exponent"],
        item_bytes=number["item_bytes"],
        requests_per_s=number["requests_per_s"],
        writes_per_s=number["writes_per_s"],
        ttl_s=ttl_s,
        item_overhead_bytes=number["item_overhead_bytes"],
        usable_share=number["usable_share"],
    )


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
    ]  # fmt: skip


def _default_hit_ratio(bill: Bill, cache: Cache) -> float:
    """What the curve gives today at the assumptions as they are declared."""
    declared = [_assumption(bill, cache, name) for name in ASSUMED]
    values = Values({p.key: Chosen(p.current, p.evidence, p.default_from) for p in declared})
    return hit_ratio(load_of(values, cache, ttl_today(bill, cache)), cache.size_gib).hit_ratio


def ttl_today(bill: Bill, cache: Cache) -> float:
    """Time to live that the inventory tells, seconds; 0 (none) where it does not."""
    fact = bill.fact(cache.key("ttl_s"))
    return float(fact.value or 0) if fact else 0.0


def _assumption(bill: Bill, cache: Cache, name: str) -> Parameter:
    assumed, fact = ASSUMED[name], bill.fact(cache.key(name))
    value: object = assumed.value
    source, low, high = f"typed in; taken as {assumed.value:g}", assumed.low, assumed.high
    reads = firestore_reads(bill)
    if name == "requests_per_s" and reads > 0.0:
        value = reads / (float(bill.hours.is_calendar.sum()) * _SECONDS_PER_HOUR)
        source, low, high = "this bill's Firestore reads per second, without database reads", value / 2, value * 5
    return Parameter(
        cache.key(name), f"{cache.name}: {assumed.title}", assumed.unit, "assumption",
        fact.value if fact else _rounded(value), fact.source if fact else source,
        fact.evidence if fact else "modelled", assumed.text,
        minimum=assumed.minimum, maximum=assumed.maximum, step=assumed.step,
        low=None if fact else low, high=None if fact else high,
    )  # fmt: skip


def _rounded(value: object) -> float:
    return float(f"{float(str(value)):.4g}")

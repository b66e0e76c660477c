"""How many commands may be sent, by one connection or by a whole domain: token buckets, pure (time comes in)."""

from collections.abc import Mapping

from msgspec import Struct


class TokenBucket(Struct, gc=False):
    """`rate` tokens a second up to `burst`; `tokens` are there at the moment `now`.

    Holds nothing but numbers, and so is nothing for the garbage collector to look at: there is one a connection.
    """

    rate: float
    burst: float
    now: float
    tokens: float

    @classmethod
    def full(cls, rate: float, burst: float, now: float) -> "TokenBucket":
        return cls(rate, burst, now, burst)

    def take(self, cost: float, now: float) -> float:
        """0 if `cost` tokens were there and are taken; else the seconds to wait until they would be."""
        self.tokens = min(self.burst, self.tokens + (now - self.now) * self.rate)
        self.now = now
        if self.tokens >= cost:
            self.tokens -= cost
            return 0.0
        return (cost - self.tokens) / self.rate


BURST_SECONDS = 5.0


class Allowance(Struct, frozen=True):
    """Tokens a second that a domain has on a gateway: some, and more with each connection."""

    base: float
    each: float


DOMAIN_ALLOWANCES: Mapping[str, Allowance] = {
    "change": Allowance(100, 2),
    "write": Allowance(200, 10),
    "read": Allowance(200, 10),
    "search": Allowance(50, 1),
}
"""By kind of command (dispatch.py: Kind). Far above what people do, and below what would leave nothing to others."""


class Budget:
    """What the connections of a domain may ask together, for each kind of command. Pure."""

    __slots__ = ("_allowances", "_buckets")

    def __init__(self, allowances: Mapping[str, Allowance] = DOMAIN_ALLOWANCES) -> None:
        self._allowances = allowances
        self._buckets: dict[str, TokenBucket] = {}

    def take(self, kind: str, cost: float, connections: int, now: float) -> float:
        """0 if the tokens were there and are taken; else the seconds to wait until they would be."""
        allowance = self._allowances.get(kind)
        if allowance is None:
            return 0.0
        rate = allowance.base + allowance.each * connections
        bucket = self._buckets.get(kind)
        if bucket is None:
            bucket = self._buckets[kind] = TokenBucket.full(rate, rate * BURST_SECONDS, now)
        bucket.rate, bucket.burst = rate, rate * BURST_SECONDS
        return bucket.take(cost, now)

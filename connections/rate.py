"""How many commands one connection may send: a token bucket, pure (time comes in)."""

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

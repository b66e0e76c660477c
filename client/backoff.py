"""How long to wait before the next attempt to connect. Pure; the same rule as portal/client/backoff.js."""

FIRST = 1.0
LONGEST = 30.0


def wait_before(attempt: int, random: float) -> float:
    """Seconds. `attempt`: 0 after a connection that had been live; `random` in [0, 1)."""
    if attempt == 0:
        return 0.2 + random * (FIRST - 0.2)
    longest: float = min(LONGEST, FIRST * 2.0**attempt)
    return longest / 2 + random * longest / 2

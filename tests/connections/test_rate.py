"""The token bucket."""

from connections.rate import TokenBucket


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    bucket = TokenBucket.full(rate=2, burst=3, now=0)
    assert [bucket.take(1, now=0) for _ in range(3)] == [0, 0, 0]
    assert bucket.take(1, now=0) == 0.5
    assert bucket.take(1, now=0.5) == 0


def test_waiting_longer_than_the_burst_saves_nothing_up() -> None:
    bucket = TokenBucket.full(rate=2, burst=3, now=0)
    assert [bucket.take(1, now=1_000) for _ in range(3)] == [0, 0, 0]
    assert bucket.take(1, now=1_000) > 0


def test_a_refused_command_costs_nothing() -> None:
    bucket = TokenBucket.full(rate=1, burst=2, now=0)
    assert bucket.take(3, now=0) == 1
    assert bucket.take(2, now=0) == 0

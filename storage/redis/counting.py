"""How often something happened, each count in a window that starts with its first and ends by itself."""

from collections.abc import Sequence

from redis.asyncio import Redis


async def count_in_window(client: Redis, counted: Sequence[str], seconds: int) -> list[tuple[int, int]]:
    """Adds one to each key and gives its (count, milliseconds until it is forgotten). All keys on one node."""
    async with client.pipeline(transaction=True) as pipeline:
        for key in counted:
            pipeline.set(key, 0, ex=seconds, nx=True)
            pipeline.incr(key)
            pipeline.pttl(key)
        answers = await pipeline.execute()
    return [(answers[at + 1], answers[at + 2]) for at in range(0, len(answers), 3)]


def wait_of(count: int, milliseconds: int, most: int) -> float:
    """Seconds until the window ends, if `count` is over `most`; else 0."""
    return max(milliseconds, 1) / 1000 if count > most else 0.0

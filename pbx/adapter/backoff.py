"""How long to wait before the next try. Pure: chance is an argument."""

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 30.0
REFUSED_SECONDS = 60.0
"""Between tries when only a person can set it right: a wrong password does not get better by repeating it."""
_MOST_DOUBLINGS = 10


def pause_before(attempt: int, chance: float, *, first: float = FIRST_SECONDS) -> float:
    """Seconds before the retry number `attempt` (from 1): twice as long each time, up to half of it by chance (0 to 1).

    After a switch or a gateway starts again, its adapters do not come back in the same moment.
    """
    whole = min(LONGEST_SECONDS, first * 2.0 ** min(attempt - 1, _MOST_DOUBLINGS))
    return whole * (0.5 + 0.5 * chance)

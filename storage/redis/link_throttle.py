"""Counts of password links asked for: on one account from one place, from many places, on many accounts from one place.

Every count is of what was asked, not of what was sent, so that it tells nothing of who exists.
"""

from redis.asyncio import Redis

from storage.redis import keys
from storage.redis.client import errors_translated
from storage.redis.counting import count_in_window, wait_of
from wire.identity import DomainId
from wire.networks import network_of

WINDOW = 3_600
"""Seconds; as long as a link is good."""
ASKED_FROM_ONE_NETWORK = 5
ASKED_FROM_ANYWHERE = 10
"""More, so that somebody who asks in a colleague's name from elsewhere does not keep the colleague from asking."""
ASKED_BY_ONE_NETWORK = 100
"""A whole office may sit behind one address."""


class RedisLinkThrottle:
    """See `accounts.links.store.LinkThrottle`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def ask(self, domain: DomainId, login_name: str, address: str) -> float:
        network = network_of(address)
        on_account = [keys.links_asked(domain, login_name, network), keys.links_asked(domain, login_name)]
        async with errors_translated():
            # First of the network: what it asks beyond its measure does not count against accounts.
            [by_network] = await count_in_window(self._client, [keys.links_asked_by(network)], WINDOW)
            wait = wait_of(*by_network, ASKED_BY_ONE_NETWORK)
            if wait > 0:
                return wait
            from_here, from_anywhere = await count_in_window(self._client, on_account, WINDOW)
        return max(wait_of(*from_here, ASKED_FROM_ONE_NETWORK), wait_of(*from_anywhere, ASKED_FROM_ANYWHERE))

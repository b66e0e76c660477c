"""A client of the gateway for scripts and tests in Python: presence, people, contacts and chat, kept right over losses.

    async with PresenceClient("https://chat.example.com", token) as client:
        await client.until(lambda: client.presence_of(3).colour is Colour.RED)

The same surface as the JavaScript client (portal/client/). Needs `wire/` beside it, and nothing else of the gateway.
"""

from client.errors import CommandRefused, Ended, NotConnected
from client.presence_client import PresenceClient, log_in

__all__ = ["CommandRefused", "Ended", "NotConnected", "PresenceClient", "log_in"]

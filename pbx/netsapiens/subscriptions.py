"""Has NetSapiens post what happens to us: one subscription for each domain and kind, made again when it is gone."""

from collections.abc import Sequence

import structlog

from pbx.netsapiens.api import NetSapiensApi
from pbx.netsapiens.records import Record, text_of

log = structlog.get_logger(__name__)

CALL = "call"
SUBSCRIBER = "subscriber"
"""Tells of changes of a user, Do Not Disturb among them."""


class Subscriptions:
    """`url`: where we can be reached from there, the secret in its path included."""

    def __init__(self, url: str, domains: Sequence[str], models: Sequence[str]) -> None:
        self._url = url.rstrip("/")
        self._wanted = [(domain, model) for domain in domains for model in models]

    async def keep(self, api: NetSapiensApi) -> None:
        """Makes those that are missing. Raises what the API raises."""
        there = {_essence(record) for record in await api.list_all("subscriptions")}
        for domain, model in self._wanted:
            post_url = f"{self._url}/{model}"
            if (domain, model, post_url) not in there:
                await api.create(
                    "subscriptions",
                    of={
                        "model": model,
                        "post-url": post_url,
                        "domain": domain,
                        "user": "*",
                        "subscription-geo-support": "yes",
                    },
                )
                log.info("netsapiens_subscribed", domain=domain, model=model)


def _essence(record: Record) -> tuple[str, str, str]:
    return text_of(record, "domain"), text_of(record, "model"), text_of(record, "post-url")

"""What has to be kept about webhooks. Implemented in storage/postgres. Raises `wire.errors.Unavailable`."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from webhooks.model import NamedUser, Standing, Webhook
from wire.identity import DomainId, Extension, GatewayId, UserId


class WebhookStore(Protocol):
    async def hold(self, gateway: GatewayId, seconds: float) -> Sequence[Webhook]:
        """Keeps the webhooks of this gateway for so long, and takes over those whose gateway has gone."""

    async def let_go(self, gateway: GatewayId) -> None:
        """Others may have them at once."""

    async def delivered(self, webhook: Webhook, gateway: GatewayId, standing: Standing) -> bool:
        """False, and nothing is kept, if another gateway has the webhook meanwhile."""

    async def failed(self, webhook: Webhook, gateway: GatewayId, problem: str, seconds: float) -> None:
        """The next attempt is due in `seconds`, on whatever gateway."""

    async def disable(self, webhook: Webhook, problem: str) -> None:
        """Until an operator enables it again."""

    async def extensions(self, domain: DomainId, users: Collection[UserId]) -> Mapping[UserId, Extension]: ...

    async def names_since(self, domain: DomainId, rev: int, most: int) -> Sequence[NamedUser]:
        """Those whose entry in the directory is newer than `rev`, oldest first; -1: everybody who is listed.

        At least `most`, unless there are not so many; all that share a revision come together.
        """

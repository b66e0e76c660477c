"""A domain of a test's own, with people in it, and an ear on what is announced to them."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from accounts.users.model import NewUser
from storage.postgres.pool import Pool, transaction
from storage.postgres.provisioning import add_domain_in_tx, add_site_in_tx, add_user_in_tx
from storage.redis.bus import RedisBus
from wire.announce import Announcement, SessionsEnded
from wire.events import AnyEvent, ProfileChanged
from wire.identity import Caller, DomainId, Extension, Scope, SessionId, UserId

_MARK = datetime(2000, 1, 1, tzinfo=UTC)
_decode_event = msgspec.json.Decoder(AnyEvent).decode


class Company:
    """A fresh domain. `add` people to it; `caller` makes one of them ask for something without logging in."""

    def __init__(self, pool: Pool, domain: DomainId) -> None:
        self.domain = domain
        self._pool = pool
        self._people: dict[UserId, NewUser] = {}

    @classmethod
    async def make(cls, pool: Pool, *, sites: Sequence[str] = (), time_zone: str = "UTC") -> "Company":
        domain = DomainId(f"{secrets.token_hex(6)}.test")
        async with transaction(pool) as conn:
            await add_domain_in_tx(conn, domain, name="A Company", time_zone=time_zone)
            for site in sites:
                await add_site_in_tx(conn, domain, site)
        return cls(pool, domain)

    async def add(self, extension: str, **fields: object) -> UserId:
        """A user, with the fields of NewUser; a Basic User called User <extension> unless said otherwise."""
        new = msgspec.convert({"first_name": "User", "last_name": extension, "extension": extension, **fields}, NewUser)
        async with transaction(self._pool) as conn:
            user = await add_user_in_tx(conn, self.domain, new)
        self._people[user] = new
        return user

    def caller(self, user: UserId, *, operator: UserId | None = None) -> Caller:
        person = self._people[user]
        return Caller(
            domain=self.domain,
            user=user,
            extension=Extension(person.extension),
            scope=Scope(person.scope),
            session=SessionId("not-logged-in"),
            site=person.site,
            operator=operator,
        )


class Heard(Struct, frozen=True):
    """`to` None: everybody in the domain."""

    to: list[UserId] | None
    event: AnyEvent


class Listener:
    """What reaches a gateway about one domain, in order. Implements `wire.announce.Follower`."""

    def __init__(self) -> None:
        self._heard: list[Heard] = []
        self.ended: list[SessionsEnded] = []
        self._marked = asyncio.Event()

    @classmethod
    async def on(cls, bus: RedisBus, domain: DomainId) -> "Listener":
        listener = cls()
        await bus.follow(domain, listener)
        return listener

    async def everything(self, bus: RedisBus, domain: DomainId) -> list[Heard]:
        """All that was announced before this call: a mark is sent after it, and waited for."""
        self._marked.clear()
        await bus.announce(domain, ProfileChanged(at=_MARK), [])
        async with asyncio.timeout(60):
            await self._marked.wait()
        return self._heard

    def presence(self, payload: bytes) -> None:
        """Not what these tests are about."""

    def announced(self, announcement: Announcement, event: bytes) -> None:
        if announcement.to == []:
            self._marked.set()
        else:
            self._heard.append(Heard(announcement.to, _decode_event(event)))

    def sessions_ended(self, ended: SessionsEnded) -> None:
        self.ended.append(ended)

    def lost(self) -> None:
        raise AssertionError("the subscription was lost")

"""Who administers, by which key and where."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from accounts.administration.errors import KeyNameTaken, NoSuchDomain, NoSuchKey, NotForThisDomain
from accounts.administration.model import AdministrationKey, NewAdministrationKey
from accounts.administration.scopes import AdministrationScope, allowed_by
from accounts.administration.store import AdministrationKeyStore
from accounts.errors import SessionOver
from accounts.service import PROLONG_EVERY, now_utc
from accounts.tokens import hash_token, is_administration_key, make_administration_key, make_session_id
from wire.administration import AdministrationKeyLine
from wire.identity import NOBODY, Caller, DomainId, Extension, Scope, SessionId

NO_DOMAIN = DomainId("")
"""Where somebody acts who adds a company, or a switch that serves many."""


class AdministrationKeyService:
    """Keys are made and revoked at the command line only: nobody gets one by another one."""

    def __init__(self, store: AdministrationKeyStore, clock: Callable[[], datetime] = now_utc) -> None:
        self._store = store
        self._clock = clock

    async def make(
        self,
        name: str,
        scopes: Sequence[AdministrationScope],
        domains: Sequence[DomainId] | None = None,
        days: int | None = None,
    ) -> str:
        """The token, which is shown this once. Raises `KeyNameTaken`, and `NoSuchDomain` for one of `domains`."""
        for each in domains or ():
            if not await self._store.is_open(each):
                raise NoSuchDomain(each)
        now, token = self._clock(), make_administration_key()
        key = NewAdministrationKey(
            key=make_session_id(),
            token_hash=hash_token(token),
            name=name,
            scopes=tuple(sorted(set(scopes))),
            domains=None if domains is None else tuple(sorted(set(domains))),
            created_at=now,
            expires_at=None if days is None else now + timedelta(days=days),
        )
        if not await self._store.add(key):
            raise KeyNameTaken
        return token

    async def list_all(self) -> list[AdministrationKeyLine]:
        return [_shown(each) for each in await self._store.list_all()]

    async def revoke(self, name: str) -> None:
        """Raises `NoSuchKey`."""
        if not await self._store.revoke(name):
            raise NoSuchKey(name)

    async def caller_of(self, token: str, domain: str | None) -> Caller:
        """Raises `SessionOver`, `NotForThisDomain` and `NoSuchDomain`."""
        found = await self._store.by_token(hash_token(token)) if is_administration_key(token) else None
        now = self._clock()
        if found is None or not found.is_good(now):
            raise SessionOver
        where = NO_DOMAIN if domain is None else DomainId(domain.lower())
        if domain is not None:
            await self._check(found, where)
        if found.last_used_at is None or now - found.last_used_at >= PROLONG_EVERY:
            await self._store.mark_used(found.key, now)
        return caller_of(found, where)

    async def _check(self, key: AdministrationKey, domain: DomainId) -> None:
        if not key.is_for(domain):
            raise NotForThisDomain
        if not await self._store.is_open(domain):
            raise NoSuchDomain(domain)


def caller_of(key: AdministrationKey, domain: DomainId) -> Caller:
    return Caller(
        domain=domain,
        user=NOBODY,
        extension=Extension(""),
        scope=Scope.SUPER_USER,
        session=SessionId(f"administration:{key.key}"),
        key=key.name,
        may_only=allowed_by(key.scopes),
        only_domains=None if key.domains is None else frozenset(key.domains),
    )


def _shown(key: AdministrationKey) -> AdministrationKeyLine:
    return AdministrationKeyLine(
        key=key.key,
        name=key.name,
        scopes=[*key.scopes],
        domains=None if key.domains is None else [*key.domains],
        created_at=key.created_at,
        expires_at=key.expires_at,
        used_at=key.last_used_at,
    )

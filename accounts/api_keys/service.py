"""Making and revoking keys, and who is calling with one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from accounts.api_keys.errors import KeyGone, NotYourKeys
from accounts.api_keys.model import KeyId, KeyLine, NewKey, UsedKey, key_of, session_of
from accounts.api_keys.scopes import KeyScope, allowed_by
from accounts.api_keys.store import KeyStore
from accounts.auditing import line_of
from accounts.errors import SessionOver
from accounts.permissions import Permission, may
from accounts.service import PROLONG_EVERY, now_utc
from accounts.tokens import hash_token, is_key, make_key, make_session_id, parse_key
from wire.announce import Announcer
from wire.errors import Invalid
from wire.events import EndReason
from wire.identity import Caller, DomainId, Extension, SessionId, UserId
from wire.security import ApiKey, ApiKeyMade, ApiKeys, NewApiKey

MOST_KEYS = 100


class Logins(Protocol):
    """accounts/service.py."""

    async def caller_of(self, token: str) -> Caller: ...

    async def caller_of_session(self, domain: DomainId, session: SessionId) -> Caller: ...

    async def caller_of_ticket(self, ticket: str) -> Caller: ...


class ApiKeyService:
    """A key acts as whoever made it, within its scopes, and so never does more than that user may."""

    def __init__(self, store: KeyStore, announcer: Announcer, clock: Callable[[], datetime] = now_utc) -> None:
        self._store = store
        self._announcer = announcer
        self._clock = clock

    async def make(self, caller: Caller, new: NewApiKey) -> ApiKeyMade:
        """Raises `NotYourKeys`, `Invalid` with the field, `NameTaken`, `TooManyKeys` and `Unavailable`."""
        _check(caller)
        user, extension = await self._acts_as(caller, new)
        now, token = self._clock(), make_key(caller.domain)
        key = NewKey(
            key=KeyId(make_session_id()),
            domain=caller.domain,
            token_hash=hash_token(token),
            user=user,
            name=new.name.strip(),
            scopes=_scopes_of(new),
            created_by=None if caller.is_administrator else caller.user,
            created_at=now,
            expires_at=None if new.days is None else now + timedelta(days=new.days),
        )
        if not key.name:
            raise Invalid("A key needs a name", field="name")
        after: dict[str, object] = {"name": key.name, "scopes": [*key.scopes], "days": new.days}
        await self._store.add(key, MOST_KEYS, line_of(caller, now, "api_key.made", f"api_key:{key.key}", None, after))
        shown = ApiKey(
            key=key.key,
            name=key.name,
            user=key.user,
            extension=extension,
            scopes=[*key.scopes],
            created_by=key.created_by,
            created_at=now,
            expires_at=key.expires_at,
            used_at=None,
        )
        return ApiKeyMade(key=shown, token=token)

    async def _acts_as(self, caller: Caller, new: NewApiKey) -> tuple[UserId, Extension]:
        """Raises `Invalid`: a key never does what whoever made it could not."""
        if not caller.is_administrator:
            if new.extension not in (None, caller.extension):
                raise Invalid("A key acts as whoever makes it", field="extension")
            return caller.user, caller.extension
        if new.extension is None:
            raise Invalid("Say as whose extension the key acts", field="extension")
        user = await self._store.user_with(caller.domain, new.extension)
        if user is None:
            raise Invalid(f"There is no user {new.extension} in {caller.domain}", field="extension")
        return user, new.extension

    async def list_all(self, caller: Caller) -> ApiKeys:
        _check(caller)
        return ApiKeys(items=[_shown(each) for each in await self._store.list_all(caller.domain)])

    async def revoke_by_name(self, caller: Caller, name: str) -> None:
        """As `revoke`."""
        found = next((each for each in await self._store.list_all(caller.domain) if each.name == name), None)
        if found is None:
            raise KeyGone
        await self.revoke(caller, found.key)

    async def revoke(self, caller: Caller, key: KeyId) -> None:
        """Closes its connections, too. Raises `NotYourKeys`, `KeyGone` and `Unavailable`."""
        _check(caller)
        audit = line_of(caller, self._clock(), "api_key.revoked", f"api_key:{key}")
        user = await self._store.revoke(caller.domain, key, audit)
        if user is None:
            raise KeyGone
        await self._announcer.end_sessions(caller.domain, user, EndReason.ENDED, [session_of(key)])

    # ------------------------------------------------------------ who is calling

    async def caller_of(self, token: str) -> Caller:
        """Raises `SessionOver`."""
        parsed = parse_key(token)
        return await self._admitted(await self._store.by_token(parsed.domain, parsed.hash) if parsed else None)

    async def caller_of_key(self, domain: DomainId, key: KeyId) -> Caller:
        """Raises `SessionOver`."""
        return await self._admitted(await self._store.by_id(domain, key))

    async def _admitted(self, key: UsedKey | None) -> Caller:
        now = self._clock()
        if key is None or not key.is_good(now):
            raise SessionOver
        if key.last_used_at is None or now - key.last_used_at >= PROLONG_EVERY:
            await self._store.mark_used(key.domain, key.key, now)
        return Caller(
            domain=key.domain,
            user=key.user,
            extension=key.extension,
            scope=key.scope,
            session=session_of(key.key),
            site=key.site,
            may_only=allowed_by(key.scopes),
            key=key.name,
        )


class Bearers:
    """Whoever brings a token: of a login, or of a key."""

    def __init__(self, logins: Logins, keys: ApiKeyService) -> None:
        self._logins = logins
        self._keys = keys

    async def caller_of(self, token: str) -> Caller:
        return await (self._keys.caller_of(token) if is_key(token) else self._logins.caller_of(token))

    async def caller_of_session(self, domain: DomainId, session: SessionId) -> Caller:
        key = key_of(session)
        if key is not None:
            return await self._keys.caller_of_key(domain, key)
        return await self._logins.caller_of_session(domain, session)

    async def caller_of_ticket(self, ticket: str) -> Caller:
        return await self._logins.caller_of_ticket(ticket)


def _check(caller: Caller) -> None:
    if not may(caller, Permission.MANAGE_API_KEYS):
        raise NotYourKeys


def _scopes_of(new: NewApiKey) -> tuple[KeyScope, ...]:
    known = {scope.value for scope in KeyScope}
    for at, scope in enumerate(new.scopes):
        if scope not in known:
            raise Invalid(f"There is no such scope; there are {', '.join(sorted(known))}", field=f"scopes[{at}]")
    return tuple(sorted({KeyScope(scope) for scope in new.scopes}))


def _shown(line: KeyLine) -> ApiKey:
    return ApiKey(
        key=line.key,
        name=line.name,
        user=line.user,
        extension=line.extension,
        scopes=[*line.scopes],
        created_by=line.created_by,
        created_at=line.created_at,
        expires_at=line.expires_at,
        used_at=line.last_used_at,
    )

"""Letting switches report and taking that back: for administrators over HTTP and at the command line."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from msgspec import UNSET

from accounts.auditing import line_of
from accounts.model import AuditLine
from accounts.tokens import hash_token
from pbx.model import KnownSource
from pbx.sequence import doubted
from pbx.sources.errors import NoSuchSource, SourceExists, SourceNotYours
from pbx.sources.naming import is_name
from pbx.sources.store import KnownSources, Memory
from wire.administration import NewSource, SourceChanged, SourceEdit, SourceList, SourceState
from wire.errors import Conflict, Invalid
from wire.identity import Caller, DomainId, SourceId
from wire.outgoing import is_address


def _now() -> datetime:
    return datetime.now(UTC)


class SourceService:
    def __init__(self, store: KnownSources, memory: Memory, clock: Callable[[], datetime] = _now) -> None:
        self._store = store
        self._memory = memory
        self._clock = clock

    async def list_all(self, caller: Caller) -> SourceList:
        """Those that report of a domain which the caller administers, without other domains."""
        shown = [_shown(caller, each) for each in await self._store.list_all()]
        return SourceList(items=[each for each in shown if each.domains or caller.only_domains is None])

    async def add(self, caller: Caller, new: NewSource) -> SourceChanged:
        """With a token. Raises `SourceNotYours`, `Invalid`, `SourceExists`, `NotFound` for an unknown domain."""
        source, domains = SourceId(new.source), [DomainId(each.lower()) for each in new.domains]
        if not is_name(source):
            raise Invalid("Lower-case letters, digits, dots and dashes, and none of our own names", field="source")
        if not all(caller.administers(domain) for domain in domains):
            raise SourceNotYours
        token = _make_token()
        audit = self._audit(caller, "source.added", source, {"label": new.label})
        try:
            await self._store.add(source, hash_token(token), domains, label=new.label, audit=audit)
        except Conflict:
            raise SourceExists(source) from None
        return SourceChanged(source=await self._state(caller, source), token=token)

    async def edit(self, caller: Caller, source: SourceId, edit: SourceEdit) -> SourceChanged:
        """Raises `NoSuchSource`, `SourceNotYours`, `Invalid`."""
        before = await self._own(caller, source)
        if edit.command_url is UNSET and edit.command_token is not UNSET:
            raise Invalid("A token goes with an address", field="command_token")
        if isinstance(edit.command_url, str) and edit.command_url and not is_address(edit.command_url):
            raise Invalid("An address like https://switch.example:5080, without a user", field="command_url")
        if isinstance(edit.enabled, bool) and edit.enabled != before.enabled:
            audit = self._audit(caller, "source.changed", source, {"enabled": edit.enabled})
            await self._store.set_enabled(source, edit.enabled, audit=audit)
        token = None
        if isinstance(edit.command_url, str):
            token = await self._set_commands(caller, source, edit.command_url, edit)
        return SourceChanged(source=await self._state(caller, source), command_token=token)

    async def rotate(self, caller: Caller, source: SourceId, *, keep_previous: bool) -> SourceChanged:
        """A new token; the one before is still taken, if that is wanted. Raises `NoSuchSource`, `SourceNotYours`."""
        await self._own(caller, source)
        token = _make_token()
        audit = self._audit(caller, "source.token_made", source, {"keep_previous": keep_previous})
        await self._store.rotate(source, hash_token(token), keep_previous=keep_previous, audit=audit)
        return SourceChanged(source=await self._state(caller, source), token=token)

    async def settle(self, caller: Caller, source: SourceId) -> None:
        """Ends the token before. May be repeated. Raises `NoSuchSource`, `SourceNotYours`."""
        if (await self._own(caller, source)).has_two_tokens:
            audit = self._audit(caller, "source.token_ended", source, {})
            await self._store.end_previous_token(source, audit=audit)

    async def let_speak_for(self, caller: Caller, source: SourceId, domain: DomainId, may: bool) -> None:
        """May be repeated. Raises `NoSuchSource`, `SourceNotYours`, `NotFound` for an unknown domain."""
        await self._own(caller, source)
        if not caller.administers(domain):
            raise SourceNotYours
        action = "source.domain_added" if may else "source.domain_removed"
        await self._store.let_speak_for(source, domain, may, audit=self._audit(caller, action, source, {}))

    async def resync(self, caller: Caller, source: SourceId) -> None:
        """The switch is asked for everything it knows, with its next message."""
        await self._own(caller, source)
        kept = False
        while not kept:
            recalled = await self._memory.recall(source)
            kept = await self._memory.keep(source, recalled, doubted(recalled.position))

    # ------------------------------------------------------------ inside

    async def _set_commands(self, caller: Caller, source: SourceId, url: str, edit: SourceEdit) -> str | None:
        """The token, if it was made here."""
        given = edit.command_token if isinstance(edit.command_token, str) else None
        made = _make_token() if url and given is None else None
        audit = self._audit(caller, "source.changed", source, {"command_url": url})
        await self._store.set_commands(source, url, made or (given if url and given else ""), audit=audit)
        return made

    async def _own(self, caller: Caller, source: SourceId) -> KnownSource:
        found = next((each for each in await self._store.list_all() if each.source == source), None)
        if found is None:
            raise NoSuchSource(source)
        if caller.only_domains is not None and not all(caller.administers(each) for each in found.domains):
            raise SourceNotYours
        return found

    async def _state(self, caller: Caller, source: SourceId) -> SourceState:
        return _shown(caller, await self._own(caller, source))

    def _audit(self, caller: Caller, action: str, source: SourceId, after: dict[str, object]) -> AuditLine:
        return line_of(caller, self._clock(), action, f"source:{source}", None, after or None)


def _make_token() -> str:
    """A bearer token that nobody can guess."""
    return secrets.token_urlsafe(32)


def _shown(caller: Caller, source: KnownSource) -> SourceState:
    fields = msgspec.structs.asdict(source)
    return SourceState(**{**fields, "domains": [each for each in source.domains if caller.administers(each)]})

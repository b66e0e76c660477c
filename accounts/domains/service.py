"""Companies as a whole: their settings, and their end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

import msgspec
import structlog
from msgspec import UNSET

from accounts.administration.errors import NoSuchDomain, NotForThisDomain
from accounts.auditing import line_of
from accounts.domains.errors import DomainExists, DomainNotYours
from accounts.domains.model import SETTINGS, Domain, differing
from accounts.domains.store import DomainStore, LiveState
from accounts.permissions import Permission, may
from accounts.profiles.values import checked_language, checked_name, checked_zone
from accounts.service import now_utc
from wire.administration import (
    DomainAdded,
    DomainDeletion,
    DomainEdit,
    DomainList,
    DomainSettings,
    NewDomain,
)
from wire.announce import Announcer
from wire.errors import Conflict, NotFound, Refused, Unavailable
from wire.events import EndReason
from wire.identity import Caller, DomainId

_ATTEMPTS = 3
_LOOK_EVERY = 30.0
"""Seconds between two looks at what there is to delete; whoever closes a domain does not wait for it."""
_PAUSE = 0.02
"""Seconds between two steps: others want the database too."""

log = structlog.get_logger(__name__)


class Presence(Protocol):
    """presence/service.py: whose rules are kept here."""

    async def seed(self, domain: DomainId) -> object: ...


class DomainService:
    """`run` deletes what was closed, on any number of gateways at once."""

    def __init__(
        self,
        store: DomainStore,
        live: LiveState,
        announcer: Announcer,
        presence: Presence,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._store = store
        self._live = live
        self._announcer = announcer
        self._presence = presence
        self._clock = clock
        self._closed = asyncio.Event()

    # ------------------------------------------------------------ settings

    async def settings(self, caller: Caller) -> DomainSettings:
        """Of the caller's domain. Raises `DomainNotYours`."""
        if not may(caller, Permission.MANAGE_DOMAIN):
            raise DomainNotYours
        return _shown(caller, await self._domain(caller.domain))

    async def edit(self, caller: Caller, edit: DomainEdit) -> DomainSettings:
        """What is so already is left. Raises `DomainNotYours` and `Invalid` with the field."""
        _check_may_change(caller, edit)
        given = _cleaned(edit)
        for _ in range(_ATTEMPTS):
            before = await self._domain(caller.domain)
            after = msgspec.structs.replace(before, **given)
            names = differing(before, after)
            if not names:
                return _shown(caller, after)
            was, now = ({name: getattr(each, name) for name in names} for each in (before, after))
            audit = line_of(caller, self._clock(), "domain.changed", f"domain:{caller.domain}", was, now)
            if await self._store.change(before, after, audit):
                await self._tell_presence(after, names)
                return _shown(caller, after)
        raise Conflict("The company was changed meanwhile; try again")

    # ------------------------------------------------------------ by administrators

    async def list_all(self, caller: Caller) -> DomainList:
        """Those that the caller administers."""
        domains = [each for each in await self._store.domains() if caller.administers(each.domain)]
        return DomainList(items=[_shown(caller, each) for each in domains])

    async def add(self, caller: Caller, new: NewDomain) -> DomainAdded:
        """One that is there just like that is left, and is no error.

        Raises `NotForThisDomain`, `Invalid` with the field, `DomainExists`, `DomainOnItsWayOut`.
        """
        domain, given = DomainId(new.domain.lower()), _cleaned(new)
        if not caller.administers(domain):
            raise NotForThisDomain
        wanted = Domain(domain=domain, **given)
        audit = line_of(caller, self._clock(), "domain.added", f"domain:{domain}", None, dict(given))
        created = await self._store.add(wanted, audit)
        there = await self._domain(domain)
        others = tuple(name for name in differing(there, wanted) if name in given)
        if others and not created:
            raise DomainExists(domain, others)
        return DomainAdded(domain=_shown(caller, there), created=created)

    async def delete(self, caller: Caller, domain: DomainId) -> DomainDeletion:
        """Nobody is in any more when this returns, and everything else goes soon after.

        Raises `NotForThisDomain`, `NoSuchDomain`, also for one that is being deleted.
        """
        if not caller.administers(domain):
            raise NotForThisDomain
        users = await self._store.close(domain)
        if users is None:
            raise NoSuchDomain(domain)
        log.warning("domain_closed", domain=domain, users=users, key=caller.key, address=caller.address)
        await self._announcer.end_sessions(domain, None, EndReason.ENDED)
        self._closed.set()
        return DomainDeletion(domain=domain, users=users)

    # ------------------------------------------------------------ in the background

    async def run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY):
                    await self._closed.wait()
            self._closed.clear()
            try:
                await self.sweep()
            except Refused as refused:
                log.warning("deletion_put_off", reason=refused.message)

    async def sweep(self) -> None:
        """Deletes what was closed, in small steps. What is not finished now is another time."""
        for domain in await self._store.closed():
            await self._delete(domain)

    # ------------------------------------------------------------ inside

    async def _delete(self, domain: DomainId) -> None:
        is_more = True
        while is_more:
            is_more = await self._store.delete_some(domain)
            await asyncio.sleep(_PAUSE)
        # Nobody brings it there again: whoever would seed the domain does not find it in the database any more.
        keys = await self._live.forget(domain)
        log.warning("domain_deleted", domain=domain, keys=keys)

    async def _domain(self, domain: DomainId) -> Domain:
        found = await self._store.domain(domain)
        if found is None:
            raise NoSuchDomain(domain)
        return found

    async def _tell_presence(self, domain: Domain, changed: tuple[str, ...]) -> None:
        if "ringing_is_busy" not in changed:
            return
        try:
            await self._presence.seed(domain.domain)
        except (Unavailable, NotFound):
            # Kept; whoever seeds the domain next brings it there.
            log.warning("domain_not_told_to_presence", domain=domain.domain)


def _shown(caller: Caller, domain: Domain) -> DomainSettings:
    return DomainSettings(
        domain=domain.domain,
        name=domain.name,
        country=domain.country,
        time_zone=domain.time_zone,
        language=domain.language,
        ringing_is_busy=domain.ringing_is_busy,
        retention_days=domain.retention_days,
        users=domain.users,
        editable=[name for name in SETTINGS if may(caller, _needed(name))],
    )


def _needed(setting: str) -> Permission:
    return Permission.SET_RETENTION if setting == "retention_days" else Permission.MANAGE_DOMAIN


def _check_may_change(caller: Caller, edit: DomainEdit) -> None:
    """Each of what is given, whether it is another value or not."""
    given = [name for name in SETTINGS if getattr(edit, name) is not UNSET]
    if not given and not may(caller, Permission.MANAGE_DOMAIN):
        raise DomainNotYours
    for name in given:
        if not may(caller, _needed(name)):
            raise DomainNotYours(name)


def _cleaned(given: NewDomain | DomainEdit) -> dict[str, Any]:
    """Only what was given, but for which domain it is. Raises `Invalid` with the field."""
    named = msgspec.structs.asdict(given)
    values = {name: named[name] for name in SETTINGS if named[name] is not UNSET}
    if "name" in values:
        values["name"] = checked_name("name", values["name"])
    if "country" in values:
        values["country"] = values["country"].upper()
    if "time_zone" in values:
        values["time_zone"] = checked_zone(values["time_zone"])
    if values.get("language"):
        values["language"] = checked_language(values["language"])
    return values

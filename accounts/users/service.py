"""Making users, letting them in or not, and deleting them with their data; and who hears of it.

The same for managers in their company, for administrators over HTTP, and for the command line.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec
import structlog
from msgspec import UNSET

from accounts.auditing import line_of
from accounts.importing import PlannedUser, UserOutcome, plan_row, plan_users
from accounts.model import Account, AuditLine
from accounts.permissions import Permission, Person, bounds_of, may
from accounts.profiles.errors import UserNotFound
from accounts.profiles.fields import may_read
from accounts.profiles.service import Listing
from accounts.profiles.store import ProfileStore
from accounts.service import now_utc
from accounts.users.changing import change_of, differing, gone_entry, state_of
from accounts.users.errors import ExtensionTaken, NotYoursToAdminister
from accounts.users.model import AddedUsers, Erased, NewUser
from accounts.users.store import UserStore
from wire.administration import (
    AccountChange,
    AccountState,
    NewUserAccount,
    UserAdded,
    UserErased,
    UserImportRow,
    UsersImported,
)
from wire.announce import Announcer
from wire.errors import Conflict, Invalid, Unavailable
from wire.events import DirectoryChanged, EndReason, MessageChanged, ProfileChanged, UsersChanged
from wire.identity import Caller, DomainId, Extension, UserId

_ATTEMPTS = 3
_ROWS_TOLD = 1_000

log = structlog.get_logger(__name__)


class UserPresence(Listing, Protocol):
    async def forget(self, domain: DomainId, user: UserId) -> None:
        """The user was erased: hides the colour, and keeps nothing of what was reported. Raises `Unavailable`."""


class UserService:
    def __init__(
        self,
        store: UserStore,
        profiles: ProfileStore,
        announcer: Announcer,
        presence: UserPresence,
        forget_mails: Callable[[], Awaitable[None]],
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        """`forget_mails`: those that are kept instead of being sent; whoever is erased may be named in any."""
        self._store = store
        self._profiles = profiles
        self._announcer = announcer
        self._presence = presence
        self._forget_mails = forget_mails
        self._clock = clock

    # ------------------------------------------------------------ making

    async def add(self, caller: Caller, new: NewUserAccount) -> UserAdded:
        """One who is there just like that is left, and is no error.

        Raises `NotYoursToAdminister`, `Invalid` with the field, `ExtensionTaken`, `LoginNameTaken`, `NotFound`.
        """
        _check_administers(caller)
        given = {name: value for name, value in msgspec.structs.asdict(new).items() if value is not UNSET}
        planned = plan_row(1, given, (), (), await self._sites(caller.domain))
        if planned.outcome is UserOutcome.REFUSED:
            raise Invalid(_sentence(planned.reason), field=planned.field or None)
        wanted = msgspec.convert(planned.fields, NewUser)
        _check_may_make(caller, wanted)
        there = await self._store.by_extension(caller.domain, Extension(wanted.extension))
        if there is not None:
            return _just_like_that(caller, there, wanted, given)
        added = await self._store.add(caller.domain, [wanted], self._audit_of_new(caller))
        await self._tell_added(caller.domain, added)
        return UserAdded(
            user=added.users[0],
            extension=Extension(wanted.extension),
            login=f"{wanted.login_name}@{caller.domain}",
            created=True,
        )

    async def import_file(self, caller: Caller, text: str, *, dry_run: bool) -> UsersImported:
        """All users of a CSV file (accounts/importing.py), or with one that is refused none; who is there is left.

        Raises `NotYoursToAdminister`, `Invalid`, `ExtensionTaken` and `LoginNameTaken` for what was taken meanwhile.
        """
        _check_administers(caller)
        planned = await self._plan(caller, text)
        wanted = [msgspec.convert(row.fields, NewUser) for row in planned if row.outcome is UserOutcome.CREATE]
        outcomes = [row.outcome for row in planned]
        refused = outcomes.count(UserOutcome.REFUSED)
        applied = not dry_run and not refused
        if applied and wanted:
            added = await self._store.add(caller.domain, wanted, self._audit_of_new(caller))
            await self._tell_added(caller.domain, added)
        rows = [row for row in planned if row.outcome is not UserOutcome.CREATE]
        return UsersImported(
            applied=applied,
            create=len(wanted),
            exist=outcomes.count(UserOutcome.EXISTS),
            refused=refused,
            rows=[UserImportRow(line=row.line, outcome=row.outcome, reason=row.reason) for row in rows[:_ROWS_TOLD]],
        )

    # ------------------------------------------------------------ changing

    async def change(self, caller: Caller, user: UserId, change: AccountChange) -> AccountState:
        """Ends the user's logins where that has to be, with their connections. What is so already is left.

        Raises `UserNotFound`, `NotYoursToAdminister` with the field, `Invalid`, `LoginNameTaken`.
        """
        for _ in range(_ATTEMPTS):
            before = await self._administered(caller, user)
            after = change_of(caller, before, change)
            state = state_of(before, after)
            if not state.changed:
                return state
            audit = self._audit_of_change(caller, before, after, state.changed)
            ends_logins = bool({"scope", "disabled"} & set(state.changed))
            saved = await self._store.change(before, after, audit, ends_logins=ends_logins)
            if saved is not None:
                await self._tell_changed(saved, state.changed, ends_logins=ends_logins)
                return state
        raise Conflict("The user was changed meanwhile; try again", field="user")

    async def change_by_extension(self, caller: Caller, extension: Extension, change: AccountChange) -> AccountState:
        return await self.change(caller, await self._user_with(caller, extension), change)

    # ------------------------------------------------------------ deleting

    async def erase(self, caller: Caller, user: UserId, *, with_messages: bool) -> UserErased:
        """For good: name, addresses, settings, contacts, favourites and logins go. What the user wrote to others stays
        with them, or loses its words and files. Raises `UserNotFound`, `NotYoursToAdminister`.
        """
        account = await self._administered(caller, user)

        def audit(messages: int) -> AuditLine:
            return line_of(caller, self._clock(), "user.erased", f"user:{user}", None, {"messages": messages})

        erased = await self._store.erase(caller.domain, user, audit, with_messages=with_messages)
        if erased is None:
            raise UserNotFound
        await self._tell_erased(account, erased)
        return UserErased(user=user, extension=account.extension, messages=erased.messages)

    async def erase_by_extension(self, caller: Caller, extension: Extension, *, with_messages: bool) -> UserErased:
        return await self.erase(caller, await self._user_with(caller, extension), with_messages=with_messages)

    async def take_out(self, caller: Caller, extension: Extension) -> AsyncIterator[tuple[str, str]]:
        """All that is kept of the user, for the user to have: what each row is, and the row as JSON, without what lets
        somebody in. Raises `UserNotFound`, `NotYoursToAdminister` before the first.
        """
        account = await self._administered(caller, await self._user_with(caller, extension))
        audit = line_of(caller, self._clock(), "user.taken_out", f"user:{account.user}")
        async for what, row in self._store.take_out(caller.domain, account.user, audit):
            yield what, row

    # ------------------------------------------------------------ inside

    async def _user_with(self, caller: Caller, extension: Extension) -> UserId:
        account = await self._store.by_extension(caller.domain, extension)
        if account is None:
            raise UserNotFound(f"There is no user {extension} in {caller.domain}")
        return account.user

    async def _administered(self, caller: Caller, user: UserId) -> Account:
        account = await self._store.account(caller.domain, user)
        if account is None or account.is_system or not may_read(caller, account):
            raise UserNotFound
        if not may(caller, Permission.ADMINISTER_USERS, account.person):
            raise NotYoursToAdminister
        return account

    async def _sites(self, domain: DomainId) -> Sequence[str]:
        return [site.name for site in await self._profiles.sites(domain)]

    async def _plan(self, caller: Caller, text: str) -> list[PlannedUser]:
        extensions, logins = await self._store.taken(caller.domain)
        sites = await self._sites(caller.domain)
        try:
            # It may be a second's work: others are served meanwhile.
            planned = await asyncio.to_thread(plan_users, text, extensions, logins, sites)
        except ValueError as error:
            raise Invalid(_sentence(str(error)), field="file") from error
        return [_within_reach(caller, row) for row in planned]

    def _audit_of_new(self, caller: Caller) -> Callable[[UserId, NewUser], AuditLine]:
        now = self._clock()

        def audit(user: UserId, new: NewUser) -> AuditLine:
            after: dict[str, object] = {"extension": new.extension, "scope": new.scope.name.lower()}
            return line_of(caller, now, "user.added", f"user:{user}", None, after)

        return audit

    def _audit_of_change(self, caller: Caller, before: Account, after: Account, changed: list[str]) -> AuditLine:
        was, now = ({name: _shown(name, getattr(each, name)) for name in changed} for each in (before, after))
        return line_of(caller, self._clock(), "user.changed", f"user:{before.user}", was, now)

    # ------------------------------------------------------------ telling, after the commit

    async def _tell_added(self, domain: DomainId, added: AddedUsers) -> None:
        """It may be a whole company: everybody is told to look, and nobody what there is."""
        gap = DirectoryChanged(since=added.directory_rev, rev=added.directory_rev, coworkers=[])
        await self._announcer.announce(domain, gap)
        await self._tell_managers(domain, added.users)

    async def _tell_changed(self, saved: Account, changed: list[str], *, ends_logins: bool) -> None:
        if ends_logins:
            await self._announcer.end_sessions(saved.domain, saved.user, EndReason.ENDED)
        if "scope" in changed:
            await self._tell_presence(saved.domain, saved.user, saved.is_listed)
        await self._announcer.announce(saved.domain, ProfileChanged(at=self._clock()), [saved.user])
        await self._tell_managers(saved.domain, [saved.user])

    async def _tell_erased(self, account: Account, erased: Erased) -> None:
        """Whoever is not connected finds it by the revisions of the directory and of the conversations."""
        domain = account.domain
        await self._announcer.end_sessions(domain, erased.user, EndReason.ENDED)
        for whose, session in erased.sessions:
            if whose != erased.user:
                await self._announcer.end_sessions(domain, whose, EndReason.ENDED, [session])
        await self._forget(domain, erased.user)
        gone = gone_entry(account, erased.directory_rev)
        event = DirectoryChanged(since=erased.directory_rev - 1, rev=erased.directory_rev, coworkers=[gone])
        await self._announcer.announce(domain, event)
        for message, members in erased.last_changed:
            await self._announcer.announce(domain, MessageChanged(message=message), members)
        await self._tell_managers(domain, [erased.user])

    async def _forget(self, domain: DomainId, user: UserId) -> None:
        try:
            await self._presence.forget(domain, user)
            await self._forget_mails()
        except Unavailable:
            log.warning("user_not_forgotten_by_presence", domain=domain, user=user)

    async def _tell_presence(self, domain: DomainId, user: UserId, listed: bool) -> None:
        try:
            await self._presence.listing_changed(domain, user, listed)
        except Unavailable:
            log.warning("listing_not_told_to_presence", domain=domain, user=user)

    async def _tell_managers(self, domain: DomainId, users: Sequence[UserId]) -> None:
        managers = [each.user for each in await self._profiles.managers(domain)]
        told = users if len(users) <= _ROWS_TOLD else []
        await self._announcer.announce(domain, UsersChanged(users=list(told)), managers)


def _check_administers(caller: Caller) -> None:
    if bounds_of(caller, Permission.ADMINISTER_USERS) is None:
        raise NotYoursToAdminister("Users are not yours to add")


def _check_may_make(caller: Caller, new: NewUser) -> None:
    person = Person(domain=caller.domain, user=UserId(-1), scope=new.scope, site=new.site)
    if not may(caller, Permission.ADMINISTER_USERS, person):
        raise NotYoursToAdminister("A user of this scope is not yours to add", "scope")
    for field in ("caller_id", "emergency_caller_id"):
        if getattr(new, field) and not may(caller, Permission.CHANGE_IDENTITY, person):
            raise NotYoursToAdminister("Caller IDs are given by whoever runs the telephone system", field)


def _within_reach(caller: Caller, row: PlannedUser) -> PlannedUser:
    if row.outcome is not UserOutcome.CREATE:
        return row
    try:
        _check_may_make(caller, msgspec.convert(row.fields, NewUser))
    except NotYoursToAdminister as refused:
        return PlannedUser(row.line, UserOutcome.REFUSED, row.fields, refused.message, refused.field or "")
    return row


def _just_like_that(caller: Caller, there: Account, wanted: NewUser, given: dict[str, Any]) -> UserAdded:
    """Raises `ExtensionTaken`."""
    if there.is_system or not may(caller, Permission.ADMINISTER_USERS, there.person):
        raise ExtensionTaken(there.extension)
    others = differing(there, wanted, given)
    if others:
        raise ExtensionTaken(there.extension, others)
    return UserAdded(user=there.user, extension=there.extension, login=there.login, created=False)


def _shown(name: str, value: Any) -> Any:
    return value.name.lower() if name == "scope" else value


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]

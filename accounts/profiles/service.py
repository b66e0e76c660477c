"""Profiles, read and edited by their users and by those who manage them; who hears of a change.

The rules are in `fields` and `editing`; here they meet the store.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from accounts.auditing import line_of
from accounts.model import Account
from accounts.passwords import Passwords
from accounts.permissions import Permission, reaches
from accounts.profiles.editing import ProfileChange, Visibility, needs_sites, plan_edit, visibility_of
from accounts.profiles.errors import ProfileHasChanged, UserNotFound
from accounts.profiles.fields import may_read
from accounts.profiles.listing import page_of, wanted_of
from accounts.profiles.showing import coworker_of, profile_of
from accounts.profiles.store import ProfileStore
from accounts.service import now_utc
from wire.accounts import UsersPage, UsersQuery
from wire.announce import Announcer
from wire.errors import NotFound, Unavailable
from wire.events import DirectoryChanged, ProfileChanged, UsersChanged
from wire.http import Profile, ProfileEdit
from wire.identity import Caller, DomainId, UserId
from wire.records import Coworker

_EDIT_ATTEMPTS = 3

log = structlog.get_logger(__name__)


class Listing(Protocol):
    """Whoever has to know at once that a user is in the directory or not: presence, which hides or shows the colour."""

    async def listing_changed(self, domain: DomainId, user: UserId, listed: bool) -> None: ...


class Confirmations(Protocol):
    """Asks whoever reads an address whether it is this user's (accounts/emails/)."""

    async def ask(self, account: Account, address: str) -> None:
        """Takes note, and never fails: what is not sent can be asked for again."""


class ProfileService:
    def __init__(
        self,
        store: ProfileStore,
        passwords: Passwords,
        announcer: Announcer,
        listing: Listing,
        confirmations: Confirmations | None = None,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._announcer = announcer
        self._listing = listing
        self._confirmations = confirmations
        self._clock = clock

    async def profile(self, caller: Caller, user: UserId | None = None) -> Profile:
        """One's own, or that of somebody whom one manages. Raises `UserNotFound`."""
        return profile_of(caller, await self._readable(caller, user))

    async def users(self, caller: Caller, query: UsersQuery) -> UsersPage:
        """Whom the caller manages, page by page. Raises `NotAllowed` for who manages nobody, `Invalid`."""
        wanted = wanted_of(caller, query)
        return page_of(caller.domain, await self._store.users(caller.domain, wanted), wanted.limit)

    async def edit(self, caller: Caller, edit: ProfileEdit, user: UserId | None = None) -> Profile:
        """Saves what the edit names, and tells the user's other clients, the managers and those who see the directory.

        An edit that changes nothing is fine and tells nobody. Raises `UserNotFound`, `FieldNotEditable`, `Invalid` with
        the field, and `ProfileHasChanged` if the edit was made from an older revision.
        """
        for _ in range(_EDIT_ATTEMPTS):
            account = await self._readable(caller, user)
            if isinstance(edit.rev, int) and edit.rev != account.rev:
                raise ProfileHasChanged(profile_of(caller, account))
            sites = None
            if needs_sites(account, edit):
                sites = {site.name: site for site in await self._store.sites(caller.domain)}
            change = plan_edit(caller, account, edit, sites)
            if change is None:
                return profile_of(caller, account)
            saved = await self._save(caller, change)
            if saved is not None:
                await self._tell(account, saved, change.visibility)
                return profile_of(caller, saved)
        raise ProfileHasChanged(profile_of(caller, await self._readable(caller, user)))

    async def photo_changed(self, before: Account, saved: Account) -> None:
        await self._tell(before, saved, visibility_of(before, saved))

    async def account_changed(self, account: Account) -> None:
        """Something else of the account is another now: a password, an address that was confirmed."""
        await self._announcer.announce(account.domain, ProfileChanged(at=self._clock()), [account.user])
        managers = await self._managers_of(account)
        await self._announcer.announce(account.domain, UsersChanged(users=[account.user]), managers)

    # ------------------------------------------------------------ inside

    async def _readable(self, caller: Caller, user: UserId | None) -> Account:
        account = await self._store.account(caller.domain, caller.user if user is None else user)
        if account is None and user is None:
            raise NotFound("This user does not exist any more")
        if account is None or account.is_system or not may_read(caller, account):
            raise UserNotFound
        return account

    async def _save(self, caller: Caller, change: ProfileChange) -> Account | None:
        target = f"user:{change.account.user}"
        audit = line_of(caller, self._clock(), "profile.edited", target, change.before, change.after)
        pin_hash = None if change.pin is None else await self._passwords.hash(caller.domain, change.pin)
        steps = STEPS[change.visibility]
        return await self._store.change(change.account, steps, audit, pin_hash=pin_hash, site=change.site)

    async def _tell(self, before: Account, saved: Account, visibility: Visibility) -> None:
        """After the commit. The colour goes first: hiding it is what somebody who unlists is waiting for."""
        if before.is_listed != saved.is_listed or (not saved.is_listed and before.site != saved.site):
            await self._tell_listing(saved)
        await self._announcer.announce(saved.domain, ProfileChanged(at=self._clock()), [saved.user])
        managers = await self._managers_of(before, saved)
        await self._announcer.announce(saved.domain, UsersChanged(users=[saved.user]), managers)
        if visibility is not Visibility.UNTOUCHED:
            await self._tell_directory(saved, visibility)
        if self._confirmations is not None:
            known = {each.email for each in before.emails}
            for each in saved.emails:
                if not each.verified and each.email not in known:
                    await self._confirmations.ask(saved, each.email)

    async def _tell_listing(self, saved: Account) -> None:
        try:
            await self._listing.listing_changed(saved.domain, saved.user, saved.is_listed)
        except Unavailable:
            # What was asked for is committed, and saying "it failed" would be wrong. Presence reads who is listed
            # again whenever it rebuilds the domain.
            log.warning("listing_not_told_to_presence", domain=saved.domain, user=saved.user)

    async def _tell_directory(self, saved: Account, visibility: Visibility) -> None:
        """Keeps everybody's position in step, also of those who may not know what changed.

        Who vanishes does so in two revisions: "gone" for everybody, and the entry again for those who still see it.
        """
        since, rev = saved.directory_rev - STEPS[visibility], saved.directory_rev
        for_all: list[Coworker] = []
        if visibility is Visibility.CHANGED:
            for_all = [coworker_of(saved)]
        elif visibility is Visibility.UNLISTED:
            for_all = [Coworker(user=saved.user, rev=rev - 1, extension=saved.extension, gone=True)]
        await self._announcer.announce(saved.domain, DirectoryChanged(since=since, rev=rev, coworkers=for_all))
        if visibility is not Visibility.CHANGED:
            entry = DirectoryChanged(since=since, rev=rev, coworkers=[coworker_of(saved)])
            await self._announcer.announce(saved.domain, entry, await self._those_who_see_unlisted(saved))

    async def _those_who_see_unlisted(self, account: Account) -> Sequence[UserId]:
        managers = await self._store.managers(account.domain)
        seeing = {each.user for each in managers if reaches(each, Permission.SEE_UNLISTED, account.person)}
        return sorted(seeing | {account.user})

    async def _managers_of(self, *accounts: Account) -> Sequence[UserId]:
        """Who may read one of these profiles."""
        managers = await self._store.managers(accounts[0].domain)
        reaching = {
            each.user
            for each in managers
            for account in accounts
            if reaches(each, Permission.SEE_PROFILE, account.person)
        }
        return sorted(reaching)


STEPS = {
    Visibility.UNTOUCHED: 0,
    Visibility.CHANGED: 1,
    Visibility.CHANGED_UNLISTED: 1,
    Visibility.UNLISTED: 2,
}
"""By how much each kind of edit raises the directory's revision."""

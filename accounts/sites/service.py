"""Sites, read by who manages somebody, changed by who manages the domain; and who hears of a change."""

from collections.abc import Callable
from datetime import datetime

import msgspec
import structlog
from msgspec import UNSET

from accounts.auditing import line_of
from accounts.model import AuditLine
from accounts.permissions import Permission, bounds_of, may
from accounts.profiles.model import Site
from accounts.profiles.service import Listing
from accounts.profiles.store import ProfileStore
from accounts.profiles.values import checked_zone, clean_name
from accounts.service import now_utc
from accounts.sites.errors import SiteExists, SiteInUse, SiteNotFound, SitesNotYours
from accounts.sites.model import SiteChanged
from accounts.sites.store import SiteStore
from wire.accounts import NewSite, SiteEdit, SiteList, SiteSettings
from wire.announce import Announcer
from wire.errors import Conflict, Invalid, Unavailable
from wire.events import DirectoryChanged, ProfileChanged, UsersChanged
from wire.identity import Caller, DomainId

_ATTEMPTS = 3

log = structlog.get_logger(__name__)


class SiteService:
    def __init__(
        self,
        store: SiteStore,
        profiles: ProfileStore,
        announcer: Announcer,
        listing: Listing,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._store = store
        self._profiles = profiles
        self._announcer = announcer
        self._listing = listing
        self._clock = clock

    async def list_all(self, caller: Caller) -> SiteList:
        """Raises `SitesNotYours` for who manages nobody."""
        if bounds_of(caller, Permission.SEE_PROFILE) is None:
            raise SitesNotYours
        items = [shown(site) for site in await self._store.sites(caller.domain)]
        return SiteList(items=items, may_manage=may(caller, Permission.MANAGE_SITES))

    async def add(self, caller: Caller, new: NewSite) -> SiteSettings:
        """Raises `SitesNotYours`, `Invalid` with the field, `SiteExists`."""
        _check(caller)
        site = _checked(Site(**msgspec.structs.asdict(new)))
        if not await self._store.add(caller.domain, site, self._audit(caller, "site.added", site.name, None, site)):
            raise SiteExists
        return shown(site)

    async def edit(self, caller: Caller, name: str, edit: SiteEdit) -> SiteSettings:
        """For everybody who follows the site, too. Raises `SitesNotYours`, `SiteNotFound`, `Invalid`, `SiteExists`."""
        _check(caller)
        given = {field: value for field, value in msgspec.structs.asdict(edit).items() if value is not UNSET}
        for _ in range(_ATTEMPTS):
            before = await self._site(caller.domain, name)
            after = _checked(msgspec.structs.replace(before, **given))
            if after == before:
                return shown(before)
            audit = self._audit(caller, "site.changed", before.name, before, after)
            try:
                changed = await self._store.change(caller.domain, before, after, audit)
            except Conflict:
                raise SiteExists from None
            if changed is not None:
                await self._tell(caller.domain, changed)
                return shown(after)
        raise Conflict("The site was changed meanwhile; try again", field="site")

    async def remove(self, caller: Caller, name: str) -> None:
        """Raises `SitesNotYours`, `SiteNotFound`, `SiteInUse`."""
        _check(caller)
        left = await self._store.remove(caller.domain, name, self._audit(caller, "site.deleted", name, None, None))
        if left is None:
            raise SiteNotFound
        if left:
            raise SiteInUse(left)

    # ------------------------------------------------------------ inside

    async def _site(self, domain: DomainId, name: str) -> Site:
        found = next((site for site in await self._store.sites(domain) if site.name == name), None)
        if found is None:
            raise SiteNotFound
        return found

    def _audit(self, caller: Caller, action: str, name: str, before: Site | None, after: Site | None) -> AuditLine:
        was, now = _fields(before), _fields(after)
        if before and after:
            differing = [field for field in now if was[field] != now[field]]
            was, now = ({field: each[field] for field in differing} for each in (was, now))
        return line_of(caller, self._clock(), action, f"site:{name}", was or None, now or None)

    async def _tell(self, domain: DomainId, changed: SiteChanged) -> None:
        """After the commit. It may be a whole company: everybody is told to look, and nobody what there is."""
        for user, is_listed in changed.relisted.items():
            try:
                await self._listing.listing_changed(domain, user, is_listed)
            except Unavailable:
                log.warning("listing_not_told_to_presence", domain=domain, user=user)
        if changed.users:
            await self._announcer.announce(domain, ProfileChanged(at=self._clock()), changed.users)
            managers = [each.user for each in await self._profiles.managers(domain)]
            await self._announcer.announce(domain, UsersChanged(), managers)
        if changed.directory_rev is not None:
            gap = DirectoryChanged(since=changed.directory_rev, rev=changed.directory_rev, coworkers=[])
            await self._announcer.announce(domain, gap)


def shown(site: Site) -> SiteSettings:
    return SiteSettings(**msgspec.structs.asdict(site))


def _check(caller: Caller) -> None:
    if not may(caller, Permission.MANAGE_SITES):
        raise SitesNotYours


def _checked(site: Site) -> Site:
    """Raises `Invalid` with the field."""
    name = clean_name(site.name)
    if not name:
        raise Invalid("A site needs a name", field="name")
    if "/" in name:
        raise Invalid("A name of a site has no slash", field="name")
    if site.time_zone:
        checked_zone(site.time_zone)
    return msgspec.structs.replace(site, name=name)


def _fields(site: Site | None) -> dict[str, object]:
    if site is None:
        return {}
    return {field: value for field, value in msgspec.structs.asdict(site).items() if field != "users"}

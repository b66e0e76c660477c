"""Contacts on real stores, without a gateway around them."""

from collections.abc import Callable
from datetime import datetime

from assembly.contacts import CONTACT_RIGHTS
from contacts.imports.service import ImportService
from contacts.listing import PeopleLists
from contacts.people import Statuses
from contacts.service import ContactService, now_utc
from storage.postgres.contact_imports import PostgresImportStore
from storage.postgres.contacts import PostgresContactStore
from storage.postgres.people import PostgresPeopleStore
from storage.postgres.pool import Pool
from storage.redis.bus import RedisBus
from wire.identity import Caller


class Said:
    """Statuses as a test says that they are. Implements `contacts.listing.StatusReader`."""

    def __init__(self, statuses: Statuses | None = None) -> None:
        self.now = dict(statuses or {})

    async def statuses(self, caller: Caller) -> Statuses:  # noqa: ARG002 - as the Protocol has it
        return self.now


def people_lists(pool: Pool, said: Said | None = None) -> PeopleLists:
    return PeopleLists(PostgresContactStore(pool), PostgresPeopleStore(pool), CONTACT_RIGHTS, said or Said())


def contact_service(pool: Pool, bus: RedisBus, clock: Callable[[], datetime] = now_utc) -> ContactService:
    return ContactService(PostgresContactStore(pool), bus, CONTACT_RIGHTS, clock)


def import_service(pool: Pool, bus: RedisBus) -> ImportService:
    store = PostgresContactStore(pool)
    return ImportService(PostgresImportStore(pool), store, bus, CONTACT_RIGHTS, contact_service(pool, bus))

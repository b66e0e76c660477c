"""Plugs contacts and their imports together."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.permissions import Permission, may, may_see_unlisted
from assembly.shared import (
    Shared,
    Work,
)
from contacts.imports.service import ImportService
from contacts.rights import ContactRights
from contacts.service import ContactService
from contacts.trash import empty_trash_forever
from storage.postgres.clock import SharedClock
from storage.postgres.contact_imports import PostgresImportStore
from storage.postgres.contacts import PostgresContactStore

CONTACT_RIGHTS = ContactRights(
    may_see_unlisted=may_see_unlisted,
    may_manage_own=lambda caller: may(caller, Permission.MANAGE_OWN_CONTACTS),
    may_read_shared=lambda caller: may(caller, Permission.READ_SHARED_CONTACTS),
    may_manage_shared=lambda caller: may(caller, Permission.MANAGE_SHARED_CONTACTS),
)


@dataclass(slots=True)
class ContactParts:
    store: PostgresContactStore
    contacts: ContactService
    imports: ImportService
    background: Sequence[Work]


def build_contacts(shared: Shared) -> ContactParts:
    store = PostgresContactStore(shared.pool)
    shared.stack.push_async_callback(store.close)
    service = ContactService(store, shared.bus, CONTACT_RIGHTS)
    imports = ImportService(PostgresImportStore(shared.pool), store, shared.bus, CONTACT_RIGHTS, service)
    shared.stack.push_async_callback(imports.close)
    trash = empty_trash_forever(SharedClock(shared.pool).agrees, service.empty_trash, imports.forget_old)
    return ContactParts(store, service, imports, [trash])

"""Rows of contacts, overlays and the directory as structs, and structs as the columns that are written."""

from typing import Any

import asyncpg
from msgspec import convert, to_builtins

from contacts.model import DirectoryEntry
from contacts.searching import search_text
from wire.contacts import Address, Contact, ContactFields, Email, Favourite, Number, Overlay, TargetKind
from wire.identity import Scope
from wire.records import Coworker

CONTACT = """
contact_id, owner_id, rev, first_name, middle_name, last_name, company, department, job_title, numbers, emails,
    addresses, notes, tags, updated_at, changed_by, deleted_at
"""

ENTRY = """
u.user_id, u.directory_rev, u.extension, u.first_name, u.last_name, u.department, u.site, u.job_title, u.scope,
    u.list_in_directory, u.main_email, u.photo_rev
"""

FIELDS = """
first_name text, middle_name text, last_name text, company text, department text, job_title text, numbers jsonb,
    emails jsonb, addresses jsonb, notes text, tags text[], search text
"""
"""Of what `columns_of` gives, for jsonb_to_recordset."""

KIND_IN_TABLE = {TargetKind.COWORKER: "user", TargetKind.CONTACT: "contact"}
_KIND = {name: kind for kind, name in KIND_IN_TABLE.items()}


def contact_of(row: asyncpg.Record) -> Contact:
    return Contact(
        contact=row["contact_id"],
        rev=row["rev"],
        shared=row["owner_id"] is None,
        first_name=row["first_name"],
        middle_name=row["middle_name"],
        last_name=row["last_name"],
        company=row["company"],
        department=row["department"],
        job_title=row["job_title"],
        numbers=convert(row["numbers"], list[Number]),
        emails=convert(row["emails"], list[Email]),
        addresses=convert(row["addresses"], list[Address]),
        notes=row["notes"],
        tags=row["tags"],
        changed_at=row["updated_at"],
        changed_by=row["changed_by"],
        deleted_at=row["deleted_at"],
    )


def told(contact: Contact) -> Contact:
    """As changes are told: of a deleted contact only that it is gone."""
    if contact.deleted_at is None:
        return contact
    return Contact(contact=contact.contact, rev=contact.rev, shared=contact.shared, gone=True)


def columns_of(fields: ContactFields) -> dict[str, Any]:
    return {
        "first_name": fields.first_name,
        "middle_name": fields.middle_name,
        "last_name": fields.last_name,
        "company": fields.company,
        "department": fields.department,
        "job_title": fields.job_title,
        "numbers": to_builtins(fields.numbers),
        "emails": to_builtins(fields.emails),
        "addresses": to_builtins(fields.addresses),
        "notes": fields.notes,
        "tags": fields.tags,
        "search": search_text(fields),
    }


def favourite_of(row: asyncpg.Record) -> Favourite:
    return Favourite(kind=_KIND[row["kind"]], target=row["target_id"], rev=row["rev"], gone=row["gone"])


def overlay_of(row: asyncpg.Record) -> Overlay:
    if row["gone"]:
        return Overlay(coworker=row["coworker_id"], rev=row["rev"], gone=True)
    return Overlay(
        coworker=row["coworker_id"],
        rev=row["rev"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        numbers=convert(row["numbers"], list[Number]),
        emails=convert(row["emails"], list[Email]),
        notes=row["notes"],
    )


def entry_of(row: asyncpg.Record) -> DirectoryEntry:
    coworker = Coworker(
        user=row["user_id"],
        rev=row["directory_rev"],
        extension=row["extension"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        department=row["department"],
        site=row["site"] or "",
        job_title=row["job_title"],
        email=row["main_email"],
        photo=row["photo_rev"],
    )
    return DirectoryEntry(coworker, Scope(row["scope"]), row["site"], row["list_in_directory"])

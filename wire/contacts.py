"""Contacts on the wire: what is kept of somebody, and bodies, queries and answers about it."""

from typing import Annotated

from msgspec import Meta, Struct

from wire.http import Name, PageQuery
from wire.records import LINE, LINES

MOST_VALUES = 20
"""Numbers, e-mail addresses, postal addresses and tags of one contact: more is not a contact but a list."""

Line = Annotated[str, Meta(max_length=200, pattern=LINE)]
Notes = Annotated[str, Meta(max_length=8_000, pattern=LINES)]
Tag = Annotated[str, Meta(min_length=1, max_length=64, pattern=LINE)]


class Number(Struct, frozen=True, omit_defaults=True):
    """A telephone number as typed. Labels: work, mobile, home, fax, or anything.

    `e164`: the same as `+` and digits, as far as it can be read so; made by the server, whatever a client sends.
    """

    label: Name
    number: Annotated[str, Meta(min_length=1, max_length=64, pattern=LINE)]
    e164: Annotated[str, Meta(max_length=64, pattern=LINE)] = ""


class Email(Struct, frozen=True):
    """An e-mail address. Labels: work, home, or anything; empty is fine."""

    label: Name
    email: Annotated[str, Meta(min_length=1, max_length=254, pattern=LINE)]


class Address(Struct, frozen=True, omit_defaults=True):
    """A postal address. `street` may have several lines."""

    label: Name = ""
    street: Annotated[str, Meta(max_length=400, pattern=LINES)] = ""
    city: Line = ""
    region: Line = ""
    postal_code: Name = ""
    country: Line = ""


Numbers = Annotated[list[Number], Meta(max_length=MOST_VALUES)]
Emails = Annotated[list[Email], Meta(max_length=MOST_VALUES)]
Addresses = Annotated[list[Address], Meta(max_length=MOST_VALUES)]
Tags = Annotated[list[Tag], Meta(max_length=MOST_VALUES)]


class ContactFields(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What somebody may enter of a contact."""

    first_name: Line = ""
    middle_name: Line = ""
    last_name: Line = ""
    company: Line = ""
    department: Line = ""
    job_title: Line = ""
    numbers: Numbers = []
    emails: Emails = []
    addresses: Addresses = []
    notes: Notes = ""
    tags: Tags = []


class Contact(ContactFields, frozen=True, omit_defaults=True, kw_only=True):
    """A shared contact of the domain, or a personal one of the reader."""

    contact: int
    rev: int
    shared: bool


class ContactsQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`kind`: `shared`, `personal`, or both if absent."""

    kind: Annotated[str, Meta(pattern=r"^(shared|personal)(?!\n)$")] | None = None


class ContactsPage(Struct, frozen=True, kw_only=True):
    """Contacts by id."""

    items: list[Contact]
    next: str | None = None

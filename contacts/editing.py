"""What somebody enters of a contact, made good or refused; what an edit comes to. Pure."""

import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec
from msgspec import UNSET

from contacts.phone_numbers import normalise
from wire.contacts import MOST_VALUES, Address, Contact, ContactEdit, ContactFields, Email, Number, Overlay, OverlayEdit
from wire.errors import Invalid

T = TypeVar("T")

NAMES = ("first_name", "middle_name", "last_name", "company", "department", "job_title")
FIELDS = (*NAMES, "numbers", "emails", "addresses", "notes", "tags")
_JOINERS = "\u200c\u200d"
"""Invisible, but part of how names are written in Persian and in Indian languages."""


def cleaned(fields: ContactFields, country: str) -> ContactFields:
    """One line where one line is meant, nothing empty or twice, numbers also in their international form.

    `country`: how numbers without a country code are read, as ISO 3166-1 alpha-2.
    """
    return ContactFields(
        **{name: clean_line(getattr(fields, name)) for name in NAMES},
        numbers=_cleaned_numbers(fields.numbers, country),
        emails=_cleaned_emails(fields.emails),
        addresses=[each for each in map(_cleaned_address, fields.addresses) if each != Address(each.label)],
        notes=clean_text(fields.notes),
        tags=_without_repeats(map(clean_line, fields.tags), str.casefold),
    )


def required(fields: ContactFields, *, shared: bool) -> None:
    """Raises `Invalid` naming the field that is missing."""
    if not shared:
        if any(getattr(fields, name) for name in NAMES) or fields.numbers or fields.emails:
            return
        raise Invalid("Give the contact a name, a company, a number or an e-mail address", field="first_name")
    for name, words in (("first_name", "a first name"), ("last_name", "a last name")):
        if not getattr(fields, name):
            raise Invalid(f"A shared contact needs {words}", field=name)


def applied(contact: ContactFields, edit: ContactEdit) -> ContactFields:
    """The contact as the edit wants it; not cleaned yet."""
    changed = {name: value for name in FIELDS if (value := getattr(edit, name)) is not UNSET}
    return msgspec.structs.replace(fields_of(contact), **changed)


def check_limits(fields: ContactFields) -> None:
    """What lists may hold at most, where several changes come together. Raises `Invalid`."""
    if len(fields.tags) > MOST_VALUES:
        raise Invalid(f"A contact has at most {MOST_VALUES} tags", field="add")


def tagged(fields: ContactFields, add: list[str], remove: list[str]) -> ContactFields:
    off = {clean_line(tag).casefold() for tag in remove}
    tags = [tag for tag in fields.tags if tag.casefold() not in off]
    return msgspec.structs.replace(fields, tags=_without_repeats([*tags, *map(clean_line, add)], str.casefold))


def fields_of(contact: ContactFields) -> ContactFields:
    """Only what somebody enters, of a contact that has more."""
    return ContactFields(**{name: getattr(contact, name) for name in FIELDS})


def contact_with(contact: Contact, fields: ContactFields) -> Contact:
    return msgspec.structs.replace(contact, **{name: getattr(fields, name) for name in FIELDS})


def cleaned_overlay(overlay: Overlay, edit: OverlayEdit, country: str) -> Overlay:
    return msgspec.structs.replace(
        overlay,
        first_name=clean_line(edit.first_name),
        last_name=clean_line(edit.last_name),
        numbers=_cleaned_numbers(edit.numbers, country),
        emails=_cleaned_emails(edit.emails),
        notes=clean_text(edit.notes),
    )


def clean_line(text: str) -> str:
    """One line without invisible characters, composed: what looks the same is the same."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = "".join(
        " " if unicodedata.category(letter)[0] in "CZ" and letter not in _JOINERS else letter for letter in text
    )
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def clean_text(text: str) -> str:
    """Lines as they are, without other control characters and without blank space at the ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(letter for letter in lines if letter in "\n\t" or unicodedata.category(letter) != "Cc")
    return unicodedata.normalize("NFC", kept).strip()


def _cleaned_numbers(numbers: list[Number], country: str) -> list[Number]:
    typed = [Number(clean_line(each.label), clean_line(each.number)) for each in numbers]
    kept = _without_repeats([each for each in typed if each.number], lambda each: (each.label, each.number))
    return [Number(each.label, each.number, normalise(each.number, country)) for each in kept]


def _cleaned_emails(emails: list[Email]) -> list[Email]:
    typed = [Email(clean_line(each.label), clean_line(each.email)) for each in emails]
    return _without_repeats([each for each in typed if each.email], lambda each: (each.label, each.email))


def _cleaned_address(address: Address) -> Address:
    return Address(
        clean_line(address.label),
        clean_text(address.street),
        clean_line(address.city),
        clean_line(address.region),
        clean_line(address.postal_code),
        clean_line(address.country),
    )


def _without_repeats(values: Iterable[T], key: Callable[[T], object]) -> list[T]:
    """The first of each; empty texts are dropped."""
    seen: set[object] = set()
    kept: list[T] = []
    for value in values:
        if value and key(value) not in seen:
            seen.add(key(value))
            kept.append(value)
    return kept

"""vCards as another reader sees them: what we write it reads as we meant it, and what it can read we read alike."""

import importlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from contacts.codecs.drafting import says_something
from contacts.codecs.model import ImportedContact
from contacts.codecs.reading import read_contacts
from contacts.codecs.vcard_writing import write_vcard
from tests.support.contact_files import CONTACTS

vobject: Any = importlib.import_module("vobject")
"""Without types of its own."""

CORPUS = Path(__file__).parent.parent / "corpus"
FILES = sorted(CORPUS.glob("*.vcf"))
DIFFERENT = {
    "broken-lines-in-a-note.vcf": "it takes a line of the broken note for a property",
    "emails-of-many-kinds.vcf": "it keeps mailto: and names",
    "version-4.0.vcf": "it keeps tel:",
    "backslashes-and-uris.vcf": "it keeps tel:",
    "icloud-web.vcf": "it keeps ;ext=",
    "long-values.vcf": "it has no limits",
    "nokia-2.1.vcf": "it joins what a soft break at the end divides",
    "preferred-first.vcf": "it keeps the order of the file",
    "quoted-parameters.vcf": "it ends a quoted parameter at a semicolon",
    "text-between-cards.vcf": "it knows no card without a beginning",
}
"""Where we mean to read otherwise."""


@given(contact=CONTACTS.filter(says_something))
@settings(deadline=None, max_examples=60)
def test_what_we_write_is_read_as_we_meant_it(contact: ImportedContact) -> None:
    (card,) = cards_by_vobject(b"".join(write_vcard([contact])))
    assert (card.n.value.family, card.n.value.given, card.n.value.additional) == (
        contact.last_name,
        contact.first_name,
        contact.middle_name,
    )
    assert values(card, "tel") == [each.number for each in contact.numbers]
    assert values(card, "email") == [each.email for each in contact.emails]
    assert values(card, "note") == ([contact.notes] if contact.notes else [])
    assert values(card, "title") == ([contact.job_title] if contact.job_title else [])
    streets = [adr.value.street for adr in card.contents.get("adr", [])]
    assert ["\n".join(each) if isinstance(each, list) else each for each in streets] == [
        each.street for each in contact.addresses
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_what_it_can_read_we_read_alike(file: Path) -> None:
    if file.name in DIFFERENT:
        pytest.skip(DIFFERENT[file.name])
    try:
        cards = list(cards_by_vobject(file.read_bytes()))
    except Exception as failure:  # noqa: BLE001 - it raises whatever comes
        pytest.skip(f"it cannot read this: {type(failure).__name__}")
    contacts = [row.contact for row in read_contacts(file.read_bytes()) if row.contact]
    for card in cards:
        numbers, emails = values(card, "tel"), values(card, "email")
        if not numbers and not emails:
            continue
        same = [
            contact
            for contact in contacts
            if [each.email for each in contact.emails] == emails
            and set(numbers) <= {each.number for each in contact.numbers} | set(contact.notes.split())
        ]
        assert same, f"nobody has {numbers} and {emails}"
        name = getattr(card.contents.get("n", [None])[0], "value", None)
        if name and name.family and name.given:
            assert (name.family, name.given) in {(each.last_name, each.first_name) for each in same}


def cards_by_vobject(data: bytes) -> Iterator[Any]:
    logging.getLogger("vobject").setLevel(logging.CRITICAL)
    yield from vobject.readComponents(data.decode("utf-8"), allowQP=b"QUOTED-PRINTABLE" in data)


def values(card: Any, name: str) -> list[str]:
    return [each.value for each in card.contents.get(name, []) if each.value]

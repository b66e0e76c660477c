"""Whatever a contact is, writing and reading it changes nothing, and says nothing of a problem."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert, to_builtins

from contacts.codecs.drafting import says_something
from contacts.codecs.model import Format, ImportedContact
from contacts.codecs.reading import read_contacts
from contacts.codecs.vcard_writing import write_vcard
from tests.support.contact_files import CONTACTS


@pytest.mark.parametrize("version", ["3.0", "4.0"])
@given(contacts=st.lists(CONTACTS.filter(says_something), min_size=1, max_size=3))
def test_vcard_gives_back_every_contact(version: Literal["3.0", "4.0"], contacts: list[ImportedContact]) -> None:
    data = b"".join(write_vcard(contacts, version))
    rows = list(read_contacts(data, kind=Format.VCARD))
    assert [row.contact for row in rows] == contacts
    assert [row.problems for row in rows] == [[] for _ in contacts]


@given(contact=CONTACTS)
def test_the_contacts_tried_are_as_the_wire_takes_them(contact: ImportedContact) -> None:
    assert convert(to_builtins(contact), ImportedContact) == contact

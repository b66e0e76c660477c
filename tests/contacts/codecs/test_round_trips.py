"""Whatever a contact is, writing and reading it changes nothing, and says nothing of a problem."""

from collections.abc import Callable, Iterable
from functools import partial

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec import convert, to_builtins

from contacts.codecs.csv_writing import write_google_csv, write_outlook_csv
from contacts.codecs.drafting import says_something
from contacts.codecs.model import Format, ImportedContact
from contacts.codecs.reading import read_contacts
from contacts.codecs.vcard_writing import write_vcard
from tests.support.contact_files import CONTACTS

WITHOUT_SHRINKING = [phase for phase in Phase if phase is not Phase.shrink]
"""What is found is short enough, and making it shorter takes minutes."""

Writer = Callable[[Iterable[ImportedContact]], Iterable[bytes]]
WRITERS: dict[str, tuple[Format, Writer]] = {
    "vCard 3.0": (Format.VCARD, partial(write_vcard, version="3.0")),
    "vCard 4.0": (Format.VCARD, partial(write_vcard, version="4.0")),
    "Google": (Format.GOOGLE, write_google_csv),
    "Outlook": (Format.OUTLOOK, write_outlook_csv),
}


@pytest.mark.parametrize("name", WRITERS)
@given(contacts=st.lists(CONTACTS.filter(says_something), min_size=1, max_size=3))
@settings(deadline=None, max_examples=30, phases=WITHOUT_SHRINKING)
def test_writing_and_reading_gives_back_every_contact(name: str, contacts: list[ImportedContact]) -> None:
    kind, write = WRITERS[name]
    file = read_contacts(b"".join(write(contacts)))
    rows = list(file)
    assert [row.contact for row in rows] == contacts
    assert [row.problems for row in rows] == [[] for _ in contacts]
    assert (file.format, file.encoding_is_sure) == (kind, True)


@given(contact=CONTACTS)
def test_the_contacts_tried_are_as_the_wire_takes_them(contact: ImportedContact) -> None:
    assert convert(to_builtins(contact), ImportedContact) == contact

import codecs

import pytest

from contacts.codecs.encodings import ENCODINGS, Encoding, find_encoding, known_encoding, recognise_encoding
from contacts.codecs.reading import read_contacts
from wire.errors import Invalid

TABLE = "First Name,Phone\nŁukasz,1\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"plain", Encoding("utf-8")),
        ("Łukasz".encode(), Encoding("utf-8")),
        (codecs.BOM_UTF8 + b"x", Encoding("utf-8", 3)),
        (codecs.BOM_UTF16_LE + "x".encode("utf-16-le"), Encoding("utf-16-le", 2)),
        (codecs.BOM_UTF16_BE + "x".encode("utf-16-be"), Encoding("utf-16-be", 2)),
        (codecs.BOM_UTF32_LE + "x".encode("utf-32-le"), Encoding("utf-32-le", 4)),
        ("First Name;Łoś".encode("utf-16-le"), Encoding("utf-16-le")),
        ("First Name;Łoś".encode("utf-16-be"), Encoding("utf-16-be")),
        ("Jörg".encode("cp1252"), Encoding("cp1252", is_sure=False)),
    ],
)
def test_a_file_is_in_what_it_says_or_looks_like(data: bytes, encoding: Encoding) -> None:
    assert recognise_encoding(data) == encoding


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1250"])
def test_a_table_and_a_card_are_read_in_every_encoding(encoding: str) -> None:
    (row,) = read_contacts(TABLE.encode(encoding))
    assert row.contact
    assert row.contact.first_name == "Łukasz"
    (row,) = read_contacts("BEGIN:VCARD\nN:Łoś;Łukasz\nTEL:1\nEND:VCARD\n".encode(encoding))
    assert row.contact
    assert row.contact.last_name == "Łoś"


def test_person_may_call_an_encoding_what_is_usual() -> None:
    found = Encoding("utf-16-be", 2)
    assert known_encoding("UTF-16", found) == found, "which of the two the file says itself"
    assert known_encoding("utf-16-le", found) == Encoding("utf-16-le", 2)
    assert known_encoding("utf-16", Encoding("utf-8")) == Encoding("utf-16-le")
    assert known_encoding("latin1", Encoding("cp1252", is_sure=False)) == Encoding("iso8859-1")
    assert known_encoding("Windows-1251", Encoding("utf-8", 3)) == Encoding("cp1251", 3)


@pytest.mark.parametrize("name", ["klingon", "", "idna", "unicode_escape", "base64", "rot13", "utf-7", "\0"])
def test_what_is_no_encoding_of_files_is_refused(name: str) -> None:
    assert find_encoding(name) == ""
    with pytest.raises(Invalid) as refused:
        known_encoding(name, Encoding("utf-8"))
    assert refused.value.field == "encoding"


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_encoding_that_is_offered_can_be_had(name: str) -> None:
    assert "Jane".encode(find_encoding(name)).decode(find_encoding(name)) == "Jane"

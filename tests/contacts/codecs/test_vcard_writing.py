"""vCards as other programs get them, to the letter."""

from contacts.codecs.model import ImportedContact
from contacts.codecs.vcard_writing import write_vcard
from wire.contacts import Address, Email, Number

JANE = ImportedContact(
    uid="7",
    first_name="Jane",
    middle_name="Q",
    last_name="Doe, Jr.",
    company="Acme; Inc.",
    department="R&D",
    job_title="CTO",
    numbers=[
        Number("work", "+49 30 2"),
        Number("mobile", "+49 171 1"),
        Number("fax", "3"),
        Number("home fax", "4"),
        Number("other", "5"),
        Number("Boat: aft", "6"),
    ],
    emails=[Email("home", "jane@home.example"), Email("", "j@example.com")],
    addresses=[Address("work", "1 Way\nFloor 2", "Berlin", "BE", "10115", "Germany")],
    tags=["VIP", "East, coast"],
    notes="one\ntwo \\ three",
)


def lines(contact: ImportedContact, version: str = "3.0") -> list[str]:
    data = b"".join(write_vcard([contact], "4.0" if version == "4.0" else "3.0"))
    assert data.count(b"\n") == data.count(b"\r\n")
    return data.decode().split("\r\n")


def test_a_card_of_version_3() -> None:
    assert lines(JANE) == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "PRODID:-//presence-gateway//contacts//EN",
        "UID:7",
        "N:Doe\\, Jr.;Jane;Q;;",
        "FN:Jane Q Doe\\, Jr.",
        "ORG:Acme\\; Inc.;R&D",
        "TITLE:CTO",
        "TEL;TYPE=WORK,VOICE:+49 30 2",
        "TEL;TYPE=CELL,VOICE:+49 171 1",
        "TEL;TYPE=WORK,FAX:3",
        "TEL;TYPE=HOME,FAX:4",
        "TEL;TYPE=VOICE:5",
        "item1.TEL:6",
        "item1.X-ABLabel:Boat: aft",
        "EMAIL;TYPE=INTERNET,HOME:jane@home.example",
        "EMAIL;TYPE=INTERNET:j@example.com",
        "ADR;TYPE=WORK:;;1 Way\\nFloor 2;Berlin;BE;10115;Germany",
        "CATEGORIES:VIP,East\\, coast",
        "NOTE:one\\ntwo \\\\ three",
        "END:VCARD",
        "",
    ]


def test_version_4_has_its_own_types() -> None:
    written = lines(JANE, "4.0")
    assert "VERSION:4.0" in written
    assert "TEL;TYPE=cell,voice:+49 171 1" in written
    assert "EMAIL;TYPE=home:jane@home.example" in written
    assert "EMAIL:j@example.com" in written


def test_card_without_a_name_is_shown_under_something() -> None:
    number, email = [Number("work", "1"), Number("home", "2")], [Email("", "a@example.com")]
    assert "FN:Acme" in lines(ImportedContact(company="Acme", numbers=number, emails=email))
    assert "FN:a@example.com" in lines(ImportedContact(numbers=number, emails=email))
    assert "FN:1" in lines(ImportedContact(numbers=number))
    assert "FN:" in lines(ImportedContact(notes="nobody"))


def test_no_line_is_folded() -> None:
    assert f"NOTE:{'long ' * 400}long" in lines(ImportedContact(first_name="Jane", notes="long " * 400 + "long"))

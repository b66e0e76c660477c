"""Tables as spreadsheets and other programs get them."""

import csv
import io

import pytest

from contacts.codecs.csv_writing import safe, write_google_csv, write_outlook_csv
from contacts.codecs.model import ImportedContact
from contacts.codecs.outlook_columns import HEADER
from contacts.codecs.reading import read_contacts
from contacts.codecs.widths import Widths
from wire.contacts import Address, Email, Number

JANE = ImportedContact(
    uid="7",
    first_name="Jane",
    last_name="Doe",
    company="Acme, Inc.",
    numbers=[Number("mobile", "+49 171 1"), Number("work", "+49 30 2"), Number("work", "3"), Number("work", "4")],
    emails=[Email("work", "jane@acme.example"), Email("", "jane@home.example")],
    addresses=[Address("home", "1 Elm St\nApt. 5", "Boston", "MA", "02134", "USA"), Address("Boat", "Pier 3")],
    tags=["VIP", "East; coast"],
    notes="=1+1",
)


def table(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf"), "spreadsheets need the mark"
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_google_finds_each_value_in_its_own_column() -> None:
    (row,) = table(b"".join(write_google_csv([JANE])))
    assert row["First Name"] == "Jane"
    assert row["Organization Name"] == "Acme, Inc."
    assert (row["Phone 1 - Label"], row["Phone 1 - Value"]) == ("Mobile", "+49 171 1")
    assert (row["Phone 4 - Label"], row["Phone 4 - Value"]) == ("Work", "4")
    assert (row["E-mail 1 - Label"], row["E-mail 1 - Value"]) == ("Work", "jane@acme.example")
    assert (row["Address 2 - Label"], row["Address 2 - Street"]) == ("Boat", "Pier 3")
    assert row["Labels"] == "VIP ::: East; coast"
    assert row["Notes"] == "'=1+1"


def test_outlook_finds_what_it_has_columns_for_and_leaves_ours_alone() -> None:
    data = b"".join(write_outlook_csv([JANE]))
    (row,) = table(data)
    assert list(row)[: len(HEADER)] == HEADER
    assert (row["Mobile Phone"], row["Business Phone"], row["Business Phone 2"]) == ("+49 171 1", "+49 30 2", "3")
    assert (row["Phone 1 - Label"], row["Phone 1 - Value"]) == ("work", "4")
    assert row["Phone Order"] == "Mobile Phone, Business Phone, Business Phone 2, Phone 1 - Value"
    assert (row["Home Street"], row["Home Street 2"], row["Home City"]) == ("1 Elm St", "Apt. 5", "Boston")
    assert (row["E-mail Address"], row["E-mail Type"], row["E-mail Label"]) == ("jane@acme.example", "SMTP", "work")
    assert row["UID"] == "7"


def test_a_file_has_no_column_of_ours_that_nobody_needs() -> None:
    plain = ImportedContact(first_name="Jane", numbers=[Number("work", "1")], emails=[Email("", "j@example.com")])
    (row,) = table(b"".join(write_outlook_csv([plain])))
    assert list(row) == [*HEADER, "UID"]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ('=HYPERLINK("http://evil.example")', '\'=HYPERLINK("http://evil.example")'),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("＝1+1", "'＝1+1"),
        ("'=1+1", "''=1+1"),
        ("+49 30 1234-5", "+49 30 1234-5"),
        ("+1 (212) 555-0102 ext. 7", "+1 (212) 555-0102 ext. 7"),
        ("+1-2+3", "'+1-2+3"),
        ("O'Neill", "O'Neill"),
        ("a=b", "a=b"),
        ("#N/A", "'#N/A"),
        ("#1", "#1"),
    ],
)
def test_no_cell_is_computed_and_telephone_numbers_stay_as_they_are(cell: str, written: str) -> None:
    assert safe(cell) == written


@pytest.mark.parametrize("write", [write_google_csv, write_outlook_csv])
def test_what_has_grown_since_the_columns_were_counted_is_in_the_notes(write) -> None:  # type: ignore[no-untyped-def]
    data = b"".join(write([JANE], Widths()))
    (row,) = read_contacts(data)
    assert row.contact
    said = f"{row.contact.notes} {row.contact.numbers} {row.contact.emails} {row.contact.addresses}"
    for value in ("+49 171 1", "+49 30 2", "jane@acme.example", "jane@home.example", "1 Elm St", "Pier 3"):
        assert value in said

"""What columns mean that no program we know has named: enough to be useful, and never what they are not."""

import pytest

from contacts.codecs.columns import columns_of
from contacts.codecs.model import Format
from contacts.codecs.outlook_columns import HEADER
from contacts.codecs.outlook_languages import LANGUAGES, TRANSLATIONS


def meaning(name: str) -> tuple[str, str, str] | None:
    (found,) = columns_of([name]).meanings
    return (found.kind, found.what, found.label) if found else None


@pytest.mark.parametrize(
    ("name", "kind", "what", "label"),
    [
        ("first_name", "field", "first_name", ""),
        ("FIRSTNAME", "field", "first_name", ""),
        ("Prénom", "field", "first_name", ""),
        ("Comments / Notes", "field", "notes", ""),
        ("Phone No.", "number", "other", ""),
        ("Telefon 2", "number", "other", ""),
        ("TEL_WORK", "number", "work", ""),
        ("Tel. Büro", "number", "work", ""),
        ("Work", "number", "work", ""),
        ("Cell #", "number", "mobile", ""),
        ("Téléphone portable", "number", "mobile", ""),
        ("Home Fax", "number", "home fax", ""),
        ("Emergency phone", "number", "Emergency phone", ""),
        ("Nummer", "number", "other", ""),
        ("E-Mail", "email", "value", ""),
        ("Work e-mail address", "email", "value", "work"),
        ("Billing Email", "email", "value", "Billing Email"),
        ("Courriel", "email", "value", ""),
        ("PLZ", "address", "postal_code", ""),
        ("PLZ/Ort", "address", "city", ""),
        ("Zip Code", "address", "postal_code", ""),
        ("State/Province", "address", "region", ""),
        ("Work Address Line 2", "address", "street2", "work"),
        ("Straße und Hausnummer", "address", "street", ""),
        ("P.O. Box", "address", "box", ""),
    ],
)
def test_a_name_is_understood_word_by_word(name: str, kind: str, what: str, label: str) -> None:
    assert meaning(name) == (kind, what, label)


@pytest.mark.parametrize(
    "name",
    [
        *("House Number", "Account Number", "Customer number", "Direct Reports", "Kundennummer"),
        *("IP Address", "MAC address", "Web Address", "Phone Type", "Email Opt Out", "Lead Status", "Shoe size"),
        *("Primary company", "Contact owner", ""),
    ],
)
def test_what_is_something_else_is_not_taken_for_a_number_or_an_address(name: str) -> None:
    assert meaning(name) is None


def test_name_beside_a_first_name_is_the_last_one() -> None:
    german = columns_of(["Name", "Vorname", "Telefon"])
    assert [each and each.what for each in german.meanings] == ["last_name", "first_name", "other"]
    assert meaning("Name") == ("field", "full_name", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_outlook_means_the_same_in_every_language(language: str) -> None:
    local = {english: name for name, english in reversed(TRANSLATIONS[language].items())}
    translated = columns_of([local.get(name, name) for name in HEADER])
    english = columns_of(HEADER)
    assert (translated.kind, english.kind) == (Format.OUTLOOK, Format.OUTLOOK)
    assert translated.meanings == english.meanings
    assert None not in english.meanings

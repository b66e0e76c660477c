import pytest

from contacts.searching import fold, search_text
from wire.contacts import Contact, Email, Number


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Müller-Lüdenscheidt", "muller-ludenscheidt"),
        ("MU\u0308LLER", "muller"),
        ("Łukasz Wójcik", "lukasz wojcik"),
        ("Søren  Ødegård ", "soren odegard"),
        ("Þórdís", "thordis"),
        ("Straße", "strasse"),
        ("Nguyễn Thị Hương", "nguyen thi huong"),
        ("Νίκη Παπαδοπούλου", "νικη παπαδοπουλου"),
        ("Дмитрий", "дмитрии"),
        ("İstanbul Işık", "istanbul isik"),
        ("美咲", "美咲"),
        ("민준", "민준"),
        ("", ""),
    ],
)
def test_case_and_accents_do_not_matter(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded, "what was folded stays"


def test_a_contact_is_found_by_each_of_its_parts() -> None:
    contact = Contact(
        contact=1,
        rev=1,
        shared=True,
        first_name="Béatrice",
        last_name="Moreau",
        company="Alder Hotels",
        department="Front Office",
        job_title="Réception",
        numbers=[Number("work", "+1 (212) 555-0102")],
        emails=[Email("work", "B.Moreau@alder.example")],
        tags=["Customer"],
    )
    text = search_text(contact)
    for part in ("beatrice moreau", "alder", "front", "reception", "12125550102", "555-0102", "b.moreau@", "customer"):
        assert part in text

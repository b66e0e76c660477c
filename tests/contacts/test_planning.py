"""What an import would do, decided without any store: nothing that somebody entered is taken away by a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.codecs.model import ImportedContact, Problem, ProblemKind, Row
from contacts.editing import FIELDS, cleaned, fields_of
from contacts.imports.planning import Planned, Planner, merged, plan_import, read_row, uid_of
from wire.contacts import MOST_VALUES, Address, Contact, ContactFields, Email, Number
from wire.imports import FieldChange, RowOutcome

DOMAIN = "a.test"


def row(number: int = 1, uid: str = "", **fields: object) -> Row:
    given = {"first_name": "Nora", "last_name": "Lind", **fields}
    return Row(number, number, ImportedContact(uid=uid, **given))  # type: ignore[arg-type]


def existing(contact: int = 7, **fields: object) -> Contact:
    given = {"first_name": "Nora", "last_name": "Lind", **fields}
    plain = cleaned(ContactFields(**given), "US")  # type: ignore[arg-type]
    return Contact(contact=contact, rev=3, shared=True, **{name: getattr(plain, name) for name in FIELDS})


def plan(*rows: Row, there: list[Contact] | None = None, shared: bool = True) -> list[Planned]:
    return plan_import(DOMAIN, [read_row(each, "US", shared=shared) for each in rows], there or [])


def test_somebody_new_is_created() -> None:
    [planned] = plan(row(numbers=[Number("work", "(212) 555-0100")]))
    assert planned.row.outcome is RowOutcome.CREATE
    assert planned.row.contact is not None
    assert planned.row.contact.numbers == [Number("work", "(212) 555-0100", "+12125550100")]


@pytest.mark.parametrize(
    ("there", "given"),
    [
        ({"numbers": [Number("work", "+1 212 555 0100")]}, {"numbers": [Number("mobile", "(212) 555-0100")]}),
        ({"emails": [Email("", "Nora@A.example")]}, {"emails": [Email("work", "nora@a.example")]}),
        ({"company": "Alder"}, {"company": "Alder"}),
        ({"company": "Alder"}, {}),
        (
            {"first_name": "NORA", "last_name": "Lïnd", "emails": [Email("", "n@a.example")]},
            {"emails": [Email("", "n@a.example")]},
        ),
    ],
)
def test_who_is_there_with_all_of_it_is_a_duplicate(there: dict[str, object], given: dict[str, object]) -> None:
    [planned] = plan(row(**given), there=[existing(**there)])  # type: ignore[arg-type]
    assert (planned.row.outcome, planned.row.target) == (RowOutcome.DUPLICATE, 7)


def test_what_a_row_adds_is_added_and_said() -> None:
    there = existing(company="Alder", numbers=[Number("work", "+1 212 555 0100")])
    given = row(
        company="Birch", job_title="Buyer", numbers=[Number("work", "+12125550100"), Number("mobile", "+12125550101")]
    )
    [planned] = plan(given, there=[there])
    assert (planned.row.outcome, planned.row.target, planned.rev) == (RowOutcome.UPDATE, 7, 3)
    assert planned.row.contact is not None
    assert (planned.row.contact.company, planned.row.contact.job_title) == ("Alder", "Buyer")
    assert [each.number for each in planned.row.contact.numbers] == ["+1 212 555 0100", "+12125550101"]
    assert planned.row.changes == [
        FieldChange("company", "Alder", "Birch", kept=True),
        FieldChange("job_title", "", "Buyer"),
        FieldChange("numbers", "", "+12125550101"),
    ]


def test_a_namesake_with_another_number_is_somebody_else() -> None:
    [planned] = plan(
        row(numbers=[Number("work", "+12125550101")]), there=[existing(numbers=[Number("work", "+12125550100")])]
    )
    assert planned.row.outcome is RowOutcome.CREATE
    [planned] = plan(row(company="Birch"), there=[existing(company="Alder")])
    assert planned.row.outcome is RowOutcome.CREATE


def test_what_was_exported_from_here_is_found_again_and_may_change_names() -> None:
    there = existing(company="Alder")
    given = row(uid=uid_of(DOMAIN, 7), last_name="Lindqvist", company="Birch")
    [planned] = plan(given, there=[there])
    assert planned.row.outcome is RowOutcome.UPDATE
    assert planned.row.contact is not None
    assert (planned.row.contact.last_name, planned.row.contact.company) == ("Lindqvist", "Birch")


def test_what_was_exported_from_another_domain_is_not_taken_for_ours() -> None:
    [planned] = plan(row(uid=uid_of("b.test", 7), last_name="Other"), there=[existing()])
    assert planned.row.outcome is RowOutcome.CREATE


def test_the_same_row_twice_is_imported_once() -> None:
    first, second, third = plan(row(1, company="A"), row(2, company="A"), row(3, company="B"))
    assert [each.row.outcome for each in (first, second, third)] == [
        RowOutcome.CREATE,
        RowOutcome.DUPLICATE,
        RowOutcome.CREATE,
    ]
    assert second.row.same_as_row == 1


def test_two_rows_never_change_the_same_contact() -> None:
    number = [Number("work", "+12125550100")]
    first, second = plan(
        row(1, numbers=number, company="A"), row(2, numbers=number, job_title="B"), there=[existing(numbers=number)]
    )
    assert (first.row.outcome, second.row.outcome) == (RowOutcome.UPDATE, RowOutcome.REFUSED)
    assert "Row 1" in second.row.problems[-1].detail


def test_what_cannot_be_a_contact_is_refused_with_the_reason() -> None:
    broken = Row(4, 9, None, [Problem(ProblemKind.EMPTY)])
    nameless = row(5, last_name="")
    refused, missing = plan(broken, nameless)
    assert (refused.row.outcome, refused.row.problems[0].kind) == (RowOutcome.REFUSED, "empty")
    assert (missing.row.outcome, missing.row.problems[0].field) == (RowOutcome.REFUSED, "last_name")
    assert missing.row.contact is not None, "one sees whom it is about"
    assert plan(nameless, shared=False)[0].row.outcome is RowOutcome.CREATE, "one's own contacts may be less"


def test_more_than_a_contact_can_hold_is_refused_instead_of_cut() -> None:
    tags = [f"tag{number}" for number in range(MOST_VALUES)]
    reached = [Email("", "n@a.example")]
    [planned] = plan(row(tags=["one more"], emails=reached), there=[existing(tags=tags, emails=reached)])
    assert planned.row.outcome is RowOutcome.REFUSED


def test_pieces_are_planned_as_the_whole_would_be() -> None:
    rows = [read_row(row(number, company=str(number // 2)), "US", shared=True) for number in range(8)]
    planner = Planner(DOMAIN)
    in_pieces = [*planner.plan(rows[:3], []), *planner.plan(rows[3:], [])]
    assert in_pieces == plan_import(DOMAIN, rows, [])


TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "Zs"]), max_size=8)
FIELDS_OF_SOMEBODY = st.builds(
    ContactFields,
    first_name=TEXT,
    last_name=TEXT,
    company=TEXT,
    notes=TEXT,
    tags=st.lists(TEXT, max_size=3),
    numbers=st.lists(st.builds(Number, st.sampled_from(["work", "x"]), TEXT), max_size=3),
    emails=st.lists(st.builds(Email, st.just(""), TEXT), max_size=3),
    addresses=st.lists(st.builds(Address, st.just(""), TEXT), max_size=2),
)


@given(FIELDS_OF_SOMEBODY, FIELDS_OF_SOMEBODY)
def test_nothing_that_was_there_is_gone_after_a_merge_and_a_second_one_changes_nothing(
    there: ContactFields, given_: ContactFields
) -> None:
    there, given_ = cleaned(there, "US"), cleaned(given_, "US")
    after = merged(there, given_)
    for name in FIELDS:
        before = getattr(there, name)
        now = getattr(after, name)
        assert (now[: len(before)] == before) if before else True, name
    assert merged(after, given_) == after
    assert fields_of(after) == after

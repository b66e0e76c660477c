"""Contacts in normal form for hypothesis, and what was read from a file as a text that a person can check."""

from collections.abc import Iterator

from hypothesis import strategies as st

from contacts.codecs.drafting import one_line, several_lines, visible
from contacts.codecs.labels import normal_label
from contacts.codecs.model import ImportedContact, Row
from contacts.codecs.reading import ReadFile
from wire.contacts import Address, Email, Number


def rendered(file: ReadFile) -> str:
    """Every row with all that was read and all that was said of it, one thing a line."""
    sure = "" if file.encoding_is_sure else ", guessed"
    delimiter = {"": "", "\t": ", delimiter tab"}.get(file.delimiter, f", delimiter {file.delimiter}")
    lines = [f"{file.format}, {file.encoding}{sure}{delimiter}"]
    lines += [f"column {name!r} is not known" for name, meaning in file.columns if not meaning]
    for row in file:
        lines += ["", *_lines_of(row)]
    return "\n".join(lines) + "\n"


def _lines_of(row: Row) -> Iterator[str]:
    yield f"{row.number} in line {row.line}" + ("" if row.contact else ": no contact")
    if row.contact:
        contact = row.contact
        for name in ("uid", "first_name", "middle_name", "last_name", "company", "department", "job_title"):
            if getattr(contact, name):
                yield f"  {name.replace('_', ' ')}: {getattr(contact, name)}"
        yield from (f"  number: {each.number} ({each.label})" for each in contact.numbers)
        yield from (f"  e-mail: {each.email} ({each.label})" for each in contact.emails)
        for each in contact.addresses:
            street = each.street.replace("\n", " / ")
            parts = (street, each.city, each.region, each.postal_code, each.country)
            yield f"  address: {' | '.join(parts)} ({each.label})"
        yield from (f"  tag: {tag}" for tag in contact.tags)
        yield from (f"  notes: {line}" for line in contact.notes.split("\n") if contact.notes)
    for problem in row.problems:
        yield f"  ! {problem.kind} {problem.field}".rstrip() + (f": {problem.detail}" if problem.detail else "")


_LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00\u200e")


def _line(limit: int) -> st.SearchStrategy[str]:
    text = st.text(_LETTERS, max_size=limit) | st.text("aäé,;:\\\"'\n\r\t =+-@|*%.<>😀ß日本語", max_size=limit)
    return text.map(one_line)


def _label(empty: str) -> st.SearchStrategy[str]:
    known = st.sampled_from(
        ["work", "mobile", "home", "fax", "home fax", "other", "main", "pager", "car", "Summer house"]
    )
    return (known | _line(30)).map(lambda label: one_line(normal_label(label)) or empty)


_NUMBERS = st.builds(
    Number,
    _label("other"),
    st.sampled_from(["+49 30 1234-5", "(030) 12345", "1001", "+1-212-555-0102 ext. 7", "*98#", "=1", "-5"])
    | st.text("0123456789 +-()/.#*x", min_size=1, max_size=40).map(one_line).filter(bool),
)
_EMAILS = st.builds(Email, _label(""), _line(20).map(lambda text: visible(text.replace("@", "")) + "x@example.com"))
_STREETS = st.text(_LETTERS, max_size=60).map(several_lines)
_ADDRESSES = st.builds(
    Address,
    label=_label(""),
    street=_STREETS,
    city=_line(20),
    region=_line(20),
    postal_code=_line(10),
    country=_line(20),
).filter(lambda each: bool(each.street or each.city or each.region or each.postal_code or each.country))
_TAGS = st.lists(
    _line(20).filter(lambda tag: bool(tag) and ":::" not in tag and not tag.startswith("* ")), unique=True, max_size=4
)
_NOTES = st.text(_LETTERS, max_size=200).map(several_lines)

CONTACTS = st.builds(
    ImportedContact,
    uid=st.integers(0, 10**9).map(str) | st.just(""),
    first_name=_line(40),
    middle_name=_line(20),
    last_name=_line(40),
    company=_line(40),
    department=_line(20),
    job_title=_line(20),
    numbers=st.lists(_NUMBERS, max_size=6),
    emails=st.lists(_EMAILS, max_size=5),
    addresses=st.lists(_ADDRESSES, max_size=4),
    tags=_TAGS,
    notes=_NOTES,
)

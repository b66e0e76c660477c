"""Files that nobody meant to write: whatever stands in one, reading it ends soon, in bounded memory, and loses no row
without a word."""

import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import convert, json, to_builtins

from contacts.codecs.encodings import ENCODINGS
from contacts.codecs.limits import FileLimits
from contacts.codecs.model import REFUSALS, Format, ImportedContact, ProblemKind, Row
from contacts.codecs.reading import read_contacts
from wire.errors import Invalid, Refused, TooLarge

CORPUS = Path(__file__).parent.parent / "corpus"
FILES = [path.read_bytes() for path in sorted(CORPUS.iterdir()) if path.suffix != ".txt"]
PIECES = [
    *(b'"', b"\n", b"\r\n", b"\r", b"=\n", b"\n ", b";", b",", b":", b"\\", b"=", b"\t", b"|", b"'", b'="', b" ::: "),
    *(b"BEGIN:VCARD\n", b"END:VCARD\n", b"AGENT:\nBEGIN:VCARD\n", b"item1.X-ABLabel:", b"PHOTO;ENCODING=b:"),
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe4", b"\xc3", b"\x82\xa0", b"\x1b$B", b"A" * 300, b"=3D" * 50),
    *(b";ENCODING=QUOTED-PRINTABLE:", b";CHARSET=utf-16:", b";CHARSET=idna:", b";CHARSET=unicode_escape:"),
]
DAMAGED = 600
"""Files a run; a run takes about a second."""


def damaged(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice([1, 2, 3, 8, 30])):
        start = chance.randrange(len(out) + 1)
        end = min(len(out), start + chance.choice([1, 2, 5, 40, 400]))
        match chance.randrange(7):
            case 0:
                del out[start:end]
            case 1:
                out[start:start] = chance.choice(PIECES)
            case 2:
                out[start:start] = out[start:end] * chance.choice([1, 2, 20])
            case 3:
                out[start:end] = bytes(chance.randrange(256) for _ in range(end - start))
            case 4:
                other = chance.choice(FILES)
                at = chance.randrange(len(other))
                out[start:end] = other[at : at + chance.choice([5, 50, 500])]
            case 5:
                out[start:end] = out[start:end][::-1]
            case _:
                out[start:start] = chance.randbytes(chance.choice([1, 4, 30]))
    return bytes(out[:200_000])


def read(data: bytes, **asked: Any) -> list[Row]:
    """The rows, each held against what rows promise; none if the file is refused."""
    try:
        rows = list(read_contacts(data, **asked))
    except Refused:
        return []
    for row in rows:
        assert json.encode(row), "it can be told"
        if row.contact is None:
            assert row.problems, "a row without a contact says why"
            assert row.problems[0].kind in REFUSALS
        else:
            assert convert(to_builtins(row.contact), ImportedContact) == row.contact, "as the wire takes it"
    return rows


@pytest.mark.parametrize("seed", range(6))
def test_no_damage_makes_reading_fail(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same damage in every run
    for _ in range(DAMAGED):
        asked: dict[str, object] = {}
        if chance.random() < 0.2:
            asked["kind"] = chance.choice(list(Format))
        if chance.random() < 0.2:
            asked["encoding"] = chance.choice(ENCODINGS)
        if chance.random() < 0.1:
            asked["delimiter"] = chance.choice(";,|\t")
        read(damaged(chance.choice(FILES), chance), **asked)


@given(data=st.binary(max_size=2_000))
@settings(deadline=None)
def test_no_bytes_make_reading_fail(data: bytes) -> None:
    read(data)
    read(b"BEGIN:VCARD\n" + data)
    read(b"First Name,Last Name,Phone\n" + data)


NAMES = b"First Name,Last Name,Phone\n"
CARD = b"BEGIN:VCARD\nVERSION:2.1\nN:Doe;Jane\n%s\nEND:VCARD\n"
WITHOUT_MEASURE: dict[str, Callable[[], bytes]] = {
    "a quotation mark opens every line": lambda: NAMES + b'"a,b,c\n' * 100_000,
    "a quotation mark opens the first line": lambda: NAMES + b'"a,b,c\n' + b"d,e,f\n" * 100_000,
    "three quotation marks in every line": lambda: NAMES + b'"a"b"c,1,2\n' * 50_000,
    "one line": lambda: NAMES + b"a" * 10_000_000,
    "one cell": lambda: NAMES + b'"' + b"a\n" * 5_000_000,
    "columns without end": lambda: b",".join(b"x%d" % at for at in range(100_000)),
    "beginnings without ends": lambda: b"BEGIN:VCARD\n" * 100_000,
    "agents within agents": lambda: b"BEGIN:VCARD\n" + b"AGENT:\nBEGIN:VCARD\n" * 100_000,
    "a card without end": lambda: CARD % (b"TEL:1\n" * 1_000_000),
    "soft breaks": lambda: CARD % (b"NOTE;ENCODING=QUOTED-PRINTABLE:" + b"a=\n" * 60_000),
    "equals signs": lambda: CARD % (b"NOTE;ENCODING=QUOTED-PRINTABLE:" + b"=" * 200_000),
    "folds": lambda: CARD % (b"NOTE:" + b"a\n " * 60_000),
    "parameters": lambda: CARD % (b"TEL" + b";TYPE=a" * 30_000 + b":1"),
    "quotation marks in parameters": lambda: CARD % (b"TEL;X=" + b'"a\\"' * 60_000 + b":1"),
    "categories": lambda: CARD % (b"CATEGORIES:" + b",".join(b"%d" % at for at in range(40_000))),
    "a name of many words": lambda: CARD % (b"FN:" + b" ".join(b"w%d" % at for at in range(30_000))),
    "dashes where a group could be": lambda: CARD % (b"-" * 240_000) * 10,
    "addresses in a cell": lambda: b"First Name,Email\na," + b"a@b" * 40_000 + b"\n",
}


@pytest.mark.parametrize("name", WITHOUT_MEASURE)
def test_the_time_does_not_grow_with_the_square_of_a_file(name: str) -> None:
    read(WITHOUT_MEASURE[name]())


def test_memory_grows_neither_with_photos_nor_with_rows() -> None:
    photo = b"PHOTO;ENCODING=b;TYPE=JPEG:" + b"\r\n ".join([b"A" * 74] * 20_000) + b"\r\n"
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Doe;Jane;;;\r\n" + photo + b"TEL:1\r\nEND:VCARD\r\n"
    data = card * 5
    assert peak_of_reading(data) < len(card) / 4
    table = NAMES + b"Jane,Doe,+1 212 555 0100\r\n" * 15_000
    assert peak_of_reading(table) < len(table) / 2


def peak_of_reading(data: bytes) -> int:
    """Bytes, while a file is read that is in memory already."""
    file = read_contacts(data)
    tracemalloc.start()
    for row in file:
        assert row.contact
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def kinds(rows: list[Row]) -> list[ProblemKind]:
    return [problem.kind for row in rows for problem in row.problems]


def test_each_limit_is_told_where_it_is_met() -> None:
    limits = FileLimits(file_bytes=5_000, contacts=3, card_bytes=500, line=300, nesting=1, fields=10)
    with pytest.raises(TooLarge) as too_large:
        read_contacts(b"x" * 5_001, limits=limits)
    assert too_large.value.field == "file"
    four = read(b"BEGIN:VCARD\nFN:A\nEND:VCARD\n" * 4, limits=limits)
    assert [row.contact is not None for row in four] == [True, True, True, False]
    assert kinds(four) == [ProblemKind.TOO_MANY]
    rows = read(b"Name,Phone\n" + b"Jane,1\n" * 4, limits=limits)
    assert (len(rows), kinds(rows)) == (4, [ProblemKind.TOO_MANY])
    assert kinds(read(CARD % (b"TEL:1\n" * 90), limits=limits)) == [ProblemKind.TOO_LARGE]
    assert kinds(read(CARD % (b"TEL:1\n" * 20), limits=limits)) == [ProblemKind.LEFT_OUT]
    deep = CARD % b"AGENT:\nBEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nEND:VCARD\nEND:VCARD"
    assert ProblemKind.LEFT_OUT in kinds(read(deep, limits=limits))
    long = read(b"Name,Phone\n" + b"x" * 400 + b",1\nJane,2\n", limits=limits)
    assert (kinds(long), long[1].contact is not None) == ([ProblemKind.TOO_LARGE], True)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\xd0\xcf\x11\xe0rest", "Office"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "picture"),
        (b'<?xml version="1.0"?><vcards/>', "XML"),
        (b'["vcard", [["version"]]]', "JSON"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "calendar"),
        (b"dn: cn=Jane Doe\ncn: Jane\n", "LDIF"),
        (b"colour;size\nred;5\n", "colour, size"),
    ],
)
def test_what_is_no_file_of_contacts_is_refused_and_told_why(data: bytes, word: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_contacts(data)
    assert refused.value.field == "file"
    assert word in refused.value.message


def test_a_person_may_correct_what_was_recognised() -> None:
    data = "Name;Telefon\nŁukasz Wójcik;1\n".encode("cp1250")
    file = read_contact(data, encoding="cp1252")
    assert file.first_name == "£ukasz", "as asked for, right or wrong"
    assert read_contacts(data).encoding == "cp1250"
    table = b"Name|Phone\nJane|1\n"
    assert (read_contacts(table).delimiter, read_contacts(table, delimiter=",").delimiter) == ("|", ",")
    german = b"Vorname;Name;Ort\nJane;Doe;Bonn\n"
    assert [each.city for each in read_contact(german).addresses] == ["Bonn"]
    outlook = read_contacts(german, kind=Format.OUTLOOK)
    assert (outlook.format, next(iter(outlook)).contact) == (
        Format.OUTLOOK,
        ImportedContact(first_name="Jane", last_name="Doe", notes="Location: Bonn"),
    )
    for asked in ({"encoding": "klingon"}, {"delimiter": "x"}):
        with pytest.raises(Invalid) as refused:
            read_contact(data, **asked)
        assert refused.value.field in asked


def read_contact(data: bytes, **asked: Any) -> ImportedContact:
    (row,) = read_contacts(data, **asked)
    assert row.contact
    return row.contact

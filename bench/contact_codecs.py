"""Contact files: what reading and writing one contact costs in each format, beside vobject and the csv module alone.

Needs no gateway. vobject is there where the development requirements are installed.
"""

import csv
import importlib
import io
import logging
import time
import tracemalloc
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from bench.report import Row, Table, middle
from bench.stage import Stage
from contacts.codecs.csv_writing import write_google_csv, write_outlook_csv
from contacts.codecs.model import ImportedContact
from contacts.codecs.reading import read_contacts
from contacts.codecs.vcard_writing import write_vcard
from wire.contacts import Address, Email, Number

CONTACTS = 10_000
_FEW = 1_000
"""As many as vobject reads; its time grows with their number."""
_SEEN_FIRST = 100
"""A preview's first page."""
_ROUNDS = 5
_FIRST = ("Jörg", "Anna", "Béatrice", "Søren", "Łukasz", "Jane", "太郎")
_LAST = ("Müller", "O'Neill", "García", "Nguyễn", "Doe", "Smith-Jones", "山田")


async def run(_: Stage) -> Table:
    contacts = [_contact(number) for number in range(CONTACTS)]
    formats: dict[str, Callable[[Iterable[ImportedContact]], Iterable[bytes]]] = {
        "vCard": write_vcard,
        "Google CSV": write_google_csv,
        "Outlook CSV": write_outlook_csv,
    }
    rows = []
    for name, write in formats.items():
        data = b"".join(write(contacts))
        seconds = _cpu(lambda data=data: _count(read_contacts(data)))  # type: ignore[misc]
        rows.append(Row(f"{name}: contacts read per CPU second", CONTACTS / seconds, "/s", 15_000, at_least=True))
        rows.append(Row(f"  {CONTACTS:,} contacts of {len(data) / 1e6:.1f} MB", seconds * 1e3, "ms", 1_000))
        first = _cpu(lambda data=data: _count(islice(read_contacts(data), _SEEN_FIRST)))  # type: ignore[misc]
        rows.append(Row(f"  the first {_SEEN_FIRST} of them", first * 1e3, "ms", 50))
        rows.append(Row("  memory beside the file itself", _peak(data) / 1024, "KiB", 2_048))
        written = _cpu(lambda write=write: _count(write(contacts)))  # type: ignore[misc]
        rows.append(Row("  written per CPU second", CONTACTS / written, "/s", 25_000, at_least=True))
        rows.append(_by_others(name, data, b"".join(write(contacts[:_FEW]))))
    return Table(f"Contact files: reading and writing {CONTACTS:,} contacts", rows)


def _by_others(name: str, data: bytes, few: bytes) -> Row:
    if name != "vCard":
        return Row("  rows per CPU second of the csv module alone", CONTACTS / _cpu(lambda: _by_csv(data)), "/s")
    try:
        vobject: Any = importlib.import_module("vobject")
    except ModuleNotFoundError:
        return Row("  cards per CPU second of vobject", 0, "/s", note="it is not installed")
    logging.getLogger("vobject").setLevel(logging.CRITICAL)
    text = few.decode()
    return Row("  cards per CPU second of vobject", _FEW / _cpu(lambda: _count(vobject.readComponents(text))), "/s")


def _by_csv(data: bytes) -> int:
    return _count(csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline="")))


def _count(each: Iterable[object]) -> int:
    return sum(1 for _ in each)


def _cpu(work: Callable[[], object]) -> float:
    def once() -> float:
        started = time.process_time()
        work()
        return time.process_time() - started

    return middle([once() for _ in range(_ROUNDS)])


def _peak(data: bytes) -> int:
    tracemalloc.start()
    _count(read_contacts(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def _contact(number: int) -> ImportedContact:
    """Three numbers, two addresses of each kind at most: what an address book has of somebody."""
    return ImportedContact(
        uid=str(number),
        first_name=_FIRST[number % len(_FIRST)],
        last_name=_LAST[number // 7 % len(_LAST)],
        company=("Acme, Inc.", "Alder Hotels", "Größmann & Söhne GmbH")[number % 3],
        department="Sales",
        job_title="Manager",
        numbers=[
            Number("work", f"+49 30 {number:07}"),
            Number("mobile", f"+49 170 {number:07}"),
            Number("home", f"(030) {number:05}"),
        ],
        emails=[Email("work", f"a{number}@example.com"), Email("home", f"b{number}@example.org")],
        addresses=[Address("work", "Hauptstraße 1\nHinterhaus", "Berlin", "", "10115", "Germany")],
        tags=["Customer", "VIP"],
        notes="Met at the fair, call back; prefers mail\nsecond line" if number % 2 else "",
    )

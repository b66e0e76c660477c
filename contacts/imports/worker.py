"""Reads a file of contacts in a process of its own, started by reading.py.

The parent writes an order and the file to the standard input, and reads frames from the standard output: how the file
was recognised (or why it is refused), then rows in pieces. What takes the processor's time is done here, so that the
gateway goes on answering everybody; what a file makes go wrong ends here, with a limit on memory.
"""

import sys
from collections.abc import Iterator
from typing import BinaryIO

import msgspec
from msgspec import Struct

from contacts.codecs.model import Format
from contacts.codecs.reading import ReadFile, read_contacts
from contacts.imports.planning import ReadRow, read_row
from wire.errors import Refused

PIECE = 250
FIRST_PIECE = 50
"""Small, so that the first rows are seen at once."""
MEMORY = 1_536 * 1024 * 1024
"""Address space in bytes: the file in two forms, and the interpreter."""


class Order(Struct, frozen=True, array_like=True):
    country: str
    shared: bool
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None


class Recognised(Struct, frozen=True, array_like=True, tag="recognised"):
    format: str
    encoding: str
    encoding_is_sure: bool
    delimiter: str


class Rows(Struct, frozen=True, array_like=True, tag="rows"):
    rows: list[ReadRow]
    fraction: float


class Turned(Struct, frozen=True, array_like=True, tag="refused"):
    """The file as a whole is refused, in words for people."""

    message: str
    field: str


Frame = Recognised | Rows | Turned


def frames(order: Order, data: bytes) -> Iterator[Frame]:
    """What is said of a file, in the order in which it becomes known."""
    try:
        file = read_contacts(
            data,
            kind=Format(order.format) if order.format else None,
            encoding=order.encoding,
            delimiter=order.delimiter,
        )
    except Refused as refused:
        yield Turned(refused.message, refused.field or "file")
        return
    yield Recognised(file.format.value, file.encoding, file.encoding_is_sure, file.delimiter)
    yield from _pieces(file, order)


def _pieces(file: ReadFile, order: Order) -> Iterator[Rows]:
    rows: list[ReadRow] = []
    most = FIRST_PIECE
    for row in file:
        rows.append(read_row(row, order.country, shared=order.shared))
        if len(rows) == most:
            yield Rows(rows, file.fraction_read)
            rows, most = [], PIECE
    yield Rows(rows, 1.0)


def write_frame(out: BinaryIO, frame: Frame) -> None:
    payload = msgspec.msgpack.encode(frame)
    out.write(len(payload).to_bytes(4, "big") + payload)
    out.flush()


def main() -> None:
    _limit_memory()
    source = sys.stdin.buffer
    size = int.from_bytes(source.read(4), "big")
    order = msgspec.msgpack.decode(source.read(size), type=Order)
    data = source.read()
    for frame in frames(order, data):
        write_frame(sys.stdout.buffer, frame)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on every system
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

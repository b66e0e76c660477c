"""Which encoding a file is written in: what it says itself, then what fits, then what is usual.

A guess is called one, so that a person can correct it.
"""

import codecs
import re
from collections.abc import Iterator

from msgspec import Struct

from contacts.codecs.guessing import WESTERN, guess_encoding
from wire.errors import Invalid

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"))
_MARKS_OF_16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_PIECE = 64 * 1024
_LONE_BYTES = re.compile("[\udc80-\udcff]")
USUAL = WESTERN


class Encoding(Struct, frozen=True):
    """`name`: as Python knows it. `begin`: where the text begins, after a mark. `is_sure`: not only a guess."""

    name: str
    begin: int = 0
    is_sure: bool = True


ENCODINGS = (
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "cp1258",
    "iso8859-1",
    "iso8859-2",
    "iso8859-5",
    "iso8859-7",
    "iso8859-9",
    "iso8859-15",
    "cp932",
    "shift_jis",
    "euc_jp",
    "iso2022_jp",
    "gb2312",
    "gbk",
    "gb18030",
    "big5",
    "cp949",
    "euc_kr",
    "koi8-r",
    "koi8-u",
    "cp874",
    "tis-620",
    "mac_roman",
    "cp437",
    "cp850",
    "cp852",
    "cp866",
    "ascii",
)
"""Those that a person may choose, and a card may say of itself. Python knows more, some of which are no text."""
_KNOWN = {codecs.lookup(name).name: name for name in ENCODINGS} | {"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}


def find_encoding(name: str) -> str:
    """Python's name of an encoding of ENCODINGS, whatever it is called; empty if it is none of them."""
    try:
        return _KNOWN.get(codecs.lookup(name.strip()).name, "")
    except (LookupError, ValueError):
        return ""


def known_encoding(name: str, found: Encoding) -> Encoding:
    """What a person asked for instead of what was found. Raises Invalid."""
    known = find_encoding(name)
    if not known:
        raise Invalid(f"Encodings that can be read: {', '.join(ENCODINGS)}", field="encoding")
    if known == "utf-16-le" and found.name == "utf-16-be" and "le" not in name.lower():
        known = found.name
    return Encoding(known, found.begin)


def recognise_encoding(data: bytes) -> Encoding:
    """By its mark, by its NULs (UTF-16 without a mark), as UTF-8 if all of it is; else by a guess."""
    for mark, name in (*_MARKS, *_MARKS_OF_16):
        if data.startswith(mark):
            return Encoding(name, len(mark))
    sixteen = _utf16_by_its_nuls(data[:4096])
    if sixteen:
        return Encoding(sixteen)
    if data.isascii() or is_utf8(data):
        return Encoding("utf-8")
    return Encoding("utf-8" if _is_nearly_utf8(data) else guess_encoding(data), is_sure=False)


def is_utf8(data: bytes) -> bool:
    """Without decoding all of it at once."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in _pieces(data):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_nearly_utf8(data: bytes) -> bool:
    """One byte that was cut in half or pasted from elsewhere makes no other encoding of a whole file."""
    sample = data[: 16 * _PIECE]
    text = sample.decode("utf-8", "surrogateescape")
    wrong = len(_LONE_BYTES.findall(text))
    return 0 < wrong * 4 <= sum(letter > "\x7f" for letter in text) - wrong


def as_utf8(data: bytes, encoding: Encoding) -> bytes:
    """The same text in UTF-8. What cannot be decoded becomes U+FFFD."""
    if encoding.name == "utf-8":
        return data[encoding.begin :] if encoding.begin else data
    decoder = codecs.getincrementaldecoder(encoding.name)("replace")
    out = bytearray()
    for piece in _pieces(data[encoding.begin :]):
        out += decoder.decode(piece).encode("utf-8", "replace")
    out += decoder.decode(b"", final=True).encode("utf-8", "replace")
    return bytes(out)


def without_lone_bytes(text: str) -> str:
    """Bytes which a decoder left alone (`surrogateescape`) as the letters that they are in Western Europe."""
    return _LONE_BYTES.sub(lambda lone: lone[0].encode("utf-8", "surrogateescape").decode(WESTERN, "replace"), text)


def _pieces(data: bytes) -> Iterator[memoryview]:
    view = memoryview(data)
    return (view[at : at + _PIECE] for at in range(0, len(data), _PIECE))


def _utf16_by_its_nuls(beginning: bytes) -> str:
    """Text of the West has a NUL in every second byte there, and in no other encoding."""
    even, odd = beginning[0::2], beginning[1::2]
    if len(even) < 2 or not odd:
        return ""
    nuls_even, nuls_odd = even.count(0) / len(even), odd.count(0) / len(odd)
    if nuls_odd > 0.3 and nuls_even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if nuls_even > 0.3 and nuls_odd < 0.05 else ""

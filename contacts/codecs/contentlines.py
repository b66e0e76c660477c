"""vCard files as bytes: where cards begin and end, and what their lines are.

Unfolds bytes, not text: a fold may stand within a letter. Leaves out photos, sounds and keys before anything is
decoded, so that memory does not depend on them. Recovers at every `BEGIN:VCARD`.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from contacts.codecs.limits import FileLimits

_BOUNDARY = re.compile(rb"^[ \t]*(BEGIN|END)[ \t]*:[ \t]*VCARD[ \t\r;]*$", re.IGNORECASE | re.MULTILINE)
_AGENT = re.compile(rb"^(?:[\w-]+\.)?AGENT[^:\n]*:\s*\Z", re.IGNORECASE | re.MULTILINE)
_PROPERTY = re.compile(rb"^(?:[\w-]+\.)?(?:N|FN|TEL|EMAIL|ORG|ADR|NICKNAME|NOTE)[;:]", re.IGNORECASE | re.MULTILINE)
_BLOB = re.compile(
    rb"^(?:[\w-]+\.)?(PHOTO|LOGO|SOUND|KEY|X-MS-CARDPICTURE|X-MS-OL-DESIGN|X-WAB-GPICTURE)[;:]",
    re.IGNORECASE | re.MULTILINE,
)
_BLOB_ENDS = re.compile(
    # It goes on in lines which begin with white space, or in lines of nothing but base64.
    rb"\n(?![ \t]|[A-Za-z0-9+/]{40,}=*[ \t\r]*(?:\n|\Z)|[A-Za-z0-9+/]{4,}={0,2}[ \t\r]*\n[ \t\r]*\n)|\Z"
)
_STAYS = (
    rb"(?![ \t]*(?:[\w-]+\.)?"
    rb"(?:BEGIN|END|VERSION|N|FN|TEL|EMAIL|ADR|ORG|TITLE|NOTE|URL|PHOTO|REV|BDAY|UID|X-[\w-]+)[;:])"
)
"""A line that is a property of its own, whatever the one before ended with."""
_SOFT_BREAKS = re.compile(
    rb"^[^:\n]*QUOTED-PRINTABLE[^:\n]*:[^\n]*=[ \t\r]*(?:\n" + _STAYS + rb"[^\n]*=[ \t\r]*)*\n" + _STAYS,
    re.IGNORECASE | re.MULTILINE,
)
_SOFT_BREAK = re.compile(rb"=[ \t\r]*\n")
_FOLD = re.compile(rb"\r*\n[ \t]")
_OLD = re.compile(rb"^VERSION:[ \t]*2", re.IGNORECASE | re.MULTILINE)
_LARGE = 4_096
"""Cards below this are so small that looking for photos first would only cost time."""


class Card(Struct):
    """The bytes between BEGIN and END, and what was wrong around them. `begin`: where in the file it began."""

    begin: int
    text: bytes
    has_begin: bool = True
    has_end: bool = True
    is_too_large: bool = False
    is_too_deep: bool = False
    nested: list[bytes] = []
    """Cards within this one (AGENT), each as it stands."""
    blobs: list[str] = []
    """Names of the properties that were left out before reading."""


class Stray(Struct):
    """Text outside of every card."""

    begin: int
    text: bytes


def cards(data: bytes, limits: FileLimits) -> Iterator[Card | Stray]:
    """Every card of a file in UTF-8 or a superset of ASCII, and what stands between them, in order."""
    reader = _Cutter(data, limits)
    for boundary in _BOUNDARY.finditer(data):
        cut = reader.begin if boundary[1][:1] in b"Bb" else reader.end
        yield from cut(boundary.start(), boundary.end())
    yield from reader.close()


class _Cutter:
    """Between two boundaries: what is open, and how deep."""

    def __init__(self, data: bytes, limits: FileLimits) -> None:
        self._data = data
        self._limits = limits
        self._at = 0
        """Everything before was given out."""
        self._card_at = -1
        """Where the open card began; -1: none is open."""
        self._pieces: list[bytes] = []
        self._nested: list[bytes] = []
        self._blobs: list[str] = []
        self._agents: list[int] = []
        """Where the contents of each open nested card begin."""
        self._deepest = 0
        self._size = 0
        self._indent = b""
        """What stands before BEGIN, and so before every line of the card, where it would look like a fold."""

    def begin(self, start: int, end: int) -> Iterator[Card | Stray]:
        if self._card_at < 0:
            yield from self._outside(start)
            self._open(start, end)
        elif _AGENT.search(self._data, max(self._at, start - 200), start):
            if not self._agents:
                self._take(start)
            self._agents.append(end)
            self._deepest = max(self._deepest, len(self._agents))
        else:
            yield self._card(start, has_end=False)
            self._open(start, end)

    def _open(self, start: int, end: int) -> None:
        self._card_at, self._at = start, end
        line = self._data[start:end]
        self._indent = line[: len(line) - len(line.lstrip())]

    def end(self, start: int, end: int) -> Iterator[Card | Stray]:
        if self._agents:
            inner = self._agents.pop()
            if not self._agents:
                self._nested.append(self._data[inner : min(start, inner + self._limits.card_bytes)])
                self._at = end
        elif self._card_at >= 0:
            yield self._card(start, has_end=True)
            self._at = end
        elif _PROPERTY.search(self._data, self._at, start):
            yield Card(self._at, self._data[self._at : start], has_begin=False)
            self._at = end
        else:
            yield from self._outside(start)
            self._at = end

    def close(self) -> Iterator[Card | Stray]:
        end = len(self._data)
        if self._card_at >= 0:
            yield self._card(end, has_end=False)
        else:
            yield from self._outside(end)

    def _outside(self, end: int) -> Iterator[Card | Stray]:
        text = self._data[self._at : min(end, self._at + self._limits.card_bytes)]
        if not text.strip(b" \t\r\n\x00\x1a"):
            return
        if _PROPERTY.search(text):
            yield Card(self._at, text, has_begin=False, has_end=False)
        else:
            yield Stray(self._at, text)

    def _take(self, end: int) -> None:
        """What the open card has until here, without its blobs."""
        at = self._at
        if end - at > _LARGE:
            while (blob := _BLOB.search(self._data, at, end)) is not None:
                self._append(at, blob.start())
                self._blobs.append(blob[1].decode("ascii").upper())
                last = _BLOB_ENDS.search(self._data, blob.end(), end)
                at = last.start() if last else end
        self._append(at, end)

    def _append(self, start: int, end: int) -> None:
        self._size += end - start
        if self._size <= self._limits.card_bytes:
            self._pieces.append(self._data[start:end])

    def _text(self) -> bytes:
        text = b"".join(self._pieces)
        return text.replace(b"\n" + self._indent, b"\n") if self._indent else text

    def _card(self, end: int, *, has_end: bool) -> Card:
        if not self._agents:
            self._take(end)
        card = Card(
            self._card_at,
            self._text(),
            has_end=has_end and not self._agents,
            is_too_large=self._size > self._limits.card_bytes,
            is_too_deep=self._deepest > self._limits.nesting,
            nested=self._nested,
            blobs=self._blobs,
        )
        self._card_at, self._deepest, self._size = -1, 0, 0
        self._pieces, self._nested, self._blobs, self._agents = [], [], [], []
        self._at = end
        return card


def unfolded(text: bytes) -> bytes:
    """The content lines of a card without lone `\\r`, divided by `\\n`: soft breaks joined, folds undone."""
    text = text.replace(b"\r\n", b"\n")
    if b"=\n" in text or b"= \n" in text:
        text = _SOFT_BREAKS.sub(lambda broken: _SOFT_BREAK.sub(b"", broken[0]), text)
    if b"\n " in text or b"\n\t" in text:
        text = _unfold_old(text) if _OLD.search(text) else _FOLD.sub(b"", text)
    return text.strip(b"\n")


def without_folds(data: bytes) -> bytes:
    return _FOLD.sub(b"", data)


def _unfold_old(text: bytes) -> bytes:
    """vCard 2.1 folds where white space is, and keeps it; but many programs write 2.1 and fold at a fixed length."""
    lines = text.split(b"\n")
    out = [lines[0]]
    length = len(lines[0])
    for line in lines[1:]:
        if not line[:1].isspace() or not line.strip():
            out.append(line)
        elif length in _FIXED_LENGTHS or b"BASE64" in out[-1][:60].upper():
            out[-1] += line[1:]
        else:
            out[-1] = out[-1].rstrip() + b" " + line.strip()
        length = len(line)
    return b"\n".join(out)


_FIXED_LENGTHS = frozenset({72, 73, 74, 75, 76, 77, 78})

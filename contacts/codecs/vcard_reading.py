"""vCard 2.1, 3.0 and 4.0 as they are written in the world: one card becomes one row, whatever is wrong with it."""

import base64
import binascii
from collections.abc import Iterator

from contacts.codecs.contentlines import Card, Stray, cards, unfolded
from contacts.codecs.drafting import Draft, quoted
from contacts.codecs.encodings import USUAL, find_encoding, is_utf8, without_lone_bytes
from contacts.codecs.guessing import WESTERN
from contacts.codecs.limits import FileLimits
from contacts.codecs.model import Problem, ProblemKind, Row
from contacts.codecs.vcard_card import CardReading
from contacts.codecs.vcard_heads import Heads
from contacts.codecs.vcard_properties import BLOBS, OF_MACHINES

_WESTERN = frozenset({WESTERN, "iso8859-1", "iso8859-15", "ascii"})
_UTF8 = ("utf-8", "utf8", "unicode-1-1-utf-8")


class VCardReader:
    """Reads one file. `encoding`: of what is not UTF-8 and does not say its own; `is_forced`: a person said so, and it
    counts before UTF-8; `is_told`: the file as a whole was said to be in it, so that rows need not say it again."""

    def __init__(
        self, limits: FileLimits, encoding: str = USUAL, *, is_forced: bool = False, is_told: bool = False
    ) -> None:
        self.read_until = 0
        """How far into the data, in bytes."""
        self._limits = limits
        self._heads = Heads(self._of_a_head)
        self._is_forced = is_forced and encoding not in _UTF8
        self._encodings = [encoding, "utf-8"] if self._is_forced else ["utf-8", encoding]
        self._untold = {self._encodings[0], encoding if is_told else ""}

    def rows(self, data: bytes) -> Iterator[Row]:
        line, counted = 1, 0
        for number, card in enumerate(cards(data, self._limits), 1):
            line += data.count(b"\n", counted, card.begin)
            self.read_until = counted = card.begin
            if number > self._limits.contacts:
                yield Row(number, line, None, [Problem(ProblemKind.TOO_MANY, "", f"more than {number - 1} cards")])
                return
            yield self._stray(number, line, card) if isinstance(card, Stray) else self._row(number, line, card)
        self.read_until = len(data)

    def _stray(self, number: int, line: int, stray: Stray) -> Row:
        text = stray.text[:400].decode("utf-8", "replace")
        return Row(number, line, None, [Problem(ProblemKind.NOT_A_CONTACT, "", quoted(text))])

    def _row(self, number: int, line: int, card: Card) -> Row:
        if card.is_too_large:
            detail = f"a card of more than {self._limits.card_bytes} bytes"
            return Row(number, line, None, [Problem(ProblemKind.TOO_LARGE, "", detail)])
        reading = CardReading()
        draft = reading.draft
        self._tell_of_damage(draft, card)
        self._read(reading, card.text)
        contact = reading.finish()
        if reading.is_group and not (contact and (contact.numbers or contact.emails)):
            detail = f"a group with {reading.members} members: {draft.full_name}"
            return Row(number, line, None, [Problem(ProblemKind.NOT_A_CONTACT, "KIND", detail)])
        if contact is None:
            empty = Problem(ProblemKind.EMPTY, "", "the card says nothing of anybody")
            return Row(number, line, None, [empty, *draft.problems])
        return Row(number, line, contact, draft.problems)

    def _tell_of_damage(self, draft: Draft, card: Card) -> None:
        if not card.has_begin:
            draft.tell(ProblemKind.BROKEN, "BEGIN", "the card has no beginning")
        if not card.has_end:
            draft.tell(ProblemKind.BROKEN, "END", "the card has no end")
        for name in card.blobs:
            if name not in OF_MACHINES:
                draft.tell(ProblemKind.LEFT_OUT, name, "")
        for inner in card.nested:
            self._nested(draft, inner)
        if card.is_too_deep:
            draft.tell(ProblemKind.LEFT_OUT, "AGENT", f"more than {self._limits.nesting} cards within each other")

    def _nested(self, draft: Draft, inner: bytes) -> None:
        """An agent is somebody else; whom to ask for is kept, in one line."""
        reading = CardReading()
        self._read(reading, inner)
        contact = reading.finish()
        if contact is None:
            draft.tell(ProblemKind.LEFT_OUT, "AGENT", "")
            return
        parts = [f"{contact.first_name} {contact.last_name}".strip() or contact.company]
        parts += [each.number for each in contact.numbers] + [each.email for each in contact.emails]
        draft.keep("AGENT", "Agent", ", ".join(filter(None, parts)))

    def _read(self, reading: CardReading, text: bytes) -> None:
        raw = unfolded(text)
        try:
            decoded = raw.decode()
            is_plain = not self._is_forced or raw.isascii()
        except UnicodeDecodeError:
            decoded = raw.decode("utf-8", "surrogateescape")
            is_plain = False
        lines = decoded.split("\n")
        if len(lines) > self._limits.fields:
            reading.draft.tell(ProblemKind.LEFT_OUT, "", f"{len(lines) - self._limits.fields} lines over the limit")
            del lines[self._limits.fields :]
        split, take = self._heads.split, reading.take
        for line in lines:
            head, value = split(line)
            if head is None:
                reading.go_on(line if is_plain else self._decode(reading.draft, line, ""))
                continue
            if head.encoding == "qp":
                value = self._quoted_printable(reading.draft, value, head.charset)
            elif head.encoding == "b" and head.name not in BLOBS:
                value = self._base64(reading.draft, value, head.charset)
            elif not is_plain or head.charset:
                value = self._decode(reading.draft, value, head.charset)
            take(head, value)

    def _decode(self, draft: Draft, value: str, charset: str) -> str:
        """Text that came as bytes of another encoding, by what the property says of itself, else by the file's."""
        if value.isascii() and (not charset or "\x1b" not in value):
            return value
        if charset in _UTF8 and value.isprintable():
            return value
        return self._text(draft, value.encode("utf-8", "surrogateescape"), charset)

    def _of_a_head(self, text: str) -> str:
        return self._text(Draft(), text.encode("utf-8", "surrogateescape"), "")

    def _text(self, draft: Draft, raw: bytes, charset: str) -> str:
        if not charset and not self._is_forced:
            mended = self._mended(raw)
            if mended:
                draft.tell(ProblemKind.BROKEN, "encoding", mended)
                return mended
        if charset and find_encoding(charset) in _WESTERN and not raw.isascii() and is_utf8(raw):
            # Nobody writes UTF-8 by accident; many write what they always wrote before the colon.
            text = raw.decode()
            draft.tell(ProblemKind.GUESSED, "encoding", f"utf-8, not {charset}: {text}")
            return text
        tried = [find_encoding(charset) or charset, *self._encodings] if charset else self._encodings
        for name in tried:
            try:
                text = raw.decode(find_encoding(name))
            except (UnicodeError, LookupError):
                continue
            if name != tried[0] and (charset or name not in self._untold):
                draft.tell(ProblemKind.GUESSED, "encoding", f"{name}: {text}")
            return text
        text = raw.decode("latin-1")
        draft.tell(ProblemKind.GUESSED, "encoding", f"latin-1: {text}")
        return text

    def _mended(self, raw: bytes) -> str:
        """UTF-8 with single letters of a Western encoding in between; empty if this is something else."""
        if self._encodings[1] != WESTERN:
            return ""
        text = raw.decode("utf-8", "surrogateescape")
        whole = without_lone_bytes(text)
        is_mixed = whole != text and any("\x7f" < letter < "\ud800" or letter > "\udfff" for letter in text)
        return whole if is_mixed else ""

    def _base64(self, draft: Draft, value: str, charset: str) -> str:
        """A text that somebody found too special to be written as it is."""
        try:
            raw = base64.b64decode("".join(value.split()), validate=True)
        except ValueError:
            return self._decode(draft, value, charset)
        text = self._text(draft, raw, charset)
        return text if text.isprintable() else text.replace("\r\n", "\n").replace("\n", "\\n")

    def _quoted_printable(self, draft: Draft, value: str, charset: str) -> str:
        if "=" not in value:
            return self._decode(draft, value, charset)
        raw = binascii.a2b_qp(value.encode("utf-8", "surrogateescape"))
        is_ascii = raw.isascii() and b"\x1b" not in raw
        text = raw.decode("ascii") if is_ascii else self._text(draft, raw, charset)
        # A line end within such a value is text, as much as an escaped one.
        return text if text.isprintable() else text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def with_plain_line_ends(data: bytes) -> bytes:
    """Without NULs; with `\\n` as the only line end if any is a lone `\\r`, as on old Macs; and with a line end between
    files that were put one after the other without one."""
    if b"\0" in data:
        data = data.replace(b"\0", b"")
    if data.count(b"\r") != data.count(b"\r\n") or b"\r\r\n" in data:
        data = data.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\n\xef\xbb\xbf" in data:
        data = data.replace(b"\n\xef\xbb\xbf", b"\n")
    for end, begin in ((b":VCARD", b"BEGIN:"), (b":vcard", b"begin:")):
        for between in (b"", b"\xef\xbb\xbf"):
            if end + between + begin in data:
                data = data.replace(end + between + begin, end + b"\n" + begin)
    return data

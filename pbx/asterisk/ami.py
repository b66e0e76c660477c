"""The manager interface as a stream of bytes: blocks of `Key: Value` lines. Pure.

After a greeting of one line, every message is a block that an empty line ends. Answers carry the `ActionID` of what was
asked, and so do the events of a list; other events come at any time between.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from pbx.adapter.errors import LineLost

MAX_LINE = 65_536
MAX_MESSAGE = 4_194_304
GREETING = "Asterisk Call Manager"


class AmiMessage(Struct, frozen=True):
    """`fields` by their names in lower case, the first of each; `output` is what a command has printed."""

    fields: Mapping[str, str]
    output: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> str:
        """The value of a field; empty if it is not there."""
        return self.fields.get(name.lower(), "")


class AmiParser:
    """Bytes in, messages out, however they are cut. Raises `LineLost` for what cannot be AMI, before it is much."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._fields: dict[str, str] = {}
        self._output: list[str] = []
        self._size = 0
        self._is_greeted = False

    def feed(self, chunk: bytes) -> Iterator[AmiMessage]:
        """All messages that are complete with it. Must be read to the end before the next chunk."""
        self._rest += chunk
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            message = self._line(bytes(line))
            if message is not None:
                yield message
        if len(self._rest) > MAX_LINE:
            raise LineLost("this is not a manager interface: a line has no end")

    def _line(self, raw: bytes) -> AmiMessage | None:
        if len(raw) > MAX_LINE:
            raise LineLost("this is not a manager interface: a line is too long")
        line = raw.rstrip(b"\r").decode(errors="replace")
        if not self._is_greeted:
            self._greet(line)
            return None
        if not line:
            return self._finish()
        self._size += len(raw)
        if self._size > MAX_MESSAGE:
            raise LineLost("the switch has sent a message without an end")
        self._add(line)
        return None

    def _greet(self, line: str) -> None:
        if not line.startswith(GREETING):
            raise LineLost(f"this is not a manager interface: it begins with {line[:40]!r}")
        self._is_greeted = True

    def _add(self, line: str) -> None:
        name, colon, value = line.partition(":")
        key = name.strip().lower()
        if not colon:
            return
        if key == "output":
            self._output.append(value.removeprefix(" "))
        else:
            self._fields.setdefault(key, value.strip())

    def _finish(self) -> AmiMessage | None:
        if not self._fields:
            self._output.clear()
            self._size = 0
            return None
        message = AmiMessage(self._fields, tuple(self._output))
        self._fields, self._output, self._size = {}, [], 0
        return message


def action(name: str, action_id: str, fields: Mapping[str, str]) -> bytes:
    """One request. Raises `ValueError` for a value that would be two lines: it may come from elsewhere."""
    lines = [("Action", name), ("ActionID", action_id), *fields.items()]
    for key, value in lines:
        if any(character in value for character in "\r\n\0"):
            raise ValueError(f"{key} has to be one line")
    return "".join(f"{key}: {value}\r\n" for key, value in lines).encode() + b"\r\n"

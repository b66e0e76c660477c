"""A conversation as JSON and as text: pure functions from records to the parts of a file."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from chat.keeping.model import About, Format, Head
from wire.identity import DomainId, UserId
from wire.records import ConversationKind, File, Line, Message

_encode = msgspec.json.Encoder().encode
FORMER = "Former user"


def beginning(form: Format, domain: DomainId, about: About, now: datetime) -> bytes:
    if form is Format.JSON:
        head = Head(
            domain=domain,
            conversation=about.conversation,
            kind=about.kind,
            name=about.name,
            exported_at=now,
            participants=about.participants,
        )
        return _encode(head).removesuffix(b"}") + b',"messages":['
    names = ", ".join(each.name or FORMER for each in about.participants)
    title = about.name or f"Conversation {about.conversation}"
    return f"{title} ({domain})\nWith {names}\nAs of {_moment(now)}\n\n".encode()


def part(form: Format, messages: Sequence[Message], names: Mapping[UserId, str], *, is_first: bool) -> bytes:
    """Some messages, ascending. `is_first`: nothing but the beginning came before."""
    if form is Format.TEXT:
        return "".join(_in_text(message, names) for message in messages).encode()
    parts = b",\n".join(_encode(message) for message in messages)
    return (b"\n" if is_first else b",\n") + parts if parts else b""


def ending(form: Format) -> bytes:
    return b"\n]}\n" if form is Format.JSON else b""


def file_name(about: About, form: Format) -> str:
    end = "json" if form is Format.JSON else "txt"
    return f"conversation-{about.conversation}.{end}"


def names_of(about: About) -> dict[UserId, str]:
    outside = {UserId(0): about.name} if about.kind is ConversationKind.SMS else {}
    return {each.user: each.name or FORMER for each in about.participants} | outside


def _in_text(message: Message, names: Mapping[UserId, str]) -> str:
    who = names.get(message.sender, FORMER)
    if message.line:
        return f"[{_moment(message.sent_at)}] * {who}: {_line(message.line, names)}\n"
    said = "(deleted)" if message.deleted_at else message.body
    edited = " (edited)" if message.edited_at and not message.deleted_at else ""
    # Further lines are set in, so that none of them can be taken for a message of somebody else.
    lines = [*said.split("\n"), *(_file(file) for file in message.files)] if said else [*map(_file, message.files)]
    return f"[{_moment(message.sent_at)}] {who}{edited}: " + "\n    ".join(lines) + "\n"


def _file(file: File) -> str:
    return f"<{file.name}, {file.size} bytes>"


def _line(line: Line, names: Mapping[UserId, str]) -> str:
    whom = ", ".join(names.get(user, FORMER) for user in line.users)
    return " ".join(
        each for each in (line.kind.value, whom, line.name, line.history.value if line.history else "") if each
    )


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")

"""What is sent: messages made of what is newer than what the other end has heard. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from presence.view import DomainView
from webhooks.model import NamedUser, Standing
from wire.events import PresenceChanged
from wire.identity import Caller, DomainId, Extension, Scope, SessionId, UserId
from wire.records import Calls, Colour, Presence, Reason

AT_MOST = 500
"""Users in one message: some 100 kB."""


class PresentUser(Struct, frozen=True, kw_only=True):
    """Somebody's presence, with all fields. `rev` only grows: of two, the higher one is right."""

    user: UserId
    extension: Extension
    rev: int
    colour: Colour
    reason: Reason
    chat: bool
    phone: bool
    calls: Calls
    dnd: bool
    message: str
    since: int
    unknown_since: int
    gone: bool


class PresenceData(Struct, frozen=True, kw_only=True):
    """`reset`: forget everybody that was told before; who is not told of is offline."""

    domain: DomainId
    epoch: str
    version: int
    reset: bool
    users: list[PresentUser]


class NamesData(Struct, frozen=True, kw_only=True):
    domain: DomainId
    rev: int
    reset: bool
    users: list[NamedUser]


class Message(Struct, frozen=True, kw_only=True):
    """The body of a request."""

    type: str
    timestamp: datetime
    data: PresenceData | NamesData


class Prepared(Struct, frozen=True):
    """A message, and where the webhook stands once the other end has taken it. The same changes have the same `id`."""

    id: str
    type: str
    data: PresenceData | NamesData
    standing: Standing

    def body(self, now: datetime) -> bytes:
        return msgspec.json.encode(Message(type=self.type, timestamp=now, data=self.data))


class Due(Struct, frozen=True):
    """Records that a webhook has yet to hear, oldest first, at most one of each user."""

    reset: bool
    version: int
    records: list[Presence]


_decode = msgspec.json.Decoder(PresenceChanged).decode


def due_presence(view: DomainView, standing: Standing) -> Due | None:
    """What the other end has yet to hear, as everybody may see it; None: nothing, it is up to date."""
    reset = standing.epoch != view.epoch
    since = -1 if reset else standing.version
    changed = view.changes_since(since, _everybody(DomainId("")))
    records = list(_decode(changed).users) if changed else []
    if reset:
        records = [record for record in records if not record.gone]
    if not records and not reset:
        return None
    return Due(reset, view.version, sorted(records, key=lambda record: record.rev)[:AT_MOST])


def presence_message(
    domain: DomainId, view: DomainView, due: Due, standing: Standing, extensions: Mapping[UserId, Extension]
) -> Prepared:
    """Of more than fit into one message the oldest: the others are newer than where the webhook stands then."""
    is_all = len(due.records) < AT_MOST
    version = due.version if is_all else due.records[-1].rev
    users = [_present(record, extensions[record.user]) for record in due.records if record.user in extensions]
    data = PresenceData(domain=domain, epoch=view.epoch, version=version, reset=due.reset, users=users)
    after = msgspec.structs.replace(standing, epoch=view.epoch, version=version)
    return Prepared(_id_of(domain, "presence", standing, after), "presence.changed", data, after)


def names_message(
    domain: DomainId, users: Sequence[NamedUser], standing: Standing, timeline: str = ""
) -> Prepared | None:
    """`users` oldest first, as they are in that timeline of the database; None if there are none."""
    if not users:
        return None
    reset = standing.directory_rev < 0
    after = msgspec.structs.replace(standing, directory_rev=users[-1].rev, timeline=timeline)
    data = NamesData(domain=domain, rev=after.directory_rev, reset=reset, users=list(users))
    return Prepared(_id_of(domain, "names", standing, after), "names.changed", data, after)


def _everybody(domain: DomainId) -> Caller:
    """A viewer who sees what everybody sees: nobody's own secrets, and nobody who is not listed."""
    return Caller(domain=domain, user=UserId(0), extension=Extension(""), scope=Scope.NO_PORTAL, session=SessionId(""))


def _present(record: Presence, extension: Extension) -> PresentUser:
    shown = {name: getattr(record, name) for name in PresentUser.__struct_fields__ if name != "extension"}
    return PresentUser(extension=extension, **shown)


def _id_of(domain: DomainId, what: str, before: Standing, after: Standing) -> str:
    """A message that is sent again after no answer came has the same, so that the other end can tell."""
    parts: Iterable[object] = (domain, what, *_fields(before), *_fields(after))
    return f"msg_{hashlib.sha256('|'.join(map(str, parts)).encode()).hexdigest()[:32]}"


def _fields(standing: Standing) -> tuple[object, ...]:
    return standing.epoch, standing.version, standing.directory_rev

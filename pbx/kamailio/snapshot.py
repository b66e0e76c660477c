"""Everything a Kamailio knows, as it lists it (ul.dump, dlg.list, htable.dump), as a snapshot of the contract. Pure.

The three lists come as one JSON document cut into pieces, since Kamailio cannot send a long text at once.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from pbx.kamailio.devices import NEVER_EXPIRES, device_name, revision
from pbx.kamailio.events import parties_of
from pbx.reading import ReadSnapshot, readable
from wire.errors import Invalid
from wire.ingest import (
    AddressOfRecord,
    Count,
    EntityName,
    EventProblem,
    Phase,
    Seconds,
    SnapshotCall,
    SnapshotDevice,
    SnapshotEnvelope,
)

MAX_PART_BYTES = 65_536

_NOT_SET = "[not set]"


class KamailioSnapshotPart(SnapshotEnvelope, frozen=True, kw_only=True):
    """A piece of the document, in Base64: Kamailio might cut through the middle of a character."""

    data: Annotated[bytes, Meta(max_length=MAX_PART_BYTES)]


_CONTACT_FIELDS = {
    "ruid": "Ruid",
    "expires": "Expires",
    "cseq": "CSeq",
    "modified": "Last-Modified",
    "reg_id": "Reg-Id",
    "instance": "Instance",
    "user_agent": "User-Agent",
    "address": "Address",
    "received": "Received",
}


class _Contact(Struct, frozen=True, rename=_CONTACT_FIELDS):
    """`expires` is in seconds from now, or a word: permanent, expired, deleted."""

    ruid: EntityName
    expires: int | str
    cseq: Count
    modified: Seconds
    reg_id: int = 0
    instance: str = _NOT_SET
    user_agent: str = ""
    address: str = ""
    received: str = ""


class _ContactEntry(Struct, frozen=True, rename="pascal"):
    contact: _Contact


class _Info(Struct, frozen=True, rename={"aor": "AoR", "contacts": "Contacts"}):
    aor: AddressOfRecord
    contacts: list[Raw]


class _AorEntry(Struct, frozen=True, rename="pascal"):
    info: _Info


class _Domain(Struct, frozen=True, rename={"aors": "AoRs"}):
    aors: list[Raw]


class _DomainEntry(Struct, frozen=True, rename="pascal"):
    domain: _Domain


class _Registrations(Struct, frozen=True, rename="pascal"):
    domains: list[_DomainEntry]


class _RegistrationsReply(Struct, frozen=True):
    result: _Registrations


class _Dialog(Struct, frozen=True):
    """`state`: 1 unconfirmed, 2 early, 3 and 4 confirmed, 5 deleted."""

    h_entry: int
    h_id: int
    state: int
    variables: list[dict[str, str | None]] = []


class _ListReply(Struct, frozen=True):
    result: list[Raw]


class _Cell(Struct, frozen=True):
    name: str
    value: int | str


class _Row(Struct, frozen=True):
    slot: list[_Cell]


class _Document(Struct, frozen=True):
    registrations: _RegistrationsReply
    dialogs: _ListReply
    dnd: _ListReply | UnsetType = UNSET


_decode_document = msgspec.json.Decoder(_Document).decode
_decode_aor: Callable[[Raw], _AorEntry] = msgspec.json.Decoder(_AorEntry).decode
_decode_contact: Callable[[Raw], _ContactEntry] = msgspec.json.Decoder(_ContactEntry).decode
_decode_dialog: Callable[[Raw], _Dialog] = msgspec.json.Decoder(_Dialog).decode
_decode_row: Callable[[Raw], _Row] = msgspec.json.Decoder(_Row).decode


def read_kamailio_snapshot(parts: Sequence[KamailioSnapshotPart]) -> ReadSnapshot:
    """All pieces of one document, in order. Raises `Invalid` if they are no such document."""
    newest = max(parts, key=lambda part: part.sent_at)
    # A phone may call itself something that is no text: that must not hide all the others.
    text = b"".join(part.data for part in parts).decode(errors="replace")
    try:
        document = _decode_document(text)
    except msgspec.DecodeError as error:
        raise Invalid(f"This is no list of Kamailio's: {error}", field="data") from error
    problems: list[EventProblem] = []
    return ReadSnapshot(
        newest,
        parts[0].as_of_seq,
        parts[0].taken_at,
        list(_devices(document.registrations.result, problems)),
        list(_calls(document.dialogs.result, problems)),
        None if document.dnd is UNSET else set(_dnd(document.dnd.result, problems)),
        problems,
    )


def _devices(registrations: _Registrations, problems: list[EventProblem]) -> Iterator[SnapshotDevice]:
    for entry in registrations.domains:
        for aor in readable(entry.domain.aors, _decode_aor, problems):
            for contact in readable(aor.info.contacts, _decode_contact, problems):
                if _ttl(contact.contact) > 0:
                    yield _device(aor.info.aor, contact.contact)


def _device(user: str, contact: _Contact) -> SnapshotDevice:
    instance = None if contact.instance == _NOT_SET else contact.instance
    return SnapshotDevice(
        user=user,
        device=device_name(contact.ruid, instance, contact.reg_id),
        rev=revision(contact.modified, contact.cseq),
        ttl=_ttl(contact),
        contact=contact.address,
        received="" if contact.received == _NOT_SET else contact.received,
        user_agent=contact.user_agent,
    )


def _ttl(contact: _Contact) -> float:
    if contact.expires == "permanent":
        return NEVER_EXPIRES
    return min(float(contact.expires), NEVER_EXPIRES) if isinstance(contact.expires, int) else 0.0


def _calls(dialogs: Sequence[Raw], problems: list[EventProblem]) -> Iterator[SnapshotCall]:
    for dialog in readable(dialogs, _decode_dialog, problems):
        variables = {name: value for one in dialog.variables for name, value in one.items()}
        phase = _phase(dialog.state, held="held" in variables)
        parties = parties_of(variables.get("caller"), variables.get("callee"))
        if phase is not Phase.ENDED and parties:
            yield SnapshotCall(call=f"{dialog.h_entry}:{dialog.h_id}", phase=phase, parties=parties)


def _phase(state: int, *, held: bool) -> Phase:
    if state in {3, 4}:
        return Phase.HELD if held else Phase.ACTIVE
    return {1: Phase.TRYING, 2: Phase.RINGING}.get(state, Phase.ENDED)


def _dnd(rows: Sequence[Raw], problems: list[EventProblem]) -> Iterator[str]:
    for row in readable(rows, _decode_row, problems):
        for cell in row.slot:
            if str(cell.value) == "1":
                yield cell.name

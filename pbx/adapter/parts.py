"""A snapshot cut into messages that a gateway takes. Pure."""

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from pbx.adapter.board import Snapshot
from pbx.adapter.outbox import ENVELOPE_BYTES
from wire.ingest import MAX_BATCH_BYTES, SnapshotPart

_encode = msgspec.json.Encoder().encode


def parts_of(
    snapshot: Snapshot, source: str, epoch: str, snapshot_id: str, part_bytes: int = MAX_BATCH_BYTES
) -> Sequence[SnapshotPart]:
    """At least one part. Their `sent_at` is that of the snapshot, to be replaced at each try."""
    pieces: list[dict[str, list[Raw]]] = [{}]
    room = part_bytes - ENVELOPE_BYTES
    for kind, items in (("devices", snapshot.devices), ("calls", snapshot.calls), ("dnd", snapshot.dnd or [])):
        for item in items:
            encoded = _encode(item)
            if len(encoded) + 1 > room:
                pieces.append({})
                room = part_bytes - ENVELOPE_BYTES
            room -= len(encoded) + 1
            pieces[-1].setdefault(kind, []).append(Raw(encoded))
    return [
        SnapshotPart(
            source=source,
            epoch=epoch,
            sent_at=snapshot.taken_at,
            snapshot_id=snapshot_id,
            as_of_seq=snapshot.as_of_seq,
            taken_at=snapshot.taken_at,
            part=number,
            parts=len(pieces),
            devices=tuple(piece.get("devices", ())),
            calls=tuple(piece.get("calls", ())),
            dnd=None if snapshot.dnd is None else tuple(piece.get("dnd", ())),
        )
        for number, piece in enumerate(pieces, start=1)
    ]

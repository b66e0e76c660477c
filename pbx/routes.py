"""The HTTP operations of telephone switches. `web/` serves and documents them."""

import dataclasses
from collections.abc import Sequence

import msgspec

from pbx.kamailio.events import KamailioBatch, read_kamailio_batch
from pbx.kamailio.snapshot import KamailioSnapshotPart, read_kamailio_snapshot
from pbx.model import Source
from pbx.reading import ReadSnapshot, read_batch, read_snapshot
from pbx.service import SwitchService
from wire.errors import Refused
from wire.ingest import MAX_BATCH_BYTES, Batch, BatchTaken, SnapshotPart, SnapshotTaken
from wire.operations import Access, Ask, Operation

_decode_part = msgspec.json.Decoder(SnapshotPart).decode
_decode_kamailio_part = msgspec.json.Decoder(KamailioSnapshotPart).decode


def _read_snapshot(payloads: Sequence[bytes]) -> ReadSnapshot:
    return read_snapshot([_decode_part(payload) for payload in payloads])


def _read_kamailio_snapshot(payloads: Sequence[bytes]) -> ReadSnapshot:
    return read_kamailio_snapshot([_decode_kamailio_part(payload) for payload in payloads])


def operations(service: SwitchService) -> list[Operation]:
    return [
        _take_switch_events(service),
        _take_switch_snapshot(service),
        _take_kamailio_events(service),
        _take_kamailio_snapshot(service),
    ]


def _from_a_switch(service: SwitchService, operation: Operation) -> Operation:
    """What all of them have in common: who is let in, how much is taken, and that refusals are counted."""

    async def admit(ask: Ask) -> Source:
        return await service.authenticate(ask.path["source"], ask.bearer)

    def count_refusal(refused: Refused) -> None:
        service.refused(refused)

    return dataclasses.replace(
        operation,
        access=Access.SOURCE,
        errors=(401, 413, 422, 503),
        body_bytes=MAX_BATCH_BYTES,
        tag="switches",
        admit=admit,
        on_refused=count_refusal,
    )


def _take_switch_events(service: SwitchService) -> Operation:
    async def take_switch_events(ask: Ask) -> BatchTaken:
        return await service.take_batch(ask.admitted, read_batch(ask.body))

    operation = Operation(
        name="take_switch_events",
        method="POST",
        path="/ingest/v1/{source}/events",
        summary="Take a batch of events from a telephone switch, or its heartbeat",
        handler=take_switch_events,
        body=Batch,
        returns=BatchTaken,
    )
    return _from_a_switch(service, operation)


def _take_switch_snapshot(service: SwitchService) -> Operation:
    async def take_switch_snapshot(ask: Ask) -> SnapshotTaken:
        return await service.take_snapshot_part(ask.admitted, ask.body, _read_snapshot)

    operation = Operation(
        name="take_switch_snapshot",
        method="POST",
        path="/ingest/v1/{source}/snapshots",
        summary="Take a part of everything that a telephone switch knows",
        handler=take_switch_snapshot,
        body=SnapshotPart,
        returns=SnapshotTaken,
    )
    return _from_a_switch(service, operation)


def _take_kamailio_events(service: SwitchService) -> Operation:
    async def take_kamailio_events(ask: Ask) -> BatchTaken:
        return await service.take_batch(ask.admitted, read_kamailio_batch(ask.body))

    operation = Operation(
        name="take_kamailio_events",
        method="POST",
        path="/ingest/v1/adapters/kamailio/{source}/events",
        summary="Take a batch of raw events from a Kamailio, or its heartbeat",
        handler=take_kamailio_events,
        body=KamailioBatch,
        returns=BatchTaken,
    )
    return _from_a_switch(service, operation)


def _take_kamailio_snapshot(service: SwitchService) -> Operation:
    async def take_kamailio_snapshot(ask: Ask) -> SnapshotTaken:
        return await service.take_snapshot_part(ask.admitted, ask.body, _read_kamailio_snapshot)

    operation = Operation(
        name="take_kamailio_snapshot",
        method="POST",
        path="/ingest/v1/adapters/kamailio/{source}/snapshots",
        summary="Take a piece of the lists of a Kamailio",
        handler=take_kamailio_snapshot,
        body=KamailioSnapshotPart,
        returns=SnapshotTaken,
    )
    return _from_a_switch(service, operation)

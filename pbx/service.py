"""Takes what telephone switches send: who may say what, what of it is new, and what follows for whom.

Facts are applied before their numbers are marked as seen: whatever fails in between is sent again by the source, and
facts may be told twice. Telling clients is not done here; presence does that for every fact that changes anything.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import structlog
from msgspec import Struct
from prometheus_client import CollectorRegistry

from accounts.tokens import hash_token
from pbx.contract import (
    CALL_TTL_MS,
    NOBODY,
    Person,
    facts_of,
    people_in,
    people_in_snapshot,
    snapshot_facts,
    split_address,
)
from pbx.dnd import dnd_changes
from pbx.metrics import SwitchMetrics
from pbx.model import DndMark, Recalled, Source
from pbx.reading import ReadBatch, ReadSnapshot, Told, check_contract
from pbx.report import PresenceReports
from pbx.sequence import HEARD_INTERVAL, Position, after_batch, after_snapshot
from pbx.store import SourceMemory, SourceStore
from presence.facts import AnyFact, SourceHeard
from wire.errors import Invalid, NotLoggedIn, Refused, Unavailable
from wire.identity import DomainId, Extension, SourceId
from wire.ingest import (
    MAX_REPORTED_PROBLEMS,
    BatchTaken,
    Dnd,
    Envelope,
    SnapshotEnvelope,
    SnapshotTaken,
)

log = structlog.get_logger(__name__)

ECHOES = frozenset({"portal", "api", "list"})
"""`via` of what we have told the switch ourselves, or what an adapter has only found in the switch's list."""
KEEP_TRIES = 10
"""Of two gateways with messages of the same source at the same time, one has to decide again; ten times is a fault."""


class Patience(Struct, frozen=True):
    """How long things may last, in seconds: silence of a source until it is noticed, a call whose end nobody told."""

    silent: float = 15.0
    call: float = CALL_TTL_MS / 1000

    @property
    def heard_interval(self) -> float:
        """Between two words to presence that a source is there, so that one may be late."""
        return min(HEARD_INTERVAL, self.silent / 3.75)

    @property
    def call_ms(self) -> int:
        return int(self.call * 1000)


class SwitchService:
    """Raises `Unavailable` whenever a store does not answer: nothing is lost, since the source sends it again."""

    def __init__(
        self,
        sources: SourceStore,
        memory: SourceMemory,
        presence: PresenceReports,
        registry: CollectorRegistry,
        patience: Patience = Patience(),  # noqa: B008 - it is frozen
    ) -> None:
        self._patience = patience
        self._sources = sources
        self._memory = memory
        self._presence = presence
        self._metrics = SwitchMetrics(registry)

    async def authenticate(self, name: str, bearer: str | None) -> Source:
        """The source of that name whose token this is. Raises `NotLoggedIn`, the same for every reason."""
        source = await self._sources.find(SourceId(name))
        digest = hash_token(bearer or "")
        known = source.token_hashes if source and source.enabled else ()
        if source is None or not any(hmac.compare_digest(digest, each) for each in known):
            log.warning("switch_refused", source=name[:64])
            raise NotLoggedIn("This is not the token of an enabled source of that name")
        return source

    def refused(self, refused: Refused) -> None:
        """Counts a message of which nothing was taken, whoever sent it."""
        self._metrics.refused(refused.code.value)

    # ------------------------------------------------------------ batches

    async def take_batch(self, source: Source, read: ReadBatch) -> BatchTaken:
        """Applies what is new in a batch; without events it is a heartbeat. Raises `Invalid` for a foreign envelope."""
        envelope = read.envelope
        self._check(source, envelope)
        recalled = await self._memory.recall(source.name)
        position = recalled.position
        self._metrics.heard(source.name, sent_at=envelope.sent_at, now=recalled.now)
        readable = [told for told in read.told if told.events]
        new = [told for told in readable if not position.has_seen(envelope.epoch, told.seq)]
        applied, foreign = await self._apply(source, envelope, new)
        if position.is_former(envelope.epoch):
            log.warning("switch_epoch_is_over", source=source.name, epoch=envelope.epoch, current=position.epoch)
        else:
            position = await self._advance(
                source,
                recalled,
                lambda before, now: after_batch(
                    before,
                    envelope.epoch,
                    [told.seq for told in read.told if told.seq],
                    read.last_seq,
                    now,
                    self._patience.heard_interval,
                ),
            )
            await self._announce(source, position)
        taken = BatchTaken(
            ack=position.watermark,
            resync=position.epoch == envelope.epoch and position.needs_resync(recalled.now),
            applied=applied,
            repeated=len(readable) - len(new),
            unknown=read.unknown,
            unknown_fields=sum(told.unknown_fields for told in read.told),
            bad=len(read.problems),
            ignored=len(new) - applied - foreign,
            foreign=foreign,
            problems=read.problems[:MAX_REPORTED_PROBLEMS],
        )
        self._metrics.batch_taken(source.name, taken, events=len(read.told))
        self._log_batch(source, taken, events=len(read.told))
        return taken

    async def _apply(self, source: Source, envelope: Envelope, new: Sequence[Told]) -> tuple[int, int]:
        """Returns how many were about anybody whom we know, and how many about foreign domains only."""
        people = await self._people(source, people_in(event for told in new for event in told.events))
        facts: dict[DomainId, list[AnyFact]] = {}
        dnd: dict[str, DndMark] = {}
        applied = foreign = 0
        for told in new:
            mentioned = people_in(told.events)
            applied += any(address in people for address in mentioned)
            foreign += bool(mentioned) and all(_is_foreign(address, source) for address in mentioned)
            for event in told.events:
                for domain, fact in facts_of(event, source.name, envelope.sent_at, people, self._patience.call_ms):
                    facts.setdefault(domain, []).append(fact)
                if isinstance(event, Dnd) and event.user in people:
                    known = dnd.get(event.user)
                    if known is None or known.seq < event.seq:
                        dnd[event.user] = DndMark(envelope.epoch, event.seq, event.on, event.via in ECHOES)
        for domain, of_domain in facts.items():
            await self._presence.report(domain, of_domain)
        await self._set_dnd(source, dnd.items(), people)
        return applied, foreign

    # ------------------------------------------------------------ snapshots

    async def take_snapshot_part(
        self, source: Source, part: SnapshotEnvelope, read: Callable[[Sequence[bytes]], ReadSnapshot]
    ) -> SnapshotTaken:
        """Puts a part aside, as JSON; when all are there, `read` gets them in order and the snapshot is applied."""
        self._check(source, part)
        check_contract(part)
        if part.part > part.parts:
            raise Invalid("There are not that many parts", field="part")
        recalled = await self._memory.recall(source.name)
        if recalled.position.is_former(part.epoch):
            log.warning("switch_epoch_is_over", source=source.name, epoch=part.epoch, current=recalled.position.epoch)
            return SnapshotTaken(complete=False)
        payloads = await self._memory.stage(
            source.name, part.snapshot_id, part.part, part.parts, msgspec.json.encode(part)
        )
        if payloads is None:
            return SnapshotTaken(complete=False)
        try:
            snapshot = read(payloads)
        except Invalid:
            await self._memory.forget(source.name, part.snapshot_id)
            raise
        taken = await self._apply_snapshot(source, snapshot)
        position = await self._advance(
            source, recalled, lambda before, now: after_snapshot(before, part.epoch, snapshot.as_of_seq, now)
        )
        await self._announce(source, position)
        await self._memory.forget(source.name, part.snapshot_id)
        self._metrics.snapshot_taken(source.name, taken)
        log.info("switch_snapshot_applied", source=source.name, **_counts_of(taken))
        return taken

    async def _apply_snapshot(self, source: Source, snapshot: ReadSnapshot) -> SnapshotTaken:
        people = await self._people(source, people_in_snapshot(snapshot))
        corrected = 0
        domains = sorted(source.domains)
        for domain, fact in snapshot_facts(snapshot, source.name, domains, people, self._patience.call_ms):
            corrected += await self._presence.report(domain, [fact])
        if snapshot.dnd is not None:
            noted = await self._memory.noted_dnd(source.name)
            changes = dnd_changes(noted, snapshot.dnd, snapshot.envelope.epoch, snapshot.as_of_seq)
            people = {**people, **await self._people(source, noted)}
            await self._set_dnd(source, changes, people)
        unknown = [device for device in snapshot.devices if device.user not in people]
        foreign = sum(_is_foreign(device.user, source) for device in unknown)
        return SnapshotTaken(
            complete=True,
            devices=len(snapshot.devices) - len(unknown),
            calls=sum(any(party.user in people for party in call.parties) for call in snapshot.calls),
            dnd=sum(address in people for address in snapshot.dnd or ()),
            bad=len(snapshot.problems),
            ignored=len(unknown) - foreign,
            foreign=foreign,
            corrected=corrected,
            problems=snapshot.problems[:MAX_REPORTED_PROBLEMS],
        )

    # ------------------------------------------------------------ common to both

    def _check(self, source: Source, envelope: Envelope) -> None:
        if envelope.source != source.name:
            raise Invalid("The name in the address and the one in the body differ", field="source")

    async def _people(self, source: Source, addresses: Iterable[str]) -> Mapping[str, Person]:
        """Who is meant by addresses; not in it: unknown users, and domains that this source has nothing to do with."""
        wanted: dict[DomainId, dict[Extension, list[str]]] = {}
        for address in addresses:
            domain, extension = split_address(address)
            if domain in source.domains:
                wanted.setdefault(domain, {}).setdefault(extension, []).append(address)
        people: dict[str, Person] = {}
        for domain, extensions in wanted.items():
            for extension, user in (await self._sources.users(domain, extensions.keys())).items():
                people |= dict.fromkeys(extensions[extension], (domain, user))
        return people

    async def _set_dnd(
        self, source: Source, changes: Iterable[tuple[str, DndMark]], people: Mapping[str, Person]
    ) -> None:
        """Noted first: should setting it fail, the same mark is taken again, but never an older one after it."""
        for address, mark in changes:
            if address in people and await self._memory.note_dnd(source.name, address, mark):
                domain, user = people[address]
                await self._presence.set_dnd(domain, user, mark.on, source=source.name, is_echo=mark.is_echo)

    async def _announce(self, source: Source, position: Position) -> None:
        """What the source knows is certain again, if it was not."""
        if position.must_announce:
            for domain in sorted(source.domains):
                await self._presence.report(domain, [SourceHeard(NOBODY, source.name)])

    async def _advance(
        self, source: Source, recalled: Recalled, decide: Callable[[Position, float], Position]
    ) -> Position:
        for _ in range(KEEP_TRIES):
            position = decide(recalled.position, recalled.now)
            if position is recalled.position or await self._memory.keep(source.name, recalled, position):
                self._metrics.moved(source.name, recalled.position, position)
                return position
            recalled = await self._memory.recall(source.name)
        raise Unavailable("Several gateways take messages of this source at the same time", retry_after=1.0)

    def _log_batch(self, source: Source, taken: BatchTaken, *, events: int) -> None:
        say = log.warning if taken.bad else log.debug
        say("switch_batch", source=source.name, events=events, **msgspec.to_builtins(taken))


def _counts_of(taken: SnapshotTaken) -> dict[str, int]:
    return {"devices": taken.devices, "calls": taken.calls, "bad": taken.bad, "corrected": taken.corrected}


def _is_foreign(address: str, source: Source) -> bool:
    return split_address(address)[0] not in source.domains

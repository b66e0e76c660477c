"""What may be reported about users, and by whom. The only writer of presence.

Telling is not done here: the store's script announces each change in the same step that makes it, so that no change is
made and not told, and none told twice.
"""

import secrets
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence

import structlog

from presence.facts import (
    PORTAL,
    AnyFact,
    CallChanged,
    DeviceDown,
    DeviceUp,
    Forgotten,
    SessionsChanged,
    SettingsChanged,
)
from presence.reported import Reported
from presence.store import FullRead, Outcome, PresenceSettingsStore, PresenceStore, Ticked
from presence.view import DomainView, MayManage
from wire.commands import CallPhase
from wire.errors import NotAllowed, NotFound, Refused, Unavailable
from wire.identity import Caller, CallId, DeviceId, DomainId, GatewayId, SourceId, UserId
from wire.records import Explanation

log = structlog.get_logger(__name__)

PORTAL_CALL_TTL_MS = 180_000
"""A softphone repeats a call it is in at least this often; one that vanished keeps nobody red for longer."""

LATELY_SECONDS = 60.0
"""What was told to a store that is the primary no more may be lost with it; that is found out long before."""
LATELY_AT_MOST = 10_000

WishKnown = Callable[[], None]
DeadlineKnown = Callable[[DomainId, int], None]


def _nobody_waits() -> None:
    return None


def _nobody_cares(_domain: DomainId, _in_ms: int) -> None:
    return None


class PresenceService:
    """`may_manage` decides who sees unlisted users, `may_explain` who may ask what is behind a colour.

    `on_deadline(domain, in_ms)` hears after every report when the next fact ends (-1: none does); `on_wish()` that
    there may be something to tell a switch.
    """

    def __init__(
        self, store: PresenceStore, settings: PresenceSettingsStore, may_manage: MayManage, may_explain: MayManage
    ) -> None:
        self._store = store
        self._settings = settings
        self._reported = Reported()
        self._untold: set[DomainId] = set()
        """Domains with settings that the store did not take."""
        self._lately: OrderedDict[DomainId, float] = OrderedDict()
        """Domains with settings that the store took, and when; the newest last."""
        self.may_manage = may_manage
        self._may_explain = may_explain
        self.on_deadline: DeadlineKnown = _nobody_cares
        self.on_wish: WishKnown = _nobody_waits

    # ------------------------------------------------------------ facts

    async def report(self, domain: DomainId, facts: Sequence[AnyFact]) -> int:
        """Applies facts as one. Late and repeated ones change nothing. Raises `Unavailable`.

        Returns how many devices and calls snapshots among them have put right.
        """
        if not facts:
            return 0
        self._reported.note(domain, facts, self._now_ms())
        outcome = await self._store.report(domain, facts)
        if not outcome.epoch:
            await self.seed(domain)
            outcome = await self._store.report(domain, facts)
            if not outcome.epoch:
                raise Unavailable("The presence store forgets what it is told")
        self.on_deadline(domain, outcome.deadline_in_ms)
        return outcome.corrected

    async def report_again(self, domain: DomainId, users: Collection[UserId]) -> None:
        """What was reported through this gateway and still holds, after the store forgot it.

        Only of `users`, who are connected here: others may have said something else elsewhere since.
        """
        await self.report(domain, self._reported.again(domain, users, self._now_ms()))

    def _now_ms(self) -> int:
        return int(time.monotonic() * 1000)

    async def register_device(self, domain: DomainId, user: UserId, device: DeviceId, ttl: int, label: str) -> None:
        """`ttl` in seconds from now."""
        await self.report(domain, [DeviceUp(user, PORTAL, device, ttl * 1000, label=label)])

    async def unregister_device(self, domain: DomainId, user: UserId, device: DeviceId) -> None:
        await self.report(domain, [DeviceDown(user, PORTAL, device)])

    async def report_call(self, domain: DomainId, user: UserId, call: CallId, phase: CallPhase) -> None:
        await self.report(domain, [CallChanged(user, PORTAL, call, phase, PORTAL_CALL_TTL_MS)])

    async def report_sessions(self, domain: DomainId, gateway: GatewayId, available: dict[UserId, bool]) -> None:
        """Which users have a session available for chat on a gateway that holds a lease."""
        await self.report(domain, [SessionsChanged(user, gateway, is_here) for user, is_here in available.items()])

    # ------------------------------------------------------------ settings: Postgres first, then told

    async def set_dnd(
        self, domain: DomainId, user: UserId, on: bool, *, source: SourceId = PORTAL, is_echo: bool = False
    ) -> None:
        """Whoever said it last is right, a switch or the portal.

        `is_echo`: the switch repeats what it was told or lists what it has; that confirms a wish, and overrides none.
        """
        log.info("dnd_set", domain=domain, user=user, on=on, source=source)
        await self._tell(domain, await self._settings.set_dnd(domain, user, on, source, is_echo=is_echo))
        self.on_wish()

    async def dnd_confirmed(self, domain: DomainId, user: UserId) -> None:
        """A switch has carried out what it was told: shows whether another one has yet to."""
        await self._tell(domain, await self._settings.touch(domain, user))

    async def set_appear_offline(self, domain: DomainId, user: UserId, on: bool) -> None:
        await self._tell(domain, await self._settings.set_appear_offline(domain, user, on))

    async def set_message(self, domain: DomainId, user: UserId, message: str, until_ms: int) -> None:
        """`until_ms`: Unix milliseconds, 0 for ever."""
        await self._tell(domain, await self._settings.set_message(domain, user, clean_message(message), until_ms))

    async def listing_changed(self, domain: DomainId, user: UserId, listed: bool) -> None:
        """List in Directory, scope or site changed in Postgres: hides or shows the user at once."""
        log.info("listing_changed", domain=domain, user=user, listed=listed)
        await self._tell(domain, await self._settings.touch(domain, user))

    async def forget(self, domain: DomainId, user: UserId) -> None:
        """After an erasure: nobody sees the user any more, and nothing that was reported is kept."""
        await self._tell(domain, await self._settings.touch(domain, user))
        await self.report(domain, [Forgotten(user)])

    async def _tell(self, domain: DomainId, changed: SettingsChanged) -> None:
        self._note_lately(domain)
        try:
            await self.report(domain, [changed])
        except Unavailable:
            # Kept in Postgres, and not known to the store: the next one who reaches it brings all settings there.
            self._untold.add(domain)
            raise

    def _note_lately(self, domain: DomainId) -> None:
        now = time.monotonic()
        self._lately[domain] = now
        self._lately.move_to_end(domain)
        while now - next(iter(self._lately.values())) > LATELY_SECONDS or len(self._lately) > LATELY_AT_MOST:
            self._lately.popitem(last=False)

    async def store_returned(self) -> None:
        """The store was away, or is another one now: what it took just before may be lost with the old one.

        Those who are connected find that out by its epoch, unless the domain was read from the new one already.
        """
        for domain in tuple(self._lately):
            try:
                await self.seed(domain)
            except Refused:
                self._untold.add(domain)

    # ------------------------------------------------------------ the domain's stream

    async def seed(self, domain: DomainId) -> Outcome:
        """Brings what is kept in Postgres into the store, which may have been emptied, under a new epoch if it was."""
        settings = await self._settings.read(domain)
        return await self._store.seed(domain, secrets.token_hex(8), settings.ringing_is_busy, settings.users)

    async def tick(self, domain: DomainId, gateway: GatewayId, lease_ms: int) -> Ticked:
        """Keeps the gateway's lease and ends what is over; seeds the domain first if it is not there."""
        ticked = await self._store.tick(domain, gateway, lease_ms)
        if lease_ms > 0 and (not ticked.outcome.epoch or domain in self._untold):
            await self.seed(domain)
            self._untold.discard(domain)
            ticked = await self._store.tick(domain, gateway, lease_ms)
        while ticked.more:
            lost = ticked.lost
            ticked = await self._store.tick(domain, gateway, lease_ms)
            ticked = Ticked(ticked.outcome, ticked.lost or lost, ticked.more)
        return ticked

    async def read(self, domain: DomainId) -> FullRead:
        """Everything, with nothing in it that has ended meanwhile (nobody may have been there to end it)."""
        await self.sweep(domain)
        read = await self._store.read(domain)
        if not read.epoch:
            await self.seed(domain)
            read = await self._store.read(domain)
        return read

    async def explain(self, caller: Caller, user: UserId) -> Explanation:
        """What is behind a user's colour. Raises `NotAllowed`; `NotFound` also for those the caller may not know of."""
        target = await self._settings.target(caller.domain, user)
        if not self._may_explain(caller, target):
            if target.listed:
                raise NotAllowed("You may ask this of yourself and of those you manage")
            raise NotFound(f"There is no user {user}")
        await self.sweep(caller.domain)
        return await self._store.explain(caller.domain, user)

    async def view(self, domain: DomainId) -> DomainView:
        """The domain at this moment, for those who do not follow it."""
        read = await self.read(domain)
        view = DomainView(self.may_manage)
        view.replace(read.epoch, read.version, read.records, read.specials)
        return view

    async def sweep(self, domain: DomainId) -> Ticked:
        """Ends what is over, for a gateway that holds no lease in the domain."""
        return await self._store.tick(domain, GatewayId(""), 0)

    async def read_since(self, domain: DomainId, epoch: str, version: int) -> bytes | None:
        return await self._store.read_since(domain, epoch, version)


def clean_message(message: str) -> str:
    """One line of plain text: control and format characters become spaces, runs of spaces one."""
    kept = "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in message)
    return unicodedata.normalize("NFC", " ".join(kept.split()))

"""Live facts in Redis: runs presence.lua, the only writer of a domain's presence."""

import asyncio
import time
from collections.abc import Callable, Sequence
from importlib.resources import files

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace
from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from presence.colours import rule_table
from presence.facts import AnyFact, SettingsChanged
from presence.store import FullRead, Outcome, Ticked
from presence.view import Special
from storage.redis import keys
from storage.redis.client import errors_translated
from storage.redis.explaining import explanation_of
from wire.errors import Unavailable
from wire.identity import DomainId, GatewayId, UserId
from wire.limits import LIMITS
from wire.records import Explanation

log = structlog.get_logger(__name__)

SERVER_CLOCK = 0
FACTS_AT_MOST = 1_000
"""In one run of the script, which holds up everybody else on that node: some milliseconds."""

REPORTS_WAITING_AT_MOST = 10_000
"""Of one domain: more than a second's work. Beyond it, whoever reports is better off being told to come back."""

CLOCKS_AT_MOST = 20_000
"""Domains of which we remember what their server's clock said."""

OwnClock = Callable[[], int]
"""Milliseconds by a clock that does not jump."""

_pack = msgspec.msgpack.Encoder().encode
_RECORD_BEGINS = len(b'{"user":')
_NOTHING = _pack([])
_decode_special = msgspec.json.Decoder(Special).decode


class Silence(Struct, frozen=True):
    """Milliseconds of a switch's silence: until its word counts as old, until its calls do not count."""

    word_ms: int = 15_000
    calls_ms: int = 120_000


class Most(Struct, frozen=True):
    """How many devices and calls of one user are known."""

    devices: int = LIMITS.devices_per_user
    calls: int = LIMITS.calls_per_user


class _Seen(Struct, frozen=True):
    """The server's clock in the newest run of a domain, and our own when we asked and heard. In milliseconds."""

    now: int
    asked: int
    heard: int
    jumps: int


def _steady_ms() -> int:
    return int(time.monotonic() * 1000)


def _user_of(record: bytes) -> UserId:
    """As presence.lua begins it."""
    return UserId(int(record[_RECORD_BEGINS : record.index(b",")]))


def script_text(silence: Silence = Silence(), most: Most = Most()) -> str:  # noqa: B008 - they are frozen
    """presence.lua with the colour rule, the patience with silent switches and the limits in front of it."""
    rows = ",".join(f"{{'{colour}','{reason}'}}" for colour, reason in rule_table())
    patience = f"local SILENT_MS, CALLS_SILENT_MS = {silence.word_ms}, {silence.calls_ms}"
    limits = f"local DEVICES_AT_MOST, CALLS_AT_MOST = {most.devices}, {most.calls}"
    program = files("storage.redis").joinpath("presence.lua").read_text("utf-8")
    return f"local RULE = {{{rows}}}\n{patience}\n{limits}\n{program}"


class RedisPresenceStore:
    """See `presence.store.PresenceStore`. `now_ms`: an injected clock for tests; else the server's clock rules, and our
    own, by which we see it jump. `timeline`: that of the database which settings come from; empty: not known.

    Reports of one domain that arrive while another of it is under way travel together in the next run: nothing waits
    for a timer, and a storm becomes few large runs with few large announcements.
    """

    def __init__(
        self,
        client: Redis,
        now_ms: int = SERVER_CLOCK,
        *,
        own_clock: OwnClock | None = None,
        silence: Silence = Silence(),  # noqa: B008 - they are frozen
        most: Most = Most(),  # noqa: B008
        timeline: Callable[[], str] = lambda: "",
    ) -> None:
        self._client = client
        self._script = client.register_script(script_text(silence, most))
        self._timeline = timeline
        self._own_clock = own_clock or (_steady_ms if now_ms == SERVER_CLOCK else None)
        self._seen: dict[DomainId, _Seen] = {}
        self.clock_jumps = 0
        """Times that the server's clock was put forward or back, as seen by domains."""
        self.devices_left_out = self.calls_left_out = 0
        """Of users of whom more was reported than is kept, by this gateway."""
        self.now_ms = now_ms
        self._waiting: dict[DomainId, list[tuple[Sequence[AnyFact], asyncio.Future[Outcome]]]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def _run(self, domain: DomainId, action: str, arguments: object) -> tuple[Outcome, bytes]:
        began = self._own_clock() if self._own_clock else 0
        async with errors_translated():
            epoch, version, deadline, extra, clock = await self._script(
                keys=[keys.presence_prefix(domain)],
                args=[action, self.now_ms, _pack(arguments), self._expected(domain, began), self._timeline()],
            )
        self._note_clock(domain, clock, began)
        return Outcome(epoch.decode(), int(version), int(deadline)), extra

    # ------------------------------------------------------------ the server's clock, beside our own

    def _expected(self, domain: DomainId, own_now: int) -> str:
        """Between which moments the server's clock has to be, and how many of its jumps we know of."""
        seen = self._seen.get(domain)
        if seen is None:
            return ""
        return f"{seen.now + own_now - seen.heard} {seen.now + own_now - seen.asked} {seen.jumps}"

    def _note_clock(self, domain: DomainId, clock: bytes, asked: int) -> None:
        if self._own_clock is None:
            return
        now, jumps = map(int, clock.split())
        before = self._seen.get(domain)
        if before is not None and jumps > before.jumps:
            self.clock_jumps += 1
            log.warning("redis_clock_jumped", domain=domain, by_seconds=round((now - before.now) / 1000))
        if len(self._seen) >= CLOCKS_AT_MOST:
            self._seen.clear()
        self._seen[domain] = _Seen(now, asked, self._own_clock(), jumps)

    # ------------------------------------------------------------ reports, several in one run

    async def report(self, domain: DomainId, facts: Sequence[AnyFact]) -> Outcome:
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.get(domain)
        if waiting is not None:
            if len(waiting) >= REPORTS_WAITING_AT_MOST:
                raise Unavailable("Too much is waiting to be reported; try again in a moment", retry_after=1.0)
            waiting.append((facts, done))
        else:
            self._waiting[domain] = [(facts, done)]
            task = asyncio.create_task(self._drain(domain))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await done

    async def _drain(self, domain: DomainId) -> None:
        """Runs batches of one domain until none is waiting. The presence of its key in `_waiting` is the lock."""
        while self._waiting[domain]:
            batch = self._take_batch(domain)
            try:
                outcome, extra = await self._run(domain, "report", [fact for facts, _ in batch for fact in facts])
                outcome = replace(outcome, corrected=self._corrected(domain, extra))
            except Exception as error:  # noqa: BLE001  every waiter must hear of it, whatever it is
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
            else:
                for _, done in batch:
                    if not done.done():
                        done.set_result(outcome)
        del self._waiting[domain]

    def _corrected(self, domain: DomainId, extra: bytes) -> int:
        if not extra:
            return 0
        corrected, devices, calls, *user = extra.split()
        self.devices_left_out += int(devices)
        self.calls_left_out += int(calls)
        if user:
            log.info("too_much_of_a_user", domain=domain, user=int(user[0]), devices=int(devices), calls=int(calls))
        return int(corrected)

    def _take_batch(self, domain: DomainId) -> list[tuple[Sequence[AnyFact], asyncio.Future[Outcome]]]:
        waiting = self._waiting[domain]
        count, facts = 0, 0
        while count < len(waiting) and facts < FACTS_AT_MOST:
            facts += len(waiting[count][0])
            count += 1
        self._waiting[domain] = waiting[count:]
        return waiting[:count]

    # ------------------------------------------------------------ the rest

    async def seed(
        self, domain: DomainId, epoch: str, ringing_is_busy: bool, settings: Sequence[SettingsChanged]
    ) -> Outcome:
        outcome, _ = await self._run(domain, "seed", [epoch, ringing_is_busy, settings])
        return outcome

    async def tick(self, domain: DomainId, gateway: GatewayId, lease_ms: int, most: int = 500) -> Ticked:
        outcome, extra = await self._run(domain, "tick", [gateway, lease_ms, most])
        return Ticked(outcome, lost=extra == b"lost", more=extra == b"more")

    async def read(self, domain: DomainId) -> FullRead:
        prefix = keys.presence_prefix(domain)
        async with errors_translated():
            try:
                return await self._read(prefix)
            except NoScriptError:  # not there yet, or not any more
                await self._run(domain, "position", [])
                return await self._read(prefix)

    async def _read(self, prefix: str) -> FullRead:
        async with self._client.pipeline(transaction=True) as pipeline:
            pipeline.evalsha(self._script.sha, 1, prefix, "position", str(self.now_ms), _NOTHING, "", self._timeline())
            pipeline.hvals(prefix + "view")  # whose a record is, it says itself
            pipeline.hvals(prefix + "special")
            (epoch, version, *_), view, special = await pipeline.execute()
        return FullRead(
            epoch=epoch.decode(),
            version=int(version),
            records={_user_of(record): record for record in view},
            specials=[_decode_special(entry) for entry in special],
        )

    async def explain(self, domain: DomainId, user: UserId) -> Explanation:
        prefix = keys.presence_prefix(domain)
        async with errors_translated(), self._client.pipeline(transaction=True) as pipeline:
            pipeline.time()
            pipeline.hgetall(f"{prefix}u:{user}")
            pipeline.hgetall(prefix + "sources")
            pipeline.zrange(prefix + "gateways", 0, -1, withscores=True)
            pipeline.lrange(f"{prefix}log:{user}", 0, -1)
            clock, facts, sources, leases, log = await pipeline.execute()
            names = [name.decode() for name in sources]
            knows = [await self._client.sismember(f"{prefix}of:{name}", str(user)) for name in names]
        now_ms = self.now_ms or clock[0] * 1000 + clock[1] // 1000
        return explanation_of(
            user,
            now_ms,
            facts,
            sources,
            {gateway.decode(): ends for gateway, ends in leases},
            log,
            [name for name, is_known in zip(names, knows, strict=True) if is_known],
        )

    async def read_since(self, domain: DomainId, epoch: str, version: int) -> bytes | None:
        _, extra = await self._run(domain, "since", [epoch, version])
        return None if extra == b"snapshot" else extra

"""Follows one FreeSWITCH: logs in, subscribes, reads its lists, tells the board what happens, and looks again."""

import asyncio
import re
from collections.abc import Callable, Mapping
from functools import partial

import msgspec
import structlog
from msgspec import Struct

from pbx.adapter.addresses import Domains, split, text
from pbx.adapter.board import Board
from pbx.adapter.connection import PINGS, SILENCE_SECONDS, connect, first_to_fail
from pbx.adapter.errors import LineLost, LineRefused, NotPossible
from pbx.adapter.line import Current, Line, every, look_again
from pbx.freeswitch.channels import Channels
from pbx.freeswitch.client import EslClient, Event
from pbx.freeswitch.dnd import SUBCLASS, dnd_in_list, dnd_news, dnd_wished, feature_event
from pbx.freeswitch.registrations import registered, registration_in_list, unregistered

log = structlog.get_logger(__name__)

MOST_WISHES = 1_000
_ONE_WORD = re.compile(r"[A-Za-z0-9._@+-]+")
LIST_LAG = 2.0
"""Seconds by which a list may be older than the events: FreeSWITCH writes its tables after it has told them."""
TABLE_SECONDS = 0.5
"""After a new connection the lists are read again as soon as what was told before it cannot be missing any more."""
ABSENCES = 2
"""Under load the tables may lag further, and a call that was taken for ended does not come back."""
_SUBCLASSES = ("sofia::register", "sofia::unregister", "sofia::expire", SUBCLASS)
_CALL_EVENTS = ("CHANNEL_CREATE", "CHANNEL_CALLSTATE", "CHANNEL_ANSWER", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_DESTROY")
EVENTS = " ".join((*_CALL_EVENTS, "PHONE_FEATURE_SUBSCRIBE", "CUSTOM", *_SUBCLASSES))
"""Names after CUSTOM are subclasses."""


class _Rows(Struct, frozen=True):
    """What `show ... as json` prints; without rows the field is not there."""

    row_count: int = 0
    rows: list[dict[str, object]] = []


_decode_rows = msgspec.json.Decoder(_Rows).decode


class FreeSwitchAccess(Struct, frozen=True):
    host: str
    port: int
    password: str


class FreeSwitchReader:
    """One connection at a time. `dnd_realm`: the realm of mod_db that holds Do Not Disturb; empty: none does."""

    def __init__(
        self,
        access: FreeSwitchAccess,
        domains: Domains,
        clock: Callable[[], float],
        *,
        dnd_realm: str = "",
        list_seconds: float = 30.0,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self.where = f"freeswitch at {access.host}:{access.port}"
        self._access = access
        self._domains = domains
        self._clock = clock
        self._dnd_realm = dnd_realm
        self._list_seconds = list_seconds
        self._silence_seconds = silence_seconds
        self._channels = Channels(domains)
        self._client: Current[EslClient] = Current()
        self._profiles: dict[str, str] = {}
        self._offset = 0.0
        self._wishes: asyncio.Queue[tuple[str, bool, Event]] = asyncio.Queue(MOST_WISHES)
        self._news: dict[str, Callable[[Board, float, Event], None]] = {
            "CHANNEL_CREATE": self._note_channel,
            "CHANNEL_CALLSTATE": self._note_channel,
            "CHANNEL_ANSWER": self._note_channel,
            "CHANNEL_HANGUP_COMPLETE": self._note_hangup,
            "CHANNEL_DESTROY": self._note_hangup,
            "PHONE_FEATURE_SUBSCRIBE": self._note_wish,
            "sofia::register": self._note_registered,
            "sofia::unregister": self._note_unregistered,
            "sofia::expire": self._note_unregistered,
            SUBCLASS: self._note_dnd,
        }

    async def follow(self, board: Board, line: Line) -> None:
        access = self._access
        async with connect(access.host, access.port, silence_seconds=self._silence_seconds) as connection:
            client = EslClient(connection, partial(self._happened, board))
            with self._client.held(client):
                await first_to_fail(client.run, lambda: self._work(client, board, line))

    async def set_dnd(self, board: Board, user: str, on: bool) -> None:
        if not self._dnd_realm:
            raise NotPossible("this FreeSWITCH keeps no Do Not Disturb (--dnd-realm is not given)")
        self._check(user)
        await self._keep_dnd(self._client.get(), user, on, {"profile_name": self._profiles.get(user, "")})
        board.disturbed(self._clock(), user, on, "portal")

    async def renamed(self, user: str) -> None:
        """FreeSWITCH has no part in it; its phones fetch their settings again when told to look."""
        self._check(user)
        profile = self._profiles.get(user)
        if profile is not None:
            await self._client.get().api(f"sofia profile {profile} check_sync {user}")

    def _check(self, user: str) -> None:
        """Raises `NotPossible` for nobody of ours, and for what would be more than one word to FreeSWITCH."""
        if self._domains.address(*split(user)) != user or not _ONE_WORD.fullmatch(user):
            raise NotPossible(f"{user} is nobody of this FreeSWITCH's")

    async def _work(self, client: EslClient, board: Board, line: Line) -> None:
        await client.log_in(self._access.password)
        line.connected()
        await client.subscribe(EVENTS)
        await self._read_lists(client, board)
        line.loaded()
        await first_to_fail(
            lambda: every(self._silence_seconds / PINGS, lambda: self._set_offset(client)),
            lambda: look_again(
                line, self._list_seconds, lambda: self._read_lists(client, board), first=LIST_LAG + TABLE_SECONDS
            ),
            lambda: self._grant_wishes(client, board),
        )

    async def _set_offset(self, client: EslClient) -> None:
        printed = (await client.api("strepoch")).strip()
        # Whole seconds, cut off: on average it was half a second later.
        self._offset = self._clock() - int(printed) - 0.5 if printed.isdecimal() else 0.0

    # ------------------------------------------------------------ lists

    async def _read_lists(self, client: EslClient, board: Board) -> None:
        await self._set_offset(client)
        await self._read_registrations(client, board)
        await self._read_channels(client, board)
        if self._dnd_realm:
            since = self._clock()
            printed = await client.api(f"db list/{self._dnd_realm}")
            if printed.startswith("-"):
                raise LineRefused(f"FreeSWITCH cannot list the realm {self._dnd_realm!r} of mod_db: {printed.strip()}")
            board.dnd_are(self._clock(), dnd_in_list(printed, self._domains), since)

    async def _read_registrations(self, client: EslClient, board: Board) -> None:
        since = self._clock() - LIST_LAG
        rows = await _rows(client, "registrations")
        found = [registration_in_list(row, self._domains, self._offset) for row in rows]
        board.devices_are(self._clock(), [device for device in found if device is not None], since)

    async def _read_channels(self, client: EslClient, board: Board) -> None:
        since, before = self._clock() - LIST_LAG, self._channels.known()
        rows = await _rows(client, "channels")
        legs = [leg for row in rows if (leg := self._channels.listed(row)) is not None]
        board.legs_are(self._clock(), legs, since, shows_hold=True, absences=ABSENCES)
        self._channels.gone(before - {row.get("uuid", "") for row in rows})

    # ------------------------------------------------------------ news

    def _happened(self, board: Board, event: Event) -> None:
        """What is not in the table is passed over."""
        name = event.get("Event-Name", "")
        note = self._news.get(event.get("Event-Subclass", "") if name == "CUSTOM" else name)
        if note is not None:
            note(board, self._clock(), event)

    def _note_channel(self, board: Board, now: float, event: Event) -> None:
        leg = self._channels.changed(event)
        if leg is not None:
            board.leg(now, leg)

    def _note_hangup(self, board: Board, now: float, event: Event) -> None:
        if event.get("Unique-ID"):
            board.hung_up(now, self._channels.hung_up(event), text(event.get("Hangup-Cause")))

    def _note_registered(self, board: Board, now: float, event: Event) -> None:
        device = registered(event, self._domains, now)
        if device is not None:
            board.registered(now, device)
            if _ONE_WORD.fullmatch(event.get("profile-name", "")):
                self._profiles[device.user] = event["profile-name"]

    def _note_unregistered(self, board: Board, now: float, event: Event) -> None:
        gone = unregistered(event, self._domains)
        if gone is not None:
            board.unregistered(now, *gone, event.get("Event-Subclass", "").removeprefix("sofia::"))

    def _note_dnd(self, board: Board, now: float, event: Event) -> None:
        news = dnd_news(event, self._domains)
        if news is not None:
            board.disturbed(now, *news, "switch")

    def _note_wish(self, _board: Board, _now: float, event: Event) -> None:
        """FreeSWITCH does nothing about the key of a phone by itself; who keeps Do Not Disturb has to."""
        wish = dnd_wished(event, self._domains) if self._dnd_realm else None
        if wish is not None and _ONE_WORD.fullmatch(wish[0]) and not self._wishes.full():
            self._wishes.put_nowait((*wish, event))

    async def _grant_wishes(self, client: EslClient, board: Board) -> None:
        while True:
            user, on, event = await self._wishes.get()
            try:
                await self._keep_dnd(client, user, on, event)
            except NotPossible as error:
                log.warning("dnd_of_a_phone_not_kept", user=user, reason=str(error))
            else:
                board.disturbed(self._clock(), user, on, "phone")

    async def _keep_dnd(self, client: EslClient, user: str, on: bool, phone: Event) -> None:
        """Keeps it where the dialplan looks, and lets the phones of the user show it. Raises `NotPossible`."""
        printed = await client.api(f"db {'insert' if on else 'delete'}/{self._dnd_realm}/{user}{'/1' if on else ''}")
        if printed.startswith("-"):
            raise NotPossible(f"FreeSWITCH does not keep it: {printed.strip()}")
        await client.fire("PHONE_FEATURE", feature_event(user, on, phone))


async def _rows(client: EslClient, what: str) -> list[Mapping[str, str]]:
    """The rows of `show <what> as json`, their values as text."""
    printed = await client.api(f"show {what} as json")
    if printed.startswith("-ERR SQL"):
        raise LineRefused("FreeSWITCH runs without its core database (-nosql), and cannot list what there is")
    try:
        rows = _decode_rows(printed).rows
    except msgspec.DecodeError as error:
        raise LineLost(f"FreeSWITCH lists no {what}: {printed[:60].strip()!r}") from error
    return [{name: value for name, value in row.items() if isinstance(value, str)} for row in rows]

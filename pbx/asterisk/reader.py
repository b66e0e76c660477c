"""Follows one Asterisk: logs in, reads its lists, tells the board what happens, and looks again from time to time."""

import asyncio
import ssl
from collections.abc import Callable
from functools import partial

import structlog
from msgspec import Struct

from pbx.adapter.addresses import UserPattern, split, text
from pbx.adapter.board import Board, Leg, Registration
from pbx.adapter.connection import PINGS, SILENCE_SECONDS, connect, first_to_fail
from pbx.adapter.echoes import Echoes
from pbx.adapter.errors import LineLost, NotPossible
from pbx.adapter.line import Current, Line, every, look_again
from pbx.asterisk.ami import AmiMessage
from pbx.asterisk.channels import Channels, call_of
from pbx.asterisk.client import AmiClient, NotThere
from pbx.asterisk.contacts import contact_in_list, contact_news, peer_in_list, peer_news
from pbx.asterisk.dnd import FAMILY, DndStore, dnd_in_output, dnd_in_tree, dnd_news, state_to_set

log = structlog.get_logger(__name__)

BOOT_SECONDS = 30.0
"""To wait for word that all modules are loaded. Asterisk gives it right after the login, or once they are; one that
lets us read no system events never does, and is believed then."""
LEASE_SLACK = 30.0
"""Seconds that a lease is told longer than it is, beside two intervals of looking at the list."""


class AsteriskAccess(Struct, frozen=True):
    """How to get in. `tls` None: in plain text, for the same machine or a tunnel."""

    host: str
    port: int
    user: str
    secret: str
    tls: ssl.SSLContext | None = None


class AsteriskReader:
    """One connection at a time. `list_seconds`: how often the lists are read; no refresh is told in between."""

    def __init__(
        self,
        access: AsteriskAccess,
        users: UserPattern,
        clock: Callable[[], float],
        *,
        dnd: DndStore = DndStore.DEVICE_STATE,
        list_seconds: float = 30.0,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self.where = f"asterisk at {access.host}:{access.port}"
        self._access = access
        self._users = users
        self._clock = clock
        self._dnd = dnd
        self._list_seconds = list_seconds
        self._silence_seconds = silence_seconds
        self._channels = Channels(users)
        self._echoes = Echoes()
        self._client: Current[AmiClient] = Current()
        self._endpoints: dict[str, str] = {}
        self._offset = 0.0
        self._booted = asyncio.Event()
        self._news: dict[str, Callable[[Board, float, AmiMessage], None]] = {
            "Newchannel": self._note_channel,
            "Newstate": self._note_channel,
            "BridgeEnter": self._note_channel,
            "Rename": self._note_channel,
            "Hold": self._note_hold,
            "Unhold": self._note_hold,
            "Hangup": self._note_hangup,
            "ContactStatus": self._note_contact,
            "PeerStatus": self._note_peer,
            "DeviceStateChange": self._note_state,
            "PresenceStateChange": self._note_state,
            "FullyBooted": self._note_boot,
        }

    async def follow(self, board: Board, line: Line) -> None:
        access = self._access
        self._booted.clear()
        async with connect(access.host, access.port, access.tls, silence_seconds=self._silence_seconds) as connection:
            client = AmiClient(connection, partial(self._happened, board))
            with self._client.held(client):
                await first_to_fail(client.run, lambda: self._work(client, board, line))

    async def set_dnd(self, board: Board, user: str, on: bool) -> None:
        extension, client = self._extension(user), self._client.get()
        if self._dnd is DndStore.NONE:
            raise NotPossible("this Asterisk keeps no Do Not Disturb (--dnd none)")
        self._echoes.told(self._clock(), user, on)
        if self._dnd is DndStore.DEVICE_STATE:
            if on:
                await client.ask("DBPut", Family=FAMILY, Key=extension, Val="YES")
            else:
                await client.ask_if_there("DBDel", Family=FAMILY, Key=extension)
        variable, value = state_to_set(self._dnd, extension, on)
        await client.ask("Setvar", Variable=variable, Value=value)
        board.disturbed(self._clock(), user, on, "portal")

    async def renamed(self, user: str) -> None:
        """Asterisk has no part in it; its phones fetch their settings again when told to look."""
        endpoint = self._endpoints.get(user)
        if endpoint is not None:
            await self._client.get().ask_if_there("PJSIPNotify", Endpoint=endpoint, Variable="Event=check-sync")

    def _extension(self, user: str) -> str:
        """By which Asterisk knows the user. Raises `NotPossible` for nobody of ours."""
        extension = split(user)[0]
        for name in (self._endpoints.get(user, ""), extension):
            if self._users.address(name) == user:
                return name
        raise NotPossible(f"{user} is nobody of this Asterisk's")

    async def _work(self, client: AmiClient, board: Board, line: Line) -> None:
        await client.log_in(self._access.user, self._access.secret)
        line.connected()
        await first_to_fail(
            lambda: every(self._silence_seconds / PINGS, lambda: self._set_offset(client)),
            lambda: self._follow_lists(client, board, line),
        )

    async def _follow_lists(self, client: AmiClient, board: Board, line: Line) -> None:
        await self._until_booted()
        await self._read_lists(client, board)
        line.loaded()
        await look_again(line, self._list_seconds, lambda: self._read_lists(client, board))

    async def _until_booted(self) -> None:
        """Modules that are not loaded yet have empty lists, and nobody would have a phone."""
        try:
            async with asyncio.timeout(BOOT_SECONDS):
                await self._booted.wait()
        except TimeoutError:
            log.warning("asterisk_does_not_say_booted", waited=BOOT_SECONDS)

    async def _set_offset(self, client: AmiClient) -> None:
        stamp = (await client.ask("Ping"))["Timestamp"]
        try:
            self._offset = self._clock() - float(stamp)
        except ValueError:
            self._offset = 0.0

    # ------------------------------------------------------------ lists

    async def _read_lists(self, client: AmiClient, board: Board) -> None:
        await self._set_offset(client)
        await self._read_devices(client, board)
        await self._read_channels(client, board)
        await self._read_dnd(client, board)

    async def _read_devices(self, client: AmiClient, board: Board) -> None:
        since = self._clock()
        slack = 2 * self._list_seconds + LEASE_SLACK
        contacts = await _list_if_there(client, "PJSIPShowContacts", "ContactList")
        peers = await _list_if_there(client, "SIPpeers", "PeerEntry")
        if contacts is None and peers is None:
            raise LineLost("this Asterisk has neither PJSIP nor chan_sip loaded (yet)")
        found = [contact_in_list(item, self._users, self._offset, slack) for item in contacts or ()]
        found += [peer_in_list(item, self._users) for item in peers or ()]
        board.devices_are(self._clock(), [device for device in found if device is not None], since)
        for item in contacts or ():
            user = self._users.address(item["Endpoint"])
            if user is not None:
                self._endpoints[user] = item["Endpoint"]

    async def _read_channels(self, client: AmiClient, board: Board) -> None:
        """Looked at as they come, so that whatever is told after the list is taken for newer."""
        since, before = self._clock(), self._channels.known()
        legs: list[Leg | None] = []
        items = await client.ask_list(
            "CoreShowChannels", "CoreShowChannel", lambda item: legs.append(self._channels.changed(item))
        )
        board.legs_are(self._clock(), [leg for leg in legs if leg is not None], since, shows_hold=False)
        self._channels.gone(before - {item["Uniqueid"] for item in items})

    async def _read_dnd(self, client: AmiClient, board: Board) -> None:
        since = self._clock()
        if self._dnd is DndStore.DEVICE_STATE:
            board.dnd_are(self._clock(), await self._dnd_of_family(client), since)
        elif self._dnd is DndStore.PRESENCE_STATE:
            states = await client.ask_list("PresenceStateList", "PresenceStateChange")
            news = [dnd_news(item, self._dnd, self._users) for item in states]
            board.dnd_are(self._clock(), [user for user, on in filter(None, news) if on], since)

    async def _dnd_of_family(self, client: AmiClient) -> list[str]:
        try:
            tree = await client.ask_list("DBGetTree", "DBGetTreeResponse", Family=FAMILY)
        except NotThere:
            answer = await client.ask("Command", Command=f"database show {FAMILY}")
            return list(dnd_in_output(answer.output, self._users))
        return list(dnd_in_tree(tree, self._users))

    # ------------------------------------------------------------ news

    def _happened(self, board: Board, message: AmiMessage) -> None:
        """What is not in the table is passed over: Asterisk tells much else."""
        note = self._news.get(message["Event"])
        if note is not None:
            note(board, self._clock(), message)

    def _note_channel(self, board: Board, now: float, message: AmiMessage) -> None:
        is_renamed = message["Event"] == "Rename"
        leg = self._channels.renamed(message) if is_renamed else self._channels.changed(message)
        if leg is not None:
            board.leg(now, leg)

    def _note_hold(self, board: Board, now: float, message: AmiMessage) -> None:
        board.held(now, call_of(message["Uniqueid"]), is_held=message["Event"] == "Hold")

    def _note_hangup(self, board: Board, now: float, message: AmiMessage) -> None:
        board.hung_up(now, self._channels.hung_up(message), text(message["Cause-txt"]))

    def _note_contact(self, board: Board, now: float, message: AmiMessage) -> None:
        end = now + 2 * self._list_seconds + LEASE_SLACK
        _note_device(board, now, contact_news(message, self._users, end), message["ContactStatus"])

    def _note_peer(self, board: Board, now: float, message: AmiMessage) -> None:
        _note_device(board, now, peer_news(message, self._users), message["PeerStatus"])

    def _note_state(self, board: Board, now: float, message: AmiMessage) -> None:
        news = dnd_news(message, self._dnd, self._users)
        if news is not None:
            board.disturbed(now, *news, self._echoes.via(now, *news))

    def _note_boot(self, _board: Board, _now: float, _message: AmiMessage) -> None:
        self._booted.set()


async def _list_if_there(client: AmiClient, name: str, items: str) -> list[AmiMessage] | None:
    try:
        return await client.ask_list(name, items)
    except NotThere:
        return None


def _note_device(board: Board, now: float, news: tuple[Registration, bool] | None, reason: str) -> None:
    if news is None:
        return
    device, is_up = news
    if is_up:
        board.seen(now, device)
    else:
        board.unregistered(now, device.user, device.device, reason.lower())

"""Follows the domains of a NetSapiens: asks for devices, calls and rules in turn, and takes what is posted between."""

import asyncio
from collections.abc import Callable, Sequence

import structlog
from msgspec import Struct

from pbx.adapter.addresses import Domains, split
from pbx.adapter.backoff import REFUSED_SECONDS
from pbx.adapter.board import Board
from pbx.adapter.connection import first_to_fail
from pbx.adapter.errors import LineLost, LineRefused, NotPossible
from pbx.adapter.line import Current, Line, every, look_again
from pbx.netsapiens.api import NetSapiensApi, NotFound, netsapiens_client
from pbx.netsapiens.calls import Calls
from pbx.netsapiens.devices import registration_of
from pbx.netsapiens.dnd import dnd_of, rule_with_dnd, time_frames
from pbx.netsapiens.records import Record, is_yes, text_of, user_of
from pbx.netsapiens.subscriptions import CALL, SUBSCRIBER, Subscriptions

log = structlog.get_logger(__name__)

POST_LAG = 5.0
"""Seconds by which what is posted and what is listed may be apart: the platform looks for news every three."""
RULE_LAG = 10.0
"""Seconds in which a changed rule may still be read as it was: it is accepted first, and carried out later."""
LEASE_SLACK = 30.0
SUBSCRIPTION_SECONDS = 300.0
RULE_PAUSE = 0.5
"""Between asking for the rules of two users: there is no list of all of them."""
MOST_HINTS = 10_000


class NetSapiensAccess(Struct, frozen=True):
    """`webhook_url`: where the platform reaches us, secret included; empty: it does not, and calls are polled."""

    url: str
    key: str
    domains: tuple[str, ...]
    webhook_url: str = ""


class NetSapiensReader:
    """`call_seconds`, `list_seconds`: how often calls and devices are asked for. `follows_dnd`: rules as well."""

    def __init__(
        self,
        access: NetSapiensAccess,
        clock: Callable[[], float],
        *,
        follows_dnd: bool,
        call_seconds: float,
        list_seconds: float,
        rule_pause: float = RULE_PAUSE,
    ) -> None:
        self.where = f"netsapiens at {access.url}"
        self._access = access
        self._domains = Domains(frozenset(access.domains), {})
        self._clock = clock
        self._follows_dnd = follows_dnd
        self._call_seconds = call_seconds
        self._list_seconds = list_seconds
        self._rule_pause = rule_pause
        self._calls = Calls(self._domains)
        self._hints: asyncio.Queue[str] = asyncio.Queue(MOST_HINTS)
        self._board: Current[Board] = Current()
        self._api: Current[NetSapiensApi] = Current()

    async def follow(self, board: Board, line: Line) -> None:
        async with netsapiens_client(self._access.url, self._access.key) as http:
            with self._board.held(board), self._api.held(NetSapiensApi(http, self._clock)) as api:
                await self._work(api, board, line)

    async def _work(self, api: NetSapiensApi, board: Board, line: Line) -> None:
        if self._access.webhook_url:
            await self._subscribe(api)
        await self._read_devices(api, board)
        line.connected()
        await self._read_calls(api, board)
        line.loaded()
        work = [
            lambda: every(self._call_seconds, lambda: self._read_calls(api, board)),
            lambda: look_again(line, self._list_seconds, lambda: self._read_lists(api, board)),
        ]
        if self._access.webhook_url:
            work.append(lambda: every(SUBSCRIPTION_SECONDS, lambda: self._subscribe_again(api)))
        if self._follows_dnd:
            work.append(lambda: self._poll_rules(api, board))
        await first_to_fail(*work)

    # ------------------------------------------------------------ polling

    async def _subscribe_again(self, api: NetSapiensApi) -> None:
        try:
            await self._subscribe(api)
        except LineRefused as error:
            log.error("netsapiens_subscriptions_refused", reason=str(error))

    async def _subscribe(self, api: NetSapiensApi) -> None:
        """Without it calls are late, and no more than that: the lists tell whether the platform is there."""
        models = (CALL, SUBSCRIBER) if self._follows_dnd else (CALL,)
        try:
            await Subscriptions(self._access.webhook_url, self._access.domains, models).keep(api)
        except LineLost as error:
            log.warning("netsapiens_not_subscribed", reason=str(error))

    async def _read_lists(self, api: NetSapiensApi, board: Board) -> None:
        await self._read_devices(api, board)
        await self._read_calls(api, board)

    async def _read_devices(self, api: NetSapiensApi, board: Board) -> None:
        since = self._clock()
        records = [record for domain in self._access.domains for record in await self._devices_of(api, domain)]
        slack = 2 * self._list_seconds + LEASE_SLACK
        found = [registration_of(record, self._domains, api.offset, slack) for record in records]
        board.devices_are(self._clock(), [device for device in found if device is not None], since)

    async def _devices_of(self, api: NetSapiensApi, domain: str) -> list[Record]:
        """Older platforms list them for one user at a time only."""
        try:
            records = await api.list_all("domains", domain, "devices")
        except NotFound:
            records = []
            for user in await api.list_all("domains", domain, "users"):
                name = text_of(user, "user")
                if name:
                    records += await api.list_all("domains", domain, "users", name, "devices")
        return [{"domain": domain, **record} for record in records]

    async def _read_calls(self, api: NetSapiensApi, board: Board) -> None:
        since = self._clock() - (POST_LAG if self._access.webhook_url else 0.0)
        records = [
            {"domain": domain, **record}
            for domain in self._access.domains
            for record in await api.list_all("domains", domain, "calls")
        ]
        board.legs_are(self._clock(), self._calls.listed(records), since, shows_hold=False)

    # ------------------------------------------------------------ rules

    async def _poll_rules(self, api: NetSapiensApi, board: Board) -> None:
        """Round after round; what an operator has to set right there takes nothing away from the rest."""
        while True:
            try:
                await self._read_all_rules(api, board)
            except LineRefused as error:
                log.error("netsapiens_rules_refused", reason=str(error), retry_after=REFUSED_SECONDS)
                await asyncio.sleep(REFUSED_SECONDS)

    async def _read_all_rules(self, api: NetSapiensApi, board: Board) -> None:
        """Whoever is hinted at comes first. Once all were seen, a snapshot can say who has it."""
        for domain in self._access.domains:
            for record in await api.list_all("domains", domain, "users"):
                user = user_of({"domain": domain, **record}, self._domains, ("user",), ("domain",))
                await self._follow_hints(api, board)
                if user is not None:
                    await self._read_rules(api, board, user)
                await asyncio.sleep(self._rule_pause)
        board.knows_dnd = True

    async def _follow_hints(self, api: NetSapiensApi, board: Board) -> None:
        hinted = set()
        while not self._hints.empty():
            hinted.add(self._hints.get_nowait())
        for user in sorted(hinted):
            await self._read_rules(api, board, user)

    async def _read_rules(self, api: NetSapiensApi, board: Board, user: str) -> None:
        since = self._clock() - RULE_LAG
        try:
            rules = await self._rules_of(api, user)
        except NotFound:
            return
        except LineLost as error:
            # The lists of calls and devices say whether the platform is there; one user's rules do not.
            log.warning("netsapiens_rules_not_read", user=user, reason=str(error))
            return
        board.dnd_is(self._clock(), user, dnd_of(rules), since)

    async def _rules_of(self, api: NetSapiensApi, user: str) -> list[Record]:
        name, domain = split(user)
        return await api.list_all("domains", domain, "users", name, "answerrules")

    # ------------------------------------------------------------ what is posted

    def posted(self, model: str, records: Sequence[Record]) -> None:
        """What a subscription tells. Without a line to ask, nothing can be made of it: the lists follow."""
        try:
            board = self._board.get()
        except LineLost:
            return
        for record in records:
            if model == CALL:
                for leg in self._calls.told(record):
                    board.leg(self._clock(), leg)
            elif model == SUBSCRIBER:
                self._hint(record)

    def _hint(self, record: Record) -> None:
        user = user_of(record, self._domains, ("user",), ("domain",))
        if user is not None and not is_yes(record, "remove") and not self._hints.full():
            self._hints.put_nowait(user)

    # ------------------------------------------------------------ commands

    async def set_dnd(self, board: Board, user: str, on: bool) -> None:
        name, domain = split(user)
        if self._domains.address(name, domain) != user:
            raise NotPossible(f"{user} is nobody of this NetSapiens's")
        api = self._api.get()
        try:
            for frame in time_frames(await self._rules_of(api, user)):
                await api.change("domains", domain, "users", name, "answerrules", frame, to=rule_with_dnd(on))
        except NotFound as error:
            raise NotPossible(str(error)) from error
        board.disturbed(self._clock(), user, on, "portal")

    async def renamed(self, user: str) -> None:
        """Its names are its own; nothing there follows ours."""
        log.info("netsapiens_keeps_its_own_names", user=user)

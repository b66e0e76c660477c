"""The client: one user's presence, people and conversations, live, over as many connections as it takes."""

import asyncio
import random
import secrets
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeVar

import httpx2
import msgspec

from client.backoff import wait_before
from client.chat import ChatState, Thread
from client.errors import ClientError, CommandRefused, Ended, NotConnected
from client.link import Link
from client.people import PeopleState
from client.presence import PresenceState, applied, replaced
from wire.commands import (
    Command,
    Connect,
    GetChanges,
    GetMessages,
    GetPresence,
    MarkRead,
    OpenConversation,
    SendMessage,
    SetDnd,
    SetStatus,
)
from wire.contacts import ContactChanges, ContactsPage, ContactsPosition
from wire.errors import CloseCode
from wire.events import (
    AnyEvent,
    ContactsChanged,
    DirectoryChanged,
    Heartbeat,
    MessageChanged,
    PresenceChanged,
    PresenceDoubted,
    PresenceSnapshot,
    Reconnect,
)
from wire.http import DirectoryPage
from wire.identity import ConversationId, UserId
from wire.limits import LIMITS
from wire.records import Presence
from wire.replies import ChangesListed, Connected, ConversationOpened, Done, MessageSent, MessagesListed

Answer = TypeVar("Answer")
Body = TypeVar("Body")
TokenSource = str | Callable[[str | None], Awaitable[str]]
"""A token; or a function that gets one, which is told the one that was refused, or None. It raises `NotConnected` to be
asked again later."""

COMMAND_WITHIN = 10.0
_STEADY = 20.0
"""A connection that lived for so many seconds was a good one."""
_AGAIN_AFTER = 2.0
_MOST_TOKENS = 2
_RENEWED = (CloseCode.NOT_LOGGED_IN, CloseCode.SESSION_ENDED)
_LOST_IN = 1_000
"""Events that a reader of `events` may be behind with."""


async def log_in(url: str, login: str, password: str) -> str:
    """A bearer token. `login` is `name@domain`. Raises `NotConnected`, and `PermissionError` if refused."""
    try:
        async with httpx2.AsyncClient(base_url=url) as http:
            answer = await http.post("/v1/login", json={"login": login, "password": password, "bearer": True})
    except httpx2.HTTPError as error:
        raise NotConnected(str(error)) from error
    told = answer.json()
    if answer.is_error:
        raise PermissionError(told.get("detail") or told.get("title") or f"the server answered {answer.status_code}")
    token: str = told["token"]
    return token


class PresenceClient:
    """`async with` connects, and goes on connecting until the end. States are there to be read at any time, and stand
    still while there is no connection.

    `available`: whether its user can be chatted with here, so that the dot is blue. `name`: for whoever asks why it is.
    """

    def __init__(self, url: str, token: TokenSource, *, available: bool = False, name: str = "python") -> None:
        self._url = url.rstrip("/")
        self._source = token
        self._token = ""
        self._available = available
        self._name = name
        self._http: httpx2.AsyncClient | None = None
        self._link: Link | None = None
        self._is_live = False
        self._running: asyncio.Task[None] | None = None
        self._behind: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Condition()
        self._listeners: dict[int, deque[AnyEvent]] = {}
        self._sending: dict[ConversationId, asyncio.Lock] = {}
        self._come_back_after: float | None = None
        self.timeline = ""
        """Of the database, in which all numbers in the states count."""
        self.connected: Connected | None = None
        self.connections = 0
        """How often it has connected so far."""
        self.presence = PresenceState()
        self.people = PeopleState()
        self.chat = ChatState()

    async def __aenter__(self) -> Self:
        """Returns once it is connected. Raises `Ended` if it never will be, e.g. for a token that is not taken."""
        self._http = httpx2.AsyncClient(base_url=self._url)
        self._running = asyncio.create_task(self._stay())
        self._running.add_done_callback(lambda _: self._soon(self._tell()))
        try:
            await self.until(lambda: self.connections > 0, within=None)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """What was not confirmed yet is given up."""
        for task in [self._running, *self._behind]:
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError, ClientError):
                    await task
        if self._link is not None:
            await self._link.close()
        if self._http is not None:
            await self._http.aclose()

    # ------------------------------------------------------------ looking

    @property
    def is_live(self) -> bool:
        return self._is_live and self._link is not None and self._link.is_open

    @property
    def me(self) -> UserId:
        assert self.connected is not None, "enter the client first"
        return self.connected.user

    def presence_of(self, user: UserId) -> Presence:
        return self.presence.of(user)

    async def until(self, holds: Callable[[], object], *, within: float | None = COMMAND_WITHIN) -> None:
        """Waits for something in the states, for so many seconds or for ever.

        Raises `TimeoutError`, and `Ended` if nothing will come any more.
        """
        async with asyncio.timeout(within), self._changed:
            while not holds():
                self._check_running()
                await self._changed.wait()

    @contextmanager
    def events(self) -> Iterator[AsyncIterator[AnyEvent]]:
        """`with client.events() as events: async for event in events: ...`, from now on, each after the states have it.

        Whoever is a thousand events behind loses the oldest: the states have them.
        """
        queue: deque[AnyEvent] = deque(maxlen=_LOST_IN)
        self._listeners[id(queue)] = queue
        try:
            yield self._from(queue)
        finally:
            self._listeners.pop(id(queue), None)

    # ------------------------------------------------------------ asking

    async def ask(self, command: Command, expected: type[Answer], *, within: float = COMMAND_WITHIN) -> Answer:
        """Sends any command of wire/commands.py. Raises `CommandRefused`, `NotConnected`, `TimeoutError`."""
        self._check_running()
        if self._link is None or not self.is_live:
            raise NotConnected
        return await self._link.ask(command, expected, within=within)

    async def set_dnd(self, on: bool) -> None:
        await self.ask(SetDnd(on=on), Done)

    async def set_status(self, message: str, *, expires_in: int = 0) -> None:
        """`expires_in` in seconds; 0: never. An empty message clears it."""
        await self.ask(SetStatus(message=message, expires_in=expires_in), Done)

    async def open_with(self, user: UserId) -> ConversationId:
        """The direct conversation with somebody."""
        reply = await self.ask(OpenConversation(user=user), ConversationOpened)
        return self.chat.learn(reply.conversation).record.conversation

    async def send(self, conversation: ConversationId, body: str, *, client_id: str | None = None) -> MessageSent:
        """Returns once the message is kept, however many connections that takes: sending it again is harmless.

        Messages to one conversation arrive in the order in which this was called. Raises `CommandRefused` for what is
        refused for good, and `Ended`.
        """
        command = SendMessage(conversation=conversation, client_id=client_id or secrets.token_urlsafe(16), body=body)
        async with self._sending.setdefault(conversation, asyncio.Lock()):
            while True:
                await self.until(lambda: self.is_live, within=None)
                try:
                    return await self.ask(command, MessageSent)
                except CommandRefused as refused:
                    if not refused.temporary:
                        raise
                    await asyncio.sleep(refused.retry_after or _AGAIN_AFTER)
                except (NotConnected, TimeoutError):
                    continue

    async def mark_read(self, conversation: ConversationId, seq: int) -> None:
        await self.ask(MarkRead(conversation=conversation, seq=seq), Done)

    async def get(self, path: str, kind: type[Body], **query: str | int | None) -> Body:
        """An operation of docs/http.md. Raises `NotConnected`, and `PermissionError` with the server's words."""
        assert self._http is not None, "enter the client first"
        given = {name: value for name, value in query.items() if value is not None}
        try:
            answer = await self._http.get(path, params=given, headers={"Authorization": f"Bearer {self._token}"})
        except httpx2.HTTPError as error:
            raise NotConnected(str(error)) from error
        if answer.is_error:
            raise PermissionError(f"{path}: {answer.status_code} {answer.text[:200]}")
        return msgspec.json.decode(answer.content, type=kind)

    # ------------------------------------------------------------ staying connected

    async def _stay(self) -> None:
        attempt = refusals = 0
        refused: str | None = None
        clock = asyncio.get_running_loop().time
        while True:
            began, before = clock(), self.connections
            try:
                await self._one_connection(refused)
            except Ended as ended:
                refusals = 1 if self.connections > before else refusals + 1
                if isinstance(self._source, str) or ended.code not in _RENEWED or refusals > _MOST_TOKENS:
                    raise
                refused, self._token = self._token, ""
            except (CommandRefused, NotConnected, TimeoutError):
                pass
            if self.connections > before and clock() - began >= _STEADY:
                attempt = 0
            asked, self._come_back_after = self._come_back_after, None
            by_chance = wait_before(attempt, random.random())  # noqa: S311 - spreads load, and keeps no secret
            await asyncio.sleep(by_chance if asked is None else asked)
            attempt += 1

    async def _one_connection(self, refused: str | None) -> None:
        if not self._token:
            self._token = self._source if isinstance(self._source, str) else await self._source(refused)
        self._link = link = await Link.open(self._url, self._heard, self._greeted)
        try:
            positions = self.chat.positions(LIMITS.resume_conversations)
            await link.say_hello(
                Connect(
                    token=self._token,
                    available=self._available,
                    client=self._name,
                    presence=self.presence.position,
                    conversations=positions,
                    changes=self.chat.changes(positions),
                    contacts=self.people.position if self.people.position != ContactsPosition() else None,
                    timeline=self.timeline,
                )
            )
            assert self.connected is not None
            self.connections += 1
            self.presence = replace(self.presence, doubted_since=0)
            self._is_live = True
            await self._tell()
            self._soon(self._read_people(self.connected))
            await link.closed()
        finally:
            self._is_live, self._link = False, None
            await self._tell()
            await link.close()

    def _greeted(self, connected: Connected) -> None:
        """In another timeline numbers are not those by which anything is known here."""
        if self.timeline not in ("", connected.timeline):
            self.people, self.chat = PeopleState(), self.chat.begun_anew()
        self.timeline = connected.timeline
        self.connected = connected

    def _heard(self, event: AnyEvent) -> None:
        match event:
            case PresenceSnapshot():
                self.presence = replaced(self.presence, event)
            case PresenceChanged() | Heartbeat():
                state = applied(self.presence, event)
                if state is None:
                    self._soon(self._ask_for_snapshot())
                else:
                    self.presence = state
            case PresenceDoubted():
                self.presence = replace(self.presence, doubted_since=event.since)
            case DirectoryChanged():
                self._take_directory(event)
            case ContactsChanged():
                self.people.learn(contacts=event.contacts)
                self._soon(self._read_contact_changes())
            case Reconnect():
                self._come_back_after = event.after
                self._soon(self._leave_after(event.after, self._link))
            case _:
                self._take_chat(event)
        for queue in self._listeners.values():
            queue.append(event)
        self._soon(self._tell())

    def _take_chat(self, event: AnyEvent) -> None:
        for conversation in self.chat.apply(event):
            thread = self.chat.threads.get(conversation)
            is_behind = isinstance(event, MessageChanged) and thread is not None and event.message.rev > thread.rev
            if thread is not None and (thread.has_gap or is_behind or thread.record.last_rev > thread.rev):
                self._soon(self._fill(thread))

    async def _fill(self, thread: Thread) -> None:
        """Asks for what is missing; whoever asks twice is told twice, which changes nothing."""
        conversation = thread.record.conversation
        while thread.has_gap:
            before = thread.upto
            page = await self.ask(
                GetMessages(conversation=conversation, after=before, limit=LIMITS.page), MessagesListed
            )
            thread.take(page.messages)
            if thread.upto == before:
                break
        await self._fill_changes(thread)
        await self._tell()

    async def _fill_changes(self, thread: Thread) -> None:
        more = True
        while more:
            command = GetChanges(conversation=thread.record.conversation, after=thread.rev, limit=LIMITS.page)
            page = await self.ask(command, ChangesListed)
            thread.take(page.messages)
            thread.rev, more = max(thread.rev, page.rev), page.more

    async def _ask_for_snapshot(self) -> None:
        await self.ask(GetPresence(), Done)

    async def _leave_after(self, seconds: float, link: Link | None) -> None:
        """The link, if it is still open then: a gateway that goes away closes it at once."""
        await asyncio.sleep(seconds)
        if link is not None and link is self._link:
            self._come_back_after = 0.0
            await link.close()

    # ------------------------------------------------------------ people

    async def _read_people(self, connected: Connected) -> None:
        if not connected.listing_everybody:
            return  # too many: a script asks for those it needs (`get_coworkers`, `GET /v1/people`)
        if self.people.rev < connected.directory_rev or not self.people.everybody:
            await self._read_directory()
        if self.people.position == ContactsPosition():
            await self._read_contacts()
        else:
            await self._read_contact_changes()
        await self._tell()

    async def _read_directory(self) -> None:
        people, after, rev = self.people, None, None
        while True:
            page = await self.get("/v1/directory", DirectoryPage, limit=1_000, after=after)
            rev = page.rev if rev is None else rev
            people.learn(page.items)
            after = page.next
            if after is None:
                break
        people.rev = max(people.rev, rev)

    async def _read_contacts(self) -> None:
        people, after, position = self.people, None, None
        while True:
            page = await self.get("/v1/contacts", ContactsPage, limit=500, after=after)
            position = page.position if position is None else position
            people.learn(contacts=page.items)
            after = page.next
            if after is None:
                break
        people.position = position

    async def _read_contact_changes(self) -> None:
        people = self.people
        while True:
            shared, own = people.position.shared, people.position.own
            page = await self.get("/v1/contacts/changes", ContactChanges, shared=shared, own=own)
            if page.too_old and people is self.people:
                people.every_contact.clear()
                return await self._read_contacts()
            people.learn(contacts=page.contacts)
            people.position = page.position
            if not page.more:
                await self._tell()
                return None

    def _take_directory(self, event: DirectoryChanged) -> None:
        self.people.learn(event.coworkers)
        if event.since > self.people.rev:
            self._soon(self._read_directory())
        else:
            self.people.rev = max(self.people.rev, event.rev)

    # ------------------------------------------------------------ inside

    async def _from(self, queue: deque[AnyEvent]) -> AsyncIterator[AnyEvent]:
        while True:
            await self.until(lambda: queue, within=None)
            yield queue.popleft()

    def _check_running(self) -> None:
        if self._running is None:
            raise NotConnected("enter the client first")
        if self._running.cancelled():
            raise NotConnected("the client was closed")
        if self._running.done():
            self._running.result()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _soon(self, doing: Awaitable[None]) -> None:
        """Beside the connection; what it did not come to, the next connection asks for."""

        async def run() -> None:
            with suppress(ClientError, PermissionError, TimeoutError):
                await doing

        task = asyncio.create_task(run())
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

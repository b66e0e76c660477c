"""A chat client as the portal's is: comes back after every loss, on any gateway, with its positions, and ends up
knowing everything that it may see: messages, their changes, members, marks and what is unread.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar
from uuid import uuid4

from msgspec import Struct, structs
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from tests.support.client import Client, open_websocket
from tests.support.gateway import GatewayProcess
from wire.codec import Subprotocol
from wire.commands import Command, GetChanges, GetConversation, GetMessages, SendMessage
from wire.ending import end
from wire.events import (
    AnyEvent,
    ChangesMissed,
    ConversationAdded,
    ConversationRemoved,
    ConversationsSnapshot,
    DeliveredMarked,
    GroupChanged,
    MessageAdded,
    MessageChanged,
    MessagesMissed,
    MuteChanged,
    ReadMarked,
)
from wire.identity import ConversationId, UserId
from wire.records import Conversation, History, Member, Message
from wire.replies import AnyReply, ChangesListed, ConversationOpened, Failed, MessageSent, MessagesListed

RETRY = 0.1
PAGE = 100
Kind = TypeVar("Kind")


class Thread(Struct):
    """What is known of a conversation. `rev`: all changes up to it are in `messages`; `last_rev`: there are as many."""

    record: Conversation
    messages: dict[int, Message]
    rev: int
    last_seq: int
    last_rev: int

    @property
    def held(self) -> int:
        """Up to which number there is no gap."""
        seq = self.record.joined_seq
        while seq + 1 in self.messages:
            seq += 1
        return seq

    @property
    def is_whole(self) -> bool:
        return self.held >= self.last_seq and self.rev >= self.last_rev


class Shown(Struct, frozen=True):
    """What a person sees of a conversation."""

    name: str
    history: History
    members: tuple[Member, ...]
    muted: bool
    unread: int
    messages: tuple[Message, ...]


class Known:
    """The rules of a client, without a connection: what snapshots, replies and events amount to."""

    def __init__(self, me: UserId) -> None:
        self.me = me
        self.threads: dict[ConversationId, Thread] = {}
        self.unknown: set[ConversationId] = set()
        """Heard of, and to be asked for."""

    def apply(self, message: AnyReply | AnyEvent) -> None:  # noqa: C901 - a line for each kind
        match message:
            case ConversationsSnapshot(conversations=conversations):
                for gone in set(self.threads) - {each.conversation for each in conversations}:
                    del self.threads[gone]
                for each in conversations:
                    self._meet(each)
            case ConversationAdded() | ConversationOpened():
                self._meet(message.conversation)
            case ConversationRemoved():
                known = self.threads.get(message.conversation)
                if known is not None and (message.seq == 0 or message.seq > known.record.group_seq):
                    del self.threads[message.conversation]
            case MessageAdded() | MessageChanged():
                self._absorb(message.message.conversation, [message.message])
            case MessagesMissed() | MessagesListed():
                self._absorb(message.conversation, message.messages)
            case ChangesMissed() | ChangesListed():
                self._absorb(message.conversation, message.messages, message.rev)
            case ReadMarked() | DeliveredMarked() | GroupChanged() | MuteChanged():
                self._change(message)

    def _meet(self, record: Conversation) -> None:
        self.unknown.discard(record.conversation)
        known = self.threads.get(record.conversation)
        if known is None or known.record.joined_seq != record.joined_seq:
            known = Thread(record, {}, record.last_rev, record.last_seq, record.last_rev)
            self.threads[record.conversation] = known
        elif record.group_seq >= known.record.group_seq:
            members = [_grown(each, known.record.members) for each in record.members]
            known.record = structs.replace(record, members=members)
        known.last_seq = max(known.last_seq, record.last_seq)
        known.last_rev = max(known.last_rev, record.last_rev)
        if record.last_message is not None:
            self._absorb(record.conversation, [record.last_message])

    def _absorb(self, conversation: ConversationId, messages: Sequence[Message], rev: int = 0) -> None:
        thread = self.threads.get(conversation)
        if thread is None:
            self.unknown.add(conversation)
            return
        for message in messages:
            known = thread.messages.get(message.seq)
            if known is None or message.rev > known.rev:
                thread.messages[message.seq] = message
            thread.last_seq = max(thread.last_seq, message.seq)
            thread.last_rev = max(thread.last_rev, message.rev)
            if message.rev == thread.rev + 1:
                thread.rev = message.rev
            if message.line is not None and message.seq > thread.record.group_seq:
                self.unknown.add(conversation)  # who is in it now has to be asked, unless it is told in a moment
        thread.rev = max(thread.rev, rev)

    def _change(self, event: ReadMarked | DeliveredMarked | GroupChanged | MuteChanged) -> None:
        thread = self.threads.get(event.conversation)
        if thread is None:
            self.unknown.add(event.conversation)
            return
        record = thread.record
        match event:
            case GroupChanged() if event.seq > record.group_seq:
                members = [_grown(each, record.members) for each in event.members]
                thread.record = structs.replace(
                    record, name=event.name, members=members, history=event.history, group_seq=event.seq
                )
            case MuteChanged() if event.rev > record.mute_rev:
                thread.record = structs.replace(record, muted=event.muted, mute_rev=event.rev)
            case ReadMarked() | DeliveredMarked():
                read = event.seq if isinstance(event, ReadMarked) else 0
                mark = Member(event.user, read, event.seq)
                thread.record = structs.replace(record, members=[_grown(each, [mark]) for each in record.members])

    def shown(self) -> dict[ConversationId, Shown]:
        return {number: self._shown(thread) for number, thread in sorted(self.threads.items())}

    def _shown(self, thread: Thread) -> Shown:
        record = thread.record
        read = next((each.read_seq for each in record.members if each.user == self.me), 0)
        unread = [each for each in thread.messages.values() if each.seq > read and each.sender != self.me]
        return Shown(
            record.name,
            record.history,
            tuple(record.members),
            record.muted,
            len(unread),
            tuple(thread.messages[seq] for seq in sorted(thread.messages)),
        )


def _grown(member: Member, known: Sequence[Member]) -> Member:
    before = next((each for each in known if each.user == member.user), member)
    return structs.replace(
        member,
        read_seq=max(member.read_seq, before.read_seq),
        delivered_seq=max(member.delivered_seq, before.delivered_seq),
    )


class _Listener(Client):
    def __init__(self, websocket: ClientConnection, known: Known, changed: asyncio.Event) -> None:
        super().__init__(websocket, Subprotocol.JSON)
        self._known = known
        self._changed = changed

    def _note(self, message: AnyReply | AnyEvent) -> None:
        super()._note(message)
        self._known.apply(message)
        self._changed.set()


class Talker:
    """`gateways()` are those to try. What it knows goes on over reconnects, as in a browser."""

    def __init__(
        self, me: UserId, token: str, gateways: Callable[[], Sequence[GatewayProcess]], choice: random.Random
    ) -> None:
        self.me = me
        self.known = Known(me)
        self.connections = 0
        self._token = token
        self._gateways = gateways
        self._choice = choice
        self._listener: _Listener | None = None
        self._connected = asyncio.Event()
        self._changed = asyncio.Event()
        self._progress = asyncio.Event()
        self._running = asyncio.create_task(self._run())
        self._filling = asyncio.create_task(self._fill_forever())

    # ------------------------------------------------------------ staying connected

    async def _run(self) -> None:
        while True:
            with suppress(OSError, WebSocketException, AssertionError, TimeoutError):
                await self._stay_connected()
            self._connected.clear()
            await asyncio.sleep(RETRY * self._choice.uniform(0.5, 1.5))

    async def _stay_connected(self) -> None:
        gateway = self._choice.choice(list(self._gateways()))
        self._listener = listener = _Listener(await open_websocket(gateway.url), self.known, self._changed)
        threads = self.known.threads.items()
        try:
            await listener.log_in(
                self._token,
                available=False,
                conversations={number: thread.held for number, thread in threads},
                changes={number: thread.rev for number, thread in threads},
            )
            await listener.receives(ConversationsSnapshot)
            self.connections += 1
            self._connected.set()
            self._changed.set()
            await listener.ended()
        finally:
            await listener.vanish()

    async def cut(self) -> None:
        """The connection ends without a word."""
        if self._listener is not None:
            await self._listener.vanish()

    async def close(self) -> None:
        await end(self._running, self._filling)

    # ------------------------------------------------------------ asking

    async def ask(self, command: Command) -> AnyReply:
        """Tries until the command is carried out or refused for good, as a person would press the button again."""
        while True:
            await self._connected.wait()
            wait = RETRY
            assert self._listener is not None
            with suppress(OSError, WebSocketException, AssertionError):
                reply: AnyReply = await self._listener.ask(command, object)  # type: ignore[arg-type]
                if not (isinstance(reply, Failed) and reply.temporary):
                    return reply
                wait = reply.retry_after or RETRY
            await asyncio.sleep(wait)

    async def send(self, conversation: ConversationId, body: str) -> tuple[str, int] | None:
        """The `client_id` and the number that was acknowledged; None: not allowed (any more)."""
        client_id = uuid4().hex
        reply = await self.ask(SendMessage(conversation=conversation, client_id=client_id, body=body))
        return (client_id, reply.seq) if isinstance(reply, MessageSent) else None

    # ------------------------------------------------------------ filling gaps

    async def _fill_forever(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            for conversation in list(self.known.unknown):
                self.known.unknown.discard(conversation)
                await self.ask(GetConversation(conversation=conversation))
            for conversation, thread in list(self.known.threads.items()):
                await self._fill(conversation, thread)
            self._progress.set()

    async def _fill(self, conversation: ConversationId, thread: Thread) -> None:
        while not thread.is_whole and self.known.threads.get(conversation) is thread:
            if thread.held < thread.last_seq:
                reply = await self.ask(GetMessages(conversation=conversation, after=thread.held, limit=PAGE))
            else:
                reply = await self.ask(GetChanges(conversation=conversation, after=thread.rev, limit=PAGE))
            if isinstance(reply, Failed):
                return  # not in it any more

    async def until_whole(self) -> None:
        """Waits until it knows everything; asked again after each thing that comes."""
        while not self.is_whole:
            await self._progress.wait()
            self._progress.clear()

    @property
    def is_whole(self) -> bool:
        return (
            self._connected.is_set()
            and not self.known.unknown
            and all(thread.is_whole for thread in self.known.threads.values())
        )

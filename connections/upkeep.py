"""Second looks: what announcements may have failed to say to connections that stay open for days.

Presence heals itself by its versions (hub.py). For the rest, after the bus was lost, or a gateway died that may have
kept something and told nobody, everybody concerned is told afresh what they should have; and every minute each open
login is looked up again (rechecking.py).
"""

import asyncio

import structlog

from chat.service import ChatService
from connections.channel import Channel
from connections.hub import Hub
from connections.rechecking import Logins, recheck
from connections.session import Session
from connections.starting import Books, Directory
from wire.errors import Refused
from wire.events import ContactsChanged, DirectoryChanged
from wire.identity import UserId

log = structlog.get_logger(__name__)

RECHECK_EVERY = 60.0
AT_ONCE = 4
"""Look-ups at the same time: healing thousands of sessions must leave room for those who are working."""


class Upkeep:
    def __init__(self, hub: Hub, logins: Logins, chat: ChatService, directory: Directory, books: Books) -> None:
        self._hub = hub
        self._logins = logins
        self._chat = chat
        self._directory = directory
        self._books = books
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        hub.on_lost = self._on_lost

    async def run(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_EVERY)
            for channel in self._hub.channels():
                await recheck(channel, self._logins, self._slots)

    def gateway_died(self) -> None:
        """Another one: everything that it announced concerned some domain, and nobody knows any more which."""
        for channel in self._hub.channels():
            self._on_lost(channel)

    def _on_lost(self, channel: Channel) -> None:
        task = asyncio.create_task(self._tell_afresh(channel))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_afresh(self, channel: Channel) -> None:
        if not channel.sessions:
            return
        try:
            rev = await self._directory.directory_rev(channel.domain)
        except Refused:
            log.warning("directory_not_told_afresh", domain=channel.domain)
        else:
            event = DirectoryChanged(since=rev, rev=rev, coworkers=[])
            for session in tuple(channel.sessions):
                session.send(event)
        by_user: dict[UserId, list[Session]] = {}
        for session in channel.sessions:
            by_user.setdefault(session.caller.user, []).append(session)
        await asyncio.gather(*(self._tell_contacts(sessions) for sessions in by_user.values()))
        seeing_chat = [
            unmasked
            for sessions in by_user.values()
            if (unmasked := [each for each in sessions if each.caller.may_chat])
        ]
        await asyncio.gather(*(self._tell_chat(sessions) for sessions in seeing_chat))
        await recheck(channel, self._logins, self._slots)

    async def _tell_contacts(self, sessions: list[Session]) -> None:
        """Only where the books are: whoever is behind asks for what is missing."""
        async with self._slots:
            try:
                position = await self._books.positions(sessions[0].caller)
            except Refused:
                log.warning("contacts_not_told_afresh", user=sessions[0].caller.user)
                return
        for session in sessions:
            for shared, rev in ((True, position.shared), (False, position.own)):
                session.send(ContactsChanged(shared=shared, since=rev, rev=rev))

    async def _tell_chat(self, sessions: list[Session]) -> None:
        """The list of conversations says by its last numbers what a client lacks; it asks for that itself."""
        async with self._slots:
            try:
                snapshot, _ = await self._chat.snapshot(sessions[0].caller)
            except Refused:
                log.warning("chat_not_told_afresh", user=sessions[0].caller.user)
                return
        for session in sessions:
            session.send(snapshot)

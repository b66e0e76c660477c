"""The starting state of a connection, whole or only what is new since the client's positions.

All reading is done while the session holds everything back that arrives for it; the telling happens in one go without
awaiting. So nothing is missing between the state and the first event, and nothing steps back.
"""

import time
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from msgspec import structs

from accounts.permissions import permissions_of
from chat.service import ChatService, Missed, Positions
from connections.channel import Channel
from connections.session import Session
from contacts.model import Overview
from wire.codec import PROTOCOL_VERSION
from wire.commands import Connect
from wire.contacts import ContactsPosition
from wire.events import ContactsChanged, ConversationsSnapshot, PresenceDoubted
from wire.identity import Caller, DomainId
from wire.limits import LIMITS
from wire.records import Position
from wire.replies import Connected

FEATURES = [
    "presence",
    "chat.direct",
    "chat.groups",
    "chat.changes",
    "chat.search",
    "chat.files",
    "directory",
    "contacts",
    "softphone",
]


class Directory(Protocol):
    """contacts/listing.py."""

    async def directory_rev(self, domain: DomainId) -> int: ...

    async def overview(self, caller: Caller) -> Overview: ...


class Books(Protocol):
    """contacts/service.py."""

    async def positions(self, caller: Caller) -> ContactsPosition: ...

    async def missed(
        self, caller: Caller, since: ContactsPosition | None, upto: ContactsPosition
    ) -> list[ContactsChanged]: ...


class Starter:
    """`timeline()`: which life of the database it is; empty: not known."""

    def __init__(
        self,
        chat: ChatService,
        directory: Directory,
        books: Books,
        heartbeat_interval: int,
        timeline: Callable[[], str] = lambda: "",
    ) -> None:
        self._chat = chat
        self._directory = directory
        self._books = books
        self._heartbeat_interval = heartbeat_interval
        self._timeline = timeline

    async def start(self, session: Session, channel: Channel, command: Connect) -> None:
        """Answers `connect`. Raises `Refused` if something cannot be read."""
        caller, timeline = session.caller, self._timeline()
        if command.timeline not in ("", timeline):
            command = structs.replace(command, conversations={}, changes={}, contacts=None)
        chat: ConversationsSnapshot | None = None
        missed: list[Missed] = []
        if caller.may_chat:  # masks are blind to it
            chat, missed = await self._chat.snapshot(caller, Positions(command.conversations, command.changes))
        people = await self._directory.overview(caller)
        contacts_missed = await self._books.missed(caller, command.contacts, people.position)

        if not channel.may_be_watched_whole:
            channel.watch(session, ())
        view = channel.view
        known = command.presence
        resumed = known is not None and known.epoch == view.epoch and known.version <= view.version
        session.send_now(
            Connected(
                id=command.id,
                connection=session.connection,
                domain=caller.domain,
                user=caller.user,
                extension=caller.extension,
                protocol=PROTOCOL_VERSION,
                server=server_version(),
                server_time=time.time(),
                heartbeat_interval=self._heartbeat_interval,
                limits=LIMITS,
                permissions=permissions_of(caller.scope, masked=caller.operator is not None),
                features=FEATURES,
                presence=Position(view.epoch, view.version),
                directory_rev=people.directory_rev,
                contacts=people.position,
                resumed=resumed,
                listing_everybody=people.lists_everybody,
                watching_everybody=session.watched is None,
                masked_by=caller.operator,
                timeline=timeline,
            )
        )
        if resumed and known is not None:
            news = view.changes_since(known.version, caller, session.watched)
            if news is not None:
                session.send_starting_state(news)
        else:
            session.send_starting_state(channel.snapshot_for(session))
        if channel.doubted_since:
            session.send_now(PresenceDoubted(since=channel.doubted_since))
        for changed in contacts_missed:
            session.send_now(changed)
        if chat is not None:
            session.send_now(chat)
        for some in missed:
            session.send_now(some)
        session.release()


@cache
def server_version() -> str:
    try:
        return version("presence-gateway")
    except PackageNotFoundError:
        return "0.1.0"

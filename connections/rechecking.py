"""Looking open logins up again: one that ended or expired does not live on in a socket, and one whose user has another
scope or site by now does not go on with what that user could do and see before.
"""

import asyncio
from typing import Protocol

from connections.channel import Channel
from connections.session import Session
from wire.errors import CloseCode, NotLoggedIn, Refused
from wire.events import EndReason, SessionEnded
from wire.identity import Caller, DomainId, SessionId


class Logins(Protocol):
    """accounts/service.py."""

    async def caller_of_session(self, domain: DomainId, session: SessionId) -> Caller: ...


async def recheck(channel: Channel, logins: Logins, slots: asyncio.Semaphore) -> None:
    by_login: dict[SessionId, list[Session]] = {}
    for session in channel.sessions:
        by_login.setdefault(session.caller.session, []).append(session)
    for login, sessions in by_login.items():
        async with slots:
            try:
                _compare(sessions, await logins.caller_of_session(channel.domain, login))
            except NotLoggedIn:
                for session in sessions:
                    session.send(SessionEnded(reason=EndReason.EXPIRED))
                    session.close(CloseCode.SESSION_ENDED, "the session has ended")
            except Refused:
                return  # the database is away: nobody is thrown out for that


def _compare(sessions: list[Session], now: Caller) -> None:
    for session in sessions:
        was = session.caller
        if (was.scope, was.site) != (now.scope, now.site):
            session.close(CloseCode.ROLE_CHANGED, "the user's scope or site is another by now")

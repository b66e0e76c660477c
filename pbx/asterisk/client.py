"""Asks an Asterisk over a connection, and hands on what it tells unasked."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from pbx.adapter.connection import Connection, fail
from pbx.adapter.errors import LineLost, LineRefused
from pbx.asterisk.ami import AmiMessage, AmiParser, action

ANSWER_SECONDS = 30.0
MOST_ITEMS = 500_000
_NOTHING_THERE = ("no ", "not found")
EVENT_CLASSES = "system,call"


class NotThere(LineRefused):
    """This Asterisk has no such action: a module is not loaded, or the version is another."""


@dataclass(slots=True)
class _Asked:
    """What was asked and is not answered yet. `items`: the name of the events that a list consists of."""

    answer: asyncio.Future[AmiMessage]
    items: str = ""
    listed: list[AmiMessage] = field(default_factory=list)
    on_item: Callable[[AmiMessage], object] = lambda _: None


class AmiClient:
    """`run` has to run beside everything else. `on_event` gets what is no answer, at once and in order."""

    def __init__(self, connection: Connection, on_event: Callable[[AmiMessage], None]) -> None:
        self._connection = connection
        self._on_event = on_event
        self._asked: dict[str, _Asked] = {}
        self._last_id = 0

    async def run(self) -> None:
        """Reads for ever. Raises `LineLost`."""
        parser = AmiParser()

        def take(chunk: bytes) -> None:
            for message in parser.feed(chunk):
                self._take(message)

        try:
            await self._connection.follow(take)
        finally:
            for asked in self._asked.values():
                fail(asked.answer, LineLost("the line was lost before Asterisk answered"))

    async def log_in(self, user: str, secret: str) -> None:
        """By challenge, so that the secret does not travel. Raises `LineRefused`."""
        challenge = await self._ask("Challenge", {"AuthType": "MD5"})
        if challenge["Response"] != "Success":
            raise LineRefused(f"Asterisk offers no MD5 login: {challenge['Message']}")
        key = hashlib.md5((challenge["Challenge"] + secret).encode(), usedforsecurity=False).hexdigest()
        login = {"AuthType": "MD5", "Username": user, "Key": key, "Events": EVENT_CLASSES}
        answer = await self._ask("Login", login)
        if answer["Response"] != "Success":
            raise LineRefused(
                f"Asterisk refuses the manager user {user!r}: {answer['Message'] or 'no reason given'}. "
                "Check the name, the secret, and permit= in manager.conf"
            )

    async def ask(self, name: str, **fields: str) -> AmiMessage:
        """The answer. Raises `NotThere`, or `LineRefused` for what this manager user may not do."""
        answer = await self._ask(name, fields)
        if answer["Response"] == "Error":
            _refuse(name, answer["Message"])
        return answer

    async def ask_if_there(self, name: str, **fields: str) -> None:
        """As `ask`; that there is nothing to do it to is no failure."""
        answer = await self._ask(name, fields)
        if answer["Response"] == "Error" and "permission" in answer["Message"].lower():
            _refuse(name, answer["Message"])

    async def ask_list(
        self, name: str, items: str, on_item: Callable[[AmiMessage], object] = lambda _: None, **fields: str
    ) -> list[AmiMessage]:
        """All events of the list; `on_item` gets each as it comes, in order with everything else that is told.

        An empty list is one, although Asterisk calls some of them an error. Raises as `ask` does.
        """
        asked = await self._send(name, fields, items, on_item)
        answer = await self._wait(name, asked)
        if answer["Response"] == "Error" and not _says_nothing_is_there(answer["Message"]):
            _refuse(name, answer["Message"])
        return asked.listed

    async def _ask(self, name: str, fields: dict[str, str]) -> AmiMessage:
        return await self._wait(name, await self._send(name, fields))

    async def _send(
        self,
        name: str,
        fields: dict[str, str],
        items: str = "",
        on_item: Callable[[AmiMessage], object] = lambda _: None,
    ) -> _Asked:
        self._last_id += 1
        asked = _Asked(asyncio.get_running_loop().create_future(), items, on_item=on_item)
        self._asked[str(self._last_id)] = asked
        await self._connection.write(action(name, str(self._last_id), fields))
        return asked

    async def _wait(self, name: str, asked: _Asked) -> AmiMessage:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await asked.answer
        except TimeoutError:
            raise LineLost(f"Asterisk has not answered {name} within {ANSWER_SECONDS:g} seconds") from None

    def _take(self, message: AmiMessage) -> None:
        asked = self._asked.get(message["ActionID"]) if message["ActionID"] else None
        if asked is None:
            if message["Event"]:
                self._on_event(message)
            return
        if message["Response"] and not (asked.items and message["Response"] == "Success"):
            self._settle(message)
        elif message["Event"] == asked.items:
            asked.listed.append(message)
            asked.on_item(message)
            if len(asked.listed) > MOST_ITEMS:
                raise LineLost(f"Asterisk has sent more than {MOST_ITEMS} of {asked.items}")
        elif message["EventList"].lower() in ("complete", "cancelled") or message["Event"].endswith("Complete"):
            self._settle(message)

    def _settle(self, message: AmiMessage) -> None:
        asked = self._asked.pop(message["ActionID"])
        if not asked.answer.done():
            asked.answer.set_result(message)


def _says_nothing_is_there(message: str) -> bool:
    return message.lower().startswith(_NOTHING_THERE[0]) or _NOTHING_THERE[1] in message.lower()


def _refuse(name: str, message: str) -> None:
    if "permission" in message.lower():
        raise LineRefused(
            f"the manager user may not use {name}: it needs write = system,call,reporting in manager.conf"
            " (and command, before Asterisk 16.28)"
        )
    raise NotThere(f"{name}: {message}")

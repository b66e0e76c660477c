"""The time of day of a running gateway is put forward and back by an hour, while people work with it."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.client import Client, log_in
from tests.support.gateway import GatewayProcess, People
from tests.support.http import http_client
from tests.support.wall_clock import WallClock
from wire.commands import OpenConversation, SendMessage, SetDnd, SetStatus
from wire.events import Heartbeat, MessageAdded
from wire.identity import ConversationId
from wire.replies import ConversationOpened, Done, MessageSent

HOUR = 3_600


@pytest.fixture
def clock(tmp_path: Path) -> WallClock:
    return WallClock(tmp_path)


async def test_nobody_is_sent_away_and_everything_works_while_the_time_of_day_is_wrong_and_after(
    people: People, start_gateway: Callable[..., GatewayProcess], clock: WallClock
) -> None:
    jumping = start_gateway(**clock.environment, PRESENCE_HEARTBEAT_SECONDS="1")
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna, jumping) as a, await people.connect(ben) as b:
        opened = await a.ask(OpenConversation(user=ben), ConversationOpened)
        conversation = opened.conversation.conversation
        sent_at = []
        for nth, ahead in enumerate((HOUR, 0, -HOUR, 0)):
            clock.put(ahead)
            async with await people.connect(ben, jumping) as told:
                assert told.connected.server_time - time.time() == pytest.approx(ahead, abs=60), "it has jumped"
            await _hears_two_beats(a)
            await a.ask(_message(conversation, f"number {nth}"), MessageSent)
            sent_at.append(await _sent_at(b, f"number {nth}"))
            on = nth % 2 == 0
            await a.ask(SetDnd(on=on), Done)
            await b.sees(anna, dnd=on)
            async with http_client(jumping.url) as http:
                token = {"Authorization": f"Bearer {await people.token(anna)}"}
                assert (await http.get("/v1/me", headers=token)).status_code == 200, "who is logged in stays so"
            login = f"{people.company.caller(ben).extension}@{people.company.domain}"
            assert await log_in(jumping.url, login, "Secret12")
        assert sent_at == sorted(sent_at)
        assert (sent_at[-1] - sent_at[0]).total_seconds() < 600, "messages have the time of the database"


async def test_words_beside_the_dot_end_when_their_gateway_thought_and_can_be_set_anew(
    people: People, start_gateway: Callable[..., GatewayProcess], clock: WallClock
) -> None:
    """Wrong by as much as the clock was when they were set; never stuck."""
    jumping = start_gateway(**clock.environment)
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna, jumping) as a, await people.connect(ben) as b:
        await a.ask(SetStatus(message="at lunch"), Done)
        await b.sees(anna, message="at lunch")
        clock.put(-HOUR)
        await a.ask(SetStatus(message="back at three", expires_in=60), Done)
        await b.sees(anna, message="")  # it has ended by the clock of everybody else
        clock.put(HOUR)
        await a.ask(SetStatus(message="back soon", expires_in=60), Done)
        await b.sees(anna, message="back soon")
        clock.put(0)
        await a.ask(SetStatus(message="back at four", expires_in=600), Done)
        await b.sees(anna, message="back at four")


async def _hears_two_beats(client: Client) -> None:
    before = _beats(client)
    await client.until(lambda: _beats(client) >= before + 2, "two heartbeats")


async def _sent_at(client: Client, body: str) -> datetime:
    return (await client.receives(MessageAdded, lambda each: each.message.body == body)).message.sent_at


def _beats(client: Client) -> int:
    return sum(isinstance(each, Heartbeat) for each in client.messages)


def _message(conversation: ConversationId, body: str) -> SendMessage:
    return SendMessage(conversation=conversation, client_id=uuid4().hex, body=body)

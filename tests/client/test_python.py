"""The Python client against a real gateway: states that are right, and nothing lost over the death of a connection."""

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from client import CommandRefused, Ended, NotConnected, PresenceClient
from client.backoff import wait_before
from client.chat import Thread
from client.presence import PresenceState, applied, replaced
from tests.support.cable import Cable
from tests.support.gateway import PASSWORD, People
from tests.support.http import http_client
from wire.commands import EditMessage, OpenConversation, SendMessage, SetDnd
from wire.errors import CloseCode
from wire.events import Heartbeat, MessageAdded, PresenceChanged, PresenceSnapshot
from wire.identity import ConversationId, Scope, UserId
from wire.records import Colour, Conversation, ConversationKind, Message, Presence
from wire.replies import ConversationOpened, Done, MessageSent

ROOT = Path(__file__).parents[2]


def presence(user: int, rev: int, colour: Colour = Colour.GREEN) -> Presence:
    return Presence(user=UserId(user), rev=rev, colour=colour)


def test_an_older_record_never_replaces_a_newer_one() -> None:
    state = replaced(PresenceState(), PresenceSnapshot(epoch="e", version=10, users=[presence(1, 8)]))
    state = applied(state, PresenceChanged(epoch="e", version=12, users=[presence(1, 12, Colour.RED)])) or state
    late = PresenceChanged(epoch="e", version=12, users=[presence(1, 11), presence(2, 9), presence(3, 11)])
    state = applied(state, late) or state
    assert state.of(UserId(1)).colour is Colour.RED
    assert UserId(2) not in state.users  # offline as of the snapshot, which is newer
    assert state.of(UserId(3)).colour is Colour.GREEN
    overtaken = replaced(state, PresenceSnapshot(epoch="e", version=11, users=[presence(1, 8)]))
    assert (overtaken.of(UserId(1)).colour, overtaken.version) == (Colour.RED, 12)


def test_an_event_of_another_epoch_asks_for_a_snapshot() -> None:
    state = replaced(PresenceState(), PresenceSnapshot(epoch="e", version=10, users=[]))
    assert applied(state, Heartbeat(epoch="other", version=1)) is None
    beaten = applied(state, Heartbeat(epoch="e", version=11))
    assert beaten is not None
    assert beaten.version == 11


def test_messages_behind_a_gap_are_not_taken_for_the_end() -> None:
    thread = Thread(Conversation(conversation=ConversationId(1), kind=ConversationKind.DIRECT, members=[]), start=3)
    thread.take([message(4), message(6, "later"), message(2)])
    assert (thread.upto, thread.has_gap, [each.seq for each in thread.run]) == (4, True, [4])
    thread.take([message(5), message(6, "edited", rev=2)])
    thread.take([message(6, "stale", rev=1)])
    assert (thread.upto, thread.has_gap, thread.run[-1].body) == (6, False, "edited")


def message(seq: int, body: str = "", rev: int = 0) -> Message:
    at = "2026-01-01T00:00:00Z"
    record = {"conversation": 1, "seq": seq, "sender": 2, "body": body, "sent_at": at, "rev": rev}
    return msgspec.convert(record, Message)


def test_in_doubt_everybody_is_unknown_until_the_doubt_is_over() -> None:
    state = replaced(PresenceState(), PresenceSnapshot(epoch="e", version=10, users=[presence(1, 8)]))
    doubted = replace(state, doubted_since=900)
    assert [doubted.of(UserId(user)).unknown_since for user in (1, 2)] == [900, 900]
    later = applied(doubted, PresenceChanged(epoch="e", version=12, users=[presence(2, 12)]))
    assert later is not None
    assert later.of(UserId(2)).unknown_since == 900
    assert [replace(later, doubted_since=0).of(UserId(user)).unknown_since for user in (1, 2)] == [0, 0]


@pytest.mark.parametrize(("attempt", "low", "high"), [(0, 0.2, 1.0), (1, 1.0, 2.0), (4, 8.0, 16.0), (20, 15.0, 30.0)])
def test_waits_grow_up_to_half_a_minute(attempt: int, low: float, high: float) -> None:
    assert (wait_before(attempt, 0.0), wait_before(attempt, 1.0)) == (low, high)


async def test_presence_people_and_chat_come_live_and_go_on_where_they_were_after_a_loss(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002", first_name="Ben")
    async with (
        Cable(people.gateway.url) as cable,
        await people.connect(ben) as at_ben,
        PresenceClient(cable.url, await people.token(anna), available=True) as client,
    ):
        await client.until(lambda: client.people.by_extension("1002"))
        await client.until(lambda: client.presence_of(ben).colour is Colour.BLUE)
        await client.set_dnd(True)
        await at_ben.sees(anna, dnd=True, chat=True)
        await client.until(lambda: client.presence_of(anna).colour is Colour.RED)
        with pytest.raises(CommandRefused) as refused:
            await client.set_status("x" * 1_000)
        assert refused.value.field == "message"

        conversation = await client.open_with(ben)
        first = await client.send(conversation, "first", client_id="the-first-one")
        again = await client.send(conversation, "first", client_id="the-first-one")
        assert (again.seq, again.duplicate) == (first.seq, True)

        await cable.unplug()
        await client.until(lambda: not client.is_live)
        with pytest.raises(NotConnected):
            await client.set_dnd(False)
        sending = asyncio.create_task(client.send(conversation, "written without a connection"))
        for number in range(3):
            said = SendMessage(conversation=conversation, client_id=f"meanwhile-{number}", body=f"meanwhile {number}")
            await at_ben.ask(said, MessageSent)
        await at_ben.ask(EditMessage(conversation=conversation, seq=2, body="edited"), Done)
        await at_ben.ask(SetDnd(on=True), Done)
        assert client.presence_of(ben).colour is Colour.BLUE  # what was last known
        await cable.plug_in()

        assert (await sending).seq == 5
        assert client.connected is not None
        assert (client.connections, client.connected.resumed) == (2, True)
        thread = client.chat.threads[conversation]
        await client.until(lambda: thread.upto == 5 and client.presence_of(ben).dnd)
        bodies = ["first", "edited", "meanwhile 1", "meanwhile 2", "written without a connection"]
        assert [each.body for each in thread.run] == bodies
        heard = await at_ben.receives(MessageAdded, lambda event: event.message.seq == 5)
        assert heard.message.body == bodies[-1]
    with pytest.raises(NotConnected):
        await client.set_dnd(False)


async def test_shared_contacts_are_read_and_followed(people: People) -> None:
    anna = await people.add("1001", scope=Scope.OFFICE_MANAGER)
    token = await people.token(anna)
    new = {"shared": True, "first_name": "Vera", "last_name": "Lind"}
    async with http_client(people.gateway.url, headers={"Authorization": f"Bearer {token}"}) as http:
        assert (await http.post("/v1/contacts", json=new)).status_code == 201
        async with PresenceClient(people.gateway.url, token) as client:
            await client.until(lambda: [each.last_name for each in client.people.contacts] == ["Lind"])
            assert (await http.post("/v1/contacts", json={**new, "last_name": "Ask"})).status_code == 201
            await client.until(lambda: len(client.people.contacts) == 2)
            [first, _] = client.people.contacts
            assert (await http.delete(f"/v1/contacts/{first.contact}?rev={first.rev}")).is_success
            await client.until(lambda: [each.last_name for each in client.people.contacts] == ["Ask"])


async def test_a_token_that_is_not_taken_is_asked_for_again_and_then_given_up(people: People) -> None:
    anna = await people.add("1001")
    with pytest.raises(Ended) as ended:
        async with PresenceClient(people.gateway.url, "worn"):
            pass
    assert ended.value.code == CloseCode.NOT_LOGGED_IN
    given = ["worn", await people.token(anna)]
    asked: list[str | None] = []

    async def token(refused: str | None) -> str:
        asked.append(refused)
        return given.pop(0)

    async with PresenceClient(people.gateway.url, token) as client:
        assert client.me == anna
    assert asked == [None, "worn"]


async def test_the_example_tells_colours_and_answers_messages(people: People) -> None:
    await people.add("1001")
    ben = await people.add("1002", first_name="Ben", last_name="Ode")
    login = f"1001@{people.company.domain}"
    script = [sys.executable, "examples/presence_log.py", people.gateway.url, login, "--answer", "Back at two."]
    environment = {**os.environ, "PRESENCE_PASSWORD": PASSWORD, "PYTHONPATH": str(ROOT)}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*script, cwd=ROOT, env=environment, stdout=pipe)
    assert process.stdout is not None
    try:
        assert (await process.stdout.readline()).startswith(b"connected as ")
        async with await people.connect(ben) as at_ben:
            await at_ben.ask(SetDnd(on=True), Done)
            while b"1002): red, do_not_disturb" not in await process.stdout.readline():
                pass
            opened = await at_ben.ask(OpenConversation(user=UserId(1)), ConversationOpened)
            conversation = opened.conversation.conversation
            await at_ben.ask(SendMessage(conversation=conversation, client_id="question-1", body="When?"), MessageSent)
            answer = await at_ben.receives(MessageAdded, lambda event: event.message.sender != ben)
            assert answer.message.body == "Back at two."
    finally:
        process.terminate()
        await process.wait()

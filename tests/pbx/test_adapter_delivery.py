"""What an adapter sends to a gateway that takes it, refuses it, asks for more, or does not answer. Over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pbx.adapter.adapter import gateway_client
from pbx.adapter.board import Board, Leg
from pbx.adapter.clock import SteadyClock
from pbx.adapter.delivery import Delivery
from pbx.adapter.errors import GatewayRefused
from pbx.adapter.line import Line
from pbx.adapter.outbox import Outbox
from tests.support.serving import serving
from wire.ending import end
from wire.ingest import Phase, Role

WAIT = 30.0
HEARTBEAT = 0.05
PAUSE = 0.02


@dataclass
class Gateway:
    """Answers as it is told to, in order, and then by 200; remembers what it got."""

    answers: list[Response] = field(default_factory=list)
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    asks_again: bool = False
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: Request) -> Response:
        body = msgspec.json.decode(await request.body())
        async with self.changed:
            self.got.append((request.path_params["what"], body))
            self.changed.notify_all()
        if self.answers:
            return self.answers.pop(0)
        if request.path_params["what"] == "snapshots":
            return answer({"complete": body["part"] == body["parts"]})
        return answer({"ack": body["last_seq"], "resync": self.asks_again})

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(WAIT), self.changed:
            await self.changed.wait_for(holds)

    def kinds(self) -> list[str]:
        """What came: snapshots, events, or a heartbeat."""
        return ["heartbeat" if what == "events" and not body["events"] else what for what, body in self.got]

    def events(self) -> list[dict[str, Any]]:
        return [event for what, body in self.got if what == "events" for event in body["events"]]


def answer(content: object, status: int = 200, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(msgspec.json.encode(content), status, named, "application/json")


@dataclass
class Sender:
    gateway: Gateway
    board: Board
    line: Line
    delivery: Delivery
    clock: SteadyClock
    running: asyncio.Task[None]

    def call(self, name: str, phase: Phase = Phase.ACTIVE) -> None:
        self.board.leg(self.clock(), Leg(name, "1001@acme.test", Role.CALLER, phase))

    def come_up(self) -> None:
        self.line.connected()
        self.line.loaded()

    async def come_into_step(self) -> None:
        """The first snapshot, and the first heartbeat after it, have been taken."""
        self.come_up()
        await self.gateway.until(lambda: self.gateway.kinds().count("heartbeat") == 2)


@asynccontextmanager
async def sending(gateway: Gateway, *, most_waiting: int = 1_000) -> AsyncIterator[Sender]:
    app = Starlette(routes=[Route("/ingest/v1/rack-4/{what}", gateway.take, methods=["POST"])])
    async with serving(app) as url, gateway_client(url, "token") as http:
        sender = make_sender(gateway, http, most_waiting)
        try:
            yield sender
        finally:
            await end(sender.running)


def make_sender(gateway: Gateway, http: httpx2.AsyncClient, most_waiting: int) -> Sender:
    clock, wake = SteadyClock(), asyncio.Event()
    board = Board(Outbox(most_waiting), on_told=wake.set)

    def want_snapshot() -> None:
        board.must_snapshot = True
        wake.set()

    line = Line(clock, wake.set, want_snapshot)
    delivery = Delivery(
        http, "rack-4", board, line, clock, wake, heartbeat_seconds=HEARTBEAT, first_pause=PAUSE, snapshot_pause=PAUSE
    )
    return Sender(gateway, board, line, delivery, clock, asyncio.ensure_future(delivery.run()))


async def test_a_snapshot_comes_first_then_a_heartbeat_whatever_there_is_to_tell() -> None:
    async with sending(Gateway()) as sender:
        sender.call("before")
        sender.come_up()
        await sender.gateway.until(lambda: sender.gateway.got)
        sender.call("after")
        await sender.gateway.until(sender.gateway.events)
    assert sender.gateway.kinds()[:3] == ["snapshots", "heartbeat", "events"]
    (_, snapshot), (_, heartbeat), (_, batch), *_ = sender.gateway.got
    assert [call["call"] for call in snapshot["calls"]] == ["before"]
    assert (snapshot["as_of_seq"], heartbeat["last_seq"], batch["last_seq"]) == (1, 1, 2)
    assert [event["call"] for event in batch["events"]] == ["after"]


async def test_nothing_is_said_before_the_lists_have_been_read() -> None:
    async with sending(Gateway()) as sender:
        sender.line.connected()
        sender.call("half of the truth")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(sender.gateway.until(lambda: sender.gateway.got), 4 * HEARTBEAT)
        sender.line.loaded()
        await sender.gateway.until(lambda: sender.gateway.got)


async def test_what_is_told_while_the_lists_are_read_again_waits_until_they_have_been() -> None:
    async with sending(Gateway()) as sender:
        await sender.come_into_step()
        sender.line.lost()
        sender.line.connected()
        heard = len(sender.gateway.got)
        sender.call("half of the truth")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(sender.gateway.until(lambda: len(sender.gateway.got) > heard), 4 * HEARTBEAT)
        sender.line.loaded()
        await sender.gateway.until(sender.gateway.events)


async def test_a_line_that_is_lost_before_its_lists_were_ever_read_has_no_last_words() -> None:
    async with sending(Gateway()) as sender:
        sender.line.connected()
        sender.call("half of the truth")
        sender.line.lost()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(sender.gateway.until(lambda: sender.gateway.got), 4 * HEARTBEAT)


async def test_without_a_line_there_are_last_words_and_no_heartbeats() -> None:
    async with sending(Gateway()) as sender:
        await sender.come_into_step()
        sender.line.lost()
        sender.call("its last word")
        await sender.gateway.until(sender.gateway.events)
        heard = len(sender.gateway.got)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(sender.gateway.until(lambda: len(sender.gateway.got) > heard), 4 * HEARTBEAT)


@pytest.mark.parametrize(
    "first",
    [
        [answer({}, 503)],
        [answer({}, 500), answer({}, 502), answer({}, 504)],
        [answer({}, 429, Retry_After="0")],
        [answer({}, 503, Retry_After="soon")],
    ],
    ids=["503", "several", "retry-after", "retry-after in words"],
)
async def test_what_is_not_taken_now_is_sent_again_unchanged_with_a_fresh_time(first: Sequence[Response]) -> None:
    async with sending(Gateway()) as sender:
        await sender.come_into_step()
        sender.gateway.answers = list(first)
        sender.call("a")
        await sender.gateway.until(lambda: len(sender.gateway.events()) > len(first))
        sent = [body for what, body in sender.gateway.got if what == "events" and body["events"]]
    assert len(sent) == len(first) + 1
    assert all(body["events"] == sent[0]["events"] for body in sent)
    moments = [body["sent_at"] for body in sent]
    assert moments == sorted(set(moments))


async def test_a_batch_that_will_never_be_taken_is_given_up_and_the_next_one_sent() -> None:
    async with sending(Gateway()) as sender:
        await sender.come_into_step()
        sender.gateway.answers = [answer({"detail": "no"}, 422)]
        sender.call("bad")
        await sender.gateway.until(sender.gateway.events)
        sender.call("good")
        await sender.gateway.until(lambda: len(sender.gateway.events()) == 2)
    assert [event["seq"] for event in sender.gateway.events()] == [1, 2]
    assert sender.delivery.counts.refused_batches == 1


async def test_a_gateway_that_asks_gets_a_snapshot_once_the_lists_have_been_read_again() -> None:
    async with sending(Gateway()) as sender:
        await sender.come_into_step()
        sender.gateway.asks_again = True
        await asyncio.wait_for(sender.line.reread_wanted.wait(), WAIT)
        assert sender.gateway.kinds().count("snapshots") == 1
        sender.gateway.asks_again = False
        sender.line.loaded()
        await sender.gateway.until(lambda: sender.gateway.kinds().count("snapshots") == 2)
    assert sender.delivery.counts.resyncs == 1


async def test_a_token_that_is_refused_at_the_start_is_the_end() -> None:
    async with sending(Gateway(answers=[answer({"detail": "This is not the token"}, 401)])) as sender:
        sender.come_up()
        with pytest.raises(GatewayRefused, match="401 This is not the token"):
            await asyncio.wait_for(asyncio.shield(sender.running), WAIT)


async def test_a_token_that_is_refused_later_is_tried_again_after_a_minute() -> None:
    async with sending(Gateway()) as sender:
        await sender.come_into_step()
        sender.gateway.answers = [answer({"detail": "This is not the token"}, 401)]
        sender.call("a")
        await sender.gateway.until(sender.gateway.events)
        heard = len(sender.gateway.got)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(sender.gateway.until(lambda: len(sender.gateway.got) > heard), 4 * HEARTBEAT)
        assert sender.delivery.trouble == "401 This is not the token"
        assert not sender.running.done()


async def test_what_was_too_much_to_keep_is_replaced_by_a_snapshot() -> None:
    async with sending(Gateway(), most_waiting=5) as sender:
        await sender.come_into_step()
        sender.gateway.answers = [answer({}, 503)]
        for number in range(20):
            sender.call(f"a.{number}")
        await sender.gateway.until(lambda: sender.gateway.kinds().count("snapshots") == 2)
    last = next(body for what, body in reversed(sender.gateway.got) if what == "snapshots")
    assert (last["as_of_seq"], len(last["calls"])) == (20, 20)
    assert sender.board.outbox.dropped > 0


async def test_a_snapshot_that_took_too_long_is_sent_again() -> None:
    async with sending(Gateway(answers=[answer({"complete": False})])) as sender:
        sender.come_up()
        await sender.gateway.until(lambda: sender.gateway.kinds().count("snapshots") == 2)
    first, second = (body for what, body in sender.gateway.got if what == "snapshots")
    assert first["snapshot_id"] != second["snapshot_id"]


async def test_a_message_that_is_being_repeated_is_dropped_once_the_line_is_lost() -> None:
    async with sending(Gateway()) as sender:
        await sender.come_into_step()
        sender.gateway.answers = [answer({}, 503, Retry_After="0") for _ in range(100_000)]
        heard = len(sender.gateway.got)
        await sender.gateway.until(lambda: len(sender.gateway.got) > heard + 10)
        sender.line.lost()
        heard = len(sender.gateway.got)
        with pytest.raises(TimeoutError):  # but for the one that may be on its way
            await asyncio.wait_for(sender.gateway.until(lambda: len(sender.gateway.got) > heard + 1), 4 * HEARTBEAT)


async def test_at_the_end_what_is_known_is_still_sent() -> None:
    async with sending(Gateway()) as sender:
        await sender.come_into_step()
        sender.running.cancel()
        sender.call("the last one")
        assert await sender.delivery.flush(WAIT)
    assert [event["call"] for event in sender.gateway.events()] == ["the last one"]


async def test_something_else_that_answers_in_place_of_the_gateway_is_not_taken_for_one() -> None:
    async with sending(Gateway()) as sender:
        await sender.come_into_step()
        sender.gateway.answers = [Response("<html>Please log in</html>", 200)]
        sender.call("a")
        await sender.gateway.until(lambda: len(sender.gateway.events()) == 2)
    assert [event["seq"] for event in sender.gateway.events()] == [1, 1]

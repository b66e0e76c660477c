"""The adapter's own door, over real HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from pbx.adapter.board import Board
from pbx.adapter.clock import SteadyClock
from pbx.adapter.commands import Commands
from pbx.adapter.echoes import ECHO_SECONDS, Echoes
from pbx.adapter.errors import LineLost, LineRefused, NotPossible
from pbx.adapter.line import Line
from pbx.adapter.outbox import Outbox
from pbx.adapter.routes import MAX_COMMAND_BYTES, make_door
from tests.support.http import http_client
from tests.support.serving import serving

ANNA = "1001@acme.test"
TOKEN = {"Authorization": "Bearer command"}


class Reader:
    """Does as it is told, or says why not."""

    where = "a switch"

    def __init__(self) -> None:
        self.done: list[tuple[str, object]] = []
        self.problem: Exception | None = None

    async def follow(self, board: Board, line: Line) -> None:
        raise NotImplementedError

    async def set_dnd(self, board: Board, user: str, on: bool) -> None:  # noqa: ARG002
        if self.problem:
            raise self.problem
        self.done.append((user, on))

    async def renamed(self, user: str) -> None:
        self.done.append((user, "renamed"))


class Door:
    def __init__(self, http: httpx2.AsyncClient, reader: Reader, line: Line) -> None:
        self.http = http
        self.reader = reader
        self.line = line

    async def put(self, body: dict[str, Any], path: str = "/dnd", **headers: str) -> httpx2.Response:
        return await self.http.put(path, json=body, headers=headers or TOKEN)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    reader = Reader()
    line = Line(SteadyClock(), lambda: None, lambda: None)
    line.connected()
    line.loaded()
    commands = Commands(reader, Board(Outbox()), line)
    app = make_door(commands, "command", lambda: {"line": line.state.value, "gateway": "ok"})
    async with serving(app) as url, http_client(url) as http:
        yield Door(http, reader, line)


async def test_a_command_is_carried_out_once_it_was_answered(door: Door) -> None:
    assert (await door.put({"user": ANNA, "rev": 7, "on": True})).status_code == 204
    assert (await door.put({"user": ANNA, "rev": 1, "name": "Anna Berg"}, "/profile")).status_code == 204
    assert door.reader.done == [(ANNA, True), (ANNA, "renamed")]


async def test_a_command_that_is_late_changes_nothing_and_its_repetition_is_carried_out(door: Door) -> None:
    for rev, on in ((7, True), (6, False), (7, True)):
        assert (await door.put({"user": ANNA, "rev": rev, "on": on})).status_code == 204
    assert door.reader.done == [(ANNA, True), (ANNA, True)]


async def test_a_command_that_failed_is_not_taken_for_done(door: Door) -> None:
    door.reader.problem = LineLost("it broke")
    assert (await door.put({"user": ANNA, "rev": 7, "on": True})).status_code == 503
    door.reader.problem = None
    assert (await door.put({"user": ANNA, "rev": 7, "on": True})).status_code == 204
    assert door.reader.done == [(ANNA, True)]


@pytest.mark.parametrize("headers", [{"X": "y"}, {"Authorization": "Bearer guessed"}, {"Authorization": "command"}])
async def test_nobody_commands_without_the_token(door: Door, headers: dict[str, str]) -> None:
    assert (await door.put({"user": ANNA, "rev": 7, "on": True}, **headers)).status_code == 401
    assert door.reader.done == []


async def test_without_a_line_the_gateway_is_asked_to_come_again(door: Door) -> None:
    door.line.lost()
    answer = await door.put({"user": ANNA, "rev": 7, "on": True})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert (await door.http.get("/healthz")).status_code == 503


@pytest.mark.parametrize("problem", [NotPossible("nobody of ours"), LineRefused("may not")])
async def test_what_cannot_be_done_is_refused_with_the_reason(door: Door, problem: Exception) -> None:
    door.reader.problem = problem
    answer = await door.put({"user": ANNA, "rev": 7, "on": True})
    assert (answer.status_code, answer.json()["detail"]) == (422, str(problem))


@pytest.mark.parametrize(
    "body",
    [b"", b"no", b"{}", b'{"user":"x","rev":1,"on":true}', b'{"user":"1001@acme.test","rev":-1,"on":true}'],
)
async def test_what_cannot_be_read_is_refused(door: Door, body: bytes) -> None:
    assert (await door.http.put("/dnd", content=body, headers=TOKEN)).status_code == 422
    assert door.reader.done == []


async def test_what_is_too_large_is_refused(door: Door) -> None:
    body = b" " * (MAX_COMMAND_BYTES + 1)
    assert (await door.http.put("/dnd", content=body, headers=TOKEN)).status_code == 413


async def test_anybody_may_ask_how_it_is(door: Door) -> None:
    answer = await door.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"line": "up", "gateway": "ok"})


def test_only_what_the_switch_was_told_a_moment_ago_is_an_echo() -> None:
    echoes = Echoes()
    echoes.told(100.0, ANNA, True)
    assert echoes.via(101.0, ANNA, True) == "portal"
    assert echoes.via(101.0, ANNA, False) == "switch"
    assert echoes.via(101.0, "1002@acme.test", True) == "switch"
    assert echoes.via(101.0 + ECHO_SECONDS, ANNA, True) == "switch"

"""A mask over HTTP and WebSocket: what it sees, what it may not, and what is written down of it."""

from typing import Any

from storage.postgres.pool import connection
from tests.support.client import Client
from tests.support.gateway import People
from tests.support.http import http_client
from wire.commands import (
    CallPhase,
    Command,
    RegisterDevice,
    ReportCall,
    SetAvailable,
    SetDnd,
    SetStatus,
    UnregisterDevice,
)
from wire.errors import CloseCode, ErrorCode
from wire.identity import Scope
from wire.replies import Connected, DeviceRegistered, Done

_LINES = "SELECT user_id, operator_id, action, address FROM audit WHERE domain_id = $1 ORDER BY audit_id"


async def test_a_mask_lights_no_dot_rings_for_nobody_and_is_written_down(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    boss = await people.add("1900", scope=Scope.OFFICE_MANAGER)
    headers = {"Authorization": f"Bearer {await people.token(boss)}"}
    async with (
        http_client(people.gateway.url, headers=headers) as http,
        await people.connect(ben) as watcher,
    ):
        told: dict[str, Any] = (await http.post(f"/v1/users/{anna}/mask")).json()
        assert (told["me"]["user"], told["me"]["masked_by"]) == (anna, boss)
        mask = await Client.open(people.gateway.url, told["token"])
        assert (await mask.receives(Connected)).masked_by == boss
        await mask.ask(SetAvailable(available=True), Done)
        refused: list[Command] = [
            RegisterDevice(device="a", label="x"),
            UnregisterDevice(device="a"),
            ReportCall(call="c", phase=CallPhase.ACTIVE),
        ]
        for command in refused:
            assert (await mask.refused(command)).code is ErrorCode.NOT_ALLOWED
        await mask.ask(SetStatus(message="At the dentist"), Done)
        await mask.ask(SetDnd(on=True), Done)
        seen = await watcher.sees(anna, dnd=True, message="At the dentist")
        assert not seen.chat
        assert not seen.phone
        edited = await http.patch(
            "/v1/profile", json={"last_name": "Hill"}, headers={"Authorization": f"Bearer {told['token']}"}
        )
        assert edited.status_code == 200
        assert (await http.post("/v1/logout")).status_code == 204
        assert await mask.closed() == CloseCode.SESSION_ENDED
    async with connection(people.pool) as conn:
        lines = [tuple(line) for line in await conn.fetch(_LINES, people.company.domain)]
    assert lines == [
        (boss, None, "mask.begun", "127.0.0.1"),
        (anna, boss, "presence.set_status", "127.0.0.1"),
        (anna, boss, "presence.set_dnd", "127.0.0.1"),
        (anna, boss, "profile.edited", "127.0.0.1"),
    ]


async def test_what_users_do_themselves_is_nobodys_to_write_down(people: People) -> None:
    anna = await people.add("1001")
    async with await people.connect(anna) as client:
        await client.ask(SetDnd(on=True), Done)
        await client.ask(RegisterDevice(device="a", label="x"), DeviceRegistered)
    async with connection(people.pool) as conn:
        assert await conn.fetch(_LINES, people.company.domain) == []

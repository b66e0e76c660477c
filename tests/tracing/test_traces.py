"""What two gateways tell a collector of a message, a request, a switch's batch and a fault, and the log with them."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

from tests.support.client import Client, log_in
from tests.support.gateway import PASSWORD, GatewayProcess, People
from tests.support.http import http_client
from tests.support.otlp_collector import KeptSpan, collecting
from tests.support.switches import HttpSwitch
from wire.commands import GetConversation, OpenConversation, SendMessage, SetDnd
from wire.events import MessageAdded
from wire.identity import ConversationId
from wire.replies import ConversationOpened, Done, Failed, MessageSent

CAME_FROM = "0af7651916cd43dd8448eb211c80319c"


async def test_a_message_is_followed_from_the_command_over_the_commit_to_both_gateways(
    people: People, start_gateway: Callable[..., GatewayProcess]
) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with collecting() as collector:
        asked = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "LOG_LEVEL": "debug"}
        left = start_gateway(PRESENCE_GATEWAY_ID=f"left-{uuid4().hex}", **asked)
        right = left.another(PRESENCE_GATEWAY_ID=f"right-{uuid4().hex}", **asked)
        try:
            await use(people, left, right, anna, ben)
        finally:
            await asyncio.to_thread(left.stop)
            await asyncio.to_thread(right.stop)  # what waits is sent before the end
        names = {left.environment["PRESENCE_GATEWAY_ID"]: "left", right.environment["PRESENCE_GATEWAY_ID"]: "right"}

    [command] = collector.named("send_message")
    of_message = [each for each in collector.spans if each.trace == command.trace]
    assert [(each.name, each.parent) for each in of_message if each is command] == [("send_message", "")]
    [commit] = [each for each in of_message if each.name == "commit message"]
    [announced] = [each for each in of_message if each.name == "announce"]
    assert (commit.parent, commit.about["presence.seq"]) == (command.span, 1)
    assert announced.parent == command.span
    told = [each for each in of_message if each.name == "fan out"]
    assert {names[each.gateway] for each in told} == {"left", "right"}
    assert {each.parent for each in told} == {announced.span}
    assert command.about["presence.user"] == anna

    [refused] = collector.named("get_conversation")
    assert refused.about["presence.refused"] == "not_found"
    [dnd] = collector.named("set_dnd")
    assert dnd.span in {each.parent for each in collector.named("report facts")}

    [request] = [each for each in collector.spans if each.trace == CAME_FROM]
    assert (request.name, request.about["http.response.status_code"]) == ("GET /v1/profile", 401)
    [batch] = [each for each in collector.named("take batch") if each.about["presence.events"] == 1]
    assert name_of_parent(collector.spans, batch) == "POST /ingest/v1/{source}/events"
    assert batch.about["presence.applied"] == 1

    lines = [
        line for line in list(left.log) if line.get("event") == "http_request" and line.get("route") == "/v1/profile"
    ]
    assert [line["trace_id"] for line in lines] == [CAME_FROM]
    assert not [each for each in collector.spans if "/healthz" in each.name]


async def use(people: People, left: GatewayProcess, right: GatewayProcess, anna: int, ben: int) -> None:
    tokens = [await log_in(left.url, f"{each}@{people.company.domain}", PASSWORD) for each in ("1001", "1002")]
    async with await Client.open(left.url, tokens[0]) as a, await Client.open(right.url, tokens[1]) as b:
        opened = await a.ask(OpenConversation(user=ben), ConversationOpened)  # type: ignore[arg-type]
        conversation = opened.conversation.conversation
        await a.ask(SendMessage(conversation=conversation, client_id=uuid4().hex, body="hello"), MessageSent)
        await b.receives(MessageAdded)
        await a.receives(MessageAdded)
        await a.ask(SetDnd(on=True), Done)
        await a.ask(GetConversation(conversation=ConversationId(999_999)), Failed)
    async with await HttpSwitch.add(people.pool, left.url, people.company.domain) as switch:
        await switch.send(switch.device_up(f"1001@{people.company.domain}"))
    async with http_client(left.url) as http:
        await http.get("/healthz")
        await http.get("/v1/profile", headers={"traceparent": f"00-{CAME_FROM}-b7ad6b7169203331-01"})


def name_of_parent(spans: list[KeptSpan], span: KeptSpan) -> str:
    return next(each.name for each in spans if each.span == span.parent)


def test_without_an_endpoint_nothing_of_it_is_loaded() -> None:
    import subprocess
    import sys

    program = (
        "import sys, settings, gateway\n"
        "app = gateway.create_app(settings.load({}))\n"
        "assert gateway.Parts() == gateway._parts_with(None)\n"
        "assert not [name for name in sys.modules if name.startswith(('opentelemetry.exporter', 'tracing'))]"
    )
    subprocess.run([sys.executable, "-c", program], check=True)

"""Contacts over real connections: what is changed through one gateway is seen through another, also by who was away."""

from collections.abc import Callable

import httpx2
import pytest

from tests.support.client import Client
from tests.support.gateway import GatewayProcess, People
from tests.support.http import http_client
from wire.commands import Connect, GetCoworkers, LookUpNumber
from wire.contacts import ContactsPosition
from wire.events import ContactsChanged, ImportChanged
from wire.identity import Scope, UserId
from wire.imports import ImportStatus
from wire.replies import Connected, CoworkersFound, NumberLookedUp


@pytest.fixture(scope="module")
def other(start_gateway: Callable[..., GatewayProcess]) -> GatewayProcess:
    return start_gateway()


async def over_http(people: People, user: UserId) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {await people.token(user)}"}
    return http_client(people.gateway.url, headers=headers)


async def connect(
    people: People, user: UserId, gateway: GatewayProcess, position: ContactsPosition | None = None
) -> tuple[Client, Connected]:
    client = await Client.open(gateway.url)
    token = await people.token(user)
    connected = await client.ask(Connect(token=token, contacts=position), Connected)
    return client, connected


async def test_a_change_through_one_gateway_is_told_by_another_and_to_who_was_away(
    people: People, other: GatewayProcess
) -> None:
    boss = await people.add("1050", scope=Scope.OFFICE_MANAGER)
    anna = await people.add("1001")
    client, connected = await connect(people, anna, other)
    async with client, await over_http(people, boss) as http:
        made = await http.post("/v1/contacts", json={"first_name": "Nora", "last_name": "Lind", "shared": True})
        event = await client.receives(ContactsChanged)
        assert (event.shared, event.since, event.rev) == (True, connected.contacts.shared, made.json()["rev"])
        assert event.contacts[0].first_name == "Nora"
    async with await over_http(people, boss) as http, await over_http(people, anna) as mine:
        contact = made.json()["contact"]
        await http.patch(f"/v1/contacts/{contact}", json={"rev": event.rev, "company": "Alder"})
        await mine.post("/v1/contacts", json={"first_name": "Mum"})
        await mine.put(f"/v1/favourites/contact/{contact}")
    again, connected = await connect(people, anna, people.gateway, ContactsPosition(event.rev, 0))
    async with again:
        shared = await again.receives(ContactsChanged, lambda each: each.shared)
        own = await again.receives(ContactsChanged, lambda each: not each.shared)
        assert [each.company for each in shared.contacts] == ["Alder"]
        assert [each.first_name for each in own.contacts] == ["Mum"]
        assert [each.target for each in own.favourites] == [contact]
        assert ContactsPosition(shared.rev, own.rev) == connected.contacts
    nothing, connected = await connect(people, anna, other, connected.contacts)
    async with nothing:
        found = await nothing.ask(LookUpNumber(number="1050"), NumberLookedUp)
        assert [each.coworker.user for each in found.found.matches if each.coworker] == [boss]
        assert not any(isinstance(each, ContactsChanged) for each in nothing.messages), "there was nothing to tell"


async def test_an_import_tells_how_far_it_is_to_its_user_alone_on_any_gateway(
    people: People, other: GatewayProcess
) -> None:
    boss = await people.add("1050", scope=Scope.OFFICE_MANAGER)
    anna = await people.add("1001")
    client, _ = await connect(people, boss, other)
    stranger, _ = await connect(people, anna, other)
    cards = "".join(
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lind;P{number};;;\r\nFN:P{number} Lind\r\nEND:VCARD\r\n"
        for number in range(400)
    )
    async with client, stranger, await over_http(people, boss) as http:
        began = await http.post("/v1/contacts/imports?shared=true&name=people.vcf", content=cards.encode())
        assert began.status_code == 201, began.text
        ready = await client.receives(ImportChanged, lambda each: each.change.status is ImportStatus.READY)
        assert ready.change.counts.create == 400
        address = f"/v1/contacts/imports/{ready.change.id}"
        assert (await http.post(f"{address}/apply")).status_code == 202
        await client.receives(ImportChanged, lambda each: each.change.status is ImportStatus.APPLIED)
        gap = await stranger.receives(ContactsChanged)
        assert (gap.contacts, gap.since) == ([], gap.rev), "too much to be told: whoever looks asks"
        assert not any(isinstance(each, ImportChanged) for each in stranger.messages)
        async with await over_http(people, anna) as mine:
            changes = (await mine.get("/v1/contacts/changes?limit=500")).json()
            assert len(changes["contacts"]) == 400
            assert (await mine.get(address)).status_code == 404


async def test_names_are_asked_for_over_the_connection(people: People) -> None:
    anna = await people.add("1001")
    ben = await people.add("1002", first_name="Ben")
    client, connected = await connect(people, anna, people.gateway)
    async with client:
        assert connected.listing_everybody
        found = await client.ask(GetCoworkers(users=[ben, UserId(4711)]), CoworkersFound)
        assert [each.first_name for each in found.coworkers] == ["Ben"]
        assert found.missing == [4711]
        assert found.rev == connected.directory_rev

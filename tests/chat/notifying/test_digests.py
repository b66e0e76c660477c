"""Digests of what was unread for a while: when, to whom, how often, and what happens when something dies."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from chat.notifying.service import CLAIM, DigestService, NotificationService
from chat.service import ChatService
from mail.model import Mail, MailRefused
from storage.postgres.notifying import PostgresNotifyingStore
from storage.postgres.pool import Pool, connection
from tests.support.chat import make_client_id
from tests.support.company import Company
from wire.errors import Unavailable
from wire.http import NotificationSettingsEdit
from wire.identity import Caller, ConversationId, DomainId


class Postman:
    """Takes mails. `trouble` is raised instead; `is_slow`: waits until it is let go on."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.trouble: Exception | None = None
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def send(self, mail: Mail) -> None:
        await self.goes_on.wait()
        if self.trouble:
            raise self.trouble
        self.mails.append(mail)


class Always:
    async def take(self, _job: str, _seconds: float) -> bool:
        return True


class OneDomain(PostgresNotifyingStore):
    """Leaves the domains of other tests alone."""

    def __init__(self, pool: Pool, domain: DomainId) -> None:
        super().__init__(pool)
        self.domain = domain

    async def domains(self) -> list[DomainId]:
        return [self.domain]


class Office:
    """Anna, who writes, and Ben and Carol, who have addresses. `later` turns the clock on and sends what is due."""

    def __init__(self, pool: Pool, chat: ChatService, company: Company) -> None:
        self.pool = pool
        self.chat = chat
        self.company = company
        self.postman = Postman()
        self.now = datetime.now(UTC)
        self.store = OneDomain(pool, company.domain)
        self.digests = self.gateway()
        self.people: dict[str, Caller] = {}

    def gateway(self) -> DigestService:
        return DigestService(self.store, self.postman, Always(), "https://chat.example", lambda: self.now)

    async def add(self, name: str, *emails: str, language: str = "") -> None:
        extension = str(1001 + len(self.people))
        user = await self.company.add(extension, first_name=name, last_name="", emails=list(emails), language=language)
        self.people[name] = self.company.caller(user)

    async def talk(self, one: str, other: str) -> ConversationId:
        return (await self.chat.open_conversation(self.people[one], self.people[other].user)).conversation

    async def say(self, conversation: ConversationId, body: str, who: str = "Anna") -> int:
        kept = await self.chat.send(self.people[who], conversation, make_client_id(), body)
        return kept.message.seq

    async def later(self, minutes: float) -> list[Mail]:
        self.now += timedelta(minutes=minutes)
        return await self.round()

    async def round(self) -> list[Mail]:
        before = len(self.postman.mails)
        await self.digests.send_due()
        return self.postman.mails[before:]

    async def execute(self, statement: str, *values: object) -> None:
        async with connection(self.pool) as conn:
            await conn.execute(statement, self.company.domain, *values)


@pytest.fixture
async def office(pool: Pool, chat: ChatService) -> Office:
    made = Office(pool, chat, await Company.make(pool))
    await made.add("Anna")
    await made.add("Ben", "ben@example.test", "other@example.test")
    await made.add("Carol", "carol@example.test")
    return made


async def test_what_was_unread_for_ten_minutes_is_told_once(office: Office) -> None:
    conversation = await office.talk("Anna", "Ben")
    await office.say(conversation, "Are you there?")
    assert await office.later(9) == []
    (mail,) = await office.later(2)
    assert (mail.to, mail.subject) == ("ben@example.test", "1 unread message from Anna")
    assert "Are you there?" in mail.text
    assert f"https://chat.example/app/chats/{conversation}" in mail.text
    assert await office.later(120) == []


async def test_a_coworker_is_called_as_the_reader_calls_them_and_by_nobody_else_so(office: Office) -> None:
    await office.execute(
        """INSERT INTO contact_overlays (domain_id, user_id, coworker_id, first_name, rev)
        VALUES ($1, $2, $3, 'Annie', 1)""",
        office.people["Ben"].user,
        office.people["Anna"].user,
    )
    for reader in ("Ben", "Carol"):
        await office.say(await office.talk("Anna", reader), "Are you there?")
    mails = {mail.to: mail for mail in await office.later(11)}
    assert mails["ben@example.test"].subject == "1 unread message from Annie"
    assert "Annie" in mails["ben@example.test"].text
    assert "Annie" not in mails["carol@example.test"].subject + mails["carol@example.test"].text


async def test_a_digest_speaks_the_language_of_its_reader(office: Office) -> None:
    await office.add("Dora", "dora@example.test", language="de")
    conversation = await office.talk("Anna", "Dora")
    seq = await office.say(conversation, "x")
    await office.execute(
        "UPDATE messages SET body = '', files = $4 WHERE domain_id = $1 AND conversation_id = $2 AND seq = $3",
        conversation,
        seq,
        [{"file": "f", "name": "notes.txt", "size": 1, "media_type": "text/plain"}] * 2,
    )
    (mail,) = await office.later(11)
    assert mail.subject == "1 ungelesene Nachricht von Anna"
    assert "(2 Dateien)" in mail.text
    assert "bei A Company 10 Minuten lang ungelesen" in mail.text


@pytest.mark.parametrize(("own", "title"), [("", "1 ungelesene Nachricht von"), ("en", "1 unread message from")])
async def test_where_no_language_is_known_a_digest_speaks_that_of_the_company(
    office: Office, own: str, title: str
) -> None:
    await office.execute("UPDATE domains SET language = 'de' WHERE domain_id = $1")
    await office.add("Dora", "dora@example.test", language=own)
    await office.say(await office.talk("Anna", "Dora"), "x")
    (mail,) = await office.later(11)
    assert mail.subject.startswith(title)


async def test_what_was_read_is_not_told(office: Office) -> None:
    conversation = await office.talk("Anna", "Ben")
    seq = await office.say(conversation, "Are you there?")
    await office.chat.marks.mark_read(office.people["Ben"], conversation, seq)
    assert await office.later(11) == []


async def test_it_is_one_digest_and_not_a_flood(office: Office) -> None:
    first, second = await office.talk("Anna", "Ben"), await office.talk("Carol", "Ben")
    for number in range(30):
        await office.say(first, f"message {number}")
    await office.say(second, "and I", who="Carol")
    (mail,) = await office.later(11)
    assert mail.subject == "31 unread messages in 2 conversations"
    assert "message 29" in mail.text
    assert "message 26" not in mail.text, "the last three of each are enough"
    await office.say(first, "one more")
    assert await office.later(15) == [], "at most one an hour"
    (mail,) = await office.later(46)
    assert mail.subject == "1 unread message from Anna"
    assert "one more" in mail.text


async def test_a_user_says_after_how_long_or_never(office: Office) -> None:
    settings = NotificationService(office.store)
    ben = office.people["Ben"]
    assert (await settings.settings(ben)).email_minutes == 10
    await settings.edit(ben, NotificationSettingsEdit(email_minutes=60))
    await office.say(await office.talk("Anna", "Ben"), "hello")
    assert await office.later(59) == []
    assert len(await office.later(2)) == 1
    await settings.edit(ben, NotificationSettingsEdit(email_minutes=0))
    await office.say(await office.talk("Anna", "Ben"), "hello again")
    assert await office.later(300) == []


async def test_who_does_not_want_to_be_disturbed_is_told_afterwards(office: Office) -> None:
    dnd = """
        INSERT INTO presence_settings (domain_id, user_id, dnd) VALUES ($1, $2, $3)
        ON CONFLICT (domain_id, user_id) DO UPDATE SET dnd = $3
    """
    await office.execute(dnd, office.people["Ben"].user, True)
    await office.say(await office.talk("Anna", "Ben"), "hello")
    assert await office.later(30) == []
    await office.execute(dnd, office.people["Ben"].user, False)
    assert len(await office.round()) == 1


async def test_a_muted_conversation_is_told_only_for_a_mention(office: Office) -> None:
    conversation = await office.talk("Anna", "Ben")
    ben = office.people["Ben"].user
    await office.execute(
        "UPDATE conversation_members SET muted = true WHERE domain_id = $1 AND conversation_id = $2 AND user_id = $3",
        conversation,
        ben,
    )
    await office.say(conversation, "chatter")
    assert await office.later(11) == []
    seq = await office.say(conversation, "Ben, please")
    await office.execute(
        "UPDATE messages SET details = $4 WHERE domain_id = $1 AND conversation_id = $2 AND seq = $3",
        conversation,
        seq,
        {"mentions": [ben]},
    )
    (mail,) = await office.later(11)
    assert mail.subject == "1 unread message from Anna"
    assert "chatter" not in mail.text


async def test_only_a_verified_address_is_written_to(office: Office) -> None:
    await office.execute("UPDATE user_emails SET verified = false WHERE domain_id = $1 AND position = 1")
    await office.say(await office.talk("Anna", "Ben"), "hello")
    await office.say(await office.talk("Anna", "Carol"), "hello")
    assert [mail.to for mail in await office.later(11)] == ["other@example.test"]


async def test_nobody_is_told_of_what_they_left(office: Office) -> None:
    conversation = await office.talk("Anna", "Ben")
    await office.say(conversation, "hello")
    await office.execute(
        "UPDATE conversation_members SET left_at = now() WHERE domain_id = $1 AND user_id = $2",
        office.people["Ben"].user,
    )
    assert await office.later(11) == []


async def test_of_many_gateways_one_sends(office: Office) -> None:
    await office.say(await office.talk("Anna", "Ben"), "hello")
    office.now += timedelta(minutes=11)
    sent = await asyncio.gather(*(office.gateway().send_due() for _ in range(8)))
    assert sum(sent) == len(office.postman.mails) == 1


async def test_what_a_dying_gateway_had_under_way_is_sent_by_another(office: Office) -> None:
    await office.say(await office.talk("Anna", "Ben"), "hello")
    office.now += timedelta(minutes=11)
    office.postman.goes_on.clear()
    dying = asyncio.create_task(office.digests.send_due())
    async with asyncio.timeout(60):
        while not await claims(office):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    office.postman.goes_on.set()
    assert await office.gateway().send_due() == 0, "it may still be on its way"
    office.now += CLAIM
    assert await office.gateway().send_due() == 1
    assert len(office.postman.mails) == 1


@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(days=365)])
async def test_a_clock_that_was_ahead_for_a_moment_keeps_nobody_from_being_told_later(
    office: Office, ahead: timedelta
) -> None:
    right = office.now
    conversation = await office.talk("Anna", "Ben")
    office.now += timedelta(minutes=11)
    await office.say(conversation, "hello")
    await office.execute("UPDATE conversations SET updated_at = $2 WHERE domain_id = $1", right + ahead)
    office.now = right + ahead
    assert len(await office.round()) == 1
    await office.execute("UPDATE notification_settings SET claimed_until = $2 WHERE domain_id = $1", office.now + CLAIM)
    office.now = right
    await office.execute("UPDATE conversations SET updated_at = $2 WHERE domain_id = $1", right)
    await office.say(conversation, "are you there?")
    (mail,) = await office.later(11)
    assert "are you there?" in mail.text


async def claims(office: Office) -> int:
    async with connection(office.pool) as conn:
        count: int = await conn.fetchval(
            "SELECT count(*) FROM notification_settings WHERE domain_id = $1 AND claimed_until > $2",
            office.company.domain,
            office.now,
        )
    return count


async def test_a_server_that_cannot_take_it_now_gets_it_later(office: Office) -> None:
    await office.say(await office.talk("Anna", "Ben"), "hello")
    office.postman.trouble = Unavailable("later")
    assert await office.later(11) == []
    office.postman.trouble = None
    assert await office.later(1) == []
    assert len(await office.later(5)) == 1


async def test_an_address_that_is_refused_for_good_is_not_tried_for_ever(office: Office) -> None:
    await office.say(await office.talk("Anna", "Ben"), "hello")
    office.postman.trouble = MailRefused("no such person")
    await office.later(11)
    office.postman.trouble = None
    assert await office.later(70) == []
    await office.say(await office.talk("Anna", "Ben"), "another")
    assert len(await office.later(11)) == 1


async def test_a_file_without_words_is_told_too(office: Office) -> None:
    conversation = await office.talk("Anna", "Ben")
    seq = await office.say(conversation, "x")
    file = {"file": "x" * 22, "name": "a.pdf", "media_type": "application/pdf", "size": 1}
    await office.execute(
        "UPDATE messages SET body = '', files = $4 WHERE domain_id = $1 AND conversation_id = $2 AND seq = $3",
        conversation,
        seq,
        [file],
    )
    (mail,) = await office.later(11)
    assert "(1 file)" in mail.text

import asyncio
from datetime import UTC, datetime

from chat.text import clean_body
from cli.demo_company import PEOPLE
from cli.demo_conversations import TALKS, create
from storage.postgres.chat import PostgresChatStore
from storage.postgres.pool import Pool
from tests.support.chat import message
from tests.support.company import Company
from wire.identity import DomainId, UserId

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


async def make_company(pool: Pool) -> tuple[Company, dict[str, UserId]]:
    company = await Company.make(pool)
    extensions = sorted({extension for talk in TALKS for extension in talk.people})
    return company, {extension: await company.add(extension) for extension in extensions}


async def test_of_several_starts_at_once_one_adds_the_conversations(database_url: str, pool: Pool) -> None:
    company, users = await make_company(pool)
    added = await asyncio.gather(*(create(database_url, company.domain, NOW) for _ in range(3)))
    assert sorted(added) == [0, 0, len(TALKS)]
    assert await create(database_url, company.domain, NOW) == 0
    mine = await PostgresChatStore(pool).conversations(company.domain, users["1001"], None, 50)
    assert len(mine) == len([talk for talk in TALKS if "1001" in talk.people])


async def test_they_are_as_if_they_had_been_written(database_url: str, pool: Pool) -> None:
    company, users = await make_company(pool)
    await create(database_url, company.domain, NOW)
    store = PostgresChatStore(pool)
    for talk in TALKS:
        first, second = (users[extension] for extension in talk.people)
        for user, unread_lines in ((first, talk.unread[0]), (second, talk.unread[1])):
            found = await store.find_direct(company.domain, user, second if user == first else first)
            assert found is not None
            assert found.last_seq == len(talk.lines)
            assert found.unread == unread_lines
            assert found.last_message is not None
            assert found.updated_at == found.last_message.sent_at
            assert found.updated_at < NOW
            lines = await store.messages_after(company.domain, user, found.conversation, 0, 100)
            assert [(each.seq, each.body) for each in lines] == list(enumerate((text for *_, text in talk.lines), 1))
            assert [each.sent_at for each in lines] == sorted(each.sent_at for each in lines)


async def test_they_go_on_where_they_stopped(database_url: str, pool: Pool) -> None:
    company, users = await make_company(pool)
    await create(database_url, company.domain, NOW)
    store = PostgresChatStore(pool)
    first, second = (users[extension] for extension in TALKS[0].people)
    found = await store.find_direct(company.domain, first, second)
    assert found is not None
    kept = await store.append(message(company.domain, found.conversation, second, "and it goes on"))
    assert kept.message.seq == len(TALKS[0].lines) + 1
    found = await store.find_direct(company.domain, first, second)
    assert found is not None
    assert found.unread == TALKS[0].unread[0] + 1


async def test_a_domain_without_these_people_gets_none(database_url: str, pool: Pool) -> None:
    company = await Company.make(pool)
    assert await create(database_url, company.domain) == 0
    assert await create(database_url, DomainId("nowhere.test")) == 0


def test_everybody_who_writes_is_in_the_demo_company_and_unread_lines_are_the_others() -> None:
    extensions = {person.extension for person in PEOPLE}
    for talk in TALKS:
        assert set(talk.people) <= extensions
        assert [clean_body(text) for *_, text in talk.lines] == [text for *_, text in talk.lines]
        for reader, unread in enumerate(talk.unread):
            assert all(who != reader for _, who, _ in talk.lines[len(talk.lines) - unread :])

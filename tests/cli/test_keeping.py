"""An operator sets how long messages are kept and how much room files take, exports, and deletes a user's data."""

import json
from pathlib import Path

import pytest

from storage.embedded import EmbeddedServers
from storage.postgres.chat import PostgresChatStore
from storage.postgres.pool import Pool, connection
from tests.support.chat import make_client_id, make_company, message
from tests.support.ears import Ear, running_bus
from tests.support.operator import Operator
from wire.codec import Subprotocol, decode_server_message
from wire.events import MessageChanged


@pytest.fixture
def redis_url(servers: EmbeddedServers) -> str:
    return servers.redis_url


async def test_retention_is_set_shown_and_taken_back(database_url: str, redis_url: str, pool: Pool) -> None:
    operator = Operator(database_url, redis_url, "retention")
    company, _ = await make_company(pool, 1)
    assert (await operator.types("set", company.domain.upper(), "90")).output == (
        "kept for 90 days (before: kept for ever)\n"
    )
    assert f"{company.domain}\t90\n" in (await operator.types("list")).output
    assert "before: kept for 90 days" in (await operator.types("set", company.domain, "forever")).output
    assert company.domain not in (await operator.types("list")).output


@pytest.mark.parametrize("days", ["0", "-1", "36501", "soon", "1.5", "²"])
async def test_retention_takes_days_only(database_url: str, redis_url: str, days: str) -> None:
    result = await Operator(database_url, redis_url, "retention").types("set", "a.test", "--", days)
    assert result.exit_code == 2
    assert "a number of days from 1 to 36500, or forever" in result.output


async def test_a_domain_that_is_not_there_is_named(database_url: str, redis_url: str) -> None:
    result = await Operator(database_url, redis_url, "retention").types("set", "nowhere.test", "30")
    assert (result.exit_code, result.output) == (1, "Error: There is no domain nowhere.test\n")


async def test_an_operator_exports_a_conversation_and_the_audit_says_so(
    database_url: str, redis_url: str, pool: Pool
) -> None:
    operator = Operator(database_url, redis_url, "chat")
    company, (anna, ben) = await make_company(pool, 2)
    store = PostgresChatStore(pool)
    conversation = (await store.open_direct(company.domain, anna, ben)).conversation.conversation
    await store.append(message(company.domain, conversation, anna, "for the court"))
    await store.close()
    told = json.loads((await operator.types("export", company.domain, str(conversation))).output)
    assert [each["body"] for each in told["messages"]] == ["for the court"]
    text = (await operator.types("export", company.domain, str(conversation), "--format", "text")).output
    assert "User 1001: for the court" in text
    async with connection(pool) as conn:
        lines = await conn.fetch(
            "SELECT target FROM audit WHERE domain_id = $1 AND action = 'chat.exported'", company.domain
        )
    assert [line["target"] for line in lines] == [f"conversation:{conversation}"] * 2
    missing = await operator.types("export", company.domain, "999")
    assert missing.exit_code == 1


@pytest.mark.parametrize("with_messages", [False, True])
async def test_a_user_is_deleted_with_the_users_data(
    database_url: str, redis_url: str, pool: Pool, with_messages: bool
) -> None:
    operator = Operator(database_url, redis_url, "user")
    company, (anna, ben) = await make_company(pool, 2)
    store = PostgresChatStore(pool)
    conversation = (await store.open_direct(company.domain, anna, ben)).conversation.conversation
    await store.append(message(company.domain, conversation, anna, "my secret", make_client_id()))
    await store.append(message(company.domain, conversation, ben, "stays", make_client_id()))
    words = ["erase", company.domain, "1001", "--yes", *(["--messages"] if with_messages else [])]
    result = await operator.types(*words)
    assert result.stdout == f"deleted 1001@{company.domain}{', 1 messages emptied' if with_messages else ''}\n"
    first, second = await store.messages_after(company.domain, ben, conversation, 0, 10)
    assert (first.body, first.deleted_at is not None, first.rev) == (
        ("", True, 1) if with_messages else ("my secret", False, 0)
    )
    assert second.body == "stays"
    listed = (await store.conversations(company.domain, ben, None, 10))[0]
    assert listed.last_rev == (1 if with_messages else 0)
    async with connection(pool) as conn:
        row = await conn.fetchrow("SELECT * FROM users WHERE domain_id = $1 AND user_id = $2", company.domain, anna)
        actions = await conn.fetchval("SELECT array_agg(action) FROM audit WHERE domain_id = $1", company.domain)
    assert row is not None
    assert (row["first_name"], row["last_name"], row["password_hash"]) == ("", "", None)
    assert row["deleted_at"] is not None
    assert actions == ["user.erased"]
    again = await operator.types(*words)
    assert (again.exit_code, again.stderr) == (1, f"Error: There is no user 1001 in {company.domain}\n")
    await store.close()


async def test_who_is_connected_is_told_that_words_are_gone(database_url: str, redis_url: str, pool: Pool) -> None:
    company, (anna, ben) = await make_company(pool, 2)
    store = PostgresChatStore(pool)
    conversation = (await store.open_direct(company.domain, anna, ben)).conversation.conversation
    for body in ("one", "two", "three"):
        await store.append(message(company.domain, conversation, anna, body, make_client_id()))
    await store.close()
    ear = Ear()
    async with running_bus(redis_url, redis_url) as bus:
        await bus.follow(company.domain, ear)
        await Operator(database_url, redis_url, "user").types("erase", company.domain, "1001", "--yes", "--messages")
        # The end of the logins, the colour, the directory, and then:
        told = (await ear.hears(4))[3]
    assert isinstance(told, tuple)
    to, event = told
    changed = decode_server_message(event, Subprotocol.JSON)
    assert isinstance(changed, MessageChanged)
    assert to == [anna, ben]
    assert (changed.message.seq, changed.message.body) == (3, "")
    assert changed.message.rev == 3, "by which a client knows that it lacks the changes before"


async def test_what_is_kept_of_a_user_is_written_for_that_user_alone_and_the_audit_says_so(
    database_url: str, redis_url: str, pool: Pool, tmp_path: Path
) -> None:
    company, (anna, ben) = await make_company(pool, 2)
    store = PostgresChatStore(pool)
    conversation = (await store.open_direct(company.domain, anna, ben)).conversation.conversation
    await store.append(message(company.domain, conversation, anna, "of Anna", make_client_id()))
    await store.append(message(company.domain, conversation, ben, "of Ben", make_client_id()))
    await store.close()
    operator = Operator(database_url, redis_url, "user")
    file, other = tmp_path / "anna.jsonl", tmp_path / "nobody.jsonl"
    result = await operator.types("take-out", company.domain, "1001", "-o", str(file))
    kept = [json.loads(line) for line in file.read_text().splitlines()]
    assert result.stderr == f"{len(kept)} things\n"
    assert [each["kept"]["body"] for each in kept if each["what"] == "message"] == ["of Anna"]
    assert [each["kept"]["user_id"] for each in kept if each["what"] == "profile"] == [anna]
    assert [each["kept"]["action"] for each in kept if each["what"] == "audit"] == ["user.taken_out"]
    missing = await operator.types("take-out", company.domain, "1009", "-o", str(other))
    assert (missing.exit_code, missing.stderr) == (1, f"Error: There is no user 1009 in {company.domain}\n")
    assert not other.exists()
    assert file.stat().st_mode & 0o777 == 0o600


async def test_deleting_a_user_asks_first(database_url: str, redis_url: str, pool: Pool) -> None:
    company, (anna,) = await make_company(pool, 1)
    result = await Operator(database_url, redis_url, "user").types("erase", company.domain, "1001")
    assert result.exit_code == 1
    async with connection(pool) as conn:
        kept = await conn.fetchval(
            "SELECT first_name FROM users WHERE domain_id = $1 AND user_id = $2", company.domain, anna
        )
    assert kept == "User"


async def test_a_quota_of_files_is_set_shown_and_taken_back(database_url: str, redis_url: str, pool: Pool) -> None:
    operator = Operator(database_url, redis_url, "files")
    company, _ = await make_company(pool, 1)
    assert (await operator.types("quota", company.domain.upper(), "2.5")).output == "2.5 GB (before: default)\n"
    assert f"{company.domain}\t0 bytes\t2.5 GB\n" in (await operator.types("usage")).output
    assert "unlimited (before: 2.5 GB)" in (await operator.types("quota", company.domain, "unlimited")).output
    assert "before: unlimited" in (await operator.types("quota", company.domain, "default")).output
    missing = await operator.types("quota", "nowhere.test", "1")
    assert (missing.exit_code, missing.output) == (1, "Error: There is no domain nowhere.test\n")


@pytest.mark.parametrize("gigabytes", ["0", "-1", "nan", "inf", "much", "1e9"])
async def test_a_quota_takes_gigabytes_only(database_url: str, redis_url: str, gigabytes: str) -> None:
    result = await Operator(database_url, redis_url, "files").types("quota", "a.test", "--", gigabytes)
    assert result.exit_code == 2
    assert "gigabytes from 0.001" in result.output

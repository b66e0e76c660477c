"""Fifty clients in ten conversations over three gateways, and everything that can die dies while they talk.

What was acknowledged is there exactly once, in the same order for everybody, with numbers without gaps; and every
client ends up showing what one would show that has never been here: messages, edits, reactions, members, marks, unread.
"""

import asyncio
import os
import random
from collections.abc import Callable

from storage.embedded import EmbeddedServers
from storage.postgres.migrate import migrate
from storage.postgres.pool import Pool, open_pool
from tests.support.company import Company
from tests.support.gateway import GatewayProcess, People
from tests.support.talker import Shown, Talker
from wire.commands import (
    AddMembers,
    Command,
    CreateGroup,
    DeleteMessage,
    EditMessage,
    LeaveGroup,
    MarkDelivered,
    MarkRead,
    OpenConversation,
    React,
    RemoveMember,
    RenameGroup,
    SetMuted,
)
from wire.identity import ConversationId, UserId
from wire.records import ConversationKind, History
from wire.replies import ConversationOpened

PEOPLE = 25
CLIENTS_EACH = 2
DIRECT, GROUPS = 5, 5
PAUSE = 0.4
"""Seconds between two actions of one client, on average."""
AGREE_WITHIN = 90.0
STORM_WITHIN = 180.0

Acknowledged = dict[tuple[UserId, str], tuple[ConversationId, int, str]]


class Storm:
    """The gateways and clients of one run. `seed` makes it repeatable, but for what the machine does in between."""

    def __init__(self, servers: EmbeddedServers, seed: int) -> None:
        self.servers = servers
        self.choice = random.Random(seed)  # noqa: S311
        self.gateways = [self.start() for _ in range(3)]
        self.talkers: list[Talker] = []
        self.acknowledged: Acknowledged = {}
        self.over = asyncio.Event()
        self.sent = asyncio.Condition()

    def start(self) -> GatewayProcess:
        return GatewayProcess(self.servers.database_url, self.servers.redis_url)

    async def fill(self, people: People) -> None:
        users = [await people.add(str(1001 + number)) for number in range(PEOPLE)]
        tokens = {user: await people.token(user) for user in users}
        for user in users:
            for _ in range(CLIENTS_EACH):
                self.talkers.append(Talker(user, tokens[user], lambda: self.gateways, self.choice))
        for nth in range(DIRECT):
            await self.talkers[2 * nth].ask(OpenConversation(user=users[nth + 10]))
        for nth in range(GROUPS):
            members = self.choice.sample(users, 8)
            made = CreateGroup(
                client_id=f"storm-group-{nth}",
                name=f"Group {nth}",
                users=members,
                history=self.choice.choice(list(History)),
            )
            assert isinstance(await self.talkers[3 * nth].ask(made), ConversationOpened)

    # ------------------------------------------------------------ talking

    async def talk(self, talker: Talker) -> None:
        nth = 0
        while not self.over.is_set():
            await asyncio.sleep(self.choice.uniform(0, 2 * PAUSE))
            if not talker.known.threads:
                continue
            conversation = self.choice.choice(list(talker.known.threads))
            if self.choice.random() < 0.6:
                body = f"{talker.me} says {nth} to {conversation}"
                nth += 1
                sent = await talker.send(conversation, body)
                if sent is not None:
                    client_id, seq = sent
                    self.acknowledged[talker.me, client_id] = conversation, seq, body
                    async with self.sent:
                        self.sent.notify_all()
            else:
                await talker.ask(self.something_else(talker, conversation))

    def something_else(self, talker: Talker, conversation: ConversationId) -> Command:
        choice = self.choice
        thread = talker.known.threads[conversation]
        seq = choice.choice([*thread.messages, thread.last_seq])
        own = [each.seq for each in thread.messages.values() if each.sender == talker.me]
        mine = choice.choice(own) if own else seq
        anybody = choice.choice(self.talkers).me
        commands: list[Command] = [
            EditMessage(conversation=conversation, seq=mine, body=f"edited {choice.random()}"),
            EditMessage(conversation=conversation, seq=mine, body=f"edited {choice.random()}"),
            DeleteMessage(conversation=conversation, seq=mine),
            React(conversation=conversation, seq=seq, emoji=choice.choice("👍❤👀"), on=choice.random() < 0.7),
            React(conversation=conversation, seq=seq, emoji=choice.choice("👍❤👀"), on=choice.random() < 0.7),
            MarkRead(conversation=conversation, seq=seq),
            MarkRead(conversation=conversation, seq=seq),
            MarkDelivered(conversation=conversation, seq=thread.last_seq),
            SetMuted(conversation=conversation, on=choice.random() < 0.5),
        ]
        if thread.record.kind is ConversationKind.GROUP:
            commands += [
                RenameGroup(conversation=conversation, name=f"Name {choice.randrange(1000)}"),
                AddMembers(conversation=conversation, users=[anybody]),
                RemoveMember(conversation=conversation, user=anybody),
            ]
            if choice.random() < 0.1:
                commands.append(LeaveGroup(conversation=conversation))
        return choice.choice(commands)

    # ------------------------------------------------------------ faults

    async def faults(self) -> None:
        await self.some_are_sent(100)
        await self.cut_half()
        self.gateways[1].kill()
        await self.some_are_sent(60)
        self.gateways[1] = await asyncio.to_thread(self.start)
        await asyncio.to_thread(self.servers.kill_valkey)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(self.servers.restart_valkey)
        await self.some_are_sent(60)
        await asyncio.to_thread(self.servers.kill_postgres)
        await asyncio.to_thread(self.servers.restart_postgres)
        await self.some_are_sent(60)
        self.gateways[0].kill()
        await self.cut_half()
        await self.some_are_sent(60)
        self.gateways[0] = await asyncio.to_thread(self.start)
        await self.some_are_sent(60)
        # The last that is said is told to nobody, and nothing comes after it that would show that it is missing.
        await asyncio.to_thread(self.servers.kill_valkey)
        await self.some_are_sent(40)
        self.over.set()
        await asyncio.to_thread(self.servers.restart_valkey)

    async def some_are_sent(self, count: int) -> None:
        wanted = len(self.acknowledged) + count
        async with asyncio.timeout(AGREE_WITHIN), self.sent:
            await self.sent.wait_for(lambda: len(self.acknowledged) >= wanted)

    async def cut_half(self) -> None:
        await asyncio.gather(*(talker.cut() for talker in self.choice.sample(self.talkers, len(self.talkers) // 2)))

    # ------------------------------------------------------------ judging

    async def all_agree(self, people: People) -> None:
        """Waits until every client shows what a client of the same user shows that has just come for the first time."""
        wrong: object = None
        try:
            async with asyncio.timeout(AGREE_WITHIN):
                while True:
                    wrong = await self.first_wrong(people)
                    if wrong is None:
                        return
                    await asyncio.sleep(0.5)
        except TimeoutError:
            raise AssertionError(f"still wrong after {AGREE_WITHIN} s: {wrong}") from None

    async def first_wrong(self, people: People) -> object:
        for talker in self.talkers:
            if not talker.is_whole:
                return {"user": talker.me, "lacks": talker.known.unknown}
        for user in {talker.me for talker in self.talkers}:
            fresh = Talker(user, await people.token(user), lambda: self.gateways, self.choice)
            await fresh.until_whole()
            await fresh.close()
            truth = fresh.known.shown()
            for number, thread in fresh.known.threads.items():
                if thread.record.unread != truth[number].unread:
                    return {"user": user, "in": number, "counted": thread.record.unread, "are": truth[number].unread}
            for talker in self.talkers:
                if talker.me == user and talker.known.shown() != truth:
                    return _difference(user, talker.known.shown(), truth)
        return None

    async def end(self) -> None:
        for talker in self.talkers:
            await talker.close()
        for gateway in self.gateways:
            gateway.kill()


def _difference(user: UserId, sees: dict[ConversationId, Shown], truth: dict[ConversationId, Shown]) -> object:
    for number in sees | truth:
        if sees.get(number) != truth.get(number):
            return {"user": user, "in": number, "sees": sees.get(number), "is": truth.get(number)}
    return None


async def _as_kept(pool: Pool, domain: str) -> tuple[dict[int, list[int]], Acknowledged]:
    """The numbers in each conversation, and every message that is no line by its sender and `client_id`."""
    rows = await pool.fetch("SELECT * FROM messages WHERE domain_id = $1 ORDER BY conversation_id, seq", domain)
    numbers: dict[int, list[int]] = {}
    kept: Acknowledged = {}
    for row in rows:
        numbers.setdefault(row["conversation_id"], []).append(row["seq"])
        assert (row["sender"], row["client_id"]) not in kept
        kept[row["sender"], row["client_id"]] = row["conversation_id"], row["seq"], row["body"]
    return numbers, kept


async def test_what_was_acknowledged_is_there_once_for_everybody_whatever_dies(
    clean_servers: Callable[[], EmbeddedServers], password_hash: str
) -> None:
    seed = int(os.environ.get("SEED", random.randrange(10**6)))  # noqa: S311
    print(f"seed: {seed} (SEED={seed} repeats it)")  # noqa: T201 - shown when the test fails
    servers = await asyncio.to_thread(clean_servers)
    await asyncio.to_thread(migrate, servers.database_url)
    pool = await open_pool(servers.database_url)
    storm = Storm(servers, seed)
    people = People(pool, await Company.make(pool), storm.gateways[0], password_hash)
    try:
        await storm.fill(people)
        async with asyncio.timeout(STORM_WITHIN), asyncio.TaskGroup() as group:
            group.create_task(storm.faults())
            for talker in storm.talkers:
                group.create_task(storm.talk(talker))
        await storm.all_agree(people)

        numbers, kept = await _as_kept(pool, people.company.domain)
        assert all(each == list(range(1, len(each) + 1)) for each in numbers.values())
        assert len(numbers) == DIRECT + GROUPS
        for name, (conversation, seq, _) in storm.acknowledged.items():
            assert kept[name][:2] == (conversation, seq)
        assert sum(talker.connections for talker in storm.talkers) > len(storm.talkers), "nobody ever came back"
    finally:
        await storm.end()
        await pool.close()

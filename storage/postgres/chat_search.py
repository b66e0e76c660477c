"""Full text search over messages: words behind a name of their conversation, in a GIN index.

The prefix names the conversation and a block of its messages. So a search touches only entries of conversations that it
may see, and neither its time nor its result knows of others; and it goes from block to block, the newest first, and
stops when it has found enough, however common a word is. Messages are indexed in batches after they were told
(chat/indexing.py), so a message costs its sender nothing of it.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter

from chat.model import SearchFilter, SearchScope, Unindexed
from chat.searching import Term, words_of
from storage.postgres.message_rows import COLUMNS, message_of
from storage.postgres.pool import Pool, connection
from wire.identity import ConversationId, DomainId, UserId
from wire.records import Message

_SCOPES = """
SELECT c.conversation_id, m.joined_seq, c.indexed_seq, c.last_seq
FROM conversation_members m
JOIN conversations c ON c.domain_id = m.domain_id AND c.conversation_id = m.conversation_id
WHERE m.domain_id = $1 AND m.user_id = $2 AND m.left_at IS NULL
"""
_ONE_SCOPE = f"{_SCOPES} AND m.conversation_id = $3"

BLOCK_BITS = 14
"""Of 16,384 messages: to look all of them up takes some 10 ms, and index entries for each block cost little."""

# The index is asked for words alone, block by block; what else is asked of a message is looked up in the rows that it
# finds. OFFSET 0 keeps the planner from walking the primary key instead. The inner LIMIT ends the walk over the blocks.
SEARCH = f"""
SELECT s.conversation_id, {COLUMNS.format("o")}
FROM unnest($2::bigint[], $3::bigint[], $4::text[], $12::bigint[]) AS s (conversation_id, joined_seq, query, last_seq)
CROSS JOIN LATERAL (
    SELECT f.seq, f.sent_at
    FROM generate_series(s.last_seq >> {BLOCK_BITS}, s.joined_seq >> {BLOCK_BITS}, -1) AS block
    CROSS JOIN LATERAL (
        SELECT f.seq, f.sent_at FROM (
            SELECT w.domain_id, w.conversation_id, w.seq, w.sender, w.sent_at FROM message_words w
            WHERE w.words @@ replace(s.query, '@', block::text)::tsquery OFFSET 0
        ) f
        WHERE f.domain_id = $1 AND f.conversation_id = s.conversation_id AND f.seq > s.joined_seq
            AND ($5::int IS NULL OR f.sender = $5) AND ($6::timestamptz IS NULL OR f.sent_at >= $6)
            AND ($7::timestamptz IS NULL OR f.sent_at < $7)
            AND ($8::timestamptz IS NULL OR (f.sent_at, f.conversation_id, f.seq) < ($8, $9::bigint, $10::bigint))
        ORDER BY f.seq DESC LIMIT $11
    ) f
    LIMIT $11
) f
JOIN messages o ON o.domain_id = $1 AND o.conversation_id = s.conversation_id AND o.seq = f.seq
ORDER BY f.sent_at DESC, s.conversation_id DESC, f.seq DESC
LIMIT $11
"""  # noqa: S608 - put together from constants

_NEXT_UNINDEXED = f"""
SELECT w.nth, c.indexed_seq, c.last_seq, c.last_rev, {COLUMNS.format("o")}
FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS w (domain_id, conversation_id, nth)
JOIN conversations c ON c.domain_id = w.domain_id AND c.conversation_id = w.conversation_id
CROSS JOIN LATERAL (
    SELECT o.* FROM messages o
    WHERE o.domain_id = c.domain_id AND o.conversation_id = c.conversation_id AND o.seq > c.indexed_seq
    ORDER BY o.seq LIMIT $3
) o
ORDER BY w.nth, o.seq
"""  # noqa: S608 - put together from constants

# Of a conversation nothing happens if somebody else was faster, or if a message has changed since it was read.
# Conversations come sorted and are locked in that order, as when messages are kept (message_batch.py). Senders wait for
# the locks, so the disk is not waited for: what is lost with the machine is indexed again.
_INDEX = """
WITH hasty AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
locked AS MATERIALIZED (
    SELECT w.domain_id, w.conversation_id, w.reached
    FROM hasty CROSS JOIN unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
        AS w (domain_id, conversation_id, after, reached, rev)
    CROSS JOIN LATERAL (
        SELECT 1 FROM conversations c
        WHERE c.domain_id = w.domain_id AND c.conversation_id = w.conversation_id
            AND c.indexed_seq = w.after AND c.last_rev = w.rev
        FOR NO KEY UPDATE
    ) c
), reached AS (
    UPDATE conversations c SET indexed_seq = l.reached
    FROM locked l WHERE c.domain_id = l.domain_id AND c.conversation_id = l.conversation_id
), indexed AS (
    INSERT INTO message_words (domain_id, conversation_id, seq, sender, sent_at, words)
    SELECT m.domain_id, m.conversation_id, m.seq, m.sender, m.sent_at, m.words::tsvector
    FROM locked l
    JOIN unnest($6::text[], $7::bigint[], $8::bigint[], $9::int[], $10::timestamptz[], $11::text[])
        AS m (domain_id, conversation_id, seq, sender, sent_at, words)
        ON m.domain_id = l.domain_id AND m.conversation_id = l.conversation_id
    ON CONFLICT DO NOTHING
)
SELECT domain_id, conversation_id FROM locked
"""

REWORD = """
INSERT INTO message_words (domain_id, conversation_id, seq, sender, sent_at, words)
VALUES ($1, $2, $3, $4, $5, $6::text::tsvector)
ON CONFLICT (domain_id, conversation_id, seq) DO UPDATE SET words = EXCLUDED.words
"""
"""A message that is indexed already has other words now (`kept_words`), or none."""


class PostgresSearchStore:
    """See `chat.store.SearchStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def scopes(
        self, domain: DomainId, user: UserId, conversation: ConversationId | None
    ) -> Sequence[SearchScope]:
        async with connection(self._pool) as conn:
            if conversation is None:
                rows = await conn.fetch(_SCOPES, domain, user)
            else:
                rows = await conn.fetch(_ONE_SCOPE, domain, user, conversation)
        return [SearchScope(*row) for row in rows]

    async def search(
        self,
        domain: DomainId,
        scopes: Sequence[SearchScope],
        terms: Sequence[Term],
        only: SearchFilter,
        limit: int,
    ) -> Sequence[Message]:
        before = only.before
        async with connection(self._pool) as conn:
            rows = await conn.fetch(
                SEARCH,
                domain,
                [scope.conversation for scope in scopes],
                [scope.joined_seq for scope in scopes],
                [query_of(domain, scope.conversation, terms) for scope in scopes],
                only.sender,
                only.since,
                only.until,
                before and before.sent_at,
                before and before.conversation,
                before and before.seq,
                limit,
                [scope.last_seq for scope in scopes],
            )
        return [message_of(row["conversation_id"], row) for row in rows]

    async def unindexed(
        self, conversations: Sequence[tuple[DomainId, ConversationId]], limit: int
    ) -> Sequence[Unindexed]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(
                _NEXT_UNINDEXED,
                [domain for domain, _ in conversations],
                [conversation for _, conversation in conversations],
                limit,
            )
        found = []
        for nth, of_conversation in groupby(rows, itemgetter("nth")):
            domain, conversation = conversations[nth - 1]
            own = list(of_conversation)
            messages = [message_of(conversation, row) for row in own]
            found.append(
                Unindexed(domain, conversation, messages, own[0]["indexed_seq"], own[0]["last_seq"], own[0]["last_rev"])
            )
        return found

    async def index(self, unindexed: Sequence[Unindexed]) -> AbstractSet[tuple[DomainId, ConversationId]]:
        unindexed = sorted(unindexed, key=lambda each: each.name)
        worded = [(each.domain, message) for each in unindexed for message in each.messages if message.body]
        async with connection(self._pool) as conn:
            rows = await conn.fetch(
                _INDEX,
                [each.domain for each in unindexed],
                [each.conversation for each in unindexed],
                [each.after for each in unindexed],
                [each.reached for each in unindexed],
                [each.last_rev for each in unindexed],
                [domain for domain, _ in worded],
                [message.conversation for _, message in worded],
                [message.seq for _, message in worded],
                [message.sender for _, message in worded],
                [message.sent_at for _, message in worded],
                [kept_words(domain, message) for domain, message in worded],
            )
        return {(domain, conversation) for domain, conversation in rows}


def kept_words(domain: DomainId, message: Message) -> str:
    """A message's words as the text of a tsvector."""
    scope = f"{_scope(domain, message.conversation)}{message.seq >> BLOCK_BITS}/"
    positions: dict[str, list[str]] = {}
    for position, word in enumerate(words_of(message.body), 1):
        positions.setdefault(word, []).append(str(position))
    return " ".join(f"'{scope}{word}':{','.join(places[:255])}" for word, places in positions.items())


def query_of(domain: DomainId, conversation: ConversationId, terms: Iterable[Term]) -> str:
    """What is looked for in a conversation as the text of a tsquery, with `@` for the number of the block."""
    scope = f"{_scope(domain, conversation)}@/"
    return " & ".join(
        "(" + " <-> ".join(f"'{scope}{word}'" for word in term.words) + (":*" if term.is_open else "") + ")"
        for term in terms
    )


def _scope(domain: DomainId, conversation: ConversationId) -> str:
    """Short, so that entries are small; that two conversations get the same one is unlikely, and does no harm."""
    return urlsafe_b64encode(blake2b(f"{domain}/{conversation}".encode(), digest_size=6).digest()).decode() + "."

"""What the people of the demo company have written to each other before somebody logs in for the first time.

Made once: where anybody has a conversation already, nothing is added. Times are told as minutes before now, so that a
demo always looks as if it had been used until a moment ago.
"""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from cli.demo_company import DOMAIN
from storage.postgres.chat_provisioning import PastMessage, add_direct_in_tx, has_conversations_in_tx, users_in_tx
from storage.postgres.pool import open_pool, transaction
from wire.identity import DomainId, UserId

_HOUR = 60
_DAY = 24 * _HOUR


class _Talk(Struct, frozen=True):
    """Two extensions; lines as (minutes ago, who of the two, text); how many of the last lines each has not read."""

    people: tuple[str, str]
    lines: list[tuple[int, int, str]]
    unread: tuple[int, int] = (0, 0)


TALKS = [
    _Talk(
        ("1001", "1002"),
        [
            (2 * _DAY + 95, 0, "Did Saltmarsh Trading call back about the renewal?"),
            (2 * _DAY + 92, 1, "Not yet. Nora is out until Thursday, Emre said he would ask."),
            (2 * _DAY + 91, 0, "OK, then I’ll wait with the offer."),
            (58, 1, "Nora just called. She wants the numbers for 40 seats by noon."),
            (55, 0, "On it 👍"),
            (12, 0, "Sent. Could you look over page 2 before she does?"),
            (4, 1, "Looks good. One thing: the installation is still last year’s price."),
            (3, 1, "Also, she asked whether the lobby phones are included."),
        ],
        unread=(2, 0),
    ),
    _Talk(
        ("1001", "1003"),
        [
            (_DAY + 3 * _HOUR, 1, "Bonjour Anna, how did the demo at Alder Hotels go?"),
            (_DAY + 3 * _HOUR - 6, 0, "Very well! Béatrice liked that the desk sees who is free to take a call."),
            (_DAY + 3 * _HOUR - 9, 1, "Excellent. Please ask how many sites, Lisbon can help with two."),
            (_DAY + 2 * _HOUR, 0, "Four: two in Boston, Porto and Sintra."),
        ],
        unread=(0, 1),
    ),
    _Talk(
        ("1001", "1005"),
        [
            (6 * _DAY, 1, "Chào Anna! Which deck do you use for hotels?"),
            (6 * _DAY - 14, 0, "Chào Hương! The one from March, in the shared folder under “Hospitality”."),
            (6 * _DAY - 15, 1, "Cảm ơn!"),
        ],
    ),
    _Talk(
        ("1010", "1011"),
        [
            (_DAY + 7 * _HOUR, 1, "Could I swap Friday with Zoë? My daughter’s school play is at four."),
            (_DAY + 6 * _HOUR, 0, "Fine with me if Zoë agrees. Enjoy the play!"),
            (_DAY + 5 * _HOUR, 1, "She does. Thank you!"),
            (34, 0, "The queue is getting long, can you come off the break a few minutes early?"),
        ],
        unread=(0, 1),
    ),
    _Talk(
        ("1011", "1013"),
        [
            (5 * _HOUR, 0, "Has one of yours reported one-way audio since this morning? I have two, both in Sintra."),
            (5 * _HOUR - 4, 1, "Three, all behind one router. SIP ALG again:\n\tVia: …;received=10.0.0.7"),
            (5 * _HOUR - 5, 0, "Firmware update over the weekend, I bet. I’ll write to Elif."),
            (4 * _HOUR, 0, "Confirmed, they turned it off. All clear."),
            (4 * _HOUR - 1, 1, "🎉"),
        ],
    ),
    _Talk(
        ("1020", "1022"),
        [
            (3 * _DAY, 0, "美咲さん, thank you for the review. I renamed the function as you suggested."),
            (3 * _DAY - 30, 1, "ありがとうございます！ Now it reads like a sentence."),
        ],
    ),
    _Talk(
        ("1031", "1032"),
        [
            (2 * _DAY + 5 * _HOUR, 0, "שלום, did the invoice from Oatfield Foods arrive? Number INV-2207."),
            (2 * _DAY + 4 * _HOUR, 1, "صباح الخير! It came today: INV-2207, due on the 30th."),
            (2 * _DAY + 4 * _HOUR - 2, 0, "תודה!"),
        ],
    ),
    _Talk(
        ("1050", "1051"),
        [
            (_DAY + 40, 0, "Daniel, we have two new people in Lisbon on Monday. Can you make their extensions?"),
            (_DAY + 10, 1, "Sure: 1007 and 1008 are free. Which department?"),
            (_DAY + 8, 0, "Both Sales. Names follow by e-mail."),
            (20, 1, "Done, welcome e-mails are out."),
        ],
        unread=(1, 0),
    ),
    _Talk(
        ("1025", "1061"),
        [
            (9 * _HOUR, 1, "Maintenance tonight at 02:00 UTC: the second gateway gets a new certificate."),
            (9 * _HOUR - 3, 0, "Good. Do clients notice?"),
            (9 * _HOUR - 5, 1, "They reconnect to the first one and carry on. Nobody should lose a message."),
        ],
    ),
]  # fmt: skip


async def create(database_url: str, domain: DomainId = DOMAIN, now: datetime | None = None) -> int:
    """Adds the conversations of those who exist, unless the domain ever had one; returns how many.

    Raises `Unavailable`.
    """
    now = now or datetime.now(UTC)
    pool = await open_pool(database_url, max_size=1)
    try:
        async with transaction(pool) as conn:
            if await has_conversations_in_tx(conn, domain):
                return 0
            users = await users_in_tx(conn, domain)
            talks = [talk for talk in TALKS if set(talk.people) <= set(users)]
            for talk in talks:
                people = (users[talk.people[0]], users[talk.people[1]])
                await add_direct_in_tx(conn, domain, _messages(talk, people, now), _read(talk, people))
            return len(talks)
    finally:
        await pool.close()


def _messages(talk: _Talk, people: tuple[UserId, UserId], now: datetime) -> list[PastMessage]:
    return [PastMessage(people[who], now - timedelta(minutes=ago), text) for ago, who, text in talk.lines]


def _read(talk: _Talk, people: tuple[UserId, UserId]) -> dict[UserId, int]:
    return {person: len(talk.lines) - unread for person, unread in zip(people, talk.unread, strict=True)}

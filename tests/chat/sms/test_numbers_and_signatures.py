"""Numbers as people write them, words that carriers know, and who has signed what."""

from datetime import UTC, datetime

import pytest

from chat.sms.model import Wish
from chat.sms.numbers import e164, wish_of
from chat.sms.service import delivered
from chat.sms.signing import TOLERANCE, is_signed, sign
from wire.identity import ConversationId, UserId
from wire.records import Delivery, Message


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("+41 44 123 45 67", "", "+41441234567"),
        ("044 123 45 67", "CH", "+41441234567"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("044 123 45 67", "", ""),
        ("+41", "", ""),
        ("1001", "CH", ""),
        ("hello", "CH", ""),
        ("+41441234567;ext=5", "", ""),
        ("javascript:alert(1)", "US", ""),
        ("", "CH", ""),
    ],
)
def test_a_number_is_one_of_the_world_or_none(typed: str, country: str, number: str) -> None:
    assert e164(typed, country) == number


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("STOP", Wish.STOP),
        (" stop. ", Wish.STOP),
        ("Unsubscribe", Wish.STOP),
        ("start", Wish.START),
        ("please stop by at five", Wish.NONE),
        ("", Wish.NONE),
    ],
)
def test_a_wish_is_said_with_one_word(text: str, wish: Wish) -> None:
    assert wish_of(text) is wish


def test_only_who_has_the_secret_signs_and_not_for_long() -> None:
    body = b'{"type":"message"}'
    header = sign("secret", body, 1_000_000)
    assert is_signed("secret", body, header, 1_000_000 + TOLERANCE)
    assert not is_signed("secret", body, header, 1_000_001 + TOLERANCE)
    assert not is_signed("secret", body + b" ", header, 1_000_000)
    assert not is_signed("other", body, header, 1_000_000)
    assert not is_signed("secret", body, header.replace("t=1000000", "t=1000001"), 1_000_000)
    assert not is_signed("secret", body, "", 1_000_000)
    assert not is_signed("", body, sign("", body, 1_000_000), 1_000_000), "without a secret nobody can sign"


def sms(delivery: Delivery | None = None) -> Message:
    return Message(
        conversation=ConversationId(1), seq=1, sender=UserId(1), body="x", sent_at=datetime.now(UTC), delivery=delivery
    )


def test_what_is_known_of_a_message_only_grows() -> None:
    assert delivered(sms(), Delivery.SENT).delivery is Delivery.SENT
    assert delivered(sms(Delivery.DELIVERED), Delivery.SENT).delivery is Delivery.DELIVERED
    assert delivered(sms(Delivery.DELIVERED), Delivery.FAILED).delivery is Delivery.DELIVERED
    assert delivered(sms(Delivery.SENT), Delivery.FAILED).delivery is Delivery.FAILED

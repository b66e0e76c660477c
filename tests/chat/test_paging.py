from hypothesis import given
from hypothesis import strategies as st

from chat.model import Behind, Stretch
from chat.paging import CATCH_UP_MESSAGES, CATCH_UP_PER_CONVERSATION, how_many_fit, plan_catch_up
from wire.identity import ConversationId


def size(item: int) -> int:
    return item


def test_a_page_ends_at_its_number_of_items() -> None:
    assert how_many_fit([1, 1, 1], 2, size, budget=100) == 2


def test_a_page_ends_before_it_gets_too_large() -> None:
    assert how_many_fit([40, 40, 40], 3, size, budget=100) == 2


def test_what_is_too_large_for_any_page_is_a_page() -> None:
    assert how_many_fit([500, 1], 2, size, budget=100) == 1


def test_an_empty_page_is_empty() -> None:
    assert how_many_fit([], 10, size) == 0


@given(st.lists(st.integers(1, 200), min_size=1), st.integers(1, 10))
def test_pages_put_one_after_another_hold_everything_once(items: list[int], most: int) -> None:
    rest, seen = items, []
    while rest:
        taken = how_many_fit(rest, most, size, budget=300)
        seen += rest[:taken]
        rest = rest[taken:]
    assert seen == items


def behind(conversation: int, after: int, last_seq: int) -> Behind:
    return Behind(ConversationId(conversation), after, last_seq, last_rev=0)


def test_a_client_that_was_away_gets_what_came_after_its_number() -> None:
    assert plan_catch_up([behind(7, 10, 13)]) == [Stretch(ConversationId(7), 10, 13)]


def test_one_busy_conversation_does_not_take_the_place_of_the_others() -> None:
    stretches = plan_catch_up([behind(1, 0, 100_000), behind(2, 3, 5)])
    assert stretches == [
        Stretch(ConversationId(1), 0, CATCH_UP_PER_CONVERSATION),
        Stretch(ConversationId(2), 3, 5),
    ]


def test_what_is_sent_unasked_is_limited_over_all_conversations() -> None:
    stretches = plan_catch_up([behind(number, 0, 90) for number in range(200)])
    assert sum(each.upto - each.after for each in stretches) == CATCH_UP_MESSAGES
    assert [each.conversation for each in stretches] == list(range(6))

"""Who may come in: bounded numbers, and a time to come back for everybody else."""

import pytest

from connections.admission import BACK_IF_FULL, Admission, SentAway
from connections.rate import Allowance, Budget


def test_more_strangers_than_there_is_room_for_are_sent_away_until_one_is_gone() -> None:
    admission = Admission(lambda: 0.0, strangers=2)
    admission.stranger_came()
    admission.stranger_came()
    with pytest.raises(SentAway) as away:
        admission.stranger_came()
    assert 1 <= away.value.after <= 2
    admission.stranger_is_gone()
    admission.stranger_came()
    assert admission.sent_away == {"strangers": 1}


def test_an_address_has_so_many_and_an_ipv6_network_counts_as_one() -> None:
    admission = Admission(lambda: 0.0, per_address=2, proxies=["127.0.0.1"])
    first = admission.enter("2001:db8::1")
    admission.enter("2001:db8::2")
    with pytest.raises(SentAway) as away:
        admission.enter("2001:db8::3")
    assert BACK_IF_FULL <= away.value.after <= 90
    assert admission.enter("192.0.2.1")
    for _ in range(10):
        assert admission.enter("127.0.0.1") == "", "everybody is behind a proxy"
    admission.leave(first)
    admission.enter("2001:db8::3")
    assert admission.sent_away == {"address": 1}


def test_a_domain_has_so_many() -> None:
    admission = Admission(lambda: 0.0, per_domain=3)
    admission.check_domain(2)
    with pytest.raises(SentAway):
        admission.check_domain(3)
    Admission(lambda: 0.0).check_domain(10**6)


def test_a_domain_may_ask_more_the_more_of_it_are_here_and_each_kind_by_itself() -> None:
    budget = Budget({"write": Allowance(10, 1), "search": Allowance(1, 0)})

    def taken(kind: str, connections: int, now: float) -> int:
        count = 0
        while not budget.take(kind, 1, connections, now):
            count += 1
        return count

    assert taken("write", 10, 0) == 100  # five seconds of it
    assert taken("search", 10, 0) == 5
    assert taken("write", 10, 1) == 20
    assert taken("write", 40, 2) == 50
    assert budget.take("write", 1, 40, 2) == pytest.approx(0.02)
    assert budget.take("live", 10**9, 1, 0) == 0, "what waits for no store is limited by connection only"

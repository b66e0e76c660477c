import asyncio
import threading
from typing import Any

import pytest
from argon2 import PasswordHasher

from accounts.passwords import Passwords, problem_with_password, problem_with_pin
from wire.errors import Unavailable
from wire.identity import DomainId

HERE, THERE = DomainId("here.test"), DomainId("there.test")


def cheap_hasher(**parameters: Any) -> PasswordHasher:
    return PasswordHasher(**{"time_cost": 1, "memory_cost": 8, "parallelism": 1, **parameters})


@pytest.mark.parametrize(
    "password", ["Secret12", "ÄRGERLICH1", "correct Horse 7 battery", "Ａbcdefg1", "密码密码密码A1"]
)
def test_good_passwords_are_taken(password: str) -> None:
    assert problem_with_password(password, login_name="anna", extension="1001") is None


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("Short1", "8 characters"),
        ("", "8 characters"),
        ("secret12", "capital"),
        ("Secretxx", "digit"),
        ("X1" * 513, "1024"),
        ("Anna.Kovacs1", "login"),
        ("anna.KOVACS1", "login"),
        ("Anna.Kovacs1@demo.test", "login"),
        ("X10012002", "extension"),
    ],
)
def test_bad_passwords_are_refused_with_the_reason(password: str, word: str) -> None:
    problem = problem_with_password(password, login_name="anna.kovacs1", extension="x10012002")
    assert problem is not None
    assert word in problem


@pytest.mark.parametrize("pin", ["2580", "90210", "13579", "12346", "11223344", "1123"])
def test_good_pins_are_taken(pin: str) -> None:
    assert problem_with_pin(pin, extension="1001") is None


@pytest.mark.parametrize(
    ("pin", "word"),
    [
        ("123", "digits"),
        ("123456789", "digits"),
        ("12a4", "digits"),
        ("٢٥٨٠", "digits"),
        ("2580\n", "digits"),
        ("", "digits"),
        ("1234", "run"),
        ("4321", "run"),
        ("7890", "run"),
        ("3210987", "run"),
        ("0000", "repeat"),
        ("77777777", "repeat"),
        ("1212", "repeat"),
        ("582582", "repeat"),
        ("1008", "extension"),
        ("8001", "extension"),
    ],
)
def test_bad_pins_are_refused_with_the_reason(pin: str, word: str) -> None:
    problem = problem_with_pin(pin, extension="1008")
    assert problem is not None
    assert word in problem


async def test_a_hash_recognises_its_password_and_no_other() -> None:
    passwords = Passwords(cheap_hasher())
    hashed = await passwords.hash(HERE, "Secret12")
    assert hashed.startswith("$argon2id$")
    assert "Secret12" not in hashed
    assert (await passwords.check(HERE, hashed, "Secret12")).matches
    assert not (await passwords.check(HERE, hashed, "secret12")).matches
    assert not (await passwords.check(HERE, "no hash at all", "Secret12")).matches
    assert not (await passwords.check(HERE, None, "Secret12")).matches


async def test_the_same_password_has_another_hash_each_time() -> None:
    passwords = Passwords(cheap_hasher())
    assert await passwords.hash(HERE, "Secret12") != await passwords.hash(HERE, "Secret12")


async def test_keyboards_that_compose_accents_differently_agree() -> None:
    passwords = Passwords(cheap_hasher())
    assert (await passwords.check(HERE, await passwords.hash(HERE, "Caf\u00e9 123X"), "Cafe\u0301 123X")).matches


async def test_a_hash_with_other_parameters_is_to_be_renewed() -> None:
    old = await Passwords(cheap_hasher()).hash(HERE, "Secret12")
    verdict = await Passwords(cheap_hasher(time_cost=2)).check(HERE, old, "Secret12")
    assert verdict.matches
    assert verdict.needs_rehash
    assert not (await Passwords(cheap_hasher()).check(HERE, old, "Secret12")).needs_rehash


async def test_no_more_than_two_hashes_are_computed_at_once_and_the_loop_goes_on() -> None:
    running = most = 0

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002 - argon2's word
            nonlocal running, most
            running += 1
            most = max(most, running)
            try:
                return super().verify(hash, password)
            finally:
                running -= 1

    passwords = Passwords(Watched(time_cost=1, memory_cost=1_024, parallelism=1))
    hashed = await passwords.hash(HERE, "Secret12")
    verdicts = await asyncio.gather(*(passwords.check(HERE, hashed, "Secret12") for _ in range(20)))
    assert all(verdict.matches for verdict in verdicts)
    assert 1 <= most <= 2


class Slow(PasswordHasher):
    """Says in which order its work was done, and does none before it may."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.may_work = threading.Event()
        self.done: list[str] = []

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        if password != "nobody has this password":
            assert self.may_work.wait(30)
            self.done.append(str(password))
        return super().hash(password, salt=salt)


async def _all_wait(passwords: Passwords, domain: DomainId, *secrets: str) -> list[asyncio.Task[str]]:
    tasks = [asyncio.create_task(passwords.hash(domain, secret)) for secret in secrets]
    await asyncio.sleep(0)
    return tasks


async def test_a_storm_of_logins_of_one_company_lets_another_in_after_its_next() -> None:
    hasher = Slow()
    passwords = Passwords(hasher, at_once=1)
    storm = await _all_wait(passwords, HERE, *(f"storm {number}" for number in range(20)))
    others = await _all_wait(passwords, THERE, "other 0", "other 1")
    hasher.may_work.set()
    await asyncio.gather(*storm, *others)
    assert hasher.done[:5] == ["storm 0", "storm 1", "other 0", "storm 2", "other 1"]


async def test_who_fills_the_queue_keeps_nobody_of_another_company_out() -> None:
    hasher = Slow()
    passwords = Passwords(hasher, at_once=1, most_waiting=8)
    storm = await _all_wait(passwords, HERE, *(f"storm {number}" for number in range(20)))
    others = await _all_wait(passwords, THERE, "other")
    hasher.may_work.set()
    outcomes = await asyncio.gather(*storm, *others, return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, Unavailable)]
    assert len(refused) == 11
    assert all(each.retry_after for each in refused)
    assert "other" in hasher.done

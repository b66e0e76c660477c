import asyncio
from typing import Any

import pytest
from argon2 import PasswordHasher

from accounts.passwords import Passwords, problem_with_password, problem_with_pin


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
    hashed = await passwords.hash("Secret12")
    assert hashed.startswith("$argon2id$")
    assert "Secret12" not in hashed
    assert (await passwords.check(hashed, "Secret12")).matches
    assert not (await passwords.check(hashed, "secret12")).matches
    assert not (await passwords.check("no hash at all", "Secret12")).matches
    assert not (await passwords.check(None, "Secret12")).matches


async def test_the_same_password_has_another_hash_each_time() -> None:
    passwords = Passwords(cheap_hasher())
    assert await passwords.hash("Secret12") != await passwords.hash("Secret12")


async def test_keyboards_that_compose_accents_differently_agree() -> None:
    passwords = Passwords(cheap_hasher())
    assert (await passwords.check(await passwords.hash("Caf\u00e9 123X"), "Cafe\u0301 123X")).matches


async def test_a_hash_with_other_parameters_is_to_be_renewed() -> None:
    old = await Passwords(cheap_hasher()).hash("Secret12")
    verdict = await Passwords(cheap_hasher(time_cost=2)).check(old, "Secret12")
    assert verdict.matches
    assert verdict.needs_rehash
    assert not (await Passwords(cheap_hasher()).check(old, "Secret12")).needs_rehash


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
    hashed = await passwords.hash("Secret12")
    verdicts = await asyncio.gather(*(passwords.check(hashed, "Secret12") for _ in range(20)))
    assert all(verdict.matches for verdict in verdicts)
    assert 1 <= most <= 2

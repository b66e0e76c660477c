"""Passwords and PINs: which ones are good enough (pure), and their hashes (in threads: each takes long on purpose).

argon2id with 19 MiB and two passes, the least that OWASP recommends: some 35 ms of one core. A stronger setting costs
everybody who logs in at nine o'clock a place in a longer queue; it can be raised at any time, since a hash made with
other parameters is replaced at its owner's next login.
"""

import re
import time
import unicodedata
from collections.abc import Callable
from itertools import pairwise
from typing import TypeVar, TypeVarTuple

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct

from wire.errors import TooMany, Unavailable
from wire.identity import DomainId
from wire.turns import Turns

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

MIN_PASSWORD_LENGTH = 8
MAX_PASSWORD_LENGTH = 1_024
"""A longer one would only be a way to make us work."""

_AT_ONCE = 2
"""Hashes computed at the same time: each takes a core, and the event loop needs one too."""
_MAX_WAITING = 500
"""Logins in the queue, some ten seconds of work on two cores; whoever comes later is sent away for a moment, unless the
queue is that of others: domains go by turns, and one company's nine o'clock does not keep another one out."""
_PIN = re.compile(r"[0-9]{4,8}")


def problem_with_password(password: str, *, login_name: str, extension: str) -> str | None:
    """Why a new password is refused, in words; None if it is fine."""
    if len(password) < MIN_PASSWORD_LENGTH:
        return f"A password needs at least {MIN_PASSWORD_LENGTH} characters"
    if len(password) > MAX_PASSWORD_LENGTH:
        return f"A password has at most {MAX_PASSWORD_LENGTH} characters"
    if not any(letter.isupper() for letter in password):
        return "A password needs a capital letter"
    if not any(letter.isdigit() for letter in password):
        return "A password needs a digit"
    folded = password.casefold()
    if folded in {login_name.casefold(), extension.casefold()} or folded.partition("@")[0] == login_name.casefold():
        return "A password must not be the login or the extension"
    return None


def problem_with_pin(pin: str, *, extension: str) -> str | None:
    """Why a new voicemail PIN is refused, in words; None if it is fine."""
    if not _PIN.fullmatch(pin):
        return "A PIN has 4 to 8 digits"
    if pin in {extension, extension[::-1]}:
        return "A PIN must not be the extension, in either direction"
    if _is_run(pin):
        return "A PIN must not be a run of digits such as 1234"
    if _is_repeat(pin):
        return "A PIN must not repeat the same digits"
    return None


class Verdict(Struct, frozen=True):
    """`needs_rehash`: right, but hashed with parameters that are not ours any more."""

    matches: bool
    needs_rehash: bool = False


class Passwords:
    """Makes and checks hashes without holding up the event loop, for one domain after the other.

    Raises `Unavailable` if too many are waiting.
    """

    def __init__(
        self,
        hasher: PasswordHasher | None = None,
        *,
        at_once: int = _AT_ONCE,
        most_waiting: int = _MAX_WAITING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._limiter = anyio.CapacityLimiter(at_once)
        self._turns: Turns[DomainId] = Turns(at_once, most_waiting, clock)
        self._nobodys_hash = self._hasher.hash("nobody has this password")

    async def hash(self, domain: DomainId, secret: str) -> str:
        return await self._in_thread(domain, self._hasher.hash, _normal(secret))

    async def check(self, domain: DomainId, hashed: str | None, secret: str) -> Verdict:
        """Whether a password or PIN is the one that was hashed. Without a hash: no, after the same work."""
        if hashed is not None:
            return await self._in_thread(domain, self._check, hashed, _normal(secret))
        # So that the time which an answer takes does not tell which accounts exist.
        await self._in_thread(domain, self._check, self._nobodys_hash, _normal(secret))
        return Verdict(matches=False)

    def _check(self, hashed: str, secret: str) -> Verdict:
        try:
            self._hasher.verify(hashed, secret)
        except (VerificationError, InvalidHashError):
            return Verdict(matches=False)
        return Verdict(matches=True, needs_rehash=self._hasher.check_needs_rehash(hashed))

    async def _in_thread(
        self, domain: DomainId, work: Callable[[*Arguments], Result], *arguments: *Arguments
    ) -> Result:
        try:
            async with self._turns.turn(domain):
                return await anyio.to_thread.run_sync(work, *arguments, limiter=self._limiter)
        except TooMany as many:
            says = "Too many people are logging in; try again in a moment"
            raise Unavailable(says, retry_after=many.retry_after) from many


def _normal(secret: str) -> str:
    """Keyboards differ in how they compose accented letters; a password must not."""
    return unicodedata.normalize("NFC", secret)


def _is_run(digits: str) -> bool:
    steps = {(int(right) - int(left)) % 10 for left, right in pairwise(digits)}
    return steps in ({1}, {9})


def _is_repeat(digits: str) -> bool:
    """One digit, or one group of digits, over and over: 7777, 1212, 123123."""
    return digits in (digits + digits)[1:-1]

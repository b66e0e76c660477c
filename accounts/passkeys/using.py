"""Asking for a passkey and looking at the answer: for logins with it alone, and for those with a password before."""

from collections.abc import Callable
from datetime import datetime

from accounts.passkeys import ceremonies
from accounts.passkeys.errors import NoPasskeysHere, WrongPasskey
from accounts.passkeys.model import Place
from accounts.passkeys.store import PasskeyStore
from wire.identity import DomainId, UserId


class PasskeyUse:
    """`place` None: there are no passkeys under our address."""

    def __init__(self, store: PasskeyStore, place: Place | None, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._place = place
        self._clock = clock

    @property
    def is_possible(self) -> bool:
        return self._place is not None

    @property
    def place(self) -> Place:
        """Raises `NoPasskeysHere`."""
        if self._place is None:
            raise NoPasskeysHere
        return self._place

    async def ask(self, domain: DomainId, user: UserId | None = None) -> tuple[bytes, str]:
        """A challenge, and what the browser is asked: for one of the user's, or for whatever it has."""
        known = [each.credential for each in await self._store.passkeys(domain, user)] if user else []
        challenge = ceremonies.make_challenge()
        return challenge, ceremonies.options_to_use(self.place, challenge, known)

    async def use(self, domain: DomainId, challenge: bytes, answer: str, user: UserId | None = None) -> UserId:
        """Whose it is: `user`'s, if that is given. Raises `WrongPasskey`."""
        found = await self._store.passkey(domain, ceremonies.credential_of(answer))
        if found is None or user not in (None, found.user):
            raise WrongPasskey
        uses = ceremonies.used(self.place, challenge, answer, found)
        if not await self._store.mark_used(found, uses, self._clock()):
            raise WrongPasskey
        return found.user

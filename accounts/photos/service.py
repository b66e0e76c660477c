"""Setting, taking away and showing photos."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

from accounts.auditing import line_of
from accounts.model import Account
from accounts.permissions import Permission, may
from accounts.photos.errors import NotAPhoto, PhotoNotFound, PhotoNotYours
from accounts.photos.store import PhotoStore
from accounts.profiles.fields import BY_NAME, may_edit
from accounts.profiles.showing import profile_of
from accounts.service import now_utc
from wire.http import Profile
from wire.identity import Caller, UserId

SIDE = 256
"""Pixels: twice the largest place, for fine screens."""
MOST_BYTES = 15_728_640
"""Of what is sent: a photograph of any telephone."""

Squaring = Callable[[bytes, int], bytes | None]
"""Makes a square picture of so many pixels a side of whatever it was given; None: it is no picture. Takes its time."""


class PhotoService:
    """`changed(before, after)` hears of a photo that is another now, after the commit."""

    def __init__(
        self,
        store: PhotoStore,
        square_of: Squaring,
        changed: Callable[[Account, Account], Awaitable[None]],
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._store = store
        self._square_of = square_of
        self._changed = changed
        self._clock = clock
        # Unpacked, a picture takes much memory: one at a time.
        self._unpacking = asyncio.Semaphore(1)

    async def set(self, caller: Caller, sent: AsyncIterator[bytes], user: UserId | None = None) -> Profile:
        """Raises `PhotoNotYours`, `NotAPhoto`, and whatever the sending runs into."""
        account = await self._editable(caller, user)
        content = b"".join([piece async for piece in sent])
        async with self._unpacking:
            picture = await asyncio.to_thread(self._square_of, content, SIDE) if content else None
        if picture is None:
            raise NotAPhoto
        return await self._change(caller, account, picture, "photo.set")

    async def remove(self, caller: Caller, user: UserId | None = None) -> Profile:
        """Fine if there is none. Raises `PhotoNotYours`."""
        account = await self._editable(caller, user)
        if not account.photo_rev:
            return profile_of(caller, account)
        return await self._change(caller, account, None, "photo.removed")

    async def picture(self, caller: Caller, user: UserId, rev: int) -> bytes:
        """For whoever sees the user; a photo is another one under another revision. Raises `PhotoNotFound`."""
        account = await self._store.account(caller.domain, user)
        if account is None or account.photo_rev != rev or not rev or not _sees(caller, account):
            raise PhotoNotFound
        picture = await self._store.picture(caller.domain, user)
        if picture is None:
            raise PhotoNotFound
        return picture

    # ------------------------------------------------------------ inside

    async def _editable(self, caller: Caller, user: UserId | None) -> Account:
        account = await self._store.account(caller.domain, caller.user if user is None else user)
        if account is None or account.is_system or not may_edit(caller, account, BY_NAME["photo"]):
            raise PhotoNotYours
        return account

    async def _change(self, caller: Caller, account: Account, picture: bytes | None, action: str) -> Profile:
        audit = line_of(caller, self._clock(), action, f"user:{account.user}")
        saved = await self._store.change(account.domain, account.user, picture, audit)
        if saved is None:
            raise PhotoNotYours
        await self._changed(account, saved)
        return profile_of(caller, saved)


def _sees(caller: Caller, account: Account) -> bool:
    return account.is_listed or may(caller, Permission.SEE_UNLISTED, account.person)

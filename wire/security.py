"""Bodies of the HTTP interface about getting in: logins, passwords, second factors."""

from typing import Annotated

from msgspec import Meta, Struct

from wire.identity import SessionId
from wire.records import Instant

Password = Annotated[str, Meta(min_length=1, max_length=1_024)]


class Login(Struct, frozen=True, kw_only=True):
    """One of one's own logins. `current`: the one that is asking. `kind`: `cookie` (a browser) or `bearer`.

    `used_at` is exact to some minutes; `ends_at`: if nobody uses it until then.
    """

    session: SessionId
    current: bool
    kind: str
    user_agent: str
    address: str
    created_at: Instant
    used_at: Instant
    ends_at: Instant


class Logins(Struct, frozen=True, kw_only=True):
    """Whoever was used last comes first."""

    items: list[Login]


class LoginsEnded(Struct, frozen=True, kw_only=True):
    ended: int


class PasswordChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of one's own password. `current`: the one until now."""

    current: Password
    password: Password

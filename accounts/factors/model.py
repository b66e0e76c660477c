"""The structs of second factors."""

from datetime import datetime

from msgspec import Struct

from wire.identity import UserId


class Totp(Struct, frozen=True, kw_only=True):
    """A user's authenticator app. Secrets are sealed. `secret` None: none is turned on.

    `new_secret`: one that is being set up, until `new_until`. `last_step`: no code of this step or before is good.
    """

    secret: bytes | None
    last_step: int
    new_secret: bytes | None
    new_until: datetime | None


class Factors(Struct, frozen=True, kw_only=True):
    """What a user has. `required`: the domain wants everybody to have one."""

    totp_since: datetime | None
    recovery_codes: int
    required: bool
    passkeys: int = 0


class PendingLogin(Struct, frozen=True, kw_only=True):
    """Whose password was right, and who has not shown a second factor yet. Kept by the hash of its token.

    `password`: a fingerprint of the hash of the password that was right: after it was changed this is worth nothing.
    `sets_up`: the user has no factor, and has to set one up to get in. `challenge`: for a passkey, once one was asked
    for.
    """

    user: UserId
    password: bytes
    bearer: bool
    sets_up: bool
    tries: int
    ends_at: datetime
    challenge: bytes = b""

"""Bodies of the HTTP interface about getting in: logins, passwords, second factors."""

from typing import Annotated

from msgspec import Meta, Struct

from wire.identity import Extension, SessionId, UserId
from wire.records import LINE, Instant

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


class Proof(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """That it is really the user: `password`, or a `code` of the authenticator app or a recovery code. One of them.

    Whoever has neither a password nor an app, and so logs in by single sign-on or a passkey, gives none, within ten
    minutes of a login; a refusal of the field `login` wants another login first.
    """

    password: Annotated[str, Meta(max_length=1_024)] = ""
    code: Annotated[str, Meta(max_length=64)] = ""


class Code(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    code: Annotated[str, Meta(min_length=1, max_length=64)]


class PendingToken(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`token`: of the answer `second_factor_required`."""

    token: Annotated[str, Meta(min_length=1, max_length=512, pattern=LINE)]


class SecondStep(PendingToken, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`code`: six digits of the authenticator app, or a recovery code. `passkey`: instead, what a browser's
    `PublicKeyCredential.toJSON()` gives, as text.
    """

    code: Annotated[str, Meta(max_length=64)] = ""
    passkey: Annotated[str, Meta(max_length=16_384)] = ""


class SecondFactors(Struct, frozen=True, kw_only=True):
    """`totp_since`: of an authenticator app; null: none. `recovery_codes`: how many are left.

    `required`: the domain wants everybody to have a second factor.
    """

    totp_since: Instant | None
    recovery_codes: int
    required: bool


class TotpSetUp(Struct, frozen=True, kw_only=True):
    """`secret`: to be typed into an app. `uri`: the same as `otpauth://`, and `qr` as a QR code, where `1` is dark."""

    secret: str
    uri: str
    qr: list[str]
    ends_at: Instant


class RecoveryCodes(Struct, frozen=True, kw_only=True):
    """Shown this once. Each lets its user in one time without the app."""

    codes: list[str]


class DomainSecurity(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`second_factor_required`: whoever has none is led through setting one up at the next login."""

    second_factor_required: bool


class DomainSecurityState(DomainSecurity, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`without_second_factor`: how many who may log in have none yet."""

    without_second_factor: int


class NewApiKey(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`scopes`: what it may do (docs/login.md). `days`: until it ends by itself; null: never.

    `extension`: as whom it acts; null: as whoever makes it. Only an administrator, who is nobody here, names another.
    """

    name: Annotated[str, Meta(min_length=1, max_length=64, pattern=LINE)]
    scopes: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(min_length=1, max_length=32)]
    days: Annotated[int, Meta(ge=1, le=3_650)] | None = None
    extension: Annotated[Extension, Meta(min_length=1, max_length=16, pattern=r"^[0-9]+(?!\n)$")] | None = None


class ApiKey(Struct, frozen=True, kw_only=True):
    """`user`, `extension`: as whom it acts. `created_by` null: made by an administrator. `used_at`: to some minutes."""

    key: str
    name: str
    user: UserId
    extension: Extension
    scopes: list[str]
    created_by: UserId | None
    created_at: Instant
    expires_at: Instant | None
    used_at: Instant | None


class ApiKeys(Struct, frozen=True, kw_only=True):
    items: list[ApiKey]


class ApiKeyMade(Struct, frozen=True, kw_only=True):
    """`token`: to be sent as `Authorization: Bearer`, or in `connect`. Shown this once."""

    key: ApiKey
    token: str


Domain = Annotated[str, Meta(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9._-]+(?!\n)$")]


class SignOnQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    domain: Domain


class SignOnOffer(Struct, frozen=True, kw_only=True):
    """`language`: in which the company writes to people of whom none is known, for the login page; "": not chosen."""

    available: bool
    language: str


class SignOnWanted(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`domain`: what follows the @ of a login."""

    domain: Domain


class SignOnBegun(Struct, frozen=True, kw_only=True):
    """`url`: the identity provider's; it sends the browser back to us."""

    url: str


class SignOnAnswer(Struct, frozen=True, kw_only=True):
    """What an identity provider sends along (RFC 6749, RFC 9207). What else it sends is left."""

    state: Annotated[str, Meta(max_length=512)] = ""
    code: Annotated[str, Meta(max_length=4_096)] = ""
    error: Annotated[str, Meta(max_length=256)] = ""
    iss: Annotated[str, Meta(max_length=512)] = ""


class HandOver(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`token`: a JWT, see docs/login.md. `bearer`: answer with a token instead of a cookie."""

    domain: Domain
    token: Annotated[str, Meta(min_length=1, max_length=8_192, pattern=LINE)]
    bearer: bool = False


PasskeyJson = Annotated[str, Meta(min_length=2, max_length=16_384)]
"""What a browser's `PublicKeyCredential.toJSON()` gives, as text."""


class PasskeyWanted(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`domain`: what follows the @ of a login."""

    domain: Domain


class PasskeyBegun(Struct, frozen=True, kw_only=True):
    """`options`: JSON for `PublicKeyCredential.parseCreationOptionsFromJSON`, or `parseRequestOptionsFromJSON`."""

    token: str
    options: str


class PasskeyAsked(Struct, frozen=True, kw_only=True):
    """`options`: as of `PasskeyBegun`; the answer belongs to the token of the login that is under way."""

    options: str


class PasskeyLogin(PendingToken, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`bearer`: answer with a token instead of a cookie."""

    passkey: PasskeyJson
    bearer: bool = False


class NewPasskey(PendingToken, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`name`: for its user, to know it by."""

    name: Annotated[str, Meta(min_length=1, max_length=64, pattern=LINE)]
    passkey: PasskeyJson


class OwnPasskey(Struct, frozen=True, kw_only=True):
    passkey: str
    name: str
    created_at: Instant
    used_at: Instant | None


class OwnPasskeys(Struct, frozen=True, kw_only=True):
    """`available`: whether there can be any under the address at which people reach us."""

    available: bool
    items: list[OwnPasskey]

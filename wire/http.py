"""Bodies and queries of the HTTP interface, where they are not records of their own.

Lists are paged by an opaque cursor: `?limit=50&after=...` -> `{"items": [...], "next": "..." | null}`.
"""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from wire.identity import ConversationId, DomainId, Extension, UserId
from wire.records import LINE, Coworker, Instant, Presence, Short

Name = Short


class SecondFactorNeeded(Struct, frozen=True, kw_only=True):
    """How a login goes on: `token` belongs to `POST /v1/login/second-factor`, within `expires_in` seconds.

    `methods`: `code` (of an authenticator app, or a recovery code); `passkey` (`POST /v1/login/second-factor/passkey`);
    or `set_up`: there is none yet, and one has to be set up first (`POST /v1/login/second-factor/set-up`).
    """

    token: str
    methods: list[str]
    expires_in: int


class Problem(Struct, omit_defaults=True, kw_only=True):
    """RFC 9457 problem details, `application/problem+json`.

    `code` is an ErrorCode, or one that only HTTP knows; `field` names the wrong input by its path. `second_factor` only
    with the code `second_factor_required`.
    """

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str = ""
    field: str | None = None
    retry_after: float | None = None
    request_id: str = ""
    second_factor: SecondFactorNeeded | None = None


class PageQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    after: Annotated[str, Meta(max_length=256, pattern=LINE)] | None = None


class DirectoryQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Entries are small, and whoever reads them reads all of them."""

    limit: Annotated[int, Meta(ge=1, le=1_000)] = 50


class LoginRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`login` is `name@domain`. `bearer`: answer with a token instead of a cookie (softphones, scripts)."""

    login: Annotated[str, Meta(min_length=3, max_length=255, pattern=LINE)]
    password: Annotated[str, Meta(min_length=1, max_length=1_024)]
    bearer: bool = False


class ForgottenPassword(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`login` is `name@domain`. The link goes to the user's first verified e-mail address, if there is one."""

    login: Annotated[str, Meta(min_length=3, max_length=255, pattern=LINE)]


class PasswordLinkToken(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`token`: what follows the `#` in a link that was mailed."""

    token: Annotated[str, Meta(min_length=1, max_length=512, pattern=LINE)]


class NewPassword(PasswordLinkToken, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`pin`: the new voicemail PIN, if the link sets one, and then needed."""

    password: Annotated[str, Meta(min_length=1, max_length=1_024)]
    pin: Annotated[str, Meta(max_length=64)] = ""


class PasswordLink(Struct, frozen=True, kw_only=True):
    """`login`: whose password it sets. `sets_pin`: and whose voicemail PIN."""

    login: str
    sets_pin: bool
    expires_at: Instant


class PasswordReset(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`send_mail`: with a link by which the user sets a new password. Without it, the user has to ask for one."""

    send_mail: bool


class UserAccount(Struct, frozen=True, kw_only=True):
    """How far somebody's account is set up: `new`, `setup_required` (no PIN), `password_required` or `standard`."""

    user: UserId
    status: str


class Me(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Who is logged in, and what they may do (accounts/permissions.py)."""

    domain: DomainId
    domain_name: str
    user: UserId
    extension: Extension
    first_name: str
    last_name: str
    scope: str
    permissions: list[str]
    masked_by: UserId | None = None


class LoggedIn(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`token` only if `bearer` was asked for: it is shown this once, as are `recovery_codes`, which there are if this
    login has set a second factor up.
    """

    me: Me
    expires_at: Instant
    token: str | None = None
    recovery_codes: list[str] = []


class TicketMade(Struct, frozen=True):
    """Opens one WebSocket within `expires_in` seconds, in `connect`, for clients that may not hold a token."""

    ticket: str
    expires_in: int


class Profile(Struct, frozen=True, kw_only=True):
    """A user's profile, as its reader may see it. `rev` grows with every change; send it back to edit (`If-Match` is
    not needed).
    """

    user: UserId
    rev: int
    extension: Extension
    login: str
    first_name: str
    last_name: str
    department: str
    site: str
    job_title: str
    time_zone: str
    language: str
    """In which mails and push messages are written, as a tag (`de`). Empty: not known yet, and they are in English."""
    caller_id: str
    emergency_caller_id: str
    area_code: str
    emails: list[str]
    unconfirmed_emails: list[str]
    """Those of `emails` that nobody has confirmed by the link mailed to them: nothing else is sent there."""
    list_in_directory: bool
    announce_in_directory: bool
    record_calls: bool
    overwrite_with_site_defaults: bool
    """Time zone, area code, recording and directory options are those of the site."""
    sso_account: str
    photo: int
    """Its revision, as of the directory's entry; 0: there is none."""
    scope: str
    status: str
    """Derived: `new`, `setup_required`, `password_required`, `standard`."""
    disabled: bool
    editable: list[str]
    """The fields that the reader of this profile may change."""
    hidden: list[str]
    """The fields that the reader may not see: empty here."""
    may: list[str]
    """What else the reader may do to this user: permissions, such as `users.mask`."""


class ProfileEdit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Only what is present changes (RFC 7396 merge patch, no nulls). `rev`: refuse if somebody was faster."""

    rev: Annotated[int, Meta(ge=0, le=2**53 - 1)] | UnsetType = UNSET
    first_name: Name | UnsetType = UNSET
    last_name: Name | UnsetType = UNSET
    time_zone: Short | UnsetType = UNSET
    language: Short | UnsetType = UNSET
    emails: Annotated[list[Annotated[str, Meta(max_length=254, pattern=LINE)]], Meta(max_length=5)] | UnsetType = UNSET
    list_in_directory: bool | UnsetType = UNSET
    announce_in_directory: bool | UnsetType = UNSET
    pin: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    """A new voicemail PIN. Whoever edits somebody else has to set one where there is none."""
    department: Name | UnsetType = UNSET
    job_title: Name | UnsetType = UNSET
    site: Name | UnsetType = UNSET
    """Empty: none."""
    overwrite_with_site_defaults: bool | UnsetType = UNSET
    record_calls: bool | UnsetType = UNSET
    area_code: Annotated[str, Meta(max_length=8, pattern=r"^[0-9]*(?!\n)$")] | UnsetType = UNSET


class DirectoryPage(Struct, frozen=True, kw_only=True):
    """Coworkers by user id. `rev`: the directory's revision at the first page; follow events from there."""

    rev: int
    items: list[Coworker]
    next: str | None = None


class UploadQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`name`: what the file is called. Paths, control characters and the like are taken out of it."""

    name: Annotated[str, Meta(min_length=1, max_length=1_024)]


class PreviewQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`small`: at most 720 pixels wide and high; `large`: 2,048."""

    size: Annotated[str, Meta(pattern=r"^(small|large)(?!\n)$")] = "small"


class NotificationSettings(Struct, frozen=True, kw_only=True):
    """`email_minutes`: a digest by e-mail of what was unread for so long; 0: none."""

    email_minutes: int


class NotificationSettingsEdit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    email_minutes: Annotated[int, Meta(ge=0, le=1_440)]


class PushKey(Struct, frozen=True, kw_only=True):
    """`public_key`: the `applicationServerKey` of `pushManager.subscribe`, as URL-safe base64."""

    public_key: str


class PushSubscription(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """As a browser gives it: `p256dh` and `auth` are URL-safe base64."""

    endpoint: Annotated[str, Meta(min_length=1, max_length=1_024, pattern=LINE)]
    p256dh: Annotated[str, Meta(max_length=128)]
    auth: Annotated[str, Meta(max_length=64)]


class PushSubscriptionQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    endpoint: Annotated[str, Meta(min_length=1, max_length=1_024, pattern=LINE)]


class SmsNumber(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """E.164, e.g. `+41441234567`."""

    number: str
    label: str = ""


class SmsNumbers(Struct, frozen=True, kw_only=True):
    items: list[SmsNumber]


class SmsConversationRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"sender": "from"}):
    """`to` as somebody dials it. `from`: one of the caller's numbers; the first, if it is empty."""

    to: Annotated[str, Meta(min_length=3, max_length=40, pattern=LINE)]
    sender: Annotated[str, Meta(max_length=20, pattern=LINE)] = ""


class SmsConversation(Struct, frozen=True, kw_only=True):
    conversation: ConversationId


class ExportQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    format: Annotated[str, Meta(pattern=r"^(json|text)(?!\n)$")] = "json"


class PresenceQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`users`: ids with commas between them, at most a thousand; everybody if absent."""

    users: Annotated[str, Meta(max_length=10_999, pattern=r"^[0-9,]+(?!\n)$")] | None = None


class PresencePage(Struct, frozen=True, kw_only=True):
    """Everybody of the domain who is not plainly offline, at one moment."""

    epoch: str
    version: int
    users: list[Presence]


class Health(Struct, frozen=True, omit_defaults=True):
    """`status`: `ok` or `failed`; `checks` says of each store whether it answered, in words."""

    status: str
    checks: dict[str, str] = {}


class Version(Struct, frozen=True):
    version: str
    protocol: int

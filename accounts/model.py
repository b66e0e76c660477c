"""The structs of accounts: a user with the settings of a profile, and a login."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from accounts.permissions import Permission, Person, reaches
from wire.identity import Caller, DomainId, Extension, Scope, SessionId, UserId


class AccountStatus(StrEnum):
    """How far an account is set up. Derived by `status_of`, never stored."""

    NEW = "new"
    SETUP_REQUIRED = "setup_required"
    """A password, but no PIN."""
    PASSWORD_REQUIRED = "password_required"  # noqa: S105 - a status, not a password
    """A PIN, but no password."""
    STANDARD = "standard"


def status_of(*, has_password: bool, has_pin: bool) -> AccountStatus:
    match has_password, has_pin:
        case True, True:
            return AccountStatus.STANDARD
        case True, False:
            return AccountStatus.SETUP_REQUIRED
        case False, True:
            return AccountStatus.PASSWORD_REQUIRED
        case _:
            return AccountStatus.NEW


class Email(Struct, frozen=True):
    email: str
    verified: bool = False


class Account(Struct, frozen=True, kw_only=True):
    """A user who is not deleted, without secrets. `rev` is the profile's, `directory_rev` the directory entry's."""

    domain: DomainId
    user: UserId
    rev: int
    directory_rev: int
    extension: Extension
    login_name: str
    first_name: str
    last_name: str
    department: str
    site: str | None
    job_title: str
    scope: Scope
    time_zone: str
    """Empty: the domain's."""
    language: str
    """Of mails and push messages; empty: nobody has said, and the user was never here."""
    caller_id: str
    emergency_caller_id: str
    area_code: str
    emails: tuple[Email, ...]
    record_calls: bool
    list_in_directory: bool
    announce_in_directory: bool
    overwrite_with_site_defaults: bool
    sso_account: str
    photo_rev: int
    """Names the photo in its address; 0: there is none."""
    has_password: bool
    has_pin: bool
    is_system: bool
    disabled: bool
    domain_name: str
    domain_time_zone: str
    domain_language: str

    @property
    def status(self) -> AccountStatus:
        return status_of(has_password=self.has_password, has_pin=self.has_pin)

    @property
    def login(self) -> str:
        return f"{self.login_name}@{self.domain}"

    @property
    def is_listed(self) -> bool:
        """Whether coworkers see this user: extensions without a person behind them are in no directory."""
        return self.list_in_directory and not self.is_system

    @property
    def follows_site(self) -> bool:
        """Whether the settings that sites have are the site's."""
        return self.overwrite_with_site_defaults and self.site is not None

    @property
    def person(self) -> Person:
        """As much as the rules of permissions look at."""
        return Person(domain=self.domain, user=self.user, scope=self.scope, site=self.site, listed=self.is_listed)


class Credentials(Struct, frozen=True, kw_only=True):
    """What a login is checked against. No `password_hash`: nothing that anybody types is right."""

    user: UserId
    scope: Scope
    disabled: bool
    password_hash: str | None


class SessionKind(StrEnum):
    COOKIE = "cookie"
    BEARER = "bearer"


class Session(Struct, frozen=True, kw_only=True):
    """A login that was not ended, with its user as of now. It may have run out: `is_good` tells."""

    session: SessionId
    domain: DomainId
    user: UserId
    operator: Person | None
    """Of a mask: who is at the keyboard, as of now."""
    extension: Extension
    scope: Scope
    site: str | None
    disabled: bool
    """The user, or the operator."""
    last_used_at: datetime
    expires_at: datetime
    absolute_expires_at: datetime

    def is_good(self, now: datetime) -> bool:
        """Whether it lets its user in at this moment."""
        return self._is_allowed and not self.disabled and now < min(self.expires_at, self.absolute_expires_at)

    @property
    def _is_allowed(self) -> bool:
        if self.operator is None:
            return self.scope is not Scope.NO_PORTAL
        # Either one's scope may be another than when the mask was put on.
        masked = Person(domain=self.domain, user=self.user, scope=self.scope, site=self.site)
        return reaches(self.operator, Permission.MASK, masked)

    @property
    def caller(self) -> Caller:
        return Caller(
            domain=self.domain,
            user=self.user,
            extension=self.extension,
            scope=self.scope,
            session=self.session,
            site=self.site,
            operator=self.operator.user if self.operator else None,
        )


class NewSession(Struct, frozen=True, kw_only=True):
    session: SessionId
    domain: DomainId
    token_hash: bytes
    user: UserId
    kind: SessionKind
    user_agent: str
    address: str
    language: str = ""
    """Becomes the user's, if nothing is known of that; empty: it is not known here either."""
    created_at: datetime
    expires_at: datetime
    absolute_expires_at: datetime
    operator: UserId | None = None


class EndedSession(Struct, frozen=True):
    user: UserId
    session: SessionId


class AuditLine(Struct, frozen=True, kw_only=True):
    """Who did what to whom. `before` and `after` hold only what changed, and never a secret.

    `user` None: whoever runs us, at the command line or by an administration key.
    """

    at: datetime
    user: UserId | None
    operator: UserId | None
    action: str
    target: str
    address: str = ""
    """From where it was done."""
    key: str = ""
    """By which program's key, or administrator's; empty: by a person, or at the command line."""
    before: dict[str, object] | None = None
    after: dict[str, object] | None = None

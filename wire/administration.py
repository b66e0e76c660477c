"""What is asked and told over HTTP by whoever administers users, domains and switches."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from wire.accounts import AreaCode
from wire.identity import DomainId, Extension, SourceId, UserId
from wire.records import LINE, Instant, Short

Line = Annotated[str, Meta(max_length=64, pattern=LINE)]
ExtensionText = Annotated[str, Meta(min_length=1, max_length=16, pattern=r"^[0-9]+(?!\n)$")]
LoginName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s@:/]+(?!\n)$")]
ScopeName = Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[A-Za-z _-]+(?!\n)$")]
CallerId = Annotated[str, Meta(max_length=32, pattern=LINE)]
Address = Annotated[str, Meta(min_length=3, max_length=254, pattern=LINE)]


class NewUserAccount(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A user without password and PIN. `login_name`: what stands before the @; the extension if absent. `email` is
    taken as confirmed. `scope` by its name; `basic_user` if absent.
    """

    extension: ExtensionText
    first_name: Line
    last_name: Line | UnsetType = UNSET
    login_name: LoginName | UnsetType = UNSET
    department: Line | UnsetType = UNSET
    site: Line | UnsetType = UNSET
    job_title: Line | UnsetType = UNSET
    email: Address | UnsetType = UNSET
    scope: ScopeName | UnsetType = UNSET
    time_zone: Short | UnsetType = UNSET
    language: Short | UnsetType = UNSET
    """Of mails, as a tag (`de`)."""
    caller_id: CallerId | UnsetType = UNSET
    emergency_caller_id: CallerId | UnsetType = UNSET
    area_code: AreaCode | UnsetType = UNSET
    list_in_directory: bool | UnsetType = UNSET
    announce_in_directory: bool | UnsetType = UNSET


class UserAdded(Struct, frozen=True, kw_only=True):
    """`created` false: there was one just like that, and nothing was done."""

    user: UserId
    extension: Extension
    login: str
    created: bool


class AccountChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What of an account nobody edits in the profile; only what is present changes. `disabled`: may not log in.

    A new scope, and disabling, end every login of the user. Login name, caller IDs and single sign-on account are
    changed with an administration key only.
    """

    scope: ScopeName | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET
    login_name: LoginName | UnsetType = UNSET
    caller_id: CallerId | UnsetType = UNSET
    emergency_caller_id: CallerId | UnsetType = UNSET
    sso_account: Annotated[str, Meta(max_length=254, pattern=LINE)] | UnsetType = UNSET


class AccountState(Struct, frozen=True, kw_only=True):
    """`changed`: the names of what is another now; none: all was as wanted."""

    user: UserId
    extension: Extension
    login: str
    scope: str
    status: str
    disabled: bool
    caller_id: str
    emergency_caller_id: str
    sso_account: str
    changed: list[str]


class ErasureQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`messages`: take the words and files out of everything the user wrote, too."""

    messages: bool = False


class UserErased(Struct, frozen=True, kw_only=True):
    """`messages`: how many lost their words."""

    user: UserId
    extension: Extension
    messages: int


class UserImportQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`dry_run`: only say what would happen."""

    dry_run: bool = False


class UserImportRow(Struct, frozen=True, kw_only=True):
    """`line` of the file; `outcome`: `exists` (left as it is) or `refused`."""

    line: int
    outcome: str
    reason: str


class UsersImported(Struct, frozen=True, kw_only=True):
    """All of a file or, with a refused row, none. `applied`: whether the `create` new ones are there now.

    `rows`: the first 1,000 of those that are not created.
    """

    applied: bool
    create: int
    exist: int
    refused: int
    rows: list[UserImportRow]


DomainName = Annotated[str, Meta(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9._-]+(?!\n)$")]
Country = Annotated[str, Meta(min_length=2, max_length=2, pattern=r"^[A-Za-z]+(?!\n)$")]
RetentionDays = Annotated[int, Meta(ge=1, le=36_500)]


class NewDomain(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A company, by its SIP domain name. `country`: two letters, how numbers without a country code are read.
    `language`: of mails and push messages to users of whom none is known, as a tag (`de`); "": English.
    """

    domain: DomainName
    name: Line | UnsetType = UNSET
    country: Country | UnsetType = UNSET
    time_zone: Short | UnsetType = UNSET
    language: Short | UnsetType = UNSET
    ringing_is_busy: bool | UnsetType = UNSET
    retention_days: RetentionDays | UnsetType | None = UNSET


class DomainEdit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Only what is present changes. `retention_days`: messages are deleted once they are older; null: never."""

    name: Line | UnsetType = UNSET
    country: Country | UnsetType = UNSET
    time_zone: Short | UnsetType = UNSET
    language: Short | UnsetType = UNSET
    ringing_is_busy: bool | UnsetType = UNSET
    retention_days: RetentionDays | UnsetType | None = UNSET


class DomainSettings(Struct, frozen=True, kw_only=True):
    """`language`: of mails and push messages to users of whom none is known; "": English.

    `ringing_is_busy`: a ringing call alone makes red. `retention_days` null: messages are kept for ever.

    `editable`: which of these the reader may change.
    """

    domain: DomainId
    name: str
    country: str
    time_zone: str
    language: str
    ringing_is_busy: bool
    retention_days: int | None
    users: int
    editable: list[str]


class DomainAdded(Struct, frozen=True, kw_only=True):
    """`created` false: it was there just like that, and nothing was done."""

    domain: DomainSettings
    created: bool


class DomainList(Struct, frozen=True, kw_only=True):
    items: list[DomainSettings]


class DomainDeletion(Struct, frozen=True, kw_only=True):
    """Everybody is out, and nobody gets in any more; what there is of data goes in the next minutes."""

    domain: DomainId
    users: int


SourceName = Annotated[str, Meta(min_length=1, max_length=63, pattern=r"^[a-z0-9.-]+(?!\n)$")]


class NewSource(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A telephone switch, which may report of `domains`. `label`: what people call it."""

    source: SourceName
    domains: Annotated[list[DomainName], Meta(min_length=1, max_length=10_000)]
    label: Line = ""


class SourceEdit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`enabled` false: nothing is taken from it any more; what it has reported ends by itself.

    `command_url`: where it takes commands, such as Do Not Disturb; empty: nowhere. A new token for this is made and
    shown, unless `command_token` gives one.
    """

    enabled: bool | UnsetType = UNSET
    command_url: Annotated[str, Meta(max_length=512, pattern=LINE)] | UnsetType = UNSET
    command_token: Annotated[str, Meta(min_length=1, max_length=512, pattern=r"^[!-~]+(?!\n)$")] | UnsetType = UNSET


class TokenWanted(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`keep_previous`: the token until now is still taken, so that the switch can change over without a gap."""

    keep_previous: bool = True


class SourceState(Struct, frozen=True, kw_only=True):
    """`has_two_tokens`: the one before is still taken."""

    source: SourceId
    label: str
    enabled: bool
    has_two_tokens: bool
    command_url: str
    domains: list[DomainId]


class SourceList(Struct, frozen=True, kw_only=True):
    items: list[SourceState]


class SourceChanged(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`token`: with which the switch reports from now on; `command_token`: which we show to it. Shown this once."""

    source: SourceState
    token: str | None = None
    command_token: str | None = None


class AdministrationKeyLine(Struct, frozen=True, kw_only=True):
    """`domains` null: all. `used_at`: to some minutes."""

    key: str
    name: str
    scopes: list[str]
    domains: list[DomainId] | None
    created_at: Instant
    expires_at: Instant | None
    used_at: Instant | None

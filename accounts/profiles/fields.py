"""Who sees and who edits which field of a profile, as data, and the functions that answer by it. Pure."""

from msgspec import Struct

from accounts.model import Account
from accounts.permissions import Permission, may
from wire.identity import Caller


class Field(Struct, frozen=True, kw_only=True):
    """One field of a profile.

    `own`: what its user needs to change it, `managed`: what somebody else needs, over that user; None: nobody does so
    here. `seen`: what somebody else needs to read it. `follows_site`: the site's, for who is overwritten with its
    defaults, so that a change by hand would not last.
    """

    name: str
    own: Permission | None = None
    managed: Permission | None = None
    seen: Permission = Permission.SEE_PROFILE
    follows_site: bool = False


_OWN, _SECRET = Permission.EDIT_OWN_PROFILE, Permission.CHANGE_OWN_SECRETS
_MANAGED = Permission.EDIT_PROFILE

FIELDS = (
    Field(name="first_name", own=_OWN, managed=_MANAGED),
    Field(name="last_name", own=_OWN, managed=_MANAGED),
    Field(name="extension"),
    Field(name="login"),
    Field(name="caller_id"),
    Field(name="emergency_caller_id"),
    Field(name="scope"),
    Field(name="sso_account"),
    Field(name="time_zone", own=_OWN, managed=_MANAGED, follows_site=True),
    Field(name="language", own=_OWN, managed=_MANAGED),
    # Whoever can change an address can take the account over by a mail to it.
    Field(name="emails", own=_SECRET, managed=Permission.MANAGE_EMAILS, seen=Permission.MANAGE_EMAILS),
    Field(name="list_in_directory", own=_OWN, managed=_MANAGED, follows_site=True),
    Field(name="announce_in_directory", own=_OWN, managed=_MANAGED, follows_site=True),
    Field(name="photo", own=_OWN, managed=_MANAGED),
    Field(name="pin", own=_SECRET, managed=Permission.SET_PIN),
    Field(name="department", managed=_MANAGED),
    Field(name="job_title", managed=_MANAGED),
    Field(name="site", managed=_MANAGED),
    Field(name="overwrite_with_site_defaults", managed=_MANAGED),
    Field(name="record_calls", managed=_MANAGED, follows_site=True),
    Field(name="area_code", managed=_MANAGED, follows_site=True),
)

BY_NAME = {field.name: field for field in FIELDS}
FOLLOWING_SITE = tuple(field.name for field in FIELDS if field.follows_site)

DONE_TO_OTHERS = (
    Permission.EXPLAIN_PRESENCE,
    Permission.RESET_USER,
    Permission.RESET_PASSWORD,
    Permission.TURN_OFF_MFA,
    Permission.MASK,
    Permission.ADMINISTER_USERS,
)
"""What a page about somebody offers besides its fields."""


def editable_fields(caller: Caller, account: Account) -> list[str]:
    """Which fields of this account the caller may change."""
    return [field.name for field in FIELDS if may_edit(caller, account, field)]


def may_edit(caller: Caller, account: Account, field: Field) -> bool:
    if field.follows_site and account.follows_site:
        return False
    if account.user == caller.user and field.own is not None and may(caller, field.own):
        return True
    return field.managed is not None and may(caller, field.managed, account.person)


def hidden_fields(caller: Caller, account: Account) -> list[str]:
    """Which fields of this account the caller does not even read. Nobody reads a PIN."""
    if account.user == caller.user:
        return []
    return [field.name for field in FIELDS if not may(caller, field.seen, account.person)]


def may_read(caller: Caller, account: Account) -> bool:
    """Whether the caller gets to see the profile at all."""
    return account.user == caller.user or may(caller, Permission.SEE_PROFILE, account.person)


def things_to_do(caller: Caller, account: Account) -> list[str]:
    """What else the caller may do to this user."""
    return [permission.value for permission in DONE_TO_OTHERS if may(caller, permission, account.person)]

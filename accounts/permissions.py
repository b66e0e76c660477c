"""Who may do what, as data, and the one function that answers the question. Pure.

The table is the operator's to change: give `may` another one. Rules that no table can change are in the code below it:
nothing crosses domains, and a masked session neither chats nor touches a password, a PIN or a second factor.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum, auto

from msgspec import Struct

from wire.identity import NOBODY, Caller, DomainId, Scope, UserId


class Permission(StrEnum):
    """What somebody may do. The values travel to clients, which hide what is not among theirs."""

    USE_PORTAL = "portal.use"
    """Log in at all."""
    CHAT = "chat.use"
    """Read and send one's own chat."""
    BE_AVAILABLE = "chat.be_available"
    """Light the blue dot."""
    EDIT_OWN_PROFILE = "profile.edit_own"
    CHANGE_OWN_SECRETS = "profile.change_own_secrets"
    """Password, PIN, second factor, and the e-mail addresses, to which a new password can be sent."""
    MANAGE_OWN_CONTACTS = "contacts.manage_own"
    READ_SHARED_CONTACTS = "contacts.read_shared"
    MANAGE_SHARED_CONTACTS = "contacts.manage_shared"
    """Add, edit, delete, import, export."""
    MANAGE_SITES = "sites.manage"
    """Add, rename and delete sites, and set what users take over from them."""

    # What is done to a person:
    EXPLAIN_PRESENCE = "presence.explain"
    """See devices, calls and sessions behind a dot."""
    SEE_UNLISTED = "users.see_unlisted"
    """See somebody whose List in Directory is off."""
    SEE_PROFILE = "users.see_profile"
    """Profile and account status."""
    EDIT_PROFILE = "users.edit_profile"
    """Names, department, site, recording and the like; never extension, login name or caller ID."""
    SET_PIN = "users.set_pin"
    RESET_USER = "users.reset"
    MANAGE_EMAILS = "users.manage_emails"
    """See and change e-mail addresses; whoever can change them can take the account over by a recovery e-mail."""
    RESET_PASSWORD = "users.reset_password"  # noqa: S105 - a permission, not a password
    """Force a reset, send a welcome e-mail."""
    TURN_OFF_MFA = "users.turn_off_mfa"
    READ_AUDIT = "audit.read"
    """What was done by somebody, and to somebody."""
    MASK = "users.mask"
    """Act as somebody else."""

    ADMINISTER_USERS = "users.administer"
    """Make somebody, say whether they may log in and with which scope, delete them with their data."""
    CHANGE_IDENTITY = "users.change_identity"
    """Login name, caller IDs, single sign-on account: what the telephone system, too, goes by."""

    MANAGE_DOMAIN = "domain.manage"
    """The company's name, country, time zone, and whether ringing alone is busy."""
    SET_RETENTION = "domain.set_retention"
    """After how many days everybody's messages are deleted."""
    MANAGE_DOMAIN_SECURITY = "domain.manage_security"
    """What the domain requires of logins."""
    MANAGE_API_KEYS = "domain.manage_api_keys"
    """Make, see and revoke keys of programs."""


class Reach(Enum):
    """To whom a permission extends."""

    GRANTED = auto()
    """For permissions which concern no other person."""
    SELF = auto()
    AGENTS = auto()
    """Users whose scope is Call Center Agent."""
    SITE = auto()
    """Users of the own site who are not managers themselves."""
    DOMAIN = auto()
    """Everybody, oneself included."""
    LOWER = auto()
    """Others of a lower scope."""
    NOT_HIGHER = auto()
    """Others of the same scope or a lower one."""
    VISIBLE = auto()
    """Oneself, listed users, and those unlisted ones whom SEE_UNLISTED reaches."""


class Person(Struct, frozen=True):
    """As much of a user as the rules look at."""

    domain: DomainId
    user: UserId
    scope: Scope
    site: str | None = None
    listed: bool = True


class Bounds(Struct, frozen=True):
    """Who is within reach, as a store can look for them. Those who are all of it: `scope` exactly, below `below`, up to
    `up_to`, of `site`, and not `but`."""

    scope: Scope | None = None
    below: Scope | None = None
    up_to: Scope | None = None
    site: str | None = None
    but: UserId | None = None


Table = Mapping[Scope, Mapping[Permission, Reach]]

NOT_WHILE_MASKED = frozenset(
    {
        Permission.CHAT,
        Permission.BE_AVAILABLE,
        Permission.CHANGE_OWN_SECRETS,
        Permission.SET_PIN,
        Permission.RESET_USER,
        Permission.MANAGE_EMAILS,
        Permission.RESET_PASSWORD,
        Permission.TURN_OFF_MFA,
        Permission.MASK,
        Permission.ADMINISTER_USERS,
        Permission.CHANGE_IDENTITY,
        Permission.MANAGE_DOMAIN,
        Permission.SET_RETENTION,
        Permission.MANAGE_DOMAIN_SECURITY,
        Permission.MANAGE_API_KEYS,
    }
)
"""Secrets are out of reach of a mask even where the masked user might change those of others; so is what decides who
there is, and what holds for a whole company."""

_OWN = {
    Permission.USE_PORTAL: Reach.GRANTED,
    Permission.CHAT: Reach.GRANTED,
    Permission.BE_AVAILABLE: Reach.GRANTED,
    Permission.EDIT_OWN_PROFILE: Reach.GRANTED,
    Permission.CHANGE_OWN_SECRETS: Reach.GRANTED,
    Permission.MANAGE_OWN_CONTACTS: Reach.GRANTED,
    Permission.READ_SHARED_CONTACTS: Reach.GRANTED,
    Permission.EXPLAIN_PRESENCE: Reach.SELF,
    Permission.SEE_UNLISTED: Reach.SELF,
}
_MANAGER = _OWN | {Permission.MANAGE_SHARED_CONTACTS: Reach.GRANTED, Permission.EXPLAIN_PRESENCE: Reach.VISIBLE}
_MANAGED = (
    Permission.SEE_UNLISTED,
    Permission.SEE_PROFILE,
    Permission.EDIT_PROFILE,
    Permission.SET_PIN,
    Permission.RESET_USER,
    Permission.MANAGE_EMAILS,
    Permission.RESET_PASSWORD,
    Permission.TURN_OFF_MFA,
)
_SUPERVISOR = _MANAGER | dict.fromkeys(_MANAGED, Reach.AGENTS)
_SITE_MANAGER = _MANAGER | dict.fromkeys(_MANAGED, Reach.SITE) | {Permission.READ_AUDIT: Reach.SITE}
_OFFICE_MANAGER = _MANAGER | {
    Permission.MANAGE_SITES: Reach.GRANTED,
    Permission.READ_AUDIT: Reach.DOMAIN,
    Permission.SEE_UNLISTED: Reach.DOMAIN,
    Permission.SEE_PROFILE: Reach.DOMAIN,
    Permission.EDIT_PROFILE: Reach.DOMAIN,
    Permission.SET_PIN: Reach.NOT_HIGHER,
    Permission.RESET_USER: Reach.NOT_HIGHER,
    # Not those of other Office Managers, still less of those above: with either one could log in as them.
    Permission.MANAGE_EMAILS: Reach.LOWER,
    Permission.RESET_PASSWORD: Reach.LOWER,
    Permission.TURN_OFF_MFA: Reach.LOWER,
    Permission.MASK: Reach.LOWER,
    Permission.ADMINISTER_USERS: Reach.LOWER,
    Permission.MANAGE_DOMAIN: Reach.GRANTED,
    Permission.MANAGE_DOMAIN_SECURITY: Reach.GRANTED,
    Permission.MANAGE_API_KEYS: Reach.GRANTED,
}
_OPERATOR = _OFFICE_MANAGER | {
    Permission.MANAGE_EMAILS: Reach.NOT_HIGHER,
    Permission.RESET_PASSWORD: Reach.NOT_HIGHER,
    Permission.TURN_OFF_MFA: Reach.NOT_HIGHER,
    Permission.SET_RETENTION: Reach.GRANTED,
}

ADMINISTRATOR: Mapping[Permission, Reach] = {
    **dict.fromkeys(_MANAGED, Reach.DOMAIN),
    Permission.ADMINISTER_USERS: Reach.DOMAIN,
    Permission.CHANGE_IDENTITY: Reach.DOMAIN,
    Permission.READ_AUDIT: Reach.DOMAIN,
    Permission.EXPLAIN_PRESENCE: Reach.DOMAIN,
    Permission.READ_SHARED_CONTACTS: Reach.GRANTED,
    Permission.MANAGE_SHARED_CONTACTS: Reach.GRANTED,
    Permission.MANAGE_SITES: Reach.GRANTED,
    Permission.MANAGE_DOMAIN: Reach.GRANTED,
    Permission.SET_RETENTION: Reach.GRANTED,
    Permission.MANAGE_DOMAIN_SECURITY: Reach.GRANTED,
    Permission.MANAGE_API_KEYS: Reach.GRANTED,
}
"""Of whoever runs the service, in each domain: they have no things of their own there, and neither chat nor mask."""

TABLE: Table = {
    Scope.NO_PORTAL: {},
    Scope.SIMPLE_USER: _OWN,
    Scope.BASIC_USER: _OWN,
    Scope.ADVANCED_USER: _OWN,
    Scope.CALL_CENTER_AGENT: _OWN,
    Scope.CALL_CENTER_SUPERVISOR: _SUPERVISOR,
    Scope.SITE_MANAGER: _SITE_MANAGER,
    Scope.OFFICE_MANAGER: _OFFICE_MANAGER,
    Scope.RESELLER: _OPERATOR,
    Scope.SUPER_USER: _OPERATOR,
}


def may(caller: Caller, permission: Permission, target: Person | None = None, table: Table = TABLE) -> bool:
    """Whether the caller may do this, to `target` if it is something that is done to a person."""
    if caller.operator is not None and permission in NOT_WHILE_MASKED:
        return False
    return reaches(person_of(caller), permission, target, table)


def reaches(actor: Person, permission: Permission, target: Person | None = None, table: Table = TABLE) -> bool:
    """The same for somebody who is not asking right now, and so has no mask."""
    reach = _row(actor.user, actor.scope, table).get(permission)
    if reach is None:
        return False
    if target is None:
        return reach is Reach.GRANTED
    if target.domain != actor.domain:
        return False
    if reach is Reach.VISIBLE:
        return target.listed or target.user == actor.user or reaches(actor, Permission.SEE_UNLISTED, target, table)
    return _is_within(reach, actor, target) or (permission is Permission.SEE_UNLISTED and target.user == actor.user)


def bounds_of(caller: Caller, permission: Permission, table: Table = TABLE) -> Bounds | None:
    """Whom else of the own domain `may` lets the caller do this to; None: nobody."""
    if caller.operator is not None and permission in NOT_WHILE_MASKED:
        return None
    match _row(caller.user, caller.scope, table).get(permission):
        case Reach.AGENTS:
            return Bounds(scope=Scope.CALL_CENTER_AGENT, but=caller.user)
        case Reach.SITE:
            return Bounds(site=caller.site, below=Scope.SITE_MANAGER) if caller.site else None
        case Reach.DOMAIN:
            return Bounds()
        case Reach.LOWER:
            return Bounds(below=caller.scope)
        case Reach.NOT_HIGHER:
            return Bounds(up_to=caller.scope, but=caller.user)
        case _:
            return None


def permissions_of(scope: Scope, *, masked: bool = False, table: Table = TABLE) -> list[str]:
    """What a client may offer, in a stable order. Whom it reaches is checked when it is done.

    What reaches nobody but oneself is left out: a client offers it to everybody, and among these it would say of others
    what is not so.
    """
    return sorted(
        each
        for each, reach in table[scope].items()
        if reach is not Reach.SELF and not (masked and each in NOT_WHILE_MASKED)
    )


def person_of(caller: Caller) -> Person:
    return Person(domain=caller.domain, user=caller.user, scope=caller.scope, site=caller.site)


def may_see_unlisted(caller: Caller, user: UserId, scope: Scope, site: str | None) -> bool:
    """Whether an unlisted user of the caller's own domain is shown to the caller: only to the user and the managers."""
    target = Person(domain=caller.domain, user=user, scope=scope, site=site, listed=False)
    return may(caller, Permission.SEE_UNLISTED, target)


def _row(user: UserId, scope: Scope, table: Table) -> Mapping[Permission, Reach]:
    return ADMINISTRATOR if user == NOBODY else table[scope]


def _is_within(reach: Reach, actor: Person, target: Person) -> bool:
    is_self = target.user == actor.user
    match reach:
        case Reach.SELF:
            return is_self
        case Reach.AGENTS:
            return target.scope is Scope.CALL_CENTER_AGENT and not is_self
        case Reach.SITE:
            return bool(actor.site) and target.site == actor.site and target.scope < Scope.SITE_MANAGER
        case Reach.DOMAIN:
            return True
        case Reach.LOWER:
            return target.scope < actor.scope
        case Reach.NOT_HIGHER:
            return target.scope <= actor.scope and not is_self
        case _:
            return False

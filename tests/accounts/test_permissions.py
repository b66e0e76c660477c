"""The table of product.md, "Who may do what", written down a second time and row by row."""

import itertools

import msgspec
import pytest

from accounts.permissions import (
    NOT_WHILE_MASKED,
    TABLE,
    Bounds,
    Permission,
    Person,
    Reach,
    bounds_of,
    may,
    may_see_unlisted,
    permissions_of,
)
from wire.identity import NOBODY, Caller, DomainId, Extension, Scope, SessionId, UserId

DOMAIN = DomainId("a.test")
OTHERS = DomainId("b.test")
ME, OTHER = UserId(1), UserId(2)

OWN = {
    Permission.USE_PORTAL,
    Permission.CHAT,
    Permission.BE_AVAILABLE,
    Permission.EDIT_OWN_PROFILE,
    Permission.CHANGE_OWN_SECRETS,
    Permission.MANAGE_OWN_CONTACTS,
    Permission.READ_SHARED_CONTACTS,
}
MANAGING = {
    Permission.SEE_UNLISTED,
    Permission.SEE_PROFILE,
    Permission.EDIT_PROFILE,
    Permission.SET_PIN,
    Permission.RESET_USER,
    Permission.MANAGE_EMAILS,
    Permission.RESET_PASSWORD,
    Permission.TURN_OFF_MFA,
}
SECRETS = {Permission.MANAGE_EMAILS, Permission.RESET_PASSWORD, Permission.TURN_OFF_MFA}

PLAIN = (Scope.SIMPLE_USER, Scope.BASIC_USER, Scope.ADVANCED_USER, Scope.CALL_CENTER_AGENT)
MANAGERS = (
    Scope.CALL_CENTER_SUPERVISOR,
    Scope.SITE_MANAGER,
    Scope.OFFICE_MANAGER,
    Scope.RESELLER,
    Scope.SUPER_USER,
)
SITES = (None, "North", "South")


def caller(scope: Scope, site: str | None = "North", operator: UserId | None = None) -> Caller:
    return Caller(DOMAIN, ME, Extension("1001"), scope, SessionId("s"), site, operator)


def person(
    scope: Scope, site: str | None = "North", *, domain: DomainId = DOMAIN, user: UserId = OTHER, listed: bool = True
) -> Person:
    return Person(domain=domain, user=user, scope=scope, site=site, listed=listed)


def manages(actor: Scope, actor_site: str | None, target: Scope, target_site: str | None) -> bool:
    """Column "others' profiles and advanced settings"."""
    match actor:
        case Scope.CALL_CENTER_SUPERVISOR:
            return target is Scope.CALL_CENTER_AGENT
        case Scope.SITE_MANAGER:
            return actor_site is not None and actor_site == target_site and target < Scope.SITE_MANAGER
        case Scope.OFFICE_MANAGER | Scope.RESELLER | Scope.SUPER_USER:
            return True
        case _:
            return False


def may_take_over(actor: Scope, target: Scope) -> bool:
    """Passwords and e-mails: never of somebody above, and of Office Managers not by one another."""
    return target < actor or (target is actor and actor is not Scope.OFFICE_MANAGER)


def expected(actor: Scope, site: str | None, permission: Permission, target: Scope, target_site: str | None) -> bool:
    """What may be done to another listed user of the same domain."""
    managed = manages(actor, site, target, target_site)
    match permission:
        case Permission.EXPLAIN_PRESENCE:
            return actor in MANAGERS
        case Permission.READ_AUDIT:
            return managed and actor > Scope.CALL_CENTER_SUPERVISOR
        case Permission.MASK | Permission.ADMINISTER_USERS:
            return actor >= Scope.OFFICE_MANAGER and target < actor
        case Permission.SET_PIN | Permission.RESET_USER:
            return managed and target <= actor
        case _ if permission in SECRETS:
            return managed and may_take_over(actor, target)
        case _ if permission in MANAGING:
            return managed
        case _:
            return False


@pytest.mark.parametrize("actor", Scope)
def test_every_row_of_the_table_for_other_users(actor: Scope) -> None:
    for permission, site, target, target_site in itertools.product(Permission, SITES, Scope, SITES):
        answer = may(caller(actor, site), permission, person(target, target_site))
        case = (permission, site, target.name, target_site)
        assert answer is expected(actor, site, permission, target, target_site), case


@pytest.mark.parametrize("actor", Scope)
def test_own_things_and_shared_contacts(actor: Scope) -> None:
    granted = {each for each in Permission if may(caller(actor), each)}
    if actor is Scope.NO_PORTAL:
        assert granted == set()
    elif actor in PLAIN:
        assert granted == OWN
    elif actor < Scope.OFFICE_MANAGER:
        assert granted == OWN | {Permission.MANAGE_SHARED_CONTACTS}
    else:
        office = {Permission.MANAGE_SITES, Permission.MANAGE_DOMAIN_SECURITY, Permission.MANAGE_API_KEYS}
        office |= {Permission.MANAGE_DOMAIN}
        company = {Permission.SET_RETENTION} if actor > Scope.OFFICE_MANAGER else set()
        assert granted == OWN | {Permission.MANAGE_SHARED_CONTACTS} | office | company


@pytest.mark.parametrize("scope", Scope)
def test_whoever_runs_the_service_administers_everybody_and_is_nobody(scope: Scope) -> None:
    administrator = msgspec.structs.replace(caller(Scope.SUPER_USER), user=NOBODY)
    for permission in MANAGING | {Permission.ADMINISTER_USERS, Permission.CHANGE_IDENTITY, Permission.READ_AUDIT}:
        assert may(administrator, permission, person(scope))
        assert not may(administrator, permission, person(scope, domain=OTHERS))
        assert bounds_of(administrator, permission) == Bounds()
    assert not may(administrator, Permission.MASK, person(scope))
    for permission in OWN - {Permission.READ_SHARED_CONTACTS}:
        assert not may(administrator, permission)
    assert not may(caller(scope), Permission.CHANGE_IDENTITY, person(Scope.SIMPLE_USER))


@pytest.mark.parametrize("actor", Scope)
def test_nothing_is_done_to_users_of_another_domain(actor: Scope) -> None:
    for permission, target, user in itertools.product(Permission, Scope, (ME, OTHER)):
        assert not may(caller(actor), permission, person(target, domain=OTHERS, user=user))


@pytest.mark.parametrize("actor", [scope for scope in Scope if scope is not Scope.NO_PORTAL])
def test_everybody_may_ask_why_the_own_dot_is_red_and_sees_the_own_entry(actor: Scope) -> None:
    myself = person(actor, user=ME, listed=False)
    assert may(caller(actor), Permission.EXPLAIN_PRESENCE, myself)
    assert may(caller(actor), Permission.SEE_UNLISTED, myself)


@pytest.mark.parametrize("actor", Scope)
def test_nobody_manages_the_own_secrets_or_masks_oneself(actor: Scope) -> None:
    myself = person(actor, user=ME)
    for permission in SECRETS | {Permission.SET_PIN, Permission.RESET_USER, Permission.MASK}:
        assert not may(caller(actor), permission, myself)


def test_only_office_managers_and_above_edit_what_users_only_see_of_their_own_profile() -> None:
    editing = {scope for scope in Scope if may(caller(scope), Permission.EDIT_PROFILE, person(scope, user=ME))}
    assert editing == {Scope.OFFICE_MANAGER, Scope.RESELLER, Scope.SUPER_USER}


@pytest.mark.parametrize("actor", Scope)
def test_unlisted_users_are_seen_and_explained_by_those_who_manage_them(actor: Scope) -> None:
    for site, target, target_site in itertools.product(SITES, Scope, SITES):
        unlisted = person(target, target_site, listed=False)
        managed = manages(actor, site, target, target_site)
        assert may(caller(actor, site), Permission.SEE_UNLISTED, unlisted) is managed
        assert may(caller(actor, site), Permission.EXPLAIN_PRESENCE, unlisted) is managed
        assert may_see_unlisted(caller(actor, site), OTHER, target, target_site) is managed


def test_users_without_a_site_are_not_one_site() -> None:
    for no_site in (None, ""):
        assert not may(caller(Scope.SITE_MANAGER, no_site), Permission.SEE_PROFILE, person(Scope.BASIC_USER, no_site))


@pytest.mark.parametrize("masked_as", Scope)
def test_a_mask_neither_chats_nor_touches_secrets_nor_masks_again(masked_as: Scope) -> None:
    masked = caller(masked_as, operator=UserId(9))
    for permission, target in itertools.product(NOT_WHILE_MASKED, (None, *(person(scope) for scope in Scope))):
        assert not may(masked, permission, target)


def test_a_mask_may_otherwise_do_what_the_masked_user_may() -> None:
    masked, plain = caller(Scope.OFFICE_MANAGER, operator=UserId(9)), caller(Scope.OFFICE_MANAGER)
    for permission in set(Permission) - NOT_WHILE_MASKED:
        assert may(masked, permission) is may(plain, permission)
        assert may(masked, permission, person(Scope.BASIC_USER)) is may(plain, permission, person(Scope.BASIC_USER))


def test_clients_are_told_what_they_may_offer_and_less_while_masked() -> None:
    assert permissions_of(Scope.NO_PORTAL) == []
    plain = permissions_of(Scope.BASIC_USER)
    assert plain == sorted(plain)
    assert "chat.use" in plain
    assert "contacts.manage_shared" not in plain
    assert "presence.explain" not in plain, "reaches only oneself, and so is no permission over others"
    assert "presence.explain" in permissions_of(Scope.CALL_CENTER_SUPERVISOR)
    masked = permissions_of(Scope.BASIC_USER, masked=True)
    assert set(plain) - set(masked) == {"chat.use", "chat.be_available", "profile.change_own_secrets"}


def test_an_operator_may_decide_differently() -> None:
    table = {**TABLE, Scope.BASIC_USER: {**TABLE[Scope.BASIC_USER], Permission.MANAGE_SHARED_CONTACTS: Reach.GRANTED}}
    assert may(caller(Scope.BASIC_USER), Permission.MANAGE_SHARED_CONTACTS, table=table)
    assert "contacts.manage_shared" in permissions_of(Scope.BASIC_USER, table=table)


def test_the_table_has_a_row_for_every_scope() -> None:
    assert set(TABLE) == set(Scope)

"""What an administration key may do, as data; and which operations there are for administrators, too. Pure."""

import dataclasses
from collections.abc import Iterable, Mapping
from enum import StrEnum

from wire.operations import Access, Operation

PATH = "/admin/v1"
"""What the addresses of administration begin with: no login reaches anything below it."""


class AdministrationScope(StrEnum):
    DOMAINS_READ = "domains.read"
    DOMAINS_MANAGE = "domains.manage"
    """Add companies, and change their settings."""
    DOMAINS_DELETE = "domains.delete"
    """With everything in them."""
    USERS_READ = "users.read"
    USERS_MANAGE = "users.manage"
    """Add, import and change users, disable and enable them, reset passwords and second factors."""
    USERS_DELETE = "users.delete"
    """With their data."""
    SITES_MANAGE = "sites.manage"
    KEYS_MANAGE = "keys.manage"
    """Make and revoke keys of programs, which act as users."""
    SOURCES_READ = "sources.read"
    SOURCES_MANAGE = "sources.manage"
    """Switches and their tokens."""
    AUDIT_READ = "audit.read"


_DOMAINS_READ = frozenset({"list_domains", "administer_get_domain", "administer_get_domain_security"})
_USERS_READ = frozenset({"administer_list_users", "administer_get_user"})
_SOURCES_READ = frozenset({"list_sources"})

ALLOWS: Mapping[AdministrationScope, frozenset[str]] = {
    AdministrationScope.DOMAINS_READ: _DOMAINS_READ,
    AdministrationScope.DOMAINS_MANAGE: _DOMAINS_READ
    | {"add_domain", "administer_edit_domain", "administer_set_domain_security"},
    AdministrationScope.DOMAINS_DELETE: _DOMAINS_READ | {"delete_domain"},
    AdministrationScope.USERS_READ: _USERS_READ,
    AdministrationScope.USERS_MANAGE: _USERS_READ
    | {
        "administer_add_user",
        "administer_import_users",
        "administer_change_account",
        "administer_edit_user",
        "administer_reset_user",
        "administer_reset_password",
        "administer_send_welcome",
        "administer_turn_off_second_factor_of",
    },
    AdministrationScope.USERS_DELETE: _USERS_READ | {"administer_erase_user"},
    AdministrationScope.SITES_MANAGE: frozenset(
        {"administer_list_sites", "administer_add_site", "administer_edit_site", "administer_delete_site"}
    ),
    AdministrationScope.KEYS_MANAGE: frozenset(
        {"administer_list_api_keys", "administer_make_api_key", "administer_revoke_api_key"}
    ),
    AdministrationScope.SOURCES_READ: _SOURCES_READ,
    AdministrationScope.SOURCES_MANAGE: _SOURCES_READ
    | {"add_source", "edit_source", "rotate_source_token", "settle_source_token", "resync_source"}
    | {"let_source_speak", "forbid_source_to_speak"},
    AdministrationScope.AUDIT_READ: frozenset({"administer_list_audit", "administer_export_audit"}),
}

_ALSO_FOR_ADMINISTRATORS = frozenset(
    name.removeprefix("administer_") for names in ALLOWS.values() for name in names if name.startswith("administer_")
)


def allowed_by(scopes: Iterable[AdministrationScope]) -> frozenset[str]:
    return frozenset().union(*(ALLOWS[scope] for scope in scopes))


def for_administrators(operations: Iterable[Operation]) -> list[Operation]:
    """The same operations once more, in whichever domain the path names: the same functions, asked by somebody else."""
    return [_administered(each) for each in operations if each.name in _ALSO_FOR_ADMINISTRATORS]


def _administered(operation: Operation) -> Operation:
    within = operation.path.removeprefix("/v1/domain").removeprefix("/v1")
    return dataclasses.replace(
        operation,
        name=f"administer_{operation.name}",
        path=f"{PATH}/domains/{{domain}}{within}",
        access=Access.ADMINISTRATOR,
        errors=tuple(sorted({*operation.errors, 401, 403, 404})),
        tag="administration",
    )

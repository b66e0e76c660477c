"""What a key may do, as data: each scope names operations of HTTP and commands of the WebSocket. Pure.

What is in no scope no key may do: passwords, second factors, logins, other keys, one's own profile. What the key's
user may not do, the key may not either.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class KeyScope(StrEnum):
    PRESENCE_READ = "presence.read"
    """Colours, and why they are as they are."""
    PRESENCE_SET = "presence.set"
    """Set Do Not Disturb and the status of the key's user, register devices, report calls."""
    DIRECTORY_READ = "directory.read"
    """Names, numbers and departments of coworkers."""
    CONTACTS_READ = "contacts.read"
    CONTACTS_MANAGE = "contacts.manage"
    """Add, change, delete, import and export contacts."""
    USERS_READ = "users.read"
    """Profiles of those whom the key's user manages."""
    USERS_MANAGE = "users.manage"
    """Change those profiles."""
    USERS_ADMINISTER = "users.administer"
    """Add and import users, send them their welcome mail, disable, enable and delete them."""
    SITES_MANAGE = "sites.manage"
    DOMAIN_MANAGE = "domain.manage"
    """The company's settings."""
    AUDIT_READ = "audit.read"
    LIVE = "live"
    """Open a WebSocket, which brings presence, names and contacts as they change."""
    CHAT = "chat"
    """Read and write the conversations of the key's user."""


EVERY_KEY = frozenset({"get_me"})

_CONTACTS_READ = frozenset(
    {
        "list_people",
        "count_groups",
        "look_up_number",
        "list_contacts",
        "get_contact",
        "list_contact_changes",
        "get_own_things",
        "get_overlay",
    }
)
_USERS_READ = frozenset({"list_users", "get_user", "get_photo", "list_sites"})

ALLOWS: Mapping[KeyScope, frozenset[str]] = {
    KeyScope.PRESENCE_READ: frozenset({"list_presence", "get_presence", "explain_presence", "why"}),
    KeyScope.PRESENCE_SET: frozenset(
        {
            "set_dnd",
            "set_status",
            "set_appear_offline",
            "register_device",
            "unregister_device",
            "report_call",
        }
    ),
    KeyScope.DIRECTORY_READ: frozenset({"list_directory", "list_audio_directory", "get_photo"}),
    KeyScope.CONTACTS_READ: _CONTACTS_READ,
    KeyScope.CONTACTS_MANAGE: _CONTACTS_READ
    | {
        "add_contact",
        "edit_contact",
        "delete_contact",
        "list_trash",
        "delete_contacts",
        "restore_contacts",
        "tag_contacts",
        "add_favourite",
        "remove_favourite",
        "set_overlay",
        "upload_import",
        "get_import",
        "list_import_rows",
        "correct_import",
        "apply_import",
        "undo_import",
        "discard_import",
        "export_contacts",
    },
    KeyScope.USERS_READ: _USERS_READ,
    KeyScope.USERS_MANAGE: _USERS_READ | {"edit_user"},
    KeyScope.USERS_ADMINISTER: _USERS_READ
    | {"add_user", "import_users", "change_account", "erase_user", "send_welcome"},
    KeyScope.SITES_MANAGE: frozenset({"list_sites", "add_site", "edit_site", "delete_site"}),
    KeyScope.DOMAIN_MANAGE: frozenset({"get_domain", "edit_domain"}),
    KeyScope.AUDIT_READ: frozenset({"list_audit", "export_audit"}),
    KeyScope.LIVE: frozenset({"connect", "alive", "get_presence", "watch", "look_up_number"}),
    KeyScope.CHAT: frozenset(
        {
            "upload_file",
            "get_file",
            "get_preview",
            "discard_file",
            "export_conversation",
            "list_sms_numbers",
            "open_sms_conversation",
            "open_conversation",
            "list_conversations",
            "get_conversation",
            "create_group",
            "rename_group",
            "set_history",
            "add_members",
            "remove_member",
            "leave_group",
            "set_manager",
            "set_muted",
            "send_message",
            "edit_message",
            "delete_message",
            "react",
            "typing",
            "get_messages",
            "get_changes",
            "search_messages",
            "mark_read",
            "mark_delivered",
        }
    ),
}


def allowed_by(scopes: Iterable[KeyScope]) -> frozenset[str]:
    return EVERY_KEY.union(*(ALLOWS[scope] for scope in scopes))

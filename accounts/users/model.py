"""The structs of users as they come and go."""

from collections.abc import Sequence

from msgspec import Struct

from wire.identity import Scope, SessionId, UserId
from wire.records import Message


class NewUser(Struct, frozen=True, kw_only=True):
    """Hashes are argon2id (`accounts.passwords.Passwords.hash`). `login_name` empty: the extension."""

    extension: str
    login_name: str = ""
    first_name: str = ""
    last_name: str = ""
    department: str = ""
    site: str | None = None
    job_title: str = ""
    scope: Scope = Scope.BASIC_USER
    time_zone: str = ""
    language: str = ""
    caller_id: str = ""
    emergency_caller_id: str = ""
    area_code: str = ""
    emails: tuple[str, ...] = ()
    record_calls: bool = False
    list_in_directory: bool = True
    announce_in_directory: bool = True
    overwrite_with_site_defaults: bool = False
    password_hash: str | None = None
    pin_hash: str | None = None
    is_system: bool = False
    disabled: bool = False


class AddedUsers(Struct, frozen=True):
    """In the order in which they were given. `directory_rev`: the directory's, with all of them in it."""

    users: Sequence[UserId]
    directory_rev: int


class Erased(Struct, frozen=True):
    """`directory_rev`: the directory's, with the user gone; `sessions`: logins that are over, and whose they were."""

    user: UserId
    directory_rev: int
    messages: int
    sessions: list[tuple[UserId, SessionId]]
    last_changed: list[tuple[Message, list[UserId]]]
    """Of the messages that lost their words, the last one of each conversation, and who may see it: by its `rev` they
    know that there are others.
    """

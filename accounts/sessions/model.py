"""The structs of the list of logins."""

from datetime import datetime

from msgspec import Struct

from accounts.model import SessionKind
from wire.identity import SessionId


class OpenLogin(Struct, frozen=True, kw_only=True):
    """A login that lets its user in. `address` and `user_agent` as of its beginning."""

    session: SessionId
    kind: SessionKind
    user_agent: str
    address: str
    created_at: datetime
    last_used_at: datetime
    ends_at: datetime

"""The structs of masks."""

from datetime import datetime

from msgspec import Struct

from accounts.model import EndedSession, SessionKind
from wire.identity import DomainId, SessionId, UserId


class NewMask(Struct, frozen=True, kw_only=True):
    """A session in which `operator` acts as `user`. It is of the kind of `operator_session`, and over with it."""

    session: SessionId
    domain: DomainId
    token_hash: bytes
    user: UserId
    operator: UserId
    operator_session: SessionId
    user_agent: str
    address: str
    created_at: datetime
    expires_at: datetime


class Begun(Struct, frozen=True):
    """`expires_at`: no later than the operator's login. `ended`: masks that were put on in it before."""

    kind: SessionKind
    expires_at: datetime
    ended: list[EndedSession]


class TakenOff(Struct, frozen=True):
    """Back to the operator's login."""

    kind: SessionKind
    operator: UserId
    expires_at: datetime

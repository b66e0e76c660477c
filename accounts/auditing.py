"""How a line of the audit is made. Pure."""

from datetime import datetime

from accounts.model import AuditLine
from wire.identity import Caller


def line_of(
    caller: Caller,
    at: datetime,
    action: str,
    target: str,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> AuditLine:
    """What the caller did, as whom, and from where."""
    return AuditLine(
        at=at,
        user=caller.user,
        operator=caller.operator,
        action=action,
        target=target,
        address=caller.address,
        key=caller.key,
        before=before,
        after=after,
    )

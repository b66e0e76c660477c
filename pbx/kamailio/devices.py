"""Which of a user's registrations is which device. Pure."""

from wire.ingest import EntityName, Revision

MAX_NAME = 256
NEVER_EXPIRES = 86_400.0
"""Seconds for which a permanent registration is believed; each snapshot renews it."""


def device_name(ruid: EntityName, instance: str | None, reg_id: int) -> str:
    """The phone's own id, which survives its restarts, or else Kamailio's id of the record.

    A phone with several connections (RFC 5626) has one registration each, told apart by the reg-id.
    """
    name = (instance or "").strip("<>")
    if reg_id > 1:
        name = f"{name};reg-id={reg_id}"
    return name if instance and len(name) <= MAX_NAME else ruid


def revision(modified_at: float, cseq: int) -> Revision:
    """Kamailio knows the second; within one, the phone's own counter decides."""
    return (modified_at, cseq)

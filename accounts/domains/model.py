"""The structs of domains."""

from msgspec import Struct

from wire.identity import DomainId

SETTINGS = ("name", "country", "time_zone", "language", "ringing_is_busy", "retention_days")


class Domain(Struct, frozen=True, kw_only=True):
    """`language`: of mails and push messages to users of whom none is known; "": English. `users`: people, without
    extensions of rooms and the like."""

    domain: DomainId
    name: str = ""
    country: str = "US"
    time_zone: str = "UTC"
    language: str = ""
    ringing_is_busy: bool = False
    retention_days: int | None = None
    users: int = 0


def differing(before: Domain, after: Domain) -> tuple[str, ...]:
    """The names of the settings that are not the same."""
    return tuple(name for name in SETTINGS if getattr(before, name) != getattr(after, name))

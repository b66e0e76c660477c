"""A webhook as we know it: where it goes, and what it has heard."""

from enum import StrEnum

from msgspec import Struct, structs

from wire.identity import DomainId, Extension, UserId


class Topic(StrEnum):
    """What a webhook may hear of."""

    PRESENCE = "presence"
    NAMES = "names"


class Standing(Struct, frozen=True):
    """What the other end has taken: presence up to `version` of `epoch` ("": nothing), names up to `directory_rev`.

    `directory_rev` -1: no name yet. It counts in that `timeline` of the database; empty: not known.
    """

    epoch: str = ""
    version: int = -1
    directory_rev: int = -1
    timeline: str = ""

    def within(self, timeline: str) -> "Standing":
        """In another timeline, as if nothing had been heard of names: their numbers are given out anew."""
        if self.timeline in ("", timeline) or not timeline:
            return self
        return structs.replace(self, directory_rev=-1)


class Webhook(Struct, frozen=True, kw_only=True):
    """One that this gateway alone delivers for the moment. `secrets`: the newest first; two while one is exchanged."""

    domain: DomainId
    name: str
    url: str
    secrets: tuple[bytes, ...]
    topics: frozenset[Topic]
    standing: Standing
    failures: int = 0
    """In a row, up to now."""
    wait: float = 0.0
    """Seconds until the next attempt, as of when it was read."""

    @property
    def label(self) -> str:
        return f"{self.domain}/{self.name}"


class KnownWebhook(Struct, frozen=True, kw_only=True):
    """A webhook as an operator sees it in the list."""

    domain: DomainId
    name: str
    url: str
    enabled: bool
    topics: list[str]
    has_two_secrets: bool
    failing_seconds: float | None
    problem: str


class NamedUser(Struct, frozen=True, kw_only=True):
    """Somebody's name as everybody in the domain may see it. `rev` is the directory's; `gone`: no longer listed."""

    user: UserId
    rev: int
    extension: Extension
    first_name: str = ""
    last_name: str = ""
    gone: bool = False

"""Who is meant by the names that a switch uses. Pure."""

import hashlib
import re
from collections.abc import Mapping

import msgspec

from wire.ingest import MAX_ENTITY_NAME, MAX_TEXT, AddressOfRecord

_FEATURE_CODE = re.compile(r"[*#]")


def address_of(user: str, domain: str) -> str | None:
    """`user@domain` if that can be an address of record; None otherwise."""
    try:
        return msgspec.convert(f"{user}@{domain.lower()}", AddressOfRecord)
    except msgspec.ValidationError:
        return None


def split(address: str) -> tuple[str, str]:
    """(user, domain) of `user@domain`, also in the form of a SIP address; the domain is empty if there is none."""
    address = address.strip().strip("<>")
    address = re.sub(r"^sips?:", "", address, flags=re.IGNORECASE)
    user, _, domain = address.partition("@")
    return user.partition(";")[0], re.split(r"[:;>]", domain, maxsplit=1)[0]


def entity_name(*parts: str) -> str:
    """One name of what its parts name together, short enough for the contract, the same every time."""
    name = ";".join(part for part in parts if part)
    if len(name) <= MAX_ENTITY_NAME and name.isprintable():
        return name
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()


def text(value: str | None) -> str:
    """What a phone says of itself, cut to what the contract takes."""
    return (value or "")[:MAX_TEXT]


def is_feature_code(dialled: str) -> bool:
    """Whether what was dialled is a service of the switch, such as *78, and no call to anybody."""
    return bool(_FEATURE_CODE.match(dialled))


class UserPattern:
    """Which names at a switch are users, and of which domain.

    `pattern` has to match the whole name, and has the groups `extension` and, with several customers on one switch,
    `domain`. `domains` turns what that group finds into domains; with a single domain the group is not needed.
    """

    def __init__(self, pattern: str, domains: Mapping[str, str], default: str | None) -> None:
        self._pattern = re.compile(pattern)
        self._domains = {name.lower(): domain for name, domain in domains.items()}
        self._default = default

    def address(self, name: str) -> str | None:
        """The user's address of record; None for a trunk, or whatever else is no user."""
        found = self._pattern.fullmatch(name)
        if found is None:
            return None
        groups = found.groupdict()
        tenant = (groups.get("domain") or "").lower()
        domain = self._domains.get(tenant, tenant) if tenant else self._default
        return address_of(groups["extension"], domain) if domain else None


class Domains:
    """Which domains an adapter speaks for. `aliases`: what a switch calls a domain of ours, such as its own address."""

    def __init__(self, names: frozenset[str], aliases: Mapping[str, str]) -> None:
        self.names = names
        self._aliases = {alias.lower(): domain for alias, domain in aliases.items()}

    def address(self, user: str, domain: str) -> str | None:
        """The user's address of record; None for domains that we do not speak for."""
        name = domain.lower()
        name = self._aliases.get(name, name)
        return address_of(user, name) if user and name in self.names else None

"""Every key and channel, spelled once. Those of one domain share a hash tag, and so one node of a cluster."""

import hashlib

from wire.identity import DomainId, GatewayId, SourceId, UserId


def presence_prefix(domain: DomainId) -> str:
    """Of all presence keys; their meaning is in presence.lua."""
    return f"p:{{{domain}}}:"


def domain_channel(domain: DomainId) -> str:
    """The domain's stream: presence changes (`P...`), announcements (`A...`), ended sessions (`S...`)."""
    return f"p:{{{domain}}}:bus"


def probe_channel(life: GatewayId, nth: int = 0) -> str:
    """A gateway sends to itself here, to find out whether its subscription lives. Who listens to the first one, lives.

    The others are for further nodes of a cluster: some `nth` is on each.
    """
    return f"probe:{{{life}.{nth}}}" if nth else f"probe:{{{life}}}"


def everything_of(domain: DomainId) -> str:
    """A pattern, for all keys of a domain."""
    return f"?:{{{domain}}}:*"


def ticket(domain: DomainId, ticket_hash: bytes) -> str:
    """The session that a WebSocket ticket opens."""
    return f"t:{{{domain}}}:{ticket_hash.hex()}"


def login_attempts(domain: DomainId, login_name: str, network: str = "") -> str:
    """How often a password was tried on an account, from one network or (without one) from anywhere."""
    account = hashlib.blake2b(login_name.encode(), digest_size=16).hexdigest()
    return f"l:{{{domain}}}:{account}:{network}"


def login_failures(network: str) -> str:
    """Wrong passwords from one network. Of no domain: whoever guesses goes through domains as through accounts."""
    return f"l:{{{network}}}"


def logins_begun(network: str) -> str:
    """How many logins of several steps were begun from one network."""
    return f"b:{{{network}}}"


def links_asked(domain: DomainId, login_name: str, network: str = "") -> str:
    """How often a password link was asked for an account, from one network or (without one) from anywhere."""
    account = hashlib.blake2b(login_name.encode(), digest_size=16).hexdigest()
    return f"w:{{{domain}}}:{account}:{network}"


def links_asked_by(network: str) -> str:
    """How often password links were asked for from one network, for whomever."""
    return f"w:{{{network}}}"


def pending_login(domain: DomainId, token_hash: bytes) -> str:
    """A login that waits for its second step."""
    return f"2:{{{domain}}}:{token_hash.hex()}"


def pending_sign_on(domain: DomainId, state_hash: bytes) -> str:
    """Somebody was sent to an identity provider, and is not back yet."""
    return f"o:{{{domain}}}:{state_hash.hex()}"


def pending_passkey(domain: DomainId, token_hash: bytes) -> str:
    """A challenge that an authenticator has not answered yet."""
    return f"k:{{{domain}}}:{token_hash.hex()}"


def codes_tried(domain: DomainId, user: UserId, window: int) -> str:
    """How many codes of an authenticator app were tried on an account in so many seconds."""
    return f"2:{{{domain}}}:tried:{user}:{window}"


def source(source: SourceId, what: str) -> str:
    """What is remembered of a telephone switch: `position`, `parts`, `dnd`. Of no domain: a switch may serve many."""
    return f"s:{{{source}}}:{what}"


def job(name: str) -> str:
    """Which gateway has taken a job that is done once for all domains."""
    return f"j:{{{name}}}"


GATEWAYS = "g:{gateways}"
"""All gateways that run, each with its last beat."""

KEPT_MAIL = "m:{kept}"
"""Mails of all domains that were kept instead of being sent."""

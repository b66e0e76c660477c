"""Settings: the environment, read once into one frozen struct.

Read by `gateway.py` and the command line only; everything else gets plain constructor arguments. A new setting is a
field here and nothing more: its variable, its check and its line in `presence config` follow from the field.
"""

import base64
import os
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, field

OWN_PREFIX = "PRESENCE_"
_FILE_SUFFIX = "_FILE"
_MASK = "********"

LogLevel = Literal["debug", "info", "warning", "error", "critical"]
WebSocketImplementation = Literal["own", "library"]
LogFormat = Literal["auto", "json", "console"]
Port = Annotated[int, Meta(ge=0, le=65_535)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]


class SettingError(Exception):
    """A variable of the environment which cannot be used; the text names it and says what would be right."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable}: {problem}")
        self.variable = variable


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an operator decides. Named as in the environment, in lower case and without our prefix."""

    database_url: str = ""
    """Where PostgreSQL is. Empty: an embedded one is started."""
    redis_url: str = ""
    """Where Valkey or Redis is. Empty: an embedded one is started."""
    host: str = "127.0.0.1"
    """The address to listen on. Nothing but this machine reaches the default."""
    port: Port = 8000
    """The port to listen on; 0 takes any free one."""
    ingest_host: str = ""
    """Where telephone switches reach us, if that is not where users do; needs an `ingest_port`. Empty: as `host`."""
    ingest_port: Port | None = None
    """A port for telephone switches alone: `/ingest` answers there and nowhere else. Unset: they use `port`."""
    log_level: LogLevel = "info"
    log_format: LogFormat = "auto"
    """`auto` writes for a person on a terminal, and JSON lines otherwise."""
    forwarded_allow_ips: tuple[str, ...] = ("127.0.0.1",)
    """Proxies whose word about the client's address and scheme is taken."""

    data_dir: Path | None = None
    """Where the embedded servers keep their data. Unset: a folder for each user of the machine."""
    public_url: str = ""
    """The address under which people reach us, when a proxy stands before us."""
    allowed_origins: tuple[str, ...] = ()
    """Origins of other sites whose pages may connect, with a token; our own always may."""
    gateway_id: str = field(default_factory=lambda: secrets.token_hex(4))
    """Names this process to its siblings; must differ between them. Unset: random."""
    switch_silent_seconds: Seconds = 15.0
    """After so long without a word, what a switch has said is shown as unknown since then. Three of its heartbeats.

    The same on all gateways, as the two below."""
    calls_silent_seconds: Seconds = 120.0
    """So long do the calls of a silent switch keep their users red."""
    call_seconds: Seconds = 14_400.0
    """A call whose end no switch reported is forgotten after so long; each snapshot that has it starts this anew."""
    heartbeat_seconds: Annotated[int, Meta(ge=1, le=300)] = 20
    """How often each connection is told, and asked, that it lives. Below the idle time of any proxy in between."""
    connections_per_domain: Annotated[int, Meta(ge=0)] = 20_000
    """Most connections of one domain on a gateway; whoever comes then is told to come back. 0: no limit."""
    connections_per_address: Annotated[int, Meta(ge=0)] = 5_000
    """Most connections from one address (of IPv6: one network) on a gateway; not of the proxies above. 0: no limit."""
    websocket: WebSocketImplementation = "own"
    """Which implementation of the WebSocket protocol serves: `library` is the one to try when `own` is suspected."""
    metrics_token: str = ""
    """Bearer token for /metrics. Empty: it is shown to this machine only."""

    files_url: str = ""
    """Where files of conversations are kept. Empty: a folder of this machine."""

    files_quota_gb: Annotated[float, Meta(ge=0, le=1_000_000)] = 10.0
    """Gigabytes that the files of a domain may take, unless it has a quota of its own. 0: as there is room for."""

    smtp_url: str = ""
    """Which server takes our e-mail. Empty: mails are kept and shown at /mails, to this machine only."""
    mail_from: str = ""
    """The address that e-mail comes from. Empty: presence@ the host of the public address."""

    push_services: tuple[str, ...] = (
        "https://fcm.googleapis.com",
        "https://*.push.apple.com",
        "https://*.push.services.mozilla.com",
        "https://*.notify.windows.com",
    )
    """Origins to which web push messages may go; `*.` stands for any name before."""

    sealing_keys: tuple[str, ...] = ()
    """Keys that seal secrets in the database, 32 bytes each as base64. The first one seals, each of them opens."""

    otel_exporter_otlp_endpoint: str = ""
    """Where traces go, by OTLP over HTTP: the address of a collector. Empty: there are none, and they cost nothing."""

    sms_url: str = ""
    """Where the provider of text messages takes them. Empty: there are none."""
    sms_secret: str = ""
    """With which both sign what they say to each other."""

    @property
    def needs_embedded_servers(self) -> bool:
        return not self.database_url or not self.redis_url


_CONVENTIONAL = frozenset(
    {
        "database_url",
        "redis_url",
        "host",
        "port",
        "log_level",
        "log_format",
        "forwarded_allow_ips",
        "smtp_url",
        "otel_exporter_otlp_endpoint",
    }
)
"""Fields whose variables are named as everywhere else; all others carry our prefix."""

_SECRET = frozenset({"metrics_token", "sms_secret", "sealing_keys"})
_MAY_HOLD_SECRET = frozenset(
    {"database_url", "redis_url", "public_url", "smtp_url", "sms_url", "otel_exporter_otlp_endpoint"}
)

_READ_ELSEWHERE = frozenset({"PRESENCE_PG_BIN", "PRESENCE_VALKEY_BIN"})
"""Read by `storage.embedded`, which has no settings: they say where programs are, not how the service behaves."""


def variable_of(name: str) -> str:
    """The variable of a field of Settings."""
    return name.upper() if name in _CONVENTIONAL else OWN_PREFIX + name.upper()


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings which an environment describes. An empty variable counts as unset.

    Secrets and addresses which may hold one can also come from a file: `DATABASE_URL_FILE` names it.
    Raises SettingError, naming the variable, for a value that cannot be used.
    """
    given: dict[str, Any] = {}
    for name in Settings.__struct_fields__:
        text = _text_of(name, environ)
        if text:
            given[name] = _parse(name, text)
    return Settings(**given)


def unknown_variables(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Variables with our prefix which nobody reads: most likely misspelt, so whoever starts us should hear of them."""
    known = set(_READ_ELSEWHERE)
    for name in Settings.__struct_fields__:
        known |= {variable_of(name), variable_of(name) + _FILE_SUFFIX}
    return sorted(name for name in environ if name.startswith(OWN_PREFIX) and name not in known)


def describe(settings: Settings) -> list[tuple[str, str]]:
    """Each variable with its effective value, fit to be shown: secrets are masked, also inside addresses."""
    return [(variable_of(name), _shown(name, getattr(settings, name))) for name in Settings.__struct_fields__]


def mask_url(url: str) -> str:
    """An address without its password, wherever in it that stands."""
    # Up to the last @: a password somebody forgot to encode is masked whole.
    url = re.sub(r"(?<=://)([^/:@]*):[^?#]*@", rf"\1:{_MASK}@", url)
    return re.sub(r"(?i)([?&](?:[a-z_]*password|passwd|pwd|secret|token|sslkey)=)[^&#]*", rf"\1{_MASK}", url)


def _text_of(name: str, environ: Mapping[str, str]) -> str:
    variable = variable_of(name)
    text = environ.get(variable, "").strip()
    if name not in _SECRET and name not in _MAY_HOLD_SECRET:
        return text
    file = environ.get(variable + _FILE_SUFFIX, "").strip()
    if not file:
        return text
    if text:
        raise SettingError(variable, f"given twice, here and by {variable}{_FILE_SUFFIX}; remove one")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SettingError(variable + _FILE_SUFFIX, f"cannot read {file} ({reason})") from error


def _parse(name: str, text: str) -> Any:
    value: Any = text
    if name in _LISTS:
        value = tuple(part.strip() for part in text.split(",") if part.strip())
    elif name in _LOWERED:
        value = text.lower()
    kind = next(each.type for each in msgspec.structs.fields(Settings) if each.name == name)
    try:
        value = Path(text).expanduser() if name == "data_dir" else msgspec.convert(value, kind, strict=False)
        check = _CHECKS.get(name)
        return check(value) if check else value
    except ValueError as error:  # includes msgspec's, which speak of types
        problem = _EXPECTED.get(name) or str(error)
        raise SettingError(variable_of(name), f"{problem} (got {_shown(name, text)!r})") from error


def _shown(name: str, value: Any) -> str:
    if value is None or value in ("", ()):
        return ""
    if name in _SECRET:
        return _MASK
    if name in _MAY_HOLD_SECRET:
        return mask_url(value)
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _database_url(url: str) -> str:
    return _with_scheme(url, ("postgresql", "postgres"))


def _redis_url(url: str) -> str:
    several = [f"{base}+{kind}" for base in ("redis", "rediss") for kind in ("sentinel", "cluster")]
    scheme, _, rest = _with_scheme(url, ("redis", "rediss", "unix", *several)).partition("://")
    kind = scheme.lower().partition("+")[2]
    address, path = re.match(r"([^/?]*)/?([^?]*)", rest).groups()  # type: ignore[union-attr]  # matches anything
    if kind and not address.rpartition("@")[2].strip(","):
        raise ValueError("names no host")
    if kind == "sentinel" and not path:
        raise ValueError("must name the service that the Sentinels watch, as in redis+sentinel://host:26379/service")
    if kind == "cluster" and path not in ("", "0"):
        raise ValueError("a cluster has no databases: end it after its hosts")
    return url


def _with_scheme(url: str, schemes: tuple[str, ...]) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.lower() not in schemes or not rest:
        raise ValueError(f"must start with {' or '.join(f'{each}://' for each in schemes)}")
    return url


def _public_url(url: str) -> str:
    parts = urlsplit(_with_scheme(url, ("http", "https")))
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("must be an address like https://chat.example.com, without user, query or fragment")
    return url.rstrip("/")


def _files_url(url: str) -> str:
    parts = urlsplit(_with_scheme(url, ("file", "s3")))
    if (parts.scheme == "file") == bool(parts.netloc) or (parts.scheme == "file" and parts.query):
        raise ValueError("must be like file:///var/lib/files, or s3://bucket/prefix?endpoint=https://...&region=...")
    return url


def _push_services(services: tuple[str, ...]) -> tuple[str, ...]:
    for service in services:
        if not re.fullmatch(r"https?://(\*\.)?[A-Za-z0-9.-]+(:\d+)?", service):
            raise ValueError(f"{service!r} is not an origin like https://*.example.com")
    return services


def _sms_url(url: str) -> str:
    if not urlsplit(_with_scheme(url, ("http", "https"))).hostname:
        raise ValueError("must be an address like https://sms.example.com/messages")
    return url


def _otel_exporter_otlp_endpoint(url: str) -> str:
    if not urlsplit(_with_scheme(url, ("http", "https"))).hostname:
        raise ValueError("must be the address of a collector, like http://127.0.0.1:4318")
    return url


def _smtp_url(url: str) -> str:
    if not urlsplit(_with_scheme(url, ("smtp", "smtps"))).hostname:
        raise ValueError("must be like smtp://user:password@mail.example.com:587, or smtps://")
    return url


def _mail_from(address: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+", address):
        raise ValueError("must be an address like presence@example.com")
    return address


def _origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
            raise ValueError(f"{origin!r} is not an origin like https://chat.example.com")
    return origins


def _sealing_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    for key in keys:
        with suppress(ValueError):
            if len(base64.b64decode(key, validate=True)) == 32:
                continue
        raise ValueError("must be 32 random bytes as base64, as `openssl rand -base64 32` makes them; commas between")
    return keys


def _gateway_id(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name):
        raise ValueError("must be 1 to 64 letters, digits, dots, hyphens or underscores")
    return name


_LISTS = frozenset({"forwarded_allow_ips", "allowed_origins", "push_services", "sealing_keys"})
_LOWERED = frozenset({"log_level", "log_format"})
_SOME_SECONDS = "must be a number of seconds, above 0 and up to 86400"
_EXPECTED = {
    "port": "must be a number from 0 to 65535",
    "ingest_port": "must be a number from 0 to 65535",
    "switch_silent_seconds": _SOME_SECONDS,
    "calls_silent_seconds": _SOME_SECONDS,
    "call_seconds": _SOME_SECONDS,
    "files_quota_gb": "must be gigabytes, from 0 (no limit) to 1000000",
    "log_level": f"must be one of {', '.join(get_args(LogLevel))}",
    "log_format": f"must be one of {', '.join(get_args(LogFormat))}",
}
_CHECKS: dict[str, Callable[[Any], Any]] = {
    "database_url": _database_url,
    "redis_url": _redis_url,
    "public_url": _public_url,
    "allowed_origins": _origins,
    "gateway_id": _gateway_id,
    "files_url": _files_url,
    "push_services": _push_services,
    "smtp_url": _smtp_url,
    "sms_url": _sms_url,
    "otel_exporter_otlp_endpoint": _otel_exporter_otlp_endpoint,
    "sealing_keys": _sealing_keys,
    "mail_from": _mail_from,
}

"""Where Redis is, by its URL: one server, a primary that Sentinels know, or a cluster.

    redis://user:password@host:6379/0                         one server; rediss:// with TLS, unix:// by a socket
    redis+sentinel://user:password@host:26379,host/service/0  whichever server the Sentinels name as `service`
    redis+cluster://user:password@host:6379,host              a cluster; any of its nodes will do to begin with

`rediss+` in place of `redis+` means TLS everywhere. Options stand behind `?` as redis-py knows them (`ssl_ca_certs`,
`ssl_certfile`, `ssl_keyfile`, ...); `sentinel_username` and `sentinel_password` are for the Sentinels, which have the
users of their own.
"""

import re
from enum import StrEnum
from urllib.parse import parse_qsl, quote, urlencode

from msgspec import Struct

SENTINEL_PORT = 26379
CLUSTER_PORT = 6379
_SENTINEL_OPTION = "sentinel_"


class Kind(StrEnum):
    SERVER = ""
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


class Address(Struct, frozen=True):
    """`hosts`: each "host:port". `login` and `sentinel_login`: as they stand in a URL, with their @."""

    kind: Kind
    url: str
    scheme: str
    login: str
    hosts: tuple[str, ...]
    path: str
    query: str
    service: str = ""
    sentinel_login: str = ""

    def server_url(self, host: str) -> str:
        """For one server of several: the same login, the same options."""
        return f"{self.scheme}://{self.login}{host}{self.path}{self.query}"

    def sentinel_url(self, host: str) -> str:
        return f"{self.scheme}://{self.sentinel_login}{host}{self.query}"


def address_of(url: str) -> Address:
    """Raises ValueError with what is wrong."""
    scheme, _, rest = url.partition("://")
    base, _, kind_name = scheme.lower().partition("+")
    kind = Kind(kind_name)
    if kind is Kind.SERVER:
        return Address(kind, url, base, "", (), "", "")
    parts = re.fullmatch(r"([^/?]*)(/[^?]*)?(?:\?(.*))?", rest)
    assert parts is not None
    authority, path, query = parts[1], parts[2] or "", parts[3] or ""
    login, at, named = authority.rpartition("@")
    port = SENTINEL_PORT if kind is Kind.SENTINEL else CLUSTER_PORT
    hosts = tuple(_with_port(host, port) for host in named.split(",") if host)
    if not hosts:
        raise ValueError("names no host")
    if kind is Kind.CLUSTER:
        if path.strip("/") not in ("", "0"):
            raise ValueError("a cluster has no databases: end it after the hosts")
        return Address(kind, url, base, login + at, hosts, "", _query_of(query))
    service, _, database = path.strip("/").partition("/")
    if not service:
        raise ValueError("name the service that the Sentinels watch: redis+sentinel://host:26379/service")
    return Address(
        kind, url, base, login + at, hosts, f"/{database or 0}", _query_of(query), service, _sentinel_login(query)
    )


def _with_port(host: str, port: int) -> str:
    has_port = re.search(r":\d+$", host) and not re.fullmatch(r"\[[^\]]*", host)
    return host if has_port else f"{host}:{port}"


def _query_of(query: str) -> str:
    kept = [(name, value) for name, value in parse_qsl(query) if not name.startswith(_SENTINEL_OPTION)]
    return f"?{urlencode(kept)}" if kept else ""


def _sentinel_login(query: str) -> str:
    given = dict(parse_qsl(query))
    name, password = given.get("sentinel_username", ""), given.get("sentinel_password", "")
    return f"{quote(name, safe='')}:{quote(password, safe='')}@" if name or password else ""

"""Where the data is: the servers that are configured, or embedded ones for as long as a command runs."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from settings import SettingError, Settings
from storage.embedded import EmbeddedServers, default_data_folder


def data_folder(settings: Settings) -> Path:
    """Where embedded servers keep their data."""
    return settings.data_dir or default_data_folder()


@contextlib.contextmanager
def stores(settings: Settings) -> Iterator[tuple[Settings, EmbeddedServers | None]]:
    """The settings with both addresses filled in; embedded servers are started if neither was given.

    Raises SettingError if only one was given: an embedded server beside a configured one would hide that the other
    variable was forgotten. Raises EmbeddedError if the embedded ones do not start.
    """
    if not settings.needs_embedded_servers:
        yield settings, None
        return
    if settings.database_url or settings.redis_url:
        missing, given = ("REDIS_URL", "DATABASE_URL") if settings.database_url else ("DATABASE_URL", "REDIS_URL")
        raise SettingError(missing, f"is not set although {given} is: set both, or neither to use embedded servers")
    with EmbeddedServers.start(data_folder(settings)) as servers:
        complete = msgspec.structs.replace(settings, database_url=servers.database_url, redis_url=servers.redis_url)
        yield complete, servers

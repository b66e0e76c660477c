# ruff: noqa: T201 - it tells by printing
"""A program of its own which owns embedded servers, for tests that kill it or run it under another account.

`python -m tests.support.embedded_owner FOLDER` starts the servers, prints one JSON line about them and waits until its
standard input ends. With `--leave`, it starts them and ends at once without stopping them.
"""

import json
import sys
from pathlib import Path

from storage.embedded import EmbeddedError, EmbeddedServers


def main(folder: str, *options: str) -> int:
    try:
        servers = EmbeddedServers.start(Path(folder), durable=False)
    except EmbeddedError as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return 3
    about = {
        "is_owner": servers.is_owner,
        "owner": servers.owner_pid,
        "pids": servers.pids(),
        "database_url": servers.database_url,
        "redis_url": servers.redis_url,
    }
    print(json.dumps(about), flush=True)
    if "--leave" not in options:
        sys.stdin.read()
        servers.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

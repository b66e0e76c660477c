"""Ports that are known before somebody listens there, or at which a server listens again after it was gone.

They lie below those which the system gives out by itself: between the choice and the listening, or while a server is
away, any connection of any process could else be given just this one. Tests that run side by side have ports of their
own each, and no port is given out twice before all others were.
"""

import itertools
import os
import random
import socket
from collections.abc import Iterator

_SERVERS = range(13_000, 22_000)
_NODES = range(22_000, 22_700)
_BUS = 10_000
"""Above a node of a Valkey cluster, others reach it: with these, below 32,768, where the system begins."""


def _own(ports: range) -> Iterator[int]:
    """Those which are this process's, in an order of its own: other runs on this machine have the same."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    own = list(ports[worker :: int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))])
    random.SystemRandom().shuffle(own)
    return itertools.cycle(own)


_servers, _nodes = _own(_SERVERS), _own(_NODES)


def free_port() -> int:
    """Free for TCP and UDP on loopback."""
    return next(port for port in _servers if _is_free(port))


def free_node_ports(count: int) -> list[int]:
    """Of nodes of a cluster: each is free, and so is where its bus listens."""
    return list(itertools.islice((port for port in _nodes if _is_free(port) and _is_free(port + _BUS)), count))


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
        # Where a connection has ended a moment ago one may listen.
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            udp.bind(("127.0.0.1", port))
            tcp.bind(("127.0.0.1", port))
            tcp.listen()
        except OSError:
            return False
        return True

"""`presence serve`: one gateway, with everything it needs, until it is told to stop.

The order matters: logs, stores, schema, demo company, port, then the server; and back again at the end, however it
comes. Ctrl-C and SIGTERM let clients go gently; after SIGKILL the kernel stops the embedded servers.
"""

import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.signals import end_by_ourselves, end_in_order_on_signals

if TYPE_CHECKING:
    from structlog.typing import Processor

    from settings import Settings

_PORTS_TRIED = 20
_GRACE_SECONDS = 10


@click.command()
@click.option("--host", help="Address to listen on, instead of HOST.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), help="Port to listen on, instead of PORT; 0 takes any free one."
)
@click.option("--demo", is_flag=True, help="Make a demo company on first start, and show its logins.")
def serve(host: str | None, port: int | None, demo: bool) -> None:
    """Run a gateway.

    Without DATABASE_URL and REDIS_URL it starts PostgreSQL and Valkey of its own, and stops them with itself. Started
    twice over the same data, the second gateway shares the servers of the first.
    """
    ended_by = end_in_order_on_signals()
    try:
        _start(host, port, demo=demo, ended_by=ended_by)
    except KeyboardInterrupt:
        end_by_ourselves()
        sys.exit(128 + (ended_by or [signal.SIGINT])[0])


def _start(host: str | None, port: int | None, *, demo: bool, ended_by: Sequence[int]) -> None:
    import msgspec

    import settings
    from cli.failures import told_in_one_line
    from cli.logs import set_up_logs

    with told_in_one_line():
        given = settings.load()
        chosen = msgspec.structs.replace(
            given, host=given.host if host is None else host, port=given.port if port is None else port
        )
        set_up_logs(chosen.log_level, chosen.log_format, *_of_traces(chosen))
        port_is_wanted = port is not None or bool(os.environ.get("PORT"))
        _run(chosen, demo=demo, port_is_wanted=port_is_wanted, ended_by=ended_by)


def _of_traces(chosen: "Settings") -> "list[Processor]":
    """With which trace a line of the log belongs to."""
    if not chosen.otel_exporter_otlp_endpoint:
        return []
    from tracing.exporting import add_trace_ids

    return [add_trace_ids]


def _run(chosen: "Settings", *, demo: bool, port_is_wanted: bool, ended_by: Sequence[int]) -> None:
    import structlog

    import settings
    from cli.demo import make_demo_company
    from cli.stores import stores
    from storage.postgres.migrate import migrate

    log = structlog.get_logger(__name__)
    for variable in settings.unknown_variables():
        log.warning("unknown_variable", variable=variable)
    if chosen.smtp_url and not chosen.public_url:
        log.warning("no_links_in_mails", reason="PRESENCE_PUBLIC_URL is not set")
    with stores(chosen) as (complete, embedded):
        applied = migrate(complete.database_url)
        if applied:
            log.info("migrated", revisions=applied)
        about_demo = make_demo_company(complete) if demo else []
        if ended_by:
            raise KeyboardInterrupt  # again: a driver may swallow one that comes just as its answer does
        with (
            listen(complete.host, complete.port, is_wanted=port_is_wanted) as listener,
            _listen_for_switches(complete, listener) as for_switches,
        ):
            url = _url_of(complete, listener)
            data = embedded.data_folder if embedded else None
            _serve(complete, listener, for_switches, url, _welcome(url, chosen.port, listener, about_demo, data))


def _serve(
    complete: "Settings", listener: socket.socket, for_switches: socket.socket | None, url: str, welcome: str
) -> None:
    import asyncio

    import structlog
    import uvicorn

    from cli.garbage import collect_when_idle, expect_little
    from connections.draining import DrainingServer
    from connections.websocket.library import LibraryProtocol
    from connections.websocket.protocol import GatewayProtocol
    from connections.websocket.upgrade import GatewayHttpProtocol
    from gateway import create_app
    from wire.limits import LIMITS

    class Server(DrainingServer):
        """Says where it serves once it does."""

        collecting: asyncio.Task[None] | None = None

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started and not self.should_exit:
                expect_little()
                self.collecting = asyncio.create_task(collect_when_idle())
                address, port = listener.getsockname()[:2]
                apart = {"ingest_port": switch_port} if switch_port else {}
                structlog.get_logger(__name__).info("serving", address=address, port=port, **apart)
                if welcome:
                    click.echo(welcome)

    switch_port = for_switches.getsockname()[1] if for_switches else None
    app = create_app(complete, switch_port=switch_port, address=url)

    async def drain() -> None:
        await app.state.services.drain()

    config = uvicorn.Config(
        app,
        http=GatewayHttpProtocol,
        loop="uvloop",
        lifespan="on",
        ws=GatewayProtocol if complete.websocket == "own" else LibraryProtocol,
        ws_max_size=LIMITS.frame_bytes,
        ws_per_message_deflate=False,
        forwarded_allow_ips=list(complete.forwarded_allow_ips),
        timeout_graceful_shutdown=_GRACE_SECONDS,
        server_header=False,
        access_log=False,
        log_config=None,
    )
    server = Server(config, drain)
    try:
        server.run(sockets=[listener, for_switches] if for_switches else [listener])
    except (KeyboardInterrupt, SystemExit):
        # uvicorn repeats the signal that ended it; after an orderly end that is no failure.
        if not server.started:
            raise


@contextmanager
def _listen_for_switches(complete: "Settings", listener: socket.socket) -> Iterator[socket.socket | None]:
    """Their own listening socket, if they have one. Raises SettingError if it would be the users'."""
    from settings import SettingError

    if complete.ingest_port is None:
        if complete.ingest_host:
            raise SettingError("PRESENCE_INGEST_HOST", "needs PRESENCE_INGEST_PORT")
        yield None
        return
    # By the port alone it is told who comes in where.
    if complete.ingest_port == listener.getsockname()[1]:
        raise SettingError("PRESENCE_INGEST_PORT", f"must not be the port of everybody else ({complete.ingest_port})")
    with listen(complete.ingest_host or complete.host, complete.ingest_port, is_wanted=True) as for_switches:
        yield for_switches


def listen(host: str, port: int, *, is_wanted: bool) -> socket.socket:
    """A listening socket. If its port is taken and nobody asked for just this one, the next free one is taken.

    Raises StartFailed if there is none.
    """
    from cli.failures import StartFailed

    last = port if is_wanted or port == 0 else min(port + _PORTS_TRIED, 65_535)
    for candidate in range(port, last + 1):
        try:
            if ":" in host:
                both = host == "::" and socket.has_dualstack_ipv6()
                return socket.create_server((host, candidate), family=socket.AF_INET6, dualstack_ipv6=both)
            return socket.create_server((host, candidate))
        except OSError as error:
            if candidate == last:
                which = f"port {port}" if port == last else f"ports {port} to {last}"
                raise StartFailed(f"cannot listen on {host}, {which}: {error.strerror}") from error
    raise AssertionError("unreachable")


def _url_of(complete: "Settings", listener: socket.socket) -> str:
    """The address for a browser on this machine, or the one under which people reach us."""
    if complete.public_url:
        return complete.public_url
    address, port = listener.getsockname()[:2]
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
    address = everywhere.get(address, address)
    return f"http://{f'[{address}]' if ':' in address else address}:{port}"


def _welcome(url: str, wanted_port: int, listener: socket.socket, about_demo: Sequence[str], data: Path | None) -> str:
    """What a person who started this at a keyboard wants to know; nothing when a service manager did."""
    if not about_demo and not sys.stdout.isatty():
        return ""
    port = listener.getsockname()[1]
    taken = f"   (port {wanted_port} is taken)" if wanted_port not in (0, port) else ""
    lines = ["", f"  Open    {url}{taken}"]
    lines += [f"  {'Log in' if position == 0 else '':6}  {line}" for position, line in enumerate(about_demo)]
    if data:
        lines.append(f"  Data    {data}")
    return "\n".join(line.rstrip() for line in (*lines, "  Stop    Ctrl-C", ""))

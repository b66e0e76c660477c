"""Runs an adapter until it is told to stop: what it was given, its door, its signals, and how it ends."""

import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.routing import Route

    from cli.systemd import Notifier
    from pbx.adapter.adapter import Adapter
    from pbx.adapter.line import SwitchReader

MakeReader = Callable[[Callable[[], float]], "SwitchReader"]
MakeRoutes = Callable[["SwitchReader"], Sequence["Route"]]


class Setup(NamedTuple):
    """Where to report, as whom; where to take commands, if anywhere."""

    url: str
    source: str
    token: str
    tls: ssl.SSLContext | None
    heartbeat_seconds: float
    listener: socket.socket | None
    command_token: str
    routes: MakeRoutes


def secret(name: str) -> str:
    """The value of a variable, or of the file that the variable with _FILE behind it names. Raises `StartFailed`."""
    from cli.failures import StartFailed

    text, file = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    if text and file:
        raise StartFailed(f"{name}: given twice, here and by {name}_FILE; remove one")
    if file:
        try:
            text = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise StartFailed(f"{name}_FILE: cannot read {file} ({reason})") from error
    if not text or "\n" in text or "\r" in text:
        raise StartFailed(f"{name}: has to be one line and not empty; or name a file by {name}_FILE")
    return text


def run_adapter(
    make: MakeReader,
    *,
    knows_dnd: bool,
    dry_run: bool,
    gateway: str | None,
    source: str | None,
    gateway_ca: str | None,
    listen: str | None,
    heartbeat_seconds: float,
    log_level: str,
    log_format: str,
    routes: MakeRoutes = lambda _: (),
) -> None:
    """Returns once it was told to stop. Raises `StartFailed` if it cannot begin.

    `routes`: what the reader wants served beside the adapter's own.
    """
    import asyncio

    from cli.failures import StartFailed
    from pbx.adapter.errors import GatewayRefused, LineRefused

    _set_up_logs("warning" if dry_run else log_level, log_format)
    if dry_run:
        _show(make)
        return
    if not gateway or not source:
        raise click.UsageError("--gateway and --source say where to report, and as whom; or give --dry-run")
    url, token = checked_url("--gateway", gateway), secret("ADAPTER_TOKEN")
    command_token = secret("ADAPTER_COMMAND_TOKEN") if listen else ""
    listener = _listener(listen) if listen else None
    tls = trusting("--gateway-ca", gateway_ca) if gateway_ca else None
    setup = Setup(url, source, token, tls, heartbeat_seconds, listener, command_token, routes)
    try:
        asyncio.run(_serve(make, setup, knows_dnd=knows_dnd))
    except LineRefused as error:
        raise StartFailed(str(error)) from error
    except GatewayRefused as error:
        raise StartFailed(
            f"the gateway at {url} refuses source {source!r} ({error}). Check --source and ADAPTER_TOKEN; "
            "`presence source list` shows what there is"
        ) from error


def trusting(option: str, file: str | None) -> ssl.SSLContext:
    """Trusts what the file certifies; without one, what everybody does. Raises `StartFailed`."""
    from cli.failures import StartFailed

    try:
        return ssl.create_default_context(cafile=file)
    except (OSError, ssl.SSLError) as error:
        raise StartFailed(f"{option}: {file} holds no certificate ({error})") from error


def _listener(address: str) -> socket.socket:
    from cli.serve import listen

    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise click.UsageError("--listen has to be like 127.0.0.1:5080")
    return listen(host.strip("[]"), int(port), is_wanted=True)


def checked_url(option: str, url: str) -> str:
    """The address without a slash at its end. Raises a usage error for what is none."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise click.UsageError(f"{option} has to be an address like https://chat.example.com")
    return url.rstrip("/")


def _set_up_logs(level: str, form: str) -> None:
    from typing import get_args

    from cli.logs import set_up_logs
    from settings import LogFormat, LogLevel

    if level not in get_args(LogLevel) or form not in get_args(LogFormat):
        wanted = f"--log-level {'|'.join(get_args(LogLevel))}, --log-format {'|'.join(get_args(LogFormat))}"
        raise click.UsageError(f"expected {wanted}")
    set_up_logs(level, form)  # type: ignore[arg-type]


def _show(make: MakeReader) -> None:
    """Until Ctrl-C."""
    import asyncio
    from contextlib import suppress

    from cli.failures import StartFailed
    from cli.signals import end_by_ourselves
    from pbx.adapter.clock import SteadyClock
    from pbx.adapter.dry_run import show
    from pbx.adapter.errors import LineRefused

    clock = SteadyClock()

    async def run() -> None:
        await show(make(clock), clock, click.echo)

    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(run())
        end_by_ourselves()
    except LineRefused as error:
        raise StartFailed(str(error)) from error


async def _serve(make: MakeReader, setup: Setup, *, knows_dnd: bool) -> None:
    """Until SIGTERM or Ctrl-C."""
    import asyncio
    import signal
    from contextlib import suppress

    from cli.systemd import Notifier
    from pbx.adapter.adapter import Adapter, gateway_client
    from pbx.adapter.clock import SteadyClock

    notifier, clock = Notifier(), SteadyClock()
    async with gateway_client(setup.url, setup.token, setup.tls) as http:
        reader = make(clock)
        running = Adapter(
            reader,
            http,
            setup.source,
            knows_dnd=knows_dnd,
            clock=clock,
            heartbeat_seconds=setup.heartbeat_seconds,
            on_status=notifier.status,
        )
        task = asyncio.ensure_future(_work(running, setup, setup.routes(reader), notifier))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        notifier.ready()
        with suppress(asyncio.CancelledError):
            await task
        notifier.stopping()


async def _work(running: "Adapter", setup: Setup, routes: Sequence["Route"], notifier: "Notifier") -> None:
    """The adapter, its door, and a sign of life to whoever waits for one."""
    import asyncio

    from pbx.adapter.connection import first_to_fail
    from pbx.adapter.routes import make_door

    async def beat() -> None:
        while True:
            notifier.alive()
            await asyncio.sleep(notifier.watchdog_seconds or 3_600)

    work: list[Callable[[], Awaitable[None]]] = [running.run, beat]
    if setup.listener is not None:
        door = make_door(running.commands, setup.command_token, running.health, routes)
        work.append(_door(door, setup.listener))
    await first_to_fail(*work)


def _door(app: "Starlette", listener: socket.socket) -> Callable[[], Awaitable[None]]:
    import structlog
    import uvicorn

    class Server(uvicorn.Server):
        """Signals belong to the adapter."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    config = uvicorn.Config(
        app, http="httptools", lifespan="off", ws="none", server_header=False, access_log=False, log_config=None
    )
    server = Server(config)

    async def serve() -> None:
        address, port = listener.getsockname()[:2]
        structlog.get_logger(__name__).info("taking_commands", address=address, port=port)
        try:
            await server.serve(sockets=[listener])
        finally:
            listener.close()

    return serve

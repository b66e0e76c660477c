"""`presence adapter`: reads a telephone switch that does not speak the contract, and speaks it in its place."""

import ssl
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from cli.adapter_process import checked_url, run_adapter, secret, trusting

Function = TypeVar("Function", bound=Callable[..., Any])


@click.group()
def adapter() -> None:
    """Report a telephone switch: one process for each, beside the switch or beside a gateway.

    First make a source for it with `presence source add NAME --domain DOMAIN`; give the token that it prints in
    ADAPTER_TOKEN, or in a file that ADAPTER_TOKEN_FILE names. Secrets are never taken from the command line, where
    every user of the machine can read them. Begin with --dry-run, and hold what it shows against the switch.

    Ends with 0 when it is stopped, and with 3 and one line if it cannot begin: a wrong password, a token that the
    gateway refuses. Everything else, on either side, it waits out and heals.
    """


def common_options(command: Function) -> Function:
    """Where to report, and how to log."""
    for option in (
        click.option(
            "--heartbeat-seconds",
            envvar="ADAPTER_HEARTBEAT_SECONDS",
            type=click.FloatRange(0.5, 60),
            default=5,
            show_default=True,
            help="How often to say that all is well; a third of the gateway's PRESENCE_SWITCH_SILENT_SECONDS.",
        ),
        click.option("--log-format", envvar="LOG_FORMAT", default="auto", help="auto, json or console."),
        click.option("--log-level", envvar="LOG_LEVEL", default="info", help="debug, info, warning or error."),
        click.option(
            "--listen",
            envvar="ADAPTER_LISTEN",
            show_envvar=True,
            metavar="HOST:PORT",
            help="Take commands here, such as Do Not Disturb set in the portal, with the token in ADAPTER_COMMAND_TOKEN"
            " or ADAPTER_COMMAND_TOKEN_FILE. Also answers GET /healthz.",
        ),
        click.option(
            "--gateway-ca",
            type=click.Path(exists=True, dir_okay=False),
            help="Trust a gateway that this file certifies, instead of those that everybody trusts.",
        ),
        click.option(
            "--dry-run",
            is_flag=True,
            help="Write what would be told as lines of JSON, and tell nobody: needs no gateway, source or token.",
        ),
        click.option(
            "--source", envvar="ADAPTER_SOURCE", show_envvar=True, help="Name of the source. Needed, as above."
        ),
        click.option(
            "--gateway",
            envvar="ADAPTER_GATEWAY",
            show_envvar=True,
            metavar="URL",
            help="Address of a gateway, or of the proxy before several. Needed, but for --dry-run.",
        ),
    ):
        command = option(command)
    return command


def tls_options(command: Function) -> Function:
    """How to trust the switch."""
    for option in (
        click.option(
            "--ca",
            type=click.Path(exists=True, dir_okay=False),
            help="With --tls: trust what this file certifies only.",
        ),
        click.option("--tls", is_flag=True, help="Encrypt the line to the switch."),
    ):
        command = option(command)
    return command


silence_option = click.option(
    "--silence-seconds",
    type=click.FloatRange(1, 300),
    default=15,
    show_default=True,
    help="A switch that is asked and says nothing for so long is taken for lost.",
)
list_option = click.option(
    "--list-seconds",
    type=click.FloatRange(1, 600),
    default=30,
    show_default=True,
    help="How often the switch's own lists are read, to heal what it did not tell.",
)


@adapter.command(short_help="Report an Asterisk over its manager interface.")
@common_options
@click.option("--host", envvar="ASTERISK_HOST", default="127.0.0.1", show_default=True, show_envvar=True)
@click.option(
    "--port",
    envvar="ASTERISK_PORT",
    type=click.IntRange(1, 65_535),
    show_envvar=True,
    help="Of the manager interface; 5038, or 5039 with --tls, if not given.",
)
@click.option("--user", envvar="ASTERISK_USER", required=True, show_envvar=True, help="A user of manager.conf.")
@tls_options
@silence_option
@list_option
@click.option("--domain", help="The domain of all users, unless the pattern finds one.")
@click.option(
    "--user-pattern",
    default=r"(?P<extension>\d{1,15})",
    show_default=True,
    help="Which endpoints are users: a regular expression with the group `extension`, and `domain` for many tenants.",
)
@click.option(
    "--tenant",
    "tenants",
    multiple=True,
    metavar="NAME=DOMAIN",
    help="What the group `domain` finds, and whose domain that is; repeat for more.",
)
@click.option(
    "--dnd",
    type=click.Choice(["device-state", "presence-state", "none"]),
    default="device-state",
    show_default=True,
    help="Where this Asterisk keeps Do Not Disturb: AstDB and Custom:DND... (FreePBX), CustomPresence:..., or nowhere.",
)
def asterisk(
    host: str,
    port: int | None,
    user: str,
    tls: bool,
    ca: str | None,
    domain: str | None,
    user_pattern: str,
    tenants: tuple[str, ...],
    dnd: str,
    list_seconds: float,
    silence_seconds: float,
    **common: Any,
) -> None:
    """Report an Asterisk (16 or newer) over its manager interface.

    The manager user's secret comes from ASTERISK_SECRET or the file that ASTERISK_SECRET_FILE names. What to write into
    manager.conf is in docs/switches/asterisk.md.
    """
    from pbx.asterisk.dnd import DndStore
    from pbx.asterisk.reader import AsteriskAccess, AsteriskReader

    users = _user_pattern(user_pattern, _pairs("--tenant", tenants), domain)
    access = AsteriskAccess(host, port or (5039 if tls else 5038), user, secret("ASTERISK_SECRET"), _tls(tls, ca))
    store = DndStore(dnd)
    run_adapter(
        lambda clock: AsteriskReader(
            access, users, clock, dnd=store, list_seconds=list_seconds, silence_seconds=silence_seconds
        ),
        knows_dnd=store is not DndStore.NONE,
        **common,
    )


@adapter.command(short_help="Report a FreeSWITCH over its event socket.")
@common_options
@click.option("--host", envvar="FREESWITCH_HOST", default="127.0.0.1", show_default=True, show_envvar=True)
@click.option(
    "--port",
    envvar="FREESWITCH_PORT",
    type=click.IntRange(1, 65_535),
    default=8021,
    show_default=True,
    show_envvar=True,
    help="Of the event socket.",
)
@silence_option
@list_option
@click.option("--domain", "domains", multiple=True, required=True, help="A domain that it serves; repeat for more.")
@click.option(
    "--alias",
    "aliases",
    multiple=True,
    metavar="NAME=DOMAIN",
    help="What FreeSWITCH calls one of these domains, such as its own address; repeat for more.",
)
@click.option(
    "--dnd-realm",
    default="",
    help="The realm of mod_db in which the dialplan keeps Do Not Disturb; without it, nothing is known of it.",
)
def freeswitch(
    host: str,
    port: int,
    domains: tuple[str, ...],
    aliases: tuple[str, ...],
    dnd_realm: str,
    list_seconds: float,
    silence_seconds: float,
    **common: Any,
) -> None:
    """Report a FreeSWITCH (1.8 or newer), FusionPBX included, over its event socket.

    Its password comes from FREESWITCH_PASSWORD or the file that FREESWITCH_PASSWORD_FILE names. The event socket is not
    encrypted: have the adapter on the same machine, or a tunnel between. What to write into event_socket.conf.xml is
    in docs/switches/freeswitch.md.
    """
    from pbx.adapter.addresses import Domains
    from pbx.freeswitch.reader import FreeSwitchAccess, FreeSwitchReader

    known = Domains(frozenset(domain.lower() for domain in domains), _pairs("--alias", aliases))
    access = FreeSwitchAccess(host, port, secret("FREESWITCH_PASSWORD"))
    run_adapter(
        lambda clock: FreeSwitchReader(
            access, known, clock, dnd_realm=dnd_realm, list_seconds=list_seconds, silence_seconds=silence_seconds
        ),
        knows_dnd=bool(dnd_realm),
        **common,
    )


@adapter.command(short_help="Report domains of a NetSapiens over its API.")
@common_options
@click.option(
    "--url",
    envvar="NETSAPIENS_URL",
    required=True,
    show_envvar=True,
    help="Of the API, such as https://api.example.com/ns-api/v2.",
)
@click.option("--domain", "domains", multiple=True, required=True, help="A domain to report; repeat for more.")
@click.option(
    "--webhook-url",
    envvar="NETSAPIENS_WEBHOOK_URL",
    show_envvar=True,
    help="Where NetSapiens reaches --listen from outside, such as https://adapter.example.com: calls are then told as"
    " they happen, with the secret in NETSAPIENS_WEBHOOK_SECRET (or its file) in the path.",
)
@click.option(
    "--dnd/--no-dnd", default=True, show_default=True, help="Ask for everybody's answering rules, two users a second."
)
@click.option(
    "--call-seconds", type=click.FloatRange(1, 600), help="How often to ask for calls; 5, or 15 with --webhook-url."
)
@list_option
def netsapiens(
    url: str,
    domains: tuple[str, ...],
    webhook_url: str | None,
    dnd: bool,
    call_seconds: float | None,
    list_seconds: float,
    **common: Any,
) -> None:
    """Report domains of a NetSapiens (version 44 or newer) over its API.

    The API key comes from NETSAPIENS_API_KEY or the file that NETSAPIENS_API_KEY_FILE names. It asks for devices and
    calls; what it needs to be told of calls at once is in docs/switches/netsapiens.md.
    """
    from pbx.netsapiens.reader import NetSapiensAccess, NetSapiensReader
    from pbx.netsapiens.routes import PREFIX, webhook_routes

    hook = secret("NETSAPIENS_WEBHOOK_SECRET") if webhook_url else ""
    if webhook_url and not (common["listen"] and hook.isascii() and hook.isalnum()):
        raise click.UsageError("--webhook-url needs --listen, and letters and digits in NETSAPIENS_WEBHOOK_SECRET")
    access = NetSapiensAccess(
        checked_url("--url", url),
        secret("NETSAPIENS_API_KEY"),
        tuple(domain.lower() for domain in domains),
        f"{checked_url('--webhook-url', webhook_url)}{PREFIX}/{hook}" if webhook_url else "",
    )
    readers: list[NetSapiensReader] = []

    def make(clock: Callable[[], float]) -> NetSapiensReader:
        every = call_seconds or (15 if webhook_url else 5)
        readers.append(NetSapiensReader(access, clock, follows_dnd=dnd, call_seconds=every, list_seconds=list_seconds))
        return readers[0]

    run_adapter(
        make,
        knows_dnd=False,
        routes=lambda _: webhook_routes(hook, readers[0].posted) if webhook_url else (),
        **common,
    )


# ---------------------------------------------------------------- what was given


def _pairs(option: str, pairs: Sequence[str]) -> dict[str, str]:
    """`a=b` as a mapping. Raises a usage error."""
    split = [pair.partition("=") for pair in pairs]
    if any(not (left and right) for left, _, right in split):
        raise click.UsageError(f"{option} has to be like one=another")
    return {left: right.lower() for left, _, right in split}


def _user_pattern(pattern: str, tenants: dict[str, str], domain: str | None) -> Any:
    import re

    from pbx.adapter.addresses import UserPattern

    try:
        groups = re.compile(pattern).groupindex
    except re.error as error:
        raise click.UsageError(f"--user-pattern is no regular expression: {error}") from error
    if "extension" not in groups:
        raise click.UsageError("--user-pattern has no group (?P<extension>...)")
    if domain is None and "domain" not in groups:
        raise click.UsageError("--domain is missing, and --user-pattern has no group (?P<domain>...) either")
    return UserPattern(pattern, tenants, domain)


def _tls(wanted: bool, ca: str | None) -> ssl.SSLContext | None:
    if ca and not wanted:
        raise click.UsageError("--ca means nothing without --tls")
    return trusting("--ca", ca) if wanted else None

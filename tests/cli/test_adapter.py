"""`presence adapter` as an operator and systemd see it: what it refuses to begin with, what it says of itself."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.adapter import AdapterProcess
from tests.support.asterisk import SECRET, USER, FakeAsterisk

NO_GATEWAY = "http://127.0.0.1:9"
ENVIRONMENT = {
    "ADAPTER_GATEWAY": NO_GATEWAY,
    "ADAPTER_SOURCE": "rack-4",
    "ADAPTER_TOKEN": "token",
    "ASTERISK_SECRET": SECRET,
    "FREESWITCH_PASSWORD": "password",
    "NETSAPIENS_API_KEY": "key",
    "ADAPTER_COMMAND_TOKEN": "command",
}
ASTERISK = ["asterisk", "--user", USER, "--domain", "acme.test"]
FREESWITCH = ["freeswitch", "--domain", "acme.test"]
NETSAPIENS = ["netsapiens", "--url", "https://api.test/ns-api/v2", "--domain", "acme.test"]


async def end_of(arguments: list[str], **environment: str) -> tuple[int, str]:
    """The exit code, and the last line that it wrote."""
    process = AdapterProcess(arguments, {**ENVIRONMENT, **environment})
    code = await process.ended()
    return code, process.output[-1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["asterisk", "--user", USER], "--domain is missing"),
        ([*ASTERISK, "--user-pattern", "("], "--user-pattern is no regular expression"),
        ([*ASTERISK, "--user-pattern", r"\d+"], "no group (?P<extension>...)"),
        ([*ASTERISK, "--tenant", "acme"], "--tenant has to be like one=another"),
        ([*ASTERISK, "--ca", __file__], "--ca means nothing without --tls"),
        ([*ASTERISK, "--listen", "5080"], "--listen has to be like"),
        ([*ASTERISK, "--gateway", "chat.example.com"], "--gateway has to be an address"),
        ([*ASTERISK, "--log-level", "loud"], "expected --log-level"),
        ([*ASTERISK, "--gateway", ""], "or give --dry-run"),
        (["freeswitch"], "Missing option '--domain'"),
        ([*FREESWITCH, "--alias", "=acme.test"], "--alias has to be like one=another"),
        ([*NETSAPIENS, "--url", "ftp://api.test"], "--url has to be an address"),
    ],
)
async def test_what_is_given_wrongly_is_said_to_be(arguments: list[str], says: str) -> None:
    code, line = await end_of(arguments)
    assert code == 2
    assert says in line


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (ASTERISK, {"ADAPTER_TOKEN": ""}, "ADAPTER_TOKEN: has to be one line"),
        (ASTERISK, {"ASTERISK_SECRET": "a\nb"}, "ASTERISK_SECRET: has to be one line"),
        (ASTERISK, {"ASTERISK_SECRET_FILE": __file__}, "ASTERISK_SECRET: given twice"),
        (FREESWITCH, {"FREESWITCH_PASSWORD": "", "FREESWITCH_PASSWORD_FILE": "/nowhere"}, "cannot read /nowhere"),
        (NETSAPIENS, {"NETSAPIENS_API_KEY": ""}, "NETSAPIENS_API_KEY: has to be one line"),
        ([*ASTERISK, "--gateway-ca", __file__], {}, "holds no certificate"),
        ([*ASTERISK, "--listen", "127.0.0.1:0"], {"ADAPTER_COMMAND_TOKEN": ""}, "ADAPTER_COMMAND_TOKEN"),
    ],
)
async def test_a_start_that_cannot_succeed_ends_with_one_line(
    arguments: list[str], environment: dict[str, str], says: str
) -> None:
    code, line = await end_of(arguments, **environment)
    assert code == 3
    assert line.startswith("Error: ")
    assert says in line


async def test_a_secret_may_come_from_a_file(asterisk: FakeAsterisk, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    process = start(asterisk, ASTERISK_SECRET="", ASTERISK_SECRET_FILE=str(file))
    await asterisk.until(lambda: asterisk.logins == 1)
    assert await process.stop() == 0
    assert SECRET not in str(list(process.log))


async def test_a_door_that_is_taken_is_the_end_of_the_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, line = await end_of([*ASTERISK, "--listen", f"127.0.0.1:{port}"])
    assert code == 3
    assert "cannot listen" in line


# ---------------------------------------------------------------- with a switch


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    server = FakeAsterisk()
    await server.start()
    yield server
    await server.stop()


def start(asterisk: FakeAsterisk, *more: str, **environment: str) -> AdapterProcess:
    return AdapterProcess([*ASTERISK, "--port", str(asterisk.port), *more], {**ENVIRONMENT, **environment})


async def test_systemd_is_told_when_it_has_begun_how_it_is_and_that_it_lives(
    asterisk: FakeAsterisk, tmp_path: Path
) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(path))
        ear.settimeout(60)
        process = start(asterisk, NOTIFY_SOCKET=str(path), WATCHDOG_USEC="200000")
        heard: list[str] = []
        while not {"READY=1", "WATCHDOG=1"} <= set(heard) or not any(" up, " in each for each in heard):
            heard.append(await asyncio.to_thread(lambda: ear.recv(4_096).decode()))
        assert f"STATUS=line to asterisk at 127.0.0.1:{asterisk.port} up, 0 devices, 0 calls" in heard
        assert await process.stop() == 0
        while heard[-1] != "STOPPING=1":
            heard.append(await asyncio.to_thread(lambda: ear.recv(4_096).decode()))


async def test_a_dry_run_shows_what_would_be_told_and_needs_no_gateway(asterisk: FakeAsterisk) -> None:
    await asterisk.register("1001")
    without = dict.fromkeys(("ADAPTER_GATEWAY", "ADAPTER_SOURCE", "ADAPTER_TOKEN"), "")
    process = start(asterisk, "--dry-run", **without)
    await asterisk.until(lambda: asterisk.logins == 1)
    up = await process.wrote('"type":"device.up"')
    assert up["user"] == "1001@acme.test"
    await asterisk.dial("1001", "1002")
    call = await process.wrote('"type":"call"')
    assert (call["phase"], call["parties"]) == (
        "trying",
        [{"user": "1001@acme.test", "role": "caller", "phase": None, "device": "PJSIP/1001"}],
    )
    process.kill()


async def test_a_gateway_that_is_not_there_yet_is_waited_for(asterisk: FakeAsterisk) -> None:
    process = start(asterisk)
    trouble = await process.logged("gateway_does_not_take")
    assert trouble["level"] == "warning"
    assert await process.stop() == 0


async def test_a_switch_that_is_not_there_yet_is_waited_for() -> None:
    process = AdapterProcess([*ASTERISK, "--port", "9"], ENVIRONMENT)
    lost = await process.logged("switch_line_lost", times=2)
    assert "cannot connect" in str(lost["reason"])
    assert await process.stop() == 0


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """One that vouches for itself, for loopback, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl on this machine")
    file, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "1", "-subj", "/CN=pbx", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(file)),
        ],
        check=True,
        capture_output=True,
    )
    return file, key


async def test_an_encrypted_line_is_used_only_to_a_switch_that_is_trusted(certificate: tuple[Path, Path]) -> None:
    asterisk = FakeAsterisk()
    asterisk.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    asterisk.tls.load_cert_chain(*certificate)
    await asterisk.start()
    try:
        trusting = start(asterisk, "--tls", "--ca", str(certificate[0]))
        await asterisk.until(lambda: asterisk.logins == 1)
        assert await trusting.stop() == 0
        strict = start(asterisk, "--tls")
        lost = await strict.logged("switch_line_lost")
        assert "certificate is not trusted" in str(lost["reason"])
        assert await strict.stop() == 0
        assert asterisk.logins == 1
    finally:
        await asterisk.stop()

"""Each subcommand on its own, as somebody at a keyboard or a service manager meets it."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.failures import StartFailed
from cli.serve import listen
from storage.embedded import EmbeddedServers

CHECKOUT = Path(__file__).parents[2]


def presence(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command in an environment which holds nothing of ours but what is given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=CHECKOUT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_the_commands() -> None:
    finished = presence("--help")
    assert finished.returncode == 0
    assert all(f"\n  {command} " in finished.stdout for command in ("serve", "migrate", "demo", "config", "generate"))


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, cli.main; print({'uvicorn', 'starlette', 'structlog', 'asyncpg', 'redis'} & set(sys.modules))"
    finished = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert finished.stdout == "set()\n"


def test_config_shows_no_secret_and_names_what_is_misspelt() -> None:
    finished = presence("config", DATABASE_URL="postgresql://me:hunter2@db/x", PRESENCE_PROT="1")
    assert "DATABASE_URL=postgresql://me:********@db/x\n" in finished.stdout
    assert "hunter2" not in finished.stdout + finished.stderr
    assert "PRESENCE_PROT is set, but is no setting" in finished.stderr


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"PORT": "eighty"}, "PORT: must be a number from 0 to 65535 (got 'eighty')"),
        ({"DATABASE_URL": "postgresql://db/x"}, "REDIS_URL: is not set although DATABASE_URL is"),
        ({"PRESENCE_DATA_DIR": "/proc/nowhere"}, "cannot create the data folder /proc/nowhere"),
        ({"DATABASE_URL": "postgresql://127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1"}, "The database does not"),
    ],
    ids=["bad value", "only one store", "no data folder", "no database"],
)
def test_what_an_operator_can_set_right_is_one_line_and_exit_code_3(environment: dict[str, str], reason: str) -> None:
    finished = presence("serve", **environment)
    assert finished.returncode == 3
    assert finished.stderr.startswith(f"Error: {reason}")
    assert finished.stderr.count("\n") == 1


def test_migrate_tells_what_it_did(clean_servers: Callable[[], EmbeddedServers]) -> None:
    url = clean_servers().database_url
    first, second = (presence("migrate", DATABASE_URL=url) for _ in range(2))
    assert first.stdout.startswith("applied 0001_")
    assert second.stdout == "nothing to apply\n"


def test_migrate_without_configuration_uses_the_embedded_server(prepared_folder: Path) -> None:
    finished = presence("migrate", PRESENCE_DATA_DIR=str(prepared_folder))
    assert finished.stdout.startswith("applied 0001_")


def test_a_taken_port_nobody_asked_for_is_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with listen("127.0.0.1", port, is_wanted=False) as listener:
            assert listener.getsockname()[1] > port


def test_a_taken_port_somebody_asked_for_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartFailed, match=f"cannot listen on 127.0.0.1, port {port}: Address already in use"):
            listen("127.0.0.1", port, is_wanted=True)


def test_port_0_takes_any_free_port() -> None:
    with listen("127.0.0.1", 0, is_wanted=True) as listener:
        assert listener.getsockname()[1] > 0


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="there is no IPv6 on this machine")
def test_all_addresses_are_those_of_both_kinds() -> None:
    with (
        listen("::", 0, is_wanted=True) as listener,
        socket.create_connection(("127.0.0.1", listener.getsockname()[1])) as client,
    ):
        assert client.getpeername()[0] == "127.0.0.1"

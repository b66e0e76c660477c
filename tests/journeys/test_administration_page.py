"""The page on administration, typed as it stands there: its commands, and its requests over HTTP by curl.

Only hosts and names are others, since the stores are shared by all tests.
"""

import asyncio
import os
import re
import secrets
import shutil
import sys
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from storage.embedded import EmbeddedServers
from tests.support.gateway import GatewayProcess

CHECKOUT = Path(__file__).parents[2]
PAGE = (CHECKOUT / "docs" / "administration.md").read_text(encoding="utf-8")
PEOPLE = "extension,first_name,last_name\n1001,Anna,Berg\n1002,Ben,Ode\n"
BEGINNING = """
shopt -s expand_aliases
presence() { "$PYTHON" -m cli.main "$@"; }
curl() { command curl --write-out '\\n%{http_code}\\n' "$@"; }
cd "$FOLDER"
"""


def block_with(text: str) -> str:
    """The one of the page's blocks that has this in it."""
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", PAGE, re.MULTILINE)
    [block] = [each for each in blocks if text in each]
    return re.sub(r"^    ", "", str(block), flags=re.MULTILINE).strip("\n")


class Answer(NamedTuple):
    status: int
    body: Any


class Desk:
    """Where somebody types what the page says."""

    def __init__(self, gateway: GatewayProcess, servers: EmbeddedServers, folder: Path) -> None:
        self.domain = f"{secrets.token_hex(6)}.example"
        self._others = {
            "https://presence.example/": f"{gateway.url}/",
            "acme.example": self.domain,
            "switch-1": f"switch-{secrets.token_hex(4)}",
            "provisioning": f"provisioning-{secrets.token_hex(4)}",
        }
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(CHECKOUT),
            "PYTHON": sys.executable,
            "FOLDER": str(folder),
            "DATABASE_URL": gateway.database_url,
            "REDIS_URL": servers.redis_url,
        }
        (folder / "people.csv").write_text(PEOPLE)

    async def types(self, *scripts: str) -> tuple[int, str]:
        """The exit code of the last command, and all output."""
        script = BEGINNING + "\n".join(scripts)
        for there, here in self._others.items():
            script = script.replace(there, here)
        process = await asyncio.create_subprocess_exec(
            *("bash", "-c", script),
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()


def answers_in(output: str) -> list[Answer]:
    """By line: what was answered, and the status after it. curl itself adds a line about each that is no success."""
    lines = [line for line in output.splitlines() if line and not line.startswith("curl: (22)")]
    found: list[Answer] = []
    body = ""
    for line in lines:
        if re.fullmatch(r"[1-5]\d\d", line):
            found.append(Answer(int(line), msgspec.json.decode(body) if body else None))
            body = ""
        else:
            body += line
    assert body == "", output
    return found


@pytest.fixture
def desk(gateway: GatewayProcess, servers: EmbeddedServers, tmp_path: Path) -> Desk:
    if shutil.which("bash") is None or shutil.which("curl") is None:
        pytest.skip("there is no bash, or no curl, on this machine")
    return Desk(gateway, servers, tmp_path)


async def test_a_company_is_set_up_by_the_commands_of_the_page_and_again_changes_nothing(desk: Desk) -> None:
    commands = block_with("presence domain add acme.example")
    assert len(commands.splitlines()) == 4
    stop_at_the_first = "set -e"
    code, output = await desk.types(stop_at_the_first, commands, commands)
    assert code == 0, output
    assert "2 were added" in output
    assert "0 were added" in output


async def test_the_requests_of_the_page_are_answered_as_it_says(desk: Desk) -> None:
    known, further = block_with("KEY=$("), block_with("messages=true")
    begin, _, requests = known.partition("\n\n")
    again = requests
    for_more = "KEY=$(presence admin-key add provisioning-more --scope users.delete --scope domains.delete)"
    code, output = await desk.types(begin, requests, again, for_more, further, "ask $AT/domains/acme.example -X DELETE")
    answers = answers_in(output)
    count = len(re.findall("^ask ", requests, re.MULTILINE))
    assert (count, len(re.findall("^ask ", further, re.MULTILINE)), len(answers)) == (9, 2, 21), output
    assert [each.status for each in answers[:count]] == [201, 200, 201, 200, 200, 200, 201, 200, 204], output
    domain, edited, user, imported, welcome, account, source, token, _ = (each.body for each in answers[:count])
    assert domain["created"]
    assert (edited["ringing_is_busy"], edited["retention_days"]) == (True, 365)
    assert (user["user"], user["created"]) == (1, True)
    assert (imported["create"], imported["applied"]) == (2, False)
    assert account["changed"] == ["disabled"]
    assert welcome["user"] == 1
    assert source["token"] != token["token"]
    # Repeated: there just like that, nothing changed, and what is shown once is shown no more.
    assert [each.status for each in answers[count : 2 * count]] == [200, 200, 200, 200, 422, 200, 409, 200, 204], output
    assert "may not log in" in answers[count + 4].body["detail"], "who is disabled by then is not welcomed"
    assert answers[count + 5].body["changed"] == []
    erased, deleted, gone = answers[2 * count :]
    assert (erased.status, erased.body["extension"]) == (200, "1900")
    assert (deleted.status, gone.status) == (202, 404)
    assert code == 22, "as curl says that something was refused"

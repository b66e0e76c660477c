"""The client library as others get it: packed, installed, compiled against, and run in Node against a real gateway."""

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.gateway import People
from tests.support.node import OLDEST_NODE, find_node
from wire.commands import SendMessage, SetDnd
from wire.events import MessageAdded
from wire.replies import Done, MessageSent

HERE = Path(__file__).parent
LIBRARY = HERE.parents[1] / "portal" / "client"
WITHOUT_NODE = f"no Node {OLDEST_NODE} or newer, on the PATH or with Playwright"

CONSUMER = """
import { PresenceClient, Refused, people, presence } from "presence-client";
import { CloseCode } from "presence-client/protocol.js";

const client = new PresenceClient({ base: "https://chat.example.com", token: async (refused) => refused ?? "token" });
client.on("presence", (users) => users?.has(1));
const colour: "green" | "blue" | "red" | "offline" = client.presenceOf(1).colour;
const known: presence.KnownPresence = client.presenceOf(1);
const code: number = CloseCode.ORIGIN_REFUSED;
// @ts-expect-error there is no such topic
client.on("nothing", () => undefined);
export { colour, known, code, people, Refused };
"""


@pytest.mark.skipif(find_node() is None, reason=WITHOUT_NODE)
async def test_a_node_client_connects_chats_waits_without_a_network_and_resumes(people: People, tmp_path: Path) -> None:
    anna = await people.add("1001", first_name="Anna")
    ben = await people.add("1002", first_name="Ben")
    _install(LIBRARY, tmp_path)
    shutil.copy(HERE / "journey.mjs", tmp_path)
    async with await people.connect(ben) as at_ben:
        arguments = [*_node(), "journey.mjs", people.gateway.url, await people.token(anna), str(ben), "1002"]
        pipe = asyncio.subprocess.PIPE
        node = await asyncio.create_subprocess_exec(*arguments, cwd=tmp_path, stdin=pipe, stdout=pipe, stderr=pipe)
        assert node.stdout is not None
        if await node.stdout.readline() == b"cut\n":
            first = await at_ben.receives(MessageAdded, lambda event: event.message.body == "first")
            await at_ben.ask(SetDnd(on=True), Done)
            message = SendMessage(conversation=first.message.conversation, client_id="meanwhile-1", body="meanwhile")
            await at_ben.ask(message, MessageSent)
        said, errors = await node.communicate(b"go\n")
        assert (node.returncode, said) == (0, b"done\n"), errors.decode()
        await at_ben.receives(MessageAdded, lambda event: event.message.body == "and one more")


@pytest.mark.skipif(not (shutil.which("npm") and shutil.which("tsc")), reason="npm and tsc are not both on the PATH")
def test_the_packed_library_has_no_dependencies_and_types_that_others_compile_against(tmp_path: Path) -> None:
    copy = tmp_path / "source"
    shutil.copytree(LIBRARY, copy, ignore=shutil.ignore_patterns("types"))
    run = subprocess.run(["npm", "pack", "--json"], cwd=copy, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    packed = next(copy.glob("*.tgz"))
    shutil.unpack_archive(packed, tmp_path / "unpacked")
    library = tmp_path / "unpacked" / "package"
    files = {path.relative_to(library).as_posix() for path in library.rglob("*") if path.is_file()}
    assert {"index.js", "types/index.d.ts", "types/state/chat.d.ts", "README.md", "package.json"} <= files
    assert not {"tsconfig.json"} & files
    told = json.loads((library / "package.json").read_text())
    assert not [name for name in told if "ependencies" in name]
    _install(library, tmp_path)
    (tmp_path / "consumer.ts").write_text(CONSUMER)
    options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2023", "--types", ""]
    compiled = subprocess.run(
        ["tsc", *options, "consumer.ts"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert compiled.returncode == 0, compiled.stdout


def _install(library: Path, project: Path) -> None:
    shutil.copytree(library, project / "node_modules" / "presence-client")


def _node() -> list[str]:
    """With a WebSocket, which was behind an option before version 22."""
    node = find_node()
    assert node is not None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"v(\d+)", version)
    return [node, "--experimental-websocket"] if found and int(found[1]) < 22 else [node]

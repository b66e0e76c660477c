"""The groups by status that the portal shows are those of contacts/groups.py, for every record that there can be."""

import json
import subprocess
from itertools import product
from pathlib import Path

import msgspec
import pytest

from contacts.groups import status_group
from tests.support.node import OLDEST_NODE, find_node
from wire.identity import UserId
from wire.records import Colour, Presence, Reason

HERE = Path(__file__).parent
ASK = """
import { statusGroupOf } from "../../portal/client/people.js";
import { complete } from "../../portal/client/state/presence.js";
const told = JSON.parse(process.argv[1]);
console.log(JSON.stringify(told.map((record) => statusGroupOf(complete(record)))));
"""


@pytest.mark.skipif(find_node() is None, reason=f"no Node {OLDEST_NODE} or newer, on the PATH or with Playwright")
def test_the_portal_puts_everybody_into_the_same_group_by_status() -> None:
    records = [
        Presence(user=UserId(1), rev=1, colour=colour, reason=reason, unknown_since=since)
        for colour, reason, since in product(Colour, Reason, (0, 1))
    ]
    told = msgspec.json.encode(records).decode()
    node = find_node()
    assert node is not None
    run = subprocess.run(
        [node, "--input-type=module", "--eval", ASK, told], cwd=HERE, capture_output=True, text=True, check=True
    )
    assert json.loads(run.stdout) == [status_group(record) for record in records]

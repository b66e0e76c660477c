"""The Autobahn test suite, sections 1 to 7 and 10; `python -m tests.support.autobahn` runs more of them."""

from tests.support.autobahn import run_cases
from tests.support.echo import echo, serving_websockets

LENIENT = {"6.4.3", "6.4.4"}
"""Wrong text within a frame is refused when the frame is whole. The suite would like it while the frame still comes."""
UNDECIDED = {"7.1.6", "7.13.1", "7.13.2"}
"""The standard leaves them open; the suite only writes down what we do."""


async def test_our_protocol_passes_the_cases_of_the_autobahn_test_suite() -> None:
    async with serving_websockets(echo, "own") as address:
        verdicts = await run_cases(address, "1", "2", "3", "4", "5", "6", "7", "10")
    assert len(verdicts) == 247
    assert {number for number, each in verdicts.items() if each == "INFORMATIONAL"} == UNDECIDED
    assert {number for number, each in verdicts.items() if each == "NON-STRICT"} <= LENIENT
    assert [f"{number} {each}" for number, each in verdicts.items() if each.startswith("FAILED")] == []

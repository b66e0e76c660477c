"""The generated documents tell of everything that the wire has, always in the same words."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.generate import Generated, GeneratedPicture, generated_files
from cli.operations import all_operations
from web.describing import describe
from web.documents import to_markdown
from web.http_document import http_document
from web.protocol_document import protocol_document
from web.protocol_javascript import protocol_javascript
from wire.errors import CloseCode, ErrorCode
from wire.limits import Limits
from wire.protocol import COMMANDS, EVENTS, REPLIES, REPLY_OF

CHECKOUT = Path(__file__).parent.parent.parent
PROTOCOL = to_markdown(protocol_document())
HTTP = to_markdown(http_document(all_operations()))
SCRIPT = protocol_javascript()


@pytest.mark.parametrize("kind", [*COMMANDS, *REPLIES, *EVENTS], ids=lambda kind: kind.__name__)
def test_every_message_is_told_with_all_its_fields(kind: type) -> None:
    described = describe(kind)
    section = PROTOCOL.partition(f"\n### {described.tag}\n")[2].partition("\n### ")[0]
    assert described.doc.partition("`")[0] in section
    for field in described.fields:
        assert field.name == "id" or f"| `{field.name}` | " in section


def test_every_command_is_told_with_its_reply() -> None:
    for kind, reply in REPLY_OF.items():
        section = PROTOCOL.partition(f"\n### {describe(kind).tag}\n")[2].partition("\n### ")[0]
        assert (f"Reply: [`{describe(reply).tag}`](#" if reply else "No reply.") in section


def test_every_code_and_limit_is_told() -> None:
    for code in CloseCode:
        assert f"| {code.value} | `{code.name}` | {'yes' if code.should_reconnect else 'no'} |" in PROTOCOL
    for error in ErrorCode:
        assert f"| `{error.value}` | {'yes' if error.temporary else 'no'} |" in PROTOCOL
    for name in Limits.__struct_fields__:
        assert f"| `{name}` | " in PROTOCOL


def test_limits_and_defaults_of_fields_are_told() -> None:
    assert "| `ttl` | integer | `120` | 10 to 3,600 |" in PROTOCOL
    assert "| `client_id` | string | required | 8 to 64 characters;" in PROTOCOL


def test_every_operation_is_told() -> None:
    for operation in all_operations():
        assert f"\n### {operation.method} {operation.path}\n" in HTTP
        assert operation.summary in HTTP


@pytest.mark.parametrize("kind", [*COMMANDS, *REPLIES, *EVENTS], ids=lambda kind: kind.__name__)
def test_every_message_has_a_type_in_the_script(kind: type) -> None:
    described = describe(kind)
    section = SCRIPT.partition(f"@typedef {{object}} {described.name}\n")[2].partition("*/")[0]
    assert f' * @property {{"{described.tag}"}} op\n' in section
    for field in described.fields:
        name = field.name if field.is_required else f"[{field.name}]"
        assert f"}} {name}" in section


def test_every_code_is_in_the_script() -> None:
    for code in [*CloseCode, *ErrorCode]:
        assert f"  {code.name}: " in SCRIPT


def test_the_script_leaves_no_tag_broken_over_lines() -> None:
    assert all(line.count("{") == line.count("}") for line in SCRIPT.splitlines() if " * @" in line)


@pytest.mark.parametrize("generated", generated_files(), ids=lambda each: each.path)
def test_the_committed_file_is_what_the_source_says_now(generated: Generated | GeneratedPicture) -> None:
    """If not: python3 dev.py generate."""
    assert generated.is_written()


def test_generated_files_do_not_depend_on_the_order_of_hashes() -> None:
    program = (
        "from web.documents import to_markdown; from web.protocol_document import protocol_document;"
        "from web.protocol_javascript import protocol_javascript; from cli.operations import openapi_text, http_text;"
        "print(hash((1,)) and to_markdown(protocol_document()) + protocol_javascript() + openapi_text() + http_text())"
    )
    texts = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=CHECKOUT,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert texts[0] == texts[1]

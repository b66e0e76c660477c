"""What the service says to what it does not do, in the portal's other languages: for sentences that it still says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEAKING = ("accounts", "chat", "contacts", "presence", "connections", "storage")
_MEANT = 12
"""Letters that make a text a sentence of its own, and not a frame for another one."""
OTHERS = sorted(path.stem for path in (ROOT / "portal/words").glob("*.js") if path.stem != "en")


def _said() -> Iterator[str]:
    """Patterns of all texts in the source, where # stands for a number, and what is put in may be anything."""
    for package in SPEAKING:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield _pattern(node.value)
                elif isinstance(node, ast.JoinedStr):
                    yield "".join(
                        _pattern(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values
                    )


def _pattern(text: object) -> str:
    return re.escape(re.sub(r"\d[\d,]*", "#", str(text)))


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_that_is_put_into_another_language_is_still_said(language: str) -> None:
    catalogue = (ROOT / f"portal/words/{language}.js").read_text()
    refusals = re.search(r"^const REFUSALS = \{$(.*?)^\};$", catalogue, re.MULTILINE | re.DOTALL)
    assert refusals
    known = re.findall(r'^  "([^"]+)":', refusals[1], re.MULTILINE)
    assert len(known) > 50
    said = [re.compile(pattern) for pattern in set(_said()) if len(pattern.replace(".+", "")) > _MEANT]
    assert [each for each in known if not any(pattern.fullmatch(each) for pattern in said)] == []

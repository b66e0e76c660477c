"""Documents for people tell of what is there: every file, function and link that they name exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
DOCUMENTS = [
    path
    for path in [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")]
    if path.name != "CHANGELOG.md"  # tells of what was
]
FOLDERS = sorted(path.name for path in CHECKOUT.iterdir() if path.is_dir() and not path.name.startswith("."))

_CODE = re.compile(r"`([^`]+)`")
_PATH = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./-]*|[\w-]+\.(?:py|md|toml|yml)")
_NAMED = re.compile(r"(?P<path>[\w./-]+\.(?:py|js)): (?P<name>[\w.]+)")
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def _text_of(document: Path) -> str:
    without_blocks = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"\s+", " ", without_blocks)


def _code_in(document: Path) -> Iterator[str]:
    yield from _CODE.findall(_text_of(document))


def _is_example(path: str) -> bool:
    return "NNNN" in path or "<" in path


def _exists(path: str) -> bool:
    """By its place, or, for a bare name that several folders have (`service.py`), anywhere."""
    if (CHECKOUT / path).exists():
        return True
    return "/" not in path and any(CHECKOUT.glob(f"*/{path}"))


def _defines(source: str, name: str) -> bool:
    return bool(re.search(rf"\b(?:class|def|function|const) {name}\b|^ *{name}\b *[:=]", source, re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_file_that_is_named_exists(document: Path) -> None:
    named = {code.partition(":")[0] for code in _code_in(document) if not _is_example(code)}
    missing = {path for path in named if _PATH.fullmatch(path) and not _exists(path)}
    assert missing == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_function_and_class_that_is_named_is_defined_where_it_says(document: Path) -> None:
    missing = []
    for code in _code_in(document):
        named = _NAMED.fullmatch(code)
        if not named or not (CHECKOUT / named["path"]).is_file():
            continue
        source = (CHECKOUT / named["path"]).read_text(encoding="utf-8")
        missing += [f"{code} ({part})" for part in named["name"].split(".") if not _defines(source, part)]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    links = {link for link in _LINK.findall(document.read_text(encoding="utf-8")) if not _is_example(link)}
    assert {link for link in links if not (document.parent / link).exists()} == set()

"""What the portal's files may not contain, so that a strict content security policy lets everything of them run."""

import re
from pathlib import Path

import pytest

from web.joining import joined

PORTAL = Path(__file__).parents[2] / "portal"
SCRIPTS = sorted(PORTAL.rglob("*.js"))
IMPORT = r"""(?:^import|^\} from|^(?:import|export) .*\bfrom)\s+["']([^"']+)["'];$"""
FORBIDDEN = {
    "innerHTML": r"\b(inner|outer)HTML\b",
    "insertAdjacentHTML": r"\binsertAdjacentHTML\b",
    "document.write": r"\bdocument\.write",
    "eval": r"\beval\(|\bnew Function\(",
    "a style attribute": r"""["']style["']\s*[,:]""",
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_no_script_turns_text_into_markup_or_code(name: str) -> None:
    found = [str(script.relative_to(PORTAL)) for script in SCRIPTS if re.search(FORBIDDEN[name], script.read_text())]
    assert found == []


def test_scripts_import_only_each_other() -> None:
    for script in SCRIPTS:
        for module in re.findall(IMPORT, script.read_text(), re.MULTILINE):
            assert module.startswith("."), f"{script}: {module}"
            assert (script.parent / module).resolve().is_relative_to(PORTAL), f"{script}: {module}"
            assert (script.parent / module).is_file(), f"{script}: {module}"


def test_the_page_names_every_script_that_it_will_need() -> None:
    """So that the browser fetches them at once, and the service worker keeps them. A missing one costs a round trip."""
    page = (PORTAL / "index.html").read_text()
    files = {path.relative_to(PORTAL).as_posix(): path.read_bytes() for path in SCRIPTS}
    needed = sorted(path for path in joined(files, {"portal": "app.js"}) if path.endswith(".js"))
    assert sorted(re.findall(r'"/portal/_/(joined/[^"]+)"', page)) == needed


def test_the_page_names_the_words_of_every_language_to_be_kept() -> None:
    named = re.findall(
        r'hreflang="(\w+)" href="/portal/_/joined/portal/words/\1.js"', (PORTAL / "index.html").read_text()
    )
    assert named == sorted(catalogue.stem for catalogue in (PORTAL / "words").glob("*.js"))


def test_the_first_look_waits_for_nothing_of_those_who_are_logged_in() -> None:
    first = {module.name for module in _modules_behind(PORTAL / "app.js", set())}
    assert first & {"contact-list.js", "chat-window.js", "import-dialog.js"} == set()
    assert {"login-form.js", "portal-shell.js"} <= first


def _modules_behind(script: Path, found: set[Path]) -> set[Path]:
    if script not in found:
        found.add(script)
        for module in re.findall(IMPORT, script.read_text(), re.MULTILINE):
            _modules_behind((script.parent / module).resolve(), found)
    return found


def test_the_client_knows_nothing_of_the_elements() -> None:
    """It is published by itself, and runs where there is no page."""
    for script in (PORTAL / "client").rglob("*.js"):
        assert "elements/" not in script.read_text(), script
        assert "words.js" not in script.read_text(), script


def test_the_page_has_no_script_or_style_of_its_own() -> None:
    page = (PORTAL / "index.html").read_text()
    assert re.findall(r"<style|\son\w+=|\sstyle=", page) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []


def test_nothing_names_another_host() -> None:
    for file in [*SCRIPTS, *PORTAL.rglob("*.css"), *PORTAL.rglob("*.html"), *PORTAL.rglob("*.svg")]:
        hosts = set(re.findall(r"https?://([\w.-]+)", file.read_text()))
        assert hosts <= {"www.w3.org"}, f"{file}: {hosts}"


def test_every_word_that_is_shown_stands_in_the_catalogues() -> None:
    """A text that begins as a sentence does, or a name that only a screen reader says."""
    found = []
    for script in [PORTAL / "app.js", *(PORTAL / "elements").glob("*.js"), *(PORTAL / "embed").glob("*.js")]:
        source = re.sub(r"/\*.*?\*/|//[^\n]*|css`.*?`", "", script.read_text(), flags=re.DOTALL)
        texts = [plain or made for plain, made in re.findall(r'"([^"\n]*)"|`([^`]*)`', source)]
        spoken = re.findall(r'\b(?:aria-label|aria-description|title|placeholder|alt)"?: "[^"]+"', source)
        found += [f"{script.name}: {text}" for text in [*filter(_is_sentence, texts), *spoken]]
    assert found == []


def _is_sentence(text: str) -> bool:
    is_of_the_browser = re.fullmatch(r"Arrow\w+|Escape|Enter|Tab|Delete|Files|NotConnected|TimedOut|\w+Error", text)
    said = re.sub(r"\$\{[^}]*\}", "", text)
    return not is_of_the_browser and bool(
        re.match(r"[^a-z]*[A-Z][a-z]", said) or re.search(r"[a-z] .*[a-z][.?!…]( |$)", said)
    )

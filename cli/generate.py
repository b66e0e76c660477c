"""`presence generate`: writes the files that follow from the source, and tells whether the committed ones still do."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click

ROOT = Path(__file__).parent.parent


class Generated(NamedTuple):
    """A file and the function that makes its text. The same source must always give the same text."""

    path: str
    make: Callable[[], str]

    def is_written(self) -> bool:
        try:
            return (ROOT / self.path).read_text(encoding="utf-8") == self.make()
        except FileNotFoundError:
            return False

    def content(self) -> bytes:
        return self.make().encode()


class GeneratedPicture(NamedTuple):
    """The same for a PNG, of which only what is seen is the same everywhere."""

    path: str
    make: Callable[[], bytes]

    def is_written(self) -> bool:
        from web.portal_icons import is_same_picture

        try:
            return is_same_picture((ROOT / self.path).read_bytes(), self.make())
        except FileNotFoundError:
            return False

    def content(self) -> bytes:
        return self.make()


def generated_files() -> list[Generated | GeneratedPicture]:
    """All of them. To add one, add a line; `dev.py check` then holds it."""
    from functools import partial

    from cli.operations import http_text, openapi_text
    from web.documents import to_markdown
    from web.portal_icons import ICONS, icon_png
    from web.portal_theme import theme_javascript
    from web.protocol_document import protocol_document
    from web.protocol_javascript import protocol_javascript

    return [
        Generated("docs/http.md", http_text),
        Generated("docs/openapi.json", openapi_text),
        Generated("docs/protocol.md", lambda: to_markdown(protocol_document())),
        Generated("portal/client/protocol.js", protocol_javascript),
        Generated("portal/embed/theme.js", lambda: theme_javascript((ROOT / "portal/tokens.css").read_text("utf-8"))),
        *(GeneratedPicture(f"portal/icons/{name}", partial(icon_png, icon)) for name, icon in ICONS.items()),
    ]


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail if a file is not up to date.")
def generate(check: bool) -> None:
    """Write the files that are made from the source."""
    stale = [each for each in generated_files() if not each.is_written()]
    for each in stale:
        if not check:
            _write(each)
        click.echo(f"{'not up to date' if check else 'written'}: {each.path}")
    if check and stale:
        raise click.ClickException("run `python3 dev.py generate` and commit the result")


def _write(generated: Generated | GeneratedPicture) -> None:
    path = ROOT / generated.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(generated.content())

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


def generated_files() -> list[Generated]:
    """All of them. To add one, add a line; `dev.py check` then holds it."""
    from cli.operations import http_text, openapi_text
    from web.documents import to_markdown
    from web.portal_theme import theme_javascript
    from web.protocol_document import protocol_document
    from web.protocol_javascript import protocol_javascript

    return [
        Generated("docs/http.md", http_text),
        Generated("docs/openapi.json", openapi_text),
        Generated("docs/protocol.md", lambda: to_markdown(protocol_document())),
        Generated("portal/client/protocol.js", protocol_javascript),
        Generated("portal/embed/theme.js", lambda: theme_javascript((ROOT / "portal/tokens.css").read_text("utf-8"))),
    ]


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail if a file is not up to date.")
def generate(check: bool) -> None:
    """Write the files that are made from the source."""
    stale = [each for each in generated_files() if _present(each) != each.make()]
    for each in stale:
        if not check:
            _write(each)
        click.echo(f"{'not up to date' if check else 'written'}: {each.path}")
    if check and stale:
        raise click.ClickException("run `python3 dev.py generate` and commit the result")


def _present(generated: Generated) -> str | None:
    try:
        return (ROOT / generated.path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _write(generated: Generated) -> None:
    path = ROOT / generated.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(generated.make(), encoding="utf-8")

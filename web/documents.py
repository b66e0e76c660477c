"""A document as data, and as Markdown or HTML: the committed file and the served page are made of the same blocks.

Text may hold `code` between backticks and nothing else; whatever looks like markup in it is shown, not obeyed.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

GENERATED = "Generated from the source by `presence generate`; do not edit."


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str

    @property
    def anchor(self) -> str:
        """As Markdown viewers make it, so that a link works in the file and on the page."""
        return re.sub(r"[^\w\- ]", "", self.text.lower()).replace(" ", "-")


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Code:
    text: str
    language: str = ""


Block = Heading | Paragraph | Items | Table | Code


def items_of(text: str) -> Items:
    """One item a paragraph of `text`, whose line breaks and indentation are only for the reader of the source."""
    return Items([" ".join(each.split()) for each in text.strip().split("\n\n")])


def to_markdown(blocks: Sequence[Block]) -> str:
    return "\n\n".join([f"<!-- {GENERATED} -->", *(_markdown(each) for each in blocks)]) + "\n"


def to_html(blocks: Sequence[Block]) -> str:
    """The inside of a page's <main>."""
    return "\n".join(_html(each) for each in blocks)


def text_to_html(text: str) -> str:
    parts = [html.escape(part) for part in re.split(r"`([^`]+)`", text)]
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


def _markdown(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_markdown_text(block.text)}"
        case Paragraph():
            return _markdown_text(block.text)
        case Items():
            return "\n".join(f"* {_markdown_text(each)}" for each in block.texts)
        case Code():
            return f"```{block.language}\n{block.text.rstrip()}\n```"
        case Table():
            lines = [block.head, ["---"] * len(block.head), *block.rows]
            return "\n".join(f"| {' | '.join(_markdown_cell(each) for each in line)} |" for line in lines)


def _markdown_text(text: str) -> str:
    """Angle brackets outside code would be taken for markup."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(part if place % 2 else part.replace("<", "&lt;") for place, part in enumerate(parts))


def _markdown_cell(text: str) -> str:
    # A bar ends a cell even inside code.
    return _markdown_text(" ".join(text.split())).replace("|", r"\|")


def _html(block: Block) -> str:
    match block:
        case Heading():
            return f'<h{block.level} id="{block.anchor}">{text_to_html(block.text)}</h{block.level}>'
        case Paragraph():
            return "\n".join(f"<p>{text_to_html(each)}</p>" for each in block.text.split("\n\n"))
        case Items():
            return f"<ul>{''.join(f'<li>{text_to_html(each)}</li>' for each in block.texts)}</ul>"
        case Code():
            return f"<pre><code>{html.escape(block.text.rstrip())}</code></pre>"
        case Table():
            head = "".join(f"<th>{text_to_html(each)}</th>" for each in block.head)
            rows = "".join(f"<tr>{_html_cells(row)}</tr>" for row in block.rows)
            # Wide ones scroll by themselves instead of making the page wider than a phone.
            return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _html_cells(row: Sequence[str]) -> str:
    return "".join(f"<td>{text_to_html(each)}</td>" for each in row)

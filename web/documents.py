"""A document as data, and as Markdown or HTML: the committed file and the served page are made of the same blocks.

Text may hold `code` between backticks and nothing else; whatever looks like markup in it is shown, not obeyed.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

GENERATED = "Generated from the source by `presence generate`; do not edit."
NO_TARGETS: Mapping[str, str] = MappingProxyType({})


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


def targets_in(blocks: Sequence[Block]) -> dict[str, str]:
    """What `code` links to: a heading of the same words."""
    return {each.text: f"#{each.anchor}" for each in blocks if isinstance(each, Heading) and each.level > 1}


def to_markdown(blocks: Sequence[Block]) -> str:
    targets = targets_in(blocks)
    return "\n\n".join([f"<!-- {GENERATED} -->", *(_markdown(each, targets) for each in blocks)]) + "\n"


def to_html(blocks: Sequence[Block], targets: Mapping[str, str]) -> str:
    """The inside of a page's <main>, or a part of it. `targets`: what `code` links to."""
    return "\n".join(_html(each, targets) for each in blocks)


def text_to_html(text: str, targets: Mapping[str, str] = NO_TARGETS) -> str:
    return "".join(_html_code(part, targets) if is_code else html.escape(part) for is_code, part in _parts(text))


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """The text in turns of plain and code."""
    for place, part in enumerate(re.split(r"`([^`]+)`", text)):
        yield place % 2 == 1, part


def _markdown(block: Block, targets: Mapping[str, str]) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_markdown_text(block.text, NO_TARGETS)}"
        case Paragraph():
            return _markdown_text(block.text, targets)
        case Items():
            return "\n".join(f"* {_markdown_text(each, targets)}" for each in block.texts)
        case Code():
            return f"```{block.language}\n{block.text.rstrip()}\n```"
        case Table():
            lines = [block.head, ["---"] * len(block.head), *block.rows]
            return "\n".join(f"| {' | '.join(_markdown_cell(each, targets) for each in line)} |" for line in lines)


def _markdown_text(text: str, targets: Mapping[str, str]) -> str:
    """Angle brackets outside code would be taken for markup."""
    return "".join(
        _markdown_code(part, targets) if is_code else part.replace("<", "&lt;") for is_code, part in _parts(text)
    )


def _markdown_code(code: str, targets: Mapping[str, str]) -> str:
    return f"[`{code}`]({targets[code]})" if code in targets else f"`{code}`"


def _markdown_cell(text: str, targets: Mapping[str, str]) -> str:
    # A bar ends a cell even inside code.
    return _markdown_text(" ".join(text.split()), targets).replace("|", r"\|")


def _html(block: Block, targets: Mapping[str, str]) -> str:
    match block:
        case Heading():
            return f'<h{block.level} id="{block.anchor}">{text_to_html(block.text)}</h{block.level}>'
        case Paragraph():
            return "\n".join(f"<p>{text_to_html(each, targets)}</p>" for each in block.text.split("\n\n"))
        case Items():
            return f"<ul>{''.join(f'<li>{text_to_html(each, targets)}</li>' for each in block.texts)}</ul>"
        case Code():
            return f"<pre><code>{html.escape(block.text.rstrip())}</code></pre>"
        case Table():
            head = "".join(f"<th>{text_to_html(each)}</th>" for each in block.head)
            rows = "".join(f"<tr>{_html_cells(row, targets)}</tr>" for row in block.rows)
            # Wide ones scroll by themselves instead of making the page wider than a phone.
            return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _html_cells(row: Sequence[str], targets: Mapping[str, str]) -> str:
    return "".join(f"<td>{text_to_html(each, targets)}</td>" for each in row)


def _html_code(code: str, targets: Mapping[str, str]) -> str:
    shown = f"<code>{html.escape(code)}</code>"
    return f'<a href="{targets[code]}">{shown}</a>' if code in targets else shown

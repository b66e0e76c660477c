"""JavaScript as lines without its comments, for what goes to a browser. Pure; knows no more grammar than that takes.

A comment becomes the line ends in it, or a space, so that a program goes on meaning the same. What is inside of texts,
templates and regular expressions stays as it is.
"""

import re
from dataclasses import dataclass, field
from typing import Final

_PIECE: Final = re.compile(
    r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<template>`)
    |(?P<slash>/)
    |(?P<open>\{)
    |(?P<close>\})
    |(?P<end>\n)
    |(?P<code>[^"'`/{}\n]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_REST_OF_TEMPLATE: Final = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*(?:`|\$\{)", re.DOTALL)
_EXPRESSION: Final = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_ENDS_VALUE: Final = re.compile(r"[\w$)\]}\"'`]$")
"""After these a slash divides; but for words that want a value themselves."""
_WANTS_VALUE: Final = re.compile(
    r"(?<![\w$.])(?:await|case|delete|do|else|in|instanceof|new|of|return|throw|typeof|void|yield)$"
)


class NotUnderstood(ValueError):
    """A script is written in a way that we do not read. Says which one, and where."""

    def __init__(self, name: str, number: int, why: str) -> None:
        super().__init__(f"{name}, line {number + 1}: {why}")


@dataclass(frozen=True, slots=True)
class Line:
    """`number`, `column`: where it begins in the source, from 0."""

    number: int
    column: int
    text: str
    is_top: bool
    """It begins outside of all braces and templates."""
    is_literal: bool
    """It begins inside of a template: not even its spaces may be touched."""


def lines_of(name: str, source: str) -> list[Line]:
    """Without comments, empty lines and indentation. Raises NotUnderstood."""
    return _Reader(name, source).read()


@dataclass(slots=True)
class _Reader:
    name: str
    source: str
    lines: list[Line] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    braces: list[str] = field(default_factory=list)
    """Those that are open: of a block, or of an expression in a template."""
    number: int = 0
    is_top: bool = True
    is_literal: bool = False
    before: str = ""
    """The last piece of code that was no space."""

    def read(self) -> list[Line]:
        at = 0
        while at < len(self.source):
            found = _PIECE.match(self.source, at)
            if found is None:
                raise NotUnderstood(self.name, self.number, "a text or a comment without its end")
            at = self._take(found.lastgroup or "", found[0], at)
        self._end_line(is_literal=False)
        if self.braces:
            raise NotUnderstood(self.name, self.number, "a brace without its end")
        return self.lines

    def _take(self, kind: str, piece: str, at: int) -> int:
        """Returns where the next piece begins."""
        end = at + len(piece)
        match kind:
            case "end":
                self._end_line(is_literal=False)
            case "comment":
                self._leave_out(piece)
            case "template":
                return self._template(at, end)
            case "close" if not self.braces:
                raise NotUnderstood(self.name, self.number, "a brace too many")
            case "close" if self.braces.pop() == "${":
                return self._template(at, end)
            case "slash" if self._wants_value():
                found = _EXPRESSION.match(self.source, at)
                if found is None:
                    raise NotUnderstood(self.name, self.number, "a slash that neither divides nor begins an expression")
                self._add(found[0])
                return found.end()
            case _:
                if kind == "open":
                    self.braces.append("{")
                self._add(piece)
        return end

    def _template(self, at: int, text_at: int) -> int:
        """`at`: of the backtick or of the brace after which its text begins, or goes on."""
        found = _REST_OF_TEMPLATE.match(self.source, text_at)
        if found is None:
            raise NotUnderstood(self.name, self.number, "a template without its end")
        first, *more = self.source[at : found.end()].split("\n")
        self.text.append(first)
        for each in more:
            self._end_line(is_literal=True)
            self.text.append(each)
        if found[0].endswith("${"):
            self.braces.append("${")
            self.before = "("
        else:
            self.before = "`"
        return found.end()

    def _add(self, piece: str) -> None:
        self.text.append(piece)
        if piece.strip():
            self.before = piece.rstrip()

    def _leave_out(self, comment: str) -> None:
        ends = comment.count("\n")
        for _ in range(ends):
            self._end_line(is_literal=False)
        if not ends:
            self.text.append(" ")

    def _wants_value(self) -> bool:
        return not _ENDS_VALUE.search(self.before) or bool(_WANTS_VALUE.search(self.before))

    def _end_line(self, *, is_literal: bool) -> None:
        """`is_literal`: the end of the line, and the next one's beginning, stand in a template."""
        text = "".join(self.text)
        self.text.clear()
        kept = text if is_literal else text.rstrip()
        column = 0 if self.is_literal else len(kept) - len(kept.lstrip())
        if kept or self.is_literal or is_literal:
            self.lines.append(Line(self.number, column, kept[column:], self.is_top, self.is_literal))
        self.number += 1
        self.is_literal = is_literal
        self.is_top = not self.braces and not is_literal

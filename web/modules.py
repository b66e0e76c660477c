"""What a JavaScript module takes from others, gives to others, and does itself. Pure; the forms that the portal uses.

What is written in any other form raises NotUnderstood, and so does what changes its meaning when modules are joined.
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from web.javascript import Line, NotUnderstood, lines_of

WHOLE: Final = "*"
"""In place of a name: the module itself, as an object with all that it exports."""

_STATEMENT: Final = re.compile(
    r"""
    import\s*(?:\{(?P<taken>[^}]*)\}|\*\s*as\s+(?P<whole>[\w$]+))\s*from\s*"(?P<source>[^"]+)";
    |import\s*"(?P<run>[^"]+)";
    |export\s*\{(?P<given>[^}]*)\}(?:\s*from\s*"(?P<through>[^"]+)")?;
    |export\s*\*\s*as\s+(?P<named>[\w$]+)\s*from\s*"(?P<all>[^"]+)";
    """,
    re.VERBOSE,
)
_DECLARED: Final = re.compile(r"export ((?:async )?function\b\*? ?|class |const |let )([\w$]+)")
_NAME: Final = re.compile(r"([\w$]+)(?:\s+as\s+([\w$]+))?")
_LATER: Final = re.compile(r"""(?<![\w$.])import\("(\.[^"]+)"\)""")
_HERE: Final = re.compile(r"(?<![\w$.])import\.meta\.url\b")
_OTHER: Final = re.compile(r"(?<![\w$.])(?:import\s*\(|import\.meta\b(?!\.url\b))")
_WAITS: Final = re.compile(r"(?<![\w$.])(?:await|for await)\b")


@dataclass(frozen=True, slots=True)
class Taken:
    """From one other module: the names they have here, with those that they have there. None: it is only to be run."""

    path: str
    names: Mapping[str, str]


@dataclass(slots=True)
class Module:
    """`path`: below the portal."""

    path: str
    body: list[Line] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    """In the order in which they are named, which is that in which they are run."""
    given: dict[str, str] = field(default_factory=dict)
    """What it makes itself: the names by which others know it, with those that it has here."""
    passed_on: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What it gives and has from elsewhere: with the module's path, and the name there."""
    later: list[str] = field(default_factory=list)
    """What it loads when it wants to, and not before it is run."""
    is_changing: bool = False
    """What it gives may get another value while the page lives."""

    def gives(self, name: str) -> bool:
        return name == WHOLE or name in self.given or name in self.passed_on


def module_of(path: str, source: str) -> Module:
    """Raises NotUnderstood."""
    module = Module(path)
    lines = lines_of(path, source)
    while lines:
        line = lines[0]
        if line.is_top and re.match(r"(?:import|export)[\s{*\"]", line.text):
            del lines[: _take(module, lines)]
        else:
            _keep(module, lines.pop(0))
    if module.is_changing and module.passed_on:
        raise NotUnderstood(path, 0, "gives what changes, and what comes from elsewhere")
    return module


def with_addresses(text: str, here: str, later: Mapping[str, str]) -> str:
    """A line as it has to be elsewhere: `here` leads to its module, `later` to each that it may load, by its name."""
    if "import" not in text:
        return text
    text = _HERE.sub(f'new URL("{here}", import.meta.url).href', text)
    return _LATER.sub(lambda found: f'import("{later[found[1]]}")', text)


def named_later(text: str) -> list[str]:
    """What a line may load, as it is named in it."""
    return _LATER.findall(text) if "import" in text else []


def beside(path: str, named: str) -> str:
    """The path of what a module at `path` calls `named`."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), named))


def _take(module: Module, lines: list[Line]) -> int:
    """An import or export that stands first. Returns how many lines it takes."""
    line = lines[0]
    if declared := _DECLARED.match(line.text):
        kind, name = declared.groups()
        module.given[name] = name
        module.is_changing |= kind == "let "
        text = line.text.removeprefix("export ")
        _keep(module, Line(line.number, line.column + len("export "), text, line.is_top, line.is_literal))
        return 1
    count = next((count for count, each in enumerate(lines, 1) if each.text.endswith(";")), 0)
    found = _STATEMENT.fullmatch(" ".join(each.text for each in lines[:count]))
    if found is None:
        raise _unread(module, line)
    _take_names(module, found)
    return count


def _take_names(module: Module, found: re.Match[str]) -> None:
    if found["source"]:
        names = {found["whole"]: WHOLE} if found["whole"] else _names(found["taken"])
        module.taken.append(Taken(beside(module.path, found["source"]), names))
    elif found["run"]:
        module.taken.append(Taken(beside(module.path, found["run"]), {}))
    elif found["through"] or found["all"]:
        path = beside(module.path, found["through"] or found["all"])
        names = {found["named"]: WHOLE} if found["all"] else _names(found["given"])
        module.taken.append(Taken(path, {}))
        module.passed_on |= {name: (path, there) for name, there in names.items()}
    else:
        module.given |= _names(found["given"])


def _names(listed: str) -> dict[str, str]:
    """`a, b as c`: by what each is called after it, what it is before."""
    return {called or name: name for name, called in _NAME.findall(listed)}


def _keep(module: Module, line: Line) -> None:
    module.body.append(line)
    if line.is_literal or not re.search(r"import|export|await", line.text):
        return
    module.later += [beside(module.path, each) for each in named_later(line.text)]
    if line.is_top and _WAITS.search(line.text):
        raise NotUnderstood(module.path, line.number, "waits at the top of a module")
    if _OTHER.search(_LATER.sub("", line.text)):
        raise _unread(module, line)


def _unread(module: Module, line: Line) -> NotUnderstood:
    return NotUnderstood(module.path, line.number, "an import or export of a form that is not read here")

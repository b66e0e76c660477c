"""Modules joined into few scripts that do what the modules do: fewer requests, and none that waits for another. Pure.

A module and all that it imports become one script: each of them a function that is called once, in the order in which a
browser would run them. What is imported by `import("...")` becomes a script of its own, which shares with the earlier
ones what they have, so that no module is there twice.

A module that exports something whose value changes (`export let`) stands outside of any function: whoever imports such
a name means the variable itself. What cannot be joined so that it stays the same is refused with NotUnderstood, when
the gateway starts: modules that import each other in a circle, those that wait at their top, exports by default.
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from web.javascript import NotUnderstood
from web.modules import WHOLE, Module, Taken, beside, module_of, named_later, with_addresses
from web.source_maps import Place, source_map

FOLDER: Final = "joined"
"""Here stand the scripts: `joined/<page>/<path of the module that it begins with>`."""


class _Written(NamedTuple):
    text: str
    place: Place | None = None
    """Where it was written; None: here."""


@dataclass(slots=True)
class _Script:
    """`before`: by the module that each begins with, the scripts that are there whenever this one is loaded."""

    entry: str
    before: tuple[str, ...]
    modules: list[str] = field(default_factory=list)


def joined(files: Mapping[str, bytes], entries: Mapping[str, str]) -> dict[str, bytes]:
    """The scripts of each page and their source maps, by path below the portal. Raises NotUnderstood.

    `entries`: by the page's name, the module that it begins with.
    """
    modules = _Modules(files)
    made: dict[str, bytes] = {}
    for name, entry in entries.items():
        page = _Page(name, modules)
        page.gather(entry)
        for script in page.scripts.values():
            made |= page.files_of(script)
    return made


def joined_path(page: str, module: str) -> str:
    """Where the script stands that begins with a module."""
    return f"{FOLDER}/{page}/{module}"


class _Modules(dict[str, Module]):
    """By path; read when they are first needed."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self._files = files

    def __missing__(self, path: str) -> Module:
        if path not in self._files:
            raise NotUnderstood(path, 0, "is imported, and not there")
        self[path] = module_of(path, self._files[path].decode())
        return self[path]


class _Page:
    """All scripts that one page may load."""

    def __init__(self, name: str, modules: _Modules) -> None:
        self._name = name
        self._modules = modules
        self.scripts: dict[str, _Script] = {}
        """By the module that each begins with."""
        self._script_of: dict[str, _Script] = {}

    def gather(self, entry: str) -> None:
        waiting = [_Script(entry, ())]
        while waiting:
            script = waiting.pop(0)
            if script.entry in self.scripts:
                continue
            if script.entry in self._script_of:
                raise NotUnderstood(script.entry, 0, "is imported at once, and later too")
            self.scripts[script.entry] = script
            self._add(script, script.entry, ())
            before = (*script.before, script.entry)
            waiting += [_Script(later, before) for path in script.modules for later in self._modules[path].later]

    def _add(self, script: _Script, path: str, above: tuple[str, ...]) -> None:
        """What a module imports comes before it. `above`: those that led to it."""
        if path in above:
            raise NotUnderstood(path, 0, f"imports itself, by {' and '.join(above[above.index(path) + 1 :]) or path}")
        there = self._script_of.get(path)
        if there and there is not script and there.entry not in script.before:
            why = f"is needed by {script.entry}, and part of {there.entry}: import it before both"
            raise NotUnderstood(path, 0, why)
        if there:
            return
        for taken in self._modules[path].taken:
            self._add(script, taken.path, (*above, path))
        script.modules.append(path)
        self._script_of[path] = script

    # ---------------------------------------------------------- the text

    def files_of(self, script: _Script) -> dict[str, bytes]:
        name = self._path_of(script.entry)
        base = posixpath.basename(name)
        lines = [_Written(line) for line in self._from_others(script)]
        for path in script.modules:
            lines += self._text_of(script, self._modules[path])
        lines += [_Written(line) for line in self._to_others(script)]
        text = "\n".join(line.text for line in lines)
        root = posixpath.relpath(".", posixpath.dirname(name)) + "/"
        return {
            name: f"{text}\n//# sourceMappingURL={base}.map\n".encode(),
            f"{name}.map": source_map(base, root, [line.place for line in lines]).encode(),
        }

    def _path_of(self, entry: str) -> str:
        return joined_path(self._name, entry)

    def _from_others(self, script: _Script) -> list[str]:
        """What is in earlier scripts: modules, and the variables of those that change."""
        wanted: dict[str, dict[str, None]] = {}
        for taken in (each for path in script.modules for each in _all_taken(self._modules[path])):
            there = self._script_of[taken.path]
            if there is script:
                continue
            module = self._modules[taken.path]
            names = taken.names.values() if module.is_changing else [_variable(module)]
            wanted.setdefault(there.entry, {}).update(dict.fromkeys(names))
        return [
            f'import {{ {", ".join(names)} }} from "{self._from(script, self._path_of(entry))}";'
            for entry, names in wanted.items()
        ]

    def _to_others(self, script: _Script) -> list[str]:
        """To later scripts; and what its first module exports, to whoever loads it."""
        modules = [self._modules[path] for path in script.modules]
        given = [name for each in modules for name in (each.given if each.is_changing else [_variable(each)])]
        entry = self._modules[script.entry]
        own = [] if entry.is_changing else [*entry.given, *entry.passed_on]
        named = [f"export const {{ {', '.join(own)} }} = {_variable(entry)};"] if own else []
        return [*named, f"export {{ {', '.join(given)} }};"]

    def _text_of(self, script: _Script, module: Module) -> list[_Written]:
        head = [_Written(line) for taken in module.taken for line in self._taking(module, taken)]
        here = self._from(script, module.path)
        later = {
            named: self._from(script, self._path_of(beside(module.path, named)))
            for line in module.body
            for named in named_later(line.text)
        }
        body = [
            _Written(
                line.text if line.is_literal else with_addresses(line.text, here, later),
                (module.path, line.number, line.column),
            )
            for line in module.body
        ]
        if module.is_changing:
            return [*head, *body]
        given = [_pair(there, name) for there, name in module.given.items()]
        given += [f"{name}: {self._elsewhere(module, *place)}" for name, place in module.passed_on.items()]
        begin, end = f"const {_variable(module)} = (() => {{", f"return {{ {', '.join(given)} }};"
        return [_Written(begin), *head, *body, _Written(end), _Written("})();")]

    def _taking(self, module: Module, taken: Taken) -> list[str]:
        """The names of an import, in front of what uses them."""
        other = self._modules[taken.path]
        for name in taken.names.values():
            if not other.gives(name):
                raise NotUnderstood(module.path, 0, f"{taken.path} exports no {name}")
        if not other.is_changing:
            whole = [f"const {here} = {_variable(other)};" for here, there in taken.names.items() if there == WHOLE]
            parts = [_pair(there, here) for here, there in taken.names.items() if there != WHOLE]
            return [*whole, *([f"const {{ {', '.join(parts)} }} = {_variable(other)};"] if parts else [])]
        if any(here != there or other.given[there] != there for here, there in taken.names.items()):
            raise NotUnderstood(module.path, 0, f"what {taken.path} exports may change, and has one name everywhere")
        return []

    def _elsewhere(self, module: Module, path: str, name: str) -> str:
        other = self._modules[path]
        if other.is_changing:
            raise NotUnderstood(module.path, 0, f"what {path} exports may change, and cannot be passed on")
        if not other.gives(name):
            raise NotUnderstood(module.path, 0, f"{path} exports no {name}")
        return _variable(other) if name == WHOLE else f"{_variable(other)}.{name}"

    def _from(self, script: _Script, path: str) -> str:
        """How a script names a file, both below the portal."""
        found = posixpath.relpath(path, posixpath.dirname(self._path_of(script.entry)))
        return found if found.startswith(".") else "./" + found


def _all_taken(module: Module) -> list[Taken]:
    return [*module.taken, *(Taken(path, {name: there}) for name, (path, there) in module.passed_on.items())]


def _variable(module: Module) -> str:
    """By which the joined scripts know a module."""
    return "$" + re.sub(r"\W", "_", module.path.removesuffix(".js"))


def _pair(outside: str, inside: str) -> str:
    return outside if outside == inside else f"{outside}: {inside}"

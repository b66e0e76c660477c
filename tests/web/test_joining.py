"""Joined scripts do what the modules do: Node runs both, and they say the same. What cannot be joined is refused."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.node import OLDEST_NODE, find_node
from web.javascript import NotUnderstood
from web.joining import joined
from web.static import ENTRIES

PORTAL = Path(__file__).parents[2] / "portal"
needs_node = pytest.mark.skipif(
    find_node() is None, reason=f"no Node {OLDEST_NODE} or newer, on the PATH or with Playwright"
)

Modules = dict[str, str]

PROGRAMS: dict[str, Modules] = {
    "what is imported runs before, once, and in the order in which it is named": {
        "app.js": 'import "./b.js";\nimport { c } from "./a/c.js";\nconsole.log("app", c);\n',
        "b.js": 'import { d } from "./d.js";\nconsole.log("b", d);\n',
        "a/c.js": 'import { d } from "../d.js";\nconsole.log("c", d);\nexport const c = 1;\n',
        "d.js": 'console.log("d");\nexport const d = 2;\n',
    },
    "modules may use the same names for different things": {
        "app.js": 'import { name as other, say } from "./b.js";\nconst name = "app";\n'
        "console.log(name, other, say());\n",
        "b.js": 'import { name as third } from "./c.js";\nexport const name = "b";\nexport function say() {\n'
        "  return `${name} of ${third}`;\n}\n",
        "c.js": 'const own = "c";\nexport { own as name };\n',
    },
    "whatever a module exports arrives": {
        "app.js": 'import {\n  Thing,\n  all,\n  made, // with a comment\n  late,\n} from "./b.js";\n'
        'import * as whole from "./c.js";\n'
        "console.log(new Thing().name, [...all()].join(), made, Object.keys(whole).sort(), whole.one);\n"
        "void late().then(console.log);\n",
        "b.js": "export class Thing {\n  name = this.constructor.name;\n}\nexport function* all() {\n  yield 1;\n}\n"
        "export const made = { a: 1 }.a;\nexport async function late() {\n  return await 'late';\n}\n",
        "c.js": 'export { Thing, made as one } from "./b.js";\nexport * as whole from "./b.js";\n',
    },
    "a name whose value changes is seen to change": {
        "app.js": 'import { look } from "./b.js";\nimport { set, word } from "./words.js";\n'
        "console.log(word, look());\nset('new');\nconsole.log(word, look());\n",
        "b.js": 'import { word } from "./words.js";\nexport const look = () => word;\n',
        "words.js": "const hidden = 'old';\nexport let word = hidden;\nexport function set(to) {\n  word = to;\n}\n",
    },
    "what comes later shares what is here, and sees it change": {
        "app.js": 'import { count, more } from "./count.js";\nmore();\n'
        'void import("./later/l.js").then(({ told }) => console.log("later", told(), count));\nconsole.log("first");\n',
        "later/l.js": 'import { count, more } from "../count.js";\nimport { own } from "./own.js";\nmore();\n'
        "export const told = () => [count, own];\n",
        "later/own.js": 'import { twice } from "../twice.js";\nconsole.log("own");\nexport const own = twice(21);\n',
        "count.js": 'import { twice } from "./twice.js";\nexport let count = twice(0);\n'
        "export const more = () => {\n  count += 1;\n};\n",
        "twice.js": "export const twice = (number) => 2 * number;\n",
    },
    "what comes later may bring something of its own, and the same twice is one": {
        "app.js": 'const load = () => import("./words/en.js");\nconst both = Promise.all([load(), load()]);\n'
        "void both.then(([one, other]) => console.log(one.words.hello(), one.words === other.words));\n",
        "words/en.js": 'console.log("words");\nexport const words = { hello: () => "hello" };\n',
    },
    "a module knows its own address": {
        "app.js": 'import { place } from "./deep/b.js";\n'
        'console.log(place, new URL(".", import.meta.url).href.slice(-8));\n',
        "deep/b.js": "export const place = import.meta.url.slice(-10);\n",
    },
    "texts, templates and expressions that look like something else stay as they are": {
        "app.js": r"""
const comment = "/* no */ // comment";
const html = `
  // this line stays

import nothing from "here"; /* and this */
export ${[1].map((each) => { return `{${each}}`; }).join("//")} `;
const expression = /[/"'`]+\/* x/g.test("a'/ x");
const divided = (4 / 2) / 1 / [1][0] / "1".length;
const found = "a/b".split(/\//).map((each) => each /* inside */ + 1); // at the end
const kept = typeof /x/ === "object" ? 'it\'s' : "\\";
const cast = /** @type {any} */ (
  found
);
console.log(comment, html, expression, divided, found, kept, cast, "https://example.com", 1 //
);
""",
    },
    "a line that ends with a comment still ends": {
        "app.js": "let a = 1 /* over\n two lines */\n;[2].forEach((each) => { a += each })\n"
        "const b = a // nothing\n++a\nconst f = () => {\n  return /* nothing\n */ 1;\n};\nconsole.log(a, b, f());\n",
    },
}


def say(folder: Path, script: str) -> str:
    node = find_node()
    assert node is not None
    run = subprocess.run([node, script], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr
    return run.stdout


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in {**files, "package.json": '{"type": "module"}'}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def join(modules: Modules) -> dict[str, str]:
    made = joined({path: text.encode() for path, text in modules.items()}, {"page": "app.js"})
    return {path: text.decode() for path, text in made.items()}


@needs_node
@pytest.mark.parametrize("what", PROGRAMS)
def test_joined_scripts_say_what_the_modules_say(what: str, tmp_path: Path) -> None:
    modules = PROGRAMS[what]
    write(tmp_path, modules)
    expected = say(tmp_path, "app.js")
    assert expected
    for path in modules:
        (tmp_path / path).unlink()  # nothing of them may be needed any more
    write(tmp_path, join(modules))
    assert say(tmp_path, "joined/page/app.js") == expected


REFUSED = {
    'import { b } from "./b.js";\n': (
        {"b.js": 'import { a } from "./app.js";\n'},
        "app.js, line 1: imports itself, by b.js",
    ),
    'import { b } from "./b.js";\nimport { c } from "./c.js";\n': (
        {"b.js": "export const a = 1;\n", "c.js": ""},
        "app.js, line 1: b.js exports no b",
    ),
    'import { b } from "./nowhere.js";\n': ({}, "nowhere.js, line 1: is imported, and not there"),
    "\nconst a = await fetch('a');\n": ({}, "app.js, line 2: waits at the top"),
    'import b from "./b.js";\n': ({"b.js": ""}, "app.js, line 1: an import or export of a form"),
    "export default 1;\n": ({}, "app.js, line 1: an import or export of a form"),
    "const name = 'b';\nvoid import(name);\n": ({}, "app.js, line 2: an import or export of a form"),
    'import { b as c } from "./b.js";\n': ({"b.js": "export let b = 1;\n"}, "has one name everywhere"),
    'export { b } from "./b.js";\n': ({"b.js": "export let b = 1;\n"}, "cannot be passed on"),
    'import { shared } from "./c.js";\nvoid import("./c.js");\n': (
        {"c.js": "export const shared = 1;\n"},
        "at once, and later",
    ),
    'void import("./b.js");\nvoid import("./c.js");\n': (
        {"b.js": 'import "./d.js";\n', "c.js": 'import "./d.js";\n', "d.js": ""},
        "d.js, line 1: is needed by c.js, and part of b.js",
    ),
    'const a = "b;\n': ({}, "app.js, line 1: a text or a comment without its end"),
    "\n\nconst a = `b;\n": ({}, "app.js, line 3: a template without its end"),
    "function a() {\n": ({}, "a brace without its end"),
    "}\n": ({}, "app.js, line 1: a brace too many"),
}


@pytest.mark.parametrize("source", REFUSED)
def test_what_cannot_be_joined_is_refused_with_its_place(source: str) -> None:
    others, why = REFUSED[source]
    with pytest.raises(NotUnderstood, match=re.escape(why)):
        join({"app.js": source, **others})


@needs_node
def test_the_portals_own_scripts_are_whole_and_hold_no_comments(tmp_path: Path) -> None:
    files = {path.relative_to(PORTAL).as_posix(): path.read_bytes() for path in PORTAL.rglob("*.js")}
    made = joined(files, ENTRIES)
    scripts = {path: text.decode() for path, text in made.items() if path.endswith(".js")}
    assert {"joined/portal/app.js", "joined/portal/elements/define.js", "joined/portal/words/de.js"} <= set(scripts)
    write(tmp_path, scripts)
    for path, text in scripts.items():
        assert "/** @" not in text, path
        node = find_node()
        assert node is not None
        subprocess.run([node, "--check", str(tmp_path / path)], check=True, timeout=60)


def test_every_module_of_the_portal_is_in_one_of_its_scripts_only() -> None:
    files = {path.relative_to(PORTAL).as_posix(): path.read_bytes() for path in PORTAL.rglob("*.js")}
    sources = [
        source
        for path, text in joined(files, {"portal": "app.js"}).items()
        if path.endswith(".map")
        for source in json.loads(text)["sources"]
    ]
    assert len(sources) == len(set(sources))
    assert {"words.js", "client/client.js", "elements/portal-shell.js", "elements/chat-log.js"} <= set(sources)


def test_a_source_map_leads_from_each_line_to_where_it_was_written() -> None:
    modules = {
        "app.js": '/** Nothing. */\nimport { two } from "./deep/b.js";\n\nif (two) {\n  console.log(two);\n}\n',
        "deep/b.js": "// Why.\nexport const two = 2;\n",
    }
    made = join(modules)
    shown = json.loads(made["joined/page/app.js.map"])
    assert (shown["sourceRoot"], shown["sources"]) == ("../../", ["deep/b.js", "app.js"])
    lines = made["joined/page/app.js"].splitlines()
    assert lines[-1] == "//# sourceMappingURL=app.js.map"
    found = {}
    for text, place in zip(lines, places_in(shown["mappings"]), strict=False):
        if place:
            source, line, column = place
            found[text] = modules[shown["sources"][source]].splitlines()[line][column:]
    assert found == {
        "const two = 2;": "const two = 2;",
        "if (two) {": "if (two) {",
        "console.log(two);": "console.log(two);",
        "}": "}",
    }


def places_in(mappings: str) -> list[tuple[int, int, int] | None]:
    """Source, line and column of each line; read by the rules of ECMA-426."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    at = [0, 0, 0]
    places: list[tuple[int, int, int] | None] = []
    for line in mappings.split(";"):
        numbers, number, shift = [], 0, 0
        for digit in map(digits.index, line):
            number |= (digit & 31) << shift
            shift += 5
            if not digit & 32:
                numbers.append(-(number >> 1) if number & 1 else number >> 1)
                number = shift = 0
        if numbers:
            at = [old + new for old, new in zip(at, numbers[1:], strict=True)]
        places.append((at[0], at[1], at[2]) if numbers else None)
    return places

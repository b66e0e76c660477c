"""The house: who may import whom, who may announce, and what must not stand in any file.

import-linter holds the direction of imports (its contracts are in pyproject.toml); the rest is read from the source.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
PACKAGES = (
    "accounts",
    "assembly",
    "chat",
    "cli",
    "client",
    "connections",
    "contacts",
    "mail",
    "pbx",
    "presence",
    "storage",
    "tracing",
    "web",
    "webhooks",
    "wire",
    "words",
)
DOMAINS = ("accounts", "chat", "contacts", "presence")

# Put together here, so that this file does not name what no file may name.
REGISTRIES_AND_DOWNLOADS = re.compile(
    "|".join(
        re.escape(".".join(name))
        for name in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "org"),
            ("npmjs", "com"),
            ("docker", "io"),
            ("ghcr", "io"),
            ("quay", "io"),
            ("unpkg", "com"),
            ("jsdelivr", "net"),
            ("githubusercontent", "com"),
        )
    )
)
PATHS_OF_ONE_MACHINE = re.compile(r"(?<![\w.])/(work|root|home/\w+|Users/\w+)/\w")


def files(*patterns: str) -> Iterator[Path]:
    """The files of the checkout: what git keeps, or everything that is not hidden where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0 and listed.stdout:
        paths = (CHECKOUT / name for name in listed.stdout.split("\0") if name)
    else:
        paths = (path for pattern in patterns for path in CHECKOUT.rglob(pattern))
    for path in sorted(set(paths)):
        parts = path.relative_to(CHECKOUT).parts
        hidden_folder = any((part.startswith(".") and part != ".ci") or part == "node_modules" for part in parts[:-1])
        if path.is_file() and not hidden_folder:
            yield path


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the product by its path, parsed."""
    paths = (path.relative_to(CHECKOUT) for path in files("*.py"))
    return {
        str(path): ast.parse((CHECKOUT / path).read_text(encoding="utf-8"))
        for path in paths
        if path.parts[0] in PACKAGES or str(path) in ("gateway.py", "settings.py")
    }


def imported(tree: ast.Module) -> set[str]:
    """The top-level names of everything a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def test_imports_go_down_only() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    finished = subprocess.run([program, "--no-cache"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_only_the_edges_know_the_web_framework() -> None:
    allowed = re.compile(r"(web|connections|cli|tracing)/|gateway\.py|.*/routes\.py")
    assert [path for path, tree in modules().items() if "starlette" in imported(tree) and not allowed.match(path)] == []


def test_only_storage_knows_the_drivers() -> None:
    drivers = {"alembic", "asyncpg", "redis", "sqlalchemy"}
    assert [
        path for path, tree in modules().items() if drivers & imported(tree) and not path.startswith("storage/")
    ] == []


def test_only_the_gateway_and_the_command_line_read_settings() -> None:
    readers = [path for path, tree in modules().items() if "settings" in imported(tree)]
    assert [path for path in readers if path != "gateway.py" and not path.startswith(("assembly/", "cli/"))] == []


def test_only_settings_and_the_command_line_read_the_environment() -> None:
    # The embedded servers have no settings: they serve the tests, too.
    allowed = re.compile(r"settings\.py|cli/|storage/embedded/")
    readers = [
        path
        for path, tree in modules().items()
        if any(isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") for node in ast.walk(tree))
    ]
    assert [path for path in readers if not allowed.match(path)] == []


def test_only_services_announce_changes() -> None:
    callers = [
        path
        for path, tree in modules().items()
        if path.partition("/")[0] in DOMAINS
        and any(
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "announce"
            for node in ast.walk(tree)
        )
    ]
    # The exception only hands on what a service announces.
    assert [path for path in callers if not path.endswith("service.py")] == ["chat/noticing.py"]


def test_every_module_says_what_it_is_for() -> None:
    assert [path for path, tree in modules().items() if tree.body and not ast.get_docstring(tree)] == []


@pytest.mark.parametrize(
    "forbidden",
    [REGISTRIES_AND_DOWNLOADS, PATHS_OF_ONE_MACHINE],
    ids=["registries and downloads", "paths of one machine"],
)
def test_no_file_depends_on_where_it_was_written(forbidden: re.Pattern[str]) -> None:
    found = []
    for path in files("*"):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(CHECKOUT)}: {match[0]}" for match in forbidden.finditer(text)]
    assert found == []

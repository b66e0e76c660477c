"""Which Node runs the portal's modules in tests: from the PATH, or with Playwright."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

OLDEST_NODE = 20


@cache
def find_node() -> str | None:
    """A Node that is new enough to know the modules' syntax and to run tests."""
    for candidate in filter(None, (shutil.which("node"), _node_of_playwright())):
        version = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False).stdout
        found = re.match(r"v(\d+)\.", version)
        if found and int(found[1]) >= OLDEST_NODE:
            return candidate
    return None


def _node_of_playwright() -> str | None:
    try:
        import playwright
    except ImportError:
        return None
    node = Path(playwright.__file__).parent / "driver" / "node"
    return str(node) if node.exists() else None

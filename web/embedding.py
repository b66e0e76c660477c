"""What a page of another origin loads: one module, which names all others, so that a browser fetches them at once.

It is asked about each time, and names the modules by the hash of all files, so that those may be kept for ever. Pure.
"""

import posixpath
import re
from collections.abc import Mapping
from typing import Final

ENTRY: Final = "embed/index.js"
"""The module behind `/embed.js`, by its path in the portal's folder."""
ANY_ORIGIN: Final = {"Access-Control-Allow-Origin": "*"}
"""For scripts, which are no secret: whose page may connect is decided when it does, and told in words."""

_IMPORTED = re.compile(rb"""^(?:import|export|\})[^"';]*["'](\.[^"']+\.js)["'];$""", re.MULTILINE)


def embedding_module(files: Mapping[str, bytes], address: bytes) -> bytes:
    """`files` by their path, `address`: below which they are served. Empty if there is nothing to embed."""
    if ENTRY not in files:
        return b""
    behind = sorted(_modules_behind(files) - {ENTRY})
    imports = b"".join(b'import "%s%s";\n' % (address, name.encode()) for name in behind)
    return b'%sexport * from "%s%s";\n' % (imports, address, ENTRY.encode())


def _modules_behind(files: Mapping[str, bytes]) -> set[str]:
    found: set[str] = set()
    waiting = {ENTRY}
    while waiting:
        name = waiting.pop()
        found.add(name)
        folder = posixpath.dirname(name)
        named = {posixpath.normpath(posixpath.join(folder, each.decode())) for each in _IMPORTED.findall(files[name])}
        waiting |= {each for each in named if each in files} - found
    return found

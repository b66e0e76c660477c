"""What a page of another origin loads: one module, which names the script with everything in it.

It is asked about each time, and names the script by the hash of all files, so that that may be kept for ever. Pure.
"""

from collections.abc import Collection
from typing import Final

from web.joining import joined_path

EMBEDDED: Final = "embedded"
EMBEDDED_ENTRY: Final = "embed/index.js"
"""The module behind `/embed.js`, by its path in the portal's folder."""
ANY_ORIGIN: Final = {"Access-Control-Allow-Origin": "*"}
"""For scripts, which are no secret: whose page may connect is decided when it does, and told in words."""


def embedding_module(scripts: Collection[str], address: bytes) -> bytes:
    """`scripts`: those that were joined, by path; `address`: below which they are. Empty without it."""
    script = joined_path(EMBEDDED, EMBEDDED_ENTRY)
    return b'export * from "%s%s";\n' % (address, script.encode()) if script in scripts else b""

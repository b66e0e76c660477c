"""How much the files of a domain may take: pure."""

GIGABYTE = 1_000_000_000
UNLIMITED = 0


def in_words(size: int) -> str:
    for unit, name in ((GIGABYTE, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"

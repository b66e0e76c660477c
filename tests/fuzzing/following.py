"""One target of targets.py under libFuzzer, by atheris: `python -m tests.fuzzing.following NAME [OPTIONS] CORPUS`."""

import sys

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]

PACKAGES = ["connections.websocket", "contacts.codecs", "pbx", "wire", "websockets"]
"""Whose branches are followed."""

with atheris.instrument_imports(include=PACKAGES):
    from tests.fuzzing.targets import TARGETS

if __name__ == "__main__":
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
    atheris.Fuzz()

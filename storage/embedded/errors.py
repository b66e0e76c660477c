"""What can go wrong with the embedded servers, in sentences for the person who typed the command.

EmbeddedError
├── BinaryMissing        no usable server program on this machine
├── DataFolderUnusable   the folder cannot be used by whoever has to use it
└── ServerFailed         a server program ended, or did not become ready
    └── PortTaken        somebody else had the port first; the caller tries another one
"""

from pathlib import Path

_WORDS_OF_FAILURE = ("FATAL", "PANIC", "ERROR", "error:", "ailed", "Bad ", "an't")


class EmbeddedError(Exception):
    """An embedded server cannot be offered; the text is one line and says what to do about it."""


class BinaryMissing(EmbeddedError):
    """No usable server program was found."""


class DataFolderUnusable(EmbeddedError):
    """The data folder cannot be created, reached or trusted."""


class ServerFailed(EmbeddedError):
    """A server program ended during its start, or was not ready in time. `output` is what it had to say."""

    def __init__(self, server: str, what: str, output: str, log: Path) -> None:
        reason = telling_line(output)
        super().__init__(f"{server} {what}{': ' + reason if reason else ''} (log: {log})")
        self.server = server


class PortTaken(ServerFailed):
    """The chosen port was taken by somebody else between the choice and the start."""


def telling_line(output: str) -> str:
    """The line of an output which most likely names the reason, with its explanation if one follows."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for position in range(len(lines) - 1, -1, -1):
        if any(word in lines[position] for word in _WORDS_OF_FAILURE):
            return " ".join(
                lines[position : position + 1] + [line for line in lines[position + 1 :] if "DETAIL:" in line][:1]
            )
    return lines[-1] if lines else ""

"""Failures of a start, told in one line and by the exit code 3."""

import contextlib
from collections.abc import Iterator

import click

from settings import SettingError
from storage.embedded import EmbeddedError
from wire.errors import Unavailable


class StartFailed(click.ClickException):
    """The command could not begin its work, for a reason outside of this program."""

    exit_code = 3


@contextlib.contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turns what an operator can set right into `Error: <one line>`; everything else stays a traceback."""
    try:
        yield
    except (SettingError, EmbeddedError, Unavailable) as error:
        raise StartFailed(" ".join(str(error).split())) from error

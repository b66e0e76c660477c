"""Failures of a start, told in one line and by the exit code 3."""

import contextlib
from collections.abc import Iterator

import click

from settings import SettingError, mask_url
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
        # A store that does not answer says so for its clients; the operator needs to hear what the driver said.
        reason = f" ({error.__cause__})" if isinstance(error, Unavailable) and error.__cause__ else ""
        raise StartFailed(mask_url(" ".join(f"{error}{reason}".split()))) from error

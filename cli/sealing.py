"""The seal for what commands write into the database."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.factors.sealing import Seal
    from settings import Settings


def seal_of(complete: "Settings") -> "Seal":
    import base64

    from accounts.factors.sealing import Seal

    return Seal([base64.b64decode(key) for key in complete.sealing_keys])

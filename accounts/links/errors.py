"""How links refuse."""

import math

from wire.errors import NotFound, TooMany


class LinkOver(NotFound):
    """The same words whatever is wrong with it."""

    def __init__(self) -> None:
        super().__init__("This link was used already or is too old; ask for a new one", field="token")


class TooManyLinks(TooMany):
    def __init__(self, seconds: float) -> None:
        minutes = max(1, math.ceil(seconds / 60))
        when = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"Too many links were asked for; try again in {when}", retry_after=float(math.ceil(seconds)))

"""What the switch repeats because it was told to. Pure: time is an argument.

The switch's own event about a command looks like one about a key that was pressed. Taken for the user's own doing, it
would override what the user has wished in the portal since.
"""

ECHO_SECONDS = 15.0


class Echoes:
    """Commands that were carried out a moment ago."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[bool, float]] = {}

    def told(self, now: float, user: str, on: bool) -> None:
        """The switch is being told this."""
        self._forget(now)
        self._told[user] = on, now

    def via(self, now: float, user: str, on: bool) -> str:
        """`portal` if the switch repeats what it was told, `switch` if it says so by itself."""
        self._forget(now)
        if self._told.get(user, (None, 0.0))[0] is on:
            return "portal"
        self._told.pop(user, None)
        return "switch"

    def _forget(self, now: float) -> None:
        for user in [user for user, (_, at) in self._told.items() if at < now - ECHO_SECONDS]:
            del self._told[user]

"""What is refused about push.

Refused
└── Invalid     NoPushService, BadPushKey
"""

from wire.errors import Invalid


class NoPushService(Invalid):
    """We only ever send to the services of browsers: else anybody could let us knock at doors inside our network."""

    def __init__(self) -> None:
        super().__init__("This is no address of a push service that we send to", field="endpoint")


class BadPushKey(Invalid):
    def __init__(self, field: str) -> None:
        super().__init__("This is not a key as browsers make them", field=field)

"""What can become of the two lines of an adapter: to its switch, and to the gateway."""


class LineLost(Exception):
    """The switch cannot be reached, has gone, or is silent. The text says which; it is tried again."""


class LineRefused(Exception):
    """The switch does not let us in, or does not let us see what is needed. The text says what to set right."""


class NotPossible(Exception):
    """The switch cannot carry out a command, and will not be able to soon. The text says why."""


class GatewayRefused(Exception):
    """The gateway does not take anything from this source. The text says what to set right."""

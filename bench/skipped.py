"""A measurement that cannot be made on this machine."""


class Skipped(Exception):
    """Its text is the reason, for the person who reads the table."""

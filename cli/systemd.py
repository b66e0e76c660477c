"""Tells systemd how we are, if it has started us as a service of `Type=notify`. Does nothing otherwise."""

import os
import socket
from contextlib import suppress


class Notifier:
    """`watchdog_seconds`: how often to say `alive`; None if nobody waits for it."""

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        microseconds = os.environ.get("WATCHDOG_USEC", "")
        self.watchdog_seconds = int(microseconds) / 2_000_000 if microseconds.isdecimal() and self._address else None

    def ready(self) -> None:
        self._tell("READY=1")

    def status(self, text: str) -> None:
        """One line, shown by `systemctl status`."""
        self._tell(f"STATUS={' '.join(text.split())}")

    def alive(self) -> None:
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        # An address that begins with @ is one without a file.
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as there:
            there.sendto(message.encode(), address)

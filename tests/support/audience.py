"""A channel without anybody else in it, for tests of one session."""

from connections.session import Session


class Audience:
    """`version` is where the presence is; what a session asks for since when is kept in `asked`."""

    def __init__(self) -> None:
        self.version = 0
        self.asked: list[int] = []

    def position(self) -> int:
        return self.version

    def moved(self, _session: Session) -> None:
        """There are no others here to be told with."""

    def catch_up(self, _session: Session, version: int) -> bytes | None:
        self.asked.append(version)
        if version == self.version:
            return None
        return b'{"op":"presence_changed","epoch":"e","version":%d,"users":[]}' % self.version

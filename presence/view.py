"""One domain's presence as a gateway holds it: records ready to send, fed by the domain's stream. Pure, no I/O.

Because the view changes only by `apply`, and everything that is sent is cut from it without awaiting, a session that
gets a snapshot and then every later delivery has no gap and no step back, by construction. The records stay the bytes
that Redis made: nothing is decoded for watchers, and one frame serves them all.
"""

from collections.abc import Callable, Collection, Iterable, Iterator

import msgspec
from msgspec import Raw, Struct

from wire.identity import Caller, Scope, UserId


class Special(Struct, frozen=True):
    """What is not for everybody. `shown` is what others see, `own` the truth of somebody who appears offline."""

    user: UserId
    rev: int
    shown: Raw
    own: Raw = msgspec.field(default_factory=Raw)
    """Empty: the same as `shown`."""
    listed: bool = True
    scope: int = 0
    site: str = ""

    @property
    def is_special(self) -> bool:
        """False: the last word on a user who is like everybody else again."""
        return bool(bytes(self.own)) or not self.listed


class Target(Struct, frozen=True):
    """Whom a caller may or may not manage: what the permission rule needs to know of them."""

    user: UserId
    scope: Scope
    site: str
    listed: bool = False


MayManage = Callable[[Caller, Target], bool]

_decode_raws = msgspec.json.Decoder(list[Raw]).decode
_decode_specials = msgspec.json.Decoder(list[Special]).decode


class Gap(Struct, frozen=True):
    """A message of the stream is missing: read what changed since the view's version."""


def record_key(record: bytes) -> tuple[UserId, int]:
    """(user, rev) of a record as presence.lua writes it: always `{"user":N,"rev":N,` or `{"user":N,"rev":N}` first."""
    comma = record.index(b",", 8)
    end = record.find(b",", comma + 7)
    return UserId(int(record[8:comma])), int(record[comma + 7 : end if end > 0 else -1])


def gone(user: UserId, rev: int) -> bytes:
    return b'{"user":%d,"rev":%d,"gone":true}' % (user, rev)


class DomainView:
    """`epoch` is empty until the first `replace`. `may_manage` decides who sees unlisted users."""

    def __init__(self, may_manage: MayManage) -> None:
        self.epoch = ""
        self.version = 0
        self._may_manage = may_manage
        # Newest last: "what is new since v" walks backwards and stops early.
        self._records: dict[UserId, tuple[int, bytes]] = {}
        self._specials: dict[UserId, Special] = {}
        # Since which version a user is not listed; not in it: since before we knew the domain.
        self._hidden_at: dict[UserId, int] = {}
        self._everybody: bytes | None = None

    def __len__(self) -> int:
        return len(self._records) + len(self._specials)

    def replace(self, epoch: str, version: int, records: dict[UserId, bytes], specials: list[Special]) -> None:
        """Takes over a full read of the domain."""
        keyed = sorted((record_key(record)[1], user, record) for user, record in records.items())
        ordered = sorted((special.rev, special.user, special) for special in specials if special.is_special)
        self._specials = {user: special for _, user, special in ordered}
        self._hidden_at = {}
        self._records = {user: (rev, record) for rev, user, record in keyed if user not in self._specials}
        self.epoch, self.version = epoch, version
        self._everybody = None

    def apply(self, payload: bytes) -> bool | Gap:
        """One message of the stream. False: nothing new in it (an echo, or older than what a full read has brought)."""
        head, plain, special = payload.split(b"\n")
        epoch, first, last = head[1:].decode().split(" ")
        if epoch != self.epoch or int(first) > self.version:
            return Gap()
        if int(last) <= self.version:
            return False
        records = _decode_raws(b"[" + plain + b"]") if plain else []
        for raw in records:
            record = bytes(raw)
            user, rev = record_key(record)
            self._specials.pop(user, None)
            self._records.pop(user, None)
            self._records[user] = (rev, record)
        for entry in _decode_specials(b"[" + special + b"]") if special else []:
            self._apply_special(entry)
        self.version = int(last)
        self._everybody = None
        return True

    def _apply_special(self, new: Special) -> None:
        before = self._specials.pop(new.user, None)
        was_plain = self._records.pop(new.user, None) is not None
        if new.listed:
            self._hidden_at.pop(new.user, None)
        elif was_plain or (before is not None and before.listed):
            self._hidden_at[new.user] = new.rev
        elif before is None:
            self._hidden_at[new.user] = 0  # nobody ever knew
        if new.is_special:
            self._specials[new.user] = new
        else:
            # Like everybody else again.
            record = bytes(new.shown)
            self._records[new.user] = (record_key(record)[1], record)

    # ------------------------------------------------------------ cutting out what one viewer may see

    def is_like_everybody(self, viewer: Caller) -> bool:
        """Whether the viewer sees exactly what everybody sees, so that shared bytes may be sent."""
        if not self._specials:
            return True
        return viewer.user not in self._specials and not any(
            not special.listed and self._manages(viewer, special) for special in self._specials.values()
        )

    def snapshot_for(self, viewer: Caller, watched: Collection[UserId] | None = None) -> bytes:
        """The `presence_snapshot` event. Viewers of everybody without privileges over anybody share its encoding.

        `watched`: only these users; None: everybody.
        """
        if watched is not None:
            return self._snapshot(iter(self.records_of(viewer, watched)))
        if self.is_like_everybody(viewer):
            if self._everybody is None:
                self._everybody = self._snapshot(self._public_records())
            return self._everybody
        return self._snapshot(self._records_for(viewer))

    def changes_since(self, version: int, viewer: Caller, watched: Collection[UserId] | None = None) -> bytes | None:
        """A `presence_changed` event with everything newer than `version`; None if there is nothing."""
        found = [
            (rev, record)
            for user, rev, record in self.plain_records_since(version)
            if watched is None or user in watched
        ]
        for special in self.specials_since(version):
            record = self.special_delivery(viewer, special, version)
            if record is not None and (watched is None or special.user in watched):
                found.append((special.rev, record))
        if not found:
            return None
        found.sort()
        return self.changed(b",".join(record for _, record in found))

    def plain_records_since(self, version: int) -> list[tuple[UserId, int, bytes]]:
        """(user, rev, record) for everybody to see and newer than `version`, newest per user, oldest first."""
        found: list[tuple[UserId, int, bytes]] = []
        for user in reversed(self._records):
            rev, record = self._records[user]
            if rev <= version:
                break
            found.append((user, rev, record))
        found.reverse()
        return found

    def changed(self, records: bytes) -> bytes:
        """The `presence_changed` event around comma-joined records."""
        return b'{"op":"presence_changed","epoch":"%b","version":%d,"users":[%b]}' % (
            self.epoch.encode(),
            self.version,
            records,
        )

    def heartbeat(self) -> bytes:
        return b'{"op":"heartbeat","epoch":"%b","version":%d}' % (self.epoch.encode(), self.version)

    def specials_since(self, version: int) -> list[Special]:
        """Those who are special now and changed since."""
        found: list[Special] = []
        for user in reversed(self._specials):
            special = self._specials[user]
            if special.rev <= version:
                break
            found.append(special)
        found.reverse()
        return found

    def special_record(self, viewer: Caller, special: Special) -> bytes | None:
        """What the viewer may see of somebody special; None: nothing at all."""
        if viewer.user == special.user and viewer.operator is None:
            return bytes(special.own) or bytes(special.shown)
        if special.listed or viewer.user == special.user or self._manages(viewer, special):
            return bytes(special.shown)
        return None

    def special_delivery(self, viewer: Caller, special: Special, since: int) -> bytes | None:
        """What to tell a viewer who knows everything up to `since`; None: nothing that concerns the viewer."""
        if viewer.user == special.user or (not special.listed and self._manages(viewer, special)):
            return self.special_record(viewer, special)
        if not special.listed:
            is_known = since < self._hidden_at.get(special.user, special.rev)
            return gone(special.user, special.rev) if is_known else None
        record = bytes(special.shown)
        return record if record_key(record)[1] > since else None

    def _manages(self, viewer: Caller, special: Special) -> bool:
        return self._may_manage(viewer, Target(special.user, Scope(special.scope), special.site))

    def _public_records(self) -> Iterator[bytes]:
        for _, record in self._records.values():
            yield record
        for special in self._specials.values():
            if special.listed:
                yield bytes(special.shown)

    def _records_for(self, viewer: Caller) -> Iterator[bytes]:
        for _, record in self._records.values():
            yield record
        for special in self._specials.values():
            of_special = self.special_record(viewer, special)
            if of_special is not None:
                yield of_special

    def record_for(self, viewer: Caller, user: UserId) -> bytes | None:
        """One user's record as the viewer may see it; None: nothing is known, or nothing may be said."""
        special = self._specials.get(user)
        if special is not None:
            return self.special_record(viewer, special)
        found = self._records.get(user)
        return found[1] if found is not None else None

    def records_of(self, viewer: Caller, users: Iterable[UserId]) -> list[bytes]:
        """What the viewer may see of each; nothing for those of whom nothing is known or may be said."""
        found = (self.record_for(viewer, user) for user in users)
        return [record for record in found if record is not None]

    def _snapshot(self, records: Iterator[bytes]) -> bytes:
        return b'{"op":"presence_snapshot","epoch":"%b","version":%d,"users":[%b]}' % (
            self.epoch.encode(),
            self.version,
            b",".join(records),
        )

"""What is remembered of telephone switches between two of their messages, so that any gateway may take the next one."""

from collections.abc import Mapping, Sequence
from typing import cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from redis.asyncio import Redis

from pbx.model import DndMark, Recalled
from pbx.sequence import Position
from storage.redis import keys
from storage.redis.client import errors_translated
from wire.errors import TooLarge
from wire.identity import SourceId
from wire.ingest import MAX_SNAPSHOT_BYTES, SNAPSHOT_SECONDS

SERVER_CLOCK = 0.0
_KEPT_SECONDS = 30 * 86_400
"""A source that has been silent for a month starts anew."""

_RECALL = """
local clock = redis.call('TIME')
return {redis.call('GET', KEYS[1]) or '', clock[1] .. '.' .. string.format('%06d', clock[2])}
"""

_KEEP = """
-- KEYS position, dnd; ARGV before, after, seconds
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
"""

_STAGE = """
-- KEYS parts; ARGV snapshot id, part, parts, payload, most bytes, seconds
local key, parts, payload = KEYS[1], tonumber(ARGV[3]), ARGV[4]
if redis.call('HGET', key, 'id') ~= ARGV[1] then
  redis.call('DEL', key)
  redis.call('HSET', key, 'id', ARGV[1])
end
local bytes = redis.call('HINCRBY', key, 'bytes', #payload - redis.call('HSTRLEN', key, ARGV[2]))
if bytes > tonumber(ARGV[5]) then
  redis.call('DEL', key)
  return -1
end
redis.call('HSET', key, ARGV[2], payload)
redis.call('EXPIRE', key, ARGV[6])
if redis.call('HLEN', key) < parts + 2 then return 0 end
local fields = {}
for part = 1, parts do fields[part] = part end
return redis.call('HMGET', key, unpack(fields))
"""

_FORGET = """
if redis.call('HGET', KEYS[1], 'id') == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""

_NOTE_DND = """
-- KEYS dnd; ARGV address, epoch, seq, 1 or 0, seconds
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then
  local seq, epoch = string.match(known, '^(%d+) [01] (.*)$')
  if epoch == ARGV[2] and tonumber(seq) > tonumber(ARGV[3]) then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3] .. ' ' .. ARGV[4] .. ' ' .. ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[5])
return 1
"""


class _Stored(Struct, array_like=True):
    """The bitmap goes apart: MessagePack has no numbers of a thousand bits."""

    position: Position
    seen: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Stored).decode


class RedisSourceMemory:
    """See `pbx.store.SourceMemory`. `now`: an injected clock for tests, in seconds; else the server's clock rules."""

    def __init__(self, client: Redis, now: float = SERVER_CLOCK) -> None:
        self._client = client
        self.now = now
        self._recall = client.register_script(_RECALL)
        self._keep = client.register_script(_KEEP)
        self._stage = client.register_script(_STAGE)
        self._forget = client.register_script(_FORGET)
        self._note_dnd = client.register_script(_NOTE_DND)

    async def recall(self, source: SourceId) -> Recalled:
        async with errors_translated():
            stored, now = await self._recall(keys=[keys.source(source, "position")])
        return Recalled(_position_of(stored) if stored else Position(), self.now or float(now), stored)

    async def keep(self, source: SourceId, recalled: Recalled, position: Position) -> bool:
        async with errors_translated():
            kept = await self._keep(
                keys=[keys.source(source, "position"), keys.source(source, "dnd")],
                args=[recalled.stored, _bytes_of(position), _KEPT_SECONDS],
            )
        return bool(kept)

    async def stage(
        self, source: SourceId, snapshot_id: str, part: int, parts: int, payload: bytes
    ) -> Sequence[bytes] | None:
        async with errors_translated():
            staged = await self._stage(
                keys=[keys.source(source, "parts")],
                args=[snapshot_id, part, parts, payload, MAX_SNAPSHOT_BYTES, SNAPSHOT_SECONDS],
            )
        if staged == -1:
            raise TooLarge(f"The parts of this snapshot are larger than {MAX_SNAPSHOT_BYTES} bytes together")
        if not isinstance(staged, list) or None in staged:
            return None
        return staged

    async def forget(self, source: SourceId, snapshot_id: str) -> None:
        async with errors_translated():
            await self._forget(keys=[keys.source(source, "parts")], args=[snapshot_id])

    async def note_dnd(self, source: SourceId, address: str, mark: DndMark) -> bool:
        async with errors_translated():
            noted = await self._note_dnd(
                keys=[keys.source(source, "dnd")],
                args=[address, mark.epoch, mark.seq, int(mark.on), _KEPT_SECONDS],
            )
        return bool(noted)

    async def noted_dnd(self, source: SourceId) -> Mapping[str, DndMark]:
        async with errors_translated():
            stored = cast(dict[bytes, bytes], await self._client.hgetall(keys.source(source, "dnd")))
        return {address.decode(): _mark_of(text.decode()) for address, text in stored.items()}


def _bytes_of(position: Position) -> bytes:
    seen = position.seen.to_bytes((position.seen.bit_length() + 7) // 8, "little")
    return _encode(_Stored(replace(position, seen=0), seen))


def _position_of(stored: bytes) -> Position:
    found = _decode(stored)
    return replace(found.position, seen=int.from_bytes(found.seen, "little"))


def _mark_of(text: str) -> DndMark:
    seq, on, epoch = text.split(" ", 2)
    return DndMark(epoch, int(seq), on == "1")

"""Reads what presence.lua keeps of one user, for "why is this dot red?". The shapes are the script's."""

from collections.abc import Sequence
from typing import Any

import msgspec

from wire.identity import UserId
from wire.records import (
    Colour,
    Explanation,
    KnownCall,
    KnownDevice,
    KnownSession,
    KnownSource,
    LeftOut,
    PastColour,
    Presence,
    Reason,
)

CALLS_SILENT_MS = 120_000
"""As in presence.lua: so long do the calls of a silent source count."""

_unpack = msgspec.msgpack.Decoder().decode
_decode_record = msgspec.json.Decoder(Presence).decode


def explanation_of(
    user: UserId,
    now_ms: int,
    facts: dict[bytes, bytes],
    sources: dict[bytes, bytes],
    leases: dict[str, float],
    log: Sequence[bytes],
    known_to: Sequence[str],
) -> Explanation:
    """`facts` is the hash of the user, `leases` gateway -> end in ms, `known_to` the sources that know the user."""
    heard = {name.decode(): _unpack(state) for name, state in sources.items()}
    silent = {name for name, (_, is_silent) in heard.items() if is_silent}
    settings = _unpack(facts[b"set"]) if b"set" in facts else None
    return Explanation(
        presence=_truth(user, facts.get(b"out")),
        at=now_ms // 1000,
        devices=sorted(_devices(facts, now_ms, silent), key=lambda each: (each.source, each.device)),
        calls=sorted(_calls(facts, now_ms, heard, silent), key=lambda each: each.since),
        sessions=sorted(_sessions(facts, now_ms, leases), key=lambda each: each.gateway),
        sources=[
            KnownSource(source=name, heard_at=int(heard[name][0] // 1000), silent=name in silent)
            for name in sorted(set(known_to) & heard.keys())
        ],
        dnd_since=int(settings[2] // 1000) if settings and settings[1] else 0,
        appears_offline=bool(settings and settings[3]),
        listed=settings is None or bool(settings[6]),
        history=[_past(entry) for entry in log],
        left_out=_left_out(facts.get(b"left")),
    )


def _truth(user: UserId, out: bytes | None) -> Presence:
    """What the user is told; others may be told less."""
    if out is None:
        return Presence(user=user, rev=0)
    # The last four are there only for somebody who is not the same for everybody.
    told: list[Any] = _unpack(out)
    shown_json, _, shown_rev, shown_since, _, own_json, _, own_rev, own_since, *_ = told + [False] * 4
    tail, rev, since = (own_json, own_rev, own_since) if own_rev else (shown_json, shown_rev, shown_since)
    return _decode_record(f'{{"user":{user},"rev":{int(rev)},"since":{int(since // 1000)}{tail}}}')


def _of_kind(facts: dict[bytes, bytes], kind: str) -> list[tuple[str, str, Any]]:
    """(source, name, value) of each fact of that kind."""
    found = []
    for field, value in facts.items():
        text = field.decode()
        if text.startswith(kind):
            source, name = text[len(kind) :].split(":", 1)
            found.append((source, name, _unpack(value)))
    return found


def _devices(facts: dict[bytes, bytes], now_ms: int, silent: set[str]) -> list[KnownDevice]:
    devices = []
    for source, name, (ends, _, _, ignore, since, label, removed) in _of_kind(facts, "d:"):
        if ends <= now_ms and (removed or source not in silent):
            continue  # over, and only not yet swept away
        devices.append(
            KnownDevice(
                source=source,
                device=name,
                label=label,
                since=int(since // 1000),
                expires_at=int(ends // 1000),
                live=not removed,
                removed=removed,
                ignored=bool(ignore),
            )
        )
    return devices


def _calls(facts: dict[bytes, bytes], now_ms: int, heard: dict[str, Any], silent: set[str]) -> list[KnownCall]:
    calls = []
    for source, name, (phase, _, since, ends) in _of_kind(facts, "c:"):
        if ends <= now_ms:
            continue
        is_stale = source in silent and now_ms - heard[source][0] >= CALLS_SILENT_MS
        calls.append(
            KnownCall(
                source=source,
                call=name,
                phase=phase,
                since=int(since // 1000),
                forgotten_at=int(ends // 1000),
                counts=phase != "ended" and not is_stale,
            )
        )
    return calls


def _sessions(facts: dict[bytes, bytes], now_ms: int, leases: dict[str, float]) -> list[KnownSession]:
    return [
        KnownSession(
            gateway=(gateway := field.decode()[2:]),
            since=int(value) // 1000,
            live=leases.get(gateway, 0.0) > now_ms,
        )
        for field, value in facts.items()
        if field.startswith(b"s:")
    ]


def _left_out(kept: bytes | None) -> LeftOut | None:
    if kept is None:
        return None
    devices, calls, at = _unpack(kept)
    return LeftOut(devices=int(devices), calls=int(calls), at=int(at // 1000))


def _past(entry: bytes) -> PastColour:
    at, mood, *unknown = _unpack(entry)  # the third was not written down by earlier versions
    colour, reason = mood.split(" ")
    return PastColour(at=int(at // 1000), colour=Colour(colour), reason=Reason(reason), unknown=any(unknown))

"""Calls: a record has two sides, and a call that rings for several has as many records. Pure, but for its memory.

All records of a call have the caller's side in common: its leg lasts until the last of them is removed. The other side
is a leg of its own for each.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pbx.adapter.addresses import Domains, entity_name, is_feature_code
from pbx.adapter.board import Leg
from pbx.netsapiens.records import Record, is_yes, text_of, time_of, user_of
from wire.ingest import Phase, Role

MOST_CALLS = 100_000

_CALLER_ID = ("call-orig-call-id", "orig-call-id", "orig_callid")
_CALLEE_ID = ("call-term-call-id", "term-call-id", "term_callid")
_ANSWERED = ("call-answer-datetime", "time-answer", "time_answer")
_OVER = ("call-disconnect-datetime", "time-release", "time_release")
_DIALLED = ("call-orig-request-user", "call-orig-to-user", "orig-req-user", "orig_req_user", "orig_to_user")
_SIDES = {
    Role.CALLER: (("call-orig-user", "orig-user", "orig_user"), ("call-orig-domain", "orig_domain", "domain")),
    Role.CALLEE: (("call-term-user", "term-user", "term_user"), ("call-term-domain", "term_domain", "domain")),
}


@dataclass(frozen=True, slots=True)
class _Call:
    caller: Leg | None
    callee: Leg | None


_Key = tuple[str, str]


@dataclass(slots=True)
class Calls:
    """All records that are not removed, by the ids of both sides: first the caller's, then the other's."""

    domains: Domains
    _known: dict[str, dict[str, _Call]] = field(default_factory=dict)

    def told(self, record: Record) -> Iterator[Leg]:
        """What follows from a record of a subscription; legs that have ended are among it."""
        key = _key_of(record)
        if key is None:
            return
        call = _call_of(record, key, self.domains)
        if _is_over(record):
            yield from self._removed(key, call)
        elif len(self._known) < MOST_CALLS:
            self._known.setdefault(key[0], {})[key[1]] = call
            yield from _legs_of(self._known[key[0]].values())

    def listed(self, records: Iterable[Record]) -> list[Leg]:
        """All legs, from all records that there are."""
        self._known = {}
        for record in records:
            key = _key_of(record)
            if key is not None and not _is_over(record):
                self._known.setdefault(key[0], {})[key[1]] = _call_of(record, key, self.domains)
        return [leg for calls in self._known.values() for leg in _legs_of(calls.values())]

    def _removed(self, key: _Key, told: _Call) -> Iterator[Leg]:
        """A record may be removed that was never told, or not yet: it says itself what has ended."""
        left = self._known.get(key[0], {})
        call = left.pop(key[1], told)
        if call.callee is not None:
            yield _ended(call.callee)
        if left:
            yield from _legs_of(left.values())
            return
        self._known.pop(key[0], None)
        if call.caller is not None:
            yield _ended(call.caller)


def _legs_of(calls: Iterable[_Call]) -> Iterator[Leg]:
    """Of records with the same caller: the caller's leg once, as far as it has come with any, and all others."""
    callers = []
    for call in calls:
        if call.caller is not None:
            callers.append(call.caller)
        if call.callee is not None:
            yield call.callee
    if callers:
        yield max(callers, key=lambda leg: leg.phase is Phase.ACTIVE)


def _is_over(record: Record) -> bool:
    return is_yes(record, "remove") or time_of(record, *_OVER) is not None


def _key_of(record: Record) -> _Key | None:
    caller, callee = text_of(record, *_CALLER_ID), text_of(record, *_CALLEE_ID)
    return (caller, callee) if caller or callee else None


def _call_of(record: Record, key: _Key, domains: Domains) -> _Call:
    is_answered = time_of(record, *_ANSWERED) is not None
    is_service = is_feature_code(text_of(record, *_DIALLED))

    def side(role: Role, call_id: str, phase: Phase) -> Leg | None:
        user = user_of(record, domains, *_SIDES[role])
        return Leg(entity_name(call_id, role.value), user, role, phase) if user and call_id else None

    return _Call(
        None if is_service else side(Role.CALLER, key[0], Phase.ACTIVE if is_answered else Phase.TRYING),
        side(Role.CALLEE, key[1], Phase.ACTIVE if is_answered else Phase.RINGING),
    )


def _ended(leg: Leg) -> Leg:
    return Leg(leg.call, leg.user, leg.role, Phase.ENDED, leg.device)

"""Whose number somebody calls from: candidates by the index of words, and which of their numbers it really is."""

from collections.abc import Mapping, Sequence

from wire.contacts import Contact, Number, NumberMatch, Overlay
from wire.records import Coworker

_MOST = 20

NUMBERS = f"""
(SELECT contact_id, NULL::integer AS user_id FROM contacts
WHERE domain_id = $1 AND book_id IN (0, $2) AND deleted_at IS NULL
    AND words @@ ('''' || $1 || '/0/' || $3 || ''' | ''' || $1 || '/' || $2::text || '/' || $3 || '''')::tsquery
LIMIT {_MOST})
UNION ALL
(SELECT NULL, coworker_id FROM contact_overlays
WHERE domain_id = $1 AND user_id = $2 AND NOT gone
    AND words @@ ('''' || $1 || '/o' || $2::text || '/' || $3 || '''')::tsquery
LIMIT {_MOST})
UNION ALL
(SELECT NULL, user_id FROM users
WHERE domain_id = $1 AND extension = $4 AND deleted_at IS NULL AND NOT is_system)
UNION ALL
(SELECT NULL, user_id FROM users
WHERE domain_id = $1 AND caller_id <> '' AND deleted_at IS NULL AND NOT is_system AND length($3) > 6
    AND regexp_replace(caller_id, '[^0-9]', '', 'g') = $3
LIMIT {_MOST})
"""


def matches_of(
    e164: str,
    digits: str,
    contacts: Sequence[Contact],
    coworkers: Sequence[Coworker],
    overlays: Mapping[int, Overlay],
) -> list[NumberMatch]:
    """The viewer's own first: contacts and overlays, then shared contacts, then coworkers by what they are."""
    own: list[NumberMatch] = []
    shared: list[NumberMatch] = []
    others: list[NumberMatch] = []
    for contact in sorted(contacts, key=lambda each: each.contact):
        number = _same(e164, digits, contact.numbers)
        if number is not None:
            match = NumberMatch(label=number.label, number=number.number, contact=contact)
            (shared if contact.shared else own).append(match)
    for coworker in sorted({each.user: each for each in coworkers}.values(), key=lambda each: each.user):
        overlay = overlays.get(coworker.user)
        number = _same(e164, digits, overlay.numbers) if overlay else None
        if number is not None:
            own.append(NumberMatch(label=number.label, number=number.number, coworker=coworker))
        else:
            label = "extension" if coworker.extension == digits else "work"
            number_shown = coworker.extension if label == "extension" else e164 or digits
            others.append(NumberMatch(label=label, number=number_shown, coworker=coworker))
    return own + shared + others


def _same(e164: str, digits: str, numbers: Sequence[Number]) -> Number | None:
    for each in numbers:
        if each.e164 == e164 if e164 and each.e164 else _digits(each.number) == digits:
            return each
    return None


def _digits(number: str) -> str:
    return "".join(letter for letter in number if letter.isdigit())

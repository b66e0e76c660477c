"""Telephone numbers as a caller ID would show them, beside what people typed. Pure."""

import phonenumbers

_SHORTEST, _LONGEST = 5, 64
"""Extensions are no numbers of the world; longer texts are none at all."""


def normalise(number: str, country: str) -> str:
    """E.164 (`+493012345`) of what somebody typed in a country (`DE`), without an extension; empty if it is no number
    that could be called from elsewhere."""
    if not _SHORTEST <= len(number) <= _LONGEST:
        return ""
    try:
        parsed = phonenumbers.parse(number, country.upper() or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)

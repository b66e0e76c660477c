"""Telephone numbers, and single words that mean something to every carrier. Pure."""

import phonenumbers

from chat.sms.model import Wish

_STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "ARRET", "STOPP", "OPTOUT", "REVOKE"})
_STARTS = frozenset({"START", "UNSTOP", "YES", "OPTIN"})


def e164(typed: str, country: str = "") -> str:
    """`+41441234567`; empty if it cannot be one. Without a country it must begin with a plus."""
    try:
        parsed = phonenumbers.parse(typed, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if parsed.extension or not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def wish_of(text: str) -> Wish:
    """Only where nothing else is said: "stop by at five" is a message like any other."""
    word = text.strip().strip(".!").upper()
    if word in _STOPS:
        return Wish.STOP
    return Wish.START if word in _STARTS else Wish.NONE

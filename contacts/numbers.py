"""Telephone numbers as one compares them."""

import re

_TYPED = re.compile(r"\+?[0-9][0-9 ()./-]*")


def e164_of(number: str, country: str) -> str:
    """`+` and digits, if the number can be read so; else empty."""
    del country
    if not _TYPED.fullmatch(number):
        return ""
    digits = "".join(letter for letter in number if letter.isdigit())
    return f"+{digits}" if number.startswith("+") and len(digits) >= 8 else ""

"""What a message may consist of: pure functions from what was typed to what is kept.

Text is never HTML and never changed for safety's sake: clients show it as text, isolated from what stands around it.
"""

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
# Control characters but newline and tab, which do nothing but confuse; and halves of characters, which cannot be kept.
_REMOVED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANK_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
# Letters and marks by their category, but nothing to see when they stand alone.
_BLANK_LETTERS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def clean_body(typed: str) -> str:
    """Lines end with a newline, characters are composed (NFC), control characters and blank edges are gone.

    Empty if there is nothing that a reader could see. Cleaning twice is cleaning once.
    """
    if typed.isascii() and typed.isprintable():
        return typed.strip()
    text = _REMOVED.sub("", _LINE_ENDS.sub("\n", typed))
    text = unicodedata.normalize("NFC", text).strip()
    return text if _is_visible(text) else ""


def _is_visible(text: str) -> bool:
    return any(
        unicodedata.category(character) not in _BLANK_CATEGORIES and not _BLANK_LETTERS.match(character)
        for character in text
    )

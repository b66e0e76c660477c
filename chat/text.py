"""What a message may consist of: pure functions from what was typed to what is kept.

Text is never HTML and never changed for safety's sake: clients show it as text, isolated from what stands around it.
"""

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
# Control characters but newline and tab, which do nothing but confuse; halves of characters, which cannot be kept; and
# what cannot be seen but turns the order of what stands around it, or hides in words so that they are not found: bidi
# embeddings, overrides and isolates, breaks without width, invisible operators. What languages need stays: the marks
# U+200E, U+200F and U+061C, which only stand for a letter, and the joiners U+200C and U+200D.
_REMOVED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
# One joiner joins; a row of them is where something is hidden.
_JOINERS = re.compile("([\u200c-\u200f\u061c])[\u200c-\u200f\u061c]+")
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{9,}")
_MOST_MARKS = 8
"""On one letter; no language needs more, and a tower of them covers the lines around."""
_BLANK_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
# Letters and marks by their category, but nothing to see when they stand alone.
_BLANK_LETTERS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def clean_body(typed: str) -> str:
    """Lines end with a newline, characters are composed (NFC), control characters and blank edges are gone.

    Empty if there is nothing that a reader could see. Cleaning twice is cleaning once.
    """
    if typed.isascii() and typed.isprintable():
        return typed.strip()
    text = _JOINERS.sub(r"\1", _REMOVED.sub("", _LINE_ENDS.sub("\n", typed)))
    text = unicodedata.normalize("NFC", text)
    text = _MARKS.sub(lambda tower: tower[0][:_MOST_MARKS], text).strip()
    return text if _is_visible(text) else ""


def clean_line(typed: str) -> str:
    """The same for a name: one line, with single blanks."""
    return " ".join(clean_body(typed).split())


def _is_visible(text: str) -> bool:
    return any(
        unicodedata.category(character) not in _BLANK_CATEGORIES and not _BLANK_LETTERS.match(character)
        for character in text
    )

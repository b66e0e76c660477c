"""Words of messages, and what somebody looks for: pure. What is indexed and what is asked is folded in the same way.

A word is letters and digits without accents and case. PostgreSQL's own parser is not used: without extensions it knows
no accents, and it takes addresses and words with hyphens for one word whose parts are not found.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from msgspec import Struct

_WORD = re.compile(r"[^\W_]+")
_QUERY = re.compile(r'"([^"]*)"?|(\S+)')
LONGEST_WORD = 64
"""Of longer ones, the beginning counts."""
MOST_WORDS = 1_000
"""Of one message; the rest is not found."""
MOST_TERMS = 12
_WITHOUT_DECOMPOSITION = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe"})


class Term(Struct, frozen=True):
    """Words that stand together in this order. `is_open`: the last one may go on."""

    words: tuple[str, ...]
    is_open: bool = False


def fold(text: str) -> str:
    """Without accents and case."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
    return unicodedata.normalize("NFKC", plain).translate(_WITHOUT_DECOMPOSITION)


def words_of(text: str) -> list[str]:
    """In the order in which they stand."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(fold(text))[:MOST_WORDS]]


def terms_of(text: str) -> list[Term]:
    """What is looked for; empty if there is no word in it. All terms have to be found."""
    terms: dict[Term, None] = {}
    for phrase, word in _QUERY.findall(text):
        words = tuple(words_of(phrase or word))
        if words:
            terms[Term(words, word.endswith("*"))] = None
    return list(terms)[:MOST_TERMS]


def matched_words(text: str, terms: Sequence[Term]) -> list[str]:
    """What to mark in a text that was found: each once, as it stands there."""
    wanted = {word for term in terms for word in (term.words[:-1] if term.is_open else term.words)}
    openings = tuple(term.words[-1] for term in terms if term.is_open)
    found: dict[str, None] = {}
    for word in _words_as_they_stand(text):
        folded = fold(word)[:LONGEST_WORD]
        if folded in wanted or (openings and folded.startswith(openings)):
            found[word] = None
    return list(found)


def _words_as_they_stand(text: str) -> Iterator[str]:
    """With the accents that stand behind their letters, which end a word for `_WORD`."""
    return (match[0] for match in re.finditer(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*", text))

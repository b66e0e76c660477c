"""Which languages there are, and which one somebody gets. Pure."""

from collections.abc import Mapping

from words import de, en
from words.catalogue import Words

LANGUAGES: Mapping[str, Words] = {each.language: each for each in (en.WORDS, de.WORDS)}
_MOST_ASKED = 20
"""Of the languages that a browser names, so many are looked at."""


def words_in(*languages: str) -> Words:
    """Of the first language that we have, and English if there is none. Empty: not known."""
    return next((LANGUAGES[each] for each in languages if each in LANGUAGES), en.WORDS)


def asked_for(accept_language: str) -> str:
    """The best one that we have for a header `Accept-Language` (RFC 9110, section 12.5.4); empty: none is asked for."""
    asked = [_weighed(each) for each in accept_language.split(",")[:_MOST_ASKED]]
    known = [(weight, language) for weight, language in asked if weight > 0 and language in LANGUAGES]
    return max(known, key=lambda each: each[0])[1] if known else ""


def _weighed(asked: str) -> tuple[float, str]:
    """`de-AT;q=0.8`: 0.8 and `de`. What is no number counts for nothing."""
    tag, _, parameter = asked.partition(";")
    name, _, weight = parameter.partition("=")
    language = tag.strip().partition("-")[0].lower()
    try:
        return (float(weight) if name.strip() == "q" else 1.0), language
    except ValueError:
        return 0.0, language

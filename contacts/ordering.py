"""In which order names stand, by the language of whoever looks. Pure; what an order does to a name is the SQL function
`sort_text_in`.

Most languages take a letter with an accent for that letter. Some have it in a place of its own in their alphabet, and
so where one looks for a name depends on the language. Languages that agree about nearly everything share an order.
"""

from enum import StrEnum


class Ordering(StrEnum):
    PLAIN = ""
    SWEDISH = "sv"
    DANISH = "da"
    SPANISH = "es"
    POLISH = "pl"
    CZECH = "cs"
    CROATIAN = "hr"
    HUNGARIAN = "hu"
    TURKISH = "tr"


_OF_LANGUAGE = {
    "sv": Ordering.SWEDISH,
    "fi": Ordering.SWEDISH,
    "da": Ordering.DANISH,
    "nb": Ordering.DANISH,
    "nn": Ordering.DANISH,
    "no": Ordering.DANISH,
    "es": Ordering.SPANISH,
    "gl": Ordering.SPANISH,
    "pl": Ordering.POLISH,
    "cs": Ordering.CZECH,
    "sk": Ordering.CZECH,
    "hr": Ordering.CROATIAN,
    "bs": Ordering.CROATIAN,
    "sl": Ordering.CROATIAN,
    "hu": Ordering.HUNGARIAN,
    "tr": Ordering.TURKISH,
    "az": Ordering.TURKISH,
}


def ordering_of(language: str) -> Ordering:
    """`language`: a BCP 47 tag, as browsers name them (`sv`, `nb-NO`); any other one has the plain order."""
    return _OF_LANGUAGE.get(language.partition("-")[0].lower(), Ordering.PLAIN)

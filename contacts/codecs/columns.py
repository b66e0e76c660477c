"""What the columns of a table mean: each by its own name, since programs mix old and new names in one file."""

import re
from collections.abc import Sequence

from msgspec import Struct

from contacts.codecs.drafting import visible
from contacts.codecs.encodings import without_lone_bytes
from contacts.codecs.generic_columns import meaning_of_words
from contacts.codecs.google_columns import google_meaning
from contacts.codecs.labels import WORK
from contacts.codecs.meanings import Meaning, key_of
from contacts.codecs.model import Format
from contacts.codecs.outlook_columns import NAMES, NUMBERS, PARTS, PLACES, REPEATED, SAY_NOTHING, TO_NOTES
from contacts.codecs.outlook_languages import TRANSLATIONS

_ENGLISH = "en"
_ONLY_OUTLOOK = re.compile(
    r"Business (?!Phone$)|E-mail (?:\d )?(?:Type|Display)|Company Main|Government ID|User \d"
    r"|(?:Home|Other) (?:Street|Postal Code|Country/Region|Phone 2|Fax)|Other (?:Phone|City|State)"
)
"""Columns that hardly anybody else has."""
_EMAIL = re.compile(r"E-mail (?:(\d+) )?(Address|Label)")


def _outlook_meanings() -> dict[str, Meaning]:
    meanings = {name: Meaning("field", field) for name, field in NAMES.items()}
    meanings |= {name: Meaning("number", label) for name, label in NUMBERS.items()}
    meanings |= {
        f"{place} {name}": Meaning("address", part, group=label, label=label)
        for place, label in PLACES.items()
        for name, part in PARTS.items()
    }
    for name in TO_NOTES:
        kind = "repeated" if name in REPEATED else "note"
        meanings[name] = Meaning(kind, name, empty=SAY_NOTHING.get(name, frozenset()))
    meanings["E-mail Address"] = Meaning("email", "value", group="1")
    return meanings


_OUTLOOK = _outlook_meanings()
_BY_LANGUAGE = {_ENGLISH: {key_of(name): name for name in _OUTLOOK}} | {
    language: {key_of(name): english for name, english in names.items()} for language, names in TRANSLATIONS.items()
}
_SPELLED = {_ENGLISH: {key_of(name): (name.casefold(), name) for name in _OUTLOOK}} | {
    language: {key_of(name): (name.casefold(), english) for name, english in names.items()}
    for language, names in TRANSLATIONS.items()
}
"""Outlook always spells its columns alike, which tells it from others who call theirs `HomeFax`."""
_ANY_LANGUAGE = {key: english for names in reversed(_BY_LANGUAGE.values()) for key, english in names.items()}
_SECOND = {key_of("Titre"): "Job Title", key_of("Título"): "Job Title"}
"""French Outlook calls two of its columns the same: the second is the job."""


class Columns(Struct):
    """`meanings`: one for each column; None if its name says nothing to us."""

    kind: Format
    names: list[str]
    meanings: list[Meaning | None]

    @property
    def known(self) -> int:
        return sum(meaning is not None for meaning in self.meanings)

    def told(self) -> list[tuple[str, str]]:
        """Each column's name and what it was taken for, in words."""
        return [
            (name, meaning.told() if meaning else "") for name, meaning in zip(self.names, self.meanings, strict=True)
        ]


def columns_of(header: Sequence[str], kind: Format | None = None) -> Columns:
    """`kind`: what a person says that it is, instead of what it looks like."""
    names = [" ".join(visible(without_lone_bytes(name)).split()) for name in header]
    language = "" if kind in (Format.GOOGLE, Format.TABLE) else _outlook_language(names, is_sure=kind is Format.OUTLOOK)
    google = [google_meaning(name) for name in names]
    meanings: list[Meaning | None] = []
    seen: set[str] = set()
    for name, by_google in zip(names, google, strict=True):
        key = key_of(name)
        meaning = by_google
        if not key:
            meaning = None
        elif language:
            meaning = _outlook_meaning(name, key, language, seen) or by_google or meaning_of_words(name)
        elif meaning is None:
            meaning = meaning_of_words(name) or _outlook_meaning(name, key, "", seen)
        seen.add(key)
        meanings.append(meaning)
    _take_name_for_last_name(names, meanings)
    _leave_birthdays_in_parts(names, meanings)
    _take_business_for_number(names, meanings)
    if kind is None and language:
        kind = Format.OUTLOOK
    elif kind is None:
        kind = Format.GOOGLE if any(each and each.is_google for each in google) else Format.TABLE
    return Columns(kind, names, meanings)


def _take_name_for_last_name(names: Sequence[str], meanings: list[Meaning | None]) -> None:
    """`Name;Vorname`: where only first names have a column of their own, the other one is for last names."""
    fields = {meaning.what for meaning in meanings if meaning and meaning.kind == "field"}
    if "first_name" in fields and "last_name" not in fields:
        for at, name in enumerate(names):
            if key_of(name) in _NAME:
                meanings[at] = Meaning("field", "last_name")


def _leave_birthdays_in_parts(names: Sequence[str], meanings: list[Meaning | None]) -> None:
    """Beside a month, `Birth Day` is no whole birthday."""
    if {"birthmonth", "geburtsmonat"}.isdisjoint(map(key_of, names)):
        return
    for at, name in enumerate(names):
        if key_of(name) in ("birthday", "geburtstag"):
            meanings[at] = Meaning("note", name)


def _take_business_for_number(names: Sequence[str], meanings: list[Meaning | None]) -> None:
    """`Company,Mobile,Home,Business`: where there is a company already, this is no second one."""
    companies = [at for at, meaning in enumerate(meanings) if meaning == Meaning("field", "company")]
    for at in companies[1:]:
        if key_of(names[at]) == "business":
            meanings[at] = Meaning("number", WORK)


_NAME = frozenset(map(key_of, ("Name", "Naam", "Navn", "Namn", "Nome", "Nombre", "Nom")))


def _outlook_meaning(name: str, key: str, language: str, seen: set[str]) -> Meaning | None:
    email = _EMAIL.fullmatch(name)
    if email:
        return Meaning("email", "value" if email[2] == "Address" else "label", group=email[1] or "1")
    english = _BY_LANGUAGE.get(language, {}).get(key) or _ANY_LANGUAGE.get(key)
    if english is None:
        return None
    if key in seen and key in _SECOND:
        english = _SECOND[key]
    email = _EMAIL.fullmatch(english)
    return Meaning("email", "value", group=email[1] or "1") if email else _OUTLOOK[english]


def _outlook_language(names: Sequence[str], *, is_sure: bool) -> str:
    """The language of which most columns are Outlook's; empty if it is no file of Outlook's (unless that is sure)."""
    keys = {key_of(name) for name in names}
    found = {language: keys & known.keys() for language, known in _BY_LANGUAGE.items()}
    language = max(found, key=lambda each: len(found[each]))
    if is_sure:
        return language
    typed = {name.casefold() for name in names}
    spelled = _SPELLED[language]
    own = [key for key in found[language] if _ONLY_OUTLOOK.match(spelled[key][1]) and spelled[key][0] in typed]
    return language if len(found[language]) >= 4 and own else ""

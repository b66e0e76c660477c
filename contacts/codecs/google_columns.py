"""Google's columns, old and new: fixed ones, and groups that are numbered."""

import re

from msgspec.structs import replace

from contacts.codecs.meanings import Meaning, key_of

_FIXED = {
    "First Name": "first_name",
    "Given Name": "first_name",
    "Middle Name": "middle_name",
    "Additional Name": "middle_name",
    "Last Name": "last_name",
    "Family Name": "last_name",
    "Name": "full_name",
    "Name Prefix": "prefix",
    "Name Suffix": "suffix",
    "Organization Name": "company",
    "Organization Department": "department",
    "Organization Title": "job_title",
    "Notes": "notes",
    "Labels": "labels",
    "Group Membership": "labels",
    "UID": "uid",
}
_TO_NOTES = (
    "Additional Name Yomi",
    "Billing Information",
    "Birthday",
    "Directory Server",
    "Family Name Yomi",
    "File As",
    "Gender",
    "Given Name Yomi",
    "Hobby",
    "Initials",
    "Location",
    "Maiden Name",
    "Mileage",
    "Nickname",
    "Occupation",
    "Phonetic First Name",
    "Phonetic Last Name",
    "Phonetic Middle Name",
    "Priority",
    "Sensitivity",
    "Short Name",
    "Subject",
    "Yomi Name",
)
_ONLY_GOOGLE = frozenset(
    {"Given Name", "Family Name", "Additional Name", "Group Membership", "Name Prefix", "Yomi Name", "File As"}
)
_REPEATED = frozenset({"File As", "Short Name"})
_GROUP = re.compile(
    r"(?P<kind>e-?mail|phone|address|website|event|relation|im|organization|custom field|jot|external id|calendar link"
    r"|user defined|language|hobby) (?P<number>\d+) ?- ?(?P<part>.+)",
    re.IGNORECASE,
)
_PARTS = {
    "formatted": "whole",
    "street": "street",
    "city": "city",
    "po box": "box",
    "region": "region",
    "postal code": "postal_code",
    "country": "country",
    "extended address": "extended",
    "label": "label",
    "type": "label",
}
_ORGANISATIONS = {"name": "company", "department": "department", "title": "job_title"}
_NAMES = {
    "website": "Website",
    "event": "Event",
    "relation": "Related",
    "im": "Instant messaging",
    "custom field": "Other",
    "jot": "Jot",
    "external id": "Number of another system",
    "calendar link": "Calendar",
    "user defined": "Other",
    "language": "Language",
    "hobby": "Hobby",
}

_MEANINGS = (
    {key_of(name): Meaning("field", field, is_google=name in _ONLY_GOOGLE) for name, field in _FIXED.items()}
    | {
        key_of(name): Meaning("repeated" if name in _REPEATED else "note", name, is_google=name in _ONLY_GOOGLE)
        for name in _TO_NOTES
    }
    | {
        key_of("Priority"): Meaning("note", "Priority", empty=frozenset({"normal"})),
        key_of("Sensitivity"): Meaning("note", "Sensitivity", empty=frozenset({"normal"})),
        key_of("Photo"): Meaning("photo"),
        # What our own files have beside those of the others (contacts/codecs/csv_writing.py).
        key_of("Phone Order"): Meaning("order", "number"),
        key_of("Address Order"): Meaning("order", "address"),
    }
)


def google_meaning(name: str) -> Meaning | None:
    group = _GROUP.fullmatch(name)
    if group is None:
        meaning = _MEANINGS.get(key_of(name))
        # Others have such columns, too, but spell them their own way.
        return replace(meaning, is_google=False) if meaning and name not in _ONLY_GOOGLE else meaning
    kind, number, part = group["kind"].lower().replace("-", ""), group["number"], group["part"].strip().lower()
    is_label = part in ("label", "type")
    if kind in ("email", "phone"):
        if part not in ("label", "type", "value"):
            return Meaning("note", name, is_google=True)
        return Meaning(
            "number" if kind == "phone" else "email",
            "label" if is_label else "value",
            group=f"g{number}",
            is_google=True,
        )
    if kind == "address":
        known = _PARTS.get(part)
        return Meaning("address", known, group=f"g{number}", is_google=True) if known else Meaning("note", name)
    if kind == "organization":
        return _organisation(number, part)
    if is_label or part == "service":
        return Meaning("note_label", group=f"{kind}{number}", is_google=True)
    return Meaning("note", _NAMES[kind], group=f"{kind}{number}", is_google=True)


def _organisation(number: str, part: str) -> Meaning:
    if part in ("type", "label"):
        return Meaning("nothing", is_google=True)
    if part in _ORGANISATIONS and number == "1":
        return Meaning("field", _ORGANISATIONS[part], is_google=True)
    return Meaning("note", "Company" if part == "name" else part.capitalize(), is_google=True)

"""Pieces of contacts that all formats write alike, and alike in as many ways."""

import re

_IN_BRACKETS = re.compile(r"[^<]*<(?:mailto:)?([^<>\s]+@[^<>\s]+)>\s*", re.IGNORECASE)
SPREADSHEET_ERRORS = frozenset({"#NAME?", "#REF!", "#VALUE!", "#N/A", "#NV", "#DIV/0!", "#NUM!", "#NULL!"})
"""What a spreadsheet writes where it could not compute."""
_SYSTEM_GROUPS = frozenset({"mycontacts", "my contacts"})


def bare_email(text: str) -> str:
    """Without `mailto:`, and without a name before it: `Jane <jane@example.com>`."""
    email = text.strip()
    if email[:7].lower() == "mailto:":
        email = email[7:].partition("?")[0]
    if email[-1:] == ">":
        bracketed = _IN_BRACKETS.fullmatch(email)
        return bracketed[1] if bracketed else email
    return email


def street_of(street: str, extended: str, box: str) -> str:
    """One text of several lines, since people know no other parts of a street. A bare number is a box."""
    if not (extended or box):
        return street
    return "\n".join(filter(None, (street, extended, f"PO Box {box}" if box.isdigit() else box)))


def is_system_group(tag: str) -> bool:
    """Google puts everybody into a group of its own, which says nothing."""
    return tag.strip().lower() in _SYSTEM_GROUPS

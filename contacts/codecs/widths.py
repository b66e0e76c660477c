"""How many columns a table needs, and what becomes of a contact that needs more."""

from msgspec import Struct
from msgspec.structs import replace

from contacts.codecs.model import ImportedContact


class Widths(Struct, frozen=True):
    """How many columns of each kind a file needs, at least those that its programs always write."""

    numbers: int = 0
    emails: int = 0
    addresses: int = 0
    has_order: bool = False
    has_email_labels: bool = False


def wider(one: Widths, other: Widths) -> Widths:
    if other == _NOTHING:
        return one
    return Widths(
        max(one.numbers, other.numbers),
        max(one.emails, other.emails),
        max(one.addresses, other.addresses),
        one.has_order or other.has_order,
        one.has_email_labels or other.has_email_labels,
    )


_NOTHING = Widths()


def narrowed(contact: ImportedContact, numbers: int, emails: int, addresses: int) -> ImportedContact:
    """A contact that has grown since the widths were taken: what has no column any more goes to the notes."""
    lines = [f"Number ({each.label}): {each.number}" for each in contact.numbers[numbers:]]
    lines += [f"E-mail: {each.email}" for each in contact.emails[emails:]]
    for each in contact.addresses[addresses:]:
        parts = (*each.street.split("\n"), each.city, each.region, each.postal_code, each.country)
        lines.append(f"Address: {', '.join(filter(None, parts))}")
    return replace(
        contact,
        numbers=contact.numbers[:numbers],
        emails=contact.emails[:emails],
        addresses=contact.addresses[:addresses],
        notes="\n".join(filter(None, (contact.notes, *lines))),
    )

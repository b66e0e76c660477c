"""Google's columns of today, for writing."""

from contacts.codecs.labels import FAX, HOME, HOME_FAX, MAIN, MOBILE, OTHER, PAGER, WORK
from contacts.codecs.model import ImportedContact
from contacts.codecs.widths import Widths, narrowed

_GOOGLE = [
    "First Name",
    "Middle Name",
    "Last Name",
    "Phonetic First Name",
    "Phonetic Middle Name",
    "Phonetic Last Name",
    "Name Prefix",
    "Name Suffix",
    "Nickname",
    "File As",
    "Organization Name",
    "Organization Title",
    "Organization Department",
    "Birthday",
    "Notes",
    "Photo",
    "Labels",
]
_GOOGLE_ADDRESS = ("Label", "Street", "City", "Region", "Postal Code", "Country")
_GOOGLE_LABELS = {
    WORK: "Work",
    MOBILE: "Mobile",
    HOME: "Home",
    FAX: "Work Fax",
    HOME_FAX: "Home Fax",
    MAIN: "Main",
    PAGER: "Pager",
    OTHER: "Other",
}


class GoogleColumns:
    def __init__(self, widths: Widths) -> None:
        self._widths = widths
        self.header = list(_GOOGLE)
        for at in range(1, widths.emails + 1):
            self.header += (f"E-mail {at} - Label", f"E-mail {at} - Value")
        for at in range(1, widths.numbers + 1):
            self.header += (f"Phone {at} - Label", f"Phone {at} - Value")
        for at in range(1, widths.addresses + 1):
            self.header += (f"Address {at} - {part}" for part in _GOOGLE_ADDRESS)
        self.header.append("UID")

    @staticmethod
    def needed(contact: ImportedContact) -> Widths:
        return Widths(len(contact.numbers), len(contact.emails), len(contact.addresses))

    def row(self, contact: ImportedContact) -> list[str]:
        widths = self._widths
        if (
            len(contact.numbers) > widths.numbers
            or len(contact.emails) > widths.emails
            or len(contact.addresses) > widths.addresses
        ):
            contact = narrowed(contact, widths.numbers, widths.emails, widths.addresses)
        names = [contact.first_name, contact.middle_name, contact.last_name, *[""] * 7]
        cells = [*names, contact.company, contact.job_title, contact.department, "", contact.notes, ""]
        cells.append(" ::: ".join(contact.tags))
        for email in contact.emails:
            cells += (_GOOGLE_LABELS.get(email.label, email.label), email.email)
        cells += [""] * (2 * (widths.emails - len(contact.emails)))
        for number in contact.numbers:
            cells += (_GOOGLE_LABELS.get(number.label, number.label), number.number)
        cells += [""] * (2 * (widths.numbers - len(contact.numbers)))
        for each in contact.addresses:
            label = _GOOGLE_LABELS.get(each.label, each.label)
            cells += (label, each.street, each.city, each.region, each.postal_code, each.country)
        cells += [""] * (len(_GOOGLE_ADDRESS) * (widths.addresses - len(contact.addresses)))
        cells.append(contact.uid)
        return cells

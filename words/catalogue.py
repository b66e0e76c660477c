"""The sentences of one language. Pure.

A field is one sentence, with the names of what is put into it in braces (`str.format`). Two fields that differ in `one`
and `many` belong together: see `counted`. What is said only of the way in (`happened`) is named as
`accounts.alerts.Happened` is.
"""

from collections.abc import Mapping

from msgspec import Struct


class Words(Struct, frozen=True, kw_only=True):
    language: str
    """Its BCP 47 tag, as in `<html lang>`."""
    name: str
    """What it is called in itself."""

    # Every mail
    hello: str
    instead_of_button: str
    why_own_address: str
    moment: str

    # A changed way in
    happened: Mapping[str, str]
    alert_told: str
    alert_told_from: str
    alert_advice: str
    alert_why: str

    # An address to be confirmed
    confirmation_title: str
    confirmation_entered: str
    confirmation_button: str
    confirmation_until: str
    confirmation_why: str

    # A new password
    recovery_title: str
    recovery_asked: str
    recovery_button: str
    recovery_not_you: str

    # The first one
    welcome_title: str
    welcome_ready: str
    welcome_button: str

    # Unread messages, in a mail or pushed
    unread_one: str
    unread_many: str
    unread_of_person: str
    unread_in_group: str
    unread_in_several: str
    new_many: str
    open_conversation: str
    others_one: str
    others_many: str
    unread_why_one: str
    unread_why_many: str
    unread_change: str
    files_one: str
    files_many: str
    somebody: str


def counted(count: int, one: str, many: str) -> str:
    """`one` of one, `many` of any other number."""
    return (one if count == 1 else many).format(count=count)

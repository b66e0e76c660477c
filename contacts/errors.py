"""How contacts refuse. The sentences are for people."""

from wire.contacts import Contact, Overlay
from wire.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany, Unavailable


class ContactNotFound(NotFound):
    """Also for those of others: who may not see a contact is not told that there is one."""

    def __init__(self, contact: int) -> None:
        super().__init__(f"There is no contact {contact}, or not for you")


class CoworkerNotFound(NotFound):
    def __init__(self, user: int) -> None:
        super().__init__(f"There is no user {user}")


class NotYoursToManage(NotAllowed):
    def __init__(self, *, shared: bool) -> None:
        super().__init__("Shared contacts are not yours to change" if shared else "You may not keep contacts here")


class ContactHasChanged(Conflict):
    """`current` is what there is, `yours` what it would be after the edit that was refused."""

    def __init__(self, current: Contact, yours: Contact) -> None:
        what = "was deleted" if current.gone or current.deleted_at else "was changed"
        super().__init__(f"The contact {what} by somebody else meanwhile: look at both versions", field="rev")
        self.current = current
        self.yours = yours


class OverlayHasChanged(Conflict):
    def __init__(self, current: Overlay, yours: Overlay) -> None:
        super().__init__("This was changed in another window meanwhile: look at both versions", field="rev")
        self.current = current
        self.yours = yours


class ContactsBusy(Unavailable):
    """Nothing was changed."""

    def __init__(self) -> None:
        super().__init__("These contacts are being imported by somebody; try again in a few seconds", retry_after=3.0)


class BookFull(TooMany):
    def __init__(self, most: int) -> None:
        super().__init__(f"There is room for {most:,} contacts")


class TooManyFavourites(TooMany):
    def __init__(self, most: int) -> None:
        super().__init__(f"At most {most:,} favourites")


class WrongCursor(Invalid):
    def __init__(self) -> None:
        super().__init__("This is not the `next` of an earlier page", field="after")

"""Who may do what with contacts: the questions that contacts ask of the table of permissions (accounts/)."""

from collections.abc import Callable
from dataclasses import dataclass

from contacts.errors import NotYoursToManage
from contacts.model import SHARED_BOOK, BookId, DirectoryEntry, book_of
from wire.identity import Caller, Scope, UserId

MaySeeUnlisted = Callable[[Caller, UserId, Scope, str | None], bool]
"""Whether the caller is shown an unlisted user, by the user's id, scope and site (accounts/permissions.py)."""

Question = Callable[[Caller], bool]


@dataclass(frozen=True, slots=True)
class ContactRights:
    may_see_unlisted: MaySeeUnlisted
    may_manage_own: Question
    may_read_shared: Question
    may_manage_shared: Question

    def sees(self, caller: Caller, entry: DirectoryEntry) -> bool:
        return entry.listed or self.may_see_unlisted(caller, entry.coworker.user, entry.scope, entry.site)

    def may_read(self, caller: Caller, book: BookId) -> bool:
        return self.may_read_shared(caller) if book == SHARED_BOOK else book == book_of(caller.user)

    def managed_book(self, caller: Caller, *, shared: bool) -> BookId:
        """The shared book, or the caller's own. Raises `NotYoursToManage`."""
        if not (self.may_manage_shared(caller) if shared else self.may_manage_own(caller)):
            raise NotYoursToManage(shared=shared)
        return SHARED_BOOK if shared else book_of(caller.user)

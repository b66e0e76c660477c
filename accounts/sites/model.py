"""The structs of sites. What a site is: accounts/profiles/model.py."""

from msgspec import Struct

from wire.identity import UserId


class SiteChanged(Struct, frozen=True, kw_only=True):
    """What a change of a site did to its users.

    `users`: whose profiles are others now; `relisted`: who is in the directory now that was not, or the reverse, and
    which; `directory_rev`: the directory's, if coworkers see a difference.
    """

    users: list[UserId]
    relisted: dict[UserId, bool]
    directory_rev: int | None

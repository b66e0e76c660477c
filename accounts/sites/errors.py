"""How sites refuse."""

from wire.errors import Conflict, NotAllowed, NotFound


class SitesNotYours(NotAllowed):
    def __init__(self) -> None:
        super().__init__("Sites are not yours to see or change")


class SiteNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such site", field="site")


class SiteExists(Conflict):
    def __init__(self) -> None:
        super().__init__("There is a site of this name already", field="name")


class SiteInUse(Conflict):
    def __init__(self, users: int) -> None:
        who = "one user is" if users == 1 else f"{users} users are"
        super().__init__(f"This site cannot be deleted: {who} still at it", field="site")

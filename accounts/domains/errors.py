"""How domains refuse."""

from wire.errors import Conflict, NotAllowed


class DomainNotYours(NotAllowed):
    def __init__(self, field: str | None = None) -> None:
        super().__init__("This setting of the company is not yours to see or change", field=field)


class DomainExists(Conflict):
    """`differing`: what it is not, of what was asked for."""

    def __init__(self, domain: str, differing: tuple[str, ...]) -> None:
        super().__init__(f"There is a domain {domain} already, with another {', '.join(differing)}", field="domain")


class DomainOnItsWayOut(Conflict):
    def __init__(self, domain: str) -> None:
        super().__init__(
            f"The domain {domain} is just being deleted; try again in a minute", field="domain", retry_after=30.0
        )

"""How the audit refuses."""

from wire.errors import NotAllowed


class AuditNotYours(NotAllowed):
    def __init__(self) -> None:
        super().__init__("The audit is read by who manages the company or a site")

"""How getting in by somebody else's word refuses. The words say nothing of who exists."""

from wire.errors import Conflict, NotAllowed, NotFound, NotLoggedIn, Unavailable


class NoSignOn(NotFound):
    def __init__(self) -> None:
        super().__init__("This company has no single sign-on here", field="domain")


class SignOnOver(NotLoggedIn):
    """Of an answer that belongs to nothing that was begun in this browser, or to what was answered before."""

    def __init__(self) -> None:
        super().__init__("This has taken too long, or was begun in another browser; begin again")


class SignOnDenied(NotAllowed):
    """The provider said no, or its word is not good."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Your company's login did not let you in: {why}")


class NobodyOfThatName(NotAllowed):
    def __init__(self) -> None:
        super().__init__("Your company's login knows you, but no account here belongs to it; ask your office manager")


class ProviderAway(Unavailable):
    """`why`: in words for an operator."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"Your company's login does not answer ({why}); try again in a moment", retry_after=30)


class HandOverRefused(NotLoggedIn):
    """The same words whatever is wrong with it; the log says what."""

    def __init__(self) -> None:
        super().__init__("This token lets nobody in: it is wrong, too old, or was used already", field="token")


class NotConfigured(Conflict):
    def __init__(self) -> None:
        super().__init__("Single sign-on needs PRESENCE_PUBLIC_URL")

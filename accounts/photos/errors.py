"""How photos refuse."""

from wire.errors import Invalid, NotAllowed, NotFound


class PhotoNotFound(NotFound):
    """There is none, or none that is the caller's to see, or another one by now."""

    def __init__(self) -> None:
        super().__init__("There is no such photo")


class PhotoNotYours(NotAllowed):
    def __init__(self) -> None:
        super().__init__("This photo is not yours to change", field="photo")


class NotAPhoto(Invalid):
    def __init__(self) -> None:
        super().__init__("This is no picture that can be shown: take a JPEG, PNG, WebP or GIF", field="photo")

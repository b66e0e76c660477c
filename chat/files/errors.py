"""What is refused about files.

Refused
├── Invalid     FileTypeRefused, FileEmpty
├── NotAllowed  FilesNotByText
├── NotFound    FileNotFound
├── TooLarge    FileTooLarge
├── NoRoom      FilesFull
└── TooMany     TooManyUploads, TooManyUnsent, TooManyThisHour
"""

from chat.files.quota import in_words
from wire.errors import Invalid, NoRoom, NotAllowed, NotFound, TooLarge, TooMany


class FileTypeRefused(Invalid):
    def __init__(self, name: str) -> None:
        super().__init__(f"Programs are not taken, and {name} is one; put it into an archive", field="name")
        self.name = name


class FileEmpty(Invalid):
    def __init__(self) -> None:
        super().__init__("This file is empty", field="file")


class FileTooLarge(TooLarge):
    def __init__(self, limit: int) -> None:
        super().__init__(f"A file has at most {limit:,} bytes", field="file")
        self.limit = limit


class FilesNotByText(NotAllowed):
    """Whoever has the number outside would get the words without them."""

    def __init__(self) -> None:
        super().__init__("A text message carries no files", field="files")


class FilesFull(NoRoom):
    def __init__(self, used: int, quota: int) -> None:
        super().__init__(
            f"There is no room for this file: {in_words(used)} of {in_words(quota)} are used by your organization",
            field="file",
        )
        self.used = used
        self.quota = quota


class FileNotFound(NotFound):
    """There is none, or not for the caller, or no preview of it: which is not told."""

    def __init__(self) -> None:
        super().__init__("There is no such file for you", field="file")


class TooManyUploads(TooMany):
    def __init__(self) -> None:
        super().__init__("Too many files are being uploaded at the same time", field="file", retry_after=2.0)


class TooManyUnsent(TooMany):
    def __init__(self) -> None:
        super().__init__("Too many files wait to be sent; send some, or remove them", field="file", retry_after=60.0)


class TooManyThisHour(TooMany):
    def __init__(self) -> None:
        super().__init__("You have uploaded very many files; go on in a while", field="file", retry_after=600.0)

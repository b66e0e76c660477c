"""What callers type on a telephone to find somebody by name. Pure."""

from contacts.searching import fold
from wire.contacts import AudioEntry
from wire.records import Coworker

_KEYS = {
    letter: key
    for key, letters in zip("23456789", ("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"), strict=True)
    for letter in letters
} | {digit: digit for digit in "0123456789"}


def keys_of(name: str) -> str:
    """`Müller` is 685537. Letters that are on no telephone, as of other scripts, are left out."""
    return "".join(_KEYS.get(letter, "") for letter in fold(name))


def audio_entry(coworker: Coworker) -> AudioEntry:
    return AudioEntry(
        user=coworker.user,
        extension=coworker.extension,
        first_name=coworker.first_name,
        last_name=coworker.last_name,
        first_name_keys=keys_of(coworker.first_name),
        last_name_keys=keys_of(coworker.last_name),
    )

"""What one column of a table is for."""

from functools import lru_cache

from msgspec import Struct

from contacts.searching import fold


class Meaning(Struct, frozen=True, omit_defaults=True):
    """`kind`: what to do with a cell.

    | kind | `what` | |
    | --- | --- | --- |
    | `field` | a field of a draft, `tags` and `notes` among them | |
    | `number` | the label | without `group`: by itself; with one: `value` or `label` of that group |
    | `email` | `value` or `label` | of a group |
    | `address` | a part of an address, `label` or `whole` | of a group, under `label` |
    | `note` | its name in the notes | `group`: of which another column is the label |
    | `note_label` | | the label of that group of notes |
    | `repeated` | its name in the notes | only if it says more than the name and the addresses do |
    | `nothing` | | for machines |

    `empty`: what a program writes there when nobody wrote anything, in lower case.
    """

    kind: str
    what: str = ""
    group: str = ""
    label: str = ""
    empty: frozenset[str] = frozenset()
    is_google: bool = False

    def told(self) -> str:
        if self.kind in ("field", "repeated"):
            return self.what.replace("_", " ")
        if self.kind == "number":
            return f"number ({self.what})" if not self.group else "number"
        return {"email": "e-mail", "address": "address", "nothing": "nothing"}.get(self.kind, "notes")


@lru_cache(maxsize=2_048)
def key_of(name: str) -> str:
    """A column's name without case, accents, spaces and signs: `E-mail 1 - Value` is `email1value`."""
    return "".join(letter for letter in fold(name) if letter.isalnum())

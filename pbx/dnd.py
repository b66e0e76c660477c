"""Which changes of Do Not Disturb follow from a switch's own list of it. Pure.

DND is a wish of the user, who may also set it in the portal: whoever said it last is right. So a list is compared with
what the same switch had said before, and only what has changed there since then is told.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from pbx.model import DndMark


def dnd_changes(
    noted: Mapping[str, DndMark], listed: AbstractSet[str], epoch: str, as_of_seq: int
) -> Iterator[tuple[str, DndMark]]:
    """`listed`: addresses with DND at the switch when it had given out `as_of_seq`. What it said later stands."""
    for address in sorted(listed | noted.keys()):
        mark = noted.get(address)
        if mark and mark.epoch == epoch and mark.seq > as_of_seq:
            continue
        on = address in listed
        if on != (mark is not None and mark.on):
            yield address, DndMark(epoch, as_of_seq, on, is_echo=True)

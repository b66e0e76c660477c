"""WebSocket commands of contacts. Everything else about them is asked over HTTP."""

from contacts.listing import PeopleLists
from wire.commands import LookUpNumber
from wire.identity import Caller
from wire.replies import NumberLookedUp


async def look_up_number(lists: PeopleLists, caller: Caller, command: LookUpNumber) -> NumberLookedUp:
    return NumberLookedUp(id=command.id, found=await lists.lookup(caller, command.number))

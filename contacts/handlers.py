"""WebSocket commands of contacts. Everything else about them is asked over HTTP."""

from contacts.listing import PeopleLists
from wire.commands import GetCoworkers, LookUpNumber
from wire.identity import Caller
from wire.replies import CoworkersFound, NumberLookedUp


async def get_coworkers(lists: PeopleLists, caller: Caller, command: GetCoworkers) -> CoworkersFound:
    found = await lists.coworkers(caller, command.users)
    return CoworkersFound(id=command.id, rev=found.rev, coworkers=found.coworkers, missing=found.missing)


async def look_up_number(lists: PeopleLists, caller: Caller, command: LookUpNumber) -> NumberLookedUp:
    return NumberLookedUp(id=command.id, found=await lists.lookup(caller, command.number))

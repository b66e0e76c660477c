"""Which groups of the contacts page an entry belongs to. Pure; portal/client/people.js is its twin in the browser.

| group | who is in it |
| --- | --- |
| `all` | everybody whom the viewer sees: coworkers, shared contacts, the viewer's own contacts |
| `favourites` | those whom the viewer has starred, of whatever kind |
| `shared` | the domain's shared contacts |
| `mine` | the viewer's own contacts |
| `coworkers` | users of the domain |
| `department:<name>`, `site:<name>` | the coworkers of one department, of one site |
| `available` | coworkers who are green or blue: can be called or chatted with |
| `busy` | coworkers who are red |
| `offline` | coworkers who are offline |
| `unknown` | coworkers whose colour is not certain, because a switch that knows them has fallen silent |

Who is unknown is in no other group by status. The last that the switch said may be long over: counting them as
available would promise somebody who left, counting them as offline would hide somebody who sits there, and even who
can be chatted with may be on the phone, which is busy. Only Do Not Disturb stands whatever a switch would say: that is
red with or without a call.

Contacts have no presence, and so are in no group by status; their department is one of another company, and so they are
in none of ours.
"""

from wire.contacts import Contact
from wire.records import Colour, Coworker, Presence, Reason

ALL = "all"
FAVOURITES = "favourites"
SHARED = "shared"
MINE = "mine"
COWORKERS = "coworkers"
AVAILABLE = "available"
BUSY = "busy"
OFFLINE = "offline"
UNKNOWN = "unknown"

BY_COLOUR = {
    Colour.GREEN: AVAILABLE,
    Colour.BLUE: AVAILABLE,
    Colour.RED: BUSY,
    Colour.OFFLINE: OFFLINE,
}


def groups_of_coworker(coworker: Coworker, presence: Presence | None, *, is_favourite: bool = False) -> frozenset[str]:
    """The groups of somebody whom the viewer sees. No presence record means offline; a `gone` one is nowhere."""
    if coworker.gone:
        return frozenset()
    groups = {ALL, COWORKERS, status_group(presence)}
    if coworker.department:
        groups.add(department_group(coworker.department))
    if coworker.site:
        groups.add(site_group(coworker.site))
    if is_favourite:
        groups.add(FAVOURITES)
    return frozenset(groups)


def groups_of_contact(contact: Contact, *, is_favourite: bool = False) -> frozenset[str]:
    groups = {ALL, SHARED if contact.shared else MINE}
    if is_favourite:
        groups.add(FAVOURITES)
    return frozenset(groups)


def status_group(presence: Presence | None) -> str:
    if presence is None:
        return OFFLINE
    if presence.unknown_since and presence.reason is not Reason.DO_NOT_DISTURB:
        return UNKNOWN
    return BY_COLOUR[presence.colour]


def department_group(name: str) -> str:
    return f"department:{name}"


def site_group(name: str) -> str:
    return f"site:{name}"

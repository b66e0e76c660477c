"""The demo company: what somebody finds who starts the service for the first time.

Made once, whole or not at all; a database that has it already is left alone. Conversations are added by
`cli/demo_conversations.py`. Everybody is invented: names from many places, since names are where software fails first,
and telephone numbers and addresses from the ranges that are reserved for examples.
"""

import asyncio

from msgspec import Struct, structs

from accounts.passwords import Passwords
from accounts.tokens import hash_token, make_token
from accounts.users.model import NewUser
from storage.postgres.domains import PostgresDomainStore
from storage.postgres.pool import Connection, open_pool, transaction
from storage.postgres.provisioning import (
    add_contact_in_tx,
    add_domain_in_tx,
    add_favourite_in_tx,
    add_site_in_tx,
    add_source_in_tx,
    add_user_in_tx,
    set_presence_in_tx,
)
from wire.contacts import Contact, Email, Number
from wire.identity import DomainId, Scope, SourceId, UserId

DOMAIN = DomainId("demo.test")
PASSWORD = "Welcome2demo"  # noqa: S105 - it is printed at every start; the demo company has no secrets
SWITCH = SourceId("demo-switch")

_PIN = "2580"
_OURS = "+1 617 555 01"
_OTHERS = "+1 212 555 01"
"""Ranges kept free for examples; the last two digits follow."""


class DemoLogin(Struct, frozen=True):
    """Somebody to try the service as."""

    login: str
    name: str
    scope: Scope

    @property
    def role(self) -> str:
        """The scope in words: `Call Center Agent`."""
        return self.scope.name.replace("_", " ").title()


class DemoCompany(Struct, frozen=True):
    """What to print after the company was made. `switch_token` is nowhere else: only its hash is stored."""

    domain: DomainId
    password: str
    logins: list[DemoLogin]
    switch: SourceId
    switch_token: str


class _Site(Struct, frozen=True):
    name: str
    time_zone: str
    area_code: str


class _Person(Struct, frozen=True):
    """`secrets`: `both`, `password`, `pin` or `none`, which makes the four kinds of account status."""

    extension: str
    first_name: str
    last_name: str
    department: str
    site: str
    job_title: str
    scope: Scope
    email: str
    listed: bool = True
    secrets: str = "both"
    dnd: bool = False
    message: str = ""


_BOSTON, _LISBON, _SINGAPORE = "Boston", "Lisboa", "Singapore"

SITES = [
    _Site(_BOSTON, "America/New_York", "617"),
    _Site(_LISBON, "Europe/Lisbon", ""),
    _Site(_SINGAPORE, "Asia/Singapore", ""),
]

_S = Scope
# fmt: off
PEOPLE = [
    _Person("1001", "Anna", "Kovács", "Sales", _BOSTON, "Account Executive", _S.BASIC_USER, "anna.kovacs"),
    _Person("1002", "Ben", "O’Connor", "Sales", _BOSTON, "Account Executive", _S.BASIC_USER, "ben.oconnor"),
    _Person("1003", "Chloë", "Dubois", "Sales", _LISBON, "Head of Sales", _S.ADVANCED_USER, "chloe.dubois",
            message="In Porto until Thursday"),
    _Person("1004", "José María", "Íñiguez", "Sales", _LISBON, "Account Executive", _S.SIMPLE_USER, "jose.iniguez"),
    _Person("1005", "Nguyễn Thị", "Hương", "Sales", _SINGAPORE, "Account Executive", _S.BASIC_USER, "huong.nguyen"),
    _Person("1006", "Siobhán", "Ní Bhriain", "Sales", _BOSTON, "Sales Operations", _S.BASIC_USER, "siobhan.nibhriain"),
    _Person("1010", "Fatima", "El-Sayed", "Support", _BOSTON, "Support Lead", _S.CALL_CENTER_SUPERVISOR,
            "fatima.elsayed"),
    _Person("1011", "Łukasz", "Wójcik", "Support", _BOSTON, "Support Engineer", _S.CALL_CENTER_AGENT,
            "lukasz.wojcik"),
    _Person("1012", "Priya", "Ramanathan", "Support", _SINGAPORE, "Support Engineer", _S.CALL_CENTER_AGENT,
            "priya.ramanathan"),
    _Person("1013", "Kwame", "Mensah", "Support", _LISBON, "Support Engineer", _S.CALL_CENTER_AGENT, "kwame.mensah",
            dnd=True, message="Deep work, back at three"),
    _Person("1014", "Zoë", "Müller-Lüdenscheidt", "Support", _BOSTON, "Support Engineer", _S.CALL_CENTER_AGENT,
            "zoe.mueller"),
    _Person("1015", "민준", "김", "Support", _SINGAPORE, "Support Engineer", _S.CALL_CENTER_AGENT, "minjun.kim",
            secrets="password"),
    _Person("1020", "Søren", "Ødegård", "Engineering", _LISBON, "Principal Engineer", _S.ADVANCED_USER,
            "soren.odegard", message="Please write, do not call"),
    _Person("1021", "Дмитрий", "Волков", "Engineering", _LISBON, "Software Engineer", _S.BASIC_USER,
            "dmitri.volkov"),
    _Person("1022", "美咲", "佐藤", "Engineering", _SINGAPORE, "Software Engineer", _S.BASIC_USER, "misaki.sato"),
    _Person("1023", "小明", "王", "Engineering", _SINGAPORE, "Software Engineer", _S.BASIC_USER, "xiaoming.wang"),
    _Person("1024", "Νίκη", "Παπαδοπούλου", "Engineering", _LISBON, "Test Engineer", _S.BASIC_USER,
            "niki.papadopoulou"),
    _Person("1025", "Aïcha", "Diallo", "Engineering", _BOSTON, "Site Reliability Engineer", _S.ADVANCED_USER,
            "aicha.diallo"),
    _Person("1030", "Graça", "Gonçalves", "Accounting", _LISBON, "Controller", _S.BASIC_USER, "graca.goncalves"),
    _Person("1031", "אורי", "לוי", "Accounting", _BOSTON, "Accountant", _S.BASIC_USER, "uri.levi"),
    _Person("1032", "فاطمة", "الزهراء", "Accounting", _BOSTON, "Accountant", _S.SIMPLE_USER, "fatima.zahra",
            secrets="pin"),
    _Person("1033", "Tomáš", "Dvořák", "Accounting", _LISBON, "Payroll", _S.BASIC_USER, "tomas.dvorak",
            listed=False),
    _Person("1040", "Maya", "Rosenthal", "Human Resources", _BOSTON, "Head of People", _S.ADVANCED_USER,
            "maya.rosenthal", listed=False),
    _Person("1041", "प्रिया", "शर्मा", "Human Resources", _SINGAPORE, "Recruiter", _S.BASIC_USER, "priya.sharma"),
    _Person("1042", "Jean-Baptiste", "Lefèvre", "Marketing", _LISBON, "Designer", _S.BASIC_USER, "jb.lefevre"),
    _Person("1043", "Olúwaṣeun", "Adébáyọ̀", "Marketing", _BOSTON, "Events", _S.BASIC_USER, "seun.adebayo"),
    _Person("1044", "Jack", "Lim", "Marketing", _SINGAPORE, "Intern", _S.SIMPLE_USER, "jack.lim", secrets="none"),
    _Person("1050", "Isabel", "Ferreira", "Management", _LISBON, "Office Lead Lisboa", _S.SITE_MANAGER,
            "isabel.ferreira"),
    _Person("1051", "Daniel", "Park", "Management", _BOSTON, "Office Manager", _S.OFFICE_MANAGER, "daniel.park"),
    _Person("1052", "Þórdís", "Jónsdóttir", "Management", _BOSTON, "Managing Director", _S.OFFICE_MANAGER,
            "thordis.jonsdottir", dnd=True, message="Board meeting"),
    _Person("1060", "Reese", "Sullivan", "", "", "Partner Support", _S.RESELLER, "reese.sullivan", listed=False),
    _Person("1061", "Sam", "Okafor", "", "", "Platform Operations", _S.SUPER_USER, "sam.okafor", listed=False),
    _Person("1070", "Lobby", "Phone", "", _BOSTON, "", _S.NO_PORTAL, "", secrets="pin"),
]
# fmt: on
QUEUES = [("2000", "Support Queue"), ("2001", "Sales Queue"), ("2100", "Conference Room")]

SHOWN = ("1001", "1002", "1010", "1011", "1050", "1051", "1061")
"""Whose logins are offered: two colleagues first, then one of each rank."""


def _contact(first: str, last: str, company: str, title: str, last_digits: str, **fields: object) -> Contact:
    numbers = [Number("work", _OTHERS + last_digits)]
    email = f"{fields.pop('mail')}@{company.split(maxsplit=1)[0].lower()}.example"
    contact = Contact(
        contact=0, rev=1, shared=True, first_name=first, last_name=last, company=company, job_title=title,
        numbers=numbers, emails=[Email("work", email)],
    )  # fmt: skip
    return structs.replace(contact, **fields)


SHARED = [
    _contact("Nora", "Lindqvist", "Saltmarsh Trading", "Purchasing", "00", mail="nora", tags=["customer"]),
    _contact("Emre", "Yılmaz", "Saltmarsh Trading", "Warehouse", "01", mail="emre", tags=["customer"]),
    _contact("Béatrice", "Moreau", "Alder Hotels", "Reception", "02", mail="b.moreau", tags=["customer"]),
    _contact("Hiroshi", "Tanaka", "Paperkite Toys", "Buyer", "03", mail="tanaka", tags=["customer"]),
    _contact("Ana Lucía", "Restrepo", "Oatfield Foods", "Logistics", "04", mail="ana", tags=["supplier"]),
    _contact("Viktor", "Šimunović", "Oatfield Foods", "Invoices", "05", mail="invoices", tags=["supplier"]),
    _contact("Grace", "Achieng", "Quillon Legal", "Attorney", "06", mail="grace", department="Contracts"),
    _contact("Matthew", "Brennan", "Quillon Legal", "Paralegal", "07", mail="matthew", department="Contracts"),
    _contact("Yusuf", "Rahman", "Brightwell Healthcare", "Clinic Manager", "08", mail="yusuf", tags=["customer"]),
    _contact("Elif", "Çelik", "Brightwell Healthcare", "IT", "09", mail="elif", tags=["customer", "technical"]),
    _contact("Marta", "Zielińska", "Swiftlet Couriers", "Dispatch", "10", mail="dispatch",
             notes="Call before four for pick-up on the same day"),
    _contact("Rui", "Baptista", "Swiftlet Couriers", "Claims", "11", mail="claims"),
    _contact("Olena", "Шевченко", "Copperline Telecom", "Carrier Support", "12", mail="noc", tags=["technical"],
             notes="Give the circuit number first"),
    _contact("Front Desk", "Building", "Tidewater Properties", "Facilities", "13", mail="desk"),
    _contact("Amélie", "van den Berg", "Tidewater Properties", "Leasing", "14", mail="amelie"),
]  # fmt: skip

PERSONAL = [
    ("1001", _contact("Péter", "Kovács", "Kovács Family", "", "20", mail="peter", notes="Brother")),
    ("1001", _contact("Dr. Ruth", "Adler", "Harbor Dental", "Dentist", "21", mail="ruth")),
    ("1002", _contact("Mum", "O’Connor", "Family", "", "22", mail="mum")),
    ("1011", _contact("Krzysztof", "Wójcik", "Family", "", "23", mail="krzysztof")),
    ("1051", _contact("Lena", "Novak", "Elmstone Bank", "Advisor", "24", mail="lena")),
]

FAVOURITES = {"1001": ("1002", "1010", "1051"), "1002": ("1001", "1003"), "1051": ("1052", "1050", "1010")}
"""Whom somebody has starred. 1001 has also starred the first shared contact."""


PATIENCE = 60.0
"""Seconds for a statement: of two first starts at once, the second waits until the first has made everything."""


async def create(database_url: str) -> DemoCompany | None:
    """Makes the company in a migrated database. None if it is there already. Raises `Unavailable`."""
    pool = await open_pool(database_url, max_size=1, command_timeout=PATIENCE, application_name="presence-demo")
    try:
        if await PostgresDomainStore(pool).domain(DOMAIN) is not None:
            return None
        people = await _people()
        async with transaction(pool) as conn:
            is_new = await add_domain_in_tx(
                conn, DOMAIN, name="Harbor & Vine", country="US", time_zone="America/New_York"
            )
            return await _fill(conn, people) if is_new else None
    finally:
        await pool.close()


def shown_logins() -> list[DemoLogin]:
    """To be printed at every start, also when the company was made long ago."""
    by_extension = {person.extension: person for person in PEOPLE}
    return [DemoLogin(f"{each}@{DOMAIN}", _full_name(by_extension[each]), by_extension[each].scope) for each in SHOWN]


async def _people() -> list[NewUser]:
    """A salt and so a hash for each: they are computed together, on as many cores as logins may use.

    On a slow machine that takes seconds, which no transaction waits for.
    """
    passwords = Passwords()
    return await asyncio.gather(*(_new_user(passwords, person) for person in PEOPLE))


async def _fill(conn: Connection, people: list[NewUser]) -> DemoCompany:
    for site in SITES:
        await add_site_in_tx(conn, DOMAIN, site.name, time_zone=site.time_zone, area_code=site.area_code)
    users = await _add_people(conn, people)
    for extension, name in QUEUES:
        queue = NewUser(extension=extension, first_name=name, scope=Scope.NO_PORTAL, is_system=True)
        await add_user_in_tx(conn, DOMAIN, queue)
    await _add_contacts(conn, users)
    token = make_token(DOMAIN)
    await add_source_in_tx(conn, SWITCH, hash_token(token), [DOMAIN], name="Demo switch")
    return DemoCompany(DOMAIN, PASSWORD, shown_logins(), SWITCH, token)


async def _add_people(conn: Connection, people: list[NewUser]) -> dict[str, UserId]:
    users: dict[str, UserId] = {}
    for person, new in zip(PEOPLE, people, strict=True):
        user = users[person.extension] = await add_user_in_tx(conn, DOMAIN, new)
        if person.dnd or person.message:
            await set_presence_in_tx(conn, DOMAIN, user, dnd=person.dnd, message=person.message)
    return users


async def _new_user(passwords: Passwords, person: _Person) -> NewUser:
    has_password, has_pin = person.secrets in {"both", "password"}, person.secrets in {"both", "pin"}
    return NewUser(
        extension=person.extension,
        first_name=person.first_name,
        last_name=person.last_name,
        department=person.department,
        site=person.site or None,
        job_title=person.job_title,
        scope=person.scope,
        caller_id=f"{_OURS}{person.extension[-2:]}",
        emergency_caller_id=f"{_OURS}99",
        area_code="617" if person.site == _BOSTON else "",
        emails=(f"{person.email}@{DOMAIN}",) if person.email else (),
        list_in_directory=person.listed,
        announce_in_directory=person.listed,
        password_hash=await passwords.hash(DOMAIN, PASSWORD) if has_password else None,
        pin_hash=await passwords.hash(DOMAIN, _PIN) if has_pin else None,
    )


async def _add_contacts(conn: Connection, users: dict[str, UserId]) -> None:
    shared = [await add_contact_in_tx(conn, DOMAIN, contact) for contact in SHARED]
    for extension, contact in PERSONAL:
        await add_contact_in_tx(conn, DOMAIN, contact, owner=users[extension])
    for extension, favourites in FAVOURITES.items():
        for favourite in favourites:
            await add_favourite_in_tx(conn, DOMAIN, users[extension], coworker=users[favourite])
    await add_favourite_in_tx(conn, DOMAIN, users["1001"], contact=shared[0])


def _full_name(person: _Person) -> str:
    return f"{person.first_name} {person.last_name}"

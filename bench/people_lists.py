"""Lists of people in a domain of 20,000 users and 50,000 shared contacts: pages, orders, searches, counts, look-ups."""

import time
from collections.abc import Awaitable, Callable

from bench.report import Row, Table
from bench.stage import Stage
from contacts.listing import PeopleLists
from contacts.model import SHARED_BOOK
from contacts.people import Statuses
from gateway import CONTACT_RIGHTS
from storage.postgres.contacts import PostgresContactStore
from storage.postgres.people import PostgresPeopleStore
from storage.postgres.pool import transaction
from wire.contacts import ContactsQuery, PeopleQuery
from wire.identity import Caller, Extension, Scope, SessionId, UserId

USERS = 20_000
CONTACTS = 50_000
_ROUNDS = 9

_USERS = """
INSERT INTO users (domain_id, user_id, extension, login_name, first_name, last_name, department, scope)
SELECT $1, n, (n + 10000)::text, (n + 10000)::text, 'Given' || n % 3000, 'Family' || n % 700, 'Department ' || n % 40, 2
FROM generate_series(3, $2::int) n
"""
_CONTACTS = """
INSERT INTO contacts (domain_id, contact_id, rev, first_name, last_name, company, numbers, emails, search)
SELECT $1, n, n, 'First' || n % 5000, 'Last' || n, 'Company ' || n % 900,
    jsonb_build_array(jsonb_build_object('label', 'work', 'number', n::text, 'e164', '+1212' || (5000000 + n))),
    jsonb_build_array(jsonb_build_object('label', '', 'email', 'first' || n || '@company.example')),
    'first' || n % 5000 || ' last' || n || E'\\ncompany ' || n % 900 || E'\\n1212' || (5000000 + n)
FROM generate_series(1, $2::int) n
"""


class _Statuses:
    def __init__(self) -> None:
        self.now: Statuses = {UserId(user): ("available", "busy")[user % 5 == 0] for user in range(3, USERS, 3)}

    async def statuses(self, caller: Caller) -> Statuses:
        del caller
        return self.now


async def run(stage: Stage) -> Table:
    company = await stage.company(2)
    async with transaction(stage.pool) as conn:
        await conn.execute("SET LOCAL statement_timeout = 0")
        began = time.perf_counter()
        await conn.execute(_USERS, company.domain, USERS, timeout=300)
        await conn.execute(_CONTACTS, company.domain, CONTACTS, timeout=300)
        await conn.execute(
            "INSERT INTO contact_books (domain_id, book_id, rev, contacts) VALUES ($1, 0, $2::int, $2::int)",
            company.domain,
            CONTACTS,
        )
        made = time.perf_counter() - began
    await stage.pool.execute("ANALYZE users, contacts")
    store = PostgresContactStore(stage.pool)
    lists = PeopleLists(store, PostgresPeopleStore(stage.pool), CONTACT_RIGHTS, _Statuses())
    caller = Caller(company.domain, UserId(1), Extension("10000"), Scope.BASIC_USER, SessionId("bench"))

    def page(**query: object) -> Callable[[], Awaitable[object]]:
        return lambda: lists.people_page(caller, PeopleQuery(**query))  # type: ignore[arg-type]

    first = await lists.people_page(caller, PeopleQuery(limit=100))
    rows = [
        await _row("first page of everybody, by name", page(), 100),
        await _row("next page", page(after=first.next), 50),
        await _row("shared contacts, by e-mail", page(group="shared", sort="email"), 250),
        await _row("coworkers, by department", page(group="coworkers", sort="department"), 250),
        await _row("coworkers, by status", page(group="coworkers", sort="status"), 250),
        await _row("available users", page(group="available"), 250),
        await _row("search by a rare word", page(search="last4711"), 50),
        await _row("search by two letters", page(search="fi"), 400),
        await _row("search by the end of a number", page(search="04711"), 50),
        await _row("sizes of all groups", lambda: lists.group_counts(caller), 250),
        await _row("whose number", lambda: lists.lookup(caller, "+12125004711"), 25),
        await _row("500 contacts of the snapshot", lambda: lists.contacts_page(caller, ContactsQuery(limit=500)), 50),
        await _row("500 changes", lambda: store.changes(company.domain, SHARED_BOOK, CONTACTS - 500, 500), 50),
        Row("made in the database", made, "s"),
    ]
    return Table(f"Lists of people: {USERS:,} users and {CONTACTS:,} shared contacts", rows)


async def _row(what: str, ask: Callable[[], Awaitable[object]], goal: float) -> Row:
    """The middle of several, in milliseconds."""
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        await ask()
        times.append((time.perf_counter() - began) * 1000)
    return Row(what, sorted(times)[_ROUNDS // 2], "ms", goal, note=f"slowest {max(times):.0f}")

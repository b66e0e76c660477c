"""Lists of people in a domain of 20,000 users and 50,000 shared contacts: pages, orders, searches, counts, look-ups."""

import time
from collections.abc import Awaitable, Callable

from assembly.contacts import CONTACT_RIGHTS
from bench.large_company import CONTACTS, USERS, large_company
from bench.report import Row, Table
from bench.stage import Stage
from contacts.listing import PeopleLists
from contacts.model import SHARED_BOOK
from contacts.people import Statuses
from storage.postgres.contacts import PostgresContactStore
from storage.postgres.people import PostgresPeopleStore
from wire.contacts import ContactsQuery, PeopleQuery
from wire.identity import Caller, Extension, Scope, SessionId, UserId

_ROUNDS = 9


class _Statuses:
    def __init__(self) -> None:
        self.now: Statuses = {UserId(user): ("available", "busy")[user % 5 == 0] for user in range(3, USERS, 3)}

    async def statuses(self, caller: Caller) -> Statuses:
        del caller
        return self.now


async def run(stage: Stage) -> Table:
    began = time.perf_counter()
    company = await large_company(stage)
    made = time.perf_counter() - began
    store = PostgresContactStore(stage.pool)
    lists = PeopleLists(store, PostgresPeopleStore(stage.pool), CONTACT_RIGHTS, _Statuses())
    caller = Caller(company.domain, UserId(1), Extension("10000"), Scope.BASIC_USER, SessionId("bench"))

    def page(**query: object) -> Callable[[], Awaitable[object]]:
        return lambda: lists.people_page(caller, PeopleQuery(**query))  # type: ignore[arg-type]

    first = await lists.people_page(caller, PeopleQuery(limit=100))
    rows = [
        await _row("first page of everybody, by name", page(), 100),
        await _row("next page", page(after=first.next), 50),
        await _row("first page of everybody, in the Swedish order", page(language="sv"), 100),
        await _row("next page of that", page(after=first.next, language="sv"), 50),
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

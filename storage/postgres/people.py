"""Coworkers and contacts together, in one order, page by page: the lists of the contacts page.

A list is put together from up to three sources, each cut by an index or its own order to the length of a page before
they are merged. What a query means was decided in contacts/people.py; here it becomes one statement.
"""

from collections.abc import Mapping, Sequence

from contacts.model import DirectoryEntry
from contacts.ordering import Ordering
from contacts.people import RANK_OFFLINE, PeopleWanted, PersonAt, PersonKind, Place, SortBy
from storage.postgres.contact_rows import ENTRY, entry_of
from storage.postgres.pool import Pool, connection
from wire.identity import DomainId, UserId

_LAST = "\uffff"
"""Sorts behind everything: those without a department, say, stand at the end of the list by departments."""

_COWORKER_KEYS = {
    SortBy.NAME: "u.sort_name",
    SortBy.DEPARTMENT: "u.sort_department",
    SortBy.EMAIL: "u.sort_email",
    SortBy.EXTENSION: "u.sort_extension",
}
_CONTACT_KEYS = {
    SortBy.NAME: "c.sort_name",
    SortBy.DEPARTMENT: "c.sort_department",
    SortBy.EMAIL: "c.sort_email",
    SortBy.EXTENSION: "''",
    SortBy.STATUS: "''",
}


_COWORKER_NAME = "u.first_name || ' ' || u.last_name"
_CONTACT_NAME = "contact_name(c.first_name, c.middle_name, c.last_name, c.company)"

_PEOPLE = f"SELECT {ENTRY} FROM users u WHERE u.domain_id = $1 AND u.deleted_at IS NULL AND NOT u.is_system"
_UNLISTED = f"{_PEOPLE} AND NOT u.list_in_directory"
_COWORKERS = f"{_PEOPLE} AND u.user_id = ANY($2)"


_BOOK_SIZES = """
SELECT CASE WHEN book_id = 0 THEN 'shared' ELSE 'mine' END, contacts FROM contact_books
WHERE domain_id = $1 AND book_id IN (0, $2)
"""


class PostgresPeopleStore:
    """See `contacts.store.PeopleStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def people(self, domain: DomainId, wanted: PeopleWanted) -> Sequence[PersonAt]:
        statement = _Statement(domain, wanted)
        async with connection(self._pool) as conn:
            rows = await conn.fetch(statement.page(), *statement.arguments)
        return [PersonAt(Place(row["key"], row["name"], PersonKind(row["kind"]), row["id"])) for row in rows]

    async def count(self, domain: DomainId, wanted: PeopleWanted) -> int:
        statement = _Statement(domain, wanted)
        async with connection(self._pool) as conn:
            return int(await conn.fetchval(statement.count(), *statement.arguments))

    async def group_sizes(self, domain: DomainId, wanted: PeopleWanted) -> Mapping[str, int]:
        statement = _Statement(domain, wanted)
        async with connection(self._pool) as conn:
            rows = await conn.fetch(statement.group_sizes(), *statement.arguments)
        return {row["group"]: row["people"] for row in rows if row["group"] not in ("department:", "site:")}

    async def visible(self, domain: DomainId, wanted: PeopleWanted) -> Sequence[UserId]:
        """Ids of all coworkers in the list."""
        statement = _Statement(domain, wanted)
        async with connection(self._pool) as conn:
            rows = await conn.fetch(statement.ids(), *statement.arguments)
        return [row["user_id"] for row in rows]

    async def unlisted(self, domain: DomainId) -> Sequence[DirectoryEntry]:
        async with connection(self._pool) as conn:
            return [entry_of(row) for row in await conn.fetch(_UNLISTED, domain)]

    async def coworkers(self, domain: DomainId, users: Sequence[UserId]) -> Mapping[UserId, DirectoryEntry]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_COWORKERS, domain, list(users))
        return {row["user_id"]: entry_of(row) for row in rows}


class _Statement:
    """Puts SQL together from constants; everything that comes from outside is an argument."""

    def __init__(self, domain: DomainId, wanted: PeopleWanted) -> None:
        self._domain = domain
        self._wanted = wanted
        self.arguments: list[object] = [domain, wanted.viewer]
        self._joined = ""

    def page(self) -> str:
        order = "DESC" if self._wanted.descending else "ASC"
        ordered = ", ".join(f"{each} {order}" for each in ("key", "name", "kind", "id"))
        limit = self._argument(self._wanted.limit)
        after = self._after()
        parts = [
            f"(SELECT * FROM ({source}) source {after} ORDER BY {ordered} LIMIT {limit})"
            for source in self._ordered_sources()
        ]
        return f"SELECT * FROM ({' UNION ALL '.join(parts)}) merged ORDER BY {ordered} LIMIT {limit}"

    def count(self) -> str:
        return f"SELECT count(*) FROM ({' UNION ALL '.join(self._sources())}) everybody"

    def ids(self) -> str:
        return f"SELECT u.user_id FROM {self._coworkers()}"

    def group_sizes(self) -> str:
        parts = [
            f"SELECT 'coworkers' AS group, count(*)::int AS people FROM {self._coworkers()}",
            f"SELECT 'department:' || u.department, count(*)::int FROM {self._coworkers()} GROUP BY u.department",
            f"SELECT 'site:' || coalesce(u.site, ''), count(*)::int FROM {self._coworkers()} GROUP BY u.site",
            _BOOK_SIZES,
        ]
        return " UNION ALL ".join(parts)

    def _argument(self, value: object) -> str:
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def _after(self) -> str:
        place = self._wanted.after
        if place is None:
            return ""
        given = [self._argument(each) for each in (place.key, place.name, int(place.kind), place.id)]
        comparison = "<" if self._wanted.descending else ">"
        types = ("text", "text", "int", "bigint")
        values = ", ".join(f"{name}::{kind}" for name, kind in zip(given, types, strict=True))
        return f"WHERE (key, name, kind, id) {comparison} ({values})"

    def _ordered_sources(self) -> list[str]:
        """By name, those whom the order moves come from an index of their own."""
        ordering = self._wanted.ordering
        if ordering is Ordering.PLAIN or self._wanted.sort is not SortBy.NAME:
            return self._sources()
        moved = [f"is_moved('{ordering}', {name})" for name in (_COWORKER_NAME, _CONTACT_NAME)]
        # As a plain condition PostgreSQL expects it to hold for nearly nobody, and sorts instead of using the index.
        staying = [f"coalesce(NOT {each}, true)" for each in moved]
        return [*self._sources(*staying), *self._sources(*moved, is_moved=True)]

    def _sources(self, coworkers: str = "true", contacts: str = "true", *, is_moved: bool = False) -> list[str]:
        """`coworkers`, `contacts`: further conditions; `is_moved`: all of them are."""
        wanted = self._wanted
        sources = []
        if wanted.coworkers:
            name = self._name(_COWORKER_NAME, "u.sort_name", is_moved)
            key = (
                name if wanted.sort is SortBy.NAME else self._localised(_COWORKER_KEYS.get(wanted.sort) or self._rank())
            )
            sources.append(
                f'SELECT {self._key(key)} AS key, {name} COLLATE "C" AS name, 0 AS kind, u.user_id::bigint AS id '
                f"FROM {self._coworkers()} AND {coworkers}"
            )
        for book, is_wanted in (("0", wanted.shared), ("$2", wanted.mine)):
            if is_wanted:
                name = self._name(_CONTACT_NAME, "c.sort_name", is_moved)
                key = name if wanted.sort is SortBy.NAME else self._localised(_CONTACT_KEYS[wanted.sort])
                sources.append(
                    f'SELECT {self._key(key)} AS key, {name} COLLATE "C" AS name, 1 AS kind, c.contact_id AS id '
                    f"FROM {self._contacts(book)} AND {contacts}"
                )
        # Nothing is wanted of somebody who may see nothing: a list all the same, and the arguments are used.
        return sources or ["SELECT '' AS key, '' AS name, 0 AS kind, $2::bigint AS id WHERE $1 = ''"]

    def _name(self, name: str, sort_name: str, is_moved: bool) -> str:
        """What a name is ordered by."""
        ordering = self._wanted.ordering
        if is_moved:
            return f"sort_text_in('{ordering}', {name})"
        if ordering is Ordering.PLAIN or self._wanted.sort is SortBy.NAME:
            return sort_name
        return f"CASE WHEN is_moved('{ordering}', {name}) THEN sort_text_in('{ordering}', {name}) ELSE {sort_name} END"

    def _localised(self, key: str) -> str:
        """Departments have names, too; by these no index orders anybody."""
        ordering = self._wanted.ordering
        if ordering is Ordering.PLAIN or not key.endswith("sort_department"):
            return key
        return f"sort_text_in('{ordering}', {key.replace('sort_department', 'department')})"

    def _key(self, column: str) -> str:
        if self._wanted.sort is SortBy.NAME or self._wanted.descending:
            return f'{column} COLLATE "C"'
        return f"CASE WHEN {column} = '' THEN '{_LAST}' ELSE {column} END COLLATE \"C\""

    def _rank(self) -> str:
        users = self._argument(list(self._wanted.ranks))
        ranks = self._argument([str(rank) for rank in self._wanted.ranks.values()])
        self._joined = (
            f"LEFT JOIN unnest({users}::int[], {ranks}::text[]) AS ranked (id, rank) ON ranked.id = u.user_id"
        )
        return f"coalesce(ranked.rank, '{RANK_OFFLINE}')"

    def _coworkers(self) -> str:
        wanted = self._wanted
        where = [
            "u.domain_id = $1 AND $2::int IS NOT NULL AND u.deleted_at IS NULL AND NOT u.is_system",
            f"(u.list_in_directory OR u.user_id = ANY({self._argument(list(wanted.unlisted))}::int[]))",
            f"NOT u.user_id = ANY({self._argument(list(wanted.without))}::int[])",
        ]
        if wanted.only is not None:
            where.append(f"u.user_id = ANY({self._argument(list(wanted.only))}::int[])")
        if wanted.department is not None:
            where.append(f"u.department = {self._argument(wanted.department)}")
        if wanted.site is not None:
            where.append(f"u.site = {self._argument(wanted.site)}")
        if wanted.favourites:
            where.append(self._starred("user", "u.user_id"))
        if wanted.words:
            ours = self._argument(word_query(f"{self._domain}/u/", wanted.words))
            overlaid = self._argument(word_query(f"{self._domain}/o{wanted.viewer}/", wanted.words))
            where.append(
                f"(u.words @@ {ours}::text::tsquery OR u.user_id IN (SELECT o.coworker_id FROM contact_overlays o "
                f"WHERE o.domain_id = $1 AND o.user_id = $2 AND NOT o.gone AND o.words @@ {overlaid}::text::tsquery))"
            )
        return f"users u {self._joined} WHERE {' AND '.join(where)}"

    def _contacts(self, book: str) -> str:
        wanted = self._wanted
        where = [f"c.domain_id = $1 AND $2::int IS NOT NULL AND c.book_id = {book} AND c.deleted_at IS NULL"]
        if wanted.favourites:
            where.append(self._starred("contact", "c.contact_id"))
        if wanted.words:
            owner = "0" if book == "0" else str(wanted.viewer)
            query = self._argument(word_query(f"{self._domain}/{owner}/", wanted.words))
            where.append(f"c.words @@ {query}::text::tsquery")
        return f"contacts c WHERE {' AND '.join(where)}"

    def _starred(self, kind: str, column: str) -> str:
        return (
            f"{column} IN (SELECT f.target_id FROM favourites f "
            f"WHERE f.domain_id = $1 AND f.user_id = $2 AND f.kind = '{kind}' AND NOT f.gone)"
        )


def word_query(prefix: str, words: Sequence[str]) -> str:
    """All words, each as the beginning of one; what could mean something in a tsquery is quoted."""
    quoted = ((prefix + word).replace("\\", "\\\\").replace("'", "''") for word in words)
    return " & ".join(f"'{word}':*" for word in quoted)

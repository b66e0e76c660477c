"""The schema is ready to be distributed by domain: every key begins with it, and no reference leaves it."""

from storage.postgres.pool import Pool

_KEYS = """
SELECT i.relname AS name, c.relname AS in_table, x.indisunique AS is_unique, am.amname AS method,
       ARRAY(SELECT a.attname::text FROM unnest(x.indkey) WITH ORDINALITY AS k(number, nth)
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number ORDER BY k.nth) AS columns
FROM pg_index x
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_am am ON am.oid = i.relam
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public'
"""
_REFERENCES = """
SELECT f.conname AS name, f.conrelid::regclass::text AS in_table,
       ARRAY(SELECT here.attname || ' = ' || there.attname
             FROM unnest(f.conkey, f.confkey) AS k(here, there)
             JOIN pg_attribute here ON here.attrelid = f.conrelid AND here.attnum = k.here
             JOIN pg_attribute there ON there.attrelid = f.confrelid AND there.attnum = k.there) AS pairs
FROM pg_constraint f WHERE f.contype = 'f' AND f.connamespace = 'public'::regnamespace
"""

KEYS_WITHOUT = {
    "alembic_version_pkc": "alembic's one row: which revision the schema is at. On every node",
    "pbx_sources_pkey": "a switch may serve many domains; small, and copied to every node as a reference table",
    "pbx_source_domains_by_source": "of which domains a switch may speak; goes with pbx_sources",
    "administration_keys_pkey": "keys of who runs the service, for all domains; small, and on every node",
    "administration_keys_name_key": "the same",
    "administration_keys_token_hash_key": "the same: nobody has said which domain it is about yet",
    "push_key_pkey": "one row for the whole service: what it signs web push with. A reference table",
    "sms_numbers_by_number": "a telephone number is given to one domain of all: what comes in for it names no domain",
}
"""By name; whoever distributes the tables has to treat these apart."""
REFERENCES_WITHOUT = {
    "pbx_source_domains_source_id_fkey": "to pbx_sources, which is copied to every node",
}


async def test_every_key_and_index_begins_with_the_domain(pool: Pool) -> None:
    rows = await pool.fetch(_KEYS)
    assert len(rows) > 80
    # An index of words (GIN) has no order to begin with; the next test is about those.
    wrong = {
        row["name"]: f"{row['in_table']}{tuple(row['columns'])}"
        for row in rows
        if row["columns"][:1] != ["domain_id"] and (row["is_unique"] or row["method"] != "gin")
    }
    assert wrong.keys() - KEYS_WITHOUT.keys() == set(), wrong
    assert KEYS_WITHOUT.keys() - wrong.keys() == set(), "an exception that is none any more"


async def test_every_reference_stays_in_its_domain(pool: Pool) -> None:
    rows = await pool.fetch(_REFERENCES)
    assert len(rows) > 30
    wrong = {row["name"]: row["pairs"] for row in rows if "domain_id = domain_id" not in row["pairs"]}
    assert wrong.keys() == REFERENCES_WITHOUT.keys(), wrong


async def test_words_of_an_index_carry_their_domain_or_their_rows_do(pool: Pool) -> None:
    """GIN cannot begin with a column; each such table has the domain in its rows for the condition to name."""
    tables = {row["in_table"] for row in await pool.fetch(_KEYS) if row["method"] == "gin"}
    assert tables
    for table in tables:
        assert await pool.fetchval(
            "SELECT attnotnull FROM pg_attribute WHERE attrelid = $1::regclass AND attname = 'domain_id'", table
        ), table

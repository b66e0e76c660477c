"""A domain of 20,000 users and 50,000 shared contacts, made in the database."""

from bench.company import Company
from bench.stage import Stage
from storage.postgres.pool import transaction

USERS = 20_000
CONTACTS = 50_000

_USERS = """
INSERT INTO users (domain_id, user_id, extension, login_name, first_name, last_name, department, scope)
SELECT $1, n, (n + 10000)::text, (n + 10000)::text,
    CASE WHEN n % 10 = 0 THEN 'Åke' ELSE 'Given' END || n % 3000, 'Family' || n % 700,
    'Department ' || n % 40, 2
FROM generate_series(3, $2::int) n
"""
_CONTACTS = """
INSERT INTO contacts (domain_id, contact_id, rev, first_name, last_name, company, numbers, emails, search)
SELECT $1, n, n, CASE WHEN n % 10 = 0 THEN 'Örjan' ELSE 'First' END || n % 5000, 'Last' || n, 'Company ' || n % 900,
    jsonb_build_array(jsonb_build_object('label', 'work', 'number', n::text, 'e164', '+1212' || (5000000 + n))),
    jsonb_build_array(jsonb_build_object('label', '', 'email', 'first' || n || '@company.example')),
    'first' || n % 5000 || ' last' || n || E'\\ncompany ' || n % 900 || E'\\n1212' || (5000000 + n)
FROM generate_series(1, $2::int) n
"""


async def large_company(stage: Stage) -> Company:
    """Its `users` are the first two, who have logins."""
    company = await stage.company(2)
    async with transaction(stage.pool) as conn:
        await conn.execute("SET LOCAL statement_timeout = 0")
        await conn.execute(_USERS, company.domain, USERS, timeout=300)
        await conn.execute(_CONTACTS, company.domain, CONTACTS, timeout=300)
        await conn.execute(
            "INSERT INTO contact_books (domain_id, book_id, rev, contacts) VALUES ($1, 0, $2::int, $2::int)",
            company.domain,
            CONTACTS,
        )
    await stage.pool.execute("ANALYZE users, contacts")
    return company

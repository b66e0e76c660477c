import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from storage.postgres.migrate import MIGRATIONS, current_revision, is_current, migrate, revisions
from storage.postgres.migrations import script
from storage.postgres.migrations.run import configuration
from storage.postgres.pool import Pool, open_pool
from wire.errors import Unavailable


async def test_an_empty_database_gets_every_revision_once(empty_database: str) -> None:
    assert await current_revision(empty_database) is None
    assert await asyncio.to_thread(migrate, empty_database) == revisions()
    assert await current_revision(empty_database) == revisions()[-1]
    assert await asyncio.to_thread(migrate, empty_database) == []


async def test_of_several_that_start_at_once_one_migrates(empty_database: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        loop = asyncio.get_running_loop()
        applied = await asyncio.gather(*(loop.run_in_executor(threads, migrate, empty_database) for _ in range(4)))
    assert sorted(applied) == [[], [], [], revisions()]


async def test_readiness_asks_whether_the_schema_is_new_enough(empty_database: str, pool: Pool) -> None:
    fresh = await open_pool(empty_database, max_size=1)
    try:
        assert not await is_current(fresh)
        await asyncio.to_thread(migrate, empty_database)
        assert await is_current(fresh)
        await fresh.execute("UPDATE alembic_version SET version_num = '9999_of_the_future'")
        assert await is_current(fresh), "a newer schema still serves the previous version of the program"
        assert await asyncio.to_thread(migrate, empty_database) == []
    finally:
        await fresh.close()


async def test_a_lock_that_somebody_holds_is_not_waited_for_long_and_nothing_is_half_done(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "_LOCK_TIMEOUT", "50ms")
    holder = await asyncpg.connect(empty_database)
    try:
        async with holder.transaction():
            await holder.execute("CREATE TABLE favourites (somebody_is int, in_the_way int)")
            with pytest.raises(Unavailable):
                await asyncio.to_thread(migrate, empty_database)
            assert await current_revision(empty_database) is None
            await holder.execute("DROP TABLE favourites")
    finally:
        await holder.close()
    assert await asyncio.to_thread(migrate, empty_database) == revisions()


def test_a_start_with_nothing_to_migrate_does_not_import_alembic(database_url: str) -> None:
    program = (
        "import sys; from storage.postgres.migrate import migrate\n"
        "assert migrate(sys.argv[1]) == []\n"
        "assert not {'alembic', 'sqlalchemy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, database_url], check=True, cwd=Path.cwd())


def test_the_numbers_of_the_files_are_the_order_of_alembic() -> None:
    scripts = ScriptDirectory.from_config(configuration())
    walked = [script.revision for script in scripts.walk_revisions()]
    assert walked[::-1] == revisions()


def test_every_revision_has_its_sql_beside_it_and_none_looks_back() -> None:
    for revision in revisions():
        assert (MIGRATIONS / "versions" / f"{revision}.sql").is_file()
        assert "downgrade" not in (MIGRATIONS / "versions" / f"{revision}.py").read_text()


async def test_every_key_and_index_starts_with_the_domain(pool: Pool) -> None:
    rows = await pool.fetch(
        """
        SELECT c.relname AS index, a.attname AS first FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
        WHERE t.relnamespace = 'public'::regnamespace
        """
    )
    # Words have a prefix that is made of domain and conversation, or of domain and book.
    of_all_domains = {
        "administration_keys_name_key",
        "administration_keys_pkey",
        "administration_keys_token_hash_key",
        "alembic_version_pkc",
        "contact_overlays_by_word",
        "contacts_by_word",
        "message_words_by_word",
        "push_key_pkey",
        "sms_numbers_by_number",
        "pbx_sources_pkey",
        "pbx_source_domains_by_source",
        "users_by_word",
    }
    others = {row["index"] for row in rows if row["first"] != "domain_id"}
    assert others <= of_all_domains


async def test_every_foreign_key_stays_within_the_domain(pool: Pool) -> None:
    rows = await pool.fetch(
        """
        SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
        WHERE contype = 'f' AND connamespace = 'public'::regnamespace
        """
    )
    crossing = {row["conname"] for row in rows if not row["definition"].startswith("FOREIGN KEY (domain_id")}
    assert crossing == {"pbx_source_domains_source_id_fkey"}

"""How long a domain keeps its messages, set as an administrator does."""

from datetime import UTC, datetime

import msgspec

from accounts.auditing import line_of
from cli.administering import administrator_in
from storage.postgres.domains import PostgresDomainStore
from storage.postgres.pool import Pool
from wire.identity import DomainId


async def keep_messages_for(pool: Pool, domain: DomainId, days: int) -> None:
    store = PostgresDomainStore(pool)
    before = await store.domain(domain)
    assert before is not None
    after: dict[str, object] = {"retention_days": days}
    audit = line_of(administrator_in(domain), datetime.now(UTC), "domain.changed", f"domain:{domain}", None, after)
    assert await store.change(before, msgspec.structs.replace(before, retention_days=days), audit)

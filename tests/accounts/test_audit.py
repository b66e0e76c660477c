"""The audit: who reads what of it, that nothing of it can be changed, and the files that are made of it."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from accounts.audit.errors import AuditNotYours
from accounts.audit.service import AuditService
from accounts.audit.showing import COLUMNS
from accounts.model import AuditLine
from storage.postgres.accounts import add_audit_in_tx
from storage.postgres.audit import PostgresAuditStore
from storage.postgres.pool import Pool, connection, transaction
from tests.support.company import Company
from wire.audit import AuditExportQuery, AuditQuery
from wire.errors import Invalid
from wire.identity import Caller, Scope, UserId

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Stage:
    def __init__(self, pool: Pool, company: Company) -> None:
        self.pool, self.company = pool, company
        self.service = AuditService(PostgresAuditStore(pool), lambda: NOW)

    async def line(self, action: str, user: UserId, target: str, **fields: Any) -> None:
        at = NOW + timedelta(minutes=fields.pop("minutes", 0))
        line = AuditLine(
            at=at, user=user, operator=fields.pop("operator", None), action=action, target=target, **fields
        )
        async with transaction(self.pool) as conn:
            await add_audit_in_tx(conn, self.company.domain, line)

    async def read(self, caller: Caller, **query: Any) -> list[str]:
        """Actions, over all pages."""
        found: list[str] = []
        after = None
        while True:
            page = await self.service.page(caller, AuditQuery(limit=2, after=after, **query))
            found += [each.action for each in page.items]
            after = page.next
            if after is None:
                return found


@pytest.fixture
async def stage(pool: Pool) -> Stage:
    return Stage(pool, await Company.make(pool, sites=["North", "South"]))


@pytest.fixture
async def boss(stage: Stage) -> Caller:
    return stage.company.caller(
        await stage.company.add("1900", first_name="Mara", last_name="Lind", scope=Scope.OFFICE_MANAGER)
    )


async def test_lines_tell_who_did_what_as_whom_to_whom_and_from_where(stage: Stage, boss: Caller) -> None:
    anna = await stage.company.add("1001", first_name="Anna", last_name="Berg")
    await stage.line(
        "profile.edited",
        anna,
        f"user:{anna}",
        operator=boss.user,
        address="192.0.2.7",
        before={"department": ""},
        after={"department": "Sales"},
    )
    [entry] = (await stage.service.page(boss, AuditQuery())).items
    assert (entry.action, entry.target, entry.address, entry.at) == ("profile.edited", f"user:{anna}", "192.0.2.7", NOW)
    for person, name in ((entry.by, "Anna Berg"), (entry.operator, "Mara Lind"), (entry.person, "Anna Berg")):
        assert person is not None
        assert person.name == name
    assert (entry.before, entry.after) == ({"department": ""}, {"department": "Sales"})


async def test_a_site_manager_reads_of_the_own_site_and_others_read_nothing(
    stage: Stage, boss: Caller, pool: Pool
) -> None:
    near = await stage.company.add("1950", scope=Scope.SITE_MANAGER, site="North")
    anna, ben = await stage.company.add("1001", site="North"), await stage.company.add("1002", site="South")
    lead = await stage.company.add("1960", scope=Scope.CALL_CENTER_SUPERVISOR, site="North")
    await stage.line("by_anna", anna, "site:South")
    await stage.line("to_anna", boss.user, f"user:{anna}")
    await stage.line("by_ben", ben, f"user:{ben}")
    await stage.line("by_boss", boss.user, "site:North")
    await stage.line("to_near", boss.user, f"user:{near}")
    rivals = Stage(pool, await Company.make(pool))
    theirs = rivals.company.caller(await rivals.company.add("1", scope=Scope.SUPER_USER))
    await rivals.line("theirs", theirs.user, f"user:{anna}")
    assert await stage.read(boss) == ["to_near", "by_boss", "by_ben", "to_anna", "by_anna"]
    assert await stage.read(stage.company.caller(near)) == ["to_anna", "by_anna"]
    assert await rivals.read(theirs) == ["theirs"]
    for user in (anna, lead, await stage.company.add("1951", scope=Scope.SITE_MANAGER)):
        with pytest.raises(AuditNotYours):
            await stage.read(stage.company.caller(user))
        with pytest.raises(AuditNotYours):
            await stage.service.export(stage.company.caller(user), AuditExportQuery())


async def test_lines_are_found_by_person_action_and_time(stage: Stage, boss: Caller) -> None:
    anna, ben = await stage.company.add("1001"), await stage.company.add("1002")
    await stage.line("mask.begun", boss.user, f"user:{anna}", minutes=1)
    await stage.line("profile.edited", anna, f"user:{anna}", operator=boss.user, minutes=2)
    await stage.line("mask.ended", anna, f"user:{anna}", operator=boss.user, minutes=3)
    await stage.line("password.changed", ben, f"user:{ben}", minutes=4)
    assert await stage.read(boss, user=anna) == ["mask.ended", "profile.edited", "mask.begun"]
    assert await stage.read(boss, user=boss.user) == ["mask.ended", "profile.edited", "mask.begun"]
    assert await stage.read(boss, user=ben) == ["password.changed"]
    assert await stage.read(boss, action="mask.") == ["mask.ended", "mask.begun"]
    assert await stage.read(boss, action="mask.begun") == ["mask.begun"]
    assert await stage.read(boss, action="mask") == []
    since, until = NOW + timedelta(minutes=2), NOW + timedelta(minutes=4)
    assert await stage.read(boss, since=since, until=until) == ["mask.ended", "profile.edited"]
    for cursor in ("x", "AA", "zwAAAAAAAAAA", "oWE"):
        with pytest.raises(Invalid):
            await stage.service.page(boss, AuditQuery(after=cursor))


async def test_addresses_are_left_out_where_they_would_let_somebody_in(stage: Stage, boss: Caller) -> None:
    peer = await stage.company.add("1901", scope=Scope.OFFICE_MANAGER)
    anna = await stage.company.add("1001")
    for user in (peer, anna, boss.user):
        fields: dict[str, object] = {"emails": ["x@a.test"], "last_name": "Hill"}
        await stage.line("profile.edited", user, f"user:{user}", before={"emails": []}, after=fields)
    own, annas, peers = (await stage.service.page(boss, AuditQuery())).items
    assert own.after == annas.after == {"emails": ["x@a.test"], "last_name": "Hill"}
    assert (peers.before, peers.after) == ({}, {"last_name": "Hill"})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET action = 'x' WHERE domain_id = $1",
        "DELETE FROM audit WHERE domain_id = $1",
        "UPDATE audit SET at = now() WHERE domain_id = $1 AND audit_id > 0",
    ],
)
async def test_no_line_is_changed_or_taken_away(stage: Stage, boss: Caller, pool: Pool, statement: str) -> None:
    await stage.line("mask.begun", boss.user, "user:1")
    async with pool.acquire() as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only added to"):
            await conn.execute(statement, stage.company.domain)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("TRUNCATE audit CASCADE")
    assert await stage.read(boss) == ["mask.begun"]


async def test_lines_go_only_with_their_whole_domain(stage: Stage, boss: Caller, pool: Pool) -> None:
    await stage.line("mask.begun", boss.user, "user:1")
    async with connection(pool) as conn:
        await conn.execute("DELETE FROM domains WHERE domain_id = $1", stage.company.domain)
        assert not await conn.fetchval("SELECT count(*) FROM audit WHERE domain_id = $1", stage.company.domain)


async def test_a_csv_file_holds_everything_and_no_cell_is_computed(stage: Stage, boss: Caller) -> None:
    anna = await stage.company.add("1001", first_name="=cmd|' /C calc'!A0", last_name="")
    hostile = ["=1+1", "+41", "-1", "@SUM(A1)", "\t=1", "''=1"]
    for text in hostile:
        await stage.line("profile.edited", anna, text, address=text, after={"a": text, "b": ["x", {"c": "ß"}]})
    exported = b"".join([piece async for piece in await stage.service.export(boss, AuditExportQuery())])
    header, noted, *rows = csv.reader(io.StringIO(exported.decode("utf-8-sig"), newline=""))
    assert tuple(header) == COLUMNS
    assert noted[2] == "audit.exported"
    assert [row[7] for row in reversed(rows)] == ["'" + text for text in hostile]
    assert all(row[4].startswith("'=cmd") for row in rows)
    assert [json.loads(row[11])["a"] for row in reversed(rows)] == hostile
    assert all(row[11].startswith("{") for row in rows)


async def test_a_json_file_is_one_list_however_long(stage: Stage, boss: Caller, pool: Pool) -> None:
    async with connection(pool) as conn:
        await conn.execute(
            """INSERT INTO audit (domain_id, at, user_id, action, target)
            SELECT $1, now(), $2, 'mask.begun', 'user:' || n FROM generate_series(1, 2500) n""",
            stage.company.domain,
            boss.user,
        )
    query = AuditExportQuery(format="json", action="mask.")
    exported = b"".join([piece async for piece in await stage.service.export(boss, query)])
    entries = json.loads(exported)
    assert len({entry["id"] for entry in entries}) == len(entries) == 2_500
    assert entries[0]["by"]["name"] == "Mara Lind"
    empty = AuditExportQuery(format="json", action="no.such")
    assert json.loads(b"".join([piece async for piece in await stage.service.export(boss, empty)])) == []

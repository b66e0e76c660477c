"""Whoever runs the service makes a key to administer it with, sees it and revokes it."""

import secrets

import pytest

from accounts.administration.scopes import ALLOWS, AdministrationScope, allowed_by
from accounts.administration.service import AdministrationKeyService
from accounts.errors import SessionOver
from cli.admin_key import _SCOPES
from cli.operations import all_operations
from storage.postgres.administration import PostgresAdministrationKeyStore
from storage.postgres.pool import Pool
from tests.support.company import Company
from tests.support.operator import Operator
from wire.operations import Access


@pytest.fixture
def operator(database_url: str) -> Operator:
    return Operator(database_url, "redis://127.0.0.1:1", "admin-key")


def test_scopes_name_all_that_is_for_administrators_and_nothing_else() -> None:
    assert set(_SCOPES) == {scope.value for scope in AdministrationScope} == {scope.value for scope in ALLOWS}
    operations = {each.name for each in all_operations() if each.access is Access.ADMINISTRATOR}
    assert allowed_by(AdministrationScope) == operations


async def test_a_key_is_made_listed_and_revoked(operator: Operator, pool: Pool) -> None:
    name, domain = f"scripts {secrets.token_hex(4)}", (await Company.make(pool)).domain
    service = AdministrationKeyService(PostgresAdministrationKeyStore(pool))
    scopes = ("--scope", "users.manage", "--scope", "domains.read")
    token = (await operator.types("add", name, *scopes, "--domain", domain.upper(), "--days", "30")).stdout.strip()
    caller = await service.caller_of(token, domain)
    assert (caller.domain, caller.key, caller.is_administrator) == (domain, name, True)
    listed = next(line for line in (await operator.types("list")).stdout.splitlines() if line.startswith(name))
    assert listed.split("\t")[1:3] == ["domains.read,users.manage", domain]
    assert token not in listed
    again = await operator.types("add", name, *scopes)
    assert (again.exit_code, again.output) == (1, "Error: There is an administration key of this name already\n")
    assert (await operator.types("revoke", name)).output == f"revoked {name}\n"
    with pytest.raises(SessionOver):
        await service.caller_of(token, domain)
    assert (await operator.types("revoke", name)).exit_code == 1
    unknown = await operator.types("add", name, *scopes, "--domain", "nowhere.test")
    assert (unknown.exit_code, unknown.output) == (1, "Error: There is no domain nowhere.test\n")

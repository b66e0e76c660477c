"""An operator imports and exports contacts and users, and reads what became of every row."""

from pathlib import Path

import pytest

from storage.embedded import EmbeddedServers
from storage.postgres.pool import Pool
from tests.support.company import Company
from tests.support.operator import Operator


@pytest.fixture
def operator(database_url: str, servers: EmbeddedServers) -> Operator:
    return Operator(database_url, servers.redis_url, "contacts")


@pytest.fixture
def of_users(database_url: str, servers: EmbeddedServers) -> Operator:
    return Operator(database_url, servers.redis_url, "users")


@pytest.fixture
async def company(pool: Pool) -> Company:
    return await Company.make(pool, sites=["North"])


def card(first: str, *lines: str) -> str:
    return "\r\n".join(
        ["BEGIN:VCARD", "VERSION:3.0", f"N:Lind;{first};;;", f"FN:{first} Lind", *lines, "END:VCARD", ""]
    )


async def count(pool: Pool, company: Company) -> int:
    return int(await pool.fetchval("SELECT count(*) FROM contacts WHERE domain_id = $1", company.domain))


async def test_a_file_is_reported_row_by_row_and_imported(
    operator: Operator, company: Company, pool: Pool, tmp_path: Path
) -> None:
    file = tmp_path / "people.vcf"
    file.write_text(
        card("Nora") + card("Nora") + card("Olga", "BDAY:1970-01-01") + "BEGIN:VCARD\r\nEND:VCARD\r\n", newline=""
    )
    asked = await operator.types("import", str(file), "--domain", company.domain, "--dry-run")
    assert asked.exit_code == 0, asked.output
    assert "2 would be created, 0 would be added to, 1 are there already, 1 refused" in asked.stdout
    assert "row 2 (line 6)\tduplicate\tNora Lind\tthe same as row 1" in asked.stdout
    assert await count(pool, company) == 0
    done = await operator.types("import", str(file), "--domain", company.domain.upper())
    assert "2 were created" in done.stdout
    assert await count(pool, company) == 2
    again = await operator.types("import", str(file), "--domain", company.domain)
    assert "0 would be created, 0 would be added to, 3 are there already" in again.stdout
    left = await pool.fetchval("SELECT count(*) FROM contact_imports WHERE domain_id = $1", company.domain)
    assert left == 1, "what was not applied is forgotten"


async def test_contacts_of_one_user_are_imported_and_exported(
    operator: Operator, company: Company, tmp_path: Path
) -> None:
    await company.add("1001")
    file, out = tmp_path / "people.vcf", tmp_path / "out.csv"
    file.write_text(card("Nora", "TEL:+1 212 555 0100"), newline="")
    await operator.types("import", str(file), "--domain", company.domain, "--user", "1001")
    words = ["--domain", company.domain, "--user", "1001", "--group", "mine", "--format", "google", "-o", str(out)]
    exported = await operator.types("export", *words)
    assert exported.exit_code == 0, exported.output
    assert "+1 212 555 0100" in out.read_text(encoding="utf-8-sig")
    shared = await operator.types("export", "--domain", company.domain)
    assert "BEGIN:VCARD" not in shared.stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--domain", "nowhere.test"], "There is no domain"),
        (["--user", "9999"], "There is no user 9999"),
        (["--encoding", "klingon"], "Encodings that can be read"),
    ],
)
async def test_what_cannot_be_is_told_in_one_line(
    operator: Operator, company: Company, tmp_path: Path, words: list[str], reason: str
) -> None:
    file = tmp_path / "people.vcf"
    file.write_text(card("Nora"), newline="")
    failed = await operator.types("import", str(file), "--domain", company.domain, *words)
    assert failed.exit_code == 1
    assert reason in failed.stderr


async def test_users_are_added_all_or_none(of_users: Operator, company: Company, pool: Pool, tmp_path: Path) -> None:
    await company.add("1001")
    file = tmp_path / "users.csv"
    good = "Extension;First name;Last name;Site;Scope;Email\n1001;Anna;B;;;\n"
    good += "1002;Zoë;Ode;North;Site Manager;z@a.example\n"
    file.write_text(good + "1003;;X;;;\n1004;Max;X;South;;\n1002;Twice;;;;\n", encoding="utf-8")
    refused = await of_users.types("import", str(file), "--domain", company.domain)
    assert refused.exit_code == 1
    assert "line 4\trefused\ta first name is needed" in refused.stdout
    assert "line 5\trefused\tthere is no site South" in refused.stdout
    assert "line 6\texists\textension 1002 is taken" in refused.stdout
    assert await pool.fetchval("SELECT count(*) FROM users WHERE domain_id = $1", company.domain) == 1
    file.write_text(good, encoding="utf-8")
    dry = await of_users.types("import", str(file), "--domain", company.domain, "--dry-run")
    assert "1 would be added, 1 exist already, 0 refused" in dry.stdout
    done = await of_users.types("import", str(file), "--domain", company.domain)
    assert "1 were added" in done.stdout
    row = await pool.fetchrow(
        "SELECT first_name, site, scope, main_email FROM users WHERE domain_id = $1 AND extension = '1002'",
        company.domain,
    )
    assert row is not None
    assert tuple(row) == ("Zoë", "North", 6, "z@a.example")


@pytest.mark.parametrize("text", ["", "name\nAnna\n", "extension,first_name,shoe_size\n1,A,9\n"])
async def test_a_file_without_the_right_columns_is_refused(
    of_users: Operator, company: Company, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "users.csv"
    file.write_text(text, encoding="utf-8")
    failed = await of_users.types("import", str(file), "--domain", company.domain)
    assert failed.exit_code == 1
    assert "column" in failed.stderr

"""An operator lets switches report and takes that back, with tokens shown once."""

import secrets
from pathlib import Path

import pytest

from accounts.tokens import hash_token
from storage.postgres.pbx_sources import PostgresSourceStore
from storage.postgres.pool import Pool
from tests.support.company import Company
from tests.support.operator import Operator
from wire.identity import SourceId


@pytest.fixture
def operator(database_url: str) -> Operator:
    return Operator(database_url, "redis://127.0.0.1:1")


@pytest.fixture
def name() -> str:
    return f"switch-{secrets.token_hex(4)}"


async def test_a_switch_is_added_rotated_settled_and_turned_off(operator: Operator, name: str, pool: Pool) -> None:
    domain = (await Company.make(pool)).domain
    store = PostgresSourceStore(pool)

    async def hashes() -> tuple[bytes, ...]:
        found = await store.find(SourceId(name))
        return found.token_hashes if found and found.enabled else ()

    first = (await operator.types("add", name, "--domain", domain.upper(), "--label", "Rack 4")).stdout.strip()
    assert await hashes() == (hash_token(first),)
    second = (await operator.types("rotate", name)).stdout.strip()
    assert await hashes() == (hash_token(second), hash_token(first))
    listed = (await operator.types("list")).stdout
    assert f"{name}\tenabled, two tokens\t{domain}\tRack 4\n" in listed
    assert first not in listed
    assert (await operator.types("settle", name)).exit_code == 0
    assert await hashes() == (hash_token(second),)
    third = (await operator.types("rotate", name, "--now")).stdout.strip()
    assert await hashes() == (hash_token(third),)
    assert (await operator.types("disable", name)).exit_code == 0
    assert await hashes() == ()
    assert (await operator.types("enable", name)).exit_code == 0
    assert await hashes() == (hash_token(third),)


async def test_where_a_switch_takes_commands_is_set_and_its_token_shown_once(
    operator: Operator, name: str, pool: Pool, tmp_path: Path
) -> None:
    await operator.types("add", name, "--domain", (await Company.make(pool)).domain)

    async def kept() -> tuple[str, str]:
        row = await pool.fetchrow("SELECT command_url, command_token FROM pbx_sources WHERE source_id = $1", name)
        assert row
        return row["command_url"], row["command_token"]

    made = (await operator.types("set", name, "--commands-to", "http://10.0.0.5:5070")).stdout.strip()
    assert await kept() == ("http://10.0.0.5:5070", made)
    assert len(made) > 30
    listed = (await operator.types("list")).stdout
    assert f"{name}\tenabled" in listed
    assert "http://10.0.0.5:5070" in listed
    assert made not in listed
    file = tmp_path / "token"
    file.write_text("our-own\n")
    told = await operator.types("set", name, "--commands-to", "https://switch.example", "--token-from", str(file))
    assert (told.exit_code, told.output) == (0, "")
    assert await kept() == ("https://switch.example", "our-own")
    assert (await operator.types("set", name, "--no-commands")).exit_code == 0
    assert await kept() == ("", "")


@pytest.mark.parametrize("url", ["ftp://x", "switch.example", "http://user:secret@x", "http://", "file:///etc/passwd"])
async def test_commands_go_to_web_addresses_only(operator: Operator, name: str, url: str) -> None:
    assert (await operator.types("set", name, "--commands-to", url)).exit_code == 2
    assert (await operator.types("set", name)).exit_code == 2


async def test_what_cannot_be_is_told_in_one_line(operator: Operator, name: str, pool: Pool) -> None:
    domain = (await Company.make(pool)).domain
    await operator.types("add", name, "--domain", domain)
    for words, told in [
        (("add", name, "--domain", domain), f"Error: There is a source {name} already"),
        (("add", f"{name}-b", "--domain", "nowhere.test"), "Error: There is no domain nowhere.test"),
        (("rotate", "nobody"), "Error: There is no source nobody"),
        (("disable", "nobody"), "Error: There is no source nobody"),
    ]:
        result = await operator.types(*words)
        assert (result.exit_code, result.output.strip()) == (1, told)


@pytest.mark.parametrize("taken", ["portal", "adapters", "Upper", "with space", "a:b", "", "x" * 64])
async def test_some_names_cannot_be_given(operator: Operator, taken: str) -> None:
    assert (await operator.types("add", taken, "--domain", "acme.example")).exit_code == 2

"""An operator says who vouches for the people of a domain."""

from pathlib import Path

import pytest
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from accounts.factors.sealing import Seal
from accounts.single_sign_on.service import about
from storage.embedded import EmbeddedServers
from storage.postgres.pool import Pool
from storage.postgres.single_sign_on import PostgresSignOnStore
from tests.support.company import Company
from tests.support.operator import Operator
from tests.support.serving import serving

ISSUER = "https://login.example"


@pytest.fixture
async def company(pool: Pool) -> Company:
    return await Company.make(pool)


async def test_a_provider_is_set_listed_and_removed(
    database_url: str, servers: EmbeddedServers, pool: Pool, company: Company, tmp_path: Path
) -> None:
    operator = Operator(database_url, servers.redis_url, "sign-on")
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    given = ("--issuer", ISSUER, "--client-id", "presence", "--client-secret-file", str(secret))
    done = await operator.types("set", company.domain.upper(), *given, "--email-domain", "Acme.test", "--trust-emails")
    assert done.output.endswith("/v1/sign-on/callback\n")
    kept = await PostgresSignOnStore(pool).provider(company.domain)
    assert kept is not None
    assert kept.secret is not None
    assert Seal().open(kept.secret, about(company.domain)) == b"hunter2"
    listed = f"{company.domain}\t{ISSUER}\tpresence\tacme.test, unverified too\n"
    assert listed in (await operator.types("list")).output
    await operator.types("remove", company.domain)
    assert company.domain not in (await operator.types("list")).output
    again = await operator.types("remove", company.domain)
    assert again.output == f"Error: {company.domain} has no single sign-on\n"


@pytest.mark.parametrize(
    ("issuer", "more", "said"),
    [
        ("http://login.example", (), "an address like https://"),
        ("login.example", (), "an address like https://"),
        ("https://login.example?x=1", (), "an address like https://"),
        (ISSUER, ("--trust-emails",), "--trust-emails needs --email-domain"),
    ],
)
async def test_what_is_wrong_with_a_provider_is_said(
    database_url: str, servers: EmbeddedServers, company: Company, issuer: str, more: tuple[str, ...], said: str
) -> None:
    operator = Operator(database_url, servers.redis_url, "sign-on")
    result = await operator.types("set", company.domain, "--issuer", issuer, "--client-id", "x", *more)
    assert result.exit_code == 2
    assert said in result.output


async def test_an_issuer_of_hand_overs_is_set_with_public_keys_only(
    database_url: str, servers: EmbeddedServers, company: Company, tmp_path: Path
) -> None:
    operator = Operator(database_url, servers.redis_url, "hand-over")
    public, private = tmp_path / "public.pem", tmp_path / "private.pem"
    key = ECKey.generate_key("P-256")
    public.write_bytes(key.as_pem(private=False))
    private.write_bytes(key.as_pem(private=True))
    refused = await operator.types("set", company.domain, ISSUER, str(private))
    assert refused.exit_code == 2
    assert "only public keys belong here" in refused.output
    assert (await operator.types("set", company.domain, ISSUER, str(public), "--names", "extension")).exit_code == 0
    assert f"{company.domain}\t{ISSUER}\textension\tkeys from a file\n" in (await operator.types("list")).output
    assert (await operator.types("remove", company.domain, ISSUER)).exit_code == 0
    assert company.domain not in (await operator.types("list")).output


async def test_an_issuer_may_have_its_keys_at_an_address_which_is_read_at_once(
    database_url: str, servers: EmbeddedServers, company: Company, tmp_path: Path
) -> None:
    operator = Operator(database_url, servers.redis_url, "hand-over")
    keys = {"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}

    async def answer(_request: Request) -> Response:
        return JSONResponse(keys)

    async with serving(Starlette(routes=[Route("/keys", answer)])) as url:
        address = ("--keys-from", f"{url}/keys")
        done = await operator.types("set", company.domain, ISSUER, *address)
        assert done.exit_code == 0, done.output
        assert f"{company.domain}\t{ISSUER}\tlogin\t{url}/keys\n" in (await operator.types("list")).output
        keys["keys"] = []
        for given, said in (
            (address, "no public keys are in it"),
            (("--keys-from", f"{url}/nothing"), "it answers 404"),
            (("--keys-from", "http://portal.example/keys"), "an address like https://"),
            ((__file__, *address), "either KEYS or --keys-from"),
            ((), "either KEYS or --keys-from"),
        ):
            refused = await operator.types("set", company.domain, ISSUER, *given)
            assert (refused.exit_code, said in refused.output) == (2, True), refused.output
    await operator.types("remove", company.domain, ISSUER)

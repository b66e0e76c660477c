import hashlib

import pytest

from accounts.tokens import make_session_id, make_token, parse_token
from wire.identity import DomainId

DOMAIN = DomainId("demo.test")


def test_a_token_names_its_domain_and_is_known_by_its_hash() -> None:
    token = make_token(DOMAIN)
    secret, _, domain = token.partition(".")
    assert len(secret) == 43
    assert domain == DOMAIN
    parsed = parse_token(token)
    assert parsed is not None
    assert parsed.domain == DOMAIN
    assert parsed.hash == hashlib.sha256(token.encode()).digest()


def test_tokens_and_session_ids_are_never_the_same_twice() -> None:
    assert len({make_token(DOMAIN) for _ in range(1_000)}) == 1_000
    assert len({make_session_id() for _ in range(1_000)}) == 1_000


def test_the_hash_covers_the_domain_so_that_a_token_is_worth_nothing_in_another() -> None:
    token = make_token(DOMAIN)
    here, there = parse_token(token), parse_token(token.replace("demo.test", "rival.test"))
    assert here is not None
    assert there is not None
    assert here.hash != there.hash


SECRET = "a" * 43


@pytest.mark.parametrize("text", ["", ".", SECRET, f"{SECRET}.", "x.demo.test", f"a{SECRET}.demo.test"])
def test_what_has_no_secret_or_no_domain_is_no_token(text: str) -> None:
    assert parse_token(text) is None


@pytest.mark.parametrize("domain", ["DEMO.test", "demo.test\n", "{demo}", "dömo.test", "d" * 254])
def test_what_cannot_be_a_domain_makes_no_token(domain: str) -> None:
    assert parse_token(f"{SECRET}.{domain}") is None

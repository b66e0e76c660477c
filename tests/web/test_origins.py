"""Whose pages may act for a logged-in user."""

import pytest

from web.origins import OriginRule

RULE = OriginRule.of("https://Chat.example/base", ["https://portal.example:8443"])
HOST = "gateway:8000"


def allows(origin: str | None = None, site: str | None = None, *, secure: bool = False, host: str = HOST) -> bool:
    return RULE.allows(origin, site=site, host=host, secure=secure)


@pytest.mark.parametrize(
    "origin", ["https://chat.example", "https://CHAT.example", "https://portal.example:8443", "http://gateway:8000"]
)
def test_our_own_address_and_allowed_origins_may(origin: str) -> None:
    assert allows(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://chat.example",
        "https://chat.example.evil.example",
        "https://chat.example:444",
        "https://portal.example",
        "http://gateway",
        "http://gateway:80001",
        "https://xgateway:8000",
        "null",
        "",
        "gateway:8000",
        "://gateway:8000",
        "ftp://gateway:8000",
    ],
)
def test_nobody_else_may(origin: str) -> None:
    assert not allows(origin)


def test_without_any_word_about_the_page_the_answer_is_no() -> None:
    assert not allows()


def test_an_empty_host_makes_nobody_our_own() -> None:
    assert not allows("http://", host="")


@pytest.mark.parametrize(("site", "may"), [("same-origin", True), ("none", True), ("same-site", False), ("x", False)])
def test_the_browsers_own_word_about_the_site_decides(site: str, may: bool) -> None:
    assert allows(site=site) is may
    assert allows("http://gateway:8000" if not may else "https://evil.example", site) is may


def test_an_allowed_origin_may_although_it_is_another_site() -> None:
    assert allows("https://portal.example:8443", "cross-site")


def test_an_allowed_origin_is_not_our_own() -> None:
    for origin in ("https://portal.example:8443", "https://chat.example", "http://gateway:8000"):
        own = RULE.is_own(origin, site=None, host=HOST, secure=False)
        assert own is (origin != "https://portal.example:8443")


def test_a_page_without_tls_is_not_ours_when_we_have_it() -> None:
    assert allows("https://gateway:8000", secure=True)
    assert allows("https://gateway:8000", secure=False)
    assert not allows("http://gateway:8000", secure=True)


def test_without_a_public_address_only_the_asked_host_counts() -> None:
    rule = OriginRule.of("", [])
    assert rule.allows("http://gateway:8000", site=None, host=HOST, secure=False)
    assert not rule.allows("://", site=None, host=HOST, secure=False)

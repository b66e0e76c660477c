"""What is pushed can be read by its browser alone, and says who sends it."""

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from chat.push.encryption import authorization, encrypt, from_base64url, is_point, load_key, make_key, point_of
from tests.support.push_browser import PushBrowser, signed_claims


def number(text: str) -> int:
    return int.from_bytes(from_base64url(text), "big")


def test_the_example_of_the_standard_comes_out_as_it_stands_there() -> None:
    """RFC 8291, section 5 and appendix A."""
    browser = PushBrowser(
        number("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), from_base64url("BTBZMqHH6r4Tts7J_aSIgg")
    )
    own = ec.derive_private_key(number("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), ec.SECP256R1())
    sealed = encrypt(
        b"When I grow up, I want to be a watermelon",
        point_of(browser.key),
        browser.secret,
        salt=from_base64url("DGv6ra1nlYgDCS1FRnbzlw"),
        own=own,
    )
    assert sealed == from_base64url(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_only_the_browser_it_is_for_can_read_it() -> None:
    browser, other = PushBrowser(), PushBrowser()
    sealed = encrypt("Grüße".encode(), point_of(browser.key), browser.secret)
    assert browser.read(sealed).decode() == "Grüße"
    assert b"Gr" not in sealed
    with pytest.raises(InvalidTag):
        other.read(sealed)


def test_the_service_learns_who_sends_for_itself_and_not_for_long() -> None:
    key = load_key(make_key())
    claims = signed_claims(authorization(key, "https://push.example:8443/a/b?c", "mailto:a@b.test", 1_000_000.5))
    assert claims == {"aud": "https://push.example:8443", "exp": 1_000_000 + 12 * 3_600, "sub": "mailto:a@b.test"}


@pytest.mark.parametrize("point", [b"", b"\x04" * 65, b"\x02" + b"\x01" * 32, b"\x00" * 65])
def test_what_is_no_point_is_no_key(point: bytes) -> None:
    assert not is_point(point)

"""The opening handshake: what is answered with 101, and what with which refusal (RFC 6455, section 4.2)."""

from http import HTTPStatus

import pytest

from connections.websocket.handshake import HandshakeRefused, accepted, answer_to, refused, subprotocols_in

KEY = (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ==")
VERSION = (b"sec-websocket-version", b"13")


def test_the_example_of_the_standard_is_answered_as_there() -> None:
    assert answer_to("GET", [KEY, VERSION]) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", [KEY, VERSION], HTTPStatus.METHOD_NOT_ALLOWED),
        ("GET", [KEY], HTTPStatus.UPGRADE_REQUIRED),
        ("GET", [KEY, (VERSION[0], b"8")], HTTPStatus.UPGRADE_REQUIRED),
        ("GET", [KEY, VERSION, VERSION], HTTPStatus.UPGRADE_REQUIRED),
        ("GET", [VERSION], HTTPStatus.BAD_REQUEST),
        ("GET", [KEY, KEY, VERSION], HTTPStatus.BAD_REQUEST),
        ("GET", [(KEY[0], b"dG9vIHNob3J0"), VERSION], HTTPStatus.BAD_REQUEST),
        ("GET", [(KEY[0], b"dGhlIHNhbXBsZSBub25jZQ"), VERSION], HTTPStatus.BAD_REQUEST),
        ("GET", [(KEY[0], b"\xff\xfe no base64 at all =="), VERSION], HTTPStatus.BAD_REQUEST),
    ],
)
def test_what_is_no_handshake_is_refused(method: str, headers: list[tuple[bytes, bytes]], status: HTTPStatus) -> None:
    with pytest.raises(HandshakeRefused) as caught:
        answer_to(method, headers)
    assert caught.value.status is status


def test_a_wrong_version_is_told_the_right_one() -> None:
    with pytest.raises(HandshakeRefused) as caught:
        answer_to("GET", [KEY])
    assert caught.value.headers == (VERSION,)


def test_subprotocols_are_offered_in_one_header_or_in_several() -> None:
    name = b"sec-websocket-protocol"
    assert subprotocols_in([(name, b"a, b"), KEY, (name, b",c ")]) == ["a", "b", "c"]
    assert subprotocols_in([KEY]) == []


def test_a_response_ends_with_an_empty_line_and_names_the_chosen_subprotocol() -> None:
    response = accepted("x", "presence.v1.json", [(b"x-more", b"1")])
    assert response.startswith(b"HTTP/1.1 101 ")
    assert b"\r\nSec-WebSocket-Protocol: presence.v1.json\r\n" in response
    assert response.endswith(b"\r\nx-more: 1\r\n\r\n")
    assert b"Protocol" not in accepted("x", None).replace(b"Switching Protocols", b"")


def test_a_refusal_has_one_length_and_closes() -> None:
    response = refused(403, [(b"content-length", b"7"), (b"x-more", b"1")], b"no")
    assert response == b"HTTP/1.1 403 Forbidden\r\nx-more: 1\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno"
    assert refused(799, [], b"").startswith(b"HTTP/1.1 799 \r\n")

"""Messages are signed as the Standard Webhooks specification says."""

import pytest

from webhooks.signing import headers_of, key_of, make_secret


def test_the_example_of_the_specification_comes_out() -> None:
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [key])
    assert headers == {
        "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "Webhook-Timestamp": "1614265330",
        "Webhook-Signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_time_id_body_and_key_are_all_signed() -> None:
    key, other = key_of(make_secret()), key_of(make_secret())
    asked = [("a", 1, b"x", key), ("b", 1, b"x", key), ("a", 2, b"x", key), ("a", 1, b"y", key), ("a", 1, b"x", other)]
    signatures = {headers_of(name, at, body, [each])["Webhook-Signature"] for name, at, body, each in asked}
    assert len(signatures) == len(asked)


def test_while_a_secret_is_exchanged_both_sign() -> None:
    keys = [key_of(make_secret()), key_of(make_secret())]
    both = headers_of("a", 1, b"x", keys)["Webhook-Signature"].split(" ")
    assert both == [headers_of("a", 1, b"x", [key])["Webhook-Signature"] for key in keys]


@pytest.mark.parametrize("text", ["", "secret", "whsec_not base64!"])
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its text is for nobody
        key_of(text)


def test_secrets_are_never_the_same() -> None:
    assert len({make_secret() for _ in range(100)}) == 100
    assert len(key_of(make_secret())) == 32

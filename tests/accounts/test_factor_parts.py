"""The pure parts of second factors: codes of apps, recovery codes, the seal, QR codes."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from accounts.factors import recovery_codes, totp
from accounts.factors.checking import plain
from accounts.factors.sealing import CannotOpen, Seal

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
OLD_KEY, NEW_KEY = bytes(range(32)), bytes(range(1, 33))


@pytest.mark.parametrize(
    ("seconds", "code"),
    # RFC 6238, appendix B, for SHA-1; its eight digits end in these six.
    [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert totp.step_of(code, b"12345678901234567890", moment) == seconds // 30


def test_a_code_counts_one_step_early_and_one_late_and_no_longer() -> None:
    secret = totp.make_secret()
    code = pyotp.TOTP(totp.as_text(secret)).at(NOW)
    present = totp.step_at(NOW)
    found = {steps: totp.step_of(code, secret, NOW + timedelta(seconds=30 * steps)) for steps in range(-2, 3)}
    assert found == {-2: None, -1: present, 0: present, 1: present, 2: None}


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\x00" * 6])
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert totp.step_of(code, totp.make_secret(), NOW) is None


def test_the_address_says_whose_account_it_is_and_holds_the_secret() -> None:
    secret = totp.make_secret()
    parts = urlsplit(totp.address_of(secret, login="anna@a.test", issuer="A Company"))
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/A%20Company:anna%40a.test")
    assert parse_qs(parts.query) == {"secret": [totp.as_text(secret)], "issuer": ["A Company"]}


def test_a_qr_code_is_a_square_with_its_three_eyes() -> None:
    rows = totp.drawn("otpauth://totp/a?secret=b")
    assert {len(row) for row in rows} == {len(rows)}
    assert {rows[0][:7], rows[0][-7:], rows[-1][:7]} == {"1111111"}


def test_codes_are_taken_as_people_type_them() -> None:
    assert plain("123 456") == plain("123-456") == "123456"
    [code, *_] = recovery_codes.make_codes()
    typed = {code, code.upper(), code.replace("-", ""), f" {code.replace('-', ' ')} "}
    assert {recovery_codes.hash_of(each) for each in typed} == {recovery_codes.hash_of(code)}
    assert recovery_codes.hash_of("123456") is None


def test_recovery_codes_are_all_different() -> None:
    codes = recovery_codes.make_codes()
    assert len(set(recovery_codes.hashes_of(codes))) == recovery_codes.COUNT


def test_what_is_sealed_opens_for_its_owner_only_and_with_its_key_only() -> None:
    seal = Seal([NEW_KEY])
    sealed = seal.close(b"secret", "anna")
    assert b"secret" not in sealed
    assert seal.open(sealed, "anna") == b"secret"
    with pytest.raises(CannotOpen, match="was not of ben"):
        seal.open(sealed, "ben")
    with pytest.raises(CannotOpen, match="damaged"):
        seal.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "anna")
    for others in (Seal(), Seal([OLD_KEY])):
        with pytest.raises(CannotOpen, match="is not configured"):
            others.open(sealed, "anna")


def test_an_older_key_still_opens_and_what_it_sealed_is_due_to_be_sealed_anew() -> None:
    before, after = Seal([OLD_KEY]), Seal([NEW_KEY, OLD_KEY])
    old, unsealed = before.close(b"secret", "anna"), Seal().close(b"secret", "anna")
    assert after.open(old, "anna") == after.open(unsealed, "anna") == b"secret"
    assert (after.is_current(old), after.is_current(unsealed)) == (False, False)
    assert after.is_current(after.close(b"secret", "anna"))
    assert Seal().is_current(unsealed)

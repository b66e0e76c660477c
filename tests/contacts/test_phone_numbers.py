import pytest

from contacts.phone_numbers import normalise


@pytest.mark.parametrize(
    ("number", "country", "normal"),
    [
        ("030 12345", "DE", "+493012345"),
        ("030/123 45-0", "DE", "+4930123450"),
        ("0049 30 12345", "de", "+493012345"),
        ("+49 (0)30 12345", "US", "+493012345"),
        ("+1 (212) 555-0102", "DE", "+12125550102"),
        ("(212) 555-0102 ext. 7", "US", "+12125550102"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("+390612345678", "", "+390612345678"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("1001", "US", ""),
        ("*98#", "US", ""),
        ("sip:jane@example.com", "US", ""),
        ("030 12345", "", ""),
        ("", "US", ""),
        ("1" * 65, "US", ""),
    ],
)
def test_a_number_is_what_a_caller_id_would_show(number: str, country: str, normal: str) -> None:
    assert normalise(number, country) == normal

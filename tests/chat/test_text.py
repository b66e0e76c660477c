import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text import clean_body


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("hello", "hello"),
        ("  hello \n\n", "hello"),
        ("one\r\ntwo\rthree\u2028four\x85five", "one\ntwo\nthree\nfour\nfive"),
        ("a\tb", "a\tb"),
        ("a\x00b\x07c\x1b[31md\x7fe\x9ff", "abc[31mdef"),
        ("half \ud83d of a character", "half  of a character"),
        ("e\u0301", "é"),
        ("e\x00\u0301", "é"),
        ("family: 👨\u200d👩\u200d👧", "family: 👨\u200d👩\u200d👧"),
        ("שלום \u202eabc\u202c", "שלום abc"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("\u2066pay\u2069 \u202bme\u202c", "pay me"),
        ("pass\u200bword \ufeffhid\u2060den so\u00adft", "password hidden soft"),
        ("می\u200cخواهم \u200f(א)", "می\u200cخواهم \u200f(א)"),
        ("a\u200d\u200d\u200c\u200db", "a\u200db"),
        ("Z" + "\u0335" * 40, "Z" + "\u0335" * 8),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_what_can_be_read_is_kept_and_the_rest_is_not(typed: str, kept: str) -> None:
    assert clean_body(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "   ", "\n\t\r\n", "\x00\x07", "\u200b\u200d", "\u2800", "\u3164 \ufe0f", "\u00a0\u202e", "\ufeff"]
)
def test_what_nobody_could_see_is_nothing(typed: str) -> None:
    assert clean_body(typed) == ""


@given(st.text(st.characters(codec=None) | st.sampled_from("\r\n\t\x00 \u0301\ud83d\u200b\u2028")))
def test_cleaning_twice_is_cleaning_once(typed: str) -> None:
    once = clean_body(typed)
    assert clean_body(once) == once


@given(st.text(st.characters(codec=None)))
def test_what_is_kept_is_composed_can_be_encoded_and_holds_no_control_character(typed: str) -> None:
    kept = clean_body(typed)
    assert unicodedata.is_normalized("NFC", kept)
    kept.encode()
    assert not [each for each in kept if unicodedata.category(each) == "Cc" and each not in "\n\t"]

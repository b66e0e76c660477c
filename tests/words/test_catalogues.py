"""What the service says outside of the portal: each sentence in every language, with the same things put into it."""

import string
from pathlib import Path

import msgspec
import pytest

from accounts.alerts import Happened
from mail.writing import write
from words.catalogue import Words, counted
from words.en import WORDS as ENGLISH
from words.languages import LANGUAGES, asked_for, words_in

OTHERS = [words for words in LANGUAGES.values() if words is not ENGLISH]
_TALK = {"title": "Anna", "is_group": True, "unread": 9, "messages": [{"sender": "Ben", "text": "Hi"}], "link": "L"}
_WHOSE = {"name": "Anna", "login": "anna@a.test", "company": "A Company", "link": "https://a.test"}
VALUES: dict[str, dict[str, object]] = {
    "alert": {**_WHOSE, "when": "now", "address": "::1"},
    "confirmation": {**_WHOSE, "email": "a@a.test"},
    "recovery": {**_WHOSE},
    "welcome": {**_WHOSE},
    "unread": {"talks": [_TALK], "others": 2, "company": "A Company", "minutes": 10},
}


def sentences(words: Words) -> dict[str, str]:
    said = {name: text for name, text in msgspec.structs.asdict(words).items() if isinstance(text, str)}
    return said | {f"happened.{name}": text for name, text in words.happened.items()}


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("words", OTHERS, ids=lambda words: words.language)
def test_every_language_says_the_same_sentences_with_the_same_things_in_them(words: Words) -> None:
    there, here = sentences(ENGLISH), sentences(words)
    assert here.keys() == there.keys()
    assert {name: placeholders(text) for name, text in here.items()} == {
        name: placeholders(text) for name, text in there.items()
    }


@pytest.mark.parametrize("words", OTHERS, ids=lambda words: words.language)
def test_nothing_is_left_in_english(words: Words) -> None:
    there, here = sentences(ENGLISH), sentences(words)
    letters = {name: text for name, text in here.items() if any(letter.isalpha() for letter in text)}
    assert [name for name, text in letters.items() if text == there[name]] == []


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=lambda words: words.language)
def test_whatever_happened_has_a_sentence(words: Words) -> None:
    assert words.happened.keys() == {each.value for each in Happened}


@pytest.mark.parametrize("template", VALUES)
def test_a_mail_says_all_of_it_in_the_one_language_and_marks_it_as_such(template: str) -> None:
    values = {**VALUES[template], "title": "T"}
    mails = [write(template, words, to="a@a.test", key="k", values=values) for words in LANGUAGES.values()]
    for words, mail in zip(LANGUAGES.values(), mails, strict=True):
        assert f'<html lang="{words.language}">' in mail.html
        assert "{" not in mail.text + mail.html.partition("<body")[2]
    lines = [set(mail.text.splitlines()) - {"", "--", "  https://a.test", "  L", "  Ben: Hi"} for mail in mails]
    assert set.intersection(*lines) == set()


def test_whoever_reads_the_portal_in_a_language_is_written_to_in_it() -> None:
    portal = Path(__file__).parents[2] / "portal" / "words"
    assert {catalogue.stem for catalogue in portal.glob("*.js")} == LANGUAGES.keys()


def test_values_are_escaped_in_sentences_of_a_page_and_never_taken_for_one() -> None:
    values = {**VALUES["recovery"], "title": "T", "name": "<b>{login}</b>", "login": "{0}<i>"}
    mail = write("recovery", ENGLISH, to="a@a.test", key="k", values=values)
    assert "Hello &lt;b&gt;{login}&lt;/b&gt;," in mail.html
    assert "<b>{0}&lt;i&gt;</b>" in mail.html
    assert "Hello <b>{login}</b>," in mail.text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB, de;q=0.9", "en"),
        ("fr, DE;q=0.4, en; q=0.3", "de"),
        ("en;q=0.2,de;q=0.7", "de"),
        ("en;q=0, de;q=0.1", "de"),
        ("de;q=x, en;q=0.1", "en"),
        ("de;q=nan", ""),
        ("fr", ""),
        ("*", ""),
        ("", ""),
        (",;,q=", ""),
    ],
)
def test_of_the_languages_that_a_browser_reads_the_best_is_taken_that_there_is(header: str, language: str) -> None:
    assert asked_for(header) == language


def test_who_says_nothing_gets_what_is_known_otherwise_and_english_in_the_end() -> None:
    assert words_in("", "de").language == "de"
    assert words_in("en", "de").language == "en"
    assert words_in("", "").language == "en"
    assert words_in("tlh").language == "en"


def test_one_is_told_from_many() -> None:
    told = [counted(count, ENGLISH.unread_one, ENGLISH.unread_many) for count in (0, 1, 2)]
    assert told == ["0 unread messages", "1 unread message", "2 unread messages"]

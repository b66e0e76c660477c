"""Searching folds and splits in Python what PostgreSQL folded and split: both must come to the same."""

import unicodedata

from contacts.searching import fold, words_of
from storage.postgres.pool import Pool

SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC", "DEVANAGARI", "HANGUL", "HIRAGANA", "KATAKANA", "THAI")

OLD_CYRILLIC = range(0x1C80, 0x1C90)
"""Forms of letters in old manuscripts."""


def letters() -> list[str]:
    found = []
    for number in range(0x20, 0x10000):
        letter = chr(number)
        category = unicodedata.category(letter)
        if (
            category[0] in "LN"
            and unicodedata.name(letter, "").startswith((*SCRIPTS, "DIGIT", "CJK"))
            and number not in OLD_CYRILLIC
        ):
            found.append(letter)
    return found


async def test_both_fold_every_letter_alike(pool: Pool) -> None:
    given = letters()
    rows = await pool.fetch("SELECT fold_text(each) AS folded FROM unnest($1::text[]) each", given)
    different = [
        (letter, fold(letter), row["folded"])
        for letter, row in zip(given, rows, strict=True)
        if fold(letter) != row["folded"].strip()
    ]
    assert len(given) > 20_000
    assert different == []


async def test_both_split_into_the_same_words(pool: Pool) -> None:
    text = "Müller-Lüdenscheidt, O’Connor (Sales/EMEA) b.moreau@alder.example +1 555-0102 \\ 'quoted' [x] ~y~ 佐藤 {z}|"
    words = await pool.fetchval("SELECT tsvector_to_array(search_words('d/', fold_text($1)))", text)
    whole = {word.removeprefix("d/") for word in words}
    assert set(words_of(text)) | set(words_of("佐藤 z")) <= whole

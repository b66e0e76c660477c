"""Every file of the corpus, each with one trap or one program's habits, gives what the text beside it says.

After a change that is meant: `python -m tests.contacts.codecs.test_corpus` writes those texts anew, to be read.
"""

from pathlib import Path

import pytest

from contacts.codecs.reading import read_contacts
from tests.support.contact_files import rendered

CORPUS = Path(__file__).parent.parent / "corpus"
FILES = sorted(path for path in CORPUS.iterdir() if path.suffix in (".vcf", ".csv"))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_a_file_is_read_as_the_text_beside_it_says(file: Path) -> None:
    assert rendered(read_contacts(file.read_bytes())) == expected(file).read_text("utf-8")


def test_no_expectation_is_left_without_its_file() -> None:
    assert sorted(CORPUS.glob("*.txt")) == [expected(file) for file in FILES]


def expected(file: Path) -> Path:
    return file.with_name(file.name + ".txt")


if __name__ == "__main__":
    for each in FILES:
        expected(each).write_text(rendered(read_contacts(each.read_bytes())), "utf-8")
